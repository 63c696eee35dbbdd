import dataclasses
import shlex

import pytest

from model.flags import Parser, add_settings, configured
from model.network.vae import VAE, VAEConfig
from model.train.presets import PRESETS, Preset
from model.train.train_config import TrainConfig

by_name = pytest.mark.parametrize("name", PRESETS)


@by_name
def test_every_preset_is_a_network_and_a_training(name: str) -> None:
    vae_config, config = PRESETS[name].configs()
    assert isinstance(vae_config, VAEConfig)
    assert isinstance(config, TrainConfig)
    assert sum(weight.numel() for weight in VAE(vae_config).parameters()) > 100_000


@by_name
def test_its_flags_say_the_same(name: str) -> None:
    preset = PRESETS[name]
    parser = Parser(allow_abbrev=False)
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


def test_a_preset_of_nothing_is_the_default() -> None:
    assert Preset("").configs() == (VAEConfig(), TrainConfig())
    assert Preset("").flags() == ""
