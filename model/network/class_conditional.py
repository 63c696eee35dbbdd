"""Networks that are told the class of an image beside their other inputs.

Shapes: B images in a batch, H hidden units, 10 classes.
"""

import copy
from typing import TypeVar

import torch
from torch import Tensor, nn

CLASSES = 10

_Module = TypeVar("_Module", bound=nn.Module)


class ClassConditional(nn.Module):
    """A network whose first linear layer is told a class too.

    Its input is, in effect, followed by the class as one of ten: each class adds numbers of its own
    to the first layer's outputs. What the layer makes of the other inputs is the same for all
    classes, so it is computed once.
    """

    def __init__(self, body: nn.Sequential, classes: int = CLASSES) -> None:
        """Take a network that has a linear layer."""
        super().__init__()
        self.body = body
        self._place = next(i for i, layer in enumerate(body) if isinstance(layer, nn.Linear))
        self.classes = nn.Linear(classes, self._first.out_features, bias=False)

    @property
    def _first(self) -> nn.Linear:
        layer = self.body[self._place]
        assert isinstance(layer, nn.Linear)
        return layer

    def forward(self, inputs: Tensor, labels: Tensor, rows: Tensor | None = None) -> Tensor:
        """Inputs (..., B, I) and classes (..., B) or (..., 1), int64 -> (..., B, H).

        The leading dimensions of both are broadcast: ten classes (10, 1) of images (B, I) give
        (10, B, H). With `rows` (P,) the classes (P,) are those of the inputs (B, I) in these rows,
        which may repeat: (P, H).
        """
        layers = list(self.body)
        h: Tensor = inputs
        for layer in layers[: self._place + 1]:
            h = layer(h)
        if rows is not None:
            h = h[rows]
        h = h + self.classes.weight.T[labels]
        leading = h.shape[:-1]
        h = h.flatten(0, -2)  # torch multiplies two dimensions fastest
        for layer in layers[self._place + 1 :]:
            h = layer(h)
        return h.view(*leading, h.shape[-1])

    def given(self, label: int) -> nn.Sequential:
        """The network for one class alone, (..., I) -> (..., H).

        All weights are shared but one bias, which has no gradient and stays as it is now: ask again
        after a step of training.
        """
        first = copy.copy(self._first)
        first._parameters = dict(self._first._parameters)
        bias = self._first.bias + self.classes.weight[:, label]
        first.bias = nn.Parameter(bias.detach(), requires_grad=False)
        layers = [first if i == self._place else layer for i, layer in enumerate(self.body)]
        return nn.Sequential(*layers)


def with_parts(module: _Module, **parts: nn.Module) -> _Module:
    """A module like another one, but for some of its parts; all others are shared."""
    twin = copy.copy(module)
    twin._modules = {**module._modules, **parts}
    return twin


def all_classes(device: torch.device) -> Tensor:
    """The ten classes, to be broadcast over images: (10, 1) int64."""
    return torch.arange(CLASSES, device=device).unsqueeze(1)
