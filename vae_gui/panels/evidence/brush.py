"""Which pixels a round brush covers, moved in a straight line."""

import numpy as np
from numpy.typing import NDArray

SIDE = 28
SIZES = (1, 2, 3, 5)  # diameters, in pixels of the image

_COLUMN, _ROW = np.meshgrid(np.arange(SIDE) + 0.5, np.arange(SIDE) + 0.5)

Point = tuple[float, float]


def covered(start: Point, end: Point, size: float) -> NDArray[np.intp]:
    """The indices of the pixels, row by row, that a brush of a diameter covers on its way.

    Those whose middles lie within half the diameter of the way, and those that the brush's middle
    goes through. Points are (x, y) in pixels, (0, 0) at the upper left corner.
    """
    (x, y), (to_x, to_y) = start, end
    dx, dy = to_x - x, to_y - y
    length = dx * dx + dy * dy
    along = ((_COLUMN - x) * dx + (_ROW - y) * dy) / length if length > 0.0 else np.zeros(())
    along = np.clip(along, 0.0, 1.0)
    distance = np.hypot(_COLUMN - x - along * dx, _ROW - y - along * dy)
    touched = distance <= max(size, 1.0) / 2.0
    for px, py in ((x, y), (to_x, to_y)):
        if 0.0 <= px < SIDE and 0.0 <= py < SIDE:
            touched[int(py), int(px)] = True
    return np.flatnonzero(touched)
