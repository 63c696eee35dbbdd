"""The QApplication, and the handling of uncaught exceptions."""

import os
import sys
import traceback
from types import TracebackType

from PySide6.QtCore import QCoreApplication, QMessageLogContext, QtMsgType, qInstallMessageHandler
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from model import assets
from vae_gui.app import watchdog
from vae_gui.app.main_window import MainWindow


def name_the_program() -> None:
    """Set the names under which settings are stored."""
    QCoreApplication.setOrganizationName("vae-gui")
    QCoreApplication.setApplicationName("vae-gui")


def make_application() -> QApplication:
    """The application, with its names for settings and for the desktop."""
    limit = os.environ.get(watchdog.VARIABLE)
    application = (
        QApplication(["vae-gui"])
        if limit is None
        else watchdog.WatchedApplication(["vae-gui"], float(limit), watchdog.tell)
    )
    application.setStyle("Fusion")
    name_the_program()
    application.setApplicationDisplayName("VAE explorer")
    application.setDesktopFileName("vae-gui")
    application.setWindowIcon(QIcon(str(assets.ICON)))
    return application


def silence_offscreen_platform() -> None:
    """Drop the one line that Qt's offscreen platform prints for every window; keep all others."""

    def handle(kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
        if not message.startswith("This plugin does not support"):
            print(message, file=sys.stderr)

    qInstallMessageHandler(handle)


def show_uncaught_exceptions(window: MainWindow) -> None:
    """Show a bug in the window, which stays alive, as well as in the terminal."""

    def show(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        traceback.print_exception(kind, error, trace, file=sys.stderr)
        window.messages.show_error(f"Something went wrong in the program: {error!r}.", error)

    sys.excepthook = show
