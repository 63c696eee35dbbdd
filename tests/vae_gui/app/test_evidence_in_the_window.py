"""The page Evidence in the real window: a hand draws, and all that follows is shown."""

import numpy as np
import pytest
import torch
from drawn_evidence import posterior_at
from evidence_window import SIDE, opened_window, press
from gui_helpers import make_digits, settle_layers
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from benchmarks.hand import hand_over_widget
from model.data.binarise import binarise_once
from model.data.masks import mask_named
from vae_gui.panels.evidence.canvas import SCALE

RIGHT = Qt.MouseButton.RightButton


@pytest.fixture
def window(qtbot, make_model, quick_digits, monkeypatch):
    with opened_window(qtbot, make_model(), monkeypatch) as made:
        yield made


@pytest.fixture
def panel(window):
    press(window, "Ctrl+E")
    return window.evidence.panel


@pytest.fixture
def hand(panel):
    return hand_over_widget(panel.canvas)


def middle(column, row):
    return ((column + 0.5) * SCALE, (row + 0.5) * SCALE)


def known(window):
    return np.argwhere(window.workspace.observation.evidence.known.reshape(28, 28)).tolist()


def test_a_stroke_is_drawn_without_gaps_and_the_posterior_follows(window, panel, hand):
    panel.tools.sizes.choose("1")
    hand.drag(middle(5, 3), middle(20, 3))
    assert known(window) == [[3, column] for column in range(5, 21)]
    inference = window.workspace.viewpoint.inference
    evidence = window.workspace.observation.evidence
    np.testing.assert_allclose(
        inference.heat.relative, posterior_at(window.workspace, evidence, SIDE), atol=2e-3
    )
    assert panel.results.values["entropy of z, nats"].text() == "…"
    hand.release()
    settle_layers(window.workspace)
    assert float(panel.results.values["entropy of z, nats"].text().replace("−", "-")) < 2.84


def test_ctrl_z_takes_back_a_stroke_and_not_more(window, panel, hand):
    for row in (3, 9):
        hand.drag(middle(5, row), middle(9, row), middle(20, row))
        hand.release()
    drawn = known(window)
    QTest.keySequence(window.plane, "Ctrl+Z")
    assert 0 < len(known(window)) < len(drawn)
    assert window.actions_by_name["undo"].text() == "&Undo brush stroke"
    QTest.keySequence(window.plane, "Ctrl+Z")
    assert known(window) == []
    QTest.keySequence(window.plane, "Ctrl+Shift+Z")
    QTest.keySequence(window.plane, "Ctrl+Shift+Z")
    assert known(window) == drawn


def test_the_keys_take_ink_blank_and_unknown_and_the_right_button_the_opposite(window, panel, hand):
    panel.tools.sizes.choose("1")
    pixels = lambda: window.workspace.observation.evidence.pixels.reshape(28, 28)  # noqa: E731
    for column, key, value in ((2, "B", 0.0), (3, "I", 1.0)):
        QTest.keySequence(window.plane, key)
        hand.press(at=middle(column, 2))
        hand.release()
        assert pixels()[2, column] == value
    QTest.mouseClick(panel.canvas, RIGHT, pos=QPointF(*middle(4, 2)).toPoint())
    assert pixels()[2, 4] == 0.0
    QTest.keySequence(window.plane, "U")
    hand.press(at=middle(3, 2))
    hand.release()
    assert np.isnan(pixels()[2, 3])
    assert panel.tools.paints.choice == "unknown"


def test_a_wide_brush_covers_a_disc(window, panel, hand):
    panel.tools.sizes.choose("5")
    hand.press(at=middle(10, 10))
    hand.release()
    found = np.array(known(window))
    distance = np.hypot(*(found - 10).T)
    assert distance.max() <= 2.5
    assert len(found) == 21


def test_the_keyboard_draws_too(window, panel):
    panel.canvas.setFocus(Qt.FocusReason.TabFocusReason)
    panel.tools.sizes.choose("1")
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Space, Qt.Key.Key_Down, Qt.Key.Key_Space):
        QTest.keyClick(panel.canvas, key)
    assert len(known(window)) == 2
    (row, column), (lower, same) = known(window)
    assert (lower, same) == (row + 1, column)


def test_a_test_digit_is_loaded_as_the_model_is_measured_or_grey(window, panel):
    test = window.workspace.document.test
    drawn = binarise_once(torch.from_numpy(test.images)).flatten(1).numpy()
    panel.digit.index.setValue(7)
    settle_layers(window.workspace)
    observation = window.workspace.observation
    np.testing.assert_array_equal(observation.evidence.pixels, drawn[7])
    window.workspace.viewpoint.select(12)
    panel.digit.grey.setChecked(True)
    panel.digit.chosen.click()
    settle_layers(window.workspace)
    np.testing.assert_allclose(
        observation.evidence.pixels, test.images[12].ravel() / 255.0, atol=1e-6
    )
    assert observation.sketch.whole.index == 12


def test_the_field_names_the_digit_that_is_on_the_canvas_and_loads_it_again(window, panel):
    field = panel.digit.index
    for index in (7, 12):
        field.setValue(index)
        settle_layers(window.workspace)
    QTest.keySequence(window.plane, "Ctrl+Z")
    assert field.value() == 7
    panel.clear.clear.click()
    assert field.text() == "–"
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, "7")
    QTest.keyClick(field, Qt.Key.Key_Return)
    settle_layers(window.workspace)
    assert window.workspace.observation.sketch.whole.index == 7


def test_an_index_that_is_not_there_is_refused_in_a_sentence(window, panel):
    field = panel.digit.index
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, "5000")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert panel.digit.refusal.text() == "There is no digit 5,000: the last is 199."
    assert window.workspace.observation.sketch.count == 0


def test_a_mask_from_the_list_hides_the_rest(window, panel):
    panel.digit.index.setValue(7)
    settle_layers(window.workspace)
    masks = panel.masks.masks
    masks.setCurrentIndex(masks.findData("left-half"))
    masks.activated.emit(masks.currentIndex())
    seen = mask_named("left-half").seen(1, 0)[0]
    np.testing.assert_array_equal(window.workspace.observation.evidence.known, seen)
    found = []
    for _ in range(2):
        panel.masks.put("random-0.8")
        found.append(window.workspace.observation.evidence.known)
        assert 100 < found[-1].sum() < 220
    assert not np.array_equal(*found)
    assert masks.currentData() == "random-0.8"
    panel.masks.put("everything")
    assert window.workspace.observation.sketch.count == 784


def test_numbers_and_a_sentence_are_said_of_a_half_hidden_digit(window, panel):
    panel.digit.index.setValue(7)
    settle_layers(window.workspace)
    panel.masks.put("left-half")
    settle_layers(window.workspace)
    texts = {title: value.text() for title, value in panel.results.values.items()}
    numbers = window.workspace.viewpoint.inference.numbers
    assert texts["log p(seen), nats"] == f"−{-numbers.log_p_observed:.2f}"
    per_pixel = numbers.nats_missing / 392
    assert texts["hidden, nats"] == f"{numbers.nats_missing:.2f} ({per_pixel:.3f}/pixel)"
    assert "Colour by" in panel.results.place.text()  # nothing is known of the test digits yet
    measures = window.workspace.document.measures
    likelier = np.full(200, numbers.log_p_whole - 5.0)
    likelier[:150] += 10.0
    window.workspace.document.measure(measures, "log_likelihood", 0, likelier)
    sentence = "The whole image is less likely than 75\u00a0% of the test digits."
    assert panel.results.place.text() == sentence
    panel.noise.slider.setValue(10)
    settle_layers(window.workspace)
    assert panel.results.values["hidden, nats"].text() == "–"
    assert "With noise" in panel.results.place.text()


def test_a_drawing_is_placed_once_the_rest_is_blank(window, panel, hand):
    hand.drag(middle(10, 3), middle(10, 20))
    hand.release()
    settle_layers(window.workspace)
    assert panel.results.place.text().startswith("Is the rest blank?")
    panel.clear.rest.click()
    settle_layers(window.workspace)
    assert window.workspace.observation.sketch.count == 784
    assert "Colour by" in panel.results.place.text()
    panel.clear.clear.click()
    assert known(window) == []
    assert not panel.clear.clear.isEnabled()


def test_a_press_on_a_mode_or_a_draw_moves_the_probe_there(window, panel, hand):
    hand.drag(middle(10, 3), middle(10, 20))
    hand.release()
    settle_layers(window.workspace)
    for row in (panel.results.modes, panel.results.images):
        button = next(one for one in row.buttons if one.isEnabled())
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
        np.testing.assert_array_equal(window.workspace.viewpoint.probe, button.picture.z)
    assert not panel.results.images.buttons[0].isEnabled()  # the mean is of no one place
    before = panel.results.images.buttons[1].picture
    QTest.mouseClick(panel.results.again, Qt.MouseButton.LeftButton)
    settle_layers(window.workspace)
    assert not np.array_equal(panel.results.images.buttons[1].picture.pixels, before.pixels)


def test_the_bars_are_the_probabilities_of_the_labels(window, panel, hand):
    hand.drag(middle(10, 3), middle(10, 20))
    hand.release()
    settle_layers(window.workspace)
    shown = panel.results.bars.probabilities
    assert shown.sum() == pytest.approx(1.0, abs=1e-6)
    np.testing.assert_array_equal(shown, window.workspace.viewpoint.inference.pictures.labels)


def test_unknown_pixels_are_coloured_which_no_grey_level_is(window, panel):
    def colours():
        image = panel.canvas.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
        levels = np.frombuffer(image.constBits(), np.uint8).reshape(28 * SCALE, 28 * SCALE, 4)
        return levels[..., :3].astype(int)

    panel.digit.grey.setChecked(True)
    panel.digit.index.setValue(7)
    settle_layers(window.workspace)
    panel.masks.put("top-half")
    found = colours()
    grey = np.ptp(found, axis=-1) == 0
    assert grey[: 14 * SCALE].all()
    assert not grey[14 * SCALE :].any()


def drop(window, path, place):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    copy, left, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.NoModifier
    for event in (
        QDragEnterEvent(place, copy, data, left, none),
        QDragMoveEvent(place, copy, data, left, none),
        QDropEvent(QPointF(place), copy, data, left, none),
    ):
        QApplication.sendEvent(window, event)


@pytest.mark.parametrize("ink_is_dark", [False, True])
def test_a_picture_that_is_dropped_on_the_canvas_is_drawn(window, panel, tmp_path, ink_is_dark):
    levels = np.full((280, 280), 255 if ink_is_dark else 0, dtype=np.uint8)
    levels[50:70, 100:220] = 255 - levels[0, 0]
    image = QImage(levels.data, 280, 280, 280, QImage.Format.Format_Grayscale8)
    path = tmp_path / "seven.png"
    assert image.save(str(path))
    drop(window, path, panel.canvas.mapTo(window, QPoint(50, 50)))
    pixels = window.workspace.observation.evidence.pixels.reshape(28, 28)
    assert np.argwhere(pixels == 1.0).tolist() == [[r, c] for r in (5, 6) for c in range(10, 22)]
    assert window.workspace.document.model.title == "tiny.safetensors"


def test_a_file_that_is_no_picture_is_refused_in_a_sentence(window, panel, tmp_path):
    path = tmp_path / "notes.png"
    path.write_text("no picture")
    drop(window, path, panel.canvas.mapTo(window, QPoint(50, 50)))
    assert "notes.png is not a picture of a digit" in window.messages.text.text()
    assert window.workspace.observation.sketch.count == 0


def test_another_model_while_the_hand_draws(window, panel, hand, make_model, qtbot):
    hand.drag(middle(5, 3), middle(20, 3))
    with qtbot.waitSignal(window.opening.finished):
        window.open(make_model(seed=2, name="other.safetensors").path)
    hand.move(middle(20, 20))
    hand.release()
    QTest.keySequence(window.plane, "Ctrl+Z")
    settle_layers(window.workspace)
    evidence = window.workspace.observation.evidence
    np.testing.assert_allclose(
        window.workspace.viewpoint.inference.heat.relative,
        posterior_at(window.workspace, evidence, SIDE),
        atol=2e-3,
    )


def test_the_window_closes_while_the_table_is_made_and_leaves_no_thread(window):
    window.show_page("evidence")
    window.workspace.document.set_test(make_digits())
    window.evidence.panel.digit.index.setValue(3)
    window.close()
