"""What every layer says of itself."""

from gui_helpers import make_digits

from vae_gui.plane.layers.layer import PaintedLayer
from vae_gui.plane.layers.posterior_means import PosteriorMeansLayer
from vae_gui.plane.layers.table import LAYERS
from vae_gui.state.workspace import Workspace


def test_every_layer_has_a_name_a_tip_and_a_key_of_its_own():
    made = [kind() for kind in LAYERS]
    for layer in made:
        assert layer.title
        assert layer.tip.endswith(".")
    assert len({layer.key for layer in made}) == len(made)
    shortcuts = [layer.shortcut for layer in made if layer.shortcut]
    assert len(set(shortcuts)) == len(shortcuts)


def test_every_layer_writes_what_is_abstract():
    for kind in LAYERS:
        left = [n for n in dir(kind) if getattr(getattr(kind, n), "__isabstractmethod__", False)]
        assert left == []
    assert PosteriorMeansLayer.images.__isabstractmethod__  # it is seen where it is there


def test_layers_say_where_they_come_from_and_why_some_are_not_there(make_model):
    def sources(dimensions, trained=True):
        workspace = Workspace()
        workspace.document.open(make_model(dimensions))
        workspace.document.set_test(make_digits(dimensions))
        if trained:
            workspace.document.set_training(make_digits(dimensions, 30))
        return {kind.key: kind().source(workspace.viewpoint) for kind in LAYERS}

    one, two, three = (sources(dimensions) for dimensions in (1, 2, 3))
    assert all((*one.values(), *two.values(), *three.values()))
    for key in ("manifold", "regions", "difference"):
        assert one[key] == "not drawn: one latent dimension has no plane"
        assert "fixed" not in two[key]
        assert "z3 fixed at the posterior mean of test digit" in three[key]
    assert "mean q(z|x) of 30 training images" in two["difference"]
    assert "per unit area" in three["difference"]
    assert two["prior"] == "the prior N(0, I)"
    for key in ("prior", "ellipses", "class_ellipses", "labels"):
        assert three[key].endswith("in z1 and z2")
    assert sources(2, trained=False)["training"] == "waits for training digits"
    empty = Workspace().viewpoint
    assert not any(kind().source(empty) for kind in LAYERS if kind.key != "prior")


def test_with_one_dimension_layers_have_marks(make_model):
    workspace = Workspace()
    workspace.document.open(make_model(1))
    workspace.document.set_test(make_digits(1))
    workspace.viewpoint.select(3)
    for kind in LAYERS:
        if issubclass(kind, PaintedLayer):
            marks = kind().marks(workspace.viewpoint)
            assert len(marks) == (1 if kind.key == "ellipses" else 0)
