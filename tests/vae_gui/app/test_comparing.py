"""Two models side by side in the real window, by mouse and keys."""

import json
import re
import shlex
import threading

import numpy as np
import pytest
from cut_texts import cut_texts
from evidence_window import coarse_tables
from gui_helpers import coarse_elbo, make_digits, mouse, settle, settle_layers
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QMenu
from two_models import TURN, encodings, turned_digits

from benchmarks.hand import hand_over_widget
from model import assets
from model.files.checkpoint import Checkpoint, write_checkpoint
from model.files.run import RunPaths
from model.network.initialisation import build
from model.network.vae import VAEConfig
from model.train.train_config import TrainConfig
from vae_gui import __main__
from vae_gui.app.main_window import MainWindow
from vae_gui.app.picture import Subject
from vae_gui.app.screenshot import take
from vae_gui.jobs import opening
from vae_gui.state.comparison import Link, Pairing
from vae_gui.style.palette import LIGHT
from vae_gui.style.theme import ThemeChoice

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
SHIFT, CTRL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def window(qtbot, monkeypatch, make_model):
    """A window with a first model and its digits."""
    coarse_elbo(monkeypatch)
    monkeypatch.setattr("vae_gui.jobs.opening.open_checkpoint", encodings(opening.open_checkpoint))
    monkeypatch.setattr("vae_gui.jobs.following.PERIOD_MS", 10)
    made = MainWindow(ThemeChoice.LIGHT, remember=False)
    qtbot.addWidget(made)
    made.resize(1400, 900)
    made.show()
    qtbot.waitExposed(made)
    with qtbot.waitSignal(made.opening.finished):
        made.open(make_model().path)
    settle()
    yield made
    made.close()
    made.join()
    settle()


@pytest.fixture
def turned(make_model):
    return make_model(seed=1, name="turned.safetensors").path


def compare(window, path, qtbot):
    """Compare as the menu does, and wait until both are known."""
    made = window.second.comparing
    with qtbot.waitSignal(made.model.opening.finished):
        window.second.open(path)
    qtbot.waitUntil(lambda: window.workspace.comparison.shows_same is not None)
    settle_layers(window.workspace)
    return made


@pytest.fixture
def comparing(window, turned, qtbot):
    return compare(window, turned, qtbot)


def assert_same_view(first, second):
    views = [plane.view() for plane in (first, second)]
    edges = [[v.bounds.left, v.bounds.right, v.bounds.low, v.bounds.high] for v in views]
    assert edges[0] == pytest.approx(edges[1])


def pixel(plane, x, y):
    return plane.view().pixel_of(x, y)


def click(plane, x, y):
    at = pixel(plane, x, y).toPoint()
    QTest.mouseClick(plane, LEFT, pos=at)
    settle()
    return plane.view().to_plane(at.x(), at.y())


# What to compare with


def list_of_models(window):
    """The list that Ctrl+M opens, and its rows that can be chosen."""
    QTest.keyClick(window.plane, Qt.Key.Key_M, CTRL)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    return menu, [action.text().replace("&", "") for action in menu.actions() if action.isEnabled()]


def test_the_key_offers_what_comes_with_the_program_and_enter_takes_the_papers_network(
    window, qtbot
):
    menu, rows = list_of_models(window)
    assert [row for row in rows if row] == [
        "The paper's network",
        "The bundled model",
        "A checkpoint…",
        "A run folder…",
    ]
    assert window.plane.rect().contains(window.plane.mapFromGlobal(menu.geometry().center()))
    QTest.keyClick(menu, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.workspace.comparison.is_on)
    assert window.workspace.comparison.second.document.model.path == assets.PAPER


def test_the_key_also_offers_the_files_that_were_open_last(window, turned, qtbot):
    window.preferences.add_recent_file(turned)
    menu, rows = list_of_models(window)
    assert str(turned) in rows
    (row,) = [action for action in menu.actions() if action.text() == str(turned)]
    QTest.mouseClick(menu, LEFT, pos=menu.actionGeometry(row).center())
    qtbot.waitUntil(lambda: window.workspace.comparison.is_on)
    assert window.workspace.comparison.second.document.model.path == turned


def test_the_key_leads_to_the_dialog_too_and_escape_leaves_all_as_it_was(
    window, turned, monkeypatch, qtbot
):
    menu, _ = list_of_models(window)
    QTest.keyClick(menu, Qt.Key.Key_Escape)
    assert not menu.isVisible()
    assert not window.workspace.comparison.is_on
    monkeypatch.setattr(
        "vae_gui.app.asking.ask_for_checkpoint",
        lambda window, at, preferences, do, verb: do(turned),
    )
    menu, _ = list_of_models(window)
    QTest.keyClick(menu, Qt.Key.Key_C)  # the letter of "A checkpoint"
    qtbot.waitUntil(lambda: window.workspace.comparison.is_on)


# What is shown


def test_a_second_plane_of_the_same_size_stands_beside_the_first(window, comparing):
    first, second = window.plane, comparing.plane
    assert second.isVisible()
    assert first.size() == second.size()
    assert_same_view(first, second)
    assert first.mapTo(window, QPoint()).y() == second.mapTo(window, QPoint()).y()
    assert not window.inspector.isVisible()
    assert window.windowTitle() == "tiny.safetensors | turned.safetensors — VAE explorer"
    for digit in (window.floating, comparing.floating):
        assert digit.isVisible()
        assert digit.levels is not None
    assert "mirrored, then turned by" in comparing.bar.sentence.text()


def test_stopping_brings_the_single_plane_back(window, comparing, qtbot):
    window.workspace.viewpoint.select(18)
    QTest.mouseClick(comparing.bar.stop, LEFT)
    settle()
    assert comparing.plane.isHidden() or not comparing.plane.isVisible()
    assert window.inspector.isVisible()
    assert window.header.isVisible()
    assert not window.floating.isVisible()
    assert window.windowTitle() == "tiny.safetensors — VAE explorer"
    assert window.workspace.viewpoint.selected == 18
    settle_layers(window.workspace)
    assert not window.actions_by_name["stop_comparing"].isEnabled()


def test_one_can_compare_again_after_stopping(window, comparing, turned, qtbot):
    window.second.stop()
    assert compare(window, turned, qtbot) is comparing
    assert comparing.plane.isVisible()
    assert comparing.floating.levels is not None


@pytest.mark.slow
@pytest.mark.parametrize("size", [(1400, 900), (1000, 700)])
@pytest.mark.parametrize("inspector", [False, True])
def test_no_text_is_cut(window, comparing, size, inspector):
    window.resize(*size)
    window.actions_by_name["inspector"].setChecked(inspector)
    settle_layers(window.workspace)
    assert (window.width(), window.height()) == size
    assert cut_texts(window) == []
    window.workspace.viewpoint.select(18)
    settle_layers(window.workspace)
    assert cut_texts(window) == []


def test_both_planes_have_the_layers_and_colours_of_the_theme(window, comparing):
    QTest.keyClick(window, Qt.Key.Key_T)
    settle_layers(window.workspace)
    assert not window.workspace.appearance.is_shown("test")
    window.look.choose(ThemeChoice.DARK)
    settle_layers(window.workspace)
    corners = [plane.grab().toImage().pixelColor(2, 2) for plane in (window.plane, comparing.plane)]
    assert corners[0] == corners[1]
    assert corners[0].lightness() < 60
    window.look.choose(ThemeChoice.LIGHT)


# The hand


def test_a_click_in_either_plane_moves_both_probes_and_both_digits(window, comparing):
    first, second = window.workspace.viewpoints
    before = comparing.floating.levels.copy()
    z = click(window.plane, 0.6, -0.4)
    assert np.allclose(first.probe, z)
    index = first.nearest_to(z).index
    assert np.array_equal(second.probe, second.document.test.means[index])
    assert not np.array_equal(comparing.floating.levels, before)
    z = click(comparing.plane, -0.5, 0.7)
    assert second.slice.to_plane(second.probe) == pytest.approx(z)
    index = second.nearest_to(second.probe).index
    assert np.array_equal(first.probe, first.document.test.means[index])
    expected = window.workspace.documents[1].model.point_decoder.decode(second.probe)
    shown = comparing.floating.levels
    assert np.abs(shown / 255.0 - expected).max() < 0.01


def test_hovering_over_one_plane_shows_both_digits_and_leaves_the_probes(window, comparing):
    first, second = window.workspace.viewpoints
    probes = first.probe.copy(), second.probe.copy()
    mouse(comparing.plane, QEvent.Type.MouseMove, pixel(comparing.plane, 0.3, 0.3))
    settle()
    assert second.reading.is_peek
    assert first.reading.is_peek
    assert second.slice.to_plane(second.peek) == pytest.approx([0.3, 0.3])
    index = second.nearest_to(second.peek).index
    assert np.array_equal(first.peek, first.document.test.means[index])
    QApplication.sendEvent(comparing.plane, QEvent(QEvent.Type.Leave))
    settle()
    assert first.peek is None
    assert second.peek is None
    assert np.array_equal(first.probe, probes[0])
    assert np.array_equal(second.probe, probes[1])


def test_a_drag_moves_both_in_each_frame(window, comparing):
    first, second = window.workspace.viewpoints
    readings = []
    second.reading_changed.connect(lambda: readings.append(second.reading.z.tolist()))
    hand = hand_over_widget(window.plane)
    path = [pixel(window.plane, *place) for place in ((-1.0, -1.0), (0.0, 0.0), (1.0, 0.5))]
    hand.press(at=path[0].toTuple())
    for place in path[1:]:
        hand.move(place.toTuple())
        settle()
    hand.release()
    settle()
    assert len(readings) >= 2
    index = first.nearest_to(first.probe).index
    assert readings[-1] == pytest.approx(second.document.test.means[index], abs=1e-6)
    assert window.history.stack.count() == 1  # one act


def test_a_double_click_chooses_the_same_digit_in_both(window, comparing):
    second = window.workspace.viewpoints[1]
    place = second.place_of(40) + 0.001
    QTest.mouseDClick(comparing.plane, LEFT, pos=pixel(comparing.plane, *place).toPoint())
    settle()
    chosen = {viewpoint.selected for viewpoint in window.workspace.viewpoints}
    assert len(chosen) == 1
    assert None not in chosen


def test_the_wheel_zooms_both_and_nothing_drifts(window, comparing):
    hand = hand_over_widget(comparing.plane)
    hand.move(pixel(comparing.plane, 0.5, 0.5).toTuple())
    hand.wheel(3)
    settle()
    first, second = window.plane.view(), comparing.plane.view()
    assert first.per_unit == pytest.approx(second.per_unit)
    assert first.bounds.centre == pytest.approx(second.bounds.centre)
    before = second.bounds
    for width in (1200, 1100, 1400):
        window.resize(width, 900)
        settle()
    after = comparing.plane.view().bounds
    assert after.centre == pytest.approx(before.centre)
    assert after.width == pytest.approx(before.width, rel=1e-6)
    QTest.keyClick(window.plane, Qt.Key.Key_Home)
    settle()
    assert_same_view(window.plane, comparing.plane)
    places = second_places(window)
    seen = comparing.plane.view().bounds
    assert places[:, 0].max() < seen.right
    assert places[:, 1].min() > seen.low


def second_places(window):
    second = window.workspace.viewpoints[1]
    return second.slice.to_plane(second.document.test.means)


def test_keys_and_buttons_choose_link_and_alignment_and_undo_takes_them_back(window, comparing):
    comparison = window.workspace.comparison
    QTest.keyClick(window, Qt.Key.Key_Z, SHIFT)
    settle()
    assert comparison.link is Link.Z
    assert comparing.bar.link.choice == "z"
    QTest.mouseClick(comparing.bar.align, LEFT)
    settle()
    assert not comparison.is_aligned
    assert window.workspace.viewpoints[1].slice.turn is None
    assert not window.actions_by_name["align"].isChecked()
    assert comparing.bar.sentence.text().startswith("As they are")
    QTest.keyClick(window, Qt.Key.Key_Z, CTRL)
    settle()
    assert comparison.is_aligned
    assert comparing.bar.align.isChecked()
    QTest.keyClick(window, Qt.Key.Key_Z, CTRL)
    settle()
    assert comparison.link is Link.DIGIT
    QTest.keyClick(window, Qt.Key.Key_A, SHIFT)
    settle()
    assert not comparison.is_aligned


def test_the_keyboard_goes_back_to_the_plane_that_had_it(window, comparing):
    click(comparing.plane, 0.2, 0.2)
    comparing.plane.setFocus(Qt.FocusReason.MouseFocusReason)
    QTest.mouseClick(comparing.bar.link.buttons["z"], LEFT)
    settle()
    assert QApplication.focusWidget() in (comparing.plane, None)
    before = window.workspace.viewpoints[1].probe.copy()
    QTest.keyClick(comparing.plane, Qt.Key.Key_Right)
    settle()
    moved = window.workspace.viewpoints[1].probe - before
    assert np.linalg.norm(moved) == pytest.approx(0.05)


def test_samples_and_thresholds_are_drawn_in_both(window, comparing):
    QTest.keyClick(window, Qt.Key.Key_H)
    settle()
    assert set(np.unique(comparing.floating.levels)) <= {0, 255}
    assert set(np.unique(window.floating.levels)) <= {0, 255}


def test_the_planes_alone_fill_the_screen_and_come_back(window, comparing):
    QTest.keyClick(window, Qt.Key.Key_F11)
    settle()
    assert window.plane.isVisible()
    assert comparing.plane.isVisible()
    assert not comparing.bar.isVisible()
    assert not comparing.panel.isVisible()
    settle_layers(window.workspace)
    QTest.keyClick(window, Qt.Key.Key_Escape)
    settle()
    assert comparing.bar.isVisible()
    assert comparing.panel.isVisible()
    assert not window.header.isVisible()


def test_swapping_opens_each_where_the_other_was(window, comparing, turned, qtbot):
    with qtbot.waitSignals([window.opening.finished, comparing.model.opening.finished]):
        QTest.mouseClick(comparing.bar.swap, LEFT)
    models = [document.model.path.name for document in window.workspace.documents]
    assert models == ["turned.safetensors", "tiny.safetensors"]
    qtbot.waitUntil(lambda: window.workspace.comparison.alignment is not None)
    assert np.abs(window.workspace.comparison.alignment.matrix - TURN).max() < 1e-9


@pytest.mark.slow
def test_the_command_in_a_picture_of_both_planes_draws_them_again(
    window, comparing, tmp_path, qtbot
):
    window.workspace.viewpoint.select(18)
    window.workspace.comparison.choose(Pairing(Link.Z, is_aligned=False))
    window.pictures.scale = 1
    first = tmp_path / "first.png"
    window.pictures.save_as(Subject.PLANE, first)
    qtbot.waitUntil(lambda: window.status.progress.startswith("Saved"))
    saved = QImage(str(first))
    assert saved.width() == 2 * window.plane.width() + 6
    assert "turned.safetensors" in saved.text("Compared with")
    _, *arguments = shlex.split(saved.text("Command"))
    arguments[arguments.index("--screenshot") + 1] = str(tmp_path / "again.png")
    parsed = __main__.parse(arguments)
    other = MainWindow(parsed.theme, remember=False)
    take(other, __main__.shot_of(parsed))
    other.close()
    other.join()
    drawn = QImage(str(tmp_path / "again.png"))
    view = re.compile("--view [^ ]*")  # the last digits of its edges differ
    commands = [view.sub("", image.text("Command")) for image in (drawn, saved)]
    assert commands[0] == commands[1]
    assert drawn.size() == saved.size()
    assert np.abs(pixels_of(drawn) - pixels_of(saved)).max() <= 1


def pixels_of(image):
    image = image.convertToFormat(QImage.Format.Format_RGB32)
    flat = np.frombuffer(image.constBits(), dtype=np.uint8)
    return flat.reshape(image.height(), image.width(), 4)[..., :3].astype(int)


# Opening by other ways


def test_a_file_that_is_dropped_on_the_second_plane_is_compared(
    window, comparing, make_model, qtbot
):
    path = make_model(seed=2, name="turned again.safetensors").path
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    copy = Qt.DropAction.CopyAction
    for plane, sign, words in (
        (comparing.plane, comparing.drop_sign, "Drop to compare with"),
        (window.plane, window.drop_sign, "Drop to open"),
    ):
        place = plane.mapTo(window, plane.rect().center())
        event = QDragEnterEvent(place, copy, data, LEFT, NONE)
        QApplication.sendEvent(window, event)
        assert sign.text.startswith(words)
    assert comparing.drop_sign.text == ""
    place = QPointF(comparing.plane.mapTo(window, comparing.plane.rect().center()))
    with qtbot.waitSignal(comparing.model.opening.finished):
        QApplication.sendEvent(window, QDropEvent(place, copy, data, LEFT, NONE))
    assert window.workspace.documents[1].model.path == path
    assert window.workspace.document.model.path.name == "tiny.safetensors"
    assert window.drop_sign.text == ""


def test_the_menu_asks_for_a_file_to_compare_with(window, turned, qtbot):
    window.actions_by_name["compare_file"].trigger()
    (dialog,) = window.findChildren(QFileDialog)
    assert dialog.windowTitle() == "Compare a checkpoint or a run"
    with qtbot.waitSignal(window.second.comparing.model.opening.finished):
        dialog.fileSelected.emit(str(turned))
    dialog.close()
    settle()
    assert window.workspace.comparison.is_on


# Faults


def test_a_bad_second_file_says_one_sentence_and_leaves_the_first(window, tmp_path, qtbot):
    bad = tmp_path / "bad.safetensors"
    bad.write_text("a shopping list")
    window.workspace.viewpoint.select(5)
    with qtbot.waitSignal(window.second.comparing.model.opening.failed):
        window.second.open(bad)
    settle()
    assert window.messages.isVisible()
    assert "bad.safetensors" in window.messages.text.text()
    assert not window.workspace.comparison.is_on
    assert not window.second.comparing.plane.isVisible()
    assert window.inspector.isVisible()
    assert window.workspace.viewpoint.selected == 5


def test_a_bad_file_while_comparing_leaves_both(window, comparing, tmp_path, qtbot, turned):
    with qtbot.waitSignal(comparing.model.opening.failed):
        window.second.open(tmp_path / "is not there.safetensors")
    assert window.workspace.documents[1].model.path == turned
    assert comparing.plane.isVisible()


def test_a_model_of_other_images_is_shown_without_digits_in_common(window, make_model, qtbot):
    made = compare(window, make_model(seed=1, name="other.safetensors").path, qtbot)
    assert "the two models show other images" in made.bar.sentence.text()
    assert not made.bar.link.buttons["digit"].isEnabled()
    assert made.bar.link.choice == "z"
    assert not made.bar.align.isEnabled()
    assert "same images" in made.panel.digits.note.text()
    assert not window.actions_by_name["align"].isEnabled()
    assert cut_texts(window) == []


def test_a_model_of_other_dimensions_is_linked_through_the_digit(window, make_model, qtbot):
    made = compare(window, make_model(5, name="turned five.safetensors").path, qtbot)
    assert "2 and 5 latent dimensions" in made.bar.sentence.text()
    assert not made.bar.link.buttons["z"].isEnabled()
    click(window.plane, 0.6, -0.4)
    first, second = window.workspace.viewpoints
    index = first.nearest_to(first.probe).index
    assert np.array_equal(second.probe, second.document.test.means[index])
    assert cut_texts(window) == []


def test_the_page_evidence_says_whose_posterior_is_drawn(window, comparing, monkeypatch):
    coarse_tables(monkeypatch)
    QTest.keySequence(window.plane, "Ctrl+E")
    panel = window.evidence.panel
    panel.digit.index.setValue(7)
    settle_layers(window.workspace)
    assert comparing.model.viewpoint.slice.turn is not None
    assert panel.status.text().startswith("All of this is of the left model")
    live = comparing.plane.layers.live_parts(comparing.plane.view(), LIGHT)
    assert live == []
    assert cut_texts(window) == []
    window.second.stop()
    assert "left model" not in panel.status.text()


def test_another_first_model_is_laid_under_the_second(window, comparing, make_model, qtbot):
    with qtbot.waitSignal(window.opening.finished):
        window.open(make_model(seed=4, name="turned first.safetensors").path)
    qtbot.waitUntil(lambda: window.workspace.comparison.alignment is not None)
    assert comparing.plane.isVisible()
    assert window.workspace.comparison.alignment.distance < 1e-9
    assert window.windowTitle().startswith("turned first.safetensors | turned.safetensors")


def test_stopping_while_the_second_is_opened_drops_it(window, comparing, turned, monkeypatch):
    gate = threading.Event()

    def open_slowly(path, data_dir, label=0):
        gate.wait(10.0)
        raise AssertionError("nobody wants this any more")
        yield

    monkeypatch.setattr("vae_gui.jobs.opening.open_checkpoint", open_slowly)
    window.second.open(turned)
    settle()
    window.second.stop()
    gate.set()
    settle()
    assert not comparing.plane.isVisible()
    assert not window.messages.isVisible()
    assert window.status.progress == ""
    settle_layers(window.workspace)


def test_a_window_that_is_closed_while_it_compares_remembers_its_own_layout(
    qtbot, monkeypatch, make_model, turned
):
    monkeypatch.setattr("vae_gui.jobs.opening.open_checkpoint", encodings(opening.open_checkpoint))
    for _ in range(2):
        window = MainWindow(ThemeChoice.LIGHT)
        qtbot.addWidget(window)
        window.resize(1400, 900)
        window.show()
        qtbot.waitExposed(window)
        assert window.inspector.isVisible()
        with qtbot.waitSignal(window.opening.finished):
            window.open(make_model().path)
        compare(window, turned, qtbot)
        assert not window.inspector.isVisible()
        window.close()
        window.join()
        settle()


def test_a_run_that_has_no_epoch_yet_is_compared_when_it_has(window, tmp_path, qtbot):
    run = RunPaths(tmp_path / "turned run")
    run.folder.mkdir()
    run.config.write_text(json.dumps({"model": {}, "training": {}}))
    made = window.second.comparing
    with qtbot.waitSignal(made.model.opening.unready):
        window.second.open(run.folder)
    settle()
    assert "has not finished its first epoch" in made.run_bar.text.text()
    assert made.run_bar.isVisible()
    vae = build(VAEConfig(2, hidden=16, blocks=1, fourier_features=0), 1).eval()
    with qtbot.waitSignal(made.model.opening.finished):
        for path in (run.last, run.best):
            write_checkpoint(path, Checkpoint(vae, TrainConfig(epochs=9), 1, {}, {}))
    settle()
    assert made.plane.isVisible()
    assert window.workspace.document.model.path.name == "tiny.safetensors"
    window.second.stop()
    settle()
    assert not made.run_bar.isVisible()


# Other weights, as a run that is followed writes them


def test_new_weights_of_the_first_turn_the_second_anew(window, comparing, qtbot):
    document = window.workspace.document
    window.workspace.viewpoint.select(12)
    settle()
    steps = window.history.stack.count()
    document.replace_weights(document.model, turned_digits())
    settle_layers(window.workspace)
    assert window.workspace.comparison.alignment.distance < 1e-9
    second = window.workspace.viewpoints[1]
    assert second.slice.turn == pytest.approx(np.eye(2))
    assert second.selected == 12
    assert window.history.stack.count() == steps


def test_the_view_stays_when_either_learns_on(window, comparing, qtbot):
    window.plane.zoom(4)
    settle()
    before = window.plane.view().bounds
    for document in window.workspace.documents:
        document.replace_weights(document.model, make_digits())
        settle()
    assert window.plane.view().bounds == before
    assert_same_view(window.plane, comparing.plane)


def test_another_first_model_is_seen_whole(window, comparing, make_model, qtbot):
    hand = hand_over_widget(comparing.plane)
    hand.wheel(8)
    settle()
    with qtbot.waitSignal(window.opening.finished):
        window.open(make_model(seed=4, name="another.safetensors").path)
    settle()
    places, seen = window.workspace.document.test.means, window.plane.view().bounds
    assert seen.left < places[:, 0].min()
    assert seen.high > places[:, 1].max()
    assert_same_view(window.plane, comparing.plane)


def test_a_second_model_without_a_first_is_shown_all_the_same(qtbot, monkeypatch, turned):
    monkeypatch.setattr("vae_gui.jobs.opening.open_checkpoint", encodings(opening.open_checkpoint))
    window = MainWindow(ThemeChoice.LIGHT, remember=False)
    qtbot.addWidget(window)
    window.resize(1400, 900)
    window.show()
    made = window.second.comparing
    with qtbot.waitSignal(made.model.opening.finished):
        window.second.open(turned)
    settle_layers(window.workspace)
    click(made.plane, 0.3, 0.3)
    assert window.workspace.comparison.link is None
    assert "there is no first model" in made.bar.sentence.text()
    assert made.floating.levels is not None
    window.close()
    window.join()


def test_training_images_give_the_table_its_nearest_neighbours(window, comparing, qtbot):
    for document in window.workspace.documents:
        document.set_training(make_digits(count=300))
    qtbot.waitUntil(
        lambda: all(d.neighbour_accuracy is not None for d in window.workspace.documents),
    )
    settle()
    cells = comparing.panel.table.cells[4]
    assert cells[0].text() != "–"
