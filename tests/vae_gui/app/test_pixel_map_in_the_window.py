"""Which pixel tells most: the map over the canvas, and looks by mouse and keyboard."""

import numpy as np
import pytest
from evidence_window import SIDE, opened_window, press
from gui_helpers import settle, settle_layers
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest

from benchmarks.hand import hand_over_widget
from model.latent.evidence import Evidence
from vae_gui.panels.evidence.canvas import SCALE
from vae_gui.state.observation import Sketch
from vae_gui.style.theme import ThemeChoice


@pytest.fixture
def window(qtbot, make_model, quick_digits, monkeypatch, request):
    """A parameter is the number of points along each axis of its table."""
    side = getattr(request, "param", SIDE)
    with opened_window(qtbot, make_model(), monkeypatch, side=side) as made:
        yield made


@pytest.fixture
def panel(window):
    press(window, "Ctrl+E")
    return window.evidence.panel


@pytest.fixture
def hand(panel):
    return hand_over_widget(panel.canvas)


def load_hidden(window, panel, index=7):
    panel.digit.index.setValue(index)
    settle_layers(window.workspace)
    panel.masks.put("nothing")
    settle_layers(window.workspace)
    assert window.workspace.observation.sketch.count == 0


def middle(pixel):
    row, column = divmod(pixel, 28)
    return ((column + 0.5) * SCALE, (row + 0.5) * SCALE)


def test_the_foot_of_the_window_says_what_the_pixel_under_the_cursor_tells(window, panel, hand):
    usual = window.status.words
    load_hidden(window, panel)
    panel.map.switch.click()
    settle_layers(window.workspace)
    told = window.workspace.viewpoint.inference.pixel_map.information
    pixel = told.most_telling
    hand.move(middle(pixel))
    row, column = divmod(pixel, 28)
    expected = (
        f"row {row}, column {column}: unknown; a look would tell {told.highest:.2f} nats about z"
    )
    assert window.status.words == expected
    hand.click(middle(pixel))
    settle_layers(window.workspace)
    hand.move(middle(pixel))
    assert window.status.words.endswith((": ink", ": blank"))
    window.show_page("layers")
    assert window.status.words == usual


def known(window):
    return np.flatnonzero(window.workspace.observation.evidence.known).tolist()


def by_brute_force(window):
    """I(pixel; z | seen) by the definition, from the table that the window has."""
    table, evidence = window.workspace.viewpoint.inference.table, observed(window)
    ink, blank = table.ink.astype(float), table.blank.astype(float)
    score = table.cells.log_prior_mass.copy()
    for pixel in np.flatnonzero(evidence.known):
        score += ink[pixel] if evidence.pixels[pixel] else blank[pixel]
    weights = np.exp(score - np.logaddexp.reduce(score))
    gain = np.zeros(784)
    for rows in (ink, blank):
        gain += np.exp(rows) * (rows - np.log(np.exp(rows) @ weights)[:, None]) @ weights
    gain[evidence.known] = 0.0
    return gain


def observed(window):
    return window.workspace.observation.evidence


def information(window):
    return window.workspace.viewpoint.inference.pixel_map.of(observed(window))


@pytest.mark.slow
@pytest.mark.parametrize("window", [100], indirect=True)
def test_the_map_is_the_mutual_information_and_follows_each_look(window, panel, hand):
    load_hidden(window, panel)
    QTest.keySequence(window.plane, "O")
    settle_layers(window.workspace)
    assert panel.map.switch.isChecked()
    truth = window.workspace.observation.sketch.whole.pixels
    for looks in range(4):
        found = information(window)
        expected = by_brute_force(window)
        # At rest, masses come from finer cells than those of the table.
        assert found.nats == pytest.approx(expected, abs=0.01)
        assert (found.nats[known(window)] == 0.0).all()
        assert panel.map.bar.text == f"{found.nats.max():.2f} nats"
        best = int(found.nats.argmax())
        assert found.most_telling == best
        if looks % 2:
            hand.press(at=middle(best))
            hand.release()
        else:
            QTest.keySequence(window.plane, "Shift+O")
        assert observed(window).pixels[best] == truth[best]
        assert information(window) is None  # until it is summed anew
        assert panel.map.bar.text == "… nats"
        settle_layers(window.workspace)
    assert len(known(window)) == 4


def test_the_keyboard_looks_at_a_pixel(window, panel):
    load_hidden(window, panel)
    QTest.mouseClick(panel.map.switch, Qt.MouseButton.LeftButton)
    panel.canvas.setFocus(Qt.FocusReason.TabFocusReason)
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Return):
        QTest.keyClick(panel.canvas, key)
    (pixel,) = known(window)
    assert observed(window).pixels[pixel] == window.workspace.observation.sketch.whole.pixels[pixel]
    QTest.keyClick(panel.canvas, Qt.Key.Key_Down)
    QTest.keyClick(panel.canvas, Qt.Key.Key_Enter)
    assert known(window) == [pixel, pixel + 28]


def test_a_drag_looks_at_one_pixel_after_the_other_and_undo_hides_them(window, panel, hand):
    load_hidden(window, panel)
    QTest.keySequence(window.plane, "O")
    hand.drag(middle(300), middle(301), middle(302))
    hand.release()
    assert known(window) == [300, 301, 302]
    hand.press(at=middle(301))  # known already: it stays
    hand.release()
    assert window.actions_by_name["undo"].text() == "&Undo look at a pixel"
    QTest.keySequence(window.plane, "Ctrl+Z")
    assert known(window) == []


@pytest.mark.slow
def test_without_the_map_or_a_digit_a_click_draws(window, panel, hand):
    panel.tools.sizes.choose("1")
    QTest.keySequence(window.plane, "O")
    hand.press(at=middle(300))
    hand.release()
    assert observed(window).pixels[300] == 1.0  # no digit is loaded
    load_hidden(window, panel)
    QTest.keySequence(window.plane, "O")
    truth = window.workspace.observation.sketch.whole.pixels
    (blank, *_) = np.flatnonzero(truth == 0.0)
    hand.press(at=middle(int(blank)))
    hand.release()
    assert observed(window).pixels[blank] == 1.0  # ink, as the brush has it


def test_looks_that_are_asked_for_too_early_come_when_the_map_does(window, panel):
    load_hidden(window, panel)
    QTest.keySequence(window.plane, "Shift+O")
    assert known(window) == []
    settle_layers(window.workspace)
    assert len(known(window)) == 1
    assert panel.map.switch.isChecked()


@pytest.mark.parametrize("loads", [True, False])
def test_where_there_is_nothing_to_look_at_a_sentence_says_so(window, panel, loads):
    if loads:
        panel.digit.index.setValue(7)
        settle_layers(window.workspace)
    QTest.keySequence(window.plane, "Shift+O")
    expected = "No pixel is unknown" if loads else "Load a test digit first"
    assert panel.map.sentence.text().startswith(expected)
    assert panel.map.sentence.isVisible()


def test_a_map_is_not_made_for_other_numbers_of_dimensions(window, panel, make_model, qtbot):
    QTest.keySequence(window.plane, "O")
    with qtbot.waitSignal(window.opening.finished):
        window.open(make_model(3, name="three.safetensors").path)
    settle_layers(window.workspace)
    assert "two latent dimensions" in panel.map.sentence.text()
    assert not panel.map.bar.isVisible()
    assert window.workspace.viewpoint.inference.pixel_map.information is None


def test_the_map_is_never_grey_and_ink_and_blank_stay_as_they_are(window, panel):
    pixels = np.full(784, np.nan, dtype=np.float32)
    pixels[:28], pixels[28:56] = 1.0, 0.0
    window.workspace.observation.restore(Sketch(Evidence(pixels)))
    QTest.keySequence(window.plane, "O")
    settle_layers(window.workspace)
    for theme in (ThemeChoice.LIGHT, ThemeChoice.DARK):
        window.look.choose(theme)
        settle()
        image = panel.canvas.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
        side = 28 * SCALE
        levels = np.frombuffer(image.constBits(), np.uint8).reshape(side, side, 4)[..., :3]
        assert (levels[:SCALE] == 255).all()
        assert (levels[SCALE : 2 * SCALE] == 0).all()
        row, column = divmod(information(window).most_telling, 28)
        unknown = np.ones((side, side), dtype=bool)
        unknown[: 2 * SCALE] = False
        unknown[
            (row - 2) * SCALE : (row + 3) * SCALE, (column - 2) * SCALE : (column + 3) * SCALE
        ] = False  # the ring
        assert (np.ptp(levels[unknown].astype(int), axis=-1) >= 10).all()
