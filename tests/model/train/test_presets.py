import dataclasses
import shlex
from typing import Any

import pytest

from model.flags import Parser, add_settings, configured
from model.network.families import network_of
from model.network.vae import VAEConfig
from model.train.presets import PRESETS, Preset
from model.train.train_config import TrainConfig

by_name = pytest.mark.parametrize("name", PRESETS)


@by_name
def test_every_preset_is_a_network_and_a_training(name: str) -> None:
    vae_config, config = PRESETS[name].configs()
    assert isinstance(vae_config, VAEConfig)
    assert isinstance(config, TrainConfig)
    if name == "m1+m2":  # of one that has an M1
        vae_config = dataclasses.replace(vae_config, m1_network="50:500-500:relu")
    assert sum(weight.numel() for weight in network_of(vae_config).parameters()) > 100_000


@by_name
def test_its_flags_say_the_same(name: str) -> None:
    preset = PRESETS[name]
    parser = Parser()
    add_settings(parser, VAEConfig)
    add_settings(parser, TrainConfig)
    flags = parser.parse_args(shlex.split(preset.flags()))
    parsed = configured(VAEConfig, {}, flags), configured(TrainConfig, {}, flags)
    assert parsed == preset.configs()


@by_name
def test_it_names_settings_of_the_right_kind_and_explains_itself(name: str) -> None:
    preset = PRESETS[name]
    assert preset.model.keys() <= {field.name for field in dataclasses.fields(VAEConfig)}
    assert preset.training.keys() <= {field.name for field in dataclasses.fields(TrainConfig)}
    for config, values in zip(preset.configs(), (preset.model, preset.training), strict=True):
        for setting, value in values.items():
            assert getattr(config, setting) == value
            assert type(value) is type(getattr(type(config)(), setting)), setting
    assert preset.explanation.endswith(".")


# What every preset meant before a run without flags became more than the textbook's: all fields,
# so that no default that changes later changes a published training.
TEXTBOOK_NETWORK = {
    "latent_dim": 2,
    "architecture": "residual",
    "layers": "500",
    "activation": "tanh",
    "hidden": 512,
    "blocks": 3,
    "encoder_hidden": 0,
    "encoder_blocks": 0,
    "channels": 32,
    "fourier_features": 0,
    "atlas": 0,
    "family": "vae",
    "classifier_layers": "",
    "m1_network": "",
}
TEXTBOOK_TRAINING = {
    "epochs": 20,
    "batch_size": 128,
    "objective": "elbo",
    "samples": 1,
    "beta": 1.0,
    "kl_warm_up": 0.0,
    "optimizer": "adam",
    "learning_rate": 1e-3,
    "schedule": "constant",
    "adam_beta2": 0.999,
    "epsilon": 1e-8,
    "clip_norm": 0.0,
    "weight_decay": 0.0,
    "weight_prior": False,
    "initialisation": "torch",
    "mean_bias": False,
    "ema_decay": 0.0,
    "atlas_after": 0,
    "patience": 0,
    "snapshots": "dense",
    "snapshot_megabytes": 100,
    "seed": 0,
    "dataset": "mnist",
    "device": "auto",
    "precision": "auto",
    "threads": 0,
    "compile": False,
    "labels": 100,
    "label_seed": 0,
    "labelled_batch": 100,
    "classifier_weight": 0.1,
    "label_warm_up": 0.0,
    "label_floor": 0.0,
    "classifier_alone": False,
}
PUBLISHED: dict[str, dict[str, Any]] = {
    "paper": {
        "architecture": "mlp",
        "epochs": 200,
        "batch_size": 100,
        "optimizer": "adagrad",
        "learning_rate": 0.02,
        "weight_prior": True,
        "initialisation": "normal",
    },
    "davidson": {
        "architecture": "mlp",
        "layers": "256-128",
        "activation": "relu",
        "epochs": 1000,
        "batch_size": 64,
        "kl_warm_up": 100.0,
        "patience": 50,
    },
    "iwae": {
        "latent_dim": 50,
        "architecture": "mlp",
        "layers": "200-200",
        "epochs": 3280,
        "batch_size": 20,
        "objective": "iwae",
        "samples": 50,
        "schedule": "staircase",
        "epsilon": 1e-4,
        "initialisation": "glorot",
        "mean_bias": True,
    },
    "modern-2d": {
        "hidden": 640,
        "blocks": 4,
        "encoder_hidden": 512,
        "encoder_blocks": 3,
        "fourier_features": 4,
        "atlas": 48,
        "epochs": 120,
        "batch_size": 256,
        "learning_rate": 2e-3,
        "schedule": "cosine",
        "adam_beta2": 0.95,
        "mean_bias": True,
        "ema_decay": 0.999,
        "atlas_after": 40,
    },
}


# Of Kingma et al. 2014: dimensions of z and widths. How they are trained is ours, and may change.
# M1+M2 has fewer dimensions than theirs, and says so.
WITH_LABELS = {"m1": (50, "500-500"), "m2": (50, "500"), "m1+m2": (10, "1000")}
OURS = {"m2-2d"}


def test_every_preset_is_published_or_ours() -> None:
    assert PUBLISHED.keys() | WITH_LABELS.keys() | OURS == PRESETS.keys()


@pytest.mark.parametrize("name", PUBLISHED)
def test_it_means_what_it_always_meant_in_every_field(name: str) -> None:
    network, training = (dataclasses.asdict(config) for config in PRESETS[name].configs())
    assert network.keys() == TEXTBOOK_NETWORK.keys()
    assert training.keys() == TEXTBOOK_TRAINING.keys()
    assert network | training == TEXTBOOK_NETWORK | TEXTBOOK_TRAINING | PUBLISHED[name]


def test_the_paper_is_that_of_kingma_and_welling() -> None:
    vae_config, config = PRESETS["paper"].configs()
    assert (vae_config.architecture, vae_config.layers, vae_config.activation) == (
        "mlp",
        "500",
        "tanh",
    )
    assert (config.optimizer, config.batch_size, config.samples) == ("adagrad", 100, 1)
    assert config.weight_prior
    assert config.initialisation == "normal"
    assert config.learning_rate in (0.01, 0.02, 0.1)
    assert config.epochs * 50_000 == 10**7


def test_davidson_is_stopped_early_and_warmed_up() -> None:
    vae_config, config = PRESETS["davidson"].configs()
    assert (vae_config.layers, vae_config.activation) == ("256-128", "relu")
    assert (config.learning_rate, config.batch_size) == (1e-3, 64)
    assert (config.kl_warm_up, config.patience) == (100.0, 50)


def test_iwae_is_that_of_burda() -> None:
    vae_config, config = PRESETS["iwae"].configs()
    assert (vae_config.layers, vae_config.activation, vae_config.latent_dim) == (
        "200-200",
        "tanh",
        50,
    )
    assert (config.objective, config.samples, config.batch_size) == ("iwae", 50, 20)
    assert (config.schedule, config.epochs) == ("staircase", sum(3**i for i in range(8)))
    assert (config.epsilon, config.initialisation) == (1e-4, "glorot")


@pytest.mark.parametrize("name", WITH_LABELS)
def test_models_with_labels_are_as_wide_as_those_of_kingma_and_others(name: str) -> None:
    vae_config, config = PRESETS[name].configs()
    assert vae_config.family == ("vae" if name == "m1" else name)
    assert (vae_config.latent_dim, vae_config.layers) == WITH_LABELS[name]
    assert (vae_config.architecture, vae_config.fourier_features) == ("mlp", 0)
    assert config.labels == 100
    assert config.classifier_weight == (3.0 if name == "m2" else 0.1)  # theirs is 0.1
    assert not config.classifier_alone


def test_the_planes_of_classes_are_of_two_dimensions_and_begin_with_a_classifier() -> None:
    vae_config, config = PRESETS["m2-2d"].configs()
    assert (vae_config.family, vae_config.latent_dim, vae_config.atlas) == ("m2", 2, 0)
    assert 0.0 < config.label_warm_up < config.epochs
    assert (config.labels, config.classifier_weight) == (100, 0.1)


def test_a_preset_of_nothing_is_the_default() -> None:
    assert Preset("").configs() == (VAEConfig(), TrainConfig())
    assert Preset("").flags() == ""
