"""What a model with classes says of the class of an image, and how often it is wrong.

Shapes: N images, 10 classes.
"""

import torch
from torch import Tensor

from model.likelihood.elbo import BATCH
from model.network.families import Labelled


@torch.inference_mode()
def log_label_posteriors(network: Labelled, x: Tensor) -> Tensor:
    """Log q(y|x) of images x (N, 784) in [0, 1], on the device of the model: (N, 10)."""
    return torch.cat([network.log_label_posterior(batch) for batch in torch.split(x, BATCH)])


def classification_error(network: Labelled, x: Tensor, labels: Tensor) -> float:
    """How many of N images the classifier's likeliest class is wrong about, in %.

    Args:
        network: a model with classes.
        x: images (N, 784) in [0, 1].
        labels: their true classes, (N,) int64.
    """
    return error(log_label_posteriors(network, x.to(next(network.parameters()).device)), labels)


def error(log_posterior: Tensor, labels: Tensor) -> float:
    """How many of N images the likeliest class is wrong about, in %: (N, 10), (N,) -> %."""
    wrong = log_posterior.argmax(1).cpu() != labels.cpu()
    return 100.0 * wrong.double().mean().item()
