"""The panel at the left: a row for each layer, and the key to the colours."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QSlider, QVBoxLayout, QWidget

from vae_gui.panels.colour_key import ColourKey
from vae_gui.plane.layers.layer import Layer
from vae_gui.state.appearance import LayerState
from vae_gui.state.viewpoint import Viewpoint
from vae_gui.state.workspace import Workspace
from vae_gui.style.labels import label, rule
from vae_gui.widgets.column import ScrollingColumn

WIDTH = 270
MARGIN = 16
SLIDER_WIDTH = 52
NOTHING_YET = "nothing to show yet: it needs digits that are encoded"


class LayersPanel(ScrollingColumn):
    """A row for each layer, the topmost layer first; below them the colours."""

    def __init__(
        self,
        workspace: Workspace,
        viewpoint: Viewpoint,
        layers: Sequence[Layer],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(WIDTH, parent)
        lowest_last = reversed(layers)
        self.rows = {layer.key: LayerRow(workspace, viewpoint, layer) for layer in lowest_last}
        self.colours = ColourKey(workspace, viewpoint)
        layout = self.parts
        layout.setContentsMargins(MARGIN, 14, MARGIN, MARGIN)
        layout.setSpacing(12)
        layout.addWidget(label("title", "Layers", wrap=False))
        for row in self.rows.values():
            layout.addWidget(row)
        layout.addWidget(rule())
        layout.addWidget(self.colours)
        layout.addStretch(1)


class LayerRow(QWidget):
    """A box to tick, a slider, and the layer's source while it is shown."""

    def __init__(
        self,
        workspace: Workspace,
        viewpoint: Viewpoint,
        layer: Layer,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._viewpoint = viewpoint
        self._appearance = workspace.appearance
        self._layer = layer
        self.box = QCheckBox(layer.title)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.source = label("caption")
        self._set_up()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(3)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.box, 1)
        row.addWidget(self.slider)
        layout.addLayout(row)
        layout.addWidget(self.source)
        self.box.toggled.connect(self._store)
        self.slider.valueChanged.connect(self._store)
        self.slider.sliderPressed.connect(workspace.begin_gesture)
        self.slider.sliderReleased.connect(workspace.end_gesture)
        self._appearance.layers_changed.connect(self._show)
        document = viewpoint.document
        for signal in (
            document.model_changed,
            document.test_changed,
            document.training_changed,
            document.label_accuracy_changed,
            viewpoint.slice_changed,
            self._appearance.classes_changed,
            self._appearance.colouring_changed,
        ):
            signal.connect(self._show)  # a layer may have another source now
        self._show()

    def _set_up(self) -> None:
        layer = self._layer
        key = f" ({layer.shortcut})" if layer.shortcut else ""
        self.setToolTip(layer.tip + key)
        self.box.setAccessibleName(f"Show {layer.title}")
        self.box.setAccessibleDescription(layer.tip)
        self.slider.setRange(5, 100)
        self.slider.setFixedWidth(SLIDER_WIDTH)
        self.slider.setAccessibleName(f"Opacity of {layer.title}, in percent")
        self.slider.setToolTip("Opacity")
        self.slider.setVisible(layer.starts_opacity is not None)

    def _store(self) -> None:
        state = LayerState(self.box.isChecked(), self.slider.value() / 100.0)
        self._appearance.set_layer(self._layer.key, state)

    def _show(self) -> None:
        state = self._appearance.layers[self._layer.key]
        for widget in (self.box, self.slider):
            widget.blockSignals(True)
        self.box.setChecked(state.visible)
        self.slider.setValue(round(100.0 * state.opacity))
        for widget in (self.box, self.slider):
            widget.blockSignals(False)
        self.slider.setEnabled(state.visible)
        self.source.setText(self._layer.source(self._viewpoint) or NOTHING_YET)
        self.source.setVisible(state.visible)
