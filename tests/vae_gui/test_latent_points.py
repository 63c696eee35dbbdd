"""The first two dimensions are not the plane: which two it shows, a slice says."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def cuts(source):
    """The lines that take the first two of something's numbers."""
    if not re.search(r":\s*2\b|\b0\s*,\s*1\b", source):
        return []  # nothing to parse it for
    return [
        node.lineno
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Subscript) and takes_two(node.slice) and not is_shape(node.value)
    ]


def takes_two(index):
    parts = index.elts if isinstance(index, ast.Tuple) else [index]
    return any(is_first_two(part) for part in parts)


def is_first_two(part):
    if isinstance(part, ast.Slice):
        return part.step is None and value(part.lower) in (None, 0) and value(part.upper) == 2
    return isinstance(part, ast.List) and [value(one) for one in part.elts] == [0, 1]


def value(node):
    return node.value if isinstance(node, ast.Constant) else None


def is_shape(node):
    """Sizes of axes are no numbers of a point."""
    return isinstance(node, ast.Attribute) and node.attr == "shape"


@pytest.mark.parametrize("package", ["vae_gui", "model"])
def test_no_file_takes_the_first_two_of_a_latent_point(package):
    found = {
        f"{path.relative_to(ROOT)}:{line}"
        for path in (ROOT / package).rglob("*.py")
        for line in cuts(path.read_text(encoding="utf-8"))
    }
    assert found == set()


@pytest.mark.parametrize("taken", ["z[:2]", "means[:, :2]", "x[..., 0:2]", "means[:, [0, 1]]"])
def test_such_a_cut_is_found(taken):
    assert cuts(f"here = there({taken})") == [1]


@pytest.mark.parametrize(
    "taken", ["z[list(shown)]", "ticks[::2]", "z.shape[:2]", "z[2:]", "z[:3]", "names[:count]"]
)
def test_other_cuts_are_none(taken):
    assert cuts(f"here = there({taken})") == []
