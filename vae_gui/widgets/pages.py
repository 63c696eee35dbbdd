"""Pages of which one is seen, under a row of their titles."""

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import (
    QAbstractButton,
    QButtonGroup,
    QHBoxLayout,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from vae_gui.style.labels import dress
from vae_gui.widgets.focus_frame import paint_focus_frame
from vae_gui.widgets.glyph import GAP, GLYPH, PaintGlyph

PAD = 8.0  # before and after a title
LINE = 2.0  # under the title of the page that is seen


class PageTitle(QAbstractButton):
    """A page's title: underlined while the page is seen, muted while it is not."""

    def __init__(self, title: str, tip: str, glyph: PaintGlyph | None = None) -> None:
        super().__init__()
        dress(self, "title")
        self._glyph = glyph
        self.setText(title)
        self.setAccessibleName(f"Page: {title}")
        self.setToolTip(tip)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """As wide as glyph and title, and a line high."""
        metrics = self.fontMetrics()
        width = 2.0 * PAD + metrics.horizontalAdvance(self.text()) + self._indent
        return QSize(round(width) + 1, round(metrics.height() + 12.0))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw glyph, title, and the line under it; a frame where the keyboard is."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        palette, role = self.palette(), QPalette.ColorRole
        if self._glyph is not None:
            top = (self.height() - GLYPH) / 2.0
            self._glyph(painter, QRectF(PAD, top, GLYPH, GLYPH), palette)
        is_called = self.isChecked() or self.underMouse()
        painter.setPen(palette.color(role.WindowText if is_called else role.PlaceholderText))
        words = QRectF(self.rect()).adjusted(PAD + self._indent, 0.0, 0.0, 0.0)
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, self.text())
        if self.isChecked():
            line = QRectF(0.0, self.height() - LINE, self.width(), LINE)
            painter.fillRect(line, palette.color(role.Highlight))
        paint_focus_frame(painter, self)

    @property
    def _indent(self) -> float:
        return 0.0 if self._glyph is None else GLYPH + GAP


class Pages(QWidget):
    """A row of titles and, below it, the page whose title was pressed last; at first, the first.

    Signals:
        changed (str): the page of this key is seen now.
    """

    changed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.titles: dict[str, PageTitle] = {}
        self._pages: dict[str, QWidget] = {}
        self._stack = QStackedWidget()
        self._group = QButtonGroup(self)
        self._row = QHBoxLayout()
        self._row.setContentsMargins(8, 0, 8, 0)
        self._row.setSpacing(2)
        self._row.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(self._row)
        layout.addWidget(self._stack, 1)

    def add(
        self, key: str, title: str, tip: str, page: QWidget, glyph: PaintGlyph | None = None
    ) -> None:
        """Add a page to the right of the others."""
        made = self.titles[key] = PageTitle(title, tip, glyph)
        self._pages[key] = page
        self._stack.addWidget(page)
        self._group.addButton(made)
        self._row.insertWidget(self._row.count() - 1, made)
        made.setChecked(len(self.titles) == 1)
        made.toggled.connect(lambda on: self._show(key) if on else None)

    @property
    def shown(self) -> str:
        """The key of the page that is seen."""
        return next(key for key, title in self.titles.items() if title.isChecked())

    @property
    def titles_height(self) -> int:
        """How high the row of titles is, in pixels."""
        return self._row.sizeHint().height()

    def choose(self, key: str) -> None:
        """Show a page."""
        self.titles[key].setChecked(True)

    def offer(self, key: str, offered: bool) -> None:
        """Let a page be chosen, or not: its title is hidden then, and the first page is seen."""
        self.titles[key].setVisible(offered)
        if not offered and self.shown == key:
            self.choose(next(iter(self.titles)))

    def _show(self, key: str) -> None:
        self._stack.setCurrentWidget(self._pages[key])
        self.changed.emit(key)
