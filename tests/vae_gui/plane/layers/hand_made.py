"""A request for each layer that workers draw, made by hand. Like the layers, it knows no Qt."""

from collections.abc import Hashable, Mapping
from pathlib import Path

import numpy as np

from model.files.checkpoint import Checkpoint
from model.latent.decode_table import plane_cells
from model.latent.plane_posterior import PlanePosterior
from model.network.initialisation import build
from model.network.vae import VAEConfig
from model.train.train_config import TrainConfig
from vae_gui.plane.canvas import Bounds, Canvas
from vae_gui.plane.layers.aggregate import AggregateRequest
from vae_gui.plane.layers.density_difference import DensityDifferenceLayer
from vae_gui.plane.layers.fisher_ellipses import FisherEllipsesLayer, FisherEllipsesRequest
from vae_gui.plane.layers.label_regions import LabelRegionsLayer
from vae_gui.plane.layers.layer import PictureLayer
from vae_gui.plane.layers.magnification import MagnificationLayer, MagnificationRequest
from vae_gui.plane.layers.manifold import DecodedCells, ManifoldLayer, ManifoldRequest
from vae_gui.plane.layers.metric_lattice import MeasuredNodes
from vae_gui.plane.layers.posterior import PosteriorLayer, PosteriorRequest
from vae_gui.plane.layers.posterior_ellipses import ClassEllipsesLayer, EllipsesRequest
from vae_gui.plane.layers.posterior_means import (
    PointsRequest,
    TestImagesLayer,
    TrainingImagesLayer,
)
from vae_gui.state.encoded import EncodedImages, OpenModel
from vae_gui.state.measures import Column
from vae_gui.state.plane_decoder import PlaneDecoder
from vae_gui.state.slice import Slice
from vae_gui.style.palette import LIGHT

SEEN = Bounds(-2.0, 2.0, -1.5, 1.5)
HIDDEN = frozenset({1})


def images(count: int = 60) -> EncodedImages:
    """Images at random places."""
    numbers = np.random.default_rng(3)
    return EncodedImages(
        means=numbers.normal(size=(count, 2)),
        standard_deviations=numbers.uniform(0.02, 0.4, size=(count, 2)),
        images=np.zeros((count, 28, 28), dtype=np.uint8),
        labels=np.arange(count) % 3,
        class_names=("a", "b", "c"),
        source="made by hand",
    )


def requests() -> Mapping[type[PictureLayer], Hashable]:
    """What each layer is asked to draw."""
    some, slice_ = images(), Slice(np.zeros(2))
    canvas = Canvas(SEEN, (200, 150), 50.0)
    column = Column.empty(some.belongs).with_values(0, np.linspace(-3.0, 4.0, 50))
    density = AggregateRequest(some, slice_, SEEN, 50.0, 1.0, LIGHT)
    vae = build(VAEConfig(latent_dim=2, hidden=16, blocks=1), 0).eval().requires_grad_(False)
    model = OpenModel(Path("none"), "none", Checkpoint(vae, TrainConfig(epochs=1), 1, {}, {}))
    cells = plane_cells(30)
    prior = PlanePosterior(cells, cells.log_prior_mass, np.arange(len(cells)), None)
    vae.decoder.logits.weight *= 100.0
    nodes = MeasuredNodes(PlaneDecoder(model, slice_))
    points = (some, slice_, canvas, 4.5, HIDDEN, LIGHT)
    return {
        TestImagesLayer: PointsRequest(*points, None, None),
        TrainingImagesLayer: PointsRequest(*points, column, column.scale),
        ClassEllipsesLayer: EllipsesRequest(some, slice_, canvas, 1.3, HIDDEN, LIGHT, 6.0),
        LabelRegionsLayer: density,
        PosteriorLayer: PosteriorRequest(prior, SEEN, 50.0, 1.0, LIGHT),
        DensityDifferenceLayer: density,
        FisherEllipsesLayer: FisherEllipsesRequest(nodes, canvas, 1, 1.4, 3.4, LIGHT),
        MagnificationLayer: MagnificationRequest(nodes, SEEN, 50.0, 3),
        ManifoldLayer: ManifoldRequest(
            DecodedCells(model, slice_), SEEN, 1, 0xFF000000, 0xFFFFFFFF
        ),
    }


def pictures() -> dict[str, np.ndarray]:
    """All pictures of all layers, in order, by the layer's key and a number."""
    return {
        f"{kind.key} {number}": patch.picture
        for kind, request in requests().items()
        for number, patch in enumerate(kind().draw(request))
        if patch is not None
    }
