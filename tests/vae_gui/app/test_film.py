"""A film of the bundled run, of few digits: quick, and looked at frame by frame."""

import itertools
import re

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QSize

from model import assets
from vae_gui import __main__
from vae_gui.app.film import FOLDED, TITLE_HEIGHT, Film, record
from vae_gui.app.film_saving import FilmSaving
from vae_gui.app.main_window import MainWindow
from vae_gui.app.picture import Subject
from vae_gui.app.picture_flags import film_of
from vae_gui.app.provenance import film_command_of
from vae_gui.app.screenshot import ScreenshotError, Shot
from vae_gui.style.theme import ThemeChoice

SIZE = QSize(480, 480)


@pytest.fixture
def window(qtbot, quick_digits):
    made = MainWindow(ThemeChoice.LIGHT, remember=False)
    qtbot.addWidget(made)
    yield made
    made.close()
    made.join()


def film(out, run, seconds=0.9):
    return Film(Shot(out, SIZE, run, subject=Subject.PLANE, folded=FOLDED), seconds)


def frames_of(path):
    with Image.open(path) as film:
        for index in range(film.n_frames):
            film.seek(index)
            yield film.info["duration"], np.asarray(film.convert("RGB")).astype(int)


@pytest.mark.slow
def test_each_frame_shows_another_moment_in_a_fixed_plane(window, tmp_path):
    out = tmp_path / "film.gif"
    record(window, film(out, assets.TRAINING))
    frames = list(frames_of(out))
    assert sum(duration for duration, _ in frames) == pytest.approx(900, abs=60)
    pictures = [picture for _, picture in frames]
    assert pictures[0].shape == (480 + TITLE_HEIGHT, 480, 3)
    titles = [picture[:TITLE_HEIGHT] for picture in pictures]
    assert len({title.tobytes() for title in titles}) > 10
    axes = [picture[-45:, 60:-20] for picture in pictures]  # the numbers under the plane
    assert all((axis == axes[0]).all() for axis in axes)
    digits = [picture[TITLE_HEIGHT + 20 : TITLE_HEIGHT + 90, -90:-20] for picture in pictures]
    assert abs(digits[0] - digits[-1]).mean() > 5  # another decoder draws another digit
    plane = [picture[TITLE_HEIGHT:-45, 60:] for picture in pictures]
    assert all((a != b).any() for a, b in itertools.pairwise(plane))


@pytest.mark.slow
def test_layers_of_the_training_digits_are_in_every_frame(window, tmp_path):
    out = tmp_path / "film.gif"
    shown = Shot(
        out, SIZE, assets.TRAINING, subject=Subject.PLANE, folded=FOLDED, layers=["regions"]
    )
    record(window, Film(shown, 1.0))
    planes = [picture[TITLE_HEIGHT + 100 : -45, 60:-100] for _, picture in frames_of(out)]
    colours = [np.ptp(plane, axis=2).mean() for plane in planes]  # all but the regions is grey
    assert min(colours) > 1.5
    assert np.median(colours) > 5.0


def test_what_is_no_run_gives_no_film(window, make_model, tmp_path):
    out = tmp_path / "film.gif"
    with pytest.raises(ScreenshotError, match="fewer than two snapshots"):
        record(window, film(out, make_model().path))
    assert not out.exists()


@pytest.mark.slow
def test_a_film_that_cannot_be_written_is_said(window, tmp_path):
    out = tmp_path / "no" / "film.gif"
    with pytest.raises(ScreenshotError, match=r"could not be written; choose another place\."):
        record(window, film(out, assets.TRAINING, seconds=0.2))


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        (["--seconds", "4"], "--seconds goes with --film"),
        (["--film", "a.gif", "--scale", "2"], "--scale does not go with --film"),
        (["--film", "a.gif", "--screenshot", "a.png"], "--screenshot does not go with --film"),
        (["--film", "a.gif", "--seconds", "0"], "must be from 1 to 120, not '0'"),
    ],
)
def test_flags_that_do_not_go_together_are_refused(flags, sentence, capsys):
    with pytest.raises(SystemExit) as ended:
        __main__.parse(flags)
    assert ended.value.code == 2
    assert sentence in capsys.readouterr().err


def test_the_command_of_the_menu_asks_for_what_is_seen(window, qtbot, tmp_path):
    """The window's own command, read as the program reads it, asks for the same look."""
    window.show()
    with qtbot.waitSignal(window.opening.finished):
        window.open(assets.TRAINING)
    window.workspace.appearance.hide_classes(frozenset({3, 8}))
    words = film_command_of(window.sitter, assets.TRAINING, tmp_path / "a film.gif")
    arguments = __main__.parse(words)
    asked = film_of(arguments, arguments.checkpoint).shot
    assert arguments.checkpoint == assets.TRAINING
    assert asked.out == tmp_path / "a film.gif"
    assert set(asked.hide) == {3, 8}
    bounds = window.plane.view().bounds
    assert asked.view == pytest.approx([bounds.left, bounds.right, bounds.low, bounds.high])


@pytest.mark.slow
def test_the_menu_saves_a_film_while_the_window_goes_on(window, qtbot, tmp_path, monkeypatch):
    window.show()
    with qtbot.waitSignal(window.opening.finished):
        window.open(assets.TRAINING)
    monkeypatch.setattr("vae_gui.app.film_saving.SAID_MS", 50)
    out = tmp_path / "film.gif"
    saving = FilmSaving(window.sitter, window.preferences, window.messages, window.status)
    said = []
    monkeypatch.setattr(window.status, "report", lambda _, text: said.append(text))
    saving.save_as(out)
    saving.save_as(out)
    assert window.messages.isVisible()  # one at a time
    qtbot.waitUntil(out.exists)
    assert len(list(frames_of(out))) > 20
    qtbot.waitUntil(lambda: said[-2:] == [f"Saved as {out}.", ""])  # and not for ever
    percents = [int(text.split()[-2]) for text in said if re.match("Recording.*%$", text)]
    assert len(percents) > 5
    assert percents == sorted(percents)
    assert percents[-1] == 100


def test_a_window_that_is_closed_takes_the_recording_with_it(window, qtbot, tmp_path):
    window.show()
    with qtbot.waitSignal(window.opening.finished):
        window.open(assets.TRAINING)
    window.films.save_as(tmp_path / "film.gif")
    window.close()
    qtbot.wait(50)
    assert not list(tmp_path.glob("*.gif*"))
