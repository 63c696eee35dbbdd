"""The name and the keys of an action, for tooltips and the sheet of keys."""

from PySide6.QtGui import QAction, QKeySequence

# Precedes a key in a menu's text, where the plane handles the key instead of Qt.
WRITTEN_KEY = "\t"


def title_of(action: QAction) -> str:
    """Its name, without the marks of menus."""
    name = action.text().partition(WRITTEN_KEY)[0]
    return name.replace("&&", "\0").replace("&", "").replace("\0", "&").removesuffix("…")


def keys_of(action: QAction) -> list[str]:
    """Its keys, in the words of this system; none, if it has none."""
    written = action.text().partition(WRITTEN_KEY)[2]
    if written:
        return [written]
    form = QKeySequence.SequenceFormat.NativeText
    return [keys.toString(form) for keys in action.shortcuts() if not keys.isEmpty()]


def tip_of(action: QAction) -> str:
    """Its name and its keys."""
    keys = " or ".join(keys_of(action))
    return f"{title_of(action)} ({keys})" if keys else title_of(action)
