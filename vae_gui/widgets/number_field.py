"""A field for a number, which never takes what was typed for another number."""

import re
from collections.abc import Callable

from PySide6.QtCore import QLocale, Signal
from PySide6.QtGui import QValidator
from PySide6.QtWidgets import QDoubleSpinBox, QWidget

_TYPABLE = re.compile(r"[0-9+\-−.,' \u00a0\u202f]*")  # a number in any language's way of writing
_REAL = re.compile(r"[+-]?(\d+[.,]?\d*|[.,]\d+)")
_WHOLE = re.compile(r"[+-]?(\d+|\d{1,3}(,\d{3})+)")


def real_number(text: str) -> float:
    """The number of a text, in which a point or a comma stands before the decimals.

    Raises:
        ValueError: it is no number, or has separators between thousands; a sentence.
    """
    plain = _plain(text)
    if _REAL.fullmatch(plain):
        return float(plain.replace(",", "."))
    if sum(plain.count(mark) for mark in ".,' \u00a0\u202f") > 0 and re.search(r"\d", plain):
        raise ValueError(
            f"{text.strip()} is not understood: write one point or comma before the decimals, "
            "and nothing else between the digits."
        )
    raise ValueError(f"{text.strip()} is not a number.")


def whole_number(text: str) -> int:
    """The whole number of a text; commas between thousands are right, as in 10,000.

    Raises:
        ValueError: it is no whole number, or is written in another way; a sentence.
    """
    plain = _plain(text)
    if _WHOLE.fullmatch(plain):
        return int(plain.replace(",", ""))
    raise ValueError(f"{text.strip()} is not a whole number, such as 1234 or 1,234.")


def _plain(text: str) -> str:
    return text.strip().replace("−", "-")


class NumberField(QDoubleSpinBox):
    """A field that is read by a function of its own, when Enter is pressed or the keyboard leaves.

    Qt's own fields drop separators and swallow digits, so that "-2,5" becomes -25.

    Signals:
        refused (str): what was typed is not taken, and why, in a sentence. The value stays.
    """

    refused = Signal(str)

    def __init__(
        self,
        read: Callable[[str], float],
        allowed: Callable[[], tuple[float, float]],
        parent: QWidget | None = None,
    ) -> None:
        """Make a field.

        Args:
            read: a function from a text to its number; it raises ValueError with a sentence.
            allowed: from where to where the arrows step. The range of Qt says what can be shown.
            parent: as Qt has it.
        """
        super().__init__(parent)
        self._read = read
        self._allowed = allowed
        self.setLocale(QLocale.c())  # the same in every language
        self.setKeyboardTracking(False)

    def validate(self, text: str, position: int) -> tuple[QValidator.State, str, int]:
        """Let everything be typed that may stand in a number; whether it is one is asked later."""
        if self._is_special(text):
            return QValidator.State.Acceptable, text, position
        if not _TYPABLE.fullmatch(text):
            return QValidator.State.Invalid, text, position
        known = self._sentence(text) is None
        state = QValidator.State.Acceptable if known else QValidator.State.Intermediate
        return state, text, position

    def fixup(self, text: str) -> str:
        """Say why a text is refused; an empty one is no question."""
        sentence = self._sentence(text)
        if text.strip() and sentence is not None:
            self.refused.emit(sentence)
        return text

    def valueFromText(self, text: str) -> float:
        """The number of a text that was found to be one."""
        return self.minimum() if self._is_special(text) else self._read(text)

    def stepBy(self, steps: int) -> None:
        """Step no farther than is allowed."""
        low, high = self._allowed()
        self.interpretText()
        self.setValue(min(max(self.value() + steps * self.singleStep(), low), high))
        self.selectAll()

    def _is_special(self, text: str) -> bool:
        """Whether it is the text that stands for the least value, if there is such a text."""
        return text != "" and text == self.specialValueText()

    def _sentence(self, text: str) -> str | None:
        """Why a text is no number; None if it is one."""
        try:
            self._read(text)
        except ValueError as error:
            return str(error)
        return None
