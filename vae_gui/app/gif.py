"""Writing pictures one after the other as a GIF."""

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtGui import QImage

if TYPE_CHECKING:
    from PIL.Image import Image

COLOURS = 256
_SEEN = 12  # frames from which the colours of all are taken


def there_and_back(frames: Sequence[QImage]) -> list[QImage]:
    """Frames to the last and back: a film of them repeats without a jump."""
    return [*frames, *frames[-2:0:-1]]


def as_gif(frames: Sequence[QImage], frame_ms: int, comment: str = "") -> bytes:
    """The content of a GIF that repeats for ever.

    All frames share one table of colours, and nothing is dithered: what does not move between two
    frames does not flicker, and takes no room.

    Args:
        frames: at least one; all of the same size.
        frame_ms: how long each is seen, in whole hundredths of a second.
        comment: what the file says of itself.
    """
    from PIL import Image

    pictures = [_picture(frame) for frame in frames]
    palette = _palette(pictures[:: max(1, len(pictures) // _SEEN)] + pictures[-1:])
    drawn = [p.quantize(palette=palette, dither=Image.Dither.NONE) for p in pictures]
    file = io.BytesIO()
    drawn[0].save(
        file,
        "GIF",
        save_all=True,
        append_images=drawn[1:],
        duration=frame_ms,
        loop=0,
        optimize=False,
        disposal=1,
        comment=comment.encode(),
    )
    return file.getvalue()


def _palette(pictures: Sequence["Image"]) -> "Image":
    """An image whose colours suit all of some pictures."""
    from PIL import Image

    width, height = pictures[0].size
    together = Image.new("RGB", (width, height * len(pictures)))
    for place, picture in enumerate(pictures):
        together.paste(picture, (0, place * height))
    return together.quantize(COLOURS, method=Image.Quantize.MEDIANCUT)


def _picture(image: QImage) -> "Image":
    from PIL import Image

    image = image.convertToFormat(QImage.Format.Format_RGBA8888)
    pixels = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1, 4)
    return Image.fromarray(np.ascontiguousarray(pixels[:, : image.width(), :3]))
