"""Pictures of what is held against a posterior: the flag draws them, and a file says the flag."""

import shlex

import numpy as np
import pytest
from evidence_window import opened_window, sure
from PySide6.QtCore import QSize
from PySide6.QtGui import QImage

from vae_gui.app.evidence_flag import parse
from vae_gui.app.screenshot import Shot, take


@pytest.fixture
def model(make_model):
    return sure(make_model())


@pytest.fixture
def window(qtbot, model, quick_digits, monkeypatch):
    with opened_window(qtbot, model, monkeypatch) as made:
        yield made


def draw(window, model, tmp_path, text):
    """The command that a picture with this evidence says of itself."""
    out = tmp_path / "shot.png"
    take(window, Shot(out, QSize(1300, 900), model.path, evidence=parse(text)))
    return shlex.split(QImage(str(out)).text("Command"))


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    [
        "digit:7,show:encoder",
        "digit:7,show:refined",
        "digit:7,map,show:chains,steps:12,seed:3",
    ],
)
def test_what_is_asked_for_is_shown_and_said(window, model, tmp_path, text):
    command = draw(window, model, tmp_path, text)
    assert command[command.index("--evidence") + 1] == text
    inference = window.workspace.viewpoint.inference
    check, course = inference.encoder, inference.chains.course
    assert (check.found is not None) is ("chains" not in text)
    assert check.is_refined is ("refined" in text)
    assert inference.pixel_map.is_on is ("map" in text)
    if "chains" in text:
        assert (course.count, inference.chains.seed) == (12, 3)
        assert np.isfinite(course.pseudo.z).all()
    assert window.evidence.panel.isVisible()
