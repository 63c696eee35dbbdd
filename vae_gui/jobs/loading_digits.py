"""The job that puts a digit on the canvas: of the test set, as the model is measured, or a file."""

from collections.abc import Callable, Generator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QSize, Qt, Signal
from PySide6.QtGui import QImage, QImageReader

from vae_gui.jobs.worker import Worker
from vae_gui.state.encoded import EncodedImages
from vae_gui.state.observation import WholeImage
from vae_gui.state.viewpoint import Viewpoint
from vae_gui.state.workspace import Workspace

SIDE = 28
MOST_BYTES = 20_000_000
MOST_PIXELS = 5000  # along a side


class LoadingDigits(QObject):
    """Loads digits.

    The pixels that the model is measured on are the test set's grey levels, binarised once, all at
    a time: a worker does that when the first is asked for.

    Signals:
        failed (str, Exception): a sentence for the user, and what is behind it.
    """

    failed = Signal(str, Exception)

    def __init__(
        self, workspace: Workspace, viewpoint: Viewpoint, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._observation = workspace.observation
        self._pending = workspace.pending
        self._document = viewpoint.document
        self._worker: Worker | None = None
        self._is_closed = False
        self._binarised: tuple[NDArray[np.uint8], NDArray[np.bool_]] | None = None
        self._waiting: list[Callable[[], None]] = []  # for these pixels

    def load(self, index: int, *, grey: bool = False) -> None:
        """Put a test digit on the canvas, as soon as its pixels are there."""
        test = self._document.test
        if test is None or not 0 <= index < len(test) or self._is_closed:
            return
        if grey:
            self._show(test, index, test.images[index].reshape(-1) / np.float32(255.0))
        else:
            self.fetch(index, lambda pixels: self._show(test, index, pixels))

    def fetch(self, index: int, take: Callable[[NDArray[np.float32]], None]) -> None:
        """Pass on the pixels (784,) of a test digit as the model is measured, when they are there.

        They do not come if another test set does.
        """
        test = self._document.test
        if test is None or self._is_closed:
            return
        if self._binarised is not None and self._binarised[0] is test.images:
            take(self._binarised[1][index].astype(np.float32))
        else:
            self._waiting.append(lambda: self._fetch_again(test, index, take))
            self._begin_to_binarise(test)

    def _fetch_again(
        self, test: EncodedImages, index: int, take: Callable[[NDArray[np.float32]], None]
    ) -> None:
        if self._document.test is test:
            self.fetch(index, take)

    def load_file(self, path: Path) -> None:
        """Put the picture of a file on the canvas: 28 x 28 pixels, ink or blank."""
        try:
            pixels = read_digit(path)
        except ValueError as error:
            self.failed.emit(str(error), error)
            return
        self._observation.load(WholeImage(pixels, path.name))

    def close(self) -> None:
        """The window goes."""
        self._is_closed = True
        self._pending.set_working(self, False)

    def _show(self, test: EncodedImages, index: int, pixels: NDArray[np.generic]) -> None:
        whole = WholeImage(
            pixels.astype(np.float32), f"test digit {index:,}", index, int(test.labels[index])
        )
        self._observation.load(whole)

    def _begin_to_binarise(self, test: EncodedImages) -> None:
        def take(result: object) -> None:
            assert isinstance(result, np.ndarray)
            self._binarised = test.images, result
            self._pending.set_working(self, False)
            waiting, self._waiting = self._waiting, []
            for go_on in waiting:
                go_on()

        def fail(error: Exception) -> None:
            self._waiting = []
            self._pending.set_working(self, False)
            self.failed.emit(f"The test digit could not be loaded: {error}.", error)

        if self._worker is None:
            self._worker = Worker(self)
        self._pending.set_working(self, True)
        self._worker.start(lambda: _binarise(test.images), take, fail)


def read_digit(path: Path) -> NDArray[np.float32]:
    """The picture of a file as ink and blank, (784,): white on black, or the other way round.

    It is made as small as 28 x 28; where most of it is light, dark is taken for ink.

    Raises:
        ValueError: it is no picture, or too large a one; a sentence.
    """
    refusal = f"{path.name} is not a picture of a digit: drop a PNG or JPEG file here."
    reader = QImageReader(str(path))
    size = reader.size()
    if not size.isValid() or path.stat().st_size > MOST_BYTES:
        raise ValueError(refusal)
    if max(size.width(), size.height()) > MOST_PIXELS:
        raise ValueError(f"{path.name} is larger than {MOST_PIXELS} pixels; make it smaller.")
    picture = reader.read()
    if picture.isNull():
        raise ValueError(refusal)
    grey = _flattened(picture).scaled(
        QSize(SIDE, SIDE),
        Qt.AspectRatioMode.IgnoreAspectRatio,
        Qt.TransformationMode.SmoothTransformation,
    )
    grey = grey.convertToFormat(QImage.Format.Format_Grayscale8)
    lines = np.frombuffer(grey.constBits(), dtype=np.uint8).reshape(SIDE, grey.bytesPerLine())
    levels = lines[:, :SIDE].astype(np.float32) / 255.0
    ink = levels if np.median(levels) < 0.5 else 1.0 - levels
    return np.asarray(ink > 0.5, dtype=np.float32).reshape(-1)


def _flattened(picture: QImage) -> QImage:
    """A picture without transparency: what is transparent is white paper."""
    flat = QImage(picture.size(), QImage.Format.Format_RGB32)
    flat.fill(Qt.GlobalColor.white)
    if not picture.hasAlphaChannel():
        return picture
    from PySide6.QtGui import QPainter

    painter = QPainter(flat)
    painter.drawImage(0, 0, picture)
    painter.end()
    return flat


def _binarise(images: NDArray[np.uint8]) -> Generator[NDArray[np.bool_], None, None]:
    import torch

    from model.data.binarise import binarise_once

    drawn = binarise_once(torch.from_numpy(images)).flatten(1)
    yield drawn.numpy() > 0.5
