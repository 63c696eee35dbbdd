"""Train a variational autoencoder from the command line.

    python train_cli.py                      a 2-D model of MNIST, into runs/
    python train_cli.py --preset list        named configurations
    python train_cli.py --resume runs/NAME   continue a run where it stopped
    python train_cli.py --help               every setting

Exit codes: 0 finished; 1 the run could not continue (a sentence says why; what was saved stays);
2 a setting is wrong; 130 stopped by Ctrl-C, with everything saved.
"""

import argparse
import signal
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from model.flags import (
    Parser,
    UsageError,
    add_settings,
    check_agreement,
    check_used,
    configured,
    given,
    needs_family,
    settings_named_as_flags,
)
from model.freed_memory import keep_freed_memory
from model.latent.threads import let_waiting_threads_sleep

if TYPE_CHECKING:
    from model.files.record import Record
    from model.files.resume import Saved
    from model.network.vae import VAEConfig
    from model.train.train_config import TrainConfig
    from model.train.training import SavedState
    from model.train.training_state import Start


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
    let_waiting_threads_sleep()  # before torch is imported, here, inside Ctrl-C's reach
    keep_freed_memory()
    from model.data.cache import DataError
    from model.files.checkpoint_format import CheckpointError
    from model.files.resume import ResumeError
    from model.files.run_writer import RunError
    from model.train.presets import list_of_presets

    flags = parser().parse_args(argv)
    if flags.preset == "list":
        print(list_of_presets())
        return 0
    try:
        with settings_named_as_flags():
            saved = _saved(flags)
            record = _record(flags, saved, ["train_cli.py", *argv])
        return _train(record, saved.state if saved else None)
    except (DataError, RunError, CheckpointError, ResumeError) as error:
        print(error, file=sys.stderr)
        return 1


def _saved(flags: argparse.Namespace) -> "Saved | None":
    """The state of the run to resume; None for a new run."""
    from model.files.event_log import check_installed
    from model.files.resume import read_state
    from model.files.run import resume_file

    if flags.tensorboard:  # a flag that cannot be obeyed must not leave a run behind
        check_installed()
    if flags.resume is None:
        return None
    for name in ("out", "preset", "m1", "classifier"):
        if getattr(flags, name) is not None:
            raise UsageError(f"--{name} belongs to a new run; leave it out with --resume.")
    return read_state(resume_file(flags.resume))


def _record(flags: argparse.Namespace, saved: "Saved | None", command: list[str]) -> "Record":
    """Resolve the settings, read the data, and make or reopen the run directory."""
    from model.data.datasets import load_splits
    from model.files.event_log import EventLog
    from model.files.record import Record
    from model.files.run import free_folder
    from model.files.run_writer import RunWriter
    from model.train.distributed import processes

    here = processes()
    start = None
    if saved:
        vae_config, config = _continued(flags, saved)
    else:
        vae_config, config, start = _new(flags)
    folder = flags.resume
    if saved is None and here.is_writer:
        folder = free_folder(flags.out, config.dataset, vae_config.latent_dim)
    data = load_splits(config.dataset, flags.data_dir)
    if saved is not None:
        saved.check_data(data)
    writer = events = None
    if here.is_writer:
        if saved is None:
            writer = RunWriter(folder, vae_config, config, data, command)
        else:
            writer = RunWriter.reopen(folder, saved, config, data, command)
        if flags.tensorboard:
            events = EventLog(folder, saved.state.place.step + 1 if saved else 0)
    return Record(vae_config, config, data, here, writer, events, flags.quiet, start)


def _new(flags: argparse.Namespace) -> tuple["VAEConfig", "TrainConfig", "Start | None"]:
    """The settings of a new run: those of flags, then the preset's, then the defaults.

    With them the weights that it begins with, if --m1 or --classifier names a run.
    """
    from model.files.first_classifier import read_classifier
    from model.files.m1 import described, read_m1
    from model.network.vae import VAEConfig
    from model.train.presets import PRESETS, Preset
    from model.train.train_config import TrainConfig, check_family, resolved

    preset = PRESETS[flags.preset] if flags.preset else Preset("")
    config = resolved(configured(TrainConfig, preset.training, flags))
    vae_config = configured(VAEConfig, preset.model, flags)
    check_used(flags, TrainConfig, vae_config.family)
    for name, family in (("m1", "m1+m2"), ("classifier", "m2")):
        if getattr(flags, name) is not None and vae_config.family != family:
            raise needs_family(name, family)
    start: Start | None = None
    if flags.m1 is not None:
        m1 = read_m1(flags.m1, config.dataset, flags.data_dir)
        vae_config = replace(vae_config, m1_network=described(m1))
        start = {f"m1.{name}": weight for name, weight in m1.state_dict().items()}
    if flags.classifier is not None:
        layers, start = read_classifier(flags.classifier, config)
        vae_config = replace(vae_config, classifier_layers=layers)
    check_family(vae_config, config)
    return vae_config, config, start


def _continued(flags: argparse.Namespace, saved: "Saved") -> tuple["VAEConfig", "TrainConfig"]:
    """The settings of a run that continues: the stored ones, except for the number of epochs."""
    from model.train.train_config import continued

    check_agreement(saved.vae_config, flags)
    epochs = given(flags, type(saved.config)).get("epochs", saved.config.epochs)
    config = continued(saved.config, epochs, begun=saved.state.place.epoch)
    check_agreement(config, flags)
    return saved.vae_config, config


def _train(record: "Record", saved: "SavedState | None") -> int:
    """Iterate train(), and record it."""
    from model.train.terminal import Interruption
    from model.train.training import TrainingDiverged, train
    from model.train.training_state import Place

    settings = record.vae_config, record.config, record.data
    try:
        with (
            record.begin(saved.place if saved else Place()) as progress,
            Interruption(record.processes) as interruption,
        ):
            for report in train(
                *settings, saved=saved, processes=record.processes, start=record.start
            ):
                progress.show(report)
                if report.validation is None:
                    record.step(report)
                else:
                    record.epoch(report)
                    progress.say_epoch(report)
                record.tell(report, progress)
                record.heed(report, progress, interruption)
                if interruption.is_due(report):
                    record.stop_early(report)
                    return 130
        record.finish()
    except TrainingDiverged as error:
        record.stop_diverged(error)
        return 1
    except KeyboardInterrupt:  # a second one, or one while the test ELBO is measured
        _ignore_ctrl_c()
        record.stop_at_once()
        return 130
    except BrokenPipeError:  # the reader of standard output has left, as in `vae-train | head -1`
        record.stop_unheard()
        return 1
    return 0


def _ignore_ctrl_c() -> None:
    """A decision to stop stands: another Ctrl-C must not interrupt the saving."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def parser() -> Parser:
    """The command line: its own flags, and one for each setting."""
    from model.network.vae import VAEConfig
    from model.train.presets import PRESETS
    from model.train.train_config import TrainConfig

    made = Parser(
        prog="train_cli.py",
        description="Train a variational autoencoder (Kingma and Welling 2014) on 28 x 28 images.",
    )
    made.add_argument(
        "--preset",
        choices=[*PRESETS, "list"],
        metavar="|".join([*PRESETS, "list"]),
        help="a named configuration, which other flags override; list explains them",
    )
    made.add_argument(
        "--resume",
        type=Path,
        metavar="RUN",
        help="continue a run exactly where it stopped; with --epochs, for longer",
    )
    made.add_argument(
        "--out",
        type=Path,
        help="the new run directory (default: in runs/, named after the time)",
    )
    made.add_argument(
        "--m1",
        type=Path,
        metavar="RUN",
        help="the VAE below an M1+M2: a run, or a checkpoint (see --preset m1)",
    )
    made.add_argument(
        "--classifier",
        type=Path,
        metavar="RUN",
        help="an M1+M2 with the same labels, with whose q(y|x) an M2 begins",
    )
    made.add_argument(
        "--data-dir",
        type=Path,
        help="the folder for unpacked data (default: in the user's cache)",
    )
    made.add_argument("--quiet", action="store_true", help="print nothing but what goes wrong")
    made.add_argument(
        "--tensorboard",
        action="store_true",
        help="write event files too (install vae-gui[tensorboard])",
    )
    add_settings(made, VAEConfig)
    add_settings(made, TrainConfig)
    return made


if __name__ == "__main__":
    sys.exit(main())
