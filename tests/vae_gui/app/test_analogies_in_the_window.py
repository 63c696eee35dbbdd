"""Analogies on the page Classes, by mouse and keys; and their picture, read back."""

import numpy as np
import pytest
import torch
from gui_helpers import settle, settle_layers
from labelled_model import encode_as, pixels, write_labelled
from labelled_window import window_of_noise
from patience import settle_when
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest

from benchmarks.hand import hand_over_widget, mouse
from model.files.checkpoint import read_checkpoint
from model.latent.class_decoding import decode_all_classes
from model.network.vae import VAEConfig
from vae_gui.app.analogies_place import ASIDE, GAP, PIXEL
from vae_gui.panels.classes.analogies import AnalogyTable

LEFT = Qt.MouseButton.LeftButton


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


def see_the_table(window):
    """Show the page by its key; wait for the rows of the digits that have one."""
    hand_over_widget(window.plane).key("Ctrl+K")
    choice = window.with_classes.analogies.choice
    settle_when(lambda: choice.found is not None and choice.found.indices == choice.indices)
    (table,) = window.classes.page.findChildren(AnalogyTable)
    return table


def expected_rows(path, test, indices):
    """z of each digit by its own label, and that z under all ten classes, by the whole model."""
    network = read_checkpoint(path).network
    z = np.stack([encode_as(path, test.images, test.labels[i])[0][i] for i in indices])
    return z, decode_all_classes(network, torch.from_numpy(z).float()).numpy()


def first_of_each_label(test):
    return tuple(int(np.flatnonzero(test.labels == label)[0]) for label in range(10))


def click_on(table, row, column):
    QTest.mouseClick(table, LEFT, pos=table.place_of(row, column).center())


def test_the_rows_are_the_first_digit_of_each_label_and_its_style_as_every_class(opened, path):
    see_the_table(opened)
    test, found = opened.workspace.document.test, opened.with_classes.analogies.choice.found
    assert found.indices == first_of_each_label(test)
    z, images = expected_rows(path, test, found.indices)
    np.testing.assert_allclose(found.z, z, atol=1e-5)
    np.testing.assert_allclose(found.images, images, atol=1e-5)
    np.testing.assert_array_equal(found.originals, test.images[list(found.indices)])


def test_a_chosen_digit_has_the_row_of_its_label_and_others_stay(opened, path):
    see_the_table(opened)
    test, choice = opened.workspace.document.test, opened.with_classes.analogies.choice
    for index in (57, 113, 158):
        opened.workspace.viewpoint.select(index)
    settle_when(lambda: choice.found.indices == choice.indices)
    expected = list(first_of_each_label(test))
    for index in (57, 113, 158):
        expected[test.labels[index]] = index
    assert choice.found.indices == tuple(expected)
    _, images = expected_rows(path, test, expected)
    np.testing.assert_allclose(choice.found.images, images, atol=1e-5)


def test_each_digit_is_painted_in_its_place(opened, path):
    table = see_the_table(opened)
    test, found = opened.workspace.document.test, opened.with_classes.analogies.choice.found
    _, images = expected_rows(path, test, found.indices)
    painted = table.grab().toImage()
    for row, column in ((0, 0), (2, 1), (9, 10), (4, 7)):
        place = table.place_of(row, column)
        wanted = test.images[found.indices[row]] if column == 0 else 255 * images[row, column - 1]
        for y, x in ((3, 20), (14, 14), (25, 6)):
            grey = painted.pixelColor(place.left() + x, place.top() + y).red()
            assert abs(grey - wanted[y, x]) <= 1.0


def test_all_digits_lie_inside_and_do_not_touch_at_each_width(opened):
    table = see_the_table(opened)
    for width in (340, 376, 500):
        table.resize(width, table.height())
        places = [table.place_of(row, column) for row in range(10) for column in range(11)]
        assert all(table.rect().contains(place) for place in places)
        assert not any(
            one.intersects(other) for i, one in enumerate(places) for other in places[:i]
        )


@pytest.mark.slow
def test_a_click_on_a_style_shows_it_in_the_plane_of_its_class(opened, path):
    table = see_the_table(opened)
    test, found = opened.workspace.document.test, opened.with_classes.analogies.choice.found
    click_on(table, 3, 8)
    settle_when(lambda: opened.workspace.document.model.label == 7)
    viewpoint = opened.workspace.viewpoint
    assert viewpoint.selected == found.indices[3]
    z, images = expected_rows(path, test, found.indices[3:4])
    np.testing.assert_allclose(viewpoint.probe, z[0], atol=1e-5)
    np.testing.assert_allclose(viewpoint.reading.image, images[0, 7], atol=1e-4)


def test_a_click_on_the_digit_itself_chooses_it(opened):
    table = see_the_table(opened)
    click_on(table, 6, 0)
    settle()
    assert opened.workspace.viewpoint.selected == opened.with_classes.analogies.choice.indices[6]
    assert opened.workspace.document.model.label == 0


def test_arrows_and_enter_do_the_same(opened):
    table = see_the_table(opened)
    table.setFocus()
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Right, Qt.Key.Key_Right):
        QTest.keyClick(table, key)
    assert "its style as 1" in table.accessibleDescription()
    QTest.keyClick(table, Qt.Key.Key_Return)
    settle_when(lambda: opened.workspace.document.model.label == 1)
    assert opened.workspace.viewpoint.selected == opened.with_classes.analogies.choice.indices[2]


def test_what_is_under_the_cursor_has_a_frame(opened):
    table = see_the_table(opened)
    before = table.grab().toImage()
    mouse(table, QEvent.Type.MouseMove, QPointF(table.place_of(5, 5).center()))
    assert table.grab().toImage() != before
    assert table.cursor().shape() is Qt.CursorShape.PointingHandCursor


def test_another_model_has_other_analogies(opened, tmp_path, qtbot):
    see_the_table(opened)
    before = opened.with_classes.analogies.choice.found
    other = write_labelled(tmp_path / "other.safetensors", seed=3)
    open_model(opened, other, qtbot)
    choice = opened.with_classes.analogies.choice
    settle_when(lambda: choice.found is not None and choice.found is not before)
    _, images = expected_rows(other, opened.workspace.document.test, choice.indices)
    np.testing.assert_allclose(choice.found.images, images, atol=1e-5)


def test_in_three_dimensions_a_style_chooses_digit_and_class(window, tmp_path, qtbot):
    config = VAEConfig(3, "mlp", layers="16", family="m2")
    open_model(window, write_labelled(tmp_path / "deep.safetensors", config), qtbot)
    table = see_the_table(window)
    click_on(table, 1, 5)
    settle_when(lambda: window.workspace.document.model.label == 4)
    assert window.workspace.viewpoint.selected == window.with_classes.analogies.choice.indices[1]


def test_the_picture_has_the_digits_at_the_left_and_their_styles(opened, path, tmp_path):
    opened.workspace.viewpoint.select(57)
    settle_layers(opened.workspace)
    file = tmp_path / "analogies.png"
    opened.with_classes.analogies.save_as(tmp_path / "analogies")  # the page was never seen
    settle_when(file.exists)
    made, test = QImage(str(file)), opened.workspace.document.test
    indices = [57 if test.labels[57] == test.labels[i] else i for i in first_of_each_label(test)]
    side = 28 * PIXEL
    assert made.height() == 10 * side + 9 * GAP
    assert made.width() == 11 * side + 10 * GAP + ASIDE
    assert made.text("Rows") == f"test digits {', '.join(map(str, indices))}"
    _, images = expected_rows(path, test, indices)
    for row, column in ((0, 0), (7, 0), (7, 3), (9, 10)):
        wanted = test.images[indices[row]] if column == 0 else 255 * images[row, column - 1]
        left = column * (side + GAP) + (ASIDE if column else 0) + PIXEL // 2
        top = row * (side + GAP) + PIXEL // 2
        for y, x in ((3, 20), (14, 14), (25, 6)):
            grey = made.pixelColor(left + x * PIXEL, top + y * PIXEL).red()
            assert abs(grey - wanted[y, x]) <= 1.0
    assert made.pixelColor(side + 3, 40).red() == 255


def test_a_picture_that_cannot_be_written_is_said_in_the_bar(opened, tmp_path):
    opened.with_classes.analogies.save_as(tmp_path / "nowhere" / "analogies.png")
    settle_when(opened.messages.isVisible)


def test_without_classes_there_is_nothing_to_save(opened, make_model, qtbot):
    assert opened.actions_by_name["save_analogies"].isEnabled()
    open_model(opened, make_model().path, qtbot)
    assert not opened.actions_by_name["save_analogies"].isEnabled()


def test_the_images_are_binarised_as_the_whole_test_set_is(opened):
    """A row takes only the images up to the last one that it needs."""
    images = opened.workspace.document.test.images
    np.testing.assert_array_equal(pixels(images)[:120], pixels(images[:120]))
