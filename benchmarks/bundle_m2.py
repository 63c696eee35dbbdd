"""The bundled model with classes: an M2 of two latent dimensions, trained with a few labels."""

import json
import statistics
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from model import assets
from model.atomic import write_atomically
from model.data.binarise import binarise_once
from model.data.datasets import load_test
from model.files.checkpoint import Checkpoint, read_checkpoint, write_checkpoint
from model.files.number_cache import KeptNumbers, owner_of, write_numbers
from model.files.run import RunPaths
from model.likelihood.class_evaluation import evaluate_in_the_plane
from model.likelihood.class_likelihood import ClassLikelihood
from model.likelihood.evaluation import Evaluation
from model.likelihood.image_terms import image_terms
from model.network.class_conditional import CLASSES
from model.network.m2 import M2

MAX_BYTES = 6_000_000

PAGE = """\
# The bundled model with classes

`{name}`: {summary}, with two latent dimensions
(Kingma, Rezende, Mohamed and Welling 2014); {weights:.1f} million weights in float16. Trained on
the pixels of the 50,000 training images of MNIST and
the classes of {labels} of them (`--label-seed {label_seed}`), seed {seed}, by

{commands}

the last in {minutes:.0f} minutes of training steps (torch {torch}, Python {python}). The model is
epoch {epoch} of {epochs} of that last run, the best by the unlabelled bound of the validation
images, {validation:.2f}; `{metrics}` is its `metrics.jsonl`, and
`{numbers}` holds, for each test digit, {kept}
and the reconstruction term given each class, so that the window need not compute them again.

Of the file itself, on the 10,000 test images:

| error of q(y given x) | of exact p(y given x) | they disagree | mean H(q) | log p(x) | bound |
|---|---|---|---|---|---|
| {error:.2f} % | {exact_error} % | {disagree} | {entropy:.3f} | {exact} | {elbo:.2f} |

Nats per image. p(y|x) and log p(x) are exact: p(x|y) is integrated over the plane of each class
y{resolved}. Protocol: dynamic binarisation; the
test images are binarised once, with seed 0.
`python -m model.evaluate assets/pretrained/{name}` prints these numbers.
"""


def bundle_m2(folder: Path, commands: list[str], epochs: list[dict[str, Any]]) -> None:
    """Write the model of a run, its metrics, the numbers of the test images, and the page.

    Args:
        folder: a finished run.
        commands: that trained it, and before it the runs that it began from.
        epochs: the lines of its epochs.
    """
    paths, target = RunPaths(folder), assets.M2
    best = read_checkpoint(paths.best)
    if not isinstance(best.network, M2) or best.config.latent_dim != 2:
        raise SystemExit(f"{folder} is not the run of an M2 of two latent dimensions.")
    write_checkpoint(target, best, torch.float16)
    if (size := target.stat().st_size) > MAX_BYTES:
        target.unlink()
        raise SystemExit(f"{folder} makes a file of {size:,} bytes: more than {MAX_BYTES:,}.")
    rounded = read_checkpoint(target)
    assert isinstance(rounded.network, M2)
    test = load_test(rounded.training.dataset)
    x = binarise_once(test.images).flatten(1)
    exact, found = evaluate_in_the_plane(rounded.network, x, test.labels)
    rounded = replace(rounded, metrics={**rounded.metrics, "test": _metrics(found)})
    write_checkpoint(target, rounded, torch.float16)
    write_atomically(target.with_suffix(".metrics.jsonl"), paths.metrics.read_bytes())
    _write_numbers(read_checkpoint(target), test.images, exact)
    versions = json.loads(paths.config.read_text(encoding="utf-8"))["versions"]
    text = _page(rounded, found, commands, epochs, versions)
    write_atomically(target.with_suffix(".md"), text.encode())


def _metrics(found: Evaluation) -> dict[str, float]:
    """What the checkpoint itself says of the test images: nats, and errors in %."""
    assert found.classes is not None
    metrics = found.elbo.as_dict() | {"error": found.classes.test_error}
    if found.classes.test_error_exact is not None:
        metrics["error_exact"] = found.classes.test_error_exact
    if found.log_likelihood is not None:
        metrics["log_likelihood"] = found.log_likelihood
    return metrics


def _write_numbers(checkpoint: Checkpoint, images: torch.Tensor, exact: ClassLikelihood) -> None:
    owner = owner_of(checkpoint, images)
    assert owner is not None
    # Numbers with gaps are not kept; probabilities of classes may have some.
    log_p = exact.log_likelihood if exact.resolved.all() else None
    numbers = KeptNumbers(
        log_likelihood=log_p,
        label_posterior=exact.label_posterior,
        reconstruction_given=_reconstruction_given(checkpoint, images),
    )
    write_numbers(assets.M2_NUMBERS, owner, numbers)


def _reconstruction_given(checkpoint: Checkpoint, images: torch.Tensor) -> torch.Tensor:
    """E_q[log p(x|y,z)] of images (N, 28, 28) given each class, (N, 10): as the window has it."""
    network = checkpoint.labelled
    assert network is not None
    x = binarise_once(images).flatten(1)
    found = []
    for label in range(CLASSES):
        vae = network.given(label)
        found.append(torch.cat([image_terms(vae, some).reconstruction for some in x.split(250)]))
    return torch.stack(found, dim=1)


def _page(
    checkpoint: Checkpoint,
    found: Evaluation,
    commands: list[str],
    epochs: list[dict[str, Any]],
    versions: dict[str, str],
) -> str:
    classes, training, unresolved = found.classes, checkpoint.training, found.unresolved
    assert classes is not None
    assert unresolved is not None
    seconds = statistics.median(epoch["seconds"] for epoch in epochs)
    return PAGE.format(
        name=assets.M2.name,
        metrics=assets.M2.with_suffix(".metrics.jsonl").name,
        numbers=assets.M2_NUMBERS.name,
        kept="p(y|x)" if unresolved else "log p(x), p(y|x)",
        summary=checkpoint.config.summary,
        weights=sum(weight.numel() for weight in checkpoint.network.parameters()) / 1e6,
        labels=f"{training.labels:,}",
        label_seed=training.label_seed,
        seed=training.seed,
        commands="\n".join(f"    {command}" for command in commands),
        minutes=len(epochs) * seconds / 60.0,
        torch=versions["torch"],
        python=versions["python"],
        epoch=checkpoint.epoch,
        epochs=len(epochs),
        validation=checkpoint.metrics["validation"]["elbo"],
        error=classes.test_error,
        exact_error=_number(classes.test_error_exact),
        disagree=f"{classes.disagreements:,}" if classes.disagreements is not None else "--",
        entropy=classes.label_entropy,
        exact=_number(found.log_likelihood),
        elbo=found.elbo.elbo,
        resolved=f"; {unresolved:,} images that are not resolved are left out"
        if unresolved
        else "",
    )


def _number(value: float | None) -> str:
    return "--" if value is None else f"{value:.2f}"
