"""Bundle what comes with the program: models, and a training to watch.

    python -m benchmarks.bundle runs/modern-2d

writes the weights of a run's best epoch in float16 to assets/pretrained/mnist-2d.safetensors, and
beside them its metrics.jsonl, the numbers of each test image, and README.md with the command that
trained it and the measurements of the rounded weights, which are those that users have.

    python -m benchmarks.bundle --paper runs/paper

does so for the network of the paper, which is there to be compared with: mnist-2d-paper.*, .md.

    python -m benchmarks.bundle --m2 runs/m2-plane

does so for an M2 of two latent dimensions, trained with a few labels: mnist-m2.*, .md.

    python -m benchmarks.bundle --training runs/unfolding

copies a finished run, without what only its continuation needs, to assets/training.

    python -m benchmarks.bundle --numbers

measures the test images again with the bundled model, and writes their numbers alone;

    python -m benchmarks.bundle --preview

does so with what the window shows before torch is imported.
"""

import argparse
import json
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from benchmarks.bundle_m2 import bundle_m2
from benchmarks.results import (
    command_of,
    commands_before,
    measure_model,
    minutes_of,
    read_epochs,
)
from model.assets import NUMBERS, PAPER, PAPER_NUMBERS, PRETRAINED, PREVIEW, TRAINING
from model.atomic import write_atomically
from model.data.binarise import binarise_once
from model.data.datasets import load_test
from model.files.checkpoint import read_checkpoint, write_checkpoint
from model.files.number_cache import KeptNumbers, owner_of, write_numbers
from model.files.preview import write_preview
from model.files.run import RunPaths
from model.likelihood.exact import integrate


@dataclass(frozen=True)
class Bundled:
    """A model of the bundle.

    Attributes:
        checkpoint: its file.
        numbers: the file with the numbers of the test images.
        page: the file that describes it.
        text: the sentences of that page, with places for what is measured.
    """

    checkpoint: Path
    numbers: Path
    page: Path
    text: str


MEASURED = """
Of the file itself, in nats per image, on the 10,000 test images:

| exact log p(x) | ELBO | reconstruction | KL | gap |
|---|---|---|---|---|
| {exact:.2f} | {elbo:.2f} | {reconstruction:.2f} | {kl:.2f} | {gap:.2f} |

The ELBO of the 10,000 validation images, by which the epoch was chosen, was {validation:.2f}. The
label that most of the ten nearest training digits have is that of the test digit in
{neighbours:.1f} % of cases. Exact log p(x) and gap are averages over the images whose integral
the grid resolves: {resolved:,} of 10,000.

Protocol: dynamic binarisation. Training pixels are drawn afresh at each visit; validation and test
images are binarised once, with seed 0 (`model.data.binarise`). log p(x) and the
reconstruction term are integrated over the plane: `python -m model.evaluate
assets/pretrained/{name}` prints them. For comparison, the best published ELBO of a 2-D
Gaussian latent under this protocol is -137.08 (Davidson et al. 2018, N-VAE, table 1).
"""

BEST = Bundled(
    PRETRAINED,
    NUMBERS,
    PRETRAINED.parent / "README.md",
    """\
# The bundled model

`{name}`: {summary}; {weights:.1f} million weights and an
atlas of {places:,} pictures, in float16. Trained on the 50,000 training images of MNIST, seed
{seed}, by

    {command}

in {minutes:.0f} minutes of training steps on two cores (torch {torch}, Python {python}). It is that
run's best epoch by validation, {epoch} of {epochs}; `{metrics}` is its
`metrics.jsonl`, and `python -m benchmarks.bundle` made the files of this folder.
`{numbers}` holds log p(x) and the reconstruction term of each test digit, so
that the window need not integrate for a minute to show them, and `{preview}` where
each of them was encoded, so that they are on the screen before torch is imported.

The network of the paper, to be compared with, has [a page of its own](mnist-2d-paper.md).
"""
    + MEASURED,
)

OF_THE_PAPER = Bundled(
    PAPER,
    PAPER_NUMBERS,
    PAPER.with_suffix(".md"),
    """\
# The network of the paper

`{name}`: one layer of 500 tanh units on either side of the plane, as in Kingma
and Welling 2014; {weights:.1f} million weights in float16. Trained on the 50,000 training images of
MNIST, seed {seed}, by

    {command}

in {minutes:.0f} minutes of training steps on one core (torch {torch}, Python {python}). It is that
run's best epoch by validation, {epoch} of {epochs}; `{metrics}` is its
`metrics.jsonl`. `{numbers}` holds the reconstruction term of each test
digit. It is here to be compared with the bundled model: File > Compare with.
"""
    + MEASURED,
)

TRAINING_README = """\
# A training to watch

A finished run of a small network ({summary};
{thousand:.0f} thousand weights, {latent_dim}-D), with the weights after {count}
of its steps in float16: Help > Watch a training. Made by

    {command}

in {minutes:.0f} minutes of training steps on one core. Its best epoch by validation is {epoch} of
{epochs}; the ELBO of the 10,000 validation images was {validation:.2f} there. Left out are
`resume.safetensors` and `last.safetensors`, without which a run cannot be continued, and its
pictures.
"""


def bundle(which: Bundled, folder: Path) -> None:
    """Write a model of the bundle, and what belongs to it, from a run directory."""
    paths = RunPaths(folder)
    write_checkpoint(which.checkpoint, read_checkpoint(paths.best), torch.float16)
    rounded = read_checkpoint(which.checkpoint)
    found = measure_model(rounded)
    test = {name: found["test"][name] for name in ("elbo", "reconstruction", "kl")}
    rounded = replace(rounded, metrics={**rounded.metrics, "test": test})
    write_checkpoint(which.checkpoint, rounded, torch.float16)
    metrics = which.checkpoint.with_suffix(".metrics.jsonl")
    write_atomically(metrics, paths.metrics.read_bytes())
    settings = json.loads(paths.config.read_text(encoding="utf-8"))
    epochs = read_epochs(folder)
    text = which.text.format(
        name=which.checkpoint.name,
        metrics=metrics.name,
        numbers=which.numbers.name,
        preview=PREVIEW.name,
        summary=rounded.config.summary,
        weights=sum(weight.numel() for weight in rounded.vae.parameters()) / 1e6,
        places=rounded.config.atlas**2,
        seed=rounded.training.seed,
        command=command_of(folder),
        minutes=minutes_of(epochs),
        torch=settings["versions"]["torch"],
        python=settings["versions"]["python"],
        epoch=rounded.epoch,
        epochs=len(epochs),
        exact=found["test"]["exact"],
        gap=found["test"]["gap"],
        resolved=10_000 - found["test"]["unresolved"],
        validation=rounded.metrics["validation"]["elbo"],
        neighbours=100.0 * found["neighbours"],
        **test,
    )
    write_atomically(which.page, text.encode())
    bundle_numbers(which)


def bundle_training(folder: Path) -> None:
    """Copy a finished run to where the program looks for a training to watch."""
    shutil.rmtree(TRAINING, ignore_errors=True)
    kept, paths = RunPaths(TRAINING), RunPaths(folder)
    snapshots = paths.snapshot(0).parent
    shutil.copytree(snapshots, kept.snapshot(0).parent)
    for path in (paths.config, paths.metrics, paths.best):
        shutil.copy(path, TRAINING)
    best, epochs = read_checkpoint(kept.best), read_epochs(TRAINING)
    text = TRAINING_README.format(
        summary=best.config.summary,
        latent_dim=best.config.latent_dim,
        thousand=sum(weight.numel() for weight in best.vae.parameters()) / 1e3,
        count=len(list(snapshots.iterdir())),
        command=command_of(folder),
        minutes=minutes_of(epochs),
        epoch=best.epoch,
        epochs=len(epochs),
        validation=best.metrics["validation"]["elbo"],
    )
    write_atomically(TRAINING / "README.md", text.encode())


def bundle_numbers(which: Bundled) -> None:
    """Write the numbers of the test images under a model of the bundle."""
    checkpoint = read_checkpoint(which.checkpoint)
    images = load_test(checkpoint.training.dataset).images
    found = integrate(checkpoint.vae, binarise_once(images).flatten(1))
    owner = owner_of(checkpoint, images)
    assert owner is not None
    exact = found.log_likelihood if found.resolved.all() else None  # numbers with gaps are not kept
    write_numbers(which.numbers, owner, KeptNumbers(found.reconstruction, exact))


def bundle_preview() -> None:
    """Write what can be shown of the bundled model before torch is imported."""
    checkpoint = read_checkpoint(PRETRAINED)
    images = load_test(checkpoint.training.dataset).images
    write_preview(PREVIEW, checkpoint, binarise_once(images).flatten(1))


def main() -> None:
    """Take the run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("run", type=Path, nargs="?", help="of the bundled model")
    what.add_argument("--paper", type=Path, metavar="RUN", help="of the paper's network")
    what.add_argument("--m2", type=Path, metavar="RUN", help="of the model with classes")
    what.add_argument("--training", type=Path, metavar="RUN", help="to be watched")
    what.add_argument("--numbers", action="store_true", help="of the model that is bundled")
    what.add_argument("--preview", action="store_true", help="of the model that is bundled")
    a = parser.parse_args()
    if a.numbers:
        bundle_numbers(BEST)
    elif a.preview:
        bundle_preview()
    elif a.training:
        bundle_training(a.training)
    elif a.m2:
        commands = [*commands_before(a.m2), command_of(a.m2)]
        bundle_m2(a.m2, commands, read_epochs(a.m2))
    elif a.paper:
        bundle(OF_THE_PAPER, a.paper)
    else:
        bundle(BEST, a.run)
        bundle_preview()


if __name__ == "__main__":
    main()
