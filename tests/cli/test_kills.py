"""kill -9 at any moment: what is on the disk then is enough to go on as if nothing had happened."""

import dataclasses
import json
import os
import random
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from commands import (
    EXACT,
    ROOT,
    SCRIPT_ON_FEW,
    SMALL,
    assert_one_sentence,
    assert_same_run,
    command,
    content_of,
    environment,
    python,
    resume,
)

from model.files.run import RunPaths, read_metrics

pytestmark = pytest.mark.skipif(os.name != "posix", reason="forks and signals of POSIX")

KILLED = -9


@dataclasses.dataclass
class Forks:
    """Runs commands in children of a process that has everything imported."""

    process: "subprocess.Popen[str]"

    def run(self, *arguments: str, **kill: Any) -> dict[str, Any]:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps({"arguments": arguments, **kill}) + "\n")
        self.process.stdin.flush()
        answer: dict[str, Any] = json.loads(self.process.stdout.readline())
        assert "Traceback" not in answer["err"]
        return answer

    def start(self, folder: Path, *flags: str, **kill: Any) -> dict[str, Any]:
        return self.run(*SMALL, *EXACT, *flags, "--out", str(folder), **kill)

    def resume(self, folder: Path, **kill: Any) -> dict[str, Any]:
        """Go on; where the kill came before the first epoch was done, one is told so."""
        answer = self.run("--resume", str(folder), **kill)
        if not RunPaths(folder).resume.exists():
            assert answer["code"] == 2
            assert_one_sentence(answer["err"])
            assert f"--resume {folder} is not a run that can be continued" in answer["err"]
            assert not [line for line in metrics_of(folder) if line["kind"] == "end"]
        return answer


def metrics_of(folder: Path) -> list[dict[str, Any]]:
    return list(read_metrics(folder)) if RunPaths(folder).metrics.exists() else []


@pytest.fixture(scope="module")
def forks(mnist_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forks]:
    script = str(Path(__file__).with_name("forking.py"))
    home = tmp_path_factory.mktemp("home")
    process = subprocess.Popen(
        python("-W", "ignore", script, str(mnist_dir)),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment(home),
        cwd=home,
        text=True,
    )
    yield Forks(process)
    process.kill()
    process.communicate()


# Both what is averaged and what is scheduled must survive.
TWO_EPOCHS = ["--epochs", "2", "--ema-decay", "0.9", "--schedule", "cosine"]

# Until the first epoch is done: config.json, snapshots after steps 0 and 1, and what each epoch
# has: last, snapshot, best, picture, resume.
FIRST_WRITES = 1 + 2 + 5
# A snapshot after step 3, an epoch; best, samples, manifold.
WRITES = FIRST_WRITES + 1 + 5 + 3


@pytest.mark.slow
@pytest.mark.parametrize("done", [False, True], ids=["before", "after"])
def test_a_kill_at_any_write_loses_nothing(done: bool, forks: Forks, tmp_path: Path) -> None:
    whole = RunPaths(tmp_path / "whole")
    assert forks.start(whole.folder, *TWO_EPOCHS)["code"] == 0
    for write in range(1, WRITES + 2):
        run = RunPaths(tmp_path / f"killed at write {write}")
        answer = forks.start(run.folder, *TWO_EPOCHS, write=write, done=done)
        assert answer["code"] == (KILLED if write <= WRITES else 0), write
        again = forks.resume(run.folder)
        if run.resume.exists():
            assert (again["code"], again["err"]) == (0, "")
            assert_same_run(whole, run)
        else:
            assert write <= FIRST_WRITES
    assert list(metrics_of(run.folder))[-1]["reason"] == "finished"


@pytest.mark.slow
@pytest.mark.parametrize("done", [False, True], ids=["before", "after"])
def test_kills_at_the_writes_of_those_that_go_on_lose_nothing_either(
    done: bool, forks: Forks, tmp_path: Path
) -> None:
    """The n-th one is killed at its n-th write, until one is through."""
    flags = ["--epochs", "4", "--ema-decay", "0.9", "--schedule", "cosine"]
    whole, run = RunPaths(tmp_path / "whole"), RunPaths(tmp_path / "run")
    assert forks.start(whole.folder, *flags)["code"] == 0
    assert forks.start(run.folder, *flags, write=FIRST_WRITES + 1, done=done)["code"] == KILLED
    kills = 0
    while forks.resume(run.folder, write=kills + 1, done=done)["code"] == KILLED:
        kills += 1
        assert kills < 30
    assert kills >= 8
    assert_same_run(whole, run)


@pytest.mark.slow
def test_kills_at_random_moments_lose_nothing(forks: Forks, tmp_path: Path) -> None:
    """At least thirty, over the whole life of several runs, each gone on with until it is done."""
    at_least, in_a_run = 30, 12
    flags = ["--epochs", "6", "--batch-size", "100", "--ema-decay", "0.9", "--kl-warm-up", "3"]
    whole = RunPaths(tmp_path / "whole")
    forks.start(whole.folder, *flags)
    shutil.rmtree(whole.folder)  # the first one is slower
    whole_life = forks.start(whole.folder, *flags)["seconds"]
    numbers = random.Random(0)
    kills = starts = 0
    while kills < at_least:
        run = RunPaths(tmp_path / f"run {starts}")
        answer = {"code": KILLED}
        enough = kills + in_a_run
        while answer["code"] == KILLED:
            seconds = numbers.uniform(0.0, 0.5) * whole_life if kills < enough else 3600.0
            if run.resume.exists():
                answer = forks.resume(run.folder, seconds=seconds)
            else:
                shutil.rmtree(run.folder, ignore_errors=True)
                answer = forks.start(run.folder, *flags, seconds=seconds)
            kills += answer["code"] == KILLED
            done = [line["epoch"] for line in metrics_of(run.folder) if line["kind"] == "epoch"]
            assert done == list(range(1, len(done) + 1))
        assert (answer["code"], answer["err"]) == (0, "")
        assert_same_run(whole, run)
        starts += 1
        assert starts < 60
    assert starts >= at_least / in_a_run


Start = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture
def start(mnist_dir: Path, tmp_path: Path) -> Iterator[Start]:
    """Starts processes of their own; ends those that a failed test left behind."""
    processes = []

    def run(*flags: str) -> "subprocess.Popen[bytes]":
        processes.append(
            subprocess.Popen(
                python(SCRIPT_ON_FEW, *flags, "--data-dir", str(mnist_dir)),
                env=environment(tmp_path),
                cwd=tmp_path,
                stdout=subprocess.DEVNULL,
            )
        )
        return processes[-1]

    yield run
    for process in processes:
        process.kill()
        process.wait()


@pytest.mark.slow
def test_a_real_process_that_is_killed_loses_nothing(
    start: Start, mnist_dir: Path, tmp_path: Path
) -> None:
    new = [*SMALL, *EXACT, "--epochs", "8", "--batch-size", "20", "--out"]
    assert start(*new, "whole").wait() == 0
    run, kills = RunPaths(tmp_path / "run"), 0
    process = start(*new, "run")
    for epochs in (1, 4):
        while process.poll() is None and not (
            run.resume.exists() and len(metrics_of(run.folder)) >= epochs
        ):
            time.sleep(0.002)
        before = content_of(run.folder)
        refused = resume(mnist_dir, run.folder)
        assert (refused.code, refused.out) == (1, "")
        assert_one_sentence(refused.err)
        assert "is being written by another process" in refused.err
        assert before.keys() <= content_of(run.folder).keys()
        process.kill()
        assert process.wait() == KILLED
        kills += 1
        process = start("--resume", "run")
    assert process.wait() == 0
    assert kills == 2
    assert_same_run(RunPaths(tmp_path / "whole"), run)
    assert len(json.loads(run.config.read_text())["continued"]) == kills


def test_the_processes_run_this_code() -> None:
    code = "import train_cli, model; print(train_cli.__file__, model.__file__)"
    found = subprocess.run(
        python("-c", code), env=environment(ROOT), capture_output=True, text=True, check=True
    ).stdout.split()
    assert found == [str(ROOT / "train_cli.py"), str(ROOT / "model" / "__init__.py")]


@pytest.mark.usefixtures("few")
def test_a_run_that_was_killed_before_its_first_epoch_says_what_to_do(
    mnist_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first writes of a run, with an exception that nothing catches in the place of a kill."""
    replace = os.replace
    for fatal in range(2, FIRST_WRITES + 1):
        writes = 0

        def replace_or_stop(*names: Any) -> None:
            nonlocal writes
            writes += 1
            if writes == fatal:  # noqa: B023
                raise SystemExit(fatal)  # noqa: B023
            replace(*names)

        folder = tmp_path / str(fatal)
        with monkeypatch.context() as patch:
            patch.setattr(os, "replace", replace_or_stop)
            with pytest.raises(SystemExit):
                command(mnist_dir, folder)
        before = content_of(folder)
        outcome = resume(mnist_dir, folder)
        assert outcome.code == 2
        assert_one_sentence(outcome.err)
        assert "there is no resume.safetensors in it" in outcome.err
        assert content_of(folder) == before
