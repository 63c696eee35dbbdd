"""Filling in missing pixels at any number of latent dimensions, where no integral can be had.

Metropolis-within-Gibbs (`model.likelihood.gibbs`) gives completions; some sweeps of pseudo-Gibbs,
which accept every proposal, warm it up.

Importance sampling gives log p(observed): the proposal is a mixture of the prior and of q(z|x) for
some completions that the chain found. It is unbiased for p(observed) whatever the chain did, so its
logarithm is too low on average; the effective sample size says how far to trust it.

Shapes: N images of 784 pixels, D latent dimensions, S draws.
"""

import math
from dataclasses import dataclass
from itertools import islice

import torch
from torch import Tensor

from model.likelihood import gibbs
from model.network.densities import Posterior, log_density, log_normaliser, log_prior
from model.network.vae import VAE
from model.progress import Progress, ignore

SWEEPS = 100
WARM_UP = 20
COMPONENTS = 8
DRAWS = 1000

_IMAGES_AT_ONCE = 100
_POINTS_AT_ONCE = 2048


@dataclass(frozen=True)
class Chains:
    """What Metropolis-within-Gibbs found, a chain an image, after the warm-up.

    Attributes:
        mean: p(pixel is ink | observed), averaged over the sweeps, (N, 784); seen pixels as given.
        z: the states, (N, S, D).
        completed: the whole images of the last sweeps, (N, C, 784).
        acceptance: the fraction of proposals that were accepted, (N,).
    """

    mean: Tensor
    z: Tensor
    completed: Tensor
    acceptance: Tensor


@dataclass(frozen=True)
class Weighted:
    """An estimate by importance sampling of N images.

    Attributes:
        log_p: the estimates of log p(seen pixels), (N,) float64, in nats.
        effective: 1 / sum of the squared normalised weights, (N,): out of the number of draws.
    """

    log_p: Tensor
    effective: Tensor


def metropolis_within_gibbs(
    vae: VAE,
    x: Tensor,
    seen: Tensor,
    *,
    sweeps: int = SWEEPS,
    warm_up: int = WARM_UP,
    seed: int = 0,
    on_progress: Progress = ignore,
) -> Chains:
    """Run a chain for each of the images x (N, 784), of which the pixels `seen` (N, 784) are known.

    The first `warm_up` sweeps accept every proposal, and are not kept; so many `sweeps` follow.
    """
    mean, accepted = torch.zeros_like(x), torch.zeros(len(x), device=x.device)
    states: list[Tensor] = []
    images: list[Tensor] = []
    chains = gibbs.sweeps(vae, x, seen, seed=seed, warm_up=warm_up)
    for done, sweep in enumerate(islice(chains, warm_up + sweeps), start=1):
        if done > warm_up:
            mean += sweep.ink / sweeps
            accepted += sweep.accepted / sweeps
            states.append(sweep.z)
            images = [*images, sweep.completed][-COMPONENTS:]
        on_progress(done / (warm_up + sweeps))
    return Chains(
        torch.where(seen, x, mean), torch.stack(states, 1), torch.stack(images, 1), accepted
    )


@torch.inference_mode()
def importance_sampling(
    vae: VAE,
    x: Tensor,
    seen: Tensor,
    completed: Tensor,
    *,
    draws: int = DRAWS,
    seed: int = 0,
    on_progress: Progress = ignore,
) -> Weighted:
    """Estimate log p(seen pixels) of images x (N, 784); what x has elsewhere is not read.

    Args:
        vae: the model.
        x: the images.
        seen: which of their pixels count, (N, 784) bool.
        completed: whole images (N, C, 784) whose q(z|x) make the proposal, with the prior.
        draws: at least one for each component of the mixture.
        seed: of the draws.
        on_progress: told the fraction done.
    """
    generator = torch.Generator(x.device).manual_seed(seed)
    found = []
    for images in torch.split(torch.arange(len(x), device=x.device), _IMAGES_AT_ONCE):
        q = _with_prior(vae, completed[images])
        weights = _log_weights(vae, x[images], seen[images], q, draws, generator)
        total = torch.logsumexp(weights, dim=1)
        effective = torch.exp(2.0 * total - torch.logsumexp(2.0 * weights, dim=1))
        found.append(torch.stack([total - math.log(weights.shape[1]), effective]))
        on_progress((int(images[-1]) + 1) / len(x))
    log_p, effective = torch.cat(found, dim=1)
    return Weighted(log_p, effective)


def _with_prior(vae: VAE, completed: Tensor) -> Posterior:
    """The components of the mixture: q(z|x) of each completion, and the prior; (C + 1, N, D)."""
    count, images, pixels = len(completed), completed.shape[1], completed.shape[2]
    q = vae.posterior(completed.transpose(0, 1).reshape(-1, pixels))
    parts = [part.view(images, count, -1) for part in q]
    nothing = torch.zeros_like(parts[0][:1])
    return Posterior(*(torch.cat([part, nothing]) for part in parts))


def _log_weights(
    vae: VAE, x: Tensor, seen: Tensor, q: Posterior, draws: int, generator: torch.Generator
) -> Tensor:
    """Log of the weights of the draws, the same number from each component: (N, S) float64."""
    components = len(q.mean)
    each = max(1, draws // components)
    noise = torch.randn(each, *q.mean.shape, generator=generator, device=x.device)
    z = q.at(noise).flatten(0, 1)  # (S, N, D)
    mixture = torch.stack(
        [log_density(q.of(slice(c, c + 1)), z).double() for c in range(components)]
    )
    proposal = torch.logsumexp(mixture, dim=0) - math.log(components)
    likelihood = _seen_log_likelihood(vae, x, seen, z.transpose(0, 1))
    return likelihood + (log_prior(z).double() - proposal).T


def _seen_log_likelihood(vae: VAE, x: Tensor, seen: Tensor, z: Tensor) -> Tensor:
    """Log p(seen pixels | z) at each image's own points z (N, S, D): (N, S) float64."""
    columns = []
    for some in torch.split(z, max(1, _POINTS_AT_ONCE // len(x)), dim=1):
        logits = vae.decoder(some.flatten(0, 1)).view(*some.shape[:2], -1)
        # A logit of minus infinity has no normaliser, so an unseen pixel says nothing.
        hidden = logits.masked_fill(~seen.unsqueeze(1), -torch.inf)
        product = torch.bmm(logits, torch.where(seen, x, 0.0).unsqueeze(-1)).squeeze(-1)
        columns.append((product - log_normaliser(hidden)).double())
    return torch.cat(columns, dim=1)
