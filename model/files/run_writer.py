"""Writing a run directory during a training, and continuing one."""

import dataclasses
import errno
import json
import os
import platform
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import IO, Any

import torch

from model.atomic import remove_leftovers, write_atomically, write_through_file
from model.data.catalogue import BINARISATION_SEED
from model.data.datasets import Splits
from model.files import pictures
from model.files.checkpoint import Checkpoint, write_checkpoint
from model.files.resume import Saved, write_state
from model.files.run import RunPaths, is_free, read_metrics
from model.files.run_lock import RunLock
from model.files.run_progress import ProgressWriter
from model.files.run_request import RequestReader, withdraw_request
from model.files.snapshot_writer import SnapshotWriter
from model.files.untrusted import Refused, parse_table
from model.network.vae import VAEConfig
from model.printable import printable
from model.train.supervision import labelled_images
from model.train.train_config import TrainConfig
from model.train.training import TrainingReport
from model.train.training_state import TrainingState

_PACKAGES = ("vae-gui", "torch", "torchvision", "numpy", "safetensors")


class RunError(Exception):
    """The run directory cannot be made or written; the message is one sentence for the user."""


class RunWriter:
    """Writes one run directory as training goes on.

    When a method has returned, what it wrote is safe against a kill. An epoch is done when
    resume.safetensors has been written, which comes last. The files of an epoch that a kill left
    unfinished are overwritten when the run continues.

    Attributes:
        paths: of the run's files.
        snapshots: writes what is kept to be looked at.
        progress: writes how far the training is in its epoch.
        requests: looks for what is asked of the training.

    Raises (each method):
        RunError: the system refuses to write, or another process is writing this run.
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
        """Make the folder, which must be empty if it exists, and record the settings.

        Raises:
            SettingError: so many labels cannot be had; there is no folder then.
        """
        labelled = labelled_images(data.train, vae_config, config)
        self._take(folder, vae_config, config, data)
        with self._refusals():
            self._make_folders()
            self._lock = RunLock(folder)
            settings = _settings(vae_config, config, data, command)
            settings["snapshots"] = self.snapshots.as_dict()
            if 0 < len(labelled) < len(data.train):
                settings["data"]["labelled"] = labelled  # indices of training images
            write_atomically(self.paths.config, json.dumps(settings, indent=1).encode())

    @classmethod
    def reopen(
        cls, folder: Path, saved: Saved, config: TrainConfig, data: Splits, command: list[str]
    ) -> "RunWriter":
        """Continue writing a run from its saved state; records of later steps are dropped.

        Args:
            folder: of the run.
            saved: the state in its resume.safetensors.
            config: the stored settings, except for the number of epochs.
            data: its data.
            command: the command line of this continuation.
        """
        writer = cls.__new__(cls)
        writer._take(folder, saved.vae_config, config, data)
        writer._best_epoch = saved.state.place.best_epoch or None
        with writer._refusals():
            writer._lock = RunLock(folder)
            writer._remove_leftovers()
            writer.progress.remove()
            withdraw_request(writer.paths.request)
            writer._continue_records(saved.state.place.step, command)
        return writer

    def _take(self, folder: Path, vae_config: VAEConfig, config: TrainConfig, data: Splits) -> None:
        self.paths = RunPaths(folder)
        self._vae_config = vae_config
        self._config = config
        self._checksums = data.checksums
        self._best_epoch: int | None = None
        self.snapshots = SnapshotWriter(self.paths, vae_config, config, data)
        self.progress = ProgressWriter(self.paths.progress)
        self.requests = RequestReader(self.paths.request)

    def _make_folders(self) -> None:
        """Make the folder and claim it: of two runs that start at once, mkdir lets in one."""
        folder = self.paths.folder
        folder.mkdir(parents=True, exist_ok=True)
        if not is_free(folder):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
        self.paths.snapshot(0).parent.mkdir()
        self.paths.generated_images(0).parent.mkdir()

    def _remove_leftovers(self) -> None:
        paths = self.paths
        for path in (paths.config, paths.snapshot(0), paths.generated_images(0)):
            remove_leftovers(path.parent)

    def _continue_records(self, step: int, command: list[str]) -> None:
        """Keep the metrics of the epochs that were done, and note that the run continues."""
        settings = parse_table(self.paths.config.read_bytes(), f"its {self.paths.config.name}")
        metrics = self._metrics_until(step)
        if metrics is not None:
            write_atomically(self.paths.metrics, metrics.encode())
        settings["model"] = dataclasses.asdict(self._vae_config)
        settings["training"] = dataclasses.asdict(self._config)
        settings["snapshots"] = self.snapshots.as_dict()
        continued = {"command": command, "after_step": step, "started": _now()}
        settings["continued"] = [*settings.get("continued", []), continued]
        write_atomically(self.paths.config, json.dumps(settings, indent=1).encode())

    def _metrics_until(self, step: int) -> str | None:
        """The lines of the epochs done by a step; neither a half-written line nor an end."""
        try:
            lines = list(read_metrics(self.paths.folder))
        except FileNotFoundError:  # stopped before the first epoch was done
            return None
        kept = [line for line in lines if line["kind"] == "epoch" and line["step"] <= step]
        return "".join(json.dumps(line) + "\n" for line in kept)

    @property
    def best_epoch(self) -> int | None:
        """The epoch of the best checkpoint, None before the first."""
        return self._best_epoch

    def record_epoch(self, report: TrainingReport) -> None:
        """Write everything that belongs to an epoch, from its last report."""
        validation = report.validation
        assert validation is not None
        state, epoch = report.state, report.place.epoch
        metrics = {"train": report.train_metrics, "validation": validation.as_dict()}
        checkpoint = self._checkpoint(state, metrics)
        write_checkpoint(self.paths.last, checkpoint)
        self.snapshots.write(report)
        if state.is_best:
            write_checkpoint(self.paths.best, checkpoint)
            self._best_epoch = epoch
        self._write_picture(
            self.paths.generated_images(epoch),
            lambda file: pictures.write_row_of_samples(state.model, self._config.seed, file),
        )
        self._append(
            {
                "kind": "epoch",
                "epoch": epoch,
                "step": report.place.step,
                "seconds": round(report.place.seconds, 3),
                "images_per_second": round(report.images_per_second, 1),
                **metrics,
            }
        )
        self._write_resume(state)

    def record_interruption(self, report: TrainingReport) -> None:
        """Save the state of an unfinished epoch."""
        checkpoint = self._checkpoint(report.state, {"train": report.train_metrics})
        write_checkpoint(self.paths.last, checkpoint)
        self._write_resume(report.state)

    def record_test(self, checkpoint: Checkpoint, test: Mapping[str, float]) -> None:
        """Add the test metrics to the best checkpoint, and draw its samples and its plane."""
        metrics = {**checkpoint.metrics, "test": dict(test)}
        write_checkpoint(self.paths.best, dataclasses.replace(checkpoint, metrics=metrics))
        network = checkpoint.network
        self._write_picture(
            self.paths.samples,
            lambda file: pictures.write_samples(network, self._config.seed, file),
        )
        if network.config.latent_dim == 2:
            self._write_picture(
                self.paths.manifold, lambda file: pictures.write_manifold(network, file)
            )

    def end(self, reason: str, **facts: object) -> None:
        """Close the metrics, and release the run."""
        self.progress.remove()
        with suppress(OSError):
            withdraw_request(self.paths.request)
        self._append({"kind": "end", "reason": reason, "best_epoch": self.best_epoch, **facts})
        self._lock.release()

    def _checkpoint(self, state: TrainingState, metrics: Mapping[str, Any]) -> Checkpoint:
        return Checkpoint(state.model, self._config, state.epoch, metrics, self._checksums)

    def _append(self, line: dict[str, Any]) -> None:
        with self._refusals(), self.paths.metrics.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")

    def _write_resume(self, state: TrainingState) -> None:
        with self._refusals():
            write_state(self.paths.resume, self._vae_config, self._config, self._checksums, state)

    def _write_picture(self, path: Path, write: Callable[[IO[bytes]], None]) -> None:
        with self._refusals():
            write_through_file(path, write)

    def _refusals(self) -> "_Refusals":
        return _Refusals(self.paths.folder)


class _Refusals:
    """Turns a refusal, the system's or the reader's, into a RunError."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        folder = printable(self._folder)
        if isinstance(error, Refused):
            raise RunError(
                f"The run directory {folder} cannot be continued: {error.reason}; {error.advice}."
            ) from error
        if isinstance(error, BlockingIOError):
            raise RunError(
                f"The run directory {folder} is being written by another process; "
                "wait until it has ended, or stop it first."
            ) from error
        if isinstance(error, OSError):
            raise RunError(
                f"The run directory {folder} cannot be written "
                f"({error.strerror or error}); free some space, or choose another place with --out."
            ) from error


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
        "started": _now(),
        "machine": {
            "device": config.device,
            "threads": torch.get_num_threads(),
            "system": platform.platform(),
            "processor": platform.machine(),
        },
        "versions": {"python": platform.python_version()} | _versions(),
    }


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _versions() -> dict[str, str]:
    found = {}
    for package in _PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:  # run from a folder, without being installed
            found[package] = "not installed"
    return found
