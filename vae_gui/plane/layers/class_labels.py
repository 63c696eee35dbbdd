"""The name of each class, at the median of its points: colour alone does not tell ten apart."""

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen, QPixmap

from vae_gui.plane.layers.layer import PaintedLayer, within
from vae_gui.plane.viewport import View
from vae_gui.state.encoded import EncodedImages
from vae_gui.state.slice import Slice
from vae_gui.state.viewpoint import Viewpoint
from vae_gui.style.palette import Theme
from vae_gui.style.theme import faded

_PADDING = 5.0
FEWEST = 20  # images that have a name, in the plane of one class: it has few of the others
FRAME = 1.6  # pixels wide, in the colour of the class


class ClassLabelsLayer(PaintedLayer):
    """A label for each class, at the median of its points."""

    key = "labels"
    title = "Class names"
    tip = "The name of each class, at the median of its posterior means."

    def __init__(self) -> None:
        self._medians = Medians()
        self._plates: dict[tuple[str, str, Theme, float, str], QPixmap] = {}

    def source(self, viewpoint: Viewpoint) -> str:
        """The points whose medians these are."""
        if not self._shown(viewpoint):
            return ""
        return f"medians of the posterior means of each class{within(viewpoint.slice)}"

    def brief(self, viewpoint: Viewpoint) -> str:
        """The points in a few words."""
        return "medians of the classes" if self._shown(viewpoint) else ""

    def paint(self, painter: QPainter, viewpoint: Viewpoint, view: View, theme: Theme) -> None:
        """Draw each name's plate at its median, on whole pixels."""
        coloured = viewpoint.appearance.colours_classes
        for label, name, place in self._shown(viewpoint):
            frame = theme.classes[label] if coloured else theme.line
            plate = self._plate(name, frame, theme, view.ratio, painter.font())
            size = plate.deviceIndependentSize()
            corner = view.pixel_of(*place) - QPointF(size.width() / 2, size.height() / 2)
            painter.drawPixmap(corner.toPoint(), plate)

    def _plate(self, name: str, frame: str, theme: Theme, ratio: float, font: QFont) -> QPixmap:
        """The plate with a name, kept in memory: drawing one takes 0.1 ms."""
        key = (name, frame, theme, ratio, font.key())
        if key not in self._plates:
            self._plates[key] = _draw_plate(name, frame, theme, ratio, font)
        return self._plates[key]

    def _shown(self, viewpoint: Viewpoint) -> list[tuple[int, str, NDArray[np.float64]]]:
        test, hidden = viewpoint.document.painted, viewpoint.appearance.hidden_classes
        if test is None:
            return []
        medians = self._medians.of(test, viewpoint.slice)
        return [(k, test.class_names[k], place) for k, place in medians.items() if k not in hidden]


class Medians:
    """Where the middle of each class is, by label: taken once for each encoding and slice."""

    def __init__(self) -> None:
        self._of: tuple[EncodedImages, Slice] | None = None
        self._places: dict[int, NDArray[np.float64]] = {}

    def of(self, images: EncodedImages, slice_: Slice) -> dict[int, NDArray[np.float64]]:
        """The medians (2,) of the classes that have images."""
        if self._of != (images, slice_):
            places, own = slice_.place(images.means, images.labels), images.belongs
            classes = {
                k: places[own & (images.labels == k)] for k in range(len(images.class_names))
            }
            least = 1 if images.label is None else FEWEST
            self._places = {k: median(some) for k, some in classes.items() if len(some) >= least}
            self._of = (images, slice_)
        return self._places


def median(points: NDArray[np.floating]) -> NDArray[np.float64]:
    """The median of points (N, d) in each coordinate (d,).

    numpy's own imports masked arrays when it is first called: 40 ms of the GUI thread.
    """
    low, high = (len(points) - 1) // 2, len(points) // 2
    middle = np.partition(points, (low, high), axis=0)[[low, high]]
    median_: NDArray[np.float64] = middle.mean(axis=0, dtype=np.float64)
    return median_


def _draw_plate(name: str, frame: str, theme: Theme, ratio: float, font: QFont) -> QPixmap:
    size = QFontMetricsF(font).size(Qt.TextFlag.TextSingleLine, name)
    width, height = math.ceil(size.width() + 2 * _PADDING) + 1, math.ceil(size.height()) + 1
    plate = QPixmap(round(width * ratio), round(height * ratio))
    plate.setDevicePixelRatio(ratio)
    plate.fill(Qt.GlobalColor.transparent)
    behind = faded(theme.surface, 0.85)
    painter = QPainter(plate)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setFont(font)
    painter.setPen(QPen(QColor(frame), FRAME))
    painter.setBrush(behind)
    inside = QRectF(0.0, 0.0, width, height).adjusted(*(FRAME / 2.0 * s for s in (1, 1, -1, -1)))
    painter.drawRoundedRect(inside, 3.0, 3.0)
    painter.setPen(QColor(theme.text))
    painter.drawText(inside, Qt.AlignmentFlag.AlignCenter, name)
    painter.end()
    return plate
