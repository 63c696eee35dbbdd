"""What is written above a plane that stands alone: its model, and what its colours mean."""

import numpy as np
import pytest
from gui_helpers import make_digits
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QFont, QImage, QPainter

from vae_gui.plane.caption import Caption, ClassEntry, Name, ScaleEntry
from vae_gui.plane.layers.table import LAYERS
from vae_gui.state.appearance import LayerState
from vae_gui.state.workspace import Workspace
from vae_gui.style.colour_maps import amounts
from vae_gui.style.palette import DARK, LIGHT, rgb

WIDTH = 700


@pytest.fixture
def caption(workspace, qapp):
    layers = [kind() for kind in LAYERS]
    for layer in layers:
        workspace.appearance.layers[layer.key] = LayerState(layer.key == "test")
    return Caption(workspace.viewpoint, layers, workspace)


def drawn(caption, theme, width=WIDTH):
    """The caption as pixels 0xffRRGGBB, (height, width)."""
    font = QFont()
    image = QImage(width, caption.height(font, width, theme), QImage.Format.Format_RGB32)
    painter = QPainter(image)
    caption.paint(painter, font, QRectF(image.rect()), theme)
    painter.end()
    return np.frombuffer(image.constBits(), np.uint32).reshape(image.height(), width).copy()


def texts(caption):
    return [entry.text for entry in caption.entries(LIGHT)]


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_each_class_has_its_colour_beside_its_name(caption, theme):
    assert texts(caption) == ["tiny.safetensors", *"abcdefghij"]
    seen = drawn(caption, theme)
    places = [np.argwhere(seen == np.uint32(rgb(colour)))[:, 1] for colour in theme.classes]
    assert all(len(place) > 20 for place in places)
    assert np.all(np.diff([place.mean() for place in places]) > 10.0)  # in the order of classes


def test_a_hidden_class_is_a_ring(caption, workspace):
    full = drawn(caption, LIGHT)
    workspace.appearance.hide_classes(frozenset({3}))
    colour = np.uint32(rgb(LIGHT.classes[3]))
    assert 0 < (drawn(caption, LIGHT) == colour).sum() < 0.5 * (full == colour).sum()


def test_a_measure_has_a_bar_with_unit_and_the_numbers_at_its_ends(caption, workspace):
    workspace.appearance.colour_by("kl")
    name, entry = caption.entries(LIGHT)
    assert isinstance(name, Name)
    assert isinstance(entry, ScaleEntry)
    scale = workspace.viewpoint.scale_of("kl")
    assert entry.text == "KL, nats"
    assert entry.ends == (scale.text_of_end(scale.low), scale.text_of_end(scale.high))
    seen, table = drawn(caption, LIGHT), amounts(LIGHT)
    row = max(seen, key=lambda row: np.isin(row, table).sum())
    bar = row[np.isin(row, table)]
    assert len(bar) > 60
    places = [int(np.flatnonzero(table == colour)[0]) for colour in bar]
    assert places == sorted(places)  # from the low end to the high one
    assert places[-1] - places[0] > 240


def test_regions_show_classes_whatever_points_show(caption, workspace):
    workspace.appearance.colour_by("kl")
    workspace.appearance.show_layer("regions", True)
    kinds = [type(entry) for entry in caption.entries(LIGHT)]
    assert kinds == [Name, *[ClassEntry] * 10, ScaleEntry]


def test_the_density_layer_adds_its_own_scale_once_there_is_something_to_see(caption, workspace):
    workspace.appearance.show_layer("difference", True)
    assert len(caption.entries(LIGHT)) == 11
    workspace.document.set_training(make_digits())
    last = caption.entries(LIGHT)[-1]
    assert (last.text, last.ends) == ("q(z) − p(z), per unit area", ("−0.20", "0.20"))


def test_where_nothing_has_a_colour_the_model_is_named_alone(caption, workspace):
    workspace.appearance.show_layer("test", False)
    assert texts(caption) == ["tiny.safetensors"]


def test_without_a_model_there_is_no_caption(qapp):
    workspace = Workspace()
    assert Caption(workspace.viewpoint, [], workspace).height(QFont(), WIDTH, LIGHT) == 0


def test_what_has_no_room_in_a_line_goes_on_in_the_next(caption):
    wide, narrow = (caption.height(QFont(), width, LIGHT) for width in (WIDTH, 200))
    assert narrow > 1.8 * wide
    seen = drawn(caption, LIGHT, 200)
    for colour in LIGHT.classes:
        assert (seen == np.uint32(rgb(colour))).sum() > 20
    assert (seen[:, -2:] == np.uint32(rgb(QColor(LIGHT.surface).name()))).all()
