"""What is drawn in the plane, one file a layer. A layer knows the session and how to paint."""

from vae_gui.plane.layers.class_labels import ClassLabelsLayer
from vae_gui.plane.layers.density_difference import DensityDifferenceLayer
from vae_gui.plane.layers.label_regions import LabelRegionsLayer
from vae_gui.plane.layers.layer import Layer
from vae_gui.plane.layers.manifold import ManifoldLayer
from vae_gui.plane.layers.posterior_ellipses import ClassEllipsesLayer, PosteriorEllipsesLayer
from vae_gui.plane.layers.posterior_means import TestDigitsLayer, TrainingDigitsLayer
from vae_gui.plane.layers.prior_contours import PriorContoursLayer

# From the lowest to the highest. A new layer is a new file, and a line here.
LAYERS: tuple[type[Layer], ...] = (
    ManifoldLayer,
    DensityDifferenceLayer,
    LabelRegionsLayer,
    TrainingDigitsLayer,
    TestDigitsLayer,
    ClassEllipsesLayer,
    PriorContoursLayer,
    PosteriorEllipsesLayer,
    ClassLabelsLayer,
)
