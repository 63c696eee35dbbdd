"""The strip below the plane: the timeline of the run that the open model belongs to."""

from collections.abc import Mapping

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction, QFontMetrics, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from vae_gui.panels.timeline_track import TimelineTrack
from vae_gui.panels.timeline_words import sentence_of
from vae_gui.state.document import Document
from vae_gui.state.timeline import SPEEDS, Timeline
from vae_gui.style.labels import filled
from vae_gui.widgets.action_button import ActionRow

_CONTROLS = ("back", "play", "forth")


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
        self._row.insertWidget(0, self.controls)

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
        middle = QVBoxLayout()
        middle.setSpacing(0)
        middle.addWidget(self.text)
        middle.addWidget(self.track)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(8, 6, 8, 2)
        self._row.setSpacing(8)
        self._row.addLayout(middle, 1)
        self._row.addWidget(self.speed)

    def _show(self) -> None:
        timeline = self._timeline
        self.speed.setCurrentIndex(SPEEDS.index(timeline.speed))
        self.setVisible(timeline.is_there)
        if timeline.is_there:
            self.text.set_text(sentence_of(timeline, moves=self._document.glide is not None))


class _Line(QWidget):
    """A line of text that is cut short where there is no room: a label would need all of it."""

    def __init__(self) -> None:
        super().__init__()
        self.text = ""
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def set_text(self, text: str) -> None:
        """Show another text."""
        if text != self.text:
            self.text = text
            self.setAccessibleName(text)
            self.update()

    def sizeHint(self) -> QSize:
        """As high as a line."""
        return QSize(0, self.fontMetrics().height() + 2)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the text, with dots where it is cut."""
        painter = QPainter(self)
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        metrics = QFontMetrics(self.font())
        text = metrics.elidedText(self.text, Qt.TextElideMode.ElideRight, self.width() - 10)
        area = self.rect().adjusted(10, 0, 0, 0)
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
