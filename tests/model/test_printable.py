from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.printable import printable


@pytest.mark.parametrize(
    "name", ["", "mnist 2d.safetensors", "große Ziffern", "数字", "<b>bold</b>"]
)
def test_what_can_be_printed_stays_as_it_is(name: str) -> None:
    assert printable(name) == name
    assert printable(Path("runs") / name) == str(Path("runs") / name)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("two\nlines", r"'two\nlines'"),
        ("\x1b[31mred", r"'\x1b[31mred'"),
        ("gpj.\u202etxt", r"'gpj.\u202etxt'"),  # would show as txt.jpg, reversed
        ("\u2066isolated", r"'\u2066isolated'"),
        ("no\u200bspace", r"'no\u200bspace'"),
        ("\udcff", r"'\udcff'"),
    ],
)
def test_what_would_fool_a_terminal_is_escaped(name: str, shown: str) -> None:
    assert printable(name) == shown


@given(st.text())
def test_it_is_always_one_line_that_can_be_encoded(name: str) -> None:
    shown = printable(name)
    assert shown.isprintable()
    assert shown.encode().decode() == shown
