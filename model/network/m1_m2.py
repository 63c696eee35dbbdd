"""M1+M2: an M2 on the latent points of a VAE (Kingma, Rezende, Mohamed and Welling 2014).

    p(x, z1, y, z2) = p(y) p(z2) p(z1|y,z2) p(x|z1)

M1 is a VAE that was trained before, without labels; its weights stay as they are. M2 describes M1's
latent points z1, drawn from q(z1|x), instead of pixels. So all that M2 needs of an image is what M1
says of it, and that can be kept.

Shapes: B images in a batch, 784 pixels, D1 and D2 dimensions of z1 and z2, K draws, 10 classes.
Units: nats per image.
"""

import copy
import math
from dataclasses import replace
from functools import cached_property

import torch
from torch import Tensor, nn

from model.network.class_conditional import with_parts
from model.network.densities import ELBOTerms, Posterior, log_likelihood
from model.network.m2 import M2, Bound
from model.network.vae import VAE, VAEConfig


class AboveM1(nn.Module):
    """An M2 that is told what M1 says of images, (B, 2 D1 + 1): see `M1M2.describe`.

    The noise (K, B, D2 + D1) of its bounds is standard normal. The last D1 numbers of the first
    draw are those of z1.
    """

    def __init__(self, config: VAEConfig) -> None:
        super().__init__()
        self.latent_dim = config.latent_dim
        self.m2 = M2(config)

    def labelled(self, described: Tensor, labels: Tensor, noise: Tensor) -> Bound:
        """The bound on log p(x,y) of images whose classes (B,) are known."""
        z1, above = self._draw(described, noise)
        return self._of_images(described, self.m2.labelled(z1, labels, above))

    def unlabelled(
        self, described: Tensor, noise: Tensor, floor: float = 0.0, *, follow_q: bool = True
    ) -> Bound:
        """The bound on log p(x) of images, summed over classes as `M2.unlabelled`."""
        z1, above = self._draw(described, noise)
        bound = self.m2.unlabelled(z1, above, floor, follow_q=follow_q)
        return self._of_images(described, bound)

    def _draw(self, described: Tensor, noise: Tensor) -> tuple[Tensor, Tensor]:
        """A draw of z1 for each image (B, D1), and the noise that is left for z2."""
        z1 = _posterior(described).at(noise[0, :, self.latent_dim :])
        return z1, noise[..., : self.latent_dim]

    def _of_images(self, described: Tensor, bound: Bound) -> Bound:
        """The bound of images from that of their z1: E[log p(x|z1)] + bound(z1) + entropy."""
        log_variance = _posterior(described).log_variance
        entropy = 0.5 * (log_variance + math.log(2.0 * math.pi) + 1.0).sum(1)
        kl = -entropy - bound.terms.elbo()
        return Bound(ELBOTerms(described[:, -1], kl), bound.log_q)


class M1M2(nn.Module):
    """An M2 above a VAE whose weights are fixed.

    Attributes:
        config: of the network; `config.m1` is that of the VAE.
        m1: the VAE.
        above: the model of its latent points.
    """

    def __init__(self, config: VAEConfig) -> None:
        super().__init__()
        assert config.m1 is not None
        self.config = config
        self.m1 = VAE(config.m1).requires_grad_(False)
        self.above = AboveM1(config)

    @torch.no_grad()
    def describe(self, x: Tensor, generator: torch.Generator | None = None) -> Tensor:
        """What M1 says of images x (B, 784): (B, 2 D1 + 1).

        The mean and the log-variance of q(z1|x), and log p(x|z1) of one draw from it.
        """
        posterior = self.m1.posterior(x)
        logits = self.m1.decoder(posterior.sample(generator))
        return torch.cat([*posterior, log_likelihood(logits, x).unsqueeze(1)], dim=1)

    def log_label_posterior(self, x: Tensor) -> Tensor:
        """Log q(y|z1) of images (B, 784), at the mean of q(z1|x): (B, 10)."""
        return self.above.m2.log_label_posterior(self.m1.posterior(x).mean)

    def labelled(self, x: Tensor, labels: Tensor, noise: Tensor) -> Bound:
        """The bound on log p(x,y) of images (B, 784) whose classes (B,) are known."""
        return self.above.labelled(self.describe(x), labels, noise)

    def unlabelled(self, x: Tensor, noise: Tensor) -> Bound:
        """The bound on log p(x) of images (B, 784), summed over all classes."""
        return self.above.unlabelled(self.describe(x), noise)

    def forward(self, x: Tensor, generator: torch.Generator | None = None) -> ELBOTerms:
        """One-sample estimate of the terms of the bound on log p(x), each (B,)."""
        noise = x.new_empty(1, len(x), self.config.noise_dim).normal_(generator=generator)
        return self.above.unlabelled(self.describe(x, generator), noise).terms

    def given(self, label: int) -> VAE:
        """The model of one class alone, from z2 to pixels by the mean of p(z1|y,z2).

        It is a VAE for looking at: its decoder leaves out the noise of z1, and its encoder takes
        the mean of q(z1|x), so it has no likelihood that this model shares.
        """
        m1, m2 = self.m1, self.above.m2
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


def _posterior(described: Tensor) -> Posterior:
    """q(z1|x) from what M1 says of images."""
    mean, log_variance = described[:, :-1].chunk(2, dim=1)
    return Posterior(mean, log_variance)


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
