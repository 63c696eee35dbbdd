"""What the benchmarks compute beside times: points on an axis, tables, neighbours."""

import itertools
import json
import shlex
from pathlib import Path

import pytest
import torch

from benchmarks import figure2, neighbours, results, tables
from model.likelihood.estimators import Estimators


def test_milestones_rise_evenly_on_the_logarithmic_axis_up_to_the_last_sample() -> None:
    numbers = figure2.milestones(10_000_000)
    assert numbers[0] == 100_000
    assert numbers[-1] == 10_000_000
    assert len(numbers) == 17
    ratios = [later / earlier for earlier, later in itertools.pairwise(numbers)]
    assert ratios == pytest.approx([10 ** (1 / 8)] * 16, rel=1e-4)


def test_the_rows_of_a_figure_are_sorted_and_without_repetitions(tmp_path: Path) -> None:
    rows = [
        {"dimension": 5, "samples": 200_000, "test": -120.0, "train": -119.0},
        {"dimension": 3, "samples": 100_000, "test": -150.0, "train": -149.0},
        {"dimension": 5, "samples": 100_000, "test": -140.0, "train": -139.0},
        {"dimension": 5, "samples": 200_000, "test": -125.0, "train": -124.0},
    ]
    path = tmp_path / "figure2.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    found = figure2.read_rows(path)
    assert list(found) == [3, 5]
    assert [(row["samples"], row["test"]) for row in found[5]] == [(100_000, -140), (200_000, -125)]


@pytest.mark.slow  # it imports matplotlib, for the documents' figures alone
def test_a_figure_is_drawn(tmp_path: Path) -> None:
    rows = [
        {"dimension": 5, "samples": samples, "test": -120.0, "train": -119.0}
        for samples in (100_000, 200_000)
    ]
    figure2.draw({5: rows}, tmp_path / "figure2.png")
    assert (tmp_path / "figure2.png").read_bytes().startswith(b"\x89PNG")


def test_neighbours_vote() -> None:
    points = torch.cat([torch.zeros(10, 2), torch.full((10, 2), 5.0)])
    labels = torch.tensor([3] * 10 + [7] * 10)
    queries = torch.tensor([[0.1, 0.0], [4.9, 5.0], [0.2, 0.1], [5.0, 5.1]])
    answers = torch.tensor([3, 7, 7, 7])
    assert neighbours.nearest_neighbours_right(points, labels, queries, answers) == 0.75


def row(label: str, exact: float | None) -> tables.Row:
    test = {"elbo": -2.0, "reconstruction": -1.5, "kl": 0.5, "k": 5, "iw_bound": -1.9}
    return {
        "table": "toy",
        "label": label,
        "published": None,
        "command": f"python train_cli.py --seed {len(label)}",
        "latent_dim": 2,
        "epochs": 20,
        "best_epoch": 7,
        "minutes": 3.2,
        "test": test | {"exact": exact, "gap": None if exact is None else exact + 2.0},
        "validation_elbo": -2.1,
        "neighbours": 0.5,
    }


def test_tables_are_written_where_the_page_names_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "ROWS", tmp_path / "results.jsonl")
    monkeypatch.setattr(tables, "PAGE", tmp_path / "results.md")
    tables.PAGE.write_text("before\n<!-- toy -->\nold\n<!-- end of toy -->\nafter\n")
    tables.append(row("one", -1.25))
    tables.append(row("two", None))
    tables.append(row("one", -1.75))
    tables.render()
    lines = tables.PAGE.read_text().splitlines()
    assert lines[0] == "before"
    assert lines[-1] == "after"
    assert "old" not in lines
    assert lines[2].startswith("|  | exact LL | IW bound (k) | ELBO |")
    assert "published" not in lines[2]
    assert lines[4].startswith("| one | -1.75 | -1.90 (5) | -2.00 |")
    assert lines[5].startswith("| two |  | -1.90 (5) |")
    assert "- two: `python train_cli.py --seed 3`" in lines
    again = tables.PAGE.read_text()
    tables.render()
    assert tables.PAGE.read_text() == again


def test_a_table_without_a_place_is_not_lost_silently(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "ROWS", tmp_path / "results.jsonl")
    monkeypatch.setattr(tables, "PAGE", tmp_path / "results.md")
    tables.PAGE.write_text("nothing here\n")
    tables.append(row("one", -1.0))
    with pytest.raises(SystemExit, match="no place for the table 'toy'"):
        tables.render()


def test_masks_stand_beside_what_was_published(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "ROWS", tmp_path / "results.jsonl")
    monkeypatch.setattr(tables, "PAGE", tmp_path / "results.md")
    tables.PAGE.write_text("<!-- inpainting -->\n<!-- end of inpainting -->\n")

    asked = "x.bin --mask random-0.5 --protocol grey --n 7"

    def printed(flags: list[str]) -> int:
        numbers = {"n": 7, "nats_missing": 50.0, "nats_per_missing_pixel": 0.1, "f1": 0.25}
        print(json.dumps(numbers | {"log_p_observed": -60.0, "label_accuracy": 0.875}))
        assert shlex.join(flags) == f"{asked} --json"
        return 0

    monkeypatch.setattr(results.inpaint, "main", printed)
    tables.append(results.measure_inpainting(Path("x.bin"), "random-0.5", "grey", 7, "CVAE 51.0"))
    tables.render()
    row, _, command = tables.PAGE.read_text().splitlines()[3:6]
    expected = "| random-0.5, grey | 50.00 | 78.40 | CVAE 51.0 | -60.00 | 0.250 | 87.5 % | 7 |"
    assert row == expected
    assert command.endswith(
        "`python -m model.inpaint x.bin --mask random-0.5 --protocol grey --n 7`"
    )


def test_estimators_stand_side_by_side(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "ROWS", tmp_path / "results.jsonl")
    monkeypatch.setattr(tables, "PAGE", tmp_path / "results.md")
    tables.PAGE.write_text("<!-- estimators -->\n<!-- end of estimators -->\n")
    found = Estimators(1000, -6.0, 5000, -4.5, None, -3.0, 200, 1_000_000, -3.26, -3.25)
    row = {"table": "estimators", "label": "one", "command": "python -m model.evaluate x.bin"}
    tables.append(row | {"estimators": found.as_dict()})
    tables.render()
    lines = tables.PAGE.read_text().splitlines()
    assert "appendix D" not in lines[1]  # nobody has a number for it
    assert lines[3] == "| one | -3.00 | -6.00 | -4.50 | -3.25 | -3.26 |"
