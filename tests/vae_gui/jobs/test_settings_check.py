"""What the window says of settings is what the command line says of them."""

import dataclasses
import shlex
from pathlib import Path

import pytest

import train_cli
from model.flags import UsageError, configured
from model.network.vae import VAEConfig
from model.train.presets import PRESETS, Preset
from model.train.train_config import TrainConfig
from vae_gui.jobs.settings_check import (
    Declared,
    SettingsCheck,
    Wish,
    as_typed,
    free_name,
    verdict,
)

DECLARED = Declared((VAEConfig, TrainConfig), PRESETS)


def configs_of(words):
    """The settings that the command line makes of words."""
    flags = train_cli.parser().parse_args(words)
    preset = PRESETS[flags.preset] if flags.preset else Preset("")
    return configured(VAEConfig, preset.model, flags), configured(
        TrainConfig, preset.training, flags
    )


@pytest.mark.parametrize("preset", ["", *PRESETS])
def test_the_values_of_a_preset_are_those_of_the_command_line(preset, tmp_path):
    values = DECLARED.of_preset(preset)
    made = configs_of(Wish(preset, {}, tmp_path, "x").flags())
    for config in made:
        for field in dataclasses.fields(config):
            if not field.metadata["of_machine"]:
                assert values[field.name] == getattr(config, field.name)


@pytest.mark.parametrize(
    "given",
    [
        {"latent_dim": 5, "seed": 2**63 - 1},
        {"learning_rate": 1e-8, "mean_bias": False, "weight_prior": True},
        {"architecture": "mlp", "layers": "256-128", "objective": "iwae", "samples": 50},
    ],
)
@pytest.mark.parametrize("preset", ["", "paper"])
def test_the_flags_mean_what_was_given(preset, given, tmp_path):
    words = shlex.split(as_typed(Wish(preset, given, tmp_path, "a b").flags()))
    made = {}
    for config in configs_of(words):
        made |= dataclasses.asdict(config)
    assert {name: made[name] for name in given} == given
    assert train_cli.parser().parse_args(words).out == tmp_path / "a b"


@pytest.mark.parametrize(
    "given",
    [
        {"epochs": 0},
        {"epochs": "many"},
        {"learning_rate": -1.0},
        {"learning_rate": "0,1"},
        {"layers": "1-2-x"},
        {"latent_dim": 3, "atlas": 8},
        {"objective": "dreg", "beta": 2.0},
        {"hidden": 4096, "blocks": 16},
    ],
)
def test_what_the_command_line_refuses_is_refused_in_its_words(given, tmp_path):
    wish = Wish("", given, tmp_path, "x")
    problem = verdict(DECLARED, wish).problem
    words = [str(word) for word in wish.flags()]
    with pytest.raises(UsageError) as refused:
        configs_of(words)
    assert str(refused.value) == f"--{problem.name.replace('_', '-')} {problem.reason}."


def test_a_run_without_a_name_gets_one_that_is_free(tmp_path):
    for name in ("mnist-2d-1", "mnist-2d-2", "other"):
        (tmp_path / name).mkdir()
    found = verdict(DECLARED, Wish("", {}, tmp_path))
    assert found.problem is None
    assert found.wish.folder == tmp_path / "mnist-2d-3"
    assert verdict(DECLARED, Wish("", {"latent_dim": 5}, tmp_path)).wish.name == "mnist-5d-1"
    assert free_name(tmp_path / "not there", "x") == "x-1"


@pytest.mark.parametrize("name", ["taken", "a/b", "..", ".", "/tmp", "a\nb"])
def test_a_name_that_cannot_be_had_is_refused(tmp_path, name):
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "config.json").touch()
    problem = verdict(DECLARED, Wish("", {}, tmp_path, name)).problem
    assert problem.name == "out"
    assert "\n" not in problem.reason


def test_the_newest_wish_is_judged(qtbot):
    check = SettingsCheck()
    with qtbot.waitSignal(check.declared) as declared:
        check.read()
    assert declared.args[0].kinds == (VAEConfig, TrainConfig)
    newest = Wish("", {"epochs": 7}, Path("runs"), "x")
    with qtbot.waitSignal(check.judged) as judged:
        for epochs in range(1, 7):
            check.judge(Wish("", {"epochs": epochs}, Path("runs"), "x"))
        check.judge(newest)
    assert judged.args[0].asked == newest
    check.close()


def test_a_model_on_another_one_is_started_in_a_terminal_and_the_form_says_so(tmp_path):
    """Its M1 is named by a run, for which the form has no field."""
    for wish in (
        Wish("m1+m2", {}, tmp_path, "x"),
        Wish("", {"family": "m1+m2", "architecture": "mlp"}, tmp_path, "x"),
    ):
        problem = verdict(DECLARED, wish).problem
        assert problem.name == "family"
        assert "--m1" in problem.reason
    assert "m1_network" not in DECLARED.fields()


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({"labels": 105}, "labels"),
        ({"objective": "iwae"}, "objective"),
        ({"beta": 2.0}, "beta"),
        ({"atlas": 8}, "atlas"),
        ({"classifier_alone": True, "classifier_weight": 0.0}, "classifier_weight"),
    ],
)
def test_what_a_model_with_classes_cannot_have_is_refused(given, name, tmp_path):
    assert verdict(DECLARED, Wish("m2", given, tmp_path, "x")).problem.name == name
    assert verdict(DECLARED, Wish("m2", {}, tmp_path, "x")).problem is None
