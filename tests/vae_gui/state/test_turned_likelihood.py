"""A model seen through a turned plane is the same model: its exact log-likelihood says so."""

import math

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from model import assets
from model.data.binarise import binarise_once
from model.files.checkpoint import read_checkpoint
from model.likelihood.exact import integrate
from model.likelihood.grid import Grid
from model.network.densities import Posterior
from model.network.vae import VAE
from vae_gui.state.slice import Slice

C, S = math.cos(math.radians(37.0)), math.sin(math.radians(37.0))
SLICE = Slice(np.zeros(2), turn=np.array([[C, S], [S, -C]]))


class Turned(nn.Module):
    """The decoder and the encoder as the plane shows them: their latent points are turned.

    The integral needs no posterior; the encoder only says where to look first.
    """

    def __init__(self, vae: VAE) -> None:
        super().__init__()
        self.vae, self.config = vae, vae.config

    def decoder(self, places: Tensor) -> Tensor:
        z = SLICE.turned_back(places.double().numpy())
        return self.vae.decoder(torch.from_numpy(z).float())

    def posterior(self, x: Tensor) -> Posterior:
        own = self.vae.posterior(x)
        means = torch.from_numpy(SLICE.to_plane(own.mean.double().numpy())).float()
        widest = own.log_variance.max(dim=1, keepdim=True).values.expand_as(own.log_variance)
        return Posterior(means, widest)


def test_of_a_small_model_it_is_unchanged_to_a_ten_thousandth_of_a_nat(make_model, small):
    vae = make_model().checkpoint.vae
    vae.decoder.logits.weight /= 5.0
    x, grid = binarise_once(small.test.images[:4]).flatten(1), Grid(step=0.05)
    own, turned = integrate(vae, x, grid), integrate(Turned(vae), x, grid)
    assert own.resolved.all()
    assert turned.log_likelihood.numpy() == pytest.approx(own.log_likelihood.numpy(), abs=1e-4)


@pytest.mark.slow
def test_of_the_bundled_model_it_is_unchanged_as_far_as_its_grid_can_tell(small):
    """Its narrowest posteriors are half a step of the grid wide, which another grid cuts anew."""
    vae = read_checkpoint(assets.PRETRAINED).vae
    x = binarise_once(small.test.images[:8]).flatten(1)
    own, turned = integrate(vae, x), integrate(Turned(vae), x)
    both = (own.resolved & turned.resolved).numpy()
    assert both.sum() > 5
    found = (turned.log_likelihood - own.log_likelihood).numpy()[both]
    assert np.abs(found).max() < 0.02
