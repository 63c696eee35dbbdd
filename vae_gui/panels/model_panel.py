"""Which model is open, and what was measured of it."""

from html import escape
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from model.printable import printable
from vae_gui.state.glossary import explained
from vae_gui.state.viewpoint import Viewpoint
from vae_gui.style.labels import label
from vae_gui.style.scales import with_minus

if TYPE_CHECKING:
    from model.files.checkpoint import Checkpoint


class ModelPanel(QWidget):
    """The checkpoint's name, its network, its training, and its ELBO with its protocol."""

    def __init__(self, viewpoint: Viewpoint, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = viewpoint.document
        self.name = label("text")
        self.name.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.name.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.facts = label("caption")
        self.why = label("caption")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        for part in (self.name, self.facts, self.why):
            layout.addWidget(part)
        for signal in (self._document.model_changed, self._document.model_read):
            signal.connect(self._show)
        layout.addStretch(1)
        self._show()

    def _show(self) -> None:
        model = self._document.model
        self.facts.clear()
        self.why.clear()
        if model is None:
            self.name.setText("none open yet")
            return
        self.name.setText(model.title)
        # As markup that says what it says: a tooltip would take tags in a name for its own.
        self.name.setToolTip(f"<span>{escape(printable(model.path))}</span>")
        if model.is_read:
            self._describe(model.checkpoint)

    def _describe(self, checkpoint: "Checkpoint") -> None:
        self.facts.setText("\n".join(describe(checkpoint)))
        self.facts.setToolTip(explained(self.facts.text()))
        self.why.setText(why_straight_cuts(checkpoint))
        self.why.setToolTip(explained("atlas"))


def why_straight_cuts(checkpoint: "Checkpoint") -> str:
    """Why classes meet along straight lines in the plane of a model with an atlas; else empty."""
    side = checkpoint.config.atlas
    if not side:
        return ""
    return (
        "Why classes meet along straight lines: the encoder first looks each image up in an atlas "
        f"of {side} × {side} places in rows and columns, and neighbouring places may stand for "
        "different digits."
    )


def describe(checkpoint: "Checkpoint") -> list[str]:
    """A checkpoint in a few lines: network, training, measure."""
    from model.data.catalogue import DATASETS

    config, training = checkpoint.config, checkpoint.training
    title = DATASETS[training.dataset].title
    lines = [
        f"{config.latent_dim}-D latent, {config.summary}",
        f"{title}, binarised dynamically; epoch {checkpoint.epoch} of {training.epochs}",
    ]
    for split in ("test", "validation"):
        if "elbo" in checkpoint.metrics.get(split, {}):
            elbo = with_minus(f"{checkpoint.metrics[split]['elbo']:.2f}")
            lines.append(f"{split} ELBO {elbo} nats per image")
            break
    if training.objective != "elbo":
        lines.append(f"trained by {training.objective} with {training.samples} draws of z")
    if training.beta != 1.0:
        lines.append(f"trained with beta {training.beta:g}")
    return lines
