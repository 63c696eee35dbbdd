"""Two viewpoints that follow each other, and the second model's turn."""

import numpy as np
import pytest
from gui_helpers import make_digits, settle
from two_models import TURN, compare, turned_digits

from vae_gui.state.comparison import Link, Pairing
from vae_gui.state.history import History
from vae_gui.state.workspace import Workspace


@pytest.fixture
def pair(workspace, make_model):
    compare(workspace, make_model(seed=1, name="turned.safetensors"), turned_digits())
    return workspace.viewpoints


@pytest.fixture
def comparison(workspace, pair):
    return workspace.comparison


def test_the_second_model_is_turned_onto_the_first(comparison, pair):
    first, second = pair
    assert comparison.alignment.is_mirrored
    assert np.abs(comparison.alignment.matrix - TURN.T).max() < 1e-12
    places = second.slice.to_plane(second.document.test.means)
    assert np.abs(places - first.document.test.means).max() < 1e-12
    comparison.choose_alignment(False)
    assert second.slice.turn is None


def test_through_the_digit_the_other_probe_goes_to_that_digit(pair):
    first, second = pair
    z = np.array([0.4, -0.3])
    first.set_probe(z)
    index = first.nearest_to(z).index
    assert np.array_equal(second.probe, second.document.test.means[index])
    assert np.array_equal(first.probe, z)
    other = second.document.test.means[77] + 1e-5
    second.set_probe(other)
    assert np.array_equal(first.probe, first.document.test.means[77])
    assert np.array_equal(second.probe, other)


def test_through_z_it_goes_to_the_same_place_of_its_plane(comparison, pair):
    first, second = pair
    comparison.choose_link(Link.Z)
    first.set_probe(np.array([0.4, -0.3]))
    assert second.slice.to_plane(second.probe) == pytest.approx([0.4, -0.3])
    assert second.probe == pytest.approx(TURN @ [0.4, -0.3])  # what its decoder is given
    comparison.choose_alignment(False)
    assert second.probe == pytest.approx([0.4, -0.3])
    second.set_probe(np.array([1.0, 0.5]))
    assert first.probe == pytest.approx([1.0, 0.5])


def test_a_look_at_one_plane_is_a_look_at_the_other_and_moves_no_probe(pair):
    first, second = pair
    first.set_probe(np.array([0.4, -0.3]))
    before = first.probe, second.probe
    second.set_peek(second.document.test.means[5] + 1e-6)
    assert np.array_equal(first.peek, first.document.test.means[5])
    assert first.is_led
    assert not second.is_led
    second.set_peek(None)
    assert first.peek is None
    assert not first.is_led
    assert first.probe is before[0]
    assert second.probe is before[1]


@pytest.mark.parametrize("link", list(Link))
@pytest.mark.parametrize("leader", [0, 1])
def test_a_digit_that_is_chosen_in_one_is_chosen_in_both(comparison, pair, link, leader):
    comparison.choose_link(link)
    pair[leader].select(33)
    assert [viewpoint.selected for viewpoint in pair] == [33, 33]
    assert np.array_equal(pair[leader].probe, pair[leader].document.test.means[33])
    other = pair[1 - leader]
    if link is Link.DIGIT:
        assert np.array_equal(other.probe, other.document.test.means[33])


def test_the_chosen_digit_is_followed_although_its_class_is_hidden(workspace, pair):
    workspace.appearance.hide_classes(frozenset({3}))
    pair[0].select(33)
    assert np.array_equal(pair[1].probe, pair[1].document.test.means[33])


def test_models_of_other_images_are_linked_through_z_alone(workspace, make_model):
    digits = turned_digits(other_images=True)
    comparison = compare(workspace, make_model(seed=1, name="b.safetensors"), digits)
    first, second = workspace.viewpoints
    assert comparison.link is Link.Z
    assert comparison.alignment is None
    assert "other images" in comparison.why_not(Link.DIGIT)
    first.set_probe(np.array([0.7, 0.1]))
    assert second.probe == pytest.approx([0.7, 0.1])
    first.select(3)
    assert second.selected is None


def test_models_of_other_dimensions_are_linked_through_the_digit_alone(workspace, make_model):
    comparison = compare(workspace, make_model(5, name="b.safetensors"), make_digits(5))
    first, second = workspace.viewpoints
    comparison.choose_link(Link.Z)
    assert comparison.link is Link.DIGIT
    assert "2 and 5 latent dimensions" in comparison.why_not_aligned()
    first.select(21)
    assert second.selected == 21
    assert second.slice.base_image == 21
    first.set_probe(np.array([0.2, 0.2]))
    index = first.nearest_to(first.probe).index
    assert np.array_equal(second.probe, second.document.test.means[index])


def test_without_anything_in_common_each_goes_its_own_way(workspace, make_model):
    digits = turned_digits(5, other_images=True)
    comparison = compare(workspace, make_model(5, name="b.safetensors"), digits)
    first, second = workspace.viewpoints
    assert comparison.link is None
    before = second.probe
    first.set_probe(np.array([0.2, 0.2]))
    assert second.probe is before


def test_in_more_dimensions_through_z_the_slices_are_the_same(make_model):
    workspace = Workspace()
    workspace.document.open(make_model(5))
    workspace.document.set_test(make_digits(5))
    comparison = compare(workspace, make_model(5, name="b.safetensors"), turned_digits(5))
    comparison.choose_link(Link.Z)
    first, second = workspace.viewpoints
    first.select(12)
    turn = comparison.alignment.matrix
    assert turn @ second.slice.base == pytest.approx(first.slice.base)
    assert "where the other plane has them" in second.slice.fixed()
    first.set_probe(first.slice.to_latent(np.array([0.3, 0.9])))
    assert turn @ second.probe == pytest.approx(first.probe)
    comparison.choose_link(Link.DIGIT)
    assert second.slice.base_image is not None


def test_the_first_model_may_be_another_one_meanwhile(workspace, pair, comparison, make_model):
    workspace.document.open(make_model(5, name="five.safetensors"))
    assert comparison.alignment is None
    assert pair[1].slice.turn is None
    workspace.document.set_test(make_digits(5))
    assert comparison.is_on


def test_a_model_that_is_closed_leaves_the_first_alone(workspace, pair, comparison):
    pair[0].set_probe(np.array([0.4, -0.3]))
    pair[1].document.close()
    assert not comparison.is_on
    assert comparison.link is None
    assert pair[0].beside is None
    assert pair[0].probe == pytest.approx([0.4, -0.3])
    pair[0].set_probe(np.array([0.1, 0.1]))
    assert pair[1].reading is None


def test_colours_have_one_scale_for_both(workspace, pair):
    first, second = (viewpoint.document for viewpoint in pair)
    first.measure(first.measures, "elbo", 0, np.linspace(-200.0, -100.0, 200))
    alone = pair[0].scale_of("elbo")
    second.measure(second.measures, "elbo", 0, np.linspace(-300.0, -150.0, 200))
    both = pair[0].scale_of("elbo")
    assert both == pair[1].scale_of("elbo")
    assert both.low == second.measures["elbo"].scale.low
    assert both.high == alone.high


def test_opening_the_second_model_shows_the_same_classes(workspace, make_model):
    workspace.appearance.hide_classes(frozenset({4}))
    compare(workspace, make_model(seed=1, name="b.safetensors"), turned_digits())
    assert workspace.appearance.hidden_classes == {4}


def where(pair):
    return [
        (v.probe.tolist(), v.selected, v.slice.turn is None, v.slice.base.tolist()) for v in pair
    ]


def test_undo_and_redo_of_link_alignment_and_moves_of_either(workspace, pair, comparison, qapp):
    history = History(workspace, {}, workspace)
    settle()
    seen = [where(pair)]
    names = []

    def act(what):
        what()
        settle()
        seen.append(where(pair))
        names.append(history.stack.undoText())

    act(lambda: pair[0].set_probe(np.array([0.4, -0.3])))
    act(lambda: comparison.choose_link(Link.Z))
    act(lambda: pair[1].select(50))
    act(lambda: comparison.choose_alignment(False))
    act(lambda: pair[1].set_probe(np.array([-1.0, 0.2])))
    assert names[1:4] == [
        "linking the probes through z",
        "going to test digit 50",
        "not aligning",
    ]
    assert history.stack.count() == 5
    for expected in reversed(seen[:-1]):
        history.undo()
        settle()
        assert where(pair) == expected
    assert comparison.pairing == Pairing()
    for expected in seen[1:]:
        history.redo()
        settle()
        assert where(pair) == expected
    assert comparison.pairing == Pairing(Link.Z, is_aligned=False)


def test_what_is_found_of_the_pair_is_no_step_of_the_user(workspace, pair, comparison, qapp):
    history = History(workspace, {}, workspace)
    settle()
    comparison.set_found(True, None)
    settle()
    assert history.stack.count() == 0
