"""Opening, with the real bundled model and the real test set."""

import hashlib

import numpy as np
import pytest
import torch

from model import assets
from model.data import datasets
from model.data.binarise import binarise_once
from model.data.datasets import load_test, load_training
from model.files.checkpoint import read_checkpoint
from vae_gui.jobs.opening import Encoding, open_checkpoint


@pytest.fixture(scope="module")
def opened(mnist_dir):
    """What opening gives, in order, with the first 4,000 training images: all take a while."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(datasets, "load_training", lambda *names: load_training(*names)[:4000])
        return list(open_checkpoint(assets.PRETRAINED, mnist_dir))


@pytest.fixture
def encoded(opened):
    """The model, the test images and the training images."""
    return [result for result in opened if not isinstance(result, Encoding)]


def test_it_says_how_far_it_is(opened):
    progress = [(r.what, r.percent) for r in opened if isinstance(r, Encoding)]
    assert progress[:11] == [("test", percent) for percent in range(0, 101, 10)]
    assert progress[11:] == [("training", percent) for percent in (25, 50, 75, 100)]


def test_the_model_comes_first_and_then_all_test_digits(encoded):
    model, digits, training = encoded
    assert model.latent_dim == 2
    assert digits.means.shape == (10_000, 2)
    assert digits.images.shape == (10_000, 28, 28)
    assert digits.labels[:5].tolist() == [7, 2, 1, 0, 4]
    assert digits.class_names == tuple("0123456789")
    assert training.images.means.shape == (4000, 2)
    assert training.images.labels[:5].tolist() == [5, 0, 4, 1, 9]
    assert training.images.source.startswith("MNIST training set, 4,000 posterior means")


def test_the_points_are_what_their_source_says(encoded, mnist_dir):
    _, digits, _ = encoded
    vae = read_checkpoint(assets.PRETRAINED).vae
    test = load_test("mnist", mnist_dir)
    assert digits.source == (
        "MNIST test set, 10,000 posterior means (pixels binarised once, seed 0)"
    )
    some = np.random.default_rng(0).integers(0, 10_000, 50)
    x = binarise_once(test.images).flatten(1)[some]
    with torch.no_grad():
        np.testing.assert_allclose(digits.means[some], vae.encoder(x).mean.numpy(), atol=1e-5)


def test_the_images_are_the_grey_ones_of_the_data_set(encoded, mnist_dir):
    _, digits, _ = encoded
    raw = (mnist_dir / "MNIST" / "raw" / "t10k-images-idx3-ubyte").read_bytes()[16:]
    assert hashlib.sha256(digits.images.tobytes()).digest() == hashlib.sha256(raw).digest()


def test_neighbours_in_the_plane_mostly_share_their_label(encoded):
    """The bundled model is worth looking at: chance would be one in ten."""
    _, digits, _ = encoded
    hits = 0
    some = np.random.default_rng(1).integers(0, 10_000, 300)
    for index in some:
        distances = np.square(digits.means - digits.means[index]).sum(axis=1)
        neighbours = np.argsort(distances)[1:11]
        hits += (
            np.bincount(digits.labels[neighbours], minlength=10).argmax() == digits.labels[index]
        )
    assert hits / len(some) > 0.75


@pytest.mark.slow
def test_all_training_images_are_encoded(mnist_dir):
    *_, training = open_checkpoint(assets.PRETRAINED, mnist_dir)
    assert training.images.means.shape == (60_000, 2)
    assert training.images.source.startswith("MNIST training set, 60,000 posterior means")
