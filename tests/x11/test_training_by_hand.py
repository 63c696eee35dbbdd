"""A model is trained from the window with the mouse: started, paused, gone on with, stopped."""

from pathlib import Path

import pytest
from x11_program import MAIN, StartExplorer

from model.files.run import RunPaths
from model.files.run_reader import RunReader

pytestmark = pytest.mark.x11


def test_a_training_by_mouse(start: StartExplorer, tmp_path: Path) -> None:
    explorer = start()
    explorer.wait_until_open()
    explorer.look_to(MAIN)
    explorer.hand.key("ctrl+t")
    explorer.wait("the form is there", lambda state: state["trained"]["can start"])
    explorer.click_widget("start")
    explorer.wait("it trains", lambda state: state["trained"]["stage"] == "training")
    run = tmp_path / "run-0" / "runs" / "mnist-2d-1"  # below the folder it was started in
    explorer.wait(
        "its points, or that they are waited for",
        lambda state: "mnist-2d-1" in state["waits"] or "mnist-2d-1" in str(state["model"]),
    )
    explorer.click_widget("pause")
    explorer.wait("it is paused", lambda state: state["trained"]["stage"] == "paused")
    explorer.click_widget("go on")
    explorer.wait("it trains again", lambda state: state["trained"]["stage"] == "training")
    explorer.click_widget("stop")
    explorer.wait(
        "it is stopped",
        lambda state: state["trained"]["stage"] == "stopped" and not state["trained"]["is ours"],
    )
    assert explorer.state["trained"]["failure"] == ""
    assert RunPaths(run).resume.exists()
    found = RunReader(run).look()
    assert found is not None
    assert found.reason == "interrupted"
    explorer.quit()
