"""A plane that is turned and mirrored, against the full covariances and densities."""

import math

import numpy as np
import pytest
from drawn import densities, only, patches, picture_of, pixel_at, pixels_of
from gui_helpers import make_digits
from plainly import decode_point
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QImage, QPainter

from vae_gui.plane.canvas import Bounds
from vae_gui.plane.layers.density_difference import SCALE, DensityDifferenceLayer
from vae_gui.plane.layers.manifold import ManifoldLayer, cells_of, centre_of
from vae_gui.plane.layers.posterior_ellipses import ClassEllipsesLayer
from vae_gui.plane.layers.posterior_marks import ellipses_of
from vae_gui.plane.layers.posterior_means import TestImagesLayer
from vae_gui.plane.viewport import View
from vae_gui.state.slice import Slice
from vae_gui.state.workspace import Workspace
from vae_gui.style.colour_maps import signed_ink
from vae_gui.style.palette import LIGHT

VIEW = View(Bounds(-2.0, 2.0, -1.5, 1.5), left=0.0, top=0.0, per_unit=100.0)
C, S = math.cos(math.radians(37.0)), math.sin(math.radians(37.0))
TURN = np.array([[C, S], [S, -C]])  # mirrored, then turned by 37 degrees


def turned_slice() -> Slice:
    return Slice(np.zeros(2), turn=TURN)


@pytest.fixture
def turned(workspace) -> Workspace:
    workspace.viewpoint.set_turn(TURN)
    return workspace


def test_points_of_the_plane_and_latent_points_are_turned_into_each_other():
    for slice_ in (turned_slice(), Slice(np.array([0.4, -0.1, 0.7]), turn=random_turn(3))):
        z = slice_.to_latent(np.array([0.3, -1.2]))
        assert slice_.to_plane(z) == pytest.approx([0.3, -1.2])
        others = (slice_.turn @ z - slice_.turn @ slice_.base)[2:]
        assert others == pytest.approx(0.0, abs=1e-12)  # it lies in the slice
    assert turned_slice().to_latent(np.array([1.0, 0.0])) == pytest.approx([C, S])


def random_turn(dimensions: int) -> np.ndarray:
    numbers = np.random.default_rng(dimensions)
    return np.linalg.qr(numbers.normal(size=(dimensions, dimensions)))[0]


@pytest.mark.parametrize("dimensions", [2, 5])
def test_the_spread_has_the_covariance_of_turned_draws(dimensions):
    deviations = np.random.default_rng(1).uniform(0.05, 0.9, size=(3, dimensions))
    turn = random_turn(dimensions)
    slice_ = Slice(np.zeros(dimensions), turn=turn)
    spread = slice_.spread(deviations)
    for found, deviation in zip(spread, deviations, strict=True):
        covariance = (turn @ np.diag(deviation**2) @ turn.T)[:2, :2]
        assert found @ found.T == pytest.approx(covariance)
    along = slice_.deviations_along(deviations)
    assert along**2 == pytest.approx(np.square(spread).sum(axis=2))


def test_ellipses_of_all_lie_where_the_turned_q_has_its_one_and_two_deviations(turned):
    test, index = turned.document.test, 33
    test.means[:] = 9.0
    test.means[index] = [0.2, -0.3]
    test.standard_deviations[index] = [0.6, 0.15]
    (patch,) = patches(ClassEllipsesLayer(), turned, VIEW)
    rows, columns = np.nonzero(patch.picture)
    x = patch.bounds.left + (columns + 0.5) / VIEW.per_unit
    y = patch.bounds.high - (rows + 0.5) / VIEW.per_unit
    own = (np.stack([x, y], axis=1) @ TURN - [0.2, -0.3]) / [0.6, 0.15]  # turned back
    radius = np.hypot(*own.T)
    off = np.minimum(np.abs(radius - 1.0), np.abs(radius - 2.0)) * 0.15 * VIEW.per_unit
    assert np.median(off) < 0.6
    assert off.max() < 2.5
    for end in ([0.6, 0.0], [0.0, 0.3]):  # ends of axes that are seen
        ex, ey = TURN @ np.add([0.2, -0.3], end)
        assert (np.hypot(x - ex, y - ey) * VIEW.per_unit).min() < 1.5


def test_the_ellipses_at_the_hand_are_turned_too(turned):
    test, index = turned.document.test, 33
    test.standard_deviations[index] = [0.6, 0.15]
    mark = ellipses_of(test, index, turned.viewpoint.slice)
    view = View(Bounds(-1.0, 1.0, -1.0, 1.0), 0.0, 0.0, 200.0)
    image = QImage(600, 600, QImage.Format.Format_RGB32)
    image.fill(QColor("white"))
    painter = QPainter(image)
    mark.paint(painter, QPointF(300.0, 300.0), view, LIGHT)
    painter.end()
    levels = pixels_of(image)
    rows, columns = np.nonzero(levels[..., 2] - levels[..., 0] > 60)
    assert len(rows) > 200
    places = np.stack([columns + 0.5 - 300.0, 300.0 - rows - 0.5], axis=1) / 200.0
    radius = np.hypot(*(places @ TURN / [0.6, 0.15]).T)
    off = np.minimum(np.abs(radius - 1.0), np.abs(radius - 2.0)) * 0.15 * 200.0
    assert off.max() < 2.5
    covered = mark.bounds(QPointF(300.0, 300.0), view)
    assert covered.left() <= columns.min()
    assert covered.right() >= columns.max()
    assert covered.top() <= rows.min()
    assert covered.bottom() >= rows.max()
    assert covered.width() < columns.max() - columns.min() + 16


def test_points_lie_at_their_turned_means(turned):
    (patch,) = patches(TestImagesLayer(), turned, VIEW)
    test, checked = turned.document.test, 0
    places = test.means @ TURN.T
    for index, (x, y) in enumerate(places):
        alone = (np.hypot(*(places - places[index]).T) < 0.06).sum() == 1
        if alone and VIEW.bounds.contains(Bounds(x, x, y, y)):
            assert (int(pixel_at(patch, x, y)) & 0xFF000000) != 0
            checked += 1
    assert checked > 40


def test_the_difference_of_densities_is_that_of_the_turned_place(turned, make_plane):
    """On the screen: the picture is turned when it is painted."""
    wide = make_digits(2, 300)
    wide.standard_deviations[:] = np.random.default_rng(2).uniform(0.2, 0.9, size=(300, 2))
    turned.document.set_training(wide)
    only(turned, "difference")
    plane = make_plane(turned)
    plane.viewport.show(VIEW.bounds)
    shown = pixels_of(picture_of(plane, turned))
    view, ink = plane.view(), signed_ink(False)
    for patch in patches(DensityDifferenceLayer(), turned, view):
        assert patch.turn == pytest.approx(TURN)
    for place in ((0.4, 0.9), (-1.1, 0.2), (1.3, -0.8), (0.0, -0.5)):
        z = np.array([place]) @ TURN
        expected = densities(wide, z).sum() - np.exp(-0.5 * (z**2).sum()) / (2.0 * math.pi)
        step = round((expected - SCALE.low) / (SCALE.high - SCALE.low) * 255.0)
        at = view.pixel_of(*place)
        colour = shown[round(at.y()), round(at.x())]
        near = ink[max(0, step - 10) : step + 11]
        channels = np.stack([(near >> shift) & 0xFF for shift in (16, 8, 0)], axis=1).astype(int)
        alpha = ((near >> 24) & 0xFF).astype(int)[:, None]
        white = channels + 255 - alpha  # premultiplied, on white
        assert np.abs(white - colour).max(axis=1).min() < 12


def test_cells_of_the_manifold_are_decoded_where_the_plane_is_turned_to(turned):
    layer = ManifoldLayer()
    request = layer.request(turned.viewpoint, VIEW, LIGHT)
    for _ in layer.draw(request):
        pass
    cells, _ = cells_of(request.bounds, request.level)
    cell = cells[2][3]
    vae = turned.document.model.checkpoint.vae
    expected = decode_point(vae, np.array(centre_of(cell)) @ TURN)
    assert np.abs(request.cells[cell] / 255.0 - expected).max() < 0.01


def test_densities_in_a_plane_turned_through_more_dimensions_are_not_drawn(make_model):
    workspace = Workspace()
    workspace.document.open(make_model(3))
    workspace.document.set_test(make_digits(3, 60))
    workspace.document.set_training(make_digits(3, 60))
    base = np.array([0.3, -0.7, 0.5])
    workspace.viewpoint.go_to(Slice(base), None, base)
    workspace.viewpoint.set_turn(random_turn(3))
    layer = DensityDifferenceLayer()
    assert layer.request(workspace.viewpoint, VIEW, LIGHT) is None
    assert "not drawn in a turned plane" in layer.source(workspace.viewpoint)
    workspace.viewpoint.set_turn(None)
    assert layer.request(workspace.viewpoint, VIEW, LIGHT) is not None


def test_the_nearest_digit_is_the_nearest_in_the_turned_plane(turned):
    test = turned.document.test
    for index in (3, 77, 150):
        z = turned.viewpoint.slice.to_latent(test.means[index] @ TURN.T + 1e-4)
        assert turned.viewpoint.nearest_to(z).index == index
