import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch.nn import functional as F  # noqa: N812 - its usual name

from model.network.blocks import PIXELS, FourierFeatures, ResidualBlock
from model.network.initialisation import build
from model.network.vae import VAE, VAEConfig

Array = NDArray[np.float64]

ACTIVATIONS = {
    "tanh": np.tanh,
    "relu": lambda h: np.maximum(h, 0.0),
    "silu": lambda h: h / (1.0 + np.exp(-h)),
}


def weights_of(vae: VAE) -> dict[str, Array]:
    return {name: weight.double().numpy() for name, weight in vae.state_dict().items()}


def linear(weights: dict[str, Array], name: str, h: Array) -> Array:
    return h @ weights[f"{name}.weight"].T + weights[f"{name}.bias"]


def layer_norm(weights: dict[str, Array], name: str, h: Array) -> Array:
    centred = h - h.mean(-1, keepdims=True)
    scaled = centred / np.sqrt((centred**2).mean(-1, keepdims=True) + 1e-5)
    return scaled * weights[f"{name}.weight"] + weights[f"{name}.bias"]


def disturbed(config: VAEConfig) -> VAE:
    """A network none of whose biases and gains is 0 or 1: what is left out shows."""
    vae = build(config, seed=0).requires_grad_(False)
    generator = torch.Generator().manual_seed(1)
    for weight in vae.parameters():
        if weight.ndim == 1:
            weight.add_(0.3 * torch.randn(weight.shape, generator=generator))
    return vae


@pytest.fixture(scope="module")
def x() -> torch.Tensor:
    return torch.rand(5, PIXELS, generator=torch.Generator().manual_seed(2))


@pytest.fixture(scope="module")
def z() -> torch.Tensor:
    return 2 * torch.randn(5, 3, generator=torch.Generator().manual_seed(3))


@pytest.mark.parametrize("activation", ["tanh", "relu", "silu"])
@pytest.mark.parametrize("layers", ["6", "7-4", "7-4-5"])
def test_plain_layers_are_those_of_numpy_and_the_decoder_mirrors_them(
    layers: str, activation: str, x: torch.Tensor, z: torch.Tensor
) -> None:
    vae = disturbed(VAEConfig(3, "mlp", layers=layers, activation=activation, fourier_features=0))
    weights, widths = weights_of(vae), [int(width) for width in layers.split("-")]
    h = x.double().numpy()
    for index in range(len(widths)):
        h = ACTIVATIONS[activation](linear(weights, f"encoder.body.{2 * index}", h))
        assert h.shape == (5, widths[index])
    mean, log_variance = vae.posterior(x)
    np.testing.assert_allclose(mean, linear(weights, "encoder.mean", h), atol=1e-5)
    np.testing.assert_allclose(log_variance, linear(weights, "encoder.log_variance", h), atol=1e-5)

    h = z.double().numpy()
    for index, width in enumerate(reversed(widths)):
        h = ACTIVATIONS[activation](linear(weights, f"decoder.body.{2 * index}", h))
        assert h.shape == (5, width)
    np.testing.assert_allclose(vae.decoder(z), linear(weights, "decoder.logits", h), atol=1e-5)


@pytest.mark.parametrize("frequencies", [0, 3])
def test_a_residual_network_is_that_of_numpy(
    frequencies: int, x: torch.Tensor, z: torch.Tensor
) -> None:
    vae = disturbed(VAEConfig(3, hidden=6, blocks=2, fourier_features=frequencies))
    weights = weights_of(vae)

    def body(part: str, start: int, h: Array) -> Array:
        h = linear(weights, f"{part}.body.{start}", h)
        for index in (start + 1, start + 2):
            name = f"{part}.body.{index}"
            h = h + ACTIVATIONS["silu"](
                linear(weights, f"{name}.linear", layer_norm(weights, f"{name}.norm", h))
            )
        return layer_norm(weights, f"{part}.body.{start + 3}", h)

    h = body("encoder", 0, x.double().numpy())
    np.testing.assert_allclose(vae.posterior(x).mean, linear(weights, "encoder.mean", h), atol=1e-5)
    inputs = with_fourier_features(z.double().numpy(), frequencies)
    h = body("decoder", 1 if frequencies else 0, inputs)
    np.testing.assert_allclose(vae.decoder(z), linear(weights, "decoder.logits", h), atol=1e-5)


def with_fourier_features(z: Array, count: int) -> Array:
    """z, then of each coordinate the sines of its multiples, then the cosines."""
    k = np.arange(1, count + 1)
    phases = np.concatenate([column[:, None] * k for column in z.T], axis=1)
    return np.concatenate([z, np.sin(phases), np.cos(phases)], axis=1)


@pytest.mark.parametrize("dimensions", [1, 2, 7])
@pytest.mark.parametrize("count", [1, 4, 64])
def test_fourier_features_are_those_of_numpy(dimensions: int, count: int) -> None:
    z = torch.randn(9, dimensions, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    found = FourierFeatures(count)(z)
    assert found.shape == (9, dimensions * (1 + 2 * count))
    np.testing.assert_allclose(found, with_fourier_features(z.numpy(), count), atol=1e-12)


@pytest.mark.parametrize("architecture", ["mlp", "residual", "conv"])
def test_every_decoder_takes_fourier_features(architecture: str, z: torch.Tensor) -> None:
    vae = build(
        VAEConfig(3, architecture, layers="6", hidden=6, channels=2, fourier_features=2), seed=0
    )
    seen = []
    first = next(module for module in vae.decoder.modules() if isinstance(module, torch.nn.Linear))
    first.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    vae.decoder(z)
    np.testing.assert_allclose(seen[0], with_fourier_features(z.double().numpy(), 2), atol=1e-5)


@pytest.mark.parametrize("latent_dim", [1, 2, 7])
@pytest.mark.parametrize("channels", [1, 3])
def test_convolutions_take_images_and_give_logits(latent_dim: int, channels: int) -> None:
    config = VAEConfig(latent_dim, "conv", hidden=6, blocks=1, channels=channels)
    vae = build(config, seed=0)
    shapes = []
    for module in vae.modules():
        if isinstance(module, torch.nn.Conv2d | torch.nn.ConvTranspose2d):
            module.register_forward_hook(lambda *arguments: shapes.append(arguments[2].shape[1:]))
    mean, log_variance = vae.posterior(torch.rand(4, PIXELS))
    assert mean.shape == log_variance.shape == (4, latent_dim)
    assert vae.decoder(mean).shape == (4, PIXELS)
    halves = [(channels, 14, 14), (2 * channels, 7, 7)]
    assert shapes == [*halves, (channels, 14, 14), (1, 28, 28)]


def test_convolutions_see_the_pixels_row_by_row() -> None:
    vae = build(VAEConfig(2, "conv", hidden=6, blocks=1, channels=2), seed=0)
    first = next(module for module in vae.modules() if isinstance(module, torch.nn.Conv2d))
    seen = []
    first.register_forward_hook(lambda *arguments: seen.append(arguments[2]))
    image = torch.zeros(28, 28)
    image[3, 20] = 1.0  # pixel 3 * 28 + 20
    flat = torch.zeros(1, PIXELS)
    flat[0, 3 * 28 + 20] = 1.0
    vae.posterior(flat)
    expected = F.conv2d(image[None, None], first.weight, first.bias, stride=2, padding=1)
    torch.testing.assert_close(seen[0], expected)
    assert (seen[0][0, :, 2, 10] != seen[0][0, :, 9, 9]).any()


@pytest.mark.parametrize("architecture", ["residual", "conv"])
def test_the_encoder_may_have_another_width_and_depth(architecture: str) -> None:
    def sizes(**settings: int) -> list[tuple[int, ...]]:
        config = VAEConfig(2, architecture, hidden=8, blocks=2, channels=2, **settings)
        vae = build(config, seed=0)
        blocks = [
            [
                block.linear.out_features
                for block in part.modules()
                if isinstance(block, ResidualBlock)
            ]
            for part in (vae.encoder, vae.decoder)
        ]
        return [tuple(widths) for widths in blocks]

    assert sizes() == [(8, 8), (8, 8)]
    assert sizes(encoder_hidden=5) == [(5, 5), (8, 8)]
    assert sizes(encoder_blocks=3) == [(8, 8, 8), (8, 8)]
    assert sizes(encoder_hidden=5, encoder_blocks=1) == [(5,), (8, 8)]


@pytest.mark.parametrize("architecture", ["mlp", "residual", "conv"])
def test_the_output_bias_is_added_to_the_logits_and_nothing_else(
    architecture: str, z: torch.Tensor
) -> None:
    vae = build(VAEConfig(3, architecture, layers="6", hidden=6, channels=2), seed=0)
    before = vae.decoder(z)
    change = torch.linspace(-2.0, 3.0, PIXELS)
    with torch.no_grad():
        vae.decoder.output_bias.add_(change)
    torch.testing.assert_close(vae.decoder(z) - before, change.expand(5, PIXELS))
