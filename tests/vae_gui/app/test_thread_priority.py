"""In processes of their own: all of it is said before numpy is imported."""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
CODE = """
import json, os, sys
assert "numpy" not in sys.modules
from vae_gui.app.thread_priority import let_the_gui_thread_go_first
let_the_gui_thread_go_first()
names = ("OMP_WAIT_POLICY", "OPENBLAS_NUM_THREADS")
print(json.dumps([sys.getswitchinterval(), *(os.environ.get(name) for name in names)]))
"""


def settings(**environment: str) -> list[object]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("OMP_", "OPENBLAS_"))}
    done = subprocess.run(
        [sys.executable, "-c", CODE],
        cwd=ROOT,
        env=clean | environment,
        capture_output=True,
        text=True,
        check=True,
    )
    found: list[object] = json.loads(done.stdout)
    return found


def test_python_switches_soon_and_what_torch_and_children_read_stays_as_it_was():
    interval, waiting, openblas = settings()
    assert interval < 0.001
    assert waiting == "PASSIVE"
    assert openblas is None


def test_what_the_user_has_set_stays():
    assert settings(OMP_WAIT_POLICY="ACTIVE", OPENBLAS_NUM_THREADS="7")[1:] == ["ACTIVE", "7"]


COLLECTING = """
import gc, weakref
from pathlib import Path
from PySide6.QtCore import QObject, Signal
from vae_gui.app.thread_priority import spare_the_collector

class Opener(QObject):
    read = Signal()
    failed = Signal(str, Exception)
    unready = Signal(Path, str)

opener = Opener()
spare_the_collector(opener)
assert not gc.isenabled()
"""


def test_what_is_there_when_a_model_is_read_is_not_looked_through_again_and_later_garbage_is():
    code = """
class Thing: pass

opener.read.emit()
assert gc.isenabled()
kept = gc.get_freeze_count()
garbage = Thing()
garbage.itself = garbage
opener.read.emit()  # another model: once is enough, or what a model leaves would never go
assert 0 < gc.get_freeze_count() <= kept
seen = weakref.ref(garbage)
del garbage
gc.collect()
assert seen() is None
"""
    subprocess.run([sys.executable, "-c", COLLECTING + code], cwd=ROOT, check=True)


def test_where_no_model_could_be_opened_garbage_is_collected():
    code = """
opener.failed.emit("This is no model.", ValueError())
assert gc.isenabled()
"""
    subprocess.run([sys.executable, "-c", COLLECTING + code], cwd=ROOT, check=True)
