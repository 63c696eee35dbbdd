"""Which part of the plane is seen: by arithmetic, and beside pyqtgraph's ViewBox."""

import numpy as np
import pyqtgraph as pg
import pytest

from vae_gui.plane.viewport import NEAREST, Bounds, View, Viewport

REACH = 50.0
SQUARE = Bounds(-3.0, 3.0, -2.0, 2.0)


@pytest.fixture
def calls():
    return []


@pytest.fixture
def viewport(calls):
    made = Viewport(SQUARE, REACH, lambda: calls.append(1))
    made.place(70.0, 5.0, 600.0, 300.0)
    calls.clear()
    return made


def edges(bounds):
    return [bounds.left, bounds.right, bounds.low, bounds.high]


def test_all_that_was_asked_for_is_seen_in_the_middle(viewport):
    # 4 units high on 300 pixels: 75 pixels a unit, so that 600 pixels are 8 units wide
    np.testing.assert_allclose(edges(viewport.bounds), [-4.0, 4.0, -2.0, 2.0])
    viewport.show(Bounds(0.0, 12.0, 1.0, 2.0))
    np.testing.assert_allclose(edges(viewport.bounds), [0.0, 12.0, -1.5, 4.5])


def test_what_was_asked_for_comes_back_with_the_size(viewport):
    before = viewport.bounds
    viewport.place(70.0, 5.0, 100.0, 300.0)
    np.testing.assert_allclose(edges(viewport.bounds), [-3.0, 3.0, -9.0, 9.0])
    viewport.place(70.0, 5.0, 600.0, 300.0)
    np.testing.assert_allclose(edges(viewport.bounds), edges(before))


def test_pixels_and_points_by_hand(viewport):
    view = viewport.view(ratio=1.5)
    assert view.ratio == 1.5
    for point, pixel in (((-4, 2), (70, 5)), ((0, 0), (370, 155)), ((1, -2), (445, 305))):
        np.testing.assert_allclose(view.to_pixels(np.array(point)), pixel)
        np.testing.assert_allclose([view.pixel_of(*point).x(), view.pixel_of(*point).y()], pixel)
        np.testing.assert_allclose(view.to_plane(*pixel), point, atol=1e-12)
    rect = view.rect_of(Bounds(0.0, 2.0, -1.0, 1.0))
    np.testing.assert_allclose(rect.getRect(), [370.0, 80.0, 150.0, 150.0])


@pytest.mark.parametrize(
    "view",
    [
        View(Bounds(-3.0, 3.0, -2.0, 2.0), left=50.0, top=10.0, per_unit=100.0),
        View(Bounds(0.3, 1.2, -0.5, 0.1), left=50.0, top=10.0, per_unit=666.0),
    ],
)
def test_a_view_maps_as_the_plane_does(view):
    b = view.bounds
    np.testing.assert_allclose(view.to_pixels(np.array([b.left, b.high])), [50.0, 10.0])
    lower_right = view.to_pixels(np.array([b.right, b.low]))
    np.testing.assert_allclose(
        lower_right, [50.0 + b.width * view.per_unit, 10.0 + b.height * view.per_unit]
    )
    rect = view.rect_of(b)
    assert (rect.left(), rect.top()) == (50.0, 10.0)
    np.testing.assert_allclose([rect.right(), rect.bottom()], lower_right)


def test_only_its_own_rectangle_is_inside(viewport):
    assert viewport.holds(70.0, 5.0)
    assert viewport.holds(670.0, 305.0)
    for x, y in ((69.9, 50.0), (670.1, 50.0), (100.0, 4.9), (100.0, 305.1)):
        assert not viewport.holds(x, y)


@pytest.mark.parametrize("factor", [0.3, 1.25, 40.0])
def test_the_point_of_a_zoom_keeps_its_pixel(viewport, factor):
    point, width = np.array([1.3, -0.7]), viewport.bounds.width
    before = viewport.view().to_pixels(point)
    viewport.zoom(factor, point)
    np.testing.assert_allclose(viewport.view().to_pixels(point), before, atol=1e-6)
    assert viewport.bounds.width == pytest.approx(width / factor)


def test_a_pan_moves_what_is_seen_and_back(viewport):
    viewport.pan_by(np.array([1.5, -0.5]))
    np.testing.assert_allclose(edges(viewport.bounds), [-2.5, 5.5, -2.5, 1.5])
    viewport.pan_by(np.array([-1.5, 0.5]))
    np.testing.assert_allclose(edges(viewport.bounds), [-4.0, 4.0, -2.0, 2.0])


def test_nothing_beyond_the_reach_is_seen(viewport):
    viewport.pan_by(np.array([1000.0, -1000.0]))
    np.testing.assert_allclose(edges(viewport.bounds), [42.0, 50.0, -50.0, -46.0])
    viewport.zoom(8.0 / 100.0)
    np.testing.assert_allclose(edges(viewport.bounds), [-50.0, 50.0, -50.0, 0.0])


def test_who_zooms_out_at_the_limit_comes_to_the_origin(viewport):
    viewport.pan_by(np.array([0.0, -48.0]))
    viewport.zoom(8.0 / 100.0)
    for middle in (-20.0, -16.0, -12.8):
        viewport.zoom(0.8, np.array([3.0, -4.0]))
        np.testing.assert_allclose(edges(viewport.bounds), [-50.0, 50.0, middle - 25, middle + 25])


def test_a_zoom_stops_at_the_least_width_where_it_is(viewport):
    viewport.zoom(1e9, np.array([1.0, 1.0]))
    assert viewport.bounds.width == pytest.approx(NEAREST)
    before = edges(viewport.bounds)
    viewport.zoom(2.0, np.array([viewport.bounds.left, viewport.bounds.low]))
    np.testing.assert_allclose(edges(viewport.bounds), before, atol=1e-15)
    viewport.zoom(0.5)  # and turns back at once
    assert viewport.bounds.width == pytest.approx(2.0 * NEAREST)


def test_a_plane_that_is_far_away_keeps_its_pixels_apart(viewport):
    viewport.reach = 1e30
    viewport.show(Bounds(-9e29, 9e29, -9e29, 9e29))
    viewport.zoom(1e300, np.array([8e29, 1e29]))
    view = viewport.view()
    xs = [view.to_plane(70.0 + x, 20.0)[0] for x in range(600)]
    assert np.all(np.diff(xs) > 0.0)


@pytest.mark.parametrize("size", [(0.0, 0.0), (-5.0, 40.0), (1.0, 1e4)])
def test_a_rectangle_without_room_does_no_harm(viewport, size):
    viewport.place(70.0, 5.0, *size)
    assert np.isfinite(edges(viewport.bounds)).all()
    viewport.zoom(2.0)
    viewport.place(70.0, 5.0, 600.0, 300.0)
    np.testing.assert_allclose(edges(viewport.bounds), [-2.0, 2.0, -1.0, 1.0])


def test_it_says_when_something_else_is_seen_and_only_then(viewport, calls):
    viewport.show(SQUARE)
    viewport.pan_by(np.zeros(2))
    viewport.place(70.0, 5.0, 600.0, 300.0)
    assert not calls
    viewport.zoom(1.25)
    viewport.pan_by(np.array([0.1, 0.0]))
    viewport.place(70.0, 5.0, 500.0, 300.0)
    assert len(calls) == 3


@pytest.mark.parametrize("seed", range(5))
def test_it_shows_what_a_viewbox_with_locked_axes_shows(qapp, seed):
    """Away from the limits, where a ViewBox lets the point of a zoom slip."""
    box = pg.ViewBox()
    box.setAspectLocked(True)
    box.disableAutoRange()
    mine = Viewport(SQUARE, 1e5, lambda: None)

    def fit(wanted):
        left, right, low, high = edges(wanted)
        box.setRange(xRange=(left, right), yRange=(low, high), padding=0.0)
        mine.show(wanted)

    def resize(width, height):
        box.setGeometry(0.0, 0.0, width, height)
        mine.place(0.0, 0.0, width, height)

    numbers = np.random.default_rng(seed)
    resize(640.0, 480.0)
    fit(SQUARE)
    for _ in range(40):
        kind, point = numbers.integers(4), numbers.normal(size=2)
        if kind == 0:
            resize(*numbers.integers(50, 1500, size=2).astype(float).tolist())
        elif kind == 1:
            factor = float(np.exp(numbers.normal(scale=0.5)))
            box.scaleBy((1.0 / factor, 1.0 / factor), center=tuple(point))
            mine.zoom(factor, point)
        elif kind == 2:
            box.translateBy(x=point[0], y=point[1])
            mine.pan_by(point)
        else:
            fit(Bounds(point[0], point[0] + numbers.uniform(1, 9), point[1], point[1] + 4.0))
        np.testing.assert_allclose(edges(mine.bounds), np.ravel(box.viewRange()), atol=1e-9)
