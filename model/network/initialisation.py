"""Initial weights."""

import torch
from torch import Tensor, nn

from model.network.vae import VAE, VAEConfig

_LAYERS = (nn.Linear, nn.Conv2d, nn.ConvTranspose2d)


def build(vae_config: VAEConfig, seed: int, initialisation: str = "torch") -> VAE:
    """A VAE whose initial weights depend on the arguments alone.

    Args:
        vae_config: the network.
        seed: of the weights.
        initialisation: as in TrainConfig.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        vae = VAE(vae_config)
        for layer in vae.modules():
            if isinstance(layer, _LAYERS):
                _initialise(layer, initialisation)
    return vae


@torch.no_grad()
def start_at_mean(vae: VAE, images: Tensor) -> None:
    """Set the decoder's output bias to the logits of the mean of images (N, 1, 28, 28) uint8."""
    vae.decoder.output_bias.copy_(_logits_of_mean(images))


def _initialise(layer: nn.Module, name: str) -> None:
    if name == "normal":
        for weight in layer.parameters():
            nn.init.normal_(weight, std=0.01)
    elif name == "glorot":
        for weight in layer.parameters():
            if weight.ndim > 1:
                nn.init.xavier_uniform_(weight)
            else:
                nn.init.zeros_(weight)


def _logits_of_mean(images: Tensor) -> Tensor:
    """The logits of the mean image, (784,); means are kept between 0.001 and 0.999."""
    mean = images.flatten(1).double().mean(0) / 255.0
    return torch.logit(mean.clamp(1e-3, 1.0 - 1e-3)).float()
