"""Paths drawn taut, against geodesics of known surfaces, and lengths measured by decoding."""

import numpy as np
import pytest
import surfaces
from test_geometry import made

from model.latent.fisher_distances import EdgeNetwork
from model.latent.fisher_length import LONGEST, measured
from model.latent.geodesic import (
    at_shares,
    energy,
    evenly_spaced,
    relaxed,
    smoothed,
    subdivided,
)
from model.latent.geometry import angles

A, B = np.array([-0.62, 0.66]), np.array([0.83, 0.57])
SURFACES = [surfaces.plane, surfaces.cylinder, surfaces.sphere]


def test_the_gradient_of_the_energy_is_its_difference():
    grid = made(surfaces.decoder_of(surfaces.sphere), 11)
    path = np.linspace(A, B, 9) + 0.03 * np.random.default_rng(2).normal(size=(9, 2))
    _, slope = energy(grid, path)
    for place in (1, 4, 7):
        for axis in (0, 1):
            there, back = path.copy(), path.copy()
            there[place, axis] += 1e-6
            back[place, axis] -= 1e-6
            difference = (energy(grid, there)[0] - energy(grid, back)[0]) / 2e-6
            assert slope[place - 1, axis] == pytest.approx(difference, rel=1e-4)


def test_in_a_flat_plane_a_crooked_path_becomes_the_straight_line():
    grid = made(surfaces.decoder_of(surfaces.plane))
    crooked = np.array([A, [-0.9, -0.9], [0.2, -0.1], B])
    taut = relaxed(grid, crooked, 40)
    across = np.cross(np.append(B - A, 0.0), np.append(taut - A, np.zeros((len(taut), 1)), 1))
    assert np.abs(across[:, 2]).max() < 0.005
    np.testing.assert_array_equal(taut[[0, -1]], [A, B])


def test_on_a_sphere_it_becomes_the_great_circle():
    decode = surfaces.decoder_of(surfaces.sphere)
    grid = made(decode, 61)
    taut = relaxed(grid, EdgeNetwork(grid).from_point(A).path_to(B), 40)
    exact = surfaces.on_sphere(A, B)
    assert measured(decode, taut).length == pytest.approx(exact, rel=2e-3)
    ends = [surfaces.sphere(point[None])[0] for point in (A, B)]
    normal = np.cross(*ends)
    off = surfaces.sphere(taut) @ (normal / np.linalg.norm(normal))
    assert np.abs(off).max() < 0.02  # the points lie in the plane of the great circle
    parallel = measured(decode, np.stack([A, B]))
    assert parallel.length > 1.03 * exact


@pytest.mark.parametrize("surface", SURFACES)
def test_refined_is_no_longer_than_the_grid_path_nor_that_than_the_line_and_none_beats_the_chord(
    surface,
):
    decode = surfaces.decoder_of(surface)
    grid = made(decode, 41)
    way = EdgeNetwork(grid).from_point(A).path_to(B)
    lengths = [measured(decode, p).length for p in (relaxed(grid, way, 30), way)]
    straight = measured(decode, np.stack([A, B]))
    assert straight.chord <= lengths[0] * (1.0 + 1e-6)
    assert lengths[0] <= lengths[1] * (1.0 + 1e-4)
    assert lengths[1] <= straight.length * 1.014  # edges have 32 directions
    direct = np.linalg.norm(np.diff(angles(decode(np.stack([A, B]))), axis=0))
    assert straight.chord == pytest.approx(direct, rel=1e-6)


def test_there_and_back_are_equally_long():
    decode = surfaces.decoder_of(surfaces.sphere)
    grid = made(decode, 41)
    network = EdgeNetwork(grid)
    there, back = (
        measured(decode, relaxed(grid, network.from_point(a).path_to(b), 40)).length
        for a, b in ((A, B), (B, A))
    )
    assert there == pytest.approx(back, rel=1e-3)


def test_a_measured_length_is_that_of_a_much_finer_sum():
    decode = surfaces.decoder_of(surfaces.sphere)
    path = np.array([A, [0.1, -0.6], B])
    found = measured(decode, path)
    assert found.lengths.max() <= LONGEST * (1.0 + 1e-3)
    fine = angles(decode(subdivided(path, 1e-3))).astype(np.float64)
    assert found.length == pytest.approx(
        np.linalg.norm(np.diff(fine, axis=0), axis=1).sum(), rel=3e-3
    )
    np.testing.assert_array_equal(found.points[[0, -1]], path[[0, -1]])


def test_equal_steps_are_equally_long():
    decode = surfaces.decoder_of(surfaces.sphere)
    stops = measured(decode, np.array([A, [0.1, -0.6], B])).at_equal_steps(7)
    chords = np.linalg.norm(np.diff(angles(decode(stops)), axis=0), axis=1)
    # the corner cuts one of them short
    assert np.sort(chords)[1:].std() < 0.03 * chords.mean()
    grid = made(decode, 41)
    parts = grid.lengths(evenly_spaced(grid, np.array([A, [0.1, -0.6], B]), 60))
    assert np.sort(parts)[1:].std() < 0.02 * parts.mean()


def test_a_path_without_any_length_is_a_straight_line():
    path = np.array([[0.0, 0.0], [1.0, 2.0], [2.0, 4.0]])
    np.testing.assert_allclose(
        at_shares(path, np.zeros(2), np.array([0.25, 0.5])), [[0.5, 1.0], [1.0, 2.0]]
    )
    still = measured(lambda z: np.zeros((len(z), 784), dtype=np.float32), path)
    assert still.length == still.chord == 0.0
    np.testing.assert_allclose(still.at_equal_steps(3)[1], [1.0, 2.0])


def test_a_smoothed_path_keeps_its_ends_and_gets_no_longer():
    grid = made(surfaces.decoder_of(surfaces.sphere), 41)
    way = EdgeNetwork(grid).from_point(A).path_to(B)
    smooth = smoothed(grid, way, 60)
    np.testing.assert_array_equal(smooth[[0, -1]], [A, B])
    turns = [
        np.abs(np.diff(path, n=2, axis=0)).max() for path in (smooth, evenly_spaced(grid, way, 60))
    ]
    assert turns[0] < 0.6 * turns[1]
    assert grid.lengths(smooth).sum() <= grid.lengths(subdivided(way, 0.02)).sum() * (1.0 + 1e-6)
