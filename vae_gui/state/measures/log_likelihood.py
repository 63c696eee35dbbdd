"""The exact log-likelihood of each image, integrated over the plane."""

from collections.abc import Generator

import numpy as np

from vae_gui.state.measures.kept import binarised, recall
from vae_gui.state.measures.measure import Array, Fraction, Subject, Values


def compute_log_likelihood(subject: Subject) -> Generator[Values | Fraction, None, None]:
    """Log p(x) of all images at once at the end, with the reconstruction term on the same grid.

    An image whose integral cannot be resolved has no number.
    """
    from model.files.number_cache import KeptNumbers, keep_numbers
    from model.latent.threads import use_threads
    from model.likelihood.exact import integration

    use_threads(1)  # the hand goes first
    owner, kept = recall(subject)
    if kept.log_likelihood is not None and kept.reconstruction is not None:
        yield from _all(subject, kept.log_likelihood.numpy(), kept.reconstruction.numpy())
        return
    steps = integration(subject.model.vae, binarised(subject))
    while True:
        try:
            yield Fraction(next(steps))
        except StopIteration as end:
            exact = end.value
            break
    if bool((exact.log_likelihood + exact.reconstruction).isfinite().all()):  # no gaps are kept
        keep_numbers(owner, KeptNumbers(exact.reconstruction, exact.log_likelihood))
    yield from _all(subject, exact.log_likelihood.numpy(), exact.reconstruction.numpy())


def _all(
    subject: Subject, log_likelihood: Array, reconstruction: Array
) -> Generator[Values, None, None]:
    yield Values("log_likelihood", 0, log_likelihood)
    if np.isnan(reconstruction).any():
        return  # those that are drawn are there for all images
    yield Values("reconstruction", 0, reconstruction)
    yield Values("elbo", 0, reconstruction - subject.so_far["kl"].values)
