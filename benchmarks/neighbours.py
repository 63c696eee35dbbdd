"""How well the classes of images lie apart in a latent space: a vote of the nearest."""

import torch

from model.data.binarise import binarise_once
from model.data.datasets import load_splits
from model.latent.decoding import posterior_means
from model.network.vae import VAE

NEIGHBOURS = 10


def right_by_neighbours(vae: VAE, dataset: str) -> float:
    """The fraction of test images whose class most of the ten nearest training images have.

    Near in latent space, by the means of q(z|x); the classes of all training images are used.
    """
    data = load_splits(dataset)
    train, test = (binarise_once(some.images).flatten(1) for some in (data.train, data.test))
    points, queries = posterior_means(vae, train), posterior_means(vae, test)
    return nearest_neighbours_right(points, data.train.labels, queries, data.test.labels)


def nearest_neighbours_right(
    points: torch.Tensor, labels: torch.Tensor, queries: torch.Tensor, answers: torch.Tensor
) -> float:
    """The fraction of queries (M, D) whose label most of the ten nearest points (N, D) have."""
    right = 0
    for batch, answer in zip(queries.split(500), answers.split(500), strict=True):
        nearest = torch.cdist(batch, points).topk(NEIGHBOURS, largest=False).indices
        votes = torch.nn.functional.one_hot(labels[nearest], 10).sum(1)
        right += int((votes.argmax(1) == answer).sum())
    return right / len(queries)
