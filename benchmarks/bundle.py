"""Bundle the best model of a run with the program.

    python -m benchmarks.bundle runs/modern-2d

writes its weights in float16 to assets/pretrained/mnist-2d.safetensors, and beside them its
metrics.jsonl, the numbers of each test image, and README.md with the command that trained it and
the measurements of the rounded weights, which are those that users have.

    python -m benchmarks.bundle --numbers

measures the test images again with the bundled model, and writes their numbers alone;

    python -m benchmarks.bundle --preview

does so with what the window shows before torch is imported.
"""

import argparse
import json
from dataclasses import replace
from pathlib import Path

import torch

from benchmarks.results import command_of, measure_model, minutes_of, read_epochs
from model.assets import NUMBERS, PRETRAINED, PREVIEW
from model.atomic import write_atomically
from model.data.binarise import binarise_once
from model.data.datasets import load_test
from model.files.checkpoint import read_checkpoint, write_checkpoint
from model.files.number_cache import KeptNumbers, owner_of, write_numbers
from model.files.preview import write_preview
from model.files.run import RunPaths
from model.likelihood.exact import integrate

README = """\
# The bundled model

`{name}`: {summary}; {weights:.1f} million weights and an
atlas of {places:,} pictures, in float16. Trained on the 50,000 training images of MNIST, seed
{seed}, by

    {command}

in {minutes:.0f} minutes of training steps on two cores (torch {torch}, Python {python}). It is that
run's best epoch by validation, {epoch} of {epochs}; `{metrics}` is its
`metrics.jsonl`, and `python -m benchmarks.bundle` made the five files of this folder.
`{numbers}` holds log p(x) and the reconstruction term of each test digit, so
that the window need not integrate for a minute to show them, and `{preview}` where
each of them was encoded, so that they are on the screen before torch is imported.

Of the file itself, in nats per image, on the 10,000 test images:

| exact log p(x) | ELBO | reconstruction | KL | gap |
|---|---|---|---|---|
| {exact:.2f} | {elbo:.2f} | {reconstruction:.2f} | {kl:.2f} | {gap:.2f} |

The ELBO of the 10,000 validation images, by which the epoch was chosen, was {validation:.2f}. The
label that most of the ten nearest training digits have is that of the test digit in
{neighbours:.1f} % of cases.

Protocol: dynamic binarisation. Training pixels are drawn afresh at each visit; validation and test
images are binarised once, with seed 0 (`model.data.binarise`). log p(x) and the
reconstruction term are integrated over the plane: `python -m model.evaluate
assets/pretrained/{name}` prints them. For comparison, the best published ELBO of a 2-D
Gaussian latent under this protocol is -137.08 (Davidson et al. 2018, N-VAE, table 1).
"""


def bundle(folder: Path) -> None:
    """Write the files of assets/pretrained from a run directory."""
    paths = RunPaths(folder)
    best = read_checkpoint(paths.best)
    write_checkpoint(PRETRAINED, best, torch.float16)
    rounded = read_checkpoint(PRETRAINED)
    found = measure_model(rounded)
    test = {name: found["test"][name] for name in ("elbo", "reconstruction", "kl")}
    rounded = replace(rounded, metrics={**rounded.metrics, "test": test})
    write_checkpoint(PRETRAINED, rounded, torch.float16)
    metrics = PRETRAINED.with_suffix(".metrics.jsonl")
    write_atomically(metrics, paths.metrics.read_bytes())
    settings = json.loads(paths.config.read_text(encoding="utf-8"))
    epochs = read_epochs(folder)
    text = README.format(
        name=PRETRAINED.name,
        metrics=metrics.name,
        numbers=NUMBERS.name,
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
        validation=rounded.metrics["validation"]["elbo"],
        neighbours=100.0 * found["neighbours"],
        **test,
    )
    write_atomically(PRETRAINED.parent / "README.md", text.encode())
    bundle_numbers()
    bundle_preview()


def bundle_numbers() -> None:
    """Write the numbers of the test images under the bundled model."""
    checkpoint = read_checkpoint(PRETRAINED)
    images = load_test(checkpoint.training.dataset).images
    found = integrate(checkpoint.vae, binarise_once(images).flatten(1))
    owner = owner_of(checkpoint, images)
    assert owner is not None
    write_numbers(NUMBERS, owner, KeptNumbers(found.reconstruction, found.log_likelihood))


def bundle_preview() -> None:
    """Write what can be shown of the bundled model before torch is imported."""
    checkpoint = read_checkpoint(PRETRAINED)
    images = load_test(checkpoint.training.dataset).images
    write_preview(PREVIEW, checkpoint, binarise_once(images).flatten(1))


def main() -> None:
    """Take the run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("run", type=Path, nargs="?")
    what.add_argument("--numbers", action="store_true", help="of the model that is bundled")
    what.add_argument("--preview", action="store_true", help="of the model that is bundled")
    a = parser.parse_args()
    if a.numbers:
        bundle_numbers()
    elif a.preview:
        bundle_preview()
    else:
        bundle(a.run)


if __name__ == "__main__":
    main()
