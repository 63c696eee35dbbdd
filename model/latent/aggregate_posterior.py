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

from model.network.densities import Posterior

_IMAGES_AT_ONCE = 5000

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
        self._deviation = torch.exp(0.5 * posterior.log_variance[order])
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
        doubtful = found.sum(dim=1) < _CERTAIN * left_out
        found[doubtful] = self._relative(z[doubtful], mean, deviation)
        return found / found.sum(dim=1, keepdim=True)

    def _relative(self, z: Tensor, mean: Tensor, deviation: Tensor) -> Tensor:
        """The sums over the images of each class, up to a factor of each point's own: (M, K)."""
        found = z.new_zeros(len(z), self.classes)
        for i, point in enumerate(z):
            terms = torch.softmax(self._log_densities(point.unsqueeze(0), mean, deviation), dim=1)
            found[i].index_add_(0, self._labels, terms[0])
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
    def on_cells(self, edges_1: Tensor, edges_2: Tensor, base: Tensor | None = None) -> Tensor:
        """Q(z, label), averaged over the cells of a grid in the plane: (K, A, B).

        Args:
            edges_1: (A + 1,) rising values of z1, the cells' edges.
            edges_2: (B + 1,) of z2.
            base: with more than two dimensions, a point (D,) of the plane. The result is then the
                density on that plane, q(z1, z2, label | the other coordinates), which integrates to
                one there.

        Raises:
            ValueError: there are fewer than two latent dimensions, or more and no base.
        """
        dimensions = self._mean.shape[1]
        if dimensions < 2 or (dimensions > 2 and base is None):
            raise ValueError("cells lie in a plane of at least two latent dimensions")
        weights = self._weights(base)
        found = []
        start = 0
        for count in self._counts:
            stop = start + count
            found.append(self._mass(edges_1, edges_2, weights, start, stop))
            start = stop
        widths = edges_1.diff().unsqueeze(1) * edges_2.diff()
        return torch.stack(found) / widths

    def _weights(self, base: Tensor | None) -> Tensor:
        """The weight of each image on the plane through `base`: (N,); they sum to one."""
        if self._mean.shape[1] == 2:
            return torch.full((len(self),), 1.0 / len(self), device=self._mean.device)
        assert base is not None
        off = (base.to(self._mean) - self._mean)[:, 2:] / self._deviation[:, 2:]
        log_density = -0.5 * off.square().sum(dim=1) - self._deviation[:, 2:].log().sum(dim=1)
        return torch.softmax(log_density, dim=0)

    def _mass(
        self, edges_1: Tensor, edges_2: Tensor, weights: Tensor, start: int, stop: int
    ) -> Tensor:
        """The mass in each cell of the images from `start` to `stop`: (A, B)."""
        total = self._mean.new_zeros(len(edges_1) - 1, len(edges_2) - 1)
        for first in range(start, stop, _IMAGES_AT_ONCE):
            some = slice(first, min(stop, first + _IMAGES_AT_ONCE))
            rows = self._shares(edges_1, some, 0) * weights[some, None]
            total.addmm_(rows.T, self._shares(edges_2, some, 1))
        return total

    def _shares(self, edges: Tensor, images: slice, axis: int) -> Tensor:
        """The mass of each q(z|x) between neighbouring edges along an axis: (B, cells)."""
        mean, deviation = self._mean[images, axis, None], self._deviation[images, axis, None]
        shares: Tensor = torch.special.ndtr((edges.to(mean) - mean) / deviation).diff(dim=1)
        return shares


def neighbourhoods(z: Tensor, size: int) -> list[Tensor]:
    """Cut M points (M, D) into groups of up to `size` that lie close together in z1 and z2.

    Returns their indices, each index in one group: (size,) each, fewer in the last of a strip.
    """
    in_strip = size * max(1, round(math.sqrt(len(z) / size)))
    groups: list[Tensor] = []
    for strip in torch.split(torch.argsort(z[:, 0]), in_strip):
        along = torch.argsort(z[strip, min(1, z.shape[1] - 1)])
        groups += torch.split(strip[along], size)
    return groups


def prior_on_cells(edges_1: Tensor, edges_2: Tensor) -> Tensor:
    """N(0, I), averaged over the cells of a grid as `AggregatePosterior.on_cells` is: (A, B)."""
    shares = [torch.special.ndtr(edges).diff() for edges in (edges_1, edges_2)]
    widths = [edges.diff() for edges in (edges_1, edges_2)]
    return torch.outer(shares[0] / widths[0], shares[1] / widths[1])
