"""Start-up of the explorer: arguments, checks, the first window.

    vae-gui                              the bundled model and the bundled digits
    vae-gui CHECKPOINT                   another model; a run directory means its best one
    vae-gui CHECKPOINT --compare OTHER   two models side by side
    vae-gui --reset-settings             as at the very first start
    vae-gui --screenshot OUT.png         the window as a picture, without a display
    vae-gui --film OUT.gif RUN           the training of a run as a film, likewise

Exit codes: 0; 2 where an argument is wrong, or a display or a library is missing.
"""

import argparse
import gc
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from vae_gui.app import picture_flags

if TYPE_CHECKING:
    from vae_gui.app.screenshot import Shot


def main(argv: list[str] | None = None) -> int:
    """Run the explorer; return the exit code."""
    arguments = parse(sys.argv[1:] if argv is None else argv)
    if is_without_a_window(arguments):
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
    return _draw(arguments) if is_without_a_window(arguments) else explore(arguments)


def is_without_a_window(arguments: argparse.Namespace) -> bool:
    """Whether a file is to be drawn, and no window to be shown."""
    return arguments.screenshot is not None or arguments.film is not None


def parse(argv: list[str]) -> argparse.Namespace:
    """The arguments of the command line; exits with code 2 where they make no sense."""
    parser = _parser()
    arguments = parser.parse_args(picture_flags.with_signs(argv))
    given = picture_flags.given(arguments)
    if not is_without_a_window(arguments) and given:
        parser.error(f"--{given[0].replace('_', '-')} goes with --screenshot or --film")
    for flag in ("picture", "scale", "folded", "shares", "pixel_ratio", "screenshot"):
        if arguments.film is not None and getattr(arguments, flag) is not None:
            parser.error(f"--{flag.replace('_', '-')} does not go with --film")
    if arguments.seconds is not None and arguments.film is None:
        parser.error("--seconds goes with --film")
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
    if (second := arguments.compare) is not None:
        window.painted.connect(lambda: window.second.open(second))
    spare_the_collector(window.opening)
    window.opening.finished.connect(window.tour.start_once)
    window.show()
    code = application.exec()
    window.join()
    return code


def _draw(arguments: argparse.Namespace) -> int:
    """Draw a picture or a film into a file; return the exit code."""
    from vae_gui.app.application import make_application, silence_offscreen_platform
    from vae_gui.app.main_window import MainWindow
    from vae_gui.app.screenshot import ScreenshotError, take
    from vae_gui.style.theme import ThemeChoice

    silence_offscreen_platform()
    application = make_application()
    window = MainWindow(arguments.theme or ThemeChoice.LIGHT, arguments.data_dir, remember=False)
    try:
        if arguments.film is None:
            take(window, shot_of(arguments))
        else:
            from vae_gui.app.film import record

            record(window, picture_flags.film_of(arguments, _run(arguments)))
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
    return picture_flags.shot_of(arguments, _checkpoint(arguments))


def _checkpoint(arguments: argparse.Namespace) -> Path:
    from model import assets

    path: Path = arguments.checkpoint or assets.PRETRAINED
    return path


def _run(arguments: argparse.Namespace) -> Path:
    from model import assets

    path: Path = arguments.checkpoint or assets.TRAINING
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
    parser.add_argument(
        "--compare", type=Path, metavar="OTHER", help="a second model, shown beside the first"
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
    picture_flags.add_film_to(parser)
    picture_flags.add_to(parser)
    return parser


def _theme(text: str) -> str:
    from vae_gui.style.theme import ThemeChoice

    try:
        return ThemeChoice(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be system, light or dark, not {text!r}") from None


if __name__ == "__main__":
    sys.exit(main())
