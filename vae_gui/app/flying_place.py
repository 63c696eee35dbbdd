"""Flying in the window: its actions, its buttons over the ten digits, and its film."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from vae_gui.app.action import Action
from vae_gui.app.digit_pictures import grid_of
from vae_gui.app.file_saving import GIF, FileSaving
from vae_gui.app.gif import as_gif, there_and_back
from vae_gui.app.message_bar import MessageBar
from vae_gui.app.preferences import Preferences
from vae_gui.app.status_line import StatusLine
from vae_gui.jobs.flying import Flying, places_of
from vae_gui.panels.class_row import ClassStrip
from vae_gui.state.encoded import Array, OpenModel
from vae_gui.state.game import Game
from vae_gui.state.slice import Slice
from vae_gui.state.workspace import Workspace
from vae_gui.widgets.action_button import ActionRow

FRAMES, FRAME_MS = 120, 40  # of a film, there; it comes back the same way
PIXEL, GAP, COLUMNS = 3, 6, 5  # of its frames
TIP = (
    "The probe takes the random walk of Kingma et al. (2014) from where it is, and the ten digits "
    "follow. It stays where the prior has its mass. Whatever moves the probe ends it."
)
FILM_TIP = (
    "Save the last flight, from its beginning, as a GIF of the ten digits. Before any: one that "
    "begins at the probe."
)


class FlyingPlace(QObject):
    """What belongs to flights in the window."""

    def __init__(
        self,
        window: QWidget,
        workspace: Workspace,
        preferences: Preferences,
        messages: MessageBar,
        status: StatusLine,
    ) -> None:
        super().__init__(window)
        self._viewpoint = workspace.viewpoint
        self.flying = Flying(workspace, self)
        self._saving = FileSaving(window, preferences, messages, status)

    def rows(self) -> tuple[Action | None, ...]:
        """Fly, and save a film."""
        flying = self.flying
        return (
            None,
            Action(
                "fly",
                "&Fly through z",
                flying.start_or_stop,
                ("Ctrl+F",),
                "Fly through z, or stop: ten digits on a random walk",
                TIP,
                icon="play",
                is_on=lambda: flying.is_flying,
                after=(flying.changed,),
            ),
            Action(
                "flight_film", "Save a fil&m of the flight…", self.save, tip=FILM_TIP, icon="film"
            ),
        )

    def enable(self, actions: Mapping[str, QAction], strip: ClassStrip, game: Game) -> None:
        """Enable the actions where one can fly; show their buttons over the ten digits."""

        def show() -> None:
            can = self.flying.is_possible and not game.is_seen
            if not can:
                self.flying.stop()
            actions["fly"].setData("pause" if self.flying.is_flying else "play")
            for name in ("fly", "flight_film"):
                actions[name].setEnabled(can)

        self.flying.changed.connect(show)
        game.changed.connect(show)
        strip.add_controls(ActionRow([[actions["fly"], actions["flight_film"]]]))
        show()

    def save(self) -> None:
        """Ask for a file, and write a film of the flight."""
        if self.flying.is_possible:
            self._saving.ask("Save a film of the flight", "flight.gif", GIF, self.save_as)

    def save_as(self, path: Path) -> None:
        """Write the film."""
        model, slice_, seed = (
            self._viewpoint.document.model,
            self._viewpoint.slice,
            self.flying.seed,
        )
        if model is not None and self.flying.is_possible:
            start = self._viewpoint.probe if self.flying.start is None else self.flying.start
            self._saving.write(path, GIF, lambda: film_of(model, slice_, start, seed))


def film_of(model: OpenModel, slice_: Slice, start: Array, seed: int) -> bytes:
    """The content of a GIF of ten digits on a flight, there and back. In a worker.

    Args:
        model: one with classes.
        slice_: that the flight stays in.
        start: where it begins, (D,).
        seed: of the walk.

    Raises:
        CheckpointError: the checkpoint is needed, and cannot be read.
    """
    import torch

    from model.latent.class_decoding import decode_all_classes
    from model.latent.threads import use_threads

    use_threads(1)
    network = model.checkpoint.labelled
    assert network is not None
    places = places_of(slice_, start, seed, FRAMES)
    images = decode_all_classes(network, torch.from_numpy(places).float()).numpy()
    rows = images.astype(np.float64).reshape(FRAMES, -1, COLUMNS, *images.shape[2:])
    frames = [grid_of(list(frame), PIXEL, GAP) for frame in rows]
    begin = ", ".join(f"{value:.6g}" for value in start)
    comment = (
        f"VAE explorer: {model.title}, SHA-256 {model.digest}, one z under ten classes, a walk of "
        f"seed {seed} from ({begin})"
    )
    return as_gif(there_and_back(frames), FRAME_MS, comment)
