"""The panel at the left: a row for each layer, and the key to the colours."""

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QSlider, QVBoxLayout, QWidget

from vae_gui.panels.cell_sizes import CellSizes
from vae_gui.panels.colour_key import ColourKey
from vae_gui.panels.line_bar import density_bar, magnification_bar
from vae_gui.plane.layers.density_difference import DensityDifferenceLayer
from vae_gui.plane.layers.layer import Layer
from vae_gui.plane.layers.magnification import MagnificationLayer
from vae_gui.plane.layers.manifold import ManifoldLayer
from vae_gui.state.viewpoint import Viewpoint
from vae_gui.state.workspace import Workspace
from vae_gui.style.labels import label, rule, wrapped
from vae_gui.widgets.column import ScrollingColumn
from vae_gui.widgets.throttle import Throttle
from vae_gui.widgets.tick_box import INDENT, TickBox

WIDTH = 270
MARGIN = 16
SLIDER_WIDTH = 52
NOTHING_YET = "no digits yet"


class LayersPanel(ScrollingColumn):
    """A row for each layer, the manifold and then the topmost first; below them the colours."""

    def __init__(
        self,
        workspace: Workspace,
        viewpoint: Viewpoint,
        layers: Sequence[Layer],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(WIDTH, parent)
        self.density, self.magnification = density_bar(viewpoint), magnification_bar(viewpoint)
        bars = {
            DensityDifferenceLayer.key: self.density,
            MagnificationLayer.key: self.magnification,
        }
        self.rows = {
            layer.key: LayerRow(workspace, viewpoint, layer, bars.get(layer.key))
            for layer in in_order(layers)
        }
        self.colours = ColourKey(workspace, viewpoint)
        layout = self.parts
        layout.setContentsMargins(MARGIN, 10, MARGIN, 10)
        layout.setSpacing(5)
        for row in self.rows.values():
            layout.addWidget(row)
        layout.addWidget(rule())
        layout.addWidget(self.colours)
        layout.addStretch(1)
        self._follow(viewpoint)

    def _follow(self, viewpoint: Viewpoint) -> None:
        """Show the rows again where one may differ: once for all that a change emits."""
        self._throttle = Throttle(self._show_rows, self)
        document, appearance = viewpoint.document, viewpoint.appearance
        for signal in (
            document.model_changed,
            document.test_changed,
            document.training_changed,
            document.label_accuracy_changed,
            viewpoint.slice_changed,
            viewpoint.inference.table_changed,
            appearance.classes_changed,
            appearance.colouring_changed,
        ):
            signal.connect(self._throttle.call)  # a layer may have another source now

    def _show_rows(self) -> None:
        for row in self.rows.values():
            row.show_state()


def in_order(layers: Sequence[Layer]) -> list[Layer]:
    """The manifold, which is what people come for, and then the others from the topmost down."""
    from_above = list(reversed(layers))
    from_above.sort(key=lambda layer: layer.key != ManifoldLayer.key)
    return from_above


class LayerRow(QWidget):
    """A box to tick and a slider; under them one line, always there: the source in a few words.

    So no row moves when a layer is switched. The tooltip says all of it.
    """

    def __init__(
        self,
        workspace: Workspace,
        viewpoint: Viewpoint,
        layer: Layer,
        bar: QWidget | None = None,
        parent: QWidget | None = None,
    ) -> None:
        """Make the row of a layer; `bar` is the key to its colours, if it has one."""
        super().__init__(parent)
        self._viewpoint = viewpoint
        self._appearance = workspace.appearance
        self._layer = layer
        self._bar = bar
        self.box = TickBox(layer.title)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.brief = label("caption", wrap=False)
        self.sizes = CellSizes(layer.title) if layer.has_sizes else None
        self._set_up()
        self._lay_out()
        self.box.toggled.connect(self._store)
        self.slider.valueChanged.connect(self._store)
        self.slider.sliderPressed.connect(workspace.begin_gesture)
        self.slider.sliderReleased.connect(workspace.end_gesture)
        if self.sizes is not None:
            self.sizes.chosen.connect(self._store_size)
        self._appearance.layers_changed.connect(self.show_state)
        self.show_state()

    def show_state(self) -> None:
        """Show whether the layer is shown, how, and where it comes from now."""
        state = self._appearance.layers[self._layer.key]
        for widget in (self.box, self.slider):
            widget.blockSignals(True)
        self.box.setChecked(state.visible)
        self.slider.setValue(round(100.0 * state.opacity))
        for widget in (self.box, self.slider):
            widget.blockSignals(False)
        self.slider.setEnabled(state.visible)
        if self.sizes is not None:
            self.sizes.show_size(state.size)
            self.sizes.setEnabled(state.visible)
        self.brief.setText(self._layer.brief(self._viewpoint) or NOTHING_YET)
        self.brief.setVisible(self._bar is None or self._bar.isHidden())
        self._explain()

    def _set_up(self) -> None:
        layer = self._layer
        self.box.setAccessibleName(f"Show {layer.title}")
        self.box.setAccessibleDescription(layer.tip)
        self.slider.setRange(5, 100)
        self.slider.setFixedWidth(SLIDER_WIDTH)
        self.slider.setAccessibleName(f"Opacity of {layer.title}, in percent")
        self.slider.setToolTip("Opacity")
        self.slider.setVisible(layer.starts_opacity is not None)
        self.brief.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def _lay_out(self) -> None:
        above, below = QHBoxLayout(), QHBoxLayout()
        above.setSpacing(8)
        above.addWidget(self.box, 1)
        above.addWidget(self.slider)
        below.setContentsMargins(INDENT, 0, 0, 0)
        below.setSpacing(2)
        for part in (self._bar, self.brief, self.sizes):
            if part is not None:
                below.addWidget(part)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(above)
        layout.addLayout(below)

    def _store(self) -> None:
        before = self._appearance.layers[self._layer.key]
        visible, opacity = self.box.isChecked(), self.slider.value() / 100.0
        state = replace(before, visible=visible, opacity=opacity)
        self._appearance.set_layer(self._layer.key, state)

    def _store_size(self, size: int) -> None:
        before = self._appearance.layers[self._layer.key]
        self._appearance.set_layer(self._layer.key, replace(before, size=size))

    def _explain(self) -> None:
        layer = self._layer
        key = f" ({layer.shortcut})" if layer.shortcut else ""
        source = layer.source(self._viewpoint) or NOTHING_YET
        tip = wrapped(f"{layer.tip}{key}\n\n{source[:1].upper()}{source[1:]}.")
        if tip != self.toolTip():  # to set it takes long even where nothing changes
            self.setToolTip(tip)
