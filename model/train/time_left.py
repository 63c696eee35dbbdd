"""The wall time that a training still takes."""

import statistics
import time
from collections import deque
from collections.abc import Callable

from model.train.training import TrainingReport

# Epochs to average over: few, so that the estimate follows a machine that others begin to use.
RECENT = 4


class TimeLeft:
    """An estimate of the wall time that a training still takes, from the epochs that it finished.

    An epoch is timed from its first report to the first report of the next. That includes the
    steps, the validation, and whatever the reader of the reports writes in between.
    """

    def __init__(
        self,
        epochs: int,
        validations_after: float = 0.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Begin with a training of `epochs` epochs.

        Args:
            epochs: of the whole run.
            validations_after: the length of the test after the last epoch, in validations.
            clock: seconds, from any origin.
        """
        self._epochs = epochs
        self._validations_after = validations_after
        self._clock = clock
        self._lasted: deque[float] = deque(maxlen=RECENT)
        self._validation = 0.0
        self._began: float | None = None
        self._previous: float | None = None

    def update(self, report: TrainingReport) -> float:
        """Take note of a report at the moment of its arrival; return the seconds left."""
        now, place = self._clock(), report.place
        if place.batch == 1:
            if self._began is not None:
                self._lasted.append(now - self._began)
            self._began = now
        if report.validation is not None and self._previous is not None:
            self._validation = now - self._previous - place.seconds / place.batch
        self._previous = now
        return self._seconds(report)

    def skip(self, seconds: float) -> None:
        """Leave out a pause that has just ended."""
        self._began = None if self._began is None else self._began + seconds
        self._previous = None if self._previous is None else self._previous + seconds

    def _seconds(self, report: TrainingReport) -> float:
        place = report.place
        done = place.batch / report.batches
        # Before a whole epoch was seen, its steps are all that is known.
        epoch = statistics.fmean(self._lasted) if self._lasted else place.seconds / done
        after = self._validation * self._validations_after
        return epoch * (self._epochs - place.epoch + 1 - done) + after
