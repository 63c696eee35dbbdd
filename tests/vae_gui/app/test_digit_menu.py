"""The keys of the inspector, in the real window."""

import numpy as np
import pytest
from gui_helpers import settle
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from vae_gui.app.main_window import MainWindow
from vae_gui.style.theme import ThemeChoice


@pytest.fixture
def window(qtbot, quick_digits, make_model):
    made = MainWindow(ThemeChoice.LIGHT, remember=False)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    with qtbot.waitSignal(made.opening.finished):
        made.open(make_model().path)
    settle()
    made.activateWindow()
    made.plane.setFocus()
    yield made
    made.close()
    made.join()
    settle()


def press(window, key, modifier=Qt.KeyboardModifier.NoModifier):
    QTest.keyClick(window.plane, key, modifier)
    settle()


def test_m_s_and_h_show_mean_sample_and_threshold(window):
    probe = window.inspector.probe
    mean = probe.digit.levels.astype(float)
    assert "The mean of p(x|z)" in probe.where.text()
    press(window, Qt.Key.Key_S)
    first = probe.digit.levels
    assert set(np.unique(first)) <= {0, 255}
    assert "One draw of p(x|z)" in probe.where.text()
    press(window, Qt.Key.Key_S)
    assert (probe.digit.levels != first).any()
    press(window, Qt.Key.Key_H)
    differs = np.abs(mean - 127.5) > 1.0  # grey levels are rounded
    np.testing.assert_array_equal((probe.digit.levels > 127)[differs], (mean > 127.5)[differs])
    press(window, Qt.Key.Key_M)
    np.testing.assert_array_equal(probe.digit.levels, mean)


def test_q_draws_the_chosen_digits_z(window):
    window.workspace.viewpoint.select(7)
    chosen = window.inspector.chosen
    press(window, Qt.Key.Key_Q)
    assert chosen.where.text().startswith("At a draw")
    assert chosen.from_what.buttons["drawn"].isChecked()
    press(window, Qt.Key.Key_Q, Qt.KeyboardModifier.ShiftModifier)
    assert chosen.where.text().startswith("At the mean")


def test_ctrl_g_asks_for_an_index(window):
    window.inspector.pages.choose("model")
    press(window, Qt.Key.Key_G, Qt.KeyboardModifier.ControlModifier)
    field = QApplication.focusWidget()
    assert field is window.inspector.chosen.index
    QTest.keyClicks(field, "123")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert window.workspace.viewpoint.selected == 123


def test_n_walks_along_the_ranking_and_shift_n_back(window, qtbot):
    measures = window.workspace.document.measures
    qtbot.waitUntil(lambda: measures["elbo"].is_complete)
    ordered = np.argsort(measures["elbo"].values, kind="stable").tolist()
    press(window, Qt.Key.Key_N)
    assert window.inspector.pages.shown == "ranking"
    assert window.inspector.ranking.list.isVisible()
    assert window.workspace.viewpoint.selected == ordered[0]
    press(window, Qt.Key.Key_N)
    press(window, Qt.Key.Key_N)
    assert window.workspace.viewpoint.selected == ordered[2]
    press(window, Qt.Key.Key_N, Qt.KeyboardModifier.ShiftModifier)
    assert window.workspace.viewpoint.selected == ordered[1]
