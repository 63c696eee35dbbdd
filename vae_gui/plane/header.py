"""The lines above the plane: what is shown, and where it comes from."""

from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from vae_gui.state.session import Session
from vae_gui.style.labels import label


class PlaneHeader(QWidget):
    """Title, the source of the points, and a plain statement where the latent space is not 2-D."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.title = label("title", "Latent plane", wrap=False)
        self.source = label("caption")
        self.statement = label("text")
        self.title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._top = QHBoxLayout()
        self._top.addWidget(self.title, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 7, 4, 6)
        layout.setSpacing(0)
        layout.addLayout(self._top)
        for part in (self.source, self.statement):
            layout.addWidget(part)
        for signal in (
            session.model_changed,
            session.digits_changed,
            session.plane_changed,
            session.layers_changed,
        ):
            signal.connect(self._show)
        self._show()

    def add_tools(self, tools: QWidget) -> None:
        """Put something at the right end of the line with the title."""
        self._top.addWidget(tools)

    def _show(self) -> None:
        digits = self._session.digits
        hidden = "" if self._session.is_shown("test") else " (not shown)"
        self.source.setText(digits.source + hidden if digits is not None else "")
        statement = self._session.plane.statement()
        self.statement.setText(statement)
        self.statement.setVisible(bool(statement))
