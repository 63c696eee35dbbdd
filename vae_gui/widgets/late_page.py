"""A page that is made when it is first seen: until then it costs the start nothing."""

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget


class LatePage(QWidget):
    """Makes the widget that fills it when it is first shown, or when somebody asks for it.

    Signals:
        made (QWidget): the widget is there.
    """

    made = Signal(QWidget)

    def __init__(self, make: Callable[[], QWidget], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._make = make
        self._content: QWidget | None = None
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)

    @property
    def content(self) -> QWidget:
        """The widget."""
        if self._content is None:
            self._content = self._make()
            layout = self.layout()
            assert layout is not None
            layout.addWidget(self._content)
            self._content.show()
            self.made.emit(self._content)
        return self._content

    def showEvent(self, event: QShowEvent) -> None:
        """Be filled."""
        _ = self.content
        super().showEvent(event)
