"""All layers of a plane: which are shown, how opaque, and who has them drawn."""

import pytest
from gui_helpers import settle_layers

from vae_gui.plane.layers.table import LAYERS
from vae_gui.state.appearance import LayerState


def only(workspace, *keys):
    for kind in LAYERS:
        workspace.appearance.set_layer(kind.key, LayerState(kind.key in keys))


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
