import json
import os
from pathlib import Path

import pytest

from model.files.run import RunPaths
from model.files.run_curve import CurveLook, Epoch, RunCurve


@pytest.fixture
def run(tmp_path: Path) -> RunPaths:
    paths = RunPaths(tmp_path / "a run")
    paths.folder.mkdir()
    plan(paths, 9)
    return paths


def plan(run: RunPaths, epochs: object) -> None:
    run.config.write_text(json.dumps({"model": {}, "training": {"epochs": epochs}}))


def line(epoch: int, **others: object) -> str:
    table: dict[str, object] = {"kind": "epoch", "epoch": epoch, "step": 10 * epoch}
    table["train"] = {"elbo": -200.0 - epoch, "kl": 3}
    table["validation"] = {"elbo": -190.0 - epoch}
    return json.dumps(table | others) + "\n"


def write(run: RunPaths, *lines: str) -> None:
    run.metrics.write_text("".join(lines))


def epochs(run: RunPaths) -> list[int]:
    return [each.epoch for each in CurveLook(run.folder).look().epochs]


def test_a_curve_has_the_numbers_of_each_epoch(run: RunPaths) -> None:
    write(run, line(1, seconds=3.0, novelty=[1]), line(2), '{"kind": "end"}\n')
    assert CurveLook(run.folder).look() == RunCurve(
        (
            Epoch(1, 10, {"elbo": -201.0, "kl": 3.0}, {"elbo": -191.0}),
            Epoch(2, 20, {"elbo": -202.0, "kl": 3.0}, {"elbo": -192.0}),
        ),
        9,
    )


def test_the_best_epoch_is_the_first_with_the_highest_validation_elbo(run: RunPaths) -> None:
    better = {"elbo": -150.0}
    write(
        run, line(1), line(2, validation=better), line(3, validation=better), line(4, validation={})
    )
    best = CurveLook(run.folder).look().best
    assert best is not None
    assert best.epoch == 2
    assert RunCurve().best is None


def test_a_line_torn_in_two_costs_its_epoch_and_no_other(run: RunPaths) -> None:
    torn = line(2)
    write(run, line(1), torn[:20] + "\n", torn[20:], line(3), line(4)[:-1])
    assert epochs(run) == [1, 3]
    write(run, line(1), torn[:20] + "\n", torn[20:], line(3), line(4))
    assert epochs(run) == [1, 3, 4]


@pytest.mark.parametrize(
    "strange",
    [
        "\n",
        "[1, 2]\n",
        "null\n",
        '{"kind": "epoch"}\n',
        '{"kind": "epoch", "epoch": 2.5, "step": 20}\n',
        '{"kind": "epoch", "epoch": true, "step": 20}\n',
        '{"kind": "epoch", "epoch": 2, "step": -20}\n',
        '{"kind": "epoch", "epoch": 2, "epoch": 3, "step": 20}\n',
        '{"kind": "note", "epoch": 2, "step": 20}\n',
        "\x00\x00\x00\n",
        "[" * 5000 + "\n",
    ],
)
def test_what_is_no_line_of_an_epoch_is_left_out(run: RunPaths, strange: str) -> None:
    write(run, line(1), strange, line(3))
    assert epochs(run) == [1, 3]


@pytest.mark.parametrize(
    "value", ["NaN", "Infinity", "1e999", "null", '"-150"', "[1]", "true", "9" * 400]
)
def test_what_is_no_finite_number_is_not_known(run: RunPaths, value: str) -> None:
    content = line(1) + line(2).replace("-192.0", value)
    run.metrics.write_text(content)
    known = {each.epoch: dict(each.validation) for each in CurveLook(run.folder).look().epochs}
    assert known.get(2, {}) == {}
    assert known[1] == {"elbo": -191.0}


def test_of_two_lines_for_one_step_the_later_counts(run: RunPaths) -> None:
    write(run, line(1), line(2), line(2, validation={"elbo": -1.0}), line(3))
    assert [each.validation["elbo"] for each in CurveLook(run.folder).look().epochs] == [
        -191.0,
        -1.0,
        -193.0,
    ]


def test_a_run_that_is_continued_has_other_epochs(run: RunPaths) -> None:
    look = CurveLook(run.folder)
    write(run, line(1))
    assert look.look().planned == 9
    plan(run, 20)
    assert look.look().planned == 20
    for strange in (-1, 2.5, True, "9", None):
        plan(run, strange)
        assert look.look().planned == 0


def test_any_change_of_a_files_times_counts(run: RunPaths) -> None:
    look = CurveLook(run.folder)
    write(run, line(1))
    assert len(look.look().epochs) == 1
    for seconds, count in ((4e9, 2), (0.0, 3), (1e6, 4)):
        write(run, *(line(epoch) for epoch in range(1, count + 1)))
        os.utime(run.metrics, (seconds, seconds))
        assert len(look.look().epochs) == count


def test_what_has_not_changed_is_not_read_again(
    run: RunPaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    look = CurveLook(run.folder)
    write(run, line(1))
    before = look.look()
    monkeypatch.setattr("model.files.run_curve.read_bytes", lambda *_: pytest.fail("reads again"))
    assert look.look() == before


def test_where_nothing_can_be_read_the_curve_is_empty(tmp_path: Path, run: RunPaths) -> None:
    assert CurveLook(tmp_path / "nothing").look() == RunCurve()
    assert CurveLook(run.folder).look() == RunCurve((), 9)
    run.metrics.mkdir()
    assert CurveLook(run.folder).look() == RunCurve((), 9)


def test_what_was_read_stays_while_a_file_cannot_be_read(
    run: RunPaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    look = CurveLook(run.folder)
    write(run, line(1))
    assert len(look.look().epochs) == 1

    def refuse(self: Path) -> None:
        raise PermissionError

    monkeypatch.setattr(Path, "stat", refuse)
    assert len(look.look().epochs) == 1
