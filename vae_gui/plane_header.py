"""The lines above the plane: what is shown, and where it comes from."""

from PySide6.QtWidgets import QVBoxLayout, QWidget

from vae_gui.labels import label
from vae_gui.session import Session


class PlaneHeader(QWidget):
    """Title, the source of the points, and a plain statement where the latent space is not 2-D."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._progress = ""
        self.title = label("title", "Latent plane", wrap=False)
        self.source = label("caption")
        self.statement = label("text")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 14, 16, 8)
        layout.setSpacing(3)
        for part in (self.title, self.source, self.statement):
            layout.addWidget(part)
        for signal in (session.model_changed, session.digits_changed, session.plane_changed):
            signal.connect(self._show)
        self._show()

    def set_progress(self, text: str) -> None:
        """Say what is going on while there are no points; nothing when `text` is empty."""
        self._progress = text
        self._show()

    def _show(self) -> None:
        digits = self._session.digits
        self.source.setText(digits.source if digits is not None else self._progress)
        statement = self._session.plane.statement()
        self.statement.setText(statement)
        self.statement.setVisible(bool(statement))
