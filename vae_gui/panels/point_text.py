"""A latent point in words."""

from vae_gui.state.encoded import Array
from vae_gui.state.slice import Slice
from vae_gui.style.scales import with_minus


def point_text(slice_: Slice, z: Array, decimals: int) -> str:
    """A latent point (D,): its coordinates along the axes of the plane."""
    values = [with_minus(f"{value:.{decimals}f}") for value in slice_.along(z)]
    rest = ", …" if slice_.is_cut else ""
    return f"({', '.join(values)}{rest})"
