"""Evaluate a checkpoint on the test set of its data.

    python -m model.evaluate CHECKPOINT             a .safetensors file, or a run directory
    python -m model.evaluate --help                 every flag

Exit codes: 0 done; 1 the data cannot be had; 2 a flag or the checkpoint is wrong; 130 stopped by
Ctrl-C.
"""

import argparse
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from model.bar import bar
from model.flags import Parser, UsageError, exit_code, whole_number
from model.freed_memory import keep_freed_memory
from model.latent.threads import let_waiting_threads_sleep

if TYPE_CHECKING:
    from model.data.binarise import Protocol
    from model.files.checkpoint import Checkpoint
    from model.likelihood.estimators import Estimators
    from model.likelihood.evaluation import ClassNumbers, Evaluation

_LARGEST_SEED = 2**32 - 1  # NumPy's legacy generator takes no larger one
_LARGEST_K = 1_000_000


def main(argv: list[str] | None = None) -> int:
    """Evaluate as the flags say, print the result, and return the exit code."""
    return exit_code(_run, argv)


def _run(argv: list[str]) -> int:
    start = time.perf_counter()
    let_waiting_threads_sleep()  # before torch is imported
    keep_freed_memory()
    from model.data.binarise import PROTOCOLS
    from model.data.cache import DataError
    from model.data.datasets import load_test
    from model.files.checkpoint import read_checkpoint
    from model.files.checkpoint_format import CheckpointError
    from model.files.run_look import checkpoint_named_by
    from model.likelihood.class_evaluation import evaluate_classes
    from model.likelihood.estimators import compare
    from model.likelihood.evaluation import evaluate

    flags = _parser(list(PROTOCOLS)).parse_args(argv)
    try:
        checkpoint = read_checkpoint(checkpoint_named_by(flags.checkpoint))
        if flags.estimators and checkpoint.labelled is not None:
            raise UsageError(
                "--estimators compares estimators of a plain VAE, and this is a model with classes "
                f"({checkpoint.config.family}); leave the flag out."
            )
        test = load_test(checkpoint.training.dataset, flags.data_dir)
    except CheckpointError as error:
        raise UsageError(str(error)) from error
    except DataError as error:
        print(error, file=sys.stderr)
        return 1
    protocol = PROTOCOLS[flags.protocol]
    x = protocol.pixels(test.images, flags.seed)
    how: dict[str, Any] = {"k": flags.k, "seed": flags.seed}
    with bar("evaluating") as progress:
        if checkpoint.labelled is None:
            found = evaluate(checkpoint.vae, x, **how, on_progress=progress)
        else:
            found = evaluate_classes(
                checkpoint.labelled, x, test.labels, **how, on_progress=progress
            )
    compared = None
    if flags.estimators:
        with bar("comparing estimators") as progress:
            compared = compare(checkpoint.vae, x, seed=flags.seed, on_progress=progress)
    if flags.json:
        result = _as_dict(flags, checkpoint, found, compared)
        print(json.dumps(result | {"seconds": round(time.perf_counter() - start, 2)}))
    else:
        print("\n".join(_text(flags, protocol, checkpoint, found, compared)))
    return 0


def _parser(protocols: list[str]) -> argparse.ArgumentParser:
    from model.data.catalogue import BINARISATION_SEED
    from model.likelihood.class_evaluation import CLASS_K
    from model.likelihood.evaluation import PLANE_K, K

    parser = Parser(
        prog="python -m model.evaluate",
        description="Evaluate a checkpoint on the test set of its data, in nats per image. Of a "
        "model with classes it is also said how often it is wrong about them.",
    )
    parser.add_argument(
        "checkpoint",
        type=Path,
        metavar="CHECKPOINT",
        help="a .safetensors file, or a run directory, whose best checkpoint is taken",
    )
    parser.add_argument(
        "--json",
        action="store_true",
        help="print one JSON object; null: not of this family, or "
        "not at this latent dimension. test_error_exact and disagreements are of the images that "
        "are resolved",
    )
    parser.add_argument(
        "--protocol",
        choices=protocols,
        default=protocols[0],
        help="dynamic (default): pixels drawn once from the grey values; static-threshold: grey "
        "values above 0.5; grey: the values themselves, which is not a likelihood",
    )
    parser.add_argument(
        "--seed",
        type=whole_number(0, _LARGEST_SEED),
        default=BINARISATION_SEED,
        help=f"of the binarisation and all draws (default: {BINARISATION_SEED}, as published)",
    )
    parser.add_argument(
        "--k",
        type=whole_number(1, _LARGEST_K),
        help="draws for each image in the importance-weighted bound; of a model with classes, for "
        f"each class (default: {PLANE_K} at two latent dimensions, else {K}, or {CLASS_K} with "
        "classes)",
    )
    parser.add_argument(
        "--estimators",
        action="store_true",
        help="compare all estimators of the log-likelihood on some of the images, in minutes",
    )
    parser.add_argument(
        "--data-dir",
        type=Path,
        help="the folder for unpacked data (default: in the user's cache)",
    )
    return parser


def _as_dict(
    flags: argparse.Namespace,
    checkpoint: "Checkpoint",
    found: "Evaluation",
    compared: "Estimators | None",
) -> dict[str, Any]:
    grid = found.grid
    result = {
        "checkpoint": str(flags.checkpoint),
        "family": checkpoint.config.family,
        "latent_dim": checkpoint.config.latent_dim,
        "protocol": flags.protocol,
        "seed": flags.seed,
        "n": found.n,
        **found.elbo.as_dict(),
        "iw_bound": {"k": found.k, "value": found.iw_bound},
        "exact_log_likelihood": None if found.unresolved else found.log_likelihood,
        "posterior_gap": None if found.unresolved else found.posterior_gap,
        "unresolved": found.unresolved,
        "grid": grid and {"limit": grid.limit, "step": grid.step, "points": grid.points},
        **_labels_as_dict(checkpoint, found),
    }
    return result if compared is None else result | {"estimators": compared.as_dict()}


def _labels_as_dict(checkpoint: "Checkpoint", found: "Evaluation") -> dict[str, Any]:
    """What belongs to a model with classes; null for a VAE."""
    training, classes = checkpoint.training, found.classes
    if classes is None:
        names = ("labels", "label_seed", "test_error", "test_error_exact")
        return dict.fromkeys((*names, "label_entropy", "disagreements"))
    return {
        "labels": training.labels,
        "label_seed": training.label_seed,
        "test_error": classes.test_error,
        "test_error_exact": classes.test_error_exact,
        "label_entropy": classes.label_entropy,
        "disagreements": classes.disagreements,
    }


def _text(
    flags: argparse.Namespace,
    protocol: "Protocol",
    checkpoint: "Checkpoint",
    found: "Evaluation",
    compared: "Estimators | None",
) -> Iterator[str]:
    yield f"{flags.checkpoint}: {_named(checkpoint)}"
    yield (
        f"{found.n:,} test images of {checkpoint.training.dataset}; {protocol.title}; "
        f"seed {flags.seed}; nats per image"
    )
    elbo, classes = found.elbo, found.classes
    terms = f"reconstruction {elbo.reconstruction:.2f}, KL {elbo.kl:.2f}"
    if classes is None:
        yield _row("ELBO", elbo.elbo, terms)
        yield _row("importance-weighted bound", found.iw_bound, f"k = {found.k}")
    else:
        how = "drawn" if found.grid is None else "integrated; drawn for classes that cannot count"
        yield _row("ELBO, summed over classes", elbo.elbo, f"{terms}; {how}")
        of = "of z1" if checkpoint.config.family == "m1+m2" else "for each class"
        yield _row("importance-weighted bound", found.iw_bound, f"k = {found.k} {of}")
    yield from _exact(
        found, "exact log-likelihood" if protocol.likelihood else "exact integral (grey)"
    )
    if classes is not None:
        yield from _of_classes(found, classes)
    if compared is not None:
        yield from _comparison(compared)


def _named(checkpoint: "Checkpoint") -> str:
    config, training = checkpoint.config, checkpoint.training
    dimensions = f"{config.latent_dim} latent dimensions"
    if config.family == "vae":
        return dimensions
    drawn = f"{training.labels:,} labels drawn with seed {training.label_seed}"
    return f"{config.family.upper()}, {dimensions}, {drawn}"


def _of_classes(found: "Evaluation", classes: "ClassNumbers") -> Iterator[str]:
    yield _row("test error", classes.test_error, "%, by q(y|x)")
    if found.grid is not None:
        counted = found.n - (found.unresolved or 0)
        of = f", of {counted:,} images" if found.unresolved else ""
        yield _row("test error", classes.test_error_exact, f"%, by the integrated p(y|x){of}")
        other = "--" if classes.disagreements is None else f"{classes.disagreements:,}"
        yield f"{'q and p disagree':<26}{other:>8}  of {counted:,} images"
    yield _row("H(q(y|x))", classes.label_entropy, "nats, the mean")


def _exact(found: "Evaluation", name: str) -> Iterator[str]:
    grid = found.grid
    if grid is None or found.unresolved is None:
        of = "" if found.classes is None else ", of the family m2"
        yield f"{name:<34}  only at two latent dimensions{of}"
        return
    at = f"grid [-{grid.limit}, {grid.limit}]^2, step {grid.step}, {grid.points:,} points"
    if found.unresolved == 0:
        yield _row(name, found.log_likelihood, at)
        yield _row("posterior gap", found.posterior_gap, "KL(q(z|x) || p(z|x)), their difference")
        return
    images = f"of {found.n - found.unresolved:,} images"
    yield _row(name, found.log_likelihood, f"{images}; {at}")
    yield _row("posterior gap", found.posterior_gap, f"{images}; KL(q(z|x) || p(z|x))")
    yield f"{'not resolved':<34}  {found.unresolved:,} of {found.n:,} images"


def _comparison(compared: "Estimators") -> Iterator[str]:
    from model.likelihood.marginal_likelihood import SAMPLES

    yield ""
    yield f"Estimators, the first {compared.images:,} images"
    yield _row("ELBO", compared.elbo, "")
    yield _row("importance-weighted bound", compared.iw_bound, f"k = {compared.k:,}")
    by = f"Kingma and Welling, appendix D; {SAMPLES} samples"
    yield _row("posterior density", compared.posterior_density, by)
    yield _row("exact", compared.log_likelihood, "")
    yield f"Estimators, the first {compared.prior_images:,} images"
    yield _row(
        "Monte Carlo from the prior", compared.prior_monte_carlo, f"{compared.prior_draws:,} draws"
    )
    yield _row("exact", compared.log_likelihood_of_prior_images, "")


def _row(name: str, value: float | None, remark: str) -> str:
    number = "      --" if value is None else f"{value:8.2f}"
    return f"{name:<26}{number}  {remark}".rstrip()


if __name__ == "__main__":
    sys.exit(main())
