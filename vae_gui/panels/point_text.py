"""A latent point in words."""

from vae_gui.state.encoded import Array
from vae_gui.state.slice import Slice
from vae_gui.style.scales import with_minus


def point_text(slice_: Slice, z: Array, decimals: int) -> str:
    """A latent point (D,): its coordinates along the axes of the plane, named if there are more."""
    values = numbers(slice_.along(z), decimals)
    if not slice_.is_cut:
        return f"({', '.join(values)})"
    return ", ".join(f"{name} = {text}" for name, text in zip(slice_.names, values, strict=True))


def whole_point_text(z: Array, decimals: int) -> str:
    """A latent point (D,) with all of its coordinates."""
    return f"({', '.join(numbers(z, decimals))})"


def numbers(values: Array, decimals: int) -> list[str]:
    """Numbers as they are written."""
    return [with_minus(f"{value:.{decimals}f}") for value in values.tolist()]
