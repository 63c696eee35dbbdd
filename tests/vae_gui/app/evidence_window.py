"""A window with a tiny model, whose page Evidence has a small table."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from gui_helpers import settle, settle_layers
from PySide6.QtTest import QTest

from model.files.checkpoint import write_checkpoint
from vae_gui.app.main_window import MainWindow
from vae_gui.style.theme import ThemeChoice

SIDE = 32  # points along each axis


def sure(model):
    """The model with an encoder that is as sure as a trained one: deviations of about 0.08."""
    with torch.no_grad():
        model.checkpoint.vae.encoder.log_variance.bias -= 5.0
    write_checkpoint(model.path, model.checkpoint)
    return model


def coarse_tables(monkeypatch, side=SIDE):
    """Decode fewer points of the plane, and fewer around it: seconds would pass otherwise."""
    monkeypatch.setattr("vae_gui.jobs.inferring.SIDE", side)
    monkeypatch.setattr("model.latent.decode_table.OUTER_STEP", 0.9)


@contextmanager
def opened_window(
    qtbot, model, monkeypatch, theme=ThemeChoice.LIGHT, side=SIDE
) -> Iterator[MainWindow]:
    """The window, with a model open and nothing on the canvas."""
    coarse_tables(monkeypatch, side)
    made = MainWindow(theme, remember=False)
    qtbot.addWidget(made)
    made.resize(1300, 900)
    made.show()
    qtbot.waitExposed(made)
    with qtbot.waitSignal(made.opening.finished):
        made.open(model.path)
    settle_layers(made.workspace)
    yield made
    made.close()
    made.join()
    settle()


def press(window, keys):
    """Press keys over the plane, and wait until all is settled."""
    QTest.keySequence(window.plane, keys)
    settle_layers(window.workspace)
