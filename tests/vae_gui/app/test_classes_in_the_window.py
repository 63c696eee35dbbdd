"""A model with classes in the real window, by mouse and keys: planes of classes, ten digits."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from gui_helpers import settle, settle_layers
from labelled_model import encode_as, pixels, write_labelled
from labelled_window import window_of_noise
from PySide6.QtCore import QEvent, QObject, QPoint, QSize, Qt
from PySide6.QtGui import QHelpEvent, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolTip

from benchmarks.hand import hand_over_widget
from model.files.checkpoint import read_checkpoint
from model.latent.class_decoding import decode_all_classes
from model.latent.class_posterior import class_planes, class_posterior
from model.latent.decoding import plain_decode
from model.network.vae import VAEConfig
from model.progress import finish
from vae_gui.app.keys_sheet import groups_of
from vae_gui.app.screenshot import ScreenshotError, Shot, take
from vae_gui.panels.classes.analogies import AnalogyTable
from vae_gui.panels.comparison_table import ComparisonTable, neighbours_of
from vae_gui.plane.tools import GESTURES
from vae_gui.state.measures.label_accuracy import LabelAccuracy


@pytest.fixture
def window(qtbot, monkeypatch):
    # Noise is unlike all that the model makes: to be exact about it would take half a minute.
    monkeypatch.setattr("model.latent.class_posterior.MOST_POINTS", 100)
    with window_of_noise(qtbot, monkeypatch) as made:
        yield made


@pytest.fixture
def path(tmp_path):
    return write_labelled(tmp_path / "m2.safetensors")


def open_model(window, path, qtbot):
    with qtbot.waitSignal(window.opening.finished):
        window.open(path)
    settle_layers(window.workspace)


@pytest.fixture
def opened(window, path, qtbot):
    open_model(window, path, qtbot)
    return window


def press(window, key):
    hand_over_widget(window.plane).key(key)
    settle_layers(window.workspace)


def shown(window):
    return window.workspace.document.model.label


def click_on_the_digit_of(window, label):
    row = window.classes.strip.row
    QTest.mouseClick(row, Qt.MouseButton.LeftButton, pos=row.place_of(label).center())
    settle_layers(window.workspace)


@pytest.mark.slow
@pytest.mark.parametrize("label", [1, 7, 9])
def test_a_key_shows_the_plane_of_its_class(opened, path, label):
    press(opened, str(label))
    document = opened.workspace.document
    means, _ = encode_as(path, document.test.images, label)
    np.testing.assert_allclose(document.test.means, means, atol=1e-5)
    z = np.array([0.3, -0.8])
    images = decode_all_classes(read_checkpoint(path).network, torch.tensor([[0.3, -0.8]]))
    image = document.model.point_decoder.decode(z)
    np.testing.assert_allclose(image, images[0, label].numpy(), atol=1e-5)
    assert not np.allclose(image, images[0, 0].numpy(), atol=1e-2)


def test_it_opens_at_class_0_or_at_that_of_the_chosen_digit(opened, path, qtbot, tmp_path):
    assert shown(opened) == 0
    opened.workspace.viewpoint.select(13)  # its label is 3
    open_model(opened, write_labelled(tmp_path / "other.safetensors", seed=1), qtbot)
    assert shown(opened) == 3
    assert opened.workspace.viewpoint.selected == 13


def test_the_header_says_class_labels_and_test_error(opened):
    press(opened, "3")
    assert opened.header.title.text() == "Latent plane of class 3 of 10"
    assert "100 labels, test error 6.1 %." in opened.header.statement.text()
    assert opened.header.statement.isVisible()


def test_digits_of_other_classes_are_dimmed_and_not_found_as_nearest(opened, path):
    press(opened, "4")
    test = opened.workspace.document.test
    _, classified = encode_as(path, test.images, 4)
    own = np.flatnonzero(classified.argmax(1) == 4)
    assert 0 < len(own) < len(test)
    found = opened.workspace.viewpoint.nearest_few(np.zeros(2), len(test))
    assert sorted(nearest.index for nearest in found) == own.tolist()
    source = opened.header.source.text()
    assert f"{len(own)} of 200" in source
    assert "shown" not in source  # all are


def test_what_was_chosen_stays_and_is_undone_across_classes(opened):
    viewpoint, appearance = opened.workspace.viewpoint, opened.workspace.appearance
    viewpoint.select(5)
    settle()
    press(opened, "2")
    appearance.colour_by("kl")
    settle()
    assert viewpoint.selected == 5
    press(opened, "Ctrl+Z")
    assert appearance.colouring is None
    assert shown(opened) == 2
    press(opened, "Ctrl+Z")
    assert viewpoint.selected is None


def test_ten_digits_follow_a_drag(opened, path):
    network = read_checkpoint(path).network
    hand = hand_over_widget(opened.plane)
    middle = opened.plane.view().pixel_of(0.0, 0.0)
    hand.press(at=(middle.x(), middle.y()))
    for step in range(1, 6):
        hand.move((middle.x() + 9 * step, middle.y() - 7 * step))
        settle()
        z = torch.from_numpy(opened.workspace.viewpoint.point).float()
        images = decode_all_classes(network, z.unsqueeze(0))[0].numpy()
        np.testing.assert_allclose(opened.classes.digits.images, images, atol=1e-5)
    hand.release()
    assert np.linalg.norm(opened.workspace.viewpoint.probe) > 0.1


def test_each_digit_is_painted_in_its_place_in_the_row(opened, path):
    z = torch.from_numpy(opened.workspace.viewpoint.point).float().unsqueeze(0)
    images = decode_all_classes(read_checkpoint(path).network, z)[0].numpy()
    row = opened.classes.strip.row
    painted = row.grab().toImage()
    for label in range(10):
        place = row.place_of(label)
        times = place.width() // 28
        for y, x in ((3, 20), (14, 14), (25, 6)):
            at = place.topLeft() + QPoint(times * x, times * y)
            grey = painted.pixelColor(at).red()
            assert abs(grey - 255.0 * images[label, y, x]) <= 1.0


class PaintedParts(QObject):
    """What is painted of a widget."""

    def __init__(self, widget):
        super().__init__()
        self.parts = []
        widget.installEventFilter(self)

    def eventFilter(self, widget, event):
        if event.type() is QEvent.Type.Paint:
            self.parts.append(event.rect())
        return False


def test_a_drag_paints_all_digits_anew_and_not_their_names(opened):
    row, hand = opened.classes.strip.row, hand_over_widget(opened.plane)
    middle = opened.plane.view().pixel_of(0.0, 0.0)
    hand.press(at=(middle.x(), middle.y()))
    settle()
    painted = PaintedParts(row)
    hand.move((middle.x() + 40, middle.y()))
    settle()
    hand.release()
    assert painted.parts
    for part in painted.parts:
        assert part.left() == 0
        assert part.right() == row.width() - 1
        assert row.place_of(0).bottom() + 4 <= part.bottom() < row.height() - 8
    painted.parts.clear()
    press(opened, "7")  # its name is written in another colour
    assert max(part.bottom() for part in painted.parts) == row.height() - 1


@pytest.mark.slow
def test_a_click_on_a_digit_of_the_row_shows_the_plane_of_its_class(opened):
    click_on_the_digit_of(opened, 6)
    assert shown(opened) == 6
    assert opened.actions_by_name["plane_6"].isChecked()
    click_on_the_digit_of(opened, 0)
    assert shown(opened) == 0


def test_arrow_keys_walk_along_the_row(opened):
    row = opened.classes.strip.row
    row.setFocus()
    for label in (1, 2):
        QTest.keyClick(row, Qt.Key.Key_Right)
        settle_layers(opened.workspace)
        assert shown(opened) == label
    QTest.keyClick(row, Qt.Key.Key_Left)
    settle_layers(opened.workspace)
    assert shown(opened) == 1


def test_keys_that_come_faster_than_planes_end_at_the_last_one(window, path, qtbot):
    with qtbot.waitSignal(window.opening.finished):
        window.open(path)
    hand_over_widget(window.plane).key(*"9182736450", "7")
    settle_layers(window.workspace)
    assert shown(window) == window.classes.choosing.wanted == 7
    means, _ = encode_as(path, window.workspace.document.test.images, 7)
    np.testing.assert_allclose(window.workspace.document.test.means, means, atol=1e-5)


def test_without_classes_the_keys_of_digits_hide_classes_as_ever(opened, make_model, qtbot):
    press(opened, "4")
    assert opened.workspace.appearance.hidden_classes == frozenset()
    open_model(opened, make_model().path, qtbot)
    assert not opened.classes.strip.isVisible()
    assert opened.header.title.text() == "Latent plane"
    press(opened, "4")
    assert opened.workspace.appearance.hidden_classes == {4}


def test_in_a_game_the_keys_of_digits_guess(opened):
    opened.actions_by_name["game"].trigger()
    settle()
    before = shown(opened)
    assert not opened.actions_by_name["plane_5"].isEnabled()
    assert opened.actions_by_name["guess_5"].isEnabled()
    hand_over_widget(opened.plane).key("5")
    settle()
    assert shown(opened) == before


def test_the_sheet_of_keys_says_what_digits_do(opened):
    effects = {
        row.effect: row.written
        for group in groups_of(opened.menuBar(), GESTURES)
        for row in group.rows
    }
    assert effects["Show the plane of a class, of a model with classes"] == "0 … 9"


def test_numbers_of_one_class_are_not_taken_for_those_of_another(opened, path):
    measures = {}
    for label in ("2", "8", "2"):
        press(opened, label)
        column = opened.workspace.document.measures["elbo"]
        assert column.is_complete
        measures.setdefault(label, []).append(column.values)
    np.testing.assert_allclose(*measures["2"], atol=1e-4)
    assert np.abs(measures["2"][0] - measures["8"][0]).max() > 0.5


@pytest.mark.slow
@pytest.mark.parametrize(
    "config",
    [
        VAEConfig(3, "mlp", layers="16", family="m2"),
        VAEConfig(1, "mlp", layers="16", family="m2"),
        VAEConfig(2, "residual", hidden=16, blocks=1, fourier_features=2, family="m2"),
    ],
)
def test_models_of_other_shapes_open_too(window, tmp_path, config, qtbot):
    path = write_labelled(tmp_path / "other.safetensors", config)
    open_model(window, path, qtbot)
    press(window, "5")
    assert shown(window) == 5
    assert window.classes.digits.images.shape == (10, 28, 28)


# The page


def see_the_page(window):
    hand_over_widget(window.plane).key("Ctrl+K")
    return window.classes.page


def wait_for_the_answer(window, qtbot):
    """Ten planes are decoded first: seconds, on a busy machine many."""
    answer = window.classes.answer
    qtbot.waitUntil(lambda: answer.found is not None)
    settle()


@pytest.mark.slow
def test_the_page_says_what_q_and_exact_p_say_of_the_chosen_digit(opened, path, qtbot):
    opened.workspace.viewpoint.select(7)
    page = see_the_page(opened)
    wait_for_the_answer(opened, qtbot)
    images = opened.workspace.document.test.images
    _, q = encode_as(path, images, 0)
    np.testing.assert_allclose(page.answers.q.probabilities, q[7], atol=1e-6)
    decoders = [plain_decode(read_checkpoint(path).given(label)) for label in range(10)]
    planes = finish(class_planes(decoders))
    p = finish(class_posterior(planes, pixels(images)[7].numpy())).probabilities
    np.testing.assert_allclose(opened.classes.answer.found.probabilities, p, atol=5e-3)
    assert page.answers.said.text().startswith(f"Test digit 7, label 7: q says {q[7].argmax()}")


def test_that_no_digit_is_chosen_is_said_once(opened):
    page = see_the_page(opened)
    settle()
    assert page.answers.said.text().startswith("Choose a digit")
    assert page.answers.note.isHidden()


def test_p_that_is_not_resolved_has_no_bars(opened, qtbot):
    opened.workspace.viewpoint.select(7)
    page = see_the_page(opened)
    wait_for_the_answer(opened, qtbot)
    answer = opened.classes.answer
    assert answer.found.unresolved
    assert page.answers.p.probabilities is None
    assert page.answers.note.text() == answer.found.unresolved
    assert "p says" not in page.answers.said.text()
    answer.show(7, replace(answer.found, unresolved=None))
    np.testing.assert_array_equal(page.answers.p.probabilities, answer.found.probabilities)
    assert page.answers.note.isHidden()


def test_a_bar_says_whose_probability_it_is_and_that_none_is_sure(opened):
    opened.workspace.viewpoint.select(7)
    page = see_the_page(opened)
    settle()
    page.answers.q.show_labels(np.eye(10)[3])
    assert page.answers.q.accessibleDescription().startswith("3: over 99.9 %")
    for bars, of in ((page.answers.q, "q"), (page.answers.p, "p")):
        bars.show_labels(np.full(10, 0.1))
        at = QPoint(1, bars.height() // 2)
        QApplication.sendEvent(bars, QHelpEvent(QEvent.Type.ToolTip, at, bars.mapToGlobal(at)))
        assert QToolTip.text() == f"{of}(y = 0 | x) = 10 %"


def test_analogies_stand_above_the_list_of_wrong_digits(opened):
    page = see_the_page(opened)
    settle()
    (table,) = page.findChildren(AnalogyTable)
    assert page.answers.geometry().bottom() < table.parentWidget().geometry().top()
    assert table.parentWidget().geometry().bottom() < page.wrong.geometry().top()


def test_wrong_digits_are_listed_the_surest_errors_first_and_walked_through(opened, path):
    page = see_the_page(opened)
    test = opened.workspace.document.test
    _, q = encode_as(path, test.images, 0)
    wrong = np.flatnonzero(q.argmax(1) != test.labels)
    expected = sorted(wrong.tolist(), key=lambda i: (-q[i].max(), i))
    assert page.wrong.digits.order.tolist() == expected
    assert f"{len(wrong)} of 200" in page.wrong.said.text()
    viewpoint = opened.workspace.viewpoint
    for key, place in (("Ctrl+N", 0), ("Ctrl+N", 1), ("Ctrl+N", 2), ("Ctrl+Shift+N", 1)):
        hand_over_widget(opened.plane).key(key)
        settle()
        assert viewpoint.selected == expected[place]


def test_a_click_in_the_list_chooses_a_wrong_digit(opened):
    page = see_the_page(opened)
    middle = page.wrong.list.visualRect(page.wrong.digits.index(1)).center()
    QTest.mouseClick(page.wrong.list.viewport(), Qt.MouseButton.LeftButton, pos=middle)
    settle()
    assert opened.workspace.viewpoint.selected == page.wrong.digits.order[1]


def test_without_classes_there_is_no_page(opened, make_model, qtbot):
    see_the_page(opened)
    assert opened.inspector.pages.shown == "classes"
    open_model(opened, make_model().path, qtbot)
    assert opened.inspector.pages.shown == "chosen"
    assert not opened.inspector.pages.titles["classes"].isVisible()
    press(opened, "Ctrl+K")
    assert opened.inspector.pages.shown == "chosen"


def test_with_three_dimensions_the_page_says_why_there_is_no_exact_answer(window, tmp_path, qtbot):
    config = VAEConfig(3, "mlp", layers="16", family="m2")
    open_model(window, write_labelled(tmp_path / "deep.safetensors", config), qtbot)
    page = see_the_page(window)
    assert page.answers.note.text() == "Only with two latent dimensions, not 3."
    assert page.answers.q.probabilities is not None
    assert page.answers.p.probabilities is None


def test_a_picture_of_a_class_says_how_it_is_drawn_again(window, path, tmp_path):
    with pytest.raises(ScreenshotError, match=r"--class must be from 0 to 9, not 10\."):
        take(window, Shot(tmp_path / "no.png", QSize(1400, 900), path, plane_of=10))
    take(window, Shot(tmp_path / "shot.png", QSize(1400, 900), path, plane_of=4))
    assert window.workspace.document.model.label == 4
    words = QImage(str(tmp_path / "shot.png")).text("Command").split()
    assert words[words.index("--class") + 1] == "4"


# Numbers of a class


def test_numbers_of_a_class_are_not_named_as_those_of_the_whole_model(opened, make_model, qtbot):
    press(opened, "3")
    layers, inspector = opened.layers, opened.inspector
    choices = layers.colours.choice, inspector.ranking.measure

    def named(title):
        table = inspector.chosen.table.titles["log_likelihood"].text()
        in_menu = opened.actions_by_name["colour_log_likelihood"].text()
        found = [choice.findText(title) >= 0 for choice in choices]
        return all(found) and table == f"{title}, nats" and in_menu == title

    opened.workspace.viewpoint.select(5)
    settle()
    assert named("Exact log p(x|y = 3)")
    assert inspector.chosen.table.titles["elbo"].text() == "ELBO, y = 3, nats"
    assert inspector.chosen.table.titles["disagreement"].text() == "q(y|x) against p(y|x), %"
    assert "p(x|z, y = 3)" in inspector.probe.where.text()
    press(opened, "6")
    assert named("Exact log p(x|y = 6)")
    open_model(opened, make_model().path, qtbot)
    opened.workspace.viewpoint.select(5)
    settle()
    assert named("Exact log p(x)")
    assert "p(x|z)" in inspector.probe.where.text()


def test_beside_a_model_without_classes_the_table_says_which_numbers_are_given_one(
    opened, make_model, qtbot
):
    press(opened, "3")
    with qtbot.waitSignal(opened.second.comparing.model.opening.finished):
        opened.second.open(make_model().path)
    settle_layers(opened.workspace)
    (table,) = opened.findChildren(ComparisonTable)
    assert [title.text() for title in table.titles[:2]] == [
        "ELBO, nats (left y = 3)",
        "Reconstruction, nats (left y = 3)",
    ]
    documents = opened.workspace.documents
    for document in documents:
        document.set_neighbour_accuracy(LabelAccuracy(150, 200))
    assert [neighbours_of(document) for document in documents] == [None, 75.0]


def test_regions_of_one_class_alone_are_not_counted(opened):
    document = opened.workspace.document
    with_training(opened)
    press(opened, "R")
    layers = {layer.key: layer for layer in opened.plane.layers.layers}
    regions = layers["regions"]
    assert document.training is not None
    assert document.label_accuracy is None
    assert "own label" not in regions.source(opened.workspace.viewpoint)


def with_training(window):
    """Let the training images be those of the test."""
    document = window.workspace.document
    document.set_training(document.test)
    settle_layers(window.workspace)
