"""The numbers in README are those of the tables and of the bundled files, not typed from memory."""

import json
import re
from pathlib import Path

from safetensors.torch import load_file

from model import assets

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def rows_of(table):
    lines = (ROOT / "docs" / "results.jsonl").read_text(encoding="utf-8").splitlines()
    return [row for row in map(json.loads, lines) if row["table"] == table]


def cells(start):
    """The numbers in the row of README's table that begins so."""
    line = next(line for line in README.splitlines() if line.startswith(f"| {start}"))
    return [cell.strip(" *") for cell in line.strip("|").split("|")[1:]]


def written(*values):
    return [f"{value:.2f}" for value in values]


def test_the_row_of_no_flags_is_that_of_the_results():
    (row,) = rows_of("default")
    terms = [row["test"][name] for name in ("elbo", "reconstruction", "kl")]
    assert cells("`python train_cli.py`, no flags") == written(*terms)


def test_the_bundled_model_is_as_good_as_its_numbers():
    numbers = load_file(assets.NUMBERS)
    exact = re.findall(r"Its exact log-likelihood is \*\*(-[\d.]+)\*\*", README)
    assert exact == written(numbers["log_likelihood"].double().mean())
    reconstruction = numbers["reconstruction"].double().mean().item()
    lines = (assets.ROOT / "pretrained" / "mnist-2d.metrics.jsonl").read_text().splitlines()
    kl = json.loads(lines[-1])["test"]["kl"]  # a closed form
    assert cells("bundled model") == written(reconstruction - kl, reconstruction, kl)


def test_the_error_with_100_labels_is_the_mean_of_five_draws():
    rows = [
        row
        for row in rows_of("labels")
        if (row["model"], row["labels"], row["m1_beta"]) == ("M1+M2", 100, 0.4)
    ]
    assert len({row["label_seed"] for row in rows}) == len(rows) == 5
    mean = sum(row["test_error"] for row in rows) / len(rows)
    assert re.findall(r"error of M1\+M2 is ([\d.]+) %", README) == [f"{mean:.1f}"]
