import numpy as np
import pytest
from gui_helpers import make_digits
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from vae_gui.panels.ranking_panel import BEST, RankingPanel
from vae_gui.state.measures import MEASURES


def measure(workspace, key, first, values):
    workspace.document.measure(workspace.document.measures, key, first, values)


@pytest.fixture
def panel(workspace, qtbot):
    terms = np.random.default_rng(5).normal(-100.0, 20.0, 200)
    measure(workspace, "reconstruction", 0, terms)
    measure(workspace, "elbo", 0, terms - workspace.document.measures["kl"].values)
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


@pytest.mark.parametrize("key", ["elbo", "reconstruction", "kl", "standard_deviation"])
def test_it_ranks_by_any_number_from_either_end(panel, workspace, key):
    choose(panel.measure, MEASURES[key].title)
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
    assert float(index.data().replace("−", "-")) == pytest.approx(value, abs=0.0051)
    assert f"Test digit {digit:,}" in index.data(Qt.ItemDataRole.ToolTipRole)


def test_what_is_not_measured_is_left_out_and_the_panel_says_so(panel, workspace):
    choose(panel.measure, MEASURES["log_likelihood"].title)
    assert shown(panel) == []
    assert "Not measured yet" in panel.note.text()
    measure(workspace, "log_likelihood", 0, -np.arange(50.0))
    assert shown(panel) == list(range(49, -1, -1))
    assert panel.note.text() == "50 of 200 measured so far"
    measure(workspace, "log_likelihood", 0, -np.arange(200.0))
    assert shown(panel) == list(range(199, -1, -1))
    assert not panel.note.isVisible()


def test_it_does_not_jump_while_someone_walks_along(panel, workspace):
    choose(panel.measure, MEASURES["log_likelihood"].title)
    measure(workspace, "log_likelihood", 0, -np.arange(50.0))
    panel.walk(1)
    measure(workspace, "log_likelihood", 50, np.full(100, -300.0))
    assert workspace.viewpoint.selected == 49
    assert panel.row == 0
    chosen = []
    workspace.viewpoint.selection_changed.connect(
        lambda: chosen.append(workspace.viewpoint.selected)
    )
    measure(workspace, "log_likelihood", 150, np.full(50, -400.0))
    assert panel.ranking.order[panel.row] == 49  # complete, and ranked anew around it
    assert panel.row == 150
    assert chosen == []


def test_images_that_could_not_be_resolved_are_left_out_and_counted(panel, workspace):
    choose(panel.measure, MEASURES["log_likelihood"].title)
    values = -np.arange(200.0)
    values[[3, 190]] = np.nan
    measure(workspace, "log_likelihood", 0, values)
    assert len(shown(panel)) == 198
    assert {3, 190}.isdisjoint(shown(panel))
    assert panel.note.text() == "2 of 200 not resolved"


def test_better_values_of_all_images_rank_them_anew(panel, workspace):
    """The exact integral replaces the terms that were estimated before."""
    measure(workspace, "elbo", 0, -np.arange(200.0))
    assert shown(panel) == list(range(199, -1, -1))
    assert panel.ranking.index(0).data() == "−199.00"
    panel.walk(1)
    measure(workspace, "elbo", 0, -np.arange(200.0)[::-1])
    assert shown(panel) == list(range(200))
    assert workspace.viewpoint.selected == 199
    assert panel.row == 199


def test_what_can_never_be_known_says_why(panel, workspace, make_model):
    choose(panel.measure, MEASURES["log_likelihood"].title)
    workspace.document.open(make_model(3))
    workspace.document.set_test(make_digits(3))
    assert shown(panel) == []
    assert panel.note.text() == "only in 2-D"
