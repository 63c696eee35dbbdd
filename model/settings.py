"""Settings: fields of frozen dataclasses, each declared once.

A field carries its help text and its limits. The command line makes its flags from them, the
checkpoint reader its checks; nothing is written twice.
"""

import dataclasses
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

_Config = TypeVar("_Config", bound="DataclassInstance")


class SettingError(ValueError):
    """A setting has a value that is not allowed: `name` is its field, `reason` says why."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{name} {reason}")
        self.name = name
        self.reason = reason


@dataclasses.dataclass(frozen=True)
class OnlyWith:
    """What another setting has to be for this one to do anything.

    Attributes:
        name: of the other setting.
        values: that it may have; without any: whatever is not 0.
    """

    name: str
    values: tuple[str, ...] = ()

    def holds(self, value: Any) -> bool:
        """Whether the other setting has such a value."""
        return value in self.values if self.values else bool(value)


def setting(
    default: Any,
    help: str,
    *,
    minimum: float | None = None,
    above: float | None = None,
    maximum: float | None = None,
    choices: tuple[str, ...] | None = None,
    of_machine: bool = False,
    filled_in: bool = False,
    formerly: str | None = None,
    absent: Any = None,
    only_with: OnlyWith | None = None,
) -> Any:
    """Declare a dataclass field with its help text and its limits.

    Args:
        default: the value unless another is given; its type is the field's type.
        help: one line for the command line and for tooltips.
        minimum: the smallest value allowed.
        above: a value that must be exceeded (an open lower limit).
        maximum: the largest value allowed.
        choices: the only values allowed, for a string.
        of_machine: whether the default lets the machine choose; a run stores what it chose, and
            the default contradicts no such choice.
        filled_in: whether it follows from something that is named elsewhere, so that nobody sets it
            and it has no flag.
        formerly: the field's name in files and commands of earlier versions.
        absent: what a file without this field means, where that is not the default: the file was
            written before the field existed.
        only_with: when it does anything; None: always.
    """
    limits = {"minimum": minimum, "above": above, "maximum": maximum, "choices": choices}
    of_files = {"formerly": formerly, "absent": absent}
    of_whom = {"of_machine": of_machine, "filled_in": filled_in}
    metadata = {"help": help, "only_with": only_with} | of_whom | of_files | limits
    return dataclasses.field(default=default, metadata=metadata)


def settable(kind: type) -> "tuple[dataclasses.Field[Any], ...]":
    """The fields of a dataclass that somebody can set."""
    return tuple(field for field in dataclasses.fields(kind) if not field.metadata["filled_in"])


def restore(kind: type[_Config], stored: Mapping[str, Any]) -> _Config:
    """The configuration that the stored settings of any version mean.

    Raises:
        SettingError: a value is not allowed, or a setting is there under both of its names.
        TypeError: a setting is unknown.
    """
    absent = {field.name: field.metadata["absent"] for field in dataclasses.fields(kind)}
    old = {name: value for name, value in absent.items() if value is not None}
    return kind(**(old | with_present_names(kind, stored)))


def with_present_names(kind: type, stored: Mapping[str, Any]) -> dict[str, Any]:
    """Stored settings of a dataclass, those under a former name renamed to the present one.

    Raises:
        SettingError: a setting is there under both names.
    """
    values = dict(stored)
    for field in dataclasses.fields(kind):
        formerly = field.metadata["formerly"]
        if formerly in values:
            if field.name in values:
                raise SettingError(field.name, f"is there twice, once as {formerly}")
            values[field.name] = values.pop(formerly)
    return values


def check(config: Any) -> None:
    """Check every field of a dataclass instance against its declaration.

    Raises:
        SettingError: naming the first field whose type or value is not allowed.
    """
    for field in dataclasses.fields(config):
        _check_value(field, getattr(config, field.name))


def _check_value(field: "dataclasses.Field[Any]", value: Any) -> None:
    """Check one value against the declaration of its field.

    Raises:
        SettingError: naming the field and what it must be.
    """
    kind = type(field.default)
    accepted = (int, float) if kind is float else kind
    if not isinstance(value, accepted) or (isinstance(value, bool) and kind is not bool):
        raise SettingError(field.name, f"must be {_noun(kind)}, not {value!r}")
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        _check_number(field, value)
    choices = field.metadata["choices"]
    if choices is not None and value not in choices:
        raise SettingError(field.name, f"must be one of {', '.join(choices)}, not {value!r}")


def _check_number(field: "dataclasses.Field[Any]", value: float) -> None:
    limits = field.metadata
    try:
        finite = math.isfinite(value)
    except OverflowError as error:  # a whole number beyond all floats, which JSON can hold
        raise SettingError(field.name, "has too many digits") from error
    if not finite:
        raise SettingError(field.name, f"must be a finite number, not {value}")
    if limits["minimum"] is not None and value < limits["minimum"]:
        raise SettingError(field.name, f"must be at least {limits['minimum']}, not {value}")
    if limits["above"] is not None and value <= limits["above"]:
        raise SettingError(field.name, f"must be greater than {limits['above']}, not {value}")
    if limits["maximum"] is not None and value > limits["maximum"]:
        raise SettingError(field.name, f"must be at most {limits['maximum']}, not {value}")


def _noun(kind: type) -> str:
    return {int: "a whole number", float: "a number", str: "a word", bool: "true or false"}[kind]
