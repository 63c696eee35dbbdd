"""Two chains over the exact posterior, in the real window, with real keys and presses."""

import numpy as np
import pytest
import torch
from evidence_window import opened_window, press, sure
from gui_helpers import settle, settle_layers
from patience import settle_when, wait_until
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest

from model.latent.total_variation import Boxes, total_variation
from model.likelihood.gibbs import sweeps
from vae_gui.jobs.chain_steps import WARM_UP
from vae_gui.jobs.chaining import SPEEDS
from vae_gui.panels.evidence.chains import ACCEPTED, EXACT, METROPOLIS, PSEUDO, STEPS, verdict
from vae_gui.plane.layers.chain_marks import Cloud, Trail
from vae_gui.state.chains import Chain, Course
from vae_gui.style.palette import LIGHT
from vae_gui.style.scales import percent

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def window(qtbot, make_model, quick_digits, monkeypatch):
    with opened_window(qtbot, sure(make_model()), monkeypatch) as made:
        yield made


@pytest.fixture
def half(window):
    """The window with half of digit 7 on the canvas, and the part Chains on the page."""
    press(window, "Ctrl+E")
    panel = window.evidence.panel
    panel.digit.index.setValue(7)
    settle_layers(window.workspace)
    panel.masks.put("left-half")
    QTest.mouseClick(panel.choices.buttons["chains"], LEFT)
    settle_layers(window.workspace)
    return window


def part(window):
    return window.evidence.panel.chains


def chains(window):
    return window.workspace.viewpoint.inference.chains


def steps(window):
    return 0 if chains(window).course is None else chains(window).course.count


def test_steps_by_a_key_are_those_of_both_chains_called_directly(half):
    for _ in range(5):
        press(half, "Shift+V")
    vae = half.workspace.document.model.checkpoint.vae
    evidence = half.workspace.observation.evidence
    x = torch.from_numpy(np.nan_to_num(evidence.pixels))[None]
    seen = torch.from_numpy(evidence.known)[None]
    course = chains(half).course
    for chain, warm_up in ((course.pseudo, None), (course.metropolis, WARM_UP)):
        both = sweeps(vae, x, seen, seed=0, warm_up=warm_up)
        expected = [next(both) for _ in range(WARM_UP + 5)][WARM_UP:]
        np.testing.assert_array_equal(chain.z, [sweep.z[0].numpy() for sweep in expected])
        assert chain.accepted == sum(bool(sweep.accepted[0]) for sweep in expected)
    assert part(half).values[STEPS].text() == "5"


def test_what_is_printed_is_the_total_variation_of_the_states_that_are_shown(half):
    QTest.mouseClick(part(half).speeds.buttons["fast"], LEFT)
    QTest.mouseClick(part(half).start, LEFT)
    assert part(half).start.text() == "Pause"
    wait_until(lambda: steps(half) >= 60)
    QTest.mouseClick(part(half).start, LEFT)
    settle_when(lambda: half.workspace.pending.is_settled)
    course = chains(half).course
    boxes = Boxes(half.workspace.viewpoint.inference.numbers.posterior)
    clouds = [mark for mark, _ in half.plane.layers.marks() if isinstance(mark, Cloud)]
    for cloud, name in zip(clouds, (PSEUDO, METROPOLIS), strict=True):
        assert len(cloud.z) == course.count
        found = total_variation(boxes, cloud.z)
        assert part(half).values[name].text() == percent(found.distance)
        assert part(half).values[EXACT].text() == percent(found.of_exact_draws)
    share = course.metropolis.accepted / course.count
    assert part(half).values[ACCEPTED].text() == percent(share)
    assert part(half).values[STEPS].text() == f"{course.count:,}"
    assert part(half).verdict.text()


def test_v_starts_and_rests_and_nothing_moves_afterwards(half):
    QTest.keySequence(half.plane, "V")
    wait_until(lambda: steps(half) >= 3)
    QTest.keySequence(half.plane, "V")
    settle_when(lambda: half.workspace.pending.is_settled)
    before = steps(half)
    QTest.qWait(250)
    assert steps(half) == before
    assert part(half).start.text() == "Start"


def test_the_rate_is_bounded(half):
    """Each tick of the clock takes no more steps than its speed says, however late it comes."""
    assert max(1000 * speed.steps / speed.every_ms for speed in SPEEDS.values()) <= 200
    counts = [0]
    chains(half).changed.connect(lambda: counts.append(steps(half)))
    QTest.mouseClick(part(half).speeds.buttons["fast"], LEFT)
    QTest.keySequence(half.plane, "V")
    wait_until(lambda: steps(half) >= 40)
    assert np.diff(counts).max() == SPEEDS["fast"].steps


def colours_of(widget):
    """(height, width, 3), red first."""
    image = widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    pixels = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1, 4)
    return pixels[:, : image.width(), 2::-1].astype(int)


def test_clouds_and_ends_are_painted_where_the_states_are(half):
    for _ in range(3):
        press(half, "Shift+V")
    for key in half.workspace.appearance.layers:
        half.workspace.appearance.show_layer(key, key == "posterior")
    half.workspace.viewpoint.set_probe(np.array([15.0, 15.0]))  # out of the way
    settle_layers(half.workspace)
    levels, view, course = colours_of(half.plane), half.plane.view(), chains(half).course
    for chain, colour in zip((course.pseudo, course.metropolis), LIGHT.chains, strict=True):
        ink = np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)])
        (x, y) = view.to_pixels(chain.z[-1]).astype(int)
        near = levels[y - 2 : y + 3, x - 2 : x + 3].reshape(-1, 3)
        assert np.abs(near - ink).max(axis=1).min() < 12
    trails = [mark for mark, _ in half.plane.layers.marks() if isinstance(mark, Trail)]
    np.testing.assert_array_equal(trails[0].z, course.pseudo.z)


def test_a_stroke_begins_them_anew_and_they_go_on(half):
    QTest.keySequence(half.plane, "V")
    wait_until(lambda: steps(half) >= 3)
    before = chains(half).course.evidence
    half.evidence.panel.masks.put("top-half")
    assert chains(half).course is None
    assert part(half).values[PSEUDO].text() == "–"
    assert not any(isinstance(mark, Cloud | Trail) for mark, _ in half.plane.layers.marks())
    wait_until(lambda: steps(half) >= 3)
    assert chains(half).course.evidence is half.workspace.observation.evidence
    assert chains(half).course.evidence is not before


def test_they_stop_while_their_page_is_hidden(half):
    QTest.keySequence(half.plane, "V")
    wait_until(lambda: steps(half) >= 2)
    half.show_page("layers")
    settle()
    QTest.qWait(150)  # a step may have been under way
    before = steps(half)
    QTest.qWait(250)
    assert steps(half) == before
    half.show_page("evidence")
    wait_until(lambda: steps(half) > before)
    QTest.mouseClick(half.evidence.panel.choices.buttons["images"], LEFT)
    assert not any(isinstance(mark, Cloud | Trail) for mark, _ in half.plane.layers.marks())


def test_clear_and_another_seed_begin_anew(half):
    press(half, "Shift+V")
    first = chains(half).course.pseudo.z
    QTest.mouseClick(part(half).clear, LEFT)
    assert steps(half) == 0
    press(half, "Shift+V")
    np.testing.assert_array_equal(chains(half).course.pseudo.z, first)
    field = part(half).seed
    for text, taken in (("5", True), ("1000", False)):
        field.setFocus()
        field.selectAll()
        QTest.keyClicks(field, text)
        QTest.keyClick(field, Qt.Key.Key_Return)
        assert (chains(half).seed == int(text)) is taken
    assert part(half).refusal.text() == "A seed is a whole number from 0 to 999."
    assert steps(half) == 0
    press(half, "Shift+V")
    assert not np.array_equal(chains(half).course.pseudo.z, first)


def test_with_all_pixels_known_pseudo_gibbs_draws_from_the_encoder(half):
    half.evidence.panel.masks.put("everything")
    settle_layers(half.workspace)
    for _ in range(4):
        press(half, "Shift+V")
    evidence = half.workspace.observation.evidence
    with torch.no_grad():
        q = half.workspace.document.model.checkpoint.vae.posterior(
            torch.from_numpy(evidence.pixels)[None]
        )
    off = (chains(half).course.pseudo.z - q.mean[0].numpy()) / q.standard_deviation[0].numpy()
    assert np.abs(off).max() < 4.5


def test_noise_is_refused_in_a_sentence(half):
    half.evidence.panel.noise.slider.setValue(10)
    settle_layers(half.workspace)
    assert "for certain" in part(half).status.text()
    assert not part(half).start.isEnabled()
    press(half, "Shift+V")
    assert steps(half) == 0


@pytest.mark.slow
def test_another_model_and_other_weights_leave_no_old_chain(half, make_model, qtbot):
    QTest.keySequence(half.plane, "V")
    wait_until(lambda: steps(half) >= 3)
    document = half.workspace.document
    document.replace_weights(sure(make_model(seed=3, name="other.safetensors")), document.test)
    assert chains(half).course is None
    with qtbot.waitSignal(half.opening.finished):
        half.open(sure(make_model(seed=2, name="another.safetensors")).path)
    assert chains(half).course is None
    wait_until(lambda: steps(half) >= 2)
    QTest.keySequence(half.plane, "V")
    settle_layers(half.workspace)


@pytest.mark.slow
@pytest.mark.parametrize("dimensions", [1, 3])
def test_other_than_two_dimensions_have_one_sentence_why(
    qtbot, make_model, quick_digits, monkeypatch, dimensions
):
    with opened_window(qtbot, make_model(dimensions), monkeypatch) as window:
        press(window, "Shift+V")
        assert f"{dimensions} latent dimension" in part(window).status.text()
        assert part(window).status.text().count(".") == 1
        QTest.keySequence(window.plane, "V")
        QTest.qWait(150)
        assert steps(window) == 0


def test_the_window_closes_while_they_run_and_leaves_no_thread(half):
    QTest.mouseClick(part(half).speeds.buttons["fast"], LEFT)
    QTest.keySequence(half.plane, "V")
    wait_until(lambda: steps(half) >= 3)
    half.close()
    settle()
    before = steps(half)
    QTest.qWait(150)
    assert steps(half) == before


def test_the_verdict_tells_the_four_cases_apart():
    class Distance:
        of_exact_draws = 0.1

        def __init__(self, distance):
            self.distance = distance

    def said(pseudo, metropolis):
        z = np.zeros((10, 2))
        return verdict(
            Course(None, Chain(z, 10, Distance(pseudo)), Chain(z, 3, Distance(metropolis)))
        )

    assert "Neither" in said(0.11, 0.12)
    assert "wrong by 40 %" in said(0.4, 0.12)
    assert "as good as exact" in said(0.4, 0.12)
    assert "still on its way" in said(0.4, 0.5)
    assert said(0.1, 0.5).startswith("The checked chain is still")
    assert "rarely leaves" in said(0.4, 0.98)
