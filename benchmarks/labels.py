"""Rows of the table of test errors with few labels, and the table of many of them.

A row is one run. The table has one cell for all runs that differ in the seed of their labels alone,
beside what others have published and measured.
"""

import statistics
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from benchmarks.neighbours import right_by_neighbours
from model.data.binarise import PROTOCOLS
from model.data.catalogue import BINARISATION_SEED
from model.data.datasets import load_test
from model.files.checkpoint import read_checkpoint
from model.files.run import RunPaths
from model.likelihood.class_evaluation import evaluate_classes
from model.likelihood.label_posterior import classification_error
from model.network.families import Labelled
from model.network.m1_m2 import M1M2

TABLE = "labels"
COUNTS = (100, 600, 1000, 3000)

NO_TERM, ALONE = ", no classifier term", ", classifier alone"

Row = dict[str, Any]

_K = 3  # draws for each class: 10,000 images give the bound to some hundredths of a nat

# Kingma, Rezende, Mohamed and Welling 2014, table 1: only those numbers that others quote alike.
_PUBLISHED = {
    "M2": {100: "11.97 ± 1.71", 1000: "3.60 ± 0.56"},
    "M1+M2": {100: "3.33 ± 0.14", 1000: "2.40 ± 0.02"},
}
_JONEMETH = "jonemeth/generative-models, one run"
_PYRO = "Pyro's tutorial ss-vae, 5 draws, ± 95 % bounds"
_RERUN: dict[str, dict[str, dict[int, str]]] = {
    "M2": {
        _JONEMETH: {100: "7.15", 600: "3.53", 1000: "3.28", 3000: "2.92"},
        _PYRO: {100: "6.81 ± 0.60", 600: "5.63 ± 0.70", 1000: "5.13 ± 0.38", 3000: "4.18 ± 0.12"},
    },
    "M1+M2": {_JONEMETH: {100: "2.80", 600: "2.35", 1000: "2.45", 3000: "2.44"}},
    f"M2{NO_TERM}": {_PYRO: {100: "77.5", 600: "30.6", 1000: "24.4", 3000: "10.7"}},
    f"M2{ALONE}": {_PYRO: {100: "22.9", 600: "12.8", 1000: "11.4", 3000: "8.9"}},
}


def measure_labels(
    folder: Path, commands: list[str], epochs: int, minutes: float, m1_beta: float | None
) -> Row:
    """The row of a finished run of a model with classes: its best epoch on the test set.

    Args:
        folder: the run.
        commands: that trained it, and before it the runs that it began from.
        epochs: of the training.
        minutes: of its training steps.
        m1_beta: the weight of the KL term in the training of M1; None without an M1.
    """
    checkpoint = read_checkpoint(RunPaths(folder).best)
    network, training = checkpoint.labelled, checkpoint.training
    if network is None:
        raise SystemExit(f"{folder} has a model without classes.")
    test = load_test(training.dataset)
    x = PROTOCOLS["dynamic"].pixels(test.images, BINARISATION_SEED)
    found = evaluate_classes(network, x, test.labels, k=_K)
    assert found.classes is not None
    grey = PROTOCOLS["grey"].pixels(test.images, BINARISATION_SEED)
    ablation = ALONE if training.classifier_alone else ""
    if not ablation and training.classifier_weight == 0.0:
        ablation = NO_TERM
    model = f"{checkpoint.config.family.upper()}{ablation}"
    dimensions = checkpoint.config.latent_dim
    variant = _variant(dimensions, m1_beta, epochs)
    return {
        "table": TABLE,
        "label": f"{model}, {variant}, {training.labels:,} labels, seed {training.label_seed}",
        "command": commands[-1],
        "commands_before": commands[:-1],
        "model": model,
        "family": checkpoint.config.family,
        "latent_dim": dimensions,
        "m1_beta": m1_beta,
        "labels": training.labels,
        "label_seed": training.label_seed,
        "test_error": found.classes.test_error,
        "test_error_grey": classification_error(network, grey, test.labels),
        "test_error_exact": found.classes.test_error_exact,
        "label_entropy": found.classes.label_entropy,
        # What the classifier alone was trained with bounds nothing.
        "test_elbo": None if training.classifier_alone else found.elbo.elbo,
        "m1_neighbours_error": _error_of_neighbours(network, training.dataset),
        "exact": found.log_likelihood,
        "unresolved": found.unresolved,
        "validation_elbo": checkpoint.metrics["validation"]["elbo"],
        "epochs": epochs,
        "best_epoch": checkpoint.epoch,
        "minutes": round(minutes, 1),
    }


def _error_of_neighbours(network: Labelled, dataset: str) -> float | None:
    """Where there is an M1: how often the nearest of all training images are wrong, in %."""
    if not isinstance(network, M1M2):
        return None
    return 100.0 * (1.0 - right_by_neighbours(network.m1, dataset))


def label_table(rows: list[Row]) -> str:
    """Published, measured by others, and ours; then each run of ours, and its command."""
    return "\n".join([*_comparison(rows), "", *_runs(rows)]).rstrip()


def _comparison(rows: list[Row]) -> Iterator[str]:
    yield "| test error, % | by | " + " | ".join(f"{count:,} labels" for count in COUNTS) + " |"
    yield "|---" * (2 + len(COUNTS)) + "|"
    for model in dict.fromkeys([*_RERUN, *(row["model"] for row in rows)]):
        if model in _PUBLISHED:
            yield _line(model, "published", _PUBLISHED[model])
        for by, cells in _RERUN.get(model, {}).items():
            yield _line(model, by, cells)
        of_model = [row for row in _in_order(rows) if row["model"] == model]
        for variant in dict.fromkeys(map(_variant_of, of_model)):
            mine = [row for row in of_model if _variant_of(row) == variant]
            for key, what in _OURS.items():
                if cells := _cells(mine, key):
                    yield _line(model, f"ours, {variant}, {what}", cells)


_OURS = {
    "test_error": "binarised pixels",
    "test_error_grey": "grey pixels",
    "test_error_exact": "binarised pixels, by exact p(y given x)",
}


def _in_order(rows: list[Row]) -> list[Row]:
    """By model, variant, number of labels and their draw."""

    def place(row: Row) -> tuple[str, int, float, int, int, int]:
        variant = row["latent_dim"], row["m1_beta"] or 0.0, row["epochs"]
        return row["model"], *variant, row["labels"], row["label_seed"]

    return sorted(rows, key=place)


def _variant_of(row: Row) -> str:
    return _variant(row["latent_dim"], row["m1_beta"], row["epochs"])


def _variant(dimensions: int, m1_beta: float | None, epochs: int) -> str:
    """What two of our runs of one model may differ in."""
    of_m1 = "" if m1_beta is None else f", M1 of beta {m1_beta:g}"
    return f"d = {dimensions}{of_m1}, {epochs} epochs"


def _line(model: str, by: str, cells: dict[int, str]) -> str:
    return f"| {model} | {by} | " + " | ".join(cells.get(count, "") for count in COUNTS) + " |"


def _cells(rows: list[Row], key: str) -> dict[int, str]:
    """Mean, standard deviation over the draws of the labels, and how many there are."""
    cells = {}
    for count in COUNTS:
        errors = [row[key] for row in rows if row["labels"] == count and row.get(key) is not None]
        if len(errors) > 1:
            of = f"{statistics.mean(errors):.2f} ± {statistics.stdev(errors):.2f}"
            cells[count] = f"{of} ({len(errors)})"
        elif errors:
            cells[count] = f"{errors[0]:.2f} (1)"
    return cells


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


_OF_RUNS: dict[str, Callable[[Row], str]] = {
    "run": lambda row: row["label"],
    "error, %": lambda row: f"{row['test_error']:.2f}",
    "grey, %": lambda row: f"{row['test_error_grey']:.2f}",
    "exact, %": lambda row: _number(row["test_error_exact"]),
    "neighbours, %": lambda row: _number(row["m1_neighbours_error"]),
    "bound": lambda row: _number(row["test_elbo"]),
    "exact LL": lambda row: _number(row["exact"]),
    "unresolved": lambda row: str(row["unresolved"] or ""),
    "H(q(y given x))": lambda row: f"{row['label_entropy']:.3f}",
    "epoch": lambda row: f"{row['best_epoch']} of {row['epochs']}",
    "minutes": lambda row: f"{row['minutes']:.{0 if row['minutes'] >= 10 else 1}f}",
}


def _runs(rows: list[Row]) -> Iterator[str]:
    if not rows:
        yield "No run of ours has been measured yet."
        return
    rows = _in_order(rows)
    filled = {
        name: cells for name, of in _OF_RUNS.items() if any(cells := [of(row) for row in rows])
    }
    yield "| " + " | ".join(filled) + " |"
    yield "|---" * len(filled) + "|"
    for cells in zip(*filled.values(), strict=True):
        yield "| " + " | ".join(cells) + " |"
    yield ""
    before = dict.fromkeys(command for row in rows for command in row["commands_before"])
    for command in before:
        yield f"- Before: `{command}`"
    for row in rows:
        yield f"- {row['label']}: `{row['command']}`"
