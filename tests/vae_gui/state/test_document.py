"""Several models open at once, and a model that gets other weights while it is looked at."""

from dataclasses import replace

import numpy as np
import pytest
from gui_helpers import make_digits, settle

from vae_gui.plane.plane_view import PlaneView
from vae_gui.state.appearance import LayerState
from vae_gui.state.history import History
from vae_gui.state.measures.label_accuracy import LabelAccuracy
from vae_gui.state.workspace import Workspace


def count(*signals):
    calls = []
    for signal in signals:
        signal.connect(lambda: calls.append(1))
    return calls


def moved(digits, by=0.5):
    """The same images, as other weights encode them."""
    deviations = 1.5 * digits.standard_deviations
    return replace(digits, means=digits.means + by, standard_deviations=deviations)


# Two at once


@pytest.fixture
def two(workspace, make_model):
    """A workspace with a second document, of three dimensions, and the viewpoints on both."""
    other = workspace.add_document()
    other.document.open(make_model(3, seed=1, name="other.safetensors"))
    other.document.set_test(make_digits(3, count=50))
    return workspace, workspace.viewpoint, other


def test_two_documents_have_their_own_models_images_and_measures(two):
    workspace, one, other = two
    assert workspace.documents == [one.document, other.document]
    assert workspace.viewpoints == [one, other]
    assert (one.document.model.latent_dim, other.document.model.latent_dim) == (2, 3)
    assert (len(one.document.test), len(other.document.test)) == (200, 50)
    told = count(one.document.measures_changed)
    other.document.measure(other.document.measures, "elbo", 0, np.full(50, -90.0))
    assert other.document.measures["elbo"].is_complete
    assert one.document.measures["elbo"].count == 0
    assert not told


def test_two_viewpoints_have_their_own_probe_peek_slice_and_selection(two):
    _, one, other = two
    before = one.probe.copy(), one.slice, one.selected
    told = count(one.point_changed, one.slice_changed, one.selection_changed)
    other.select(7)
    other.set_peek(other.slice.to_latent(np.array([0.5, 0.5])))
    other.document.set_training(make_digits(3, count=20))
    assert not told
    np.testing.assert_array_equal(one.probe, before[0])
    assert (one.slice, one.selected, one.peek) == (*before[1:], None)
    assert one.document.training is None
    told = count(other.point_changed, other.slice_changed, other.selection_changed)
    one.select(11)
    assert other.selected == 7
    assert not told


def test_one_appearance_is_that_of_both(two):
    workspace, one, other = two
    assert one.appearance is other.appearance is workspace.appearance
    workspace.appearance.solo_class(4, 10)
    for viewpoint in (one, other):
        nearest = viewpoint.nearest_to(viewpoint.probe).index
        assert viewpoint.document.test.labels[nearest] == 4


def test_opening_another_model_leaves_the_other_document_alone(two, make_model):
    _, one, other = two
    one.select(5)
    model, test = one.document.model, one.document.test
    other.document.open(make_model(2, name="third.safetensors"))
    assert other.document.test is None
    assert (one.document.model, one.document.test, one.selected) == (model, test, 5)


# What is told


def test_whoever_is_told_that_a_model_is_open_sees_that_the_old_images_are_gone(
    workspace, make_model
):
    document, seen = workspace.document, []
    document.set_training(make_digits(count=20))
    document.set_label_accuracy(LabelAccuracy(1, 2))
    document.opened.connect(
        lambda: seen.append(
            (document.test, document.training, document.measures, document.label_accuracy)
        )
    )
    document.open(make_model(3))
    assert seen == [(None, None, None, None)]
    assert document.training_measures is None


# Other weights


@pytest.fixture
def learning(workspace, make_model, qtbot):
    """A workspace that somebody has set up to their liking; its plane, and its history."""
    plane = PlaneView(workspace, workspace.viewpoint)
    qtbot.addWidget(plane)
    plane.resize(500, 400)
    plane.show()
    settle()
    history = History(workspace, {}, workspace)
    viewpoint, appearance = workspace.viewpoint, workspace.appearance
    viewpoint.select(3)
    settle()
    viewpoint.set_probe(np.array([0.25, -0.75]))
    appearance.set_layer("prior", LayerState(False, 0.3))
    appearance.hide_classes(frozenset({1, 2}))
    appearance.colour_by("kl")
    settle()
    plane.zoom(2.0, np.array([0.5, 0.5]))
    yield workspace, plane, history
    plane.close()


def test_other_weights_keep_all_that_the_user_chose(learning, make_model):
    workspace, plane, history = learning
    document, viewpoint, appearance = workspace.document, workspace.viewpoint, workspace.appearance
    bounds, layers, steps = plane.view().bounds, dict(appearance.layers), history.stack.count()
    assert steps == 2
    told = count(document.opened, viewpoint.slice_changed, viewpoint.selection_changed)
    model, test = make_model(seed=1), moved(document.test)
    document.replace_weights(model, test)
    settle()
    assert (document.model, document.test) == (model, test)
    np.testing.assert_array_equal(viewpoint.probe, [0.25, -0.75])
    assert viewpoint.selected == 3
    assert appearance.layers == layers
    assert appearance.hidden_classes == {1, 2}
    assert appearance.colouring == "kl"
    assert plane.view().bounds == bounds
    assert not told
    assert history.stack.count() == steps
    history.undo()
    assert appearance.hidden_classes == frozenset()
    assert appearance.colouring is None
    assert document.model is model  # weights are nothing that one undoes
    history.undo()
    assert viewpoint.selected is None


def test_other_weights_are_told_and_what_is_nearest_is_found_among_the_new_places(
    workspace, make_model
):
    document, viewpoint = workspace.document, workspace.viewpoint
    signals = ("model_changed", "test_changed", "training_changed", "measures_changed")
    told = []
    for name in signals:
        getattr(document, name).connect(lambda name=name: told.append(name))
    read = count(viewpoint.point_changed)
    test = moved(document.test, by=3.0)
    document.replace_weights(make_model(seed=1), test)
    assert told == list(signals)
    assert read
    assert viewpoint.nearest_to(test.means[17]).index == 17
    assert viewpoint.nearest_to(test.means[17]).distance == 0.0


def test_other_weights_are_measured_anew(workspace, make_model):
    document = workspace.document
    document.set_training(make_digits(count=20))
    document.measure(document.measures, "elbo", 0, np.full(200, -90.0))
    document.set_label_accuracy(LabelAccuracy(1, 2))
    test, training = moved(document.test), moved(document.training)
    document.replace_weights(make_model(seed=1), test, training)
    assert document.measures.is_open("elbo")
    assert document.measures["elbo"].count == 0
    deviations = test.standard_deviations
    expected = 0.5 * (test.means**2 + deviations**2 - 1 - 2 * np.log(deviations)).sum(axis=1)
    np.testing.assert_allclose(document.measures["kl"].values, expected)
    assert len(document.training_measures) == 20
    assert document.training_measures["kl"].is_complete
    assert document.label_accuracy is None


def test_training_images_that_are_not_encoded_by_the_new_weights_are_gone(workspace, make_model):
    document = workspace.document
    document.set_training(make_digits(count=20))
    document.replace_weights(make_model(seed=1), moved(document.test))
    assert document.training is None
    assert document.training_measures is None


@pytest.mark.parametrize("difference", ["dimension", "labels", "pixels", "count"])
def test_another_model_or_other_images_are_refused_and_nothing_changes(
    workspace, make_model, difference
):
    document = workspace.document
    test = document.test
    model = make_model(3 if difference == "dimension" else 2, seed=1)
    if difference == "dimension":
        images = make_digits(3)
    elif difference == "count":
        images = make_digits(count=100)
    elif difference == "labels":
        images = replace(test, labels=(test.labels + 1) % 10)
    else:
        images = replace(test, images=255 - test.images)
    before = document.model, document.test, document.measures
    told = count(document.model_changed, document.test_changed)
    with pytest.raises(ValueError, match="the model and the images that are open"):
        document.replace_weights(model, images)
    assert (document.model, document.test, document.measures) == before
    assert not told


def test_weights_before_anything_is_open_are_refused(make_model):
    workspace = Workspace()
    document = workspace.document
    with pytest.raises(ValueError, match="the model and the images that are open"):
        document.replace_weights(make_model(), make_digits())
    document.open(make_model())
    with pytest.raises(ValueError, match="the model and the images that are open"):
        document.replace_weights(make_model(), make_digits())


# Other weights in more dimensions


@pytest.fixture
def in_five(make_model, qapp):
    """A workspace of five dimensions whose slice goes through digit 8, after one through 3."""
    workspace = Workspace()
    workspace.document.open(make_model(5))
    workspace.document.set_test(make_digits(5))
    history = History(workspace, {}, workspace)
    settle()
    for index in (3, 8):
        workspace.viewpoint.select(index)
        settle()
    return workspace, history


def test_the_slice_goes_through_where_its_image_lies_now(in_five, make_model):
    workspace, history = in_five
    document, viewpoint = workspace.document, workspace.viewpoint
    viewpoint.set_probe(viewpoint.slice.to_latent(np.array([0.25, -0.75])))
    settle()
    test = moved(document.test)
    document.replace_weights(make_model(5, seed=1), test)
    settle()
    assert viewpoint.slice.base_image == viewpoint.selected == 8
    np.testing.assert_array_equal(viewpoint.slice.base, test.means[8])
    np.testing.assert_array_equal(viewpoint.probe, [0.25, -0.75, *test.means[8][2:]])
    assert history.stack.count() == 3  # to move with the weights was no one's step


def test_a_slice_that_is_gone_back_to_goes_through_where_its_image_lies_now(in_five, make_model):
    workspace, history = in_five
    viewpoint, old = workspace.viewpoint, workspace.document.test
    test = moved(old)
    workspace.document.replace_weights(make_model(5, seed=1), test)
    settle()
    history.undo()
    assert viewpoint.slice.base_image == viewpoint.selected == 3
    np.testing.assert_array_equal(viewpoint.slice.base, test.means[3])
    # The probe is where it was in the plane, and in the slice.
    np.testing.assert_array_equal(viewpoint.probe, [*old.means[3][:2], *test.means[3][2:]])
    history.redo()
    np.testing.assert_array_equal(viewpoint.slice.base, test.means[8])
    assert history.stack.count() == 2


def test_images_that_are_awaited_are_awaited_on_while_more_is_known_of_the_same_weights(
    make_model,
):
    workspace = Workspace()
    document, model = workspace.document, make_model()
    document.open(model)
    document.set_test(make_digits())
    document.replace_weights(model, make_digits())
    assert document.awaits_training
    document.replace_weights(make_model(seed=1), make_digits())
    assert not document.awaits_training
