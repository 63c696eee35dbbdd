"""What the posterior says of pixels, against counting in draws and against small sums by hand."""

import math

import numpy as np
import pytest
from bumps import end, wavy

from model.latent.decode_table import DecodeTable, tabulation
from model.latent.evidence import Evidence
from model.latent.pixel_information import (
    ask_pixels,
    ask_table,
    coin_entropy,
    draw_images,
    information,
    ink_at,
    most_telling,
)
from model.latent.plane_posterior import PlanePosterior
from model.latent.running_score import RunningScore


@pytest.fixture(scope="module")
def table() -> DecodeTable:
    return end(tabulation(wavy(), 40))


def some_evidence() -> Evidence:
    image = (np.random.default_rng(5).random(784) < 0.4).astype(np.float32)
    return Evidence.of(image, np.arange(784) < 12)


def test_information_is_the_mutual_information_of_pixel_and_cell() -> None:
    """The definition, as a sum over the joint table of two cells and two values."""
    ink = np.full((2, 784), 0.5, dtype=np.float32)
    ink[:, 0] = (0.9, 0.2)
    weights = np.array([0.25, 0.75])
    joint = np.array([[0.9, 0.1], [0.2, 0.8]]) * weights[:, None]
    by_hand = (joint * np.log(joint / np.outer(weights, joint.sum(0)))).sum()
    found = ask_pixels(ink, weights, Evidence.nothing())
    assert found.information[0] == pytest.approx(by_hand, abs=1e-6)
    assert found.information[1:] == pytest.approx(np.zeros(783), abs=1e-6)
    assert found.mean[0] == pytest.approx(0.25 * 0.9 + 0.75 * 0.2)


def test_information_is_the_expected_fall_of_the_entropy_of_z(table: DecodeTable) -> None:
    evidence = some_evidence()
    running = RunningScore(table, evidence)
    posterior = PlanePosterior.on_table(running)
    exact = ask_pixels(ink_at(table, np.arange(len(table.cells))), posterior.weights, evidence)
    for pixel in (100, 400, 700):
        entropy = 0.0
        for value in (0.0, 1.0):
            running.see(evidence.marked(np.array([pixel]), value))
            after = PlanePosterior.on_table(running)
            entropy += math.exp(after.log_evidence - posterior.log_evidence) * after.entropy
        assert exact.information[pixel] == pytest.approx(posterior.entropy - entropy, abs=1e-4)
    assert (exact.information[evidence.known] == 0.0).all()


def by_definition(table: DecodeTable, weights: np.ndarray, pixel: int, flip: float) -> float:
    """Mutual information of cell and what is seen of a pixel, from their joint table."""
    ink = np.exp(table.ink[pixel].astype(np.float64))
    seen = ink * (1.0 - flip) + (1.0 - ink) * flip
    joint = np.stack([weights * seen, weights * (1.0 - seen)])
    independent = joint.sum(axis=1, keepdims=True) * joint.sum(axis=0)
    return float(
        (joint * np.log(np.maximum(joint, 1e-300) / np.maximum(independent, 1e-300))).sum()
    )


@pytest.mark.parametrize("flip", [0.0, 0.15])
@pytest.mark.parametrize("seen", [0, 12, 300])
def test_the_map_is_the_mutual_information_by_brute_force(
    table: DecodeTable, seen: int, flip: float
) -> None:
    image = (np.random.default_rng(5).random(784) < 0.4).astype(np.float32)
    evidence = Evidence.of(image, np.arange(784) < seen, flip)
    weights = PlanePosterior.on_table(RunningScore(table, evidence)).weights
    found = end(information(table, weights, evidence))
    expected = [by_definition(table, weights, pixel, flip) for pixel in range(784)]
    assert found[seen:] == pytest.approx(np.array(expected[seen:]), abs=2e-4)
    assert (found[:seen] == 0.0).all()
    few = end(information(table, weights, evidence, np.array([0, 500, 600])))
    assert np.flatnonzero(few).tolist() == [p for p in (0, 500, 600) if p >= seen]
    assert few[600] == found[600]
    few_cells = ask_pixels(ink_at(table, np.arange(len(weights))), weights, evidence)
    assert few_cells.information == pytest.approx(found, abs=2e-4)


@pytest.mark.parametrize("seen", [0, 30, 783, 784])
def test_the_most_telling_pixel_is_the_highest_of_the_map(table: DecodeTable, seen: int) -> None:
    image = (np.random.default_rng(8).random(784) < 0.4).astype(np.float32)
    evidence = Evidence.of(image, np.random.default_rng(1).permutation(784) < seen)
    posterior = PlanePosterior.on_table(RunningScore(table, evidence))
    whole = end(information(table, posterior.weights, evidence))
    pixel, nats = end(most_telling(table, posterior, evidence))
    if seen == 784:
        assert (pixel, nats) == (-1, 0.0)
    else:
        assert not evidence.known[pixel]
        assert whole[pixel] == whole.max() == nats


def test_few_cells_stand_for_all(table: DecodeTable) -> None:
    evidence = some_evidence()
    posterior = PlanePosterior.on_table(RunningScore(table, evidence))
    exact = ask_pixels(ink_at(table, np.arange(len(table.cells))), posterior.weights, evidence)
    few = ask_table(table, posterior, evidence)
    assert few.mean == pytest.approx(exact.mean, abs=0.02)
    assert few.information == pytest.approx(exact.information, abs=0.01)


def test_the_mean_is_that_of_whole_drawn_images(table: DecodeTable) -> None:
    evidence = some_evidence()
    posterior = PlanePosterior.on_table(RunningScore(table, evidence))
    rng = np.random.default_rng(0)
    drawn = draw_images(ink_at(table, posterior.draw(3000, rng)), evidence, rng)
    assert set(np.unique(drawn)) == {0.0, 1.0}
    assert (drawn[:, evidence.known] == evidence.pixels[evidence.known]).all()
    few = ask_table(table, posterior, evidence, count=3000)
    assert drawn.mean(0) == pytest.approx(few.mean, abs=0.05)


def test_the_posterior_agrees_with_draws_from_the_prior(table: DecodeTable) -> None:
    """Likelihood weighting: z from N(0, I), weighted with p(evidence | z)."""
    decode, evidence = wavy(), some_evidence()
    z = np.random.default_rng(1).normal(size=(30_000, 2)).astype(np.float32)
    known = np.flatnonzero(evidence.known)
    logits = np.concatenate([decode(some)[:, :200] for some in np.split(z, 30)])
    p = 1.0 / (1.0 + np.exp(-logits.astype(float)))
    likelihood = np.where(evidence.pixels[known] > 0.5, p[:, known], 1.0 - p[:, known]).prod(1)
    posterior = PlanePosterior.on_table(RunningScore(table, evidence))
    assert posterior.log_evidence == pytest.approx(math.log(likelihood.mean()), abs=0.05)
    mean = (likelihood @ p) / likelihood.sum()
    all_cells = ink_at(table, np.arange(len(table.cells)))
    found = ask_pixels(all_cells, posterior.weights, evidence).mean[:200]
    unknown = ~evidence.known[:200]
    assert found[unknown] == pytest.approx(mean[unknown], abs=0.02)


def test_the_entropy_of_a_coin() -> None:
    found = coin_entropy(np.array([0.0, 0.5, 1.0, 0.1], dtype=np.float32))
    assert found == pytest.approx([0.0, math.log(2.0), 0.0, 0.325083], abs=1e-5)
