"""Saves a film of the run that is open, by the command that a person would type."""

import sys
from pathlib import Path

from PySide6.QtCore import QObject, QProcess, QProcessEnvironment, QTimer
from PySide6.QtWidgets import QFileDialog

from model.files.run import run_around
from model.printable import printable
from vae_gui.app.film_course import TELLS
from vae_gui.app.message_bar import MessageBar
from vae_gui.app.picture import Sitter
from vae_gui.app.preferences import Preferences
from vae_gui.app.provenance import film_command_of
from vae_gui.app.status_line import StatusLine

STATUS = "film"  # its place in the status line
SAID_MS = 8000  # for which it is said where the film is


class FilmSaving(QObject):
    """Records a film in a process of its own: the window goes on, and so does the hand.

    Its clock and its plane are its own too. A window that is closed takes the process with it; the
    file is written whole or not at all.
    """

    def __init__(
        self, sitter: Sitter, preferences: Preferences, messages: MessageBar, status: StatusLine
    ) -> None:
        """Record what sits for a picture; say so in the status line, and errors in the bar."""
        super().__init__(sitter.window)
        self._sitter = sitter
        self._preferences = preferences
        self._messages = messages
        self._status = status
        self._process: QProcess | None = None
        self._silence = QTimer(self, interval=SAID_MS, singleShot=True)
        self._silence.timeout.connect(lambda: status.report(STATUS, ""))

    def save(self) -> None:
        """Ask for a file, and record a film of the run that is open into it."""
        run = self._run()
        if run is None:
            return
        suggested = str(self._preferences.picture_folder / f"{run.name}.gif")
        name, _ = QFileDialog.getSaveFileName(
            self._sitter.window, "Save a film of this run", suggested, "GIF film (*.gif)"
        )
        if name:
            self.save_as(Path(name))

    def save_as(self, path: Path) -> None:
        """Record a film into a file; one that is being recorded is finished first."""
        run = self._run()
        if run is None:
            return
        if self._process is not None:
            self._messages.show_note("One film is being recorded already; wait for its end.")
            return
        path = path if path.suffix.lower() == ".gif" else path.with_name(path.name + ".gif")
        self._silence.stop()
        self._status.report(STATUS, f"Recording a film of {printable(run.name)} …")
        self._process = process = QProcess(self)
        environment = QProcessEnvironment.systemEnvironment()
        environment.insert(TELLS, "1")
        process.setProcessEnvironment(environment)
        process.readyReadStandardOutput.connect(lambda: self._tell(run))
        process.finished.connect(lambda *_: self._end(path))
        process.errorOccurred.connect(lambda _: self._end(path))
        arguments = film_command_of(self._sitter, run, path)
        process.start(sys.executable, ["-m", "vae_gui", *arguments])

    def close(self) -> None:
        """The window goes: record nothing any more."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.waitForFinished()

    def _run(self) -> Path | None:
        model = self._sitter.workspace.document.model
        return None if model is None else run_around(model.path)

    def _tell(self, run: Path) -> None:
        """Show how far the process is: the last line that it has written."""
        if self._process is not None:
            lines = bytes(self._process.readAllStandardOutput().data()).decode().splitlines()
            if lines:
                said = f"Recording a film of {printable(run.name)} … {printable(lines[-1])}"
                self._status.report(STATUS, said)

    def _end(self, path: Path) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        said = bytes(process.readAllStandardError().data()).decode(errors="replace").strip()
        process.deleteLater()
        if process.exitCode() == 0 and process.exitStatus() is QProcess.ExitStatus.NormalExit:
            self._preferences.picture_folder = path.parent
            self._status.report(STATUS, f"Saved as {printable(path)}.")
            self._silence.start()
            return
        self._status.report(STATUS, "")
        sentence = said.splitlines()[-1] if said else "The film could not be recorded; try again."
        self._messages.show_error(sentence, RuntimeError(said))
