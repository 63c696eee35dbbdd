"""The real window for a test, and its end."""

from collections.abc import Iterator
from contextlib import contextmanager

from gui_helpers import settle

from vae_gui.app.main_window import MainWindow
from vae_gui.style.theme import ThemeChoice


@contextmanager
def shown_window(
    qtbot, size: tuple[int, int] | None = None, *, remember: bool = False
) -> Iterator[MainWindow]:
    """A window on the screen, before anything is open; afterwards no thread of it is left.

    Args:
        qtbot: of the test.
        size: in pixels; None: as large as a first window is.
        remember: whether it restores and stores settings.
    """
    made = MainWindow(ThemeChoice.LIGHT, remember=remember)
    qtbot.addWidget(made)
    if size is not None:
        made.resize(*size)
    made.show()
    qtbot.waitExposed(made)
    yield made
    made.close()
    made.join()
    settle()
