import numpy as np
import pytest

from vae_gui.panels.decoded_as import DecodedAs, Drawing

MEANS = np.linspace(0.0, 1.0, 784, dtype=np.float32).reshape(28, 28)


def pictures(count: int) -> np.ndarray:
    drawing = Drawing()
    drawing.decoded_as = DecodedAs.SAMPLE
    drawn = []
    for _ in range(count):
        drawing.draw_anew()
        drawn.append(drawing.picture(MEANS))
    return np.stack(drawn)


def test_the_mean_is_left_as_it_is() -> None:
    np.testing.assert_array_equal(Drawing().picture(MEANS), MEANS)


def test_a_sample_is_a_bernoulli_draw_of_each_pixel() -> None:
    drawn = pictures(2000)
    assert set(np.unique(drawn)) == {0.0, 1.0}
    spread = np.sqrt(MEANS * (1.0 - MEANS) / 2000)
    assert np.abs(drawn.mean(axis=0) - MEANS).max() < 5.0 * spread.max()
    # Neighbouring pixels are drawn independently of each other.
    left, right = drawn[:, :, :-1] - MEANS[:, :-1], drawn[:, :, 1:] - MEANS[:, 1:]
    assert abs((left * right).mean()) < 0.002


def test_nothing_and_certainty_are_never_drawn_otherwise() -> None:
    drawing = Drawing()
    drawing.decoded_as = DecodedAs.SAMPLE
    for _ in range(50):
        drawing.draw_anew()
        assert drawing.picture(np.zeros((28, 28), np.float32)).sum() == 0
        assert drawing.picture(np.ones((28, 28), np.float32)).sum() == 784


def test_while_the_hand_moves_pixels_do_not_flicker() -> None:
    drawing = Drawing()
    drawing.decoded_as = DecodedAs.SAMPLE
    brighter = np.clip(MEANS + 0.01, 0.0, 1.0)
    assert (drawing.picture(brighter) >= drawing.picture(MEANS)).all()
    np.testing.assert_array_equal(drawing.picture(MEANS), drawing.picture(MEANS))


@pytest.mark.parametrize("mean", [0.0, 0.2, 0.499, 0.501, 1.0])
def test_the_threshold_gives_each_pixels_likelier_value(mean: float) -> None:
    drawing = Drawing()
    drawing.decoded_as = DecodedAs.THRESHOLD
    picture = drawing.picture(np.full((28, 28), mean, np.float32))
    likelier = max((0.0, 1.0), key=lambda x: mean if x else 1.0 - mean)
    assert (picture == likelier).all()
