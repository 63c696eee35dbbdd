"""What follows from the canvas: pictures, labels, numbers, and a sentence."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from vae_gui.panels.evidence import words
from vae_gui.panels.evidence.label_bars import LabelBars
from vae_gui.panels.evidence.pictures import Picture, PictureRow
from vae_gui.state.glossary import explained
from vae_gui.state.inference import Numbers, Pictures
from vae_gui.state.viewpoint import Viewpoint
from vae_gui.state.workspace import Workspace
from vae_gui.style.labels import label, wrapped
from vae_gui.style.scales import percent_in_little_room

OBSERVED, MISSING, ENTROPY = "log p(seen), nats", "hidden, nats", "entropy of z, nats"
TIPS = {
    OBSERVED: "The log probability of the pixels that are known, whatever the others are.",
    MISSING: "−log p(hidden | seen): how surprising the hidden part of the loaded digit is. It is "
    "known where the digit is, and without noise.",
    ENTROPY: "How uncertain z still is. The prior has 2.84; to halve its width along both axes "
    "takes 1.39 away.",
}


class Results(QWidget):
    """All that is known of what is on the canvas.

    Numbers are integrals over the plane, computed when the hand rests; while it moves they are
    replaced by dots, and never by rough ones.

    Signals:
        drawn_again: other draws are wanted.
    """

    drawn_again = Signal()

    def __init__(
        self, workspace: Workspace, viewpoint: Viewpoint, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._observation = workspace.observation
        self._viewpoint = viewpoint
        self._inference = viewpoint.inference
        self.again = QPushButton("Draw again")
        self.images, self.modes = PictureRow(), PictureRow()
        self.modes_title = label("caption", wrap=False)
        self.bars = LabelBars()
        self.labels_by = label("caption", wrap=False)
        self.values: dict[str, QLabel] = {}
        self.place = label("text")
        self.warning = label("caption")
        self._set_up()
        self._lay_out()
        for row in (self.images, self.modes):
            row.chosen.connect(viewpoint.set_probe)
        for signal in (self._inference.found, self._inference.told):
            signal.connect(self._show)
        viewpoint.document.measures_changed.connect(self._show_place)
        viewpoint.document.model_changed.connect(self._show)
        self._show()

    def _set_up(self) -> None:
        self.again.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.again.setToolTip("Three other draws from the same posterior")
        self.again.clicked.connect(lambda _=False: self.drawn_again.emit())

    def _lay_out(self) -> None:
        heading = QHBoxLayout()
        heading.addWidget(label("title", "What it can be", wrap=False), 1)
        heading.addWidget(self.again)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(heading)
        for part in (self.images, self.modes_title, self.modes, self.labels_by, self.bars):
            layout.addWidget(part)
        layout.addLayout(self._table())
        layout.addWidget(self.place)
        layout.addWidget(self.warning)

    def _table(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setVerticalSpacing(1)
        grid.setColumnStretch(0, 1)
        for row, (title, tip) in enumerate(TIPS.items()):
            name, value = label("caption", title, wrap=False), label("text", wrap=False)
            for part in (name, value):
                part.setToolTip(explained(title, tip))
            value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            value.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            grid.addWidget(name, row, 0)
            grid.addWidget(value, row, 1, Qt.AlignmentFlag.AlignRight)
            self.values[title] = value
        return grid

    def _show(self) -> None:
        self._show_pictures(self._inference.pictures)
        self._show_numbers(self._inference.numbers)
        self._show_place()

    def _show_pictures(self, found: Pictures | None) -> None:
        for part in (self.labels_by, self.bars):  # of a class that is given nothing is asked
            part.setVisible(self._viewpoint.document.label is None)
        self.again.setEnabled(self._inference.numbers is not None)
        if found is None:
            self.images.show_pictures(())
            self.bars.show_labels(None)
            self.labels_by.setText("")
            return
        mean = Picture(found.mean, "mean", "The mean of all images that agree with what is seen")
        draws = [
            Picture(image, f"draw {index}", "A whole image, drawn given what is seen; go there", z)
            for index, (image, z) in enumerate(zip(found.draws, found.drawn_z, strict=True), 1)
        ]
        self.images.show_pictures([mean, *draws])
        test = self._viewpoint.document.test
        self.bars.show_labels(found.labels, None if test is None else test.class_names)
        self.labels_by.setText("p(label | seen), by the region of z" if found.labels_by else "")
        self.labels_by.setToolTip(
            wrapped(
                "The label of the place where z lies: the share of each class among the q(z|x) of "
                f"encoded digits there ({found.labels_by}). It is not a classifier of its own."
            )
        )

    def _show_numbers(self, numbers: Numbers | None) -> None:
        if numbers is None:
            for value in self.values.values():
                value.setText(words.UNKNOWN)
            self.modes_title.setText("modes …")
            self.warning.hide()
            return
        texts = {
            OBSERVED: words.nats(numbers.log_p_observed),
            MISSING: words.missing(numbers, self._observation.sketch),
            ENTROPY: words.NO_ANSWER if numbers.entropy is None else words.nats(numbers.entropy),
        }
        for title, text in texts.items():
            self.values[title].setText(text)
        self.modes_title.setText(words.of_modes(numbers))
        self.modes.setVisible(bool(numbers.modes))
        self.modes.show_pictures(
            [
                Picture(
                    image,
                    percent_in_little_room(mode.mass),
                    "Decoded at this mode; go there",
                    mode.z,
                )
                for mode, image in zip(numbers.modes, numbers.mode_images, strict=True)
            ]
        )
        warning = numbers.method
        if numbers.unresolved:
            warning = f"Do not trust the last digits: {numbers.unresolved}."
        self.warning.setText(warning)
        self.warning.setVisible(bool(warning))

    def _show_place(self) -> None:
        numbers = self._inference.numbers
        if numbers is not None:
            document = self._viewpoint.document
            self.place.setText(words.place(numbers, self._observation.sketch, document))
        else:
            self.place.setText(words.UNKNOWN if self._inference.table is not None else "")
