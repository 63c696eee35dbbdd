"""All layers of a plane: which are shown, how opaque, and when they are drawn."""

import threading

import numpy as np
import pytest
from gui_helpers import make_digits, settle, settle_layers
from PySide6.QtGui import QImage, QPainter

from vae_gui.plane.layers.layer import LiveLayer, PictureLayer
from vae_gui.plane.layers.table import LAYERS
from vae_gui.state.appearance import LayerState
from vae_gui.style.palette import LIGHT


def _is_drawn(kind):
    """Whether it has a picture, of what is there without a canvas that somebody draws on."""
    return issubclass(kind, PictureLayer) and not issubclass(kind, LiveLayer)


PICTURES = [kind.key for kind in LAYERS if _is_drawn(kind)]


def only(workspace, *keys):
    for kind in LAYERS:
        workspace.appearance.set_layer(kind.key, LayerState(kind.key in keys))


class Recorder:
    """What the layers of a plane were asked for; `hold` keeps their workers from drawing."""

    def __init__(self, plane, monkeypatch):
        self.requests, self.draws = [], []
        self.hold = threading.Event()
        self.hold.set()
        for layer in plane.layers.layers:
            if isinstance(layer, PictureLayer):
                self._watch(layer, monkeypatch)

    def _watch(self, layer, monkeypatch):
        request, draw = layer.request, layer.draw

        def asked(*inputs):
            self.requests.append(layer.key)
            return request(*inputs)

        def drawn(made):
            self.draws.append(layer.key)
            self.hold.wait(20.0)
            yield from draw(made)

        monkeypatch.setattr(layer, "request", asked)
        monkeypatch.setattr(layer, "draw", drawn)

    def clear(self):
        self.requests.clear()
        self.draws.clear()


@pytest.fixture
def recorder(plane, workspace, monkeypatch):
    settle_layers(workspace)
    made = Recorder(plane, monkeypatch)
    yield made
    made.hold.set()


def test_a_hidden_layer_is_not_there_and_a_faint_one_is_faint(plane, workspace):
    def picture():
        settle_layers(workspace)
        return plane.grab().toImage()

    only(workspace)
    empty = picture()
    only(workspace, "test")
    full = picture()
    workspace.appearance.set_layer("test", LayerState(True, 0.5))
    half = picture()
    place = plane.view().pixel_of(*workspace.document.test.means[7]).toPoint()
    colours = [image.pixelColor(place).red() for image in (empty, half, full)]
    assert colours[1] == pytest.approx((colours[0] + colours[2]) / 2, abs=2)
    assert colours[0] == 255


# When they are drawn


def test_painting_asks_for_nothing_and_begins_nothing(plane, workspace, recorder):
    workspace.document.set_training(make_digits(count=40))
    only(workspace, *PICTURES)
    settle_layers(workspace)
    assert set(recorder.requests) == set(PICTURES)
    assert len(recorder.draws) >= len(PICTURES) - 1  # the points were there
    recorder.clear()
    threads = threading.active_count()
    image = QImage(700, 500, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    for _ in range(3):
        plane.grab()
        plane.layers.paint(painter, plane.view(), LIGHT)  # what is grabbed may have been kept
    painter.end()
    assert workspace.pending.is_settled
    settle_layers(workspace)
    assert recorder.requests == recorder.draws == []
    assert threading.active_count() == threads


def test_a_change_that_has_not_been_asked_for_yet_is_not_begun_by_painting(
    plane, workspace, recorder
):
    workspace.appearance.hide_classes(frozenset({1}))
    plane.grab()
    assert recorder.requests == recorder.draws == []
    settle_layers(workspace)
    assert recorder.draws == ["test"]


def test_layers_are_asked_only_when_something_has_changed(plane, workspace, recorder):
    only(workspace, "test", "manifold")
    workspace.document.set_test(make_digits(count=150))  # the first ones after that are fitted
    settle_layers(workspace)
    recorder.clear()
    for x in (0.1, 0.2):
        workspace.viewpoint.set_probe(np.array([x, 0.0]))
        workspace.viewpoint.set_peek(np.array([0.0, x]))
        settle_layers(workspace)
    assert recorder.requests == []
    workspace.appearance.hide_classes(frozenset({1}))
    workspace.document.set_test(make_digits(count=90))
    settle_layers(workspace)
    assert recorder.requests == ["manifold", "test"]  # both changes at once
    assert recorder.draws == ["test"]  # the manifold has not changed


def test_a_hidden_layer_is_neither_asked_nor_drawn(plane, workspace, recorder):
    only(workspace, "class_ellipses")
    workspace.document.set_test(make_digits(count=90))
    plane.viewport.zoom(3.0)
    settle_layers(workspace)
    assert set(recorder.requests) == set(recorder.draws) == {"class_ellipses"}


def test_a_layer_that_is_shown_again_shows_nothing_of_a_model_that_is_gone(
    plane, workspace, recorder, make_model
):
    only(workspace)
    settle_layers(workspace)
    only(workspace, "test", "manifold")
    settle_layers(workspace)
    only(workspace)
    settle_layers(workspace)
    workspace.document.open(make_model(seed=1))
    workspace.document.set_test(make_digits(count=90))
    settle_layers(workspace)
    empty = plane.grab().toImage()
    recorder.hold.clear()  # the worker takes its time
    only(workspace, "test", "manifold")
    settle()
    assert plane.grab().toImage() == empty
    recorder.hold.set()
    settle_layers(workspace)
    assert plane.grab().toImage() != empty


# Whether something is on its way


def test_a_picture_is_on_its_way_from_the_change_of_the_data_until_it_is_shown(
    plane, workspace, recorder
):
    only(workspace, "test")
    settle_layers(workspace)
    before = plane.grab().toImage()
    recorder.hold.clear()
    workspace.document.set_test(make_digits(count=90))
    assert not workspace.pending.is_settled
    settle()
    assert not workspace.pending.is_settled
    recorder.hold.set()
    settle_layers(workspace)
    after = plane.grab().toImage()
    assert after != before
    settle()
    assert plane.grab().toImage() == after


def test_a_layer_that_cannot_be_drawn_is_not_waited_for(plane, workspace, monkeypatch):
    def broken(request):
        raise ValueError("no")
        yield

    for layer in plane.layers.layers:
        if isinstance(layer, PictureLayer):
            monkeypatch.setattr(layer, "draw", broken)
    sentences = []
    plane.layers.failed.connect(lambda sentence, error: sentences.append(sentence))
    workspace.document.set_training(make_digits(count=40))
    only(workspace, *PICTURES)
    plane.viewport.zoom(3.0)
    assert not workspace.pending.is_settled
    settle_layers(workspace)
    assert len(sentences) == len(PICTURES)


def test_a_layer_that_is_hidden_while_the_hand_pans_is_not_waited_for(plane, workspace):
    only(workspace, "test")
    settle_layers(workspace)
    plane.viewport.pan_by(np.array([0.01, 0.0]))  # it is drawn when the hand rests
    settle()
    workspace.appearance.show_layer("test", False)
    settle_layers(workspace)


@pytest.mark.parametrize("state", ["asked", "drawing", "pausing"])
def test_who_closes_does_not_wait_and_nothing_begins_afterwards(plane, workspace, recorder, state):
    if state == "pausing":
        plane.viewport.pan_by(np.array([0.01, 0.0]))
        settle()
    else:
        recorder.hold.clear()
        workspace.document.set_test(make_digits(count=90))
    if state == "drawing":
        settle()
    assert not workspace.pending.is_settled
    plane.close()
    assert workspace.pending.is_settled
    recorder.hold.set()
    threads = threading.active_count()
    recorder.clear()
    only(workspace, *PICTURES)
    workspace.document.set_test(make_digits(count=50))
    plane.resize(500, 400)
    settle()
    assert workspace.pending.is_settled
    assert recorder.draws == []
    assert threading.active_count() <= threads
