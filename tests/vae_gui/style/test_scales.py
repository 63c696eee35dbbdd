"""Scales cover nearly all numbers, with round ticks inside, and say so."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vae_gui.style.scales import scale_of


@given(
    st.integers(0, 1000),
    st.floats(-1e4, 1e4),
    st.floats(1e-3, 1e4),
)
def test_a_scale_reaches_from_one_percentile_to_the_other_with_round_ticks_inside(
    seed, middle, width
):
    values = middle + width * np.random.default_rng(seed).normal(size=500)
    scale = scale_of(values)
    assert scale.low == np.percentile(values, 1)
    assert scale.high == np.percentile(values, 99)
    slack = 1e-6 * scale.step
    assert scale.low - slack <= scale.ticks[0] < scale.ticks[-1] <= scale.high + slack
    assert 2 <= len(scale.ticks) <= 6
    steps = np.diff(scale.ticks)
    np.testing.assert_allclose(steps, steps[0])
    mantissa = steps[0] / 10.0 ** np.floor(np.log10(steps[0]) + 1e-6)
    assert np.abs(mantissa - np.array([1, 2, 5])).min() < 1e-3
    texts = [scale.text_of(tick) for tick in scale.ticks]
    assert len(set(texts)) == len(texts)
    for text, tick in zip(texts, scale.ticks, strict=True):
        assert float(text.replace("−", "-")) == pytest.approx(tick, abs=1e-6 * steps[0] + 1e-9)


def test_unknown_numbers_do_not_count_and_equal_ones_have_a_scale():
    assert scale_of(np.array([np.nan, np.nan])) is None
    scale = scale_of(np.array([np.nan, 3.0, 3.0]))
    assert scale.low < 3.0 < scale.high


@pytest.mark.parametrize("value", [0.0, 1e6, -1e9, 1e17, 1e30, -1e60, 1e76, 1e-40])
def test_equal_numbers_of_any_size_lie_inside_a_scale_with_ticks_that_differ(value):
    scale = scale_of(np.full(7, value))
    assert scale.low < value < scale.high
    assert 2 <= len(scale.ticks) <= 6
    texts = [scale.text_of(tick) for tick in scale.ticks]
    assert len(set(texts)) == len(texts)
    assert max(map(len, texts)) < 20


@pytest.mark.parametrize(
    "values",
    [[-np.inf, 1.0, 2.0], [np.inf, np.nan, 1e30, -1e30], [1.7e308, -1.7e308], [0.0, 1e76]],
)
def test_what_is_infinite_or_vast_has_a_scale_all_the_same(values):
    scale = scale_of(np.array(values))
    assert np.isfinite([scale.low, scale.high, *scale.ticks]).all()
    assert scale.low < scale.high
    texts = [scale.text_of(tick) for tick in scale.ticks]
    assert len(set(texts)) == len(texts)
    assert max(map(len, texts)) < 20


def test_where_nothing_is_finite_there_is_no_scale():
    assert scale_of(np.array([np.inf, -np.inf, np.nan])) is None
    assert scale_of(np.array([])) is None
