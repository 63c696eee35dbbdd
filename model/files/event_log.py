"""Event files for TensorBoard: the metrics of a run, and samples."""

from pathlib import Path

import torch
from torch import Tensor

from model.files.pictures import ten_samples
from model.settings import SettingError
from model.train.training import TrainingReport


class EventLogMissing(SettingError):  # noqa: N818 - it says what happened
    """The package that writes event files is not installed."""

    def __init__(self) -> None:
        advice = "pip install 'vae-gui[tensorboard]'"
        super().__init__("tensorboard", f"needs the package tensorboard: {advice}")


def check_installed() -> None:
    """Raise EventLogMissing unless tensorboard is installed."""
    try:
        import torch.utils.tensorboard  # noqa: F401
    except ImportError as error:
        raise EventLogMissing() from error


class EventLog:
    """Writes the event files of a run into its folder.

    Raises:
        EventLogMissing: tensorboard is not installed.
        OSError: the files cannot be written.
    """

    def __init__(self, folder: Path, first_step: int = 0) -> None:
        """Start a file; it replaces what an earlier one holds of `first_step` and later steps."""
        check_installed()
        from torch.utils.tensorboard import SummaryWriter

        self._writer = SummaryWriter(str(folder), purge_step=first_step or None)

    def record_epoch(self, report: TrainingReport, seed: int) -> None:
        """Write the numbers and the samples of an epoch, from its last report."""
        assert report.validation is not None
        step = report.place.step
        splits = {"train": report.train_metrics, "validation": report.validation.as_dict()}
        for split, metrics in splits.items():
            for name, value in metrics.items():
                self._writer.add_scalar(f"{name}/{split}", value, step)
        self._writer.add_scalar("images per second", report.images_per_second, step)
        self._writer.add_image("samples", _row(ten_samples(report.state.model, seed)), step)
        self._writer.flush()

    def close(self) -> None:
        """End the file."""
        self._writer.close()


def _row(images: Tensor) -> Tensor:
    """Images (N, 28, 28) side by side: (1, 28, 28 N)."""
    return torch.cat(list(images), dim=1).unsqueeze(0)
