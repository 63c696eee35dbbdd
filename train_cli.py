"""Train a variational autoencoder from the command line.

    python train_cli.py                      a 2-D model of MNIST, into runs/
    python train_cli.py --preset list        named configurations
    python train_cli.py --resume runs/NAME   go on where a run stopped
    python train_cli.py --help               every setting

Exit codes: 0 finished; 1 the run could not go on (a sentence says why; what was saved stays);
2 a setting is wrong; 130 stopped by Ctrl-C, with everything saved.
"""

import argparse
import dataclasses
import os
import shlex
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from model.flags import (
    Parser,
    UsageError,
    add_settings,
    check_agreement,
    configured,
    given,
    settings_named_as_flags,
)

if TYPE_CHECKING:
    from model.data.datasets import Splits
    from model.files.event_log import EventLog
    from model.files.resume import Saved
    from model.files.run_writer import RunWriter
    from model.likelihood.elbo import ELBO
    from model.network.vae import VAEConfig
    from model.train.distributed import Processes
    from model.train.terminal import TrainingProgress
    from model.train.train_config import TrainConfig
    from model.train.training import TrainingReport

# Enough draws of z that the average over 10,000 images is exact to about 0.03 nat.
TEST_SAMPLES = 16


class _Job(NamedTuple):
    """All that a training needs. Processes that do not write have no writer and no event log."""

    vae_config: "VAEConfig"
    config: "TrainConfig"
    data: "Splits"
    saved: "Saved | None"
    processes: "Processes"
    writer: "RunWriter | None"
    events: "EventLog | None"
    quiet: bool

    @property
    def speaks(self) -> bool:
        return self.writer is not None and not self.quiet


def main(argv: list[str] | None = None) -> int:
    """Train as the flags say; return the exit code."""
    try:
        return _run(sys.argv[1:] if argv is None else argv)
    except UsageError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        _ignore_ctrl_c()
        print("Stopped.", file=sys.stderr)
        return 130


def _run(argv: list[str]) -> int:
    # Before torch is imported: threads that wait shall sleep, not spin. Beside another busy
    # process, such as the explorer, a spinning pair of threads trains several times slower.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    from model.data.cache import DataError  # torch comes in here, inside Ctrl-C's reach
    from model.files.checkpoint import CheckpointError
    from model.files.resume import ResumeError
    from model.files.run_writer import RunError

    flags = _parser().parse_args(argv)
    if flags.preset == "list":
        print(_list_of_presets())
        return 0
    try:
        return _train(_job(flags, ["train_cli.py", *argv]))
    except (DataError, RunError, CheckpointError, ResumeError) as error:
        print(error, file=sys.stderr)
        return 1


def _job(flags: argparse.Namespace, command: list[str]) -> _Job:
    """Resolve the settings, read the data, and make or reopen the run directory."""
    from model.data.datasets import load_splits
    from model.files.run_writer import RunWriter
    from model.train.distributed import processes

    here = processes()
    if flags.tensorboard:
        _check_tensorboard()
    saved = _saved(flags)
    vae_config, config = _configs(flags) if saved is None else _continued(flags, saved)
    folder = flags.resume
    if saved is None and here.is_writer:
        folder = _free_folder(flags.out, config.dataset, vae_config.latent_dim)
    data = load_splits(config.dataset, flags.data_dir)
    if saved is not None:
        _check_data(saved, data)
    writer = events = None
    if here.is_writer:
        if saved is None:
            writer = RunWriter(folder, vae_config, config, data, command)
        else:
            writer = RunWriter.reopen(folder, saved, config, data, command)
        events = _event_log(folder, saved) if flags.tensorboard else None
    return _Job(vae_config, config, data, saved, here, writer, events, flags.quiet)


def _configs(flags: argparse.Namespace) -> tuple["VAEConfig", "TrainConfig"]:
    """The settings of a new run: the preset's, where flags do not say otherwise."""
    from model.network.vae import VAEConfig
    from model.train.presets import PRESETS, Preset
    from model.train.train_config import (
        TrainConfig,
        resolve_device,
        resolve_precision,
        resolve_threads,
    )

    preset = PRESETS[flags.preset] if flags.preset else Preset("")
    vae_config = configured(VAEConfig, preset.model, flags)
    config = configured(TrainConfig, preset.training, flags)
    with settings_named_as_flags():
        device = resolve_device(config.device)
    config = dataclasses.replace(
        config,
        device=device.type,
        precision=resolve_precision(config.precision, device),
        threads=resolve_threads(config.threads),
    )
    return vae_config, config


def _saved(flags: argparse.Namespace) -> "Saved | None":
    """What the run to resume stands at."""
    from model.files.resume import read_state
    from model.files.run import RunPaths

    if flags.resume is None:
        return None
    for name in ("out", "preset"):
        if getattr(flags, name) is not None:
            raise UsageError(f"--{name} belongs to a new run; leave it out with --resume.")
    resume = RunPaths(flags.resume).resume
    if not os.path.isfile(resume):  # noqa: PTH113 - Path.is_file() would raise on a closed folder
        raise UsageError(
            f"--resume {flags.resume} is not a run that can be continued: "
            f"there is no {resume.name} in it."
        )
    return read_state(resume)


def _continued(flags: argparse.Namespace, saved: "Saved") -> tuple["VAEConfig", "TrainConfig"]:
    """The settings of a run that goes on: the stored ones, but for the number of epochs."""
    check_agreement(saved.vae_config, flags)
    config = saved.config
    epochs = given(flags, type(config)).get("epochs", config.epochs)
    if epochs != config.epochs and config.schedule == "cosine":
        raise UsageError(
            f"--epochs {epochs} contradicts the {config.epochs} epochs over which the learning "
            "rate of this run falls to zero (--schedule cosine); leave it out, or train anew with "
            f"--epochs {epochs}."
        )
    with settings_named_as_flags():
        config = dataclasses.replace(config, epochs=epochs)
    check_agreement(config, flags)
    if epochs < saved.state.place.epoch:
        raise UsageError(
            f"--epochs {epochs} is less than the {saved.state.place.epoch} that the run has begun."
        )
    return saved.vae_config, config


def _check_data(saved: "Saved", data: "Splits") -> None:
    from model.files.resume import ResumeError

    if dict(saved.checksums) != dict(data.checksums):
        raise ResumeError(
            f"The files of {data.name} are not those that this run was started with; "
            "name the folder that holds them with --data-dir."
        )


def _check_tensorboard() -> None:
    """Before anything is written: a setting that cannot be must not leave a run behind."""
    from model.files.event_log import EventLogMissing, check_installed

    try:
        check_installed()
    except EventLogMissing as error:
        raise UsageError(
            "--tensorboard needs the package tensorboard: pip install 'vae-gui[tensorboard]'."
        ) from error


def _event_log(folder: Path, saved: "Saved | None") -> "EventLog":
    from model.files.event_log import EventLog

    return EventLog(folder, saved.state.place.step + 1 if saved else 0)


def _train(job: _Job) -> int:
    """Iterate train(), show it, and write the run."""
    from model.train.terminal import Interruption
    from model.train.training import TrainingDiverged, train

    writer, saved = job.writer, job.saved.state if job.saved else None
    try:
        if job.speaks:
            print(_introduction(job), flush=True)
        with _progress(job) as progress, Interruption(job.processes) as interruption:
            reports = train(
                job.vae_config, job.config, job.data, saved=saved, processes=job.processes
            )
            for report in reports:
                progress.show(report)
                if report.validation is not None and writer is not None:
                    _record_epoch(job, report)
                    progress.say(_epoch_line(report, report.validation, job.config.epochs))
                if interruption.is_due(report):
                    return _stop_early(writer, report)
        return _finish(job)
    except TrainingDiverged as error:
        return _stop_diverged(writer, error)
    except KeyboardInterrupt:  # a second one, or one while the test ELBO is measured
        _ignore_ctrl_c()
        return _stop_at_once(writer)
    except BrokenPipeError:  # whoever read what is printed has left, as in `vae-train | head -1`
        return _stop_unheard(writer)


def _progress(job: _Job) -> "TrainingProgress":
    from model.train.terminal import TrainingProgress
    from model.train.time_left import TimeLeft
    from model.train.training_state import Place

    epochs, data = job.config.epochs, job.data
    place = job.saved.state.place if job.saved else Place()
    time_left = TimeLeft(epochs, TEST_SAMPLES * len(data.test) / len(data.validation))
    return TrainingProgress(epochs, len(data.train), place, time_left, quiet=not job.speaks)


def _record_epoch(job: _Job, report: "TrainingReport") -> None:
    assert job.writer is not None
    job.writer.record_epoch(report)
    if job.events is not None:
        job.events.record_epoch(report, job.config.seed)


def _finish(job: _Job) -> int:
    """Measure the best checkpoint on the test set, once."""
    from model.data.binarise import binarise_once
    from model.files.checkpoint import read_checkpoint
    from model.likelihood.elbo import estimate_elbo

    writer = job.writer
    if writer is None:
        return 0
    best = read_checkpoint(writer.paths.best)
    x = binarise_once(job.data.test.images).flatten(1)
    test = estimate_elbo(best.vae, x, samples=TEST_SAMPLES)
    writer.record_test(best, test)
    writer.end("finished", test=test.as_dict())
    if job.events is not None:
        job.events.close()
    if job.speaks:
        print(
            f"Test ELBO of epoch {best.epoch}, the best by validation: {_in_nats(test)}.\n"
            f"Explore it: vae-gui {shlex.quote(str(writer.paths.folder))}"
        )
    return 0


def _stop_early(writer: "RunWriter | None", report: "TrainingReport") -> int:
    if writer is None:
        return 130
    if report.validation is None:
        writer.record_interruption(report)
    state = report.state
    writer.end("interrupted", epoch=state.epoch, step=state.step)
    print(
        f"Stopped in epoch {state.epoch}, after step {state.step}; everything is saved. "
        f"Go on with: train_cli.py --resume {shlex.quote(str(writer.paths.folder))}",
        file=sys.stderr,
    )
    return 130


def _ignore_ctrl_c() -> None:
    """Once it is decided to stop, impatience must not interrupt the saving."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _stop_at_once(writer: "RunWriter | None") -> int:
    if writer is not None:
        writer.end("interrupted")
        print(
            f"Stopped at once; what was complete is saved in {writer.paths.folder}.",
            file=sys.stderr,
        )
    return 130


def _stop_unheard(writer: "RunWriter | None") -> int:
    # What is still in Python's buffer would fail once more when Python ends.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    if writer is not None:
        writer.end("interrupted")
        print(
            "Stopped, since nobody reads the output any more; "
            f"what was complete is saved in {writer.paths.folder}.",
            file=sys.stderr,
        )
    return 1


def _stop_diverged(writer: "RunWriter | None", error: Any) -> int:
    if writer is None:
        return 1
    writer.end("diverged", epoch=error.epoch, step=error.step)
    kept = (
        f"the weights of epoch {error.epoch - 1} are kept in {writer.paths.last}"
        if writer.best_epoch is not None
        else "it happened before the first epoch was complete, so there are no weights to keep"
    )
    print(f"Training stopped: {error}; {kept}. Try a smaller --learning-rate.", file=sys.stderr)
    return 1


def _parser() -> Parser:
    from model.network.vae import VAEConfig
    from model.train.presets import PRESETS
    from model.train.train_config import TrainConfig

    parser = Parser(
        prog="train_cli.py",
        description="Train a variational autoencoder (Kingma and Welling 2014) on 28 x 28 images.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "--preset",
        choices=[*PRESETS, "list"],
        metavar="|".join([*PRESETS, "list"]),
        help="a named configuration, which other flags override; list explains them",
    )
    parser.add_argument(
        "--resume",
        type=Path,
        metavar="RUN",
        help="go on with a run where it stopped, exactly; with --epochs, for longer",
    )
    parser.add_argument(
        "--out",
        type=Path,
        help="the run directory to make (default: runs/ and a name made of the time)",
    )
    parser.add_argument(
        "--data-dir",
        type=Path,
        help="where unpacked data are, or will be (default: a folder of the user's cache)",
    )
    parser.add_argument("--quiet", action="store_true", help="print nothing but what goes wrong")
    parser.add_argument(
        "--tensorboard",
        action="store_true",
        help="write event files too (install vae-gui[tensorboard])",
    )
    add_settings(parser, VAEConfig)
    add_settings(parser, TrainConfig)
    return parser


def _list_of_presets() -> str:
    import textwrap

    from model.train.presets import PRESETS

    def paragraph(text: str) -> str:
        # A flag that is broken at its hyphens cannot be copied.
        return textwrap.indent(textwrap.fill(text, 76, break_on_hyphens=False), "    ")

    return "\n\n".join(
        f"{name}\n{paragraph(preset.explanation)}\n{paragraph(preset.flags())}"
        for name, preset in PRESETS.items()
    )


def _free_folder(out: Path | None, dataset: str, latent_dim: int) -> Path:
    from model.files.run import is_free, new_name

    if out is None:
        out = Path("runs") / new_name(dataset, latent_dim)
    if not is_free(out):
        raise UsageError(f"--out {out} is there already; name a new folder.")
    return out


def _introduction(job: _Job) -> str:
    vae_config, config = job.vae_config, job.config
    assert job.writer is not None
    with_others = f", {job.processes.count} processes" if job.processes.count > 1 else ""
    verb = "Training" if job.saved is None else f"From step {job.saved.state.place.step}, training"
    return (
        f"{verb} a {vae_config.latent_dim}-D VAE ({vae_config.summary}) "
        f"on {len(job.data.train):,} {config.dataset} images, on {config.device} in "
        f"{config.precision}{with_others}; run directory: {job.writer.paths.folder}"
    )


def _epoch_line(report: "TrainingReport", validation: "ELBO", epochs: int) -> str:
    return (
        f"epoch {report.place.epoch}/{epochs}  train {_in_nats(report.train)}  "
        f"validation {_in_nats(validation)}  {report.images_per_second:,.0f} images/s"
    )


def _in_nats(elbo: "ELBO") -> str:
    return f"ELBO {elbo.elbo:.2f} (reconstruction {elbo.reconstruction:.2f}, KL {elbo.kl:.2f})"


if __name__ == "__main__":
    sys.exit(main())
