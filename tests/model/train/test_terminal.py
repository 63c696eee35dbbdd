from pathlib import Path

import pytest

from model.likelihood.elbo import ELBO
from model.network.vae import VAEConfig
from model.train import terminal
from model.train.snapshot_schedule import SnapshotSchedule
from model.train.train_config import TrainConfig
from model.train.training import TrainingDiverged
from model.train.training_state import Place

HOSTILE = Path("runs") / "\u202eevil\x1b[31m\n"
FEW = SnapshotSchedule((0, 196, 392), 1_850_000)


def sentences(folder: Path) -> dict[str, str]:
    return {
        "introduction": terminal.introduction(VAEConfig(), TrainConfig(), 100, 1, 0, folder, FEW),
        "early": terminal.stopped_early(Place(epoch=2, step=7), folder),
        "at once": terminal.stopped_at_once(folder),
        "unheard": terminal.stopped_unheard(folder),
        "diverged": terminal.diverged(TrainingDiverged(3, 9), folder / "last.safetensors"),
    }


@pytest.mark.parametrize("name", list(sentences(HOSTILE)))
def test_a_sentence_names_the_folder_and_no_name_fools_a_terminal(name: str) -> None:
    usual = Path("runs") / "mine"
    assert str(usual) in sentences(usual)[name]
    sentence = sentences(HOSTILE)[name]
    assert sentence.isprintable()
    assert r"\u202eevil" in sentence


def test_a_run_that_continues_with_others_says_so() -> None:
    config = TrainConfig(device="cpu", precision="float32")
    vae_config = VAEConfig(hidden=512, blocks=3, fourier_features=8)
    line = terminal.introduction(vae_config, config, 50_000, 3, 12, Path("runs/a"), FEW)
    assert line == (
        "From step 12, training a 2-D VAE (residual, 3 × 512, Fourier features 8) on 50,000 mnist "
        "images, on cpu in float32, 3 processes; 3 snapshots take at most 5.6 MB; "
        "run directory: runs/a"
    )


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        (100, "100 labelled and 1,900 other mnist images"),
        (1000, "1,000 labelled and 1,000 other mnist images"),
        (2000, "on 2,000 labelled mnist images"),
    ],
)
def test_a_model_with_classes_says_how_many_are_known(labels: int, words: str) -> None:
    vae_config, config = VAEConfig(5, family="m2"), TrainConfig(labels=labels)
    line = terminal.introduction(vae_config, config, 2000, 1, 0, Path("runs/a"), FEW)
    assert line.startswith("Training a 5-D model with classes (M2, residual, ")
    assert words in line


@pytest.mark.parametrize(
    ("config", "step", "is_advised"),
    [
        (VAEConfig(2, family="m2"), 0, True),
        (VAEConfig(2, family="m2"), 12, False),  # it is too late
        (VAEConfig(2, family="m2", classifier_layers="30"), 0, False),
        (VAEConfig(5, family="m2"), 0, False),
        (VAEConfig(2), 0, False),
    ],
)
def test_a_plane_of_classes_without_a_classifier_is_told_of_it(
    config: VAEConfig, step: int, is_advised: bool
) -> None:
    line = terminal.introduction(config, TrainConfig(labels=10), 2000, 1, step, Path("a"), FEW)
    assert ("\n" in line) is is_advised
    assert ("--classifier RUN" in line) is is_advised


@pytest.mark.parametrize(
    ("is_last", "why"), [(False, "the best by validation without labels"), (True, "the last")]
)
def test_a_model_with_classes_says_how_often_it_is_wrong(is_last: bool, why: str) -> None:
    elbo = ELBO(-100.0, 5.0)
    lines = terminal.finished(3, elbo, Path("runs/a"), 7.256, is_last=is_last)
    assert f"Test ELBO of epoch 3, {why}: ELBO -105.00 " in lines
    assert "\nTest error of q(y|x): 7.26 %.\n" in lines


@pytest.mark.parametrize(
    ("snapshots", "words"),
    [
        (SnapshotSchedule((), 1_000), "no snapshots; "),
        (SnapshotSchedule((196,), 900_000), "1 snapshot takes at most 0.9 MB; "),
        (SnapshotSchedule(tuple(range(400)), 5_300_000), "400 snapshots take at most 2,120 MB; "),
    ],
)
def test_a_run_says_what_its_snapshots_will_take(snapshots: SnapshotSchedule, words: str) -> None:
    folder = Path("runs/a")
    line = terminal.introduction(VAEConfig(), TrainConfig(), 100, 1, 0, folder, snapshots)
    assert f"; {words}run directory: runs/a" in line


def test_a_folder_with_a_blank_can_be_copied() -> None:
    lines = terminal.finished(3, ELBO(-100.0, 5.0), Path("runs/my own"))
    assert lines == (
        "Test ELBO of epoch 3, the best by validation: ELBO -105.00 "
        "(reconstruction -100.00, KL 5.00).\nExplore it: vae-gui 'runs/my own'"
    )


def test_a_divergence_before_the_first_epoch_keeps_nothing() -> None:
    sentence = terminal.diverged(TrainingDiverged(1, 5), None)
    assert "there are no weights to keep" in sentence
