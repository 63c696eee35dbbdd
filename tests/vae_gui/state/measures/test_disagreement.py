"""How far q(y|x) is from exact p(y|x), against a sum over the plane of each class."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from labelled_model import encode_as, noise_digits, pixels, write_labelled
from plainly import log_joint_on_grid

from model.files.checkpoint import read_checkpoint
from model.likelihood.grid import Grid
from vae_gui.state.encoded import OpenModel
from vae_gui.state.measures import MEASURES, Fraction, Subject, Values
from vae_gui.state.measures.disagreement import (
    KEY,
    compute_disagreement,
    total_variation,
    why_no_disagreement,
)

COUNT = 5


@pytest.fixture
def subject(tmp_path, monkeypatch) -> Subject:
    grid = Grid(step=0.1)
    monkeypatch.setattr("model.likelihood.class_likelihood.Grid", lambda: grid)
    path = write_labelled(tmp_path / "m2.safetensors")
    model = OpenModel(path, "m2", read_checkpoint(path), label=3)
    images = noise_digits(count=COUNT)
    means, classified = encode_as(path, images.images, 3)
    return Subject(model, replace(images, means=means, classified=classified, label=3))


def exact(subject: Subject) -> np.ndarray:
    """p(y|x) by summing p(x|y,z) p(z) over a grid, class by class."""
    network = subject.model.labelled
    x = pixels(subject.images.images)
    with torch.no_grad():
        sums = [
            log_joint_on_grid(network.given(label), x, Grid(step=0.1)).flatten(1).logsumexp(dim=1)
            for label in range(10)
        ]
    return torch.softmax(torch.stack(sums, dim=1).double(), dim=1).numpy()


@pytest.mark.slow
def test_it_is_the_distance_from_the_exact_answer_and_is_not_computed_twice(subject, monkeypatch):
    results = list(compute_disagreement(subject))
    assert all(isinstance(result, Fraction) for result in results[:-1])
    values = results[-1]
    assert isinstance(values, Values)
    expected = 50.0 * np.abs(subject.images.classified - exact(subject)).sum(axis=1)
    resolved = np.isfinite(values.values)  # the coarse grid does not resolve all
    assert COUNT / 2 <= resolved.sum() < COUNT
    np.testing.assert_allclose(values.values[resolved], expected[resolved], atol=0.01)
    assert np.ptp(expected[resolved]) > 1.0

    def computed_twice(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr("model.likelihood.class_likelihood.class_integration", computed_twice)
    (again,) = compute_disagreement(subject)
    np.testing.assert_allclose(again.values, values.values, atol=1e-3)


def test_the_distance_is_half_the_sum_of_differences():
    q = np.array([[1.0, 0.0, 0.0], [0.5, 0.5, 0.0], [0.2, 0.3, 0.5]])
    p = np.array([[0.0, 1.0, 0.0], [0.5, 0.25, 0.25], [0.2, 0.3, 0.5]])
    np.testing.assert_allclose(total_variation(q, p), [100.0, 25.0, 0.0])


def test_it_is_of_models_with_classes_alone(make_model, subject):
    plain = Subject(make_model(), subject.images)
    assert why_no_disagreement(plain) == "only of models with classes"
    assert why_no_disagreement(subject) == ""
    assert MEASURES[KEY].is_silent_where_unavailable
