"""A training on a terminal: its progress bar, Ctrl-C, and the sentences that it prints."""

import math
import os
import shlex
import signal
import sys
from pathlib import Path

from tqdm import tqdm

from model.likelihood.elbo import ELBO
from model.network.vae import VAEConfig
from model.printable import printable
from model.train.distributed import Processes
from model.train.snapshot_schedule import SnapshotSchedule
from model.train.time_left import TimeLeft
from model.train.train_config import TrainConfig
from model.train.training import TrainingDiverged, TrainingReport
from model.train.training_state import Place


class TrainingProgress:
    """The progress bar on stderr, if that is a terminal: ELBO, its terms, images/s, time left.

    Attributes:
        seconds_left: the wall time that the run still takes, by the last report.
    """

    def __init__(
        self, epochs: int, images: int, place: Place, time_left: TimeLeft, *, quiet: bool
    ) -> None:
        """Show the progress of a run from `place` on.

        Args:
            epochs: of the whole run.
            images: in an epoch.
            place: the place where it begins.
            time_left: the time left of this run, before its first report.
            quiet: whether nothing is shown or printed.
        """
        self._epochs = epochs
        self._images = images
        self._time_left = time_left
        self.seconds_left = 0.0
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
        """Move the bar; its numbers are computed only if it is drawn."""
        self.seconds_left = self._time_left.update(report)
        if self._bar.update(self._done(report.place) - self._bar.n):
            train = report.train
            self._bar.set_description_str(f"epoch {report.place.epoch}/{self._epochs}", False)
            self._bar.set_postfix_str(
                f"{tqdm.format_interval(self.seconds_left)} left, ELBO {train.elbo:.1f}, "
                f"reconstruction {train.reconstruction:.1f}, KL {train.kl:.2f}, "
                f"{report.images_per_second:,.0f} images/s"
            )

    def skip(self, seconds: float) -> None:
        """Leave a pause that has just ended out of the time that is left."""
        self._time_left.skip(seconds)

    def say_epoch(self, report: TrainingReport) -> None:
        """Print a line above the bar, from the last report of an epoch."""
        if not self._quiet:
            self._bar.write(_epoch_line(report, self._epochs))
            sys.stdout.flush()  # also where standard output is a file


class Interruption:
    """Turns a first Ctrl-C into a request to stop between steps; a second one is not caught.

    Attributes:
        is_requested: whether to stop.
    """

    def __init__(self, processes: Processes) -> None:
        self._processes = processes
        self.is_requested = False

    def __enter__(self) -> "Interruption":
        self._previous = signal.signal(signal.SIGINT, self._request)
        return self

    def __exit__(self, *exception: object) -> None:
        signal.signal(signal.SIGINT, self._previous)

    def is_due(self, report: TrainingReport) -> bool:
        """Whether to stop after this report; several processes agree on it after each epoch."""
        if self._processes.count == 1:
            return self.is_requested
        return report.validation is not None and self._processes.any(
            self.is_requested, report.sums.device
        )

    def _request(self, *_: object) -> None:
        self.is_requested = True
        signal.signal(signal.SIGINT, self._previous)


def introduction(
    vae_config: VAEConfig,
    config: TrainConfig,
    images: int,
    processes: int,
    step: int,
    folder: Path,
    snapshots: SnapshotSchedule,
) -> str:
    """The line before a training that begins, or continues after a step, with resolved settings.

    An M2 in a plane gets a second line where it begins without a classifier.
    """
    verb = f"From step {step}, training" if step else "Training"
    with_others = f", {processes} processes" if processes > 1 else ""
    has_classes = vae_config.family != "vae"
    kind = "model with classes" if has_classes else "VAE"
    labelled = _known(images, config.labels) if has_classes else f"{images:,}"
    return (
        f"{verb} a {vae_config.latent_dim}-D {kind} ({vae_config.summary}) "
        f"on {labelled} {config.dataset} images, on {config.device} in "
        f"{config.precision}{with_others}; {_disk_space(snapshots)}; "
        f"run directory: {printable(folder)}{'' if step else _advice(vae_config, config)}"
    )


def _advice(config: VAEConfig, training: TrainConfig) -> str:
    """What an M2 of two dimensions lacks; empty where it lacks nothing."""
    if config.family != "m2" or config.latent_dim != 2:
        return ""
    if config.classifier_layers or training.classifier_alone:
        return ""
    return (
        "\nIn a plane, an M2 that begins alone settles on classes of its own; begin it with the "
        "classifier of an M1+M2 (--classifier RUN)."
    )


def _known(images: int, labels: int) -> str:
    """How many of the images have a known class, and how many have none, if any."""
    others = images - labels
    return f"{labels:,} labelled and {others:,} other" if others else f"{labels:,} labelled"


def _disk_space(snapshots: SnapshotSchedule) -> str:
    """Half a sentence: what the snapshots of the whole run will take."""
    count, tenths = len(snapshots.steps), math.ceil(snapshots.bytes / 1e5)
    if count == 0:
        return "no snapshots"
    noun = "snapshot takes" if count == 1 else "snapshots take"
    megabytes = f"{tenths / 10}" if tenths < 100 else f"{math.ceil(tenths / 10):,}"
    return f"{count} {noun} at most {megabytes} MB"


def _epoch_line(report: TrainingReport, epochs: int) -> str:
    assert report.validation is not None
    of_classes = ""
    if (error := report.train_metrics.get("error")) is not None:
        entropy = report.train_metrics["label_entropy"]
        of_classes = f"training error {error:.2f} %, H(q(y|x)) {entropy:.3f} nats  "
    return (
        f"epoch {report.place.epoch}/{epochs}  train {_in_nats(report.train)}  {of_classes}"
        f"validation {_in_nats(report.validation)}  {report.images_per_second:,.0f} images/s"
    )


def finished(
    epoch: int, test: ELBO, folder: Path, error: float | None = None, *, is_last: bool = False
) -> str:
    """The lines after a training: the test ELBO of its best epoch, and how to go on.

    Args:
        epoch: the epoch that was measured.
        test: its ELBO.
        folder: of the run.
        error: of q(y|x) on the test images, in %; None if the model has no classes.
        is_last: whether it was taken as the last one, and not as the best.
    """
    why = "the last" if is_last else "the best by validation"
    if error is not None and not is_last:
        why += " without labels"
    wrong = "" if error is None else f"Test error of q(y|x): {error:.2f} %.\n"
    return (
        f"Test ELBO of epoch {epoch}, {why}: {_in_nats(test)}.\n{wrong}"
        f"Explore it: vae-gui {_typed(folder)}"
    )


def stopped_early(place: Place, folder: Path) -> str:
    """The sentence after a first Ctrl-C."""
    return (
        f"Stopped in epoch {place.epoch}, after step {place.step}; everything is saved. "
        f"Go on with: train_cli.py --resume {_typed(folder)}"
    )


def stopped_at_once(folder: Path) -> str:
    """The sentence after a second Ctrl-C."""
    return f"Stopped at once; what was complete is saved in {printable(folder)}."


def stopped_unheard(folder: Path) -> str:
    """The sentence when standard output has no reader any more."""
    return (
        "Stopped, since nobody reads the output any more; "
        f"what was complete is saved in {printable(folder)}."
    )


def diverged(error: TrainingDiverged, last: Path | None) -> str:
    """The sentence after a divergence; `last` is the newest checkpoint, None if there is none."""
    kept = (
        f"the weights of epoch {error.epoch - 1} are kept in {printable(last)}"
        if last is not None
        else "it happened before the first epoch was complete, so there are no weights to keep"
    )
    return f"Training stopped: {error}; {kept}. Try a smaller --learning-rate."


def discard_output() -> None:
    """Send standard output nowhere: Python would fail to flush it when it ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _in_nats(elbo: ELBO) -> str:
    return f"ELBO {elbo.elbo:.2f} (reconstruction {elbo.reconstruction:.2f}, KL {elbo.kl:.2f})"


def _typed(folder: Path) -> str:
    """A folder as one types it in a shell."""
    return printable(shlex.quote(str(folder)))
