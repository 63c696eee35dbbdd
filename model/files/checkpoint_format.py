"""The format of checkpoints, for readers that do without torch."""

from model.files.sealed import Kind

CHECKPOINT = Kind(
    "a checkpoint",
    "vae-gui checkpoint 1",
    frozenset({"config", "training", "epoch", "metrics", "dataset"}),
    max_bytes=64 * 2**20,
)


class CheckpointError(Exception):
    """A checkpoint cannot be read or written; the message is one sentence for the user."""


class WeightsNotFinite(CheckpointError):  # noqa: N818 - it says what happened
    """A checkpoint was not written: a weight is no number of its type."""
