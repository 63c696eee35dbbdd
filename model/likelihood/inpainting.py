"""The numbers of inpainting: averages over many images of which some pixels are seen.

At two latent dimensions they are integrals (`model.likelihood.completion`); elsewhere they are
estimates from draws (`model.likelihood.completion_by_draws`), and say so.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from model.latent.aggregate_posterior import AggregatePosterior
from model.latent.decode_table import SIDE, Floats, tabulation
from model.latent.decoding import plain_decode
from model.latent.label_regions import label_shares
from model.likelihood import completion_by_draws as by_draws
from model.likelihood.completion import DRAWS, completions
from model.network.vae import VAE
from model.progress import Progress, fraction, ignore

PICTURED = 10


class Pictures(NamedTuple):
    """The first images: as they are, what is seen of them, the mean, and draws.

    Attributes:
        original: (P, 784).
        seen: which pixels, (P, 784) bool.
        mean: the posterior predictive mean, (P, 784).
        draws: whole images given what is seen, (P, 3, 784).
    """

    original: Floats
    seen: NDArray[np.bool_]
    mean: Floats
    draws: Floats


@dataclass(frozen=True)
class Inpainting:
    """Averages over n images; in nats per image where nothing else is said.

    Attributes:
        n: how many images.
        nats_missing: -log p(missing | observed).
        nats_per_missing_pixel: its sum over all images divided by their missing pixels.
        log_p_observed: log p(observed).
        f1: of ink among all missing pixels, imputed as ink where the mean is over 1/2.
        label_accuracy: how often the most probable label is the right one.
        method: how the numbers were made, in words.
        unresolved: how many images an integral may be wrong for.
        pictures: the first images.
    """

    n: int
    nats_missing: float
    nats_per_missing_pixel: float
    log_p_observed: float
    f1: float
    label_accuracy: float
    method: str
    unresolved: int
    pictures: Pictures


@dataclass
class _Found:
    """What was found of all images, one after the other."""

    observed: list[float]
    missing: list[float]
    means: list[Floats]
    draws: list[Floats]
    labels: list[int]
    unresolved: int = 0


def inpaint(
    vae: VAE,
    x: Tensor,
    labels: Tensor,
    seen: NDArray[np.bool_],
    regions: AggregatePosterior,
    *,
    seed: int = 0,
    on_progress: Progress = ignore,
) -> Inpainting:
    """Fill in the images x (N, 784) where they are not seen, and compare with what is there.

    Args:
        vae: the model, on the CPU.
        x: images in [0, 1].
        labels: their labels, (N,).
        seen: which pixels are seen, (N, 784).
        regions: whose labels those of the images are read from.
        seed: of all draws.
        on_progress: told the fraction done.
    """
    by = _in_plane if vae.config.latent_dim == 2 else _by_draws
    found, method = by(vae, x, seen, regions, seed, on_progress)
    images, means = x.numpy(), np.stack(found.means)
    return Inpainting(
        len(x),
        float(np.mean(found.missing)),
        float(np.sum(found.missing) / (~seen).sum()),
        float(np.mean(found.observed)),
        f1_of_ink(means[~seen], images[~seen]),
        float(np.mean(np.array(found.labels) == labels.numpy())),
        method,
        found.unresolved,
        Pictures(
            images[:PICTURED], seen[:PICTURED], means[:PICTURED], np.stack(found.draws[:PICTURED])
        ),
    )


def f1_of_ink(mean: NDArray[np.floating], pixels: NDArray[np.floating]) -> float:
    """2 hits / (imputed as ink + ink), with both cut at 1/2; 1 if there is neither.

    Ink is rare: whoever says "blank" everywhere is right about most pixels, and has an F1 of 0.
    """
    imputed, ink = mean > 0.5, pixels > 0.5
    either = imputed.sum() + ink.sum()
    return float(2.0 * (imputed & ink).sum() / either) if either else 1.0


def _in_plane(
    vae: VAE,
    x: Tensor,
    seen: NDArray[np.bool_],
    regions: AggregatePosterior,
    seed: int,
    on_progress: Progress,
) -> tuple[_Found, str]:
    decode, found = plain_decode(vae), _Found([], [], [], [], [])
    steps = tabulation(decode, SIDE)
    while True:
        try:
            on_progress(0.05 * next(steps))
        except StopIteration as end:
            table = end.value
            break
    shares = label_shares(regions, SIDE)
    each = completions(decode, table, x.numpy(), seen, shares=shares, seed=seed)
    for one in each:
        found.observed.append(one.log_p_observed)
        found.missing.append(one.nats_missing)
        found.means.append(one.mean)
        found.draws.append(one.draws)
        assert one.labels is not None
        found.labels.append(int(one.labels.argmax()))
        found.unresolved += one.unresolved is not None
        on_progress(0.05 + 0.95 * len(found.observed) / len(x))
    return found, "integrals over the plane"


def _by_draws(
    vae: VAE,
    x: Tensor,
    seen: NDArray[np.bool_],
    regions: AggregatePosterior,
    seed: int,
    on_progress: Progress,
) -> tuple[_Found, str]:
    known = torch.from_numpy(seen)
    chains = by_draws.metropolis_within_gibbs(
        vae, x, known, seed=seed, on_progress=fraction(on_progress, 0.0, 0.4)
    )
    observed = by_draws.importance_sampling(
        vae, x, known, chains.completed, seed=seed, on_progress=fraction(on_progress, 0.4, 0.7)
    )
    everything = torch.ones_like(known)
    whole = by_draws.importance_sampling(
        vae, x, everything, x[:, None], seed=seed, on_progress=fraction(on_progress, 0.7, 0.95)
    )
    method = (
        f"importance sampling ({by_draws.DRAWS} draws; effective sample size, median: "
        f"{observed.effective.median():.0f} for the observed pixels, "
        f"{whole.effective.median():.0f} for whole images); "
        f"pixels and labels by Metropolis-within-Gibbs ({by_draws.SWEEPS} sweeps)"
    )
    return _Found(
        observed.log_p.tolist(),
        (observed.log_p - whole.log_p).tolist(),
        list(chains.mean.numpy()),
        list(chains.completed[:, -DRAWS:].numpy()),
        list(_labels(chains.z, regions)),
    ), method


def _labels(z: Tensor, regions: AggregatePosterior) -> Iterator[int]:
    """The most probable label of each image by the regions of its states z (N, S, D)."""
    for states in z:
        yield int(regions.shares_at(states).mean(dim=0).argmax())
