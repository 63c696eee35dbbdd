"""Writing the snapshots of a run: its weights in half precision, after the steps of a schedule."""

import contextlib
import copy
from collections.abc import Mapping

import torch

from model.data.datasets import Splits
from model.files.checkpoint import Checkpoint, Metrics, write_checkpoint
from model.files.checkpoint_format import WeightsNotFinite
from model.files.run import RunPaths
from model.network.families import Network, network_of
from model.network.vae import VAE, VAEConfig
from model.train.snapshot_schedule import SnapshotSchedule, snapshot_schedule
from model.train.supervision import steps_per_epoch
from model.train.train_config import TrainConfig
from model.train.training import TrainingReport
from model.train.training_state import Start, untrained

# A weight in float16; a line of the table of tensors; settings, metrics and checksums.
_WEIGHT, _LINE, _TEXTS = 2, 160, 8192


class SnapshotWriter:
    """Writes the snapshots of one run.

    A snapshot is only looked at. Where weights are too large for half precision, or no numbers any
    more, there is none, and it is for the training to say that something is wrong.

    Attributes:
        schedule: after which steps there is a snapshot.

    Raises (each method):
        CheckpointError: the system refuses to write.
    """

    def __init__(
        self, paths: RunPaths, vae_config: VAEConfig, config: TrainConfig, data: Splits
    ) -> None:
        """Write into a run with these settings."""
        self._paths = paths
        self._vae_config = vae_config
        self._config = config
        self._checksums: Mapping[str, str] = data.checksums
        self.schedule = schedule_of(vae_config, config, len(data.train))

    def as_dict(self) -> dict[str, object]:
        """What the snapshots will take, for the run's config.json."""
        return {"count": len(self.schedule.steps), "bytes": self.schedule.bytes}

    def write_untrained(self, data: Splits, start: Start | None = None) -> None:
        """Write the network before the first step, if it is kept.

        Args:
            data: on which it is trained.
            start: weights that it begins with, by name.
        """
        if self.schedule.keeps(0):
            self._write(0, untrained(self._vae_config, self._config, data, start), 0, {})

    def write(self, report: TrainingReport) -> None:
        """Write the network of a report, if it is kept; the training's state is left as it is."""
        place = report.place
        if not self.schedule.keeps(place.step):
            return
        metrics = {"train": report.train_metrics}
        if report.validation is not None:
            metrics["validation"] = report.validation.as_dict()
        self._write(place.step, self._network_of(report), place.epoch, metrics)

    def _network_of(self, report: TrainingReport) -> Network:
        """The network to save, with the atlas that its decoder has at this step."""
        vae = report.state.model
        if not isinstance(vae, VAE):
            return vae
        is_filled = report.place.step > self._config.atlas_after * report.batches
        if vae.config.atlas == 0 or report.validation is not None or not is_filled:
            return vae
        vae = copy.deepcopy(vae)  # the atlas in training is filled at times and places of its own
        vae.fill_atlas()
        return vae

    def _write(self, step: int, network: Network, epoch: int, metrics: Metrics) -> None:
        checkpoint = Checkpoint(network, self._config, epoch, metrics, self._checksums)
        with contextlib.suppress(WeightsNotFinite):
            write_checkpoint(self._paths.snapshot(step), checkpoint, torch.float16)


def schedule_of(vae_config: VAEConfig, config: TrainConfig, images: int) -> SnapshotSchedule:
    """The schedule of a run with so many training images."""
    return snapshot_schedule(
        config.snapshots,
        epochs=config.epochs,
        steps_per_epoch=steps_per_epoch(images, vae_config, config),
        bytes_each=bytes_of_snapshot(vae_config),
        bytes_per_hundred=config.snapshot_megabytes * 10**6,
    )


def bytes_of_snapshot(vae_config: VAEConfig) -> int:
    """The size of a snapshot of this network, at most."""
    with torch.device("meta"):
        weights: dict[str, torch.Tensor] = network_of(vae_config).state_dict()
    return _TEXTS + sum(_LINE + _WEIGHT * weight.numel() for weight in weights.values())
