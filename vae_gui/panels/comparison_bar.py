"""How two models are compared: the link of their probes, and how the second is turned."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from vae_gui.state.comparison import Comparison, Link
from vae_gui.style.labels import label, wrapped
from vae_gui.style.scales import with_minus
from vae_gui.widgets.choice_row import ChoiceRow
from vae_gui.widgets.tick_box import TickBox

TIPS = {
    Link.DIGIT: (
        "The other probe goes to where the other model has the same digit: to the posterior mean "
        "of the test digit that is nearest to this one."
    ),
    Link.Z: "The other probe goes to the same place of its plane.",
}
ALIGN = (
    "Turn the right model onto the left one, by the rotation and reflection about the origin that "
    "brings the posterior means of the test digits nearest to each other (orthogonal Procrustes). "
    "That leaves the prior as it is, and so every likelihood."
)
GAP = 8


class ComparisonBar(QWidget):
    """A line of choices, and a sentence on the alignment; the tools stand where there is room.

    Signals:
        swapped: the two models are to change places.
        stopped: the second model is to be closed.
    """

    swapped = Signal()
    stopped = Signal()

    def __init__(
        self, comparison: Comparison, tools: QWidget, parent: QWidget | None = None
    ) -> None:
        """Make the bar of a comparison; `tools` stand at its right end."""
        super().__init__(parent)
        self._comparison = comparison
        self._tools = tools
        choices = {str(link): (title, "") for link, title in ((Link.DIGIT, "digit"), (Link.Z, "z"))}
        self.link = ChoiceRow("Link the probes through", choices)
        self.align = TickBox("Align the right one")
        self.swap = QPushButton("Swap")
        self.stop = QPushButton("Stop comparing")
        self.sentence = label("caption")
        self._words = label("caption", "Probes linked by", wrap=False)
        self._lay_out()
        self.link.chosen.connect(lambda key: comparison.choose_link(Link(key)))
        self.align.clicked.connect(comparison.choose_alignment)
        self.swap.clicked.connect(self.swapped)
        self.stop.clicked.connect(self.stopped)
        comparison.changed.connect(self._show)
        comparison.first.appearance.layers_changed.connect(self._show)
        self._show()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the tools into the first line, or into the second where that is too narrow.

        Where it is narrower still, it keeps only what is needed: the menu swaps, too.
        """
        super().resizeEvent(event)
        parts = [self.link, self.align, self.stop]
        is_wide = self.width() >= _width_of([*parts, self._words, self.swap])
        for part in (self._words, self.swap):
            part.setVisible(is_wide)
        needed = _width_of([*parts, self._words, self.swap, self._tools])
        line = self._above if self.width() >= needed else self._below
        if line.indexOf(self._tools) < 0:
            line.addWidget(self._tools)

    def _lay_out(self) -> None:
        for button, tip in (
            (self.swap, "Let the two models change places (Ctrl+Shift+M)"),
            (self.stop, "Close the right model; the left one stays as it is"),
        ):
            button.setToolTip(tip)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._above, self._below = QHBoxLayout(), QHBoxLayout()
        for line in (self._above, self._below):
            line.setSpacing(GAP)
        for part in (self._words, self.link):
            self._above.addWidget(part)
        self._above.addSpacing(GAP)
        self._above.addWidget(self.align)
        self._above.addStretch(1)
        for button in (self.swap, self.stop):
            self._above.addWidget(button)
        self._below.addWidget(self.sentence, 1)
        self._below.addWidget(self._tools)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 7, 4, 2)
        layout.setSpacing(2)
        layout.addLayout(self._above)
        layout.addLayout(self._below)
        self.setMinimumWidth(_width_of([self.link, self.align, self.stop]))

    def _show(self) -> None:
        comparison = self._comparison
        down = comparison.link or comparison.pairing.link
        for link in Link:
            button, why = self.link.buttons[str(link)], comparison.why_not(link)
            button.setChecked(link is down)
            button.setEnabled(not why)
            button.setToolTip(wrapped(TIPS[link] + (f"\n\nNot now: {why}." if why else "")))
        why = comparison.why_not_aligned()
        self.align.setEnabled(not why)
        self.align.setChecked(comparison.is_aligned if not why else False)
        self.align.setToolTip(wrapped(f"{ALIGN} (Shift+A)"))
        self.sentence.setText(sentence_of(comparison))


def _width_of(parts: Sequence[QWidget]) -> int:
    """The width of some parts in a line, with all that is left free between and around them."""
    return sum(part.sizeHint().width() + GAP for part in parts) + 4 * GAP


def sentence_of(comparison: Comparison) -> str:
    """How the right model is laid on the left one, or why it is not."""
    if not comparison.is_on:
        return ""
    found, why = comparison.alignment, comparison.why_not_aligned()
    if found is None:
        return f"Not aligned: {why or 'the digits are not encoded yet'}."
    count = len(found.matrix)
    turned = f"turned by {with_minus(f'{found.angle:.1f}')}°"
    if count > 2:
        turned = f"turned in {count} dimensions by up to {found.angle:.1f}°"
    elif count == 1:
        turned = "turned by 0°"
    mirrored = "mirrored, then " if found.is_mirrored else ""
    if not comparison.is_aligned:
        return (
            f"As they are, digits at right lie {found.before:.2f} from the same ones at left (root "
            f"mean square); {mirrored}{turned}, it would be {found.distance:.2f}."
        )
    return (
        f"The right model is {mirrored}{turned}: its digits lie {found.distance:.2f} from the same "
        f"ones at left (root mean square; unturned {found.before:.2f}), "
        f"{100.0 * found.residual:.0f} % of their distance from 0.{_left_out(comparison)}"
    )


def _left_out(comparison: Comparison) -> str:
    """What the right plane does not show, though it is wanted, because it is turned."""
    appearance = comparison.first.appearance
    names = {"difference": "q − p", "regions": "label regions"}
    wanted = [name for key, name in names.items() if appearance.is_shown(key)]
    if comparison.second is None or not comparison.second.slice.is_cut or not wanted:
        return ""
    return f" Not drawn there while it is turned: {' and '.join(wanted)}."
