"""Initial weights."""

import torch
from torch import Tensor, nn

from model.network.families import Network, network_of
from model.network.m1_m2 import M1M2
from model.network.vae import VAEConfig

_LAYERS = (nn.Linear, nn.Conv2d, nn.ConvTranspose2d)


def build(vae_config: VAEConfig, seed: int, initialisation: str = "torch") -> Network:
    """A network whose initial weights depend on the arguments alone.

    Args:
        vae_config: the network.
        seed: of the weights.
        initialisation: as in TrainConfig.
    """
    with torch.random.fork_rng(devices=[]):
        # The CPU alone: torch.manual_seed takes milliseconds, and would leave each GPU with this
        # seed, since fork_rng gives back the state of the CPU only.
        torch.default_generator.manual_seed(seed)
        network = network_of(vae_config)
        for layer in network.modules():
            if isinstance(layer, _LAYERS):
                _initialise(layer, initialisation)
    return network


@torch.no_grad()
def start_at_mean(network: Network, images: Tensor) -> None:
    """Set the decoder's output bias to the logits of the mean of images (N, 1, 28, 28) uint8.

    An M1+M2 is left as it is: what M1 decodes is learned already.
    """
    if not isinstance(network, M1M2):
        network.decoder.output_bias.copy_(_logits_of_mean(images))


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
