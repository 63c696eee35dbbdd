"""The plane: where data are on the screen, and what is painted again when something moves."""

import numpy as np
import pytest
from gui_helpers import make_digits, mouse, settle, settle_layers
from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QColor, QPen, QRegion

from vae_gui.plane.marks import PROBE, merged
from vae_gui.plane.plane_view import PlaneView
from vae_gui.plane.tools.probe import ProbeTool
from vae_gui.state.appearance import LayerState
from vae_gui.state.workspace import Workspace
from vae_gui.style.palette import DARK, LIGHT

PRESS, MOVE = QEvent.Type.MouseButtonPress, QEvent.Type.MouseMove
RELEASE, DOUBLE = QEvent.Type.MouseButtonRelease, QEvent.Type.MouseButtonDblClick
LEFT, MIDDLE = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton


def at(plane, x, y):
    return plane.view().pixel_of(x, y)


def point_at(plane, position):
    return plane.view().to_plane(position.x(), position.y())


@pytest.mark.parametrize("zoom", [1.0, 0.05, 8.0])
@pytest.mark.parametrize("spot", [(0.5, 0.5), (0.2, 0.2), (0.9, 0.1), (0.3, 0.8), (0.75, 0.6)])
def test_screen_to_latent_to_screen_is_the_same_pixel(plane, zoom, spot):
    plane.viewport.zoom(1 / zoom)
    settle()
    position = QPointF(spot[0] * plane.width(), spot[1] * plane.height())
    back = plane.view().pixel_of(*point_at(plane, position))
    assert abs(back.x() - position.x()) < 1e-3
    assert abs(back.y() - position.y()) < 1e-3


def test_the_axes_are_one_to_one_and_point_right_and_up(plane):
    origin, right, up = at(plane, 0, 0), at(plane, 1, 0), at(plane, 0, 1)
    assert right.x() - origin.x() == pytest.approx(origin.y() - up.y(), rel=1e-6)
    assert right.x() > origin.x()
    assert abs(right.y() - origin.y()) < 1e-6


def test_a_point_is_drawn_where_its_posterior_mean_is(make_model, qtbot):
    workspace = Workspace()
    view = PlaneView(workspace, workspace.viewpoint)
    qtbot.addWidget(view)
    view.set_theme(LIGHT)
    view.resize(700, 500)
    view.show()
    workspace.document.open(make_model())
    digits = make_digits(count=2)
    digits.means[:] = [[1.5, 0.5], [-1.0, -2.0]]
    workspace.document.set_test(digits)
    workspace.viewpoint.set_probe(np.array([-2.0, 2.0]))  # its mark must not hide a point
    workspace.appearance.set_layer("labels", LayerState(False))  # nor a label
    settle_layers(workspace)
    picture = view.grab().toImage()
    for mean, colour in zip(digits.means, LIGHT.classes[:2], strict=True):
        assert picture.pixelColor(at(view, *mean).toPoint()).name() == colour


def test_the_marks_are_painted_where_the_probe_is(plane, workspace):
    workspace.viewpoint.set_probe(np.array([2.4, -2.4]))
    settle()
    ring = at(plane, 2.4, -2.4) + QPointF(9.0, 0.0)
    assert plane.grab().toImage().pixelColor(ring.toPoint()).lightness() < 80
    workspace.viewpoint.set_probe(np.array([-2.4, -2.4]))
    settle()
    assert plane.grab().toImage().pixelColor(ring.toPoint()).lightness() > 200


class Painted(QObject):
    """The part of a widget that is painted."""

    def __init__(self, widget):
        super().__init__()
        self.region = QRegion()
        widget.installEventFilter(self)

    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Paint:
            self.region |= event.region()
        return False


@pytest.mark.parametrize("zoom", [1.0, 0.7])
def test_a_move_repaints_where_a_mark_was_and_where_it_is(plane, workspace, zoom):
    """Also where it has been painted since it moved the last time, in another view."""
    workspace.viewpoint.set_probe(np.array([0.4, -0.2]))
    settle_layers(workspace)
    plane.viewport.zoom(1 / zoom, np.array([-1.0, 1.0]))
    settle_layers(workspace)
    painted = Painted(plane)
    workspace.viewpoint.set_probe(np.array([0.45, -0.2]))
    settle()
    for place in (at(plane, 0.4, -0.2), at(plane, 0.45, -0.2)):
        for radius in (PROBE.radius, -PROBE.radius):
            assert painted.region.contains((place + QPointF(radius, 0.0)).toPoint())
    if zoom == 1.0:
        around = painted.region.boundingRect()
        assert around.width() * around.height() < 0.05 * plane.width() * plane.height()


def test_rectangles_far_apart_are_painted_each_for_itself():
    near = [QRect(0, 0, 10, 10), QRect(5, 5, 10, 10)]
    assert merged(near) == [QRect(0, 0, 15, 15)]
    far = [QRect(0, 0, 10, 10), QRect(100, 0, 10, 10)]
    assert merged(far) == far


def test_a_move_of_the_probe_paints_no_layer_again(plane, workspace, monkeypatch):
    painted = []
    real = plane.layers.paint
    monkeypatch.setattr(plane.layers, "paint", lambda *args: (painted.append(1), real(*args)))
    plane.viewport.pan_by(np.array([0.1, 0.0]))
    settle_layers(workspace)
    assert painted
    painted.clear()
    for x in np.linspace(0, 1, 20):
        workspace.viewpoint.set_probe(np.array([x, 0.0]))
        settle()
    assert not painted


def test_the_theme_reaches_the_picture(plane):
    corner = QPoint(plane.width() - 5, 5)
    assert plane.grab().toImage().pixelColor(corner).name() == LIGHT.surface
    plane.set_theme(DARK)
    settle()
    assert plane.grab().toImage().pixelColor(corner).name() == DARK.surface


def test_points_that_lie_far_away_are_shown_too(make_model, qtbot):
    workspace = Workspace()
    view = PlaneView(workspace, workspace.viewpoint)
    qtbot.addWidget(view)
    view.resize(700, 500)
    view.show()
    workspace.document.open(make_model())
    digits = make_digits()
    digits.means[:] *= 300.0
    workspace.document.set_test(digits)
    settle()
    visible = view.view().bounds
    assert visible.left < digits.means[:, 0].min()
    assert visible.right > digits.means[:, 0].max()


class Spot(ProbeTool):
    """A tool that paints where the hand hovers, above all layers."""

    key = "spot"

    def __init__(self, viewpoint, viewport, repaint):
        super().__init__(viewpoint, viewport, repaint)
        self._repaint = repaint
        self._point = None

    def hover(self, point):
        self._point = point
        self._repaint()

    def paint(self, painter, view, theme):
        if self._point is not None:
            painter.setPen(QPen(QColor("red"), 20.0))
            painter.drawPoint(view.pixel_of(*self._point))


def test_a_tool_of_the_table_can_be_taken_and_paints_above_the_layers(
    workspace, qtbot, monkeypatch
):
    monkeypatch.setattr("vae_gui.plane.plane_view.TOOLS", (ProbeTool, Spot))
    view = PlaneView(workspace, workspace.viewpoint)
    qtbot.addWidget(view)
    view.resize(700, 500)
    view.show()
    workspace.appearance.set_layer("manifold", LayerState(True))
    workspace.viewpoint.set_probe(np.array([2.4, -2.4]))  # its mark is above the tool
    settle_layers(workspace)
    assert workspace.tool == ProbeTool.key
    workspace.take_tool("spot")
    assert workspace.tool == "spot"
    spot = at(view, 0.5, 0.25)
    painted = Painted(view)
    mouse(view, MOVE, spot)
    settle()
    assert painted.region.contains(spot.toPoint())
    assert view.grab().toImage().pixelColor(spot.toPoint()) == QColor("red")
    workspace.take_tool(ProbeTool.key)
    assert workspace.viewpoint.peek is None
    assert view.grab().toImage().pixelColor(spot.toPoint()) != QColor("red")
