"""The plane: axes, layers and marks, and which part of it is seen."""

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt
from PySide6.QtGui import (
    QCloseEvent,
    QColor,
    QEnterEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QTransform,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from vae_gui.plane.axes import BOTTOM_HEIGHT, LEFT_WIDTH, Axes
from vae_gui.plane.backdrop import StillPicture
from vae_gui.plane.canvas import Bounds
from vae_gui.plane.layers import LAYERS
from vae_gui.plane.marks import Mark, Marks, merged
from vae_gui.plane.tools.navigation import Hand
from vae_gui.plane.viewport import View
from vae_gui.state.appearance import LayerState
from vae_gui.state.viewpoint import Viewpoint
from vae_gui.style.palette import LIGHT, Theme

Array = NDArray[np.float64]

# What is shown without digits: within 3 standard deviations, the prior has 99 % of its mass.
PRIOR_VIEW = QRectF(-3.0, -3.0, 6.0, 6.0)
# How far one can zoom out and nudge, if no digit lies farther away.
FARTHEST = 50.0
NEAREST_VIEW = 1e-4

ZOOM_PER_STEP = 1.25
_BY_KEYBOARD = (
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
)
MARGINS = (LEFT_WIDTH, 0, 1, BOTTOM_HEIGHT)  # of the plane, in pixels: for the axes


class LatentView(pg.PlotWidget):
    """The latent plane, axes 1:1: its layers, its marks, and a hand above them."""

    def __init__(self, viewpoint: Viewpoint, parent: QWidget | None = None) -> None:
        super().__init__(parent, background=None)
        self._viewpoint = viewpoint
        self._document = viewpoint.document
        self._appearance = viewpoint.appearance
        self.setAccessibleName("Latent plane")
        self.setAccessibleDescription(
            "Posterior means of the test digits. Arrow keys move the probe; Enter goes to the "
            "nearest test digit; z1 and z2 can also be typed into the fields beside the plane."
        )
        self.setAcceptDrops(False)  # the window takes dropped files
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setMouseTracking(True)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._hand = Hand(self, session)
        self.hideButtons()
        self.setMenuEnabled(False)
        self._view = self.getViewBox()
        self._view.setAspectLocked(True)
        self._view.disableAutoRange()
        self._reach = 0.0
        self._reach_to(FARTHEST)
        self._theme = LIGHT
        self._shows_focus = False  # a frame, where the keyboard was the last to come here
        self._picture = StillPicture(self.viewport(), self._paint_still)
        self.layers = [kind(viewpoint, self) for kind in LAYERS]
        for layer in self.layers:
            opacity = 1.0 if layer.starts_opacity is None else layer.starts_opacity
            self._appearance.layers.setdefault(layer.key, LayerState(layer.starts_visible, opacity))
            layer.changed.connect(self._picture.forget)
        self._appearance.layers_changed.connect(self._picture.forget)
        self._marks = Marks(viewpoint, self._layer_marks, self)
        self._marked: list[tuple[Mark, float, float]] = []
        self._mapping = QTransform()
        self._marks.moved.connect(self._repaint_marks)
        self._marks.move()
        self._document.test_changed.connect(self._fit_new_digits)
        self._document.model_changed.connect(self._name_axes)
        self.axes = Axes()
        for side in ("left", "bottom"):
            self.hideAxis(side)
        self.getPlotItem().layout.setContentsMargins(*MARGINS)
        self._view.sigRangeChanged.connect(self._picture.forget)
        self._name_axes()
        self.fit()

    def set_theme(self, theme: Theme) -> None:
        """Draw everything in a theme's colours."""
        self._theme = theme
        self._picture.forget()

    def fit(self) -> None:
        """Show all points, and the prior's middle."""
        digits = self._document.test
        bounds = QRectF(PRIOR_VIEW)
        if digits is not None:
            places = self._viewpoint.slice.place(digits.means, digits.labels)
            low, high = places.min(axis=0), places.max(axis=0)
            self._reach_to(max(FARTHEST, 1.1 * float(np.abs(places).max())))
            bounds |= QRectF(QPointF(*low), QPointF(*high))
        self._view.setRange(bounds, padding=0.04)

    def view(self) -> View:
        """What is seen of the plane now, and where: by the ViewBox's own mapping."""
        bounds, mapping = self.bounds(), self._to_viewport()
        corner = mapping.map(QPointF(bounds.left, bounds.high))
        ratio = self.viewport().devicePixelRatioF()
        return View(bounds, corner.x(), corner.y(), mapping.m11(), ratio)

    def bounds(self) -> Bounds:
        """What is seen of the plane now, in data units."""
        seen = self._view.viewRect()
        return Bounds(seen.left(), seen.right(), seen.top(), seen.bottom())

    @property
    def is_settled(self) -> bool:
        """Whether all layers show what they would show if one waited."""
        return all(layer.is_settled for layer in self.layers)

    def plane_point_at(self, position: QPointF) -> Array:
        """The point of the plane (2,), in data units, at a position in the viewport, in pixels."""
        inverse, _ = self._to_viewport().inverted()
        point = inverse.map(position)
        return np.array([point.x(), point.y()])

    def position_of(self, xy: Array) -> QPointF:
        """The position in the viewport, in pixels, of a point of the plane (2,)."""
        return self._to_viewport().map(QPointF(*xy))

    def is_inside(self, position: QPointF) -> bool:
        """Whether a position in the viewport, in pixels, lies in the plane, not on its axes."""
        return self._plane_rect().contains(position)

    def nudge(self, direction: tuple[float, float], step: float) -> None:
        """Move the probe by a step in latent units."""
        plane = self._viewpoint.slice
        xy = plane.to_plane(self._viewpoint.probe) + step * np.array(direction)
        self._viewpoint.set_probe(plane.to_latent(np.clip(xy, -self._reach, self._reach)))

    def pan(self, direction: tuple[float, float]) -> None:
        """Move the view by a tenth of its size."""
        seen = self._view.viewRect()
        self.pan_by(0.1 * np.array([seen.width(), seen.height()]) * direction)

    def pan_by(self, moved: Array) -> None:
        """Move the view by as much as (2,) in the plane's units."""
        self._view.translateBy(x=moved[0], y=moved[1])

    def zoom(self, steps: float, centre: QPointF | None = None) -> None:
        """Zoom in by steps (out if negative) at a point of the plane; None: in the middle."""
        factor = ZOOM_PER_STEP**-steps
        self._view.scaleBy((factor, factor), center=centre)

    def snap(self) -> None:
        """Go to the test digit nearest to the probe."""
        self._viewpoint.select_nearest(self._viewpoint.probe)

    # Qt overrides

    def closeEvent(self, event: QCloseEvent) -> None:
        """Cancel what is being drawn."""
        for layer in self.layers:
            layer.close()
        super().closeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Show the picture of the plane, and the marks above it."""
        painter = QPainter(self.viewport())
        mapping = self._to_viewport()
        self._picture.draw(painter, event.region(), mapping)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setClipRect(mapping.mapRect(self._view.viewRect()))
        for mark, place in self._marks.places:
            mark.paint(painter, mapping.map(QPointF(*place)), mapping.m11(), self._theme)
        if self._shows_focus:
            painter.setPen(QPen(QColor(self._theme.accent), 2.0))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self._plane_rect().adjusted(1.0, 1.0, -1.0, -1.0))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """The hand presses."""
        event.accept()
        self._show_focus(False)
        self._hand.press(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """The hand moves."""
        event.accept()
        self._hand.move(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """The hand lets go."""
        event.accept()
        self._hand.release()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """The hand presses again at once."""
        event.accept()
        self._hand.double_click(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """The hand turns the wheel."""
        event.accept()
        self._hand.wheel(event)

    def enterEvent(self, event: QEnterEvent) -> None:
        """Nothing yet: the first move says where."""

    def leaveEvent(self, event: QEvent) -> None:
        """The hand leaves."""
        self._hand.leave()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Say so where it was the keyboard that came here."""
        super().focusInEvent(event)
        if event.reason() in _BY_KEYBOARD:
            self._show_focus(True)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Space that is let go elsewhere is not seen here."""
        super().focusOutEvent(event)
        self._hand.hold_space(False)
        if event.reason() is not Qt.FocusReason.ActiveWindowFocusReason:
            self._show_focus(False)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The hand's keys; everything else goes to the window."""
        event.setAccepted(self._hand.key_press(event))

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """The hand's keys."""
        event.setAccepted(self._hand.key_release(event))

    # Inside

    def _to_viewport(self) -> QTransform:
        """From the plane's data units to the viewport's pixels: the ViewBox's own mapping."""
        view = self._view
        return view.childTransform() * view.sceneTransform() * self.viewportTransform()

    def _layer_marks(self) -> list[tuple[Mark, Array]]:
        shown = (layer for layer in self.layers if self._appearance.is_shown(layer.key))
        return [mark for layer in shown for mark in layer.marks()]

    def _plane_rect(self) -> QRectF:
        """The plane without its axes, in the viewport's pixels."""
        return self.viewportTransform().mapRect(self._view.sceneBoundingRect())

    def _paint_still(self, painter: QPainter) -> None:
        """Paint the axes, and all layers that are shown, each as opaque as it is to be."""
        view, plane = self.view(), self._plane_rect()
        painter.fillRect(self.viewport().rect(), QColor(self._theme.surface))
        self.axes.paint(painter, self.font(), plane, view, self._theme)
        painter.setClipRect(plane)
        for layer in self.layers:
            state = self._appearance.layers[layer.key]
            if not state.visible:
                continue
            painter.save()
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setOpacity(state.opacity)
            layer.paint(painter, view, self._theme)
            painter.restore()

    def _show_focus(self, shown: bool) -> None:
        if shown != self._shows_focus:
            self._shows_focus = shown
            self.viewport().update()

    def _repaint_marks(self) -> None:
        """Repaint where marks came, went or moved."""
        mapping, before = self._to_viewport(), self._marked
        marked = [(mark, *place.tolist()) for mark, place in self._marks.places]
        if mapping == self._mapping:
            moved = [one for one in marked if one not in before]
            moved += [one for one in before if one not in marked]
            places = [(mark, mapping.map(QPointF(x, y))) for mark, x, y in moved]
            for part in merged([mark.bounds(at, mapping.m11()) for mark, at in places]):
                self.viewport().update(part)
        else:  # they were painted elsewhere than they were found the last time
            self.viewport().update()
        self._marked, self._mapping = marked, mapping

    def _fit_new_digits(self) -> None:
        if self._document.test is not None:
            self.fit()

    def _reach_to(self, reach: float) -> None:
        """Let the plane be seen, and the probe be nudged, this far from the origin."""
        self._reach = reach
        self._view.setLimits(
            xMin=-reach, xMax=reach, yMin=-reach, yMax=reach, minXRange=NEAREST_VIEW
        )

    def _name_axes(self) -> None:
        one = self._viewpoint.slice.dimensions == 1
        self.axes.left = "rows of classes" if one else "z2"
        self.axes.has_left_numbers = not one
        self._picture.forget()
