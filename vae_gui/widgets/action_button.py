"""Unobtrusive buttons for actions of the menus."""

from collections.abc import Iterable

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QAction, QColor, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QWidget

from vae_gui.style.icons import paint_icon
from vae_gui.widgets.action_words import tip_of, title_of
from vae_gui.widgets.focus_frame import paint_focus_frame

SIDE = 28
CORNER = 4.0


class ActionButton(QAbstractButton):
    """A button that takes its name, tooltip and state from an action.

    The icon is muted unless the mouse or the keyboard focus is on it.
    """

    def __init__(self, action: QAction, parent: QWidget | None = None) -> None:
        """Make a button for an action, whose data are one of the icons' names."""
        super().__init__(parent)
        self.action = action
        self.setFixedSize(SIDE, SIDE)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setCheckable(action.isCheckable())
        self.clicked.connect(action.trigger)
        action.changed.connect(self._show)
        self._show()

    def sizeHint(self) -> QSize:
        """A square."""
        return QSize(SIDE, SIDE)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the background under the mouse, the icon, and the focus frame."""
        painter = QPainter(self)
        paint_ground(painter, self)
        paint_icon(painter, self._icon, QRectF(self.rect()), ink_of(self))

    def _show(self) -> None:
        self._icon = str(self.action.data())  # another one while it is switched on, perhaps
        self.setEnabled(self.action.isEnabled())
        self.setChecked(self.action.isChecked())
        self.update()
        self.setAccessibleName(title_of(self.action))
        self.setToolTip(tip_of(self.action))


class ActionRow(QWidget):
    """Such buttons side by side, in groups that are set apart."""

    def __init__(self, groups: Iterable[Iterable[QAction]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.buttons: list[ActionButton] = []
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        for group in groups:
            if self.buttons:
                layout.addSpacing(10)
            for action in group:
                self.buttons.append(ActionButton(action))
                layout.addWidget(self.buttons[-1])


def ink_of(button: QAbstractButton) -> QColor:
    """The colour of the icon: that of text under the mouse, of lines where it is disabled."""
    role = QPalette.ColorRole
    if not button.isEnabled():
        return button.palette().color(role.Mid)
    is_called = button.underMouse() or button.hasFocus() or button.isChecked()
    return button.palette().color(role.WindowText if is_called else role.PlaceholderText)


def paint_ground(painter: QPainter, button: QAbstractButton) -> None:
    """Draw the background that shows hover, press and focus."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    palette, rect = button.palette(), QRectF(button.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
    if button.isEnabled() and (button.underMouse() or button.isDown()):
        ground = palette.color(QPalette.ColorRole.Mid)
        ground.setAlphaF(0.9 if button.isDown() else 0.45)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ground)
        painter.drawRoundedRect(rect, CORNER, CORNER)
    paint_focus_frame(painter, button, CORNER)
