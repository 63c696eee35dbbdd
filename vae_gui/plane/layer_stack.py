"""The layers of one plane: asks for their pictures when anything has changed, and paints them."""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QObject, QRectF, QTimer, Signal
from PySide6.QtGui import QPainter

from vae_gui.plane.layer_picture import LayerPicture, paint_patch
from vae_gui.plane.layers.layer import Layer, LiveLayer, PaintedLayer, PictureLayer
from vae_gui.plane.layers.posterior_spots import paint_spots, part_of
from vae_gui.plane.layers.table import LAYERS
from vae_gui.plane.marks import Array, Mark
from vae_gui.plane.viewport import View
from vae_gui.state.appearance import LayerState
from vae_gui.state.viewpoint import Viewpoint
from vae_gui.state.workspace import Workspace
from vae_gui.style.palette import LIGHT, Theme
from vae_gui.style.pixels import image_of
from vae_gui.style.theme import faded

VEIL = 0.55  # of the surface's colour, over what lies below a layer that follows a hand
HOLD_MS = 60  # at most, until the plane is painted with other weights


class LayerStack(QObject):
    """All layers, from the lowest to the highest. Painting them starts nothing.

    When the model has other weights, the plane is painted again once its points have been drawn
    with them, some milliseconds later, so that points and marks move together.

    Signals:
        changed: they would be painted differently now.
        live_changed: so would those that follow a hand, above all others.
        failed (str, Exception): a sentence for the user, and what is behind it.
    """

    changed = Signal()
    live_changed = Signal()
    failed = Signal(str, Exception)

    def __init__(
        self,
        workspace: Workspace,
        viewpoint: Viewpoint,
        kinds: Sequence[type[Layer]] = LAYERS,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.layers = [kind() for kind in kinds]
        self._viewpoint = viewpoint
        self._appearance = workspace.appearance
        self._pending = workspace.pending
        self._look: tuple[View, Theme] | None = None
        self._is_closed = self._is_veiled = False
        self._pictures: dict[str, LayerPicture] = {}
        self._soon = QTimer(self, interval=0, singleShot=True)
        self._soon.timeout.connect(self._ask)
        self._hold = QTimer(self, interval=HOLD_MS, singleShot=True)
        self._hold.timeout.connect(self.changed)
        for layer in self.layers:
            opacity = 1.0 if layer.starts_opacity is None else layer.starts_opacity
            state = LayerState(layer.starts_visible, opacity)
            self._appearance.layers.setdefault(layer.key, state)
            if isinstance(layer, PictureLayer):
                self._pictures[layer.key] = self._picture_of(layer)
        self._follow()

    def look(self, view: View, theme: Theme) -> None:
        """Show another part of the plane, or in other colours."""
        if self._look != (view, theme):
            self._look = (view, theme)
            self._ask_soon()

    @property
    def holds_paints(self) -> bool:
        """Whether the plane waits for points with other weights, to be painted as a whole."""
        return self._hold.isActive()

    @property
    def is_settled(self) -> bool:
        """Whether all that is shown has been drawn as it was asked for."""
        asked = not self._soon.isActive()
        return asked and all(picture.is_settled for picture in self._pictures.values())

    def has_drawn(self, key: str) -> bool:
        """Whether a layer has been drawn as it was asked for last."""
        return not self._soon.isActive() and self._pictures[key].is_settled

    def shows(self, key: str) -> bool:
        """Whether a layer is shown and its picture has been drawn."""
        return self._appearance.is_shown(key) and self._pictures[key].is_shown

    def paint(self, painter: QPainter, view: View, theme: Theme) -> None:
        """Paint all layers that are shown, each as opaque as it is to be."""
        for layer in self.layers:
            state = self._appearance.layers[layer.key]
            if not state.visible:
                continue
            if isinstance(layer, LiveLayer):
                if layer.patch(self._viewpoint, theme) is not None:
                    painter.fillRect(view.rect_of(view.bounds), faded(theme.surface, VEIL))
                continue
            painter.save()
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setOpacity(state.opacity)
            if isinstance(layer, PaintedLayer):
                layer.paint(painter, self._viewpoint, view, theme)
            else:
                self._pictures[layer.key].paint(painter, view)
            painter.restore()

    def paint_live(self, painter: QPainter, view: View, theme: Theme) -> None:
        """Paint the layers that follow a hand: finely where they are drawn, else roughly."""
        for layer in self._live_layers():
            painter.save()
            painter.setOpacity(self._appearance.layers[layer.key].opacity)
            if self._pictures[layer.key].is_shown:
                self._pictures[layer.key].paint(painter, view)
            elif (patch := layer.patch(self._viewpoint, theme)) is not None:
                paint_patch(painter, image_of(patch.picture), patch, view)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            paint_spots(painter, layer.spots(self._viewpoint), view, theme)
            painter.restore()

    def live_parts(self, view: View, theme: Theme) -> list[QRectF]:
        """The pixels that the layers cover that follow a hand."""
        found = []
        for layer in self._live_layers():
            bounds = self._pictures[layer.key].bounds
            if bounds is None and (patch := layer.patch(self._viewpoint, theme)) is not None:
                bounds = patch.bounds
            found += [] if bounds is None else [view.rect_of(bounds)]
            found += [part_of(spot, view) for spot in layer.spots(self._viewpoint)]
        return found

    def marks(self) -> list[tuple[Mark, Array]]:
        """What of the layers shown moves with the hand, and where it is in the plane."""
        shown = [layer for layer in self.layers if self._appearance.is_shown(layer.key)]
        return [mark for layer in shown for mark in layer.marks(self._viewpoint)]

    def close(self) -> None:
        """The plane goes: cancel what is being drawn, and ask for nothing any more."""
        self._is_closed = True
        self._soon.stop()
        self._hold.stop()
        for picture in self._pictures.values():
            picture.close()
        self._pending.set_working(self, False)

    def _picture_of(self, layer: PictureLayer) -> LayerPicture:
        picture = LayerPicture(layer, self._pending, self)
        if isinstance(layer, LiveLayer):
            picture.changed.connect(self.live_changed)
        else:
            picture.changed.connect(partial(self._show, layer))
        picture.rested.connect(self._ask_soon)
        picture.failed.connect(self.failed)
        return picture

    def _follow(self) -> None:
        document, viewpoint = self._viewpoint.document, self._viewpoint
        document.weights_replaced.connect(self._expire)
        for signal in (
            document.model_changed,
            document.test_changed,
            document.training_changed,
            viewpoint.slice_changed,
            self._appearance.layers_changed,
            self._appearance.classes_changed,
            self._appearance.colouring_changed,
        ):
            signal.connect(self._ask_soon)
            signal.connect(self._tell)
        document.glided.connect(self._ask_soon)
        viewpoint.scales_changed.connect(self._ask_soon)
        document.opened.connect(self._forget)
        viewpoint.inference.moved.connect(self._move)
        for signal in (viewpoint.inference.found, viewpoint.inference.wanted_changed):
            signal.connect(self._ask_soon)
        check = viewpoint.inference.encoder
        for signal in (check.changed, check.wanted_changed):
            signal.connect(self.live_changed)
        for signal in (viewpoint.inference.wanted_changed, self._appearance.layers_changed):
            signal.connect(self._veil)
            signal.connect(self.live_changed)

    def _tell(self) -> None:
        if not self._hold.isActive():
            self.changed.emit()

    def _expire(self) -> None:
        """The model has other weights."""
        for picture in self._pictures.values():
            picture.expire()
        self._hold.start()

    def _show(self, layer: PictureLayer) -> None:
        """A layer has been drawn."""
        if layer.lingers:
            self._hold.stop()
        self._tell()

    def _live_layers(self) -> "list[LiveLayer]":
        return [
            layer
            for layer in self.layers
            if isinstance(layer, LiveLayer) and self._appearance.is_shown(layer.key)
        ]

    def _move(self) -> None:
        """A hand moves: what was drawn finely is no longer so."""
        for layer in self._live_layers():
            if self._pictures[layer.key].is_shown:
                self._pictures[layer.key].forget()
        self._veil()
        self.live_changed.emit()

    def _veil(self) -> None:
        """Paint all others anew where the layers that follow a hand have begun or ended."""
        theme = LIGHT if self._look is None else self._look[1]
        veiled = any(layer.patch(self._viewpoint, theme) for layer in self._live_layers())
        if veiled != self._is_veiled:
            self._is_veiled = veiled
            self.changed.emit()

    def _forget(self) -> None:
        for picture in self._pictures.values():
            picture.forget()

    def _ask_soon(self) -> None:
        if not self._is_closed:
            self._pending.set_working(self, True)
            self._soon.start()

    def _ask(self) -> None:
        """Have the pictures drawn that are shown and have changed."""
        if self._look is not None:
            view, theme = self._look
            for layer in self.layers:
                if isinstance(layer, PictureLayer) and self._appearance.is_shown(layer.key):
                    request = layer.request(self._viewpoint, view, theme)
                    self._pictures[layer.key].ask_for(request, view)
        if self._hold.isActive() and not self._waits_for_points():
            self._hold.stop()
            self.changed.emit()
        self._pending.set_working(self, False)

    def _waits_for_points(self) -> bool:
        """Whether a layer is being drawn that moves with the weights, and will be in a moment."""
        return any(
            layer.lingers
            and self._appearance.is_shown(layer.key)
            and not self._pictures[layer.key].is_settled
            for layer in self.layers
            if isinstance(layer, PictureLayer)
        )
