"""What one step of a training takes part in: the objective of a family, its batches and inputs."""

from typing import Any, Protocol

import torch
from torch import Tensor, nn

from model.data.datasets import Images
from model.network.families import Labelled, Network
from model.network.m1_m2 import M1M2
from model.network.vae import VAE
from model.train.label_objective import ObjectiveWithLabels
from model.train.objectives import ObjectiveOfVAE
from model.train.observed import Described, Observed, Pixels
from model.train.optimisation import beta_at
from model.train.supervision import Supervision
from model.train.train_config import TrainConfig


class Task(Protocol):
    """An objective and its batches.

    Attributes:
        objective: the module with the network; its result has a `value` and `sums(dtype)`.
        observed: what the objective sees of images.
        images: how many images an epoch counts.
    """

    objective: nn.Module
    observed: Observed
    images: int

    def batches(self, generator: torch.Generator) -> list[Tensor]:
        """The batches of an epoch, as indices of images; the generator decides their order."""
        ...

    def counted(self, batch: Tensor) -> int:
        """How many images of a batch are counted: the unit of the gradient."""
        ...

    def inputs(self, batch: Tensor, share: Tensor, step: int, batches: int) -> tuple[Any, ...]:
        """What the objective of a share is told beside what it sees and noise.

        Args:
            batch: the indices of the whole batch.
            share: those of the share.
            step: of the run, counted from 0.
            batches: steps in an epoch.
        """
        ...


def task_of(network: Network, config: TrainConfig, images: Images, device: torch.device) -> Task:
    """The task of a network. Raises SettingError: so many labels cannot be had."""
    pixels = images.images.flatten(1).to(device)
    if isinstance(network, VAE):
        return _WithoutLabels(network, config, pixels)
    supervision = Supervision.of(images, config, device)
    seen = Pixels(pixels)
    return _WithLabels(
        network,
        config,
        Described(network, seen, config.seed) if isinstance(network, M1M2) else seen,
        supervision,
    )


class _WithoutLabels:
    """The task of a VAE: every image in turn."""

    def __init__(self, vae: VAE, config: TrainConfig, pixels: Tensor) -> None:
        self.objective: nn.Module = ObjectiveOfVAE(vae, config.objective)
        self.observed: Observed = Pixels(pixels)
        self.images = len(pixels)
        self._config = config
        self._device = pixels.device

    def batches(self, generator: torch.Generator) -> list[Tensor]:
        order = torch.randperm(self.images, generator=generator, device=self._device)
        return list(torch.split(order, self._config.batch_size))

    def counted(self, batch: Tensor) -> int:
        return len(batch)

    def inputs(self, batch: Tensor, share: Tensor, step: int, batches: int) -> tuple[Any, ...]:
        return (torch.full((), beta_at(self._config, step, batches), device=share.device),)


class _WithLabels:
    """The task of a model with classes: images without a known class, and some with one."""

    def __init__(
        self, network: Labelled, config: TrainConfig, observed: Observed, supervision: Supervision
    ) -> None:
        self._config = config
        self._supervision = supervision
        self.observed = observed
        self.images = len(supervision.counted)
        every, labelled = len(supervision.labels), len(supervision.labelled)
        self.objective: nn.Module = ObjectiveWithLabels(network, config, every, labelled)

    def batches(self, generator: torch.Generator) -> list[Tensor]:
        return self._supervision.batches(self._config, generator)

    def counted(self, batch: Tensor) -> int:
        return len(batch) - (0 if self._supervision.is_full else self._labelled(batch))

    def inputs(self, batch: Tensor, share: Tensor, step: int, batches: int) -> tuple[Any, ...]:
        labels, known = self._supervision.labels[share], self._supervision.known[share]
        ratio = self.counted(batch) / self._labelled(batch)
        follow_q = step >= self._config.label_warm_up * batches
        return labels, known, torch.full((), ratio, device=share.device), follow_q

    def _labelled(self, batch: Tensor) -> int:
        """How many images of a batch have a known class; a batch has the same number always."""
        if self._supervision.is_full:
            return len(batch)
        return min(self._config.labelled_batch, len(self._supervision.labelled))
