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
    ink_at,
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
