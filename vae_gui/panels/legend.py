"""The legend of classes, which also switches them."""

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QVBoxLayout, QWidget

from vae_gui.state.viewpoint import Viewpoint
from vae_gui.state.workspace import Workspace
from vae_gui.style.palette import CLASS_COUNT
from vae_gui.style.theme import theme_of
from vae_gui.widgets.focus_frame import paint_focus_frame

DOT = 10.0
GAP = 8.0


class ClassButton(QAbstractButton):
    """A dot in the colour of a class, its name, and how many digits it has; a ring if hidden."""

    def __init__(self, workspace: Workspace, label: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._appearance = workspace.appearance
        self._label = label
        self._count = ""
        self._said: tuple[str, int, bool] | None = None
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.clicked.connect(lambda: self._appearance.toggle_class(label))

    def show_class(self, name: str, count: int, shown: bool) -> None:
        """Set the class's name and count, and whether it is shown."""
        if self._said == (name, count, shown) and self.isChecked() == shown:
            return
        self._said = name, count, shown
        self._count = f"{count:,}"
        self.setText(name)
        self.setChecked(shown)
        self.setAccessibleName(f"Class {name}, {count:,} digits")
        self.setToolTip(
            f"Show or hide class {name} ({self._label}); double-click: this class alone "
            f"(Alt+{self._label})"
        )
        self.updateGeometry()
        self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Show this class alone, or all again. The first click has switched it: switch it back."""
        self._workspace.begin_gesture(goes_on=True)
        self._appearance.toggle_class(self._label)
        self._appearance.solo_class(self._label, CLASS_COUNT)
        self._workspace.end_gesture()
        event.accept()

    def _colour(self) -> QColor:
        """The class's colour; muted while nothing in the plane has it."""
        if self._appearance.colours_classes:
            return QColor(theme_of(self.palette()).classes[self._label])
        return self.palette().color(QPalette.ColorRole.PlaceholderText)

    def sizeHint(self) -> QSize:
        """As wide as its dot and its texts."""
        metrics = self.fontMetrics()
        text = metrics.horizontalAdvance(self.text()) + metrics.horizontalAdvance("10,000")
        return QSize(round(DOT + 3 * GAP) + text, metrics.height() + 6)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the dot, the name, the count; a frame where the keyboard is."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour = self._colour()
        painter.setPen(QPen(colour, 1.5))
        painter.setBrush(colour if self.isChecked() else Qt.BrushStyle.NoBrush)
        middle = QPointF(DOT / 2 + 2.0, self.height() / 2)
        painter.drawEllipse(middle, DOT / 2 - 1.0, DOT / 2 - 1.0)
        palette = self.palette()
        role = QPalette.ColorRole
        words = QRectF(self.rect()).adjusted(DOT + GAP, 0.0, -2.0, 0.0)
        painter.setPen(palette.color(role.WindowText if self.isChecked() else role.PlaceholderText))
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, self.text())
        painter.setPen(palette.color(role.PlaceholderText))
        right = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        painter.drawText(words, right, self._count)
        paint_focus_frame(painter, self)


class Legend(QWidget):
    """A column of classes to switch: click, or the digit's key; double-click shows one alone."""

    def __init__(
        self, workspace: Workspace, viewpoint: Viewpoint, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._document = viewpoint.document
        self._appearance = workspace.appearance
        self.buttons = [ClassButton(workspace, index) for index in range(CLASS_COUNT)]
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        for button in self.buttons:
            layout.addWidget(button)
        self._document.test_changed.connect(self._show)
        self._appearance.classes_changed.connect(self._show)
        for signal in (self._appearance.colouring_changed, self._appearance.layers_changed):
            signal.connect(self._recolour)
        self._show()

    def _recolour(self) -> None:
        for button in self.buttons:
            button.update()

    def _show(self) -> None:
        test, hidden = self._document.test, self._appearance.hidden_classes
        self.setVisible(test is not None)
        if test is None:
            return
        counts = np.bincount(test.labels, minlength=CLASS_COUNT).tolist()
        for index, (button, name) in enumerate(zip(self.buttons, test.class_names, strict=True)):
            button.show_class(name, counts[index], index not in hidden)
