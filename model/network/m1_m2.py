"""M1+M2: an M2 on the latent points of a VAE (Kingma, Rezende, Mohamed and Welling 2014).

    p(x, z1, y, z2) = p(y) p(z2) p(z1|y,z2) p(x|z1)

M1 is a VAE that was trained before, without labels; its weights stay as they are. M2 describes M1's
latent points z1, drawn from q(z1|x), instead of pixels.

Shapes: B images in a batch, 784 pixels, D1 and D2 dimensions of z1 and z2, K draws, 10 classes.
Units: nats per image.
"""

import copy
import math
from dataclasses import replace
from functools import cached_property
from typing import NamedTuple

import torch
from torch import Tensor, nn

from model.network.class_conditional import with_parts
from model.network.densities import log_likelihood
from model.network.m2 import M2, Bound
from model.network.vae import VAE, ELBOTerms, VAEConfig


class Below(NamedTuple):
    """What M1 says of B images.

    Attributes:
        z1: a draw from q(z1|x), (B, D1).
        reconstruction: log p(x|z1), (B,).
        entropy: that of q(z1|x), (B,).
    """

    z1: Tensor
    reconstruction: Tensor
    entropy: Tensor


class M1M2(nn.Module):
    """An M2 above a VAE whose weights are fixed.

    Attributes:
        config: of the network; `config.m1` is that of the VAE.
        m1: the VAE.
        m2: the model of its latent points.
    """

    def __init__(self, config: VAEConfig) -> None:
        super().__init__()
        assert config.m1 is not None
        self.config = config
        self.m1 = VAE(config.m1).requires_grad_(False)
        self.m2 = M2(config)

    def log_label_posterior(self, x: Tensor) -> Tensor:
        """Log q(y|z1) of images (B, 784), at the mean of q(z1|x): (B, 10)."""
        return self.m2.log_label_posterior(self.m1.posterior(x).mean)

    def labelled(self, x: Tensor, labels: Tensor, noise: Tensor) -> Bound:
        """The bound on log p(x,y) of images (B, 784) whose classes (B,) are known.

        The noise (K, B, D2 + D1) is standard normal; of the last D1 numbers the first draw is used.
        """
        below, noise = self._below(x, noise)
        return self._above(below, self.m2.labelled(below.z1, labels, noise))

    def unlabelled(self, x: Tensor, noise: Tensor) -> Bound:
        """The bound on log p(x) of images (B, 784), summed over all classes; noise as before."""
        below, noise = self._below(x, noise)
        return self._above(below, self.m2.unlabelled(below.z1, noise))

    def forward(self, x: Tensor, generator: torch.Generator | None = None) -> ELBOTerms:
        """One-sample estimate of the terms of the bound on log p(x), each (B,)."""
        width = self.config.noise_dim
        noise = x.new_empty(1, len(x), width).normal_(generator=generator)
        return self.unlabelled(x, noise).terms

    def given(self, label: int) -> VAE:
        """The model of one class alone, from z2 to pixels by the mean of p(z1|y,z2).

        It is a VAE for looking at: its decoder leaves out the noise of z1, and its encoder takes
        the mean of q(z1|x), so it has no likelihood that this model shares.
        """
        m1, m2 = self.m1, self.m2
        encoder = with_parts(
            self._empty.encoder,
            body=nn.Sequential(m1.encoder.body, m1.encoder.mean, m2.encoder.body.given(label)),
            mean=m2.encoder.mean,
            log_variance=m2.encoder.log_variance,
        )
        to_mean_of_z1 = m2.decoder.body.given(label), _mean_of(m2.decoder.logits)
        decoder = with_parts(
            self._empty.decoder,
            body=nn.Sequential(*to_mean_of_z1, m1.decoder.body),
            logits=m1.decoder.logits,
        )
        return with_parts(self._empty, encoder=encoder, decoder=decoder)

    @cached_property
    def _empty(self) -> VAE:
        """A VAE without weights, for `given` to fill; to make one takes milliseconds."""
        with torch.device("meta"):
            return VAE(replace(self.config, family="vae", m1_network=""))

    @torch.no_grad()
    def _below(self, x: Tensor, noise: Tensor) -> tuple[Below, Tensor]:
        """What M1 says, which nothing learns from, and the noise that is left for z2."""
        latent_dim = self.config.latent_dim
        posterior = self.m1.posterior(x)
        z1 = posterior.at(noise[0, :, latent_dim:])
        entropy = 0.5 * (posterior.log_variance + math.log(2.0 * math.pi) + 1.0).sum(1)
        reconstruction = log_likelihood(self.m1.decoder(z1), x)
        return Below(z1, reconstruction, entropy), noise[..., :latent_dim]

    def _above(self, below: Below, bound: Bound) -> Bound:
        """The bound of images from that of their z1: E[log p(x|z1)] + bound(z1) + entropy."""
        kl = -below.entropy - bound.terms.elbo()
        return Bound(ELBOTerms(below.reconstruction, kl), bound.log_q)


def _mean_of(outputs: nn.Module) -> nn.Linear:
    """The first half of a linear layer's outputs, as a layer of its own that shares its weights."""
    assert isinstance(outputs, nn.Linear)
    half = outputs.out_features // 2
    layer = copy.copy(outputs)  # to make a new one takes a millisecond
    layer.out_features = half
    layer._parameters = {
        name: nn.Parameter(weight[:half].detach(), requires_grad=False)
        for name, weight in outputs.named_parameters()
    }
    return layer
