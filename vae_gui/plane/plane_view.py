"""The plane: axes, layers and marks, and the hand above them."""

from PySide6.QtCore import QEvent, QRectF, Qt, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QColor,
    QFocusEvent,
    QFont,
    QFontInfo,
    QKeyEvent,
    QMouseEvent,
    QPaintEngine,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QShowEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from vae_gui.plane.axes import BOTTOM_HEIGHT, LEFT_WIDTH, Axes
from vae_gui.plane.backdrop import StillPicture
from vae_gui.plane.caption import Caption
from vae_gui.plane.fitting import Fitting
from vae_gui.plane.gliding import Gliding
from vae_gui.plane.layer_stack import LayerStack
from vae_gui.plane.marks import Array, Mark, Marks, merged
from vae_gui.plane.probe_pointer import ProbePointer
from vae_gui.plane.tools import TOOLS
from vae_gui.plane.tools.hand import Hand
from vae_gui.plane.tools.navigation import PRIOR_VIEW, Navigation
from vae_gui.plane.viewport import View, Viewport
from vae_gui.state.viewpoint import Viewpoint
from vae_gui.state.workspace import Workspace
from vae_gui.style.palette import LIGHT, Theme

_BY_KEYBOARD = (
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
)
LEAST = 8  # of the plane without its axes, in pixels


class PlaneView(QWidget):
    """The latent plane, axes 1:1: its layers, its marks, and a hand that holds a tool above them.

    Attributes:
        viewport: which part of the plane is seen.
        navigation: what moves it.
        layers: what is drawn in it.
        tools: all tools, by their keys.
        axes: what is written beside the plane.
        caption: what is written above it, where no panel says it.

    Signals:
        looked: another part of the plane is seen, or in other colours.
    """

    looked = Signal()

    def __init__(
        self, workspace: Workspace, viewpoint: Viewpoint, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._appearance = workspace.appearance
        self._viewpoint = viewpoint
        self._theme = LIGHT
        self._fineness: float | None = None  # None: the screen's
        self._screen: float | None = None  # likewise
        self._shows_focus = False  # a frame, where the keyboard was the last to come here
        self._prepare_widget()
        self._picture = StillPicture(self, self._paint_still)
        self.layers = LayerStack(workspace, viewpoint, parent=self)
        self._gliding = Gliding(workspace, viewpoint.document, self.layers, self)
        self.viewport = Viewport(PRIOR_VIEW, viewpoint.reach, self._look)
        self.navigation = Navigation(viewpoint, self.viewport)
        self.tools = {kind.key: kind(viewpoint, self.viewport, self.update) for kind in TOOLS}
        self._hand = Hand(
            workspace,
            viewpoint,
            self.viewport,
            self.navigation,
            self.tools[workspace.tool],
            self.setCursor,
        )
        self.axes = Axes()
        self.caption = Caption(viewpoint, self.layers.layers, self)
        self.caption.changed.connect(self._magnify)
        self.layers.changed.connect(self._picture.forget)
        self._covered: list[QRectF] = []  # by the layers that follow a hand
        self.layers.live_changed.connect(self._repaint_live)
        self._marks = Marks(viewpoint, self.layers.marks, self)
        self._pointer = ProbePointer(viewpoint, self)
        self._marked: list[tuple[Mark, float, float]] = []
        self._marked_in: View | None = None
        self._marks.moved.connect(self._repaint_marks)
        self._marks.move()
        workspace.tool_changed.connect(self._take_tool)
        self._fitting = Fitting(viewpoint, self.viewport, self.fit, self)
        viewpoint.slice_changed.connect(self._name_axes)
        self._name_axes()
        self._appearance.magnification_changed.connect(self._magnify)
        self._magnify()
        self.fit()

    def set_theme(self, theme: Theme) -> None:
        """Draw everything in a theme's colours."""
        self._theme = theme
        self._look()

    def view(self) -> View:
        """What is seen of the plane now, and where on the widget."""
        screen = self._screen or self.devicePixelRatioF()
        ratio = self._fineness or screen
        return self.viewport.view(ratio, self._appearance.magnification, ratio / screen)

    def draw_as_fine_as(self, ratio: float | None, screen: float | None = None) -> None:
        """Have the layers drawn for another number of pixels in each pixel of the widget.

        So that a picture can be larger than the screen; it shows no more than the screen would.

        Args:
            ratio: the pixels; None: as fine as the screen is.
            screen: the pixels of the screen that it is drawn as for; None: of this one.
        """
        self._fineness, self._screen = ratio, screen
        self._look()

    def paint_picture(self, painter: QPainter) -> None:
        """Paint the plane as it is shown, in its own pixels, without the frame of the keyboard."""
        self._paint_still(painter)
        self._paint_live(painter, self.view())
        self._paint_marks(painter, self.view())
        if painter.paintEngine().type() is QPaintEngine.Type.SVG:
            # Above all once more: many programs that show SVG know no clipping.
            self.axes.cover(painter, self._plane_rect(), QRectF(self.rect()), self._theme)
            self._paint_around(painter, self.view())

    def fit(self) -> None:
        """Show all points, and the prior's middle."""
        self.navigation.fit()

    def zoom(self, steps: float, at: Array | None = None) -> None:
        """Zoom in by steps (out if negative) at a point of the plane (2,); None: in the middle."""
        self.navigation.zoom(steps, at)

    def snap(self) -> None:
        """Go to the test digit nearest to the probe."""
        self._viewpoint.select_nearest(self._viewpoint.probe)

    # Qt overrides

    def closeEvent(self, event: QCloseEvent) -> None:
        """Cancel what is being drawn."""
        self._gliding.close()
        self.layers.close()
        for tool in self.tools.values():
            tool.close()
        super().closeEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fill the new size with the plane."""
        super().resizeEvent(event)
        self._magnify()  # a caption takes more lines in less width

    def showEvent(self, event: QShowEvent) -> None:
        """Learn how fine the screen's pixels are."""
        super().showEvent(event)
        self._look()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Show the picture of the plane, and above it what follows the hand."""
        painter, view = QPainter(self), self.view()
        self._picture.draw(painter, event.region(), view)
        self._paint_live(painter, view)
        self._paint_marks(painter, view)
        if self._shows_focus:
            painter.setPen(QPen(QColor(self._theme.accent), 2.0))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self._frame().adjusted(1.0, 1.0, -1.0, -1.0))

    def _paint_live(self, painter: QPainter, view: View) -> None:
        painter.setClipRect(self._plane_rect())
        self.layers.paint_live(painter, view, self._theme)

    def _repaint_live(self) -> None:
        """Repaint what the layers that follow a hand cover now, and what they covered before."""
        view = self.view()
        before = self._covered
        self._covered = self.layers.live_parts(view, self._theme)
        for part in (*before, *self._covered):
            self.update(part.adjusted(-2.0, -2.0, 2.0, 2.0).toAlignedRect())

    def _paint_marks(self, painter: QPainter, view: View) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setClipRect(self._plane_rect())
        painter.save()
        self._hand.tool.paint(painter, view, self._theme)
        painter.restore()
        for mark, place in self._marks.places:
            mark.paint(painter, view.pixel_of(*place.tolist()), view, self._theme)
        self._pointer.paint(painter, self._plane_rect(), view, self._theme)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """The hand presses."""
        self._show_focus(False)
        self._hand.press(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """The hand moves."""
        self._hand.move(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """The hand lets go."""
        self._hand.release()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """The hand presses again at once."""
        self._hand.double_click(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """The hand turns the wheel."""
        self._hand.wheel(event)

    def leaveEvent(self, event: QEvent) -> None:
        """The hand leaves."""
        self._hand.leave()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show a frame where the keyboard came here."""
        super().focusInEvent(event)
        if event.reason() in _BY_KEYBOARD:
            self._show_focus(True)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Let go of Space: it may be released elsewhere, which is not seen here."""
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

    def _prepare_widget(self) -> None:
        self.setAccessibleName("Latent plane")
        self.setAccessibleDescription(
            "Posterior means of the test digits. Arrow keys move the probe; Enter goes to the "
            "nearest test digit; coordinates can also be typed into the fields beside the plane."
        )
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(LEFT_WIDTH + LEAST, BOTTOM_HEIGHT + LEAST)

    def _magnify(self) -> None:
        """Give text another size, and the axes as much room as it needs."""
        times = self._appearance.magnification
        font = QFont()
        font.setPointSizeF(times * QFontInfo(font).pointSizeF())
        self.setFont(font if times != 1.0 else QFont())
        left, bottom = round(LEFT_WIDTH * times), round(BOTTOM_HEIGHT * times)
        self.setContentsMargins(left, self._caption_height(), 1, bottom)
        self._place()
        self._look()

    def _caption_height(self) -> int:
        caption = self.caption
        return caption.height(self.font(), self.width(), self._theme) if caption.is_shown else 0

    def _place(self) -> None:
        plane = self._plane_rect()
        self.viewport.place(plane.x(), plane.y(), plane.width(), plane.height())

    def _plane_rect(self) -> QRectF:
        """The plane without its axes, in the widget's pixels."""
        return QRectF(self.contentsRect())

    def _frame(self) -> QRectF:
        """Its frame: the lower edge is in the middle of a row of pixels, where a line is sharp."""
        return self._plane_rect().adjusted(0.0, 0.0, 0.5, 0.5)

    def _look(self) -> None:
        """Another part of the plane is seen, or in other colours."""
        self.looked.emit()
        self._picture.forget()
        self.layers.look(self.view(), self._theme)

    def _take_tool(self) -> None:
        self._hand.take(self.tools[self._workspace.tool])
        self.update()

    def _paint_still(self, painter: QPainter) -> None:
        """Paint the axes, and all layers that are shown, each as opaque as it is to be."""
        view = self.view()
        painter.fillRect(self.rect(), QColor(self._theme.surface))
        self._paint_around(painter, view)
        painter.setClipRect(self._frame())
        self.layers.paint(painter, view, self._theme)

    def _paint_around(self, painter: QPainter, view: View) -> None:
        """Paint the axes beside the plane, and the caption above it."""
        frame = self._frame()
        self.axes.paint(painter, self.font(), frame, view, self._theme)
        if self.caption.is_shown:
            above = QRectF(0.0, 0.0, self.width(), frame.top())
            self.caption.paint(painter, self.font(), above, self._theme)

    def _show_focus(self, shown: bool) -> None:
        if shown != self._shows_focus:
            self._shows_focus = shown
            self.update()

    def _repaint_marks(self) -> None:
        """Repaint where marks came, went or moved."""
        view, before = self.view(), self._marked
        marked = [(mark, *place.tolist()) for mark, place in self._marks.places]
        if self.layers.holds_paints:
            pass  # a moment later all is painted, points and marks together
        elif view == self._marked_in:
            moved = [one for one in marked if one not in before]
            moved += [one for one in before if one not in marked]
            places = [(mark, view.pixel_of(x, y)) for mark, x, y in moved]
            for part in merged([mark.bounds(at, view) for mark, at in places]):
                self.update(part)
            self.update(self._pointer.moved(self._plane_rect(), view))
        else:  # they were painted elsewhere than they were found the last time
            self.update()
        self._marked, self._marked_in = marked, view

    def _name_axes(self) -> None:
        self.axes.name(self._viewpoint.slice)
        self._picture.forget()
