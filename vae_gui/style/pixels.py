"""Arrays of pixels as pictures of Qt."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage


def image_of(pixels: NDArray[Any], *, opaque: bool = False) -> QImage:
    """Pixels (H, W) as a picture that uses their memory: they must outlive it, or it be copied.

    Args:
        pixels: uint8 grey levels, or uint32 0xAARRGGBB, premultiplied; contiguous.
        opaque: whether the alpha of uint32 pixels is to be ignored, which is quicker.
    """
    height, width = pixels.shape
    if pixels.dtype == np.uint8:
        kind = QImage.Format.Format_Grayscale8
    else:
        kind = QImage.Format.Format_RGB32 if opaque else QImage.Format.Format_ARGB32_Premultiplied
    return QImage(pixels.data, width, height, pixels.strides[0], kind)
