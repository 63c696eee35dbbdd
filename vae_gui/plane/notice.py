"""The notice in the middle of an empty plane."""

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QLabel, QWidget

from vae_gui.state.viewpoint import Viewpoint
from vae_gui.style.labels import filled, label

NO_MODEL = (
    "No model is open.\n\n"
    "Open a checkpoint with {open_keys}, or drop one here.\n"
    "To train one: vae-train, then open the folder that it names."
)
NO_DIGITS = "No test digits to show.\n\nThe model decodes all the same: click anywhere, or drag."
MARGIN = 12


class PlaneNotice(QObject):
    """A few words over the plane: progress, or what to do. Mouse events pass through them.

    It stays empty until `begin`, since a model is about to be opened at the program's start.
    """

    def __init__(self, viewpoint: Viewpoint, plane: QWidget, open_keys: str) -> None:
        """Make the notice of a plane; `open_keys` are the keys that open a checkpoint."""
        super().__init__(plane)
        self._document = viewpoint.document
        self._plane = plane
        self._no_model = NO_MODEL.format(open_keys=open_keys)
        self._progress = ""
        self._begun = False
        self._needed = 0
        self.label: QLabel = filled(label("caption"), QPalette.ColorRole.Light)
        self.label.setMargin(MARGIN)
        self.label.setParent(plane)
        self.label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.label.hide()
        plane.installEventFilter(self)
        self._document.model_changed.connect(self._show)
        self._document.test_changed.connect(self._show)

    def begin(self) -> None:
        """Begin to show notices, after the first model has had its chance to be opened."""
        self._begun = True
        QTimer.singleShot(0, self, self._show)

    def set_progress(self, text: str) -> None:
        """Show the progress of opening; empty text ends it."""
        self._progress = text
        self._show()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay in the middle."""
        if event.type() is QEvent.Type.Resize:
            self._place()
        return False

    def _text(self) -> str:
        if not self._begun or self._document.test is not None:
            return ""
        if self._progress:
            return self._progress
        return self._no_model if self._document.model is None else NO_DIGITS

    def _show(self) -> None:
        text = self._text()
        self.label.setText(text)
        lines = text.splitlines() or [""]
        metrics = self.label.fontMetrics()
        self._needed = 2 * MARGIN + max(metrics.horizontalAdvance(line) for line in lines) + 4
        self.label.setVisible(bool(text))
        self._place()

    def _place(self) -> None:
        """Above the middle of the plane, where the probe is at first."""
        room = self._plane.contentsRect()
        width = min(self._needed, room.width())
        height = self.label.heightForWidth(width)
        left = room.left() + (room.width() - width) // 2
        self.label.setGeometry(left, self._plane.height() // 3 - height // 2, width, height)
