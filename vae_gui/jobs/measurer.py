"""Has the numbers of the digits computed, when they are needed and not yet known."""

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QObject, Signal

from vae_gui.jobs.measuring import (
    Density,
    Integrated,
    Integrating,
    Reconstructed,
    integrate,
    label,
    log_densities,
    reconstruct,
)
from vae_gui.jobs.worker import Job, Worker
from vae_gui.state.encoded import EncodedDigits, OpenModel
from vae_gui.state.measures import DigitNumbers, LabelAccuracy
from vae_gui.state.session import Session

TEST, TRAINING, INTEGRAL, DENSITY = "test digits", "training digits", "log p(x)", "log q(z)"
REGIONS = "accuracy of the label regions"


class Measurer(QObject):
    """Fills the session's numbers in: densities and reconstruction terms, integrals when asked for.

    The terms of the training digits come when they are shown and coloured by a number, the accuracy
    of the label regions when these are shown. What was computed before something more urgent came
    is kept.

    Signals:
        progressed (str): what is going on; empty when nothing is.
        failed (str, Exception): a sentence for the user, and what is behind it.
    """

    progressed = Signal(str)
    failed = Signal(str, Exception)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._worker = Worker(self)
        self._under_way: str | None = None
        self._given_up: set[str] = set()
        session.model_changed.connect(self._begin_anew)
        for signal in (
            session.digits_changed,
            session.training_changed,
            session.colouring_changed,
            session.layers_changed,
        ):
            signal.connect(self._go_on)
        self._worker.busy_changed.connect(self._rest)

    @property
    def is_busy(self) -> bool:
        """Whether numbers are under way."""
        return self._worker.busy

    def _begin_anew(self) -> None:
        self._given_up = set()
        self._under_way = None
        self._worker.cancel()

    def _rest(self, busy: bool) -> None:
        if not busy:
            self._under_way = None
            self.progressed.emit("")
            self._go_on()

    def _go_on(self) -> None:
        """Start what is needed most, unless that is under way."""
        session = self._session
        wanted = self._most_needed()
        if wanted is None or wanted == self._under_way:
            return
        model, digits, training = session.model, session.digits, session.training
        assert model is not None
        assert digits is not None
        if wanted == REGIONS:
            assert training is not None
            self._start(wanted, lambda: label(digits, training), self._take_accuracy)
        elif wanted == INTEGRAL:
            self._start(wanted, lambda: integrate(model, digits), self._take_integral)
        elif wanted == DENSITY:
            assert training is not None
            self._start(wanted, lambda: log_densities(digits, training), self._take_densities)
        elif wanted == TEST:
            self._reconstruct(wanted, model, digits, session.numbers)
        else:
            assert training is not None
            self._reconstruct(wanted, model, training, session.training_numbers)

    def _most_needed(self) -> str | None:
        session = self._session
        if session.model is None or session.digits is None or session.numbers is None:
            return None
        coloured = session.colouring
        needs = {
            REGIONS: session.label_accuracy is None
            and session.training is not None
            and session.is_shown("regions"),
            INTEGRAL: coloured == "log_likelihood"
            and session.model.latent_dim == 2
            and bool(np.isnan(session.numbers.log_likelihood[0])),
            DENSITY: session.training is not None
            and bool(np.isnan(session.numbers.log_density).any()),
            TEST: _is_open(session.numbers),
            TRAINING: coloured in ("elbo", "reconstruction")
            and session.is_shown("training")
            and session.training_numbers is not None
            and _is_open(session.training_numbers),
        }
        return next(
            (job for job, needed in needs.items() if needed and job not in self._given_up), None
        )

    def _reconstruct(
        self, what: str, model: OpenModel, digits: EncodedDigits, numbers: DigitNumbers | None
    ) -> None:
        assert numbers is not None
        known = numbers.reconstruction.copy()

        def take(result: object) -> None:
            if isinstance(result, Integrated):  # it was computed before
                self._fill_in(numbers, result)
                return
            assert isinstance(result, Reconstructed)
            stop = result.first + len(result.values)
            numbers.reconstruction[result.first : stop] = result.values
            self.progressed.emit(f"Measuring the {what} … {100 * stop // len(known)} %")
            self._session.numbers_changed.emit()

        self._start(what, lambda: reconstruct(model, digits, known), take)

    def _take_integral(self, result: object) -> None:
        numbers = self._session.numbers
        if isinstance(result, Integrating):
            self.progressed.emit(f"Integrating {INTEGRAL} … {round(100 * result.part)} %")
        elif isinstance(result, Integrated) and numbers is not None:
            self._fill_in(numbers, result)

    def _fill_in(self, numbers: DigitNumbers, result: Integrated) -> None:
        numbers.log_likelihood[:] = result.log_likelihood
        numbers.reconstruction[:] = result.reconstruction
        self._session.numbers_changed.emit()

    def _take_accuracy(self, result: object) -> None:
        digits = self._session.digits
        assert isinstance(result, LabelAccuracy)
        assert digits is not None
        if result.count == len(digits.labels):
            self._session.set_label_accuracy(result)
        else:
            part = 100 * result.count // len(digits.labels)
            self.progressed.emit(f"Measuring the {REGIONS} … {part} %")

    def _take_densities(self, result: object) -> None:
        assert isinstance(result, Density)
        numbers = self._session.numbers
        if numbers is not None:
            numbers.log_density[result.first : result.first + len(result.values)] = result.values
            self._session.numbers_changed.emit()

    def _start(self, what: str, job: Job, on_result: Callable[[object], None]) -> None:
        def give_up(error: Exception) -> None:
            self._given_up.add(what)
            self.failed.emit(f"The {what} could not be measured: {error}.", error)

        self._worker.start(job, on_result, give_up)
        self._under_way = what


def _is_open(numbers: DigitNumbers) -> bool:
    return bool(np.isnan(numbers.reconstruction).any())
