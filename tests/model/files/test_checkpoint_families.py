"""Checkpoints of models with classes: there and back, and hostile ones."""

import dataclasses
import json
import os
import tempfile
from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from meddling import (
    NETWORK,
    assert_one_sentence,
    assert_sound,
    mutated_files,
    put_together,
    signed,
    take_apart,
    with_metadata,
    with_setting,
    with_weight,
)
from safetensors.torch import save as serialise_tensors

from model.files.checkpoint import Checkpoint, read_checkpoint, write_checkpoint
from model.files.checkpoint_format import CheckpointError
from model.network.families import network_of
from model.network.initialisation import build
from model.network.vae import VAE, VAEConfig
from model.settings import SettingError
from model.train.train_config import TrainConfig

TINY_VAE = VAEConfig(latent_dim=1, architecture="mlp", layers="1", fourier_features=0)
TINY_M2 = dataclasses.replace(TINY_VAE, family="m2")
TINY_M1_M2 = dataclasses.replace(TINY_VAE, family="m1+m2", m1_network="1:1:tanh")
TINY = {"vae": TINY_VAE, "m2": TINY_M2, "m1+m2": TINY_M1_M2}
by_family = pytest.mark.parametrize("family", TINY)
with_classes = pytest.mark.parametrize("family", ["m2", "m1+m2"])

CONFIGS = [
    TINY_M2,
    TINY_M1_M2,
    VAEConfig(5, "mlp", layers="4-3", activation="relu", fourier_features=2, family="m2"),
    VAEConfig(2, hidden=4, blocks=1, encoder_hidden=3, family="m2"),
    VAEConfig(2, "conv", hidden=4, blocks=1, channels=2, family="m2"),
    VAEConfig(2, hidden=4, blocks=1, family="m1+m2", m1_network="3:6-5:softplus"),
]


def checkpoint_for(config: VAEConfig, seed: int = 0) -> Checkpoint:
    training = TrainConfig(labels=100, label_seed=4, classifier_weight=0.5)
    metrics = {"train": {"elbo": -140.25, "label_entropy": 0.5, "error": 7.5}}
    return Checkpoint(build(config, seed), training, 3, metrics, {"train-images": "ab" * 32})


def content_of(config: VAEConfig) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sound.safetensors"
        write_checkpoint(path, checkpoint_for(config))
        return path.read_bytes()


SOUND = {family: content_of(config) for family, config in TINY.items()}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "model.safetensors"


def refusal(path: Path) -> str:
    with pytest.raises(CheckpointError) as caught:
        read_checkpoint(path)
    return assert_one_sentence(caught.value, path)


@pytest.mark.parametrize("config", CONFIGS, ids=str)
def test_what_is_written_is_read(config: VAEConfig, path: Path) -> None:
    checkpoint = checkpoint_for(config)
    write_checkpoint(path, checkpoint)
    read = read_checkpoint(path)
    assert (read.config, read.training) == (checkpoint.config, checkpoint.training)
    assert read.metrics == checkpoint.metrics
    weights = checkpoint.network.state_dict()
    assert read.network.state_dict().keys() == weights.keys()
    for name, weight in read.network.state_dict().items():
        assert torch.equal(weight, weights[name])
    assert_sound(read)
    assert read.labelled is read.network
    assert not read.network.training
    assert not any(weight.requires_grad for weight in read.network.parameters())


@with_classes
def test_a_class_alone_is_given_and_a_vae_is_itself(family: str, path: Path) -> None:
    path.write_bytes(SOUND[family])
    read = read_checkpoint(path)
    z = torch.ones(1, 1)
    network = read.labelled
    assert network is not None
    for label in range(10):
        expected = network.given(label).decoder(z)
        assert torch.equal(read.given(label).decoder(z), expected)
    path.write_bytes(SOUND["vae"])
    vae = read_checkpoint(path)
    assert vae.labelled is None
    assert vae.given(3) is vae.vae is vae.network


def test_a_checkpoint_says_its_family_and_old_ones_are_vaes(path: Path) -> None:
    for family, content in SOUND.items():
        header, _ = take_apart(content)
        config = json.loads(header["__metadata__"]["config"])
        assert config["family"] == family
        del config["family"], config["m1_network"]
        path.write_bytes(with_metadata(content, config=json.dumps(config)))
        if family == "vae":
            assert isinstance(read_checkpoint(path).network, VAE)
        else:
            assert "do not fit its configuration" in refusal(path)


@pytest.mark.parametrize(
    ("settings_", "reason"),
    [
        ({"family": "vae"}, "its setting m1_network must be empty"),
        ({"family": "m2", "m1_network": ""}, "do not fit its configuration"),
        ({"m1_network": ""}, "its setting family m1+m2 needs a VAE to build on"),
        ({"m1_network": "2:1:tanh"}, "has another shape"),
        ({"m1_network": "1:1:sine"}, "its setting m1_network"),
        ({"m1_network": "1:1:tanh\n"}, "its setting m1_network"),
        ({"m1_network": "x" * 10_000}, "its setting m1_network"),
        ({"m1_network": "512:4096-4096:relu"}, "its setting m1_network"),
        ({"architecture": "conv"}, "its setting architecture"),
        ({"atlas": 8, "latent_dim": 2}, "its setting atlas"),
        ({"family": "m3"}, "its setting family must be one of"),
        ({"family": None}, "its setting family must be a word"),
    ],
    ids=str,
)
def test_another_network_is_refused(settings_: dict[str, object], reason: str, path: Path) -> None:
    path.write_bytes(with_setting(SOUND["m1+m2"], "config", **settings_))
    assert reason in refusal(path)


def test_a_model_too_large_is_refused_before_it_is_built(path: Path) -> None:
    path.write_bytes(
        with_setting(SOUND["m2"], "config", architecture="residual", hidden=1500, blocks=2)
    )
    assert "its setting family m2 makes a network of" in refusal(path)


@with_classes
def test_weights_that_are_no_numbers_or_make_none_are_refused(family: str, path: Path) -> None:
    prefix = "above.m2." if family == "m1+m2" else ""
    for name in ("classifier.body.0.weight", "decoder.body.classes.weight"):
        path.write_bytes(with_weight(SOUND[family], prefix + name, float("nan")))
        assert f"its weight {prefix}{name} has values that are not numbers" in refusal(path)
    network = checkpoint_for(TINY[family])
    above = network.network if family == "m2" else network.network.get_submodule("above.m2")
    with torch.no_grad():
        above.get_submodule("classifier").get_parameter("logits.weight").fill_(3e38)
        above.get_submodule("classifier").get_parameter("logits.bias").fill_(3e38)
        above.get_submodule("classifier").get_parameter("body.0.bias").fill_(3.0)
    write_checkpoint(path, network)
    assert "what it says of classes is not a number" in refusal(path)


# Mutations


@st.composite
def fitting_files(draw: st.DrawFn, sound: bytes) -> bytes:
    """A file whose tensors are those of another network, with numbers of any size."""
    header, _ = take_apart(sound)
    stored = json.loads(header["__metadata__"]["config"])
    for name in draw(st.lists(st.sampled_from(sorted(NETWORK)), max_size=4)):
        stored[name] = draw(NETWORK[name])
    try:
        with torch.device("meta"):
            shapes = {n: w.shape for n, w in network_of(VAEConfig(**stored)).state_dict().items()}
    except SettingError:
        shapes = {}
    if sum(shape.numel() for shape in shapes.values()) > 100_000:
        shapes = {}
    size = draw(st.sampled_from([0.0, 1.0, 100.0, 1e19, 3e38]))
    generator = torch.Generator().manual_seed(draw(st.integers(0, 99)))
    weights = {
        name: size * (2.0 * torch.rand(shape, generator=generator) - 1.0)
        for name, shape in shapes.items()
    }
    metadata = header["__metadata__"] | {"config": json.dumps(stored)}
    made, body = take_apart(serialise_tensors(weights, metadata))
    return put_together(signed(made, body), body)


def check_any_mutation(family: str, path: Path, data: st.DataObject) -> None:
    files = st.one_of(mutated_files(SOUND[family]), fitting_files(SOUND[family]))
    path.write_bytes(data.draw(files))
    try:
        read = read_checkpoint(path)
    except CheckpointError as error:
        assert_one_sentence(error, path)
    else:
        assert_sound(read)


unhurried = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


@with_classes
@settings(max_examples=50, deadline=None, suppress_health_check=unhurried)
@given(data=st.data())
def test_any_mutation_gives_a_model_or_one_sentence(
    family: str, path: Path, data: st.DataObject
) -> None:
    check_any_mutation(family, path, data)


@pytest.mark.slow
@by_family
@settings(max_examples=500, deadline=None, suppress_health_check=unhurried)
@given(data=st.data())
def test_hundreds_of_mutations_give_a_model_or_one_sentence(
    family: str, path: Path, data: st.DataObject
) -> None:
    check_any_mutation(family, path, data)


@pytest.mark.slow
@pytest.mark.skipif("THOROUGH" not in os.environ, reason="takes 15 minutes: set THOROUGH=1")
@by_family
@settings(max_examples=10_000, deadline=None, suppress_health_check=unhurried)
@given(data=st.data())
def test_ten_thousand_mutations_give_a_model_or_one_sentence(
    family: str, path: Path, data: st.DataObject
) -> None:
    check_any_mutation(family, path, data)
