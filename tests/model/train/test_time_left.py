"""The time left, by a clock that the tests move."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import torch

from model.data.datasets import Splits
from model.likelihood.elbo import ELBO
from model.network.vae import VAEConfig
from model.train.time_left import TimeLeft
from model.train.train_config import TrainConfig
from model.train.training import TrainingReport
from model.train.training_state import Place, TrainingState, begin

TINY = VAEConfig(latent_dim=2, hidden=4, blocks=1)
BATCHES = 20


@dataclass
class Machine:
    """How long each part of a run takes, in seconds, and what its clock shows."""

    step: float = 0.02
    validation: float = 0.3
    writing: float = 0.25
    test: float = 4.8
    now: float = 1000.0

    def clock(self) -> float:
        return self.now


@pytest.fixture(scope="module")
def state(small: Splits) -> TrainingState:
    return begin(TINY, TrainConfig(), small, torch.device("cpu"))


def run(
    machine: Machine, state: TrainingState, epochs: int, epoch: int = 1, batch: int = 0
) -> Iterator[TrainingReport]:
    """A run's reports from a place on, at the moments at which train_cli.py sees them."""
    seconds = batch * machine.step
    while epoch <= epochs:
        while batch < BATCHES:
            batch += 1
            machine.now += machine.step
            seconds += machine.step
            place = Place(epoch, batch, 0, 100 * batch, seconds)
            if batch < BATCHES:
                yield TrainingReport(state, place, BATCHES, state.sums)
        machine.now += machine.validation
        yield TrainingReport(state, place, BATCHES, state.sums, ELBO(-100.0, 5.0))
        machine.now += machine.writing
        epoch, batch, seconds = epoch + 1, 0, 0.0
    machine.now += machine.test


def estimates(
    machine: Machine, state: TrainingState, epochs: int, epoch: int = 1, batch: int = 0
) -> list[tuple[int, float, float]]:
    """Of each report: its epoch, the seconds left as they were said, and as they came out."""
    time_left = TimeLeft(epochs, machine.test / machine.validation, machine.clock)
    said = [
        (report.place.epoch, machine.now, time_left.update(report))
        for report in run(machine, state, epochs, epoch, batch)
    ]
    return [(at, seconds, machine.now - now) for at, now, seconds in said]


@pytest.mark.parametrize(
    "machine",
    [
        Machine(),
        Machine(step=0.1),
        Machine(step=0.01, validation=2.0, test=1.0),
        Machine(writing=0.0, test=0.0),
    ],
    ids=["usual", "slow steps", "slow validation", "nothing but training"],
)
@pytest.mark.parametrize("epochs", [2, 5, 60])
def test_it_is_right_within_a_fifth_from_the_second_epoch_on(
    machine: Machine, state: TrainingState, epochs: int
) -> None:
    for epoch, said, true in estimates(machine, state, epochs):
        if epoch >= 2:
            # Validation and writing are spread over the steps of the epoch under way.
            assert said == pytest.approx(true, rel=0.2, abs=machine.validation + 0.5)


def test_in_a_long_run_nothing_but_the_fraction_counts(state: TrainingState) -> None:
    """Sharper, where an error cannot hide behind the display's second."""
    for epoch, said, true in estimates(Machine(), state, 200):
        if 3 <= epoch <= 190:
            assert said == pytest.approx(true, rel=0.05)


def test_steps_alone_would_not_do(state: TrainingState) -> None:
    """The validation and the writing that the bar used to forget take longer than the steps."""
    machine = Machine()
    alone = BATCHES * machine.step
    whole = alone + machine.validation + machine.writing
    assert whole > 2 * alone
    ends = [(said, true) for epoch, said, true in estimates(machine, state, 50) if epoch == 3]
    assert ends[-1][0] == pytest.approx(47 * whole + machine.test, rel=0.001)
    assert ends[-1][1] == pytest.approx(47 * whole + machine.test + machine.writing)


def test_in_the_first_epoch_the_steps_are_all_that_is_known(state: TrainingState) -> None:
    machine = Machine()
    _, said, _ = estimates(machine, state, 10)[4]
    assert said == pytest.approx((10 * BATCHES - 5) * machine.step)


def test_it_follows_a_machine_that_others_begin_to_use(state: TrainingState) -> None:
    machine = Machine()
    time_left = TimeLeft(100, 0.0, machine.clock)
    for report in run(machine, state, 100):
        seconds = time_left.update(report)
        if report.validation is not None and report.place.epoch == 20:
            machine.step *= 3.0
        if report.validation is not None and report.place.epoch == 25:
            break
    epoch = BATCHES * machine.step + machine.validation + machine.writing
    assert seconds == pytest.approx(75 * epoch, rel=0.02)


@pytest.mark.parametrize("batch", [0, 1, 13, 19])
def test_a_run_that_goes_on_is_timed_from_where_it_goes_on(
    batch: int, state: TrainingState
) -> None:
    """An epoch of which only the end was seen would make the others seem short."""
    for epoch, said, true in estimates(Machine(), state, 40, epoch=10, batch=batch):
        if 12 <= epoch < 40:
            assert said == pytest.approx(true, rel=0.2)


def test_epochs_of_a_single_step_are_timed(state: TrainingState) -> None:
    machine = Machine()
    time_left = TimeLeft(10, 0.0, machine.clock)
    said = []
    for epoch in range(1, 11):
        machine.now += 3.0
        place = Place(epoch, 1, epoch, 100, 2.0)
        report = TrainingReport(state, place, 1, state.sums, ELBO(-100.0, 5.0))
        said.append(time_left.update(report))
    assert said[1:] == pytest.approx([3.0 * left for left in range(8, -1, -1)])


def test_a_pause_is_left_out(state: TrainingState) -> None:
    """An hour of waiting in the third epoch changes no estimate after it."""
    lefts = []
    for pause in (0.0, 3600.0):
        machine = Machine()
        time_left = TimeLeft(10, 0.0, machine.clock)
        left = []
        for report in run(machine, state, 10):
            left.append(time_left.update(report))
            if (report.place.epoch, report.place.batch) == (3, 7):
                machine.now += pause
                time_left.skip(pause)
        lefts.append(left)
    assert lefts[1] == pytest.approx(lefts[0])
