"""The form from which a training is started: the settings that make `train_cli.py --help`."""

from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from model.settings import OnlyWith, SettingError, settable
from vae_gui.jobs.settings_check import Declared, SettingsCheck, Verdict, Wish, as_typed
from vae_gui.jobs.trainer import shown_program
from vae_gui.panels.runs_folder_button import RunsFolderButton
from vae_gui.panels.setting_row import (
    AS_WIDE_AS_THERE_IS_ROOM,
    TITLE_WIDTH,
    SettingRow,
    problem_label,
)
from vae_gui.state.runs_folder import RunsFolder
from vae_gui.style.labels import label, wrapped
from vae_gui.widgets.command_text import CommandText
from vae_gui.widgets.main_button import MainButton
from vae_gui.widgets.section import Section

FIRST = ("latent_dim", "architecture", "epochs", "objective", "seed")
GROUPS = {"VAEConfig": "Network", "TrainConfig": "Training"}
NO_PRESET = "default"
WHAT = (
    "Train a model on MNIST. Press Start: it learns in a process of its own, and its points come "
    "into the plane."
)


class TrainingForm(QWidget):
    """Preset, a few settings, the name of the run; all others folded away; the command; Start.

    Signals:
        wanted (list, Path): a training is to be started: its flags, and the run's folder.
        grew (QWidget): parts were added, which have not been there before.
    """

    wanted = Signal(list, Path)
    grew = Signal(QWidget)

    def __init__(
        self,
        check: SettingsCheck,
        runs: RunsFolder,
        data_dir: Path | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._check = check
        self._runs = runs
        self._data_dir = data_dir
        self._declared: Declared | None = None
        self._verdict: Verdict | None = None
        self._is_outdated = False  # the verdict: the folders may be others than it found
        self._is_to_start = False
        self._hindrance = ""
        self.rows: dict[str, SettingRow] = {}
        self.unused: dict[QLabel, list[str]] = {}  # what is said of settings, and of which
        self.preset = QComboBox()
        self.preset_words = label("caption")
        self.name = QLineEdit()
        self.folder = RunsFolderButton(runs)
        self.name_problem = problem_label()
        self.start = MainButton("Start training")
        self.why_not = label("caption")
        self.command = CommandText()
        self.wait = label("caption", "The settings are being read …")
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(6)
        self._layout.addWidget(self.wait)
        check.declared.connect(self._build)
        check.judged.connect(self._take)

    @property
    def wish(self) -> Wish:
        """What the form says."""
        used = [row for row in self.rows.values() if self._does_something(row)]
        given = {row.name: row.value for row in used if row.is_given}
        preset = self.preset.currentData() or ""
        return Wish(preset, given, self._runs.path, self.name.text().strip(), self._data_dir)

    def hinder(self, reason: str) -> None:
        """Say why nothing can be started now; nothing, if empty."""
        if reason == self._hindrance:
            return
        self._hindrance = reason
        self.check_again()

    def check_again(self) -> None:
        """Check what the form says once more: the folders may be others by now."""
        if self._declared is not None:
            self._is_outdated = True
            self._change()
            self._show_start()

    # Inside

    def _build(self, declared: Declared) -> None:
        """Make the form, once it is known what can be set."""
        self._declared = declared
        self.rows = {name: SettingRow(field) for name, field in declared.fields().items()}
        self.wait.hide()
        self._set_up(declared)
        self._lay_out(declared)
        for row in self.rows.values():
            row.changed.connect(self._change)
        self.preset.currentIndexChanged.connect(self._choose_preset)
        self.name.textChanged.connect(self._change)
        self._runs.changed.connect(self._change)
        self.start.clicked.connect(self._start)
        self._choose_preset()
        self.grew.emit(self)

    def _set_up(self, declared: Declared) -> None:
        self.preset.addItem(NO_PRESET, "")
        for name in declared.presets:
            self.preset.addItem(name, name)
        self.preset.setSizeAdjustPolicy(AS_WIDE_AS_THERE_IS_ROOM)
        self.preset.setAccessibleName("Preset")
        self.preset.setToolTip("A named configuration; what is set below overrides it")
        self.name.setAccessibleName("Name of the run")
        self.name.setToolTip("The run's folder has this name; without one, it gets a new one")

    def _lay_out(self, declared: Declared) -> None:
        add = self._layout.addWidget
        add(label("caption", WHAT))
        add(_beside("Preset", self.preset))
        add(self.preset_words)
        for name in FIRST:
            add(self.rows[name])
        add(_beside("Name", self.name))
        add(_beside("Folder", self.folder))
        add(self.name_problem)
        add(self.start)
        add(self.why_not)
        self.more = Section("More settings", self._others(declared))
        self.more.heading.setChecked(False)
        add(self.more)
        add(label("section", "The command that is run"))
        add(self.command)

    def _others(self, declared: Declared) -> QWidget:
        """All settings but the first, under the titles of their groups."""
        others = QWidget()
        layout = QVBoxLayout(others)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        for kind in declared.kinds:
            layout.addWidget(label("section", GROUPS.get(kind.__name__, kind.__name__)))
            names = [field.name for field in settable(kind) if field.name not in FIRST]
            for name in names:
                layout.addWidget(self.rows[name])
            unused = label("caption")
            layout.addWidget(unused)
            self.unused[unused] = names
        return others

    def _does_something(self, row: SettingRow) -> bool:
        """Whether a setting does anything beside the others as they are."""
        only = row.only_with
        return only is None or only.holds(self.rows[only.name].value)

    def _leave_out_what_does_nothing(self) -> None:
        """Hide the rows of settings that do nothing here, and say which they are, and why."""
        for caption, names in self.unused.items():
            rows = [self.rows[name] for name in names]
            reasons: dict[str, list[str]] = {}
            for row in rows:
                row.setVisible(self._does_something(row))
                if row.only_with is not None and row.isHidden():
                    reason = self._in_words(row.only_with)
                    reasons.setdefault(reason, []).append(row.title)
            listed = "; ".join(
                f"{', '.join(titles)} (only with {reason})" for reason, titles in reasons.items()
            )
            caption.setText(f"Left out: {listed}." if listed else "")
            caption.setVisible(bool(listed))

    def _in_words(self, only: OnlyWith) -> str:
        title = self.rows[only.name].title.lower()
        return f"{title} {' or '.join(only.values)}" if only.values else f"{title} above 0"

    def _choose_preset(self) -> None:
        assert self._declared is not None
        name = self.preset.currentData()
        usual = self._declared.of_preset(name)
        for row in self.rows.values():
            row.set_usual(usual[row.name])
        preset = self._declared.presets.get(name)
        words = "" if preset is None else preset.explanation
        self.preset_words.setText(words.partition(": ")[0])
        self.preset_words.setToolTip(wrapped(words))
        self.preset_words.setVisible(bool(words))
        self._change()

    def _change(self) -> None:
        self._leave_out_what_does_nothing()
        self._check.judge(self.wish)

    def _take(self, verdict: Verdict) -> None:
        """Show what was found of the form, unless it says something else by now."""
        if verdict.asked != self.wish:
            return
        named = verdict.wish
        self._verdict, self._is_outdated = verdict, False
        self.name.setPlaceholderText(named.name)
        self._show_problem(verdict.problem)
        self.command.show_command(as_typed([*shown_program(), *named.flags()]))
        self._show_start()
        if self._is_to_start:
            self._start()

    def _show_problem(self, problem: SettingError | None) -> None:
        for row in self.rows.values():
            is_here = problem is not None and problem.name == row.name
            row.say(_sentence(problem) if problem is not None and is_here else "")
        if problem is not None and problem.name in self.rows and problem.name not in FIRST:
            self.more.heading.setChecked(True)  # where the problem can be seen
        is_of_name = problem is not None and problem.name not in self.rows
        self.name_problem.setText(_sentence(problem) if problem is not None and is_of_name else "")
        self.name_problem.setVisible(is_of_name)

    def _show_start(self) -> None:
        problem = self._verdict.problem if self._verdict is not None else None
        reason = self._hindrance
        if not reason and problem is not None:
            row = self.rows.get(problem.name)
            reason = _sentence(problem) if row is None else f"{row.title} {problem.reason}."
        self.why_not.setText(reason)
        self.why_not.setVisible(bool(reason))
        self.start.setEnabled(not reason)

    def _start(self) -> None:
        """Start what was checked; wait for the check where one is under way."""
        verdict = self._verdict
        is_checked = verdict is not None and not self._is_outdated and verdict.asked == self.wish
        self._is_to_start = not is_checked
        if verdict is None or self._is_to_start or verdict.problem is not None or self._hindrance:
            return
        self.wanted.emit(verdict.wish.flags(), verdict.wish.folder)
        self.name.clear()
        self.check_again()  # its folder is taken now


def _sentence(problem: SettingError) -> str:
    reason = problem.reason
    begins_with_word = reason.startswith(("must ", "has ", "is ", "makes ", "goes "))
    return f"{reason[:1].upper() if begins_with_word else reason[:1]}{reason[1:]}."


def _beside(title: str, field: QWidget) -> QWidget:
    """A title and what is filled in, as wide as a `SettingRow` has them."""
    made = QWidget()
    caption: Any = label("text", title, wrap=False)
    caption.setFixedWidth(TITLE_WIDTH)
    caption.setBuddy(field)
    row = QHBoxLayout(made)
    row.setContentsMargins(0, 0, 18, 0)
    row.setSpacing(2)
    row.addWidget(caption)
    row.addWidget(field, 1)
    return made
