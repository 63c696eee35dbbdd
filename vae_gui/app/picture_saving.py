"""Saves pictures in files, and copies them."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QMimeData, QObject, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog

from model.atomic import write_atomically
from model.printable import printable
from vae_gui.app.message_bar import MessageBar
from vae_gui.app.picture import Sitter, Subject, as_png, as_svg, draw
from vae_gui.app.preferences import Preferences
from vae_gui.app.provenance import texts_of
from vae_gui.app.status_line import StatusLine

PNG, SVG = "PNG picture (*.png)", "SVG drawing (*.svg)"
SVG_SCALE = 2  # of the points in an SVG drawing, which are pictures in it
_LOOK_MS = 15
_SAID_MS = 8000
STATUS = "pictures"  # its place in the status line


class PictureSaving(QObject):
    """Draws the plane as finely as a picture needs it, in the background, then saves or copies.

    Attributes:
        scale: the picture's pixels for each of the window's.
    """

    def __init__(
        self, sitter: Sitter, preferences: Preferences, messages: MessageBar, status: StatusLine
    ) -> None:
        """Save what sits for its picture; say so in the status line, and errors in the bar."""
        super().__init__(sitter.window)
        self._sitter = sitter
        self._preferences = preferences
        self._messages = messages
        self._status = status
        self._silence = QTimer(self, interval=_SAID_MS, singleShot=True)
        self._silence.timeout.connect(lambda: status.report(STATUS, ""))
        self._then: Callable[[], None] | None = None
        self._look = QTimer(self, interval=_LOOK_MS)
        self._look.timeout.connect(self._go_on)

    @property
    def scale(self) -> int:
        """The picture's pixels for each of the window's."""
        return self._preferences.picture_scale

    @scale.setter
    def scale(self, scale: int) -> None:
        self._preferences.picture_scale = scale

    def save(self, subject: Subject) -> None:
        """Ask for a file, and write a picture to it."""
        kinds = f"{PNG};;{SVG}" if subject is Subject.PLANE else PNG
        name, _ = QFileDialog.getSaveFileName(
            self._sitter.window, f"Save a picture of the {subject}", self._suggested(subject), kinds
        )
        if name:
            self.save_as(subject, Path(name))

    def save_as(self, subject: Subject, path: Path) -> None:
        """Write a picture to a file: an SVG of the plane where its name ends so, else a PNG."""
        if path.suffix.lower() == ".svg" and subject is Subject.PLANE:
            self._with_plane(SVG_SCALE, lambda: self._write(path, self._svg()))
        else:
            path = path if path.suffix else path.with_suffix(".png")
            self._with_plane(self.scale, lambda: self._write(path, self._png(subject)))

    def copy(self, subject: Subject) -> None:
        """Put a picture on the clipboard, with its texts."""
        self._with_plane(self.scale, lambda: self._copy(subject))

    def _with_plane(self, scale: int, then: Callable[[], None]) -> None:
        """Have the layers drawn for a scale, then do something; a newer wish replaces this one."""
        self._then = then
        self._sitter.plane.draw_as_fine_as(scale)
        self._look.start()

    def _go_on(self) -> None:
        if not self._sitter.plane.layers.is_settled:
            return
        self._look.stop()
        then, self._then = self._then, None
        if then is not None:
            then()
        self._sitter.plane.draw_as_fine_as(None)

    def _png(self, subject: Subject) -> bytes:
        texts = texts_of(self._sitter, subject, self.scale)
        return as_png(draw(self._sitter, subject, self.scale), texts)

    def _svg(self) -> bytes:
        return as_svg(self._sitter.plane, texts_of(self._sitter, Subject.PLANE, 1))

    def _write(self, path: Path, content: bytes) -> None:
        try:
            write_atomically(path, content)
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            sentence = (
                f"{printable(path.name)} could not be written ({reason}); choose another place."
            )
            self._messages.show_error(sentence, error)
        else:
            self._preferences.picture_folder = path.parent
            self._say(f"Saved as {printable(path)}.")

    def _copy(self, subject: Subject) -> None:
        data = QMimeData()
        image = draw(self._sitter, subject, self.scale)
        data.setImageData(image)
        data.setData("image/png", as_png(image, texts_of(self._sitter, subject, self.scale)))
        QGuiApplication.clipboard().setMimeData(data)
        self._say(f"A picture of the {subject} is on the clipboard.")

    def _say(self, sentence: str) -> None:
        """Say something for a while where nothing moves for it."""
        self._status.report(STATUS, sentence)
        self._silence.start()

    def _suggested(self, subject: Subject) -> str:
        model = self._sitter.workspace.document.model
        stem = (
            model.title.removesuffix(".safetensors").replace("/", " ") if model else "VAE explorer"
        )
        return str(self._preferences.picture_folder / f"{stem} {subject}.png")
