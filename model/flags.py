"""Settings as flags of a command line, made from the fields of their dataclasses."""

import argparse
import dataclasses
import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NoReturn, TypeVar

from model.settings import SettingError, settable

_Config = TypeVar("_Config")


class UsageError(Exception):
    """A flag is wrong. The message is one sentence that names it."""


class Parser(argparse.ArgumentParser):
    """An argument parser that raises UsageError with one sentence, instead of printing a page."""

    def __init__(self, **options: Any) -> None:
        super().__init__(formatter_class=_WholeWords, allow_abbrev=False, **options)

    def error(self, message: str) -> NoReturn:
        """Raise UsageError."""
        sentence = message.removeprefix("argument ").rstrip(".")
        raise UsageError(f"{sentence[:1].upper() + sentence[1:]}; see --help.")


class _WholeWords(argparse.HelpFormatter):
    """Help that is never broken at a hyphen: half a flag cannot be copied."""

    def _split_lines(self, text: str, width: int) -> list[str]:
        return textwrap.wrap(" ".join(text.split()), width, break_on_hyphens=False)


def flag(name: str) -> str:
    """The flag of a field."""
    return "--" + name.replace("_", "-")


def whole_number(smallest: int, largest: int) -> Callable[[str], int]:
    """A reader of whole numbers between two limits, for argparse."""

    def read(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            value = smallest - 1
        if not smallest <= value <= largest:
            raise argparse.ArgumentTypeError(
                f"must be a whole number from {smallest} to {largest}, not {text!r}"
            )
        return value

    return read


def add_settings(parser: argparse.ArgumentParser, config: type) -> None:
    """Add a flag for each field of a dataclass; it is absent from the namespace unless given."""
    group = parser.add_argument_group(config.__name__)
    for field in settable(config):
        common: dict[str, Any] = {
            "default": argparse.SUPPRESS,
            # To argparse a single percent sign is a placeholder.
            "help": f"{field.metadata['help']} (default: {field.default})".replace("%", "%%"),
        }
        if isinstance(field.default, bool):
            common["help"] = common["help"].replace("True)", "yes)").replace("False)", "no)")
            group.add_argument(flag(field.name), action=argparse.BooleanOptionalAction, **common)
            continue
        metavar = "|".join(field.metadata["choices"] or ()) or field.name.upper()
        read = _reader(type(field.default))
        group.add_argument(flag(field.name), type=read, metavar=metavar, **common)
        if formerly := field.metadata["formerly"]:
            hidden = {**common, "help": argparse.SUPPRESS}
            group.add_argument(flag(formerly), dest=field.name, type=read, **hidden)


def _reader(kind: type) -> Callable[[str], Any]:
    """A converter of flag values; unreadable text is passed on, and refused as a setting."""

    def read(text: str) -> Any:
        try:
            return kind(text)
        except ValueError:
            return text

    return read


def given(flags: argparse.Namespace, config: type) -> dict[str, Any]:
    """The settings that were given as flags."""
    names = [field.name for field in dataclasses.fields(config)]
    return {name: getattr(flags, name) for name in names if hasattr(flags, name)}


def configured(kind: type[_Config], preset: dict[str, Any], flags: argparse.Namespace) -> _Config:
    """A configuration from the values of a preset and from flags; flags win. Raises UsageError."""
    with settings_named_as_flags():
        return kind(**(preset | given(flags, kind)))


def check_used(flags: argparse.Namespace, config: type, family: str) -> None:
    """Refuse settings that do nothing with a family of models; raises UsageError naming the first.

    Args:
        flags: as parsed.
        config: a dataclass of settings.
        family: the family that is trained.
    """
    fields = {field.name: field for field in dataclasses.fields(config)}
    for name in given(flags, config):
        only = fields[name].metadata["only_with"]
        if only is not None and only.name == "family" and not only.holds(family):
            raise needs_family(name, *only.values)


def needs_family(name: str, *families: str) -> UsageError:
    """The error of a flag that does nothing but with some families of models."""
    return UsageError(
        f"{flag(name)} belongs to --family {' or '.join(families)}; add that, or leave "
        f"{flag(name)} out."
    )


def check_agreement(stored: Any, flags: argparse.Namespace) -> None:
    """Refuse flags that contradict a stored configuration; raises UsageError naming the first."""
    fields = {field.name: field for field in dataclasses.fields(stored)}
    for name, value in given(flags, type(stored)).items():
        before, field = getattr(stored, name), fields[name]
        left_to_machine = field.metadata["of_machine"] and value == field.default
        if value != before and not left_to_machine:
            on = isinstance(before, bool)
            raise UsageError(
                f"{typed(name, value)} contradicts the {typed(name, before) if on else before} "
                "that this run was started with; leave it out, or start a new run."
            )


def typed(name: str, value: Any) -> str:
    """A setting as it is typed."""
    if isinstance(value, bool):
        return flag(name) if value else flag(f"no_{name}")
    return f"{flag(name)} {value}"


@contextmanager
def settings_named_as_flags() -> Iterator[None]:
    """Turn a SettingError into the UsageError that names its flag."""
    try:
        yield
    except SettingError as error:
        raise UsageError(f"{flag(error.name)} {error.reason}.") from error


def exit_code(run: Callable[[list[str]], int], argv: list[str] | None) -> int:
    """Run a command that only reads, with these flags or the process's own.

    Returns:
        what it returns; 2 after the sentence of a UsageError; 130 after Ctrl-C.
    """
    try:
        return run(sys.argv[1:] if argv is None else argv)
    except UsageError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return 130
