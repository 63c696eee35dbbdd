"""What happens when a checkpoint is opened, as a generator without Qt.

It yields the model as soon as it can decode, then the encoded test digits, then the training
digits. torch is imported here, which takes a second or two: a worker iterates this, not the GUI
thread.
"""

from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from vae_gui.state.encoded import EncodedDigits, OpenModel

if TYPE_CHECKING:
    from model.data.datasets import Images
    from model.files.checkpoint import Checkpoint


@dataclass(frozen=True)
class Encoding:
    """How far the encoding of some digits is. A worker can also stop at each of these."""

    what: str
    percent: int


@dataclass(frozen=True)
class TrainingDigits:
    """The encoded training digits, told from the test digits."""

    digits: EncodedDigits


Result = OpenModel | Encoding | EncodedDigits | TrainingDigits


def open_checkpoint(path: Path, data_dir: Path | None) -> Generator[Result, None, None]:
    """Read a checkpoint and encode the data that it was trained on: the test set, then the rest.

    Args:
        path: a checkpoint, or a run directory, which means its best checkpoint.
        data_dir: where the data are cached, if not in the usual place.

    Raises:
        CheckpointError: the file is not a sound checkpoint, or its encoder is broken.
        DataError: the data cannot be had; the model was yielded before.
    """
    from model.files.checkpoint import CheckpointError, read_checkpoint
    from model.files.run import checkpoint_of, title_of

    path = checkpoint_of(path)
    checkpoint = read_checkpoint(path)
    yield OpenModel(path, title_of(path), checkpoint)
    yield Encoding("test", 0)

    import numpy as np

    from model.data.datasets import load_test, load_training

    dataset = checkpoint.training.dataset
    digits = yield from _encode(checkpoint, load_test(dataset, data_dir), "test")
    if not (np.isfinite(digits.means).all() and np.isfinite(digits.spreads).all()):
        raise CheckpointError(
            f"{path.name} cannot place the test digits: its encoder gives means that are not "
            "numbers; train a model with train_cli.py."
        )
    yield digits
    training = load_training(dataset, data_dir)
    yield TrainingDigits((yield from _encode(checkpoint, training, "training")))


def _encode(
    checkpoint: "Checkpoint", images: "Images", what: str
) -> Generator[Encoding, None, EncodedDigits]:
    import torch

    from model.data.binarise import BINARISATION_SEED, binarise_once
    from model.data.datasets import DATASETS
    from model.latent.decoding import BATCH, posteriors

    x = binarise_once(images.images).flatten(1)
    parts = []
    for batch in torch.split(x, BATCH):
        parts.append(posteriors(checkpoint.vae, batch))
        yield Encoding(what, 100 * len(parts) * BATCH // len(x))
    info = DATASETS[checkpoint.training.dataset]
    return EncodedDigits(
        means=torch.cat([part.mean for part in parts]).double().numpy(),
        spreads=torch.cat([part.log_variance for part in parts]).div(2).exp().double().numpy(),
        images=images.images.squeeze(1).numpy(),
        labels=images.labels.numpy(),
        class_names=info.class_names,
        source=f"{info.title} {what} set, {len(images):,} posterior means "
        f"(pixels binarised once, seed {BINARISATION_SEED})",
    )
