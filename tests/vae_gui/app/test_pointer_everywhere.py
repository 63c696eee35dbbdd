"""The pointer rests on every widget while what is open changes under it: nothing fails.

Each state of the window follows another one while the pointer is in the middle of something. When
the next event of the pointer reaches a widget, it must not rely on data of the state before.
pytest-qt fails a test in whose events anything is raised.
"""

import shutil

import pytest
from gui_helpers import settle
from labelled_model import open_with_noise, write_labelled
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QEnterEvent, QHelpEvent, QKeySequence, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QToolTip, QWidget
from shiboken6 import isValid
from shown_window import shown_window
from written_run import WrittenRun

from model.files.run_state import Stage
from vae_gui.jobs import opening

NO_BUTTON, LEFT = Qt.MouseButton.NoButton, Qt.MouseButton.LeftButton
NO_KEY = Qt.KeyboardModifier.NoModifier
FRACTIONS = (0.02, 0.5, 0.98)  # of a widget's width and height, where the pointer goes


class Pointer:
    """A pointer that enters many widgets at once, and leaves them later, hidden or not."""

    def __init__(self, widgets: list[QWidget]) -> None:
        self._widgets = widgets
        self._held: list[QWidget] = []

    def enter(self) -> None:
        for widget in self._widgets:
            at, of_screen = _middle(widget)
            QApplication.sendEvent(widget, QEnterEvent(at, at, of_screen))
            self.move(widget)

    def press(self) -> None:
        """Press and hold the button, but not on what opens menus or files."""
        for widget in self._widgets:
            is_ours = type(widget).__module__.startswith("vae_gui.")
            if is_ours and not isinstance(widget, QAbstractButton):
                self._held.append(widget)
                _send(widget, QEvent.Type.MouseButtonPress, *_middle(widget), LEFT, LEFT)

    def move(self, widget: QWidget) -> None:
        held = LEFT if widget in self._held else NO_BUTTON
        for x in FRACTIONS:
            for y in FRACTIONS:
                at = QPointF(x * (widget.width() - 1), y * (widget.height() - 1))
                of_screen = QPointF(widget.mapToGlobal(at.toPoint()))
                _send(widget, QEvent.Type.MouseMove, at, of_screen, NO_BUTTON, held)
                asks = QHelpEvent(QEvent.Type.ToolTip, at.toPoint(), of_screen.toPoint())
                QApplication.sendEvent(widget, asks)

    def leave(self) -> None:
        for widget in filter(isValid, self._widgets):  # but not those that are no more
            self.move(widget)
            if widget in self._held:
                _send(widget, QEvent.Type.MouseButtonRelease, *_middle(widget), LEFT, NO_BUTTON)
            QApplication.sendEvent(widget, QEvent(QEvent.Type.Leave))
        QToolTip.hideText()


def _middle(widget: QWidget) -> tuple[QPointF, QPointF]:
    at = widget.rect().center()
    return QPointF(at), QPointF(widget.mapToGlobal(at))


def _send(widget, kind, at, of_screen, button, buttons) -> None:
    QApplication.sendEvent(widget, QMouseEvent(kind, at, of_screen, button, buttons, NO_KEY))


class Course:
    """What is open in a window, one state after the other."""

    def __init__(self, window, folder, make_model, qtbot) -> None:
        self._window, self._folder, self._qtbot = window, folder, qtbot
        self._make_model = make_model
        self._run = WrittenRun(folder / "runs" / "a run")

    def plane(self) -> None:
        self._open(self._make_model().path)

    def line(self) -> None:
        self._open(self._make_model(1, name="line.safetensors").path)

    def many(self) -> None:
        self._open(self._make_model(5, name="many.safetensors").path)

    def classes(self) -> None:
        self._open(write_labelled(self._folder / "classes.safetensors"))

    def followed(self) -> None:
        """A run in its second epoch, with a timeline and curves."""
        self._run.add(0, 1, 3)
        self._run.finish_epochs(1, 2)
        self._open(self._run.paths.folder)
        self._qtbot.waitUntil(lambda: len(self._window.timeline.made) == 5)

    def deleted(self) -> None:
        """The run's folder has gone, and what looks at it has noticed."""
        shutil.rmtree(self._run.paths.folder)
        window = self._window
        self._qtbot.waitUntil(lambda: window.following.state.stage is Stage.GONE)
        self._qtbot.waitUntil(lambda: window.training.run is None)

    def damaged(self) -> None:
        path = self._folder / "damaged.safetensors"
        path.write_bytes(b"nothing")
        with self._qtbot.waitSignal(self._window.opening.failed):
            self._window.open(path)

    def compared(self) -> None:
        """A second model lies beside the first, as far as the two can be compared."""
        path = self._make_model(seed=1, name="second.safetensors").path
        second = self._window.second.comparing
        with self._qtbot.waitSignal(second.model.opening.finished):
            self._window.second.open(path)

    def _open(self, path) -> None:
        with self._qtbot.waitSignal(self._window.opening.finished):
            self._window.open(path)


@pytest.fixture
def window(qtbot, monkeypatch, tmp_path):
    real = opening.open_checkpoint
    monkeypatch.setattr("vae_gui.jobs.opening.open_checkpoint", open_with_noise(real))
    monkeypatch.setattr("vae_gui.jobs.following.PERIOD_MS", 10)
    monkeypatch.setattr("vae_gui.jobs.run_list.PERIOD_MS", 20)
    monkeypatch.setattr("vae_gui.jobs.training.REST_MS", 20)
    monkeypatch.chdir(tmp_path)
    with shown_window(qtbot, (1400, 900)) as made:
        yield made


COURSE = (
    "plane",
    "compared",
    "many",
    "classes",
    "followed",
    "deleted",
    "line",
    "classes",
    "damaged",
    "compared",
    "plane",
)


@pytest.mark.slow
@pytest.mark.parametrize("presses", [False, True])
@pytest.mark.parametrize("key", ["Ctrl+T", "Ctrl+R", "Ctrl+E", "Ctrl+P", "Ctrl+K"])
def test_what_is_open_changes_under_the_pointer(key, presses, window, tmp_path, make_model, qtbot):
    course = Course(window, tmp_path, make_model, qtbot)
    for state in COURSE:
        QTest.keySequence(window.plane, QKeySequence(key))  # a page, where this state has it
        settle()
        pointer = Pointer([window, *(w for w in window.findChildren(QWidget) if w.isVisible())])
        pointer.enter()
        if presses:
            pointer.press()
        getattr(course, state)()
        settle()
        pointer.leave()
        settle()
