"""What is known of the classes of training images, and the batches in which they take part."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from model.data.datasets import Images
from model.data.labelled_subset import labelled_subset
from model.network.vae import VAEConfig
from model.train.train_config import TrainConfig


@dataclass(frozen=True)
class Supervision:
    """The classes of N training images, and which of them the training may know.

    Attributes:
        labels: the true classes, (N,) int64; those that are not known only tell how many of the
            classifier's guesses are wrong.
        known: whether an image's class is known, (N,) bool.
        labelled: the images with a known class, (L,) int64.
        counted: the images that an epoch visits once: those without a known class; where all are
            known, all of them.
    """

    labels: Tensor
    known: Tensor
    labelled: Tensor
    counted: Tensor

    @classmethod
    def of(cls, images: Images, config: TrainConfig, device: torch.device) -> "Supervision":
        """What a training knows. Raises SettingError: so many labels cannot be had."""
        labelled = labelled_subset(images.labels, config.labels, config.label_seed).to(device)
        labels = images.labels.to(device)
        known = torch.zeros(len(labels), dtype=torch.bool, device=device)
        known[labelled] = True
        every = torch.arange(len(labels), device=device)
        counted = every if len(labelled) == len(labels) else every[~known]
        return cls(labels, known, labelled, counted)

    @property
    def is_full(self) -> bool:
        """Whether every class is known."""
        return len(self.labelled) == len(self.labels)

    def batches(self, config: TrainConfig, generator: torch.Generator) -> list[Tensor]:
        """The batches of an epoch, indices of images, which the generator decides.

        Every counted image comes once. Where classes of some are not known, each batch has
        --labelled-batch others, whose class is known; they come round as often as it takes. They
        are spread evenly over the batch, so that equal shares of it have equal numbers of them.
        """
        order = self.counted[_permutation(len(self.counted), generator)]
        batches = list(torch.split(order, config.batch_size))
        if self.is_full:
            return batches
        each = min(config.labelled_batch, len(self.labelled))
        rounds = math.ceil(len(batches) * each / len(self.labelled))
        turns = [_permutation(len(self.labelled), generator) for _ in range(rounds)]
        labelled = torch.split(self.labelled[torch.cat(turns)], each)
        return [_spread(*both) for both in zip(batches, labelled, strict=False)]


def labelled_images(images: Images, vae_config: VAEConfig, config: TrainConfig) -> list[int]:
    """The training images whose class a training may know, by their indices; of a VAE none.

    Raises:
        SettingError: naming `labels`, if so many cannot be had.
    """
    if vae_config.family == "vae":
        return []
    indices: list[int] = labelled_subset(images.labels, config.labels, config.label_seed).tolist()
    return indices


def counted_images(images: int, vae_config: VAEConfig, config: TrainConfig) -> int:
    """How many of so many training images an epoch visits once: `Supervision.counted`."""
    is_partly_labelled = vae_config.family != "vae" and config.labels < images
    return images - config.labels if is_partly_labelled else images


def steps_per_epoch(images: int, vae_config: VAEConfig, config: TrainConfig) -> int:
    """The batches of an epoch of so many training images."""
    return math.ceil(counted_images(images, vae_config, config) / config.batch_size)


def _permutation(count: int, generator: torch.Generator) -> Tensor:
    return torch.randperm(count, generator=generator, device=generator.device)


def _spread(many: Tensor, few: Tensor) -> Tensor:
    """Both in one tensor, in which the few are spread evenly among the many."""
    places = [(torch.arange(len(some)) + 0.5) / len(some) for some in (many, few)]
    order = torch.cat(places).argsort(stable=True).to(many.device)
    return torch.cat([many, few])[order]
