"""The manifold: each cell against the decoder, as it is drawn and on the screen."""

import numpy as np
import pytest
import torch
from drawn import CLOSER, VIEW, only, patches, picture_of
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor

from vae_gui.plane.canvas import Bounds
from vae_gui.plane.layers.manifold import ManifoldLayer, cells_of, centre_of
from vae_gui.plane.viewport import View
from vae_gui.state.appearance import LayerState
from vae_gui.state.encoded import OpenModel
from vae_gui.style.palette import DARK, LIGHT


def fading(x, y):
    """The opacity of a cell: the cube root of the prior's density over that at the origin."""
    return np.cbrt(np.exp(-(x**2 + y**2) / 2.0))


@pytest.mark.parametrize("view", [VIEW, CLOSER])
@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_a_cell_is_what_the_decoder_draws_at_its_centre(workspace, view, theme):
    layer = ManifoldLayer()
    vae = workspace.document.model.checkpoint.vae
    made = patches(layer, workspace, view, theme)
    level = layer.request(workspace.viewpoint, view, theme).level
    for patch, of in zip(made, range(level - 2, level + 1), strict=True):
        cells, bounds = cells_of(patch.bounds, of)
        assert bounds == patch.bounds
        assert patch.picture.shape == (28 * len(cells), 28 * len(cells[0]))
        for row, column in ((0, 0), (len(cells) // 2, len(cells[0]) // 3), (-1, -1)):
            cell = cells[row][column]
            x, y = centre_of(cell)
            with torch.no_grad():
                decoded = torch.sigmoid(vae.decoder(torch.tensor([[x, y]]).float()))
            i, j = row % len(cells), column % len(cells[0])
            found = patch.picture[28 * i : 28 * i + 28, 28 * j : 28 * j + 28]
            ends = [np.array(QColor(c).getRgb()) for c in (theme.surface, theme.text)]
            opaque = ends[0] + decoded.view(28, 28, 1).numpy() * (ends[1] - ends[0])
            expected = opaque * fading(x, y)
            rgba = np.stack([(found >> shift) & 0xFF for shift in (16, 8, 0, 24)], -1)
            assert np.abs(rgba - expected).max() < 2.0
            # And the centre lies where the cell is drawn.
            assert patch.bounds.left + (j + 0.5) * 2.0**-of == pytest.approx(x)
            assert patch.bounds.high - (i + 0.5) * 2.0**-of == pytest.approx(y)


def test_it_can_be_stopped_every_few_cells(workspace):
    layer = ManifoldLayer()
    steps = list(layer.draw(layer.request(workspace.viewpoint, VIEW, LIGHT)))
    cells = sum(step.picture.size // 28**2 for step in steps if step is not None)
    assert steps.count(None) >= cells / 64


def test_cells_are_about_as_large_as_their_pictures_whatever_the_zoom(workspace):
    layer = ManifoldLayer()
    for per_unit in (3.0, 40.0, 100.0, 777.0, 1e4):
        view = View(Bounds(0.0, 500.0 / per_unit, 0.0, 400.0 / per_unit), 0.0, 0.0, per_unit)
        width = 2.0 ** -layer.request(workspace.viewpoint, view, LIGHT).level * per_unit
        assert 28.0 <= width < 56.0


def test_larger_cells_are_twice_and_four_times_as_wide(workspace):
    layer = ManifoldLayer()
    levels = []
    for size in range(3):
        workspace.appearance.set_layer("manifold", LayerState(True, 1.0, size))
        levels.append(layer.request(workspace.viewpoint, VIEW, LIGHT).level)
    assert levels == [levels[0], levels[0] - 1, levels[0] - 2]
    (*_, patch) = patches(layer, workspace, VIEW)
    assert patch.picture.shape[1] == 28 * round(patch.bounds.width * 2.0 ** levels[2])


def test_cells_that_the_prior_does_not_expect_fade(workspace):
    (*_, patch) = patches(ManifoldLayer(), workspace, VIEW)
    opacity = (patch.picture >> 24).reshape(-1, 28, patch.picture.shape[1] // 28, 28)[:, 0, :, 0]
    cells, _ = cells_of(patch.bounds, 1)
    centres = np.array([[centre_of(cell) for cell in row] for row in cells])
    order = np.argsort(np.hypot(*centres.reshape(-1, 2).T))
    assert (np.diff(opacity.ravel()[order].astype(int)) <= 0).all()
    assert opacity.max() > 230
    assert opacity.min() < 60


def test_cells_stay_where_they_are_while_one_pans(workspace):
    layer = ManifoldLayer()
    before = layer.request(workspace.viewpoint, VIEW, LIGHT)
    b = VIEW.bounds
    moved = View(Bounds(b.left + 0.01, b.right + 0.01, b.low, b.high), 50.0, 10.0, 100.0)
    assert layer.request(workspace.viewpoint, moved, LIGHT) == before


def test_what_was_decoded_is_not_decoded_again_until_the_model_changes(
    workspace, make_model, monkeypatch
):
    layer = ManifoldLayer()
    decoded = []
    real = OpenModel.decode
    monkeypatch.setattr(
        OpenModel, "decode", lambda self, z: (decoded.append(len(z)), real(self, z))[1]
    )
    patches(layer, workspace, VIEW)
    assert sum(decoded) > 100
    decoded.clear()
    patches(layer, workspace, VIEW)
    assert sum(decoded) == 0
    workspace.document.open(make_model(seed=1))
    patches(layer, workspace, VIEW)
    assert sum(decoded) > 100


def test_more_cells_than_are_remembered_are_drawn_all_the_same(workspace, monkeypatch):
    layer = ManifoldLayer()
    expected = patches(layer, workspace, VIEW)
    monkeypatch.setattr("vae_gui.plane.layers.manifold.REMEMBERED", 50)
    layer = ManifoldLayer()
    for view in (VIEW, CLOSER, VIEW):
        made = patches(layer, workspace, view)
    for patch, other in zip(made, expected, strict=True):
        np.testing.assert_array_equal(patch.picture, other.picture)


def test_a_picture_under_way_leaves_nothing_behind_for_another_model(workspace, make_model):
    layer = ManifoldLayer()
    under_way = layer.draw(layer.request(workspace.viewpoint, VIEW, LIGHT))
    next(under_way)
    workspace.document.open(make_model(seed=1))
    list(under_way)  # it goes on to its end, as a worker's does
    found, expected = patches(layer, workspace, VIEW), patches(ManifoldLayer(), workspace, VIEW)
    for patch, other in zip(found, expected, strict=True):
        np.testing.assert_array_equal(patch.picture, other.picture)


def test_a_cell_on_the_screen_is_the_decoding_of_its_centre_upright_and_in_its_place(
    plane, workspace
):
    """By the pixels of the real view, as it opens and after zooming in."""
    only(workspace, "manifold")
    workspace.viewpoint.set_probe(np.array([40.0, 40.0]))
    logits = workspace.document.model.checkpoint.vae.decoder.logits
    rows, columns = np.mgrid[:28, :28]
    hook = 6.0 * (np.abs(columns - 9) < 3) + 6.0 * (np.abs(rows - 20) < 3) * (columns > 8) - 3.0
    with torch.no_grad():  # a shape that is another when it is turned or mirrored
        logits.bias.copy_(torch.from_numpy(hook).flatten())
        logits.weight *= 0.05
    for zoom in (0, 6):
        plane.zoom(zoom, np.array([0.3, -0.2]))
        picture = picture_of(plane, workspace)
        view = plane.view()
        level = ManifoldLayer().request(workspace.viewpoint, view, LIGHT).level
        width = 2.0**-level
        centre = view.bounds
        i = int(np.floor((centre.left + centre.right) / 2.0 / width))
        j = int(np.floor((centre.low + centre.high) / 2.0 / width))
        x, y = (i + 0.5) * width, (j + 0.5) * width
        with torch.no_grad():
            decoded = torch.sigmoid(
                workspace.document.model.checkpoint.vae.decoder(torch.tensor([[x, y]]).float())
            )
        image = decoded.view(28, 28).numpy()
        shown = np.empty((28, 28))
        for row in range(28):
            for column in range(28):
                at = [x + ((column + 0.5) / 28 - 0.5) * width, y + (0.5 - (row + 0.5) / 28) * width]
                shown[row, column] = picture.pixelColor(
                    QPointF(*view.to_pixels(np.array(at))).toPoint()
                ).lightnessF()
        inner = slice(2, -2)  # at the edges it is smoothed with its neighbours
        match = np.corrcoef(-shown[inner, inner].ravel(), image[inner, inner].ravel())[0, 1]
        upside_down = np.corrcoef(-shown[::-1][inner, inner].ravel(), image[inner, inner].ravel())
        assert match > 0.8
        assert upside_down[0, 1] < match - 0.2
