"""Twenty questions: the model looks at one pixel of a hidden image after the other, and guesses.

Each time it looks at the pixel that tells most about z. It guesses the likeliest label as soon as
p(label | seen) is high enough; a wrong guess tells it what the label is not, and it goes on. With
r(c | z), the share of class c among encoded images at z (`model.latent.label_regions`), and some
classes N that were guessed in vain,

    p(z | seen, not N)     is proportional to  p(z | seen) (1 - sum over N of r(c | z))
    p(label | seen, not N) is proportional to  p(label | seen), and 0 in N.
"""

from collections.abc import Collection, Generator
from dataclasses import dataclass, replace

import numpy as np

from model.latent.decode_table import DecodeTable, Doubles, Floats
from model.latent.evidence import Evidence
from model.latent.information_map import most_telling
from model.latent.plane_posterior import PlanePosterior
from model.latent.running_score import RunningScore

_LEAST = 1e-6


@dataclass(frozen=True)
class Rules:
    """When a guess is made.

    Attributes:
        sure: the probability of a label from which on it is guessed.
        most: the number of pixels from which on the likeliest label is guessed, likely or not.
    """

    sure: float = 0.9
    most: int = 100


@dataclass(frozen=True, eq=False)
class Look:
    """One pixel is looked at.

    Attributes:
        pixel: which.
        nats: what it was expected to tell about z.
        labels: p(label | what was seen before), (K,).
    """

    pixel: int
    nats: float
    labels: Doubles


@dataclass(frozen=True, eq=False)
class Guess:
    """A label is guessed, with what was known then: p(label | seen), (K,)."""

    label: int
    labels: Doubles


Move = Look | Guess


def moves(
    table: DecodeTable, shares: Doubles, image: Floats, label: int, rules: Rules
) -> Generator[Move | None, None, None]:
    """The model's moves until it has guessed right; None now and then, as it thinks.

    Each look takes 10 to 40 ms.

    Args:
        table: the decodes of the plane.
        shares: r(label | z) of the inner cells, (side^2, K).
        image: the hidden image, (784,) of zeros and ones.
        label: its class, which ends the game when it is guessed.
        rules: when a guess is made.
    """
    running, evidence, in_vain = RunningScore(table), Evidence.nothing(), set[int]()
    looks = 0
    while True:
        posterior = given_not(PlanePosterior.on_table(running), shares, in_vain)
        labels = label_probabilities(posterior, shares, in_vain)
        best = int(labels.argmax())
        if labels[best] >= rules.sure or looks >= rules.most:
            yield Guess(best, labels)
            if best == label:
                return
            in_vain.add(best)
            continue
        steps = most_telling(table, posterior, evidence)
        pixel, nats = yield from steps
        yield Look(pixel, nats, labels)
        evidence = evidence.marked(np.array([pixel]), float(image[pixel]))
        running.see(evidence)
        looks += 1


def given_not(
    posterior: PlanePosterior, shares: Doubles, in_vain: Collection[int]
) -> PlanePosterior:
    """The posterior over a table's own cells, given that some classes are not the label."""
    if not in_vain:
        return posterior
    left = np.full(len(posterior.score), 1.0 - len(in_vain) / shares.shape[1])
    left[: len(shares)] = 1.0 - shares[:, sorted(in_vain)].sum(axis=1)
    return replace(posterior, score=posterior.score + np.log(np.maximum(left, _LEAST)))


def label_probabilities(
    posterior: PlanePosterior, shares: Doubles, in_vain: Collection[int]
) -> Doubles:
    """p(label | seen), (K,), given that some classes are not the label; it sums to one.

    `posterior` is one that `given_not` returned: its weights are divided by the share of the
    classes that are left, which the labels' own shares then multiply again.
    """
    others = [c for c in range(shares.shape[1]) if c not in in_vain]
    left = np.maximum(shares[:, others].sum(axis=1, keepdims=True), _LEAST)
    found = posterior.label_probabilities(shares / left)
    found[sorted(in_vain)] = 0.0
    return np.asarray(found / max(float(found.sum()), 1e-300))
