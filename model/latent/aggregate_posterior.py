"""The aggregate posterior: the average of the posteriors of a set of labelled images.

    q(z) = 1/N sum over N images of q(z|x)

It is a mixture of N Gaussians; a density estimated from their N means would be another one. The
same sum over the images of one class is q(z, label), and p(label|z) is its share of q(z).

On a grid it is averaged over each cell, not evaluated at its centre: otherwise a q(z|x) narrower
than the cells would be seen or missed by chance. q(z|x) has no correlations, so the average is a
product of two differences of the normal distribution function, and the sum over images is one
matrix product.

Shapes: N images, D latent dimensions, K classes, M points. Densities are per unit of z, in D
dimensions; on a grid, in the two of the plane.

Source: Hoffman and Johnson 2016, "ELBO surgery", which calls it the average encoding distribution.
"""

import math

import torch
from torch import Tensor

from model.latent.point_density import NARROWEST
from model.network.densities import Posterior

_IMAGES_AT_ONCE = 5000
_PAIRS_AT_ONCE = 1_000_000

# Standard deviations beyond which a q(z|x) is left out of a sum, and the smallest ratio of the sum
# to the bound on the rest: with it no share is wrong by more than a millionth.
_REACH = 8.0
_CERTAIN = 1e6


class AggregatePosterior:
    """The mixture of the posteriors of N labelled images."""

    def __init__(self, posterior: Posterior, labels: Tensor, classes: int) -> None:
        """Keep the posteriors, sorted by class.

        Args:
            posterior: of N images; at least one.
            labels: (N,) whole numbers below `classes`.
            classes: K.

        Raises:
            ValueError: there are no images.
        """
        if len(labels) == 0:
            raise ValueError("an aggregate posterior needs at least one image")
        order = torch.argsort(labels, stable=True)
        self._mean = posterior.mean[order]
        self._deviation = posterior.standard_deviation[order].clamp_min(NARROWEST)
        self._labels = labels[order]
        self.classes = classes
        counts = torch.bincount(self._labels, minlength=classes).tolist()
        self._counts = counts

    def __len__(self) -> int:
        """N."""
        return len(self._labels)

    @torch.inference_mode()
    def shares_at(self, z: Tensor) -> Tensor:
        """P(label | z) at points z (M, D): (M, K) float64; each row sums to one.

        A q(z|x) that reaches none of the points is left out. The closer together the points lie,
        the more are left out: 10,000 points that are cut into `neighbourhoods` take a second, not a
        minute. Where the bound on the rest is not negligible, all terms are summed, relative to the
        largest: shares are defined however far a point lies from all images.
        """
        z = z.double()
        mean, deviation = self._mean.to(z), self._deviation.to(z)
        low, high = z.amin(dim=0), z.amax(dim=0)
        beyond = torch.maximum(low - mean, mean - high).clamp_min_(0.0).div_(deviation)
        near = beyond.square_().sum(dim=1) < _REACH**2
        densities = self._densities(z, mean[near], deviation[near])
        found = z.new_zeros(len(z), self.classes).index_add_(1, self._labels[near], densities)
        peaks = torch.exp(-deviation.log().sum(dim=1)) * (2.0 * math.pi) ** (-z.shape[1] / 2.0)
        left_out = peaks.sum() * math.exp(-0.5 * _REACH**2)
        doubtful = ~(found.sum(dim=1) > _CERTAIN * left_out)  # also where both are infinite
        found[doubtful] = self._relative(z[doubtful], mean, deviation)
        return found / found.sum(dim=1, keepdim=True)

    def _relative(self, z: Tensor, mean: Tensor, deviation: Tensor) -> Tensor:
        """The sums over the images of each class, relative to each point's largest term: (M, K)."""
        found = z.new_empty(len(z), self.classes)
        points = max(1, _PAIRS_AT_ONCE // len(self))
        for start in range(0, len(z), points):
            some = slice(start, start + points)
            terms = torch.softmax(self._log_densities(z[some], mean, deviation), dim=1)
            by_class = torch.split(terms, self._counts, dim=1)
            found[some] = torch.stack([of_class.sum(dim=1) for of_class in by_class], dim=1)
        return found

    def _densities(self, z: Tensor, mean: Tensor, deviation: Tensor) -> Tensor:
        """Q(z|x) of points (M, D) under B posteriors: (M, B)."""
        return self._log_densities(z, mean, deviation).exp_()

    def _log_densities(self, z: Tensor, mean: Tensor, deviation: Tensor) -> Tensor:
        """Log q(z|x) of points (M, D) under B posteriors: (M, B)."""
        squares = z.new_zeros(len(z), len(mean))
        for axis in range(z.shape[1]):
            difference = (z[:, axis, None] - mean[:, axis]) / deviation[:, axis]
            squares.addcmul_(difference, difference)
        norm = deviation.log().sum(dim=1) + 0.5 * z.shape[1] * math.log(2.0 * math.pi)
        return squares.mul_(-0.5).sub_(norm)

    @torch.inference_mode()
    def on_cells(
        self,
        edges_1: Tensor,
        edges_2: Tensor,
        base: Tensor | None = None,
        axes: tuple[int, int] = (0, 1),
    ) -> Tensor:
        """Q(z, label), averaged over the cells of a grid in a plane along two axes: (K, A, B).

        Args:
            edges_1: (A + 1,) rising values along the plane's first axis, the cells' edges.
            edges_2: (B + 1,) along its second.
            base: with more than two dimensions, a point (D,) of the plane. The result is then the
                density on that plane given the other coordinates, which integrates to one there.
            axes: the two axes, of D.

        Raises:
            ValueError: there are fewer than two latent dimensions, or more and no base.
        """
        dimensions = self._mean.shape[1]
        if dimensions < 2 or (dimensions > 2 and base is None):
            raise ValueError("cells lie in a plane of at least two latent dimensions")
        weights = self._weights(base, axes)
        found = []
        start = 0
        for count in self._counts:
            stop = start + count
            found.append(self._mass((edges_1, edges_2), axes, weights, slice(start, stop)))
            start = stop
        widths = edges_1.diff().unsqueeze(1) * edges_2.diff()
        return torch.stack(found) / widths

    def _weights(self, base: Tensor | None, axes: tuple[int, int]) -> Tensor:
        """The weight of each image on the plane through `base`: (N,); they sum to one."""
        others = [axis for axis in range(self._mean.shape[1]) if axis not in axes]
        if base is None or not others:
            return torch.full((len(self),), 1.0 / len(self), device=self._mean.device)
        deviation = self._deviation[:, others].double()
        off = (base.to(self._mean) - self._mean)[:, others] / deviation
        log_density = -0.5 * off.square().sum(dim=1) - deviation.log().sum(dim=1)
        return torch.softmax(log_density, dim=0).to(self._mean)

    def _mass(
        self, edges: tuple[Tensor, Tensor], axes: tuple[int, int], weights: Tensor, images: slice
    ) -> Tensor:
        """The mass in each cell of some of the images: (A, B)."""
        total = self._mean.new_zeros(len(edges[0]) - 1, len(edges[1]) - 1)
        for first in range(images.start, images.stop, _IMAGES_AT_ONCE):
            some = slice(first, min(images.stop, first + _IMAGES_AT_ONCE))
            rows = self._shares(edges[0], some, axes[0]) * weights[some, None]
            total.addmm_(rows.T, self._shares(edges[1], some, axes[1]))
        return total

    def _shares(self, edges: Tensor, images: slice, axis: int) -> Tensor:
        """The mass of each q(z|x) between neighbouring edges along an axis: (B, cells)."""
        mean, deviation = self._mean[images, axis, None], self._deviation[images, axis, None]
        shares: Tensor = torch.special.ndtr((edges.to(mean) - mean) / deviation).diff(dim=1)
        return shares


def neighbourhoods(z: Tensor, size: int, axes: tuple[int, int] = (0, 1)) -> list[Tensor]:
    """Cut M points (M, D) into groups of up to `size` that lie close together along two axes.

    Returns their indices, each index in one group: (size,) each, fewer in the last of a strip.
    """
    first, second = (min(axis, z.shape[1] - 1) for axis in axes)  # on a line they are one
    in_strip = size * max(1, round(math.sqrt(len(z) / size)))
    groups: list[Tensor] = []
    for strip in torch.split(torch.argsort(z[:, first]), in_strip):
        along = torch.argsort(z[strip, second])
        groups += torch.split(strip[along], size)
    return groups


def prior_on_cells(edges_1: Tensor, edges_2: Tensor) -> Tensor:
    """N(0, I), averaged over the cells of a grid as `AggregatePosterior.on_cells` is: (A, B)."""
    shares = [torch.special.ndtr(edges).diff() for edges in (edges_1, edges_2)]
    widths = [edges.diff() for edges in (edges_1, edges_2)]
    return torch.outer(shares[0] / widths[0], shares[1] / widths[1])
