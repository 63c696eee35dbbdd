"""Running the command line, and looking at what it left behind."""

import contextlib
import dataclasses
import hashlib
import io
import json
import os
import sys
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open

import train_cli
from model.files.checkpoint import read_checkpoint
from model.files.resume import read_state
from model.files.run import RunPaths, read_metrics

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = str(ROOT / "train_cli.py")
SCRIPT_ON_FEW = str(Path(__file__).with_name("train_few.py"))

# Nothing but Adam: what a run without flags adds is for the tests that name it.
PLAIN = [
    *("--fourier-features", "0", "--learning-rate", "0.001", "--schedule", "constant"),
    *("--adam-beta2", "0.999", "--no-mean-bias", "--ema-decay", "0"),
    *("--weight-decay", "0"),
]
# Exactly the same on every machine, and small.
SMALL = ["--hidden", "8", "--blocks", "1", "--batch-size", "1000", "--epochs", "1", *PLAIN]
EXACT = ["--device", "cpu", "--precision", "float32", "--threads", "1"]


@dataclasses.dataclass
class Outcome:
    """What a command left behind."""

    code: int
    out: str
    err: str
    paths: RunPaths


def typed(folder: Path, *arguments: str) -> Outcome:
    """Run main() here; the folder is that of the run."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = train_cli.main(list(arguments))
    return Outcome(code, out.getvalue(), err.getvalue(), RunPaths(folder))


def command(data_dir: Path, folder: Path, *flags: str) -> Outcome:
    """Start a run of a small network."""
    place = ["--data-dir", str(data_dir), "--out", str(folder)]
    return typed(folder, *SMALL, *EXACT, *place, *flags)


def resume(data_dir: Path, folder: Path, *flags: str) -> Outcome:
    """Go on with a run."""
    return typed(folder, "--resume", str(folder), "--data-dir", str(data_dir), *flags)


def environment(home: Path) -> dict[str, str]:
    """This environment for real processes, with a cache and a home of a test."""
    usual = {key: value for key, value in os.environ.items() if key != "PYTHONUNBUFFERED"}
    own = {"XDG_CACHE_HOME": str(home / "cache"), "HOME": str(home / "home")}
    places = [str(ROOT), str(ROOT / "tests"), os.environ.get("PYTHONPATH")]
    paths = os.pathsep.join(filter(None, places))
    return usual | own | {"PYTHONPATH": paths}


def assert_one_sentence(text: str) -> None:
    assert text.endswith(".\n")
    assert text.count("\n") == 1
    assert "Traceback" not in text


def tensors_of(path: Path) -> dict[str, torch.Tensor]:
    with safe_open(path, "pt") as file:
        return {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118


def content_of(folder: Path) -> dict[Path, tuple[int, str]]:
    """Every file of a folder: when it was written and what it holds.

    Without progress.json, which comes and goes, and only says how far a training is.
    """
    return {
        path: (path.stat().st_mtime_ns, hashlib.sha256(path.read_bytes()).hexdigest())
        for path in folder.rglob("*")
        if "progress.json" not in path.name and path.is_file()
    }


def without_times(metrics: list[dict[str, Any]]) -> list[dict[str, Any]]:
    times = {"seconds", "images_per_second"}
    return [{key: line[key] for key in line.keys() - times} for line in metrics]


def assert_same_run(one: RunPaths, other: RunPaths, *, same_command: bool = True) -> None:
    """Whether two runs are the same to the last bit, but for clocks and what was typed.

    Args:
        one: a run.
        other: another one.
        same_command: whether checkpoints hold the same settings, which is not so where the number
            of epochs was raised on the way.
    """
    files = [
        sorted(path.relative_to(run.folder) for path in run.folder.rglob("*") if path.is_file())
        for run in (one, other)
    ]
    assert files[0] == files[1]
    for name in files[0]:
        first, second = one.folder / name, other.folder / name
        if name.suffix == ".png":
            assert first.read_bytes() == second.read_bytes(), name
        if name.suffix == ".safetensors":
            assert_same_tensors(first, second)
        if name.suffix == ".safetensors" and name.name != one.resume.name:
            checkpoints = read_checkpoint(first), read_checkpoint(second)
            for attribute in ("config", "epoch", "metrics", "checksums"):
                assert getattr(checkpoints[0], attribute) == getattr(checkpoints[1], attribute)
            if same_command:
                assert checkpoints[0].training == checkpoints[1].training
    assert without_times(list(read_metrics(one.folder))) == without_times(
        list(read_metrics(other.folder))
    )
    saved, same = read_state(one.resume), read_state(other.resume)
    assert (saved.vae_config, saved.config) == (same.vae_config, same.config)
    place = dataclasses.replace(same.state.place, seconds=saved.state.place.seconds)
    assert saved.state.place == place
    settings = [json.loads(run.config.read_text()) for run in (one, other)]
    for each in settings:
        for name in ("command", "started", "continued"):
            each.pop(name, None)
    assert settings[0] == settings[1]


def assert_same_tensors(one: Path, other: Path) -> None:
    first, second = tensors_of(one), tensors_of(other)
    assert first.keys() == second.keys()
    for name, tensor in first.items():
        assert tensor.dtype == second[name].dtype
        assert torch.equal(tensor, second[name]), (one.name, name)


def python(*arguments: str) -> list[str]:
    """The command line that starts this Python."""
    return [sys.executable, *arguments]
