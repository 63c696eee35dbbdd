"""The bar for errors and notes: one sentence, an error's details behind a button."""

import traceback

from PySide6.QtGui import QFontDatabase, QPalette
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from vae_gui.style.labels import filled, label


class MessageBar(QFrame):
    """A bar that floats over the planes, hidden until there is something to say."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        filled(self, QPalette.ColorRole.AlternateBase)
        self.text = label("text")
        self.details = QPlainTextEdit(readOnly=True)
        self.details.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.details.setAccessibleName("Details of the error")
        self.details.setMaximumHeight(180)
        self.details.setTabChangesFocus(True)
        self.more = QPushButton("Details")
        self.more.setCheckable(True)
        self.more.setToolTip("Show what the program knows about it")
        self.more.toggled.connect(self.details.setVisible)
        self.dismiss = QPushButton("Close")
        self.dismiss.setToolTip("Hide this message; the next file that is opened does so too")
        self.dismiss.clicked.connect(self.hide)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.text, 1)
        row.addWidget(self.more)
        row.addWidget(self.dismiss)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 8, 16, 8)
        layout.addLayout(row)
        layout.addWidget(self.details)
        self.hide()

    def show_error(self, sentence: str, error: BaseException) -> None:
        """Show a sentence; keep the traceback behind the button."""
        self.details.setPlainText("".join(traceback.format_exception(error)))
        self._say(sentence, is_error=True)

    def show_note(self, sentence: str) -> None:
        """Show a sentence about something that is as it should be."""
        self.details.clear()
        self._say(sentence, is_error=False)

    def _say(self, sentence: str, *, is_error: bool) -> None:
        self.text.setText(sentence)
        self.text.setAccessibleName(sentence)
        role = QPalette.ColorRole
        self.setBackgroundRole(role.AlternateBase if is_error else role.Base)
        self.more.setVisible(is_error)
        self.more.setChecked(False)
        self.details.hide()
        self.show()
