"""All layers, from the lowest to the highest. A new layer is a new file, and a line here."""

from vae_gui.plane.layers.class_labels import ClassLabelsLayer
from vae_gui.plane.layers.density_difference import DensityDifferenceLayer
from vae_gui.plane.layers.fisher_ellipses import FisherEllipsesLayer
from vae_gui.plane.layers.label_regions import LabelRegionsLayer
from vae_gui.plane.layers.layer import Layer
from vae_gui.plane.layers.magnification import MagnificationLayer
from vae_gui.plane.layers.manifold import ManifoldLayer
from vae_gui.plane.layers.posterior import PosteriorLayer
from vae_gui.plane.layers.posterior_ellipses import ClassEllipsesLayer
from vae_gui.plane.layers.posterior_marks import PosteriorEllipsesLayer
from vae_gui.plane.layers.posterior_means import TestImagesLayer, TrainingImagesLayer
from vae_gui.plane.layers.prior_contours import PriorContoursLayer

LAYERS: tuple[type[Layer], ...] = (
    ManifoldLayer,
    MagnificationLayer,
    DensityDifferenceLayer,
    LabelRegionsLayer,
    TrainingImagesLayer,
    TestImagesLayer,
    ClassEllipsesLayer,
    PosteriorLayer,
    FisherEllipsesLayer,
    PriorContoursLayer,
    PosteriorEllipsesLayer,
    ClassLabelsLayer,
)

LAYER_TITLES = {layer.key: layer.title for layer in LAYERS}
