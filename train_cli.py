"""Train a variational autoencoder from the command line.

    python train_cli.py                      a 2-D model of MNIST, into runs/
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
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

if TYPE_CHECKING:
    from model.data import Splits
    from model.likelihood import ELBO
    from model.run import RunWriter
    from model.training import TrainConfig, TrainingReport
    from model.vae import VAEConfig

# Enough draws of z that the average over 10,000 images is exact to about 0.03 nat.
TEST_SAMPLES = 16

_Config = TypeVar("_Config")


class UsageError(Exception):
    """A setting is wrong. The message is one sentence that names the flag."""


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
    from model.checkpoint import CheckpointError
    from model.data import DataError, load_splits  # torch comes in here, inside Ctrl-C's reach
    from model.run import RunError, RunWriter
    from model.training import TrainConfig, resolve_device
    from model.vae import VAEConfig

    flags = _parser(VAEConfig, TrainConfig).parse_args(argv)
    vae_config = _config(VAEConfig, flags)
    with _settings_named_as_flags():
        config = _config(TrainConfig, flags)
        config = dataclasses.replace(config, device=resolve_device(config.device).type)
    folder = _free_folder(getattr(flags, "out", None), config.dataset, vae_config.latent_dim)
    try:
        data = load_splits(config.dataset, getattr(flags, "data_dir", None))
        writer = RunWriter(folder, vae_config, config, data, ["train_cli.py", *argv])
        return _train(vae_config, config, data, writer)
    except (DataError, RunError, CheckpointError) as error:
        print(error, file=sys.stderr)
        return 1


def _train(
    vae_config: "VAEConfig", config: "TrainConfig", data: "Splits", writer: "RunWriter"
) -> int:
    """Iterate train(), show it, and write the run."""
    from model.training import TrainingDiverged, train

    try:
        print(_introduction(vae_config, config, data, writer.paths.folder), flush=True)
        with _Progress(config.epochs, len(data.train)) as progress, _Interruption() as interruption:
            for report in train(vae_config, config, data):
                progress.show(report)
                if report.validation is not None:
                    writer.record_epoch(report)
                    progress.say(_epoch_line(report, report.validation, config.epochs))
                if interruption.requested:
                    return _stop_early(writer, report)
        return _finish(writer, data)
    except TrainingDiverged as error:
        return _stop_diverged(writer, error)
    except KeyboardInterrupt:  # a second one, or one while the test ELBO is measured
        _ignore_ctrl_c()
        return _stop_at_once(writer)
    except BrokenPipeError:  # whoever read what is printed has left, as in `vae-train | head -1`
        return _stop_unheard(writer)


def _finish(writer: "RunWriter", data: "Splits") -> int:
    """Measure the best checkpoint on the test set, once."""
    from model.checkpoint import read_checkpoint
    from model.data import binarise_once
    from model.likelihood import estimate_elbo

    best = read_checkpoint(writer.paths.best)
    x = binarise_once(data.test.images).flatten(1)
    test = estimate_elbo(best.vae, x, samples=TEST_SAMPLES)
    writer.record_test(best, test)
    writer.end("finished", test=test.as_dict())
    print(
        f"Test ELBO of epoch {best.epoch}, the best by validation: {_in_nats(test)}.\n"
        f"Explore it: vae-gui {shlex.quote(str(writer.paths.folder))}"
    )
    return 0


def _stop_early(writer: "RunWriter", report: "TrainingReport") -> int:
    if report.validation is None:
        writer.record_interruption(report)
    state = report.state
    writer.end("interrupted", epoch=state.epoch, step=state.step)
    print(
        f"Stopped in epoch {state.epoch}, after step {state.step}; "
        f"everything is saved in {writer.paths.folder}.",
        file=sys.stderr,
    )
    return 130


def _ignore_ctrl_c() -> None:
    """Once it is decided to stop, impatience must not interrupt the saving."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _stop_at_once(writer: "RunWriter") -> int:
    writer.end("interrupted")
    print(f"Stopped at once; what was complete is saved in {writer.paths.folder}.", file=sys.stderr)
    return 130


def _stop_unheard(writer: "RunWriter") -> int:
    writer.end("interrupted")
    # What is still in Python's buffer would fail once more when Python ends.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    print(
        "Stopped, since nobody reads the output any more; "
        f"what was complete is saved in {writer.paths.folder}.",
        file=sys.stderr,
    )
    return 1


def _stop_diverged(writer: "RunWriter", error: Any) -> int:
    writer.end("diverged", epoch=error.epoch, step=error.step)
    kept = (
        f"the weights of epoch {error.epoch - 1} are kept in {writer.paths.last}"
        if writer.best_epoch is not None
        else "it happened before the first epoch was complete, so there are no weights to keep"
    )
    print(f"Training stopped: {error}; {kept}. Try a smaller --learning-rate.", file=sys.stderr)
    return 1


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """One sentence instead of argparse's page."""
        sentence = message.removeprefix("argument ").rstrip(".")
        raise UsageError(f"{sentence[:1].upper() + sentence[1:]}; see --help.")


def _parser(*configs: type) -> argparse.ArgumentParser:
    parser = _Parser(
        prog="train_cli.py",
        description="Train a variational autoencoder (Kingma and Welling 2014) on 28 x 28 images.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
        allow_abbrev=False,
    )
    for config in configs:
        for field in dataclasses.fields(config):
            parser.add_argument(
                _flag(field.name),
                type=_value_of(type(field.default)),
                default=field.default,
                help=field.metadata["help"],
                metavar="|".join(field.metadata["choices"] or ()) or field.name.upper(),
            )
    parser.add_argument(
        "--data-dir",
        type=Path,
        default=argparse.SUPPRESS,
        help="where unpacked data are, or will be (default: a folder of the user's cache)",
    )
    parser.add_argument(
        "--out",
        type=Path,
        default=argparse.SUPPRESS,
        help="the run directory to make (default: runs/ and a name made of the time)",
    )
    return parser


def _value_of(kind: type) -> Callable[[str], Any]:
    """A reader of flag values that leaves what it cannot read to the check of the settings."""

    def read(text: str) -> Any:
        try:
            return kind(text)
        except ValueError:
            return text

    return read


def _flag(name: str) -> str:
    return "--" + name.replace("_", "-")


def _config(kind: type[_Config], flags: argparse.Namespace) -> _Config:
    names = [field.name for field in dataclasses.fields(kind)]  # type: ignore[arg-type]
    with _settings_named_as_flags():
        return kind(**{name: getattr(flags, name) for name in names})


@contextmanager
def _settings_named_as_flags() -> Iterator[None]:
    from model.settings import SettingError

    try:
        yield
    except SettingError as error:
        raise UsageError(f"{_flag(error.name)} {error.reason}.") from error


def _free_folder(out: Path | None, dataset: str, latent_dim: int) -> Path:
    from model.run import is_free, new_name

    if out is None:
        out = Path("runs") / new_name(dataset, latent_dim)
    if not is_free(out):
        raise UsageError(f"--out {out} is there already; name a new folder.")
    return out


def _introduction(
    vae_config: "VAEConfig", config: "TrainConfig", data: "Splits", folder: Path
) -> str:
    size = f"{vae_config.blocks} x " if vae_config.architecture == "residual" else ""
    return (
        f"Training a {vae_config.latent_dim}-D VAE ({vae_config.architecture}, {size}"
        f"{vae_config.hidden}) on {len(data.train):,} {config.dataset} images, "
        f"on {config.device}; run directory: {folder}"
    )


def _epoch_line(report: "TrainingReport", validation: "ELBO", epochs: int) -> str:
    return (
        f"epoch {report.state.epoch}/{epochs}  train {_in_nats(report.train)}  "
        f"validation {_in_nats(validation)}  {report.images_per_second:,.0f} images/s"
    )


def _in_nats(elbo: "ELBO") -> str:
    return f"ELBO {elbo.elbo:.2f} (reconstruction {elbo.reconstruction:.2f}, KL {elbo.kl:.2f})"


class _Progress:
    """The bar on stderr: ELBO, its terms, images/s and the time left. None if not a terminal."""

    def __init__(self, epochs: int, images: int) -> None:
        from tqdm import tqdm

        self._epochs = epochs
        self._images = images
        self._bar = tqdm(
            total=epochs * images,
            unit=" images",
            disable=None,
            dynamic_ncols=True,
            mininterval=0.2,
            bar_format="{desc} |{bar}| {percentage:3.0f} %, {remaining} left{postfix}",
        )

    def __enter__(self) -> "_Progress":
        return self

    def __exit__(self, *exception: object) -> None:
        self._bar.close()

    def show(self, report: "TrainingReport") -> None:
        """Move the bar; the numbers are only computed when the bar is drawn."""
        done = (report.state.epoch - 1) * self._images + report.images
        if self._bar.update(done - self._bar.n):
            train = report.train
            self._bar.set_description_str(f"epoch {report.state.epoch}/{self._epochs}", False)
            self._bar.set_postfix_str(
                f"ELBO {train.elbo:.1f}, reconstruction {train.reconstruction:.1f}, "
                f"KL {train.kl:.2f}, {report.images_per_second:,.0f} images/s"
            )

    def say(self, line: str) -> None:
        """Print a line above the bar, at once also where standard output is a file."""
        self._bar.write(line)
        sys.stdout.flush()


class _Interruption:
    """Turns Ctrl-C into a request that is looked at between steps. A second one is not caught."""

    requested = False

    def __enter__(self) -> "_Interruption":
        self._previous = signal.signal(signal.SIGINT, self._request)
        return self

    def __exit__(self, *exception: object) -> None:
        signal.signal(signal.SIGINT, self._previous)

    def _request(self, *_: object) -> None:
        self.requested = True
        signal.signal(signal.SIGINT, self._previous)


if __name__ == "__main__":
    sys.exit(main())
