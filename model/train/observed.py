"""What a training sees of its images: pixels, or what M1 says of them."""

from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from model.data.binarise import binarise
from model.network.m1_m2 import M1M2

# Binarisations of every image that M1 is asked about; epochs take them in turn.
ROUNDS = 8
_BATCH = 1000


class Observed(Protocol):
    """The training images as an objective sees them."""

    def begin_epoch(self, epoch: int) -> None:
        """Prepare for the steps of an epoch, counted from 1."""
        ...

    def of(self, share: Tensor, generator: torch.Generator) -> Tensor:
        """What is seen of the images with these indices (B,); the generator draws. (B, ...)."""
        ...


class Pixels:
    """Pixels, binarised afresh at each visit: (B, 784)."""

    def __init__(self, grey: Tensor) -> None:
        """Take the grey values of all images, (N, 784) uint8."""
        self.grey = grey

    def begin_epoch(self, epoch: int) -> None:
        """Do nothing: there is nothing to prepare."""

    def of(self, share: Tensor, generator: torch.Generator) -> Tensor:
        """Draw the pixels of the images."""
        return binarise(self.grey.index_select(0, share), generator)


class Described:
    """What M1 says of images, `M1M2.describe`: (B, 2 D1 + 1).

    M1 does not change, so it is asked once about each of a few binarisations of all images, and not
    at every step, which would take several times as long as the step itself. They depend on M1's
    weights and the seed alone, so a run that continues has the same again.
    """

    def __init__(self, network: M1M2, pixels: Pixels, seed: int) -> None:
        self._network = network
        self._grey = pixels.grey
        self._seed = seed
        self._rounds: dict[int, Tensor] = {}
        self._now = torch.empty(0)

    def begin_epoch(self, epoch: int) -> None:
        """Ask M1 about the binarisation of this epoch, unless it was asked before."""
        number = epoch % ROUNDS
        if number not in self._rounds:
            self._rounds[number] = self._ask(number)
        self._now = self._rounds[number]

    def of(self, share: Tensor, generator: torch.Generator) -> Tensor:
        """What M1 says of the images; nothing is drawn."""
        return self._now.index_select(0, share)

    def _ask(self, number: int) -> Tensor:
        words = np.random.SeedSequence([self._seed, number]).generate_state(1, np.uint64)
        generator = torch.Generator(self._grey.device).manual_seed(int(words[0]))
        parts = [
            self._network.describe(binarise(some, generator), generator)
            for some in torch.split(self._grey, _BATCH)
        ]
        return torch.cat(parts)
