"""The program as it is started, in processes of its own."""

import json
import os
import subprocess
import sys

import pytest
from PySide6.QtGui import QImage

from model import assets
from vae_gui import __main__


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("home")


def run(home, *arguments, code=None, **environment):
    """Start `python -m vae_gui` (or `code`) as somebody with an empty home would."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
        and not name.startswith("XDG_")
    }
    start = ["-c", code] if code else ["-m", "vae_gui"]
    return subprocess.run(
        [sys.executable, *start, *arguments],
        env=kept | {"HOME": str(home)} | environment,
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )


def test_without_a_display_it_says_what_is_missing_and_exits_2(home):
    done = run(home)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "no display" in done.stderr
    assert done.stdout == ""


def test_a_display_that_is_not_there_does_not_abort(home):
    done = run(home, DISPLAY=":4242")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ["--size", "big"],
        ["--size", "1x1"],
        ["--z", "a,b"],
        ["--z", "nan,1"],
        ["--theme", "purple"],
        ["--nonsense"],
        ["--colour-by", "beauty"],
        ["--digit", "ten"],
        ["--view", "1,0,0,1"],
        ["--shares", "inspector.width=2"],
        ["--shares", "nonsense"],
        ["--pixel-ratio", "100"],
    ],
    ids=" ".join,
)
def test_a_wrong_argument_exits_2_before_any_window(arguments, capsys):
    with pytest.raises(SystemExit) as caught:
        __main__.main(["--screenshot", "never.png", *arguments])
    assert caught.value.code == 2
    assert "vae-gui: error: " in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.parametrize("arguments", [["--size", "big"], ["--size", "200x200"]], ids=" ".join)
def test_a_wrong_argument_ends_the_process_with_2(home, arguments):
    done = run(home, "--screenshot", "never.png", *arguments)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_the_bundled_model_is_rendered_without_a_display(home, tmp_path):
    out = tmp_path / "shot.png"
    done = run(home, "--screenshot", str(out), "--size", "1000x700", "--z", "0.5,-1.0")
    assert (done.returncode, done.stderr, done.stdout) == (0, "", "")
    picture = QImage(str(out))
    assert (picture.width(), picture.height()) == (1000, 700)
    # The digit, 224 x 224 pixels, is in the upper right corner: black ground, white ink.
    reds = [picture.pixelColor(x, y).red() for x in range(730, 910, 3) for y in range(60, 230, 3)]
    assert min(reds) < 30
    assert max(reds) > 200


def test_a_negative_z1_is_not_taken_for_a_flag():
    arguments = __main__.parse(["--screenshot", "a.png", "--z", "-0.5,-1", "a.safetensors"])
    assert arguments.z == [-0.5, -1.0]
    assert str(arguments.checkpoint) == "a.safetensors"


@pytest.mark.slow
def test_a_bad_checkpoint_gives_one_sentence_and_no_picture(home, tmp_path):
    bad = tmp_path / "bad.safetensors"
    bad.write_bytes(b"hello")
    done = run(home, "--screenshot", str(tmp_path / "shot.png"), str(bad))
    assert done.returncode == 2
    assert done.stderr.startswith("bad.safetensors cannot be opened:")
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "shot.png").exists()


@pytest.mark.parametrize(
    "flags", [["--z", "1,1"], ["--size", "800x600"], ["--layers", "test"], ["--digit", "3"]]
)
def test_z_and_size_without_a_picture_are_refused(flags, capsys):
    with pytest.raises(SystemExit) as caught:
        __main__.main(flags)
    assert caught.value.code == 2
    assert f"{flags[0]} goes with --screenshot" in capsys.readouterr().err


WATCHED = """
import json, sys
from vae_gui import __main__
from vae_gui.plane import plane_view
paint = plane_view.PlaneView.paintEvent
seen = []
def timed(self, event):
    paint(self, event)
    if not seen:
        seen.append(sorted({"torch", "torchvision", "pyqtgraph"} & set(sys.modules)))
        print(json.dumps(seen[0]))
        self.window().close()
plane_view.PlaneView.paintEvent = timed
sys.exit(__main__.main([]))
"""


@pytest.mark.slow
def test_the_window_is_painted_before_what_is_slow_is_imported_and_may_be_closed_then(home):
    done = run(home, code=WATCHED, QT_QPA_PLATFORM="offscreen")
    assert done.returncode == 0
    assert json.loads(done.stdout) == []
    assert "Traceback" not in done.stderr


CLOSED_LATER = """
import sys
from PySide6.QtCore import QTimer
from vae_gui import __main__
from vae_gui.app import main_window
show = main_window.MainWindow.show
def shown(self):
    show(self)
    QTimer.singleShot(int(sys.argv[1]), self.close)
main_window.MainWindow.show = shown
sys.exit(__main__.main([]))
"""


@pytest.mark.parametrize(
    "milliseconds",
    [
        "0",
        "400",
        pytest.param("1200", marks=pytest.mark.slow),
        pytest.param("2500", marks=pytest.mark.slow),
    ],
)
def test_closing_while_it_loads_exits_0(home, milliseconds):
    done = run(home, milliseconds, code=CLOSED_LATER, QT_QPA_PLATFORM="offscreen")
    assert done.returncode == 0
    noise = "This plugin does not support"
    assert [line for line in done.stderr.splitlines() if not line.startswith(noise)] == []


@pytest.mark.slow
def test_importing_the_package_does_no_work(home):
    code = """
import sys, importlib, pkgutil, vae_gui
for module in pkgutil.walk_packages(vae_gui.__path__, "vae_gui."):
    importlib.import_module(module.name)
print({"torch", "torchvision"} & set(sys.modules))
"""
    done = run(home, code=code, QT_QPA_PLATFORM="offscreen")
    assert done.stdout.strip() == "set()", done.stderr


def test_the_bundled_checkpoint_is_there():
    assert assets.PRETRAINED.is_file()
    assert assets.PRETRAINED.stat().st_size < 12e6
