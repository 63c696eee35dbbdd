"""The families of models, each made from a VAEConfig: VAE, M2, M1+M2."""

from collections.abc import Callable
from typing import TypeAlias

from torch.nn import Parameter

from model.network.m1_m2 import M1M2
from model.network.m2 import M2
from model.network.vae import MAX_PARAMETERS, VAE, VAEConfig, count_weights
from model.settings import SettingError

Labelled: TypeAlias = M2 | M1M2
"""A model with classes."""

Network: TypeAlias = VAE | Labelled
"""What a checkpoint holds and a training trains."""

_FAMILIES: dict[str, Callable[[VAEConfig], Network]] = {"vae": VAE, "m2": M2, "m1+m2": M1M2}


def network_of(config: VAEConfig) -> Network:
    """A network of a configuration, with weights as torch begins them.

    Raises:
        SettingError: it would have more than `MAX_PARAMETERS` weights, or is an M1+M2 of which
            nobody said what its M1 is.
    """
    check_m1(config)
    kind = _FAMILIES[config.family]
    parameters = count_weights(kind, config)
    if parameters > MAX_PARAMETERS:
        raise SettingError(
            "family",
            f"{config.family} makes a network of {parameters:,} weights of these widths; "
            f"the limit is {MAX_PARAMETERS:,}",
        )
    return kind(config)


def check_m1(config: VAEConfig) -> None:
    """Raise SettingError, naming `family`, if this is an M1+M2 whose M1 is not named yet."""
    if config.family == "m1+m2" and config.m1 is None:
        raise SettingError(
            "family",
            "m1+m2 needs a VAE to build on: name its run with --m1 (--preset m1 trains one)",
        )


def trained_parameters(network: Network) -> list[tuple[str, Parameter]]:
    """The weights that training changes, by name: all but those of M1 below an M2."""
    named = list(network.named_parameters())
    if isinstance(network, M1M2):
        return [(name, weight) for name, weight in named if not name.startswith("m1.")]
    return named
