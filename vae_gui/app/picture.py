"""Pictures of the window, of the plane alone, and of the decoded digit."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from PySide6.QtCore import (
    QBuffer,
    QByteArray,
    QCoreApplication,
    QEvent,
    QIODevice,
    QPoint,
    QRect,
    QRectF,
    QSize,
)
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QWidget

from vae_gui.app.layout_parts import LayoutParts
from vae_gui.app.look import Look
from vae_gui.panels.density_readout import DensityReadout
from vae_gui.panels.probe_panel import ProbePanel
from vae_gui.plane.plane_view import PlaneView
from vae_gui.state.workspace import Workspace
from vae_gui.style.pixels import image_of
from vae_gui.widgets.throttle import Throttle

BETWEEN = 6  # pixels between two planes
DIGIT_PIXEL = 10  # the side of a pixel of the digit in its picture, at scale 1


class Subject(StrEnum):
    """What a picture shows."""

    PLANE = "plane"
    DIGIT = "digit"
    WINDOW = "window"


@dataclass(frozen=True)
class Sitter:
    """What sits for a picture.

    Attributes:
        window: the whole.
        plane: the plane in it.
        probe: the panel of the decoded digit.
        workspace: what they show.
        look: its colours.
        parts: of its layout, which may be folded and dragged.
        second: the plane beside it, while two models are compared.
    """

    window: QWidget
    plane: PlaneView
    probe: ProbePanel
    workspace: Workspace
    look: Look
    parts: LayoutParts
    second: Callable[[], PlaneView | None] = lambda: None

    @property
    def planes(self) -> list[PlaneView]:
        """The planes that are shown, from left to right."""
        second = self.second()
        return [self.plane] if second is None else [self.plane, second]

    @property
    def is_settled(self) -> bool:
        """Whether all planes have been drawn as they were asked for."""
        return all(plane.layers.is_settled for plane in self.planes)

    def size_of(self, subject: "Subject") -> QSize:
        """The size of a picture in the window's pixels; of a digit's, that of the window."""
        if subject is not Subject.PLANE:
            return self.window.size()
        sizes = [plane.size() for plane in self.planes]
        width = sum(size.width() for size in sizes) + BETWEEN * (len(sizes) - 1)
        return QSize(width, self.caption_height + max(size.height() for size in sizes))

    @property
    def caption_height(self) -> int:
        """The room for what is written above the planes; 0 where they show that themselves."""
        heights = [
            plane.caption.height(plane.font(), plane.width(), self.look.theme)
            for plane in self.planes
            if not plane.caption.is_shown
        ]
        return max(heights, default=0)

    def catch_up(self) -> None:
        """Have the numbers in panels, which follow the hand some 60 ms later, shown at once."""
        for throttle in self.window.findChildren(Throttle):
            throttle.catch_up()
        for readout in self.window.findChildren(DensityReadout):
            readout.catch_up()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest.value)

    def draw_as_fine_as(self, ratio: float | None, screen: float | None = None) -> None:
        """`PlaneView.draw_as_fine_as` for all planes."""
        for plane in self.planes:
            plane.draw_as_fine_as(ratio, screen)

    def paint_planes(self, painter: QPainter) -> None:
        """Paint the planes side by side, each under its caption."""
        painter.fillRect(
            QRect(QPoint(), self.size_of(Subject.PLANE)), QColor(self.look.theme.surface)
        )
        left, above = 0, self.caption_height
        for plane in self.planes:
            painter.save()
            painter.translate(left, above)
            plane.paint_picture(painter)
            painter.restore()
            if not plane.caption.is_shown:
                room = QRectF(left, 0.0, plane.width(), above)
                plane.caption.paint(painter, plane.font(), room, self.look.theme)
            left += plane.width() + BETWEEN


def draw(sitter: Sitter, subject: Subject, scale: int) -> QImage:
    """A picture of what is shown now; the plane is as fine as `PlaneView.draw_as_fine_as` has it.

    Before a model is open, a picture of the digit is black.
    """
    if subject is Subject.DIGIT:
        return _digit(sitter.probe, scale)
    sitter.catch_up()
    image = QImage(sitter.size_of(subject) * scale, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(scale)
    painter = QPainter(image)
    if subject is Subject.WINDOW:
        sitter.window.render(painter, QPoint())
    else:
        sitter.paint_planes(painter)
    painter.end()
    image.setDevicePixelRatio(1)
    return image


def described(image: QImage, texts: Mapping[str, str]) -> QImage:
    """The image with texts, which go into each file that is made of it."""
    made = image.copy()
    for key, text in texts.items():
        made.setText(key, text)
    return made


def as_png(image: QImage, texts: Mapping[str, str]) -> bytes:
    """The content of a PNG file with texts in it."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    described(image, texts).save(buffer, "PNG")  # type: ignore[call-overload]  # its stub wants bytes
    return bytes(buffer.data().data())


def as_svg(sitter: Sitter, texts: Mapping[str, str]) -> bytes:
    """The planes as the content of an SVG file: lines and words as such, points as pictures."""
    from PySide6.QtSvg import QSvgGenerator

    content = QByteArray()
    buffer = QBuffer(content)
    generator = QSvgGenerator()
    size = sitter.size_of(Subject.PLANE)
    generator.setResolution(sitter.plane.logicalDpiX())
    generator.setOutputDevice(buffer)
    generator.setSize(size)
    generator.setViewBox(QRect(QPoint(), size))
    generator.setTitle("Latent plane")
    generator.setDescription("\n".join(f"{key}: {text}" for key, text in texts.items()))
    painter = QPainter(generator)
    sitter.paint_planes(painter)
    painter.end()
    return bytes(content.data())


def _digit(probe: ProbePanel, scale: int) -> QImage:
    levels = probe.digit.levels
    side = DIGIT_PIXEL * scale
    if levels is None:
        black = QImage(QSize(28, 28) * side, QImage.Format.Format_RGB32)
        black.fill(0xFF000000)
        return black
    grey = (0xFF000000 + 0x010101 * levels.astype(np.uint32)).astype(np.uint32)
    enlarged = np.ascontiguousarray(grey.repeat(side, axis=0).repeat(side, axis=1))
    return image_of(enlarged, opaque=True).copy()
