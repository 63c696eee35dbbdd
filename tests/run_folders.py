"""Folders of runs as trainings leave them, and what the tests do to processes."""

import contextlib
import errno
import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path

from pretended_training import append, epoch_line

from model.files.run import RunPaths


def write_run(
    folder: Path, epochs: int = 3, end: str | None = "finished", preset: str = "", of: int = 9
) -> RunPaths:
    """A run with some epochs; without an end, as a kill leaves it."""
    paths = RunPaths(folder)
    paths.snapshot(0).parent.mkdir(parents=True)
    command = ["train_cli.py", *(["--preset", preset] if preset else []), "--out", str(folder)]
    settings = {
        "model": {"latent_dim": 2, "architecture": "residual"},
        "training": {"epochs": of},
        "command": command,
        "started": "2026-01-01T00:00:00+00:00",
    }
    paths.config.write_text(json.dumps(settings))
    for epoch in range(1, epochs + 1):
        append(paths, epoch_line(epoch))
    if end is not None:
        append(paths, {"kind": "end", "reason": end})
    paths.resume.touch()
    return paths


@contextlib.contextmanager
def unreadable(folder: Path) -> Iterator[str]:
    """A folder that nobody can read, not even root: a link to itself is in its place.

    Yields:
        What the system says of it.
    """
    aside = folder.with_name(f"{folder.name} aside")
    folder.rename(aside)
    folder.symlink_to(folder, target_is_directory=True)
    try:
        yield os.strerror(errno.ELOOP)
    finally:
        folder.unlink()
        aside.rename(folder)


def is_alive(pid: int) -> bool:
    """Whether a process goes on; one that ended and was not waited for does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def kill(pid: int) -> None:
    """As `kill -9` does; nothing where the process has ended."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
