"""The importance-weighted bound and the ELBO of models with classes, at any latent dimension.

The sum over the ten classes is carried out; only latent points are drawn, k for each class of an
image (M2), or k of z1 and for each of them one z2 a class (M1+M2). The average of the weights is an
unbiased estimate of p(x), so the logarithm lies below log p(x) on average (Burda, Grosse and
Salakhutdinov 2016, eq. 8). The ELBO is eq. 7 of Kingma, Rezende, Mohamed and Welling 2014.

Shapes: N images, 10 classes. Units: nats per image.
"""

import math
from typing import NamedTuple

import torch
from torch import Tensor

from model.likelihood.importance import ImportanceWeighted, importance_weighted_bound
from model.network.class_conditional import CLASSES, all_classes
from model.network.densities import kl_divergence, log_density, log_likelihood, log_prior
from model.network.m1_m2 import M1M2
from model.network.m2 import LOG_CLASSES, M2
from model.progress import Progress, fraction, ignore

_POINTS_AT_ONCE = 1024  # of z1; ten times as many of z2


class OfClasses(NamedTuple):
    """The numbers of N images under each class of an M2 alone; each (N, 10) float64.

    Attributes:
        k: draws of z for each class of an image.
        bound: on log p(x|y).
        reconstruction: E_q(z|x,y)[log p(x|y,z)].
        kl: KL(q(z|x,y) || p(z)).
    """

    k: int
    bound: Tensor
    reconstruction: Tensor
    kl: Tensor

    def summed(self, log_q: Tensor) -> ImportanceWeighted:
        """The numbers of the whole model, given log q(y|x) (N, 10)."""
        q = log_q.exp()
        of_labels = (q * log_q).sum(dim=1) + LOG_CLASSES
        return ImportanceWeighted(
            self.k,
            torch.logsumexp(self.bound, dim=1) - LOG_CLASSES,
            (q * self.reconstruction).sum(dim=1),
            (q * self.kl).sum(dim=1) + of_labels,
        )


def bounds_of_classes(
    network: M2, x: Tensor, k: int, *, seed: int = 0, on_progress: Progress = ignore
) -> OfClasses:
    """The bound on log p(x|y) of images x (N, 784) for each class, from k draws of z each.

    All classes share the noise, which makes their differences more certain.

    Raises:
        ValueError: k is less than one.
    """
    found = []
    for label in range(CLASSES):
        progress = fraction(on_progress, label / CLASSES, (label + 1) / CLASSES)
        vae = network.given(label)
        found.append(importance_weighted_bound(vae, x, k, seed=seed, on_progress=progress))
    columns = ([drawn.bound, drawn.reconstruction, drawn.kl] for drawn in found)
    return OfClasses(k, *(torch.stack(of, dim=1) for of in zip(*columns, strict=True)))


@torch.inference_mode()
def bound_above_m1(
    network: M1M2, x: Tensor, k: int, *, seed: int = 0, on_progress: Progress = ignore
) -> ImportanceWeighted:
    """The bound on log p(x) of images x (N, 784) under an M1+M2, from k draws of z1 each.

    Raises:
        ValueError: k is less than one.
    """
    if k < 1:
        raise ValueError(f"k must be at least 1, not {k}")
    generator = torch.Generator(x.device).manual_seed(seed)
    found, at_once = [], max(1, _POINTS_AT_ONCE // k)
    for start in range(0, len(x), at_once):
        batch = x[start : start + at_once]
        # Drawn image by image, so that the numbers do not depend on the batches.
        shape = k, network.config.noise_dim
        noise = [torch.randn(shape, generator=generator, device=x.device) for _ in batch]
        found.append(_weigh(network, batch, torch.stack(noise, dim=1)))
        on_progress((start + len(batch)) / len(x))
    return ImportanceWeighted(k, *torch.cat(found, dim=1))


def _weigh(network: M1M2, x: Tensor, noise: Tensor) -> Tensor:
    """Bound, reconstruction and KL of images (B, 784), from noise (K, B, D2 + D1): (3, B)."""
    dimensions = network.config.latent_dim
    q1 = network.m1.posterior(x)
    z1 = q1.at(noise[..., dimensions:])
    reconstruction = log_likelihood(network.m1.decoder(z1.flatten(0, 1)).view(*z1.shape[:2], -1), x)
    evidence, elbo = _describe(network.m2, z1.flatten(0, 1), noise[..., :dimensions].flatten(0, 1))
    log_weight = reconstruction - log_density(q1, z1) + evidence.view(z1.shape[:2])
    bound = torch.logsumexp(log_weight.double(), dim=0) - math.log(len(noise))
    entropy = 0.5 * (q1.log_variance + math.log(2.0 * math.pi) + 1.0).sum(dim=1)
    kl = -entropy - elbo.view(z1.shape[:2]).mean(dim=0)
    return torch.stack([bound, reconstruction.double().mean(dim=0), kl.double()])


def _describe(m2: M2, z1: Tensor, noise: Tensor) -> tuple[Tensor, Tensor]:
    """What M2 says of points z1 (P, D1), with noise (P, D2): both (P,).

    The logarithm of an unbiased estimate of p(z1), and the bound on log p(z1) of eq. 7.
    """
    labels = all_classes(z1.device)
    q2 = m2.posterior(z1, labels)
    z2 = q2.at(noise)
    likelihood = m2.log_likelihood(m2.decoder(z2, labels), z1)
    weights = likelihood + log_prior(z2) - log_density(q2, z2)
    log_q = m2.log_label_posterior(z1).T
    bounds = likelihood - kl_divergence(*q2) - log_q
    return (
        torch.logsumexp(weights, dim=0) - LOG_CLASSES,
        (log_q.exp() * bounds).sum(dim=0) - LOG_CLASSES,
    )
