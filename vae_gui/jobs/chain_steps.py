"""The steps of both chains, in a worker: without Qt and without state."""

from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING

import numpy as np

from model.latent.decode_table import Doubles
from model.latent.evidence import Evidence
from model.latent.plane_posterior import PlanePosterior
from model.latent.total_variation import Boxes, total_variation
from vae_gui.state.chains import MOST, Chain, Course
from vae_gui.state.encoded import OpenModel

if TYPE_CHECKING:
    from model.likelihood.gibbs import Sweep

WARM_UP = 20  # of pseudo-Gibbs, as Mattei and Frellsen begin: a z of the prior is hardly ever left


class ChainPair:
    """Two chains that part after some steps in common, which do not count. One thread moves it."""

    def __init__(
        self, model: OpenModel, evidence: Evidence, posterior: PlanePosterior, seed: int
    ) -> None:
        """Begin nothing yet: that is for the worker.

        Args:
            model: of two latent dimensions.
            evidence: what is known of the image; its flip rate is zero.
            posterior: the exact one.
            seed: of all draws.
        """
        self._model = model
        self._evidence = evidence
        self._posterior = posterior
        self._seed = seed
        self._boxes: Boxes | None = None
        self._sweeps: list[Iterator[Sweep]] = []
        self._z = np.empty((2, MOST, 2))
        self._accepted = [0, 0]
        self._count = 0

    def advance(self, steps: int) -> Generator[Course | None, None, None]:
        """Take some steps, and yield the course after the last."""
        from model.latent.threads import use_threads

        use_threads(1)  # the hand goes first
        if self._boxes is None:
            self._begin()
        for _ in range(min(steps, MOST - self._count)):
            for index, chain in enumerate(self._sweeps):
                sweep = next(chain)
                self._z[index, self._count] = sweep.z[0].numpy()
                self._accepted[index] += bool(sweep.accepted[0])
            self._count += 1
            yield None  # here it ends if it is not wanted any more
        pseudo, metropolis = (self._chain(index) for index in (0, 1))
        yield Course(self._evidence, pseudo, metropolis)

    def _begin(self) -> None:
        import torch

        from model.likelihood.gibbs import sweeps

        self._boxes = Boxes(self._posterior)
        vae = self._model.vae
        seen = torch.from_numpy(self._evidence.known).unsqueeze(0)
        x = torch.from_numpy(np.nan_to_num(self._evidence.pixels)).unsqueeze(0)
        self._sweeps = [
            sweeps(vae, x, seen, seed=self._seed, warm_up=warm_up) for warm_up in (None, WARM_UP)
        ]
        for _ in range(WARM_UP):
            for chain in self._sweeps:
                next(chain)

    def _chain(self, index: int) -> Chain:
        assert self._boxes is not None
        z: Doubles = self._z[index, : self._count].copy()
        return Chain(z, self._accepted[index], total_variation(self._boxes, z))
