"""The inspector in the real window: what stands without scrolling, what grows, what F does."""

from dataclasses import replace

import numpy as np
import pytest
from gui_helpers import make_digits, mouse, settle
from PySide6.QtCore import QEvent, QPointF, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QScrollArea, QWidget

from vae_gui.app.actions import show_keys_at_controls
from vae_gui.app.main_window import MainWindow
from vae_gui.plane.header import PlaneHeader
from vae_gui.state.appearance import LayerState
from vae_gui.state.measures import MEASURES
from vae_gui.style.theme import ThemeChoice


@pytest.fixture
def window(qtbot, quick_digits, make_model):
    made = MainWindow(ThemeChoice.LIGHT, remember=False)
    qtbot.addWidget(made)
    made.resize(1400, 900)
    made.show()
    qtbot.waitExposed(made)
    with qtbot.waitSignal(made.opening.finished):
        made.open(make_model().path)
    made.workspace.viewpoint.select(18)
    made.activateWindow()
    made.plane.setFocus()
    settle()
    yield made
    made.close()
    made.join()
    settle()


def is_all_seen(window: QWidget, part: QWidget) -> bool:
    """Whether nothing of a part is hidden behind an edge of whatever scrolls it."""
    whole = QRect(part.mapTo(window, part.rect().topLeft()), part.size())
    return part.isVisible() and part.visibleRegion().boundingRect().size() == whole.size()


def scrolling_ancestors(part):
    found = []
    while (part := part.parentWidget()) is not None:
        if isinstance(part, QScrollArea):
            found.append(part)
    return found


def test_probe_nearest_and_chosen_digit_stand_without_scrolling_at_1400_x_900(window):
    inspector = window.inspector
    parts = (
        *(inspector.probe.digit, inspector.probe.decoded_as, inspector.probe.where),
        *(*inspector.probe.fields.fields, *inspector.nearest.buttons),
        *(inspector.chosen.index, inspector.chosen.step, inspector.chosen.from_what),
        *(inspector.chosen.table, inspector.chosen.where),
    )
    for part in parts:
        assert is_all_seen(window, part), part
    for key, pair in inspector.chosen.values.items():
        for label in pair:
            if MEASURES[key].is_silent_where_unavailable:
                assert label.isHidden()  # the model is no snapshot of a run
            else:
                assert is_all_seen(window, label)


@pytest.mark.parametrize("size", [(960, 600), (1366, 768)])
def test_in_a_small_window_every_part_can_be_scrolled_to(window, size):
    window.resize(*size)
    settle()
    inspector = window.inspector
    for key, parts in (
        ("chosen", (inspector.probe.digit, *inspector.nearest.buttons, inspector.chosen.where)),
        ("model", (inspector.model.facts,)),
    ):
        inspector.pages.choose(key)
        settle()
        for part in parts:
            (area,) = scrolling_ancestors(part)
            area.ensureWidgetVisible(part)
            settle()
            assert is_all_seen(window, part), part


def test_the_digit_grows_with_the_window_in_whole_multiples_of_28(window):
    digit = window.inspector.probe.digit
    sides = set()
    for width, height in ((900, 600), (1366, 700), (1400, 900), (1600, 1000), (1920, 1200)):
        window.resize(width, height)
        settle()
        assert digit.width() == digit.height()
        assert digit.width() % 28 == 0
        sides.add(digit.width())
    assert len(sides) >= 3
    assert digit.width() >= 13 * 28  # at 1920 x 1200


@pytest.mark.slow
@pytest.mark.parametrize("height", [600, 900, 1200])
def test_the_ranking_comes_into_view_and_owns_the_rest_of_the_height(window, qtbot, height):
    window.resize(1400, height)
    measures = window.workspace.document.measures
    qtbot.waitUntil(lambda: measures["elbo"].is_complete)
    QTest.keyClick(window.plane, Qt.Key.Key_N)
    settle()
    ranking = window.inspector.ranking
    assert is_all_seen(window, ranking)
    assert scrolling_ancestors(ranking.list) == []
    below = window.inspector.pages.rect().bottom()
    assert ranking.list.mapTo(window.inspector.pages, ranking.list.rect().bottomLeft()).y() > (
        below - 20
    )
    assert ranking.list.height() > 100
    assert (
        ranking.list.viewport()
        .rect()
        .intersects(ranking.list.visualRect(ranking.list.selectedIndexes()[0]))
    )


def test_f_floats_the_decoded_digit_beside_the_cursor(window):
    move = QEvent.Type.MouseMove
    middle = QPointF(window.plane.rect().center())
    mouse(window.plane, move, middle)
    assert window.floating.isHidden()
    QTest.keyClick(window.plane, Qt.Key.Key_F)
    mouse(window.plane, move, middle + QPointF(5.0, 0.0))
    settle()
    assert window.floating.isVisible()
    at = (middle + QPointF(5.0, 0.0)).toPoint()
    assert not window.floating.geometry().contains(at)
    np.testing.assert_array_equal(window.floating.levels, window.inspector.probe.digit.levels)
    QApplication.sendEvent(window.plane, QEvent(QEvent.Type.Leave))
    assert window.floating.isHidden()
    QTest.keyClick(window.plane, Qt.Key.Key_F)
    mouse(window.plane, move, middle)
    assert window.floating.isHidden()


def test_no_tooltip_names_a_key_twice(window):
    show_keys_at_controls(window.actions_by_name, window.inspector)
    tips = [part.toolTip() for part in window.findChildren(QWidget)]
    named = [tip for tip in tips if tip.endswith(")")]
    assert len(named) > 20
    for tip in named:
        last = tip[tip.rindex("(") :]
        assert tip.count(last) == 1 or f"{last} {last}" not in tip


def test_the_header_counts_what_is_shown(window):
    source = window.header.source.text()
    assert "shown" not in source
    QTest.keyClick(window.plane, Qt.Key.Key_3)
    settle()
    assert window.header.source.text() == f"{source}: 180 of 200 posterior means shown"
    QTest.keyClick(window.plane, Qt.Key.Key_A)
    settle()
    assert window.header.source.text() == source


def test_the_count_stands_where_the_source_counts(workspace, qtbot):
    source = "MNIST test set, 200 posterior means (pixels binarised once, seed 0)"
    workspace.document.set_test(replace(make_digits(), source=source))
    header = PlaneHeader(workspace.viewpoint)
    qtbot.addWidget(header)
    workspace.appearance.set_layer("test", LayerState(True))
    workspace.appearance.toggle_class(4)
    assert header.source.text() == source.replace("200 p", "180 of 200 p").replace(
        "means", "means shown"
    )
    workspace.appearance.show_layer("test", False)
    assert header.source.text() == f"{source} (not shown)"
