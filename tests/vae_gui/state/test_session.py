import numpy as np
from gui_helpers import make_digits

from vae_gui.state.session import Session


def count(signal):
    calls = []
    signal.connect(lambda: calls.append(1))
    return calls


def test_the_point_is_the_peek_while_there_is_one(session):
    session.set_probe(np.array([1.0, 2.0]))
    session.set_peek(np.array([-1.0, 0.5]))
    np.testing.assert_array_equal(session.point, [-1.0, 0.5])
    session.set_peek(None)
    np.testing.assert_array_equal(session.point, [1.0, 2.0])


def test_a_probe_that_does_not_move_says_nothing(session):
    session.set_probe(np.array([1.0, 2.0]))
    calls = count(session.point_changed)
    session.set_probe(np.array([1.0, 2.0]))
    session.set_peek(None)
    assert not calls


def test_another_model_keeps_the_probes_place_and_forgets_its_digits(session, make_model):
    session.set_probe(np.array([1.0, 2.0]))
    session.select(3)
    session.set_probe(np.array([1.0, 2.0]))
    session.set_model(make_model(5))
    np.testing.assert_array_equal(session.probe, [1.0, 2.0, 0.0, 0.0, 0.0])
    assert session.digits is None
    assert session.selected is None
    assert session.reading is None


def test_nearest_is_the_nearest_of_all(session):
    z = np.array([0.3, -0.2])
    nearest = session.nearest_to(z)
    distances = [np.hypot(*(mean - z)) for mean in session.digits.means]
    assert nearest.index == int(np.argmin(distances))
    assert np.isclose(nearest.distance, min(distances))


def test_there_is_no_nearest_before_the_digits_are_encoded(make_model):
    session = Session()
    session.set_model(make_model())
    assert session.nearest_to(np.zeros(2)) is None
    session.select_nearest(np.zeros(2))
    assert session.selected is None


def test_selecting_moves_the_probe_exactly_to_the_mean(session):
    session.select(17)
    assert session.selected == 17
    np.testing.assert_array_equal(session.probe, session.digits.means[17])


def test_in_more_dimensions_the_plane_goes_through_the_selected_digit(make_model):
    session = Session()
    session.set_model(make_model(4))
    session.set_digits(make_digits(4))
    digits = session.digits
    middle = int(np.argmin((digits.means**2).sum(axis=1)))
    assert session.plane.base_digit == session.selected == middle
    session.select(3)
    np.testing.assert_array_equal(session.plane.base, digits.means[3])
    np.testing.assert_array_equal(session.probe, digits.means[3])


def test_in_more_dimensions_nearest_is_what_is_drawn_nearest(make_model):
    session = Session()
    session.set_model(make_model(4))
    session.set_digits(make_digits(4))
    z = session.plane.to_latent(np.array([0.5, 0.5]))
    nearest = session.nearest_to(z)
    in_plane = np.hypot(*(session.digits.means[:, :2] - [0.5, 0.5]).T)
    assert nearest.index == int(np.argmin(in_plane))
    assert np.isclose(nearest.distance, np.linalg.norm(session.digits.means[nearest.index] - z))
