"""Analogies: the style of an image, decoded as each class (Kingma et al. 2014, figure 1b)."""

from typing import NamedTuple

import torch
from torch import Tensor

from model.latent.class_decoding import decode_all_classes
from model.latent.decoding import posterior_means
from model.network.families import Labelled


class Analogies(NamedTuple):
    """The styles of B images, and what each becomes as another class.

    Attributes:
        z: the mean of q(z|x, y) of each image with its own class, (B, D).
        images: the pixels' Bernoulli means at z under each class, (B, 10, 28, 28).
    """

    z: Tensor
    images: Tensor


@torch.inference_mode()
def analogies(network: Labelled, x: Tensor, labels: Tensor) -> Analogies:
    """The analogies of images x (B, 784) in [0, 1] whose classes (B,) are known.

    Above an M1, q(z|x, y) is that of the mean of q(z1|x), and the images are decoded without the
    noise of z1.
    """
    z = x.new_empty(len(x), network.config.latent_dim)
    for label in sorted(set(labels.tolist())):
        own = labels == label
        z[own] = posterior_means(network.given(label), x[own])
    return Analogies(z, decode_all_classes(network, z))
