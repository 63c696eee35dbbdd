import numpy as np
import pytest

from vae_gui.widgets.digit_view import DigitView


def shown(view):
    """What is on the screen, (28, 28) grey levels, read at the middle of each cell."""
    picture = view.grab().toImage()
    factor = picture.width() // 28
    margin = (picture.width() - 28 * factor) // 2
    middles = [margin + factor * i + factor // 2 for i in range(28)]
    return np.array([[picture.pixelColor(x, y).red() for x in middles] for y in middles])


@pytest.mark.parametrize("side", [84, 308, 300])
def test_an_asymmetric_digit_stands_upright(qtbot, side):
    view = DigitView("a digit", side)
    qtbot.addWidget(view)
    image = np.zeros((28, 28), dtype=np.float32)
    image[2, 3:20] = 1.0  # a bar at the top ...
    image[2:26, 3] = 0.5  # ... and a stem down the left
    view.show_image(image)
    np.testing.assert_array_equal(shown(view), np.rint(255 * image))


@pytest.mark.parametrize("level", [0.0, 0.1, 0.5, 1.0])
def test_levels_are_fixed_and_never_stretched(qtbot, level):
    view = DigitView("a digit", 308)
    qtbot.addWidget(view)
    view.show_image(np.full((28, 28), level, dtype=np.float32))
    assert set(shown(view).ravel()) == {round(255 * level)}


def test_a_cleared_view_shows_no_digit(qtbot):
    view = DigitView("a digit", 84)
    qtbot.addWidget(view)
    view.show_image(np.ones((28, 28)))
    view.clear()
    assert view.levels is None
    assert 255 not in shown(view)


def test_the_view_keeps_its_own_copy(qtbot):
    view = DigitView("a digit", 84)
    qtbot.addWidget(view)
    image = np.ones((28, 28), dtype=np.float32)
    view.show_image(image)
    image[:] = 0
    assert set(shown(view).ravel()) == {255}


def test_what_is_not_a_number_or_infinite_is_shown_at_an_end(qtbot):
    view = DigitView("a digit", 84)
    qtbot.addWidget(view)
    image = np.full((28, 28), 0.5, dtype=np.float32)
    image[0, :4] = [np.nan, np.inf, -np.inf, 7.0]
    view.show_image(image)
    assert view.levels[0, :5].tolist() == [0, 255, 0, 255, 128]
