"""What is put on the canvas at once: a test digit, a mask, noise; and what clears it."""

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QPushButton, QSlider, QVBoxLayout, QWidget

from model.data.masks import FIXED, mask_named
from model.latent.decode_table import PIXELS
from vae_gui.jobs.loading_digits import LoadingDigits
from vae_gui.state.observation import BLANK, Sketch
from vae_gui.state.viewpoint import Viewpoint
from vae_gui.state.workspace import Workspace
from vae_gui.style.labels import label, wrapped
from vae_gui.widgets.number_field import NumberField, whole_number
from vae_gui.widgets.tick_box import TickBox

RANDOM = (0.5, 0.8, 0.9)  # fractions that are hidden
EVERYTHING, NOTHING = "everything", "nothing"
NOISE = (
    "The flip rate: how often a pixel that you see is wrong, by the model's account. At 50 % what "
    "is seen says nothing, and the posterior is the prior."
)
GREY = (
    "Load the grey levels, not the pixels that the model is measured on. A grey pixel counts as "
    "partly ink, which is usual but no likelihood."
)


class DigitRow(QWidget):
    """A field for an index, a button for the chosen digit, and whether grey levels are loaded."""

    def __init__(
        self,
        workspace: Workspace,
        viewpoint: Viewpoint,
        loading: LoadingDigits,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._observation = workspace.observation
        self._viewpoint = viewpoint
        self._loading = loading
        self.index = NumberField(self._read, self._allowed)
        self.chosen = QPushButton("Chosen")
        self.grey = TickBox("grey")
        self.refusal = label("caption")
        self.refusal.hide()
        self._set_up()
        row = QHBoxLayout()
        row.setSpacing(6)
        for part in (label("caption", "test digit", wrap=False), self.index, self.chosen):
            row.addWidget(part)
        row.addWidget(self.grey)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addLayout(row)
        layout.addWidget(self.refusal)
        viewpoint.selection_changed.connect(self._show)
        viewpoint.document.test_changed.connect(self._show)
        self._observation.changed.connect(self._name_the_digit)
        self._show()
        self._name_the_digit()

    def _set_up(self) -> None:
        field = self.index
        field.setDecimals(0)
        field.setRange(-1, -1)
        field.setSpecialValueText("–")
        field.setAccessibleName("Index of the test digit on the canvas")
        field.setToolTip("Load the test digit of this index: type, then Enter")
        field.valueChanged.connect(lambda index: self._load(int(index)))
        field.refused.connect(self._refuse)
        field.lineEdit().textEdited.connect(self.refusal.hide)
        self.chosen.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.chosen.setToolTip("Load the digit that is chosen in the plane (Shift+X)")
        self.chosen.setAccessibleName("Load the chosen digit")
        self.chosen.clicked.connect(self.load_chosen)
        self.grey.setToolTip(wrapped(GREY))

    def load_chosen(self) -> None:
        """Load the digit that is chosen in the plane, if one is."""
        index = self._viewpoint.selected
        if index is None:
            return
        if int(self.index.value()) == index:
            self._load(index)
        else:
            self.index.setValue(index)

    def _load(self, index: int) -> None:
        if index >= 0:
            self._loading.load(index, grey=self.grey.isChecked())

    def _show(self) -> None:
        self.refusal.hide()
        self.index.setRange(-1, self._allowed()[1])
        self.index.setEnabled(self._viewpoint.document.test is not None)
        self.chosen.setEnabled(self._viewpoint.selected is not None)

    def _name_the_digit(self) -> None:
        """Show the index of what is on the canvas now, however it came there."""
        whole = self._observation.sketch.whole
        index = -1 if whole is None or whole.index is None else whole.index
        if int(self.index.value()) != index:
            self.index.blockSignals(True)
            self.index.setValue(index)
            self.index.blockSignals(False)

    def _read(self, text: str) -> int:
        index, (_, last) = whole_number(text), self._allowed()
        if index > last:
            raise ValueError(f"There is no digit {index:,}: the last is {last:,}.")
        return index

    def _allowed(self) -> tuple[int, int]:
        test = self._viewpoint.document.test
        return (-1, -1) if test is None else (0, len(test) - 1)

    def _refuse(self, sentence: str) -> None:
        self.refusal.setText(sentence)
        self.refusal.show()


class MaskRow(QWidget):
    """A list of masks: choosing one shows that part of the digit, and hides the rest."""

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._observation = workspace.observation
        self._seed = 0
        self._sketch: Sketch | None = self._observation.sketch
        self.masks = QComboBox()
        self.masks.setPlaceholderText("a part of it …")
        self.masks.setAccessibleName("Mask: which part of the digit is seen")
        self.masks.setToolTip("See this part of the digit alone, and hide the rest")
        self.masks.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.masks.addItem("all of it", EVERYTHING)
        for name, (words, _) in FIXED.items():
            if name != "quadrants-2":  # the left half again
                self.masks.addItem(words, name)
        for fraction in RANDOM:
            words = f"{100 * (1 - fraction):.0f} % of the pixels, by chance"
            self.masks.addItem(words, f"random-{fraction}")
        self.masks.addItem("nothing of it", NOTHING)
        self.masks.setCurrentIndex(-1)
        self.masks.activated.connect(lambda _: self.put(str(self.masks.currentData())))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(label("caption", "see", wrap=False))
        layout.addWidget(self.masks, 1)
        self._observation.changed.connect(self._show)

    def put(self, name: str) -> None:
        """Put a mask on the digit, given its name; a random one is another each time."""
        if name in (EVERYTHING, NOTHING):
            seen = np.full(PIXELS, name == EVERYTHING)
            words = "all of it" if name == EVERYTHING else "nothing of it"
        else:
            seen = mask_named(name).seen(1, self._seed)[0]
            words = FIXED[name][0] if name in FIXED else f"{name.partition('-')[2]} hidden"
            self._seed += name.startswith("random")
        self._sketch = None
        self._observation.hide_all_but(seen, words)
        self._sketch = self._observation.sketch
        self.masks.setCurrentIndex(self.masks.findData(name))

    def _show(self) -> None:
        """Name no mask once something else was drawn."""
        if self._sketch is not None and self._observation.sketch is not self._sketch:
            self.masks.setCurrentIndex(-1)


class NoiseRow(QWidget):
    """A slider for the flip rate."""

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._observation = workspace.observation
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, 50)
        self.slider.setAccessibleName("Noise: how many of the seen pixels are wrong, in percent")
        self.value = label("text", wrap=False)
        self.value.setFixedWidth(36)
        self.value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        caption = label("caption", "noise", wrap=False)
        for part in (self, self.slider, caption):
            part.setToolTip(wrapped(NOISE))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        for part, stretch in ((caption, 0), (self.slider, 1), (self.value, 0)):
            layout.addWidget(part, stretch)
        self.slider.sliderPressed.connect(workspace.begin_gesture)
        self.slider.sliderReleased.connect(workspace.end_gesture)
        self.slider.valueChanged.connect(lambda value: self._observation.set_flip(value / 100.0))
        self._observation.changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        percent = round(100.0 * self._observation.evidence.flip)
        self.slider.blockSignals(True)
        self.slider.setValue(percent)
        self.slider.blockSignals(False)
        self.value.setText(f"{percent} %")


class ClearRow(QWidget):
    """Two buttons: to begin anew, and to say that the rest is blank."""

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._observation = workspace.observation
        self.clear, self.rest = QPushButton("Clear"), QPushButton("The rest is blank")
        self.clear.setToolTip("Make all pixels unknown (Shift+U)")
        self.rest.setToolTip(
            wrapped("Make all unknown pixels blank (Shift+B): then the drawing is a whole image")
        )
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        for button, do in (
            (self.clear, self._observation.clear),
            (self.rest, lambda: self._observation.fill(BLANK)),
        ):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.clicked.connect(lambda _=False, do=do: do())
            layout.addWidget(button, 1)
        self._observation.changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        count, size = self._observation.sketch.count, len(self._observation.evidence.pixels)
        is_empty = count == 0 and self._observation.sketch.whole is None
        for button, enabled in ((self.clear, not is_empty), (self.rest, 0 < count < size)):
            if button.isEnabled() is not enabled:
                button.setEnabled(enabled)
