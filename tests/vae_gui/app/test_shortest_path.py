"""The path tool in the real window, by mouse and keys: it follows, is true, and never stale."""

import argparse
import shlex
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from gui_helpers import make_digits, settle
from patience import settle_when
from PIL import Image
from PySide6.QtGui import QImage

from benchmarks.hand import hand_over_widget
from model.latent.geometry import angles
from vae_gui.app import picture_flags
from vae_gui.app.main_window import MainWindow
from vae_gui.app.picture import Subject
from vae_gui.jobs import plane_survey, surveying
from vae_gui.jobs.path_finding import NEEDS_A_PLANE
from vae_gui.jobs.plane_survey import Cost
from vae_gui.plane.path_drawing import length_text
from vae_gui.style.theme import ThemeChoice

A, B = (-1.1, -0.9), (1.3, 0.8)


@pytest.fixture(autouse=True)
def quick_surveys(monkeypatch):
    monkeypatch.setattr(plane_survey, "SIDES", (21, 41))
    monkeypatch.setattr(surveying, "REST_MS", 10)


@pytest.fixture
def window(qtbot, quick_digits):
    made = MainWindow(ThemeChoice.LIGHT, remember=False)
    qtbot.addWidget(made)
    made.resize(1400, 900)
    made.show()
    yield made
    made.close()
    made.join()
    settle()


@pytest.fixture
def open_model(window, qtbot, make_model):
    def open_it(dimensions=2):
        with qtbot.waitSignal(window.opening.finished):
            window.open(make_model(dimensions).path)
        settle()

    return open_it


def take(window):
    """Take the tool by its key, and wait for the survey."""
    hand = hand_over_widget(window.plane)
    hand.key("W")
    settle_when(lambda: window.paths.finding.is_settled)
    return hand


def at(window, point):
    place = window.plane.view().pixel_of(*point)
    return place.x(), place.y()


def pull(window, hand, a=A, b=B):
    """Press at a point, drag to another one, and let go; wait for what is shown then."""
    hand.press(at=at(window, a))
    settle_when(lambda: window.paths.finding.reach is not None)
    for share in (0.3, 0.7, 1.0):
        hand.move(at(window, np.array(a) + share * np.subtract(b, a)))
        settle()
    hand.release()
    settle_when(lambda: window.paths.finding.is_settled)
    return window.paths.finding


def angles_at(window, z):
    """The angles of the decoded pixels at latent points (K, D): (K, 784)."""
    model = window.workspace.document.model
    return angles(model.decode_logits(np.asarray(z, dtype=np.float32))).astype(np.float64)


def decoded_length(window, points):
    """The length of a path by a fine sum of decodes."""
    fine = np.concatenate([np.linspace(a, b, 40) for a, b in pairwise(points)])
    phi = angles(window.workspace.document.model.decode_logits(fine.astype(np.float32))).astype(
        np.float64
    )
    return np.linalg.norm(np.diff(phi, axis=0), axis=1).sum()


def test_a_drag_draws_the_shortest_path_and_it_stays_after_release(window, open_model):
    open_model()
    hand = take(window)
    before = window.plane.grab().toImage()
    finding = pull(window, hand)
    np.testing.assert_allclose(finding.path.points[[0, -1]], [A, B], atol=0.01)
    assert finding.path.is_measured
    assert finding.path.length == pytest.approx(
        decoded_length(window, finding.path.points), rel=0.01
    )
    ends = finding.path.points[[0, -1]]
    assert finding.path.straight == pytest.approx(decoded_length(window, ends), rel=0.01)
    assert finding.path.length <= finding.path.straight
    phi = angles(window.workspace.document.model.decode_logits(ends.astype(np.float32))).astype(
        np.float64
    )
    assert finding.path.length >= np.linalg.norm(phi[1] - phi[0])
    assert window.plane.grab().toImage() != before
    assert window.paths.strip.isVisible()
    said = f"Fisher length {length_text(finding.path.length)}, straight line"
    settle_when(lambda: said in window.paths.strip.sentence.text())


def test_the_path_follows_each_move_before_anything_else_happens(window, open_model):
    open_model()
    hand = take(window)
    hand.press(at=at(window, A))
    finding = window.paths.finding
    settle_when(lambda: finding.reach is not None)
    for x in (-0.5, 0.2, 0.9):
        hand.move(at(window, (x, 0.4)))
        np.testing.assert_allclose(finding.path.points[-1], (x, 0.4), atol=1e-6)
        np.testing.assert_allclose(window.workspace.viewpoint.point, (x, 0.4), atol=1e-6)
    hand.release()


def test_rings_have_equal_fisher_distance_whatever_the_cost(window, open_model):
    open_model()
    finding = pull(window, take(window))
    for cost in (Cost.LENGTH, Cost.DIGITS):
        finding.choose(cost)
        settle_when(lambda: finding.is_settled)
        assert finding.reach.cost is cost
        assert len(finding.reach.rings) > 2
        values = finding.survey.networks[Cost.LENGTH].from_point(finding.start).at_nodes
        for level, line in finding.reach.rings:
            nodes = np.rint((line[:40, 0] - finding.survey.grid.low) / finding.survey.grid.step)
            near = values[tuple(nodes.astype(int).T)]
            assert np.abs(near - level).max() < 3.0 * finding.reach.rings[0][0]


def test_the_digits_of_the_strip_are_decoded_at_equal_steps(window, open_model):
    open_model()
    finding = pull(window, take(window))
    stops = finding.stops
    phi = angles(
        window.workspace.document.model.decode_logits(stops.places.astype(np.float32))
    ).astype(np.float64)
    steps = np.linalg.norm(np.diff(phi, axis=0), axis=1)
    assert steps.std() < 0.25 * steps.mean()
    image = window.workspace.document.model.decode(stops.places[3:4])[0]
    np.testing.assert_allclose(stops.images[3], image, atol=1e-5)
    row = window.paths.strip.digits
    shot = row.grab().toImage()
    count = len(stops.images)
    left = round(3 * (row.width() - 56) / (count - 1))
    for i, j in ((4, 9), (14, 14), (20, 17)):
        grey = shot.pixelColor(left + 2 * j + 1, 2 * i + 1).red()
        assert grey == pytest.approx(255 * image[i, j], abs=2)


def test_escape_removes_the_path_and_then_gives_the_probe_back_and_undo_is_unharmed(
    window, open_model
):
    open_model()
    hand = hand_over_widget(window.plane)
    hand.click(at(window, (0.5, 0.5)))
    settle()
    steps = window.history.stack.count()
    hand = take(window)
    finding = pull(window, hand)
    assert window.history.stack.count() == steps
    hand.key("Escape")
    settle()
    assert finding.start is None
    assert finding.path is None
    assert window.workspace.tool == "path"
    assert "shortest path" in window.status.accessibleName()
    hand.key("Escape")
    settle()
    assert "move the probe" in window.status.accessibleName()
    assert window.workspace.tool == "probe"
    assert not window.paths.strip.isVisible()
    hand.key("Ctrl+Z")
    np.testing.assert_allclose(window.workspace.viewpoint.probe, [0.0, 0.0])


def test_by_keys_alone(window, open_model):
    open_model()
    hand = take(window)
    finding = window.paths.finding
    hand.key("Return")
    settle_when(lambda: finding.reach is not None)
    hand.key("Ctrl+Right", "Ctrl+Up")
    settle_when(lambda: finding.is_settled)
    np.testing.assert_allclose(finding.path.points[[0, -1]], [[0.0, 0.0], [0.5, 0.5]], atol=1e-6)
    hand.key("Return", "Ctrl+Right")  # ended: nudges lead it on no more
    settle_when(lambda: finding.is_settled)
    np.testing.assert_allclose(finding.end, [0.5, 0.5], atol=1e-6)
    hand.key("Shift+W")
    assert finding.cost is Cost.DIGITS
    hand.key("W")
    assert window.workspace.tool == "probe"


def test_staying_where_digits_are_keeps_to_them(window, open_model, qtbot):
    """All digits lie on a half circle: the careful path goes along it, not across."""
    open_model()
    turn = np.linspace(0.0, np.pi, 200)
    digits = make_digits()
    means = 1.5 * np.stack([np.cos(turn), np.sin(turn)], axis=1)
    digits = replace(digits, means=means, standard_deviations=np.full((200, 2), 0.15))
    window.workspace.document.set_test(digits)
    window.workspace.document.set_training(digits)
    finding = pull(window, take(window), (1.5, 0.0), (-1.5, 0.0))
    shortest = finding.path
    window.paths.strip.careful.click()
    settle_when(lambda: finding.is_settled)
    careful = finding.path
    assert careful.least > 10.0 * careful.least_straight
    assert careful.length > shortest.length
    assert np.abs(np.linalg.norm(careful.points, axis=1) - 1.5).max() < 0.4


@pytest.mark.slow
def test_other_weights_take_the_path_away_at_once_and_it_is_found_anew(
    window, open_model, make_model
):
    open_model()
    finding = pull(window, take(window))
    before = finding.path
    other = make_model(seed=9, name="other.safetensors")
    test = window.workspace.document.test
    window.workspace.document.replace_weights(other, replace(test))
    assert finding.path is None
    assert finding.survey is None
    settle_when(lambda: finding.path is not None and finding.is_settled)
    np.testing.assert_allclose(finding.path.points[[0, -1]], before.points[[0, -1]])
    assert finding.path.length == pytest.approx(
        decoded_length(window, finding.path.points), rel=0.01
    )
    assert abs(finding.path.length - before.length) > 1e-3 * before.length


def test_another_model_has_no_path(window, open_model):
    open_model()
    finding = pull(window, take(window))
    open_model()
    assert finding.start is None
    assert finding.path is None


def test_with_one_dimension_it_says_why_not_and_with_three_it_works_on_the_slice(
    window, open_model
):
    open_model(1)
    hand = take(window)
    hand.press(at=at(window, (0.0, 0.0)))
    hand.release()
    assert window.paths.strip.sentence.text() == NEEDS_A_PLANE
    assert window.paths.finding.start is None
    open_model(3)
    settle_when(lambda: window.paths.finding.survey is not None)
    finding = pull(window, hand, (-0.6, -0.4), (0.9, 0.7))
    lifted = window.workspace.viewpoint.slice.to_latent(finding.path.points)
    assert lifted.shape[1] == 3
    assert np.ptp(lifted[:, 2]) == 0.0
    phi = angles(window.workspace.document.model.decode_logits(lifted.astype(np.float32))).astype(
        np.float64
    )
    assert finding.path.length == pytest.approx(
        np.linalg.norm(np.diff(phi, axis=0), axis=1).sum(), rel=0.02
    )


def test_without_a_model_a_press_says_what_is_missing(window):
    hand = hand_over_widget(window.plane)
    hand.key("W")
    hand.press(at=at(window, (0.0, 0.0)))
    hand.move(at(window, (0.5, 0.0)))
    hand.release()
    settle()
    assert "need a model" in window.paths.strip.sentence.text()


@pytest.mark.slow
def test_beside_a_second_model_both_planes_have_paths(window, open_model, make_model, qtbot):
    open_model()
    hand = take(window)
    two = window.second.comparing
    with qtbot.waitSignal(two.model.opening.finished):
        window.second.open(make_model(seed=5, name="second.safetensors").path)
    settle()
    pull(window, hand)
    other = two.plane.tools["path"].finding
    right = hand_over_widget(two.plane)
    place = two.plane.view().pixel_of(0.0, 0.0)
    right.press(at=(place.x(), place.y()))
    settle_when(lambda: other.reach is not None)
    right.move((place.x() + 60.0, place.y() - 40.0))
    right.release()
    settle_when(lambda: other.is_settled)
    assert other.path.is_measured
    window.second.stop()
    settle()


@pytest.mark.slow
def test_a_film_and_a_picture_of_its_digits(window, open_model, tmp_path):
    open_model()
    finding = pull(window, take(window))
    film, picture = tmp_path / "way.gif", tmp_path / "way"
    window.paths.save_film_as(film)
    settle_when(film.exists)
    with Image.open(film) as gif:
        assert gif.n_frames == 94  # there and back; both ends are seen once
        assert gif.size == (280, 280)
    window.paths.save_picture_as(picture)
    settle_when((tmp_path / "way.png").exists)
    made = QImage(str(tmp_path / "way.png"))
    assert made.width() == 12 * 168 + 11 * 12
    assert made.text("Fisher length").startswith(f"{finding.path.length:.1f}"[:-1])
    first = window.workspace.document.model.decode(finding.path.points[:1])[0]
    assert made.pixelColor(9 * 6 + 3, 4 * 6 + 3).red() == pytest.approx(255 * first[4, 9], abs=2)


def test_a_file_that_cannot_be_written_is_said_in_the_bar(window, open_model, tmp_path):
    open_model()
    pull(window, take(window))
    window.paths.save_picture_as(tmp_path / "nowhere" / "way.png")
    settle_when(window.messages.isVisible)


@pytest.mark.slow
def test_a_picture_names_the_command_that_draws_the_same_path(window, open_model, tmp_path):
    open_model()
    finding = pull(window, take(window))
    window.pictures.save_as(Subject.PLANE, tmp_path / "plane.png")
    settle_when((tmp_path / "plane.png").exists)
    words = shlex.split(QImage(str(tmp_path / "plane.png")).text("Command"))
    ends = [float(number) for number in words[words.index("--path") + 1].split(",")]
    np.testing.assert_allclose(ends, finding.path.points[[0, -1]].ravel())
    parser = argparse.ArgumentParser()
    picture_flags.add_to(parser)
    place = words.index("--path")
    read = parser.parse_args(picture_flags.with_signs(words[place : place + 2]))
    assert read.path == ends
    with pytest.raises(SystemExit):
        parser.parse_args(["--path", "1,2,3"])
