"""A window for models with classes, which encodes images of noise."""

from collections.abc import Iterator
from contextlib import contextmanager

from gui_helpers import settle
from labelled_model import open_with_noise

from vae_gui.app.main_window import MainWindow
from vae_gui.jobs import opening
from vae_gui.style.theme import ThemeChoice


@contextmanager
def window_of_noise(qtbot, monkeypatch) -> Iterator[MainWindow]:
    """The window before anything is open."""
    monkeypatch.setattr(
        "vae_gui.jobs.opening.open_checkpoint", open_with_noise(opening.open_checkpoint)
    )
    made = MainWindow(ThemeChoice.LIGHT, remember=False)
    qtbot.addWidget(made)
    made.resize(1400, 900)
    made.show()
    qtbot.waitExposed(made)
    yield made
    made.close()
    made.join()
    settle()
