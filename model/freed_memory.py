"""Memory that a process frees, and will need again in the next step."""

import ctypes
import sys

# Of glibc's malloc.h: from which size on a block is mapped by itself, and unmapped when it is
# freed; and how much that is free at the end of the heap is given back.
_M_MMAP_THRESHOLD, _M_TRIM_THRESHOLD = -3, -1
_MOST = 2**31 - 1


def keep_freed_memory() -> None:
    """From now on keep what is freed, in place of giving it back to the system.

    On a CPU the same large tensors are made and freed again and again, and the system clears each
    page before it gives it out anew, which took much of the time of a model with classes. Where the
    C library is not glibc, or takes no limits as high, nothing happens.
    """
    if sys.platform != "linux":
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None and mallopt(_M_MMAP_THRESHOLD, _MOST):
        mallopt(_M_TRIM_THRESHOLD, _MOST)
