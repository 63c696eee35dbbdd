"""The threads that torch's operations use: no other file sets their number.

torch is imported by the functions that need it: the environment has to be set before.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager


def let_waiting_threads_sleep() -> None:
    """Have OpenMP's threads sleep while they wait, not spin; without effect once torch is imported.

    Beside another busy process, such as the explorer, a spinning pair of threads trains several
    times slower. A value that the user has set stays.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


def use_threads(count: int) -> None:
    """Use `count` threads in each operation that the calling thread runs from now on.

    The number belongs to the calling thread: other threads that have used torch already keep
    theirs. A thread that uses torch for the first time takes over the number that was set last, in
    whatever thread.
    """
    import torch

    torch.set_num_threads(count)


@contextmanager
def threads(count: int) -> Iterator[None]:
    """`use_threads` until the block ends."""
    import torch

    before = torch.get_num_threads()
    use_threads(count)
    try:
        yield
    finally:
        use_threads(before)
