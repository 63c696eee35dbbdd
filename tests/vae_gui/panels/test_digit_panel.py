import re

import numpy as np
import pytest
import torch
from gui_helpers import make_digits, settle
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from vae_gui.panels.digit_panel import DigitPanel
from vae_gui.panels.point_text import point_text
from vae_gui.state.measures import MEASURES
from vae_gui.style.colour_maps import signed


@pytest.fixture
def panel(workspace, qtbot):
    made = DigitPanel(workspace.viewpoint)
    qtbot.addWidget(made)
    made.show()
    return made


def decoded(workspace, z):
    logits = workspace.document.model.checkpoint.vae.decoder(torch.from_numpy(np.float32(z))[None])
    return torch.sigmoid(logits).detach().numpy().reshape(28, 28)


def type_index(panel, text):
    panel.index.setFocus()
    panel.index.selectAll()
    QTest.keyClicks(panel.index, text)
    QTest.keyClick(panel.index, Qt.Key.Key_Return)


def test_without_a_choice_it_says_how_to_choose(panel):
    assert panel.empty.isVisible()
    assert "Double-click" in panel.empty.text()
    assert not panel.known.isVisible()


def test_a_typed_index_goes_to_that_digit(panel, workspace):
    type_index(panel, "133")
    assert workspace.viewpoint.selected == 133
    np.testing.assert_array_equal(workspace.viewpoint.probe, workspace.document.test.means[133])
    assert (
        panel.name.text()
        == f"label {workspace.document.test.class_names[workspace.document.test.labels[133]]}"
    )
    assert panel.refusal.isHidden()


@pytest.mark.parametrize("text", ["200", "2000", "99999", "-1"])
def test_an_index_that_there_is_not_is_refused_and_nothing_is_lost(panel, workspace, text):
    type_index(panel, "133")
    type_index(panel, text)
    assert workspace.viewpoint.selected == 133
    assert panel.index.value() == 133
    if text != "-1":  # which is how the field says that none is chosen
        assert panel.refusal.isVisible()
        assert panel.refusal.text() == f"There is no digit {int(text):,}: the last is 199."
    type_index(panel, "199")
    assert workspace.viewpoint.selected == 199
    assert panel.refusal.isHidden()


@pytest.fixture
def many_digits(workspace):
    """As many digits as MNIST tests: some have an index of four figures, none of five."""
    workspace.document.set_test(make_digits(count=10_000))


@pytest.mark.parametrize(("text", "index"), [("1,234", 1234), ("1234", 1234), ("0012", 12)])
def test_an_index_may_be_typed_as_it_is_printed(panel, workspace, many_digits, text, index):
    type_index(panel, text)
    assert workspace.viewpoint.selected == index
    assert panel.index.text() == f"{index:,}"


ABSENT = "There is no digit {}: the last is 9,999."
UNCLEAR = "{} is not a whole number, such as 1234 or 1,234."


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("10000", ABSENT.format("10,000")),
        ("10,000", ABSENT.format("10,000")),
        ("123456789", ABSENT.format("123,456,789")),
        *((text, UNCLEAR.format(text)) for text in ("1.000", "1 000", "1,00", "1,5")),
    ],
)
def test_an_index_never_becomes_another_one(panel, workspace, many_digits, text, sentence):
    type_index(panel, "133")
    type_index(panel, text)
    assert workspace.viewpoint.selected == 133
    assert panel.index.value() == 133
    assert panel.refusal.isVisible()
    assert panel.refusal.text() == sentence


def test_original_and_reconstruction_are_those_of_the_digit(panel, workspace):
    workspace.viewpoint.select(42)
    np.testing.assert_array_equal(panel.original.levels, workspace.document.test.images[42])
    expected = 255.0 * decoded(workspace, workspace.document.test.means[42])
    assert np.abs(panel.reconstruction.levels - expected).max() <= 1.0


def test_the_difference_is_signed_and_at_fixed_levels(panel, workspace):
    workspace.viewpoint.select(42)
    difference = workspace.document.test.images[42] / 255.0 - decoded(
        workspace, workspace.document.test.means[42]
    )
    levels = panel.difference.levels
    assert np.abs(levels - (127.5 + 127.5 * difference)).max() <= 1.0
    # On the screen: red for more ink, blue for less, whatever the picture's own range.
    table = signed(True)
    image = panel.difference.grab().toImage()
    for row, column in ((14, 0), (3, 5), (20, 20)):
        seen = image.pixelColor(3 * column + 1, 3 * row + 1).rgb()
        assert seen == int(table[levels[row, column]])
    high, low = (int(table[step]) for step in (255, 0))
    assert (high >> 16) & 255 > high & 255
    assert low & 255 > (low >> 16) & 255


@pytest.fixture
def decodings(workspace, monkeypatch):
    """The latent points that are decoded for the panel, in order."""
    points, decoder = [], workspace.document.model.point_decoder
    real = decoder.decode

    def decode(z):
        points.append(z)
        return real(z)

    monkeypatch.setattr(decoder, "decode", decode)
    return points


def test_draws_of_z_follow_the_posterior_and_say_so(panel, workspace, decodings):
    workspace.viewpoint.select(42)
    assert panel.where.text().startswith("At the mean of q(z|x)")
    QTest.mouseClick(panel.from_what.buttons["drawn"], Qt.MouseButton.LeftButton)
    assert panel.where.text().startswith("At a draw of q(z|x)")
    mean, deviation = (
        workspace.document.test.means[42],
        workspace.document.test.standard_deviations[42],
    )
    drawn = []
    for _ in range(300):
        panel.from_what.choose("drawn")
        z = decodings[-1]
        assert point_text(workspace.viewpoint.slice, z, 3) in panel.where.text()
        assert np.abs(panel.reconstruction.levels - 255.0 * decoded(workspace, z)).max() <= 1.0
        drawn.append(z)
    np.testing.assert_allclose(np.mean(drawn, axis=0), mean, atol=4.0 * deviation.max() / 300**0.5)
    np.testing.assert_allclose(np.std(drawn, axis=0), deviation, rtol=0.2)
    QTest.mouseClick(panel.from_what.buttons["mean"], Qt.MouseButton.LeftButton)
    assert np.abs(panel.reconstruction.levels - 255.0 * decoded(workspace, mean)).max() <= 1.0


def test_numbers_and_ranks_are_those_of_a_sorted_list(panel, workspace):
    document, measures = workspace.document, workspace.document.measures
    terms = np.random.default_rng(5).normal(-100.0, 20.0, len(measures))
    document.measure(measures, "reconstruction", 0, terms)
    document.measure(measures, "elbo", 0, terms - measures["kl"].values)
    workspace.viewpoint.select(42)
    for key in ("elbo", "reconstruction", "kl", "standard_deviation"):
        value, rank = panel.values[key]
        values = measures[key].values
        assert float(value.text().replace("−", "-")) == pytest.approx(
            values[42], abs=0.51 * 10.0 ** -MEASURES[key].decimals
        )
        ordered = sorted(values, reverse=MEASURES[key].high_is_good)
        assert int(rank.text().replace(",", "")) == ordered.index(values[42]) + 1
    elbo, reconstruction, kl = (
        float(panel.values[key][0].text().replace("−", "-"))
        for key in ("elbo", "reconstruction", "kl")
    )
    assert elbo == pytest.approx(reconstruction - kl, abs=0.011)


def test_what_is_not_known_yet_is_not_made_up(panel, workspace):
    document, measures = workspace.document, workspace.document.measures
    document.measure(measures, "reconstruction", 0, [*np.full(99, -90.0), np.nan])
    workspace.viewpoint.select(42)
    assert panel.values["reconstruction"][1].text() == "1 of 99"
    workspace.viewpoint.select(142)
    value, rank = panel.values["reconstruction"]
    assert (value.text(), rank.text()) == ("–", "not yet")
    workspace.viewpoint.select(99)
    assert (value.text(), rank.text()) == ("–", "not resolved")
    value, rank = panel.values["log_likelihood"]
    assert (value.text(), rank.text()) == ("–", "colour by it")


def test_what_can_never_be_known_says_why(workspace, make_model, qtbot):
    panel = DigitPanel(workspace.viewpoint)
    qtbot.addWidget(panel)
    workspace.document.open(make_model(3))
    workspace.document.set_test(make_digits(3))
    value, rank = panel.values["log_likelihood"]
    assert (value.text(), rank.text()) == ("–", "only in 2-D")


def test_another_model_empties_it(panel, workspace, make_model):
    workspace.viewpoint.select(42)
    workspace.document.open(make_model())
    settle()
    assert panel.empty.isVisible()
    assert panel.index.value() == -1


def test_a_refusal_goes_as_soon_as_the_field_is_right_again(panel, workspace):
    type_index(panel, "133")
    type_index(panel, "9999")
    assert panel.refusal.isVisible()
    panel.index.selectAll()
    QTest.keyClicks(panel.index, "1")
    assert panel.refusal.isHidden()
    type_index(panel, "133")  # the digit that is chosen already
    assert panel.refusal.isHidden()
    assert panel.index.value() == 133


def test_each_measure_names_its_own_unit_and_the_rank_says_which_is_best(panel, workspace):
    workspace.viewpoint.select(42)
    texts = {key: title.text() for key, title in panel.table.titles.items()}
    assert texts["elbo"] == "ELBO, nats"
    assert texts["standard_deviation"] == "Std. deviation, units of z"
    assert panel.table.heading.text() == "rank (1 = best) of 200"
    captions = [label.text() for label in panel.findChildren(QLabel)]
    assert "nats" not in captions


def test_a_term_explains_itself_under_the_cursor(panel):
    assert "lower bound on log p(x)" in panel.table.titles["elbo"].toolTip().replace("\n", " ")
    assert "nat: the unit" in panel.table.titles["kl"].toolTip()
    assert "q(z|x), the posterior" in panel.step.posterior.toolTip()


def test_the_encoders_step_goes_from_the_digit_over_mean_and_deviation_to_the_decoded(
    panel, workspace
):
    workspace.viewpoint.select(42)
    test = workspace.document.test
    pairs = zip(test.means[42], test.standard_deviations[42], strict=True)
    expected = "\n\n".join(f"{m:.3f}\n±{s:.3f}" for m, s in pairs).replace("-", "−")
    assert panel.step.posterior.text() == expected
    parts = (panel.original, panel.step.posterior, panel.reconstruction, panel.difference)
    places = [part.mapTo(panel, part.rect().center()) for part in parts]
    assert sorted(place.x() for place in places) == [place.x() for place in places]
    assert max(place.y() for place in places) - min(place.y() for place in places) <= 1


def test_with_many_dimensions_the_point_is_printed_whole(workspace, make_model, qtbot):
    panel = DigitPanel(workspace.viewpoint)
    qtbot.addWidget(panel)
    workspace.document.open(make_model(20))
    workspace.document.set_test(make_digits(20))
    workspace.viewpoint.select(3)
    panel.resize(376, 500)
    panel.show()
    settle()
    text = panel.where.text()
    assert "…" not in text
    printed = [float(n) for n in re.findall(r"-?\d+\.\d+", text.replace("−", "-"))]
    np.testing.assert_allclose(printed, workspace.document.test.means[3], atol=5e-4)
    assert panel.where.height() >= panel.where.heightForWidth(panel.where.width())
    assert panel.step.posterior.toolTip().count("±") == 20
