"""A VAE of which everything is known in closed form: each image's p(x|z) is a Gaussian bump in z.

There are P images of P pixels. Image p is white at pixel p alone, and the decoder's logit there is
-30 - (z - m)' A (z - m) / 2, with m and A of that pixel; where there are two bumps, it is the
logarithm of their sum. Logits so low that all softplus terms vanish (1e-13), so log p(x|z) is that
logit.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from model.network.densities import Posterior
from model.network.vae import VAE, VAEConfig

FLOOR = -30.0


@dataclass(frozen=True)
class Bump:
    """exp(FLOOR + log_height - (z - centre)' precision (z - centre) / 2)."""

    centre: np.ndarray
    precision: np.ndarray
    log_height: float = 0.0

    @staticmethod
    def round(centre, width, log_height=0.0):
        return Bump(np.array(centre, float), np.eye(len(centre)) / width**2, log_height)

    def log_likelihood(self) -> float:
        """Log of the integral over the prior: N(centre; 0, I + precision^-1), not normalised."""
        sum_ = np.eye(len(self.centre)) + self.precision
        inner = self.centre @ np.linalg.solve(sum_, self.precision @ self.centre)
        return FLOOR + self.log_height - 0.5 * (np.linalg.slogdet(sum_)[1] + inner)

    def posterior(self) -> tuple[np.ndarray, np.ndarray]:
        """Mean and covariance of p(z|x), where this is the only bump."""
        covariance = np.linalg.inv(np.eye(len(self.centre)) + self.precision)
        return covariance @ self.precision @ self.centre, covariance


class _Decoder(nn.Module):
    def __init__(self, images: list[list[Bump]]) -> None:
        super().__init__()
        # As many bumps an image as the image with most of them; those added have no height.
        most = max(map(len, images))
        absent = Bump.round(np.zeros_like(images[0][0].centre), 1.0, -torch.inf)
        rows = [bumps + [absent] * (most - len(bumps)) for bumps in images]
        self.centre = self._table(rows, "centre")
        self.precision = self._table(rows, "precision")
        self.height = FLOOR + self._table(rows, "log_height")

    @staticmethod
    def _table(rows: list[list[Bump]], name: str) -> Tensor:
        return torch.from_numpy(np.array([[getattr(bump, name) for bump in row] for row in rows]))

    def forward(self, z: Tensor) -> Tensor:
        offset = z.double()[:, None, None] - self.centre
        form = torch.einsum("gpji,pjik,gpjk->gpj", offset, self.precision, offset)
        return torch.logsumexp(self.height - 0.5 * form, dim=2).float()


class _Encoder(nn.Module):
    def __init__(self, mean: Tensor, spread: Tensor) -> None:
        super().__init__()
        self.table = Posterior(mean, 2.0 * spread.log())

    def forward(self, x: Tensor) -> Posterior:
        return Posterior(*(x[:, : len(part)] @ part for part in self.table))


def toy(images, mean=None, spread=None) -> tuple[VAE, Tensor]:
    """The VAE and its images (P, P), one for each list of bumps; q is N(mean, spread^2)."""
    count, dimensions = len(images), len(images[0][0].centre)
    vae = VAE(VAEConfig(latent_dim=dimensions, hidden=1, blocks=1)).requires_grad_(False)
    mean = (
        torch.zeros(count, dimensions) if mean is None else torch.from_numpy(np.array(mean)).float()
    )
    spread = (
        torch.ones(count, dimensions)
        if spread is None
        else torch.from_numpy(np.array(spread)).float()
    )
    vae.decoder = _Decoder(images)
    vae.encoder = _Encoder(mean, spread)
    return vae, torch.eye(count)


def log_likelihood(bumps: list[Bump]) -> float:
    """Log p(x) of an image."""
    return float(np.logaddexp.reduce([bump.log_likelihood() for bump in bumps]))


def kl_between(mean, spread, other_mean, other_covariance) -> float:
    """KL of N(mean, diag spread^2) to a Gaussian with full covariance (textbook formula)."""
    mean, spread = np.asarray(mean, float), np.asarray(spread, float)
    inverse = np.linalg.inv(other_covariance)
    difference = other_mean - mean
    log_ratio = np.linalg.slogdet(other_covariance)[1] - 2.0 * np.log(spread).sum()
    trace = (inverse.diagonal() * spread**2).sum()
    return 0.5 * (trace + difference @ inverse @ difference - len(mean) + log_ratio)
