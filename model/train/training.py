"""Training as a generator: train() yields a report after each step and does no I/O.

The caller decides what to show and what to write; it stops the training by not iterating further.
At a yield the weights are at rest: they may be read, saved and copied.

Every random number follows from the seed and the place (epoch, batch, process), so a run can
continue from any step without its history.
"""

import math
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import torch
from torch import Tensor, nn

from model.data.binarise import binarise_once
from model.data.datasets import Splits
from model.likelihood.elbo import ELBO, estimate_elbo
from model.network.families import trained_parameters
from model.network.vae import VAE, VAEConfig
from model.settings import SettingError
from model.train.distributed import Processes
from model.train.optimisation import learning_rate_at, take_step, update_ema
from model.train.shards import Shards
from model.train.task import task_of
from model.train.train_config import (
    TrainConfig,
    check_family,
    resolve_device,
    resolve_precision,
    resolve_threads,
)
from model.train.training_state import Place, Start, TrainingState, begin

# Steps between two fillings of an atlas, which may be a little older than the decoder.
ATLAS_INTERVAL = 100


class TrainingDiverged(Exception):  # noqa: N818 - it says what happened
    """The ELBO is NaN or infinite. Attributes: the `epoch` and `step` where it was noticed."""

    def __init__(self, epoch: int, step: int) -> None:
        super().__init__(f"the ELBO became NaN or infinite at step {step} (epoch {epoch})")
        self.epoch = epoch
        self.step = step


@dataclass(frozen=True)
class TrainingReport:
    """The state of a training after a step.

    Attributes:
        state: the live state; read it before the next step.
        place: a copy of its place.
        batches: steps in an epoch.
        sums: as `TrainingState.sums`; over all processes at the end of an epoch.
        validation: the validation ELBO, at the end of an epoch; None elsewhere.
    """

    state: TrainingState
    place: Place
    batches: int
    sums: Tensor
    validation: ELBO | None = None

    @property
    def train(self) -> ELBO:
        """The ELBO averaged over this epoch so far, while the weights changed.

        Reading it waits for the device; a step does not.
        """
        reconstruction, kl, images, *_ = self.sums.tolist()
        return ELBO(reconstruction / images, kl / images)

    @property
    def train_metrics(self) -> dict[str, float]:
        """The numbers of this epoch so far as runs store them, and what is said of classes."""
        metrics = self.train.as_dict()
        if len(self.sums) == 3:
            return metrics
        _, _, images, entropy, wrong = self.sums.tolist()
        return metrics | {"label_entropy": entropy / images, "error": 100.0 * wrong / images}

    @property
    def images_per_second(self) -> float:
        """Training images per second of the steps of this epoch, without the caller's work."""
        return self.place.images / self.place.seconds


@dataclass(frozen=True)
class SavedState:
    """A state to continue from: its `TrainingState.tensors` and its `place`."""

    tensors: dict[str, Tensor]
    place: Place


def train(
    vae_config: VAEConfig,
    config: TrainConfig,
    data: Splits,
    *,
    saved: SavedState | None = None,
    processes: Processes | None = None,
    start: Start | None = None,
) -> Iterator[TrainingReport]:
    """Maximise the objective; yield a report after each step.

    The pixels are binarised afresh at each visit. The last report of an epoch carries the
    validation ELBO; validation images are binarised once. Of a model with classes it is the bound
    on log p(x): no label of a validation image is used, neither to choose the best epoch nor to
    stop. Of a classifier that learns alone the last epoch counts as the best.

    Args:
        vae_config: the network.
        config: the settings of the training.
        data: the data.
        saved: the state to continue from; None to start.
        processes: the processes that share the work; None for this one alone.
        start: weights that a new training begins with, by name: M1, or a classifier.

    Raises:
        SettingError: the device is not here, or a setting does not suit the family of the model.
        TrainingDiverged: the objective is not finite. On a CPU this is noticed before the step is
            taken, on other devices at the end of the epoch.
    """
    check_family(vae_config, config)
    if vae_config.family == "m1+m2" and saved is None and start is None:
        raise SettingError("m1", "must name the VAE that an M1+M2 is to build on")
    processes = processes or Processes()
    device = processes.join(resolve_device(config.device))
    try:
        state = begin(vae_config, config, data, device, start)
        if saved is not None:
            state.load(saved.tensors, replace(saved.place))
            if not processes.is_writer:  # earlier images were counted by the writer
                state.sums.zero_()
        with closing(_Trainer(state, config, data, processes, device)) as trainer:
            while not _is_over(state, trainer.batches, config):
                yield from trainer.epoch()
    finally:
        processes.leave()


def _is_over(state: TrainingState, batches: int, config: TrainConfig) -> bool:
    """Whether every epoch is done, or validation has not improved for `patience` epochs."""
    place = state.place
    if place.batch < batches:
        return False
    waited = place.epoch - place.best_epoch
    return place.epoch >= config.epochs or 0 < config.patience <= waited


class _Trainer:
    """Runs the epochs of a state, in this process."""

    def __init__(
        self,
        state: TrainingState,
        config: TrainConfig,
        data: Splits,
        processes: Processes,
        device: torch.device,
    ) -> None:
        self._state = state
        self._config = config
        self._processes = processes
        self._device = device
        self._validation = binarise_once(data.validation.images).flatten(1).to(device)
        self._precision = resolve_precision(config.precision, device)
        self._images = len(data.train)
        self._parameters = [weight for _, weight in trained_parameters(state.network)]
        self._task = task_of(state.network, config, data.train, device)
        objective: nn.Module = processes.average_gradients(self._task.objective)
        if config.compile:
            objective.compile()
        self._shards = Shards(objective, _shards(config, device, processes))
        self._generators = [torch.Generator(device) for _ in self._shards.modules]
        self.batches = math.ceil(self._task.images / config.batch_size)

    def epoch(self) -> Iterator[TrainingReport]:
        """Run the rest of this epoch, or the next one; the last report has the validation."""
        state, place = self._state, self._state.place
        if place.batch == self.batches or place.epoch == 0:
            state.place = place = replace(
                place, epoch=place.epoch + 1, batch=0, images=0, seconds=0.0
            )
            state.sums = torch.zeros_like(state.sums)
        self._task.observed.begin_epoch(place.epoch)
        batches = self._task.batches(self._seeded(0))
        with self._shards.own_threads():
            for batch in batches[place.batch :]:
                start = time.perf_counter()
                self._step(batch)
                place.seconds += time.perf_counter() - start
                if place.batch < self.batches:
                    yield self._report()
        yield self._finish()

    def _step(self, batch: Tensor) -> None:
        """Take one step on the images with these indices (B,); this process computes its share."""
        state, place, config = self._state, self._state.place, self._config
        self._keep_atlas()
        share = self._processes.share(batch)
        counted = self._task.counted(batch)
        terms = self._shards.map(partial(self._gradients, batch), share)
        for group in state.optimizer.param_groups:
            group["lr"] = learning_rate_at(config, place.step, self.batches)
        take_step(state.optimizer, self._parameters, config, self._images)
        if state.ema is not None:
            # The atlas changes what the encoder's weights mean: the EMA starts anew.
            since = place.step - self._atlas_start
            steps = since if since >= 0 else place.step
            update_ema(state.ema, state.network, config.ema_decay, steps)
        for of_shard in terms:
            state.sums = state.sums + of_shard
        place.step += 1
        place.batch += 1
        place.images += counted

    @property
    def _atlas_start(self) -> int:
        """The step at which the encoder gets its atlas, if it has one."""
        return self._config.atlas_after * self.batches

    def _keep_atlas(self) -> None:
        """Fill the live network's atlas when it is due, at new places each time."""
        vae, place = self._state.network, self._state.place
        since = place.step - self._atlas_start
        if not isinstance(vae, VAE) or vae.config.atlas == 0 or since < 0 or since % ATLAS_INTERVAL:
            return
        if since == 0:
            vae.encoder.begin_where_found()
        first, second = np.random.default_rng([self._config.seed, place.step]).uniform(0.1, 0.9, 2)
        with self._autocast():
            vae.fill_atlas((float(first), float(second)))

    def _autocast(self) -> torch.autocast:
        bfloat16 = self._precision == "bfloat16"
        return torch.autocast(self._device.type, torch.bfloat16, enabled=bfloat16)

    def _gradients(self, batch: Tensor, shard: int, share: Tensor) -> Tensor:
        """Compute the gradients of the negative objective per counted image of the whole batch.

        Runs in the thread of a shard, on its share of the images, given by their indices. Returns
        the terms to add to the sums.
        """
        state, config, module = self._state, self._config, self._shards.modules[shard]
        generator = self._seeded(shard, state.place.batch + 1, self._processes.rank)
        x = self._task.observed.of(share, generator)
        shape = (config.samples, len(x), state.network.config.noise_dim)
        noise = torch.empty(shape, device=x.device).normal_(generator=generator)
        others = self._task.inputs(batch, share, state.step, self.batches)
        with self._autocast():
            found = module(x, noise, *others)
        # Gradients are averaged over processes, whose shares need not be equal.
        scale = self._processes.count / self._task.counted(batch)
        negative = -found.value.sum() * scale
        # On other devices this check would wait for the device at every step.
        if self._device.type == "cpu" and not math.isfinite(negative.item()):
            raise TrainingDiverged(state.epoch, state.step + 1)
        module.zero_grad()
        negative.backward()
        sums: Tensor = found.sums(state.sums.dtype)
        return sums

    def _finish(self) -> TrainingReport:
        """Validate, and remember the best epoch."""
        state, place = self._state, self._state.place
        state.sums = self._processes.sum(state.sums)
        if not torch.isfinite(state.sums).all():
            raise TrainingDiverged(place.epoch, place.step)
        if isinstance(state.model, VAE) and place.step > self._atlas_start:
            state.model.fill_atlas()
        elbo = self._validate()
        if not math.isfinite(elbo.elbo):
            raise TrainingDiverged(place.epoch, place.step)
        is_last_best = self._config.classifier_alone  # its bound says nothing of the classifier
        if elbo.elbo > place.best_elbo or is_last_best:
            place.best_epoch, place.best_elbo = place.epoch, elbo.elbo
        return replace(self._report(), validation=elbo)

    def _validate(self) -> ELBO:
        """The validation ELBO, measured by the writer alone."""
        terms = torch.zeros(2, device=self._device)
        if self._processes.is_writer:
            elbo = estimate_elbo(self._state.model, self._validation)
            if self._processes.count == 1:
                return elbo
            terms = torch.tensor([elbo.reconstruction, elbo.kl], device=self._device)
        return ELBO(*self._processes.from_writer(terms).tolist())

    def _report(self) -> TrainingReport:
        state = self._state
        return TrainingReport(state, replace(state.place), self.batches, state.sums)

    def _seeded(self, shard: int, *place: int) -> torch.Generator:
        """The generator of a shard, seeded for a place in this epoch."""
        words = [self._config.seed, self._state.place.epoch, *place, shard]
        seed = np.random.SeedSequence(words).generate_state(1, np.uint64)
        return self._generators[shard].manual_seed(int(seed[0]))

    def close(self) -> None:
        """End the threads."""
        self._shards.close()


def _shards(config: TrainConfig, device: torch.device, processes: Processes) -> int | None:
    """The number of shards: one a core, unless something else divides the work."""
    alone = processes.count == 1 and device.type == "cpu" and not config.compile
    return resolve_threads(config.threads) if alone else None
