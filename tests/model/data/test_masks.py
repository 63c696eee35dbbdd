import numpy as np
import pytest

from model.data.masks import FIXED, MaskError, mask_named


def picture(name: str) -> list[str]:
    """The four quarters of a mask, row by row: # seen, . missing."""
    seen = mask_named(name).seen(3, 0)
    assert seen.shape == (3, 784)
    assert (seen == seen[0]).all()
    quarters = seen[0].reshape(2, 14, 2, 14)
    assert (quarters.all((1, 3)) | ~quarters.any((1, 3))).all()
    return ["".join("#" if quarter else "." for quarter in row) for row in quarters.all((1, 3))]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("left-half", ["#.", "#."]),
        ("right-half", [".#", ".#"]),
        ("top-half", ["##", ".."]),
        ("bottom-half", ["..", "##"]),
        ("quadrants-1", ["..", "#."]),
        ("quadrants-2", ["#.", "#."]),
        ("quadrants-3", ["##", "#."]),
    ],
)
def test_each_mask_shows_the_quarters_that_it_says(name: str, expected: list[str]) -> None:
    assert picture(name) == expected
    assert name in FIXED


def test_random_masks_differ_between_images_and_hide_their_fraction() -> None:
    seen = mask_named("random-0.8").seen(200, 5)
    assert np.mean(~seen) == pytest.approx(0.8, abs=0.005)
    assert (seen[0] != seen[1]).any()
    assert np.array_equal(seen, mask_named("random-0.8").seen(200, 5))
    assert np.array_equal(seen[:50], mask_named("random-0.8").seen(50, 5))
    assert (seen != mask_named("random-0.8").seen(200, 6)).any()


@pytest.mark.parametrize(
    "name", ["", "half", "random", "random-", "random-1", "random-0", "random-x", "random-nan"]
)
def test_other_names_are_refused_in_a_sentence(name: str) -> None:
    with pytest.raises(MaskError, match=r"there is no mask .*; choose from left-half, .*random-F"):
        mask_named(name)
