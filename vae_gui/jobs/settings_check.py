"""The settings of a training as they are declared, and whether values for them are allowed."""

import dataclasses
import os
import shlex
import subprocess
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from model.files.run import is_free
from model.flags import typed
from model.printable import printable
from model.settings import SettingError, settable
from vae_gui.jobs.worker import Job, Worker

if TYPE_CHECKING:
    from model.train.presets import Preset


@dataclass(frozen=True)
class Declared:
    """What can be set.

    Attributes:
        kinds: the dataclasses whose fields are the settings.
        presets: by name.
    """

    kinds: tuple[type, ...]
    presets: Mapping[str, "Preset"]

    def of_preset(self, name: str) -> dict[str, Any]:
        """The value of every setting in a preset; of none, with an empty name, the defaults."""
        defaults = {f.name: f.default for kind in self.kinds for f in dataclasses.fields(kind)}
        preset = self.presets.get(name)
        return defaults if preset is None else defaults | preset.model | preset.training

    def fields(self) -> "dict[str, dataclasses.Field[Any]]":
        """All that somebody can set, by name."""
        return {f.name: f for kind in self.kinds for f in settable(kind)}


@dataclass(frozen=True)
class Wish:
    """A training that somebody thinks of.

    Attributes:
        preset: its name; empty for none.
        given: the settings that differ from the preset's.
        runs: the folder of runs.
        name: of the run; empty for one that is free.
        data_dir: where the data are, if not in the usual place.
    """

    preset: str
    given: Mapping[str, Any]
    runs: Path
    name: str = ""
    data_dir: Path | None = None

    @property
    def folder(self) -> Path:
        """The folder of the run."""
        return self.runs / self.name

    def flags(self) -> list[str]:
        """The flags of the command line, as words."""
        words = ["--preset", self.preset] if self.preset else []
        for name, value in self.given.items():
            flag, _, rest = typed(name, value).partition(" ")
            words += [flag] if isinstance(value, bool) else [flag, rest]
        if self.data_dir is not None:
            words += ["--data-dir", str(self.data_dir)]
        return [*words, "--out", str(self.folder)]


@dataclass(frozen=True)
class Verdict:
    """What was found of a wish.

    Attributes:
        asked: the wish.
        wish: the same, with a name.
        problem: what is wrong with it, if anything.
    """

    asked: Wish
    wish: Wish
    problem: SettingError | None


class SettingsCheck(QObject):
    """Reads what can be set, and checks wishes, beside the GUI thread: torch is imported for it.

    Signals:
        declared (Declared): what can be set is known.
        judged (Verdict): what was found of the last wish.
    """

    declared = Signal(object)
    judged = Signal(object)
    failed = Signal(str, Exception)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._worker: Worker | None = None
        self._declared: Declared | None = None

    def read(self) -> None:
        """Read what can be set."""
        self._start(_declarations)

    def judge(self, wish: Wish) -> None:
        """Check a wish, unless another one comes before it is checked."""
        declared = self._declared
        assert declared is not None

        def job() -> Generator[object, None, None]:
            yield verdict(declared, wish)

        self._start(job)

    def close(self) -> None:
        """Let the worker go."""
        if self._worker is not None:
            self._worker.close()

    def _start(self, job: Job) -> None:
        if self._worker is None:
            self._worker = Worker(self)
        self._worker.start(job, self._take, self._give_up)

    def _take(self, result: object) -> None:
        if isinstance(result, Declared):
            self._declared = result
            self.declared.emit(result)
        elif isinstance(result, Verdict):
            self.judged.emit(result)

    def _give_up(self, error: Exception) -> None:
        self.failed.emit(f"The settings cannot be read: {error}.", error)


def _declarations() -> Generator[object, None, None]:
    from model.network.vae import VAEConfig
    from model.train.presets import PRESETS
    from model.train.train_config import TrainConfig

    yield Declared((VAEConfig, TrainConfig), PRESETS)


def verdict(declared: Declared, wish: Wish) -> Verdict:
    """What the command line would say of a wish, and of its folder."""
    values = declared.of_preset(wish.preset) | dict(wish.given)
    named = wish
    if not wish.name:
        name = free_name(wish.runs, f"{values['dataset']}-{values['latent_dim']}d")
        named = dataclasses.replace(wish, name=name)
    try:
        _check_settings(declared, values)
        check_folder(named)
    except SettingError as error:
        return Verdict(wish, named, error)
    return Verdict(wish, named, None)


def _check_settings(declared: Declared, values: Mapping[str, Any]) -> None:
    from model.train.train_config import check_family, resolve_device

    check_family(
        *(
            kind(**{field.name: values[field.name] for field in dataclasses.fields(kind)})
            for kind in declared.kinds
        )
    )
    resolve_device(values["device"])


def check_folder(wish: Wish) -> None:
    """Raises SettingError where a run cannot have the name that it is to have."""
    name = wish.name
    if name in (".", "..") or name != Path(name).name or not name.isprintable():
        raise SettingError("out", f"must end in the name of a folder, not {printable(name)!r}")
    if not is_free(wish.folder):
        raise SettingError("out", f"{printable(wish.folder)} is there already; name a new folder")


def free_name(runs: Path, stem: str) -> str:
    """The first of stem-1, stem-2 ... that nothing in a folder has."""
    try:
        taken = set(os.listdir(runs))  # noqa: PTH208 - names alone
    except OSError:
        taken = set()
    stem = "".join(letter for letter in stem if letter.isalnum() or letter in "-_.")
    return next(name for n in range(1, len(taken) + 2) if (name := f"{stem}-{n}") not in taken)


def as_typed(words: list[str]) -> str:
    """Words as one types them in a shell of this system."""
    return subprocess.list2cmdline(words) if os.name == "nt" else shlex.join(words)
