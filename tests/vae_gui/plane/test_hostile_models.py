"""Models that are legal and mean: the plane stays bounded, and no arithmetic warns."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from gui_helpers import make_digits, settle_layers

from vae_gui.plane.layers.table import LAYERS
from vae_gui.state.appearance import LayerState
from vae_gui.state.workspace import Workspace

LARGEST = 3e38  # what single precision holds


def far(scale):
    return lambda images: replace(images, means=images.means * (scale / 5.0))


def wide(deviation):
    return lambda images: replace(images, standard_deviations=np.full_like(images.means, deviation))


def at(first, others):
    def change(images):
        means = np.full_like(images.means, others)
        means[:, 0] = first
        return replace(images, means=means)

    return change


def apart(images):
    """All at the origin but one."""
    means = np.zeros_like(images.means)
    means[7] = LARGEST
    return replace(images, means=means)


def both(*changes):
    def change(images):
        for one in changes:
            images = one(images)
        return images

    return change


HOSTILE = {
    "far": far(1e6),
    "very far": far(1e30),
    "as far as can be": far(LARGEST),
    "without variance": wide(0.0),
    "of hardly any variance": wide(1e-45),
    "of vast variance": wide(1e19),
    "at one point": at(0.5, -0.5),
    "at one point far away": at(1e30, -1e30),
    "at one point, without variance": both(at(1e30, 1e30), wide(0.0)),
    "one apart": apart,
}


@pytest.fixture
def failures():
    return []


@pytest.fixture
def show(make_plane, make_model, failures):
    """A function that shows a model's test and training images in all layers."""

    def show_all(images, training, model=None):
        workspace = Workspace()
        plane = make_plane(workspace)
        plane.resize(280, 200)  # all layers are drawn, and for a large one that takes long
        plane.layers.failed.connect(lambda sentence, error: failures.append(sentence))
        for kind in LAYERS:
            workspace.appearance.set_layer(kind.key, LayerState(True, 0.7))
        workspace.document.open(model or make_model(images.means.shape[1]))
        workspace.document.set_test(images)
        workspace.document.set_training(training)
        return plane, workspace

    return show_all


def look_around(plane, workspace):
    """Choose images, decode at them, go near and far, and colour by what is measured."""

    def seen():
        settle_layers(workspace)
        assert np.isfinite(plane.view().to_plane(140.0, 100.0)).all()
        return plane.grab().toImage()

    seen()
    for colouring in ("kl", "standard_deviation", None):
        workspace.appearance.colour_by(colouring)
        seen()
    for index in (7, 8):
        workspace.viewpoint.select(index)
        workspace.viewpoint.set_peek(workspace.document.test.means[9])
        seen()
        plane.zoom(200.0, workspace.viewpoint.place_of(index))
        seen()
        plane.snap()
        plane.zoom(-200.0)
        seen()
    plane.fit()
    return seen()


@pytest.mark.slow
@pytest.mark.parametrize("latent_dim", [1, 2, 3])
@pytest.mark.parametrize("change", HOSTILE.values(), ids=HOSTILE)
def test_whatever_an_encoder_says_the_plane_shows_it(show, failures, change, latent_dim):
    images = make_digits(latent_dim, 60)
    plane, workspace = show(change(images), change(make_digits(latent_dim, 80)))
    look_around(plane, workspace)
    assert failures == []


def test_a_decoder_that_overflows_is_drawn_and_decoded_all_the_same(show, make_model, failures):
    model = make_model()
    with torch.no_grad():
        for weights in model.checkpoint.vae.decoder.parameters():
            weights.mul_(1e30)
    plane, workspace = show(make_digits(), make_digits(), model)
    look_around(plane, workspace)
    assert failures == []
