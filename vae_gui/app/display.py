"""A check for a display, made before Qt, which aborts the process without one."""

import ctypes
import os
import sys
from pathlib import Path

# What Qt's X11 plugin is linked with, and the Debian packages that bring it.
_X11_LIBRARIES = {
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-util.so.1": "libxcb-util1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}
# What every part of Qt's drawing is linked with, with a display or without.
_QT_LIBRARIES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libfontconfig.so.1": "libfontconfig1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libxkbcommon.so.0": "libxkbcommon0",
}
_WITHOUT_DISPLAY = ("offscreen", "minimal", "minimalegl", "vnc", "eglfs", "linuxfb", "vkkhrdisplay")
_WITHOUT = "or render a picture without a display: vae-gui --screenshot OUT.png"


def problem() -> str | None:
    """Why Qt could not open a window here, in one sentence that says what to do; None if it can.

    Only Linux is checked: elsewhere a display is part of the system.
    """
    if not sys.platform.startswith("linux"):
        return None
    if missing := _missing(_QT_LIBRARIES):
        return f"Qt needs libraries that are not installed: apt install {' '.join(missing)}"
    plugin = os.environ.get("QT_QPA_PLATFORM", "").partition(":")[0].partition(";")[0]
    if plugin.startswith("wayland"):
        return None if _wayland_answers() else _no_display("WAYLAND_DISPLAY")
    if plugin in ("", "xcb"):
        return None if plugin == "" and _wayland_answers() else _x11_problem()
    if plugin in _WITHOUT_DISPLAY:
        return None
    return f"Qt has no platform {plugin!r}, which QT_QPA_PLATFORM names: unset it, {_WITHOUT}"


def _x11_problem() -> str | None:
    if not os.environ.get("DISPLAY"):
        return _no_display("DISPLAY")
    if missing := _missing(_X11_LIBRARIES):
        return (
            "Qt needs libraries for X11 that are not installed: "
            f"apt install {' '.join(missing)}; {_WITHOUT}"
        )
    return None if _x11_answers() else _no_display("DISPLAY")


def _no_display(variable: str) -> str:
    name = os.environ.get(variable)
    reason = (
        f"The display {name} that {variable} names does not answer"
        if name
        else f"There is no display ({variable} is not set)"
    )
    return f"{reason}: start vae-gui from a desktop session, {_WITHOUT}"


def _missing(libraries: dict[str, str]) -> list[str]:
    return [package for name, package in libraries.items() if not _loads(name)]


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _wayland_answers() -> bool:
    """Whether a compositor listens; the socket alone proves nothing, since it outlives it."""
    name = os.environ.get("WAYLAND_DISPLAY")
    folder = os.environ.get("XDG_RUNTIME_DIR")
    if not (name and folder):
        return False
    import socket  # not at the top: most starts do not need it

    with socket.socket(socket.AF_UNIX) as line:
        try:
            line.connect(str(Path(folder) / name))
        except OSError:
            return False
    return True


def _x11_answers() -> bool:
    """Whether the X server lets us in: exactly what Qt's plugin will try."""
    xcb = ctypes.CDLL("libxcb.so.1")
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connection_has_error.argtypes = xcb.xcb_disconnect.argtypes = [ctypes.c_void_p]
    connection = xcb.xcb_connect(None, None)
    failed = bool(xcb.xcb_connection_has_error(connection))
    xcb.xcb_disconnect(connection)
    return not failed
