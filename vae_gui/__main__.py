"""Start-up of the explorer: arguments, checks, the first window.

    vae-gui                              the bundled model and the bundled digits
    vae-gui CHECKPOINT                   another model; a run directory means its best one
    vae-gui --reset-settings             as at the very first start
    vae-gui --screenshot OUT.png         the window as a picture, without a display

Exit codes: 0; 2 where an argument is wrong, or a display or a library is missing.
"""

import argparse
import gc
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PySide6.QtCore import QSize

    from vae_gui.app.screenshot import Shot

_PICTURE_FLAGS = (
    "size",
    "z",
    "digit",
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
)
# A larger picture is taken for a typing error.
MAX_SIDE = 10_000


def main(argv: list[str] | None = None) -> int:
    """Run the explorer; return the exit code."""
    arguments = parse(sys.argv[1:] if argv is None else argv)
    if arguments.screenshot is not None:
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from vae_gui.app import display

    problem = display.problem()
    if problem is not None:
        print(f"{problem}.", file=sys.stderr)
        return 2
    from vae_gui.app.thread_priority import let_the_gui_thread_go_first

    let_the_gui_thread_go_first()
    if sys.platform == "win32":
        import torch  # noqa: F401 - imported after Qt, its libraries fail to load on Windows
    if arguments.reset_settings:
        _reset_settings()
    return explore(arguments) if arguments.screenshot is None else _screenshot(arguments)


def parse(argv: list[str]) -> argparse.Namespace:
    """The arguments of the command line; exits with code 2 where they make no sense."""
    parser = _parser()
    arguments = parser.parse_args(_with_signs(argv))
    given = [name for name in _PICTURE_FLAGS if getattr(arguments, name) not in (None, [])]
    if arguments.screenshot is None and given:
        parser.error(f"--{given[0].replace('_', '-')} goes with --screenshot")
    return arguments


def _reset_settings() -> None:
    from vae_gui.app.application import name_the_program
    from vae_gui.app.preferences import Preferences

    name_the_program()
    Preferences().forget_everything()
    print("Forgotten: window layout, layers, colours, theme and recent files.")


def explore(arguments: argparse.Namespace) -> int:
    """Open the window; return the exit code when it is closed."""
    gc.disable()  # a tenth of the time to the first paint; `spare_the_collector` enables it again
    from vae_gui.app.application import make_application, show_uncaught_exceptions
    from vae_gui.app.main_window import MainWindow
    from vae_gui.app.thread_priority import spare_the_collector

    application = make_application()
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C ends it: Python never sees it under Qt
    window = MainWindow(arguments.theme, arguments.data_dir)
    show_uncaught_exceptions(window)
    window.painted.connect(lambda: window.open(_checkpoint(arguments)))
    spare_the_collector(window.opening)
    window.opening.finished.connect(window.tour.start_once)
    window.show()
    code = application.exec()
    window.join()
    return code


def _screenshot(arguments: argparse.Namespace) -> int:
    from vae_gui.app.application import make_application, silence_offscreen_platform
    from vae_gui.app.main_window import MainWindow
    from vae_gui.app.screenshot import ScreenshotError, take
    from vae_gui.style.theme import ThemeChoice

    silence_offscreen_platform()
    application = make_application()
    window = MainWindow(arguments.theme or ThemeChoice.LIGHT, arguments.data_dir, remember=False)
    try:
        take(window, shot_of(arguments))
    except ScreenshotError as error:
        print(error, file=sys.stderr)
        return 2
    finally:
        window.close()
        window.join()
        application.processEvents()
    return 0


def shot_of(arguments: argparse.Namespace) -> "Shot":
    """The picture that the arguments ask for."""
    from vae_gui.app.picture import Subject
    from vae_gui.app.screenshot import Shot

    size = arguments.size or _size("1400x900")
    return Shot(
        arguments.screenshot,
        size,
        _checkpoint(arguments),
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
    )


def _checkpoint(arguments: argparse.Namespace) -> Path:
    from model import assets

    path: Path = arguments.checkpoint or assets.PRETRAINED
    return path


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="vae-gui", description="Explore the latent plane of a variational autoencoder."
    )
    parser.add_argument(
        "checkpoint",
        nargs="?",
        type=Path,
        help="a .safetensors file or a run directory (default: the bundled model)",
    )
    parser.add_argument("--data-dir", type=Path, help="where unpacked data are, or will be")
    parser.add_argument(
        "--reset-settings",
        action="store_true",
        help="forget layout, layers, colours, theme and recent files, then start as ever",
    )
    parser.add_argument("--theme", type=_theme, help="system, light or dark, for this time")
    parser.add_argument(
        "--screenshot", type=Path, metavar="OUT.png", help="render the window and exit"
    )
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
        "--layers",
        type=lambda text: text.split(","),
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
        "--pixel-ratio", type=_ratio, help="as on a screen with so many pixels in each of --size"
    )
    parser.add_argument(
        "--magnify",
        type=float,
        choices=(0.8, 1.0, 1.25, 1.5, 2.0, 2.5, 3.0),
        help="the size of text, points and marks in the plane, as a multiple of the usual one",
    )
    return parser


def _with_signs(argv: list[str]) -> list[str]:
    """Write `--z -0.5,1` as `--z=-0.5,1`: argparse would take the number for a flag."""
    for flag in ("--z", "--view"):
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
    if not all(abs(value) <= 50 for value in values):
        raise argparse.ArgumentTypeError(f"numbers must lie within ±50, not {text!r}")
    return values


def _view(text: str) -> list[float]:
    values = _point(text)
    if len(values) != 4 or values[0] >= values[1] or values[2] >= values[3]:
        raise argparse.ArgumentTypeError(f"must be like -3,3,-3,3, not {text!r}")
    return values


def _labels(text: str) -> list[int]:
    try:
        return [int(part) for part in text.split(",")]
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be labels like 3,8, not {text!r}") from None


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


def _ratio(text: str) -> float:
    try:
        ratio = float(text)
    except ValueError:
        ratio = 0.0
    if not 0.5 <= ratio <= 8.0:
        raise argparse.ArgumentTypeError(f"must be from 0.5 to 8, not {text!r}")
    return ratio


def _measure(text: str) -> str:
    from vae_gui.state.measures import MEASURES

    if text not in MEASURES:
        raise argparse.ArgumentTypeError(f"must be one of {', '.join(MEASURES)}, not {text!r}")
    return text


def _theme(text: str) -> str:
    from vae_gui.style.theme import ThemeChoice

    try:
        return ThemeChoice(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be system, light or dark, not {text!r}") from None


if __name__ == "__main__":
    sys.exit(main())
