"""All numbers of one model on one set of images."""

from dataclasses import dataclass

import torch
from torch import Tensor

from model.likelihood.elbo import ELBO
from model.likelihood.exact import integrate
from model.likelihood.grid import Grid
from model.likelihood.importance import importance_weighted_bound
from model.network.vae import VAE
from model.progress import Progress, fraction, ignore

# In the plane the integral is the number that counts; elsewhere the bound is.
PLANE_K = 5
K = 100


# By Markov's inequality a bound lies t nats above log p(x) with a probability below exp(-t): of
# 10,000 images one does so by chance once in 50,000 evaluations.
IMPOSSIBLE = 20.0


@dataclass(frozen=True)
class ClassNumbers:
    """What a model with classes says of n images whose classes are known.

    Attributes:
        test_error: how many q(y|x) is wrong about, in %.
        label_entropy: H(q(y|x)), the mean, in nats.
        test_error_exact: how many of the resolved images the exact p(y|x) is wrong about, in %;
            None where nothing is integrated, or no image is resolved.
        disagreements: for how many of the resolved images q(y|x) and p(y|x) name different classes;
            likewise.
    """

    test_error: float
    label_entropy: float
    test_error_exact: float | None
    disagreements: int | None


@dataclass(frozen=True)
class Evaluation:
    """Averages over n images, in nats per image.

    Attributes:
        n: how many images.
        elbo: the ELBO and its terms: integrated at two latent dimensions, else over the k draws.
        k: draws an image of the importance-weighted bound.
        iw_bound: that bound (Burda et al. 2016, eq. 8).
        log_likelihood: log p(x), integrated, over those images that are resolved; None where the
            latent space is not a plane, or no image is resolved.
        posterior_gap: KL(q(z|x) || p(z|x)); likewise.
        unresolved: how many images have no integral; None where the latent space is not a plane.
        grid: that of the integral; likewise.
        classes: what a model with classes says of them; None for a VAE.
    """

    n: int
    elbo: ELBO
    k: int
    iw_bound: float
    log_likelihood: float | None
    posterior_gap: float | None
    unresolved: int | None
    grid: Grid | None
    classes: ClassNumbers | None = None


def evaluate(
    vae: VAE, x: Tensor, *, k: int | None = None, seed: int = 0, on_progress: Progress = ignore
) -> Evaluation:
    """Evaluate a model of any latent dimension on images x (N, 784) in [0, 1], on its device.

    Args:
        vae: the model.
        x: at least one image.
        k: draws an image for the importance-weighted bound; None: few in the plane, else more.
        seed: of these draws.
        on_progress: told the fraction done; it may raise, to stop.
    """
    if vae.config.latent_dim != 2:
        return _by_draws(vae, x, k or K, seed, on_progress)
    grid = Grid()
    exact = integrate(vae, x, grid, on_progress=fraction(on_progress, 0.0, 0.8))
    drawn = importance_weighted_bound(
        vae, x, k or PLANE_K, seed=seed, on_progress=fraction(on_progress, 0.8, 1.0)
    )
    resolved = exact.resolved & (drawn.bound < exact.log_likelihood + IMPOSSIBLE)
    # Where quadrature does not converge, draws are an unbiased estimate all the same.
    reconstruction = torch.where(
        exact.reconstruction.isnan(), drawn.reconstruction, exact.reconstruction
    )
    gap = exact.log_likelihood - (reconstruction - exact.kl)
    return Evaluation(
        len(x),
        ELBO(reconstruction.mean().item(), exact.kl.mean().item()),
        drawn.k,
        drawn.bound.mean().item(),
        mean_of(exact.log_likelihood[resolved]),
        mean_of(gap[resolved]),
        int((~resolved).sum()),
        grid,
    )


def mean_of(values: Tensor) -> float | None:
    """The average; None of nothing."""
    return values.mean().item() if len(values) else None


def _by_draws(vae: VAE, x: Tensor, k: int, seed: int, on_progress: Progress) -> Evaluation:
    drawn = importance_weighted_bound(vae, x, k, seed=seed, on_progress=on_progress)
    elbo = ELBO(drawn.reconstruction.mean().item(), drawn.kl.mean().item())
    return Evaluation(len(x), elbo, k, drawn.bound.mean().item(), None, None, None, None)
