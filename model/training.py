"""Training as a generator: train() yields a report after each step and does no I/O.

Whoever iterates decides what to show and what to write; to stop is to stop iterating. At a yield
the weights are at rest: they may be read, saved and copied.

Every random number comes from (seed, epoch), so an epoch can be repeated without its history.
"""

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from model.data import DATASETS, Splits, binarise, binarise_once
from model.likelihood import ELBO, estimate_elbo
from model.settings import SettingError, check, setting
from model.vae import VAE, VAEConfig


@dataclass(frozen=True)
class TrainConfig:
    """How a VAE is trained. Raises SettingError, naming the first field that is not allowed."""

    epochs: int = setting(20, "visits of every training image", minimum=1, maximum=100_000)
    batch_size: int = setting(128, "images in a step", minimum=1, maximum=50_000)
    learning_rate: float = setting(1e-3, "step size of Adam", above=0.0, maximum=10.0)
    schedule: str = setting(
        "constant",
        "constant: one learning rate throughout; cosine: rises over the first fiftieth of the "
        "steps, then falls to zero",
        choices=("constant", "cosine"),
    )
    beta: float = setting(
        1.0, "weight of the KL term; reported ELBOs always have 1", minimum=0.0, maximum=1e6
    )
    seed: int = setting(0, "seed of every random number", minimum=0, maximum=2**63 - 1)
    dataset: str = setting("mnist", "what to train on", choices=tuple(DATASETS))
    device: str = setting(
        "auto",
        "auto: cuda where there is one, else cpu",
        choices=("auto", "cpu", "cuda", "mps"),
    )

    def __post_init__(self) -> None:
        check(self)


class TrainingDiverged(Exception):  # noqa: N818 - it says what happened
    """The ELBO is no longer a number. Attributes: `epoch` and `step` where it was noticed."""

    def __init__(self, epoch: int, step: int) -> None:
        super().__init__(f"the ELBO became NaN or infinite at step {step} (epoch {epoch})")
        self.epoch = epoch
        self.step = step


@dataclass
class TrainingState:
    """What training changes: the weights, the optimiser, and the place in the data.

    Attributes:
        vae: the live network.
        optimizer: its Adam.
        generator: the source of this epoch's random numbers.
        epoch: the epoch under way or just finished, from 1; 0 before the first.
        batch: how many batches of that epoch are done.
        step: how many steps the run has done.
    """

    vae: VAE
    optimizer: torch.optim.Adam
    generator: torch.Generator
    epoch: int = 0
    batch: int = 0
    step: int = 0

    def tensors(self) -> dict[str, Tensor]:
        """Everything as named tensors: `weights.*`, `optimizer.*`, and `generator` (its state)."""
        names = [name for name, _ in self.vae.named_parameters()]
        tensors = {f"weights.{name}": value for name, value in self.vae.state_dict().items()}
        for index, slots in self.optimizer.state_dict()["state"].items():
            for slot, value in slots.items():
                tensors[f"optimizer.{names[index]}.{slot}"] = value
        tensors["generator"] = self.generator.get_state()
        return tensors


@dataclass(frozen=True)
class TrainingReport:
    """Where training stands after a step.

    Attributes:
        state: the live state; read it before the next step.
        batches: steps in an epoch.
        images: training images visited in this epoch so far.
        seconds: time spent in the steps of this epoch.
        sums: (2,) float64, reconstruction and KL summed over those images, in nats.
        validation: the validation ELBO, at the end of an epoch; None elsewhere.
    """

    state: TrainingState
    batches: int
    images: int
    seconds: float
    sums: Tensor
    validation: ELBO | None = None

    @property
    def train(self) -> ELBO:
        """The ELBO's running average over this epoch, as the weights changed (one draw of z)."""
        reconstruction, kl = (self.sums / self.images).tolist()
        return ELBO(reconstruction, kl)

    @property
    def images_per_second(self) -> float:
        """Training images per second of this epoch, without validation and without the reader."""
        return self.images / self.seconds


def resolve_device(name: str) -> torch.device:
    """The device that a setting means on this machine.

    Raises:
        SettingError: it names a device that is not here.
    """
    available = {
        "cpu": True,
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
    }
    if name == "auto":
        return torch.device("cuda" if available["cuda"] else "cpu")
    if not available[name]:
        here = ", ".join(device for device, there in available.items() if there)
        raise SettingError("device", f"{name} is not available on this machine; available: {here}")
    return torch.device(name)


def build(vae_config: VAEConfig, seed: int) -> VAE:
    """A VAE whose initial weights depend on the seed alone."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return VAE(vae_config)


def train(vae_config: VAEConfig, config: TrainConfig, data: Splits) -> Iterator[TrainingReport]:
    """Maximise the ELBO with Adam; yield a report after each step.

    The pixels are binarised afresh at each visit. The last report of an epoch carries the
    validation ELBO; validation images are binarised once.

    Raises:
        SettingError: the device is not here.
        TrainingDiverged: the ELBO is not finite; the step that would have used it is not taken.
    """
    device = resolve_device(config.device)
    vae = build(vae_config, config.seed).to(device)
    optimizer = torch.optim.Adam(vae.parameters(), lr=config.learning_rate, fused=True)
    state = TrainingState(vae, optimizer, torch.Generator(device))
    pixels = data.train.images.flatten(1).to(device)
    validation = binarise_once(data.validation.images).flatten(1).to(device)
    for epoch in range(1, config.epochs + 1):
        report = None
        for report in _train_epoch(state, epoch, config, pixels):
            if report.state.batch < report.batches:
                yield report
        assert report is not None
        elbo = estimate_elbo(vae, validation)
        if not math.isfinite(elbo.elbo):
            raise TrainingDiverged(epoch, state.step)
        yield TrainingReport(
            state, report.batches, report.images, report.seconds, report.sums, elbo
        )


def _train_epoch(
    state: TrainingState, epoch: int, config: TrainConfig, pixels: Tensor
) -> Iterator[TrainingReport]:
    """One visit of every image in pixels (N, 784) uint8, in random order."""
    _seed(state.generator, config.seed, epoch)
    order = torch.randperm(len(pixels), generator=state.generator, device=pixels.device)
    batches = torch.split(order, config.batch_size)
    sums = torch.zeros(2, dtype=torch.float64)
    images, seconds = 0, 0.0
    state.epoch, state.batch = epoch, 0
    for batch in batches:
        start = time.perf_counter()
        set_learning_rate(state, config, len(batches))
        x = binarise(pixels[batch], state.generator)
        sums = sums + _step(state, x, config.beta)
        if not math.isfinite(sums.sum().item()):
            raise TrainingDiverged(epoch, state.step + 1)
        state.step += 1
        state.batch += 1
        images += len(batch)
        seconds += time.perf_counter() - start
        yield TrainingReport(state, len(batches), images, seconds, sums)


def _step(state: TrainingState, x: Tensor, beta: float) -> Tensor:
    """One step of Adam on images x (B, 784); returns the ELBO's two terms, summed, (2,).

    If the objective is not finite, no step is taken and the terms are NaN.
    """
    terms = state.vae(x, state.generator)
    loss = -terms.elbo(beta).mean()
    if not torch.isfinite(loss):
        return torch.full((2,), math.nan, dtype=torch.float64)
    state.optimizer.zero_grad()
    loss.backward()
    state.optimizer.step()
    # To the CPU first: not every device knows float64.
    return torch.stack([term.detach().cpu().double().sum() for term in terms])


def set_learning_rate(state: TrainingState, config: TrainConfig, batches: int) -> None:
    """Give the optimiser the learning rate of its next step."""
    rate = learning_rate_at(config, state.step, batches * config.epochs)
    for group in state.optimizer.param_groups:
        group["lr"] = rate


def learning_rate_at(config: TrainConfig, step: int, steps: int) -> float:
    """The learning rate of a step, counted from 0, in a run of `steps` steps."""
    if config.schedule == "constant":
        return config.learning_rate
    warm_up = max(1, steps // 50)
    if step < warm_up:
        return config.learning_rate * (step + 1) / warm_up
    progress = (step - warm_up) / max(1, steps - warm_up)
    return config.learning_rate * 0.5 * (1.0 + math.cos(math.pi * progress))


def _seed(generator: torch.Generator, seed: int, epoch: int) -> None:
    state = np.random.SeedSequence([seed, epoch]).generate_state(1, np.uint64)
    generator.manual_seed(int(state[0]))
