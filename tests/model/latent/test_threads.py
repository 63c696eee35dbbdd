import subprocess
import sys
import threading
from pathlib import Path

import pytest
import torch

from model.latent.threads import threads, use_threads

ROOT = Path(__file__).resolve().parents[3]


def test_only_one_file_sets_the_number_of_torchs_threads() -> None:
    setting = {
        path.relative_to(ROOT).as_posix()
        for folder in ("model", "benchmarks", "vae_gui")
        for path in (ROOT / folder).rglob("*.py")
        if "set_num_threads" in path.read_text(encoding="utf-8")
    }
    assert setting == {"model/latent/threads.py"}
    assert "set_num_threads" not in (ROOT / "train_cli.py").read_text(encoding="utf-8")


def test_a_block_has_its_own_number_and_the_old_one_returns_after_an_error() -> None:
    use_threads(2)
    with threads(1):
        assert torch.get_num_threads() == 1
    assert torch.get_num_threads() == 2
    with pytest.raises(KeyError), threads(1):
        raise KeyError
    assert torch.get_num_threads() == 2


def test_the_number_is_that_of_the_calling_thread() -> None:
    numbers = []

    def count() -> None:
        numbers.append(torch.get_num_threads())  # the number set last is taken over
        use_threads(1)
        numbers.append(torch.get_num_threads())

    use_threads(2)
    other = threading.Thread(target=count)
    other.start()
    other.join()
    assert [*numbers, torch.get_num_threads()] == [2, 1, 2]


def test_threads_are_told_to_sleep_before_torch_is_imported() -> None:
    code = """
import os, sys
from model.latent.threads import let_waiting_threads_sleep
os.environ.pop("OMP_WAIT_POLICY", None)
let_waiting_threads_sleep()
print(os.environ["OMP_WAIT_POLICY"], "torch" in sys.modules)
os.environ["OMP_WAIT_POLICY"] = "ACTIVE"
let_waiting_threads_sleep()
print(os.environ["OMP_WAIT_POLICY"])
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout.split() == ["PASSIVE", "False", "ACTIVE"]
