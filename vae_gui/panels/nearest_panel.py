"""The test digits nearest to the decoded point."""

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from vae_gui.state.encoded import NearestImage
from vae_gui.state.viewpoint import Viewpoint
from vae_gui.style.labels import label
from vae_gui.widgets.digit_button import DigitButton
from vae_gui.widgets.throttle import Throttle

COUNT = 5
ALL_HIDDEN = "All classes are hidden. Press A to show them."


class NearestPanel(QWidget):
    """Five digits with labels and their distances in the plane; a click chooses one."""

    def __init__(self, viewpoint: Viewpoint, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewpoint = viewpoint
        self._document = viewpoint.document
        self._appearance = viewpoint.appearance
        self.buttons = [DigitButton(f"Nearest test digit {rank + 1}") for rank in range(COUNT)]
        self.note = label("caption")
        row = QHBoxLayout()
        row.setSpacing(7)
        for button in self.buttons:
            row.addWidget(button)
            button.clicked.connect(lambda _=False, button=button: self._choose(button))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(row)
        layout.addWidget(self.note)
        self._throttle = Throttle(self._show, self)
        self._viewpoint.reading_changed.connect(self._throttle.call)
        self._document.opened.connect(self._show)  # what was shown is gone
        self._document.test_changed.connect(self._throttle.call)
        self._viewpoint.slice_changed.connect(self._explain)
        self._appearance.classes_changed.connect(self._explain)
        self._document.test_changed.connect(self._explain)
        self._show()
        self._explain()

    def _show(self) -> None:
        digits, reading = self._document.test, self._viewpoint.reading
        found: list[NearestImage] = []
        if digits is not None and reading is not None:
            found = self._viewpoint.nearest_few(reading.z, COUNT)
        for button, nearest in zip(self.buttons, found, strict=False):
            assert digits is not None
            name = digits.class_names[digits.labels[nearest.index]]
            lines = (name, f"{nearest.in_plane:.3f}")
            image, note = digits.images[nearest.index], self._whole_distance(nearest)
            button.show_digit(nearest.index, image, lines, note)
        for button in self.buttons[len(found) :]:
            button.clear()

    def _explain(self) -> None:
        """Say why there is none, or which distance is meant with more than two dimensions."""
        slice_ = self._viewpoint.slice
        text = ""
        if self._viewpoint.hides_all:
            text = ALL_HIDDEN
        elif slice_.is_cut:
            shown = " and ".join(slice_.names)
            text = f"Distances in the plane of {shown}; over all dimensions: under the cursor."
        self.note.setText(text)
        self.note.setVisible(bool(text))

    def _whole_distance(self, nearest: NearestImage) -> str:
        """The distance that the plane does not show, in words; empty where there is no other."""
        slice_ = self._viewpoint.slice
        if not slice_.is_cut:
            return ""
        return f"Distance over all {slice_.dimensions} dimensions: {nearest.distance:.3f}"

    def _choose(self, button: DigitButton) -> None:
        if button.index is not None:
            self._viewpoint.select(button.index)
