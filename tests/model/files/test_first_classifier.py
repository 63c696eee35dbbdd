"""The classifier that an M2 begins with must know the same labels and no others."""

import dataclasses
from pathlib import Path

import pytest

from model.files.checkpoint import Checkpoint, write_checkpoint
from model.files.first_classifier import read_classifier
from model.network.initialisation import build
from model.network.vae import VAEConfig
from model.settings import SettingError
from model.train.train_config import TrainConfig

PLAIN = VAEConfig(2, "mlp", layers="5", activation="relu", fourier_features=0)
ABOVE = VAEConfig(
    2,
    "mlp",
    layers="5",
    activation="relu",
    fourier_features=0,
    family="m1+m2",
    m1_network="3:4:relu",
)


def written(folder: Path, vae_config: VAEConfig = ABOVE, config: TrainConfig | None = None) -> Path:
    path = folder / "above.safetensors"
    checkpoint = Checkpoint(build(vae_config, 0), config or TrainConfig(), 1, {}, {})
    write_checkpoint(path, checkpoint)
    return path


def test_it_is_read_from_an_m1_m2_with_the_same_labels(tmp_path: Path) -> None:
    layers, weights = read_classifier(written(tmp_path), TrainConfig())
    assert layers == "4-5"
    assert weights["classifier.body.0.weight"].shape == (4, 784)
    assert weights["classifier.logits.weight"].shape == (10, 5)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"labels": 1000}, "--labels 1000, and this training has --labels 100"),
        ({"label_seed": 1}, "--label-seed 1, and this training has --label-seed 0"),
        ({"dataset": "fashion-mnist"}, "--dataset fashion-mnist"),
    ],
)
def test_one_that_knows_other_labels_is_refused(
    settings: dict[str, object], words: str, tmp_path: Path
) -> None:
    path = written(tmp_path, config=TrainConfig(**settings))
    with pytest.raises(SettingError, match=words) as refused:
        read_classifier(path, TrainConfig())
    assert refused.value.name == "classifier"


def test_another_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="must name an M1"):
        read_classifier(written(tmp_path, PLAIN), TrainConfig())
    with pytest.raises(SettingError, match="names no model"):
        read_classifier(tmp_path / "nothing", TrainConfig())
    config = VAEConfig(2, hidden=4, blocks=1, family="m1+m2", m1_network="3:4:relu")
    with pytest.raises(SettingError, match="other layers"):
        read_classifier(written(tmp_path, config), TrainConfig())


def test_one_with_more_layers_than_an_m2_can_have_is_refused(tmp_path: Path) -> None:
    """M1's layers and those above it are one chain: each is within its limit, both are not."""
    deep = dataclasses.replace(ABOVE, layers="5-5-5-5", m1_network="3:4-4-4-4:relu")
    assert read_classifier(written(tmp_path, deep), TrainConfig())[0] == "4-4-4-4-5-5-5-5"
    deeper = dataclasses.replace(deep, layers="5-5-5-5-5")
    with pytest.raises(SettingError, match="has 9 hidden layers") as refused:
        read_classifier(written(tmp_path, deeper), TrainConfig())
    assert refused.value.name == "classifier"
