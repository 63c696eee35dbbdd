"""A training that learns nothing, for the window: a real process that writes a real run's folder.

    python pretended_training.py --out RUN ... | --resume RUN ...

It takes the lock, writes metrics and progress, and heeds requests, as train_cli.py does; settings
that are there already stay. The environment variable PRETENDED makes it fail: "refuse" before it
has a folder, "silent" it makes none, "full" after two epochs.
"""

import json
import os
import signal
import sys
import time
from pathlib import Path

from model.files.run import RunPaths
from model.files.run_lock import RunLock
from model.files.run_progress import Progress, ProgressWriter
from model.files.run_request import Request, read_request, withdraw_request

FULL = "The run directory cannot be written (No space left on device); free some space."
EPOCHS = 1000


def value_of(flag, words, usual):
    return words[words.index(flag) + 1] if flag in words else usual


def append(paths, line):
    with paths.metrics.open("a") as file:
        file.write(json.dumps(line) + "\n")


def epoch_line(epoch):
    terms = {"elbo": -200.0 + min(epoch, 60), "reconstruction": -193.0, "kl": 7.0}
    numbers = {"step": 10 * epoch, "seconds": 2.0, "images_per_second": 1000.0}
    return {"kind": "epoch", "epoch": epoch, **numbers, "train": terms, "validation": terms}


def begin(words):
    """The folder, the lock, the settings, and how many epochs are done."""
    resumed = value_of("--resume", words, None)
    paths = RunPaths(Path(resumed or value_of("--out", words, "runs/x")))
    paths.folder.mkdir(parents=True, exist_ok=True)
    lock = RunLock(paths.folder)
    withdraw_request(paths.request)
    done = 0
    if resumed:
        lines = [json.loads(line) for line in paths.metrics.read_text().splitlines()]
        kept = [line for line in lines if line["kind"] == "epoch"]
        paths.metrics.write_text("".join(json.dumps(line) + "\n" for line in kept))
        done = len(kept)
    elif not paths.config.exists():
        settings = {
            "model": {"latent_dim": 2, "architecture": "residual"},
            "training": {"epochs": int(value_of("--epochs", words, EPOCHS))},
            "command": ["train_cli.py", *words],
            "started": "2026-01-01T00:00:00+00:00",
        }
        paths.config.write_text(json.dumps(settings))
    paths.resume.touch()
    return paths, lock, done, json.loads(paths.config.read_text())["training"]["epochs"]


def train(words):
    stopped = []
    signal.signal(signal.SIGINT, lambda *_: stopped.append(True))
    paths, lock, done, epochs = begin(words)
    writer = ProgressWriter(paths.progress)
    reason = "finished"
    for epoch in range(done + 1, epochs + 1):
        progress = Progress(epoch, epochs, 0.5, 1000.0, 60.0)
        writer.write(progress)
        while read_request(paths.request) is Request.PAUSE and not stopped:
            writer.write(Progress(epoch, epochs, 0.5, 1000.0, 60.0, paused=True))
            time.sleep(0.01)
        if stopped or read_request(paths.request) is Request.STOP:
            reason = "interrupted"
            break
        time.sleep(0.02)
        append(paths, epoch_line(epoch))
        if os.environ.get("PRETENDED") == "full" and epoch == 2:
            print(FULL, file=sys.stderr)
            return 1
    writer.remove()
    withdraw_request(paths.request)
    append(paths, {"kind": "end", "reason": reason})
    lock.release()
    return 130 if reason == "interrupted" else 0


def main():
    kind = os.environ.get("PRETENDED")
    if kind == "refuse":
        print("--epochs must be at least 1, not 0.", file=sys.stderr)
        return 2
    if kind == "silent":
        time.sleep(600.0)
    return train(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
