"""Looking at the pixels of a loaded image, one at a time."""

from PySide6.QtCore import QObject, Signal

from vae_gui.state.observation import Observation
from vae_gui.state.pixel_map import PixelMap


class Looking(QObject):
    """Reveals pixels: any that is chosen, or the one that tells most.

    The most telling one is known a moment after the last look. Who asks for it earlier gets it
    then.

    Signals:
        refused (str): why there is nothing to look at, in a sentence.
    """

    refused = Signal(str)

    def __init__(
        self, observation: Observation, pixel_map: PixelMap, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._observation = observation
        self._map = pixel_map
        self._waits = False
        pixel_map.changed.connect(self._go_on)
        pixel_map.switched.connect(self._forget)

    @property
    def is_possible(self) -> bool:
        """Whether a click looks at a pixel: the map is on, and there is an image to look at."""
        return self._map.is_on and self._observation.sketch.whole is not None

    def look_at(self, pixel: int) -> None:
        """Reveal a pixel, if it is unknown."""
        self._waits = False
        self._observation.look_at(pixel)

    def look_at_most_telling(self) -> None:
        """Reveal the pixel that tells most, as soon as that is known; switch the map on."""
        if self._observation.sketch.whole is None:
            self.refused.emit("Load a test digit first: a drawing has nothing to look up.")
        elif self._observation.evidence.known.all():
            self.refused.emit("No pixel is unknown: see “nothing of it” first.")
        else:
            self._map.switch(True)
            self._waits = True
            self._go_on()

    def _go_on(self) -> None:
        known = self._map.of(self._observation.evidence)
        if self._waits and known is not None and known.most_telling is not None:
            self.look_at(known.most_telling)

    def _forget(self) -> None:
        self._waits = self._waits and self._map.is_on
