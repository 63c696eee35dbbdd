"""Fill in missing pixels of test images, and measure how well a checkpoint knows them.

    python -m model.inpaint CHECKPOINT --mask quadrants-1
    python -m model.inpaint CHECKPOINT --mask random-0.8 --n 1000 --json --png filled.png
    python -m model.inpaint --help                  every flag, and what each mask shows

At two latent dimensions log p(missing | observed) is an integral; elsewhere it is an estimate by
importance sampling, and the method says so.

Exit codes: 0 done; 1 the data cannot be had, or the picture cannot be written; 2 a flag or the
checkpoint is wrong; 130 stopped by Ctrl-C.
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
from model.latent.threads import let_waiting_threads_sleep

if TYPE_CHECKING:
    from model.data.binarise import Protocol
    from model.data.datasets import Images
    from model.latent.aggregate_posterior import AggregatePosterior
    from model.likelihood.inpainting import Inpainting
    from model.network.vae import VAE

_LARGEST_SEED = 2**32 - 1  # NumPy's legacy generator takes no larger one
_TEST_IMAGES = 10_000
_REGIONS_OF = 10_000  # training images


def main(argv: list[str] | None = None) -> int:
    """Inpaint as the flags say, print the result, and return the exit code."""
    return exit_code(_run, argv)


def _run(argv: list[str]) -> int:
    start = time.perf_counter()
    let_waiting_threads_sleep()  # before torch is imported
    from model.data.binarise import PROTOCOLS
    from model.data.cache import DataError
    from model.data.datasets import load_splits
    from model.data.masks import MaskError, mask_named
    from model.files.checkpoint import read_checkpoint
    from model.files.checkpoint_format import CheckpointError
    from model.files.run_look import checkpoint_named_by
    from model.likelihood.inpainting import inpaint

    flags = _parser(list(PROTOCOLS)).parse_args(argv)
    try:
        mask = mask_named(flags.mask)
        checkpoint = read_checkpoint(checkpoint_named_by(flags.checkpoint))
        if checkpoint.labelled is not None:
            raise UsageError(
                f"{flags.checkpoint} is a model with classes ({checkpoint.config.family}), which "
                "cannot fill in pixels yet; name the checkpoint of a plain VAE."
            )
        data = load_splits(checkpoint.training.dataset, flags.data_dir)
    except MaskError as error:
        raise UsageError(f"--mask: {error}.") from error
    except CheckpointError as error:
        raise UsageError(str(error)) from error
    except DataError as error:
        print(error, file=sys.stderr)
        return 1
    test, protocol = data.test[: flags.n], PROTOCOLS[flags.protocol]
    # All images are drawn before some are taken, as model.evaluate draws them.
    x = protocol.pixels(data.test.images, flags.seed)[: flags.n]
    seen = mask.seen(len(x), flags.seed)
    regions = _regions(checkpoint.vae, data.train[:_REGIONS_OF], protocol, flags.seed)
    with bar("inpainting") as progress:
        found = inpaint(
            checkpoint.vae, x, test.labels, seen, regions, seed=flags.seed, on_progress=progress
        )
    if flags.png is not None and not _written(flags.png, found):
        return 1
    result = _as_dict(flags, found) | {"seconds": round(time.perf_counter() - start, 2)}
    print(json.dumps(result) if flags.json else "\n".join(_text(flags, protocol, found)))
    return 0


def _regions(vae: "VAE", images: "Images", protocol: "Protocol", seed: int) -> "AggregatePosterior":
    """The label regions of the first training images, made into pixels as the test images are."""
    from model.latent.aggregate_posterior import AggregatePosterior
    from model.latent.decoding import posteriors

    q = posteriors(vae, protocol.pixels(images.images, seed))
    return AggregatePosterior(q, images.labels, int(images.labels.max()) + 1)


def _written(path: Path, found: "Inpainting") -> bool:
    """Write the picture; if that fails, say so in a sentence."""
    from model.atomic import write_through_file
    from model.files.pictures import write_inpainting

    pictures = found.pictures
    try:
        write_through_file(path, lambda file: write_inpainting(*pictures, file))
    except OSError as error:
        print(f"{path} cannot be written: {error.strerror or error}.", file=sys.stderr)
        return False
    return True


def _parser(protocols: list[str]) -> argparse.ArgumentParser:
    from model.data.catalogue import BINARISATION_SEED
    from model.data.masks import FIXED

    parser = Parser(
        prog="python -m model.inpaint",
        description="Show a checkpoint a part of each test image, and measure in nats how well it "
        "knows the rest.",
    )
    parser.add_argument(
        "checkpoint",
        type=Path,
        metavar="CHECKPOINT",
        help="a .safetensors file, or a run directory, whose best checkpoint is taken",
    )
    shown = "; ".join(f"{name}: {words}" for name, (words, _) in FIXED.items())
    parser.add_argument(
        "--mask",
        required=True,
        help=f"what is seen of an image. {shown}; random-F: each pixel is missing with probability "
        "F, such as random-0.8, in each image others. The quadrants are those of Sohn et al. 2015",
    )
    parser.add_argument(
        "--n",
        type=whole_number(1, _TEST_IMAGES),
        default=100,
        help="how many of the test images, the first ones (default: 100)",
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
        help=f"of binarisation, random masks and all draws (default: {BINARISATION_SEED})",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument(
        "--png",
        type=Path,
        metavar="OUT",
        help="write a picture: ten rows of an image, what is seen of it, the mean, and three draws",
    )
    parser.add_argument(
        "--data-dir",
        type=Path,
        help="the folder for unpacked data (default: in the user's cache)",
    )
    return parser


def _as_dict(flags: argparse.Namespace, found: "Inpainting") -> dict[str, Any]:
    return {
        "checkpoint": str(flags.checkpoint),
        "mask": flags.mask,
        "protocol": flags.protocol,
        "n": found.n,
        "seed": flags.seed,
        "nats_missing": found.nats_missing,
        "nats_per_missing_pixel": found.nats_per_missing_pixel,
        "log_p_observed": found.log_p_observed,
        "f1": found.f1,
        "label_accuracy": found.label_accuracy,
        "method": _method(found),
    }


def _method(found: "Inpainting") -> str:
    """How the numbers were made, and for how many images they may be wrong."""
    if not found.unresolved:
        return found.method
    return f"{found.method}; not resolved for {found.unresolved} of {found.n} images"


def _text(flags: argparse.Namespace, protocol: "Protocol", found: "Inpainting") -> Iterator[str]:
    yield f"{flags.checkpoint}: {flags.mask}, the first {found.n:,} test images"
    yield f"{protocol.title}; seed {flags.seed}; nats per image; {_method(found)}"
    name = "-log p(missing | observed)" if protocol.likelihood else "missing, by the grey formula"
    yield f"{name:<28}{found.nats_missing:8.2f}"
    yield f"{'  for each missing pixel':<28}{found.nats_per_missing_pixel:8.4f}"
    name = "log p(observed)" if protocol.likelihood else "observed, by the grey formula"
    yield f"{name:<28}{found.log_p_observed:8.2f}"
    yield f"{'F1 of missing ink':<28}{found.f1:8.3f}  imputed where the mean is over 1/2"
    accuracy = f"{100.0 * found.label_accuracy:8.1f} %"
    yield f"{'label':<28}{accuracy}  by the regions of {_REGIONS_OF:,} training images"


if __name__ == "__main__":
    sys.exit(main())
