"""Nobody but its owner emits an object's signal: who wants something to change calls a setter."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[2] / "vae_gui"


def foreign_emissions(source):
    """The lines on which a signal of something else than `self` is emitted, or could be."""
    if "emit" not in source:
        return []
    return [
        node.lineno
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Attribute) and node.attr == "emit" and not is_own(node.value)
    ]


def is_own(signal):
    return (
        isinstance(signal, ast.Attribute)
        and isinstance(signal.value, ast.Name)
        and signal.value.id == "self"
    )


def test_only_owners_emit():
    found = {
        f"{path.relative_to(PACKAGE)}:{line}"
        for path in PACKAGE.rglob("*.py")
        for line in foreign_emissions(path.read_text(encoding="utf-8"))
    }
    assert found == set()


@pytest.mark.parametrize(
    "line",
    [
        "viewpoint.point_changed.emit()",
        "self.document.test_changed.emit()",
        "signal.emit()",
        "timer.timeout.connect(self.viewpoint.point_changed.emit)",
        "self.signals[0].emit()",
    ],
)
def test_a_foreign_emission_is_found(line):
    assert foreign_emissions(f"def act(self):\n    {line}\n") == [2]


@pytest.mark.parametrize("line", ["self.done.emit()", "QTimer.singleShot(0, self.done.emit)"])
def test_an_own_emission_is_none(line):
    assert foreign_emissions(line) == []
