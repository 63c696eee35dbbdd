"""What is estimated of p(z | what is on the canvas) where there is no plane to sum over."""

from collections.abc import Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from model.latent.decode_table import Doubles, Floats
from model.latent.evidence import Evidence
from vae_gui.state.encoded import EncodedImages, OpenModel
from vae_gui.state.inference import Numbers, Pictures

if TYPE_CHECKING:
    from torch import Tensor

DRAWS = 3


@dataclass(frozen=True, eq=False)
class Request:
    """All that the estimates depend on.

    Attributes:
        model: the open model, of any number of latent dimensions.
        evidence: what is known; its flip rate is not used.
        truth: the whole image, (784,), where it is known and agrees with the evidence.
        images: whose labels those of z are read from, if they are encoded.
        seed: of all draws.
    """

    model: OpenModel
    evidence: Evidence
    truth: Floats | None
    images: EncodedImages | None
    seed: int


def estimates(ask: Request) -> Generator[Pictures | Numbers | None, None, None]:
    """Pictures by Metropolis-within-Gibbs, then numbers by importance sampling."""
    import torch

    from model.latent.threads import use_threads
    from model.likelihood import completion_by_draws as by_draws

    use_threads(1)  # the hand goes first
    vae = ask.model.vae
    seen = torch.from_numpy(ask.evidence.known).unsqueeze(0)
    x = torch.from_numpy(np.nan_to_num(ask.evidence.pixels)).unsqueeze(0)
    yield None
    chains = by_draws.metropolis_within_gibbs(vae, x, seen, seed=ask.seed)
    yield Pictures(
        chains.mean[0].numpy(),
        chains.completed[0, -DRAWS:].numpy(),
        chains.z[0, -DRAWS:].double().numpy(),
        *_labels(chains.z[0], ask.images),
    )
    observed = by_draws.importance_sampling(vae, x, seen, chains.completed, seed=ask.seed)
    yield None
    whole, effective = None, float(observed.effective[0])
    if ask.truth is not None:
        truth = torch.from_numpy(ask.truth).unsqueeze(0)
        weighted = by_draws.importance_sampling(
            vae, truth, torch.ones_like(seen), truth[:, None], seed=ask.seed
        )
        whole = float(weighted.log_p[0])
        effective = min(effective, float(weighted.effective[0]))
    method = (
        f"Estimates, not integrals: importance sampling, effective sample size {effective:.0f} of "
        f"{by_draws.DRAWS}; pictures by Metropolis-within-Gibbs, {by_draws.SWEEPS} sweeps."
    )
    if ask.evidence.flip > 0.0:
        method += " The noise is not used."
    nothing = np.empty((0, 784), dtype=np.float32)
    log_p = float(observed.log_p[0])
    yield Numbers(ask.evidence, log_p, whole, None, (), nothing, None, None, method)


def _labels(z: "Tensor", images: EncodedImages | None) -> tuple[Doubles | None, str]:
    if images is None:
        return None, ""
    shares = images.aggregate.shares_at(z).double().mean(dim=0)
    return shares.numpy(), images.source
