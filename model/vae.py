"""The variational autoencoder of Kingma and Welling (2014) for 28 x 28 images.

    prior            p(z)   = N(0, I)
    encoder          q(z|x) = N(mean(x), diag exp log_variance(x))
    decoder          p(x|z) = prod over pixels of Bernoulli(sigmoid(logits(z)))

Two architectures: `paper`, one tanh layer on either side (appendix C of the paper), and
`residual`, an input layer and a stack of residual blocks.

Shapes: B images in a batch, D latent dimensions, 784 pixels, row by row from the top.
Units: the terms of the ELBO are in nats per image.
"""

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - its usual name

from model.settings import SettingError, check, setting

SIDE = 28
PIXELS = SIDE * SIDE

# 48 MB in float32, so that a checkpoint stays below the size that its reader accepts.
MAX_PARAMETERS = 12_000_000


@dataclass(frozen=True)
class VAEConfig:
    """All that is needed to build a VAE.

    Raises:
        SettingError: naming the first field with a value that is not allowed, or `hidden` if the
            network would have more than `MAX_PARAMETERS` weights.
    """

    latent_dim: int = setting(2, "dimensions of the latent space", minimum=1, maximum=512)
    architecture: str = setting(
        "residual",
        "paper: one tanh layer (Kingma and Welling 2014); residual: a residual MLP",
        choices=("paper", "residual"),
    )
    hidden: int = setting(512, "width of the hidden layers", minimum=1, maximum=4096)
    blocks: int = setting(
        3, "residual blocks in the encoder, and as many in the decoder", minimum=1, maximum=16
    )

    def __post_init__(self) -> None:
        check(self)
        parameters = _parameters(self)
        if parameters > MAX_PARAMETERS:
            raise SettingError(
                "hidden",
                f"{self.hidden} makes a network of {parameters:,} weights; "
                f"the limit is {MAX_PARAMETERS:,}",
            )


class Posterior(NamedTuple):
    """A batch of diagonal Gaussians q(z|x); both tensors are (B, D)."""

    mean: Tensor
    log_variance: Tensor

    def sample(self, generator: torch.Generator | None = None) -> Tensor:
        """Draw one z for each image, (B, D), differentiable in both parameters (eq. 4)."""
        noise = torch.empty_like(self.mean).normal_(generator=generator)
        return self.mean + torch.exp(0.5 * self.log_variance) * noise


class ResidualBlock(nn.Module):
    """h + silu(W layer_norm(h) + b), H hidden units."""

    def __init__(self, hidden: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(hidden)
        self.linear = nn.Linear(hidden, hidden)

    def forward(self, h: Tensor) -> Tensor:
        """(B, H) -> (B, H)."""
        return h + F.silu(self.linear(self.norm(h)))


class Encoder(nn.Module):
    """Images (B, 784) in [0, 1] -> Posterior."""

    def __init__(self, config: VAEConfig) -> None:
        super().__init__()
        self.body = _body(config, PIXELS)
        self.mean = nn.Linear(config.hidden, config.latent_dim)
        self.log_variance = nn.Linear(config.hidden, config.latent_dim)

    def forward(self, x: Tensor) -> Posterior:
        """(B, 784) -> two tensors (B, D)."""
        h = self.body(x)
        return Posterior(self.mean(h), self.log_variance(h))


class Decoder(nn.Module):
    """Latent points (B, D) -> logits of the pixels' Bernoulli distributions (B, 784)."""

    def __init__(self, config: VAEConfig) -> None:
        super().__init__()
        self.body = _body(config, config.latent_dim)
        self.logits = nn.Linear(config.hidden, PIXELS)

    def forward(self, z: Tensor) -> Tensor:
        """(B, D) -> (B, 784)."""
        logits: Tensor = self.logits(self.body(z))
        return logits


class VAE(nn.Module):
    """An encoder and a decoder that belong together."""

    def __init__(self, config: VAEConfig) -> None:
        super().__init__()
        self.config = config
        self.encoder = Encoder(config)
        self.decoder = Decoder(config)

    def posterior(self, x: Tensor) -> Posterior:
        """q(z|x) of images (B, 784) in [0, 1]."""
        posterior: Posterior = self.encoder(x)
        return posterior

    def forward(self, x: Tensor, generator: torch.Generator | None = None) -> "ELBOTerms":
        """One-sample estimate of the ELBO's terms of images x (B, 784), each (B,) (eq. 10)."""
        posterior = self.posterior(x)
        logits = self.decoder(posterior.sample(generator))
        return ELBOTerms(log_likelihood(logits, x), kl_divergence(*posterior))


class ELBOTerms(NamedTuple):
    """The two terms of the ELBO, each (B,) or averaged, in nats per image."""

    reconstruction: Tensor
    kl: Tensor

    def elbo(self, beta: float = 1.0) -> Tensor:
        """E_q[log p(x|z)] - beta KL(q(z|x) || p(z)); the ELBO where beta is 1 (eq. 3)."""
        return self.reconstruction - beta * self.kl


def log_likelihood(logits: Tensor, x: Tensor) -> Tensor:
    """Log p(x|z) of a Bernoulli decoder, summed over pixels: (B, 784), (B, 784) -> (B,) nats.

    Source: Kingma and Welling 2014, appendix C.1, written for logits.
    """
    return -F.binary_cross_entropy_with_logits(logits, x, reduction="none").sum(dim=-1)


def kl_divergence(mean: Tensor, log_variance: Tensor) -> Tensor:
    """KL(N(mean, exp log_variance) || N(0, I)), summed over dimensions: (B, D) -> (B,) nats.

    Source: Kingma and Welling 2014, appendix B.
    """
    return 0.5 * (mean.square() + log_variance.exp() - 1.0 - log_variance).sum(dim=-1)


def _body(config: VAEConfig, inputs: int) -> nn.Sequential:
    first = nn.Linear(inputs, config.hidden)
    if config.architecture == "paper":
        return nn.Sequential(first, nn.Tanh())
    blocks = (ResidualBlock(config.hidden) for _ in range(config.blocks))
    return nn.Sequential(first, *blocks, nn.LayerNorm(config.hidden))


def _parameters(config: VAEConfig) -> int:
    h, d = config.hidden, config.latent_dim
    blocks = config.blocks * (h * h + 3 * h) + 2 * h if config.architecture == "residual" else 0
    encoder = (PIXELS + 1) * h + blocks + 2 * (h + 1) * d
    decoder = (d + 1) * h + blocks + (h + 1) * PIXELS
    return encoder + decoder
