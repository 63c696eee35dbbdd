"""A training beside a measurement, by the command that a person would type."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from model.files.run import RunPaths

TRAINER = Path(__file__).parent.parent / "train_cli.py"
LIMIT_S = 120.0
_OF_THE_WINDOW = ("OMP_WAIT_POLICY", "OPENBLAS_NUM_THREADS")


@contextmanager
def training() -> Iterator[None]:
    """Run a training with default settings, in a temporary folder, until the block ends."""
    environment = {key: v for key, v in os.environ.items() if key not in _OF_THE_WINDOW}
    with tempfile.TemporaryDirectory() as folder:
        run = RunPaths(Path(folder) / "run")
        command = [sys.executable, str(TRAINER), "--epochs", "100000", "--quiet"]
        child = subprocess.Popen([*command, "--out", str(run.folder)], env=environment)
        try:
            _wait_for(child, run.metrics)
            yield
            if child.poll() is not None:
                raise SystemExit("the training ended before the measurement did")
        finally:
            child.kill()
            child.wait()


def _wait_for(child: subprocess.Popen[bytes], metrics: Path) -> None:
    """Wait until an epoch is done: by then the training is at full speed."""
    deadline = time.monotonic() + LIMIT_S
    while not metrics.exists() or not metrics.stat().st_size:
        if child.poll() is not None or time.monotonic() > deadline:
            raise SystemExit("the training did not begin")
        time.sleep(0.1)
