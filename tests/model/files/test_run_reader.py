"""Runs as they are while they are written, ended, killed, damaged, or no runs at all."""

import json
import os
import shutil
import sys
from pathlib import Path

import pytest
from pretended_training import append, epoch_line
from run_folders import unreadable, write_run

from model.files.run_lock import RunLock
from model.files.run_progress import Progress, ProgressWriter
from model.files.run_reader import RunReader, RunsReader
from model.files.run_summary import RunStage, RunSummary


def seen(reader: RunReader) -> RunSummary:
    found = reader.look()
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("end", "stage"),
    [
        ("finished", RunStage.DONE),
        ("interrupted", RunStage.STOPPED),
        ("diverged", RunStage.DIVERGED),
        (None, RunStage.STOPPED),  # killed: nobody holds its lock
        ("a reason of a later version", RunStage.STOPPED),
    ],
)
def test_an_ended_run_says_how_it_ended(tmp_path: Path, end: str, stage: RunStage) -> None:
    write_run(tmp_path / "run", 3, end, preset="paper")
    run = seen(RunReader(tmp_path / "run"))
    assert run.stage is stage
    assert (run.preset, run.network) == ("paper", "2-D residual")
    assert (run.epoch, run.epochs, run.best) == (3, 9, -197.0)
    assert run.seconds == 6.0
    assert [epoch.validation.kl for epoch in run.history] == [7.0] * 3
    assert run.can_go_on


def test_the_lock_tells_whether_a_run_is_trained_whatever_the_clock_says(tmp_path: Path) -> None:
    paths = write_run(tmp_path / "run", 2, None)
    for path in (paths.config, paths.metrics, paths.folder):
        os.utime(path, (0, 0))  # 1970
    lock, reader = RunLock(paths.folder), RunReader(paths.folder)
    assert seen(reader).stage is RunStage.TRAINING
    writer = ProgressWriter(paths.progress)
    writer.write(Progress(3, 9, 0.5, 1000.0, 60.0))
    assert seen(reader).progress == Progress(3, 9, 0.5, 1000.0, 60.0)
    assert seen(reader).fraction == pytest.approx(2.5 / 9)
    writer.write(Progress(3, 9, 0.5, 1000.0, 60.0, paused=True))
    assert seen(reader).stage is RunStage.PAUSED
    lock.release()
    for path in (paths.config, paths.metrics, paths.progress):
        os.utime(path, (2**33, 2**33))  # 2242
    stopped = seen(reader)
    assert (stopped.stage, stopped.progress) == (RunStage.STOPPED, None)


def test_where_the_system_cannot_lock_nothing_is_claimed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_run(tmp_path / "run", 2, None)
    monkeypatch.setitem(sys.modules, "fcntl", None)  # as on Windows
    assert seen(RunReader(tmp_path / "run")).stage is RunStage.UNENDED


def test_a_look_reads_on_and_leaves_half_a_line_for_later(tmp_path: Path) -> None:
    paths = write_run(tmp_path / "run", 1, None)
    reader = RunReader(paths.folder)
    line = json.dumps(epoch_line(2)) + "\n"
    assert seen(reader).epoch == 1
    with paths.metrics.open("a") as file:
        file.write(line[:40])
    assert seen(reader).epoch == 1
    with paths.metrics.open("a") as file:
        file.write(line[40:])
    assert seen(reader).epoch == 2
    assert [epoch.number for epoch in seen(reader).history] == [1, 2]


def test_metrics_that_were_written_anew_are_read_anew(tmp_path: Path) -> None:
    """As --resume does: it drops the end, and the epochs after the saved state."""
    paths = write_run(tmp_path / "run", 5, "interrupted")
    reader = RunReader(paths.folder)
    assert seen(reader).epoch == 5
    new = paths.metrics.with_name("new")
    new.write_text("".join(json.dumps(epoch_line(epoch)) + "\n" for epoch in (1, 2)))
    new.replace(paths.metrics)
    assert seen(reader).epoch == 2
    append(paths, epoch_line(3))
    assert [epoch.number for epoch in seen(reader).history] == [1, 2, 3]


def test_metrics_that_were_written_over_are_read_anew(tmp_path: Path) -> None:
    """A deleted run and its successor may have the same number on the disk."""
    paths = write_run(tmp_path / "run", 2, None)
    reader = RunReader(paths.folder)
    assert seen(reader).best == -198.0
    lines = [json.dumps(epoch_line(epoch) | {"seconds": 3.25}) + "\n" for epoch in (1, 2, 3)]
    paths.metrics.write_text("".join(lines))
    assert [epoch.seconds for epoch in seen(reader).history] == [3.25] * 3


@pytest.mark.parametrize(
    "line",
    [
        "nonsense",
        "[]",
        '{"kind": "epoch"}',
        json.dumps(epoch_line(2) | {"epoch": "2"}),
        json.dumps(epoch_line(2) | {"train": {}}),
        json.dumps(epoch_line(2) | {"seconds": True}),
        json.dumps(epoch_line(2)).replace("7.0", "NaN"),
    ],
)
def test_a_line_that_makes_no_sense_is_damage(tmp_path: Path, line: str) -> None:
    paths = write_run(tmp_path / "run", 1, None)
    with paths.metrics.open("a") as file:
        file.write(line + "\n")
    reader = RunReader(paths.folder)
    for _ in range(2):
        run = seen(reader)
        assert run.stage is RunStage.DAMAGED
        assert run.reason
        assert "\n" not in run.reason


@pytest.mark.parametrize(
    "content", ["", "{", "[1]", '{"model": {}}', '{"model": 1, "training": 2}']
)
def test_damaged_settings_are_damage_in_a_run_and_nothing_elsewhere(
    tmp_path: Path, content: str
) -> None:
    paths = write_run(tmp_path / "run")
    paths.config.write_text(content)
    assert seen(RunReader(paths.folder)).stage is RunStage.DAMAGED
    other = tmp_path / "of another program"
    other.mkdir()
    (other / "config.json").write_text(content)
    assert RunReader(other).look() is None


def test_a_run_that_is_deleted_is_gone_and_one_that_comes_back_is_seen(tmp_path: Path) -> None:
    paths = write_run(tmp_path / "run", 2)
    reader = RunReader(paths.folder)
    assert seen(reader).epoch == 2
    shutil.rmtree(paths.folder)
    assert reader.look() is None
    write_run(tmp_path / "run", 4)
    assert seen(reader).epoch == 4


@pytest.mark.skipif(os.name != "posix", reason="links of POSIX")
def test_a_folder_that_cannot_be_read_is_said_to_be_unreadable(tmp_path: Path) -> None:
    paths = write_run(tmp_path / "run")
    reader = RunReader(paths.folder)
    with unreadable(paths.folder) as reason:
        run = seen(reader)
    assert (run.stage, run.reason) == (RunStage.DAMAGED, f"it cannot be read ({reason})")
    assert seen(reader).stage is RunStage.DONE


def test_a_folder_of_runs_passes_over_everything_else(tmp_path: Path) -> None:
    for name in ("b", "a"):
        write_run(tmp_path / name)
    (tmp_path / "notes.txt").write_text("milk")
    (tmp_path / "empty").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    reader = RunsReader(tmp_path)
    assert [run.folder.name for run in reader.look()] == ["a", "b"]
    shutil.rmtree(tmp_path / "a")
    assert [run.folder.name for run in reader.look()] == ["b"]


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        RunsReader(tmp_path / "missing").look()


@pytest.mark.parametrize(
    ("command", "preset"),
    [
        (["train_cli.py", "--preset", "iwae"], "iwae"),
        (["train_cli.py", "--preset=iwae", "--seed", "1"], "iwae"),
        (["train_cli.py", "--seed", "1"], ""),
        (["train_cli.py", "--preset"], ""),
        ([], ""),
        ("train", ""),
        (None, ""),
    ],
)
def test_the_preset_is_that_of_the_command(tmp_path: Path, command: object, preset: str) -> None:
    paths = write_run(tmp_path / "run")
    settings = json.loads(paths.config.read_text()) | {"command": command}
    paths.config.write_text(json.dumps(settings))
    assert seen(RunReader(paths.folder)).preset == preset
