"""The window's place: whole on one of the screens, with its title bar."""

from collections.abc import Sequence

from PySide6.QtCore import QMargins, QPoint, QRect, QSize
from PySide6.QtGui import QCursor, QGuiApplication, QScreen
from PySide6.QtWidgets import QWidget

USUAL_SIZE = QSize(1400, 900)
LEAST_HEIGHT = 480  # pixels; any less leaves no room for the plane
# What a window manager may put around a window. How much it is, is only known once the window is
# shown, and by then its title bar may lie where no hand can reach it.
FRAME = QMargins(8, 40, 8, 8)


def give_the_first_size(window: QWidget) -> None:
    """Make a window, never shown before, as large as usual, or as its screen lets."""
    screen = QGuiApplication.screenAt(QCursor.pos()) or QGuiApplication.primaryScreen()
    window.resize(first_size(screen.availableGeometry()))
    window.setMinimumHeight(LEAST_HEIGHT)


def bring_back(window: QWidget) -> None:
    """Bring a window back whole, if it was left on a screen that is gone or was larger."""
    if not (window.isMaximized() or window.isFullScreen()):
        window.setGeometry(brought_back(window.geometry(), available_geometries()))


def available_geometries() -> list[QRect]:
    """Of each screen the part that windows may take, the first screen's first."""
    primary = QGuiApplication.primaryScreen()
    screens: list[QScreen] = QGuiApplication.screens()
    ordered = sorted(screens, key=lambda screen: screen is not primary)
    return [screen.availableGeometry() for screen in ordered]


def first_size(available: QRect) -> QSize:
    """The size of a window that never had one, without its frame."""
    return USUAL_SIZE.boundedTo(available.marginsRemoved(FRAME).size())


def brought_back(wanted: QRect, available: Sequence[QRect]) -> QRect:
    """A window's rectangle, no larger and no farther away than fits on a screen with its frame.

    Args:
        wanted: where the window was, without its frame.
        available: of each screen the part that windows may take; one where nothing else decides
            is the first.

    Returns:
        `wanted`, moved and made smaller as little as can be, on the screen that shows most of it.
    """
    room = max(available, key=lambda part: _area(part & wanted)).marginsRemoved(FRAME)
    size = wanted.size().boundedTo(room.size())
    left = min(max(wanted.x(), room.x()), room.x() + room.width() - size.width())
    top = min(max(wanted.y(), room.y()), room.y() + room.height() - size.height())
    return QRect(QPoint(left, top), size)


def _area(part: QRect) -> int:
    return part.width() * part.height() if part.isValid() else 0
