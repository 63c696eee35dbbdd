"""What the encoder loses against the exact posterior: the gap in nats, its parts, and a remedy."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from vae_gui.jobs.encoder_checking import NOT_WHOLE
from vae_gui.panels.evidence.stacked_bar import StackedBar, Swatch
from vae_gui.panels.evidence.words import UNKNOWN, nats
from vae_gui.panels.evidence.zoom_button import ZoomButton
from vae_gui.state.encoder_check import EncoderFit
from vae_gui.state.glossary import explained
from vae_gui.state.observation import Observation
from vae_gui.state.viewpoint import Viewpoint
from vae_gui.state.workspace import Workspace
from vae_gui.style.labels import label, wrapped

GAP = "gap: log p(x) − ELBO, nats"
GAP_TIP = (
    "How far q(z|x) is from the exact posterior: the gap is KL(q(z|x) ‖ p(z|x)). Its parts are "
    "those of Cremer, Li and Duvenaud 2018; the family there is that of diagonal Gaussians."
)
ENDS_TIP = (
    "Both are sums over the plane, right to 0.003 nats. The inspector's ELBO, of all digits, is "
    "right to 0.06."
)
PARTS = (
    (
        "encoder",
        "The best ellipse of this kind wins so much: one network encodes all digits, and none "
        "exactly.",
        "Amortisation: the ELBO of the best Gaussian whose axes are those of the plane, minus that "
        "of the encoder's.",
    ),
    (
        "turned axes",
        "An ellipse that may be turned wins so much more.",
        "The ELBO of the best Gaussian of any covariance, minus that of the best one whose axes "
        "are those of the plane.",
    ),
    (
        "shape",
        "No Gaussian wins this: the posterior has another shape.",
        "Log p(x) minus the ELBO of the best Gaussian of any covariance.",
    ),
)
REFINE, AGAIN = "Refine", "Encoder's again"
SMALL = "where it is smaller than a point, zoom to it."
MISSED = "The best one is at a mode that the encoder has missed: the ellipse jumps there."


class EncoderPart(QWidget):
    """The gap, a bar of its parts, and the buttons that move the ellipse.

    Signals:
        refined: the ellipse is to move to the best Gaussian, or back.
        wants_digit: the chosen digit is to be loaded.
    """

    refined = Signal()
    wants_digit = Signal()

    def __init__(
        self, workspace: Workspace, viewpoint: Viewpoint, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._observation: Observation = workspace.observation
        self._viewpoint = viewpoint
        self._check = viewpoint.inference.encoder
        self.subject = label("title")
        self.status = label("text")
        self.load = QPushButton("Load the chosen digit")
        self.values = {GAP: _value()}
        self.ends = label("caption")
        self.bar = StackedBar()
        self.refine, self.zoom = QPushButton(REFINE), ZoomButton()
        self.step = label("text")
        self.warning = label("caption")
        self._known = QWidget()
        self._set_up()
        self._lay_out()
        for signal in (self._check.changed, workspace.observation.changed):
            signal.connect(self._show)
        viewpoint.selection_changed.connect(self._show)
        self._show()

    def _set_up(self) -> None:
        self.refine.setToolTip(
            wrapped(
                "Move q's ellipse to the best Gaussian of its kind by natural gradients; again "
                "shows the encoder's (Y)"
            )
        )
        self.load.setToolTip("Put the digit that is chosen in the plane on the canvas (Shift+X)")
        for button in (self.refine, self.load):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.refine.clicked.connect(lambda _=False: self.refined.emit())
        self.load.clicked.connect(lambda _=False: self.wants_digit.emit())

    def _lay_out(self) -> None:
        inside = QVBoxLayout(self._known)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(4)
        inside.addLayout(self._row_of_gap())
        inside.addWidget(self.ends)
        self.ends.setToolTip(explained("log p(x) ELBO", ENDS_TIP))
        inside.addWidget(self.bar)
        inside.addLayout(self._table())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        buttons = QHBoxLayout()
        buttons.setSpacing(4)
        for button in (self.refine, self.zoom):
            buttons.addWidget(button, 1)
        for part in (self.subject, self.status, self.load, self._known):
            layout.addWidget(part)
        layout.addLayout(buttons)
        layout.addWidget(self.step)
        layout.addWidget(self.warning)

    def _row_of_gap(self) -> QHBoxLayout:
        row, name = QHBoxLayout(), label("text", GAP, wrap=False)
        for part in (name, self.values[GAP]):
            part.setToolTip(explained(GAP, GAP_TIP))
        row.addWidget(name, 1)
        row.addWidget(self.values[GAP])
        return row

    def _table(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(6)
        grid.setVerticalSpacing(1)
        grid.setColumnStretch(1, 1)
        for index, (title, sentence, tip) in enumerate(PARTS):
            name, said = label("text", title, wrap=False), label("caption", sentence)
            value = self.values[title] = _value()
            for part in (name, value, said):
                part.setToolTip(explained(sentence, tip))
            row = 2 * index
            grid.addWidget(Swatch(index), row, 0)
            grid.addWidget(name, row, 1)
            grid.addWidget(value, row, 2, Qt.AlignmentFlag.AlignRight)
            grid.addWidget(said, row + 1, 1, 1, 2)
        return grid

    def _show(self) -> None:
        found, test = self._check.found, self._viewpoint.document.test
        whole, evidence = self._observation.sketch.whole, self._observation.evidence
        is_loaded = self._observation.sketch.truth is not None and whole is not None
        name = whole.name.capitalize() if is_loaded and whole is not None else "Your drawing"
        self.subject.setText(name if evidence.known.all() else "The encoder's q(z|x)")
        self.status.setText(self._check.status)
        self.status.setVisible(found is None)
        self.load.setVisible(self._check.status == NOT_WHOLE)
        self.load.setEnabled(test is not None and self._viewpoint.selected is not None)
        self._known.setVisible(found is not None)
        self.refine.setEnabled(found is not None and len(found.steps) > 1)
        self.refine.setText(AGAIN if self._check.step else REFINE)
        self._show_numbers(found)
        self.step.setText("" if found is None else self._words_of_step(found))
        warning = "" if found is None else found.unresolved
        self.warning.setText(f"Do not trust the last digits: {warning}." if warning else "")
        self.warning.setVisible(bool(warning))

    def _show_numbers(self, found: EncoderFit | None) -> None:
        if found is None:
            for value in self.values.values():
                value.setText(UNKNOWN)
            self.bar.show_parts(())
            return
        self.values[GAP].setText(nats(found.gap))
        log_p, elbo = nats(found.fit.log_evidence), nats(found.elbo)
        given = self._viewpoint.document.label
        name = "log p(x)" if given is None else f"log p(x|y = {given})"
        self.ends.setText(f"{name} {log_p}, ELBO {elbo}")
        self.bar.show_parts(found.parts)
        for (title, _, _), part in zip(PARTS, found.parts, strict=True):
            self.values[title].setText(nats(part))

    def _words_of_step(self, found: EncoderFit) -> str:
        shown, last = self._check.shown, len(found.steps) - 1
        assert shown is not None
        missed = f" {MISSED}" if found.fit.from_mode else ""
        if self._check.is_refined and self._check.step:
            won = nats(shown.elbo - found.elbo)
            lost = nats(found.fit.log_evidence - shown.elbo)
            return (
                f"The best of its kind: ELBO {nats(shown.elbo)}, {won} nats won, {lost} still "
                f"lost.{missed}"
            )
        if self._check.step:
            return f"Step {self._check.step} of {last}: ELBO {nats(shown.elbo)}"
        return f"The ellipse is the encoder's: {SMALL}{missed}"


def _value() -> QLabel:
    made = label("text", UNKNOWN, wrap=False)
    made.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    made.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return made
