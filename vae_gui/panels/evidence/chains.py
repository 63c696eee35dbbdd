"""Two chains against the exact posterior: how far off they are, and what moves them."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QHideEvent, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from vae_gui.panels.evidence.stacked_bar import SWATCH
from vae_gui.panels.evidence.words import NO_ANSWER
from vae_gui.panels.evidence.zoom_button import ZoomButton
from vae_gui.state.chains import LARGEST_SEED, Chain, Course
from vae_gui.state.viewpoint import Viewpoint
from vae_gui.style.labels import label, wrapped
from vae_gui.style.scales import percent
from vae_gui.style.theme import theme_of
from vae_gui.widgets.choice_row import ChoiceRow
from vae_gui.widgets.number_field import NumberField, whole_number

HINT = (
    "Both draw z and the hidden pixels in turn. The encoder proposes each z: the first chain takes "
    "it, the second checks it first."
)
START, PAUSE = "Start", "Pause"
PSEUDO, METROPOLIS = "pseudo-Gibbs", "Metropolis-within-Gibbs"
EXACT, ACCEPTED, STEPS = "as many exact draws", "accepted by the second", "steps of each"
OFF_BY = "off by (total variation)"
OFF_TIP = (
    "The largest error of any probability that is read off the chain's states, for regions made "
    "of 32 boxes of about equal mass: half the sum of |fraction of the states − mass|. 0 % is "
    "exact, at 100 % they have nothing in common with the posterior."
)
TIPS = {
    PSEUDO: "Pseudo-Gibbs (Rezende, Mohamed and Wierstra 2014): takes z from q(z|x), as if that "
    "were exact. It is wrong however long it runs, unless the encoder is perfect.",
    METROPOLIS: "Metropolis-within-Gibbs (Mattei and Frellsen 2018): takes the same z with the "
    "probability that makes it exact in the long run, and else stays where it is.",
    EXACT: "What as many independent draws from the exact posterior would show on average: below "
    "that, nothing can be told.",
    ACCEPTED: "How many of the proposed z Metropolis-within-Gibbs accepts.",
    STEPS: "Both begin after 20 steps of pseudo-Gibbs, which do not count; all later states do.",
}
SPEEDS = {
    "slow": ("Slow", "2 steps a second at most"),
    "medium": ("Medium", "16 steps a second at most"),
    "fast": ("Fast", "200 steps a second at most"),
}
LEAST_WIDTH = 60  # of a button, in pixels: three of Qt's own least width are wider than the page
LOST = 0.9  # the distance of a chain that is nowhere near the posterior
TELLS = 1.5  # times what exact draws show, from which on a distance is said to be one


class ChainsPart(QWidget):
    """Start, step, clear, speed and seed; and how far both are from the exact posterior.

    Signals:
        stepped: one step is wanted.
        cleared: they are to begin anew.
    """

    stepped = Signal()
    cleared = Signal()

    def __init__(self, viewpoint: Viewpoint, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._chains = viewpoint.inference.chains
        self.hint, self.status = label("caption", HINT), label("text")
        self.start, self.step, self.clear = (
            QPushButton(title) for title in (START, "Step", "Clear")
        )
        self.speeds = ChoiceRow("Speed", SPEEDS)
        self.seed = NumberField(_read_seed, lambda: (0, LARGEST_SEED))
        self.zoom = ZoomButton()
        self.refusal = label("caption")
        self.refusal.hide()
        self.values: dict[str, QLabel] = {}
        self.verdict = label("text")
        self._set_up()
        self._lay_out()
        for signal in (self._chains.changed, self._chains.chosen):
            signal.connect(self._show)
        self._show()

    def showEvent(self, event: QShowEvent) -> None:
        """They move while they are seen."""
        super().showEvent(event)
        self._chains.see(True)

    def hideEvent(self, event: QHideEvent) -> None:
        """And rest while they are not."""
        super().hideEvent(event)
        self._chains.see(False)

    def _set_up(self) -> None:
        self.start.setToolTip("Let both chains go on, or rest (V)")
        self.step.setToolTip("Take one step of both (Shift+V)")
        self.clear.setToolTip("Forget all states, and begin anew with the same seed")
        for button, do in (
            (self.start, lambda: self._chains.run(not self._chains.is_running)),
            (self.step, self.stepped.emit),
            (self.clear, self.cleared.emit),
        ):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.clicked.connect(lambda _=False, do=do: do())
        for button in (self.start, self.step, self.clear, *self.speeds.buttons.values()):
            button.setMinimumWidth(LEAST_WIDTH)
        self.speeds.choose(self._chains.speed)
        self.speeds.chosen.connect(self._chains.choose_speed)
        self.seed.setDecimals(0)
        self.seed.setRange(0, LARGEST_SEED)
        self.seed.setAccessibleName("Seed of the chains")
        self.seed.setToolTip("Other draws: the chains begin anew")
        self.seed.valueChanged.connect(lambda seed: self._chains.choose_seed(int(seed)))
        self.seed.refused.connect(self._refuse)
        self.seed.lineEdit().textEdited.connect(self.refusal.hide)

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.hint)
        layout.addLayout(_row(self.start, self.step, self.clear))
        layout.addWidget(self.speeds)
        seed = QHBoxLayout()
        seed.setSpacing(8)
        seed.addWidget(label("caption", "seed", wrap=False))
        seed.addWidget(self.seed)
        seed.addStretch(1)
        seed.addWidget(self.zoom)
        layout.addLayout(seed)
        layout.addWidget(self.refusal)
        layout.addLayout(self._table())
        layout.addWidget(self.verdict)
        layout.addWidget(self.status)

    def _table(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(6)
        grid.setVerticalSpacing(1)
        grid.setColumnStretch(1, 1)
        title = label("caption", OFF_BY, wrap=False)
        title.setToolTip(wrapped(OFF_TIP))
        grid.addWidget(title, 0, 0, 1, 3, Qt.AlignmentFlag.AlignRight)
        for row, (name, tip) in enumerate(TIPS.items(), 1):
            is_chain = name in (PSEUDO, METROPOLIS)
            said = label("text" if is_chain else "caption", name, wrap=False)
            value = self.values[name] = label("text", wrap=False)
            for part in (said, value):
                part.setToolTip(wrapped(tip))
            if is_chain:
                grid.addWidget(ChainSwatch(row - 1), row, 0)
            grid.addWidget(said, row, 1)
            grid.addWidget(value, row, 2, Qt.AlignmentFlag.AlignRight)
        return grid

    def _refuse(self, sentence: str) -> None:
        self.refusal.setText(sentence)
        self.refusal.show()

    def _show(self) -> None:
        chains, course = self._chains, self._chains.course
        self.start.setText(PAUSE if chains.is_running else START)
        can_move = not chains.status
        self.start.setEnabled(can_move or chains.is_running)
        self.step.setEnabled(can_move)
        self.clear.setEnabled(course is not None)
        self.status.setText(chains.status)
        self.status.setVisible(bool(chains.status))
        if course is None:
            for value in self.values.values():
                value.setText(NO_ANSWER)
            self.verdict.setText("")
        else:
            self._show_course(course)

    def _show_course(self, course: Course) -> None:
        pseudo, metropolis = course.pseudo, course.metropolis
        texts = {
            PSEUDO: percent(pseudo.variation.distance),
            METROPOLIS: percent(metropolis.variation.distance),
            EXACT: percent(pseudo.variation.of_exact_draws),
            ACCEPTED: percent(metropolis.accepted / course.count),
            STEPS: f"{course.count:,}",
        }
        for name, text in texts.items():
            self.values[name].setText(text)
        self.verdict.setText(verdict(course))


class ChainSwatch(QWidget):
    """The mark of one chain in its colour: a disc, or a square."""

    def __init__(self, index: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._index = index
        self.setFixedSize(SWATCH, SWATCH)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Fill it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme_of(self.palette()).chains[self._index]))
        draw = painter.drawRect if self._index else painter.drawEllipse
        draw(self.rect())


def verdict(course: Course) -> str:
    """What the distances mean, in a sentence or two."""
    pseudo_is_off, metropolis_is_off = (
        _is_off(chain) for chain in (course.pseudo, course.metropolis)
    )
    worse = percent(course.pseudo.variation.distance)
    if not pseudo_is_off and not metropolis_is_off:
        return "Neither can be told from exact draws yet."
    if pseudo_is_off and not metropolis_is_off:
        return (
            f"Pseudo-Gibbs gets the chance of some region wrong by {worse}; the check has made the "
            "other as good as exact draws."
        )
    stays = (
        "The checked chain sits where hardly any mass is, and rarely leaves: it is exact only in "
        "the long run."
        if course.metropolis.variation.distance > LOST
        else "The checked chain is still on its way: its states resemble each other."
    )
    if not pseudo_is_off:
        return stays
    return f"Pseudo-Gibbs gets the chance of some region wrong by {worse}. {stays}"


def _read_seed(text: str) -> int:
    seed = whole_number(text)
    if not 0 <= seed <= LARGEST_SEED:
        raise ValueError(f"A seed is a whole number from 0 to {LARGEST_SEED}.")
    return seed


def _is_off(chain: Chain) -> bool:
    return chain.variation.distance > TELLS * chain.variation.of_exact_draws


def _row(*buttons: QPushButton) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(4)
    for button in buttons:
        row.addWidget(button, 1)
    return row
