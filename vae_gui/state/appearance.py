"""How the plane is drawn: which layers, which classes, which colours."""

from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, Signal

SIZES = ("small", "medium", "large")
# How large text, points and marks of the plane can be, as multiples of their usual size.
MAGNIFICATIONS = (0.8, 1.0, 1.25, 1.5, 2.0, 2.5, 3.0)


@dataclass(frozen=True)
class LayerState:
    """How a layer of the plane is shown.

    Attributes:
        visible: whether it is.
        opacity: from 0 to 1; 1 where the layer has none.
        size: of its cells, 0 for small to 2 for large; 0 where the layer has none.
    """

    visible: bool
    opacity: float = 1.0
    size: int = 0


class Appearance(QObject):
    """Layers, hidden classes and colouring: one for all planes, so that they compare.

    Signals:
        layers_changed: a layer of the plane is shown in another way.
        classes_changed: other classes are shown.
        colouring_changed: images are coloured by something else.
        magnification_changed: text, points and marks have another size.
    """

    layers_changed = Signal()
    classes_changed = Signal()
    colouring_changed = Signal()
    magnification_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.layers: dict[str, LayerState] = {}
        self.hidden_classes: frozenset[int] = frozenset()
        self.colouring: str | None = None  # the key of a measure; None: by class
        self.magnification = 1.0  # of text, points and marks

    def set_layer(self, key: str, state: LayerState) -> None:
        """Show a layer of the plane in another way."""
        if self.layers.get(key) != state:
            self.layers[key] = state
            self.layers_changed.emit()

    def show_layer(self, key: str, visible: bool) -> None:
        """Show or hide a layer of the plane."""
        self.set_layer(key, replace(self.layers[key], visible=visible))

    def is_shown(self, key: str) -> bool:
        """Whether a layer of the plane is shown."""
        return key in self.layers and self.layers[key].visible

    def size_of(self, key: str) -> int:
        """How large the cells of a layer are, from 0 to 2."""
        return self.layers[key].size if key in self.layers else 0

    @property
    def colours_classes(self) -> bool:
        """Whether the plane shows anything in the colours of the classes."""
        return self.colouring is None or any(map(self.is_shown, ("regions", "class_ellipses")))

    def colour_by(self, measure: str | None) -> None:
        """Colour images by a measure, given its key, or by class."""
        if measure != self.colouring:
            self.colouring = measure
            self.colouring_changed.emit()

    def magnify(self, magnification: float) -> None:
        """Draw text, points and marks in another size, a multiple of the usual one."""
        if magnification != self.magnification:
            self.magnification = magnification
            self.magnification_changed.emit()

    def hide_classes(self, labels: frozenset[int]) -> None:
        """Let only the other classes be coloured, named, and found as nearest."""
        if labels != self.hidden_classes:
            self.hidden_classes = labels
            self.classes_changed.emit()

    def toggle_class(self, label: int) -> None:
        """Show a class if it is hidden, hide it if it is shown."""
        self.hide_classes(self.hidden_classes ^ {label})

    def solo_class(self, label: int, count: int) -> None:
        """Show one of `count` classes alone; all of them, if it was alone before."""
        others = frozenset(range(count)) - {label}
        self.hide_classes(frozenset() if self.hidden_classes == others else others)
