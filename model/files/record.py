"""The record of a training: its run directory, its event files, and its lines on the terminal."""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from model.data.binarise import binarise_once
from model.data.datasets import Splits
from model.files.checkpoint import read_checkpoint
from model.files.event_log import EventLog
from model.files.run_progress import Progress
from model.files.run_request import PERIOD, Request
from model.files.run_writer import RunWriter
from model.likelihood.elbo import estimate_elbo
from model.likelihood.label_posterior import classification_error
from model.network.vae import VAEConfig
from model.train import terminal
from model.train.distributed import Processes
from model.train.supervision import counted_images
from model.train.time_left import TimeLeft
from model.train.train_config import TrainConfig
from model.train.training import TrainingDiverged, TrainingReport
from model.train.training_state import Place, Start

# With so many draws of z, the average over 10,000 images is exact to about 0.03 nat.
TEST_SAMPLES = 16


@dataclass(frozen=True)
class Record:
    """Records a training on disk and on the terminal; nothing in a process that does not write.

    Attributes:
        vae_config: the network.
        config: the resolved settings.
        data: the data.
        processes: all processes of the training.
        writer: of the run directory; None in a process that does not write.
        events: of the event files, where they are asked for.
        quiet: whether nothing is printed but what goes wrong.
        start: weights that a new training begins with, by name.

    Raises (each method):
        RunError, CheckpointError: as RunWriter.
    """

    vae_config: VAEConfig
    config: TrainConfig
    data: Splits
    processes: Processes
    writer: RunWriter | None
    events: EventLog | None
    quiet: bool
    start: Start | None = None

    def begin(self, place: Place) -> terminal.TrainingProgress:
        """Introduce a run that begins at a place, and keep its start; returns the progress bar."""
        every = len(self.data.train)
        images = counted_images(every, self.vae_config, self.config)
        if self.writer is not None and not self.quiet:
            line = terminal.introduction(
                self.vae_config,
                self.config,
                every,
                self.processes.count,
                place.step,
                self.writer.paths.folder,
                self.writer.snapshots.schedule,
            )
            print(line, flush=True)
        if self.writer is not None and place.step == 0:
            self.writer.snapshots.write_untrained(self.data, self.start)
        quiet = self.quiet or self.writer is None
        epochs = self.config.epochs
        validations = TEST_SAMPLES * len(self.data.test) / len(self.data.validation)
        time_left = TimeLeft(epochs, validations)
        return terminal.TrainingProgress(epochs, images, place, time_left, quiet=quiet)

    def step(self, report: TrainingReport) -> None:
        """Keep a snapshot, if one is due after this step within an epoch."""
        if self.writer is not None:
            self.writer.snapshots.write(report)

    def epoch(self, report: TrainingReport) -> None:
        """Write an epoch, from its last report."""
        if self.writer is not None:
            self.writer.record_epoch(report)
        if self.events is not None:
            self.events.record_epoch(report, self.config.seed)

    def tell(self, report: TrainingReport, shown: terminal.TrainingProgress) -> None:
        """Write how far the training is, now and then, for those who look on."""
        if self.writer is not None and self.writer.progress.is_due:
            self.writer.progress.write(self._progress(report, shown))

    def heed(
        self,
        report: TrainingReport,
        shown: terminal.TrainingProgress,
        interruption: terminal.Interruption,
    ) -> None:
        """Do what is asked in the run's folder: wait, or pass a request to stop on.

        Several processes do not wait: those that the writer keeps waiting would give up.
        """
        if self.writer is None:
            return
        requests, began = self.writer.requests, time.monotonic()
        is_asked_to_wait = self.processes.count == 1 and requests.latest() is Request.PAUSE
        if is_asked_to_wait:
            self.writer.progress.write(replace(self._progress(report, shown), paused=True))
            while requests.latest() is Request.PAUSE and not interruption.is_requested:
                time.sleep(PERIOD)
            shown.skip(time.monotonic() - began)
            self.writer.progress.write(self._progress(report, shown))
        interruption.is_requested |= requests.latest() is Request.STOP

    def _progress(self, report: TrainingReport, shown: terminal.TrainingProgress) -> Progress:
        place = report.place
        done = place.batch / report.batches
        speed, left = report.images_per_second, shown.seconds_left
        return Progress(place.epoch, self.config.epochs, done, round(speed, 1), round(left, 1))

    def finish(self) -> None:
        """Measure the best checkpoint on the test set, once, and end the run."""
        if self.writer is None:
            return
        paths = self.writer.paths
        best = read_checkpoint(paths.best)
        x = binarise_once(self.data.test.images).flatten(1)
        elbo = estimate_elbo(best.network, x, samples=TEST_SAMPLES)
        test = elbo.as_dict()
        if best.labelled is not None:
            test["error"] = classification_error(best.labelled, x, self.data.test.labels)
        self.writer.record_test(best, test)
        self.writer.end("finished", test=test)
        if self.events is not None:
            self.events.close()
        if not self.quiet:
            error, alone = test.get("error"), self.config.classifier_alone
            print(terminal.finished(best.epoch, elbo, paths.folder, error, is_last=alone))

    def stop_early(self, report: TrainingReport) -> None:
        """Save everything at this report, and end the run there."""
        if self.writer is not None and report.validation is None:
            self.writer.record_interruption(report)
        place = report.place
        sentence = partial(terminal.stopped_early, place)
        self._interrupt(sentence, epoch=place.epoch, step=place.step)

    def stop_at_once(self) -> None:
        """End the run with what was complete."""
        self._interrupt(terminal.stopped_at_once)

    def stop_unheard(self) -> None:
        """End the run with what was complete, since standard output has no reader any more."""
        terminal.discard_output()
        self._interrupt(terminal.stopped_unheard)

    def stop_diverged(self, error: TrainingDiverged) -> None:
        """End the run with the weights of the last sound epoch, if there is one."""
        writer = self.writer
        if writer is not None:
            last = writer.paths.last if writer.best_epoch is not None else None
            writer.end("diverged", epoch=error.epoch, step=error.step)
            print(terminal.diverged(error, last), file=sys.stderr)

    def _interrupt(self, sentence: Callable[[Path], str], **facts: int) -> None:
        if self.writer is not None:
            self.writer.end("interrupted", **facts)
            print(sentence(self.writer.paths.folder), file=sys.stderr)
