"""The timeline of a run with labels in the real window: planes of classes of its snapshots."""

import numpy as np
import pytest
from gui_helpers import settle_layers
from labelled_model import M2, encode_as, labelled_checkpoint
from labelled_window import window_of_noise
from written_run import STEPS, WrittenRun

from benchmarks.hand import hand_over_widget
from model.files.checkpoint import Checkpoint
from model.train.train_config import TrainConfig


def labelled(training: TrainConfig, seed: int, epoch: int) -> Checkpoint:
    """A model with classes, another one for each seed."""
    return labelled_checkpoint(M2, seed, epoch=epoch, training=training)


@pytest.fixture
def run(tmp_path):
    made = WrittenRun(tmp_path / "labelled", make=labelled)
    made.add(0, 1)
    made.finish_epochs(1, 2)
    made.end()
    return made


@pytest.fixture
def window(qtbot, monkeypatch):
    with window_of_noise(qtbot, monkeypatch) as made:
        yield made


@pytest.mark.slow
def test_classes_are_chosen_of_a_snapshot_and_no_kl_of_another_class_stays(window, run, qtbot):
    with qtbot.waitSignal(window.opening.finished):
        window.open(run.paths.folder)
    timeline, document = window.timeline, window.workspace.document
    qtbot.waitUntil(lambda: timeline.is_there and len(timeline.made) == len(timeline.moments))
    hand_over_widget(window.plane).key("4")
    settle_layers(window.workspace)
    track = window.strip.track
    hand = hand_over_widget(track)
    index = [moment.step for moment in timeline.moments].index(STEPS)
    hand.press(at=(track.column_of(index), track.height() / 2))
    hand.release()
    qtbot.waitUntil(lambda: timeline.shown == index and document.glide is None)
    settle_layers(window.workspace)
    for label in (4, 7):
        hand_over_widget(window.plane).key(str(label))
        settle_layers(window.workspace)
        assert document.label == label
        means, _ = encode_as(run.paths.snapshot(STEPS), document.test.images, label)
        np.testing.assert_allclose(document.test.means, means, atol=1e-5)
        qtbot.waitUntil(lambda: document.glide is None)  # until then the strip says what moves
        assert "ELBO" in window.strip.text.text
        assert "KL" not in window.strip.text.text
