"""The score under a brush, against sums made afresh."""

import math

import numpy as np
import pytest
from bumps import end, wavy

from model.latent import running_score
from model.latent.decode_table import (
    LIMIT,
    OUTER_LIMIT,
    DecodeTable,
    log_probabilities,
    plane_cells,
    tabulation,
)
from model.latent.evidence import UNKNOWN, Evidence, log_probability, restored, seen_as
from model.latent.running_score import RunningScore


@pytest.fixture(scope="module")
def table() -> DecodeTable:
    return end(tabulation(wavy(), 30))


def afresh(table: DecodeTable, evidence: Evidence) -> np.ndarray:
    """log p(evidence | z) + log prior mass, pixel by pixel from the definition."""
    p = np.exp(table.ink.astype(float))
    p = (1.0 - evidence.flip) * p + evidence.flip * (1.0 - p)
    score = table.cells.log_prior_mass.copy()
    for pixel in np.flatnonzero(evidence.known):
        value = float(evidence.pixels[pixel])
        score += value * np.log(p[pixel]) + (1.0 - value) * np.log1p(-p[pixel])
    return score


def strokes(count: int, seed: int) -> list[tuple[np.ndarray, float]]:
    rng = np.random.default_rng(seed)
    values = [0.0, 1.0, UNKNOWN, 0.25]
    return [(rng.choice(784, 9, replace=False), values[rng.integers(4)]) for _ in range(count)]


@pytest.mark.parametrize("flip", [0.0, 0.01, 0.3])
def test_strokes_add_up_to_the_sum_over_what_is_known(table: DecodeTable, flip: float) -> None:
    evidence = Evidence.nothing(flip)
    running = RunningScore(table, evidence)
    for pixels, value in strokes(60, seed=1):
        evidence = evidence.marked(pixels, value)
        running.see(evidence)
    assert running.evidence is evidence
    assert running.scores == pytest.approx(afresh(table, evidence), abs=2e-3)


def test_the_order_of_strokes_does_not_matter(table: DecodeTable) -> None:
    pixels = np.random.default_rng(0).permutation(784)[:200]
    values = (pixels % 3 == 0).astype(np.float32)
    found = []
    for order in (np.arange(200), np.random.default_rng(1).permutation(200)):
        running = RunningScore(table)
        for i in order:
            running.see(running.evidence.marked(pixels[i : i + 1], values[i : i + 1]))
        found.append(running.scores.copy())
    assert found[0] == pytest.approx(found[1], abs=1e-9)


def test_what_is_forgotten_leaves_nothing_behind_even_after_a_thousand_strokes(
    table: DecodeTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running_score, "_STROKES", 20)
    running = RunningScore(table)
    for pixels, value in strokes(1000, seed=2):
        running.see(running.evidence.marked(pixels, value))
    assert running.scores == pytest.approx(afresh(table, running.evidence), abs=2e-3)
    running.see(Evidence.nothing())
    assert running.scores == pytest.approx(table.cells.log_prior_mass, abs=1e-9)


def test_a_flip_rate_of_one_half_is_as_good_as_unknown(table: DecodeTable) -> None:
    image = (np.arange(784) % 4 == 0).astype(np.float32)
    running = RunningScore(table, Evidence.of(image, flip=0.5))
    expected = table.cells.log_prior_mass - 784 * math.log(2.0)
    assert running.scores == pytest.approx(expected, abs=1e-3)
    running.see(Evidence.of(image, flip=0.0))
    assert running.scores == pytest.approx(afresh(table, running.evidence), abs=2e-3)


def test_the_score_of_single_points_is_that_of_the_table(table: DecodeTable) -> None:
    evidence = Evidence.of((np.arange(784) % 7 == 0).astype(np.float32), np.arange(784) > 99, 0.02)
    found = log_probability(table.ink.T, table.blank.T, evidence) + table.cells.log_prior_mass
    assert found == pytest.approx(RunningScore(table, evidence).scores, abs=2e-3)


# The table


def test_the_cells_cover_the_plane_once(table: DecodeTable) -> None:
    cells = plane_cells(30)
    assert np.square(cells.width).sum() == pytest.approx((2.0 * OUTER_LIMIT) ** 2)
    assert np.exp(cells.log_prior_mass).sum() == pytest.approx(1.0, abs=1e-3)
    inner = cells.z[: 30 * 30].reshape(30, 30, 2)
    assert np.array_equal(inner[:, 0, 0], table.axis)
    assert np.array_equal(inner[0, :, 1], table.axis)
    assert np.abs(cells.z[900:]).max(axis=1).min() > LIMIT


def test_the_table_holds_log_probabilities_of_the_decoder(table: DecodeTable) -> None:
    at = np.array([0, 17, 500, len(table.cells) - 1])
    p = 1.0 / (1.0 + np.exp(-wavy()(table.cells.z[at].astype(np.float32)).astype(float)))
    assert np.exp(table.ink[:, at].T) == pytest.approx(p, abs=1e-6)
    assert np.exp(table.blank[:, at].T) == pytest.approx(1.0 - p, abs=1e-6)
    assert table.bytes == 2 * 4 * 784 * len(table.cells)


def test_its_memory_is_bounded() -> None:
    assert 2 * 4 * 784 * len(plane_cells()) <= 268 * 10**6


def test_extreme_logits_stay_finite() -> None:
    logits = np.array([0.0, 200.0, -200.0, np.inf, -np.inf, np.nan], dtype=np.float32)
    ink, blank = log_probabilities(logits)
    assert np.isfinite(ink).all()
    assert np.isfinite(blank).all()
    assert ink[:3] == pytest.approx([math.log(0.5), 0.0, -200.0])
    assert blank[:3] == pytest.approx([math.log(0.5), -200.0, 0.0])


# Evidence


def test_bayes_restores_noisy_pixels() -> None:
    p = np.full((1, 784), 0.2, dtype=np.float32)
    evidence = Evidence.nothing(0.1).marked(np.array([0]), 1.0).marked(np.array([1]), 0.0)
    found = restored(p, evidence)[0]
    assert found[0] == pytest.approx(0.2 * 0.9 / (0.2 * 0.9 + 0.8 * 0.1))
    assert found[1] == pytest.approx(0.2 * 0.1 / (0.2 * 0.1 + 0.8 * 0.9))
    assert found[2] == pytest.approx(0.2)
    certain = restored(p, Evidence.of(np.full(784, 0.3, dtype=np.float32)))
    assert certain == pytest.approx(np.full((1, 784), 0.3))


def test_seeing_is_believing_without_noise() -> None:
    log_p = np.log(np.array([0.2, 0.9], dtype=np.float32))
    assert seen_as(log_p, 0.0) is log_p
    assert np.exp(seen_as(log_p, 0.1)) == pytest.approx([0.26, 0.82])


@pytest.mark.parametrize(
    ("pixels", "flip", "words"),
    [
        (np.full(784, 1.5), 0.0, "each from 0 to 1"),
        (np.full(10, 0.5), 0.0, "784 pixels"),
        (np.zeros(784), 0.6, "0.6 does not"),
        (np.zeros(784), -0.1, "-0.1 does not"),
    ],
)
def test_impossible_evidence_is_refused(pixels: np.ndarray, flip: float, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Evidence(pixels.astype(np.float32), flip)


def test_what_a_change_costs_is_known_before_it_is_made(table: DecodeTable) -> None:
    evidence = Evidence.nothing().marked(np.arange(300), 1.0)
    running = RunningScore(table, evidence)
    assert running.rows_to_see(evidence) == 0
    assert running.rows_to_see(evidence.marked(np.arange(290, 310), UNKNOWN)) == 10
    assert running.rows_to_see(Evidence(evidence.pixels, 0.1)) == 300
    for stroke in range(running_score._STROKES - 2):
        running.see(evidence.marked(np.array([stroke % 300]), float(stroke % 2)))
    assert running.rows_to_see(evidence) == 300  # the next one makes the sum afresh


def test_a_sum_in_steps_and_its_copy_are_the_sum(table: DecodeTable) -> None:
    evidence = Evidence.nothing(0.05).marked(np.arange(0, 784, 3), 1.0)
    running = RunningScore(table)
    assert sum(1 for _ in running.begin_afresh(evidence)) > 3
    assert running.scores == pytest.approx(afresh(table, evidence), abs=2e-3)
    copy = running.copy()
    running.see(Evidence.nothing())
    assert copy.evidence is evidence
    assert copy.scores == pytest.approx(afresh(table, evidence), abs=2e-3)
