"""The ellipses of all images: where they are, and how many discs they are made of."""

import numpy as np
import pytest
from drawn import CLOSER, VIEW, patches
from gui_helpers import make_digits

from vae_gui.plane.canvas import Bounds, Canvas
from vae_gui.plane.layers import posterior_ellipses
from vae_gui.plane.layers.discs import draw_discs
from vae_gui.plane.layers.posterior_ellipses import SIGMAS, ClassEllipsesLayer, EllipsesRequest
from vae_gui.state.encoded import EncodedImages
from vae_gui.state.slice import Slice
from vae_gui.state.workspace import Workspace
from vae_gui.style.palette import LIGHT


@pytest.mark.parametrize("view", [VIEW, CLOSER])
def test_the_ellipses_of_all_are_where_their_digits_reach(workspace, view):
    workspace.appearance.hide_classes(frozenset(range(10)) - {3})
    (patch,) = patches(ClassEllipsesLayer(), workspace, view)
    rows, columns = np.nonzero(patch.picture)
    per_unit = view.per_unit
    x = patch.bounds.left + (columns + 0.5) / per_unit
    y = patch.bounds.high - (rows + 0.5) / per_unit
    digits = workspace.document.test
    offsets = np.full(len(x), np.inf)
    for index in np.flatnonzero(digits.labels == 3):
        (mx, my), (sx, sy) = digits.means[index], digits.standard_deviations[index]
        radius = np.hypot((x - mx) / sx, (y - my) / sy)
        for sigmas in (1.0, 2.0):
            offsets = np.minimum(offsets, np.abs(radius - sigmas) * max(sx, sy) * per_unit)
        # Each visible end of an axis is drawn.
        for ex, ey in ((mx + 2 * sx, my), (mx, my - sy)):
            if patch.bounds.grown(-0.02).contains(Bounds(ex, ex, ey, ey)):
                assert (np.hypot(x - ex, y - ey) * per_unit).min() < 1.5
    assert len(offsets) > 100
    assert np.quantile(offsets, 0.99) < 12.0
    assert np.median(offsets) < 1.0


def test_in_one_dimension_they_are_lines(make_model):
    workspace = Workspace()
    workspace.document.open(make_model(1))
    workspace.document.set_test(make_digits(1))
    (patch,) = patches(ClassEllipsesLayer(), workspace, VIEW)
    rows, columns = np.nonzero(patch.picture)
    assert len(np.unique(columns)) > 100
    heights = patch.bounds.high - (np.unique(rows) + 0.5) / VIEW.per_unit
    classes = 0.5 * (4.5 - np.arange(10))  # where each has its row
    assert np.abs(heights[:, None] - classes).min(axis=1).max() < 1.5 / VIEW.per_unit


@pytest.fixture
def dots_of(monkeypatch):
    """A function that draws ellipses around the origin and gives the places of their discs."""
    found = []

    def record(centres, *inputs):
        found.append(centres)
        return draw_discs(centres[:0], inputs[0][:0], *inputs[1:])

    monkeypatch.setattr(posterior_ellipses, "draw_discs", record)

    def dots(count, radius):
        deviations = np.full((count, 2), radius / 100.0)
        images = EncodedImages(
            np.zeros((count, 2)),
            deviations,
            np.zeros((count, 28, 28), np.uint8),
            np.zeros(count, np.int64),
            ("a",),
            "",
        )
        canvas = Canvas(Bounds(-1.0, 1.0, -1.0, 1.0), (200, 200), 100.0)
        request = EllipsesRequest(images, Slice(np.zeros(2)), canvas, 1.3, frozenset(), LIGHT, 6.0)
        list(ClassEllipsesLayer().draw(request))
        return found.pop() - 100.0

    return dots


def test_however_large_and_many_the_ellipses_are_their_discs_are_not_too_many(dots_of):
    most = ClassEllipsesLayer.MOST
    dots = dots_of(10_000, 500.0)
    assert most / 2 < len(dots) <= 2 * most
    radii = np.unique(np.hypot(*dots.T).round(6))
    np.testing.assert_allclose(radii, [sigmas * 500.0 for sigmas in SIGMAS])
    few = dots_of(3, 50.0)
    around = 3 * sum(2 * np.pi * 50.0 * sigmas for sigmas in SIGMAS)
    assert len(few) >= around / ClassEllipsesLayer.SPACING
