"""Magnification and Fisher ellipses, against a Jacobian by autograd."""

import numpy as np
import pytest
import torch
from drawn import CLOSER, VIEW, patches, pixel_at
from gui_helpers import make_digits, settle_layers

from vae_gui.plane.canvas import Bounds
from vae_gui.plane.layers.fisher_ellipses import (
    LARGEST,
    RADIUS_PER_UNIT,
    FisherEllipsesLayer,
)
from vae_gui.plane.layers.magnification import SCALE, MagnificationLayer
from vae_gui.plane.layers.metric_lattice import lattice_over
from vae_gui.plane.plane_view import PlaneView
from vae_gui.plane.viewport import View
from vae_gui.state.workspace import Workspace
from vae_gui.style.colour_maps import filled
from vae_gui.style.palette import DARK, LIGHT

# With few nodes; a coarse and a fine lattice.
SMALL_VIEWS = (
    View(Bounds(-0.5, 1.5, -1.0, 0.5), left=50.0, top=10.0, per_unit=100.0),
    View(Bounds(0.4, 1.1, -0.35, 0.1), left=50.0, top=10.0, per_unit=300.0),
)


def metric_of(workspace, x, y):
    """G by autograd, in double precision: (2, 2)."""
    viewpoint = workspace.viewpoint
    decoder = viewpoint.document.model.checkpoint.vae.decoder
    z = torch.from_numpy(viewpoint.slice.to_latent(np.array([x, y]))).float()
    slopes = torch.autograd.functional.jacobian
    jacobian = slopes(lambda z: decoder(z[None])[0], z, vectorize=True).double()
    p = torch.sigmoid(decoder(z[None])[0]).double()
    across = torch.from_numpy(viewpoint.slice.directions)
    pulled = jacobian @ across.T
    return (pulled.T @ ((p * (1 - p))[:, None] * pulled)).numpy()


@pytest.mark.parametrize(
    ("dimensions", "theme"),
    [
        (2, LIGHT),
        (3, DARK),
        pytest.param(2, DARK, marks=pytest.mark.slow),
        pytest.param(3, LIGHT, marks=pytest.mark.slow),
    ],
)
def test_the_colour_is_that_of_the_determinant(make_model, dimensions, theme):
    workspace = Workspace()
    workspace.document.open(make_model(dimensions))
    workspace.document.set_test(make_digits(dimensions))
    model = workspace.document.model
    model.checkpoint.vae.decoder.logits.weight *= 5.0
    table = filled()
    for view in SMALL_VIEWS:
        drawn = patches(MagnificationLayer(), workspace, view, theme)
        assert len(drawn) == 3
        for patch in drawn[1:]:
            step = patch.bounds.width / patch.picture.shape[1]
            for x, y in ((0.5, -0.25), (1.0, 0.0)):
                assert (x / step) % 1.0 == 0.0  # a node
                expected = 0.5 * np.log10(np.linalg.det(metric_of(workspace, x, y)))
                found = np.flatnonzero(table == pixel_at(patch, x, y))
                assert SCALE.low < expected < SCALE.high
                assert np.abs(found - 255.0 * SCALE.fraction_of(expected)).min() < 3.0


@pytest.mark.slow
@pytest.mark.parametrize("view", [VIEW, CLOSER])
def test_each_ellipse_has_the_fisher_radius_that_is_said(workspace, view):
    workspace.document.model.checkpoint.vae.decoder.logits.weight *= 5.0
    layer = FisherEllipsesLayer()
    request = layer.request(workspace.viewpoint, view, LIGHT)
    (patch,) = [patch for patch in layer.draw(request) if patch is not None]
    step = 2.0**-request.level
    radius = RADIUS_PER_UNIT * step
    is_dark = ((patch.picture >> 16) & 0xFF < 120) & (patch.picture >> 24 > 200)
    rows, columns = np.nonzero(is_dark)
    inked = np.stack(
        [
            patch.bounds.left + (columns + 0.5) / view.per_unit,
            patch.bounds.high - (rows + 0.5) / view.per_unit,
        ],
        axis=1,
    )
    checked = 0
    for x, y in lattice_over(patch.bounds.grown(-0.2), request.level).nodes.tolist():
        values, vectors = np.linalg.eigh(metric_of(workspace, x, y))
        half = radius / np.sqrt(values)
        if half.max() > LARGEST * step or checked == 12:
            continue
        checked += 1
        for along, length in zip(vectors.T, half, strict=True):
            for sign in (1.0, -1.0):  # both ends of both axes are drawn
                end = np.array([x, y]) + sign * length * along
                if patch.bounds.contains(Bounds(end[0], end[0], end[1], end[1])):
                    assert np.linalg.norm(inked - end, axis=1).min() * view.per_unit < 3.0
    assert checked > 3


def test_nodes_lie_still_while_one_pans_and_none_is_measured_twice(workspace, monkeypatch):
    layer, asked = MagnificationLayer(), []
    model = workspace.document.model
    real = model.decode_logits
    monkeypatch.setattr(model, "decode_logits", lambda z: asked.append(len(z)) or real(z))

    def draw(bounds):
        view = VIEW.__class__(bounds, VIEW.left, VIEW.top, VIEW.per_unit)
        request = layer.request(workspace.viewpoint, view, LIGHT)
        return [patch for patch in layer.draw(request) if patch is not None]

    first = draw(VIEW.bounds)
    before = sum(asked)
    assert draw(VIEW.bounds)[-1].picture.tolist() == first[-1].picture.tolist()
    assert sum(asked) == before
    moved = draw(VIEW.bounds.moved(np.array([0.37, 0.0])))
    assert sum(asked) < 1.2 * before
    assert pixel_at(moved[-1], 0.5, 0.5) == pixel_at(first[-1], 0.5, 0.5)


def test_on_a_line_there_is_no_metric(make_model):
    workspace = Workspace()
    workspace.document.open(make_model(1))
    workspace.document.set_test(make_digits(1))
    for layer in (MagnificationLayer(), FisherEllipsesLayer()):
        assert layer.request(workspace.viewpoint, VIEW, LIGHT) is None
        assert layer.brief(workspace.viewpoint) == "only in 2-D"
        assert layer.source(workspace.viewpoint).startswith("not drawn: one latent dimension")


def test_with_other_weights_the_map_goes_at_once_and_comes_back(workspace, make_model, qtbot):
    plane = PlaneView(workspace, workspace.viewpoint)
    qtbot.addWidget(plane)
    plane.resize(300, 300)
    workspace.appearance.show_layer("magnification", True)
    plane.show()
    settle_layers(workspace)
    assert plane.layers.shows("magnification")
    workspace.document.replace_weights(make_model(seed=7, name="other.safetensors"), make_digits())
    assert not plane.layers.shows("magnification")
    settle_layers(workspace)
    assert plane.layers.shows("magnification")
    plane.close()
