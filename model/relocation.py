"""Leading images to where they belong in the plane.

The ELBO moves q(z|x) along the slope under it. Where a plane is folded, some images end up in a
hollow far below their best place and stay there: about one in ten, by 10 nats and more, on training
images too; the mean of KL(q(z|x) || p(z|x)) is mostly theirs. But a batch holds a draw of z for
every other image, and log p(x|z) of each image at all of them costs one small matrix product. Where
another image's z explains an image so much better than its own, the encoder is led there instead.

It is the encoder's step of reweighted wake-sleep (Bornschein and Bengio 2015, section 2.3) with the
other images' posteriors as the proposal, the best draw in place of all, and a pull that does not
grow with the distance in place of a square.
"""

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - its usual name

from model.likelihood import cross_log_likelihood
from model.vae import VAE, Posterior, log_likelihood, log_prior

# Distances in the plane that are short, and nats for each of them beyond.
_REACH = 0.1
_PULL = 2.0


def relocated_elbo(
    threshold: float,
    vae: VAE,
    x: Tensor,
    posterior: Posterior,
    z: Tensor,
    penalty: Tensor,
    beta: Tensor,
) -> tuple[Tensor, Tensor]:
    """The ELBO, but for images (of x, (B, 784)) that are lost: these are led to a better place.

    An image is lost if one of the batch's points z (1, B, D) has a log p(x, z) that is more than
    `threshold` nats above that of its own. The decoder learns it where it is all the same.

    Returns what is maximised (B,), and log p(x|z) (1, B).
    """
    points = z[0]
    logits = vae.decoder(points).to(x.dtype)
    reconstruction = log_likelihood(logits, x)
    with torch.no_grad(), torch.autocast(x.device.type, enabled=False):
        joint = cross_log_likelihood(logits, x) + log_prior(points)
        best, place = joint.max(dim=1)
        lost = best - joint.diagonal() > threshold
        better = points[place]
    if z.requires_grad:
        z.register_hook(  # type: ignore[no-untyped-call]
            lambda gradient: gradient.masked_fill(lost.unsqueeze(-1), 0.0)
        )
    distance = F.huber_loss(posterior.mean / _REACH, better / _REACH, reduction="none").sum(-1)
    return reconstruction - torch.where(lost, _PULL * distance, penalty), reconstruction.unsqueeze(
        0
    )
