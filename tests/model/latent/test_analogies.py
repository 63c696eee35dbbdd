"""Analogies against the networks themselves, one image and one class at a time."""

import pytest
import torch

from model.latent.analogies import analogies
from model.network.initialisation import build
from model.network.vae import VAEConfig

M2 = VAEConfig(2, "mlp", layers="16", family="m2")


@pytest.fixture
def x() -> torch.Tensor:
    return torch.rand(4, 784, generator=torch.Generator().manual_seed(0)).round()


def test_each_style_is_that_of_the_own_class_and_is_decoded_as_every_class(x: torch.Tensor) -> None:
    network = build(M2, 5).eval().requires_grad_(False)
    network.encoder.body.classes.weight *= 6.0
    network.decoder.body.classes.weight *= 6.0
    labels = torch.tensor([3, 0, 9, 3])
    found = analogies(network, x, labels)
    assert found.images.shape == (4, 10, 28, 28)
    for row, label in enumerate(labels.tolist()):
        mean, _ = network.encoder(x[row : row + 1], torch.tensor([label]))
        torch.testing.assert_close(found.z[row], mean[0])
        other, _ = network.encoder(x[row : row + 1], torch.tensor([(label + 1) % 10]))
        assert (other[0] - found.z[row]).abs().max() > 1e-3
        for class_ in range(10):
            logits = network.decoder(mean, torch.tensor([class_]))
            expected = torch.sigmoid(logits).view(28, 28)
            torch.testing.assert_close(found.images[row, class_], expected, atol=1e-5, rtol=0.0)
    assert not found.images.requires_grad


def test_a_batch_has_the_rows_of_its_images(x: torch.Tensor) -> None:
    network = build(M2, 6).eval().requires_grad_(False)
    labels = torch.tensor([1, 2, 3, 4])
    whole = analogies(network, x, labels)
    for row in range(4):
        one = analogies(network, x[row : row + 1], labels[row : row + 1])
        torch.testing.assert_close(one.images[0], whole.images[row], atol=1e-5, rtol=0.0)


def test_above_an_m1_the_style_is_that_of_the_mean_of_z1(x: torch.Tensor) -> None:
    config = VAEConfig(3, "mlp", layers="10", family="m1+m2", m1_network="5:12-9:tanh")
    network = build(config, 7).eval().requires_grad_(False)
    labels = torch.tensor([2, 8, 8, 5])
    found = analogies(network, x, labels)
    z1 = network.m1.posterior(x).mean
    expected = network.above.m2.encoder(z1, labels).mean
    torch.testing.assert_close(found.z, expected)
    outputs = network.above.m2.decoder(expected[:1], torch.tensor([6]))
    logits = network.m1.decoder(outputs[:, :5])
    image = torch.sigmoid(logits).view(28, 28)
    torch.testing.assert_close(found.images[0, 6], image, atol=1e-5, rtol=0.0)
