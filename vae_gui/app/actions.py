"""The table of actions, a menu at a time: to add one is to add a row."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtGui import QAction

from model.printable import printable
from vae_gui.app.action import Action, Menu, plain
from vae_gui.app.asking import Asking
from vae_gui.app.look import Look
from vae_gui.app.magnifying import Magnifying
from vae_gui.app.preferences import Preferences
from vae_gui.panels.decoded_as import DecodedAs
from vae_gui.panels.digit_panel import DRAWN, MEAN
from vae_gui.panels.inspector import Inspector
from vae_gui.plane.layers.layer import Layer
from vae_gui.plane.plane_view import PlaneView
from vae_gui.state.appearance import Appearance
from vae_gui.state.history import History
from vae_gui.state.measures import MEASURES
from vae_gui.style.palette import CLASS_COUNT
from vae_gui.style.theme import ThemeChoice
from vae_gui.widgets.action_words import keys_of


def file_menu(
    preferences: Preferences,
    asking: Asking,
    open_path: Callable[[Path], None],
    bundled: Path,
    compare: Menu,
    save: Menu,
    leave: Callable[[], object],
) -> Menu:
    """Open, the recent files, compare, save a picture, quit."""
    choose, choose_run = partial(asking.for_file, open_path), partial(asking.for_run, open_path)

    def recent() -> Sequence[Action | None]:
        paths = preferences.recent_files
        if not paths:
            return [Action("", "No files yet")]
        files = [
            Action(str(path), plain(printable(path)), partial(open_path, path)) for path in paths
        ]
        return [*files, None, Action("clear", "Clear this list", preferences.forget_recent_files)]

    return Menu(
        "&File",
        (
            Action("open", "&Open checkpoint…", choose, keys=("Ctrl+O",)),
            Action("open_run", "Open r&un folder…", choose_run, keys=("Ctrl+Shift+O",)),
            Menu("Open &recent", fill=recent),
            Action("open_bundled", "Open the &bundled model", partial(open_path, bundled)),
            None,
            compare,
            None,
            save,
            None,
            Action("quit", "&Quit", leave, keys=("Ctrl+Q",)),
        ),
    )


def edit_menu(history: History, copy: Menu) -> Menu:
    """Undo and redo; `action_names` gives each the name of its step. And pictures to copy."""
    return Menu(
        "&Edit",
        (
            Action("undo", "&Undo", history.undo, ("Ctrl+Z",), "Undo a step", icon="undo"),
            Action(
                "redo",
                "&Redo",
                history.redo,
                ("Ctrl+Shift+Z", "Ctrl+Y"),
                "Redo a step",
                icon="redo",
            ),
            None,
            copy,
        ),
    )


def view_menu(
    plane: Callable[[], PlaneView],
    magnifying: Magnifying,
    look: Look,
    show_page: Callable[[str], None],
) -> Menu:
    """What is shown of the plane in hand, how large, the panels, and the theme.

    The panels are switched by whoever folds them, the plane alone by `plane_alone`, the digit
    beside the cursor by `floating`.
    """

    def panel(name: str, title: str, key: str) -> Action:
        effect = f"Fold or unfold the {title.lower()}"
        return Action(name, f"&{title}", None, (key,), effect, is_on=lambda: True)

    themes = [
        Action(
            f"theme_{choice}",
            choice.value.capitalize(),
            partial(look.choose, choice),
            is_on=partial(lambda choice: look.choice is choice, choice),
            excludes_others=True,
        )
        for choice in ThemeChoice
    ]
    return Menu(
        "&View",
        (
            Action("zoom_in", "&Zoom in", lambda: plane().zoom(1), written_key="+", icon="zoom_in"),
            Action(
                "zoom_out", "Zoom &out", lambda: plane().zoom(-1), written_key="−", icon="zoom_out"
            ),
            Action("fit", "&Fit everything", lambda: plane().fit(), written_key="Home", icon="fit"),
            Action(
                "snap", "Go to the &nearest test digit", lambda: plane().snap(), written_key="Enter"
            ),
            None,
            Action("page_layers", "La&yers and colours", partial(show_page, "layers")),
            Action("page_train", "&Train a model", partial(show_page, "train"), ("Ctrl+T",)),
            Action("page_runs", "&Runs", partial(show_page, "runs"), ("Ctrl+R",)),
            None,
            panel("layers", "Left panel", "Ctrl+L"),
            panel("inspector", "Inspector", "Ctrl+I"),
            Action(
                "beside_cursor",
                "Decoded digit beside the &cursor",
                None,
                ("F",),
                "Show the decoded digit beside the cursor",
                is_on=lambda: False,
            ),
            Action(
                "alone",
                "The plane &alone, full screen",
                None,
                ("F11",),
                icon="alone",
                is_on=lambda: False,
            ),
            None,
            Action(
                "larger",
                "La&rger text, points and marks",
                lambda: magnifying.step(1),
                ("Ctrl++", "Ctrl+="),
            ),
            Action(
                "smaller",
                "S&maller text, points and marks",
                lambda: magnifying.step(-1),
                ("Ctrl+-",),
            ),
            Action("usual_size", "&Usual size", magnifying.reset, ("Ctrl+0",)),
            None,
            Menu("&Theme", themes),
        ),
    )


def layers_menu(appearance: Appearance, layers: Sequence[Layer]) -> Menu:
    """A switch for each layer of the plane, the highest first."""

    def switch(layer: Layer) -> Action:
        key = layer.key
        return Action(
            f"layer_{key}",
            plain(layer.title),
            lambda: appearance.show_layer(key, not appearance.is_shown(key)),
            (layer.shortcut,) if layer.shortcut else (),
            f"Show or hide {layer.title}",
            layer.tip,
            is_on=lambda: appearance.is_shown(key),
            after=(appearance.layers_changed,),
        )

    return Menu("&Layers", [switch(layer) for layer in reversed(layers)])


def classes_menu(appearance: Appearance, planes: Sequence[Action | Menu | None]) -> Menu:
    """A switch for each class: a digit's key, and with Alt that class alone; the planes of each."""
    count = CLASS_COUNT

    def switch(label: int) -> Action:
        return Action(
            f"class_{label}",
            str(label),
            partial(appearance.toggle_class, label),
            (str(label),),
            "Show or hide a class",
            is_on=lambda: label not in appearance.hidden_classes,
            after=(appearance.classes_changed,),
        )

    def solo(label: int) -> Action:
        return Action(
            f"solo_{label}",
            str(label),
            partial(appearance.solo_class, label, count),
            (f"Alt+{label}",),
            "Show one class alone, or all again",
        )

    return Menu(
        "&Classes",
        (
            Action(
                "all_classes",
                "&All classes",
                lambda: appearance.hide_classes(frozenset()),
                ("A",),
                "Show all classes",
            ),
            None,
            Menu("&One class alone", [solo(label) for label in range(count)]),
            *planes,
            None,
            *(switch(label) for label in range(count)),
        ),
    )


def colours_menu(appearance: Appearance, colour_by_next: Callable[[], None]) -> Menu:
    """The measures that images can be coloured by."""

    def choice(key: str | None, title: str) -> Action:
        return Action(
            f"colour_{key}",
            title,
            partial(appearance.colour_by, key),
            is_on=lambda: appearance.colouring == key,
            after=(appearance.colouring_changed,),
            excludes_others=True,
        )

    choices = [choice(None, "Class"), *(choice(m.key, m.title) for m in MEASURES.values())]
    following = Action("colour_next", "Colour by the &next number", colour_by_next, ("C",))
    return Menu("C&olours", (following, None, *choices))


def digit_menu(inspector: Inspector) -> Menu:
    """Actions of the inspector: decoded digit, chosen digit, ranking."""
    look, reconstruct = inspector.probe.decoded_as.choose, inspector.chosen.from_what.choose

    def decoded(choice: DecodedAs, title: str, key: str) -> Action:
        return Action(f"decoded_{choice}", f"Decoded digit: {title}", partial(look, choice), (key,))

    def reconstructed(choice: str, title: str, key: str) -> Action:
        return Action(f"reconstruct_{choice}", title, partial(reconstruct, choice), (key,))

    return Menu(
        "&Digit",
        (
            decoded(DecodedAs.MEAN, "the &mean", "M"),
            decoded(DecodedAs.SAMPLE, "a &sample", "S"),
            decoded(DecodedAs.THRESHOLD, "the &threshold", "H"),
            None,
            reconstructed(MEAN, "&Reconstruct from the mean", "Shift+Q"),
            reconstructed(DRAWN, "Reconstruct from a &draw of q(z|x)", "Q"),
            None,
            Action("go_to", "&Go to test digit…", inspector.ask_for_index, ("Ctrl+G",)),
            Action("next", "&Next in the ranking", lambda: inspector.walk_ranking(1), ("N",)),
            Action(
                "previous",
                "&Previous in the ranking",
                lambda: inspector.walk_ranking(-1),
                ("Shift+N",),
            ),
        ),
    )


def show_keys_at_controls(actions: dict[str, QAction], inspector: Inspector) -> None:
    """Write the key of an action into the tooltip of the control that does the same."""
    for prefix, buttons in (
        ("decoded", inspector.probe.decoded_as.buttons),
        ("reconstruct", inspector.chosen.from_what.buttons),
    ):
        for choice, button in buttons.items():
            (key,) = keys_of(actions[f"{prefix}_{choice}"])
            tip = button.toolTip().removesuffix(f" ({key})")  # it may be there already
            button.setToolTip(f"{tip} ({key})")


def help_menu(
    show_tour: Callable[[], None], watch: Callable[[], None], show_keys: Callable[[], None]
) -> Menu:
    """The first steps, a training to watch, and the sheet of keys."""
    return Menu(
        "&Help",
        (
            Action("tour", "&What am I looking at?", show_tour, keys=("F1",)),
            Action(
                "watch",
                "Watch a &training",
                watch,
                effect="Watch the training of a small network, which comes with the program",
            ),
            Action("keys", "&Keys and gestures", show_keys, keys=("?",), icon="keys"),
        ),
    )
