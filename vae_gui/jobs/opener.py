"""Opening a checkpoint: from a path to a changed session, or to a sentence."""

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from vae_gui.jobs.opening import Encoding, TrainingDigits, open_checkpoint
from vae_gui.jobs.worker import Worker
from vae_gui.state.encoded import EncodedDigits, OpenModel
from vae_gui.state.session import Session


class Opener(QObject):
    """Opens checkpoints in a worker. A bad file leaves the session as it was.

    Signals:
        progressed (str): what is going on; empty when nothing is.
        opened (Path): a model is open.
        finished: its digits are encoded too.
        failed (str, Exception): a sentence for the user, and what is behind it.
    """

    progressed = Signal(str)
    opened = Signal(Path)
    finished = Signal()
    failed = Signal(str, Exception)

    def __init__(
        self, session: Session, data_dir: Path | None = None, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._data_dir = data_dir
        self._worker = Worker(self)
        self._unfinished: Path | None = None  # what is being opened
        self._interrupted: list[Path] = []  # what was, until newer requests came

    def open(self, path: Path) -> None:
        """Open a checkpoint or a run directory, in place of one that is still being opened.

        If the new one turns out to be bad, the other is taken up again.
        """
        if self._unfinished is not None:
            self._interrupted.append(self._unfinished)
        self._start(path)

    @property
    def is_busy(self) -> bool:
        """Whether something is being opened, or encoded."""
        return self._worker.busy

    def _start(self, path: Path) -> None:
        self._unfinished = path
        self.progressed.emit(f"Opening {path.name} …")
        self._worker.start(
            lambda: open_checkpoint(path, self._data_dir), self._on_result, self._on_error
        )

    def _on_result(self, result: object) -> None:
        if isinstance(result, OpenModel):
            self._interrupted.clear()
            self._session.set_model(result)
            self.opened.emit(result.path)
        elif isinstance(result, Encoding):
            self.progressed.emit(f"Encoding the {result.what} digits … {result.percent} %")
        elif isinstance(result, EncodedDigits):
            self._unfinished = None
            self._session.set_digits(result)
            self.progressed.emit("")
            self.finished.emit()
        elif isinstance(result, TrainingDigits):
            self._session.set_training(result.digits)
            self.progressed.emit("")

    def _on_error(self, error: Exception) -> None:
        from model.data.cache import DataError
        from model.files.checkpoint import CheckpointError

        known = isinstance(error, (CheckpointError, DataError))
        sentence = str(error) if known else f"This could not be opened: {error}."
        self.progressed.emit("")
        self._unfinished = None
        self.failed.emit(sentence, error)
        if self._interrupted:
            self._start(self._interrupted.pop())
