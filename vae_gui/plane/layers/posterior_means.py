"""The encoded images as points."""

from abc import abstractmethod
from collections.abc import Generator, Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vae_gui.plane.canvas import Canvas
from vae_gui.plane.layers.discs import draw_discs
from vae_gui.plane.layers.layer import Extent, Patch, PictureLayer, why_no_training
from vae_gui.state.encoded import EncodedImages
from vae_gui.state.measures import MEASURES, Column, Measurements
from vae_gui.state.slice import Slice
from vae_gui.style.colour_maps import amounts, steps_of
from vae_gui.style.palette import Theme, class_palette, rgb
from vae_gui.style.scales import Scale

if TYPE_CHECKING:
    from vae_gui.plane.viewport import View
    from vae_gui.state.document import Document
    from vae_gui.state.viewpoint import Viewpoint

# Drawn beyond the edges of what is seen, so that a pan has something to show at once.
MARGIN = 0.15


@dataclass(frozen=True)
class PointsRequest:
    """Points, and how they are drawn.

    Attributes:
        images: a point each.
        slice: where they are drawn.
        canvas: the picture.
        diameter: of a point, in pixels of the canvas.
        hidden_classes: those drawn faintly, as are values that are not known, and images that do
            not belong to the class of the model that is shown.
        theme: whose colours they have.
        column: the values that colour them; None: by class.
        scale: the range of the colours; None where no value is known.
    """

    images: EncodedImages
    slice: Slice
    canvas: Canvas
    diameter: float
    hidden_classes: frozenset[int]
    theme: Theme
    column: Column | None
    scale: Scale | None


class PosteriorMeansLayer(PictureLayer):
    """One point for each image of a set, at the mean of its posterior."""

    starts_opacity = 1.0
    diameter = 4.5

    @abstractmethod
    def images(self, document: "Document") -> EncodedImages | None:
        """The set."""

    @abstractmethod
    def measurements(self, document: "Document") -> Measurements | None:
        """What is measured of it."""

    def source(self, viewpoint: "Viewpoint") -> str:
        """What the points are."""
        images = self.images(viewpoint.document)
        return "" if images is None else images.source

    def brief(self, viewpoint: "Viewpoint") -> str:
        """How many they are."""
        images = self.images(viewpoint.document)
        return "" if images is None else f"{len(images):,} posterior means"

    def request(self, viewpoint: "Viewpoint", view: "View", theme: Theme) -> PointsRequest | None:
        """Another picture for each view: points have their size on the screen, not in the plane."""
        document, appearance = viewpoint.document, viewpoint.appearance
        images, key = self.images(document), appearance.colouring
        if images is None:
            return None
        own = self.measurements(document)
        return PointsRequest(
            images,
            viewpoint.slice,
            view.canvas(MARGIN),
            self.diameter * view.ratio * view.magnification,
            appearance.hidden_classes,
            theme,
            None if key is None or own is None else own[key],
            None if key is None else viewpoint.scale_of(key),
        )

    def extent(self, request: Hashable) -> Extent:
        """Where the points are, and at which scale."""
        assert isinstance(request, PointsRequest)
        r = request
        manner = (r.images, r.slice, r.diameter, r.hidden_classes, r.theme, r.column, r.scale)
        return Extent(r.canvas.bounds, r.canvas.per_unit, manner)

    def draw(self, request: Hashable) -> Generator[Patch, None, None]:
        """Draw all points, once."""
        assert isinstance(request, PointsRequest)
        canvas, images = request.canvas, request.images
        centres = canvas.to_pixels(request.slice.place(images.means, images.labels))
        hidden = ~images.shown_beside(request.hidden_classes)
        palette, colours = _colours(request)
        colours = np.where(hidden, len(palette) - 1, colours)
        above = colours < len(palette) - 1
        picture = draw_discs(centres, colours, palette, request.diameter, canvas.size, above)
        yield Patch(picture, canvas.bounds, smooth=False)


def _colours(request: PointsRequest) -> tuple[NDArray[np.uint32], NDArray[np.integer]]:
    """A palette, whose last colour is the faint one, and each image's place in it."""
    faint, labels = np.uint32(rgb(request.theme.line)), request.images.labels
    if request.column is None:
        return np.append(class_palette(request.theme), faint), labels
    palette = np.append(amounts(request.theme), faint)
    if request.scale is None:
        return palette, np.full(len(labels), len(palette) - 1)
    values, scale = request.column.values, request.scale
    steps = steps_of(values, scale.low, scale.high).astype(np.int64)
    return palette, np.where(np.isnan(values), len(palette) - 1, steps)


class TestImagesLayer(PosteriorMeansLayer):
    """The test set."""

    key = "test"
    title = "Test digits"
    tip = "The mean of q(z|x) of each test image, in the colour of its class or number."
    shortcut = "T"
    lingers = True

    def images(self, document: "Document") -> EncodedImages | None:
        """Those of the test set, where they are now."""
        return document.painted

    def measurements(self, document: "Document") -> Measurements | None:
        """What is measured of them."""
        return document.measures


class TrainingImagesLayer(PosteriorMeansLayer):
    """The training set."""

    key = "training"
    title = "Training digits"
    tip = (
        "The mean of q(z|x) of each training image, smaller, in the colour of its class or number."
    )
    shortcut = "Shift+T"
    starts_visible = False
    diameter = 3.0

    def source(self, viewpoint: "Viewpoint") -> str:
        """What the points are, and why they may have no colour."""
        document, key = viewpoint.document, viewpoint.appearance.colouring
        if document.training is None or document.training_measures is None:
            return why_no_training(document) if document.model else ""
        source = super().source(viewpoint)
        never = document.training_measures.never.get(key or "")
        return f"{source}; {MEASURES[key].title} is {never}" if key and never else source

    def brief(self, viewpoint: "Viewpoint") -> str:
        """How many they are, or what they wait for."""
        document = viewpoint.document
        waits = why_no_training(document) if document.model else ""
        return super().brief(viewpoint) or waits

    def images(self, document: "Document") -> EncodedImages | None:
        """Those of the training set."""
        return document.training

    def measurements(self, document: "Document") -> Measurements | None:
        """What is measured of them."""
        return document.training_measures
