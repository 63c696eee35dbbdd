"""The lines above the plane: what is shown, and where it comes from."""

from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from vae_gui.state.class_words import TITLE, statement_of_classes, title_of
from vae_gui.state.encoded import EncodedImages
from vae_gui.state.glossary import explained
from vae_gui.state.viewpoint import Viewpoint
from vae_gui.style.labels import label


class PlaneHeader(QWidget):
    """Title, source of the points, and a sentence where the plane is not the whole latent space."""

    def __init__(self, viewpoint: Viewpoint, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewpoint = viewpoint
        self._document = viewpoint.document
        self._appearance = viewpoint.appearance
        self.title = label("title", TITLE, wrap=False)
        self.source = label("caption")
        self.source.setToolTip(explained("posterior mean, binarised"))
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
            self._document.model_changed,
            self._document.model_read,
            self._document.test_changed,
            self._viewpoint.slice_changed,
            self._appearance.layers_changed,
            self._appearance.classes_changed,
        ):
            signal.connect(self._show)
        self._show()

    def add_tools(self, tools: QWidget) -> None:
        """Add a widget at the right end of the title's line."""
        self._top.addWidget(tools)

    def _source_of(self, digits: EncodedImages) -> str:
        """Where the points come from, and how many of them are shown, if not all are."""
        if not self._appearance.is_shown("test"):
            return f"{digits.source} (not shown)"
        shown = int(digits.shown_beside(self._appearance.hidden_classes).sum())
        if shown == len(digits):
            return digits.source
        every = f"{len(digits):,} posterior means"
        how = "shown" if digits.label is None else "in colour"  # the others are grey
        some = f"{shown:,} of {every} {how}"
        if every in digits.source:
            return digits.source.replace(every, some)
        return f"{digits.source}: {some}"

    def _show(self) -> None:
        digits = self._document.test
        self.source.setText("" if digits is None else self._source_of(digits))
        model = self._document.model
        self.title.setText(title_of(model))
        of_classes = "" if model is None else statement_of_classes(model)
        statement = " ".join(filter(None, (of_classes, self._viewpoint.slice.statement())))
        self.statement.setText(statement)
        self.statement.setVisible(bool(statement))
