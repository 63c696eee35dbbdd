"""The name of a model above its plane says what there is room for, in whole parts."""

import pytest
from PySide6.QtGui import QFontMetrics

from vae_gui.panels.model_heading import fitting

PARTS = ["2-D, residual, 2 × 64", "epoch 40", "MNIST test set, 10,000 posterior means"]


@pytest.fixture
def metrics(qapp):
    return QFontMetrics(qapp.font())


@pytest.mark.parametrize("count", [1, 2, 3])
def test_whole_parts_are_left_out_from_the_end(metrics, count):
    line = "; ".join(PARTS[:count])
    room = metrics.horizontalAdvance(line)
    assert fitting(PARTS, metrics, room) == line
    if count > 1:
        assert fitting(PARTS, metrics, room - 1) == "; ".join(PARTS[: count - 1])


def test_the_first_part_is_cut_only_where_nothing_else_helps(metrics):
    assert fitting(PARTS, metrics, metrics.horizontalAdvance(PARTS[0]) - 1).endswith("…")
    assert fitting([], metrics, 100) == ""
