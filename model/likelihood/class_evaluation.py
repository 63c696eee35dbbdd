"""All numbers of one model with classes on one set of images."""

import torch
from torch import Tensor

from model.likelihood.class_importance import bound_above_m1, bounds_of_classes
from model.likelihood.class_likelihood import ClassLikelihood, integrate_classes
from model.likelihood.elbo import ELBO
from model.likelihood.evaluation import (
    IMPOSSIBLE,
    PLANE_K,
    ClassNumbers,
    Evaluation,
    mean_of,
)
from model.likelihood.grid import Grid
from model.likelihood.importance import ImportanceWeighted
from model.likelihood.label_posterior import error, log_label_posteriors
from model.network.families import Labelled
from model.network.m1_m2 import M1M2
from model.network.m2 import M2
from model.progress import Progress, fraction, ignore

# Draws for each class: a hundred points an image.
CLASS_K = 10


def evaluate_classes(
    network: Labelled,
    x: Tensor,
    labels: Tensor,
    *,
    k: int | None = None,
    seed: int = 0,
    on_progress: Progress = ignore,
) -> Evaluation:
    """Evaluate a model with classes on images x (N, 784) in [0, 1], on its device.

    An M2 of two latent dimensions is integrated; of all others the bounds are drawn.

    Args:
        network: the model.
        x: at least one image.
        labels: their true classes, (N,) int64.
        k: draws for each class of an image, or of z1, for the importance-weighted bound; None: few.
        seed: of these draws.
        on_progress: told the fraction done; it may raise, to stop.
    """
    if isinstance(network, M2) and network.config.latent_dim == 2:
        _, evaluation = evaluate_in_the_plane(
            network, x, labels, k=k, seed=seed, on_progress=on_progress
        )
        return evaluation
    log_q = log_label_posteriors(network, x).double()
    drawn = _by_draws(network, x, log_q, k or CLASS_K, seed, on_progress)
    bound = drawn.bound.mean().item()
    classes = ClassNumbers(error(log_q, labels), _entropy(log_q), None, None)
    return Evaluation(len(x), _elbo(drawn), drawn.k, bound, None, None, None, None, classes)


def _by_draws(
    network: Labelled, x: Tensor, log_q: Tensor, k: int, seed: int, on_progress: Progress
) -> ImportanceWeighted:
    if isinstance(network, M1M2):
        return bound_above_m1(network, x, k, seed=seed, on_progress=on_progress)
    return bounds_of_classes(network, x, k, seed=seed, on_progress=on_progress).summed(log_q)


def evaluate_in_the_plane(
    network: M2,
    x: Tensor,
    labels: Tensor,
    *,
    k: int | None = None,
    seed: int = 0,
    on_progress: Progress = ignore,
) -> tuple[ClassLikelihood, Evaluation]:
    """`evaluate_classes` for an M2 of two latent dimensions, with the integrals of each image.

    Raises:
        NotAPlaneError: the model has not two latent dimensions.
    """
    grid = Grid()
    exact = integrate_classes(network, x, grid, on_progress=fraction(on_progress, 0.0, 0.8))
    progress = fraction(on_progress, 0.8, 1.0)
    drawn = bounds_of_classes(network, x, k or PLANE_K, seed=seed, on_progress=progress)
    # Draws are an unbiased estimate where a class is excluded or quadrature does not converge.
    known = ~exact.reconstruction.isnan()
    terms = drawn._replace(
        reconstruction=torch.where(known, exact.reconstruction, drawn.reconstruction)
    ).summed(exact.log_q)
    log_p = exact.log_likelihood
    resolved = exact.resolved & (terms.bound < log_p + IMPOSSIBLE)
    gap = log_p - (terms.reconstruction - terms.kl)
    evaluation = Evaluation(
        len(x),
        _elbo(terms),
        terms.k,
        terms.bound.mean().item(),
        mean_of(log_p[resolved]),
        mean_of(gap[resolved]),
        int((~resolved).sum()),
        grid,
        _class_numbers(exact, labels, resolved),
    )
    return exact, evaluation


def _class_numbers(exact: ClassLikelihood, labels: Tensor, resolved: Tensor) -> ClassNumbers:
    of_q = error(exact.log_q, labels), _entropy(exact.log_q)
    if not resolved.any():
        return ClassNumbers(*of_q, None, None)
    of_p = error(exact.label_posterior[resolved], labels.to(resolved.device)[resolved])
    return ClassNumbers(*of_q, of_p, int((exact.disagree & resolved).sum()))


def _elbo(drawn: ImportanceWeighted) -> ELBO:
    return ELBO(drawn.reconstruction.mean().item(), drawn.kl.mean().item())


def _entropy(log_q: Tensor) -> float:
    """The mean of H(q(y|x)), from log q(y|x) (N, 10): nats."""
    return -(log_q.exp() * log_q).sum(dim=1).mean().item()
