"""Frames as a GIF, read back by another program."""

import io

import numpy as np
import pytest
from PIL import Image
from PySide6.QtGui import QColor, QImage

from vae_gui.app.gif import as_gif


def frame(colour: str, width: int = 61, height: int = 40) -> QImage:
    """A frame of one colour with a white corner; its rows have an odd number of pixels."""
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(QColor(colour))
    image.setPixelColor(width - 1, height - 1, QColor("white"))
    return image


def test_each_frame_comes_back_in_its_colours_and_for_its_time():
    colours = ["#aa3311", "#1144cc", "#33aa55"]
    with Image.open(io.BytesIO(as_gif([frame(colour) for colour in colours], 60))) as film:
        assert (film.n_frames, film.size) == (3, (61, 40))
        assert film.info["loop"] == 0
        for index, colour in enumerate(colours):
            film.seek(index)
            assert film.info["duration"] == 60
            seen = np.asarray(film.convert("RGB")).astype(int)
            expected = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)])
            assert np.abs(seen[0, 0] - expected).max() <= 8
            assert seen[-1, -1].min() >= 247


def test_what_does_not_move_does_not_flicker():
    """Noise that needs many colours, beside a block that changes: no pixel of the noise does."""
    rng = np.random.default_rng(0)
    noise = rng.integers(0, 256, (40, 64, 4), dtype=np.uint8)
    noise[..., 3] = 255
    frames = []
    for level in range(0, 250, 25):
        pixels = noise.copy()
        pixels[:, :10, :3] = level
        image = QImage(pixels.data, 64, 40, QImage.Format.Format_RGBA8888)
        frames.append(image.convertToFormat(QImage.Format.Format_RGB32))
    with Image.open(io.BytesIO(as_gif(frames, 60))) as film:
        seen = []
        for index in range(film.n_frames):
            film.seek(index)
            seen.append(np.asarray(film.convert("RGB"))[:, 10:].copy())
    assert len(seen) == 10
    for picture in seen[1:]:
        np.testing.assert_array_equal(picture, seen[0])


def test_one_frame_is_a_film_too():
    with Image.open(io.BytesIO(as_gif([frame("black")], 100))) as film:
        assert film.n_frames == 1
    with pytest.raises(IndexError):
        as_gif([], 60)
