"""What the window has that a second plane joins."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from vae_gui.app.drops import Drops
from vae_gui.app.floating import Floating
from vae_gui.app.keys_for_the_plane import KeysForThePlane
from vae_gui.app.message_bar import MessageBar
from vae_gui.app.planes import Planes
from vae_gui.app.status_line import StatusLine
from vae_gui.jobs.measuring import Measuring
from vae_gui.panels.probe_panel import ProbePanel
from vae_gui.plane.plane_view import PlaneView
from vae_gui.state.workspace import Workspace
from vae_gui.widgets.action_button import ActionRow


@dataclass(frozen=True)
class Host:
    """What the window has that a second plane joins.

    Attributes:
        window: the window.
        workspace: what it shows.
        plane: its own plane.
        planes: the place of both planes.
        measuring: what measures its own model.
        floating: the digit over its own plane.
        probe: the panel of its decoded digit.
        make_tools: makes another row of the buttons above the plane.
        inspector: checked while the inspector is unfolded.
        beside_cursor: checked while digits are wanted beside the cursor.
        messages: the bar for errors.
        status: the line for progress; it knows "second".
        drops: what takes dropped files.
        keys: what gives the keyboard back.
        open_keys: the keys that open a checkpoint.
        data_dir: where the data are cached, if not in the usual place.
        open: opens a model in the first plane.
    """

    window: QWidget
    workspace: Workspace
    plane: PlaneView
    planes: Planes
    measuring: Measuring
    floating: Floating
    probe: ProbePanel
    make_tools: Callable[[], ActionRow]
    inspector: QAction
    beside_cursor: QAction
    messages: MessageBar
    status: StatusLine
    drops: Drops
    keys: KeysForThePlane
    open_keys: str
    data_dir: Path | None
    open: Callable[[Path], None]
