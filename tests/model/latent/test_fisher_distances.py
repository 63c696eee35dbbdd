"""Distances by sweeps, against Dijkstra's algorithm written out, and against known surfaces."""

import heapq

import numpy as np
import pytest
import surfaces
from test_geometry import made

from model.latent.fisher_distances import OFFSETS, EdgeNetwork
from model.latent.geodesic import subdivided
from model.latent.geometry import MetricGrid, squared_lengths

A, B = np.array([-0.62, -0.71]), np.array([0.83, 0.47])


def rough(side=15, seed=1):
    """A metric without any rule."""
    numbers = np.random.default_rng(seed)
    f = numbers.normal(size=(side, side, 2, 2)) * numbers.uniform(1.0, 9.0, size=(side, side, 1, 1))
    g = f @ f.swapaxes(-1, -2)
    packed = np.stack([g[..., 0, 0], g[..., 0, 1], g[..., 1, 1]], axis=-1)
    return MetricGrid(np.array([-1.0, -1.0]), 2.0 / (side - 1), packed)


def edge(grid, one, other):
    """The length of an edge: the metric along it by bilinear interpolation, summed finely."""
    ends = [grid.low + grid.step * np.array(node) for node in (one, other)]
    count = 2 * np.abs(np.subtract(other, one)).max()
    speeds = np.sqrt(
        squared_lengths(grid.at(np.linspace(*ends, count + 1)), (ends[1] - ends[0])[None])
    )
    return float(np.trapezoid(speeds) / count)


def dijkstra(grid, start):
    """Distances from a node to all others."""
    counts = grid.metric.shape[:2]
    found, queue = {start: 0.0}, [(0.0, start)]
    steps = [(s * a, s * b) for a, b in OFFSETS for s in (1, -1)]
    while queue:
        so_far, node = heapq.heappop(queue)
        if so_far > found[node]:
            continue
        for a, b in steps:
            other = node[0] + a, node[1] + b
            if not (0 <= other[0] < counts[0] and 0 <= other[1] < counts[1]):
                continue
            total = so_far + edge(grid, node, other)
            if total < found.get(other, np.inf):
                found[other] = total
                heapq.heappush(queue, (total, other))
    return np.array([[found[i, j] for j in range(counts[1])] for i in range(counts[0])])


def test_sweeps_find_what_dijkstra_finds():
    grid = rough(11)
    found = EdgeNetwork(grid).from_point(grid.low + grid.step * np.array([3, 7])).at_nodes
    assert found[3, 7] == pytest.approx(0.0, abs=1e-6)
    expected = dijkstra(grid, (3, 7))
    far = np.maximum(*np.abs(np.indices((11, 11)) - [[[3]], [[7]]])) > 2
    np.testing.assert_allclose(found[far], expected[far], rtol=0.02)  # it may start straight
    assert (found[far] < expected[far] * 1.001).all()


def test_on_a_flat_plane_distances_are_straight_lines():
    grid = made(surfaces.decoder_of(surfaces.plane))
    found = EdgeNetwork(grid).from_point(A).at_nodes
    z = grid.low + grid.step * np.indices((31, 31)).transpose(1, 2, 0)
    expected = np.linalg.norm((z - A) * [5.0, 2.5], axis=-1)
    assert (found > expected - 0.02).all()
    assert (found < 1.046 * expected + 0.05).all()  # stretched two to one


@pytest.mark.parametrize("surface", [surfaces.cylinder, surfaces.sphere])
def test_on_a_curved_surface_they_are_its_geodesics(surface):
    grid = made(surfaces.decoder_of(surface), 41)
    distances = EdgeNetwork(grid).from_point(A)
    exact = surfaces.on_sphere(A, B)
    if surface is surfaces.cylinder:
        exact = surfaces.TIMES * np.linalg.norm(B - A)
    way = distances.path_to(B)
    length = grid.lengths(way).sum()
    assert 0.998 * exact < length < 1.014 * exact


def test_there_and_back_are_equally_long():
    for grid in (rough(25), made(surfaces.decoder_of(surfaces.sphere))):
        network = EdgeNetwork(grid)
        there = grid.lengths(network.from_point(A).path_to(B)).sum()
        back = grid.lengths(network.from_point(B).path_to(A)).sum()
        assert there == pytest.approx(back, rel=0.02)
        here, far = (3, 4), (20, 17)
        ends = [grid.low + grid.step * np.array(node) for node in (here, far)]
        one, other = (network.from_point(end).at_nodes for end in ends)
        assert one[far] == pytest.approx(other[here], rel=1e-5)


def test_a_path_begins_and_ends_where_it_was_asked_to_and_is_as_long_as_its_distance():
    grid = made(surfaces.decoder_of(surfaces.sphere), 25)
    distances = EdgeNetwork(grid).from_point(A)
    way = distances.path_to(B)
    np.testing.assert_array_equal(way[[0, -1]], [A, B])
    node = grid.low + grid.step * np.array([20, 17])
    way = distances.path_to(node)
    steps = np.diff(np.round((way[1:-1] - grid.low) / grid.step).astype(int), axis=0)
    assert np.abs(steps).max() <= 3
    length = grid.lengths(subdivided(way, 0.01)).sum()
    assert length == pytest.approx(float(distances.at_nodes[20, 17]), rel=3e-3)


def test_a_way_is_no_longer_than_the_straight_line():
    grid = made(surfaces.decoder_of(surfaces.sphere), 41)
    distances = EdgeNetwork(grid).from_point(A)
    for end in (B, A + 0.02, A + np.array([0.08, 0.03]), np.array([1.0, -1.0])):
        line = np.linspace(A, end, 80)
        way = distances.path_to(end)
        assert grid.lengths(way).sum() <= 1.014 * grid.lengths(line).sum() + 1e-6


def test_half_the_step_changes_distances_little():
    found = [
        EdgeNetwork(made(surfaces.decoder_of(surfaces.sphere), side)).from_point(A).at_nodes
        for side in (21, 41)
    ]
    np.testing.assert_allclose(found[0], found[1][::2, ::2], rtol=0.01, atol=0.15)


def test_the_least_grid_and_one_without_any_length_have_paths():
    for metric in (np.zeros((2, 2, 3)), np.ones((2, 3, 3)), np.zeros((9, 9, 3))):
        grid = MetricGrid(np.zeros(2), 0.5, metric)
        way = EdgeNetwork(grid).from_point(np.array([0.1, 0.1])).path_to(np.array([0.4, 0.5]))
        assert np.isfinite(way).all()
        np.testing.assert_array_equal(way[-1], [0.4, 0.5])
