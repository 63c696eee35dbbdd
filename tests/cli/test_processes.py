"""Several processes under torch's own launcher."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from commands import (
    EXACT,
    SCRIPT_ON_FEW,
    SMALL,
    assert_same_run,
    command,
    environment,
    python,
)

from model.files.checkpoint import read_checkpoint
from model.files.run import RunPaths, read_metrics

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name != "posix", reason="processes of POSIX"),
]

Launch = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def launch(mnist_dir: Path, tmp_path: Path) -> Iterator[Launch]:
    """Starts two processes in the folder of this test; ends those that a failed test left."""
    launched = []

    def start(*flags: str) -> "subprocess.Popen[str]":
        launcher = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]
        launched.append(
            subprocess.Popen(
                python(*launcher, SCRIPT_ON_FEW, "--data-dir", str(mnist_dir), *flags),
                env=environment(tmp_path),
                cwd=tmp_path,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                start_new_session=True,
            )
        )
        return launched[-1]

    yield start
    for process in launched:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


LEARNING = ["--epochs", "7", "--batch-size", "51", "--learning-rate", "3e-3", "--hidden", "32"]


@pytest.mark.usefixtures("few")
def test_two_processes_reach_what_one_reaches_in_one_run_directory(
    launch: Launch, mnist_dir: Path, tmp_path: Path
) -> None:
    process = launch(*SMALL, *EXACT, *LEARNING)
    out, err = process.communicate()
    assert process.returncode == 0, err  # the launcher's: 0 if both ended with 0
    (folder,) = (tmp_path / "runs").iterdir()
    one = command(mnist_dir, tmp_path / "one", *LEARNING)
    assert [line.split("  ")[0] for line in out.splitlines()] == [
        out.splitlines()[0],
        *(f"epoch {epoch}/7" for epoch in range(1, 8)),
        *out.splitlines()[8:],
    ]
    assert len(out.splitlines()) == len(one.out.splitlines())  # only one of them speaks
    assert ", 2 processes; 13 snapshots take at most " in out.splitlines()[0]
    ends = []
    for run in (folder, one.paths.folder):
        *epochs, end = read_metrics(run)
        assert [line["epoch"] for line in epochs] == [1, 2, 3, 4, 5, 6, 7]
        assert [line["step"] for line in epochs] == [40, 80, 120, 160, 200, 240, 280]
        ends.append((epochs[4:], end))  # before, a few steps more or less make nats
    for two, alone in zip(ends[0][0], ends[1][0], strict=True):
        for split in ("train", "validation"):
            assert two[split]["elbo"] == pytest.approx(alone[split]["elbo"], abs=4.0)
            assert two[split]["elbo"] != alone[split]["elbo"]  # their noise is their own
    assert ends[0][1]["test"]["elbo"] == pytest.approx(ends[1][1]["test"]["elbo"], abs=4.0)
    assert ends[0][1]["test"]["elbo"] > -230
    found = sorted(path.name for path in folder.rglob("*"))
    assert found == sorted(path.name for path in one.paths.folder.rglob("*"))
    assert json.loads(RunPaths(folder).config.read_text())["training"]["batch_size"] == 51


def test_two_processes_go_on_as_if_they_had_not_stopped(launch: Launch, tmp_path: Path) -> None:
    flags = ["--batch-size", "100", "--ema-decay", "0.9"]
    for name, epochs in (("whole", "3"), ("run", "2")):
        process = launch(*SMALL, *EXACT, *flags, "--epochs", epochs, "--out", name)
        _, err = process.communicate()
        assert process.returncode == 0, err
    process = launch("--resume", "run", "--epochs", "3")
    _, err = process.communicate()
    assert process.returncode == 0, err
    whole, run = RunPaths(tmp_path / "whole"), RunPaths(tmp_path / "run")
    assert_same_run(whole, run, same_command=False)


def test_a_wrong_flag_ends_both(launch: Launch, tmp_path: Path) -> None:
    process = launch(*SMALL, *EXACT, "--epochs", "0")
    out, err = process.communicate()
    assert process.returncode != 0
    assert out == ""
    assert "--epochs must be at least 1, not 0." in err
    assert not (tmp_path / "runs").exists()


def test_ctrl_c_stops_both_after_the_epoch(launch: Launch, tmp_path: Path) -> None:
    """As a terminal does it: the launcher and both processes get the signal."""
    process = launch(*SMALL, *EXACT, "--epochs", "1000", "--batch-size", "20", "--out", "run")
    run = RunPaths(tmp_path / "run")
    while process.poll() is None and not run.resume.exists():
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGINT)
    process.communicate()
    *epochs, end = read_metrics(run.folder)
    assert (end["kind"], end["reason"]) == ("end", "interrupted")
    assert read_checkpoint(run.last).epoch == len(epochs) >= 1
    process = launch("--resume", "run", "--epochs", str(len(epochs) + 1))
    _, err = process.communicate()
    assert process.returncode == 0, err
    assert len(list(read_metrics(run.folder))) == len(epochs) + 2
