"""What is measured of pixels: against the model, and not twice for the same checkpoint."""

import numpy as np
import pytest
import torch
from gui_helpers import make_digits
from labelled_model import write_labelled
from plainly import log_joint_on_grid

from model.data.binarise import binarise_once
from model.files import number_cache
from model.files.checkpoint import read_checkpoint, write_checkpoint
from model.files.number_cache import KeptNumbers, find_numbers, keep_numbers, owner_of
from model.likelihood.exact import Exact, integrate
from model.likelihood.grid import Grid
from model.likelihood.image_terms import image_terms
from vae_gui.state.encoded import OpenModel
from vae_gui.state.measures import MEASURES, Fraction, Measurements, Subject, Values
from vae_gui.state.measures.elbo_terms import compute_terms
from vae_gui.state.measures.log_likelihood import compute_log_likelihood


@pytest.fixture(autouse=True)
def coarse_grid(monkeypatch):
    """Integrals on a twenty-fifth of the points."""
    grid = Grid(step=0.05)
    monkeypatch.setattr("model.likelihood.exact.Grid", lambda: grid)
    return grid


@pytest.fixture
def model(make_model) -> OpenModel:
    """A model as it is when it was read from its file: it has a digest.

    The coarse grid resolves all its posteriors: wide ones p(z|x), and q(z|x) that do not reach its
    edge.
    """
    made = make_model()
    with torch.no_grad():
        made.checkpoint.vae.decoder.logits.weight /= 20.0
        made.checkpoint.vae.encoder.log_variance.bias -= 4.0
    write_checkpoint(made.path, made.checkpoint)
    return OpenModel(made.path, made.title, read_checkpoint(made.path))


def measurements(model, count):
    return Measurements(MEASURES, Subject(model, make_digits(count=count)))


def values_of(results):
    """The values of each measure, by key; those of an image, however often they came."""
    found = {}
    for result in results:
        assert isinstance(result, Values | Fraction)
        if isinstance(result, Values):
            found.setdefault(result.key, []).append(result.values)
    return {key: np.concatenate(parts) for key, parts in found.items()}


def test_the_values_are_those_of_the_model(model, coarse_grid):
    own = measurements(model, 8)
    vae = model.checkpoint.vae
    x = binarise_once(torch.from_numpy(own.subject.images.images)).flatten(1)
    terms = values_of(compute_terms(own.subject_with(None)))
    expected = image_terms(vae, x).reconstruction.numpy()
    np.testing.assert_allclose(terms["reconstruction"], expected)
    np.testing.assert_allclose(terms["elbo"], expected - own["kl"].values)
    exact = values_of(compute_log_likelihood(own.subject_with(None)))
    whole = log_joint_on_grid(vae, x, coarse_grid).double().flatten(1).logsumexp(1)
    np.testing.assert_allclose(exact["log_likelihood"], whole + coarse_grid.log_cell, atol=1e-2)
    expected = integrate(vae, x).reconstruction.numpy()
    np.testing.assert_allclose(exact["reconstruction"], expected)
    np.testing.assert_allclose(exact["elbo"], expected - own["kl"].values)


def test_what_was_measured_once_is_not_measured_again(model, monkeypatch):
    subject = measurements(model, 8).subject_with(None)
    first = values_of(compute_terms(subject))
    integrated = values_of(compute_log_likelihood(subject))
    kept = find_numbers(owner_of(model.checkpoint, torch.from_numpy(subject.images.images)))
    np.testing.assert_allclose(kept.log_likelihood, integrated["log_likelihood"], rtol=1e-6)

    def never(*_, **__):
        raise AssertionError("computed again")

    monkeypatch.setattr("model.likelihood.image_terms.image_terms", never)
    monkeypatch.setattr("model.likelihood.exact.integration", never)
    again = values_of(compute_terms(subject))
    assert set(again) == {"reconstruction", "elbo", "log_likelihood"}
    for key, values in again.items():
        np.testing.assert_allclose(values, integrated[key], rtol=1e-6)
    np.testing.assert_allclose(again["reconstruction"], first["reconstruction"], rtol=0.01)
    once_more = values_of(compute_log_likelihood(subject))
    np.testing.assert_allclose(once_more["log_likelihood"], integrated["log_likelihood"], rtol=1e-6)
    with pytest.raises(AssertionError, match="computed again"):  # for other images
        list(compute_terms(measurements(model, 7).subject_with(None)))


def test_terms_given_each_class_that_came_with_the_model_are_not_computed(tmp_path, monkeypatch):
    path = write_labelled(tmp_path / "m2.safetensors")
    model = OpenModel(path, "m2", read_checkpoint(path))
    subject = measurements(model.given(3), 8).subject_with(None)
    expected = values_of(compute_terms(subject))
    owner = owner_of(model.checkpoint, torch.from_numpy(subject.images.images))
    x = binarise_once(torch.from_numpy(subject.images.images)).flatten(1)
    every = [image_terms(model.given(y).vae, x).reconstruction for y in range(10)]
    for kept in number_cache.folder().iterdir():
        kept.unlink()
    keep_numbers(owner, KeptNumbers(reconstruction_given=torch.stack(every, dim=1)))

    def never(*_, **__):
        raise AssertionError("computed again")

    monkeypatch.setattr("model.likelihood.image_terms.image_terms", never)
    found = values_of(compute_terms(subject))
    assert set(found) == {"reconstruction", "elbo"}
    for key, values in found.items():
        np.testing.assert_allclose(values, expected[key], rtol=1e-5)


def test_terms_that_the_integral_does_not_resolve_stay_as_they_were(model, monkeypatch):
    def integration(vae, x):
        yield 1.0
        terms = torch.full((len(x),), -570.0, dtype=torch.float64)
        terms[3] = torch.nan
        return Exact(terms + 5.0 if gaps else torch.full_like(terms, -565.0), terms, 0.0 * terms)

    monkeypatch.setattr("model.likelihood.exact.integration", integration)
    subject = measurements(model, 8).subject_with(None)
    first = values_of(compute_terms(subject))
    owner = owner_of(model.checkpoint, torch.from_numpy(subject.images.images))
    for gaps in (False, True):
        found = values_of(compute_log_likelihood(subject))
        assert set(found) == {"log_likelihood"}
        assert np.isnan(found["log_likelihood"]).sum() == gaps
        kept = find_numbers(owner)
        np.testing.assert_allclose(kept.reconstruction, first["reconstruction"], rtol=1e-6)
        assert kept.log_likelihood is None


def test_terms_are_kept_whole_although_they_were_measured_in_two_goes(model):
    own = measurements(model, 600)
    results = compute_terms(own.subject_with(None))
    part = next(results)
    results.close()
    assert part.key == "reconstruction"
    owner = owner_of(model.checkpoint, torch.from_numpy(own.subject.images.images))
    assert not find_numbers(owner)
    own.fill(part.key, part.first, part.values)
    rest = [r for r in compute_terms(own.subject_with(None)) if r.key == "reconstruction"]
    assert rest[0].first == len(part.values)
    kept = find_numbers(owner).reconstruction
    expected = np.concatenate([part.values, *(result.values for result in rest)])
    np.testing.assert_allclose(kept, expected, rtol=1e-6)
