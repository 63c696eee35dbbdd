"""The state of a training: one object that can be taken apart into tensors and restored."""

import copy
import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import torch
from torch import Tensor
from torch.optim import Optimizer

from model.data.datasets import Splits
from model.network.families import Network, network_of, trained_parameters
from model.network.initialisation import build, start_at_mean
from model.network.vae import VAE, VAEConfig
from model.train.optimisation import build_optimizer
from model.train.train_config import TrainConfig

# Prefixes of tensors' names in resume files.
WEIGHTS, EMA, OPTIMIZER = "weights", "average", "optimizer"

Start = Mapping[str, Tensor]
"""Weights of a network that other trainings have learned, by name."""

_SLOTS = {"adam": ("exp_avg", "exp_avg_sq"), "adagrad": ("sum",)}


@dataclass
class Place:
    """The place of a run in its epochs and in the data.

    Attributes:
        epoch: the epoch under way or just finished, from 1; 0 before the first.
        batch: how many batches of that epoch are done.
        step: how many steps the run has done.
        images: how many training images of that epoch are done, in all processes.
        seconds: time spent in the steps of that epoch.
        best_epoch: the epoch with the highest validation ELBO so far; 0 before the first.
        best_elbo: that ELBO, in nats per image.
    """

    epoch: int = 0
    batch: int = 0
    step: int = 0
    images: int = 0
    seconds: float = 0.0
    best_epoch: int = 0
    best_elbo: float = -math.inf


@dataclass
class TrainingState:
    """The state of a training: weights, the optimiser's moments, and the place in the data.

    It holds no random numbers: they follow from the seed and the place.

    Attributes:
        network: the live network.
        optimizer: its optimiser.
        ema: the exponential moving average of its weights; None without an EMA decay.
        sums: (3,), of this epoch: reconstruction and KL in nats, summed over the images that this
            process has counted, and their number; of a model with classes (5,), see
            `model.train.label_objective`.
        place: how far the run has come.
    """

    network: Network
    optimizer: Optimizer
    ema: Network | None
    sums: Tensor
    place: Place = field(default_factory=Place)

    @property
    def model(self) -> Network:
        """The network to validate, save and show: the EMA if there is one."""
        return self.network if self.ema is None else self.ema

    @property
    def epoch(self) -> int:
        """The epoch under way or just finished, from 1."""
        return self.place.epoch

    @property
    def batch(self) -> int:
        """The number of batches of that epoch that are done."""
        return self.place.batch

    @property
    def step(self) -> int:
        """The number of steps that the run has done."""
        return self.place.step

    @property
    def is_best(self) -> bool:
        """Whether the epoch just finished has the highest validation ELBO so far."""
        return self.epoch == self.place.best_epoch

    def tensors(self) -> dict[str, Tensor]:
        """Everything but the place: `weights.*`, `average.*`, `optimizer.*` and `sums`."""
        tensors = {f"{WEIGHTS}.{name}": value for name, value in self.network.state_dict().items()}
        if self.ema is not None:
            for name, value in self.ema.state_dict().items():
                tensors[f"{EMA}.{name}"] = value
        names = [name for name, _ in trained_parameters(self.network)]
        for index, slots in self.optimizer.state_dict()["state"].items():
            for slot, value in slots.items():
                tensors[f"{OPTIMIZER}.{names[index]}.{slot}"] = value
        tensors["sums"] = self.sums
        return tensors

    def load(self, tensors: Mapping[str, Tensor], place: Place) -> None:
        """Restore the `tensors` and the `place` of another state with the same settings.

        Raises:
            KeyError: a tensor is missing.
            RuntimeError: a tensor has another shape.
        """
        self.network.load_state_dict(_below(WEIGHTS, tensors))
        if self.ema is not None:
            self.ema.load_state_dict(_below(EMA, tensors))
        slots = {}
        for index, (name, _) in enumerate(trained_parameters(self.network)):
            slots[index] = {
                slot: value.clone()
                for slot, value in _below(f"{OPTIMIZER}.{name}", tensors).items()
            }
        groups = self.optimizer.state_dict()["param_groups"]
        self.optimizer.load_state_dict({"state": slots, "param_groups": groups})
        self.sums = tensors["sums"].to(self.sums)
        self.place = place


def _below(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    start = prefix + "."
    return {
        name.removeprefix(start): value for name, value in tensors.items() if name.startswith(start)
    }


def expected_shapes(vae_config: VAEConfig, config: TrainConfig) -> dict[str, torch.Size]:
    """The shapes of `TrainingState.tensors` after a step with these settings, by name."""
    with torch.device("meta"):
        network = network_of(vae_config)
    shapes = {"sums": torch.Size([sums_of(network)])}
    for kind in (WEIGHTS, EMA) if config.ema_decay else (WEIGHTS,):
        for name, value in network.state_dict().items():
            shapes[f"{kind}.{name}"] = value.shape
    for name, parameter in trained_parameters(network):
        shapes[f"{OPTIMIZER}.{name}.step"] = torch.Size([])
        for slot in _SLOTS[config.optimizer]:
            shapes[f"{OPTIMIZER}.{name}.{slot}"] = parameter.shape
    return shapes


def sums_of(network: Network) -> int:
    """How many numbers a training of this network sums over the images of an epoch."""
    return 3 if isinstance(network, VAE) else 5


def untrained(
    vae_config: VAEConfig, config: TrainConfig, data: Splits, start: Start | None = None
) -> Network:
    """The network before the first step, on the CPU.

    To make the optimiser, as `begin` does, takes torch two seconds the first time.

    Args:
        vae_config: the network.
        config: the settings of the training.
        data: the data.
        start: weights that are learned already, by name.
    """
    network = build(vae_config, config.seed, config.initialisation)
    if config.mean_bias:
        start_at_mean(network, data.train.images)
    if start is not None:
        network.load_state_dict(network.state_dict() | dict(start))
    return network


def begin(
    vae_config: VAEConfig,
    config: TrainConfig,
    data: Splits,
    device: torch.device,
    start: Start | None = None,
) -> TrainingState:
    """The state before the first step. Arguments as `untrained`."""
    network = untrained(vae_config, config, data, start).to(device)
    ema = copy.deepcopy(network).requires_grad_(False) if config.ema_decay else None
    # MPS has no float64.
    exact = torch.float32 if device.type == "mps" else torch.float64
    sums = torch.zeros(sums_of(network), dtype=exact, device=device)
    return TrainingState(network, build_optimizer(network, config), ema, sums)
