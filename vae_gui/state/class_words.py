"""What is said of a model with classes: which class is shown, with how many labels, how wrong."""

from vae_gui.state.encoded import OpenModel
from vae_gui.style.palette import CLASS_COUNT

TITLE = "Latent plane"


def title_of(model: OpenModel | None) -> str:
    """The title of the plane, with the class that it is of."""
    if model is None or model.label is None:
        return TITLE
    return f"{TITLE} of class {model.label} of {CLASS_COUNT}"


def statement_of_classes(model: OpenModel) -> str:
    """What the plane of a class shows, and the labels and the test error; empty without classes."""
    if model.label is None:
        return ""
    label = model.label
    shown = f"In colour: the digits that q(y|x) takes for {label}, at q(z|x, y = {label})"
    trained = trained_with(model)
    return f"{shown}. {trained}" if trained else f"{shown}."


def q_of_z(label: int | None) -> str:
    """The encoder's answer, as it is written: of a model with classes, given one of them."""
    return "q(z|x)" if label is None else f"q(z|x, y = {label})"


def q_of_all(label: int | None) -> str:
    """The density of the codes, as it is written; given a class, of those of its images."""
    return "q(z)" if label is None else f"q(z|y = {label})"


def p_of_x(label: int | None) -> str:
    """The decoder's answer, as it is written: of a model with classes, given one of them."""
    return "p(x|z)" if label is None else f"p(x|z, y = {label})"


def trained_with(model: OpenModel) -> str:
    """The labels that it was trained with, and its test error where that was measured.

    Empty while the checkpoint is still to be read.
    """
    if not model.is_read:
        return ""
    error = model.checkpoint.metrics.get("test", {}).get("error")
    words = labels_of(model)
    return words if error is None else f"{words[:-1]}, test error {error:.1f} %."


def labels_of(model: OpenModel) -> str:
    """How many labels it was trained with; empty while the checkpoint is still to be read."""
    return f"{model.checkpoint.training.labels:,} labels." if model.is_read else ""
