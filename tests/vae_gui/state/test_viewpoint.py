"""Where one looks: probe and peek, the chosen image, the slice, what lies nearest."""

from dataclasses import replace

import numpy as np
import pytest
from gui_helpers import make_digits

from vae_gui.state.slice import Slice
from vae_gui.state.workspace import Workspace


def count(signal):
    calls = []
    signal.connect(lambda: calls.append(1))
    return calls


@pytest.fixture
def viewpoint(workspace):
    return workspace.viewpoint


@pytest.fixture
def in_four(make_model):
    """A workspace with a model of four dimensions and 200 digits."""
    made = Workspace()
    made.document.open(make_model(4))
    made.document.set_test(make_digits(4))
    return made


# Probe and peek


def test_the_point_is_the_peek_while_there_is_one(viewpoint):
    viewpoint.set_probe(np.array([1.0, 2.0]))
    viewpoint.set_peek(np.array([-1.0, 0.5]))
    np.testing.assert_array_equal(viewpoint.point, [-1.0, 0.5])
    np.testing.assert_array_equal(viewpoint.probe, [1.0, 2.0])
    viewpoint.set_peek(None)
    np.testing.assert_array_equal(viewpoint.point, [1.0, 2.0])


def test_a_probe_that_does_not_move_says_nothing(viewpoint):
    viewpoint.set_probe(np.array([1.0, 2.0]))
    calls = count(viewpoint.point_changed)
    viewpoint.set_probe(np.array([1.0, 2.0]))
    viewpoint.set_peek(None)
    assert not calls


def test_a_probe_that_is_set_ends_the_peek_even_where_it_stays(viewpoint):
    viewpoint.set_peek(np.array([0.5, 0.5]))
    calls = count(viewpoint.point_changed)
    viewpoint.set_probe(viewpoint.probe)
    assert viewpoint.peek is None
    assert len(calls) == 1


def test_another_model_keeps_the_probes_place_and_forgets_its_digits(workspace, make_model):
    viewpoint = workspace.viewpoint
    viewpoint.select(3)
    viewpoint.set_probe(np.array([1.0, 2.0]))
    viewpoint.set_peek(np.array([0.5, 0.5]))
    workspace.document.open(make_model(5))
    np.testing.assert_array_equal(viewpoint.probe, [1.0, 2.0, 0.0, 0.0, 0.0])
    assert workspace.document.test is None
    assert viewpoint.selected is None
    assert viewpoint.peek is None
    assert viewpoint.reading is None


@pytest.mark.parametrize("dimensions", [2, 5])
def test_the_chosen_digit_and_hidden_classes_are_those_of_another_model_of_the_same_images(
    workspace, make_model, dimensions
):
    viewpoint, appearance = workspace.viewpoint, workspace.appearance
    viewpoint.select(3)
    appearance.hide_classes(frozenset({7}))
    workspace.document.open(make_model(dimensions))
    workspace.document.set_test(make_digits(dimensions))  # equal, but not the same arrays
    assert viewpoint.selected == 3
    assert appearance.hidden_classes == {7}
    if dimensions > 2:
        assert viewpoint.slice.base_image == 3  # the plane goes through it


def test_of_other_images_nothing_is_chosen_and_nothing_hidden(workspace, make_model):
    viewpoint, appearance = workspace.viewpoint, workspace.appearance
    viewpoint.select(3)
    appearance.hide_classes(frozenset({7}))
    workspace.document.open(make_model())
    others = make_digits()
    workspace.document.set_test(replace(others, images=others.images[::-1].copy()))
    assert viewpoint.selected is None
    assert appearance.hidden_classes == frozenset()
    workspace.document.open(make_model())
    workspace.document.set_test(make_digits())  # what was chosen two models ago is forgotten
    assert viewpoint.selected is None


# What is nearest


def test_nearest_is_the_nearest_of_all(viewpoint):
    z = np.array([0.3, -0.2])
    nearest = viewpoint.nearest_to(z)
    distances = [np.hypot(*(mean - z)) for mean in viewpoint.document.test.means]
    assert nearest.index == int(np.argmin(distances))
    assert np.isclose(nearest.distance, min(distances))


def test_the_nearest_few_are_in_the_order_of_their_distance(viewpoint):
    z = np.array([0.3, -0.2])
    found = viewpoint.nearest_few(z, 7)
    distances = np.linalg.norm(viewpoint.document.test.means - z, axis=1)
    order = np.argsort(distances)[:7]
    assert [nearest.index for nearest in found] == order.tolist()
    np.testing.assert_allclose([nearest.distance for nearest in found], distances[order])


def test_there_is_no_nearest_before_the_digits_are_encoded(make_model):
    workspace = Workspace()
    workspace.document.open(make_model())
    assert workspace.viewpoint.nearest_to(np.zeros(2)) is None
    assert workspace.viewpoint.nearest_few(np.zeros(2), 5) == []
    assert not workspace.viewpoint.hides_all
    workspace.viewpoint.select_nearest(np.zeros(2))
    assert workspace.viewpoint.selected is None


def test_hidden_classes_are_not_found_and_the_point_is_read_anew(workspace, viewpoint):
    calls = count(viewpoint.point_changed)
    z = workspace.document.test.means[42]
    workspace.appearance.solo_class(5, 10)
    assert calls
    assert workspace.document.test.labels[viewpoint.nearest_to(z).index] == 5
    workspace.appearance.hide_classes(frozenset(range(10)))
    assert viewpoint.hides_all
    assert viewpoint.nearest_to(z) is None
    viewpoint.select_nearest(z)
    assert viewpoint.selected is None


# The chosen image


def test_selecting_moves_the_probe_exactly_to_the_mean(viewpoint):
    viewpoint.select(17)
    assert viewpoint.selected == 17
    np.testing.assert_array_equal(viewpoint.probe, viewpoint.document.test.means[17])
    np.testing.assert_array_equal(viewpoint.place_of(17), viewpoint.document.test.means[17])


def test_selecting_the_nearest_takes_the_one_that_is_drawn_nearest(viewpoint):
    viewpoint.select_nearest(viewpoint.document.test.means[8] + 1e-6)
    assert viewpoint.selected == 8


# More than two dimensions


def test_in_more_dimensions_the_plane_goes_through_the_selected_digit(in_four):
    viewpoint, digits = in_four.viewpoint, in_four.document.test
    middle = int(np.argmin((digits.means**2).sum(axis=1)))
    assert viewpoint.slice.base_image == viewpoint.selected == middle
    calls = count(viewpoint.slice_changed)
    viewpoint.select(3)
    assert len(calls) == 1
    np.testing.assert_array_equal(viewpoint.slice.base, digits.means[3])
    np.testing.assert_array_equal(viewpoint.probe, digits.means[3])
    viewpoint.set_probe(viewpoint.slice.to_latent(np.array([1.0, 1.0])))
    viewpoint.select(3)  # back to it, in the same slice
    assert len(calls) == 1
    np.testing.assert_array_equal(viewpoint.probe, digits.means[3])


def test_in_more_dimensions_nearest_is_what_is_drawn_nearest(in_four):
    viewpoint, means = in_four.viewpoint, in_four.document.test.means
    z = viewpoint.slice.to_latent(np.array([0.5, 0.5]))
    nearest = viewpoint.nearest_to(z)
    in_plane = np.hypot(*(means[:, :2] - [0.5, 0.5]).T)
    assert nearest.index == int(np.argmin(in_plane))
    assert np.isclose(nearest.distance, np.linalg.norm(means[nearest.index] - z))


def test_along_other_axes_all_goes_by_these(in_four):
    viewpoint, means = in_four.viewpoint, in_four.document.test.means
    viewpoint.go_to(Slice(means[3].copy(), 3, axes=(2, 0)), 3, means[3])
    z = viewpoint.slice.to_latent(np.array([0.5, -0.5]))
    assert (z[2], z[0]) == (0.5, -0.5)
    np.testing.assert_array_equal(z[[1, 3]], means[3][[1, 3]])
    in_plane = np.hypot(means[:, 2] - 0.5, means[:, 0] + 0.5)
    assert viewpoint.nearest_to(z).index == int(np.argmin(in_plane))
    np.testing.assert_array_equal(viewpoint.place_of(8), means[8][[2, 0]])
    viewpoint.select(8)
    assert viewpoint.slice.axes == (2, 0)
    np.testing.assert_array_equal(viewpoint.slice.base, means[8])


# Going back


def test_going_to_a_place_tells_only_what_changes(in_four):
    viewpoint = in_four.viewpoint
    viewpoint.select(3)
    here = viewpoint.slice, viewpoint.selected, viewpoint.probe
    told = [
        count(signal)
        for signal in (
            viewpoint.selection_changed,
            viewpoint.slice_changed,
            viewpoint.point_changed,
        )
    ]
    viewpoint.go_to(*here)
    assert [len(calls) for calls in told] == [0, 0, 0]
    viewpoint.select(8)
    viewpoint.go_to(*here)
    assert [len(calls) for calls in told] == [2, 2, 2]
    assert viewpoint.selected == 3
    np.testing.assert_array_equal(viewpoint.slice.base, in_four.document.test.means[3])
    np.testing.assert_array_equal(viewpoint.probe, here[2])
