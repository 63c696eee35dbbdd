"""The job that computes measures when they are wanted and not yet known."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from PySide6.QtCore import QObject, QTimer, Signal

from vae_gui.jobs.worker import Job, Worker
from vae_gui.state.measures import Fraction, Measure, Measurements, Values
from vae_gui.state.measures.label_accuracy import LabelAccuracy, count_right_labels
from vae_gui.state.measures.neighbour_accuracy import count_right_neighbours
from vae_gui.state.viewpoint import Viewpoint
from vae_gui.state.workspace import Workspace

REST_MS = 250  # without other weights, until the numbers of these are measured
TEST, TRAINING = "test digits", "training digits"
REGIONS = "accuracy of the label regions"
NEIGHBOURS = "accuracy of the nearest neighbours"


@dataclass(frozen=True)
class _Task:
    """A measure of a set of images that is wanted."""

    measure: Measure
    images: str  # TEST or TRAINING

    @property
    def what(self) -> str:
        """Its name in a sentence."""
        return self.measure.activity.partition(" ")[2] or self.images

    @property
    def activity(self) -> str:
        """The status line's text meanwhile."""
        return self.measure.activity or f"Measuring the {self.images}"


class Measuring(QObject):
    """Fills in the measures of a document: what is most urgent first, one job at a time.

    The measures of the training images come when these are shown and coloured by one, the accuracy
    of the label regions when these are shown. What was computed before something more urgent came
    is kept. While other weights come one after the other, as when a timeline is scrubbed, nothing
    is measured: it would compete with the hand for numbers that nobody sees.

    Signals:
        progressed (str): what is going on; empty when nothing is.
        failed (str, Exception): a sentence for the user, and what is behind it.
    """

    progressed = Signal(str)
    failed = Signal(str, Exception)

    def __init__(
        self, workspace: Workspace, viewpoint: Viewpoint, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._document = viewpoint.document
        self._appearance = workspace.appearance
        self._pending = workspace.pending
        self._worker = Worker(self)
        self._under_way: _Task | str | None = None
        self._given_up: set[object] = set()  # computations
        self._model_is_new = False
        self._pause = QTimer(self, interval=REST_MS, singleShot=True)
        self._pause.timeout.connect(self._go_on)
        self._document.opened.connect(self._expect_another_model)
        self._asked_for: set[str] = set()  # measures, by their keys
        self._counts_neighbours = False
        self._document.model_changed.connect(self._begin_anew)
        for signal in (
            self._document.test_changed,
            self._document.training_changed,
            self._appearance.colouring_changed,
            self._appearance.layers_changed,
        ):
            signal.connect(self._go_on)
        self._worker.busy_changed.connect(self._rest)

    def close(self) -> None:
        """The window goes."""
        self._pause.stop()
        self._pending.set_working(self, False)

    def _expect_another_model(self) -> None:
        self._model_is_new = True

    def ask_for(self, key: str) -> None:
        """Measure the test images by a slow measure, though nothing is coloured by it."""
        self._asked_for.add(key)
        self._go_on()

    def count_neighbours(self) -> None:
        """Count the test images whose nearest training images have their label, from now on."""
        self._counts_neighbours = True
        self._go_on()

    def _begin_anew(self) -> None:
        if self._model_is_new:
            self._pause.stop()
        else:
            self._pause.start()
        self._model_is_new = False
        self._given_up = set()
        self._under_way = None
        self._worker.cancel()

    def _rest(self, busy: bool) -> None:
        if not busy:
            self._under_way = None
            self.progressed.emit("")
            self._go_on()

    def _go_on(self) -> None:
        """Start what is wanted most, unless that is under way."""
        wanted = self._most_wanted()
        if wanted is not None and wanted != self._under_way:
            if isinstance(wanted, _Task):
                self._start_measure(wanted)
            else:
                self._start_counting(wanted)
        is_working = wanted is not None and self._worker.busy
        self._pending.set_working(self, is_working or self._pause.isActive())

    def _most_wanted(self) -> _Task | str | None:
        if self._document.test is None or self._pause.isActive():
            return None
        wanted: list[_Task | str] = [REGIONS] if self._wants_regions() else []
        wanted += _most_urgent_first(self._tasks())
        wanted += [NEIGHBOURS] if self._wants_neighbours() else []
        return next((task for task in wanted if _computation(task) not in self._given_up), None)

    def _wants_regions(self) -> bool:
        document = self._document
        possible = document.label_accuracy is None and document.training is not None
        possible = possible and document.label is None  # beside a class its own images alone lie
        return possible and self._appearance.is_shown("regions")

    def _wants_neighbours(self) -> bool:
        document = self._document
        possible = document.neighbour_accuracy is None and document.training is not None
        return possible and self._counts_neighbours

    def _tasks(self) -> Iterator[_Task]:
        """All that is wanted and could be measured now."""
        document, coloured = self._document, self._appearance.colouring
        test, training = document.measures, document.training_measures
        shows_training = self._appearance.is_shown("training")
        for key, measure in document.table.items():
            if document.training is None and measure.needs_training:
                continue
            wanted = key == coloured or key in self._asked_for or not measure.on_request
            if wanted and test is not None and test.is_open(key):
                yield _Task(measure, TEST)
            wanted = key == coloured and shows_training
            if wanted and training is not None and training.is_open(key):
                yield _Task(measure, TRAINING)

    def _start_measure(self, task: _Task) -> None:
        document = self._document
        is_test = task.images == TEST
        measurements = document.measures if is_test else document.training_measures
        assert measurements is not None
        subject = measurements.subject_with(document.training)
        self._start(
            task,
            lambda: task.measure.compute(subject),
            lambda result: self._take(task, measurements, result),
        )

    def _take(self, task: _Task, measurements: Measurements, result: object) -> None:
        if isinstance(result, Values):
            self._document.measure(measurements, result.key, result.first, result.values)
            if result.key != task.measure.key:
                return
            column = measurements[result.key]
            fraction = column.count / len(column.values)
        else:
            assert isinstance(result, Fraction)
            fraction = result.fraction
        self.progressed.emit(f"{task.activity} … {round(100 * fraction)} %")

    def _start_counting(self, what: str) -> None:
        document = self._document
        test, training = document.test, document.training
        assert test is not None
        assert training is not None
        count, keep = {
            REGIONS: (count_right_labels, document.set_label_accuracy),
            NEIGHBOURS: (count_right_neighbours, document.set_neighbour_accuracy),
        }[what]

        def take(result: object) -> None:
            assert isinstance(result, LabelAccuracy)
            if result.count == len(test):
                keep(result)
            else:
                percent = 100 * result.count // len(test)
                self.progressed.emit(f"Measuring the {what} … {percent} %")

        self._start(what, lambda: count(test, training), take)

    def _start(self, task: _Task | str, job: Job, on_result: Callable[[object], None]) -> None:
        def give_up(error: Exception) -> None:
            self._given_up.add(_computation(task))
            what = task.what if isinstance(task, _Task) else task
            self.failed.emit(f"The {what} could not be measured: {error}.", error)

        self._worker.start(job, on_result, give_up)
        self._under_way = task


def _computation(task: _Task | str) -> object:
    """What a task comes down to: one computation may give the values of several measures."""
    return (task.measure.compute, task.images) if isinstance(task, _Task) else task


def _most_urgent_first(tasks: Iterable[_Task]) -> list[_Task]:
    return sorted(tasks, key=lambda task: -task.measure.urgency)
