"""Pictures of decoded digits in rows and columns, for files."""

from collections.abc import Sequence

import numpy as np
from PySide6.QtGui import QImage, QPainter

from vae_gui.state.encoded import Array
from vae_gui.style.pixels import image_of

WHITE = 0xFFFFFFFF


def grid_of(rows: Sequence[Sequence[Array]], pixel: int, gap: int, aside: int = 0) -> QImage:
    """Digits (28, 28) in [0, 1] on white, all rows as long as the first.

    Args:
        rows: of digits.
        pixel: the side of a digit's pixel, in those of the picture.
        gap: between two digits.
        aside: more room after the first column, which is set apart by it.
    """
    digits = [[_large(image, pixel) for image in row] for row in rows]
    side = digits[0][0].width()
    apart = side + gap
    width, height = apart * len(digits[0]) - gap + aside, apart * len(digits) - gap
    made = QImage(width, height, QImage.Format.Format_RGB32)
    made.fill(WHITE)
    painter = QPainter(made)
    for y, row in enumerate(digits):
        for x, digit in enumerate(row):
            painter.drawImage(x * apart + (aside if x else 0), y * apart, digit)
    painter.end()
    return made


def _large(image: Array, pixel: int) -> QImage:
    levels = np.rint(255.0 * np.nan_to_num(image).clip(0.0, 1.0)).astype(np.uint8)
    return image_of(np.ascontiguousarray(levels.repeat(pixel, 0).repeat(pixel, 1))).copy()
