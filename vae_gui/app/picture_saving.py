"""Saves pictures in files, and copies them."""

from collections.abc import Callable, Generator
from pathlib import Path

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog

from model.atomic import write_atomically
from model.printable import printable
from vae_gui.app.message_bar import MessageBar
from vae_gui.app.picture import Sitter, Subject, as_png, as_svg, described, draw
from vae_gui.app.preferences import Preferences
from vae_gui.app.provenance import texts_of
from vae_gui.app.status_line import StatusLine
from vae_gui.jobs.worker import Job, Worker

PNG, SVG = "PNG picture (*.png)", "SVG drawing (*.svg)"
SVG_SCALE = 2  # of the points in an SVG drawing, which are pictures in it
# Once the cursor is out of the picture, later turns of the event loop decode the probe's digit.
_LOOK_MS, FEWEST_LOOKS = 15, 6
_SAID_MS = 8000
Make = Callable[[], bytes]
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
        self._worker: Worker | None = None
        self._looks = 0  # that are still to come at least
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
        """Write a picture to a file: an SVG of the plane where its name ends so, else a PNG.

        A name without an ending gets one; a file that has the new name is not replaced: the dialog
        could not ask about it.
        """
        endings = (".png", ".svg") if subject is Subject.PLANE else (".png",)
        if path.suffix.lower() not in endings:
            path = path.with_name(path.name + endings[0])
            if path.exists():
                sentence = f"{printable(path.name)} is there already; choose another name."
                self._messages.show_error(sentence, FileExistsError(str(path)))
                return
        if path.suffix.lower() == ".svg":
            self._with_plane(subject, SVG_SCALE, lambda: self._write(path, self._svg()))
        else:
            self._with_plane(subject, self.scale, lambda: self._write(path, self._png(subject)))

    def copy(self, subject: Subject) -> None:
        """Put a picture on the clipboard, with its texts."""
        self._with_plane(subject, self.scale, lambda: self._copy(subject))

    def _with_plane(self, subject: Subject, scale: int, then: Callable[[], None]) -> None:
        """Have the layers drawn for a scale, then do something; a newer wish replaces this one."""
        if (
            subject is not Subject.DIGIT
        ):  # a picture shows the probe's digit: the cursor is not in it
            for viewpoint in self._sitter.workspace.viewpoints:
                viewpoint.set_peek(None)
        self._status.report(STATUS, "")
        self._then, self._looks = then, FEWEST_LOOKS
        self._sitter.draw_as_fine_as(scale)
        self._look.start()

    def _go_on(self) -> None:
        self._looks -= 1
        if self._looks > 0 or not self._sitter.is_settled:
            return
        self._look.stop()
        then, self._then = self._then, None
        self._status.report(STATUS, "")  # an earlier picture may have been saved since
        if then is not None:
            then()
        self._sitter.draw_as_fine_as(None)

    def _png(self, subject: Subject) -> Make:
        """What makes a PNG of the picture as it is now: a large one takes a second."""
        texts = texts_of(self._sitter, subject, self.scale)
        image = draw(self._sitter, subject, self.scale)
        return lambda: as_png(image, texts)

    def _svg(self) -> Make:
        content = as_svg(self._sitter, texts_of(self._sitter, Subject.PLANE, 1))
        return lambda: content

    def _write(self, path: Path, make: Make) -> None:
        def job() -> Generator[object, None, None]:
            write_atomically(path, make())
            yield path

        self._start(job, self._saved, lambda error: self._fail(path, error))

    def _copy(self, subject: Subject) -> None:
        image = draw(self._sitter, subject, self.scale)
        texts = texts_of(self._sitter, subject, self.scale)
        # An image with its texts, not a QMimeData of Python's: Qt deletes what is on the clipboard
        # when Python has already gone, and a program that was closed would crash.
        QGuiApplication.clipboard().setImage(described(image, texts))
        self._say(f"A picture of the {subject} is on the clipboard.")

    def _start(
        self, job: Job, then: Callable[[object], None], fail: Callable[[Exception], None]
    ) -> None:
        if self._worker is None:
            self._worker = Worker(self)
        self._worker.start(job, then, fail)

    def _saved(self, path: object) -> None:
        assert isinstance(path, Path)
        self._preferences.picture_folder = path.parent
        self._say(f"Saved as {printable(path)}.")

    def _fail(self, path: Path, error: Exception) -> None:
        reason = ((error.strerror if isinstance(error, OSError) else "") or str(error)).lower()
        self._messages.show_error(
            f"{printable(path.name)} could not be written ({reason}); choose another place.", error
        )

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
