"""Undo and redo of what the user chose: probe, chosen digit, plane, layers, colours, canvas."""

import time
from collections.abc import Callable, Mapping

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from vae_gui.state.scene import Change, Scene, change_between
from vae_gui.state.viewpoint import Viewpoint
from vae_gui.state.workspace import Workspace

MOST_STEPS = 200
# Nudges and steps of a slider by keys that follow each other this fast, in seconds, are one step.
BURST = 0.8

Describe = Callable[[Scene, Scene], str]


class Step(QUndoCommand):
    """A step from one scene to the next. The user has already taken it when it is pushed."""

    def __init__(
        self, workspace: Workspace, before: Scene, after: Scene, describe: Describe
    ) -> None:
        super().__init__(describe(before, after))
        self._workspace = workspace
        self._before, self._after = before, after
        self._describe = describe
        self._is_taken = True

    def redo(self) -> None:
        """Take the step, except when it is pushed: the user has just taken it."""
        if not self._is_taken:
            self._after.restore(self._workspace)
        self._is_taken = True

    def undo(self) -> None:
        """Go back."""
        self._before.restore(self._workspace)
        self._is_taken = False

    def lead_to(self, after: Scene) -> None:
        """Extend the step to another scene; it is obsolete if it then leads nowhere.

        Qt could merge two steps itself, but PySide never frees a merged one.
        """
        self._after = after
        self.setText(self._describe(self._before, after))
        self.setObsolete(self._before.is_same_as(after))


class History(QObject):
    """Watches a workspace and keeps its steps.

    All that changes before Qt's event loop goes on is one step, and so is all that changes while
    the hand holds something. Another model empties the history: places and indices of digits mean
    nothing there.

    Signals:
        undo_text_changed (str): undo would take back another step, or one of another name.
    """

    undo_text_changed = Signal(str)

    def __init__(
        self,
        workspace: Workspace,
        titles: Mapping[str, str],
        parent: QObject | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Begin an empty history.

        Args:
            workspace: what is watched.
            titles: of layers and measures, by key.
            parent: as Qt has it.
            clock: tells seconds.
        """
        super().__init__(parent)
        self._workspace = workspace
        self._titles = titles
        self._clock = clock
        self.stack = QUndoStack(self)
        self.stack.setUndoLimit(MOST_STEPS)
        self.stack.undoTextChanged.connect(self.undo_text_changed)
        self._now = Scene.of(workspace)
        self._held = self._again = self._starts_anew = False
        self._last: tuple[Change, float] | None = None  # what may go on, and when it was
        self._soon = QTimer(self, interval=0, singleShot=True)
        self._soon.timeout.connect(self._record)
        appearance = workspace.appearance
        for signal in (
            appearance.layers_changed,
            appearance.classes_changed,
            appearance.colouring_changed,
            workspace.comparison.chosen,
            workspace.observation.changed,
        ):
            signal.connect(self._notice)
        workspace.viewpoints_changed.connect(self._watch_the_newest)
        workspace.gesture_began.connect(self._begin_gesture)
        workspace.gesture_ended.connect(self._end_gesture)
        for viewpoint in workspace.viewpoints:
            self._watch(viewpoint)

    def undo(self) -> None:
        """Go back by a step."""
        self._record()
        self.stack.undo()
        self._now, self._last = Scene.of(self._workspace), None

    def redo(self) -> None:
        """Take the step again that was undone last."""
        self._record()
        self.stack.redo()
        self._now, self._last = Scene.of(self._workspace), None

    def close(self) -> None:
        """Stop the stack's signals: they would reach menus that are already destroyed."""
        self.stack.blockSignals(True)
        self.blockSignals(True)

    def _watch(self, viewpoint: Viewpoint) -> None:
        for signal in (
            viewpoint.point_changed,
            viewpoint.selection_changed,
            viewpoint.slice_changed,
        ):
            signal.connect(self._notice)
        viewpoint.document.opened.connect(self._forget)
        viewpoint.about_to_adapt.connect(self._start_anew)

    def _watch_the_newest(self) -> None:
        self._watch(self._workspace.viewpoints[-1])
        self._forget()  # one cannot go back to scenes of fewer viewpoints

    def _notice(self) -> None:
        if not self._held and not self._soon.isActive():
            self._soon.start()

    def _begin_gesture(self, again: bool) -> None:
        self._record()
        self._held, self._again = True, again

    def _end_gesture(self) -> None:
        if self._held:
            self._record()
            self._held = self._again = False
            self._last = None if self._last is None else (Change(""), self._last[1])

    def _forget(self) -> None:
        """Another model is open."""
        self.stack.clear()
        self._now, self._last = Scene.of(self._workspace), None

    def _start_anew(self) -> None:
        """The viewpoint may move by itself, which is no one's step."""
        if not self._held:
            self._record()
            self._starts_anew = True
            self._soon.start()

    def _record(self) -> None:
        """Keep what has changed since the last step, if anything has."""
        self._soon.stop()
        before, self._now = self._now, Scene.of(self._workspace)
        anew, self._starts_anew = self._starts_anew, False
        if anew or before.is_same_as(self._now):
            return
        change = change_between(before, self._now, self._titles, self._class_names())
        goes_on = self._goes_on(change)
        self._last = change, self._clock()
        if goes_on:
            self._lead_on()
        else:
            self.stack.push(Step(self._workspace, before, self._now, self._describe))

    def _lead_on(self) -> None:
        """Extend the last step to the present scene."""
        step = self.stack.command(self.stack.index() - 1)
        assert isinstance(step, Step)
        step.lead_to(self._now)
        if step.isObsolete():
            self.stack.undo()  # Qt takes it off, and does not undo it
            self._last = None
        else:
            self.undo_text_changed.emit(step.text())  # the stack says it of other steps alone

    def _goes_on(self, change: Change) -> bool:
        """Whether a change belongs to the step before it."""
        if self._last is None or self._clock() - self._last[1] >= BURST:
            return False
        return self._again or (change.flows and not self._held and change == self._last[0])

    def _describe(self, before: Scene, after: Scene) -> str:
        return change_between(before, after, self._titles, self._class_names()).name

    def _class_names(self) -> tuple[str, ...]:
        test = self._workspace.document.test
        return () if test is None else test.class_names
