import numpy as np
from gui_helpers import make_digits

from vae_gui.state.workspace import Workspace


def count(signal):
    calls = []
    signal.connect(lambda: calls.append(1))
    return calls


def test_the_point_is_the_peek_while_there_is_one(workspace):
    workspace.viewpoint.set_probe(np.array([1.0, 2.0]))
    workspace.viewpoint.set_peek(np.array([-1.0, 0.5]))
    np.testing.assert_array_equal(workspace.viewpoint.point, [-1.0, 0.5])
    workspace.viewpoint.set_peek(None)
    np.testing.assert_array_equal(workspace.viewpoint.point, [1.0, 2.0])


def test_a_probe_that_does_not_move_says_nothing(workspace):
    workspace.viewpoint.set_probe(np.array([1.0, 2.0]))
    calls = count(workspace.viewpoint.point_changed)
    workspace.viewpoint.set_probe(np.array([1.0, 2.0]))
    workspace.viewpoint.set_peek(None)
    assert not calls


def test_another_model_keeps_the_probes_place_and_forgets_its_digits(workspace, make_model):
    workspace.viewpoint.set_probe(np.array([1.0, 2.0]))
    workspace.viewpoint.select(3)
    workspace.viewpoint.set_probe(np.array([1.0, 2.0]))
    workspace.document.open(make_model(5))
    np.testing.assert_array_equal(workspace.viewpoint.probe, [1.0, 2.0, 0.0, 0.0, 0.0])
    assert workspace.document.test is None
    assert workspace.viewpoint.selected is None
    assert workspace.viewpoint.reading is None


def test_nearest_is_the_nearest_of_all(workspace):
    z = np.array([0.3, -0.2])
    nearest = workspace.viewpoint.nearest_to(z)
    distances = [np.hypot(*(mean - z)) for mean in workspace.document.test.means]
    assert nearest.index == int(np.argmin(distances))
    assert np.isclose(nearest.distance, min(distances))


def test_there_is_no_nearest_before_the_digits_are_encoded(make_model):
    workspace = Workspace()
    workspace.document.open(make_model())
    assert workspace.viewpoint.nearest_to(np.zeros(2)) is None
    workspace.viewpoint.select_nearest(np.zeros(2))
    assert workspace.viewpoint.selected is None


def test_selecting_moves_the_probe_exactly_to_the_mean(workspace):
    workspace.viewpoint.select(17)
    assert workspace.viewpoint.selected == 17
    np.testing.assert_array_equal(workspace.viewpoint.probe, workspace.document.test.means[17])


def test_in_more_dimensions_the_plane_goes_through_the_selected_digit(make_model):
    workspace = Workspace()
    workspace.document.open(make_model(4))
    workspace.document.set_test(make_digits(4))
    digits = workspace.document.test
    middle = int(np.argmin((digits.means**2).sum(axis=1)))
    assert workspace.viewpoint.slice.base_image == workspace.viewpoint.selected == middle
    workspace.viewpoint.select(3)
    np.testing.assert_array_equal(workspace.viewpoint.slice.base, digits.means[3])
    np.testing.assert_array_equal(workspace.viewpoint.probe, digits.means[3])


def test_in_more_dimensions_nearest_is_what_is_drawn_nearest(make_model):
    workspace = Workspace()
    workspace.document.open(make_model(4))
    workspace.document.set_test(make_digits(4))
    z = workspace.viewpoint.slice.to_latent(np.array([0.5, 0.5]))
    nearest = workspace.viewpoint.nearest_to(z)
    in_plane = np.hypot(*(workspace.document.test.means[:, :2] - [0.5, 0.5]).T)
    assert nearest.index == int(np.argmin(in_plane))
    assert np.isclose(
        nearest.distance, np.linalg.norm(workspace.document.test.means[nearest.index] - z)
    )
