"""The snapshots that are in a run's folder, in order, while somebody else may be writing it."""

import math
import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from model.files import sealed
from model.files.checkpoint_format import CHECKPOINT
from model.files.run import RunPaths, read_settings
from model.files.untrusted import Refused

# Earlier versions named snapshots by their epoch. Digits of other scripts are no digits here.
_NAME = re.compile(r"(step|epoch)_([0-9]{4,15})\.safetensors")


@dataclass(frozen=True, order=True)
class Snapshot:
    """A snapshot of a run, by its file.

    Attributes:
        step: after which its weights were saved; 0: untrained.
        epoch: the epoch of that step, from 1; 0: untrained.
        ends_epoch: whether that step is the last of its epoch.
        path: its file, which is whole but otherwise unread: `read_checkpoint` may still refuse it.
        version: changes whenever the file is written anew, as by a run that was continued.
    """

    step: int
    epoch: int
    ends_epoch: bool
    path: Path
    version: tuple[int, ...] = field(default=(), compare=False)


class SnapshotLook:
    """Looks at the snapshots of one run again and again; reads only files that have changed.

    A look may take as long as the disk does. It raises nothing.
    """

    def __init__(self, folder: Path) -> None:
        """Look at the run in a folder."""
        self._folder = folder
        self._whole: dict[Path, tuple[int, ...]] = {}

    def look(self) -> list[Snapshot]:
        """The snapshots in the order of their steps, without what is no whole checkpoint.

        It is empty where the folder is no run's, cannot be read, or is gone.
        """
        steps = _steps_per_epoch(self._folder)
        if steps is None:
            return []
        found: dict[int, Snapshot] = {}
        for path in _files(RunPaths(self._folder).snapshot(0).parent):
            snapshot = _named(path, steps)
            # A name by epoch sorts before one by step, which is the newer.
            if snapshot is not None and self._is_whole(path):
                found[snapshot.step] = replace(snapshot, version=self._whole[path])
        return [found[step] for step in sorted(found)]

    def _is_whole(self, path: Path) -> bool:
        """Whether a file is a checkpoint from its first byte to its last."""
        try:
            status = path.stat()
            signature = status.st_mtime_ns, status.st_size, status.st_ino
            if self._whole.get(path) != signature:
                if sealed.peek(path).get("format") != CHECKPOINT.format:
                    return False
                self._whole[path] = signature
        except (OSError, Refused):
            return False
        return True


def snapshots_of(folder: Path) -> list[Snapshot]:
    """The snapshots of a run in the order of their steps: `SnapshotLook.look`, once."""
    return SnapshotLook(folder).look()


def _files(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []


def _named(path: Path, steps_per_epoch: int) -> Snapshot | None:
    """The snapshot that a file's name claims; None for a foreign name."""
    match = _NAME.fullmatch(path.name)
    if match is None:
        return None
    number = int(match[2])
    step = number * steps_per_epoch if match[1] == "epoch" else number
    epoch = math.ceil(step / steps_per_epoch)
    return Snapshot(step, epoch, step > 0 and step % steps_per_epoch == 0, path)


def _steps_per_epoch(folder: Path) -> int | None:
    """The steps of an epoch by the run's settings; None where they do not say."""
    try:
        settings = read_settings(folder)
    except Refused:
        return None
    images = _number(settings, "data", "images", "train")
    batch_size = _number(settings, "training", "batch_size")
    if images is None or batch_size is None:
        return None
    labels = _number(settings, "training", "labels") or 0
    has_classes = _family(settings) in ("m2", "m1+m2")
    if has_classes and labels < images:  # an epoch visits the images without a known class
        images -= labels
    return math.ceil(images / batch_size)


def _family(settings: Any) -> object:
    model = settings.get("model")
    return model.get("family") if isinstance(model, dict) else None


def _number(settings: Any, *keys: str) -> int | None:
    """The count at a place in nested tables, if there is one."""
    for key in keys:
        settings = settings.get(key) if isinstance(settings, dict) else None
    return settings if type(settings) is int and 0 < settings <= 10**15 else None
