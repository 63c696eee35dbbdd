"""The actions that save and copy pictures: menus, and what parts of the window offer."""

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from vae_gui.app.action import Action, Menu
from vae_gui.app.picture import Subject
from vae_gui.app.picture_saving import PictureSaving
from vae_gui.app.preferences import PICTURE_SCALES


def save_menu(pictures: PictureSaving) -> Menu:
    """A picture of the plane, of the decoded digit or of the window, in a file."""

    def scaled(scale: int) -> Action:
        def choose() -> None:
            pictures.scale = scale

        title = "as on the screen" if scale == 1 else f"{scale} times as fine"
        return Action(
            f"picture_scale_{scale}",
            f"&{scale} × : {title}",
            choose,
            is_on=lambda: pictures.scale == scale,
            excludes_others=True,
        )

    def save(subject: Subject, title: str, *keys: str) -> Action:
        effect = f"Save a picture of the {subject}"
        return Action(f"save_{subject}", title, partial(pictures.save, subject), keys, effect)

    return Menu(
        "&Save a picture",
        (
            save(Subject.PLANE, "of the &plane…", "Ctrl+S"),
            save(Subject.DIGIT, "of the decoded &digit…"),
            save(Subject.WINDOW, "of the &window…"),
            None,
            *map(scaled, PICTURE_SCALES),
        ),
    )


def copy_menu(pictures: PictureSaving) -> Menu:
    """The same pictures, on the clipboard."""

    def copy(subject: Subject, title: str, *keys: str) -> Action:
        effect = f"Copy a picture of the {subject}"
        return Action(f"copy_{subject}", title, partial(pictures.copy, subject), keys, effect)

    return Menu(
        "&Copy a picture",
        (
            copy(Subject.PLANE, "of the &plane", "Ctrl+Shift+C"),
            copy(Subject.DIGIT, "of the decoded &digit"),
            copy(Subject.WINDOW, "of the &window"),
        ),
    )


def offer_pictures(actions: dict[str, QAction], plane: QWidget, digit: QWidget) -> None:
    """Offer the pictures of a part of the window in its context menu."""
    for part, subject in ((plane, Subject.PLANE), (digit, Subject.DIGIT)):
        for verb in ("Save", "Copy"):
            action = actions[f"{verb.lower()}_{subject}"]
            end = "…" if verb == "Save" else ""
            offered = QAction(f"{verb} a picture of the {subject}{end}", part)
            offered.triggered.connect(action.trigger)
            part.addAction(offered)
        part.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
