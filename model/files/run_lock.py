"""A lock that lets one process write a run; the system releases it when the process ends."""

import os
import time
from pathlib import Path

# Whoever looks whether a run is being written holds its lock for some microseconds.
_ATTEMPTS, _PAUSE = 5, 0.01


class RunLock:
    """The lock of a run directory, held until it is released or deleted.

    Where the system cannot lock a folder (Windows, some network disks), it locks nothing.

    Raises:
        BlockingIOError: another process holds it.
    """

    def __init__(self, folder: Path) -> None:
        self._descriptor: int | None = None
        try:
            import fcntl
        except ImportError:
            return
        descriptor = os.open(folder, os.O_RDONLY)
        for attempt in range(_ATTEMPTS):
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if attempt == _ATTEMPTS - 1:
                    os.close(descriptor)
                    raise
                time.sleep(_PAUSE)
            except OSError:
                os.close(descriptor)
                return
        self._descriptor = descriptor

    def release(self) -> None:
        """Let other processes write."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def __del__(self) -> None:
        self.release()


def is_being_written(folder: Path) -> bool | None:
    """Whether a process holds the lock of a run; None where the system cannot tell.

    Raises:
        OSError: the folder cannot be opened.
    """
    try:
        import fcntl
    except ImportError:
        return None
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return None
    finally:
        os.close(descriptor)
    return False
