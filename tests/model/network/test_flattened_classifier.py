"""The classifier of an M1+M2 as plain layers, and an M2 that begins with it."""

import dataclasses

import pytest
import torch
from torch import Tensor

from model.network.flattened_classifier import as_classifier_weights, flattened_classifier, widths
from model.network.initialisation import build
from model.network.m1_m2 import M1M2
from model.network.m2 import M2
from model.network.vae import VAEConfig
from model.settings import SettingError

CONFIG = VAEConfig(
    2,
    "mlp",
    layers="6-5",
    activation="relu",
    fourier_features=0,
    family="m1+m2",
    m1_network="3:8-7:relu",
)


def m1_m2(config: VAEConfig = CONFIG) -> M1M2:
    network = build(config, 3).double()
    assert isinstance(network, M1M2)
    return network


@pytest.fixture
def x() -> Tensor:
    return torch.rand(20, 784, generator=torch.Generator().manual_seed(1)).double()


def test_it_says_of_every_image_what_the_whole_network_says(x: Tensor) -> None:
    network = m1_m2()
    layers = flattened_classifier(network)
    h = x
    for layer in layers[:-1]:
        h = torch.relu(layer(h))
    log_q = torch.log_softmax(layers[-1](h), dim=1)
    torch.testing.assert_close(log_q, network.log_label_posterior(x))
    assert log_q.std(dim=0).max() > 1e-3  # it tells images apart


def test_an_m2_begins_with_it(x: Tensor) -> None:
    network = m1_m2()
    layers = flattened_classifier(network)
    assert widths(layers) == "8-7-6-5"
    config = VAEConfig(2, hidden=4, blocks=1, family="m2", classifier_layers=widths(layers))
    m2 = build(config, 0).double()
    assert isinstance(m2, M2)
    weights = as_classifier_weights(layers)
    names = {name for name in m2.state_dict() if name.startswith("classifier.")}
    assert weights.keys() == names
    m2.load_state_dict(m2.state_dict() | weights)
    torch.testing.assert_close(m2.log_label_posterior(x), network.log_label_posterior(x))


@pytest.mark.parametrize(
    "settings",
    [
        {"m1_network": "3:8-7:tanh"},
        {"activation": "softplus"},
        {"architecture": "residual", "hidden": 4, "blocks": 1},
    ],
)
def test_other_layers_than_linear_ones_and_relus_are_refused(settings: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="not a chain"):
        flattened_classifier(m1_m2(dataclasses.replace(CONFIG, **settings)))


@pytest.mark.parametrize("layers", ["0", "5-", "x", "5000", "1-2-3-4-5-6-7-8-9", "5\n"])
def test_widths_that_are_none_are_refused(layers: str) -> None:
    with pytest.raises(SettingError, match=r"^classifier_layers must be"):
        VAEConfig(family="m2", classifier_layers=layers)


def test_other_families_have_no_classifier_of_their_own() -> None:
    with pytest.raises(SettingError, match=r"^classifier_layers must be empty"):
        VAEConfig(classifier_layers="5")
