"""The rows of docs/results.jsonl, and the tables of docs/results.md rendered from them."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks import labels

ROWS = Path("docs/results.jsonl")
PAGE = Path("docs/results.md")

Row = dict[str, Any]


def read_rows() -> list[Row]:
    """All rows, in the order in which they were measured."""
    if not ROWS.exists():
        return []
    return [json.loads(line) for line in ROWS.read_text(encoding="utf-8").splitlines()]


def append(row: Row) -> None:
    """Add a row; it replaces one with the same table and label."""
    rows, key = read_rows(), (row["table"], row["label"])
    same = [index for index, old in enumerate(rows) if (old["table"], old["label"]) == key]
    if same:
        rows[same[0]] = row
    else:
        rows.append(row)
    ROWS.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def render() -> None:
    """Write every table between its comments."""
    page, tables = PAGE.read_text(encoding="utf-8"), dict[str, list[Row]]()
    if f"<!-- {labels.TABLE} -->" in page:
        tables[labels.TABLE] = []  # what others published stands there before we have a row
    for row in read_rows():
        tables.setdefault(row["table"], []).append(row)
    for table, rows in tables.items():
        written = labels.label_table(rows) if table == labels.TABLE else _table(rows)
        block = f"<!-- {table} -->\n{written}\n<!-- end of {table} -->"
        pattern = rf"<!-- {table} -->.*?<!-- end of {table} -->"
        page, count = re.subn(pattern, lambda _, text=block: text, page, flags=re.DOTALL)
        if not count:
            raise SystemExit(f"{PAGE} has no place for the table {table!r}.")
    PAGE.write_text(page, encoding="utf-8")


def _table(rows: list[Row]) -> str:
    """A table with one row a run, without the columns that would be empty."""
    kinds = {"estimators": _OF_ESTIMATORS, "inpainting": _OF_MASKS}
    columns = next((kinds[key] for key in kinds if key in rows[0]), _OF_RUNS)
    filled = {
        name: cells
        for name, column in columns.items()
        if any(cells := [column(row) for row in rows])
    }
    lines = ["| " + " | ".join(filled) + " |", "|" + "---|" * len(filled)]
    lines += ["| " + " | ".join(cells) + " |" for cells in zip(*filled.values(), strict=True)]
    commands = [f"- {row['label']}: `{row['command']}`" for row in rows]
    return "\n".join([*lines, "", *commands])


def _nats(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


_OF_RUNS: dict[str, Callable[[Row], str]] = {
    "": lambda row: row["label"],
    "published LL": lambda row: _nats(row["published"]),
    "exact LL": lambda row: _nats(row["test"]["exact"]),
    "IW bound (k)": lambda row: f"{row['test']['iw_bound']:.2f} ({row['test']['k']})",
    "ELBO": lambda row: _nats(row["test"]["elbo"]),
    "reconstruction": lambda row: _nats(row["test"]["reconstruction"]),
    "KL": lambda row: _nats(row["test"]["kl"]),
    "gap": lambda row: _nats(row["test"]["gap"]),
    "10-NN": lambda row: f"{row['neighbours']:.3f}",
    "epoch": lambda row: f"{row['best_epoch']} of {row['epochs']}",
    "minutes": lambda row: f"{row['minutes']:.{0 if row['minutes'] >= 10 else 1}f}",
}

_OF_ESTIMATORS: dict[str, Callable[[Row], str]] = {
    "": lambda row: row["label"],
    "exact LL": lambda row: _nats(row["estimators"]["exact_log_likelihood"]),
    "ELBO": lambda row: _nats(row["estimators"]["elbo"]),
    "IW bound": lambda row: _nats(row["estimators"]["iw_bound"]["value"]),
    "appendix D": lambda row: _nats(row["estimators"]["posterior_density"]["value"]),
    "exact LL, fewer images": lambda row: _nats(
        row["estimators"]["prior_monte_carlo"]["exact_log_likelihood"]
    ),
    "prior, fewer images": lambda row: _nats(row["estimators"]["prior_monte_carlo"]["value"]),
}


def _of_whole_image(row: Row) -> str:
    """The nats of the missing pixels divided by the fraction that is missing."""
    found = row["inpainting"]
    return _nats(784.0 * found["nats_per_missing_pixel"])


_OF_MASKS: dict[str, Callable[[Row], str]] = {
    "": lambda row: row["label"],
    "-log p(missing, given observed)": lambda row: _nats(row["inpainting"]["nats_missing"]),
    "divided by the missing fraction": _of_whole_image,
    "published": lambda row: row["published"] or "",
    "log p(observed)": lambda row: _nats(row["inpainting"]["log_p_observed"]),
    "F1": lambda row: f"{row['inpainting']['f1']:.3f}",
    "label": lambda row: f"{100.0 * row['inpainting']['label_accuracy']:.1f} %",
    "images": lambda row: f"{row['inpainting']['n']:,}",
}
