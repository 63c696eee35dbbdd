"""The numbers of two models beside each other, and the digits on which they differ."""

import numpy as np
import pytest
from gui_helpers import settle
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from two_models import compare, turned_digits

from vae_gui.panels.comparison_panel import ComparisonPanel
from vae_gui.panels.comparison_table import FACTS, TERMS, signed
from vae_gui.panels.differing_digits import MEASURED, Order
from vae_gui.state.comparison import Link
from vae_gui.state.measures.label_accuracy import LabelAccuracy

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def panel(workspace, make_model, qtbot):
    compare(workspace, make_model(seed=1, name="turned.safetensors"), turned_digits())
    made = ComparisonPanel(workspace.comparison)
    qtbot.addWidget(made)
    made.resize(1100, 200)
    made.show()
    settle()
    return made


def fill(workspace, key="elbo"):
    numbers = np.random.default_rng(0)
    found = [numbers.normal(-150.0, 20.0, 200) for _ in range(2)]
    for document, values in zip(workspace.documents, found, strict=True):
        document.measure(document.measures, key, 0, values)
    settle()
    return found


def row(panel, title):
    index = [fact.title for fact in FACTS].index(title)
    return [cell.text().replace("−", "-") for cell in panel.table.cells[index]]


def test_means_and_their_difference(workspace, panel):
    assert row(panel, "ELBO, nats") == ["–", "–", "–"]
    a, b = fill(workspace)
    left, right, difference = (float(text) for text in row(panel, "ELBO, nats"))
    assert left == pytest.approx(a.mean(), abs=0.005)
    assert right == pytest.approx(b.mean(), abs=0.005)
    assert difference == pytest.approx((b - a).mean(), abs=0.005)
    assert row(panel, "Latent dimensions") == ["2", "2", "0"]
    assert row(panel, "Epochs") == ["3", "3", "0"]


def test_the_share_of_agreeing_neighbours(workspace, panel):
    for document, right in zip(workspace.documents, (150, 180), strict=True):
        document.set_neighbour_accuracy(LabelAccuracy(right, 200))
    assert row(panel, "10 nearest agree, %") == ["75.0", "90.0", "+15.0"]


def test_a_mean_is_not_said_of_some_images_alone(workspace, panel):
    document = workspace.document
    document.measure(document.measures, "elbo", 0, np.full(150, -100.0))
    assert row(panel, "ELBO, nats")[0] == "–"


def test_integration_is_asked_for_by_a_button_that_goes_when_it_is_done(workspace, panel, qtbot):
    table = panel.table
    assert table.integrate.isVisible()
    with qtbot.waitSignal(table.integration_wanted):
        QTest.mouseClick(table.integrate, LEFT)
    assert not table.integrate.isEnabled()
    a, b = fill(workspace, "log_likelihood")
    assert not table.integrate.isVisible()
    assert float(row(panel, "Exact log p(x), nats")[2]) == pytest.approx(
        b.mean() - a.mean(), abs=0.005
    )


def test_the_chosen_digit_has_its_own_numbers(workspace, panel):
    a, b = fill(workspace)
    workspace.viewpoint.select(42)
    settle()
    cells = panel.table.of_digit[TERMS.index("elbo")]
    shown = [float(cell.text().replace("−", "-")) for cell in cells]
    assert shown == pytest.approx([a[42], b[42]], abs=0.005)
    assert panel.table.digit_heading.text() == "digit 42"


@pytest.mark.parametrize(
    ("order", "by"),
    [
        (Order.EITHER, lambda a, b: -np.abs(b - a)),
        (Order.RIGHT, lambda a, b: a - b),
        (Order.LEFT, lambda a, b: b - a),
    ],
)
def test_digits_are_in_the_order_of_their_difference(workspace, panel, order, by):
    a, b = fill(workspace)
    panel.digits.order.setCurrentIndex(list(Order).index(order))
    assert panel.digits.digits.order.tolist() == np.argsort(by(a, b), kind="stable").tolist()
    first = panel.digits.digits.index(0)
    value = float(first.data(Qt.ItemDataRole.DisplayRole).replace("−", "-"))
    index = int(panel.digits.digits.order[0])
    assert value == pytest.approx(b[index] - a[index], abs=0.005)


def test_less_kl_is_better(workspace, panel):
    panel.digits.measure.setCurrentIndex(MEASURED.index("kl"))
    panel.digits.order.setCurrentIndex(list(Order).index(Order.RIGHT))
    columns = [document.measures["kl"].values for document in workspace.documents]
    assert panel.digits.digits.order[0] == (columns[1] - columns[0]).argmin()


@pytest.mark.parametrize("link", list(Link))
def test_a_click_on_a_digit_chooses_it_in_both(workspace, panel, link):
    fill(workspace)
    workspace.comparison.choose_link(link)
    view = panel.digits.list
    place = view.visualRect(panel.digits.digits.index(2)).center()
    QTest.mouseClick(view.viewport(), LEFT, pos=place)
    settle()
    index = int(panel.digits.digits.order[2])
    assert [viewpoint.selected for viewpoint in workspace.viewpoints] == [index, index]
    assert np.array_equal(workspace.viewpoint.probe, workspace.document.test.means[index])


def test_differences_have_signs_unless_they_are_written_as_zero():
    written = [signed(text) for text in ("1.20", "−1.20", "0.00", "−0.00", "0", "∞", "−∞")]
    assert written == ["+1.20", "−1.20", "0.00", "0.00", "0", "+∞", "−∞"]


def test_what_is_missing_is_said(workspace, panel):
    assert panel.digits.note.text() == "Measuring: 0 %"
    panel.digits.measure.setCurrentIndex(MEASURED.index("log_likelihood"))
    assert panel.digits.note.text() == "Press Integrate in the table first."
    fill(workspace, "log_likelihood")
    assert not panel.digits.note.isVisible()
    assert len(panel.digits.digits.order) == 200
