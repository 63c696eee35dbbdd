"""Paths through a surveyed plane: found under the hand, then drawn taut and measured in a worker.

Free of Qt.
"""

from collections.abc import Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vae_gui.jobs.plane_survey import Cost, Survey
from vae_gui.state.encoded import Array

if TYPE_CHECKING:
    from model.latent.fisher_distances import Distances

STEPS = 40  # of drawing a path taut
SEGMENTS = 60  # of a path under the hand
RINGS = 8  # of equal distance, at most


@dataclass(frozen=True, eq=False)
class FoundPath:
    """A path and the straight line between the same ends.

    Attributes:
        points: of the path, (N, 2), in the plane.
        length: its Fisher length.
        straight: the straight line's.
        least: the least density of the aggregate posterior on the path; None: not known.
        least_straight: that on the straight line.
        is_measured: whether the lengths were measured by decoding, not taken from the grid.
    """

    points: Array
    length: float
    straight: float
    least: float | None
    least_straight: float | None
    is_measured: bool = False


@dataclass(frozen=True, eq=False)
class Stops:
    """Decoded places of a path, at equal Fisher steps.

    Attributes:
        places: (N, 2), in the plane.
        images: their decoded means, (N, 28, 28).
    """

    places: Array
    images: NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Reach:
    """All that is known of ways from one point.

    Attributes:
        survey: of the plane.
        cost: what they are short in.
        distances: to all nodes.
        rings: lines of equal Fisher distance, whatever the cost: by the distance, segments from and
            to, (M, 2, 2).
    """

    survey: Survey
    cost: Cost
    distances: "Distances"
    rings: tuple[tuple[float, Array], ...]


def reach_from(start: Array, survey: Survey, cost: Cost) -> Generator[Reach, None, None]:
    """Find the distances from a point (2,), the ways, and the rings of equal distance."""
    from model.latent.isolines import isoline
    from vae_gui.style.scales import round_ticks

    grid = survey.grid
    distances = survey.networks[cost].from_point(start).prepare()
    by_length = distances
    if cost is not Cost.LENGTH:
        by_length = survey.networks[Cost.LENGTH].from_point(start)
    values = by_length.at_nodes.astype(np.float64)
    farthest = float(np.quantile(values[np.isfinite(values)], 0.9))
    least = farthest / RINGS
    levels = round_ticks(0.5 * least, farthest, least) if least > 0.0 else []
    rings = tuple((level, isoline(values, level, grid.low, grid.step)) for level in levels)
    yield Reach(survey, cost, distances, rings)


def path_now(reach: Reach, end: Array) -> FoundPath:
    """The path to a point (2,), as good as some milliseconds allow."""
    from model.latent.geodesic import smoothed, subdivided

    survey, along_edges = reach.survey, reach.distances.path_to(end)
    grid = survey.grid
    points = smoothed(reach.distances.network.grid, along_edges, SEGMENTS)
    straight = subdivided(points[[0, -1]], grid.step)
    length, direct = (float(grid.lengths(path).sum()) for path in (points, straight))
    if reach.cost is Cost.LENGTH and direct < length:
        points, length = straight, direct
    least, least_straight = _densities(survey, points)
    return FoundPath(points, length, direct, least, least_straight)


def decode_stops(reach: Reach, found: FoundPath, count: int) -> Generator[Stops, None, None]:
    """Decode so many places of a path, at equal Fisher steps by the grid."""
    from model.latent.geodesic import evenly_spaced
    from model.latent.threads import use_threads

    use_threads(1)
    yield _stops(reach, evenly_spaced(reach.survey.grid, found.points, count - 1))


def measure(reach: Reach, found: FoundPath, count: int) -> Generator[object, None, None]:
    """Draw a path taut; measure it and the straight line by decoding; decode so many stops.

    By Fisher length the best of three is taken: the taut path, the one along the grid's edges, and
    the straight line.
    """
    from model.latent.fisher_length import measured
    from model.latent.geodesic import relaxed
    from model.latent.threads import use_threads

    use_threads(1)
    decoder = reach.survey.decoder
    ends = found.points[[0, -1]]
    along_edges = reach.distances.path_to(ends[1])
    taut = relaxed(reach.distances.network.grid, along_edges, STEPS)
    yield None
    straight = measured(decoder, ends)
    yield None
    best = measured(decoder, taut)
    if reach.cost is Cost.LENGTH:
        yield None
        best = min((best, measured(decoder, along_edges), straight), key=lambda path: path.length)
    least, least_straight = _densities(reach.survey, best.points)
    yield FoundPath(
        best.points, best.length, straight.length, least, least_straight, is_measured=True
    )
    yield _stops(reach, best.at_equal_steps(count))


def _stops(reach: Reach, places: Array) -> Stops:
    return Stops(places, reach.survey.decoder.images(places))


def _densities(survey: Survey, points: Array) -> tuple[float | None, float | None]:
    """The least density on a path and on the straight line between its ends."""
    if survey.density is None:
        return None, None
    from model.latent.geodesic import subdivided

    straight = subdivided(points[[0, -1]], 0.5 * survey.grid.step)
    along, across = (survey.density.least_along(path) for path in (points, straight))
    return along, across
