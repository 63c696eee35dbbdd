"""What a look at each pixel would tell about z: the map over the canvas."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

if TYPE_CHECKING:
    from model.latent.decode_table import Floats
    from model.latent.evidence import Evidence


@dataclass(frozen=True, eq=False)
class PixelInformation:
    """I(pixel; z | evidence) of each pixel.

    Attributes:
        evidence: what was known when it was summed.
        nats: (784,), 0 where a pixel is known.
    """

    evidence: "Evidence"
    nats: "Floats"

    @property
    def most_telling(self) -> int | None:
        """The unknown pixel that tells most; None where all are known."""
        return None if self.evidence.known.all() else int(self.nats.argmax())

    @property
    def highest(self) -> float:
        """What that pixel tells, in nats."""
        return float(self.nats.max())


class PixelMap(QObject):
    """The map of one viewpoint's model, while somebody wants it.

    Attributes:
        is_on: whether it is wanted.
        information: the last that was summed; None while there is none.

    Signals:
        switched: it is wanted, or no more.
        changed: there is another one, or none.
    """

    switched = Signal()
    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.is_on = False
        self.information: PixelInformation | None = None

    def switch(self, on: bool) -> None:
        """Want it, or no more."""
        if on != self.is_on:
            self.is_on = on
            self.switched.emit()

    def show(self, information: PixelInformation | None) -> None:
        """Have another one, or none."""
        if information is not self.information:
            self.information = information
            self.changed.emit()

    def of(self, evidence: "Evidence") -> PixelInformation | None:
        """The map of some evidence, if that is the one that is known."""
        found = self.information
        return found if found is not None and found.evidence is evidence else None
