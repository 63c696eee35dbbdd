"""The run directory: the only file that knows its layout.

runs/NAME/
  config.json                 every resolved setting, versions, the data's checksums
  metrics.jsonl               one object a line, flushed at once
  snapshots/epoch_0001.safetensors ...   weights for the timeline, in float16
  best.safetensors            the epoch with the highest validation ELBO
  last.safetensors            the newest sound weights
  resume.safetensors          weights, optimiser and place in the data, to go on from
  generated_images/epoch_1.png ...       ten samples from the prior after each epoch
"""

import dataclasses
import errno
import json
import os
import platform
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save as serialise_tensors

from model import latent
from model.atomic import write_atomically, write_through_file
from model.checkpoint import Checkpoint, CheckpointError, write_checkpoint
from model.data import BINARISATION_SEED, Splits
from model.likelihood import ELBO
from model.training import TrainConfig, TrainingReport, TrainingState
from model.vae import VAEConfig

SAMPLES = 10
_PACKAGES = ("vae-gui", "torch", "torchvision", "numpy", "safetensors")


class RunError(Exception):
    """The run directory cannot be made or written; the message is one sentence for the user."""


@dataclasses.dataclass(frozen=True)
class RunPaths:
    """Where the parts of a run lie in its folder."""

    folder: Path

    @property
    def config(self) -> Path:
        """Every resolved setting."""
        return self.folder / "config.json"

    @property
    def metrics(self) -> Path:
        """One object a line."""
        return self.folder / "metrics.jsonl"

    @property
    def best(self) -> Path:
        """The checkpoint with the highest validation ELBO."""
        return self.folder / "best.safetensors"

    @property
    def last(self) -> Path:
        """The newest checkpoint."""
        return self.folder / "last.safetensors"

    @property
    def resume(self) -> Path:
        """What is needed to go on."""
        return self.folder / "resume.safetensors"

    def snapshot(self, epoch: int) -> Path:
        """The weights after an epoch."""
        return self.folder / "snapshots" / f"epoch_{epoch:04d}.safetensors"

    def generated_images(self, epoch: int) -> Path:
        """The picture of ten samples after an epoch."""
        return self.folder / "generated_images" / f"epoch_{epoch}.png"


def checkpoint_of(path: Path) -> Path:
    """The checkpoint that a path means: of a run directory its best one, else the path itself."""
    best = RunPaths(path).best
    # Path.is_file() would raise on a name that is too long or a folder that is closed.
    return best if os.path.isfile(best) else path  # noqa: PTH113


def title_of(path: Path) -> str:
    """What to call a checkpoint: its file's name; where it is a run's, the folder's name too."""
    run = RunPaths(path.parent)
    in_run = path in (run.best, run.last) and path.parent.name
    return f"{path.parent.name}/{path.name}" if in_run else path.name


def read_metrics(folder: Path) -> Iterator[dict[str, Any]]:
    """The lines of a run's metrics.jsonl, also while it grows.

    A last line that is not finished yet is left for the next reading.
    """
    with RunPaths(folder).metrics.open(encoding="utf-8") as file:
        for line in file:
            if line.endswith("\n"):
                yield json.loads(line)


class RunWriter:
    """Writes one run directory as training goes on.

    After any of its methods has returned, what it wrote is safe against a kill.

    Raises (each method):
        RunError: the system refuses to write.
        CheckpointError: likewise, for a checkpoint; or a weight is not finite.
    """

    def __init__(
        self,
        folder: Path,
        vae_config: VAEConfig,
        config: TrainConfig,
        data: Splits,
        command: list[str],
    ) -> None:
        """Make the folder, which must not hold anything yet, and record the settings."""
        self.paths = RunPaths(folder)
        self._config = config
        self._checksums = data.checksums
        self._best: tuple[float, int] | None = None
        try:
            self._make_folders()
            settings = _settings(vae_config, config, data, command)
            write_atomically(self.paths.config, json.dumps(settings, indent=1).encode())
        except OSError as error:
            raise _cannot_write(folder, error) from error

    def _make_folders(self) -> None:
        """Make the folder and claim it: of two runs that come at once, mkdir lets in one."""
        folder = self.paths.folder
        folder.mkdir(parents=True, exist_ok=True)
        if not is_free(folder):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
        self.paths.snapshot(0).parent.mkdir()
        self.paths.generated_images(0).parent.mkdir()

    @property
    def best_epoch(self) -> int | None:
        """The epoch of best.safetensors, None before the first."""
        return None if self._best is None else self._best[1]

    def record_epoch(self, report: TrainingReport) -> None:
        """Write all that belongs to an epoch, from its last report."""
        validation = report.validation
        assert validation is not None
        epoch = report.state.epoch
        metrics = {"train": report.train.as_dict(), "validation": validation.as_dict()}
        checkpoint = self._checkpoint(report.state, metrics)
        write_checkpoint(self.paths.last, checkpoint)
        write_checkpoint(self.paths.snapshot(epoch), checkpoint, torch.float16)
        if self._best is None or validation.elbo > self._best[0]:
            write_checkpoint(self.paths.best, checkpoint)
            self._best = (validation.elbo, epoch)
        self._write_samples(report.state, epoch)
        self._write_resume(report.state)
        self._append(
            {
                "kind": "epoch",
                "epoch": epoch,
                "step": report.state.step,
                "seconds": round(report.seconds, 3),
                "images_per_second": round(report.images_per_second, 1),
                **metrics,
            }
        )

    def record_interruption(self, report: TrainingReport) -> None:
        """Save an epoch that was stopped half-way."""
        checkpoint = self._checkpoint(report.state, {"train": report.train.as_dict()})
        write_checkpoint(self.paths.last, checkpoint)
        self._write_resume(report.state)

    def record_test(self, checkpoint: Checkpoint, test: ELBO) -> None:
        """Add the test ELBO to the best checkpoint."""
        metrics = {**checkpoint.metrics, "test": test.as_dict()}
        write_checkpoint(self.paths.best, dataclasses.replace(checkpoint, metrics=metrics))

    def end(self, reason: str, **facts: object) -> None:
        """Close metrics.jsonl."""
        self._append({"kind": "end", "reason": reason, "best_epoch": self.best_epoch, **facts})

    def _checkpoint(self, state: TrainingState, metrics: dict[str, dict[str, float]]) -> Checkpoint:
        return Checkpoint(state.vae, self._config, state.epoch, metrics, self._checksums)

    def _append(self, line: dict[str, Any]) -> None:
        try:
            with self.paths.metrics.open("a", encoding="utf-8") as file:
                file.write(json.dumps(line) + "\n")
        except OSError as error:
            raise _cannot_write(self.paths.folder, error) from error

    def _write_resume(self, state: TrainingState) -> None:
        """Weights are in it too: a kill between two files must not mix two moments."""
        place = {"epoch": str(state.epoch), "batch": str(state.batch), "step": str(state.step)}
        tensors = {name: value.cpu().contiguous() for name, value in state.tensors().items()}
        try:
            write_atomically(self.paths.resume, serialise_tensors(tensors, place))
        except OSError as error:
            raise _cannot_write(self.paths.folder, error) from error

    def _write_samples(self, state: TrainingState, epoch: int) -> None:
        """Ten samples, from the same ten z after every epoch, so that one sees them sharpen."""
        from torchvision.utils import save_image

        digits = latent.sample(state.vae, SAMPLES, self._config.seed)
        enlarged = torch.nn.functional.interpolate(digits[:, None], scale_factor=4.0)
        try:
            write_through_file(
                self.paths.generated_images(epoch),
                lambda file: save_image(
                    enlarged, file, format="png", nrow=SAMPLES, padding=8, pad_value=0.5
                ),
            )
        except OSError as error:
            raise _cannot_write(self.paths.folder, error) from error


def is_free(folder: Path) -> bool:
    """Whether a run may be written there: nothing is there, or an empty folder."""
    try:
        return not any(folder.iterdir())
    except OSError:  # where nothing can be made either, RunWriter will say why
        return not os.path.lexists(folder)


def new_name(dataset: str, latent_dim: int) -> str:
    """A name for a run that nobody named: data set, dimensions, and the time to the second."""
    return f"{dataset}-{latent_dim}d-{datetime.now():%Y%m%d-%H%M%S}"


def _settings(
    vae_config: VAEConfig, config: TrainConfig, data: Splits, command: list[str]
) -> dict[str, Any]:
    return {
        "format": 1,
        "model": dataclasses.asdict(vae_config),
        "training": dataclasses.asdict(config),
        "data": {
            "name": data.name,
            "images": {
                "train": len(data.train),
                "validation": len(data.validation),
                "test": len(data.test),
            },
            "binarisation": "training images afresh at each visit; validation and test images "
            f"once, seed {BINARISATION_SEED}",
            "sha256": data.checksums,
        },
        "command": command,
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {
            "device": config.device,
            "threads": torch.get_num_threads(),
            "system": platform.platform(),
            "processor": platform.machine(),
        },
        "versions": {"python": platform.python_version()} | _versions(),
    }


def _versions() -> dict[str, str]:
    found = {}
    for package in _PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:  # run from a folder, without being installed
            found[package] = "not installed"
    return found


def _cannot_write(folder: Path, error: OSError) -> RunError:
    return RunError(
        f"The run directory {folder} cannot be written ({error.strerror or error}); "
        "free some space, or choose another place with --out."
    )


__all__ = [
    "CheckpointError",
    "RunError",
    "RunPaths",
    "RunWriter",
    "checkpoint_of",
    "is_free",
    "new_name",
    "read_metrics",
    "title_of",
]
