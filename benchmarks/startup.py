"""From the start of the process to the window, and to the first live decode.

    python -m benchmarks.startup [--runs N]

`window_s`: until the plane in the window has been painted for the first time. `ready_s`: until the
digit at the probe, decoded by the bundled model, has been painted. `import_torch_s`: a bare
`python -c "import torch"`, in a process of its own. Each is the median of N processes, taken in
turn; the clock starts before the process does.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

# Run in a fresh process: the program's own start-up, with two watched paints. The clock is the
# system's, because it is read in two processes.
_WATCHED = """
import json, sys, time
from PySide6.QtCore import QTimer
from vae_gui import __main__
from vae_gui.app.application import silence_offscreen_platform
from vae_gui.plane import plane_view
from vae_gui.widgets import digit_view

times = {}

def watch(widget, name, is_wanted):
    paint = widget.paintEvent
    def timed(self, event):
        paint(self, event)
        if name not in times and is_wanted(self):
            times[name] = time.time()
            if "ready" in times:
                QTimer.singleShot(0, self.window().close)
    widget.paintEvent = timed

watch(plane_view.PlaneView, "window", lambda plane: True)
watch(digit_view.DigitView, "ready", lambda view: view.levels is not None)
silence_offscreen_platform()
code = __main__.main([])
print(json.dumps(times))
sys.exit(code)
"""


def main() -> None:
    """Measure and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=7)
    runs = parser.parse_args().runs
    _start()  # fills the caches of the system, once
    starts, imports = [], []
    for _ in range(runs):
        starts.append(_start())
        imports.append(_import_torch())
    from benchmarks import machine

    result = {
        "window_s": round(statistics.median(start["window"] for start in starts), 3),
        "ready_s": round(statistics.median(start["ready"] for start in starts), 3),
        "import_torch_s": round(statistics.median(imports), 3),
        "budget": {"window_s": 0.7, "ready_s": round(statistics.median(imports) + 0.8, 3)},
        "runs": runs,
        "machine": machine.describe(),
    }
    print(json.dumps(result))


def _start() -> dict[str, float]:
    """Seconds from before the process to each of its two paints."""
    begin = time.time()
    done = subprocess.run(
        [sys.executable, "-c", _WATCHED], check=True, stdout=subprocess.PIPE, text=True
    )
    return {name: moment - begin for name, moment in json.loads(done.stdout).items()}


def _import_torch() -> float:
    begin = time.time()
    subprocess.run([sys.executable, "-c", "import torch"], check=True)
    return time.time() - begin


if __name__ == "__main__":
    main()
