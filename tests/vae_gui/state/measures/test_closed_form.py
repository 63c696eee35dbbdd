"""KL and standard deviation of posteriors that are legal and mean."""

from dataclasses import replace

import numpy as np
from gui_helpers import make_digits

from vae_gui.state.measures import MEASURES, Measurements, Subject


def measured(model, **changes):
    images = make_digits(count=6)
    arrays = {name: np.broadcast_to(array, (6, 2)) for name, array in changes.items()}
    return Measurements(MEASURES, Subject(model, replace(images, **arrays)))


def test_without_variance_the_kl_is_infinite_and_the_deviation_zero(make_model):
    found = measured(make_model(), standard_deviations=np.array([0.0, 0.1]))
    assert (found["kl"].values == np.inf).all()
    assert (found["standard_deviation"].values == 0.0).all()
    assert found["kl"].scale is None


def test_far_away_the_kl_is_half_the_square_of_the_distance(make_model):
    found = measured(make_model(), means=np.array([3e38, 0.0]))
    np.testing.assert_allclose(found["kl"].values, 4.5e76)
    scale = found["kl"].scale
    assert scale.low < 4.5e76 < scale.high


def test_a_vast_variance_has_a_geometric_mean(make_model):
    found = measured(make_model(), standard_deviations=np.array([1e-30, 1e19]))
    np.testing.assert_allclose(found["standard_deviation"].values, 10.0**-5.5)


def test_values_without_end_are_written_as_such_and_vast_ones_short():
    measure = MEASURES["kl"]
    assert measure.text_of(np.inf) == "∞"
    assert measure.text_of(-np.inf) == "−∞"
    assert measure.text_of(-4.5e76) == "−4.5e+76"
    assert measure.text_of(-1234.5678) == "−1234.57"
