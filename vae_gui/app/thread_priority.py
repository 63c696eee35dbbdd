"""Start-up settings that favour the GUI thread."""

import functools
import gc
import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vae_gui.jobs.opening import Opening

# Seconds after which a thread that runs Python hands over to one that waits. With Python's own
# 5 ms, a worker busy in Python takes that long each time the GUI thread has let go for a moment,
# which it does many times a paint: one in a hundred took 120 ms, and takes 15 so.
SWITCH_INTERVAL = 0.0005

_OPENBLAS = "OPENBLAS_NUM_THREADS"


def let_the_gui_thread_go_first() -> None:
    """Set what numpy and torch read when they are imported; call it before."""
    sys.setswitchinterval(SWITCH_INTERVAL)
    # Threads that wait for each other while digits are encoded shall sleep, not spin: a training
    # run may be using the same cores. torch reads this when it is imported, later.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    _import_numpy_with_one_thread()


def spare_the_collector(opening: "Opening") -> None:
    """Collect no garbage until the first model is open, and never what is there by then.

    To look through torch's quarter of a million objects takes 0.1 s and more, in whatever thread
    happens to make a new one: three times while torch is imported, and now and then ever after,
    for nothing: they stay.
    """
    gc.disable()
    opening.opened.connect(lambda _: _begin_to_collect())
    opening.failed.connect(lambda *_: gc.enable())


@functools.cache  # once, or what an earlier model has left would never go
def _begin_to_collect() -> None:
    gc.freeze()
    gc.enable()


def _import_numpy_with_one_thread() -> None:
    """Its products are small here, and on a busy machine a second thread is one to wait for.

    The variable is put back: torch has its own numbers of threads, and so have child processes.
    """
    before = os.environ.get(_OPENBLAS)
    os.environ[_OPENBLAS] = "1"
    import numpy  # noqa: F401

    if before is None:
        del os.environ[_OPENBLAS]
    else:
        os.environ[_OPENBLAS] = before
