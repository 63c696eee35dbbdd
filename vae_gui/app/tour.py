"""What am I looking at? Four steps for the first start, each done by the hand."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, Qt, SignalInstance
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from vae_gui.app.preferences import Preferences
from vae_gui.panels.inspector import Inspector
from vae_gui.panels.layers_panel import LayersPanel
from vae_gui.state.workspace import Workspace
from vae_gui.widgets.callout import Callout

MOVES = 12  # of the hand over the plane, until one has seen that the digit follows


@dataclass(frozen=True)
class Step:
    """One thing to do, and what to see when it is done.

    Attributes:
        title: what to do.
        text: what one sees then.
        target: the part of the window where it is seen.
        after: the signal after which it may be done.
        is_done: whether it is.
        times: how many of these signals it takes.
    """

    title: str
    text: str
    target: QWidget
    after: SignalInstance
    is_done: Callable[[], bool]
    times: int = 1


class Tour(QObject):
    """Shows steps one after the other, on a card beside the part of the window that each is about.

    A step that was done is ticked, and stays until Next is pressed: a card that changed by itself
    would do so under the hand that reaches for it. The card can be closed at any time, by Escape
    too, and is then never shown again by itself.
    """

    def __init__(
        self, steps: Sequence[Step], window: QWidget, plane: QWidget, preferences: Preferences
    ) -> None:
        """Make a tour whose card floats over a window; the plane in it has the keyboard."""
        super().__init__(window)
        self._steps = steps
        self._preferences = preferences
        self._place: int | None = None
        self._count = 0
        self._is_ticked = False
        self.card = Callout(window)
        self.card.went_on.connect(self._go_on)
        self.card.closed.connect(self.close)
        for step in steps:
            step.after.connect(self._look)
        plane.installEventFilter(self)

    @property
    def step(self) -> Step | None:
        """The step that is shown; None while the tour is closed."""
        return None if self._place is None else self._steps[self._place]

    def start_once(self) -> None:
        """Begin, unless the tour was closed before, in this session or an earlier one."""
        if not self._preferences.has_seen_tour and self._place is None:
            self.start()

    def start(self) -> None:
        """Begin with the first step."""
        self._show(0)

    def close(self) -> None:
        """End the tour, and remember that it was seen."""
        self._place = None
        self.card.hide()
        self._preferences.has_seen_tour = True

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Close at Escape, where nothing else on the screen waits for that key."""
        closes = (
            self._place is not None
            and isinstance(event, QKeyEvent)
            and event.type() is QEvent.Type.KeyPress
            and event.key() == Qt.Key.Key_Escape
        )
        if closes:
            self.close()
        return closes

    def _show(self, place: int) -> None:
        self._place, self._count, self._is_ticked = place, 0, False
        self._say(done=False)
        self.card.point_at(self._steps[place].target)

    def _say(self, *, done: bool) -> None:
        assert self._place is not None
        step, last = self._steps[self._place], len(self._steps) - 1
        title = f"✓ {step.title}" if done else step.title
        button = "Done" if self._place == last else "Next"
        self.card.say(f"{self._place + 1} of {last + 1}", title, step.text, button)

    def _look(self) -> None:
        """Tick the step that is shown, once it is done."""
        step = self.step
        if step is None or self._is_ticked or not step.is_done():
            return
        self._count += 1
        if self._count >= step.times:
            self._is_ticked = True
            self._say(done=True)

    def _go_on(self) -> None:
        assert self._place is not None
        if self._place + 1 < len(self._steps):
            self._show(self._place + 1)
        else:
            self.close()


def first_steps(
    workspace: Workspace, layers: LayersPanel, inspector: Inspector
) -> tuple[Step, ...]:
    """The steps of the first start."""
    viewpoint, appearance = workspace.viewpoint, workspace.appearance
    return (
        Step(
            "Move the mouse over the plane.",
            "Each point is a handwritten test digit, where the encoder has put it; the key at the "
            "left explains its colour. For every place in the plane, points or not, the decoder "
            "draws a digit: here it follows the cursor.",
            inspector.probe.digit,
            viewpoint.point_changed,
            lambda: viewpoint.peek is not None,
            MOVES,
        ),
        Step(
            "Click, or drag the cross.",
            "The probe stays where you let go. Drag it slowly from one colour to another, and "
            "watch one digit become the other. Its coordinates z1 and z2 can be typed, too.",
            inspector.probe,
            workspace.gesture_ended,
            lambda: viewpoint.peek is None,
        ),
        Step(
            "Double-click a point.",
            "That chooses the test digit: what was written, what the decoder makes of the place "
            "where the encoder puts it, and how well the model explains it, in nats.",
            inspector.chosen,
            viewpoint.selection_changed,
            lambda: viewpoint.selected is not None,
        ),
        Step(
            "Tick Manifold.",
            "Now the decoder draws the whole plane at once. Zoom in with the wheel: the digits "
            "become finer. Press ? for all keys; these steps are in the Help menu.",
            layers.rows["manifold"].box,
            appearance.layers_changed,
            lambda: appearance.is_shown("manifold"),
        ),
    )
