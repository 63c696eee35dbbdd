"""All estimators of log p(x) on the same images, side by side."""

from dataclasses import dataclass
from typing import Any

from torch import Tensor

from model.likelihood.evaluation import evaluate
from model.likelihood.exact import integrate
from model.likelihood.marginal_likelihood import SAMPLES, posterior_density_estimate
from model.likelihood.monte_carlo import prior_monte_carlo
from model.network.vae import VAE
from model.progress import Progress, fraction, ignore

IMAGES = 1000
K = 5000
PRIOR_IMAGES = 200
PRIOR_DRAWS = 1_000_000

# Kingma and Welling: "as long as the dimensionality of the sampled space is low (less then 5)".
_DENSITY_DIMENSIONS = 4


@dataclass(frozen=True)
class Estimators:
    """Averages over the first `images` images, in nats per image.

    Attributes:
        images: how many.
        elbo: the ELBO.
        k: draws of the importance-weighted bound.
        iw_bound: that bound.
        posterior_density: Kingma and Welling's appendix D; None from five dimensions on.
        log_likelihood: the integral; None where the latent space is not a plane, or an image is
            not resolved.
        prior_images: how many of the first images have plain Monte Carlo too.
        prior_draws: its draws from the prior.
        prior_monte_carlo: its result.
        log_likelihood_of_prior_images: the integral for these images.
    """

    images: int
    elbo: float
    k: int
    iw_bound: float
    posterior_density: float | None
    log_likelihood: float | None
    prior_images: int
    prior_draws: int
    prior_monte_carlo: float
    log_likelihood_of_prior_images: float | None

    def as_dict(self) -> dict[str, Any]:
        """The numbers for JSON, each beside the settings that it was made with."""
        return {
            "images": self.images,
            "elbo": self.elbo,
            "iw_bound": {"k": self.k, "value": self.iw_bound},
            "posterior_density": {"samples": SAMPLES, "value": self.posterior_density},
            "exact_log_likelihood": self.log_likelihood,
            "prior_monte_carlo": {
                "images": self.prior_images,
                "draws": self.prior_draws,
                "value": self.prior_monte_carlo,
                "exact_log_likelihood": self.log_likelihood_of_prior_images,
            },
        }


def compare(vae: VAE, x: Tensor, *, seed: int = 0, on_progress: Progress = ignore) -> Estimators:
    """Run all estimators on the first of the images x (N, 784), on the model's device.

    Takes some minutes: 5,000 draws an image for the bound, a million from the prior.
    """
    few, fewer = x[:IMAGES], x[:PRIOR_IMAGES]
    found = evaluate(vae, few, k=K, seed=seed, on_progress=fraction(on_progress, 0.0, 0.6))
    by_density, of_fewer = None, None
    if vae.config.latent_dim <= _DENSITY_DIMENSIONS:
        progress = fraction(on_progress, 0.6, 0.8)
        density = posterior_density_estimate(vae, few, seed=seed, on_progress=progress)
        by_density = density.mean().item()
    if found.log_likelihood is not None:
        of_fewer = _of_all(integrate(vae, fewer).log_likelihood)
    progress = fraction(on_progress, 0.8, 1.0)
    drawn = prior_monte_carlo(vae, fewer, PRIOR_DRAWS, seed=seed, on_progress=progress)
    return Estimators(
        len(few),
        found.elbo.elbo,
        K,
        found.iw_bound,
        by_density,
        None if found.unresolved else found.log_likelihood,
        len(fewer),
        PRIOR_DRAWS,
        drawn.mean().item(),
        of_fewer,
    )


def _of_all(values: Tensor) -> float | None:
    """The average, if every image has a number."""
    return values.mean().item() if values.isfinite().all() else None
