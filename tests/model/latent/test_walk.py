"""The random walk through z against its formula, written as a sum over all that it has drawn."""

import numpy as np
import pytest

from model.latent.walk import VARIANCE, Walk, walk

A, B, V, K = np.sqrt(0.94), 0.9, 0.06, 0.1
LAGS = (1, 5, 20, 60)


def weights(count: int = 1500) -> np.ndarray:
    """How much of each earlier draw is in s: the answer of both recursions to a single one."""
    x, s, answer = 0.0, 0.0, np.empty(count)
    for step in range(count):
        x = A * x + (np.sqrt(V) if step == 0 else 0.0)
        s = s + K * (x - s)
        answer[step] = s
    return answer


def autocorrelation(lag: int) -> float:
    w = weights()
    return float((w[lag:] * w[: len(w) - lag]).sum() / (w * w).sum())


@pytest.fixture(scope="module")
def many() -> np.ndarray:
    """4,000 walks of 81 steps, (81, 4000): each dimension is one of its own."""
    return walk(4000, 81, seed=3)


def test_the_variance_is_that_of_the_sum_over_all_draws() -> None:
    assert pytest.approx(float(np.square(weights()).sum()), rel=1e-9) == VARIANCE


@pytest.mark.parametrize("step", [0, 1, 10, 80])
def test_its_standard_deviation_is_one_from_the_first_step_on(many: np.ndarray, step: int) -> None:
    assert many[step].std() == pytest.approx(1.0, abs=5.0 / np.sqrt(2 * 4000))
    assert many[step].mean() == pytest.approx(0.0, abs=5.0 / np.sqrt(4000))


@pytest.mark.parametrize("lag", LAGS)
@pytest.mark.parametrize("first", [0, 20])
def test_its_autocorrelation_is_that_of_the_formula(many: np.ndarray, lag: int, first: int) -> None:
    seen = float((many[first] * many[first + lag]).mean())
    assert seen == pytest.approx(autocorrelation(lag), abs=5.0 / np.sqrt(4000))


def test_it_begins_where_it_is_told_and_goes_back_to_where_digits_are() -> None:
    start = np.full(4000, 3.0)
    going = walk(4000, 61, 0, start)
    np.testing.assert_array_equal(going[0], start)
    for lag in LAGS[:-1]:
        expected = 3.0 * autocorrelation(lag)
        assert going[lag].mean() == pytest.approx(expected, abs=5.0 / np.sqrt(4000))


def test_the_same_seed_gives_the_same_walk_and_another_one_another() -> None:
    start = np.array([0.4, -1.2])
    first = walk(2, 50, 7, start)
    np.testing.assert_array_equal(first, walk(2, 50, 7, start))
    assert np.abs(first - walk(2, 50, 8, start))[1:].min() > 0.0
    going = Walk(2, 7, start)
    np.testing.assert_array_equal(first[1:], [going.step() for _ in range(49)])


def test_it_follows_the_published_recursion() -> None:
    """The same draws through the code of the paper, from the same x and s."""
    numbers = np.random.default_rng(11)
    numbers.standard_normal(2)
    s = np.sqrt(VARIANCE) * np.array([1.0, -2.0])
    noise = numbers.standard_normal(2)
    share = (K / (1 - A * B)) / VARIANCE
    x = share * s + np.sqrt(1.0 - share**2 * VARIANCE) * noise
    going = Walk(2, 11, np.array([1.0, -2.0]))
    for _ in range(20):
        x = np.sqrt(1 - 0.06) * x + np.sqrt(0.06) * numbers.standard_normal(2)
        s += 0.1 * (x - s)
        np.testing.assert_allclose(going.step(), s / np.sqrt(VARIANCE), rtol=1e-12)
