"""Analogies in the window: their table on the page Classes, and the picture of them."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QImage
from PySide6.QtWidgets import QWidget

from vae_gui.app.action import Action
from vae_gui.app.classes_place import ClassesPlace
from vae_gui.app.digit_pictures import grid_of
from vae_gui.app.file_saving import PNG, FileSaving
from vae_gui.app.message_bar import MessageBar
from vae_gui.app.picture import as_png
from vae_gui.app.preferences import Preferences
from vae_gui.app.status_line import StatusLine
from vae_gui.jobs.analogising import Analogising, analogy_rows
from vae_gui.state.analogies import AnalogyChoice, AnalogyRows
from vae_gui.state.encoded import EncodedImages, OpenModel
from vae_gui.state.workspace import Workspace
from vae_gui.widgets.action_button import ActionButton

PIXEL, GAP, ASIDE = 4, 4, 16  # of the picture

KEY = "save_analogies"


class AnalogiesPlace(QObject):
    """What belongs to analogies in the window."""

    def __init__(
        self,
        window: QWidget,
        workspace: Workspace,
        classes: ClassesPlace,
        preferences: Preferences,
        messages: MessageBar,
        status: StatusLine,
    ) -> None:
        super().__init__(window)
        self._viewpoint = viewpoint = workspace.viewpoint
        self._classes = classes
        self.choice = AnalogyChoice(viewpoint, self)
        self._computing = Analogising(viewpoint, self.choice, workspace.pending, self)
        self._computing.failed.connect(messages.show_error)
        self._saving = FileSaving(window, preferences, messages, status)

    def rows(self) -> tuple[Action, ...]:
        """Save a picture."""
        tip = "Save a picture: each digit, and its style as all ten classes"
        return (Action(KEY, "Save the a&nalogies…", self.save, tip=tip, icon="picture"),)

    def enable(self, actions: Mapping[str, QAction]) -> None:
        """Enable the action where there are classes; show the table once the page is seen."""
        document = self._viewpoint.document

        def show() -> None:
            actions[KEY].setEnabled(self._classes.choosing.is_there)

        for signal in (document.model_changed, document.test_changed):
            signal.connect(show)
        self._classes.grew.connect(lambda _: self._add_to_the_page(actions[KEY]))
        show()

    def close(self) -> None:
        """The window goes."""
        self._computing.close()

    def go_to(self, row: int, column: int) -> None:
        """Choose the digit of a row (column 0), or show its style in the plane of a class.

        With more than two latent dimensions the plane goes through the digit, as that class has it.
        """
        found = self.choice.found
        if found is None or row >= len(found.indices):
            return
        viewpoint, index = self._viewpoint, found.indices[row]
        if column == 0 or viewpoint.slice.is_cut:
            viewpoint.select(index)
        else:
            viewpoint.mark(index)
            viewpoint.set_probe(found.z[row].copy())
        if column:
            self._classes.choose(column - 1)

    def save(self) -> None:
        """Ask for a file, and write the picture."""
        if self._classes.choosing.is_there:
            self._saving.ask("Save the analogies", "analogies.png", PNG, self.save_as)

    def save_as(self, path: Path) -> None:
        """Write the picture; its file says which digits it shows."""
        document, indices = self._viewpoint.document, self.choice.indices
        model, test = document.model, document.test
        if model is not None and test is not None and self._classes.choosing.is_there:
            self._saving.write(path, PNG, lambda: _picture(model, test, indices))

    def _add_to_the_page(self, action: QAction) -> None:
        from vae_gui.panels.classes.analogies import AnalogyPart

        part = AnalogyPart(self._viewpoint, self.choice, ActionButton(action))
        part.table.chosen.connect(self.go_to)
        self._classes.page.add_part(part)


def _picture(model: OpenModel, test: EncodedImages, indices: tuple[int, ...]) -> bytes:
    digits = ", ".join(str(index) for index in indices)
    texts = {
        "Software": "VAE explorer",
        "Model": f"{model.title}, SHA-256 {model.digest}",
        "Rows": f"test digits {digits}",
        "Columns": f"the digit; p(x|y,z), y = 0 to {len(test.class_names) - 1}",
        "z": "the mean of q(z|x,y) with the digit's label y",
    }
    return as_png(picture_of(analogy_rows(model, test, indices)), texts)


def picture_of(rows: AnalogyRows) -> QImage:
    """The digits at the left, their styles as each class at the right."""
    originals = rows.originals / 255.0
    cells = [
        [original, *images.astype(np.float64)]
        for original, images in zip(originals, rows.images, strict=True)
    ]
    return grid_of(cells, PIXEL, GAP, ASIDE)
