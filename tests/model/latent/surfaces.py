"""Decoders whose phi lies on a surface that everybody knows, with many pixels a coordinate."""

import numpy as np

COPIES = 100  # pixels of each coordinate: lengths are ten times as large
TIMES = COPIES**0.5
RADIUS = 1.2


def decoder_of(surface):
    """A decoder with phi = pi/2 + surface(z): points (B, 2) -> logits (B, pixels)."""

    def decode(z):
        phi = np.pi / 2 + surface(np.asarray(z, dtype=np.float64))
        logits = 2.0 * np.log(np.tan(phi / 2.0))
        return np.repeat(logits, COPIES, axis=1).astype(np.float32)

    return decode


def plane(z):
    """A flat piece, stretched along the second axis: phi changes by 0.5 and 0.25 a unit of z."""
    return z * [0.5, 0.25]


def cylinder(z):
    """Rolled about the second axis, which is left as it is: flat all the same."""
    x, y = z.T
    return np.stack([RADIUS * np.cos(x / RADIUS), RADIUS * np.sin(x / RADIUS), y], axis=1)


def sphere(z):
    """Longitude and latitude of a sphere."""
    longitude, latitude = z.T
    around = RADIUS * np.cos(latitude)
    height = RADIUS * np.sin(latitude)
    return np.stack([around * np.cos(longitude), around * np.sin(longitude), height], axis=1)


def on_sphere(a, b):
    """The length of the great circle between two points (2,), in units of the decoder's phi."""
    one, other = (sphere(np.array([point]))[0] / RADIUS for point in (a, b))
    return TIMES * RADIUS * np.arccos(np.clip(one @ other, -1.0, 1.0))
