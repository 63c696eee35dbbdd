"""The encoder against the exact posterior, in the real window, with real keys and presses."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from cut_texts import cut_texts
from evidence_window import SIDE, opened_window, press, sure
from gui_helpers import settle, settle_layers
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest

from benchmarks.hand import hand_over_widget
from model.data.binarise import binarise_once
from model.latent.best_gaussian import Gaussian, elbo, gaussian_fit, log_joint
from model.latent.decode_table import tabulation
from model.latent.evidence import Evidence
from model.latent.refinement import refinement
from model.latent.running_score import RunningScore
from model.likelihood.exact import integration
from vae_gui.panels.evidence.canvas import SCALE
from vae_gui.panels.evidence.encoder import GAP, PARTS
from vae_gui.plane.layers.encoder_marks import Name
from vae_gui.style.palette import LIGHT

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def window(qtbot, make_model, quick_digits, monkeypatch):
    with opened_window(qtbot, sure(make_model()), monkeypatch) as made:
        yield made


@pytest.fixture
def compared(window):
    return compare(window)


def compare(window):
    """Choose digit 7, and compare the encoder with its posterior."""
    window.workspace.viewpoint.select(7)
    press(window, "Shift+Y")
    return window


@pytest.mark.slow
def test_in_a_small_window_the_page_scrolls_to_what_the_key_asks_for(window):
    window.resize(1000, 700)
    window.workspace.viewpoint.select(7)
    press(window, "Shift+Y")
    panel = window.evidence.panel

    def is_seen(widget):
        place = widget.mapTo(panel.viewport(), widget.rect().bottomLeft())
        return 0 < place.y() < panel.viewport().height()

    assert is_seen(part(window).refine)
    assert is_seen(part(window).step)
    panel.verticalScrollBar().setValue(0)
    press(window, "Y")
    assert is_seen(part(window).step)
    panel.verticalScrollBar().setValue(0)
    press(window, "Shift+V")
    assert is_seen(panel.chains.verdict)
    panel.verticalScrollBar().setValue(0)
    QTest.mouseClick(panel.canvas, LEFT, pos=panel.canvas.middle_of(3, 3).toPoint())
    settle_layers(window.workspace)
    assert panel.verticalScrollBar().value() == 0  # the canvas stays under the hand


@pytest.fixture
def in_fine_cells(qtbot, make_model, quick_digits, monkeypatch):
    """As `compared`, with finer cells: coarse ones lose some of a mode's mass."""
    with opened_window(qtbot, sure(make_model()), monkeypatch, side=40) as made:
        yield compare(made)


def test_the_mass_of_a_single_mode_is_not_written_across_the_ellipses(in_fine_cells):
    window = in_fine_cells
    layer = next(one for one in window.plane.layers.layers if one.key == "posterior")
    viewpoint = window.workspace.viewpoint
    (spot,) = layer.spots(viewpoint)
    assert spot.text == ""
    before = window.plane.grab().toImage()
    window.evidence.panel.show_part("images")
    settle_layers(window.workspace)
    (spot,) = layer.spots(viewpoint)
    assert spot.text == "over 99.9 %"
    assert window.plane.grab().toImage() != before


def part(window):
    return window.evidence.panel.encoder


def check(window):
    return window.workspace.viewpoint.inference.encoder


def number(label):
    return float(label.text().replace("−", "-"))


def last_of(steps):
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


def direct_fit(window):
    """The same by the functions of the model alone, from the weights and the pixels."""
    vae = window.workspace.document.model.checkpoint.vae
    evidence = Evidence.of(window.workspace.observation.evidence.pixels)

    def decode(z):
        with torch.no_grad():
            return vae.decoder(torch.from_numpy(z)).numpy()

    with torch.no_grad():
        q = vae.posterior(torch.from_numpy(evidence.pixels)[None])
    mean, deviation = (one[0].double().numpy() for one in (q.mean, q.standard_deviation))
    table = last_of(tabulation(decode, SIDE))
    posterior = last_of(refinement(decode, RunningScore(table, evidence)))
    joint = log_joint(decode, evidence)
    encoder = Gaussian.diagonal(mean, deviation)
    return encoder, last_of(gaussian_fit(joint, posterior, SIDE, encoder)), joint


@pytest.mark.slow
def test_the_printed_nats_are_those_of_the_functions_called_directly(compared):
    values = part(compared).values
    _, fit, _ = direct_fit(compared)
    assert part(compared).subject.text() == "Test digit 7"
    assert number(values[GAP]) == pytest.approx(fit.log_evidence - fit.encoder, abs=0.011)
    expected = (fit.amortisation, fit.axes, fit.shape)
    for (title, _, _), nats in zip(PARTS, expected, strict=True):
        assert number(values[title]) == pytest.approx(nats, abs=0.011)
    assert part(compared).bar.parts == pytest.approx(expected, abs=0.006)
    assert sum(part(compared).bar.parts) == pytest.approx(check(compared).found.gap, abs=1e-9)


@pytest.mark.slow
def test_their_sum_is_the_gap_between_the_inspectors_elbo_and_the_exact_integral(compared):
    document = compared.workspace.document
    vae, digits = document.model.checkpoint.vae, document.test
    with torch.no_grad():
        q = vae.posterior(binarise_once(torch.from_numpy(digits.images)).flatten(1))
    mean, deviation = (one.double().numpy() for one in (q.mean, q.standard_deviation))
    document.set_test(replace(digits, means=mean, standard_deviations=deviation))
    settle_layers(compared.workspace)
    elbo_of_inspector = number(compared.inspector.chosen.values["elbo"][0])
    x = torch.from_numpy(compared.workspace.observation.evidence.pixels)[None]
    exact = float(last_of(integration(vae, x)).log_likelihood)
    printed = sum(number(part(compared).values[title]) for title, _, _ in PARTS)
    assert printed == pytest.approx(exact - elbo_of_inspector, abs=0.1)


@pytest.mark.slow
def test_y_refines_step_by_step_to_the_best_and_y_again_shows_the_encoders(compared):
    seen = []
    check(compared).changed.connect(lambda: seen.append(check(compared).step))
    encoder, fit, joint = direct_fit(compared)
    assert check(compared).shown.gaussian.mean == pytest.approx(encoder.mean, abs=1e-5)
    press(compared, "Y")
    last = len(check(compared).found.steps) - 1
    assert seen == list(range(1, last + 1))
    shown = check(compared).shown
    assert shown.gaussian.mean == pytest.approx(fit.best_diagonal.mean, abs=1e-3)
    assert shown.gaussian.covariance == pytest.approx(fit.best_diagonal.covariance, rel=0.02)
    height = elbo(joint, shown.gaussian)
    text = part(compared).step.text()
    assert text.startswith(f"The best of its kind: ELBO −{-height:.2f}, ")
    assert f"{height - fit.encoder:.2f} nats won" in text
    press(compared, "Y")
    assert check(compared).step == 0
    assert part(compared).step.text().startswith("The ellipse is the encoder's:")


def test_a_press_of_the_button_does_the_same_and_a_second_on_the_way_arrives(compared):
    QTest.mouseClick(part(compared).refine, LEFT)
    assert check(compared).step == 1
    QTest.mouseClick(part(compared).refine, LEFT)
    assert check(compared).is_refined
    assert part(compared).refine.text() == "Encoder's again"
    QTest.mouseClick(part(compared).refine, LEFT)
    assert check(compared).step == 0


def colours_of(widget):
    """(height, width, 3), red first."""
    image = widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    pixels = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1, 4)
    return pixels[:, : image.width(), 2::-1].astype(int)


def outline(window, gaussian, sigmas):
    """Where the ellipse meets the horizontal and the vertical through its middle, in pixels."""
    view = window.plane.view()
    reach = sigmas * np.sqrt(np.diag(gaussian.covariance))
    offsets = np.array([[1, 0], [-1, 0], [0, 1], [0, -1]]) * reach
    return view.to_pixels(gaussian.mean + offsets)


@pytest.mark.slow
def test_the_ellipse_is_painted_where_the_gaussian_is(window):
    """Of a drawing, so that no ring of a chosen digit is in the way; at another place refined."""
    press(window, "Ctrl+E")
    panel = window.evidence.panel
    hand = hand_over_widget(panel.canvas)
    hand.drag((10.5 * SCALE, 3.5 * SCALE), (10.5 * SCALE, 20.5 * SCALE))
    hand.release()
    press(window, "Shift+B")
    QTest.mouseClick(panel.choices.buttons["encoder"], LEFT)
    settle_layers(window.workspace)
    assert part(window).subject.text() == "Your drawing"
    for key in window.workspace.appearance.layers:
        window.workspace.appearance.show_layer(key, key == "posterior")
    QTest.mouseClick(part(window).zoom, LEFT)
    settle_layers(window.workspace)
    encoder, fit, _ = direct_fit(window)
    for gaussian, ink, refines in ((encoder, LIGHT.accent, True), (fit.best_diagonal, None, False)):
        levels = colours_of(window.plane)
        for x, y in outline(window, gaussian, 1.0).round().astype(int):
            near = levels[y - 2 : y + 3, x - 2 : x + 3].reshape(-1, 3)
            if ink is None:
                assert near.max(axis=1).min() < 110  # the colour of text
            else:
                assert (near[:, 2] - near[:, 0]).max() > 100  # blue
        if refines:
            press(window, "Y")


def test_no_text_is_cut_at_1400_x_900(compared):
    compared.resize(1400, 900)
    for key in ("", "Y", "V"):
        if key:
            press(compared, key)
        assert [text for text in cut_texts(compared) if not text.startswith("QComboBox")] == []


def test_z_zooms_to_posterior_and_ellipse_and_z_again_goes_back(compared):
    before = compared.plane.viewport.bounds
    press(compared, "Z")
    near = compared.plane.viewport.bounds
    found = check(compared).found
    assert near.width < before.width
    for gaussian in (found.encoder, found.fit.best_diagonal):
        for point in gaussian.mean + 2.0 * np.sqrt(np.diag(gaussian.covariance)) * [[1], [-1]]:
            assert near.left <= point[0] <= near.right
            assert near.low <= point[1] <= near.high
    posterior = compared.workspace.viewpoint.inference.numbers.posterior
    inside = (np.abs(posterior.cells.z - near.centre) < [near.width / 2, near.height / 2]).all(1)
    assert posterior.weights[inside].sum() > 0.98
    assert part(compared).zoom.text() == "Zoom back"
    press(compared, "Z")
    assert compared.plane.viewport.bounds == before
    assert part(compared).zoom.text() == "Zoom to it"


@pytest.mark.slow
def test_the_zoom_follows_to_the_next_digit_and_home_ends_it(compared):
    press(compared, "Z")
    compared.workspace.viewpoint.select(12)
    settle_layers(compared.workspace)
    near = compared.plane.viewport.bounds
    mean = check(compared).found.encoder.mean
    assert near.left < mean[0] < near.right
    assert near.low < mean[1] < near.high
    press(compared, "Home")
    assert part(compared).zoom.text() == "Zoom to it"


@pytest.mark.slow
def test_another_chosen_digit_is_loaded_and_nothing_stale_is_shown(compared):
    before = part(compared).values[GAP].text()
    QTest.keySequence(compared.plane, "Y")
    assert check(compared).step == 1
    compared.workspace.viewpoint.select(12)
    assert check(compared).found is None
    assert part(compared).values[GAP].text() == "…"
    assert not any(isinstance(mark, Name) for mark, _ in compared.plane.layers.marks())
    settle_layers(compared.workspace)
    assert part(compared).subject.text() == "Test digit 12"
    assert check(compared).step == 0
    assert part(compared).values[GAP].text() != before
    press(compared, "Ctrl+Z")
    assert compared.workspace.viewpoint.selected == 7
    assert part(compared).subject.text() == "Test digit 7"
    assert part(compared).values[GAP].text() == before


@pytest.mark.slow
def test_a_drawing_and_a_part_of_a_digit_are_not_replaced_by_the_chosen_digit(compared):
    compared.evidence.panel.masks.put("left-half")
    settle_layers(compared.workspace)
    assert "takes a whole image" in part(compared).status.text()
    assert part(compared).load.isVisible()
    assert not part(compared).refine.isEnabled()
    compared.workspace.viewpoint.select(12)
    settle_layers(compared.workspace)
    assert compared.workspace.observation.sketch.whole.index == 7
    QTest.mouseClick(part(compared).load, LEFT)
    settle_layers(compared.workspace)
    assert part(compared).subject.text() == "Test digit 12"
    assert check(compared).found is not None


def test_noise_is_refused_in_a_sentence(compared):
    compared.evidence.panel.noise.slider.setValue(10)
    settle_layers(compared.workspace)
    assert "With noise" in part(compared).status.text()
    assert check(compared).found is None


def test_a_mode_that_the_encoder_missed_is_said(compared):
    found = check(compared).found
    check(compared).show(replace(found, fit=replace(found.fit, from_mode=True)))
    assert "a mode that the encoder has missed" in part(compared).step.text()


@pytest.mark.slow
def test_other_weights_in_the_middle_give_other_numbers(compared, make_model, qtbot):
    before = check(compared).found
    QTest.keySequence(compared.plane, "Y")
    other = sure(make_model(seed=3, name="other.safetensors"))
    document = compared.workspace.document
    document.replace_weights(other, document.test)
    assert check(compared).found is None
    settle_layers(compared.workspace)
    _, fit, _ = direct_fit(compared)
    assert check(compared).found is not before
    assert check(compared).found.gap == pytest.approx(fit.log_evidence - fit.encoder, abs=0.01)
    with qtbot.waitSignal(compared.opening.finished):
        compared.open(sure(make_model(seed=2, name="another.safetensors")).path)
    assert check(compared).found is None or check(compared).found.evidence is not before.evidence
    settle_layers(compared.workspace)


def test_the_button_of_the_chosen_digit_leads_there(window):
    assert not window.inspector.chosen.compare.isVisible()
    window.workspace.viewpoint.select(3)
    QTest.mouseClick(window.inspector.chosen.compare, LEFT)
    settle_layers(window.workspace)
    assert part(window).subject.text() == "Test digit 3"
    assert check(window).found is not None


@pytest.mark.slow
@pytest.mark.parametrize("dimensions", [1, 3])
def test_other_than_two_dimensions_have_one_sentence_why(
    qtbot, make_model, quick_digits, monkeypatch, dimensions
):
    with opened_window(qtbot, make_model(dimensions), monkeypatch) as window:
        window.workspace.viewpoint.select(3)
        press(window, "Shift+Y")
        assert f"{dimensions} latent dimension" in part(window).status.text()
        assert part(window).status.text().count(".") == 1
        assert not part(window).zoom.isEnabled()
        press(window, "Y")
        press(window, "Z")


def test_the_window_closes_in_the_middle_and_leaves_no_thread(window):
    window.workspace.viewpoint.select(7)
    QTest.keySequence(window.plane, "Shift+Y")
    while not check(window).status.startswith("Looking"):
        settle()
    window.close()


def test_the_window_closes_while_the_ellipse_moves(compared):
    QTest.keySequence(compared.plane, "Y")
    assert check(compared).step == 1
    compared.close()
    settle()
    assert check(compared).step == 1  # its clock has stopped
