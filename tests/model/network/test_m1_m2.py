"""M1+M2 against its formulas written out, and M1 without the dimensions that carry nothing."""

import dataclasses
import math

import numpy as np
import pytest
import torch
from torch import Tensor
from toy_with_classes import Written, log_normal

from model.network.families import Network, network_of, trained_parameters
from model.network.m1_m2 import M1M2
from model.network.pruning import active_dimensions, pruned
from model.network.vae import VAE, VAEConfig
from model.settings import SettingError

M1 = VAEConfig(3, "mlp", layers="6", activation="relu", fourier_features=0)
CONFIG = VAEConfig(2, "mlp", layers="5", fourier_features=0, family="m1+m2", m1_network="3:6:relu")
DRAWS, IMAGES = 2, 4


def random(config: VAEConfig, seed: int = 0) -> Network:
    network = network_of(config).double()
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for weight in network.parameters():
            weight.normal_(0.0, 0.3, generator=generator)
    return network


def labelled_network() -> M1M2:
    network = random(CONFIG)
    assert isinstance(network, M1M2)
    return network


@pytest.fixture
def x() -> Tensor:
    return torch.rand(IMAGES, 784, generator=torch.Generator().manual_seed(1)).round().double()


@pytest.fixture
def noise() -> Tensor:
    generator = torch.Generator().manual_seed(2)
    return torch.randn(DRAWS, IMAGES, CONFIG.noise_dim, generator=generator).double()


def test_the_bound_is_that_of_the_paper_written_out(x: Tensor, noise: Tensor) -> None:
    """E[log p(x|z1) - log q(z1|x) + bound of M2 at z1], the entropy of q(z1|x) in closed form."""
    network = labelled_network()
    labels = torch.tensor([3, 1, 4, 9])
    described = network.describe(x, torch.Generator().manual_seed(5))
    with_class = network.above.labelled(described, labels, noise).terms.elbo()
    without = network.above.unlabelled(described, noise).terms.elbo()
    of_pixels = torch.Generator().manual_seed(5)
    draws = network.m1.posterior(x).sample(of_pixels).numpy()
    written = Written(network.above.m2.state_dict(), gaussian=True)
    assert CONFIG.noise_dim == 5
    for i in range(IMAGES):
        posterior = network.m1.posterior(x[i : i + 1])
        mean, variance = posterior.mean[0].numpy(), posterior.log_variance[0].exp().numpy()
        z1 = mean + np.sqrt(variance) * noise[0, i, 2:].numpy()
        logits = network.m1.decoder(torch.from_numpy(draws[i]).unsqueeze(0))[0]
        below = 0.0
        for pixel, logit in zip(x[i].tolist(), logits.tolist(), strict=True):
            p = 1.0 / (1.0 + math.exp(-logit))
            below += math.log(p if pixel == 1.0 else 1.0 - p)
        for v in variance:
            below += 0.5 * (math.log(2.0 * math.pi * v) + 1.0)
        for_m2 = noise[:, i, :2].numpy()
        expected = below + written.labelled(z1, int(labels[i]), for_m2)
        assert with_class[i].item() == pytest.approx(expected, rel=1e-6)
        expected = below + written.unlabelled(z1, for_m2)
        assert without[i].item() == pytest.approx(expected, rel=1e-6)


def test_the_entropy_is_that_of_draws() -> None:
    """The closed form against the mean of -log q at draws from q."""
    numbers = np.random.default_rng(0).normal(0.4, math.exp(-0.6), 100_000)
    drawn = -np.mean([log_normal(z, 0.4, math.exp(-1.2)) for z in numbers])
    assert drawn == pytest.approx(0.5 * (-1.2 + math.log(2.0 * math.pi) + 1.0), abs=0.01)


def test_m1_is_never_changed(x: Tensor, noise: Tensor) -> None:
    network = labelled_network()
    bounds = network.labelled(x, torch.zeros(IMAGES, dtype=torch.int64), noise)
    (bounds.terms.elbo() + network.unlabelled(x, noise).terms.elbo()).sum().backward()
    for name, weight in network.named_parameters():
        assert (weight.grad is None) == name.startswith("m1."), name
    names = {name for name, _ in trained_parameters(network)}
    assert names == {name for name, _ in network.named_parameters() if name.startswith("above.")}
    vae = random(M1)
    assert len(trained_parameters(vae)) == len(list(vae.parameters()))


def test_the_classifier_sees_the_mean_of_m1(x: Tensor) -> None:
    network = labelled_network()
    written = Written(network.above.m2.state_dict(), gaussian=True)
    log_q = network.log_label_posterior(x)
    for i in range(IMAGES):
        mean = network.m1.posterior(x[i : i + 1]).mean[0].numpy()
        np.testing.assert_allclose(log_q[i].detach(), written.log_q(mean), rtol=1e-10)


def test_the_classifier_draws_nothing_and_decodes_nothing(x: Tensor) -> None:
    network = labelled_network()
    network.m1.decoder.register_forward_hook(lambda *_: pytest.fail("it decodes"))
    before = torch.get_rng_state()
    network.log_label_posterior(x)
    assert torch.equal(torch.get_rng_state(), before)


def test_a_class_alone_decodes_the_mean_of_z1(x: Tensor) -> None:
    network = labelled_network()
    z = torch.randn(IMAGES, 2).double()
    for label in (0, 7):
        labels = torch.full((IMAGES,), label)
        vae = network.given(label)
        mean_of_z1 = network.above.m2.decoder(z, labels)[:, :3]
        torch.testing.assert_close(vae.decoder(z), network.m1.decoder(mean_of_z1))
        expected = network.above.m2.posterior(network.m1.posterior(x).mean, labels)
        for one, other in zip(vae.posterior(x), expected, strict=True):
            torch.testing.assert_close(one, other)


@pytest.mark.parametrize("architecture", ["mlp", "residual"])
def test_m2_may_have_either_architecture(architecture: str, x: Tensor) -> None:
    sizes = {"layers": "5-4", "hidden": 5, "blocks": 1, "fourier_features": 1}
    network = random(dataclasses.replace(CONFIG, architecture=architecture, **sizes))
    assert isinstance(network, M1M2)
    assert network(x).kl.shape == (IMAGES,)
    assert network.given(2).decoder(torch.zeros(1, 2).double()).shape == (1, 784)


# Settings


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        ({"m1_network": "3:6"}, "m1_network"),
        ({"m1_network": "3:6:relu\n"}, "m1_network"),
        ({"m1_network": "٣:6:relu"}, "m1_network"),
        ({"m1_network": "0:6:relu"}, "m1_network"),
        ({"m1_network": "3:6:sine"}, "m1_network"),
        ({"m1_network": "3:-6:relu"}, "m1_network"),
        ({"m1_network": "3:4096-4096:relu"}, "m1_network"),
        ({"m1_network": "3:6:relu", "family": "m2"}, "m1_network"),
        ({"architecture": "conv"}, "architecture"),
        ({"atlas": 4}, "atlas"),
    ],
)
def test_settings_that_make_no_network_are_refused(settings: dict[str, object], name: str) -> None:
    with pytest.raises(SettingError) as refused:
        dataclasses.replace(CONFIG, **settings)  # type: ignore[arg-type]
    assert refused.value.name == name
    assert "\n" not in str(refused.value)


def test_a_network_needs_its_m1_and_a_limited_size() -> None:
    nameless = dataclasses.replace(CONFIG, m1_network="")
    assert nameless.m1 is None
    with pytest.raises(SettingError, match="--m1"):
        network_of(nameless)
    large = VAEConfig(2, "residual", hidden=1500, blocks=2, family="m2")
    with pytest.raises(SettingError, match="limit"):
        network_of(large)


# Pruning


def test_the_dimensions_that_carry_nothing_are_held_at_zero(x: Tensor) -> None:
    vae = random(dataclasses.replace(M1, latent_dim=4))
    assert isinstance(vae, VAE)
    with torch.no_grad():
        vae.encoder.mean.weight[[0, 2]] = 0.0  # the same for all images
    active = active_dimensions(vae, x)
    assert active.tolist() == [1, 3]
    small = pruned(vae, active).double()
    assert small.config == dataclasses.replace(vae.config, latent_dim=2)
    whole, part = vae.posterior(x), small.posterior(x)
    for one, other in zip(part, whole, strict=True):
        torch.testing.assert_close(one, other[:, active], rtol=1e-4, atol=1e-4)
    z = torch.randn(IMAGES, 2).double()
    at_zero = torch.zeros(IMAGES, 4).double()
    at_zero[:, active] = z
    torch.testing.assert_close(small.decoder(z), vae.decoder(at_zero), rtol=1e-4, atol=1e-4)
    assert not any(weight.requires_grad for weight in small.parameters())


def test_pruning_leaves_the_model_as_it_is(x: Tensor) -> None:
    vae = random(M1).float()
    assert isinstance(vae, VAE)
    before = {name: weight.clone() for name, weight in vae.state_dict().items()}
    small = pruned(vae, torch.tensor([1]))
    with torch.no_grad():
        for weight in small.parameters():
            weight.zero_()
    assert all(torch.equal(before[name], now) for name, now in vae.state_dict().items())
