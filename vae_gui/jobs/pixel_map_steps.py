"""The map of what each pixel would tell, computed in a worker: without Qt and without state."""

from collections.abc import Generator

import numpy as np
from numpy.typing import NDArray

from model.latent.decode_table import DecodeTable, Floats, log_probabilities
from model.latent.evidence import Evidence
from model.latent.pixel_information import ask_pixels, information
from model.latent.plane_posterior import PlanePosterior
from vae_gui.state.encoded import OpenModel
from vae_gui.state.pixel_map import PixelInformation

MOST_DECODED = 1500  # cells: 0.1 s
NEARLY_ALL = 0.999  # of the mass
_AT_ONCE = 250


def on_table(
    table: DecodeTable, posterior: PlanePosterior, evidence: Evidence
) -> Generator[None, None, PixelInformation]:
    """The map from the mass in each cell of a table: in 0.1 to 0.3 s."""
    weights = posterior.mass_in(len(table.cells))
    found = yield from information(table, weights, evidence)
    return PixelInformation(evidence, found)


def on_finer_cells(
    model: OpenModel, table: DecodeTable, posterior: PlanePosterior, evidence: Evidence
) -> Generator[None, None, PixelInformation]:
    """The map from the posterior's own cells, where these are few: it is narrow then."""
    count = min(MOST_DECODED, len(posterior.weights))
    heaviest = np.argpartition(posterior.weights, -count)[-count:]
    mass = posterior.weights[heaviest]
    if mass.sum() < NEARLY_ALL:
        return (yield from on_table(table, posterior, evidence))
    ink = yield from _ink(model, posterior.cells.z[heaviest])
    return PixelInformation(evidence, ask_pixels(ink, mass / mass.sum(), evidence).information)


def _ink(model: OpenModel, z: NDArray[np.float64]) -> Generator[None, None, Floats]:
    found = []
    for start in range(0, len(z), _AT_ONCE):
        some = z[start : start + _AT_ONCE].astype(np.float32)
        found.append(np.exp(log_probabilities(model.decode_logits(some))[0]))
        yield
    return np.concatenate(found)
