"""The slim edge of a panel, a button that folds and unfolds it."""

from PySide6.QtCore import QEvent, QObject, QRectF, QSize, Qt
from PySide6.QtGui import QAction, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from vae_gui.style.icons import paint_icon
from vae_gui.widgets.action_button import ink_of, paint_ground
from vae_gui.widgets.action_words import keys_of, title_of

WIDTH = 16
ARROW_HEIGHT = 42.0


class FoldHandle(QAbstractButton):
    """A button as high as the panel, always visible; its arrow shows where the panel goes."""

    def __init__(
        self, panel: QWidget, action: QAction, *, on_the_left: bool, parent: QWidget | None = None
    ) -> None:
        """Make the edge of a panel, which an action of the menus shows while it is checked.

        Args:
            panel: what is folded.
            action: the menu's, checkable.
            on_the_left: whether the panel lies to the left of the edge.
            parent: as Qt has it.
        """
        super().__init__(parent)
        self._action = action
        self._on_the_left = on_the_left
        self.setFixedWidth(WIDTH)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.clicked.connect(action.toggle)
        action.toggled.connect(panel.setVisible)
        panel.installEventFilter(self)
        action.toggled.connect(self._show)
        self._show()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the panel, which others may show too."""
        if event.type() in (QEvent.Type.ShowToParent, QEvent.Type.HideToParent):
            self._action.setChecked(event.type() == QEvent.Type.ShowToParent)
        return False

    def sizeHint(self) -> QSize:
        """As slim as it is; its height is the window's."""
        return QSize(WIDTH, 4 * WIDTH)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw a hairline towards the panel, and the arrow as high as the titles are."""
        painter = QPainter(self)
        x = 0 if self._on_the_left else self.width() - 1
        line = self.palette().color(QPalette.ColorRole.Mid)
        painter.fillRect(x, 0, 1, self.height(), line)
        paint_ground(painter, self)
        to_the_left = self._action.isChecked() == self._on_the_left
        arrow = QRectF(0.0, 0.0, self.width(), ARROW_HEIGHT)
        paint_icon(painter, "left" if to_the_left else "right", arrow, ink_of(self))

    def _show(self) -> None:
        verb = "Fold away" if self._action.isChecked() else "Unfold"
        name = f"{verb} the {title_of(self._action).lower().removesuffix(' panel')} panel"
        self.setAccessibleName(name)
        self.setToolTip(f"{name} ({', '.join(keys_of(self._action))})")
        self.update()
