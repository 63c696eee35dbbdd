"""A training is asked by a file in its folder: to wait, to go on, to stop."""

import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from commands import assert_same_run, command, resume

from model.files.run import RunPaths, read_metrics
from model.files.run_progress import read_progress
from model.files.run_request import Request, make_request, withdraw_request

pytestmark = pytest.mark.usefixtures("few")

LONG = ["--batch-size", "40", "--epochs", "400"]


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Trainings of tests are short: they look, and tell of themselves, at each step."""
    for name in ("model.files.run_request.PERIOD", "model.files.run_progress.PERIOD"):
        monkeypatch.setattr(name, 0.0)


def wait_until(condition: Callable[[], object]) -> None:
    end = time.monotonic() + 60.0
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.002)


def meanwhile(act: Callable[[], None]) -> threading.Thread:
    """Do something beside a training, which needs the main thread for Ctrl-C."""
    thread = threading.Thread(target=act)
    thread.start()
    return thread


@pytest.mark.slow
def test_it_stops_with_everything_saved_and_goes_on(mnist_dir: Path, tmp_path: Path) -> None:
    run, whole = RunPaths(tmp_path / "run"), RunPaths(tmp_path / "whole")
    flags = ["--batch-size", "50", "--epochs", "3"]

    def ask() -> None:
        wait_until(run.progress.exists)
        make_request(run.request, Request.STOP)

    asker = meanwhile(ask)
    outcome = command(mnist_dir, run.folder, *flags)
    asker.join()
    assert outcome.code == 130
    assert "everything is saved" in outcome.err
    assert list(read_metrics(run.folder))[-1]["reason"] == "interrupted"
    assert not run.request.exists()
    assert not run.progress.exists()
    make_request(run.request, Request.STOP)  # one that came too late does not stop the next one
    assert resume(mnist_dir, run.folder).code == 0
    assert command(mnist_dir, whole.folder, *flags).code == 0
    assert_same_run(whole, run)


@pytest.mark.slow
def test_it_waits_and_goes_on_as_if_nothing_had_been(mnist_dir: Path, tmp_path: Path) -> None:
    run, whole = RunPaths(tmp_path / "run"), RunPaths(tmp_path / "whole")
    flags = ["--batch-size", "50", "--epochs", "2"]
    waited = []

    def is_paused() -> bool:
        progress = read_progress(run.progress)
        return progress is not None and progress.paused

    def ask() -> None:
        wait_until(run.progress.exists)
        make_request(run.request, Request.PAUSE)
        wait_until(is_paused)
        before = read_progress(run.progress)
        time.sleep(0.05)
        waited.append(read_progress(run.progress) == before)
        withdraw_request(run.request)

    asker = meanwhile(ask)
    assert command(mnist_dir, run.folder, *flags).code == 0
    asker.join()
    assert waited == [True]
    assert command(mnist_dir, whole.folder, *flags).code == 0
    assert_same_run(whole, run)


def test_one_that_waits_can_be_stopped(mnist_dir: Path, tmp_path: Path) -> None:
    run = RunPaths(tmp_path / "run")

    def ask() -> None:
        wait_until(run.progress.exists)
        make_request(run.request, Request.PAUSE)
        wait_until(lambda: (found := read_progress(run.progress)) is not None and found.paused)
        make_request(run.request, Request.STOP)

    asker = meanwhile(ask)
    assert command(mnist_dir, run.folder, *LONG).code == 130
    asker.join()
    assert run.resume.exists()


def test_its_progress_is_that_of_its_steps(mnist_dir: Path, tmp_path: Path) -> None:
    run, told = RunPaths(tmp_path / "run"), []

    def look() -> None:
        while not run.metrics.exists():
            if (progress := read_progress(run.progress)) is not None:
                told.append(progress)
            time.sleep(0.001)
        make_request(run.request, Request.STOP)

    looker = meanwhile(look)
    command(mnist_dir, run.folder, *LONG)
    looker.join()
    assert told
    assert {(progress.epoch, progress.epochs) for progress in told} == {(1, 400)}
    assert [progress.done for progress in told] == sorted(progress.done for progress in told)
    assert all(0.0 < progress.done <= 1.0 for progress in told)
    assert all(round(100 * progress.done, 6) % 2 == 0 for progress in told)  # 50 steps
    assert all(progress.images_per_second > 0 for progress in told)
