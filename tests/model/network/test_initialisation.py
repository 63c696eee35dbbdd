import math

import pytest
import torch
from torch import Tensor, nn

from model.data.datasets import Splits
from model.network.blocks import PIXELS
from model.network.initialisation import build, start_at_mean
from model.network.vae import VAE, VAEConfig

ARCHITECTURES = ("mlp", "residual", "conv")


def network(architecture: str, initialisation: str, seed: int = 0) -> VAE:
    config = VAEConfig(2, architecture, layers="300-90", hidden=200, blocks=1, channels=8)
    return build(config, seed, initialisation)


def layers_of(vae: VAE) -> list[nn.Module]:
    kinds = (nn.Linear, nn.Conv2d, nn.ConvTranspose2d)
    return [layer for layer in vae.modules() if isinstance(layer, kinds)]


def equal(one: VAE, other: VAE) -> bool:
    weights, others = one.state_dict(), other.state_dict()
    return all(torch.equal(weights[name], others[name]) for name in weights)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("initialisation", ["torch", "normal", "glorot"])
def test_initial_weights_depend_on_the_arguments_alone(
    architecture: str, initialisation: str
) -> None:
    torch.manual_seed(0)
    one = network(architecture, initialisation, seed=4)
    torch.manual_seed(1)
    state = torch.get_rng_state()
    assert equal(one, network(architecture, initialisation, seed=4))
    assert not equal(one, network(architecture, initialisation, seed=5))
    assert torch.equal(torch.get_rng_state(), state)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_normal_weights_have_a_standard_deviation_of_a_hundredth(architecture: str) -> None:
    """Kingma and Welling 2014, section 5: biases too."""
    drawn = [
        weight.detach()
        for layer in layers_of(network(architecture, "normal"))
        for weight in layer.parameters()
    ]
    together = torch.cat([weight.flatten() for weight in drawn]).double()
    count = len(together)
    assert together.mean().abs() < 5 * 0.01 / math.sqrt(count)
    assert together.std().item() == pytest.approx(0.01, abs=5 * 0.01 / math.sqrt(2 * count))
    # The tails of a normal distribution, and not of a uniform one.
    beyond = (together.abs() > 0.0196).double().mean().item()
    assert beyond == pytest.approx(0.05, abs=5 * math.sqrt(0.05 * 0.95 / count))
    for weight in drawn:
        assert weight.abs().max() > 0
        deviation = weight.double().square().mean().sqrt().item()
        assert deviation == pytest.approx(0.01, abs=6 * 0.01 / math.sqrt(2 * weight.numel()))


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_glorot_weights_fill_their_bounds_and_biases_are_zero(architecture: str) -> None:
    """Glorot and Bengio 2010, eq. 16; the fans of a kernel count its pixels."""
    for layer in layers_of(network(architecture, "glorot")):
        weight, bias = layer.weight, layer.bias
        assert isinstance(weight, Tensor)
        assert isinstance(bias, Tensor)
        bound = math.sqrt(6 / ((weight.shape[0] + weight.shape[1]) * weight[0, 0].numel()))
        largest = weight.abs().max().item()
        assert largest <= bound
        assert largest > 0.9 * bound
        spread = weight.double().square().mean().sqrt().item() / bound
        assert spread == pytest.approx(1 / math.sqrt(3), rel=5 / math.sqrt(weight.numel()))
        assert not bias.any()


def test_the_default_is_that_of_torch() -> None:
    torch.manual_seed(7)
    expected = VAE(VAEConfig(2, hidden=20, blocks=1))
    assert equal(build(VAEConfig(2, hidden=20, blocks=1), seed=7), expected)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_the_mean_bias_is_the_logit_of_the_mean_pixel(architecture: str, small: Splits) -> None:
    vae = network(architecture, "glorot")
    start_at_mean(vae, small.train.images)
    mean = small.train.images.double().mean(0).flatten() / 255
    assert (mean == 0).any()
    p = mean.clamp(0.001, 0.999)
    expected = torch.log(p / (1 - p)).float()
    bias = vae.decoder.output_bias
    assert bias.shape == (PIXELS,)
    torch.testing.assert_close(bias.detach(), expected)
    assert torch.isfinite(bias).all()


def test_a_decoder_that_starts_at_the_mean_starts_with_a_better_elbo(small: Splits) -> None:
    x = (small.train.images.flatten(1) > 127).float()
    vae = network("residual", "torch")
    before = vae(x, torch.Generator().manual_seed(0)).elbo().mean().item()
    start_at_mean(vae, small.train.images)
    after = vae(x, torch.Generator().manual_seed(0)).elbo().mean().item()
    # 784 coins are 543 nats, independent pixels of the right means about 206.
    assert before < -500
    assert after > -330
