"""The table of test errors with few labels: from runs to rows, from rows to cells."""

import json
from pathlib import Path

import pytest
import torch

from benchmarks import labels, results, tables
from model.data.binarise import binarise_once
from model.data.datasets import Splits
from model.files.checkpoint import Checkpoint, write_checkpoint
from model.files.run import RunPaths
from model.network.initialisation import build
from model.network.vae import VAEConfig
from model.train.train_config import TrainConfig


@pytest.fixture(autouse=True)
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty page with a place for the table, and no rows."""
    monkeypatch.setattr(tables, "ROWS", tmp_path / "results.jsonl")
    monkeypatch.setattr(tables, "PAGE", tmp_path / "results.md")
    tables.PAGE.write_text("before\n<!-- labels -->\n<!-- end of labels -->\nafter\n")
    return tables.PAGE


def row(
    model: str,
    count: int,
    seed: int,
    error: float,
    exact: float | None = None,
    m1_beta: float | None = None,
    epochs: int = 20,
) -> tables.Row:
    return {
        "table": "labels",
        "label": f"{model}, {count} labels, seed {seed}",
        "command": f"python train_cli.py --labels {count} --label-seed {seed}",
        "commands_before": ["python train_cli.py --preset m1 --out runs/m1"],
        "model": model,
        "latent_dim": 2 if exact else 50,
        "m1_beta": m1_beta,
        "labels": count,
        "label_seed": seed,
        "test_error": error,
        "test_error_grey": error + 1.0,
        "test_error_exact": exact,
        "label_entropy": 0.125,
        "m1_neighbours_error": 3.25 if model == "M1+M2" else None,
        "test_elbo": -95.5,
        "exact": -130.25 if exact else None,
        "unresolved": 12 if exact else None,
        "epochs": epochs,
        "best_epoch": 7,
        "minutes": 31.4,
    }


def cells(page: Path, *start: str) -> list[str]:
    (line,) = (
        line
        for line in page.read_text().splitlines()
        if line.startswith("| " + " | ".join(start) + " |")
    )
    return [cell.strip() for cell in line.strip("|").split("|")][len(start) :]


def test_without_rows_there_is_what_others_published(page: Path) -> None:
    tables.render()
    assert cells(page, "M2", "published") == ["11.97 ± 1.71", "", "3.60 ± 0.56", ""]
    assert cells(page, "M1+M2", "published") == ["3.33 ± 0.14", "", "2.40 ± 0.02", ""]
    assert "| ours" not in page.read_text()
    again = page.read_text()
    tables.render()
    assert page.read_text() == again


def test_draws_of_the_labels_share_a_cell(page: Path) -> None:
    for seed, error in enumerate((4.0, 5.0, 9.0)):
        tables.append(row("M1+M2", 100, seed, error, m1_beta=0.5))
    tables.append(row("M1+M2", 3000, 0, 2.5, m1_beta=0.5))
    tables.append(row("M1+M2", 3000, 1, 7.5, m1_beta=1.0))
    tables.append(row("M1+M2", 600, 1, 6.5, m1_beta=1.0, epochs=80))
    tables.append(row("M2", 100, 0, 11.0, exact=10.5))
    tables.append(row("M2, classifier alone", 600, 0, 12.0))
    tables.append(row("M1+M2", 100, 0, 4.0, m1_beta=0.5))  # measured again: no fourth draw
    tables.render()
    mine = cells(page, "M1+M2", "ours, d = 50, M1 of beta 0.5, 20 epochs, binarised pixels")
    assert mine == ["6.00 ± 2.65 (3)", "", "", "2.50 (1)"]
    own = cells(page, "M1+M2", "ours, d = 50, M1 of beta 1, 20 epochs, binarised pixels")
    assert own == ["", "", "", "7.50 (1)"]
    longer = cells(page, "M1+M2", "ours, d = 50, M1 of beta 1, 80 epochs, binarised pixels")
    assert longer == ["", "6.50 (1)", "", ""]
    of_grey = cells(page, "M1+M2", "ours, d = 50, M1 of beta 0.5, 20 epochs, grey pixels")
    assert of_grey[0] == "7.00 ± 2.65 (3)"
    exact = "ours, d = 2, 20 epochs, binarised pixels, by exact p(y given x)"
    by_integral = cells(page, "M2", exact)
    assert by_integral == ["10.50 (1)", "", "", ""]
    alone = cells(page, "M2, classifier alone", "ours, d = 50, 20 epochs, binarised pixels")
    assert alone[1] == "12.00 (1)"
    text = page.read_text()
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    for seed in range(3):
        assert (
            f"- M1+M2, 100 labels, seed {seed}: `python train_cli.py --labels 100 --label-seed "
            f"{seed}`" in text
        )
    assert text.count("- Before: `python train_cli.py --preset m1 --out runs/m1`\n") == 1
    assert cells(page, "M1+M2, 100 labels, seed 1")[3] == "3.25"
    errors_and_nats = ["11.00", "12.00", "10.50", "", "-95.50", "-130.25", "12", "0.125"]
    assert cells(page, "M2, 100 labels, seed 0") == [*errors_and_nats, "7 of 20", "31"]


@pytest.mark.parametrize(
    ("settings", "model"),
    [
        ({}, "M2"),
        ({"classifier_weight": 0.0}, "M2, no classifier term"),
        ({"classifier_alone": True}, "M2, classifier alone"),
    ],
)
def test_a_run_becomes_a_row(
    settings: dict[str, float],
    model: str,
    page: Path,
    mnist: Splits,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    few = mnist.test[:30]
    monkeypatch.setattr(labels, "load_test", lambda name: few)
    config = VAEConfig(
        family="m2",
        latent_dim=3,
        architecture="mlp",
        layers="8",
        activation="softplus",
        fourier_features=0,
    )
    network = build(config, seed=0).requires_grad_(False)
    paths = RunPaths(tmp_path)
    training = TrainConfig(labels=600, label_seed=2, **settings)
    metrics = {"validation": {"elbo": -200.0}}
    write_checkpoint(paths.best, Checkpoint(network, training, 2, metrics, {}))
    command = ["train_cli.py", "--preset", "m2", "--out", str(tmp_path), "--labels", "600"]
    paths.config.write_text(json.dumps({"command": command}))
    epochs = [{"kind": "epoch", "epoch": i, "seconds": 60.0} for i in (1, 2, 3)]
    paths.metrics.write_text("".join(json.dumps(line) + "\n" for line in epochs))

    found = results.measure_run_with_labels(tmp_path)
    assert found["label"] == f"{model}, d = 3, 3 epochs, 600 labels, seed 2"
    assert found["command"] == "python train_cli.py --preset m2 --labels 600"
    assert found["commands_before"] == []
    assert (found["epochs"], found["best_epoch"], found["minutes"]) == (3, 2, 3.0)
    pixels = {
        "test_error": binarise_once(few.images).flatten(1),
        "test_error_grey": few.images.double().div(255).float().flatten(1),
    }
    for key, x in pixels.items():
        wrong = network.log_label_posterior(x).argmax(1) != few.labels
        assert found[key] == pytest.approx(100.0 * torch.mean(wrong.double()).item())
    assert found["test_error_exact"] is None
    assert (found["test_elbo"] is None) == ("alone" in model)
    tables.append(json.loads(json.dumps(found)))
    tables.render()
    assert f"| {found['label']} |" in page.read_text()


def test_the_runs_that_one_began_from_are_commands_before_its_own(tmp_path: Path) -> None:
    commands = {
        "m1": ["--preset", "m1"],
        "both": ["--m1", str(tmp_path / "m1"), "--labels", "100"],
        "plane": ["--classifier", str(tmp_path / "both"), "--m1", str(tmp_path / "gone")],
    }
    for name, words in commands.items():
        paths = RunPaths(tmp_path / name)
        paths.config.parent.mkdir()
        own = ["train_cli.py", *words, "--data-dir", "/data", "--out", str(tmp_path / name)]
        paths.config.write_text(json.dumps({"command": own, "training": {"beta": 0.25}}))
    plane = tmp_path / "plane"
    command = "python train_cli.py --classifier runs/both --m1 runs/gone"
    assert results.command_of(plane) == command
    assert results.commands_before(plane) == [
        "python train_cli.py --preset m1 --out runs/m1",
        "python train_cli.py --m1 runs/m1 --labels 100 --out runs/both",
    ]
    assert results.commands_before(tmp_path / "m1") == []
    assert results.beta_of_m1(tmp_path / "both") == 0.25
    assert results.beta_of_m1(tmp_path / "m1") is None
    with pytest.raises(SystemExit, match=r"gone, which is not there\.") as ended:
        results.beta_of_m1(plane)
    assert "plane" in str(ended.value)
