"""The layers that workers draw need no Qt: each draws where PySide6 cannot be imported."""

import os
import subprocess
import sys
from pathlib import Path

import hand_made
import numpy as np
import pytest

from vae_gui.plane.layers.layer import PictureLayer
from vae_gui.plane.layers.table import LAYERS

# A module that is None cannot be imported, and neither can what lies in it.
CODE = """
import sys
sys.modules["PySide6"] = sys.modules["shiboken6"] = None
try:
    import PySide6.QtCore
except ImportError:
    import hand_made, numpy
    numpy.savez(sys.argv[1], **hand_made.pictures())
"""


def test_a_request_is_made_for_each_picture_layer_of_the_table():
    kinds = {kind for kind in LAYERS if issubclass(kind, PictureLayer)}
    assert set(hand_made.requests()) == kinds


@pytest.mark.slow
def test_without_qt_each_layer_draws_the_same_pixels(tmp_path):
    out = tmp_path / "pictures.npz"
    folder = str(Path(hand_made.__file__).parent)
    subprocess.run(
        [sys.executable, "-c", CODE, str(out)], check=True, env=os.environ | {"PYTHONPATH": folder}
    )
    expected = hand_made.pictures()
    found = np.load(out)
    assert set(found) == set(expected)
    assert {name.split()[0] for name in expected} == {kind.key for kind in hand_made.requests()}
    for name, picture in expected.items():
        np.testing.assert_array_equal(found[name], picture)
        assert len(np.unique(picture)) > 2
