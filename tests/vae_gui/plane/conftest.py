"""A plane on the screen, with what decodes for it."""

from collections.abc import Callable

import pytest
from gui_helpers import settle

from vae_gui.jobs.live_decoder import LiveDecoder
from vae_gui.plane.plane_view import PlaneView
from vae_gui.state.workspace import Workspace
from vae_gui.style.palette import LIGHT

MakePlane = Callable[[Workspace], PlaneView]


@pytest.fixture
def make_plane(qtbot) -> MakePlane:
    """A function that shows the plane of a workspace."""

    def make(workspace: Workspace) -> PlaneView:
        view = PlaneView(workspace, workspace.viewpoint)
        qtbot.addWidget(view)
        view.resize(700, 500)
        view.set_theme(LIGHT)
        view.show()
        settle()
        view.decoder = LiveDecoder(workspace.viewpoint)  # the marks follow what it decodes
        return view

    return make


@pytest.fixture
def plane(make_plane, workspace) -> PlaneView:
    return make_plane(workspace)
