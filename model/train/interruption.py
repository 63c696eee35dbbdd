"""Ctrl-C as a request to stop, which the loop looks at where it can stop."""

import signal

from model.train.distributed import Processes
from model.train.training import TrainingReport


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
