"""A hand on mouse and keyboard: the same gestures for a widget here and for a whole screen.

`hand_over_widget` sends real Qt events to a widget of this process; its places are pixels of that
widget, and may have fractions. `hand_over_screen` moves the pointer of an X server by xdotool; its
places are pixels of that screen. Keys are named as menus name them: Left, Return, Ctrl+Z, ?.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QKeySequence, QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

Place = Sequence[float]
LEFT, MIDDLE = 1, 2

_BUTTONS = {LEFT: Qt.MouseButton.LeftButton, MIDDLE: Qt.MouseButton.MiddleButton}
_NONE = Qt.MouseButton.NoButton
_X_NAMES = {"?": "question"}


class Hand(ABC):
    """What a hand can do."""

    @abstractmethod
    def move(self, *places: Place) -> None:
        """Move the pointer to these places in turn, as fast as can be."""

    @abstractmethod
    def press(self, button: int = LEFT, at: Place | None = None) -> None:
        """Press a mouse button at a place, or where the pointer is, and hold it."""

    @abstractmethod
    def release(self, button: int = LEFT) -> None:
        """Release a mouse button."""

    @abstractmethod
    def click(self, place: Place, times: int = 1) -> None:
        """Click with the left button; twice is a double click."""

    @abstractmethod
    def wheel(self, notches: float) -> None:
        """Turn the wheel where the pointer is: away from the body is positive."""

    @abstractmethod
    def key(self, *names: str) -> None:
        """Press and release keys, one after the other."""

    @abstractmethod
    def hold(self, name: str) -> None:
        """Press a key and hold it."""

    @abstractmethod
    def let_go(self, name: str) -> None:
        """Release a key."""

    @abstractmethod
    def type(self, text: str) -> None:
        """Type a text."""

    def drag(self, *places: Place, button: int = LEFT) -> None:
        """Press a button at the first place, and hold it along the others."""
        self.press(button, places[0])
        self.move(*places[1:])


def hand_over_widget(widget: QWidget) -> Hand:
    """A hand that acts on one widget; it begins in the widget's middle."""
    return _QtHand(widget)


def hand_over_screen(xdotool: Callable[..., object]) -> Hand:
    """A hand that acts on a screen; `xdotool` runs that program with the words that it is given."""
    return _XHand(xdotool)


class _QtHand(Hand):
    def __init__(self, widget: QWidget) -> None:
        self._widget = widget
        self._at = QPointF(widget.rect().center())
        self._held = _NONE

    def move(self, *places: Place) -> None:
        for place in places:
            self._at = QPointF(*place)
            mouse(self._widget, QEvent.Type.MouseMove, self._at, held=self._held)

    def press(self, button: int = LEFT, at: Place | None = None) -> None:
        self._at = self._at if at is None else QPointF(*at)
        self._held = _BUTTONS[button]
        mouse(self._widget, QEvent.Type.MouseButtonPress, self._at, self._held, self._held)

    def release(self, button: int = LEFT) -> None:
        self._held = _NONE
        mouse(self._widget, QEvent.Type.MouseButtonRelease, self._at, _BUTTONS[button])

    def click(self, place: Place, times: int = 1) -> None:
        self._at = QPointF(*place)
        click = QTest.mouseClick if times == 1 else QTest.mouseDClick
        click(self._widget, _BUTTONS[LEFT], pos=self._at.toPoint())

    def wheel(self, notches: float) -> None:
        wheel(self._widget, self._at, notches)

    def key(self, *names: str) -> None:
        for name in names:
            QTest.keySequence(self._widget, QKeySequence(name))

    def hold(self, name: str) -> None:
        QTest.keyPress(self._widget, QKeySequence(name)[0].key())

    def let_go(self, name: str) -> None:
        QTest.keyRelease(self._widget, QKeySequence(name)[0].key())

    def type(self, text: str) -> None:
        QTest.keyClicks(self._widget, text)


class _XHand(Hand):
    def __init__(self, xdotool: Callable[..., object]) -> None:
        self._xdotool = xdotool

    def move(self, *places: Place) -> None:
        words = [("mousemove", *(round(value) for value in place)) for place in places]
        self._xdotool(*(word for each in words for word in each))

    def press(self, button: int = LEFT, at: Place | None = None) -> None:
        if at is not None:
            self.move(at)
        self._xdotool("mousedown", button)

    def release(self, button: int = LEFT) -> None:
        self._xdotool("mouseup", button)

    def click(self, place: Place, times: int = 1) -> None:
        x, y = (round(value) for value in place)
        # In one call: a busy machine may take longer for two than a double click may.
        self._xdotool("mousemove", x, y, "click", "--repeat", times, "--delay", 50, LEFT)

    def wheel(self, notches: float) -> None:
        self._xdotool("click", "--repeat", abs(round(notches)), 4 if notches > 0 else 5)

    def key(self, *names: str) -> None:
        self._xdotool("key", *(_X_NAMES.get(name, name) for name in names))

    def hold(self, name: str) -> None:
        self._xdotool("keydown", name)

    def let_go(self, name: str) -> None:
        self._xdotool("keyup", name)

    def type(self, text: str) -> None:
        self._xdotool("type", "--delay", 10, "--", text)


def mouse_event(
    widget: QWidget,
    kind: QEvent.Type,
    place: QPointF,
    button: Qt.MouseButton = _NONE,
    held: Qt.MouseButton = _NONE,
) -> QMouseEvent:
    """A mouse event at a place in a widget, in pixels."""
    there = _global(widget, place)
    return QMouseEvent(kind, place, there, button, held, Qt.KeyboardModifier.NoModifier)


def mouse(
    widget: QWidget,
    kind: QEvent.Type,
    place: QPointF,
    button: Qt.MouseButton = _NONE,
    held: Qt.MouseButton = _NONE,
) -> None:
    """Send a real mouse event to a widget."""
    QApplication.sendEvent(widget, mouse_event(widget, kind, place, button, held))


def wheel(widget: QWidget, place: QPointF, notches: float) -> None:
    """Turn the wheel at a place in a widget by a real event."""
    turn = QPoint(0, round(120 * notches))
    none, phase = Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase
    event = QWheelEvent(place, _global(widget, place), QPoint(), turn, _NONE, none, phase, False)
    QApplication.sendEvent(widget, event)


def settle() -> None:
    """Let everything that is due happen."""
    for _ in range(20):
        QApplication.processEvents()


def _global(widget: QWidget, place: QPointF) -> QPointF:
    return QPointF(widget.mapToGlobal(QPoint(0, 0))) + place
