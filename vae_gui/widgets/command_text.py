"""A command line, in a font of one width, to read and to copy."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontDatabase, QGuiApplication, QResizeEvent, QTextOption
from PySide6.QtWidgets import QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

PAD = 4


class CommandText(QWidget):
    """The command, wrapped and as high as it needs, and a button that copies it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.field = _Wrapped()
        self.copy = QPushButton("Copy the command")
        self.copy.setToolTip("Copy it, to run it in a terminal")
        self.copy.clicked.connect(self._copy)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self.field)
        layout.addWidget(self.copy)

    @property
    def text(self) -> str:
        """The command."""
        return self.field.toPlainText()

    def show_command(self, command: str) -> None:
        """Show another one."""
        if command != self.text:
            self.field.setPlainText(command)
            self.field.fit()

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.text)


class _Wrapped(QPlainTextEdit):
    """Text that breaks between words, and within them where a word is too long."""

    def __init__(self) -> None:
        super().__init__(readOnly=True)
        self.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("The command that will be run")
        self.setTabChangesFocus(True)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.document().setDocumentMargin(PAD)

    def fit(self) -> None:
        """Be as high as the text is at this width."""
        lines = max(1, round(self.document().size().height()))
        frame = 2 * (self.frameWidth() + PAD)
        self.setFixedHeight(lines * self.fontMetrics().lineSpacing() + frame)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width may need another height."""
        super().resizeEvent(event)
        if event.oldSize().width() != event.size().width():
            self.fit()
