"""Scales are round, cover nearly all numbers, and say so."""

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
def test_a_scale_covers_nearly_all_numbers_between_round_ends(seed, middle, width):
    values = middle + width * np.random.default_rng(seed).normal(size=500)
    scale = scale_of(values)
    assert scale.low <= np.percentile(values, 1)
    assert scale.high >= np.percentile(values, 99)
    assert 3 <= len(scale.ticks) <= 9
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
