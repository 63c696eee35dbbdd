"""Opening, with the real bundled model and the real test set."""

import hashlib
import shutil
import subprocess
import sys

import numpy as np
import pytest
import torch

from model import assets
from model.data import datasets
from model.data.binarise import binarise_once
from model.data.datasets import load_test, load_training
from model.files.checkpoint import read_checkpoint
from vae_gui.jobs.opening import EncodedTraining, Encoding, ModelRead, open_checkpoint
from vae_gui.state.encoded import EncodedImages, OpenModel


def results_of(path, mnist_dir):
    """What opening gives, in order, with the first 4,000 training images: all take a while."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(datasets, "load_training", lambda *names: load_training(*names)[:4000])
        return list(open_checkpoint(path, mnist_dir))


@pytest.fixture(scope="module")
def opened(mnist_dir, tmp_path_factory):
    """What opening a copy of the bundled model gives; a copy has no preview."""
    copy = tmp_path_factory.mktemp("copy") / "copy.safetensors"
    shutil.copy(assets.PRETRAINED, copy)
    return results_of(copy, mnist_dir)


@pytest.fixture(scope="module")
def bundled(mnist_dir):
    """What opening the bundled model gives."""
    return results_of(assets.PRETRAINED, mnist_dir)


@pytest.fixture
def encoded(opened):
    """The model, the test images and the training images."""
    return [result for result in opened if not isinstance(result, (Encoding, ModelRead))]


@pytest.mark.slow
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


def test_what_the_preview_shows_is_what_torch_computes(bundled, opened):
    """The points and the decoder of the bundled model come from a file, but not out of the air."""
    (model, shown), (other, computed) = (
        [one for one in results if isinstance(one, (OpenModel, EncodedImages))]
        for results in (bundled, opened)
    )
    np.testing.assert_allclose(shown.means, computed.means, atol=1e-5, rtol=0)
    np.testing.assert_allclose(
        shown.standard_deviations, computed.standard_deviations, atol=1e-5, rtol=0
    )
    assert shown.shows_the_same_as(computed)
    assert (shown.source, shown.class_names) == (computed.source, computed.class_names)
    assert model.latent_dim == other.latent_dim
    for z in np.random.default_rng(0).normal(scale=2.0, size=(50, 2)):
        image = other.point_decoder.decode(z)
        np.testing.assert_allclose(model.point_decoder.decode(z), image, atol=1e-5, rtol=0)


def test_the_bundled_model_is_read_after_its_preview_is_shown(bundled):
    kinds = [type(result) for result in bundled]
    assert kinds[:3] == [OpenModel, EncodedImages, ModelRead]
    assert kinds[-1] is EncodedTraining
    assert bundled[0].is_read


def test_the_preview_needs_no_torch(mnist_dir):
    code = """
import sys
from pathlib import Path
from model import assets
from vae_gui.jobs.opening import open_checkpoint
results = open_checkpoint(assets.PRETRAINED, Path(sys.argv[1]))
model, images = next(results), next(results)
print(model.point_decoder.decode(images.means[0]).shape, "torch" in sys.modules)
"""
    done = subprocess.run(
        [sys.executable, "-c", code, str(mnist_dir)], capture_output=True, text=True, check=False
    )
    assert done.stdout.strip() == "(28, 28) False", done.stderr


def test_without_a_sound_preview_the_bundled_model_opens_all_the_same(
    mnist_dir, tmp_path, monkeypatch
):
    damaged = tmp_path / "preview.safetensors"
    content = bytearray(assets.PREVIEW.read_bytes())
    content[-1] ^= 1
    damaged.write_bytes(content)
    for preview in (damaged, tmp_path / "missing.safetensors", assets.NUMBERS, assets.PRETRAINED):
        monkeypatch.setattr(assets, "PREVIEW", preview)
        assert next(open_checkpoint(assets.PRETRAINED, mnist_dir)).is_read


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
