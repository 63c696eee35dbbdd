"""The run directory: the only file that knows its layout.

runs/NAME/
  config.json                 every resolved setting, versions, the data's checksums
  metrics.jsonl               one object a line, flushed at once
  snapshots/step_00000000.safetensors ...   weights for the timeline, in float16
  best.safetensors            the epoch with the highest validation ELBO
  last.safetensors            the newest sound weights
  resume.safetensors          weights, optimiser and place in the data, to continue from
  generated_images/epoch_1.png ...       ten samples from the prior after each epoch
  progress.json               while it trains: how far it is in its epoch
  request                     while it trains: what somebody asks of it, to pause or to stop
  samples.png  manifold.png   at the end, of the best epoch: samples; for two latent dimensions,
                              the decoded plane
"""

import dataclasses
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from model.files.untrusted import Refused, parse_table, read_bytes
from model.printable import printable
from model.settings import SettingError

# Bytes; a run that was continued a thousand times has less.
_MAX_CONFIG = 2**20


@dataclasses.dataclass(frozen=True)
class RunPaths:
    """The paths of a run's files in its folder."""

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
    def samples(self) -> Path:
        """A hundred samples of the best epoch."""
        return self.folder / "samples.png"

    @property
    def manifold(self) -> Path:
        """The decoded plane of the best epoch."""
        return self.folder / "manifold.png"

    @property
    def resume(self) -> Path:
        """The state to continue from."""
        return self.folder / "resume.safetensors"

    @property
    def progress(self) -> Path:
        """How far the training is in its epoch."""
        return self.folder / "progress.json"

    @property
    def request(self) -> Path:
        """What somebody asks of the training."""
        return self.folder / "request"

    def snapshot(self, step: int) -> Path:
        """The weights after a step."""
        return self.folder / "snapshots" / f"step_{step:08d}.safetensors"

    def generated_images(self, epoch: int) -> Path:
        """The picture of ten samples after an epoch."""
        return self.folder / "generated_images" / f"epoch_{epoch}.png"


def checkpoint_of(path: Path) -> Path:
    """The checkpoint at a path: the best one of a run, otherwise the path itself.

    A run is named by its directory, or by its config.json or metrics.jsonl. One that was stopped in
    its first epoch has no best checkpoint yet: there it is the last one.
    """
    run = RunPaths(folder_of(path))
    for checkpoint in (run.best, run.last):
        # Path.is_file() would raise on a name that is too long or a folder that is closed.
        if os.path.isfile(checkpoint):  # noqa: PTH113
            return checkpoint
    return path


def folder_of(path: Path) -> Path:
    """The folder of the run that a path names, if it names one."""
    run = RunPaths(path.parent)
    return run.folder if path in (run.config, run.metrics) else path


def is_run(folder: Path) -> bool:
    """Whether a folder is a run's: whether its config.json is one that `RunWriter` writes."""
    try:
        settings = read_settings(folder)
    except Refused:
        return False
    return isinstance(settings.get("model"), dict) and isinstance(settings.get("training"), dict)


def read_settings(folder: Path) -> dict[str, Any]:
    """What a run's config.json holds. Raises Refused where that is no JSON object."""
    return parse_table(read_bytes(RunPaths(folder).config, _MAX_CONFIG), "its settings")


def title_of(path: Path) -> str:
    """A checkpoint's name on screen: its file's name, after the folder's if that is a run."""
    run = run_around(path)
    return printable(f"{run.name}/{path.name}" if run is not None and run.name else path.name)


def run_around(path: Path) -> Path | None:
    """The folder of the run that a checkpoint has the place of one in; None if it has not."""
    above = RunPaths(path.parent)
    if path in (above.best, above.last):
        return above.folder
    run = RunPaths(path.parent.parent)
    return run.folder if path.parent == run.snapshot(0).parent else None


def read_metrics(folder: Path) -> Iterator[dict[str, Any]]:
    """The lines of a run's metrics.jsonl, also while it grows.

    A last line that is not finished yet is left for the next reading.

    Raises:
        Refused: a finished line is not a JSON object.
        OSError: the file cannot be read.
    """
    path = RunPaths(folder).metrics
    with path.open("rb") as file:
        for line in file:
            if line.endswith(b"\n"):
                yield parse_table(line, f"its {path.name}")


def free_folder(out: Path | None, dataset: str, latent_dim: int) -> Path:
    """The folder of a new run: the given one, or one in runs/ with a new name.

    Raises:
        SettingError: something is there already.
    """
    if out is None:
        out = Path("runs") / new_name(dataset, latent_dim)
    if not is_free(out):
        raise SettingError("out", f"{printable(out)} is there already; name a new folder")
    return out


def resume_file(folder: Path) -> Path:
    """The file that a run continues from.

    Raises:
        SettingError: there is none.
    """
    path = RunPaths(folder).resume
    if not os.path.isfile(path):  # noqa: PTH113 - Path.is_file() would raise on a closed folder
        raise SettingError(
            "resume",
            f"{printable(folder)} is not a run that can be continued: "
            f"there is no {path.name} in it",
        )
    return path


def is_free(folder: Path) -> bool:
    """Whether a run may be written there: nothing is there, or an empty folder."""
    try:
        return not any(folder.iterdir())
    except OSError:  # if it cannot be made either, making it will say why
        return not os.path.lexists(folder)


def new_name(dataset: str, latent_dim: int) -> str:
    """The name of a run without a given one: data set, dimensions, time to the second."""
    return f"{dataset}-{latent_dim}d-{datetime.now():%Y%m%d-%H%M%S}"
