"""p(z | some pixels) on a grid, afresh from the model's own decoder and the definition."""

import numpy as np
import torch

from model.latent.evidence import Evidence
from vae_gui.state.workspace import Workspace


def posterior_at(workspace: Workspace, evidence: Evidence, side: int) -> np.ndarray:
    """At the middles of a grid over [-4.5, 4.5]^2, relative to the highest: (side, side)."""
    vae = workspace.document.model.checkpoint.vae
    axis = (np.arange(side) + 0.5) * 9.0 / side - 4.5
    z = np.stack(np.meshgrid(axis, axis, indexing="ij"), -1).reshape(-1, 2)
    known = np.flatnonzero(evidence.known)
    with torch.no_grad():
        logits = vae.decoder(torch.from_numpy(z).float())[:, known].double().numpy()
    right = np.log1p(-evidence.flip)
    wrong = np.log(evidence.flip) if evidence.flip else -np.inf
    ink, blank = -np.logaddexp(0.0, -logits), -np.logaddexp(0.0, logits)
    seen_ink = np.logaddexp(right + ink, wrong + blank)
    seen_blank = np.logaddexp(right + blank, wrong + ink)
    log = -0.5 * np.square(z).sum(axis=1)
    value = evidence.pixels[known].astype(float)
    log += seen_ink @ value + seen_blank @ (1.0 - value)
    return np.exp(log - log.max()).reshape(side, side)
