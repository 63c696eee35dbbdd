"""What happens when a checkpoint is opened, as a generator without Qt.

It yields the model as soon as it can decode, then the encoded test digits. torch and torchvision
are imported here, which takes a second or two: a worker iterates this, not the GUI thread.
"""

from collections.abc import Generator
from pathlib import Path

from vae_gui.session import EncodedDigits, OpenModel


def open_checkpoint(
    path: Path, data_dir: Path | None
) -> Generator[OpenModel | EncodedDigits, None, None]:
    """Read a checkpoint and encode the test set of the data that it was trained on.

    Args:
        path: a checkpoint, or a run directory, which means its best checkpoint.
        data_dir: where the data are cached, if not in the usual place.

    Raises:
        CheckpointError: the file is not a sound checkpoint.
        DataError: the test set cannot be had; the model was yielded before.
    """
    from model.checkpoint import read_checkpoint
    from model.run import checkpoint_of

    path = checkpoint_of(path)
    checkpoint = read_checkpoint(path)
    yield OpenModel(path, checkpoint)

    from model.data import BINARISATION_SEED, DATASETS, binarise_once, load_test
    from model.latent import posterior_means

    dataset = checkpoint.training.dataset
    test = load_test(dataset, data_dir)
    means = posterior_means(checkpoint.vae, binarise_once(test.images).flatten(1))
    info = DATASETS[dataset]
    yield EncodedDigits(
        means=means.double().numpy(),
        images=test.images.squeeze(1).numpy(),
        labels=test.labels.numpy(),
        class_names=info.class_names,
        source=f"{info.title} test set, {len(test):,} posterior means "
        f"(pixels binarised once, seed {BINARISATION_SEED})",
    )
