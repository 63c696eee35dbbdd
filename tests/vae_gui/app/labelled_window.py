"""A window for models with classes, which encodes images of noise."""

from collections.abc import Iterator
from contextlib import contextmanager

from evidence_window import coarse_tables
from gui_helpers import coarse_elbo
from labelled_model import open_with_noise
from shown_window import shown_window

from vae_gui.app.main_window import MainWindow
from vae_gui.jobs import opening


@contextmanager
def window_of_noise(qtbot, monkeypatch) -> Iterator[MainWindow]:
    """The window before anything is open."""
    coarse_tables(monkeypatch)
    coarse_elbo(monkeypatch)
    monkeypatch.setattr(
        "vae_gui.jobs.opening.open_checkpoint", open_with_noise(opening.open_checkpoint)
    )
    with shown_window(qtbot, (1400, 900)) as made:
        yield made
