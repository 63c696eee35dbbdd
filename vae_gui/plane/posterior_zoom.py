"""Zoom to a posterior, which may be smaller than a point of the plane; and back."""

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, Signal

from vae_gui.plane.canvas import Bounds
from vae_gui.plane.plane_view import PlaneView
from vae_gui.state.encoded import Array
from vae_gui.state.viewpoint import Viewpoint

if TYPE_CHECKING:
    from model.latent.best_gaussian import Gaussian
    from vae_gui.state.inference import Numbers

MASS = 0.97  # of the heavy modes, that is shown
HEAVY = 0.2  # the mass of a mode from which on it is; else the heaviest alone is
DEVIATIONS = 2.5  # of each Gaussian
MARGIN = 0.25  # of the region, on each side
FARTHER = 2.0  # times as wide a view as the region's: from there on one is not zoomed in any more
LEAST = 1e-3  # the width of a region, in the plane's units


class PosteriorZoom(QObject):
    """Shows the region of the exact posterior and of the encoder's q(z|x), and gives back the view.

    While it is zoomed in and the encoder is looked at, it follows to the next image.

    Signals:
        changed: perhaps one is no longer zoomed in, or there is something else to zoom to.
    """

    changed = Signal()

    def __init__(
        self, viewpoint: Viewpoint, plane: PlaneView, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._viewpoint = viewpoint
        self._inference = viewpoint.inference
        self._viewport = plane.viewport
        self._before: Bounds | None = None
        self._shown: Bounds | None = None  # the view of the region that was shown last
        plane.looked.connect(self.changed)
        self._inference.found.connect(self.changed)
        self._inference.encoder.changed.connect(self._follow)
        viewpoint.document.opened.connect(self._forget)

    @property
    def is_possible(self) -> bool:
        """Whether there is a posterior to zoom to, in the plane as it is shown."""
        numbers, slice_ = self._inference.numbers, self._viewpoint.slice
        is_plain = slice_.dimensions == 2 and slice_.turn is None
        return is_plain and numbers is not None and numbers.posterior is not None

    @property
    def is_in(self) -> bool:
        """Whether the region is seen that was zoomed to, and not much more."""
        if self._before is None or self._shown is None:
            return False
        bounds = self._viewport.bounds
        centre = Bounds(*np.repeat(self._shown.centre, 2).tolist())
        return bounds.width < FARTHER * self._shown.width and bounds.contains(centre)

    def toggle(self) -> None:
        """Zoom to the region, or back to what was seen before."""
        before = self._before
        if self.is_in and before is not None:
            self._before = self._shown = None
            self._viewport.show(before)
        elif self.is_possible:
            self._before = self._viewport.bounds
            self._show()
        self.changed.emit()

    def region(self) -> Bounds | None:
        """What holds the posterior and the Gaussians; None where there is none."""
        numbers, found = self._inference.numbers, self._inference.encoder.found
        if numbers is None or numbers.posterior is None:
            return None
        corners = [_corners_of_mass(numbers)]
        if found is not None and self._inference.encoder.is_wanted:
            gaussians = (found.encoder, found.fit.best_diagonal)
            corners += [_corners_of(gaussian) for gaussian in gaussians]
        points = np.concatenate(corners)
        (left, low), (right, high) = points.min(axis=0).tolist(), points.max(axis=0).tolist()
        return Bounds(left, right, low, high)

    def _show(self) -> None:
        region = self.region()
        if region is not None:
            middle, half = region.centre, max(region.width, region.height, LEAST) / 2.0
            (left, low), (right, high) = (middle - half).tolist(), (middle + half).tolist()
            self._viewport.show(Bounds(left, right, low, high).grown(MARGIN))
            self._shown = self._viewport.bounds

    def _follow(self) -> None:
        """Another image is compared: go on to it, if the last one is still seen nearby."""
        check = self._inference.encoder
        if self.is_in and check.found is not None and check.is_wanted and not check.step:
            self._show()
        self.changed.emit()

    def _forget(self) -> None:
        self._before = self._shown = None
        self.changed.emit()


def _corners_of(gaussian: "Gaussian") -> Array:
    reach = DEVIATIONS * np.sqrt(np.diag(gaussian.covariance))
    return np.stack([gaussian.mean - reach, gaussian.mean + reach])


def _corners_of_mass(numbers: "Numbers") -> Array:
    """Opposite corners (2, 2) of the densest cells around the heavy modes."""
    posterior = numbers.posterior
    assert posterior is not None
    z, width, weights = posterior.cells.z, posterior.cells.width, posterior.weights
    tops = np.array([mode.z for mode in numbers.modes]).reshape(-1, 2)
    if len(tops):
        masses = np.array([mode.mass for mode in numbers.modes])
        is_heavy = masses >= min(HEAVY, float(masses.max()))
        nearest = np.square(z[:, None] - tops).sum(axis=2).argmin(axis=1)
        weights = np.where(is_heavy[nearest], weights, 0.0)
    order = np.argsort(np.where(weights > 0.0, -posterior.log_density, np.inf))
    held = np.cumsum(weights[order])
    most = order[: int(np.searchsorted(held, MASS * held[-1])) + 1]
    half = width[most, None] / 2.0
    return np.stack([(z[most] - half).min(axis=0), (z[most] + half).max(axis=0)])
