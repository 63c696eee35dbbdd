import sys
from pathlib import Path

import pytest
import torch
from torchvision import datasets

from model.data.cache import MNIST_SHA256, DataError
from model.data.catalogue import DATASETS
from model.data.datasets import Splits, load_splits, load_test, load_training


def test_the_splits_are_the_right_parts_of_mnist(mnist: Splits, mnist_dir: Path) -> None:
    assert (len(mnist.train), len(mnist.validation), len(mnist.test)) == (50_000, 10_000, 10_000)
    for part in (mnist.train, mnist.validation, mnist.test):
        assert part.images.shape == (len(part), 1, 28, 28)
        assert part.images.dtype == torch.uint8
        assert part.labels.dtype == torch.int64
        assert set(part.labels.tolist()) == set(range(10))
    assert mnist.test.labels[:5].tolist() == [7, 2, 1, 0, 4]
    # Straight from the bytes of the file: nothing is left out, nothing is in two parts.
    content = (mnist_dir / "MNIST" / "raw" / "train-images-idx3-ubyte").read_bytes()[16:]
    joined = torch.cat([mnist.train.images, mnist.validation.images])
    assert joined.numpy().tobytes() == content
    assert mnist.name == "mnist"
    assert mnist.checksums == MNIST_SHA256


def test_images_stand_upright(mnist: Splits) -> None:
    """The first test image is a 7: its bar is above its stem, and the stem leans to the left."""
    seven = mnist.test.images[0, 0] > 127
    widths = seven.sum(1)
    assert 7 <= widths.argmax() <= 10
    assert widths[8:10].min() > 2 * widths[12:26].max()
    columns = [row.nonzero().float().mean() for row in seven[10:26]]
    assert columns == sorted(columns, reverse=True)


def test_the_test_images_can_be_had_alone(mnist: Splits, mnist_dir: Path) -> None:
    test = load_test("mnist", mnist_dir)
    assert torch.equal(test.images, mnist.test.images)
    assert torch.equal(test.labels, mnist.test.labels)


@pytest.mark.parametrize("train", [True, False])
def test_the_files_are_read_as_torchvision_reads_them(mnist_dir: Path, train: bool) -> None:
    theirs = datasets.MNIST(mnist_dir, train=train)
    ours = load_training(data_dir=mnist_dir) if train else load_test(data_dir=mnist_dir)
    assert ours.images.dtype == torch.uint8
    assert ours.labels.dtype == torch.int64
    assert torch.equal(ours.images[:, 0], theirs.data)
    assert torch.equal(ours.labels, theirs.targets)


def test_to_read_data_does_not_import_torchvision(
    mnist_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It brings a thousand modules along, and a collection of garbage of 0.1 s among them.

    That the model's modules do not import it either is for test_layering.py.
    """
    for name in [name for name in sys.modules if name.startswith(("torchvision", "sympy"))]:
        monkeypatch.delitem(sys.modules, name)
    for name in ("torchvision", "sympy"):
        monkeypatch.setitem(sys.modules, name, None)  # whoever imports it gets an ImportError
    load_splits(data_dir=mnist_dir)


def test_an_unknown_data_set_is_one_sentence_that_names_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        load_splits("cifar-10", tmp_path)
    sentence = str(caught.value)
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert "'cifar-10'" in sentence
    assert all(name in sentence for name in DATASETS)
