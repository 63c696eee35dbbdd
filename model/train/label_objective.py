"""The objective of models with classes, where the classes of some images are known.

Per training image (Kingma, Rezende, Mohamed and Welling 2014, eq. 9, divided by N):

    1/N sum over unlabelled of U(x) + 1/N sum over labelled of L(x,y)
        + alpha / N  mean over labelled of log q(y|x),          alpha / N = --classifier-weight

where L bounds log p(x,y) and U bounds log p(x). A batch has B unlabelled and M labelled images,
whatever their proportion in the data: each sum is estimated by its own mean.

Shapes: B images of both kinds in a batch. Units: nats per image.
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from model.network.families import Labelled
from model.network.m1_m2 import M1M2
from model.network.m2 import Bound
from model.train.train_config import TrainConfig

# Of a classifier that learns alone nobody needs a bound. The one that is measured is that of an
# untrained network; with this floor it decodes a class or two of an image, and not ten.
_FLOOR_ALONE = 0.05


class LabelObjective(NamedTuple):
    """The objective of a batch, and what is measured of the C images that are counted.

    The counted images are those without a known class; where all are known, all.

    Attributes:
        value: () the objective to maximise, summed over the counted images.
        reconstruction: of the bound, (C,); no gradient.
        kl: KL(q(y,z|x) || p(y,z)), (C,); no gradient.
        entropy: H(q(y|x)), (C,); no gradient.
        wrong: 1 where the likeliest class is not the true one, (C,).
    """

    value: Tensor
    reconstruction: Tensor
    kl: Tensor
    entropy: Tensor
    wrong: Tensor

    def sums(self, dtype: torch.dtype) -> Tensor:
        """Sums over the counted images, and their number: (5,).

        Their order: reconstruction, KL, number, entropy, wrong.
        """
        count = self.kl.new_full((), len(self.kl), dtype=dtype)
        sums = (values.sum(dtype=dtype) for values in self[1:])
        reconstruction, kl, entropy, wrong = sums
        return torch.stack([reconstruction, kl, count, entropy, wrong])


class ObjectiveWithLabels(nn.Module):
    """A model with classes and its objective as one module.

    A pure function of its inputs: the noise is drawn outside. Of an M1+M2 it is told what M1 says
    of images (`M1M2.describe`), where others see their pixels.
    """

    def __init__(self, network: Labelled, config: TrainConfig, images: int, labelled: int) -> None:
        """Take a model, the settings, and how many of the training images are labelled."""
        super().__init__()
        self.network = network.above if isinstance(network, M1M2) else network
        self._is_alone = config.classifier_alone
        self._weight = config.classifier_weight
        self._floor = _FLOOR_ALONE if config.classifier_alone else config.label_floor
        self._begins_with_classifier = bool(network.config.classifier_layers)
        self._all_labelled = labelled == images
        self._labelled, self._unlabelled = labelled / images, 1.0 - labelled / images

    def forward(
        self,
        x: Tensor,
        noise: Tensor,
        labels: Tensor,
        known: Tensor,
        counted_per_labelled: Tensor,
        follow_q: bool = True,
    ) -> LabelObjective:
        """The objective of a batch, or of a share of it.

        Args:
            x: images (B, 784), or what M1 says of them.
            noise: standard normal (K, B, noise_dim).
            labels: the classes (B,) int64. Those that are not known serve the count of `wrong`
                alone.
            known: whether an image's class is known, (B,) bool.
            counted_per_labelled: counted images for each labelled one in the whole batch, ().
            follow_q: whether the bound of images without a known class changes q(y|x). Where it
                does not, a classifier that other trainings made has no gradient.
        """
        with_class = self.network.labelled(x[known], labels[known], noise[:, known])
        weight = 0.0 if self._begins_with_classifier and not follow_q else self._weight
        counted, value = with_class, self._value_with_class(with_class, labels[known], weight)
        value = value * counted_per_labelled
        truth = labels[known]
        if not self._all_labelled:
            truth = labels[~known]
            counted = self._without_class(x[~known], noise[:, ~known], follow_q)
            if not self._is_alone:
                value = value + self._unlabelled * counted.terms.elbo().sum()
        return _measured(value + self._zero(), counted, truth)

    def _without_class(self, x: Tensor, noise: Tensor, follow_q: bool) -> Bound:
        with torch.set_grad_enabled(torch.is_grad_enabled() and not self._is_alone):
            return self.network.unlabelled(x, noise, self._floor, follow_q=follow_q)

    def _value_with_class(self, bound: Bound, labels: Tensor, weight: float) -> Tensor:
        of_true = bound.log_q.gather(1, labels.unsqueeze(1)).sum()
        value = weight * of_true
        if self._is_alone:
            return value
        return value + self._labelled * bound.terms.elbo().sum()

    def _zero(self) -> Tensor:
        """Zero, as a function of all weights that are trained.

        Each has a gradient then, also where a share has images of one kind only.
        """
        weights = [weight for weight in self.parameters() if weight.requires_grad]
        total: Tensor = sum((weight.flatten()[0] for weight in weights), weights[0].new_zeros(()))
        return 0.0 * total


def _measured(value: Tensor, bound: Bound, truth: Tensor) -> LabelObjective:
    log_q = bound.log_q.detach()
    terms = bound.terms
    return LabelObjective(
        value,
        terms.reconstruction.detach(),
        terms.kl.detach(),
        -(log_q.exp() * log_q).sum(1),
        (log_q.argmax(1) != truth).to(log_q.dtype),
    )
