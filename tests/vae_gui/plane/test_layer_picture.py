"""When a layer is drawn anew, and what is shown meanwhile: with a real worker."""

import numpy as np
import pytest
from gui_helpers import settle, settle_layers
from PySide6.QtCore import QTimer
from PySide6.QtGui import QColor

from vae_gui.plane.layers.table import LAYERS
from vae_gui.state.appearance import LayerState
from vae_gui.state.encoded import OpenModel
from vae_gui.style.palette import LIGHT


@pytest.fixture
def points(workspace):
    """The workspace, with points alone in the plane."""
    for kind in LAYERS:
        workspace.appearance.layers[kind.key] = LayerState(kind.key == "test")
    return workspace


@pytest.fixture
def patient(monkeypatch):
    """A busy machine shall not be taken for a hand at rest."""
    monkeypatch.setattr("vae_gui.plane.layer_picture.PAUSE_MS", 60_000)


def layer_of(plane, key):
    return next(layer for layer in plane.layers.layers if layer.key == key)


def draws_of(layer, monkeypatch):
    """The requests that a layer draws from now on."""
    drawn, draw = [], layer.draw
    monkeypatch.setattr(layer, "draw", lambda request: (drawn.append(request), draw(request))[1])
    return drawn


def rest_the_hand(plane, workspace):
    """End the pauses of the layers that wait for it, and wait until they are drawn."""
    waiting = [timer for timer in plane.layers.findChildren(QTimer) if timer.isActive()]
    for timer in waiting:
        timer.start(0)
    settle_layers(workspace)
    for timer in waiting:
        timer.setInterval(60_000)


def test_while_one_pans_the_points_stay_where_their_data_are(
    patient, points, make_plane, monkeypatch
):
    plane, test = make_plane(points), points.document.test
    settle_layers(points)
    drawn = draws_of(layer_of(plane, "test"), monkeypatch)
    index = np.abs(test.means).sum(1).argmin()
    points.viewpoint.set_probe(np.array([3.0, 3.0]))
    plane.viewport.pan_by(np.array([0.3, -0.2]))
    plane.viewport.zoom(1 / 0.8, np.array([0.1, 0.1]))
    settle()
    image = plane.grab().toImage()
    assert not drawn
    found = image.pixelColor(plane.view().pixel_of(*test.means[index]).toPoint())
    expected = QColor(LIGHT.classes[test.labels[index]])
    assert abs(found.red() - expected.red()) + abs(found.blue() - expected.blue()) < 40


def test_a_pan_or_zoom_within_what_is_drawn_waits_for_the_hand_to_rest(
    patient, points, make_plane, monkeypatch, qtbot
):
    plane = make_plane(points)
    points.viewpoint.set_probe(np.array([0.5, 0.5]))  # from now on, marks stay where they are
    settle_layers(points)
    drawn = draws_of(layer_of(plane, "test"), monkeypatch)
    seen = plane.view().bounds

    def pan(part):
        plane.viewport.pan_by(np.array([part * seen.width, 0.0]))
        settle()
        plane.grab()

    def rest():
        rest_the_hand(plane, points)
        return plane.grab().toImage()

    def drawn_anew():
        """What it looks like where it is drawn for this view at once."""
        count = len(drawn)
        for hidden in (frozenset({3}), frozenset()):
            points.appearance.hide_classes(hidden)
            settle_layers(points)
        assert len(drawn) == count + 2
        del drawn[count:]
        return plane.grab().toImage()

    for _ in range(5):
        pan(0.01)
    assert not drawn
    assert not points.pending.is_settled
    after = rest()
    assert len(drawn) == 1
    assert drawn_anew() == after
    pan(0.5)  # beyond what is drawn: at once
    settle_layers(points)
    assert len(drawn) == 2
    for _ in range(4):
        plane.zoom(0.5)
        settle()
        plane.grab()
    assert len(drawn) == 2  # a little larger, it does until the hand rests
    plane.zoom(2.0)
    qtbot.waitUntil(lambda: len(drawn) == 3)  # much larger: at once
    plane.zoom(2.0)
    settle()
    plane.grab()
    assert len(drawn) == 3
    rest()
    assert len(drawn) == 4  # and once more for the last scale
    plane.zoom(-4.0)  # more is seen than is drawn: at once
    settle()
    settle_layers(points)
    assert len(drawn) == 5
    after = plane.grab().toImage()
    assert drawn_anew() == after


def test_an_error_becomes_a_sentence_and_nothing_stays_on_the_screen(
    points, make_plane, monkeypatch
):
    plane, said = make_plane(points), []
    plane.layers.failed.connect(lambda sentence, error: said.append((sentence, str(error))))
    points.appearance.show_layer("test", False)
    settle_layers(points)
    empty = plane.grab().toImage()
    points.appearance.show_layer("manifold", True)
    settle_layers(points)
    assert plane.grab().toImage() != empty

    def broken(self, z):
        raise RuntimeError("no decoder")

    monkeypatch.setattr(OpenModel, "decode", broken)
    plane.viewport.zoom(8.0)  # cells that are not decoded yet
    settle_layers(points)
    assert said == [("The layer “Manifold” could not be drawn: no decoder.", "no decoder")]
    shown = plane.grab().toImage()
    points.appearance.show_layer("manifold", False)
    settle_layers(points)
    assert plane.grab().toImage() == shown
