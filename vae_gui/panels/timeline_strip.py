"""The strip below the plane: the timeline of the run that the open model belongs to."""

from collections.abc import Mapping

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QAction, QFontMetrics, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QComboBox, QGridLayout, QSizePolicy, QWidget

from vae_gui.panels.timeline_track import TimelineTrack
from vae_gui.panels.timeline_words import sentences_of
from vae_gui.state.document import Document
from vae_gui.state.glossary import explained
from vae_gui.state.timeline import SPEEDS, Timeline
from vae_gui.style.labels import filled
from vae_gui.widgets.action_button import ActionRow

_CONTROLS = ("back", "play", "forth")
INSET = 10  # pixels left of the text, which begins where the track does
MEASURED = (
    "The KL is measured of the test images as the weights of this very snapshot encode them. "
    "Within an epoch the ELBO is an average over the training images that the epoch has seen so "
    "far, while the weights changed; after an epoch it is that of the validation images."
)


class TimelineStrip(QWidget):
    """What is shown of a run, its track, and what plays it; hidden where there are no snapshots."""

    def __init__(
        self, document: Document, timeline: Timeline, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        filled(self, QPalette.ColorRole.Light)
        self._document = document
        self._timeline = timeline
        self.text = _Line()
        self.track = TimelineTrack(timeline)
        self.speed = QComboBox()
        self.controls: ActionRow | None = None
        self._set_up_speed()
        self._lay_out()
        for signal in (
            timeline.changed,
            timeline.wanted_changed,
            timeline.shown_changed,
            timeline.made_changed,
            timeline.playing_changed,
            document.glided,
        ):
            signal.connect(self._show)
        self._show()

    def add_controls(self, actions: Mapping[str, QAction]) -> None:
        """Add the buttons of the actions that play, and walk back and forth."""
        self.controls = ActionRow([[actions[name] for name in _CONTROLS], [actions["follow"]]])
        self._grid.addWidget(self.controls, 0, 0, 2, 1)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw a hairline that sets it off from the plane."""
        painter = QPainter(self)
        painter.fillRect(0, 0, self.width(), 1, self.palette().color(QPalette.ColorRole.Mid))

    def _set_up_speed(self) -> None:
        for speed in SPEEDS:
            self.speed.addItem(f"{speed:g}×", speed)
        self.speed.setCurrentIndex(SPEEDS.index(self._timeline.speed))
        self.speed.setAccessibleName("Speed of the film")
        self.speed.setToolTip("How fast the snapshots are played")
        self.speed.activated.connect(lambda row: self._timeline.set_speed(SPEEDS[row]))

    def _lay_out(self) -> None:
        """The text begins where the track does, and has the room above the speed as well."""
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(8, 6, 8, 2)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(0)
        self._grid.setColumnStretch(1, 1)
        self._grid.addWidget(self.text, 0, 1, 1, 2)
        self._grid.addWidget(self.track, 1, 1)
        self._grid.addWidget(self.speed, 1, 2)

    def _show(self) -> None:
        timeline = self._timeline
        self.speed.setCurrentIndex(SPEEDS.index(timeline.speed))
        self.setVisible(timeline.is_there)
        if timeline.is_there:
            self.text.set_texts(sentences_of(timeline, moves=self._document.glide is not None))


class _Line(QWidget):
    """A line of text, in fewer words where there is no room: a label would need all of it."""

    def __init__(self) -> None:
        super().__init__()
        self._texts: tuple[str, ...] = ("",)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    @property
    def text(self) -> str:
        """All that is said."""
        return self._texts[0]

    @property
    def seen(self) -> str:
        """What there is room for: all, or fewer words, or the fewest with dots."""
        metrics, room = QFontMetrics(self.font()), self.width() - INSET
        fitting = (text for text in self._texts if metrics.horizontalAdvance(text) <= room)
        shortest = metrics.elidedText(self._texts[-1], Qt.TextElideMode.ElideRight, room)
        return next(fitting, shortest)

    def set_texts(self, texts: tuple[str, ...]) -> None:
        """Show another text; it is given in several lengths, the longest first."""
        if texts != self._texts:
            self._texts = texts
            self.setAccessibleName(self.text)
            self.update()

    def event(self, event: QEvent) -> bool:
        """Explain all that is said once somebody asks: it changes with each frame of a scrub."""
        if event.type() is QEvent.Type.ToolTip:
            self.setToolTip(explained(self.text, self.text, MEASURED))
        return super().event(event)

    def sizeHint(self) -> QSize:
        """As high as a line."""
        return QSize(0, self.fontMetrics().height() + 2)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw as much of the text as there is room for."""
        painter = QPainter(self)
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        area = self.rect().adjusted(INSET, 0, 0, 0)
        left = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        painter.drawText(area, left, self.seen)
