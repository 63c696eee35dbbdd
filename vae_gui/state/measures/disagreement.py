"""How far the classifier of a model with classes is from the model's own exact answer."""

from collections.abc import Generator

import numpy as np
from numpy.typing import NDArray

from vae_gui.state.measures.kept import binarised
from vae_gui.state.measures.measure import Array, Fraction, Subject, Values
from vae_gui.style.scales import Scale

KEY = "disagreement"
# Fixed, since nearly all images are near 0: by their own range a colour would say nothing.
SCALE_OF_DISAGREEMENT = Scale(0.0, 100.0, (0.0, 25.0, 50.0, 75.0, 100.0), 25.0)


def compute_disagreement(subject: Subject) -> Generator[Values | Fraction, None, None]:
    """The total variation distance of q(y|x) from exact p(y|x), in %: all images at the end.

    Half the sum over the classes of |q - p|: 0 where both are the same, 100 where each is sure of
    another class. An image whose p(x) cannot be resolved has no number. p(y|x) is the same,
    whichever class is shown, so it is kept for the whole model.
    """
    import torch

    from model.files.number_cache import KeptNumbers, find_numbers, keep_numbers, owner_of
    from model.latent.threads import use_threads
    from model.likelihood.class_likelihood import class_integration
    from model.network.m2 import M2

    use_threads(1)  # the hand goes first
    network, q = subject.model.labelled, subject.images.classified
    assert isinstance(network, M2)
    assert q is not None
    owner = owner_of(subject.model.checkpoint, torch.from_numpy(subject.images.images))
    p = find_numbers(owner).label_posterior
    if p is None:
        steps = class_integration(network, binarised(subject))
        while True:
            try:
                yield Fraction(next(steps))
            except StopIteration as end:
                p = end.value.label_posterior
                break
        keep_numbers(owner, KeptNumbers(label_posterior=p))
    yield Values(KEY, 0, total_variation(q, p.numpy()))


def total_variation(q: NDArray[np.floating], p: NDArray[np.floating]) -> Array:
    """The total variation distance of distributions (N, 10) in %: (N,)."""
    return np.asarray(50.0 * np.abs(q.astype(np.float64) - p).sum(axis=1))


def why_no_disagreement(subject: Subject) -> str:
    """Why there is none; empty where there is."""
    model = subject.model
    if model.label is None:
        return "only of models with classes"
    if subject.is_training:
        return "measured of the test set alone"
    if not model.has_likelihood:
        return "not above M1"
    return "" if model.latent_dim == 2 else "only in 2-D"
