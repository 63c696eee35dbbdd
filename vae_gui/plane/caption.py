"""What a plane that stands alone says of itself: which model it shows, and what its colours mean.

In the window the panels say so. On a whole screen, in a picture and in a film there are none.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence

from PySide6.QtCore import QObject, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen

from vae_gui.plane.layers.layer import ColourScale, Layer
from vae_gui.state.viewpoint import Viewpoint
from vae_gui.style.colour_maps import amounts
from vae_gui.style.palette import Theme
from vae_gui.style.pixels import image_of

# All as multiples of the height of a line of text, so that the caption grows with it.
SIDE, BETWEEN, WITHIN = 0.5, 0.9, 0.35  # at both sides; between two entries; within one
PADDING = 0.25  # above and below all lines
LINE = 1.25  # from one line to the next
DOT, BAR_WIDTH, BAR_HEIGHT = 0.6, 7.0, 0.6
_COLOURED = ("regions", "class_ellipses")  # layers in the colours of classes, whatever points show
_POINTS = ("test", "training")


class Entry(ABC):
    """Something on a line of the caption."""

    @abstractmethod
    def width(self, font: QFont) -> float:
        """How much room it takes, in pixels."""

    @abstractmethod
    def paint(self, painter: QPainter, place: QRectF, theme: Theme) -> None:
        """Draw it; the place is as wide as it wants, and a line high."""


class Name(Entry):
    """A model's name, in bold."""

    def __init__(self, text: str) -> None:
        self.text = text

    def width(self, font: QFont) -> float:
        """That of its letters, in bold."""
        return QFontMetricsF(_bold(font)).horizontalAdvance(self.text) + 1.0

    def paint(self, painter: QPainter, place: QRectF, theme: Theme) -> None:
        """Write it."""
        usual = painter.font()
        painter.setFont(_bold(usual))
        painter.setPen(QColor(theme.text))
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, self.text)
        painter.setFont(usual)


class ClassEntry(Entry):
    """A dot in a class's colour and its name; a ring where the class is hidden."""

    def __init__(self, name: str, colour: str, *, is_shown: bool) -> None:
        self.text = name
        self.colour = colour
        self.is_shown = is_shown

    def width(self, font: QFont) -> float:
        """A dot and a name."""
        metrics = QFontMetricsF(font)
        return (DOT + WITHIN) * metrics.height() + metrics.horizontalAdvance(self.text) + 1.0

    def paint(self, painter: QPainter, place: QRectF, theme: Theme) -> None:
        """Draw both."""
        line, colour = place.height(), QColor(self.colour)
        radius = DOT * line / 2.0
        painter.setPen(QPen(colour, 1.5))
        painter.setBrush(colour if self.is_shown else Qt.BrushStyle.NoBrush)
        painter.drawEllipse(
            QPointF(place.left() + radius, place.center().y()), radius - 1.0, radius - 1.0
        )
        painter.setPen(QColor(theme.text if self.is_shown else theme.muted))
        words = place.adjusted((DOT + WITHIN) * line, 0.0, 0.0, 0.0)
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, self.text)


class ScaleEntry(Entry):
    """What a scale of colours means, and a bar between the numbers at its ends."""

    def __init__(self, colours: ColourScale) -> None:
        self.colours = colours
        self.text = f"{colours.title}, {colours.unit}"

    @property
    def ends(self) -> tuple[str, str]:
        """The numbers at both ends; empty where none is known yet."""
        scale = self.colours.scale
        if scale is None:
            return "", ""
        return scale.text_of_end(scale.low), scale.text_of_end(scale.high)

    def width(self, font: QFont) -> float:
        """A text; and two numbers with a bar, where they are known."""
        return sum(part for part, _ in self._parts(QFontMetricsF(font)))

    def paint(self, painter: QPainter, place: QRectF, theme: Theme) -> None:
        """Draw them in a row."""
        painter.setPen(QColor(theme.text))
        left, middle = place.left(), Qt.AlignmentFlag.AlignVCenter
        for width, text in self._parts(QFontMetricsF(painter.font())):
            room = QRectF(left, place.top(), width, place.height())
            if text is None:
                self._paint_bar(painter, room, theme)
            else:
                painter.drawText(room, middle, text)
            left += width

    def _parts(self, metrics: QFontMetricsF) -> Iterator[tuple[float, str | None]]:
        """Widths and texts from left to right; None stands for the bar."""
        gap = WITHIN * metrics.height()
        texts = (self.text, *self.ends)
        low, high = ((metrics.horizontalAdvance(text) + 1.0, text) for text in texts[1:])
        title = metrics.horizontalAdvance(self.text) + 1.0
        if self.colours.scale is None:
            yield title, self.text
            return
        yield title + 2.0 * gap, self.text
        yield low[0] + gap, low[1]
        yield BAR_WIDTH * metrics.height() + gap, None
        yield high

    def _paint_bar(self, painter: QPainter, room: QRectF, theme: Theme) -> None:
        line = room.height()
        height = BAR_HEIGHT * line
        top = room.center().y() - height / 2.0
        bar = QRectF(room.left(), top, BAR_WIDTH * line, height)
        painter.fillRect(bar, QColor(theme.surface))
        painter.setOpacity(self.colours.opacity)
        painter.drawImage(bar, image_of(self.colours.table[None], opaque=True))
        painter.setOpacity(1.0)


class Caption(QObject):
    """A band above a plane: its model's name, a dot for each class, a bar for each scale.

    Attributes:
        is_shown: whether the plane itself shows it, and keeps room for it.
        name: what it calls the model; if empty, as the model is called.

    Signals:
        changed: it says something else, or is shown, or not any more.
    """

    changed = Signal()

    def __init__(self, viewpoint: Viewpoint, layers: Sequence[Layer], parent: QObject) -> None:
        """Speak for the plane of a viewpoint, whose layers these are."""
        super().__init__(parent)
        self.is_shown = False
        self.name = ""
        self._viewpoint = viewpoint
        self._layers = layers
        document, appearance = viewpoint.document, viewpoint.appearance
        for signal in (
            document.model_changed,
            document.test_changed,
            document.training_changed,
            viewpoint.scales_changed,
            appearance.layers_changed,
            appearance.classes_changed,
            appearance.colouring_changed,
        ):
            signal.connect(self._tell)

    def show(self, shown: bool) -> None:
        """Show it in the plane itself, or not any more."""
        if shown != self.is_shown:
            self.is_shown = shown
            self.changed.emit()

    def entries(self, theme: Theme) -> list[Entry]:
        """What it says, in order."""
        model, test = self._viewpoint.document.model, self._viewpoint.document.test
        appearance = self._viewpoint.appearance
        found: list[Entry] = [] if model is None else [Name(self.name or model.title)]
        shows_points = any(map(appearance.is_shown, _POINTS))
        by_class = shows_points and appearance.colouring is None
        if test is not None and (by_class or any(map(appearance.is_shown, _COLOURED))):
            hidden = appearance.hidden_classes
            found += [
                ClassEntry(name, theme.classes[label], is_shown=label not in hidden)
                for label, name in enumerate(test.class_names)
            ]
        return found + [ScaleEntry(scale) for scale in self._scales(theme, shows_points)]

    def height(self, font: QFont, width: float, theme: Theme) -> int:
        """How high it is in pixels, if it is so wide; 0 where there is nothing to say."""
        lines = len(_lines(self.entries(theme), font, width))
        above = 2.0 * PADDING - (LINE - 1.0)
        return round((lines * LINE + above) * QFontMetricsF(font).height()) if lines else 0

    def paint(self, painter: QPainter, font: QFont, place: QRectF, theme: Theme) -> None:
        """Draw it in a place as high as it is, above the plane."""
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(place, QColor(theme.surface))
        painter.setFont(font)
        line = QFontMetricsF(font).height()
        top = place.top() + PADDING * line
        for entries in _lines(self.entries(theme), font, place.width()):
            left = place.left() + SIDE * line
            for entry in entries:
                width = entry.width(font)
                room = min(width, place.right() - left)
                entry.paint(painter, QRectF(left, top, room, line), theme)
                left += width + BETWEEN * line
            top += LINE * line
        painter.restore()

    def _scales(self, theme: Theme, shows_points: bool) -> Iterator[ColourScale]:
        viewpoint = self._viewpoint
        key = viewpoint.appearance.colouring
        if key is not None and shows_points and viewpoint.document.test is not None:
            measure = viewpoint.document.table[key]
            title = measure.title_given(viewpoint.document.label)
            yield ColourScale(title, measure.unit, viewpoint.scale_of(key), amounts(theme))
        for layer in self._layers:
            colours = layer.colours(viewpoint, theme)
            if colours is not None and viewpoint.appearance.is_shown(layer.key):
                yield colours

    def _tell(self) -> None:
        if self.is_shown:
            self.changed.emit()


def _lines(entries: Sequence[Entry], font: QFont, width: float) -> list[list[Entry]]:
    """The entries in lines of this width."""
    lines: list[list[Entry]] = []
    height = QFontMetricsF(font).height()
    left, room = 0.0, width - 2.0 * SIDE * height
    for entry in entries:
        needed = entry.width(font)
        if not lines or left + needed > room:
            lines.append([])
            left = 0.0
        lines[-1].append(entry)
        left += needed + BETWEEN * height
    return lines


def _bold(font: QFont) -> QFont:
    bold = QFont(font)
    bold.setBold(True)
    return bold
