"""A training on a terminal: its progress bar, and Ctrl-C."""

import signal
import sys

from tqdm import tqdm

from model.train.distributed import Processes
from model.train.time_left import TimeLeft
from model.train.training import TrainingReport
from model.train.training_state import Place


class TrainingProgress:
    """The bar on stderr: ELBO, its terms, images/s and the time left. None if not a terminal."""

    def __init__(
        self, epochs: int, images: int, place: Place, time_left: TimeLeft, *, quiet: bool
    ) -> None:
        """Show the progress of a run from `place` on.

        Args:
            epochs: of the whole run.
            images: in an epoch.
            place: where it begins.
            time_left: of this run, before its first report.
            quiet: show and say nothing.
        """
        self._epochs = epochs
        self._images = images
        self._time_left = time_left
        self._quiet = quiet
        self._bar = tqdm(
            total=epochs * images,
            initial=self._done(place),
            unit=" images",
            disable=True if quiet else None,
            dynamic_ncols=True,
            mininterval=0.2,
            bar_format="{desc} |{bar}| {percentage:3.0f} %{postfix}",
        )

    def _done(self, place: Place) -> int:
        return max(0, place.epoch - 1) * self._images + place.images

    def __enter__(self) -> "TrainingProgress":
        return self

    def __exit__(self, *exception: object) -> None:
        self._bar.close()

    def show(self, report: TrainingReport) -> None:
        """Move the bar; the numbers are only computed when the bar is drawn."""
        seconds = self._time_left.update(report)
        if self._bar.update(self._done(report.place) - self._bar.n):
            train = report.train
            self._bar.set_description_str(f"epoch {report.place.epoch}/{self._epochs}", False)
            self._bar.set_postfix_str(
                f"{tqdm.format_interval(seconds)} left, ELBO {train.elbo:.1f}, "
                f"reconstruction {train.reconstruction:.1f}, KL {train.kl:.2f}, "
                f"{report.images_per_second:,.0f} images/s"
            )

    def say(self, line: str) -> None:
        """Print a line above the bar, at once also where standard output is a file."""
        if not self._quiet:
            self._bar.write(line)
            sys.stdout.flush()


class Interruption:
    """Turns Ctrl-C into a request that is looked at between steps. A second one is not caught."""

    def __init__(self, processes: Processes) -> None:
        self._processes = processes
        self._requested = False

    def __enter__(self) -> "Interruption":
        self._previous = signal.signal(signal.SIGINT, self._request)
        return self

    def __exit__(self, *exception: object) -> None:
        signal.signal(signal.SIGINT, self._previous)

    def is_due(self, report: TrainingReport) -> bool:
        """Whether to stop after this report; several processes agree on it after each epoch."""
        if self._processes.count == 1:
            return self._requested
        return report.validation is not None and self._processes.any(
            self._requested, report.sums.device
        )

    def _request(self, *_: object) -> None:
        self._requested = True
        signal.signal(signal.SIGINT, self._previous)
