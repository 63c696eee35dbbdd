import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.train.snapshot_schedule import (
    DENSE_STEPS,
    KINDS,
    SnapshotSchedule,
    snapshot_schedule,
)

MB = 10**6

kinds = st.sampled_from(list(KINDS))
lengths = st.integers(1, 3000)
steps_per_epoch = st.integers(1, 2500)
sizes = st.integers(5_000, 30 * MB)
budgets = st.integers(1, 1000).map(lambda megabytes: megabytes * MB)


def schedule(kind: str = "dense", **changed: int) -> SnapshotSchedule:
    """The schedule of the default run, where nothing is changed."""
    usual = {"epochs": 52, "steps_per_epoch": 196, "bytes_each": 5_350_000}
    given: Any = usual | {"bytes_per_hundred": 100 * MB} | changed
    return snapshot_schedule(kind, **given)


def test_the_default_run_keeps_its_first_steps_and_epochs_at_growing_distances() -> None:
    kept = schedule()
    epochs = (1, 2, 3, 4, 6, 9, 14, 23, 38, 52)
    assert kept.steps == tuple(sorted({*DENSE_STEPS, *(196 * epoch for epoch in epochs)}))
    assert kept.bytes == 17 * 5_350_000 < 100 * MB


def test_a_small_model_keeps_each_of_the_first_hundred_epochs_and_then_fewer() -> None:
    kept = schedule(bytes_each=100_000, epochs=1000)
    after_epochs = [step // 196 for step in kept.steps if step and step % 196 == 0]
    assert after_epochs[:100] == list(range(1, 101))
    assert after_epochs[100:103] == [102, 104, 106]
    assert 200 <= len(after_epochs) <= 230


def test_kinds_differ_in_the_first_steps() -> None:
    assert schedule("none").steps == ()
    assert set(schedule("epochs", bytes_each=1000).steps) == {196 * epoch for epoch in range(1, 53)}
    assert set(schedule(bytes_each=1000).steps) == {
        *DENSE_STEPS,
        *(196 * epoch for epoch in range(1, 53)),
    }


@pytest.mark.parametrize(
    ("affordable", "steps"),
    [
        (0, ()),
        (1, (5200,)),
        (2, (0, 5200)),
        (3, (0, 100, 5200)),
        (4, (0, 100, 300, 5200)),
        (5, (0, 100, 300, 1000, 5200)),
    ],
)
def test_with_little_room_the_end_comes_first_then_the_start(
    affordable: int, steps: tuple[int, ...]
) -> None:
    size = 100 * MB // affordable if affordable else 101 * MB
    assert schedule(steps_per_epoch=100, bytes_each=size).steps == steps


@given(kinds, lengths, steps_per_epoch, sizes, budgets)
def test_no_hundred_epochs_take_more_than_the_budget(
    kind: str, epochs: int, steps: int, size: int, budget: int
) -> None:
    kept = schedule(
        kind, epochs=epochs, steps_per_epoch=steps, bytes_each=size, bytes_per_hundred=budget
    )
    assert list(kept.steps) == sorted(set(kept.steps))
    assert kept.bytes <= budget * math.ceil(epochs / 100)
    hundred = 100 * steps
    for start in range(0, epochs * steps, hundred):
        # Step 0 belongs to the first of them.
        inside = [
            step for step in kept.steps if start < step <= start + hundred or step == start == 0
        ]
        assert len(inside) * size <= budget


@given(kinds, lengths, steps_per_epoch, sizes)
def test_the_last_step_is_kept_and_every_other_is_dense_or_the_end_of_an_epoch(
    kind: str, epochs: int, steps: int, size: int
) -> None:
    kept = schedule(kind, epochs=epochs, steps_per_epoch=steps, bytes_each=size)
    assert kept.steps[-1:] == (() if kind == "none" else (epochs * steps,))
    for step in kept.steps:
        assert kept.keeps(step)
        assert step % steps == 0 or (kind == "dense" and step in DENSE_STEPS)
    assert not kept.keeps(epochs * steps + 1)


@given(kinds, lengths, lengths, steps_per_epoch, sizes)
def test_a_longer_run_keeps_what_a_shorter_one_keeps_but_for_its_end(
    kind: str, one: int, other: int, steps: int, size: int
) -> None:
    """So that a run may be continued for longer."""
    short, long = (
        schedule(kind, epochs=epochs, steps_per_epoch=steps, bytes_each=size)
        for epochs in sorted((one, other))
    )
    end = min(one, other) * steps
    assert short.steps[:-1] == tuple(step for step in long.steps if step < end)
