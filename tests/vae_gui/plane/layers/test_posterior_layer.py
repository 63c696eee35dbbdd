"""The posterior in the plane: what is painted is the density, at any zoom, and nothing is lost."""

import numpy as np
import pytest
from drawn import CLOSER, VIEW, channels, only, picture_of, pixel_at, pixels_of
from gui_helpers import settle_layers

from model.latent.decode_table import Cells, plane_cells
from model.latent.plane_posterior import PlanePosterior
from vae_gui.jobs.inferring import Inferring
from vae_gui.plane.canvas import Bounds
from vae_gui.plane.layers.posterior import PosteriorLayer, steps_of, strength_of
from vae_gui.plane.layers.posterior_raster import densities
from vae_gui.plane.plane_view import PlaneView
from vae_gui.plane.viewport import View
from vae_gui.state.inference import Heat, Numbers
from vae_gui.state.observation import INK
from vae_gui.style.palette import DARK, LIGHT

MIDDLE, DEVIATION = np.array([0.7, -0.2]), np.array([0.06, 0.03])


@pytest.fixture
def layer():
    return PosteriorLayer()


def density(z):
    """A normal density, (..., 2) -> (...)."""
    distance = np.square((z - MIDDLE) / DEVIATION).sum(axis=-1)
    return np.exp(-0.5 * distance) / (2.0 * np.pi * DEVIATION.prod())


def of_cells(cells):
    score = np.log(np.maximum(density(cells.z), 1e-300)) + cells.log_area
    return PlanePosterior(cells, score, np.arange(len(cells)), None)


def divided():
    """Cells of a table of which those near the middle are divided, and some of these again."""
    cells = plane_cells(200)
    offsets = np.array([[x, y] for x in (-1, 0, 1) for y in (-1, 0, 1)])
    for reach in (0.5, 0.2):
        near = np.abs(cells.z - MIDDLE).max(axis=1) < reach
        width = cells.width[near] / 3.0
        parts = cells.z[near][:, None] + width[:, None, None] * offsets
        cells = Cells(
            np.concatenate([cells.z[~near], parts.reshape(-1, 2)]),
            np.concatenate([cells.width[~near], np.repeat(width, 9)]),
        )
    return of_cells(cells)


@pytest.mark.parametrize("side", [0.002, 0.011, 0.1])
def test_the_density_of_pixels_is_that_of_the_cells_whatever_their_sizes(side):
    bounds = Bounds(0.4, 1.0, -0.4, 0.0)
    found = densities(divided(), bounds, side)
    fine = side / 5.0
    x = np.arange(bounds.left + fine / 2.0, bounds.left + len(found) * side, fine)
    y = np.arange(bounds.low + fine / 2.0, bounds.low + found.shape[1] * side, fine)
    exact = density(np.stack(np.meshgrid(x, y, indexing="ij"), -1))
    exact = exact.reshape(len(found), 5, found.shape[1], 5).mean(axis=(1, 3))
    assert found.sum() * side**2 == pytest.approx(1.0, abs=0.03)
    if side < 0.1:  # where pixels are larger than the density, edges of cells count
        assert np.abs(found - exact).max() < 0.2 * exact.max()
        assert np.corrcoef(found.ravel(), exact.ravel())[0, 1] > 0.99


def test_a_posterior_that_is_narrower_than_a_pixel_is_seen():
    cells = Cells(np.array([[0.7012, -0.2013]]), np.array([2e-4]))
    found = densities(PlanePosterior(cells, np.zeros(1), np.zeros(1, int), None), VIEW.bounds, 0.01)
    assert np.count_nonzero(found) == 1
    assert found.sum() * 0.01**2 == pytest.approx(1.0)
    column, row = np.argwhere(found)[0]
    assert VIEW.bounds.left + (column + 0.5) * 0.01 == pytest.approx(0.7012, abs=0.006)
    assert VIEW.bounds.low + (row + 0.5) * 0.01 == pytest.approx(-0.2013, abs=0.006)


def test_the_opacity_falls_evenly_with_the_log_density_to_a_thousandth():
    found = steps_of(np.array([1.0, 10**-1.5, 1e-3, 1e-9, 0.0]))
    assert found.tolist() == [255, 127, 0, 0, 0]
    assert strength_of(1.0 / (2.0 * np.pi)) < strength_of(10.0) < strength_of(1e5) < 1.0


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_under_the_brush_each_cell_has_the_opacity_of_its_density(layer, workspace, theme):
    inference = workspace.viewpoint.inference
    side = 50
    axis = (np.arange(side) + 0.5) * 9.0 / side - 4.5
    first, second = np.meshgrid(axis, axis, indexing="ij")
    relative = np.exp(-0.5 * np.square(first - 1.0) - 2.0 * np.square(second + 2.0))
    inference.move(Heat((relative / relative.max()).astype(np.float32), 4.5))
    patch = layer.patch(workspace.viewpoint, theme)
    highest = 1.0 / (relative.sum() / relative.max() * (9.0 / side) ** 2)
    for x, y in ((1.0, -2.0), (0.2, -1.5), (2.6, -2.3), (-1.0, -2.0)):
        i, j = int((x + 4.5) / 9.0 * side), int((y + 4.5) / 9.0 * side)
        step = 1.0 + np.log(relative[i, j] / relative.max()) / np.log(1000.0)
        alpha = channels(pixel_at(patch, x, y))[3]
        assert alpha == pytest.approx(255.0 * strength_of(highest) * step, abs=3.0)
    assert not patch.bounds.contains(Bounds(-4.0, -4.0, 4.0, 4.0))  # where nothing is
    (spot,) = layer.spots(workspace.viewpoint)
    np.testing.assert_allclose(spot.z, [1.0, -2.0], atol=0.1)


@pytest.mark.parametrize("view", [VIEW, CLOSER])
def test_at_rest_it_is_drawn_for_the_view_on_the_finest_cells(layer, workspace, view):
    posterior = divided()
    inference = workspace.viewpoint.inference
    inference.move(Heat(np.ones((4, 4), dtype=np.float32), 4.5))
    evidence = workspace.observation.evidence
    nothing = np.empty((0, 784), dtype=np.float32)
    inference.show_numbers(Numbers(evidence, 0.0, None, 0.0, [], nothing, posterior, None))
    request = layer.request(workspace.viewpoint, view, LIGHT)
    coarse, fine = layer.draw(request)
    assert fine.picture.size > 5 * coarse.picture.size
    strongest = channels(pixel_at(fine, *MIDDLE))[3]
    assert strongest > 200
    out = channels(pixel_at(fine, MIDDLE[0] + 2.0 * DEVIATION[0], MIDDLE[1]))[3]
    assert 0.55 * strongest < out < 0.85 * strongest  # exp(-2): 0.71 of the way to a thousandth
    assert channels(pixel_at(fine, MIDDLE[0] - 0.35, MIDDLE[1]))[3] == 0
    assert request == layer.request(workspace.viewpoint, view, LIGHT)
    assert request != layer.request(workspace.viewpoint, view, DARK)


@pytest.mark.parametrize(("deviations", "relative"), [(2.5, np.exp(-3.125)), (5.0, 0.0)])
def test_a_view_beside_the_mode_shows_no_more_than_lies_there(
    layer, workspace, deviations, relative
):
    inference = workspace.viewpoint.inference
    inference.move(Heat(np.ones((4, 4), dtype=np.float32), 4.5))
    evidence, nothing = workspace.observation.evidence, np.empty((0, 784), dtype=np.float32)
    inference.show_numbers(Numbers(evidence, 0.0, None, 0.0, [], nothing, divided(), None))
    x, y = MIDDLE[0] + deviations * DEVIATION[0], MIDDLE[1]
    beside = View(Bounds(x, x + 0.03, y - 0.01, y + 0.01), left=50.0, top=10.0, per_unit=20_000.0)
    *_, fine = layer.draw(layer.request(workspace.viewpoint, beside, LIGHT))
    highest = strength_of(density(MIDDLE))
    expected = highest * steps_of(np.array([relative]))[0]
    assert channels(pixel_at(fine, x, y))[3] == pytest.approx(expected, abs=12.0)


def test_the_prior_is_shown_only_to_those_who_look_at_the_canvas(layer, workspace):
    inference, viewpoint = workspace.viewpoint.inference, workspace.viewpoint
    heat = np.ones((4, 4), dtype=np.float32)
    inference.move(Heat(heat, 4.5, is_prior=True))
    assert layer.patch(viewpoint, LIGHT) is None
    inference.want(True)
    assert layer.patch(viewpoint, LIGHT) is not None
    assert layer.spots(viewpoint) == []
    inference.want(False)
    inference.move(Heat(heat, 4.5))
    assert layer.patch(viewpoint, LIGHT) is not None


def test_it_says_what_it_is_made_of_and_why_it_is_not_there(layer, workspace, make_model):
    assert layer.source(workspace.viewpoint) == "draw on the page Evidence to see it"
    assert layer.brief(workspace.viewpoint) == "on the page Evidence"
    workspace.document.open(make_model(3, name="three.safetensors"))
    assert layer.brief(workspace.viewpoint) == "only in 2-D"
    assert layer.source(workspace.viewpoint) == "not drawn: only in 2-D"
    workspace.viewpoint.inference.move(Heat(np.ones((4, 4), dtype=np.float32), 4.5))
    assert layer.patch(workspace.viewpoint, LIGHT) is None


def test_the_painted_plane_shows_the_exact_posterior(qtbot, workspace, monkeypatch):
    monkeypatch.setattr("vae_gui.jobs.inferring.SIDE", 40)
    only(workspace, "posterior")
    plane = PlaneView(workspace, workspace.viewpoint)
    qtbot.addWidget(plane)
    plane.resize(500, 500)
    plane.show()
    inferring = Inferring(workspace, workspace.viewpoint)
    empty = pixels_of(picture_of(plane, workspace))
    workspace.viewpoint.inference.want(True)
    workspace.observation.draw(np.arange(300, 330), INK)
    settle_layers(workspace)
    workspace.observation.draw(np.arange(330, 345), INK)
    rough = pixels_of(plane.grab().toImage())  # the hand still moves
    exact = pixels_of(picture_of(plane, workspace))
    (mode, *_) = workspace.viewpoint.inference.numbers.modes
    at = plane.view().pixel_of(*mode.z)
    for seen in (rough, exact):
        x, y = round(at.x()), round(at.y())
        there, before = seen[y, x], empty[y, x]
        assert there[1] < before[1] - 100  # magenta: green is gone
    workspace.observation.clear()
    workspace.viewpoint.inference.want(False)
    np.testing.assert_array_equal(pixels_of(picture_of(plane, workspace)), empty)
    inferring.close()
    plane.close()
    for worker in inferring.children():
        if hasattr(worker, "join"):
            worker.close()
            worker.join()
