"""M2 against its formulas written out, on images of four pixels and three classes."""

import dataclasses
import itertools
import math

import numpy as np
import pytest
import torch
from torch import Tensor
from toy_with_classes import CLASSES, LATENT_DIM, TOY, Written, toy, toy_images

from model.network.densities import Posterior
from model.network.families import network_of
from model.network.m2 import M2
from model.network.vae import VAEConfig

DRAWS, IMAGES = 3, 5


@pytest.fixture
def noise() -> Tensor:
    generator = torch.Generator().manual_seed(1)
    return torch.randn(DRAWS, IMAGES, LATENT_DIM, generator=generator).double()


def test_the_bound_of_an_image_with_a_class_is_equation_6(noise: Tensor) -> None:
    network, (x, labels) = toy(), toy_images(IMAGES)
    found = network.labelled(x, labels, noise)
    written = Written(network.state_dict())
    for i in range(IMAGES):
        expected = written.labelled(x[i].numpy(), int(labels[i]), noise[:, i].numpy())
        assert found.terms.elbo()[i].item() == pytest.approx(expected, rel=1e-6)
        np.testing.assert_allclose(found.log_q[i].detach(), written.log_q(x[i].numpy()), rtol=1e-12)


def test_the_bound_of_an_image_without_one_is_equation_7(noise: Tensor) -> None:
    network, (x, _) = toy(), toy_images(IMAGES)
    found = network.unlabelled(x, noise).terms.elbo()
    written = Written(network.state_dict())
    for i in range(IMAGES):
        expected = written.unlabelled(x[i].numpy(), noise[:, i].numpy())
        assert found[i].item() == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("is_labelled", [True, False])
def test_its_gradient_is_that_of_finite_differences(is_labelled: bool, noise: Tensor) -> None:
    network, (x, labels) = toy(), toy_images(IMAGES)

    def value() -> Tensor:
        if is_labelled:
            return network.labelled(x, labels, noise).terms.elbo().sum()
        return network.unlabelled(x, noise).terms.elbo().sum()

    value().backward()
    step = 1e-5
    for name, weight in network.named_parameters():
        gradient = torch.zeros_like(weight) if weight.grad is None else weight.grad
        flat = weight.data.view(-1)
        for i in range(len(flat)):
            before = flat[i].item()
            ends = []
            for sign in (1.0, -1.0):
                flat[i] = before + sign * step
                with torch.no_grad():
                    ends.append(value().item())
            flat[i] = before
            slope = (ends[0] - ends[1]) / (2.0 * step)
            assert gradient.view(-1)[i].item() == pytest.approx(slope, rel=1e-4, abs=1e-4), name


def test_it_is_a_bound_on_the_logarithm_of_probabilities_that_sum_to_one() -> None:
    """Integrated over z on a line: log p(y) and the entropy of q(y|x) are part of the bound."""
    network = toy(config=dataclasses.replace(TOY, latent_dim=1))
    z = torch.linspace(-8.0, 8.0, 401, dtype=torch.float64).unsqueeze(1)
    mass = torch.exp(-0.5 * z.squeeze(1) ** 2) / math.sqrt(2.0 * math.pi) * (16.0 / 400)
    x = torch.tensor(list(itertools.product([0.0, 1.0], repeat=4))).double()
    joint = torch.zeros(CLASSES, len(x), dtype=torch.float64)
    with torch.no_grad():
        for label in range(CLASSES):
            logits = network.decoder(z, torch.full((len(z),), label))
            p = torch.sigmoid(logits).unsqueeze(1)
            likelihood = torch.where(x == 1.0, p, 1.0 - p).prod(2)
            joint[label] = (mass.unsqueeze(1) * likelihood).sum(0) / CLASSES
        assert joint.sum().item() == pytest.approx(1.0, abs=1e-6)
        noise = torch.randn(4000, 16, 1, generator=torch.Generator().manual_seed(0)).double()
        without = network.unlabelled(x, noise).terms.elbo()
        assert (without < joint.sum(0).log()).all()
        for label in range(CLASSES):
            with_class = network.labelled(x, torch.full((16,), label), noise).terms.elbo()
            assert (with_class < joint[label].log()).all()
        # With q(y|x) = p(y|x) only what q(z|x,y) misses is left, the same as with a class.
        gap = joint.log() - torch.stack(
            [network.labelled(x, torch.full((16,), y), noise).terms.elbo() for y in range(CLASSES)]
        )
        best = _with_classifier(network, (joint / joint.sum(0)).log().T)
        missed = (joint.sum(0).log() - best.unlabelled(x, noise).terms.elbo()).numpy()
        expected = ((joint / joint.sum(0)) * gap).sum(0).numpy()
    np.testing.assert_allclose(missed, expected, rtol=1e-6)


def _with_classifier(network: M2, log_q: Tensor) -> M2:
    """The same network with a classifier that says this of 16 images, whatever they are."""

    class Said(torch.nn.Module):
        def forward(self, _: Tensor) -> Tensor:
            return log_q

    network.classifier = Said()  # type: ignore[assignment]
    return network


def test_where_the_classifier_is_sure_both_bounds_are_the_same(noise: Tensor) -> None:
    """But for log q(y|x): the class is known then."""
    network, (x, labels) = toy(), toy_images(IMAGES)
    sure = torch.full((IMAGES, CLASSES), -1000.0, dtype=torch.float64)
    sure[torch.arange(IMAGES), labels] = 0.0
    known = network.labelled(x, labels, noise).terms
    summed = _with_classifier(network, sure).unlabelled(x, noise).terms
    for one, other in zip(known, summed, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-12, atol=1e-12)


def test_classes_may_be_called_otherwise(noise: Tensor) -> None:
    network, (x, labels) = toy(), toy_images(IMAGES)
    names = torch.tensor([2, 0, 1])  # the old name of each new class
    renamed = toy()
    with torch.no_grad():
        for part in ("encoder", "decoder"):
            weight = getattr(renamed, part).body.classes.weight
            weight.copy_(getattr(network, part).body.classes.weight[:, names])
        renamed.classifier.logits.weight.copy_(network.classifier.logits.weight[names])
        renamed.classifier.logits.bias.copy_(network.classifier.logits.bias[names])
    one, other = network.unlabelled(x, noise), renamed.unlabelled(x, noise)
    torch.testing.assert_close(other.terms.elbo(), one.terms.elbo(), rtol=1e-12, atol=1e-12)
    torch.testing.assert_close(other.log_q, one.log_q[:, names], rtol=1e-12, atol=1e-12)
    new_labels = names.argsort()[labels]
    torch.testing.assert_close(
        renamed.labelled(x, new_labels, noise).terms.elbo(),
        network.labelled(x, labels, noise).terms.elbo(),
        rtol=1e-12,
        atol=1e-12,
    )


@pytest.mark.parametrize("count", [0, 1])
def test_a_share_may_have_no_image_or_one(count: int) -> None:
    network, (x, labels) = toy(), toy_images(count)
    noise = torch.zeros(DRAWS, count, LATENT_DIM).double()
    assert network.labelled(x, labels, noise).terms.kl.shape == (count,)
    assert network.unlabelled(x, noise).terms.kl.shape == (count,)


# On images of 28 x 28 pixels


ARCHITECTURES = [
    VAEConfig(3, "mlp", layers="7-6", fourier_features=2, family="m2"),
    VAEConfig(2, "residual", hidden=6, blocks=2, encoder_hidden=5, family="m2"),
    VAEConfig(2, "conv", hidden=6, blocks=1, channels=2, family="m2"),
]


def build(config: VAEConfig) -> M2:
    torch.manual_seed(0)
    network = network_of(config)
    assert isinstance(network, M2)
    return network


@pytest.mark.parametrize("config", ARCHITECTURES, ids=lambda config: config.architecture)
def test_a_class_alone_is_a_vae_that_says_the_same(config: VAEConfig) -> None:
    network = build(config)
    x = torch.rand(4, 784).round()
    z = torch.randn(4, config.latent_dim)
    said = []
    for label in range(10):
        labels = torch.full((4,), label)
        vae = network.given(label)
        torch.testing.assert_close(vae.decoder(z), network.decoder(z, labels))
        expected: Posterior = network.posterior(x, labels)
        for one, other in zip(vae.posterior(x), expected, strict=True):
            torch.testing.assert_close(one, other)
        assert vae.config == dataclasses.replace(config, family="vae")
        said.append(vae.decoder(z))
    assert len({each.sum().item() for each in said}) == 10


@pytest.mark.parametrize("config", ARCHITECTURES, ids=lambda config: config.architecture)
def test_a_class_alone_shares_all_weights_but_two_biases(config: VAEConfig) -> None:
    network = build(config)
    shared = {weight.data_ptr() for weight in network.parameters()}
    weights = dict(network.given(3).named_parameters())
    own = [name for name, weight in weights.items() if weight.data_ptr() not in shared]
    assert len(own) == 2
    assert all(name.endswith("bias") and not weights[name].requires_grad for name in own)
    before = {name: weight.clone() for name, weight in network.state_dict().items()}
    network.given(4)
    assert all(torch.equal(before[name], now) for name, now in network.state_dict().items())


@pytest.mark.parametrize("config", ARCHITECTURES, ids=lambda config: config.architecture)
def test_classes_side_by_side_are_classes_one_by_one(config: VAEConfig) -> None:
    network = build(config)
    x, z = torch.rand(4, 784).round(), torch.randn(2, 4, config.latent_dim)
    together = network.posterior(x, torch.arange(10).unsqueeze(1))
    decoded = network.decoder(z.unsqueeze(1), torch.arange(10).unsqueeze(1))
    assert decoded.shape == (2, 10, 4, 784)
    for label in range(10):
        alone = network.posterior(x, torch.full((4,), label))
        torch.testing.assert_close(together.mean[label], alone.mean)
        torch.testing.assert_close(together.log_variance[label], alone.log_variance)
        for draw in range(2):
            torch.testing.assert_close(
                decoded[draw, label], network.decoder(z[draw], torch.full((4,), label))
            )


def test_one_call_is_the_bound_with_one_draw() -> None:
    network = build(ARCHITECTURES[0])
    x = torch.rand(4, 784).round()
    terms = network(x, torch.Generator().manual_seed(5))
    noise = torch.empty(1, 4, 3).normal_(generator=torch.Generator().manual_seed(5))
    for one, other in zip(terms, network.unlabelled(x, noise).terms, strict=True):
        assert torch.equal(one, other)
