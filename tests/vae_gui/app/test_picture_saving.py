"""Pictures that are saved and copied, by menu, key and context menu, and drawn again."""

import os
import shlex
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from gui_helpers import settle, settle_layers
from patience import wait_until
from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtGui import QGuiApplication, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog

from benchmarks.hand import hand_over_widget
from vae_gui import __main__
from vae_gui.app.main_window import MainWindow
from vae_gui.app.picture import Subject, as_png
from vae_gui.app.screenshot import ScreenshotError, Shot, take
from vae_gui.plane.axes import BOTTOM_HEIGHT, LEFT_WIDTH
from vae_gui.state.appearance import LayerState
from vae_gui.style.theme import ThemeChoice


@pytest.fixture
def window(make_model, quick_digits, qtbot):
    made = MainWindow(ThemeChoice.DARK, remember=False)
    qtbot.addWidget(made)
    made.resize(1100, 700)  # to draw and compress large ones takes long
    made.show()
    made.open(make_model().path)
    qtbot.waitUntil(lambda: made.workspace.document.test is not None)
    settle_layers(made.workspace)
    yield made
    made.close()
    made.join()


def choose(monkeypatch, path: Path) -> list[str]:
    """The next dialog is answered with a file; returns what it suggests."""
    suggested: list[str] = []

    def answer(parent, title, name, kinds):
        suggested.append(name)
        return str(path), kinds

    monkeypatch.setattr(QFileDialog, "getSaveFileName", answer)
    return suggested


def pixels(image: QImage) -> np.ndarray:
    image = image.convertToFormat(QImage.Format.Format_RGB32)
    flat = np.frombuffer(image.constBits(), np.uint8)
    return flat.reshape(image.height(), image.width(), 4)[..., :3].astype(int)


def look_about(window) -> None:
    """A state that is unlike that at the start in all that a picture shows."""
    appearance = window.workspace.appearance
    window.workspace.viewpoint.select(18)
    window.workspace.viewpoint.set_probe(np.array([0.123456789, -0.5]))
    appearance.set_layer("manifold", LayerState(True, 0.4, 1))
    appearance.show_layer("prior", False)
    appearance.hide_classes(frozenset({3, 4}))
    appearance.colour_by("kl")
    window.plane.zoom(2)
    settle_layers(window.workspace)


def plane_with_caption(window) -> QSize:
    """The plane, and above it the line that names its model and the measure of its colours."""
    plane = window.plane
    above = plane.caption.height(plane.font(), plane.width(), window.look.theme)
    assert above > plane.fontMetrics().height()
    return QSize(plane.width(), plane.height() + above)


@pytest.mark.parametrize(
    ("subject", "scale"),
    [
        *((subject, 1) for subject in Subject),
        *((subject, 2) for subject in Subject if subject is not Subject.WINDOW),
        pytest.param(Subject.WINDOW, 2, marks=pytest.mark.slow),
    ],
)
def test_the_command_in_a_picture_draws_it_again(window, subject, scale, tmp_path, qtbot):
    look_about(window)
    window.inspector.probe.decoded_as.choose("threshold")
    window.pictures.scale = scale
    first = tmp_path / "first.png"
    window.pictures.save_as(subject, first)
    qtbot.waitUntil(first.exists)
    saved = QImage(str(first))
    sizes = {Subject.PLANE: plane_with_caption(window), Subject.WINDOW: window.size()}
    assert saved.size() == scale * sizes.get(subject, QSize(280, 280))
    program, *arguments = shlex.split(saved.text("Command"))
    assert program == "vae-gui"
    arguments[arguments.index("--screenshot") + 1] = str(tmp_path / "again.png")
    draw_again(arguments)
    drawn = QImage(str(tmp_path / "again.png"))
    assert drawn.text("Command") == saved.text("Command")
    difference = np.abs(pixels(drawn) - pixels(saved))
    if subject is Subject.WINDOW:  # undo has steps, the hand has the keys, a run of text differs
        assert (difference.max(axis=2) > 40).mean() < 0.02
    else:
        assert difference.max() <= 1


def draw_again(arguments: list[str]) -> None:
    """What the program does with arguments, in this process."""
    parsed = __main__.parse(arguments)
    other = MainWindow(parsed.theme, remember=False)
    try:
        take(other, __main__.shot_of(parsed))
    finally:
        other.close()
        other.join()


def test_ctrl_s_saves_the_plane_and_says_where_it_comes_from(window, tmp_path, monkeypatch, qtbot):
    look_about(window)
    suggested = choose(monkeypatch, tmp_path / "mine")
    QTest.keyClick(window, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil((tmp_path / "mine.png").exists)
    assert suggested[0].endswith("tiny plane.png")
    saved = QImage(str(tmp_path / "mine.png"))
    digest = window.workspace.document.model.digest
    assert saved.text("Model") == f"tiny.safetensors, SHA-256 {digest}"
    assert saved.text("z") == "(0.123457, -0.5)"
    assert "Manifold" in saved.text("Layers")
    assert "Prior contours" not in saved.text("Layers")
    qtbot.waitUntil(lambda: window.status.progress == f"Saved as {tmp_path / 'mine.png'}.")
    assert not window.messages.isVisible()  # which would move the plane


def test_the_plane_is_saved_as_a_drawing_too(window, tmp_path, qtbot):
    window.pictures.save_as(Subject.PLANE, tmp_path / "plane.svg")
    qtbot.waitUntil((tmp_path / "plane.svg").exists)
    text = (tmp_path / "plane.svg").read_text(encoding="utf-8")
    assert text.startswith("<?xml")
    assert "<title>Latent plane</title>" in text
    assert "Command: vae-gui" in text
    assert window.workspace.document.model.digest in text
    assert "z1" in text  # words are words
    assert "<image" in text  # points are a picture


def test_copy_puts_the_same_picture_on_the_clipboard(window, qtbot):
    clipboard = QGuiApplication.clipboard()
    clipboard.clear()
    keys = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    QTest.keyClick(window, Qt.Key.Key_C, keys)
    qtbot.waitUntil(lambda: not clipboard.image().isNull())
    assert clipboard.image().size() == plane_with_caption(window) * window.pictures.scale
    assert "--picture plane" in clipboard.image().text("Command")


def test_the_context_menu_offers_pictures_and_does_not_move_the_probe(window, qtbot):
    before = window.workspace.viewpoint.probe.copy()
    plane, digit = window.plane, window.inspector.probe.digit
    QTest.mouseClick(plane, Qt.MouseButton.RightButton, pos=QPoint(300, 300))
    settle()
    np.testing.assert_array_equal(window.workspace.viewpoint.probe, before)
    assert [action.text() for action in plane.actions()] == [
        "Save a picture of the plane…",
        "Copy a picture of the plane",
    ]
    clipboard = QGuiApplication.clipboard()
    clipboard.clear()
    digit.actions()[1].trigger()
    qtbot.waitUntil(lambda: not clipboard.image().isNull())
    side = 280 * window.pictures.scale
    assert (clipboard.image().width(), clipboard.image().height()) == (side, side)


def test_a_picture_that_cannot_be_written_is_one_sentence(window, tmp_path, qtbot):
    window.pictures.save_as(Subject.PLANE, tmp_path / "no" / "folder.png")
    qtbot.waitUntil(window.messages.isVisible)
    assert window.messages.text.text() == (
        "folder.png could not be written (no such file or directory); choose another place."
    )
    assert window.messages.more.isVisible()


def test_after_a_large_picture_the_plane_is_as_fine_as_the_screen_again(window, tmp_path, qtbot):
    before = window.plane.view()
    window.pictures.scale = 4
    window.pictures.save_as(Subject.PLANE, tmp_path / "large.png")
    qtbot.waitUntil((tmp_path / "large.png").exists)
    qtbot.waitUntil(lambda: window.plane.view() == before)


def settled(window, qtbot):
    settle_layers(window.workspace)
    settle()


def saved_as(window, subject, path, qtbot) -> np.ndarray:
    window.pictures.save_as(subject, path)
    qtbot.waitUntil(path.exists)
    return pixels(QImage(str(path)))


def halved(picture: np.ndarray) -> np.ndarray:
    height, width, _ = picture.shape
    return picture.reshape(height // 2, 2, width // 2, 2, 3).mean(axis=(1, 3))


def test_a_larger_picture_shows_no_other_cells_than_the_screen(window, tmp_path, qtbot):
    look_about(window)
    window.workspace.appearance.set_layer("manifold", LayerState(True, 1.0, 0))
    settle_layers(window.workspace)
    sizes = {}
    for scale in (1, 2):
        window.pictures.scale = scale
        sizes[scale] = saved_as(window, Subject.PLANE, tmp_path / f"{scale}.png", qtbot)
    assert np.abs(halved(sizes[2]) - sizes[1]).mean() < 6.0


def test_a_drawing_looks_like_the_picture(window, tmp_path, qtbot):
    """Nothing of a layer lies over the axes, and words are as large as on the screen."""
    look_about(window)
    window.workspace.appearance.set_layer("manifold", LayerState(True, 1.0, 0))
    settle_layers(window.workspace)
    window.pictures.scale = 1
    picture = saved_as(window, Subject.PLANE, tmp_path / "plane.png", qtbot)
    window.pictures.save_as(Subject.PLANE, tmp_path / "plane.svg")
    qtbot.waitUntil((tmp_path / "plane.svg").exists)
    drawn = QImage(plane_with_caption(window), QImage.Format.Format_RGB32)
    painter = QPainter(drawn)
    QSvgRenderer(str(tmp_path / "plane.svg")).render(painter)
    painter.end()
    difference = np.abs(pixels(drawn) - picture).mean(axis=2)
    assert difference.mean() < 6.0
    assert difference[:, :LEFT_WIDTH].mean() < 2.0
    assert difference[-BOTTOM_HEIGHT:].mean() < 2.0
    above = plane_with_caption(window).height() - window.plane.height()
    assert difference[:above].mean() < 4.0
    assert len(np.unique(picture[:above].reshape(-1, 3), axis=0)) > 100  # the bar of the colours


def test_that_a_picture_was_saved_is_not_in_the_next_one(window, tmp_path, qtbot):
    """Though the first is known to be saved only when the next one is asked for."""
    window.pictures.scale = 1
    first, second = tmp_path / "first.png", tmp_path / "second.png"
    window.pictures.save_as(Subject.WINDOW, first)
    wait_until(first.exists)  # no event is handled afterwards
    again = saved_as(window, Subject.WINDOW, second, qtbot)
    np.testing.assert_array_equal(again, pixels(QImage(str(first))))


@pytest.mark.parametrize("subject", [Subject.PLANE, Subject.WINDOW])
def test_the_pointer_leaves_no_mark_in_a_picture(window, subject, tmp_path, qtbot):
    window.pictures.scale = 1
    before = saved_as(window, subject, tmp_path / "before.png", qtbot)
    x, y = window.workspace.viewpoint.place_of(0)
    place = window.plane.view().pixel_of(x, y)
    hand_over_widget(window.plane).move((place.x(), place.y()))
    qtbot.waitUntil(lambda: window.workspace.viewpoint.reading.is_peek)
    after = saved_as(window, subject, tmp_path / "after.png", qtbot)
    np.testing.assert_array_equal(after, before)


def test_files_are_made_beside_the_gui_thread(window, tmp_path, monkeypatch, qtbot):
    """A large PNG takes a second to compress."""
    threads = []

    def made(image, texts):
        threads.append(threading.current_thread())
        return as_png(image, texts)

    monkeypatch.setattr("vae_gui.app.picture_saving.as_png", made)
    saved_as(window, Subject.PLANE, tmp_path / "plane.png", qtbot)
    assert len(threads) == 1
    assert threading.main_thread() not in threads


def test_an_ending_is_added_but_no_file_is_replaced_unasked(window, tmp_path, qtbot):
    (tmp_path / "mine.png").write_bytes(b"precious")
    window.pictures.save_as(Subject.PLANE, tmp_path / "mine")
    qtbot.waitUntil(window.messages.isVisible)
    assert window.messages.text.text() == "mine.png is there already; choose another name."
    assert (tmp_path / "mine.png").read_bytes() == b"precious"
    assert not (tmp_path / "mine").exists()


def test_a_window_with_folded_panels_is_drawn_again_like_that(window, tmp_path, qtbot):
    window.actions_by_name["layers"].trigger()
    window.inspector.sections["nearest"].heading.click()
    window.inspector.edge.set_share(0.3)
    settled(window, qtbot)
    window.pictures.scale = 1
    saved = saved_as(window, Subject.WINDOW, tmp_path / "first.png", qtbot)
    _, *arguments = shlex.split(QImage(str(tmp_path / "first.png")).text("Command"))
    arguments[arguments.index("--screenshot") + 1] = str(tmp_path / "again.png")
    draw_again(arguments)
    drawn = pixels(QImage(str(tmp_path / "again.png")))
    assert (np.abs(drawn - saved).max(axis=2) > 40).mean() < 0.02


def test_a_plane_without_layers_is_drawn_again(window, tmp_path, qtbot):
    for key in window.workspace.appearance.layers:
        window.workspace.appearance.show_layer(key, False)
    settle_layers(window.workspace)
    window.pictures.scale = 1
    saved = saved_as(window, Subject.PLANE, tmp_path / "first.png", qtbot)
    _, *arguments = shlex.split(QImage(str(tmp_path / "first.png")).text("Command"))
    arguments[arguments.index("--screenshot") + 1] = str(tmp_path / "again.png")
    draw_again(arguments)
    np.testing.assert_array_equal(pixels(QImage(str(tmp_path / "again.png"))), saved)


def test_a_part_of_the_window_that_is_not_there_is_said(window, make_model, tmp_path):
    shot = Shot(tmp_path / "shot.png", QSize(1400, 900), make_model().path, folded=["attic"])
    with pytest.raises(ScreenshotError, match="There is no part 'attic'; the parts are layers,"):
        take(window, shot)


COPIED = """
import sys
from PySide6.QtCore import QTimer
from vae_gui import __main__
from vae_gui.app import main_window
from vae_gui.app.picture import Subject
show = main_window.MainWindow.show
def shown(self):
    show(self)
    self.pictures.copy(Subject.DIGIT)
    QTimer.singleShot(400, self.close)
main_window.MainWindow.show = shown
sys.exit(__main__.main([]))
"""


@pytest.mark.slow
def test_a_program_that_has_copied_a_picture_ends_well(tmp_path):
    home = {"HOME": str(tmp_path), "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(
        [sys.executable, "-c", COPIED], env=os.environ | home, check=False, timeout=110
    )
    assert done.returncode == 0
