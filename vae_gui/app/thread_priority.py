"""Start-up settings that favour the GUI thread."""

import functools
import gc
import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vae_gui.jobs.opening import Opening

# Seconds after which a thread that runs Python hands over to one that waits. The GUI thread lets go
# of Python's lock many times during a paint; with Python's own 5 ms it then waits that long for a
# busy worker: one paint in a hundred took 120 ms, against 15 ms with this interval.
SWITCH_INTERVAL = 0.0005

_OPENBLAS = "OPENBLAS_NUM_THREADS"


def let_the_gui_thread_go_first() -> None:
    """Set what numpy and torch read at their import; call it before that."""
    sys.setswitchinterval(SWITCH_INTERVAL)
    # While images are encoded, threads that wait for each other sleep instead of spinning: a
    # training may be using the same cores. torch reads this at its import.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    _import_numpy_with_one_thread()


def spare_the_collector(opening: "Opening") -> None:
    """Suspend garbage collection until the first model is read, and exempt what exists by then.

    A collection visits torch's quarter of a million objects, which live as long as the program: it
    takes 0.1 s and more, three times during the import of torch and now and then afterwards.
    """
    gc.disable()
    opening.read.connect(_begin_to_collect)
    opening.failed.connect(lambda *_: gc.enable())
    opening.unready.connect(lambda *_: gc.enable())


@functools.cache  # only once: a second freeze would keep the remains of earlier models for ever
def _begin_to_collect() -> None:
    gc.freeze()
    gc.enable()


def _import_numpy_with_one_thread() -> None:
    """Import numpy with one BLAS thread: for small products, a second thread only adds waiting.

    The variable is put back: torch has its own numbers of threads, and so have child processes.
    """
    before = os.environ.get(_OPENBLAS)
    os.environ[_OPENBLAS] = "1"
    import numpy  # noqa: F401

    if before is None:
        del os.environ[_OPENBLAS]
    else:
        os.environ[_OPENBLAS] = before
