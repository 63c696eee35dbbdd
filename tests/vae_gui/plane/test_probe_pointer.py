"""A probe that is not in sight: the arrow at the plane's edge."""

import numpy as np
import pytest
from gui_helpers import make_digits, settle
from PySide6.QtCore import QPoint, QRect, QRectF
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtTest import QTest

from vae_gui.plane.probe_pointer import ProbePointer
from vae_gui.state.workspace import Workspace
from vae_gui.style.palette import DARK, LIGHT

FAR = 15.0


def plane_rect(plane):
    return plane.view().rect_of(plane.view().bounds)


def drawn(plane, theme=LIGHT):
    """What the pointer draws on an empty ground."""
    image = QImage(plane.size(), QImage.Format.Format_ARGB32)
    image.fill(QColor(theme.surface))
    painter = QPainter(image)
    pointer = ProbePointer(plane.viewpoint, plane)
    pointer.paint(painter, plane_rect(plane), plane.view(), theme)
    painter.end()
    return image


def inked(image, theme=LIGHT):
    """The pixels that differ from the ground: rows and columns."""
    ground = QColor(theme.surface).rgb()
    rows = range(image.height())
    return np.array(
        [(y, x) for y in rows for x in range(image.width()) if image.pixel(x, y) != ground]
    ).reshape(-1, 2)


@pytest.fixture
def seen(plane, workspace):
    plane.viewpoint = workspace.viewpoint
    return plane


@pytest.mark.parametrize("z", [(0.0, 0.0), (2.9, -2.9)])
def test_a_probe_in_sight_needs_no_arrow(seen, workspace, z):
    workspace.viewpoint.set_probe(np.array(z))
    settle()
    assert len(inked(drawn(seen))) == 0
    pointer = ProbePointer(workspace.viewpoint, seen)
    assert pointer.moved(plane_rect(seen), seen.view()).isEmpty()


@pytest.mark.slow
@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(
    "z", [(FAR, 0.0), (-FAR, 0.0), (0.0, FAR), (0.0, -FAR), (FAR, FAR), (-FAR, -FAR), (FAR, -3.0)]
)
def test_the_arrow_is_at_the_edge_towards_the_probe_and_inside(seen, workspace, z, theme):
    workspace.viewpoint.set_probe(np.array(z))
    places = inked(drawn(seen, theme), theme)
    inside = plane_rect(seen)
    rows, columns = places.T
    assert len(places) > 200  # the arrow and its text
    assert rows.min() >= inside.top()
    assert rows.max() <= inside.bottom()
    assert columns.min() >= inside.left()
    assert columns.max() <= inside.right()
    for value, least, most, low, high in (
        (z[0], columns.min(), columns.max(), inside.left(), inside.right()),
        (-z[1], rows.min(), rows.max(), inside.top(), inside.bottom()),
    ):
        if value == FAR:
            assert most > high - 12
        elif value == -FAR:
            assert least < low + 12


def test_the_plane_paints_it_and_paints_it_no_more_in_sight(seen, workspace):
    workspace.viewpoint.set_probe(np.array([FAR, 0.0]))
    settle()
    right = plane_rect(seen)
    arrow = QRect(round(right.right()) - 24, round(seen.view().pixel_of(0, 0).y()) - 4, 14, 8)

    def is_painted():
        image = seen.grab(arrow).toImage()
        return image.pixelColor(image.width() // 2, image.height() // 2) == QColor(LIGHT.text)

    assert is_painted()
    pointer = ProbePointer(workspace.viewpoint, seen)
    covered = pointer.moved(plane_rect(seen), seen.view())
    assert covered.contains(arrow)
    workspace.viewpoint.set_probe(np.array([0.0, 0.0]))
    settle()
    assert not is_painted()


def test_what_it_covered_is_painted_again_when_it_goes(seen, workspace):
    pointer = ProbePointer(workspace.viewpoint, seen)
    image = QImage(seen.size(), QImage.Format.Format_ARGB32)
    painter = QPainter(image)
    workspace.viewpoint.set_probe(np.array([FAR, 0.0]))
    there = pointer.moved(plane_rect(seen), seen.view())
    pointer.paint(painter, plane_rect(seen), seen.view(), LIGHT)
    workspace.viewpoint.set_probe(np.array([-FAR, 0.0]))
    both = pointer.moved(plane_rect(seen), seen.view())
    pointer.paint(painter, plane_rect(seen), seen.view(), LIGHT)
    painter.end()
    assert both.contains(there)
    assert both.contains(QPoint(round(plane_rect(seen).left()) + 12, there.center().y()))
    workspace.viewpoint.set_probe(np.array([0.0, 0.0]))
    assert not pointer.moved(plane_rect(seen), seen.view()).isEmpty()


def test_it_shows_the_coordinates_along_the_axes_of_the_plane(qtbot, make_model, make_plane):
    texts = []
    for dimensions in (1, 2, 5):
        workspace = Workspace()
        workspace.document.open(make_model(dimensions))
        workspace.document.set_test(make_digits(dimensions))
        plane = make_plane(workspace)
        viewpoint = workspace.viewpoint
        viewpoint.set_probe(viewpoint.slice.to_latent(np.array([12.5, -3.0])))
        settle()
        written = []

        class Painter(QPainter):
            def drawText(self, *arguments, written=written):
                written.append(arguments[-1])

        image = QImage(plane.size(), QImage.Format.Format_ARGB32)
        painter = Painter(image)
        pointer = ProbePointer(viewpoint, plane)
        pointer.paint(painter, QRectF(plane_rect(plane)), plane.view(), LIGHT)
        painter.end()
        texts += written
        plane.close()
    assert texts == ["probe (12.50)", "probe (12.50, −3.00)", "probe (12.50, −3.00)"]


def test_nudged_out_of_sight_it_is_still_told(seen, workspace):
    seen.viewport.zoom(8.0)
    workspace.viewpoint.set_probe(np.array([0.0, 0.0]))
    for _ in range(4):
        QTest.keySequence(seen, "Ctrl+Right")
    settle()
    assert workspace.viewpoint.probe[0] == 2.0
    assert len(inked(drawn(seen))) > 200
