"""What the hand can do in the plane, one file a tool."""

from vae_gui.plane.tools.navigation import GESTURES as _NAVIGATION
from vae_gui.plane.tools.probe import ProbeTool
from vae_gui.plane.tools.shortest_path import ShortestPathTool
from vae_gui.plane.tools.tool import Gestures, Tool

# The hand holds the first one at the start. A new tool is a new file, and a line here.
TOOLS: tuple[type[Tool], ...] = (ProbeTool, ShortestPathTool)

# All that the hand can do, for the sheet of keys.
GESTURES: Gestures = (*(row for tool in TOOLS for row in tool.gestures), *_NAVIGATION)
