"""The Gaussian that comes nearest to a posterior over the plane, and what an encoder's own costs.

Nearest means the highest ELBO, and so the smallest KL(q || p(z | evidence)):

    ELBO(q) = E_q[log p(evidence, z)] + entropy of q

It is climbed by natural gradients. For z = mean + root e, with e from N(0, I), the expected
gradient and curvature of f = log p(evidence, z) need only values of f (Stein's identities):

    root' E[grad f] = E[f e]        root' E[curvature of f] root = E[f (e e' - I)]

and at the best Gaussian the inverse covariance equals the expected negative curvature (Opper and
Archambeau 2009, section 2). Expectations are sums over Gauss-Hermite nodes, so nothing is drawn.

The gap between log p(evidence) and the encoder's ELBO then splits (Cremer, Li and Duvenaud 2018,
section 3) into what the encoder loses against the best Gaussian of its own family, diagonal ones,
and what no Gaussian of that family can reach; a best Gaussian with any covariance splits the second
once more.
"""

import math
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass
from functools import cache

import numpy as np

from model.latent.decode_table import Decode, Doubles, log_probabilities
from model.latent.evidence import Evidence, log_probability
from model.latent.modes import modes
from model.latent.plane_posterior import PlanePosterior

LogJoint = Callable[[Doubles], Doubles]
"""Points (K, 2) -> log p(evidence, z), (K,), in nats."""

_NODES = 16
_FINER = (24, 36, 54, 80)  # along each axis, until more of them change nothing
_TOLERANCE = 2e-3  # nats
_SETTLED = 2e-4  # nats that a step must still gain
_MOST_STEPS = 60
_STEP_RANGE = 0.25, 4.0  # by how much a step may change the inverse covariance, along any direction
_LEAST_STEP = 1.0 / 64.0
_LEAST_MASS = 0.02  # of a mode from which to start


@dataclass(frozen=True)
class Gaussian:
    """A Gaussian over the plane.

    Attributes:
        mean: (2,).
        covariance: (2, 2).
    """

    mean: Doubles
    covariance: Doubles

    @staticmethod
    def diagonal(mean: Doubles, standard_deviations: Doubles) -> "Gaussian":
        """One whose axes are those of the plane, as an encoder gives it; both (2,)."""
        return Gaussian(np.asarray(mean), np.diag(np.square(standard_deviations)))

    @property
    def root(self) -> Doubles:
        """The lower triangular square root of the covariance, (2, 2)."""
        return np.asarray(np.linalg.cholesky(self.covariance))

    @property
    def entropy(self) -> float:
        """In nats."""
        return math.log(2.0 * math.pi * math.e) + float(np.log(np.diag(self.root)).sum())

    def at(self, noise: Doubles) -> Doubles:
        """Standard normal noise (K, 2) -> points (K, 2)."""
        return np.asarray(self.mean + noise @ self.root.T)


@dataclass(frozen=True)
class Climb:
    """A Gaussian on its way up.

    Attributes:
        gaussian: where it is.
        elbo: its ELBO, in nats, by 16 x 16 nodes.
    """

    gaussian: Gaussian
    elbo: float


@dataclass(frozen=True)
class GaussianFit:
    """What the encoder's Gaussian loses, and to whom; all in nats.

    Attributes:
        log_evidence: log p(evidence).
        encoder: the encoder's ELBO; None where there is no encoder's Gaussian.
        best_diagonal: the best Gaussian whose axes are those of the plane.
        best: the best Gaussian of all.
        diagonal_elbo: the ELBO of the first.
        best_elbo: that of the second.
        from_mode: whether the best diagonal one was found from a mode that the encoder missed.
    """

    log_evidence: float
    encoder: float | None
    best_diagonal: Gaussian
    best: Gaussian
    diagonal_elbo: float
    best_elbo: float
    from_mode: bool

    @property
    def amortisation(self) -> float | None:
        """What a better mean and standard deviations would gain."""
        return None if self.encoder is None else self.diagonal_elbo - self.encoder

    @property
    def axes(self) -> float:
        """What a Gaussian gains whose axes may be turned."""
        return self.best_elbo - self.diagonal_elbo

    @property
    def shape(self) -> float:
        """What no Gaussian reaches."""
        return self.log_evidence - self.best_elbo


def log_joint(decode: Decode, evidence: Evidence) -> LogJoint:
    """Log p(evidence, z) of a model."""

    def at(z: Doubles) -> Doubles:
        ink, blank = log_probabilities(decode(z.astype(np.float32)))
        log_prior = -0.5 * np.square(z).sum(axis=1) - math.log(2.0 * math.pi)
        return np.asarray(log_probability(ink, blank, evidence) + log_prior)

    return at


def elbo(joint: LogJoint, gaussian: Gaussian) -> float:
    """The ELBO of a Gaussian, in nats, with as many nodes as it takes."""
    before = _elbo_and_values(joint, gaussian, _NODES)[0]
    for nodes in _FINER:
        found = _elbo_and_values(joint, gaussian, nodes)[0]
        if abs(found - before) < _TOLERANCE:
            return found
        before = found
    return before


def climb(joint: LogJoint, start: Gaussian, *, diagonal: bool) -> Generator[Climb, None, Gaussian]:
    """Climb to the best Gaussian near a start: yields each step's, the start first.

    Args:
        joint: of the posterior.
        start: where to begin; its off-diagonal covariance is left out where only diagonal ones
            are wanted.
        diagonal: whether the axes stay those of the plane.
    """
    covariance = np.diag(np.diag(start.covariance)) if diagonal else start.covariance
    here = Gaussian(start.mean, covariance)
    height, values = _elbo_and_values(joint, here, _NODES)
    yield Climb(here, height)
    for _ in range(_MOST_STEPS):
        step, gained = 1.0, 0.0
        while step >= _LEAST_STEP:
            there = _stepped(here, values, step, diagonal=diagonal)
            higher, new_values = _elbo_and_values(joint, there, _NODES)
            gained = higher - height
            if gained > 0.0:
                here, height, values = there, higher, new_values
                yield Climb(here, height)
                break
            step /= 2.0
        if gained < _SETTLED:
            break
    return here


def gaussian_fit(
    joint: LogJoint, posterior: PlanePosterior, side: int, encoder: Gaussian | None
) -> Generator[Climb, None, GaussianFit]:
    """Find the best Gaussians, from the encoder's and from each mode of the exact posterior.

    Yields the way from the encoder's Gaussian to the best diagonal one near it, for the eye; a
    decoder of the bundled size takes 10 to 20 ms a step on one thread.

    Args:
        joint: log p(evidence, z).
        posterior: the exact one.
        side: of its table.
        encoder: its own Gaussian, if the evidence is an image that it can encode.
    """
    first = None
    if encoder is not None:
        first = yield from climb(joint, encoder, diagonal=True)
    starts = list(_around_modes(posterior, side))
    others = [_end_of(climb(joint, start, diagonal=True)) for start in starts]
    found = ([] if first is None else [first]) + others
    heights = [elbo(joint, one) for one in found]
    highest = int(np.argmax(heights))
    from_mode = first is not None and heights[highest] > heights[0] + _TOLERANCE
    best_diagonal = found[highest if from_mode or first is None else 0]
    turned = [_end_of(climb(joint, one, diagonal=False)) for one in (best_diagonal, *starts)]
    turned_heights = [elbo(joint, one) for one in turned]
    diagonal_elbo = max(heights)
    return GaussianFit(
        posterior.log_evidence,
        None if encoder is None else elbo(joint, encoder),
        best_diagonal,
        turned[int(np.argmax(turned_heights))],
        diagonal_elbo,
        max(diagonal_elbo, *turned_heights),
        from_mode,
    )


def _around_modes(posterior: PlanePosterior, side: int) -> Iterable[Gaussian]:
    """A Gaussian with the moments of the cells that are nearest to each heavy mode."""
    heavy = [mode for mode in modes(posterior, side) if mode.mass >= _LEAST_MASS]
    tops = np.array([mode.z for mode in heavy]).reshape(-1, 2)
    if len(tops) == 0:
        tops = posterior.mean[None]
    z = posterior.cells.z
    nearest = np.square(z[:, None] - tops).sum(axis=2).argmin(axis=1)
    for index in range(len(tops)):
        w = np.where(nearest == index, posterior.weights, 0.0)
        w /= max(w.sum(), 1e-300)
        mean = w @ z
        off = z - mean
        within = np.square(posterior.cells.width) @ w / 12.0  # a cell is not a point
        yield Gaussian(mean, (off * w[:, None]).T @ off + within * np.eye(2))


def _elbo_and_values(joint: LogJoint, gaussian: Gaussian, nodes: int) -> tuple[float, Doubles]:
    noise, weights = _rule(nodes)
    values = joint(gaussian.at(noise))
    return float(weights @ values) + gaussian.entropy, values


def _stepped(here: Gaussian, values: Doubles, step: float, *, diagonal: bool) -> Gaussian:
    """The Gaussian after a natural gradient step, from log p at its 16 x 16 nodes (256,)."""
    noise, weights = _rule(_NODES)
    centred = weights * (values - weights @ values)  # a constant changes nothing but rounding
    slope = centred @ noise
    curvature = (noise * centred[:, None]).T @ noise
    if diagonal:
        curvature = np.diag(np.diag(curvature))
    inverse = (1.0 - step) * np.eye(2) - step * curvature
    sizes, axes = np.linalg.eigh(inverse)
    shrunk = (axes / np.clip(sizes, *_STEP_RANGE)) @ axes.T
    root = here.root
    covariance = root @ shrunk @ root.T
    return Gaussian(here.mean + step * (root @ shrunk @ slope), (covariance + covariance.T) / 2.0)


@cache  # each step of a climb asks for it, and to find the roots takes half a millisecond
def _rule(nodes: int) -> tuple[Doubles, Doubles]:
    """Points of N(0, I) (nodes^2, 2) and their weights (nodes^2,), which sum to one; read-only."""
    at, weight = np.polynomial.hermite_e.hermegauss(nodes)
    points = np.stack(np.meshgrid(at, at, indexing="ij"), axis=-1).reshape(-1, 2)
    weights = np.outer(weight, weight).ravel() / weight.sum() ** 2
    points.setflags(write=False)
    weights.setflags(write=False)
    return points, weights


def _end_of(steps: Generator[Climb, None, Gaussian]) -> Gaussian:
    while True:
        try:
            next(steps)
        except StopIteration as end:
            found: Gaussian = end.value
            return found
