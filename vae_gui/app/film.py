"""A film of a run: its plane, snapshot after snapshot, as a GIF."""

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPalette
from PySide6.QtWidgets import QApplication

from model.atomic import write_atomically
from model.files.run import run_around
from model.printable import printable
from vae_gui.app.film_course import FRAME_MS, TELLS, Frame, course
from vae_gui.app.gif import as_gif
from vae_gui.app.main_window import MainWindow
from vae_gui.app.screenshot import ScreenshotError, Shot, prepare, resize, wait_until
from vae_gui.panels.timeline_words import short_name_of, titles_of
from vae_gui.state.encoded import Array
from vae_gui.state.timeline import Timeline

SECONDS = 8.0
SIDE = 480  # pixels of the plane's width and height, if no size is given
FOLDED = ("layers", "inspector", "floating")  # the digit is in a corner, not beside the cursor
TITLE_HEIGHT, MARGIN = 30, 8  # pixels


@dataclass(frozen=True)
class Film:
    """What to record.

    Attributes:
        shot: the run, what is seen of its plane, the picture's size, and the GIF to write.
        seconds: how long the film takes.
    """

    shot: Shot
    seconds: float = SECONDS


def record(window: MainWindow, film: Film) -> None:
    """Open the run, show each of its snapshots, and write the film.

    Raises:
        ScreenshotError: the run cannot be opened or has fewer than two snapshots, what is asked for
            does not fit it, or the film cannot be written.
    """
    run = film.shot.checkpoint
    window.plane.caption.name = printable((run_around(run) or run).name)  # that of all snapshots
    prepare(window, film.shot)
    resize(window, film.shot)  # the strip of the timeline has come, and taken some of the height
    _fit_all(window, film.shot)
    timeline = window.timeline
    if not timeline.is_there:
        raise ScreenshotError(
            f"{film.shot.checkpoint} has fewer than two snapshots, too few for a film; "
            "train with --snapshots dense."
        )
    content = as_gif(list(_frames(window, course(len(timeline.moments), film.seconds))), FRAME_MS)
    try:
        write_atomically(film.shot.out, content)
    except OSError as error:
        sentence = f"{film.shot.out} could not be written; choose another place."
        raise ScreenshotError(sentence) from error


def _fit_all(window: MainWindow, shot: Shot) -> None:
    """See all that the last snapshot shows, unless a part of the plane was asked for."""
    if not shot.view:
        window.plane.navigation.fit()


def _frames(window: MainWindow, frames: list[Frame]) -> Iterator[QImage]:
    document, timeline = window.workspace.document, window.timeline
    before: Array | None = None
    reached, caption = -1, window.sitter.caption_height
    for number, frame in enumerate(frames):
        if frame.snapshot != reached:
            before = None if reached < 0 or document.test is None else document.test.means
            reached = frame.snapshot
            timeline.go_to(reached)
            wait_until(partial(_is_shown, timeline, reached))
        if before is not None:
            document.paint_on_the_way(before, frame.fraction)
        wait_until(partial(_is_drawn, window))
        _say(number + 1, len(frames))
        yield _picture(window, caption)


def _is_shown(timeline: Timeline, index: int) -> bool:
    """Whether a snapshot is shown, or can never be."""
    return timeline.shown == index or timeline.moments[index].step in timeline.broken


def _is_drawn(window: MainWindow) -> bool:
    """Whether all that a frame shows is there. Numbers that colour nothing are not waited for."""
    measures, colouring = (
        window.workspace.document.measures,
        window.workspace.appearance.colouring,
    )
    coloured = colouring is None or measures is None or not measures.is_open(colouring)
    complete = not window.training_encoding.is_wanted
    return coloured and complete and window.plane.layers.is_settled


def _picture(window: MainWindow, caption: int) -> QImage:
    """The plane with its digit, under a line that says which moment it is, and its caption.

    All pictures of a film have as much room for the caption: the plane must not jump.
    """
    plane = window.plane
    height = TITLE_HEIGHT + caption + plane.height()
    image = QImage(plane.width(), height, QImage.Format.Format_RGB32)
    image.fill(plane.palette().color(QPalette.ColorRole.Window))
    painter = QPainter(image)
    above = QRectF(0.0, TITLE_HEIGHT, plane.width(), caption)
    plane.caption.paint(painter, plane.font(), above, window.look.theme)
    painter.drawPixmap(0, TITLE_HEIGHT + caption, plane.grab())
    painter.setPen(plane.palette().color(QPalette.ColorRole.WindowText))
    painter.setFont(QApplication.font())
    room = QRect(0, 0, plane.width(), TITLE_HEIGHT)
    painter.drawText(room, Qt.AlignmentFlag.AlignCenter, _title(window.timeline, painter, room))
    painter.end()
    return image


def _title(timeline: Timeline, painter: QPainter, room: QRect) -> str:
    """Which moment it is, with its ELBO and its KL where there is room for them."""
    index = timeline.shown
    assert index is not None
    moment = timeline.moments[index]
    metrics, width = painter.fontMetrics(), room.width() - 2 * MARGIN
    fitting = (t for t in titles_of(moment, timeline) if metrics.horizontalAdvance(t) <= width)
    return next(fitting, short_name_of(moment))


def _say(done: int, count: int) -> None:
    """Say how far it is, where somebody sees it, or a window has asked for it."""
    if os.environ.get(TELLS):
        print(f"{100 * done // count} %", flush=True)
    if sys.stderr.isatty():
        print(f"\rFilm: {100 * done // count} %", end="\n" * (done == count), file=sys.stderr)
