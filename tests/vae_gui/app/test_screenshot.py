"""What a screenshot refuses, in this process; what it draws is in test_start.py."""

import pytest
from PySide6.QtCore import QSize

from vae_gui.app.main_window import MainWindow
from vae_gui.app.screenshot import ScreenshotError, Shot, take
from vae_gui.style.theme import ThemeChoice


@pytest.fixture
def window(qtbot, quick_digits):
    made = MainWindow(ThemeChoice.LIGHT, remember=False)
    qtbot.addWidget(made)
    yield made
    made.close()
    made.join()


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"digit": 200}, r"--digit must be from 0 to 199, not 200\."),
        ({"layers": ["test", "clouds"]}, "There is no layer 'clouds'; the layers are manifold,"),
        ({"z": [0.5]}, r"--z needs 2 numbers for this model, not 1\."),
    ],
    ids=["digit", "layers", "z"],
)
def test_what_cannot_be_shown_is_said(window, make_model, tmp_path, asked, sentence):
    out = tmp_path / "shot.png"
    with pytest.raises(ScreenshotError, match=sentence):
        take(window, Shot(out, QSize(1000, 700), make_model().path, **asked))
    assert not out.exists()


def test_a_picture_that_cannot_be_written_is_said(window, make_model, tmp_path):
    out = tmp_path / "no" / "folder" / "shot.png"
    with pytest.raises(ScreenshotError, match=r"could not be written; choose another place\."):
        take(window, Shot(out, QSize(1000, 700), make_model().path))


def test_a_picture_has_the_size_that_was_asked_for_or_is_refused(window, make_model, tmp_path):
    with pytest.raises(ScreenshotError, match=r"--size must be at least \d+x\d+\."):
        take(window, Shot(tmp_path / "shot.png", QSize(200, 200), make_model().path))
