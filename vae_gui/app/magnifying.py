"""The size of text, points and marks in the plane: one in the window, one for the plane alone."""

from collections.abc import Mapping

from PySide6.QtCore import QObject

from vae_gui.state.appearance import MAGNIFICATIONS, Appearance

IN_WINDOW, ALONE = "window", "alone"
USUAL = {IN_WINDOW: 1.0, ALONE: 1.5}  # from the last row, a point is as small as it is far away


class Magnifying(QObject):
    """Makes them larger and smaller, and knows both sizes."""

    def __init__(
        self,
        appearance: Appearance,
        remembered: Mapping[str, float] = USUAL,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self._where = IN_WINDOW
        self.sizes = dict(remembered)
        appearance.magnify(self.sizes[IN_WINDOW])

    def step(self, steps: int) -> None:
        """Make them larger by steps; smaller if negative."""
        index = MAGNIFICATIONS.index(self.sizes[self._where]) + steps
        self._set(MAGNIFICATIONS[min(max(index, 0), len(MAGNIFICATIONS) - 1)])

    def reset(self) -> None:
        """Give them their usual size."""
        self._set(USUAL[self._where])

    def show_alone(self, alone: bool) -> None:
        """Change over to the size for the plane alone, or back."""
        self._where = ALONE if alone else IN_WINDOW
        self._appearance.magnify(self.sizes[self._where])

    def _set(self, size: float) -> None:
        self.sizes[self._where] = size
        self._appearance.magnify(size)
