"""Trainings of models with classes: that they learn, and go on bit for bit."""

import dataclasses
import math
from typing import Any

import pytest
import torch
from plain_training import PLAIN
from torch import Tensor

from model.data.binarise import binarise_once
from model.data.datasets import Splits
from model.data.labelled_subset import labelled_subset
from model.likelihood.elbo import estimate_elbo
from model.likelihood.label_posterior import classification_error
from model.network.initialisation import build
from model.network.m1_m2 import M1M2
from model.network.vae import VAE, VAEConfig
from model.settings import SettingError
from model.train import supervision
from model.train.train_config import TrainConfig
from model.train.training import SavedState, train

M1 = VAEConfig(3, "mlp", layers="6", activation="relu", fourier_features=0)
M2 = VAEConfig(2, "mlp", layers="16", activation="relu", fourier_features=0, family="m2")
M1_M2 = dataclasses.replace(M2, family="m1+m2", m1_network="3:6:relu")
families = pytest.mark.parametrize("vae_config", [M2, M1_M2], ids=["m2", "m1+m2"])
IMAGES, STEPS = 600, 3  # of 500 images without a known class in batches of 200


@pytest.fixture(scope="module")
def few(small: Splits) -> Splits:
    return dataclasses.replace(small, train=small.train[:IMAGES], validation=small.validation[:100])


def config_for(**values: object) -> TrainConfig:
    usual = {"epochs": 2, "batch_size": 200, "labels": 100, "labelled_batch": 70}
    usual |= {"device": "cpu", "precision": "float32", "threads": 1}
    return TrainConfig(**PLAIN | usual | values)


def m1_for(vae_config: VAEConfig) -> VAE | None:
    vae = build(M1, 5)
    assert isinstance(vae, VAE)
    return None if vae_config.m1 is None else vae


def start_for(vae_config: VAEConfig) -> dict[str, Tensor] | None:
    m1 = m1_for(vae_config)
    return None if m1 is None else below(m1)


def below(m1: VAE) -> dict[str, Tensor]:
    return {f"m1.{name}": weight for name, weight in m1.state_dict().items()}


def reports_of(
    vae_config: VAEConfig, config: TrainConfig, data: Splits, saved: SavedState | None = None
) -> list[dict[str, Any]]:
    """All that each report says, and at the end the state."""
    said = []
    for report in train(vae_config, config, data, saved=saved, start=start_for(vae_config)):
        place = dataclasses.replace(report.place, seconds=0.0)
        said.append({"place": place, "train": report.train_metrics, "valid": report.validation})
        last = report
    tensors = {name: tensor.clone() for name, tensor in last.state.tensors().items()}
    return [*said, {"tensors": tensors}]


def saved_at(stop: int, vae_config: VAEConfig, config: TrainConfig, data: Splits) -> SavedState:
    for report in train(vae_config, config, data, start=start_for(vae_config)):
        if report.place.step == stop:
            tensors = {name: tensor.clone() for name, tensor in report.state.tensors().items()}
            return SavedState(tensors, report.place)
    raise AssertionError


def assert_equal(one: dict[str, Tensor], other: dict[str, Tensor]) -> None:
    assert one.keys() == other.keys()
    for name, tensor in one.items():
        assert torch.equal(tensor, other[name]), name


# Going on


@families
@pytest.mark.parametrize("settings", [{}, {"ema_decay": 0.9, "threads": 2, "samples": 2}], ids=str)
def test_a_run_goes_on_from_a_step_as_if_it_had_not_stopped(
    vae_config: VAEConfig, settings: dict[str, object], few: Splits
) -> None:
    config = config_for(seed=3, label_seed=2, **settings)
    *whole, expected = reports_of(vae_config, config, few)
    for stop in (1, STEPS, 2 * STEPS - 1):  # within an epoch, between two, before the last
        saved = saved_at(stop, vae_config, config, few)
        torch.manual_seed(stop)
        *rest, found = reports_of(vae_config, config, few, saved)
        assert rest == whole[stop:]
        assert_equal(found["tensors"], expected["tensors"])


@families
def test_an_m1_is_not_needed_to_go_on_and_never_changes(vae_config: VAEConfig, few: Splits) -> None:
    config = config_for(ema_decay=0.9, weight_decay=0.5)
    saved = saved_at(2, vae_config, config, few)
    *_, last = train(vae_config, config, few, saved=saved)
    for network in (last.state.network, last.state.ema):
        if isinstance(network, M1M2):
            m1 = m1_for(vae_config)
            assert m1 is not None
            assert_equal(network.m1.state_dict(), m1.state_dict())
    names = {name.split(".")[1] for name in last.state.tensors() if name.startswith("optimizer")}
    assert "m1" not in names


def test_a_new_run_needs_its_m1(few: Splits) -> None:
    with pytest.raises(SettingError, match=r"^m1 must name"):
        next(train(M1_M2, config_for(), few))
    with pytest.raises(SettingError, match="--m1"):
        next(train(dataclasses.replace(M1_M2, m1_network=""), config_for(), few))


@pytest.mark.parametrize(
    ("name", "value"), [("objective", "iwae"), ("beta", 2.0), ("kl_warm_up", 1.0)]
)
def test_what_is_not_of_models_with_classes_is_refused(
    name: str, value: object, few: Splits
) -> None:
    with pytest.raises(SettingError) as refused:
        next(train(M2, config_for(**{name: value}), few))
    assert refused.value.name == name


# What is reported


@families
def test_the_numbers_are_those_of_the_images_without_a_known_class(
    vae_config: VAEConfig, few: Splits
) -> None:
    *_, report = train(vae_config, config_for(epochs=1), few, start=start_for(vae_config))
    assert report.place.images == report.sums[2] == IMAGES - 100
    assert report.place.batch == report.batches == STEPS
    numbers = report.train_metrics
    assert numbers.keys() == {"elbo", "reconstruction", "kl", "label_entropy", "error"}
    assert 0.0 < numbers["label_entropy"] < math.log(10) + 1e-6
    assert 0.0 < numbers["error"] < 100.0
    x = binarise_once(few.validation.images).flatten(1)
    assert report.validation == estimate_elbo(report.state.network, x)


@families
def test_true_classes_that_are_not_known_change_no_weight(
    vae_config: VAEConfig, few: Splits, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = config_for()
    known = labelled_subset(few.train.labels, config.labels, config.label_seed)
    lies = (few.train.labels + 1) % 10
    lies[known] = few.train.labels[known]
    lying = dataclasses.replace(few, train=dataclasses.replace(few.train, labels=lies))
    # Which images are labelled depends on all classes; here they are to be the same.
    monkeypatch.setattr(supervision, "labelled_subset", lambda *_: known)
    (*one, true), (*other, lied) = (reports_of(vae_config, config, data) for data in (few, lying))
    assert_equal(true["tensors"], lied["tensors"] | {"sums": true["tensors"]["sums"]})
    assert one[-1]["valid"] == other[-1]["valid"]
    assert one[-1]["train"]["error"] != other[-1]["train"]["error"]


@pytest.mark.slow
@families
def test_the_error_falls_and_the_bound_rises(vae_config: VAEConfig, small: Splits) -> None:
    wide = dataclasses.replace(vae_config, layers="64", latent_dim=5)
    if wide.m1 is not None:
        wide = dataclasses.replace(wide, m1_network="10:64:relu")
    start = None if wide.m1 is None else below(trained_m1(wide.m1, small))
    config = config_for(epochs=3, batch_size=100, classifier_weight=20.0, learning_rate=1e-2)
    ends = [report for report in train(wide, config, small, start=start) if report.validation]
    first, last = ends[0], ends[-1]
    assert last.train_metrics["error"] < 40.0
    assert last.train_metrics["error"] < first.train_metrics["error"]
    assert last.validation is not None
    assert first.validation is not None
    assert last.validation.elbo > first.validation.elbo
    network = last.state.model
    assert not isinstance(network, VAE)
    x = binarise_once(small.test.images).flatten(1)
    assert classification_error(network, x, small.test.labels) < 45.0


def trained_m1(config: VAEConfig, data: Splits) -> VAE:
    *_, report = train(config, config_for(epochs=6, batch_size=50, learning_rate=2e-3), data)
    network = report.state.network
    assert isinstance(network, VAE)
    return network.requires_grad_(False)


# Threads, and compilation


@families
def test_threads_learn_the_same_twice(vae_config: VAEConfig, few: Splits) -> None:
    (*one, tensors), (*other, same) = (
        reports_of(vae_config, config_for(threads=3), few) for _ in range(2)
    )
    assert one == other
    assert_equal(tensors["tensors"], same["tensors"])


@pytest.mark.parametrize("settings", [{"classifier_alone": True}, {"labels": IMAGES}], ids=str)
@families
def test_the_ablation_and_full_labels_train_too(
    vae_config: VAEConfig, settings: dict[str, object], few: Splits
) -> None:
    config = config_for(threads=2, **settings)
    ends = [
        report
        for report in train(vae_config, config, few, start=start_for(vae_config))
        if report.validation
    ]
    assert ends[-1].sums[2] == (IMAGES if config.labels == IMAGES else IMAGES - 100)


def test_of_a_classifier_alone_the_last_epoch_is_the_best(few: Splits) -> None:
    """Its bound says nothing of it: the network that is measured is never trained."""
    config = config_for(classifier_alone=True, epochs=4)
    for report in train(M2, config, few):
        if report.validation is not None:
            assert report.state.is_best


@families
def test_a_step_is_not_compiled_where_each_has_another_shape(
    vae_config: VAEConfig, few: Splits
) -> None:
    with pytest.raises(SettingError, match=r"^compile must be off with the family"):
        next(train(vae_config, config_for(compile=True), few))
