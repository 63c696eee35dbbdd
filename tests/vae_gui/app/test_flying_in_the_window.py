"""Flying through z in the real window, by keys and mouse; and its film, read back."""

import numpy as np
import pytest
import torch
from gui_helpers import settle, settle_layers
from labelled_model import write_labelled
from labelled_window import window_of_noise
from patience import wait_until
from PIL import Image
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton

from benchmarks.hand import hand_over_widget
from model.files.checkpoint import read_checkpoint
from model.latent.class_decoding import decode_all_classes
from model.latent.walk import walk
from model.network.vae import VAEConfig
from vae_gui.app import flying_place
from vae_gui.app.keys_sheet import groups_of
from vae_gui.plane.tools import GESTURES


@pytest.fixture
def window(qtbot, monkeypatch):
    with window_of_noise(qtbot, monkeypatch) as made:
        yield made


@pytest.fixture
def path(tmp_path):
    return write_labelled(tmp_path / "m2.safetensors")


def open_model(window, path, qtbot):
    with qtbot.waitSignal(window.opening.finished):
        window.open(path)
    settle_layers(window.workspace)


@pytest.fixture
def opened(window, path, qtbot):
    open_model(window, path, qtbot)
    return window


def press(window, key):
    hand_over_widget(window.plane).key(key)


def fly(window, steps=4):
    """Press the key, and wait for some steps; return the probe after each."""
    viewpoint, seen = window.workspace.viewpoint, []
    viewpoint.reading_changed.connect(lambda: seen.append(viewpoint.reading.z))
    press(window, "Ctrl+F")
    wait_until(lambda: len(seen) >= steps)
    viewpoint.reading_changed.disconnect()
    return seen


def test_a_key_starts_and_stops_a_walk_that_the_ten_digits_follow(opened, path):
    viewpoint, flying = opened.workspace.viewpoint, opened.with_classes.flights.flying
    viewpoint.set_probe(np.array([0.6, -1.1]))
    places = []
    viewpoint.point_changed.connect(lambda: places.append(viewpoint.probe))
    press(opened, "Ctrl+F")
    assert flying.is_flying
    assert opened.actions_by_name["fly"].isChecked()
    wait_until(lambda: len(places) >= 5)
    press(opened, "Ctrl+F")
    assert not flying.is_flying
    settle()
    expected = walk(2, len(places) + 1, flying.seed, np.array([0.6, -1.1]))
    np.testing.assert_allclose(places, expected[1:])
    z = torch.from_numpy(viewpoint.probe).float().unsqueeze(0)
    images = decode_all_classes(read_checkpoint(path).network, z)[0].numpy()
    np.testing.assert_allclose(opened.classes.digits.images, images, atol=1e-5)


def test_a_second_flight_takes_another_way_from_where_the_first_ended(opened):
    flying, viewpoint = opened.with_classes.flights.flying, opened.workspace.viewpoint
    fly(opened)
    press(opened, "Ctrl+F")
    ended = viewpoint.probe
    fly(opened)
    assert flying.seed == 1
    np.testing.assert_array_equal(flying.start, ended)


@pytest.mark.slow
@pytest.mark.parametrize("key", ["Right", "Shift+Up", "Ctrl+Left", "Return"])
def test_a_key_that_moves_the_probe_ends_the_flight(opened, key):
    fly(opened)
    hand_over_widget(opened.plane).key(key)
    assert not opened.with_classes.flights.flying.is_flying
    settle()
    left = opened.workspace.viewpoint.probe
    QTest.qWait(120)
    np.testing.assert_array_equal(opened.workspace.viewpoint.probe, left)


def test_a_press_ends_the_flight_and_the_probe_stays_under_the_hand(opened):
    fly(opened)
    hand = hand_over_widget(opened.plane)
    there = opened.plane.view().pixel_of(0.9, 0.7)
    hand.press(at=(there.x(), there.y()))
    assert not opened.with_classes.flights.flying.is_flying
    QTest.qWait(120)
    np.testing.assert_allclose(opened.workspace.viewpoint.probe, (0.9, 0.7), atol=0.02)
    hand.release()
    assert not opened.with_classes.flights.flying.is_flying


def test_a_chosen_digit_and_a_number_that_is_typed_end_it(opened):
    fly(opened)
    opened.workspace.viewpoint.select(3)
    assert not opened.with_classes.flights.flying.is_flying
    fly(opened)
    field = opened.inspector.probe.fields.fields[0]
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, "0.25")
    hand_over_widget(field).key("Return")
    assert not opened.with_classes.flights.flying.is_flying
    assert opened.workspace.viewpoint.probe[0] == pytest.approx(0.25)


def test_under_a_moving_cursor_its_digit_is_seen_and_the_flight_waits(opened, monkeypatch):
    fly(opened)
    monkeypatch.setattr("vae_gui.jobs.flying.PEEK_S", 3600.0)  # however slowly the cursor moves
    viewpoint = opened.workspace.viewpoint
    hand = hand_over_widget(opened.plane)
    there = opened.plane.view().pixel_of(-0.8, 0.4)
    for shift in range(5):
        hand.move((there.x() + shift, there.y()))
        QTest.qWait(40)
        assert viewpoint.peek is not None
    assert opened.with_classes.flights.flying.is_flying
    waited = viewpoint.probe
    monkeypatch.setattr("vae_gui.jobs.flying.PEEK_S", 0.1)
    wait_until(lambda: viewpoint.peek is None)  # the cursor rests
    wait_until(lambda: not np.array_equal(viewpoint.probe, waited))
    assert opened.with_classes.flights.flying.is_flying


def test_the_plane_of_another_class_is_shown_during_a_flight(opened):
    fly(opened)
    press(opened, "7")
    wait_until(lambda: opened.workspace.document.model.label == 7)
    assert opened.with_classes.flights.flying.is_flying


def test_undo_takes_a_flight_back_in_one_step(opened):
    viewpoint = opened.workspace.viewpoint
    viewpoint.set_probe(np.array([0.2, 0.1]))
    settle()
    QTest.qWait(900)
    fly(opened)
    press(opened, "Ctrl+Z")
    assert not opened.with_classes.flights.flying.is_flying
    settle()
    np.testing.assert_array_equal(viewpoint.probe, (0.2, 0.1))


def test_in_three_dimensions_it_stays_in_the_slice(window, tmp_path, qtbot):
    config = VAEConfig(3, "mlp", layers="16", family="m2")
    open_model(window, write_labelled(tmp_path / "deep.safetensors", config), qtbot)
    base = window.workspace.viewpoint.slice.base[2]
    places = fly(window, 6)
    np.testing.assert_allclose([place[2] for place in places[1:]], base, atol=1e-6)
    assert len({place[0] for place in places}) > 3


def test_in_a_game_there_is_no_flight(opened):
    fly(opened)
    opened.actions_by_name["game"].trigger()
    settle()
    assert not opened.with_classes.flights.flying.is_flying
    assert not opened.actions_by_name["fly"].isEnabled()


def test_a_model_without_classes_ends_it(opened, make_model, qtbot):
    fly(opened)
    open_model(opened, make_model().path, qtbot)
    assert not opened.with_classes.flights.flying.is_flying
    assert not opened.actions_by_name["fly"].isEnabled()
    assert not opened.actions_by_name["flight_film"].isEnabled()
    press(opened, "Ctrl+F")
    assert not opened.with_classes.flights.flying.is_flying


def test_the_sheet_of_keys_and_the_strip_say_how_to_fly(opened):
    groups = groups_of(opened.menuBar(), GESTURES)
    keys = [row.written for group in groups for row in group.rows if "Fly through" in row.effect]
    assert keys == ["Ctrl+F"]
    tips = [button.toolTip() for button in opened.classes.strip.findChildren(QAbstractButton)]
    assert any("Ctrl+F" in tip for tip in tips)


def frames_of(film):
    with Image.open(film) as gif:
        frames = []
        for index in range(gif.n_frames):
            gif.seek(index)
            frames.append(np.asarray(gif.convert("L")).astype(float))
        return np.stack(frames)


def test_its_film_has_ten_digits_along_the_walk_there_and_back(opened, path, tmp_path, monkeypatch):
    monkeypatch.setattr(flying_place, "FRAMES", 12)
    opened.workspace.viewpoint.set_probe(np.array([-0.4, 0.9]))
    fly(opened)
    press(opened, "Ctrl+F")
    file = tmp_path / "flight.gif"
    opened.with_classes.flights.save_as(tmp_path / "flight")
    wait_until(file.exists)
    frames = frames_of(file)
    pixel, gap = flying_place.PIXEL, flying_place.GAP
    side = 28 * pixel
    assert frames.shape == (22, 2 * side + gap, 5 * side + 4 * gap)
    z = torch.from_numpy(walk(2, 12, 0, np.array([-0.4, 0.9]))).float()
    images = 255.0 * decode_all_classes(read_checkpoint(path).network, z).numpy()
    for index in (0, 5, 11):
        for label in range(10):
            top, left = (side + gap) * (label // 5), (side + gap) * (label % 5)
            digit = frames[index, top : top + side : pixel, left : left + side : pixel]
            assert np.abs(digit - images[index, label]).max() <= 6.0  # 256 colours
    np.testing.assert_array_equal(frames[12:], frames[10:0:-1])
    assert b"seed 0 from (-0.4, 0.9)" in file.read_bytes()


def test_the_same_seed_gives_the_same_film(opened, tmp_path, monkeypatch):
    monkeypatch.setattr(flying_place, "FRAMES", 6)
    viewpoint = opened.workspace.viewpoint
    model, start = opened.workspace.document.model, np.array([0.3, 0.2])
    first, again, other = (
        flying_place.film_of(model, viewpoint.slice, start, seed) for seed in (4, 4, 5)
    )
    assert first == again
    assert first != other


def test_a_film_that_cannot_be_written_is_said_in_the_bar(opened, tmp_path, monkeypatch):
    monkeypatch.setattr(flying_place, "FRAMES", 3)
    opened.with_classes.flights.save_as(tmp_path / "nowhere" / "flight.gif")
    wait_until(opened.messages.isVisible)
