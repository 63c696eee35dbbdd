"""The path tool in the window: its strip, its menu, and the files that it writes."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from vae_gui.app.action import Action, Menu
from vae_gui.app.digit_pictures import grid_of
from vae_gui.app.file_saving import GIF, PNG, FileSaving
from vae_gui.app.gif import as_gif, there_and_back
from vae_gui.app.message_bar import MessageBar
from vae_gui.app.picture import as_png
from vae_gui.app.preferences import Preferences
from vae_gui.app.status_line import StatusLine
from vae_gui.jobs.path_finding import PathFinding
from vae_gui.jobs.path_measuring import FoundPath
from vae_gui.jobs.plane_survey import Cost
from vae_gui.panels.path_strip import CAREFUL, CAREFUL_TIP, PathStrip
from vae_gui.plane.plane_view import PlaneView
from vae_gui.plane.tools.shortest_path import ShortestPathTool
from vae_gui.state.encoded import Array
from vae_gui.state.plane_decoder import PlaneDecoder
from vae_gui.state.workspace import Workspace

FRAMES, FRAME_MS = 48, 80  # of a film, there; it comes back the same way
STOPS = 12  # digits of a picture
FILM_PIXEL, PICTURE_PIXEL = 10, 6  # the sides of a digit's pixel
GAP = 12  # between two digits of a picture
HINT = (
    "Press and drag: the shortest path  ·  Escape: remove it  ·  Shift+W: stay where digits are  "
    "·  W: the probe"
)


class PathPlace(QObject):
    """What belongs to the path tool in the window."""

    def __init__(
        self,
        window: QWidget,
        workspace: Workspace,
        plane: PlaneView,
        preferences: Preferences,
        messages: MessageBar,
        status: StatusLine,
    ) -> None:
        """Show the paths of a plane of a window."""
        super().__init__(window)
        tool = plane.tools[ShortestPathTool.key]
        assert isinstance(tool, ShortestPathTool)
        self.finding: PathFinding = tool.finding
        self.strip = PathStrip(self.finding)
        self._workspace = workspace
        self._status = status
        self._saving = FileSaving(window, preferences, messages, status)
        self.finding.failed.connect(messages.show_error)
        self.finding.used_changed.connect(self._say_what_the_hand_does)

    # The menu

    def menu(self) -> Menu:
        """Take the tool, choose its cost, save and remove the path."""
        finding, workspace = self.finding, self._workspace
        return Menu(
            "P&ath",
            (
                Action(
                    "path",
                    "Shortest &path",
                    self.take_or_put_away,
                    ("W",),
                    "Take the path tool into the hand, or put it away",
                    "Press in the plane and drag: the shortest path to the cursor, measured by "
                    "how much the decoder's answer changes.",
                    is_on=lambda: workspace.tool == ShortestPathTool.key,
                    after=(workspace.tool_changed,),
                ),
                Action(
                    "path_careful",
                    f"&{CAREFUL}",
                    self.switch_cost,
                    ("Shift+W",),
                    "Let the path stay where digits are, or take the shortest",
                    CAREFUL_TIP,
                    is_on=lambda: finding.cost is Cost.DIGITS,
                    after=(finding.changed,),
                ),
                None,
                Action("path_film", "Save a &film along the path…", self.save_film, icon="film"),
                Action(
                    "path_picture",
                    "Save a pictu&re of its digits…",
                    self.save_picture,
                    icon="picture",
                ),
                Action(
                    "path_clear",
                    "R&emove the path",
                    finding.clear,
                    written_key="Escape",
                    icon="close",
                ),
            ),
        )

    def enable(self, actions: dict[str, QAction]) -> None:
        """Enable what needs a path while there is one; show its buttons in the strip."""

        def show() -> None:
            for name in ("path_film", "path_picture"):
                actions[name].setEnabled(self.finding.path is not None)
            actions["path_clear"].setEnabled(self.finding.start is not None)

        self.finding.changed.connect(show)
        self.strip.add_controls(actions)
        show()

    def take_or_put_away(self) -> None:
        """Take the tool into the hand; or, if it is there, the probe."""
        is_taken = self._workspace.tool == ShortestPathTool.key
        self._workspace.take_tool("probe" if is_taken else ShortestPathTool.key)

    def switch_cost(self) -> None:
        """Choose the other cost, for both planes; and take the tool."""
        careful = self.finding.cost is Cost.LENGTH
        self.finding.choose(Cost.DIGITS if careful else Cost.LENGTH)
        self._workspace.take_tool(ShortestPathTool.key)

    def _say_what_the_hand_does(self) -> None:
        self._status.set_hint(HINT if self.finding.is_in_use else "")

    # Files

    def save_film(self) -> None:
        """Ask for a file, and write a film of the digits along the path, there and back."""
        self._ask("Save a film along the path", "path.gif", GIF, self.save_film_as)

    def save_picture(self) -> None:
        """Ask for a file, and write a picture of the digits along the path."""
        self._ask("Save a picture of its digits", "path.png", PNG, self.save_picture_as)

    def save_film_as(self, path: Path) -> None:
        """Write the film."""
        self._write(path, GIF, FRAMES, lambda images, _: film_of(images))

    def save_picture_as(self, path: Path) -> None:
        """Write the picture; its file says which path it shows."""
        self._write(path, PNG, STOPS, picture_of)

    def _ask(self, title: str, name: str, kind: str, save: Callable[[Path], None]) -> None:
        if self.finding.path is not None:
            self._saving.ask(title, name, kind, save)

    def _write(
        self, path: Path, kind: str, count: int, make: Callable[[Array, dict[str, str]], bytes]
    ) -> None:
        found, survey, cost = self.finding.path, self.finding.survey, self.finding.cost
        if found is not None and survey is not None:
            decoder = survey.decoder
            self._saving.write(path, kind, lambda: _made(decoder, found, count, make, cost))


def _made(
    decoder: PlaneDecoder,
    found: FoundPath,
    count: int,
    make: Callable[[Array, dict[str, str]], bytes],
    cost: Cost,
) -> bytes:
    from model.latent.fisher_length import measured

    exact = measured(decoder, found.points)
    images = decoder.images(exact.at_equal_steps(count)).astype(np.float64)
    texts = {
        "Software": "VAE explorer",
        "Model": f"{decoder.model.title}, SHA-256 {decoder.model.digest}",
        "Path": f"from {_place(decoder, found.points[0])} to {_place(decoder, found.points[-1])}",
        "Cost": "Fisher length" if cost is Cost.LENGTH else "stay where digits are",
        "Fisher length": f"{exact.length:.2f}; of the straight line {found.straight:.2f}",
    }
    return make(images, texts)


def film_of(images: Array) -> bytes:
    """The content of a GIF of digits (N, 28, 28), from the first to the last and back."""
    frames = [grid_of([[image]], FILM_PIXEL, 0) for image in images]
    return as_gif(there_and_back(frames), FRAME_MS)


def picture_of(images: Array, texts: dict[str, str]) -> bytes:
    """The content of a PNG of digits (N, 28, 28) side by side, with texts in it."""
    return as_png(grid_of([list(images)], PICTURE_PIXEL, GAP), texts)


def _place(decoder: PlaneDecoder, point: Array) -> str:
    return f"({', '.join(f'{value:.6g}' for value in decoder.slice.to_latent(point))})"
