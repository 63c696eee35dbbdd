"""The names that actions take from what is shown: steps to undo, classes, measures of a class."""

from functools import partial

from PySide6.QtGui import QAction

from vae_gui.app.action import plain
from vae_gui.state.document import Document
from vae_gui.state.history import History
from vae_gui.state.measures import MEASURES
from vae_gui.style.palette import CLASS_COUNT


def name_actions(actions: dict[str, QAction], history: History, document: Document) -> None:
    """Keep the names of actions up to date, and disable those without one."""
    _name_steps(actions, history)
    _name_classes(actions, document)
    _name_measures(actions, document)


def _name_steps(actions: dict[str, QAction], history: History) -> None:
    """Name the step in undo and redo, and disable them where there is none."""
    stack = history.stack
    for action, name, can, text in (
        (actions["undo"], "&Undo", stack.canUndoChanged, history.undo_text_changed),
        (actions["redo"], "&Redo", stack.canRedoChanged, stack.redoTextChanged),
    ):
        action.setEnabled(False)
        can.connect(action.setEnabled)
        text.connect(partial(_name_step, action, name))


def _name_step(action: QAction, name: str, step: str) -> None:
    action.setText(f"{name} {step}".rstrip().replace("&", "&&").replace("&&", "&", 1))


def _name_classes(actions: dict[str, QAction], document: Document) -> None:
    """Give the switches of classes the names of the data set; disable them without one."""

    def show() -> None:
        test = document.test
        actions["all_classes"].setEnabled(test is not None)
        for label in range(CLASS_COUNT):
            name = str(label) if test is None else test.class_names[label]
            for action in (actions[f"class_{label}"], actions[f"solo_{label}"]):
                action.setText(plain(name))
                action.setEnabled(test is not None)

    document.test_changed.connect(show)
    show()


def _name_measures(actions: dict[str, QAction], document: Document) -> None:
    """Say in the menu of colours which numbers are those of the class that is shown."""

    def show() -> None:
        for measure in MEASURES.values():
            actions[f"colour_{measure.key}"].setText(measure.title_given(document.label))

    document.model_changed.connect(show)
    show()
