"""M2, the generative model with classes of Kingma, Rezende, Mohamed and Welling (2014).

    prior            p(y) = 1/10,  p(z) = N(0, I)
    decoder          p(x|y,z) = prod over pixels of Bernoulli(sigmoid(logits(y,z)))
    encoder          q(z|x,y) = N(mean(x,y), diag exp log_variance(x,y))
    classifier       q(y|x)   = Categorical(softmax(logits(x)))

With labels of some images only: of an image with a known class y, log p(x,y) has a bound (eq. 6);
of one without, log p(x) has one that sums over all ten classes (eq. 7). No class is ever drawn.

Above a VAE (M1+M2) it describes the VAE's latent points instead of pixels, and its decoder is
Gaussian.

Shapes: B images in a batch, I inputs (784 pixels or M1's dimensions), D latent dimensions, K draws,
10 classes. Units: nats per image.
"""

import math
from dataclasses import replace
from functools import cached_property
from typing import NamedTuple

import torch
from torch import Tensor, nn

from model.network.blocks import PIXELS, decoder_body, encoder_body
from model.network.class_conditional import CLASSES, ClassConditional, all_classes, with_parts
from model.network.densities import Posterior, kl_divergence, log_density, log_likelihood
from model.network.vae import VAE, ELBOTerms, VAEConfig


class Bound(NamedTuple):
    """A bound on log p(x,y) or log p(x) of B images, and what the classifier says.

    Attributes:
        terms: of the bound. Its KL is that of q(y,z|x) from the prior, so log p(y) is part of it.
        log_q: log q(y|x), (B, 10).
    """

    terms: ELBOTerms
    log_q: Tensor


class Classifier(nn.Module):
    """Images (B, I) -> log q(y|x), (B, 10)."""

    def __init__(self, config: VAEConfig, inputs: int, classes: int) -> None:
        super().__init__()
        self.body, hidden = encoder_body(
            config.architecture, config.activation, config.widths, inputs
        )
        self.logits = nn.Linear(hidden, classes)

    def forward(self, x: Tensor) -> Tensor:
        """(B, I) -> (B, 10), in the precision of x."""
        return torch.log_softmax(self.logits(self.body(x)).to(x.dtype), dim=-1)


class ClassEncoder(nn.Module):
    """Images (B, I) and classes -> q(z|x,y)."""

    def __init__(self, config: VAEConfig, inputs: int, classes: int) -> None:
        super().__init__()
        body, hidden = encoder_body(config.architecture, config.activation, config.widths, inputs)
        self.body = ClassConditional(body, classes)
        self.mean = nn.Linear(hidden, config.latent_dim)
        self.log_variance = nn.Linear(hidden, config.latent_dim)

    def forward(self, x: Tensor, labels: Tensor) -> Posterior:
        """Images (B, I), classes (..., B) -> two tensors (..., B, D), in the precision of x."""
        h = self.body(x, labels)
        return Posterior(self.mean(h).to(x.dtype), self.log_variance(h).to(x.dtype))


class ClassDecoder(nn.Module):
    """Latent points and classes -> the parameters of p(x|y,z)."""

    def __init__(self, config: VAEConfig, outputs: int, classes: int) -> None:
        super().__init__()
        body, self.logits = decoder_body(
            config.architecture,
            config.activation,
            config.widths,
            config.latent_dim,
            config.fourier_features,
            outputs,
        )
        self.body = ClassConditional(body, classes)

    def forward(self, z: Tensor, labels: Tensor) -> Tensor:
        """Points (..., B, D), classes (..., B) or (..., 1) -> (..., B, outputs)."""
        h = self.body(z, labels)
        outputs: Tensor = self.logits(h.flatten(0, -2))
        return outputs.view(*h.shape[:-1], outputs.shape[-1])

    @property
    def output_bias(self) -> nn.Parameter:
        """The bias of the outputs, (outputs,)."""
        *_, last = self.logits.modules()
        bias = last.bias
        assert isinstance(bias, nn.Parameter)
        return bias


class M2(nn.Module):
    """A generative model with classes: an encoder, its decoder, and a classifier.

    Attributes:
        config: of the network. With `config.m1` it describes the latent points of that VAE.
        classes: how many there are.
    """

    def __init__(self, config: VAEConfig, pixels: int = PIXELS, classes: int = CLASSES) -> None:
        """Make the network; other numbers of pixels and classes are for checks by hand."""
        super().__init__()
        self.config = config
        self.classes = classes
        m1 = config.m1
        self._is_of_pixels = m1 is None
        inputs, outputs = (pixels, pixels) if m1 is None else (m1.latent_dim, 2 * m1.latent_dim)
        self.encoder = ClassEncoder(config, inputs, classes)
        self.decoder = ClassDecoder(config, outputs, classes)
        self.classifier = Classifier(config, inputs, classes)

    def log_label_posterior(self, x: Tensor) -> Tensor:
        """Log q(y|x) of images (B, I): (B, 10)."""
        log_q: Tensor = self.classifier(x)
        return log_q

    def posterior(self, x: Tensor, labels: Tensor) -> Posterior:
        """q(z|x,y) of images (B, I) with classes (..., B) or (..., 1): (..., B, D)."""
        posterior: Posterior = self.encoder(x, labels)
        return posterior

    def log_likelihood(self, outputs: Tensor, x: Tensor) -> Tensor:
        """Log p(x|y,z) of images (B, I), from the decoder's outputs (..., B, outputs): (..., B)."""
        if self._is_of_pixels:
            return log_likelihood(outputs, x)
        mean, log_variance = outputs.to(x.dtype).chunk(2, dim=-1)
        return log_density(Posterior(mean, log_variance), x)

    def labelled(self, x: Tensor, labels: Tensor, noise: Tensor) -> Bound:
        """The bound on log p(x,y) of images (B, I) whose classes (B,) are known (eq. 6).

        The noise (K, B, D) is standard normal.
        """
        reconstruction, kl = self._terms(x, labels, noise)
        of_label = math.log(self.classes)  # -log p(y)
        return Bound(ELBOTerms(reconstruction, kl + of_label), self.log_label_posterior(x))

    def unlabelled(self, x: Tensor, noise: Tensor) -> Bound:
        """The bound on log p(x) of images (B, I), summed over all classes (eq. 7).

        The noise (K, B, D) is standard normal; all classes share it, which makes their differences
        more certain.
        """
        log_q = self.log_label_posterior(x)
        q = log_q.exp()
        reconstruction, kl = self._terms(x, all_classes(x.device, self.classes), noise)
        of_labels = (q * log_q).sum(1) + math.log(self.classes)  # KL(q(y|x) || p(y))
        terms = ELBOTerms((q.T * reconstruction).sum(0), (q.T * kl).sum(0) + of_labels)
        return Bound(terms, log_q)

    def forward(self, x: Tensor, generator: torch.Generator | None = None) -> ELBOTerms:
        """One-sample estimate of the terms of the bound on log p(x), each (B,) (eq. 7)."""
        noise = x.new_empty(1, len(x), self.config.latent_dim).normal_(generator=generator)
        return self.unlabelled(x, noise).terms

    def given(self, label: int) -> VAE:
        """The model of one class alone: a VAE with decoder p(x|y,z) and encoder q(z|x,y).

        All weights but two biases are shared with this model.
        """
        assert self._is_of_pixels
        encoder = with_parts(
            self._empty.encoder,
            body=self.encoder.body.given(label),
            mean=self.encoder.mean,
            log_variance=self.encoder.log_variance,
        )
        decoder = with_parts(
            self._empty.decoder,
            body=self.decoder.body.given(label),
            logits=self.decoder.logits,
        )
        return with_parts(self._empty, encoder=encoder, decoder=decoder)

    @cached_property
    def _empty(self) -> VAE:
        """A VAE without weights, for `given` to fill; to make one takes milliseconds."""
        with torch.device("meta"):
            return VAE(replace(self.config, family="vae"))

    def _terms(self, x: Tensor, labels: Tensor, noise: Tensor) -> tuple[Tensor, Tensor]:
        """E_q[log p(x|y,z)] over K draws, and KL(q(z|x,y) || p(z)): both (..., B)."""
        posterior = self.posterior(x, labels)
        draws = noise.view(len(noise), *(1,) * (posterior.mean.ndim - 2), *noise.shape[1:])
        outputs = self.decoder(posterior.at(draws), labels)
        return self.log_likelihood(outputs, x).mean(0), kl_divergence(*posterior)
