"""The curves of a training are its metrics, and the cursor reads them."""

import subprocess
import sys

import numpy as np
import pytest
from gui_helpers import settle
from PySide6.QtCore import QEvent, QPoint, QPointF
from PySide6.QtTest import QTest

from model.files.run_summary import Epoch, Terms
from vae_gui.panels.curves import Curves
from vae_gui.panels.first_epoch import EarlyPoint
from vae_gui.style import theme
from vae_gui.style.palette import DARK, LIGHT


def history_of(count):
    return tuple(
        Epoch(
            number,
            Terms(-200.0 + number, -207.0 + number, 7.0 + number / 10),
            Terms(-210.0 + number, -218.0 + number, 8.0 + number / 10),
            1.0,
        )
        for number in range(1, count + 1)
    )


@pytest.fixture
def curves(qtbot):
    made = Curves()
    qtbot.addWidget(made)
    made.resize(238, 400)
    made.show_history(history_of(20))
    made.show()
    settle()
    return made


def drawn(plot):
    """What is in the plot: for each curve its points."""
    return [
        np.stack(item.getData()).T
        for item in plot.plot.getPlotItem().listDataItems()
        if item.getData()[0] is not None and len(item.getData()[0])
    ]


def test_the_curves_are_the_metrics(curves):
    for at, name in enumerate(("elbo", "reconstruction", "kl")):
        train, validation = drawn(curves.plots[name])
        for line, of in ((train, "train"), (validation, "validation")):
            wanted = [(epoch.number, getattr(epoch, of)[at]) for epoch in history_of(20)]
            np.testing.assert_array_equal(line, wanted)


def test_without_a_cursor_the_last_epoch_is_read(curves):
    assert curves.which.text() == "Epoch 20: train, validation (nats)"
    assert curves.plots["elbo"].values.texts == {"train": "−180.0", "validation": "−190.0"}
    assert curves.plots["kl"].values.texts == {"train": "9.0", "validation": "10.0"}


@pytest.mark.parametrize("epoch", [1, 12, 20])
def test_the_cursor_reads_an_epoch_in_all_plots(curves, epoch):
    plot = curves.plots["reconstruction"].plot
    box = plot.getPlotItem().getViewBox()
    place = plot.mapFromScene(box.mapViewToScene(box.viewRect().center()))
    x = plot.mapFromScene(box.mapViewToScene(QPoint(epoch, 0))).x()
    QTest.mouseMove(plot.viewport(), QPoint(place.x(), place.y() + 3))
    QTest.mouseMove(plot.viewport(), QPoint(x, place.y()))
    settle()
    assert curves.which.text() == f"Epoch {epoch}: train, validation (nats)"
    for name, before in (("elbo", 210), ("reconstruction", 218)):
        text = curves.plots[name].values.texts["validation"]
        assert text == f"−{before - epoch:.1f}"


EARLY = tuple(EarlyPoint(step, step / 400, kl) for step, kl in ((0, 0.4), (30, 0.6), (100, 3.1)))


def test_the_snapshots_of_the_first_epoch_are_points_of_their_own_named_below(curves):
    assert not curves.key.isVisible()
    curves.show_history(history_of(20), EARLY)
    _, _, points = drawn(curves.plots["kl"])
    np.testing.assert_array_equal(points, [(point.epochs, point.kl) for point in EARLY])
    assert [len(drawn(curves.plots[name])) for name in ("elbo", "reconstruction")] == [2, 2]
    settle()
    assert curves.key.isVisible()
    assert "mean KL of the test digits" in curves.key.text()
    curves.show_history(history_of(20))
    assert len(drawn(curves.plots["kl"])) == 2
    assert not curves.key.isVisible()


def test_the_cursor_reads_a_snapshot_within_the_first_epoch(curves):
    curves.show_history(history_of(1), EARLY)
    settle()
    plot = curves.plots["kl"].plot
    box = plot.getPlotItem().getViewBox()
    at = QPointF(0.26, box.viewRect().center().y())
    place = plot.mapFromScene(box.mapViewToScene(at))
    QTest.mouseMove(plot.viewport(), QPoint(place.x() + 9, place.y()))
    QTest.mouseMove(plot.viewport(), place)
    settle()
    assert curves.which.text() == "Step 100 of epoch 1: test digits (nats)"
    assert curves.plots["kl"].values.texts["snapshots"] == "3.10"
    assert curves.plots["elbo"].values.texts == {"snapshots": ""}


def test_the_numbers_beside_the_curves_have_a_minus_sign(curves):
    axis = curves.plots["elbo"].plot.getPlotItem().getAxis("left")
    assert axis.tickStrings([-180.0, -160.0], 1.0, 20.0) == ["−180", "−160"]


def test_a_run_that_goes_on_grows(curves):
    curves.show_history(history_of(25))
    assert len(drawn(curves.plots["elbo"])[0]) == 25
    curves.show_history(history_of(1))
    assert len(drawn(curves.plots["elbo"])[0]) == 1
    assert curves.which.text().startswith("Epoch 1:")
    curves.show_history(())
    assert not curves.isVisible()


def test_the_cursor_moves_and_leaves_after_its_run_was_deleted(curves, qapp):
    curves.show_history((), EARLY)
    plot = curves.plots["elbo"]
    plot.pointed.emit(3.0)
    qapp.sendEvent(plot, QEvent(QEvent.Type.Leave))  # Qt sends it when it hides what is pointed at
    assert not curves.isVisible()
    curves.show_history(history_of(2))
    assert curves.which.text() == "Epoch 2: train, validation (nats)"


def test_they_follow_the_theme(curves, qapp):
    try:
        for look in (LIGHT, DARK):
            theme.apply(qapp, look)
            settle()
            corner = curves.grab().toImage().pixelColor(3, curves.height() - 3)
            assert corner.name() == look.window
    finally:
        theme.apply(qapp, LIGHT)


def test_pyqtgraph_is_not_imported_before_there_is_something_to_show():
    code = """
import sys
import vae_gui.app.main_window
assert "pyqtgraph" not in sys.modules, "main window"
from PySide6.QtWidgets import QApplication
application = QApplication([])
from vae_gui.panels.curves import Curves
curves = Curves()
curves.show()
assert "pyqtgraph" not in sys.modules, "curves"
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
