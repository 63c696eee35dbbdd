"""Shortest paths under the hand: surveys the plane, finds, measures and decodes along the way."""

from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal

from vae_gui.jobs.path_measuring import (
    FoundPath,
    Reach,
    Stops,
    decode_stops,
    measure,
    path_now,
    reach_from,
)
from vae_gui.jobs.plane_survey import Cost, Survey
from vae_gui.jobs.surveying import Surveying
from vae_gui.jobs.worker import Worker
from vae_gui.state.encoded import Array
from vae_gui.state.viewpoint import Viewpoint

BREATH_MS = 60  # from digits along a path to the next ones, while the hand moves
HELD_MS = 80  # without a move of the hand, until a path is drawn taut and measured
STOPS = 11

NEEDS_A_MODEL = "Shortest paths need a model: open one first."
NEEDS_A_PLANE = "Shortest paths need a plane: this model has one latent dimension."
NO_DENSITY = "Only the Fisher length is known here: the density needs images, and no turned plane."


class PathFinding(QObject):
    """A path from a start to an end in the plane of a viewpoint, by one of two costs.

    Three stages, each in a worker but the second: the survey of the plane, once for a model; ways
    from the start, at each press, then, under the hand, the path to the end; its exact length and
    decoded stops. With other weights all but both ends is forgotten at once and found anew.

    Attributes:
        start: (2,), in the plane; None before one was chosen.
        end: likewise.
        cost: what the path is short in.
        path: from start to end; None while it is not known.
        stops: decoded places of the path; None while there are none.
        reach: what is known of ways from the start; None while nothing is.
        is_in_use: whether the tool is in the hand: else nothing is computed.

    Signals:
        changed: ends, path, reach or progress are others.
        stops_changed: other places were decoded, or none are left.
        used_changed: it was taken into the hand, or put away.
        failed (str, Exception): a sentence for the user, and what is behind it.
    """

    changed = Signal()
    stops_changed = Signal()
    used_changed = Signal()
    failed = Signal(str, Exception)

    def __init__(self, viewpoint: Viewpoint, parent: QObject | None = None) -> None:
        super().__init__(viewpoint if parent is None else parent)
        self._viewpoint = viewpoint
        self._document = viewpoint.document
        self.start: Array | None = None
        self.end: Array | None = None
        self.cost = Cost.LENGTH
        self.path: FoundPath | None = None
        self.stops: Stops | None = None
        self.reach: Reach | None = None
        self.is_in_use = False
        self.count = STOPS
        self._surveying = Surveying(viewpoint, self)
        self._wants_stops = False  # the hand has moved on since the last stops were decoded
        self._finder: Worker | None = None
        self._held = QTimer(self, interval=HELD_MS, singleShot=True)
        self._held.timeout.connect(self._measure)
        self._breath = QTimer(self, interval=BREATH_MS, singleShot=True)
        self._breath.timeout.connect(self._decode_stops)
        self._follow()

    # For the hand

    def use(self, used: bool) -> None:
        """Take it into the hand, and survey the plane if need be; or put it away."""
        self.is_in_use = used
        self._surveying.need(used)
        self.used_changed.emit()
        self.changed.emit()

    def begin(self, start: Array) -> None:
        """Begin a path at a point (2,)."""
        self._forget_ways()
        self.start, self.end = self._inside(start), None
        self._find_reach()
        self._tell_all()

    def lead_to(self, end: Array) -> None:
        """Lead the path to a point (2,)."""
        if self.start is None:
            return
        self.end = self._inside(end)
        self._find_path()
        self.changed.emit()

    def clear(self) -> None:
        """Have no path."""
        self.start = self.end = None
        self._forget_ways()
        if self._finder is not None:
            self._finder.cancel()
        self._tell_all()

    def choose(self, cost: Cost) -> None:
        """Make the path short in something else."""
        if cost is not self.cost:
            self.cost = cost
            self._find_reach()
            self.changed.emit()

    # For those who show it

    def why_not(self) -> str:
        """Why there are no shortest paths here; empty where there are."""
        if self._document.model is None:
            return NEEDS_A_MODEL
        return NEEDS_A_PLANE if self._viewpoint.slice.dimensions < 2 else ""

    @property
    def progress(self) -> float | None:
        """How far the first survey is, from 0 to 1; None once something is known."""
        return self._surveying.done if self.survey is None else None

    @property
    def survey(self) -> Survey | None:
        """What is known of the plane."""
        return self._surveying.survey

    @property
    def knows_density(self) -> bool:
        """Whether paths can stay where digits are."""
        return self.survey is not None and Cost.DIGITS in self.survey.networks

    @property
    def is_settled(self) -> bool:
        """Whether nothing is on its way."""
        is_busy = self._held.isActive() or (self._finder is not None and self._finder.busy)
        return self._surveying.is_settled and not is_busy

    def close(self) -> None:
        """The plane goes."""
        self.is_in_use = False
        self._held.stop()
        self._breath.stop()
        self._surveying.close()
        if self._finder is not None:
            self._finder.close()

    # The survey

    def _follow(self) -> None:
        self._document.opened.connect(self.clear)
        self._surveying.progressed.connect(self._tell_of_progress)
        self._surveying.changed.connect(self._take_survey)
        self._surveying.forgotten.connect(self._forget)
        self._surveying.failed.connect(self._fail)

    def _forget(self) -> None:
        """Weights or slice are others: both ends stay, and the rest is found anew."""
        if self._finder is not None:
            self._finder.cancel()
        self._forget_ways()
        self._tell_all()

    def _tell_of_progress(self) -> None:
        if self.survey is None:
            self.changed.emit()

    def _take_survey(self) -> None:
        self.start, self.end = (
            None if end is None else self._inside(end) for end in (self.start, self.end)
        )
        self._find_reach()
        self.changed.emit()

    # The ways

    def _find_reach(self) -> None:
        """Find the ways from the start; those known before stay until then."""
        if self.survey is None or self.start is None:
            return
        if self._finder is None:
            self._finder = Worker(self)
            self._finder.busy_changed.connect(self._decode_stops)
        cost = self.cost if self.knows_density else Cost.LENGTH
        job = partial(reach_from, self.start, self.survey, cost)
        self._finder.start(job, self._take_reach, self._fail)

    def _take_reach(self, result: object) -> None:
        assert isinstance(result, Reach)
        self.reach = result
        self._find_path()
        self.changed.emit()

    def _find_path(self) -> None:
        if self.reach is None or self.end is None:
            return
        self.path = path_now(self.reach, self.end)
        self._wants_stops = True
        self._held.start()
        self._decode_stops()

    def _decode_stops(self, _: bool = False) -> None:
        """Decode along the newest path once the worker is free: a job is let end, or none would."""
        if not self._wants_stops or self._finder is None or self._finder.busy:
            return
        if self._breath.isActive():
            return
        self._breath.start()
        assert self.reach is not None
        assert self.path is not None
        self._wants_stops = False
        self._finder.start(
            partial(decode_stops, self.reach, self.path, self.count), self._take, self._fail
        )

    def _measure(self) -> None:
        """The hand rests: draw the path taut, measure it, and decode along it."""
        if self.reach is None or self.path is None or self._finder is None:
            return
        self._wants_stops = False
        job = partial(measure, self.reach, self.path, self.count)
        self._finder.start(job, self._take, self._fail)

    def _take(self, result: object) -> None:
        if isinstance(result, Stops):
            self.stops = result
            self.stops_changed.emit()
        elif isinstance(result, FoundPath) and not self._held.isActive():
            self.path = result
            self.changed.emit()

    # Inside

    def _inside(self, point: Array) -> Array:
        return point if self.survey is None else self.survey.grid.inside(point)

    def _forget_ways(self) -> None:
        self.reach = self.path = self.stops = None
        self._wants_stops = False
        self._held.stop()

    def _tell_all(self) -> None:
        self.changed.emit()
        self.stops_changed.emit()

    def _fail(self, error: Exception) -> None:
        self.failed.emit(f"The shortest path could not be found: {error}.", error)
