"""Which run goes on, when the hand is quicker than the looks at runs."""

import pytest
from run_folders import write_run

from vae_gui.jobs.training import Training


@pytest.fixture
def resumed(monkeypatch):
    """The flags of each process that would have been started."""
    flags = []
    monkeypatch.setattr("vae_gui.jobs.trainer.Trainer.start", lambda _, words: flags.append(words))
    return flags


@pytest.fixture
def training(qtbot):
    made = Training()
    yield made
    made.close()


@pytest.fixture
def runs(tmp_path):
    for name in ("one", "other"):
        write_run(tmp_path / name)
    return tmp_path / "one", tmp_path / "other"


def test_a_run_goes_on_once_a_look_has_come_that_began_after_the_click(
    training, resumed, runs, qtbot
):
    training.watch(runs[0])
    training.go_on()  # while a look is on its way
    assert not resumed
    qtbot.waitUntil(lambda: resumed == [["--resume", str(runs[0])]])


def test_to_go_on_is_not_carried_over_to_another_run(training, resumed, runs, qtbot):
    training.watch(runs[0])
    training.go_on()  # while a look is on its way
    training.watch(runs[1])
    qtbot.waitUntil(lambda: training.run is not None)
    assert training.run.folder == runs[1]
    assert not resumed
