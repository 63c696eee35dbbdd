"""Batched questions to a model with classes: one latent point under all ten classes."""

import torch
from torch import Tensor

from model.latent.decoding import decode, manifold
from model.network.blocks import SIDE
from model.network.class_conditional import CLASSES
from model.network.families import Labelled


def decode_all_classes(network: Labelled, z: Tensor) -> Tensor:
    """The pixels' Bernoulli means at latent points z (B, D) under each class: (B, 10, 28, 28)."""
    of_classes = [decode(network.given(label), z) for label in range(CLASSES)]
    return torch.stack(of_classes, dim=1)


def sample_all_classes(network: Labelled, count: int, seed: int) -> Tensor:
    """Decode `count` draws of z from the prior under each class: (count, 10, 28, 28), on the CPU.

    Images side by side share z: they are as alike as images of different classes can be.
    """
    generator = torch.Generator().manual_seed(seed)
    z = torch.randn(count, network.config.latent_dim, generator=generator)
    return decode_all_classes(network, z.to(next(network.parameters()).device)).cpu()


def manifolds(network: Labelled, count: int) -> Tensor:
    """The planes of all classes, five in a row: (2, count, 5, count, 28, 28), on the CPU.

    Each is `model.latent.decoding.manifold`.
    """
    planes = [manifold(network.given(label), count) for label in range(CLASSES)]
    return torch.stack(planes).view(2, 5, count, count, SIDE, SIDE).permute(0, 2, 1, 3, 4, 5)
