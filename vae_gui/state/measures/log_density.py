"""The aggregate posterior's log density at each image's own mean."""

from collections.abc import Generator

import numpy as np

from vae_gui.state.measures.measure import Subject, Values

_AT_ONCE = 250


def compute_log_density(subject: Subject) -> Generator[Values, None, None]:
    """Log q(z) of the training images where each image lies, some images at a time."""
    from model.latent.point_density import PointDensity

    assert subject.training is not None
    density = PointDensity(subject.training.means, subject.training.standard_deviations)
    means = subject.images.means
    for first in range(0, len(means), _AT_ONCE):
        some = means[first : first + _AT_ONCE]
        values = np.array([density.log_density(z) for z in some])
        yield Values("log_density", first, values)
