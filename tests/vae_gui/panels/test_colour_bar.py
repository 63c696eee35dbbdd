"""The bar of colours where a measure is not known, infinite or vast."""

import numpy as np
import pytest
from gui_helpers import settle

from vae_gui.panels.colour_bar import ColourBar


@pytest.fixture
def bar(workspace, qtbot):
    made = ColourBar(workspace.viewpoint)
    qtbot.addWidget(made)
    made.show()
    return made


@pytest.mark.parametrize(
    ("values", "text"),
    [
        (np.full(200, np.nan), "200 of 200 not resolved"),
        (np.full(200, np.inf), ""),
        (np.full(200, -1e60), ""),
        (np.where(np.arange(200) % 2, -np.inf, 1e30), ""),
        (np.where(np.arange(200) % 2, np.nan, 3.0), "100 of 200 not resolved"),
    ],
    ids=["not a number", "infinite", "vast", "infinite and vast", "some not resolved"],
)
def test_any_values_have_a_bar_or_none(bar, workspace, values, text):
    document = workspace.document
    workspace.appearance.colour_by("elbo")
    document.measure(document.measures, "elbo", 0, values)
    settle()
    bar.grab()
    assert bar.known.text() == text
    assert (bar.bar.scale is not None) == bool(np.isfinite(values).any())
    assert bar.sizeHint().width() < 400
    if bar.bar.scale is not None:
        assert bar.bar.counts.sum() == np.isfinite(values).sum()
