"""The ELBO of a data set; log p(x|z) of many images at many latent points."""

from dataclasses import dataclass

import torch
from torch import Tensor

from model.network.densities import log_normaliser
from model.network.families import Network

BATCH = 1000


@dataclass(frozen=True)
class ELBO:
    """The ELBO and its two terms, in nats per image, averaged over images (beta = 1)."""

    reconstruction: float
    kl: float

    @property
    def elbo(self) -> float:
        """Reconstruction minus KL (Kingma and Welling 2014, eq. 3)."""
        return self.reconstruction - self.kl

    def as_dict(self) -> dict[str, float]:
        """The three numbers as runs and checkpoints store them."""
        return {"elbo": self.elbo, "reconstruction": self.reconstruction, "kl": self.kl}


@torch.inference_mode()
def estimate_elbo(network: Network, x: Tensor, *, samples: int = 1, seed: int = 0) -> ELBO:
    """Estimate the average ELBO of images x (N, 784) in {0, 1}, on the device of the model.

    The KL is exact; the reconstruction term is averaged over `samples` draws of z an image (eq. 10
    of Kingma and Welling 2014). With one draw, 10,000 images give it to about 0.1 nat.
    """
    device = next(network.parameters()).device
    generator = torch.Generator(device).manual_seed(seed)
    sums = torch.zeros(2, dtype=torch.float64)
    for batch in torch.split(x, BATCH):
        on_device = batch.to(device)
        for _ in range(samples):
            terms = network(on_device, generator)
            sums += torch.stack([term.cpu().double().sum() for term in terms])
    reconstruction, kl = (sums / (len(x) * samples)).tolist()
    return ELBO(reconstruction, kl)


def cross_log_likelihood(logits: Tensor, x: Tensor) -> Tensor:
    """Log p(x|z) of every image at every point: (G, 784), (N, 784) -> (N, G) nats.

    `model.vae.log_likelihood` written as x . logits minus the normaliser: one matrix product, and a
    term that all images share. Pixels may be any numbers in [0, 1], as in that function. No
    gradient.
    """
    return torch.addmm(-log_normaliser(logits), x, logits.T)


def paired_log_likelihood(logits: Tensor, x: Tensor) -> Tensor:
    """Log p(x|z) of each image at K points of its own: (N, K, 784), (N, 784) -> (N, K) nats.

    No gradient.
    """
    product = torch.bmm(logits, x.unsqueeze(-1)).squeeze(-1)
    return product - log_normaliser(logits)
