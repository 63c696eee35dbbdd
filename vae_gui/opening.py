"""What happens when a checkpoint is opened, as a generator without Qt.

It yields the model as soon as it can decode, then the encoded test digits. torch and torchvision
are imported here, which takes a second or two: a worker iterates this, not the GUI thread.
"""

from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

from vae_gui.session import EncodedDigits, OpenModel


@dataclass(frozen=True)
class Encoding:
    """How far the encoding of the test digits is. A worker can also stop at each of these."""

    percent: int


def open_checkpoint(
    path: Path, data_dir: Path | None
) -> Generator["OpenModel | Encoding | EncodedDigits", None, None]:
    """Read a checkpoint and encode the test set of the data that it was trained on.

    Args:
        path: a checkpoint, or a run directory, which means its best checkpoint.
        data_dir: where the data are cached, if not in the usual place.

    Raises:
        CheckpointError: the file is not a sound checkpoint, or its encoder is broken.
        DataError: the test set cannot be had; the model was yielded before.
    """
    from model.checkpoint import CheckpointError, read_checkpoint
    from model.run import checkpoint_of, title_of

    path = checkpoint_of(path)
    checkpoint = read_checkpoint(path)
    yield OpenModel(path, title_of(path), checkpoint)
    yield Encoding(0)

    import torch

    from model.data import BINARISATION_SEED, DATASETS, binarise_once, load_test
    from model.latent import BATCH, posterior_means

    dataset = checkpoint.training.dataset
    test = load_test(dataset, data_dir)
    x = binarise_once(test.images).flatten(1)
    parts = []
    for batch in torch.split(x, BATCH):
        parts.append(posterior_means(checkpoint.vae, batch))
        yield Encoding(100 * len(parts) * BATCH // len(x))
    means = torch.cat(parts)
    if not torch.isfinite(means).all():
        raise CheckpointError(
            f"{path.name} cannot place the test digits: its encoder gives means that are not "
            "numbers; train a model with train_cli.py."
        )
    info = DATASETS[dataset]
    yield EncodedDigits(
        means=means.double().numpy(),
        images=test.images.squeeze(1).numpy(),
        labels=test.labels.numpy(),
        class_names=info.class_names,
        source=f"{info.title} test set, {len(test):,} posterior means "
        f"(pixels binarised once, seed {BINARISATION_SEED})",
    )
