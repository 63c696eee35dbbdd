"""The classifier of an M1+M2 as one network of plain layers, from pixels to classes."""

from itertools import pairwise

import torch
from torch import Tensor, nn

from model.network.m1_m2 import M1M2


def flattened_classifier(network: M1M2) -> list[nn.Linear]:
    """The linear layers of q(y|x), between which ReLUs stand.

    M1's encoder ends in the mean of q(z1|x), a linear layer, which the first layer of q(y|z1) is
    applied to: both are one layer.

    Raises:
        ValueError: M1's encoder or the classifier is no chain of linear layers and ReLUs.
    """
    m1, classifier = network.m1.encoder, network.above.m2.classifier
    below, above = _linear_layers(m1.body), _linear_layers(classifier.body)
    return [*below, _product(m1.mean, above[0]), *above[1:], classifier.logits]


def as_classifier_weights(layers: list[nn.Linear]) -> dict[str, Tensor]:
    """The weights as those of an M2's classifier with `classifier_layers`, by name."""
    *hidden, logits = layers
    named = {f"classifier.body.{2 * i}": layer for i, layer in enumerate(hidden)}
    named["classifier.logits"] = logits
    return {
        f"{name}.{kind}": weight.detach()
        for name, layer in named.items()
        for kind, weight in layer.named_parameters()
    }


def widths(layers: list[nn.Linear]) -> str:
    """The widths of the hidden layers, as in `classifier_layers`."""
    return "-".join(str(layer.out_features) for layer in layers[:-1])


def _linear_layers(body: nn.Sequential) -> list[nn.Linear]:
    linear = [layer for layer in body if isinstance(layer, nn.Linear)]
    pairs = pairwise([*body, None])
    is_plain = all(
        isinstance(layer, nn.ReLU) or (isinstance(layer, nn.Linear) and isinstance(after, nn.ReLU))
        for layer, after in pairs
    )
    if not is_plain:
        raise ValueError("not a chain of linear layers and ReLUs")
    return linear


@torch.no_grad()
def _product(first: nn.Linear, second: nn.Linear) -> nn.Linear:
    """The layer that is the second after the first."""
    layer = nn.Linear(first.in_features, second.out_features, device="meta")
    layer.weight = nn.Parameter(second.weight @ first.weight, requires_grad=False)
    layer.bias = nn.Parameter(second.weight @ first.bias + second.bias, requires_grad=False)
    return layer
