import hashlib
from collections.abc import Callable

import numpy as np
import pytest
import torch

from model.data.binarise import binarise, binarise_once
from model.data.datasets import Splits


def test_black_is_never_drawn_white_nor_white_black() -> None:
    generator = torch.Generator().manual_seed(0)
    black, white = torch.zeros(1_000_000, dtype=torch.uint8), torch.full((1_000_000,), 255).byte()
    assert binarise(black, generator).sum() == 0
    assert binarise(white, generator).sum() == 1_000_000
    assert binarise_once(black).sum() == 0
    assert binarise_once(white).sum() == 1_000_000


@pytest.mark.parametrize("draw", [binarise, binarise_once])
def test_every_grey_value_is_white_with_its_probability(
    draw: Callable[[torch.Tensor], torch.Tensor],
) -> None:
    torch.manual_seed(0)
    draws = 10_000
    grey = torch.arange(256, dtype=torch.uint8).repeat(draws, 1)
    drawn = draw(grey)
    assert drawn.dtype == torch.float32
    assert drawn.shape == grey.shape
    assert set(drawn.unique().tolist()) == {0.0, 1.0}
    expected = torch.arange(256) / 255
    error = (drawn.mean(0) - expected).abs()
    assert (error <= 5 * (expected * (1 - expected) / draws).sqrt()).all()


def test_training_pixels_are_drawn_afresh_and_follow_the_generator() -> None:
    grey = torch.full((1000,), 128, dtype=torch.uint8)
    generator = torch.Generator().manual_seed(5)
    first, second = binarise(grey, generator), binarise(grey, generator)
    assert not torch.equal(first, second)
    assert torch.equal(binarise(grey, torch.Generator().manual_seed(5)), first)


def test_test_images_are_binarised_alike_for_ever(mnist: Splits) -> None:
    drawn = binarise_once(mnist.test.images)
    assert drawn.shape == (10_000, 1, 28, 28)
    digest = hashlib.sha256(drawn.to(torch.uint8).numpy().tobytes()).hexdigest()
    assert digest == "1d9c9184e478f16d76049e297fdf93dd9932992895535fd6a2af54ad5dcf15b6"
    assert not torch.equal(binarise_once(mnist.test.images, seed=1), drawn)


def test_binarising_once_leaves_the_global_generators_alone() -> None:
    torch.manual_seed(1)
    np.random.seed(1)
    before = torch.get_rng_state(), np.random.get_state()[1].copy()
    binarise_once(torch.full((5, 5), 100, dtype=torch.uint8))
    assert torch.equal(torch.get_rng_state(), before[0])
    assert (np.random.get_state()[1] == before[1]).all()
