"""Chains over z and the missing pixels, a step at a time.

Pseudo-Gibbs (Rezende, Mohamed and Wierstra 2014, appendix F) draws in turn

    z ~ q(. | observed, missing)        missing ~ p(. | z)

as if q(z|x) were the exact posterior: unless it is, the chain settles on something else than
p(z | observed). Metropolis-within-Gibbs (Mattei and Frellsen 2018, algorithm 2) proposes the same z
and accepts it with probability

    p(x|z') p(z') q(z|x) / (p(x|z) p(z) q(z'|x)),

which makes p(z | observed) exact in the long run, however bad q is, and however long that run.

Shapes: N images of 784 pixels, D latent dimensions.
"""

from collections.abc import Iterator
from typing import NamedTuple

import torch
from torch import Tensor

from model.network.densities import Posterior, log_density, log_likelihood, log_prior
from model.network.vae import VAE


class Sweep(NamedTuple):
    """The state of N chains after a sweep.

    Attributes:
        z: (N, D).
        ink: p(pixel is ink | z), (N, 784).
        completed: whole images, seen pixels as given, (N, 784).
        accepted: whether the proposal was, (N,) bool.
    """

    z: Tensor
    ink: Tensor
    completed: Tensor
    accepted: Tensor


def sweeps(
    vae: VAE, x: Tensor, seen: Tensor, *, seed: int = 0, warm_up: int | None = 0
) -> Iterator[Sweep]:
    """Chains for images x (N, 784), of which the pixels `seen` (N, 784) are known; without end.

    What x has in other pixels is not read: a chain begins with those drawn at a z of the prior. It
    does not run ahead of who iterates.

    Args:
        vae: the model.
        x: the images.
        seen: (N, 784) bool.
        seed: of all draws.
        warm_up: so many sweeps accept every proposal, as pseudo-Gibbs does; None: all do.
    """
    generator = torch.Generator(x.device).manual_seed(seed)
    z = torch.randn(len(x), vae.config.latent_dim, generator=generator, device=x.device)
    completed = _begun(vae, z, x, seen, generator)
    count = 0
    while True:
        is_warm = warm_up is None or count < warm_up
        sweep = _sweep(vae, z, completed, x, seen, generator, accepts_all=is_warm)
        z, completed = sweep.z, sweep.completed
        count += 1
        yield sweep


@torch.inference_mode()
def _begun(vae: VAE, z: Tensor, x: Tensor, seen: Tensor, generator: torch.Generator) -> Tensor:
    return _impute(torch.sigmoid(vae.decoder(z)), x, seen, generator)


@torch.inference_mode()
def _sweep(
    vae: VAE,
    z: Tensor,
    completed: Tensor,
    x: Tensor,
    seen: Tensor,
    generator: torch.Generator,
    *,
    accepts_all: bool,
) -> Sweep:
    q = vae.posterior(completed)
    proposed = q.sample(generator)
    ratio = _log_target(vae, completed, q, proposed) - _log_target(vae, completed, q, z)
    chance = torch.rand(len(x), generator=generator, device=x.device)
    accepted = (chance.log() < ratio) | accepts_all
    z = torch.where(accepted.unsqueeze(1), proposed, z)
    ink = torch.sigmoid(vae.decoder(z))
    return Sweep(z, ink, _impute(ink, x, seen, generator), accepted)


def _impute(ink: Tensor, x: Tensor, seen: Tensor, generator: torch.Generator) -> Tensor:
    drawn = (torch.rand(ink.shape, generator=generator, device=ink.device) < ink).to(x.dtype)
    return torch.where(seen, x, drawn)


def _log_target(vae: VAE, x: Tensor, q: Posterior, z: Tensor) -> Tensor:
    """Log p(x|z) + log p(z) - log q(z|x): (N,)."""
    return log_likelihood(vae.decoder(z), x) + log_prior(z) - log_density(q, z)
