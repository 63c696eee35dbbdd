import json
import os
import shutil
from pathlib import Path

import pytest

from model.data.datasets import Splits
from model.files.run import RunPaths
from model.files.run_writer import RunWriter
from model.files.snapshots import Snapshot, SnapshotLook, snapshots_of
from model.network.vae import VAEConfig
from model.train.train_config import TrainConfig

TINY = VAEConfig(latent_dim=2, hidden=8, blocks=1, fourier_features=0)
# Of 2,000 images: 10 steps an epoch.
CONFIG = TrainConfig(epochs=5, batch_size=200, device="cpu", precision="float32", threads=1)


@pytest.fixture
def run(tmp_path: Path, small: Splits) -> RunPaths:
    """A run with one snapshot, of the untrained network."""
    writer = RunWriter(tmp_path / "run", TINY, CONFIG, small, [])
    writer.snapshots.write_untrained(small)
    return writer.paths


def add(run: RunPaths, *names: str) -> None:
    """Add snapshots with these names."""
    first = run.snapshot(0)
    for name in names:
        shutil.copy(first, first.with_name(name))


def steps(run: RunPaths) -> list[int]:
    return [snapshot.step for snapshot in snapshots_of(run.folder)]


def test_snapshots_come_in_the_order_of_their_steps(run: RunPaths) -> None:
    add(run, "step_00000010.safetensors", "step_00000003.safetensors", "step_00000011.safetensors")
    folder = run.snapshot(0).parent
    assert snapshots_of(run.folder) == [
        Snapshot(0, 0, False, folder / "step_00000000.safetensors"),
        Snapshot(3, 1, False, folder / "step_00000003.safetensors"),
        Snapshot(10, 1, True, folder / "step_00000010.safetensors"),
        Snapshot(11, 2, False, folder / "step_00000011.safetensors"),
    ]


def test_snapshots_of_earlier_versions_are_found_by_their_epochs(run: RunPaths) -> None:
    add(run, "epoch_0001.safetensors", "epoch_0002.safetensors", "step_00000020.safetensors")
    found = snapshots_of(run.folder)
    assert [(each.step, each.epoch, each.ends_epoch) for each in found] == [
        (0, 0, False),
        (10, 1, True),
        (20, 2, True),
    ]
    assert found[1].path.name == "epoch_0001.safetensors"
    assert found[2].path == run.snapshot(20)


def test_what_is_no_whole_snapshot_is_left_out(run: RunPaths) -> None:
    whole = run.snapshot(0).read_bytes()
    add(run, "step_00000010.safetensors")
    for step, content in {1: b"", 2: whole[:4], 3: whole[:-1], 4: b"PK\x03\x04" + whole}.items():
        run.snapshot(step).write_bytes(content)
    run.snapshot(5).mkdir()
    foreign = (".step_00000006.safetensors.abc.part", "notes.txt", "step_1.safetensors", "a" * 200)
    add(run, *foreign, "step_00000007.safetensors.bak", "step_٠٠٠٠٠٠٠٨.safetensors", "epoch_.x")
    assert steps(run) == [0, 10]
    shutil.copy(run.config, run.snapshot(9))
    assert steps(run) == [0, 10]


@pytest.mark.skipif(os.name != "posix", reason="files of POSIX")
def test_what_is_no_file_is_left_out(run: RunPaths) -> None:
    os.mkfifo(run.snapshot(1))
    run.snapshot(2).symlink_to("nowhere")
    assert steps(run) == [0]


def test_a_folder_that_is_no_run_has_none(run: RunPaths, tmp_path: Path) -> None:
    assert snapshots_of(tmp_path) == []
    assert snapshots_of(tmp_path / "nothing") == []
    assert snapshots_of(run.config) == []
    for settings in ({}, {"data": 3}, {"training": {"batch_size": 0}, "data": {"images": [1]}}):
        run.config.write_text(json.dumps(settings))
        assert snapshots_of(run.folder) == []
    run.config.write_text("{")
    assert snapshots_of(run.folder) == []


def test_a_run_without_its_folder_of_snapshots_has_none(run: RunPaths) -> None:
    shutil.rmtree(run.snapshot(0).parent)
    assert snapshots_of(run.folder) == []


def test_a_second_look_sees_what_came_went_and_was_finished(run: RunPaths) -> None:
    look = SnapshotLook(run.folder)
    add(run, "step_00000001.safetensors")
    whole = run.snapshot(0).read_bytes()
    run.snapshot(3).write_bytes(whole[:-9])
    assert [each.step for each in look.look()] == [0, 1]
    run.snapshot(3).write_bytes(whole)
    run.snapshot(1).unlink()
    assert [each.step for each in look.look()] == [0, 3]
    run.snapshot(0).write_bytes(whole[:100])
    assert [each.step for each in look.look()] == [3]


def test_a_second_look_reads_no_file_again(run: RunPaths, monkeypatch: pytest.MonkeyPatch) -> None:
    look = SnapshotLook(run.folder)
    before = look.look()
    monkeypatch.setattr("model.files.sealed.peek", lambda path: pytest.fail(f"reads {path}"))
    assert look.look() == before
