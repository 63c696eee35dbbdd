"""The model's own play, against sums over all cells made afresh at each of its moves."""

import numpy as np
import pytest
from bumps import end, wavy

from model.latent.decode_table import DecodeTable, Doubles, tabulation
from model.latent.guessing import Guess, Look, Move, Rules, moves

RULES = Rules(sure=0.9, most=40)


@pytest.fixture(scope="module")
def table() -> DecodeTable:
    return end(tabulation(wavy(), 30))


@pytest.fixture(scope="module")
def shares(table: DecodeTable) -> Doubles:
    """Four classes: soft quarters of the plane."""
    z = table.cells.z[: table.side**2]
    middles = np.array([[1.0, 1.0], [-1.0, 1.0], [-1.0, -1.0], [1.0, -1.0]])
    weight = np.exp(-2.0 * np.square(z[:, None] - middles).sum(axis=-1)) + 1e-4
    return np.asarray(weight / weight.sum(axis=1, keepdims=True))


def image_at(x: float, y: float) -> np.ndarray:
    return (wavy()(np.array([[x, y]], dtype=np.float32))[0] > 0.0).astype(np.float32)


def play(table: DecodeTable, shares: Doubles, label: int, rules: Rules = RULES) -> list[Move]:
    found = moves(table, shares, image_at(1.2, 0.9), label, rules)
    return [move for move in found if move is not None]


def weights_of(table: DecodeTable, seen: dict[int, float], left: np.ndarray) -> np.ndarray:
    score = table.cells.log_prior_mass + np.log(left)
    for pixel, value in seen.items():
        score = score + (table.ink if value else table.blank)[pixel].astype(np.float64)
    weights = np.exp(score - score.max())
    return np.asarray(weights / weights.sum())


def entropy(p: np.ndarray) -> np.ndarray:
    p = p.clip(1e-12, 1.0 - 1e-12)
    return np.asarray(-p * np.log(p) - (1.0 - p) * np.log(1.0 - p))


def test_each_look_is_at_the_pixel_that_tells_most_and_the_labels_are_bayes_rule(
    table: DecodeTable, shares: Doubles
) -> None:
    inner = len(shares)
    image, seen, in_vain = image_at(1.2, 0.9), dict[int, float](), list[int]()
    ink = np.exp(table.ink.astype(np.float64))
    wrong, ink_entropy = 0, entropy(ink)
    for move in play(table, shares, label=1):  # not the class of that place: it guesses in vain
        others = [c for c in range(4) if c not in in_vain]
        left = np.full(len(table.cells), len(others) / 4.0)
        left[:inner] = shares[:, others].sum(axis=1)
        plain = weights_of(table, seen, np.ones(len(left)))[:inner]
        labels = plain @ shares
        labels[in_vain] = 0.0
        assert move.labels == pytest.approx(labels / labels.sum(), abs=1e-5)
        if isinstance(move, Guess):
            assert move.label == int(labels.argmax())
            assert move.labels.max() >= RULES.sure or len(seen) == RULES.most
            wrong += move.label != 1
            in_vain.append(move.label)
            continue
        weights = weights_of(table, seen, left)
        gain = entropy(ink @ weights) - ink_entropy @ weights
        gain[list(seen)] = 0.0
        assert move.pixel == int(gain.argmax())
        assert move.nats == pytest.approx(gain.max(), abs=2e-4)
        assert move.labels.max() < RULES.sure
        seen[move.pixel] = float(image[move.pixel])
    assert wrong > 0
    assert in_vain[-1] == 1  # it ends with the right one


def test_the_moves_are_the_same_each_time(table: DecodeTable, shares: Doubles) -> None:
    first, second = (play(table, shares, label=0) for _ in range(2))
    assert len(first) > 1
    assert [type(move) for move in first] == [type(move) for move in second]
    for one, other in zip(first, second, strict=True):
        assert np.array_equal(one.labels, other.labels)
        if isinstance(one, Look) and isinstance(other, Look):
            assert (one.pixel, one.nats) == (other.pixel, other.nats)


def test_it_guesses_all_labels_once_it_has_looked_at_the_most(
    table: DecodeTable, shares: Doubles
) -> None:
    rules = Rules(sure=2.0, most=3)
    found = play(table, np.full_like(shares, 0.25), 3, rules)
    assert [type(move) for move in found] == [Look] * 3 + [Guess] * 4
    assert [move.label for move in found if isinstance(move, Guess)] == [0, 1, 2, 3]
