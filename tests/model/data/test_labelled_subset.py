import hashlib

import pytest
import torch
from torch import Tensor

from model.data.datasets import Splits
from model.data.labelled_subset import labelled_subset
from model.settings import SettingError

# Of 100 labels, seed 0.
FIRST = [276, 605, 1173, 1460, 1751, 1927, 3124, 4056, 4741, 6320]
DIGEST = "e0ed4c7a9018314a"


@pytest.fixture
def labels() -> Tensor:
    """2,000 classes, from 150 to 250 of each."""
    return torch.arange(10).repeat_interleave(torch.arange(150, 260, 11) + 1)


@pytest.mark.parametrize("count", [10, 100, 600, 1000, 1510])
def test_there_are_as_many_of_each_class(count: int, labels: Tensor) -> None:
    drawn = labelled_subset(labels, count, 0)
    assert torch.equal(drawn, drawn.unique())
    assert labels[drawn].bincount(minlength=10).tolist() == [count // 10] * 10


def test_the_seed_alone_decides_and_another_one_otherwise(labels: Tensor) -> None:
    draws = [labelled_subset(labels, 100, seed).tolist() for seed in (0, 0, 1, 2**32 - 1)]
    assert draws[0] == draws[1]
    assert len({tuple(draw) for draw in draws}) == 3
    torch.manual_seed(5)
    before = torch.get_rng_state()
    labelled_subset(labels, 100, 0)
    assert torch.equal(torch.get_rng_state(), before)


def test_more_labels_of_the_same_seed_keep_those_that_were_there(labels: Tensor) -> None:
    few, more = (set(labelled_subset(labels, count, 4).tolist()) for count in (100, 600))
    assert few < more


def test_every_image_may_be_labelled(labels: Tensor) -> None:
    assert torch.equal(labelled_subset(labels, len(labels), 3), torch.arange(len(labels)))


def test_so_many_that_one_class_has_too_few_are_refused(labels: Tensor) -> None:
    with pytest.raises(SettingError, match=r"^labels 1520 asks for 152 .*; one has 151, ") as no:
        labelled_subset(labels, 1520, 0)
    assert str(no.value).endswith(f"so ask for at most 1510, or for all {len(labels)}")
    with pytest.raises(SettingError, match=r"^labels "):
        labelled_subset(labels, 105, 0)


def test_the_images_of_mnist_are_those_that_they_always_were(mnist: Splits) -> None:
    """Published errors are of these: a change of NumPy's stream or of the split must be noticed."""
    drawn = labelled_subset(mnist.train.labels, 100, 0)
    assert drawn[:10].tolist() == FIRST
    digest = hashlib.sha256(b",".join(str(i).encode() for i in drawn.tolist())).hexdigest()
    assert digest[:16] == DIGEST
    assert drawn.max() < 50_000  # none is a validation image
