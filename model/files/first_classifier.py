"""The classifier that an M2 begins with: that of an M1+M2 with the same labels."""

from pathlib import Path

from torch import Tensor

from model.files.checkpoint import read_checkpoint
from model.files.checkpoint_format import CheckpointError
from model.files.run_look import checkpoint_named_by
from model.flags import typed
from model.network.flattened_classifier import as_classifier_weights, flattened_classifier, widths
from model.network.m1_m2 import M1M2
from model.network.vae import MOST_LAYERS
from model.printable import printable
from model.settings import SettingError
from model.train.train_config import TrainConfig


def read_classifier(path: Path, config: TrainConfig) -> tuple[str, dict[str, Tensor]]:
    """The classifier of an M1+M2, for an M2 that is trained with the same labels and no others.

    Args:
        path: of the checkpoint, or of the run.
        config: of the training of the M2.

    Returns:
        its widths, for the setting `classifier_layers`, and its weights by name.

    Raises:
        SettingError: naming `classifier`; there is no such model, or it knows other labels.
    """
    try:
        checkpoint = read_checkpoint(checkpoint_named_by(path))
    except CheckpointError as error:
        raise SettingError("classifier", f"names no model: {str(error).rstrip('.')}") from error
    name, trained = printable(path), checkpoint.training
    if not isinstance(checkpoint.network, M1M2):
        raise SettingError(
            "classifier",
            f"must name an M1+M2, not {name} ({checkpoint.config.summary}); "
            "train one with --preset m1+m2",
        )
    for setting in ("dataset", "labels", "label_seed"):
        theirs, ours = getattr(trained, setting), getattr(config, setting)
        if theirs != ours:
            raise SettingError(
                "classifier",
                f"{name} was trained with {typed(setting, theirs)}, and this training has "
                f"{typed(setting, ours)}; both must know the same labels",
            )
    try:
        layers = flattened_classifier(checkpoint.network)
    except ValueError as error:
        raise SettingError(
            "classifier", f"{name} has other layers than linear ones and ReLUs"
        ) from error
    if len(layers) > 1 + MOST_LAYERS:
        raise SettingError(
            "classifier",
            f"{name} has {len(layers) - 1} hidden layers from pixels to classes, those of its M1 "
            f"among them; an M2 can begin with {MOST_LAYERS} at most",
        )
    return widths(layers), as_classifier_weights(layers)
