import json
from datetime import datetime
from pathlib import Path

import pytest

from model.files.checkpoint import read_checkpoint
from model.files.checkpoint_format import CheckpointError
from model.files.run import (
    RunPaths,
    checkpoint_of,
    free_folder,
    is_free,
    new_name,
    read_metrics,
    resume_file,
    title_of,
)
from model.files.untrusted import Refused
from model.settings import SettingError

# Folders


def test_a_new_run_gets_a_folder_with_nothing_in_it(tmp_path: Path) -> None:
    assert free_folder(tmp_path / "new", "mnist", 2) == tmp_path / "new"
    unnamed = free_folder(None, "kmnist", 3)
    assert unnamed.parent == Path("runs")
    assert unnamed.name.startswith("kmnist-3d-")
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "file").touch()
    with pytest.raises(SettingError) as caught:
        free_folder(tmp_path / "taken", "mnist", 2)
    assert caught.value.name == "out"
    assert caught.value.reason == f"{tmp_path / 'taken'} is there already; name a new folder"


def test_a_run_is_continued_from_a_file_that_is_there(tmp_path: Path) -> None:
    RunPaths(tmp_path).resume.touch()
    assert resume_file(tmp_path) == RunPaths(tmp_path).resume
    for name in ("missing", "x" * 300, "\u202eevil"):
        with pytest.raises(SettingError) as caught:
            resume_file(tmp_path / name)
        assert caught.value.name == "resume"
        assert "there is no resume.safetensors in it" in caught.value.reason
        assert caught.value.reason.isprintable()


# Reading


def test_lines_that_are_not_finished_are_left_for_later(tmp_path: Path) -> None:
    metrics = RunPaths(tmp_path).metrics
    metrics.write_text('{"kind": "epoch", "epoch": 1}\n{"kind": "epoch", "epo')
    assert [line["epoch"] for line in read_metrics(tmp_path)] == [1]
    with metrics.open("a") as file:
        file.write('ch": 2, "new key": [1]}\n')
    assert [line["epoch"] for line in read_metrics(tmp_path)] == [1, 2]
    with metrics.open("a") as file:
        file.write('{"kind": "end"}')  # whole, but who knows
    assert len(list(read_metrics(tmp_path))) == 2


def test_metrics_can_be_read_at_any_moment_of_writing(tmp_path: Path) -> None:
    """Every prefix of a growing file gives the lines that are complete."""
    content = b"".join(json.dumps({"epoch": epoch}).encode() + b"\n" for epoch in range(3))
    for length in range(len(content) + 1):
        RunPaths(tmp_path).metrics.write_bytes(content[:length])
        assert len(list(read_metrics(tmp_path))) == content[:length].count(b"\n")


def test_the_checkpoint_of_a_run_is_its_best_one(tmp_path: Path) -> None:
    paths = RunPaths(tmp_path / "run")
    paths.folder.mkdir()
    paths.best.touch()
    assert checkpoint_of(paths.folder) == paths.best
    assert checkpoint_of(paths.last) == paths.last
    assert checkpoint_of(tmp_path) == tmp_path  # a folder without one
    assert checkpoint_of(tmp_path / "missing") == tmp_path / "missing"
    (tmp_path / "best.safetensors").mkdir()
    assert checkpoint_of(tmp_path) == tmp_path


def test_a_title_is_one_line_whatever_the_name(tmp_path: Path) -> None:
    assert title_of(tmp_path / "a\u202eb.safetensors") == r"'a\u202eb.safetensors'"
    assert title_of(tmp_path / "\x1b[31m" / "best.safetensors").isprintable()
    assert title_of(tmp_path / "<b>x.safetensors") == "<b>x.safetensors"


@pytest.mark.parametrize("line", ["{", "[]", "1", "", "\0", "1" * 5000, '{"a": 1, "a": 1}'])
def test_a_whole_line_that_is_no_object_is_refused(tmp_path: Path, line: str) -> None:
    RunPaths(tmp_path).metrics.write_text(f'{{"epoch": 1}}\n{line}\n')
    lines = read_metrics(tmp_path)
    assert next(lines) == {"epoch": 1}
    with pytest.raises(Refused, match=r"^its metrics\.jsonl is damaged$"):
        next(lines)


def test_the_checkpoint_of_a_run_stopped_in_its_first_epoch_is_its_last(tmp_path: Path) -> None:
    paths = RunPaths(tmp_path)
    paths.last.touch()
    assert checkpoint_of(paths.folder) == paths.last
    paths.best.touch()
    assert checkpoint_of(paths.folder) == paths.best


@pytest.mark.parametrize("name", ["x" * 300, "a\0b", "\ud800", "", "file/below"])
def test_any_path_means_a_checkpoint_that_can_be_tried(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").touch()
    path = tmp_path / name
    assert checkpoint_of(path) == path
    with pytest.raises(CheckpointError):
        read_checkpoint(checkpoint_of(path))


# Places for a run


def test_only_nothing_and_an_empty_folder_are_free(tmp_path: Path) -> None:
    assert is_free(tmp_path)
    assert is_free(tmp_path / "missing" / "below")
    (tmp_path / "file").touch()
    assert not is_free(tmp_path)
    assert not is_free(tmp_path / "file")
    assert is_free(tmp_path / "file" / "below")  # nothing is there: writing will say why not
    assert is_free(tmp_path / ("x" * 300))
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    assert not is_free(tmp_path / "link")


def test_names_of_runs_say_what_and_when() -> None:
    before = datetime.now().replace(microsecond=0)
    name = new_name("fashion-mnist", 16)
    assert name.startswith("fashion-mnist-16d-")
    when = datetime.strptime(name.removeprefix("fashion-mnist-16d-"), "%Y%m%d-%H%M%S")
    assert before <= when <= datetime.now()


def test_a_checkpoint_of_a_run_is_called_by_the_runs_name_too(tmp_path: Path) -> None:
    run = RunPaths(tmp_path / "a run")
    assert title_of(run.best) == "a run/best.safetensors"
    assert title_of(run.last) == "a run/last.safetensors"
    assert title_of(run.snapshot(3)) == "a run/step_00000003.safetensors"
    assert title_of(tmp_path / "mine.safetensors") == "mine.safetensors"
    assert title_of(Path("best.safetensors")) == "best.safetensors"
