import json
from pathlib import Path

import pytest

from model.files.run_progress import PERIOD, Progress, ProgressWriter, read_progress

SOME = Progress(3, 52, 0.25, 12_345.6, 98.7)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "progress.json"
    writer = ProgressWriter(path)
    writer.write(SOME)
    assert read_progress(path) == SOME
    assert list(tmp_path.iterdir()) == [path]  # nothing half-written is left
    writer.remove()
    writer.remove()
    assert read_progress(path) is None


def test_it_is_written_seldom(tmp_path: Path) -> None:
    now = 100.0
    writer = ProgressWriter(tmp_path / "progress.json", lambda: now)
    assert not writer.is_due
    now += PERIOD
    assert writer.is_due
    writer.write(SOME)
    assert not writer.is_due


def test_the_fraction_is_that_of_the_whole_run() -> None:
    assert Progress(1, 4, 0.0, 1.0, 1.0).fraction == 0.0
    assert Progress(3, 4, 0.5, 1.0, 1.0).fraction == 0.625
    assert Progress(4, 4, 1.0, 1.0, 1.0).fraction == 1.0


def test_a_disk_that_refuses_stops_nothing(tmp_path: Path) -> None:
    writer = ProgressWriter(tmp_path / "missing" / "progress.json")
    writer.write(SOME)
    writer.remove()


GOOD = {
    "epoch": 1,
    "epochs": 2,
    "done": 0.5,
    "images_per_second": 9.0,
    "seconds_left": 1.0,
    "paused": True,
}


def test_keys_of_later_versions_are_ignored(tmp_path: Path) -> None:
    path = tmp_path / "progress.json"
    path.write_text(json.dumps(GOOD | {"new": [1]}))
    assert read_progress(path) == Progress(1, 2, 0.5, 9.0, 1.0, paused=True)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[1]",
        "{}",
        json.dumps(GOOD)[:-9],
        json.dumps(GOOD | {"epoch": 0}),
        json.dumps(GOOD | {"epoch": 3}),
        json.dumps(GOOD | {"epoch": 1.5}),
        json.dumps(GOOD | {"epochs": True}),
        json.dumps(GOOD | {"done": -1}),
        json.dumps(GOOD | {"seconds_left": 1e300}),
        json.dumps(GOOD | {"images_per_second": "9"}),
        json.dumps(GOOD | {"paused": 1}),
        json.dumps(GOOD | {"pad": "x" * 5000}),
    ],
)
def test_what_makes_no_sense_is_no_progress(tmp_path: Path, content: str) -> None:
    path = tmp_path / "progress.json"
    path.write_text(content)
    assert read_progress(path) is None


def test_a_folder_in_its_place_is_no_progress(tmp_path: Path) -> None:
    (tmp_path / "progress.json").mkdir()
    assert read_progress(tmp_path / "progress.json") is None
