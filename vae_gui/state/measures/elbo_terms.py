"""The ELBO of each image, and its reconstruction term."""

from collections.abc import Generator, Iterator

import numpy as np

from vae_gui.state.measures.kept import binarised, recall
from vae_gui.state.measures.measure import Array, Subject, Values

_AT_ONCE = 250


def compute_terms(subject: Subject) -> Generator[Values, None, None]:
    """The reconstruction term of each image, and with its KL the ELBO; some images at a time.

    What was computed before, for the same checkpoint and the same images, is not computed again.
    """
    import torch

    from model.files.number_cache import KeptNumbers, keep_numbers
    from model.latent.threads import use_threads
    from model.likelihood.image_terms import image_terms

    use_threads(1)  # the hand goes first
    owner, kept = recall(subject)
    if kept.reconstruction is not None:
        yield from _both(subject, 0, kept.reconstruction.numpy())
        if kept.log_likelihood is not None:
            yield Values("log_likelihood", 0, kept.log_likelihood.numpy())
        return
    so_far = subject.so_far["reconstruction"]
    found, start = so_far.values.copy(), int((~so_far.measured).argmax())
    x = binarised(subject)
    for first in range(start, len(x), _AT_ONCE):
        some = x[first : first + _AT_ONCE]
        terms = image_terms(subject.model.vae, some, seed=first)
        found[first : first + len(some)] = terms.reconstruction.numpy()
        yield from _both(subject, first, terms.reconstruction.numpy())
    keep_numbers(owner, KeptNumbers(torch.from_numpy(found)))


def _both(subject: Subject, first: int, reconstruction: Array) -> Iterator[Values]:
    kl = subject.so_far["kl"].values[first : first + len(reconstruction)]
    yield Values("reconstruction", first, reconstruction)
    yield Values("elbo", first, np.asarray(reconstruction - kl))
