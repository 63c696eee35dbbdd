"""Who may know whom: what the import contracts of pyproject.toml cannot say."""

import ast
import functools
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@functools.cache
def imported(path):
    """The top-level names of all modules that a file imports, also inside functions."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add((node.module or "").partition(".")[0])
    return frozenset(names)


@pytest.mark.slow
def test_the_command_line_and_the_model_never_load_qt():
    """Nor do they load torchvision before it is needed: it brings a thousand modules along."""
    code = """
import sys, pkgutil, importlib, model, train_cli
for module in pkgutil.walk_packages(model.__path__, "model."):
    importlib.import_module(module.name)
unwanted = {"PySide6", "pyqtgraph", "vae_gui", "torchvision"}
print(sorted(unwanted & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_command_line_imports_neither_qt_nor_the_window():
    assert not imported(ROOT / "train_cli.py") & {"PySide6", "pyqtgraph", "vae_gui"}


@pytest.mark.parametrize("module", ["threading", "concurrent", "multiprocessing", "asyncio"])
def test_only_one_file_of_the_window_knows_threads(module):
    knowing = {path.name for path in (ROOT / "vae_gui").rglob("*.py") if module in imported(path)}
    assert knowing <= {"worker.py"}


def test_no_file_of_the_window_uses_qthread():
    for path in (ROOT / "vae_gui").rglob("*.py"):
        assert "QThread" not in path.read_text(encoding="utf-8"), path.name


def test_only_one_file_knows_the_run_directorys_layout():
    for path in (*(ROOT / "vae_gui").rglob("*.py"), *(ROOT / "model").rglob("*.py")):
        if path.name != "run.py":
            words = path.read_text(encoding="utf-8")
            assert "metrics.jsonl" not in words, path.name
            assert "best.safetensors" not in words, path.name
