"""What each pixel would tell, against the definition of mutual information."""

import numpy as np
import pytest
from bumps import end, wavy

from model.latent.decode_table import DecodeTable, tabulation
from model.latent.evidence import Evidence
from model.latent.information_map import finer_information, information, most_telling
from model.latent.pixel_information import ask_pixels, ink_at
from model.latent.plane_posterior import PlanePosterior
from model.latent.refinement import refinement
from model.latent.running_score import RunningScore


@pytest.fixture(scope="module")
def table() -> DecodeTable:
    return end(tabulation(wavy(), 40))


def by_definition(table: DecodeTable, weights: np.ndarray, pixel: int, flip: float) -> float:
    """Mutual information of cell and what is seen of a pixel, from their joint table."""
    ink = np.exp(table.ink[pixel].astype(np.float64))
    seen = ink * (1.0 - flip) + (1.0 - ink) * flip
    joint = np.stack([weights * seen, weights * (1.0 - seen)])
    independent = joint.sum(axis=1, keepdims=True) * joint.sum(axis=0)
    return float(
        (joint * np.log(np.maximum(joint, 1e-300) / np.maximum(independent, 1e-300))).sum()
    )


@pytest.fixture(scope="module")
def fine() -> tuple[np.ndarray, np.ndarray]:
    """A fine grid over the whole plane, and its logits."""
    axis = (np.arange(140) + 0.5) * 9.0 / 140 - 4.5
    z = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
    return z, wavy()(z.astype(np.float32))


@pytest.mark.slow
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


@pytest.mark.parametrize(("seen", "flip"), [(3, 0.0), (60, 0.1), (250, 0.0)])
def test_finer_cells_agree_with_a_finer_grid(
    table: DecodeTable, fine: tuple[np.ndarray, np.ndarray], seen: int, flip: float
) -> None:
    """Of a fine grid over the whole plane, by the definition, where the table itself is off."""
    likely = (wavy()(np.array([[0.7, -0.4]], dtype=np.float32))[0] > 0.0).astype(np.float32)
    evidence = Evidence.of(likely, np.random.default_rng(2).permutation(784) < seen, flip)
    running = RunningScore(table, evidence)
    posterior = end(refinement(wavy(), running))
    found = end(finer_information(wavy(), table, posterior, evidence))
    z, logits = fine

    def seen_as_ink(pixel: int) -> np.ndarray:
        p = 1.0 / (1.0 + np.exp(-logits[:, pixel].astype(np.float64)))
        return np.asarray(p * (1.0 - flip) + (1.0 - p) * flip)

    score = -0.5 * np.square(z).sum(axis=1)
    for pixel in np.flatnonzero(evidence.known).tolist():
        p = seen_as_ink(pixel)
        score += np.log(p if likely[pixel] else 1.0 - p)
    weights = np.exp(score - score.max())
    weights /= weights.sum()
    unknown = np.flatnonzero(~evidence.known)
    for pixel in unknown[:: len(unknown) // 12].tolist():
        p = seen_as_ink(pixel)
        joint = np.stack([weights * p, weights * (1.0 - p)])
        independent = joint.sum(axis=1, keepdims=True) * joint.sum(axis=0)
        expected = (joint * np.log((joint + 1e-300) / (independent + 1e-300))).sum()
        assert found[pixel] == pytest.approx(expected, abs=1e-3)
    assert (found[evidence.known] == 0.0).all()
