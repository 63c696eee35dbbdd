"""How the planes are drawn: what changes, and who is told."""

import pytest

from vae_gui.state.appearance import Appearance, LayerState


@pytest.fixture
def appearance():
    made = Appearance()
    made.layers = {"test": LayerState(True, 0.8), "prior": LayerState(False)}
    return made


@pytest.fixture
def told(appearance):
    """The names of the signals, in the order in which they came."""
    names = []
    for name in ("layers", "classes", "colouring"):
        signal = getattr(appearance, f"{name}_changed")
        signal.connect(lambda name=name: names.append(name))
    return names


def test_a_layer_is_shown_and_hidden_and_keeps_its_opacity(appearance, told):
    appearance.show_layer("test", False)
    assert appearance.layers["test"] == LayerState(False, 0.8)
    assert not appearance.is_shown("test")
    appearance.show_layer("test", True)
    assert appearance.layers["test"] == LayerState(True, 0.8)
    assert told == ["layers", "layers"]


def test_a_layer_that_nobody_knows_is_not_shown(appearance):
    assert not appearance.is_shown("clouds")
    appearance.set_layer("clouds", LayerState(True, 0.5))
    assert appearance.is_shown("clouds")


def test_what_does_not_change_is_not_told(appearance, told):
    appearance.set_layer("test", LayerState(True, 0.8))
    appearance.show_layer("prior", False)
    appearance.colour_by(None)
    appearance.hide_classes(frozenset())
    assert told == []


def test_images_are_coloured_by_a_measure_or_by_class(appearance, told):
    appearance.colour_by("kl")
    assert appearance.colouring == "kl"
    appearance.colour_by(None)
    assert appearance.colouring is None
    assert told == ["colouring", "colouring"]


def test_a_class_is_hidden_and_shown_again(appearance, told):
    appearance.toggle_class(3)
    appearance.toggle_class(5)
    assert appearance.hidden_classes == {3, 5}
    appearance.toggle_class(3)
    assert appearance.hidden_classes == {5}
    assert told == ["classes"] * 3


def test_a_class_alone_and_then_all_again(appearance):
    appearance.hide_classes(frozenset({1, 2}))
    appearance.solo_class(4, 6)
    assert appearance.hidden_classes == {0, 1, 2, 3, 5}
    appearance.solo_class(0, 6)  # another one alone
    assert appearance.hidden_classes == {1, 2, 3, 4, 5}
    appearance.solo_class(0, 6)
    assert appearance.hidden_classes == frozenset()
