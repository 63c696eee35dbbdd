"""How far a run is, seen from its folder alone; and what a person means by a path in it."""

import json
import os
import shutil
from pathlib import Path

import pytest

from model.files.checkpoint import Checkpoint, CheckpointError, read_checkpoint, write_checkpoint
from model.files.run import RunPaths, checkpoint_of, is_run
from model.files.run_lock import RunLock
from model.files.run_look import NoEpochYet, RunLook, checkpoint_named_by
from model.files.run_progress import Progress, ProgressWriter
from model.files.run_state import RunState, Stage
from model.network.initialisation import build
from model.network.vae import VAEConfig
from model.train.train_config import TrainConfig

TINY = VAEConfig(latent_dim=2, hidden=8, blocks=1, fourier_features=0)


def write_epoch(path: Path, epoch: int) -> None:
    write_checkpoint(path, Checkpoint(build(TINY, epoch), TrainConfig(epochs=9), epoch, {}, {}))


@pytest.fixture
def run(tmp_path: Path) -> RunPaths:
    """A run that has begun."""
    paths = RunPaths(tmp_path / "a run")
    paths.folder.mkdir()
    paths.config.write_text(json.dumps({"model": {}, "training": {}}))
    return paths


def write_end(run: RunPaths, reason: str) -> None:
    with run.metrics.open("a") as file:
        file.write(json.dumps({"kind": "end", "reason": reason}) + "\n")


def test_a_run_goes_on_epoch_by_epoch_and_ends(run: RunPaths) -> None:
    look = RunLook(run.folder)
    assert look.look() == RunState(Stage.GOING_ON, 0)
    for epoch in (1, 2):
        write_epoch(run.last, epoch)
        write_epoch(run.best, epoch)
        run.metrics.write_text('{"kind": "epoch", "epoch": 1}\n{"kind": "epo')
        assert look.look() == RunState(Stage.GOING_ON, epoch)
    run.metrics.write_text('{"kind": "epoch", "epoch": 1}\n')
    write_end(run, "finished")
    assert look.look() == RunState(Stage.ENDED, 2, "finished")


def test_it_says_when_the_run_began_and_again_when_another_one_did(run: RunPaths) -> None:
    look = RunLook(run.folder)
    assert look.look().started == ""
    settings = {"model": {}, "training": {}, "started": "2026-01-31T12:00:00+00:00"}
    run.config.write_text(json.dumps(settings))
    assert look.look().started == "2026-01-31T12:00:00+00:00"
    run.config.write_text(json.dumps(settings)[:40])  # half a file says nothing
    assert look.look().started == "2026-01-31T12:00:00+00:00"
    run.config.write_text(json.dumps(settings | {"started": "2026-02-01T12:00:00+00:00"}))
    assert look.look().started == "2026-02-01T12:00:00+00:00"
    run.config.write_text(json.dumps(settings | {"started": "x\n" * 1000}))
    assert len(look.look().started) <= 40


def test_the_best_and_the_last_checkpoint_are_watched_apart(run: RunPaths) -> None:
    write_epoch(run.best, 4)
    write_epoch(run.last, 6)
    assert RunLook(run.folder, run.last).look().epoch == 6
    assert RunLook(run.folder, run.best).look().epoch == 4
    assert RunLook(run.folder).look().epoch == 4


def test_a_checkpoint_that_is_still_being_copied_is_not_there_yet(run: RunPaths) -> None:
    write_epoch(run.last, 3)
    whole = run.last.read_bytes()
    look = RunLook(run.folder)
    for count in (0, 5, 100, len(whole) // 2, len(whole) - 1):
        run.last.write_bytes(whole[:count])
        assert look.look() == RunState(Stage.GOING_ON, 0), count
    run.last.write_bytes(whole)
    assert look.look() == RunState(Stage.GOING_ON, 3)


@pytest.mark.parametrize("content", [b"\xff\xfe\n", b"[1]\n", b"{}\n\n", b"\n", b'{"kind": "end"}'])
def test_strange_metrics_do_not_end_a_run(run: RunPaths, content: bytes) -> None:
    run.metrics.write_bytes(content)
    assert RunLook(run.folder).look() == RunState(Stage.GOING_ON, 0)


def test_a_folder_that_goes_away_is_gone(run: RunPaths) -> None:
    look = RunLook(run.folder)
    look.look()
    shutil.rmtree(run.folder)
    assert look.look() == RunState(Stage.GONE)
    run.folder.write_text("a file in its place")
    assert look.look() == RunState(Stage.GONE)


def test_a_disk_that_refuses_is_not_taken_for_a_deleted_run(
    run: RunPaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(Path, "stat", refuse)
    assert RunLook(run.folder).look() == RunState(Stage.UNREADABLE, 0, "Input/output error")


# What a path names


def test_a_run_before_its_first_epoch_says_so(run: RunPaths) -> None:
    for path in (run.folder, run.config, run.metrics):
        with pytest.raises(NoEpochYet) as caught:
            checkpoint_named_by(path)
        assert caught.value.folder == run.folder
        assert str(caught.value) == (
            "a run has not finished its first epoch: there is no checkpoint in it yet."
        )


def test_a_run_that_diverged_at_once_is_not_waited_for(run: RunPaths) -> None:
    write_end(run, "diverged")
    with pytest.raises(CheckpointError, match=r"^a run .* first epoch was done \(diverged\);") as e:
        checkpoint_named_by(run.folder)
    assert not isinstance(e.value, NoEpochYet)


def test_settings_and_metrics_name_their_run(run: RunPaths) -> None:
    write_epoch(run.best, 1)
    for path in (run.folder, run.config, run.metrics, run.best):
        assert checkpoint_of(path) == checkpoint_named_by(path) == run.best


def test_another_program_s_config_is_no_run(tmp_path: Path) -> None:
    config = tmp_path / "config.json"
    for text in ("{}", "[]", "hello", '{"model": 1, "training": {}}', ""):
        config.write_text(text)
        assert not is_run(tmp_path)
        assert checkpoint_named_by(tmp_path) == tmp_path
        assert checkpoint_named_by(config) == config
    assert not is_run(tmp_path / "missing")


def test_the_present_folder_has_a_name(run: RunPaths, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(run.folder)
    with pytest.raises(NoEpochYet, match=r"^a run has not"):
        checkpoint_named_by(Path())


# Files that are no checkpoints


def refusal(path: Path) -> str:
    with pytest.raises(CheckpointError) as caught:
        read_checkpoint(path)
    return str(caught.value)


def test_a_resume_state_names_the_checkpoint_beside_it(tmp_path: Path) -> None:
    from safetensors.torch import save
    from torch import zeros

    run = RunPaths(tmp_path)
    run.resume.write_bytes(save({"a": zeros(3)}, {"format": "vae-gui resume 1"}))
    holds = "resume.safetensors holds what training needs to go on; open "
    assert refusal(run.resume) == f"{holds}the checkpoint of its model."
    write_epoch(run.last, 1)
    assert refusal(run.resume) == f"{holds}last.safetensors beside it."
    write_epoch(run.best, 1)
    assert refusal(run.resume) == f"{holds}best.safetensors beside it."
    os.truncate(run.resume, 60)
    assert "it ends too early" in refusal(run.resume)


def test_numbers_name_the_model_that_they_belong_to(tmp_path: Path) -> None:
    from model import assets

    numbers = tmp_path / "my.numbers.safetensors"
    shutil.copy(assets.NUMBERS, numbers)
    holds = "my.numbers.safetensors holds numbers that were measured with a model; open "
    assert refusal(numbers) == f"{holds}the checkpoint of its model."
    write_epoch(tmp_path / "my.safetensors", 1)
    assert refusal(numbers) == f"{holds}my.safetensors beside it."


# Whether somebody still trains it


class Clock:
    """A clock that stands still until it is told."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_run_whose_lock_was_held_and_is_free_has_lost_its_training(run: RunPaths) -> None:
    pytest.importorskip("fcntl")
    look, lock = RunLook(run.folder), RunLock(run.folder)
    assert look.look() == RunState(Stage.GOING_ON)
    lock.release()  # as the system does when its process is killed
    assert look.look() == RunState(Stage.GOING_ON, is_lost=True)
    run.resume.touch()
    assert look.look() == RunState(Stage.GOING_ON, is_lost=True, can_go_on=True)
    lock = RunLock(run.folder)  # somebody goes on with it
    assert look.look() == RunState(Stage.GOING_ON)
    write_end(run, "finished")
    lock.release()
    assert look.look() == RunState(Stage.ENDED, 0, "finished")


def test_where_no_lock_was_seen_it_is_said_for_how_long_nothing_was_written(run: RunPaths) -> None:
    """As with another machine over a shared disk; the clocks of its files do not count."""
    clock = Clock()
    look = RunLook(run.folder, clock=clock)
    writer = ProgressWriter(run.progress)
    for _ in range(50):
        clock.now += 2.0
        writer.write(Progress(1, 9, 0.5, clock.now, 60.0))
        os.utime(run.progress, (clock.now % 7, 4e9 - clock.now))
        assert look.look() == RunState(Stage.GOING_ON)
    clock.now += 19.0
    assert look.look() == RunState(Stage.GOING_ON)
    clock.now += 30.0
    assert look.look() == RunState(Stage.GOING_ON, silence=40)
    writer.write(Progress(2, 9, 0.5, 1.0, 60.0))
    assert look.look() == RunState(Stage.GOING_ON)


def test_a_run_that_is_paused_may_be_silent(run: RunPaths) -> None:
    clock = Clock()
    look = RunLook(run.folder, clock=clock)
    ProgressWriter(run.progress).write(Progress(1, 9, 0.5, 1000.0, 60.0, paused=True))
    look.look()
    clock.now += 1000.0
    assert look.look() == RunState(Stage.GOING_ON)


def test_a_training_that_takes_long_between_two_lines_is_not_called_silent(run: RunPaths) -> None:
    pytest.importorskip("fcntl")
    clock = Clock()
    look, lock = RunLook(run.folder, clock=clock), RunLock(run.folder)
    look.look()
    clock.now += 1000.0
    assert look.look() == RunState(Stage.GOING_ON)
    lock.release()
