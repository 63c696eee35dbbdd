"""The time from the start of the process to the window, and until the window is ready.

    python -m benchmarks.startup [--runs N]

`window_s`: until the plane in the window has been painted for the first time. `digit_s`: until the
digit at the probe, decoded by the bundled model, has been painted. `ready_s`: until the points of
the test digits have been painted too. `import_torch_s`: a bare
`python -c "import torch"`, in a process of its own. Each is the median of N processes, taken in
turn; the clock starts before the process does. `window_cpu_s` is the processor's time until the
first of these paints, which a busy machine changes less.

All modules are compiled before the first process is timed, as they are at every start of an
installed program but its first.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["QT_LOGGING_RULES"] = "default.warning=false"  # the offscreen platform, at every window

# Run in a fresh process: the program's own start-up, with three watched paints. The program imports
# its modules itself, in its own order; the clock is the system's, as two processes read it.
_WATCHED = """
import json, sys, time
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from vae_gui import __main__

times = {}

def watch(widget, name, is_wanted):
    paint = widget.paintEvent
    def timed(self, event):
        paint(self, event)
        if name not in times and is_wanted(self):
            times[name] = time.time()
            times[name + "_cpu"] = time.process_time()
            if {"digit", "points"} <= set(times):
                times["ready"] = max(times["digit"], times["points"])
                QTimer.singleShot(0, self.window().close)
    widget.paintEvent = timed

execute = QApplication.exec

def execute_watched(application):
    from vae_gui.plane.plane_view import PlaneView
    from vae_gui.widgets.digit_view import DigitView
    watch(PlaneView, "window", lambda plane: True)
    watch(PlaneView, "points", lambda plane: plane.layers.shows("test"))
    watch(DigitView, "digit", lambda view: view.levels is not None)
    return execute()

QApplication.exec = execute_watched
code = __main__.main([])
print(json.dumps(times))
sys.exit(code)
"""


def main() -> None:
    """Measure and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=7)
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as compiled:
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        os.environ["PYTHONPYCACHEPREFIX"] = compiled
        _start()
        starts, imports = [], []
        for _ in range(runs):
            starts.append(_start())
            imports.append(_import_torch())
    from benchmarks import machine

    result = {
        "window_s": round(statistics.median(start["window"] for start in starts), 3),
        "window_cpu_s": round(statistics.median(start["window_cpu"] for start in starts), 3),
        "digit_s": round(statistics.median(start["digit"] for start in starts), 3),
        "ready_s": round(statistics.median(start["ready"] for start in starts), 3),
        "import_torch_s": round(statistics.median(imports), 3),
        "budget": {"window_s": 0.45, "ready_s": 1.2},
        "runs": runs,
        "machine": machine.describe(),
    }
    print(json.dumps(result))


def _start() -> dict[str, float]:
    """Seconds from before the process to each of its paints, and of the processor's time."""
    begin = time.time()
    done = subprocess.run(
        [sys.executable, "-c", _WATCHED], check=True, stdout=subprocess.PIPE, text=True
    )
    times: dict[str, float] = json.loads(done.stdout)
    return times | {name: times[name] - begin for name in ("window", "digit", "ready")}


def _import_torch() -> float:
    begin = time.time()
    subprocess.run([sys.executable, "-c", "import torch"], check=True)
    return time.time() - begin


if __name__ == "__main__":
    main()
