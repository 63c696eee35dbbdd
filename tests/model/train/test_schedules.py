import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.train.schedules import beta_at, learning_rate_at
from model.train.train_config import TrainConfig

# The learning rate


@given(step=st.integers(0, 10**6), batches=st.integers(1, 10**4), rate=st.floats(1e-8, 10))
def test_a_constant_rate_is_constant(step: int, batches: int, rate: float) -> None:
    config = TrainConfig(learning_rate=rate, schedule="constant")
    assert learning_rate_at(config, step, batches) == rate


@given(batches=st.integers(1, 60), epochs=st.integers(1, 50), rate=st.floats(1e-6, 10))
def test_a_cosine_rises_to_its_peak_and_falls_to_almost_nothing(
    batches: int, epochs: int, rate: float
) -> None:
    config = TrainConfig(epochs=epochs, learning_rate=rate, schedule="cosine")
    steps = batches * epochs
    rates = [learning_rate_at(config, step, batches) for step in range(steps)]
    warm_up = max(1, steps // 50)
    assert max(rates) == pytest.approx(rate)
    assert rates[warm_up - 1] == pytest.approx(rate)
    assert all(0 < value <= rate * (1 + 1e-9) for value in rates)
    assert rates[:warm_up] == sorted(rates[:warm_up])
    assert rates[warm_up:] == sorted(rates[warm_up:], reverse=True)
    if steps >= 50:
        assert rates[-1] < 0.002 * rate
        assert rates[0] <= rate / warm_up * (1 + 1e-9)
        half_way = warm_up + (steps - warm_up) // 2
        assert rates[half_way] == pytest.approx(rate / 2, rel=0.07)


@pytest.mark.parametrize("batches", [1, 7, 2500])
def test_the_stairs_are_those_of_the_paper(batches: int) -> None:
    """Burda et al. 2016, section 5: 0.001 * 10^(-i/7) for 3^i epochs, i = 0 .. 7, 3280 in all."""
    config = TrainConfig(epochs=3280, learning_rate=1e-3, schedule="staircase")
    epoch = 0
    for i in range(8):
        first, last = epoch, epoch + 3**i - 1
        assert (first, last) == {0: (0, 0), 1: (1, 3), 2: (4, 12), 7: (1093, 3279)}.get(
            i, (first, last)
        )
        for step in (first * batches, (last + 1) * batches - 1):
            assert learning_rate_at(config, step, batches) == pytest.approx(1e-3 * 10 ** (-i / 7))
        epoch += 3**i
    assert epoch == 3280
    assert learning_rate_at(config, 3279 * batches, batches) == pytest.approx(1e-4)


def test_a_longer_staircase_stays_on_its_last_stair() -> None:
    config = TrainConfig(epochs=100_000, learning_rate=0.5, schedule="staircase")
    for epoch in (3280, 10_000, 99_999):
        assert learning_rate_at(config, epoch * 3, 3) == pytest.approx(0.05)


# The weight of the KL


@given(step=st.integers(0, 10**6), batches=st.integers(1, 10**4), beta=st.floats(0, 100))
def test_without_a_warm_up_beta_is_constant(step: int, batches: int, beta: float) -> None:
    assert beta_at(TrainConfig(beta=beta), step, batches) == beta


@given(
    batches=st.integers(1, 500),
    epochs=st.floats(0.01, 100),
    beta=st.floats(0.1, 10),
    part=st.floats(0, 1),
)
def test_beta_rises_in_a_straight_line_from_0(
    batches: int, epochs: float, beta: float, part: float
) -> None:
    config = TrainConfig(beta=beta, kl_warm_up=epochs)
    steps = epochs * batches
    assert beta_at(config, 0, batches) == 0.0
    step = int(part * steps)
    assert beta_at(config, step, batches) == pytest.approx(beta * step / steps)
    for after in (math.ceil(steps), math.ceil(steps) + 1, 10**9):
        assert beta_at(config, after, batches) == beta
