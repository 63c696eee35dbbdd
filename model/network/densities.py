"""The densities of the model in closed form, and the terms of the ELBO made of them.

Shapes: B images in a batch, D latent dimensions, 784 pixels, row by row from the top.
Units: nats per image.
"""

import math
from typing import Any, NamedTuple

import torch
from torch import Tensor


class Posterior(NamedTuple):
    """A batch of diagonal Gaussians q(z|x); both tensors are (B, D)."""

    mean: Tensor
    log_variance: Tensor

    @property
    def standard_deviation(self) -> Tensor:
        """The square root of the variance, (B, D), in units of z."""
        return torch.exp(0.5 * self.log_variance)

    def of(self, images: Tensor | slice) -> "Posterior":
        """The posteriors of some of the images, given by their indices."""
        return Posterior(self.mean[images], self.log_variance[images])

    def sample(self, generator: torch.Generator | None = None) -> Tensor:
        """Draw one z for each image, (B, D), differentiable in both parameters (eq. 4)."""
        return self.at(torch.empty_like(self.mean).normal_(generator=generator))

    def at(self, noise: Tensor) -> Tensor:
        """Reparametrise (eq. 4): standard normal noise (..., B, D) -> points z (..., B, D)."""
        return self.mean + self.standard_deviation * noise


def log_likelihood(logits: Tensor, x: Tensor) -> Tensor:
    """Log p(x|z) of a Bernoulli decoder, summed over pixels, in nats, in the precision of x.

    Logits (..., B, 784), images x (B, 784) -> (..., B).
    Source: Kingma and Welling 2014, appendix C.1, written for logits.
    """
    likelihood: Tensor = _LogLikelihood.apply(logits.to(x.dtype), x)
    return likelihood


def log_normaliser(logits: Tensor) -> Tensor:
    """The Bernoulli log-normaliser, independent of x: the sum over pixels of log(1 + exp l).

    Logits (..., 784) -> (...) nats; no gradient. It uses exp and log alone: torch's own softplus
    takes three times as long on a CPU, since its log1p is slow. The logarithm of a number between 1
    and 2 is exact to 1e-7, and a float32 sum of hundreds of terms is no more exact than that.
    """
    with torch.no_grad():
        softplus = logits.abs().neg_().exp_().add_(1.0).log_()
        return softplus.add_(logits.clamp_min(0.0)).sum(dim=-1)


class _LogLikelihood(torch.autograd.Function):
    """x . logits minus the normaliser, with its gradient x - sigmoid(logits)."""

    @staticmethod
    def forward(ctx: Any, logits: Tensor, x: Tensor) -> Tensor:
        ctx.save_for_backward(logits, x)
        on: Tensor = torch.linalg.vecdot(x, logits)
        return on - log_normaliser(logits)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, Tensor | None]:
        logits, x = ctx.saved_tensors
        slope: Tensor = torch.sigmoid(logits).neg_().add_(x).mul_(gradient.unsqueeze(-1))
        if not ctx.needs_input_grad[1]:
            return slope, None
        return slope, (logits * gradient.unsqueeze(-1)).sum_to_size(x.shape)


def log_prior(z: Tensor) -> Tensor:
    """Log p(z) of points (..., D) under N(0, I): (...) nats."""
    return -0.5 * (z.square() + math.log(2.0 * math.pi)).sum(-1)


def log_density(posterior: Posterior, z: Tensor) -> Tensor:
    """Log q(z|x) of points (..., B, D) under the posterior of each of B images: (..., B) nats."""
    squares = (z - posterior.mean).square() * torch.exp(-posterior.log_variance)
    return -0.5 * (squares + posterior.log_variance + math.log(2.0 * math.pi)).sum(-1)


def kl_divergence(mean: Tensor, log_variance: Tensor) -> Tensor:
    """KL(N(mean, exp log_variance) || N(0, I)), summed over dimensions: (B, D) -> (B,) nats.

    Source: Kingma and Welling 2014, appendix B.
    """
    return 0.5 * (mean.square() + log_variance.exp() - 1.0 - log_variance).sum(dim=-1)


class ELBOTerms(NamedTuple):
    """The two terms of the ELBO, each (B,) or averaged, in nats per image."""

    reconstruction: Tensor
    kl: Tensor

    def elbo(self, beta: float = 1.0) -> Tensor:
        """E_q[log p(x|z)] - beta KL(q(z|x) || p(z)); the ELBO where beta is 1 (eq. 3)."""
        return self.reconstruction - beta * self.kl
