"""The numbers that digits are coloured and ranked by, as far as they are known."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Number:
    """A number that each digit has.

    Attributes:
        key: what settings know it by.
        title: what the user knows it by.
        unit: its unit.
        tip: what it says.
        high_is_good: whether a high one means that the model does well.
    """

    key: str
    title: str
    unit: str
    tip: str
    high_is_good: bool


NUMBERS = {
    number.key: number
    for number in (
        Number("elbo", "ELBO", "nats", "Reconstruction term minus KL: a bound on log p(x).", True),
        Number(
            "reconstruction",
            "Reconstruction",
            "nats",
            "E[log p(x|z)] under q(z|x): how well the digit comes back.",
            True,
        ),
        Number("kl", "KL", "nats", "KL(q(z|x) ‖ p(z)): what its place in the plane costs.", False),
        Number(
            "spread",
            "Posterior spread",
            "units of z",
            "The geometric mean of the standard deviations of q(z|x).",
            True,
        ),
        Number(
            "log_likelihood",
            "Exact log p(x)",
            "nats",
            "Integrated over the plane; only with two latent dimensions. Takes a minute, once.",
            True,
        ),
        Number(
            "log_density",
            "log q(z) at its mean",
            "nats",
            "The aggregate posterior of the training digits where this digit lies: is it usual?",
            True,
        ),
    )
}


@dataclass(frozen=True)
class LabelAccuracy:
    """How many test digits lie where their own label is the likeliest.

    Attributes:
        right: how many do.
        count: of how many.
    """

    right: int
    count: int

    def __str__(self) -> str:
        return f"{self.right / self.count:.3f} of {self.count:,} test digits"


@dataclass
class DigitNumbers:
    """What is known of N digits; not a number where it is not known yet. Each (N,).

    Attributes:
        spread: in units of z.
        kl: in nats.
        reconstruction: in nats.
        log_likelihood: in nats.
        log_density: log q(z) of the training digits at its mean, per unit of z in D dimensions.
    """

    spread: Array
    kl: Array
    reconstruction: Array
    log_likelihood: Array = field(init=False)
    log_density: Array = field(init=False)

    def __post_init__(self) -> None:
        self.log_likelihood = np.full(len(self.kl), np.nan)
        self.log_density = np.full(len(self.kl), np.nan)

    @classmethod
    def of(cls, means: Array, spreads: Array) -> "DigitNumbers":
        """What q(z|x) says by itself, of means and standard deviations (N, D)."""
        kl = 0.5 * (means**2 + spreads**2 - 1.0 - 2.0 * np.log(spreads)).sum(axis=1)
        spread = np.exp(np.log(spreads).mean(axis=1))
        return cls(spread, kl, np.full(len(means), np.nan))

    def values(self, key: str) -> Array:
        """One of `NUMBERS`, (N,)."""
        if key == "elbo":
            return self.reconstruction - self.kl
        values: Array = getattr(self, key)
        return values

    def ranked(self, key: str) -> NDArray[np.intp]:
        """The indices of the digits whose number is known, from the worst to the best."""
        values = self.values(key)
        known = np.flatnonzero(~np.isnan(values))
        order = known[np.argsort(values[known], kind="stable")]
        return order if NUMBERS[key].high_is_good else order[::-1]

    def rank_of(self, index: int, key: str) -> tuple[int, int] | None:
        """A digit's place from the best, from 1, and among how many; None if it is not known."""
        values = self.values(key)
        if np.isnan(values[index]):
            return None
        better = values > values[index] if NUMBERS[key].high_is_good else values < values[index]
        return int(better.sum()) + 1, int((~np.isnan(values)).sum())
