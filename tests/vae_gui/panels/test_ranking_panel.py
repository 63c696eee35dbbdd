import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from vae_gui.panels.ranking_panel import BEST, RankingPanel
from vae_gui.state.measures import MEASURES


@pytest.fixture
def panel(workspace, qtbot):
    numbers = workspace.document.measures
    numbers.reconstruction[:] = np.random.default_rng(5).normal(-100.0, 20.0, len(numbers.kl))
    made = RankingPanel(workspace.viewpoint)
    qtbot.addWidget(made)
    made.resize(308, 400)
    made.show()
    qtbot.waitExposed(made)
    return made


def choose(box, text):
    """Choose an item of a combo box by key."""
    box.setFocus()
    box.setCurrentIndex(0)
    while box.currentText() != text:
        before = box.currentIndex()
        QTest.keyClick(box, Qt.Key.Key_Down)
        assert box.currentIndex() > before


def shown(panel):
    return panel.ranking.order.tolist()


@pytest.mark.parametrize("key", ["elbo", "reconstruction", "kl", "spread"])
def test_it_ranks_by_any_number_from_either_end(panel, workspace, key):
    choose(panel.number, MEASURES[key].title)
    values = workspace.document.measures[key].values
    ascending = sorted(range(len(values)), key=lambda index: values[index])
    worst_first = ascending if MEASURES[key].high_is_good else ascending[::-1]
    assert shown(panel) == worst_first
    choose(panel.first, BEST)
    assert shown(panel) == worst_first[::-1]


def test_a_click_chooses_the_digit(panel, workspace):
    place = panel.list.visualRect(panel.ranking.index(2)).center()
    QTest.mouseClick(panel.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert workspace.viewpoint.selected == shown(panel)[2]


def test_arrow_keys_walk_along(panel, workspace):
    panel.list.setFocus()
    assert workspace.viewpoint.selected is None  # merely passing through chooses nothing
    panel.walk(1)
    assert workspace.viewpoint.selected == shown(panel)[0]
    QTest.keyClick(panel.list, Qt.Key.Key_Right)
    assert workspace.viewpoint.selected == shown(panel)[1]
    panel.walk(1)
    assert workspace.viewpoint.selected == shown(panel)[2]
    panel.walk(-1)
    assert workspace.viewpoint.selected == shown(panel)[1]


def test_each_picture_is_the_digits_own(panel, workspace):
    digit = shown(panel)[4]
    index = panel.ranking.index(4)
    picture = index.data(Qt.ItemDataRole.DecorationRole).toImage()
    levels = [picture.pixelColor(1, 2 * row + 1).red() for row in range(28)]
    assert levels == workspace.document.test.images[digit][:, 0].tolist()
    value = workspace.document.measures["elbo"].values[digit]
    assert float(index.data().replace("−", "-")) == pytest.approx(value, abs=0.051)
    assert f"Test digit {digit:,}" in index.data(Qt.ItemDataRole.ToolTipRole)


def test_what_is_not_measured_is_left_out_and_the_panel_says_so(panel, workspace):
    choose(panel.number, MEASURES["log_likelihood"].title)
    assert shown(panel) == []
    assert "Not measured yet" in panel.note.text()
    workspace.document.measures["log_likelihood"].values[:50] = -np.arange(50.0)
    workspace.document.measures_changed.emit()
    assert shown(panel) == list(range(49, -1, -1))
    assert panel.note.text() == "50 of 200 measured so far"
    workspace.document.measures["log_likelihood"].values[:] = -np.arange(200.0)
    workspace.document.measures_changed.emit()
    assert shown(panel) == list(range(199, -1, -1))
    assert not panel.note.isVisible()


def test_it_does_not_jump_while_someone_walks_along(panel, workspace):
    choose(panel.number, MEASURES["log_likelihood"].title)
    workspace.document.measures["log_likelihood"].values[:50] = -np.arange(50.0)
    workspace.document.measures_changed.emit()
    panel.walk(1)
    workspace.document.measures["log_likelihood"].values[50:150] = -300.0
    workspace.document.measures_changed.emit()
    assert workspace.viewpoint.selected == 49
    assert panel.row == 0
    chosen = []
    workspace.viewpoint.selection_changed.connect(
        lambda: chosen.append(workspace.viewpoint.selected)
    )
    workspace.document.measures["log_likelihood"].values[150:] = -400.0
    workspace.document.measures_changed.emit()
    assert panel.ranking.order[panel.row] == 49  # complete, and ranked anew around it
    assert panel.row == 150
    assert chosen == []
