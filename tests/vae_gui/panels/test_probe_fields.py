"""Numbers typed for the probe: never another number than was typed, never out of reach."""

from dataclasses import replace

import numpy as np
import pytest
from gui_helpers import make_digits, settle
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from vae_gui.jobs.live_decoder import LiveDecoder
from vae_gui.panels.probe_fields import ProbeFields
from vae_gui.state.viewpoint import REACH


@pytest.fixture
def panel(workspace, qtbot):
    made = ProbeFields(workspace.viewpoint)
    qtbot.addWidget(made)
    made.decoder = LiveDecoder(workspace.viewpoint)
    made.show()
    settle()
    return made


def type_into(field, text, key=Qt.Key.Key_Return):
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, text)
    QTest.keyClick(field, key)


@pytest.mark.parametrize(("text", "value"), [("-2,5", -2.5), ("-2.5", -2.5), ("1,000", 1.0)])
def test_a_comma_is_a_decimal_point(panel, workspace, text, value):
    type_into(panel.fields[0], text)
    np.testing.assert_array_equal(workspace.viewpoint.probe, [value, 0.0])
    assert panel.fields[0].text() == f"{value:.6f}"
    assert panel.refusal.isHidden()


@pytest.mark.parametrize("text", ["1,000.5", "1.000,5", "1 000", "1.5.2", "-"])
def test_separators_between_thousands_are_refused_in_a_sentence(panel, workspace, text):
    workspace.viewpoint.set_probe(np.array([0.5, 0.25]))
    settle()
    probe = workspace.viewpoint.probe
    type_into(panel.fields[0], text)
    assert workspace.viewpoint.probe is probe
    assert panel.refusal.isVisible()
    assert panel.refusal.text().startswith(f"{text} is not ")


@pytest.mark.parametrize("text", ["20.5", "-100", "1000000000000"])
def test_z_is_refused_beyond_what_the_plane_can_show(panel, workspace, text):
    probe = workspace.viewpoint.probe
    type_into(panel.fields[1], text)
    assert workspace.viewpoint.probe is probe
    assert panel.refusal.text() == f"{text} is out of reach: z2 goes from −20 to 20."
    type_into(panel.fields[1], "-20")
    np.testing.assert_array_equal(workspace.viewpoint.probe, [0.0, -REACH])
    assert panel.refusal.isHidden()


def test_the_sentence_goes_as_soon_as_one_types_again_or_the_probe_moves(panel, workspace, qtbot):
    type_into(panel.fields[0], "100")
    assert panel.refusal.isVisible()
    QTest.keyClick(panel.fields[0], Qt.Key.Key_1)
    assert panel.refusal.isHidden()
    type_into(panel.fields[0], "100")
    assert panel.refusal.isVisible()
    workspace.viewpoint.set_peek(np.array([1.0, 1.0]))  # a look elsewhere changes nothing
    settle()
    assert panel.refusal.isVisible()
    workspace.viewpoint.set_probe(np.array([1.0, 1.0]))
    qtbot.waitUntil(panel.refusal.isHidden)


def test_the_reach_is_that_of_the_images_where_they_lie_farther(panel, workspace):
    digits = make_digits()
    workspace.document.set_test(replace(digits, means=100.0 * digits.means))
    farthest = 100.0 * np.abs(digits.means).max()
    assert workspace.viewpoint.reach == pytest.approx(1.1 * farthest)
    type_into(panel.fields[0], "150,25")
    assert workspace.viewpoint.probe[0] == 150.25
    type_into(panel.fields[0], "1e")  # letters cannot be typed
    assert workspace.viewpoint.probe[0] == 1.0


def test_arrows_stop_at_the_reach(panel, workspace):
    workspace.viewpoint.set_probe(np.array([19.97, 0.0]))
    settle()
    for _ in range(3):
        QTest.keyClick(panel.fields[0], Qt.Key.Key_Up)
    assert workspace.viewpoint.probe[0] == REACH


def test_a_probe_beyond_the_reach_is_shown_as_it_is(panel, workspace, make_model, qtbot):
    """It keeps its place when another model is opened, to compare both."""
    digits = make_digits()
    workspace.document.set_test(replace(digits, means=100.0 * digits.means))
    workspace.viewpoint.set_probe(np.array([150.0, -3.0]))
    workspace.document.open(make_model(name="other.safetensors"))
    workspace.document.set_test(make_digits())
    assert workspace.viewpoint.reach == REACH
    qtbot.waitUntil(lambda: panel.fields[0].value() == 150.0)
