"""The tables of docs/results.md: measured, kept as rows, rendered from rows.

    python -m benchmarks.results measure TABLE LABEL RUN [--k 500] [--published -135.73]
    python -m benchmarks.results estimators LABEL CHECKPOINT
    python -m benchmarks.results inpaint CHECKPOINT MASK [--protocol grey --n 1000 --published TEXT]
    python -m benchmarks.results labels RUN [RUN ...]
    python -m benchmarks.results render

`measure` evaluates the best checkpoint of a run directory on the test set, as model.evaluate does,
and adds a row to docs/results.jsonl with the command that trained it; it replaces a row with the
same table and label. `estimators` compares the estimators of the log-likelihood, as model.evaluate
--estimators does, for a row of the table of that name. `inpaint` keeps what model.inpaint prints,
beside published numbers. `labels` evaluates the best checkpoints of finished runs of models with
classes, and adds a row of each to the table of that name. `render` writes every table into
docs/results.md, between the two comments that name it. No number gets there in another way.
"""

import argparse
import contextlib
import io
import json
import shlex
import statistics
from itertools import pairwise
from pathlib import Path
from typing import Any

from benchmarks.labels import measure_labels
from benchmarks.neighbours import right_by_neighbours
from benchmarks.tables import Row, append, render
from model import inpaint
from model.data.binarise import binarise_once
from model.data.datasets import load_test
from model.files.checkpoint import Checkpoint, read_checkpoint
from model.files.run import RunPaths, read_metrics
from model.likelihood.estimators import compare
from model.likelihood.evaluation import Evaluation, evaluate


def measure(table: str, label: str, folder: Path, k: int | None, published: float | None) -> Row:
    """The row of a run."""
    checkpoint = read_checkpoint(RunPaths(folder).best)
    epochs = read_epochs(folder)
    return {
        "table": table,
        "label": label,
        "published": published,
        "command": command_of(folder),
        "latent_dim": checkpoint.config.latent_dim,
        "epochs": len(epochs),
        "best_epoch": checkpoint.epoch,
        "minutes": round(minutes_of(epochs), 1),
        "validation_elbo": checkpoint.metrics["validation"]["elbo"],
        **measure_model(checkpoint, k),
    }


def measure_model(checkpoint: Checkpoint, k: int | None = None) -> Row:
    """The measurements of a model on the test set."""
    vae, dataset = checkpoint.vae, checkpoint.training.dataset
    test = binarise_once(load_test(dataset).images).flatten(1)
    return {
        "test": _as_dict(evaluate(vae, test, k=k)),
        "neighbours": right_by_neighbours(vae, dataset),
    }


def compare_estimators(label: str, path: Path) -> Row:
    """The row of a checkpoint in the table of estimators."""
    checkpoint = read_checkpoint(path)
    test = load_test(checkpoint.training.dataset)
    found = compare(checkpoint.vae, binarise_once(test.images).flatten(1))
    return {
        "table": "estimators",
        "label": label,
        "command": f"python -m model.evaluate {path} --estimators",
        "estimators": found.as_dict(),
    }


def measure_inpainting(
    checkpoint: Path, mask: str, protocol: str, n: int, published: str | None
) -> Row:
    """The row of a mask: what the command prints."""
    flags = [str(checkpoint), "--mask", mask, "--protocol", protocol, "--n", str(n)]
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        if code := inpaint.main([*flags, "--json"]):
            raise SystemExit(code)
    return {
        "table": "inpainting",
        "label": f"{mask}, {protocol}",
        "published": published,
        "command": "python -m model.inpaint " + shlex.join(flags),
        "inpainting": json.loads(printed.getvalue()),
    }


def measure_run_with_labels(folder: Path) -> Row:
    """The row of a finished run of a model with classes."""
    epochs = read_epochs(folder)
    commands = [*commands_before(folder), command_of(folder)]
    return measure_labels(folder, commands, len(epochs), minutes_of(epochs), beta_of_m1(folder))


def minutes_of(epochs: list[Row]) -> float:
    """The minutes of the training steps: epochs times their median, as the machine was shared."""
    return len(epochs) * statistics.median(epoch["seconds"] for epoch in epochs) / 60.0


def read_epochs(folder: Path) -> list[Row]:
    """The lines of a run's epochs."""
    return [line for line in read_metrics(folder) if line["kind"] == "epoch"]


def _as_dict(found: Evaluation) -> dict[str, Any]:
    return {
        "elbo": found.elbo.elbo,
        "reconstruction": found.elbo.reconstruction,
        "kl": found.elbo.kl,
        "k": found.k,
        "iw_bound": found.iw_bound,
        "exact": found.log_likelihood,
        "gap": found.posterior_gap,
        "unresolved": found.unresolved,
    }


def command_of(folder: Path) -> str:
    """The command that trained the run, without the folders where it and the data are."""
    words = _words_of(folder)
    kept, before = [], ""
    for word in words:
        if before not in _WHERE and word not in (*_WHERE, "--quiet"):
            kept.append(_named(word) if before in _BEGAN_FROM else word)
        before = word
    return "python " + shlex.join(kept)


def commands_before(folder: Path) -> list[str]:
    """The commands of the runs that this one began from, in their order; each says where it is."""
    words = _words_of(folder)
    commands: list[str] = []
    for flag, name in pairwise(words):
        if flag in _BEGAN_FROM and RunPaths(before := Path(name)).config.exists():
            commands += [*commands_before(before), f"{command_of(before)} --out {_named(name)}"]
    return list(dict.fromkeys(commands))


def beta_of_m1(folder: Path) -> float | None:
    """The weight of the KL term in the training of the M1 that a run names; None if it names none.

    Raises:
        SystemExit: the run of M1 is not where it was.
    """
    for flag, name in pairwise(_words_of(folder)):
        if flag != "--m1":
            continue
        if not RunPaths(Path(name)).config.exists():
            raise SystemExit(f"{folder} began from {name}, which is not there.")
        beta: float = _config_of(Path(name))["training"]["beta"]
        return beta
    return None


_WHERE = "--out", "--data-dir"
_BEGAN_FROM = "--m1", "--classifier"


def _words_of(folder: Path) -> list[str]:
    words: list[str] = _config_of(folder)["command"]
    return words


def _config_of(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(RunPaths(folder).config.read_text(encoding="utf-8"))
    return found


def _named(folder: str) -> str:
    """A run as the commands name it, wherever it is."""
    return f"runs/{Path(folder).name}"


def main() -> None:
    """Measure a run, or write the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    actions = parser.add_subparsers(dest="action", required=True)
    actions.add_parser("render")
    one = actions.add_parser("measure")
    one.add_argument("table")
    one.add_argument("label")
    one.add_argument("run", type=Path)
    one.add_argument("--k", type=int)
    one.add_argument("--published", type=float)
    every = actions.add_parser("estimators")
    every.add_argument("label")
    every.add_argument("checkpoint", type=Path)
    filled = actions.add_parser("inpaint")
    filled.add_argument("checkpoint", type=Path)
    filled.add_argument("mask")
    filled.add_argument("--protocol", default="dynamic")
    filled.add_argument("--n", type=int, default=1000)
    filled.add_argument("--published")
    of_runs = actions.add_parser("labels")
    of_runs.add_argument("runs", type=Path, nargs="+")
    a = parser.parse_args()
    if a.action == "render":
        render()
        return
    if a.action == "labels":
        for run in a.runs:
            _keep(measure_run_with_labels(run))
        return
    if a.action == "measure":
        row = measure(a.table, a.label, a.run, a.k, a.published)
    elif a.action == "inpaint":
        row = measure_inpainting(a.checkpoint, a.mask, a.protocol, a.n, a.published)
    else:
        row = compare_estimators(a.label, a.checkpoint)
    _keep(row)


def _keep(row: Row) -> None:
    append(row)
    print(json.dumps(row), flush=True)


if __name__ == "__main__":
    main()
