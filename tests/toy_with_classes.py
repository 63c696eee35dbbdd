"""M2 written out in NumPy with loops: one image, one class and one number at a time, float64.

Nothing of `model.network` is used but the weights, so that it can be compared with it.
"""

import math
from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from model.network.m2 import M2
from model.network.vae import VAEConfig

Floats = NDArray[np.float64]

CLASSES, PIXELS, LATENT_DIM = 3, 4, 2
TOY = VAEConfig(LATENT_DIM, "mlp", layers="5", fourier_features=0, family="m2")


def toy(seed: int = 0, config: VAEConfig = TOY) -> M2:
    """An M2 of three classes and four pixels, whose weights are large enough to matter."""
    network = M2(config, PIXELS, CLASSES).double()
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for weight in network.parameters():
            weight.normal_(0.0, 0.7, generator=generator)
    return network


def toy_images(count: int, seed: int = 0) -> tuple[Tensor, Tensor]:
    """Images (count, 4) in {0, 1} and classes (count,)."""
    generator = torch.Generator().manual_seed(seed)
    x = torch.randint(0, 2, (count, PIXELS), generator=generator).double()
    return x, torch.randint(0, CLASSES, (count,), generator=generator)


class Written:
    """The formulas of one M2 with a single hidden layer of tanh units, written out.

    Attributes:
        gaussian: whether its decoder is, as above an M1.
    """

    def __init__(self, weights: Mapping[str, Tensor], gaussian: bool = False) -> None:
        self._weights = {name: weight.double().numpy() for name, weight in weights.items()}
        self.gaussian = gaussian
        self.classes = self._weights["classifier.logits.bias"].size

    def _linear(self, name: str, inputs: Floats) -> Floats:
        weight, bias = self._weights[f"{name}.weight"], self._weights[f"{name}.bias"]
        outputs = np.zeros(len(bias))
        for row in range(len(bias)):
            outputs[row] = bias[row] + sum(weight[row, i] * inputs[i] for i in range(len(inputs)))
        return outputs

    def _hidden(self, name: str, inputs: Floats, label: int) -> Floats:
        """A first layer whose input is followed by the class as one of several."""
        weight = self._weights[f"{name}.body.body.0.weight"]
        of_classes = self._weights[f"{name}.body.classes.weight"]
        bias = self._weights[f"{name}.body.body.0.bias"]
        one_hot = np.zeros(self.classes)
        one_hot[label] = 1.0
        return np.tanh(bias + np.hstack([weight, of_classes]) @ np.append(inputs, one_hot))

    def log_q(self, x: Floats) -> Floats:
        """Log q(y|x) of an image, (classes,)."""
        logits = self._linear("classifier.logits", np.tanh(self._linear("classifier.body.0", x)))
        return logits - math.log(sum(math.exp(logit) for logit in logits))

    def posterior(self, x: Floats, label: int) -> tuple[Floats, Floats]:
        """Mean and variance of q(z|x,y)."""
        h = self._hidden("encoder", x, label)
        return self._linear("encoder.mean", h), np.exp(self._linear("encoder.log_variance", h))

    def log_likelihood(self, x: Floats, label: int, z: Floats) -> float:
        """Log p(x|y,z)."""
        outputs = self._linear("decoder.logits", self._hidden("decoder", z, label))
        total = 0.0
        for i, value in enumerate(x):
            if self.gaussian:
                total += log_normal(value, outputs[i], math.exp(outputs[len(x) + i]))
            else:
                p = 1.0 / (1.0 + math.exp(-outputs[i]))
                total += math.log(p if value == 1.0 else 1.0 - p)
        return total

    def labelled(self, x: Floats, label: int, noise: Floats) -> float:
        """Eq. 6: the bound on log p(x,y), with the noise (K, D), averaged over its K draws."""
        mean, variance = self.posterior(x, label)
        expected = 0.0
        for draw in noise:
            z = mean + np.sqrt(variance) * draw
            expected += self.log_likelihood(x, label, z) / len(noise)
        kl = 0.0
        for m, v in zip(mean, variance, strict=True):
            kl += 0.5 * (m * m + v - 1.0 - math.log(v))
        return expected + math.log(1.0 / self.classes) - kl

    def unlabelled(self, x: Floats, noise: Floats) -> float:
        """Eq. 7: the bound on log p(x), the class summed out."""
        total = 0.0
        for label, log_q in enumerate(self.log_q(x)):
            q = math.exp(log_q)
            total += q * self.labelled(x, label, noise) - q * log_q
        return total


def log_normal(x: float, mean: float, variance: float) -> float:
    """The logarithm of a normal density."""
    return -0.5 * (math.log(2.0 * math.pi * variance) + (x - mean) ** 2 / variance)
