"""M1, the VAE below an M1+M2, from the checkpoint of its own training."""

from pathlib import Path

from model.data.datasets import load_splits
from model.files.checkpoint import read_checkpoint
from model.files.checkpoint_format import CheckpointError
from model.files.run_look import checkpoint_named_by
from model.network.pruning import active_dimensions, pruned
from model.network.vae import VAE
from model.printable import printable
from model.settings import SettingError

# Images by which the latent dimensions are judged, as in the code of Kingma et al. (2014).
_IMAGES = 1000


def read_m1(path: Path, dataset: str, data_dir: Path | None) -> VAE:
    """The VAE of a checkpoint or a run directory, without the dimensions that carry nothing.

    Args:
        path: of the checkpoint, or of the run.
        dataset: on which M2 is trained.
        data_dir: as in `load_splits`.

    Raises:
        SettingError: naming `m1`; the checkpoint is missing or unsound, or cannot be an M1.
        DataError: as `load_splits`.
    """
    try:
        checkpoint = read_checkpoint(checkpoint_named_by(path))
    except CheckpointError as error:
        raise SettingError("m1", f"names no model: {str(error).rstrip('.')}") from error
    network = checkpoint.network
    name = printable(path)
    config = network.config
    is_plain = config.architecture == "mlp" and not config.fourier_features and not config.atlas
    if not isinstance(network, VAE) or not is_plain:
        raise SettingError(
            "m1",
            "must name a VAE of plain layers, without Fourier features or an atlas, not "
            f"{name} ({config.summary}); train one with --preset m1",
        )
    if checkpoint.training.dataset != dataset:
        raise SettingError(
            "m1", f"{name} was trained on {checkpoint.training.dataset}, not on {dataset}"
        )
    images = load_splits(dataset, data_dir).train[:_IMAGES].images
    active = active_dimensions(network, images.float().div(255).flatten(1))
    if len(active) == 0:
        raise SettingError("m1", f"{name} has no latent dimension that tells images apart")
    return pruned(network, active)


def described(m1: VAE) -> str:
    """The network of M1 as the setting `m1_network` has it, such as 50:500-500:softplus."""
    config = m1.config
    return f"{config.latent_dim}:{config.layers}:{config.activation}"
