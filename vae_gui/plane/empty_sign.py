"""The words over a part of the plane where no test digit lies."""

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QLabel

from vae_gui.plane.canvas import Array, Bounds
from vae_gui.plane.plane_view import PlaneView
from vae_gui.state.viewpoint import Viewpoint
from vae_gui.style.labels import filled, label
from vae_gui.widgets.throttle import Throttle

TEXT = "No test digits here: press Home"
MARGIN = 6
TOP = 12  # pixels below the plane's upper edge


class EmptySign(QObject):
    """Says how to come back to the digits, at the plane's upper edge, while none is in sight."""

    def __init__(self, viewpoint: Viewpoint, plane: PlaneView) -> None:
        super().__init__(plane)
        self._viewpoint = viewpoint
        self._plane = plane
        self.label: QLabel = filled(label("caption", TEXT, wrap=False), QPalette.ColorRole.Light)
        self.label.setMargin(MARGIN)
        self.label.setParent(plane)
        self.label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.label.hide()
        self._soon = Throttle(self._show, self)
        for signal in (
            plane.looked,
            viewpoint.slice_changed,
            viewpoint.document.test_changed,
        ):
            signal.connect(self._soon.call)

    def _show(self) -> None:
        test = self._viewpoint.document.test
        seen = self._plane.viewport.bounds
        empty = test is not None and not _any_within(
            self._viewpoint.slice.place(test.means, test.labels), seen
        )
        if empty:
            room = self._plane.contentsRect()
            self.label.adjustSize()
            self.label.move(room.center().x() - self.label.width() // 2, room.top() + TOP)
        self.label.setVisible(empty)


def _any_within(places: Array, seen: Bounds) -> bool:
    """Whether any of the places (N, 2) lies in a rectangle."""
    x, y = places[:, 0], places[:, 1]
    inside = (x >= seen.left) & (x <= seen.right) & (y >= seen.low) & (y <= seen.high)
    return bool(inside.any())
