"""The flags of the command line that say what a picture shows, and the picture they ask for."""

import argparse
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PySide6.QtCore import QSize

    from vae_gui.app.evidence_flag import GivenEvidence
    from vae_gui.app.film import Film
    from vae_gui.app.screenshot import Shot

_NAMES = (
    "size",
    "z",
    "digit",
    "plane_of",
    "layers",
    "colour_by",
    "picture",
    "scale",
    "view",
    "hide",
    "decoded_as",
    "magnify",
    "folded",
    "shares",
    "pixel_ratio",
    "link",
    "unaligned",
    "evidence",
    "path",
    "path_cost",
)
# A larger picture is taken for a typing error.
MAX_SIDE = 10_000
# Of a coordinate: the encoder of a model that spreads its images far reaches thousands.
MOST = 1e9


def add_to(parser: argparse.ArgumentParser) -> None:
    """Add the flags."""
    parser.add_argument(
        "--size", type=_size, metavar="WxH", help="of the picture (default: 1400x900)"
    )
    parser.add_argument(
        "--z", type=_point, default=[], help="where the probe is in the picture: 0.5,-1.0"
    )
    parser.add_argument(
        "--digit", type=int, metavar="N", help="which test digit is chosen in the picture"
    )
    parser.add_argument(
        "--class",
        type=int,
        dest="plane_of",
        metavar="N",
        help="of a model with classes: whose plane is in the picture, 0 to 9",
    )
    parser.add_argument(
        "--layers",
        type=_names,
        help="what is shown in the picture, if wanted with opacity and size: test,manifold:0.5:1",
    )
    parser.add_argument(
        "--colour-by", type=_measure, help="a number that colours the digits in the picture: elbo"
    )
    parser.add_argument(
        "--picture", choices=("window", "plane", "digit"), help="what is shown (default: window)"
    )
    parser.add_argument(
        "--scale", type=int, choices=(1, 2, 4), help="pixels of the picture for each of --size"
    )
    parser.add_argument(
        "--view", type=_view, default=[], help="the part of the plane: LEFT,RIGHT,LOW,HIGH"
    )
    parser.add_argument("--hide", type=_labels, default=[], help="classes that are hidden: 3,8")
    parser.add_argument(
        "--decoded-as", choices=("mean", "sample", "threshold"), help="how the digit is drawn"
    )
    parser.add_argument(
        "--folded", type=_names, help="parts of the window that are folded: layers,inspector"
    )
    parser.add_argument(
        "--shares", type=_shares, help="parts of the window of another size: inspector.width=0.3"
    )
    parser.add_argument(
        "--pixel-ratio",
        type=_number(0.5, 8.0),
        help="as on a screen with so many pixels in each of --size",
    )
    parser.add_argument(
        "--link", choices=("digit", "z"), help="what two models' probes have in common in it"
    )
    parser.add_argument(
        "--unaligned",
        action="store_const",
        const=True,
        help="leave the second model as it is, not turned onto the first",
    )
    parser.add_argument(
        "--evidence",
        type=_evidence,
        metavar="WHAT",
        help="what is on the canvas in the picture: digit:18,mask:left-half,noise:0.1; and what "
        "is held against its posterior: show:encoder, show:refined, show:chains, or map",
    )
    parser.add_argument(
        "--path",
        type=_ends,
        default=[],
        metavar="Z1,Z2,Z1,Z2",
        help="the shortest path from a place of the plane to another one",
    )
    parser.add_argument(
        "--path-cost",
        choices=("length", "digits"),
        help="what that is short in (default: Fisher length)",
    )
    parser.add_argument(
        "--magnify",
        type=float,
        choices=(0.8, 1.0, 1.25, 1.5, 2.0, 2.5, 3.0),
        help="the size of text, points and marks in the plane, as a multiple of the usual one",
    )


def add_film_to(parser: argparse.ArgumentParser) -> None:
    """Add the flags of a film, which takes those of a picture too."""
    parser.add_argument(
        "--film", type=Path, metavar="OUT.gif", help="record the training of a run and exit"
    )
    parser.add_argument(
        "--seconds",
        type=_number(1.0, 120.0),
        help="how long the film takes (default: 8)",
        metavar="S",
    )


def film_of(arguments: argparse.Namespace, run: Path) -> "Film":
    """The film that the arguments ask for, of a run."""
    from PySide6.QtCore import QMargins

    from vae_gui.app.film import FOLDED, SECONDS, SIDE, TITLE_HEIGHT, Film
    from vae_gui.app.picture import Subject

    size = arguments.size or _size(f"{SIDE}x{SIDE + TITLE_HEIGHT}")
    shot = replace(
        shot_of(arguments, run),
        out=arguments.film,
        size=size.shrunkBy(QMargins(0, TITLE_HEIGHT, 0, 0)),
        subject=Subject.PLANE,
        folded=FOLDED,
    )
    return Film(shot, arguments.seconds or SECONDS)


def given(arguments: argparse.Namespace) -> list[str]:
    """The names of the flags that were given."""
    return [name for name in _NAMES if getattr(arguments, name) not in (None, [])]


def shot_of(arguments: argparse.Namespace, checkpoint: Path) -> "Shot":
    """The picture that the arguments ask for, of a checkpoint."""
    from vae_gui.app.picture import Subject
    from vae_gui.app.screenshot import Shot
    from vae_gui.jobs.plane_survey import Cost
    from vae_gui.state.comparison import Link, Pairing

    size = arguments.size or _size("1400x900")
    return Shot(
        arguments.screenshot,
        size,
        checkpoint,
        arguments.z,
        arguments.digit,
        arguments.layers,
        arguments.colour_by,
        Subject(arguments.picture or "window"),
        arguments.scale or 1,
        arguments.view,
        arguments.hide,
        arguments.decoded_as or "mean",
        arguments.magnify or 1.0,
        arguments.folded,
        arguments.shares or {},
        arguments.pixel_ratio or 1.0,
        arguments.compare,
        Pairing(Link(arguments.link or "digit"), not arguments.unaligned),
        arguments.evidence,
        arguments.path,
        Cost(arguments.path_cost or "length"),
        arguments.plane_of,
    )


def with_signs(argv: list[str]) -> list[str]:
    """Write `--z -0.5,1` as `--z=-0.5,1`: argparse would take the number for a flag."""
    for flag in ("--z", "--view", "--path"):
        if flag in argv[:-1]:
            place = argv.index(flag)
            argv = [*argv[:place], f"{flag}={argv[place + 1]}", *argv[place + 2 :]]
    return argv


def _size(text: str) -> "QSize":
    from PySide6.QtCore import QSize

    try:
        width, height = (int(part) for part in text.split("x"))
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be like 1400x900, not {text!r}") from None
    if not (200 <= width <= MAX_SIDE and 200 <= height <= MAX_SIDE):
        raise argparse.ArgumentTypeError(f"each side must be from 200 to {MAX_SIDE}, not {text!r}")
    return QSize(width, height)


def _point(text: str) -> list[float]:
    try:
        values = [float(part) for part in text.split(",")]
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be like 0.5,-1.0, not {text!r}") from None
    if not all(abs(value) <= MOST for value in values):
        raise argparse.ArgumentTypeError(f"numbers must lie within ±{MOST:g}, not {text!r}")
    return values


def _view(text: str) -> list[float]:
    values = _point(text)
    if len(values) != 4 or values[0] >= values[1] or values[2] >= values[3]:
        raise argparse.ArgumentTypeError(f"must be like -3,3,-3,3, not {text!r}")
    return values


def _ends(text: str) -> list[float]:
    values = _point(text)
    if len(values) != 4:
        raise argparse.ArgumentTypeError(f"must be like 1.5,-1,-1.4,1.6, not {text!r}")
    return values


def _labels(text: str) -> list[int]:
    try:
        return [int(part) for part in text.split(",")]
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be labels like 3,8, not {text!r}") from None


def _number(low: float, high: float) -> Callable[[str], float]:
    """What reads a number between two others."""

    def read(text: str) -> float:
        try:
            number = float(text)
        except ValueError:
            number = math.nan
        if not low <= number <= high:
            raise argparse.ArgumentTypeError(f"must be from {low:g} to {high:g}, not {text!r}")
        return number

    return read


def _names(text: str) -> list[str]:
    return text.split(",") if text else []


def _shares(text: str) -> dict[str, float]:
    try:
        shares = {name: float(share) for name, share in (p.split("=") for p in text.split(","))}
    except ValueError:
        shares = {"": 0.0}
    if not all(0.0 < share < 1.0 for share in shares.values()):
        raise argparse.ArgumentTypeError(f"must be like inspector.width=0.3, not {text!r}")
    return shares


def _evidence(text: str) -> "GivenEvidence":
    from vae_gui.app.evidence_flag import parse

    try:
        return parse(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _measure(text: str) -> str:
    from vae_gui.state.measures import MEASURES

    if text not in MEASURES:
        raise argparse.ArgumentTypeError(f"must be one of {', '.join(MEASURES)}, not {text!r}")
    return text
