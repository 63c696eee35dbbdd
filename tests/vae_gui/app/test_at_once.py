"""The bundled model is in the hand before torch is there, and the GUI thread never waits for it."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]

# torch cannot be imported before the hand has done all this; in the GUI thread, never.
CODE = """
import sys, threading
from importlib.abc import MetaPathFinder
from importlib.machinery import PathFinder
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from vae_gui.app.application import make_application, silence_offscreen_platform
from vae_gui.app.main_window import MainWindow

hand_is_done = threading.Event()

class Guard(MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name != "torch":
            return None
        assert threading.current_thread() is not threading.main_thread(), "the GUI would wait"
        spec = PathFinder.find_spec(name, path)
        load = spec.loader.exec_module

        def exec_module(module):  # here, unlike in find_spec, other imports can go on
            hand_is_done.wait(60.0)
            load(module)

        spec.loader.exec_module = exec_module
        return spec

def wait_for(condition):
    for _ in range(3000):
        if condition():
            return
        QTest.qWait(10)
    raise AssertionError("waited in vain")

sys.meta_path.insert(0, Guard())
silence_offscreen_platform()
application = make_application()
window = MainWindow(data_dir=Path(sys.argv[1]), remember=False)
window.show()
window.open(__import__("model.assets").assets.PRETRAINED)
plane, viewpoint = window.plane, window.workspace.viewpoint
wait_for(lambda: plane.layers.shows("test") and viewpoint.reading is not None)
middle = plane.rect().center()
before = viewpoint.reading.image
QTest.mouseMove(plane, middle)
QTest.mouseMove(plane, middle + QPoint(120, -80))
wait_for(lambda: (viewpoint.reading.image != before).any())
QTest.mouseClick(plane, Qt.MouseButton.LeftButton, pos=middle + QPoint(60, 60))
QTest.mouseDClick(plane, Qt.MouseButton.LeftButton, pos=middle + QPoint(-60, 60))
assert viewpoint.selected is not None
for name in ("colour_kl", "class_3", "decoded_sample", "reconstruct_drawn", "fit", "zoom_in"):
    window.actions_by_name[name].trigger()
appearance = window.workspace.appearance
for key, state in list(appearance.layers.items()):
    appearance.show_layer(key, True)
    QTest.qWait(20)
    window.grab()
    appearance.set_layer(key, state)
assert not hasattr(sys.modules.get("torch"), "Tensor")
assert not window.workspace.document.model.is_read
hand_is_done.set()
wait_for(lambda: window.workspace.document.model.is_read)
selected = viewpoint.selected
wait_for(lambda: "trained" in window.inspector.model.facts.text() or
         "epoch" in window.inspector.model.facts.text())
assert viewpoint.selected == selected
window.close()
window.join()
application.processEvents()
print("done")
"""


@pytest.mark.slow
def test_the_bundled_model_is_in_the_hand_before_torch(mnist_dir: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", CODE, str(mnist_dir)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert (done.stdout, done.stderr) == ("done\n", "")
