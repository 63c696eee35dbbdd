"""Hybrid (Hamiltonian) Monte Carlo: draws from the true posterior p(z|x), a chain an image."""

from dataclasses import dataclass

import torch
from torch import Tensor

from model.network.densities import log_likelihood, log_prior
from model.network.vae import VAE
from model.progress import Progress, ignore

LEAPFROGS = 4
ACCEPTANCE = 0.9

_FIRST_STEP = 0.5
_ADAPTATION = 0.3
_JITTER = 0.2


@dataclass(frozen=True)
class PosteriorDraws:
    """Draws from p(z|x) of B images.

    Attributes:
        z: (B, S, D) float32.
        log_joint: log p(x, z) of each draw, (B, S) float32, in nats.
        acceptance: the fraction of proposals accepted after the warm-up, (B,).
    """

    z: Tensor
    log_joint: Tensor
    acceptance: Tensor


def sample_posterior(
    vae: VAE,
    x: Tensor,
    draws: int,
    *,
    warm_up: int = 50,
    seed: int = 0,
    on_progress: Progress = ignore,
) -> PosteriorDraws:
    """Run a chain for each of the images x (B, 784), all at once, and keep every state.

    A chain starts at a draw from q(z|x). Each proposal is a trajectory of 4 leapfrog steps (Kingma
    and Welling 2014, appendix D). A step's length is, in each dimension, a multiple of q's standard
    deviation. The warm-up adapts the multiple of each image until 90 % of the proposals are
    accepted (their appendix E); then it is fixed, but for a jitter of 20 %, without which the
    trajectories in a Gaussian could close upon themselves.

    Chains do not cross from one mode of a posterior to another.
    """
    chains = _Chains(vae, x, torch.Generator(x.device).manual_seed(seed))
    kept_z, kept_joint = [], []
    accepted = torch.zeros(len(x), device=x.device)
    for sweep in range(warm_up + draws):
        probability = chains.move()
        if sweep < warm_up:
            chains.adapt(probability)
        else:
            kept_z.append(chains.z)
            kept_joint.append(chains.log_joint)
            accepted += probability
        on_progress((sweep + 1) / (warm_up + draws))
    return PosteriorDraws(
        torch.stack(kept_z, dim=1), torch.stack(kept_joint, dim=1), accepted / draws
    )


class _Chains:
    """The present states of all chains; z (B, D), everything else (B,) or (B, 1)."""

    def __init__(self, vae: VAE, x: Tensor, generator: torch.Generator) -> None:
        self._vae = vae
        self._x = x
        self._generator = generator
        with torch.no_grad():
            posterior = vae.posterior(x)
            self.z = posterior.sample(generator)
        self._deviation = posterior.standard_deviation
        self._step = torch.full_like(self.z[:, :1], _FIRST_STEP)
        self.log_joint, self._gradient = self._evaluate(self.z)

    def move(self) -> Tensor:
        """Propose once for each chain; return the probabilities of acceptance (B,)."""
        momentum = torch.empty_like(self.z).normal_(generator=self._generator)
        jitter = torch.empty_like(self._step).uniform_(
            1.0 - _JITTER, 1.0 + _JITTER, generator=self._generator
        )
        step = self._step * jitter
        z, log_joint, gradient, final = self._trajectory(step, momentum)
        energy = 0.5 * (momentum.square() - final.square()).sum(dim=1)
        # A trajectory that diverged gives NaN, and is rejected.
        probability = torch.exp((log_joint - self.log_joint + energy).clamp_max(0.0)).nan_to_num(0)
        chance = torch.empty_like(probability).uniform_(generator=self._generator)
        accept = chance < probability
        self.z = torch.where(accept.unsqueeze(1), z, self.z)
        self.log_joint = torch.where(accept, log_joint, self.log_joint)
        self._gradient = torch.where(accept.unsqueeze(1), gradient, self._gradient)
        return probability

    def adapt(self, probability: Tensor) -> None:
        """Lengthen the steps of chains that accept too often, and shorten those of the others."""
        self._step = self._step * torch.exp(_ADAPTATION * (probability - ACCEPTANCE)).unsqueeze(1)

    def _trajectory(self, step: Tensor, momentum: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Leapfrog in units of q's standard deviation (Neal 2011, section 5.2.3.3)."""
        z, log_joint, gradient = self.z, self.log_joint, self._gradient
        momentum = momentum + 0.5 * step * self._deviation * gradient
        for i in range(LEAPFROGS):
            z = z + step * self._deviation * momentum
            log_joint, gradient = self._evaluate(z)
            fraction = 1.0 if i < LEAPFROGS - 1 else 0.5
            momentum = momentum + fraction * step * self._deviation * gradient
        return z, log_joint, gradient, momentum

    def _evaluate(self, z: Tensor) -> tuple[Tensor, Tensor]:
        """Log p(x, z) (B,) and its gradient by z (B, D)."""
        with torch.enable_grad():
            at = z.detach().requires_grad_()
            log_joint = log_likelihood(self._vae.decoder(at), self._x) + log_prior(at)
            (gradient,) = torch.autograd.grad(log_joint.sum(), at)
        return log_joint.detach(), gradient
