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
from model.network.class_conditional import CLASSES, ClassConditional, with_parts
from model.network.densities import ELBOTerms, Posterior, kl_divergence, log_density, log_likelihood
from model.network.vae import VAE, VAEConfig

LOG_CLASSES = math.log(CLASSES)
"""-log p(y), in nats."""


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
        if config.classifier_layers:
            layers = tuple(int(width) for width in config.classifier_layers.split("-"))
            self.body, hidden = encoder_body(
                "mlp", "relu", config.widths._replace(layers=layers), inputs
            )
        else:
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

    def forward(self, x: Tensor, labels: Tensor, rows: Tensor | None = None) -> Posterior:
        """Images (B, I), classes (..., B) -> two tensors (..., B, D), in the precision of x.

        With `rows` (P,): classes (P,) of the images in these rows -> (P, D).
        """
        h = self.body(x, labels, rows)
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
        posterior = self.posterior(x, labels)
        outputs = self.decoder(posterior.at(noise), labels)
        reconstruction = self.log_likelihood(outputs, x).mean(0)
        kl = kl_divergence(*posterior) + math.log(self.classes)  # KL, and -log p(y)
        return Bound(ELBOTerms(reconstruction, kl), self.log_label_posterior(x))

    def unlabelled(
        self, x: Tensor, noise: Tensor, floor: float = 0.0, *, follow_q: bool = True
    ) -> Bound:
        """The bound on log p(x) of images (B, I), summed over all classes (eq. 7).

        Args:
            x: the images.
            noise: standard normal, (K, B, D); all classes share it, which makes their differences
                more certain.
            floor: below 0.1. Classes with a smaller q(y|x) are left out, and q is that of the
                others: it is quicker, and a bound as well, since any q gives one.
            follow_q: whether the classifier has a gradient from this bound.
        """
        with torch.set_grad_enabled(torch.is_grad_enabled() and follow_q):
            log_q = self.log_label_posterior(x)
        kept = log_q.exp() >= floor
        image, label = kept.nonzero(as_tuple=True)
        log_r = torch.log_softmax(log_q.masked_fill(~kept, -math.inf), dim=1)[image, label]
        posterior = self.encoder(x, label, image)
        outputs = self.decoder(posterior.at(noise[:, image]), label)
        r = log_r.exp()
        reconstruction = r * self.log_likelihood(outputs, x[image]).mean(0)
        kl = r * (kl_divergence(*posterior) + log_r + math.log(self.classes))
        sums = (x.new_zeros(len(x)).index_add(0, image, each) for each in (reconstruction, kl))
        return Bound(ELBOTerms(*sums), log_q)

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
            return VAE(replace(self.config, family="vae", classifier_layers=""))
