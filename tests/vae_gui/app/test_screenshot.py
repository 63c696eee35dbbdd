"""What a screenshot refuses, in this process; what it draws is in test_start.py."""

from dataclasses import replace

import pytest
from gui_helpers import make_digits
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QLabel

from vae_gui.app.main_window import MainWindow
from vae_gui.app.screenshot import ScreenshotError, Shot, take
from vae_gui.jobs import opening
from vae_gui.jobs.opening import EncodedTraining, Encoding
from vae_gui.style.theme import ThemeChoice


@pytest.fixture
def window(qtbot, quick_digits):
    made = MainWindow(ThemeChoice.LIGHT, remember=False)
    qtbot.addWidget(made)
    yield made
    made.close()
    made.join()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"digit": 200}, r"--digit must be from 0 to 199, not 200\."),
        ({"layers": ["test", "clouds"]}, "There is no layer 'clouds'; the layers are manifold,"),
        ({"z": [0.5]}, r"--z needs 2 numbers for this model, not 1\."),
        ({"plane_of": 3}, r"--class is for models with classes; leave it out\."),
    ],
    ids=["digit", "layers", "z", "class"],
)
def test_what_cannot_be_shown_is_said(window, make_model, tmp_path, asked, sentence):
    out = tmp_path / "shot.png"
    with pytest.raises(ScreenshotError, match=sentence):
        take(window, Shot(out, QSize(1000, 700), make_model().path, **asked))
    assert not out.exists()


def test_a_picture_that_cannot_be_written_is_said(window, make_model, tmp_path):
    out = tmp_path / "no" / "folder" / "shot.png"
    with pytest.raises(ScreenshotError, match=r"could not be written; choose another place\."):
        take(window, Shot(out, QSize(1000, 700), make_model().path))


def test_a_picture_has_the_size_that_was_asked_for_or_is_refused(window, make_model, tmp_path):
    with pytest.raises(ScreenshotError, match=r"--size must be at least \d+x\d+\."):
        take(window, Shot(tmp_path / "shot.png", QSize(200, 200), make_model().path))


@pytest.fixture
def training_digits(window, monkeypatch):
    """Opening goes on with made-up training digits, after the test digits are there."""
    quickly = opening.open_checkpoint

    def open_with_training(path, data_dir, label=0):
        yield from quickly(path, data_dir, label)
        yield Encoding("training", 50)
        yield EncodedTraining(replace(make_digits(count=400), source="training digits"))

    monkeypatch.setattr("vae_gui.jobs.opening.open_checkpoint", open_with_training)


@pytest.mark.slow
@pytest.mark.parametrize("colouring", [None, "log_density"])
def test_a_picture_waits_for_all_that_it_shows(
    window, training_digits, make_model, tmp_path, colouring
):
    shot = Shot(
        tmp_path / "shot.png",
        QSize(1200, 800),
        make_model().path,
        layers=["test", "training", "regions", "manifold"],
        colour_by=colouring,
    )
    take(window, shot)
    assert shot.out.exists()
    document = window.workspace.document
    assert window.workspace.pending.is_settled
    assert document.label_accuracy.count == len(document.test)
    assert all(document.measures[key].is_complete for key in ("elbo", "kl", "log_density"))
    texts = [label.text() for label in window.findChildren(QLabel) if label.isVisible()]
    assert any("lie in their own region" in text for text in texts)
    for text in texts:
        assert "…" not in text
        assert "Measuring" not in text


def test_numbers_that_follow_the_hand_are_not_behind_in_a_picture(
    window, make_model, tmp_path, monkeypatch
):
    monkeypatch.setattr("vae_gui.widgets.throttle.PAUSES_MS", [3_600_000])  # far behind
    window.workspace.appearance.show_layer("regions", True)
    shot = Shot(tmp_path / "shot.png", QSize(1200, 800), make_model().path, z=[0.5, -0.25])
    take(window, shot)
    fields = window.inspector.probe.fields.fields
    assert [field.value() for field in fields] == [0.5, -0.25]
    assert window.inspector.probe.density.radius.text().startswith("|z| = 0.559: ")
    assert window.layers.rows["regions"].brief.text() != "no digits yet"
