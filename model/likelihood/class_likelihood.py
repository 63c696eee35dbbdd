"""The exact log p(x) and p(y|x) of an M2 of two latent dimensions.

    p(x|y) = integral of p(x|y,z) p(z) over the plane of each class    (model/likelihood/exact.py)
    log p(x) = log sum over y of p(x|y) - log 10
    p(y|x) = p(x|y) / (10 p(x))

Classes that a coarse look excludes are not integrated (model/likelihood/class_screening.py);
together they hold at most 6e-5 of p(x), if none has a mode that is too narrow for that look. Nor
does a class matter whose integral is not resolved, but which holds too little by the same look.

Shapes: N images, 10 classes. Units: nats.
"""

from collections.abc import Generator
from dataclasses import dataclass

import torch
from torch import Tensor

from model.likelihood.class_screening import Masses, look_at_classes
from model.likelihood.exact import integration
from model.likelihood.grid import Grid, require_plane
from model.likelihood.label_posterior import log_label_posteriors
from model.network.class_conditional import CLASSES
from model.network.m2 import LOG_CLASSES, M2
from model.progress import Progress, finish, ignore, stage

_SCREENED = 0.4  # the fraction of the time that the coarse look takes


@dataclass(frozen=True)
class ClassLikelihood:
    """The integrals of N images under each of ten classes; float64, in nats.

    Attributes:
        log_p_x_given_y: log p(x|y), (N, 10). Minus infinity: the class is excluded, for nothing of
            it counts in p(x). NaN: it may count, and its integral is not resolved.
        reconstruction: E_q(z|x,y)[log p(x|y,z)], (N, 10); NaN where the class is excluded or
            quadrature does not converge.
        log_q: log q(y|x), (N, 10).
    """

    log_p_x_given_y: Tensor
    reconstruction: Tensor
    log_q: Tensor

    @property
    def log_likelihood(self) -> Tensor:
        """Log p(x), (N,); NaN where a class that may count is not resolved."""
        return torch.logsumexp(self.log_p_x_given_y, dim=1) - LOG_CLASSES

    @property
    def label_posterior(self) -> Tensor:
        """p(y|x), (N, 10); rows of NaN where log p(x) is NaN."""
        return torch.softmax(self.log_p_x_given_y, dim=1)

    @property
    def q(self) -> Tensor:
        """What the classifier makes of the images: probabilities of classes, (N, 10)."""
        return self.log_q.exp()

    @property
    def resolved(self) -> Tensor:
        """Whether an image has an exact log p(x), (N,) bool."""
        return self.log_likelihood.isfinite()

    @property
    def disagree(self) -> Tensor:
        """Whether q(y|x) and p(y|x) name different classes, (N,) bool; False if not resolved."""
        other = self.label_posterior.argmax(dim=1) != self.log_q.argmax(dim=1)
        return other & self.resolved


def integrate_classes(
    network: M2,
    x: Tensor,
    grid: Grid | None = None,
    *,
    screen: bool = True,
    on_progress: Progress = ignore,
) -> ClassLikelihood:
    """Log p(x|y) of images x (N, 784) in [0, 1] for each class, and what follows from it.

    Args:
        network: an M2 of two latent dimensions.
        x: images, on the device of the model.
        grid: over which to sum.
        screen: whether to leave out what cannot count.
        on_progress: told the fraction done; it may raise, to stop.

    Raises:
        NotAPlaneError: the model has not two latent dimensions.
    """
    return finish(class_integration(network, x, grid, screen=screen), on_progress)


@torch.inference_mode()
def class_integration(
    network: M2, x: Tensor, grid: Grid | None = None, *, screen: bool = True
) -> Generator[float, None, ClassLikelihood]:
    """`integrate_classes` in steps: yields the fraction done, up to 1, and returns the result.

    Raises:
        NotAPlaneError: the model has not two latent dimensions.
    """
    require_plane(network)
    grid = grid or Grid()
    start = _SCREENED if screen else 0.0
    masses = yield from stage(_look(network, x, grid, screen), 0.0, start)
    log_p = torch.full((len(x), CLASSES), -torch.inf, dtype=torch.float64, device=x.device)
    reconstruction = torch.full_like(log_p, torch.nan)
    possible, done = masses.may_count, 0
    pairs = max(1, int(possible.sum()))
    for label in range(CLASSES):
        images = possible[:, label].nonzero().squeeze(1)
        if len(images) == 0:
            continue
        span = [start + (1.0 - start) * at / pairs for at in (done, done + len(images))]
        exact = yield from stage(integration(network.given(label), x[images], grid), *span)
        log_p[images, label] = exact.log_likelihood
        reconstruction[images, label] = exact.reconstruction
        done += len(images)
    highest = log_p.nan_to_num(-torch.inf).amax(dim=1)
    log_p[log_p.isnan() & masses.are_negligible_beside(highest)] = -torch.inf
    yield 1.0
    return ClassLikelihood(log_p, reconstruction, log_label_posteriors(network, x).double())


def _look(network: M2, x: Tensor, grid: Grid, screen: bool) -> Generator[float, None, Masses]:
    """What is known of the classes before anything is integrated."""
    if screen:
        return (yield from look_at_classes(network, x, grid))
    unknown = torch.full((len(x), CLASSES), torch.inf, dtype=torch.float64, device=x.device)
    return Masses(-unknown, unknown)
