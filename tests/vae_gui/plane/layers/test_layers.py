"""Each layer of the plane, against the same thing computed another way."""

import numpy as np
import pytest
import torch
from gui_helpers import make_digits, settle, settle_layers
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QImage, QPainter

from model.latent import decoding as latent
from vae_gui.jobs.live_decoder import LiveDecoder
from vae_gui.plane.canvas import Bounds
from vae_gui.plane.layers.density_difference import SCALE, DensityDifferenceLayer
from vae_gui.plane.layers.label_regions import LabelRegionsLayer
from vae_gui.plane.layers.manifold import ManifoldLayer, cells_of, centre_of
from vae_gui.plane.layers.posterior_ellipses import (
    SIGMAS,
    ClassEllipsesLayer,
    Ellipses,
    PosteriorEllipsesLayer,
)
from vae_gui.plane.layers.posterior_means import PosteriorMeansLayer
from vae_gui.plane.layers.prior_contours import (
    RADII,
    PriorContoursLayer,
    mass_within,
    seen_dashes,
)
from vae_gui.plane.layers.table import LAYERS
from vae_gui.plane.plane_view import PlaneView
from vae_gui.plane.viewport import View
from vae_gui.state.appearance import LayerState
from vae_gui.state.encoded import Reading
from vae_gui.state.workspace import Workspace
from vae_gui.style import colour_maps
from vae_gui.style.palette import CLASS_COLOURS, DARK, LIGHT

VIEW = View(Bounds(-3.0, 3.0, -2.0, 2.0), left=50.0, top=10.0, per_unit=100.0)
CLOSER = View(Bounds(0.3, 1.2, -0.5, 0.1), left=50.0, top=10.0, per_unit=666.0)


@pytest.fixture
def plane(workspace, qtbot):
    view = PlaneView(workspace, workspace.viewpoint)
    qtbot.addWidget(view)
    view.resize(700, 500)
    view.set_theme(LIGHT)
    view.show()
    settle()
    view.decoder = LiveDecoder(workspace.viewpoint)  # the marks follow what it decodes
    return view


def only(workspace, *keys):
    """Show these layers alone, opaque."""
    for kind in LAYERS:
        workspace.appearance.set_layer(kind.key, LayerState(kind.key in keys))


def picture_of(plane) -> QImage:
    settle_layers(plane)
    return plane.grab().toImage()


def patches(layer, view, theme=LIGHT):
    return [patch for patch in layer.draw(layer.request(view, theme)) if patch is not None]


def channels(pixel: np.uint32) -> np.ndarray:
    """Red, green, blue and alpha."""
    return np.array([(int(pixel) >> shift) & 0xFF for shift in (16, 8, 0, 24)])


def pixel_at(patch, x, y):
    """The pixel of a patch at a point of the plane."""
    rows, columns = patch.picture.shape
    column = int((x - patch.bounds.left) / patch.bounds.width * columns)
    row = int((patch.bounds.high - y) / patch.bounds.height * rows)
    return patch.picture[row, column]


def test_every_layer_has_a_name_a_tip_and_a_key_of_its_own(workspace):
    made = [kind(workspace) for kind in LAYERS]
    for layer in made:
        assert layer.title
        assert layer.tip.endswith(".")
    assert len({layer.key for layer in made}) == len(made)
    shortcuts = [layer.shortcut for layer in made if layer.shortcut]
    assert len(set(shortcuts)) == len(shortcuts)


# The view


@pytest.mark.parametrize("view", [VIEW, CLOSER])
def test_a_view_maps_as_the_plane_does(view):
    b = view.bounds
    np.testing.assert_allclose(view.to_pixels(np.array([b.left, b.high])), [50.0, 10.0])
    lower_right = view.to_pixels(np.array([b.right, b.low]))
    np.testing.assert_allclose(
        lower_right, [50.0 + b.width * view.per_unit, 10.0 + b.height * view.per_unit]
    )
    rect = view.rect_of(b)
    assert (rect.left(), rect.top()) == (50.0, 10.0)
    np.testing.assert_allclose([rect.right(), rect.bottom()], lower_right)


# Points


def test_while_one_pans_the_points_stay_where_their_data_are(plane, workspace, monkeypatch):
    only(workspace, "test")
    picture_of(plane)
    place = workspace.document.test.means[np.abs(workspace.document.test.means).sum(1).argmin()]
    layer = next(layer for layer in plane.layers if layer.key == "test")
    monkeypatch.setattr(layer, "_ask_for", lambda *_: None)  # the worker takes its time
    plane.viewport.pan_by(np.array([0.3, -0.2]))
    plane.viewport.zoom(1 / 0.8, np.array([0.1, 0.1]))
    settle()
    image = plane.grab().toImage()
    label = workspace.document.test.labels[np.abs(workspace.document.test.means).sum(1).argmin()]
    workspace.viewpoint.set_probe(np.array([3.0, 3.0]))
    settle()
    image = plane.grab().toImage()
    found = image.pixelColor(plane.view().pixel_of(*place).toPoint())
    expected = QColor(CLASS_COLOURS[label])
    assert abs(found.red() - expected.red()) + abs(found.blue() - expected.blue()) < 40


def test_a_pan_or_zoom_within_what_is_drawn_waits_for_the_hand_to_rest(
    plane, workspace, monkeypatch
):
    only(workspace, "test")
    picture_of(plane)
    layer = next(layer for layer in plane.layers if layer.key == "test")
    drawn = []
    draw = layer.draw
    monkeypatch.setattr(layer, "draw", lambda request: (drawn.append(request), draw(request))[1])
    layer._pause.setInterval(60_000)  # a busy machine shall not be taken for a hand at rest
    seen = plane.view().bounds

    def pan(part):
        plane.viewport.pan_by(np.array([part * seen.width, 0.0]))
        settle()
        plane.grab()

    def rest():
        layer._pause.start(0)
        settle_layers(plane)
        layer._pause.setInterval(60_000)

    for _ in range(5):
        pan(0.01)
    assert not drawn
    assert not plane.is_settled
    rest()
    assert len(drawn) == 1
    after = picture_of(plane)
    layer.renew()
    assert picture_of(plane) == after  # as if it had been drawn for this view at once
    assert len(drawn) == 2
    pan(0.5)  # beyond what is drawn: at once
    settle_layers(plane)
    assert len(drawn) == 3
    for _ in range(4):
        plane.zoom(0.5)
        settle()
        plane.grab()
    assert len(drawn) == 3  # a little larger, it does until the hand rests
    for _ in range(2):
        plane.zoom(2.0)
        settle()
        plane.grab()
    rest()
    assert len(drawn) == 5  # much larger: at once; and once more for the last scale
    plane.zoom(-4.0)  # more is seen than is drawn: at once
    settle()
    settle_layers(plane)
    assert len(drawn) == 6
    after = picture_of(plane)
    layer.renew()
    assert picture_of(plane) == after


def test_a_hidden_layer_is_not_there_and_a_faint_one_is_faint(plane, workspace):
    only(workspace)
    empty = picture_of(plane)
    only(workspace, "test")
    full = picture_of(plane)
    workspace.appearance.set_layer("test", LayerState(True, 0.5))
    half = picture_of(plane)
    place = plane.view().pixel_of(*workspace.document.test.means[7]).toPoint()
    colours = [image.pixelColor(place).red() for image in (empty, half, full)]
    assert colours[1] == pytest.approx((colours[0] + colours[2]) / 2, abs=2)
    assert colours[0] == 255


def test_every_layer_writes_what_is_abstract():
    for kind in LAYERS:
        left = [n for n in dir(kind) if getattr(getattr(kind, n), "__isabstractmethod__", False)]
        assert left == []
    assert PosteriorMeansLayer.digits.__isabstractmethod__  # it is seen where it is there


# The prior's contours


def test_a_contour_holds_the_mass_that_it_says():
    draws = np.random.default_rng(0).normal(size=(400_000, 2))
    for radius in (1.0, 2.0, 3.0):
        inside = (np.hypot(*draws.T) < radius).mean()
        assert mass_within(radius, 2) == pytest.approx(inside, abs=3e-3)
        assert mass_within(radius, 1) == pytest.approx(
            (np.abs(draws[:, 0]) < radius).mean(), abs=3e-3
        )


@pytest.mark.parametrize("view", [VIEW, View(Bounds(0.5, 2.5, -0.5, 1.5), 0.0, 0.0, 200.0)])
def test_the_contours_are_circles_in_data_units(workspace, qapp, view):
    image = QImage(700, 500, QImage.Format.Format_RGB32)
    image.fill(QColor("white"))
    painter = QPainter(image)
    PriorContoursLayer().paint(painter, view, LIGHT)
    painter.end()
    dark = np.array(
        [[x, y] for x in range(700) for y in range(500) if image.pixelColor(x, y).lightness() < 160]
    )
    spots = (dark + 0.5 - [view.left, view.top]) / view.per_unit
    radii = np.hypot(view.bounds.left + spots[:, 0], view.bounds.high - spots[:, 1])
    near = np.abs(radii[:, None] - [1.0, 2.0, 3.0]).min(1) * view.per_unit < 1.5
    assert near.mean() > 0.6  # the others write the mass
    for angle in np.linspace(0.0, 2.0 * np.pi, 60):
        for radius in (1.0, 2.0):
            spot = view.to_pixels(radius * np.array([np.cos(angle), np.sin(angle)]))
            inside = view.rect_of(view.bounds).adjusted(8.0, 8.0, -8.0, -8.0)
            if not inside.contains(QPointF(*spot)):
                continue
            assert (np.hypot(*(dark + 0.5 - spot).T) < 7.0).any()  # dashes have gaps


@pytest.mark.parametrize("per_unit", [5.0, 100.0, 5e3, 5e6])
@pytest.mark.parametrize("angle", np.linspace(-3.1, 3.1, 9))
def test_however_near_one_looks_a_contour_is_where_it_belongs(per_unit, angle):
    """Every part of a circle that is seen is drawn, and no farther off than a hair."""
    width, height = 700.0 / per_unit, 500.0 / per_unit
    for radius in RADII:
        x, y = radius * np.cos(angle) + 0.2 * width, radius * np.sin(angle) - 0.1 * height
        bounds = Bounds(x - width / 2, x + width / 2, y - height / 2, y + height / 2)
        view = View(bounds, 50.0, 10.0, per_unit)
        dashes = seen_dashes(view, radius)
        assert 1 <= len(dashes) < 1000
        arc, middles = dashes.reshape(-1, 2), dashes.mean(axis=1)
        for spots in (arc, middles):
            z = np.stack(
                [
                    bounds.left + (spots[:, 0] - 50.0) / per_unit,
                    bounds.high - (spots[:, 1] - 10.0) / per_unit,
                ]
            )
            assert np.abs(np.hypot(*z) - radius).max() * per_unit < 0.3
        turns = angle + np.linspace(-np.pi, np.pi, 3001) * min(1.0, 3.0 * width / radius)
        all_around = view.to_pixels(radius * np.stack([np.cos(turns), np.sin(turns)], axis=-1))
        inside = np.all((all_around > [50.0, 10.0]) & (all_around < [750.0, 510.0]), axis=1)
        assert inside.any()
        for spot in all_around[inside][::7]:
            assert np.hypot(*(arc - spot).T).min() < 6.0


@pytest.mark.parametrize("ratio", [1.0, 1.25, 1.5, 2.0])
def test_contours_look_the_same_whether_drawn_or_kept(workspace, qapp, ratio, monkeypatch):
    """The second of the same is kept as a picture; another view, theme or opacity ends that."""
    layer = PriorContoursLayer()
    drawn = []
    draw = PriorContoursLayer._draw
    monkeypatch.setattr(layer, "_draw", lambda *inputs: (drawn.append(1), draw(layer, *inputs)))

    def painted(per_unit=100.0, theme=LIGHT, opacity=0.8):
        bounds = Bounds(-3.0, -3.0 + 600.0 / per_unit, -2.0, -2.0 + 400.0 / per_unit)
        image = QImage(round(700 * ratio), round(500 * ratio), QImage.Format.Format_RGB32)
        image.setDevicePixelRatio(ratio)
        image.fill(QColor("seagreen"))
        painter = QPainter(image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setOpacity(opacity)
        painter.setClipRect(QRectF(51.0, 11.0, 600.0, 400.0))  # as the plane clips its layers
        layer.paint(painter, View(bounds, 51.0, 11.0, per_unit, ratio), theme)
        painter.end()
        return np.array(image.constBits()).reshape(image.height(), image.width(), 4).astype(int)

    others = [{}, {"per_unit": 130.0}, {"theme": DARK}, {"opacity": 0.4}]
    pictures = []
    for count, other in enumerate(others, start=1):
        direct, *kept = (painted(**other) for _ in range(3))
        assert len(drawn) == 2 * count  # directly, and into the picture
        for one in kept:
            assert np.abs(one - direct).max() <= 3
        assert (direct != direct[0, 0]).any(axis=-1).sum() > 1000
        assert not any(np.array_equal(direct, picture) for picture in pictures)
        pictures.append(direct)


def test_no_dash_is_drawn_twice():
    """Where one is not opaque, it would be darker there."""
    for radius in RADII:
        dashes = seen_dashes(VIEW, radius).round(3)
        assert len(np.unique(dashes.reshape(-1, 4), axis=0)) == len(dashes)


def test_a_contour_that_is_not_seen_is_not_drawn():
    inside = View(Bounds(-0.1, 0.1, -0.1, 0.1), 0.0, 0.0, 3000.0)
    outside = View(Bounds(7.0, 7.1, -0.1, 0.1), 0.0, 0.0, 3000.0)
    for view in (inside, outside):
        assert len(seen_dashes(view, 1.0)) == 0


# The manifold


@pytest.mark.parametrize("view", [VIEW, CLOSER])
@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_a_cell_is_what_the_decoder_draws_at_its_centre(workspace, view, theme):
    layer = ManifoldLayer()
    vae = workspace.document.model.checkpoint.vae
    made = patches(layer, view, theme)
    level = layer.request(view, theme).level
    for patch, of in zip(made, range(level - 2, level + 1), strict=True):
        cells, bounds = cells_of(patch.bounds, of)
        assert bounds == patch.bounds
        assert patch.picture.shape == (28 * len(cells), 28 * len(cells[0]))
        for row, column in ((0, 0), (len(cells) // 2, len(cells[0]) // 3), (-1, -1)):
            cell = cells[row][column]
            x, y = centre_of(cell)
            with torch.no_grad():
                decoded = torch.sigmoid(vae.decoder(torch.tensor([[x, y]]).float()))
            i, j = row % len(cells), column % len(cells[0])
            found = patch.picture[28 * i : 28 * i + 28, 28 * j : 28 * j + 28]
            ends = [np.array(QColor(c).getRgb()[:3]) for c in (theme.surface, theme.text)]
            expected = ends[0] + decoded.view(28, 28, 1).numpy() * (ends[1] - ends[0])
            rgb = np.stack([(found >> shift) & 0xFF for shift in (16, 8, 0)], -1)
            assert np.abs(rgb - expected).max() < 2.0
            # And the centre lies where the cell is drawn.
            assert patch.bounds.left + (j + 0.5) * 2.0**-of == pytest.approx(x)
            assert patch.bounds.high - (i + 0.5) * 2.0**-of == pytest.approx(y)


def test_cells_are_about_as_large_as_their_pictures_whatever_the_zoom(workspace):
    layer = ManifoldLayer()
    for per_unit in (3.0, 40.0, 100.0, 777.0, 1e4):
        view = View(Bounds(0.0, 500.0 / per_unit, 0.0, 400.0 / per_unit), 0.0, 0.0, per_unit)
        width = 2.0 ** -layer.request(view, LIGHT).level * per_unit
        assert 28.0 <= width < 56.0


def test_cells_stay_where_they_are_while_one_pans(workspace):
    layer = ManifoldLayer()
    before = layer.request(VIEW, LIGHT)
    b = VIEW.bounds
    moved = View(Bounds(b.left + 0.01, b.right + 0.01, b.low, b.high), 50.0, 10.0, 100.0)
    assert layer.request(moved, LIGHT) == before


def test_what_was_decoded_is_not_decoded_again_until_the_model_changes(
    workspace, make_model, monkeypatch
):
    layer = ManifoldLayer()
    decoded = []
    real = latent.decode
    monkeypatch.setattr(latent, "decode", lambda vae, z: (decoded.append(len(z)), real(vae, z))[1])
    patches(layer, VIEW)
    assert sum(decoded) > 100
    decoded.clear()
    patches(layer, VIEW)
    assert sum(decoded) == 0
    workspace.document.open(make_model(seed=1))
    patches(layer, VIEW)
    assert sum(decoded) > 100


def test_more_cells_than_are_remembered_are_drawn_all_the_same(workspace, monkeypatch):
    layer = ManifoldLayer()
    expected = patches(layer, VIEW)
    monkeypatch.setattr("vae_gui.plane.layers.manifold._REMEMBERED", 50)
    layer = ManifoldLayer()
    for view in (VIEW, CLOSER, VIEW):
        made = patches(layer, view)
    for patch, other in zip(made, expected, strict=True):
        np.testing.assert_array_equal(patch.picture, other.picture)


def test_a_picture_under_way_leaves_nothing_behind_for_another_model(workspace, make_model):
    layer = ManifoldLayer()
    under_way = layer.draw(layer.request(VIEW, LIGHT))
    next(under_way)
    workspace.document.open(make_model(seed=1))
    list(under_way)  # it goes on to its end, as a worker's does
    found, expected = patches(layer, VIEW), patches(ManifoldLayer(), VIEW)
    for patch, other in zip(found, expected, strict=True):
        np.testing.assert_array_equal(patch.picture, other.picture)


# What is on the screen


def test_a_cell_on_the_screen_is_the_decoding_of_its_centre_upright_and_in_its_place(
    plane, workspace
):
    """By the pixels of the real view, as it opens and after zooming in."""
    only(workspace, "manifold")
    workspace.viewpoint.set_probe(np.array([40.0, 40.0]))
    logits = workspace.document.model.checkpoint.vae.decoder.logits
    rows, columns = np.mgrid[:28, :28]
    hook = 6.0 * (np.abs(columns - 9) < 3) + 6.0 * (np.abs(rows - 20) < 3) * (columns > 8) - 3.0
    with torch.no_grad():  # a shape that is another when it is turned or mirrored
        logits.bias.copy_(torch.from_numpy(hook).flatten())
        logits.weight *= 0.05
    for zoom in (0, 6):
        plane.zoom(zoom, np.array([0.3, -0.2]))
        picture = picture_of(plane)
        layer = next(layer for layer in plane.layers if layer.key == "manifold")
        view = plane.view()
        level = layer.request(view, LIGHT).level
        width = 2.0**-level
        centre = view.bounds
        i = int(np.floor((centre.left + centre.right) / 2.0 / width))
        j = int(np.floor((centre.low + centre.high) / 2.0 / width))
        x, y = (i + 0.5) * width, (j + 0.5) * width
        with torch.no_grad():
            decoded = torch.sigmoid(
                workspace.document.model.checkpoint.vae.decoder(torch.tensor([[x, y]]).float())
            )
        image = decoded.view(28, 28).numpy()
        shown = np.empty((28, 28))
        for row in range(28):
            for column in range(28):
                at = [x + ((column + 0.5) / 28 - 0.5) * width, y + (0.5 - (row + 0.5) / 28) * width]
                shown[row, column] = picture.pixelColor(
                    QPointF(*view.to_pixels(np.array(at))).toPoint()
                ).lightnessF()
        inner = slice(2, -2)  # at the edges it is smoothed with its neighbours
        match = np.corrcoef(-shown[inner, inner].ravel(), image[inner, inner].ravel())[0, 1]
        upside_down = np.corrcoef(-shown[::-1][inner, inner].ravel(), image[inner, inner].ravel())
        assert match > 0.8
        assert upside_down[0, 1] < match - 0.2


def test_regions_on_the_screen_have_the_colour_of_the_likeliest_label(plane, workspace):
    digits = make_digits(count=300)
    digits.standard_deviations[:] = 0.3
    digits.labels[:] = (digits.means[:, 0] > 0.0) + 2 * (digits.means[:, 1] > 0.2)
    workspace.document.set_training(digits)
    only(workspace, "regions")
    workspace.viewpoint.set_probe(np.array([40.0, 40.0]))
    for zoom in (0, 4):
        plane.zoom(zoom, np.array([0.2, 0.1]))
        picture = picture_of(plane)
        view = plane.view()
        checked = 0
        for point in np.random.default_rng(1).normal(scale=0.7, size=(40, 2)):
            if not view.bounds.grown(-0.05).contains(Bounds(*point[[0, 0, 1, 1]])):
                continue
            density = densities(digits, point[None])[0]
            first, second = np.sort(density)[[-1, -2]]
            if first < 1.3 * second:
                continue
            label = density.argmax()
            share = (first + 0.1 / 300) / (density.sum() + 1.0 / 300)
            certainty = (share - 0.1) / 0.9
            expected = 255 + certainty * (
                np.array(QColor(CLASS_COLOURS[label]).getRgb()[:3]) - 255.0
            )
            found = picture.pixelColor(QPointF(*view.to_pixels(point)).toPoint()).getRgb()[:3]
            assert np.abs(expected - found).max() < 12.0
            checked += 1
        assert checked >= 4


def test_an_error_in_a_layer_becomes_a_sentence_and_nothing_stays_on_the_screen(
    plane, workspace, monkeypatch
):
    said = []
    layer = next(layer for layer in plane.layers if layer.key == "manifold")
    layer.failed.connect(lambda sentence, error: said.append((sentence, str(error))))

    def broken(vae, z):
        raise RuntimeError("no decoder")

    monkeypatch.setattr(latent, "decode", broken)
    only(workspace, "manifold")
    picture_of(plane)
    assert said == [("The layer “Manifold” could not be drawn: no decoder.", "no decoder")]
    assert layer._shown is None


def test_layers_say_where_they_come_from_and_why_some_are_not_there(make_model):
    def sources(dimensions, trained=True):
        workspace = Workspace()
        workspace.document.open(make_model(dimensions))
        workspace.document.set_test(make_digits(dimensions))
        if trained:
            workspace.document.set_training(make_digits(dimensions, 30))
        return {kind.key: kind(workspace).source() for kind in LAYERS}

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
    assert sources(2, trained=False)["training"] == "waits for the training digits"
    assert not any(kind(Workspace()).source() for kind in LAYERS if kind.key != "prior")


# The aggregate posterior


@pytest.fixture
def trained(workspace) -> Workspace:
    """With training digits of three classes."""
    digits = make_digits(count=120)
    digits.labels[:] = np.arange(120) % 3
    workspace.document.set_training(digits)
    return workspace


def densities(digits, z):
    """Q(z, label) by a direct sum: (M, 10)."""
    found = np.zeros((len(z), 10))
    for mean, spread, label in zip(
        digits.means, digits.standard_deviations, digits.labels, strict=True
    ):
        exponent = -0.5 * (((z - mean) / spread) ** 2).sum(1)
        found[:, label] += np.exp(exponent) / (2 * np.pi * spread.prod()) / len(digits.labels)
    return found


def points_of_cell(patch, x, y):
    """Points evenly spread over the cell of a patch in which a point lies: (400, 2)."""
    rows, columns = patch.picture.shape
    width, height = patch.bounds.width / columns, patch.bounds.height / rows
    left = patch.bounds.left + np.floor((x - patch.bounds.left) / width) * width
    low = patch.bounds.high - np.ceil((patch.bounds.high - y) / height) * height
    offsets = (np.arange(20) + 0.5) / 20
    return np.stack(np.meshgrid(left + offsets * width, low + offsets * height), -1).reshape(-1, 2)


SPOTS = [(0.31, -0.42), (-1.03, 0.77), (0.9, 0.05), (1.15, -0.35)]


@pytest.mark.parametrize("view", [VIEW, CLOSER])
def test_label_regions_are_those_of_a_direct_sum(trained, view):
    made = patches(LabelRegionsLayer(trained), view)
    assert [patch.picture.shape[0] for patch in made] == sorted(
        patch.picture.shape[0] for patch in made
    )
    for patch in made:
        for x, y in SPOTS:
            if not patch.bounds.contains(Bounds(x, x, y, y)):
                continue
            density = densities(trained.training, points_of_cell(patch, x, y)).mean(0)
            colour = np.array([*QColor(CLASS_COLOURS[density.argmax()]).getRgb()[:3], 255])
            spread_out = 1.0 / 120  # one image more in a unit of area, of any label
            share = (density.max() + 0.1 * spread_out) / (density.sum() + spread_out)
            certainty = (share - 0.1) / 0.9
            assert np.abs(channels(pixel_at(patch, x, y)) - colour * certainty).max() < 5.0


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_the_difference_is_that_of_a_direct_sum(trained, theme):
    table = colour_maps.signed_ink(theme is DARK)
    for view in (VIEW, CLOSER):
        for patch in patches(DensityDifferenceLayer(trained), view, theme):
            for x, y in SPOTS:
                if not patch.bounds.contains(Bounds(x, x, y, y)):
                    continue
                z = points_of_cell(patch, x, y)
                prior = np.exp(-0.5 * (z**2).sum(1)).mean() / (2 * np.pi)
                difference = densities(trained.training, z).mean(0).sum() - prior
                step = np.clip((difference / SCALE.high + 1.0) / 2.0 * 255.0, 0, 255)
                found = np.flatnonzero(table == pixel_at(patch, x, y))
                assert np.abs(found - step).min() < 3.0


def test_without_training_digits_there_is_nothing_to_draw(workspace):
    for layer in (LabelRegionsLayer(), DensityDifferenceLayer()):
        assert layer.request(VIEW, LIGHT) is None
        assert layer.source() == "waits for the training digits"


def test_the_scale_of_signed_numbers_has_the_background_in_its_middle():
    for on_dark in (False, True):
        table = colour_maps.signed(on_dark)
        middle = [QColor(int(table[step])).lightness() for step in (127, 128)]
        ends = [QColor(int(table[step])).lightness() for step in (0, 255)]
        assert (max(middle) < min(ends)) if on_dark else (min(middle) > max(ends))


def test_thin_ink_looks_the_same_upon_the_surface():
    for theme in (LIGHT, DARK):
        surface = np.array(QColor(theme.surface).getRgb()[:3])
        on_dark = theme is DARK
        pairs = zip(colour_maps.signed_ink(on_dark), colour_maps.signed(on_dark), strict=True)
        for ink, opaque in pairs:
            *colour, alpha = channels(ink)
            assert max(colour) <= alpha  # premultiplied
            seen = colour + (1.0 - alpha / 255.0) * surface
            assert np.abs(seen - channels(opaque)[:3]).max() < 2.0
        assert channels(colour_maps.signed_ink(on_dark)[127])[3] < 8


def test_numbers_become_steps_and_those_beyond_the_scale_its_ends():
    values = np.array([-1.0, 0.0, 0.5, 1.0, 7.0])
    assert colour_maps.steps_of(values, 0.0, 1.0).tolist() == [0, 0, 128, 255, 255]
    assert colour_maps.steps_of(np.array([3.0]), 3.0, 3.0).tolist() == [0]


# The ellipses of q(z|x)


def test_ellipses_have_the_size_of_the_standard_deviations(workspace):
    """By the mark that follows the hand: its outermost pixels, at two zooms."""
    spread = (0.31, 0.12)
    for per_unit in (100.0, 450.0):
        image = QImage(700, 500, QImage.Format.Format_RGB32)
        image.fill(QColor("white"))
        painter = QPainter(image)
        Ellipses(spread).paint(painter, QPointF(350.0, 250.0), per_unit, LIGHT)
        painter.end()
        blue = np.array(
            [
                [image.pixelColor(x, y).blue() - image.pixelColor(x, y).red() > 60]
                for y in range(500)
                for x in range(700)
            ]
        ).reshape(500, 700)
        across, down = np.flatnonzero(blue[250]), np.flatnonzero(blue[:, 350])
        for found, part in ((across - 349.5, spread[0]), (down - 249.5, spread[1])):
            for sigmas in (1.0, 2.0):
                reach = sigmas * part * per_unit
                assert np.abs(found - reach).min() < 1.5
                assert np.abs(found + reach).min() < 1.5
            assert np.abs(found).max() < 2.0 * part * per_unit + 2.0


def test_they_hold_the_mass_that_they_say():
    draws = np.random.default_rng(0).normal(size=(400_000, 2)) * [0.31, 0.12] + [1.0, -2.0]
    for sigmas, mass in ((1.0, 0.39), (2.0, 0.86)):
        inside = ((((draws - [1.0, -2.0]) / [0.31, 0.12]) ** 2).sum(1) < sigmas**2).mean()
        assert inside == pytest.approx(mass, abs=0.006)


def test_the_marks_are_of_the_chosen_and_of_the_nearest_digit(workspace):
    layer = PosteriorEllipsesLayer()
    workspace.viewpoint.select(17)
    z = workspace.document.test.means[42]
    workspace.viewpoint.set_reading(
        Reading(z, np.zeros((28, 28), np.float32), True, workspace.viewpoint.nearest_to(z))
    )
    found = {tuple(place): mark.spread for mark, place in layer.marks()}
    assert found == {
        tuple(workspace.document.test.means[index]): tuple(
            workspace.document.test.standard_deviations[index]
        )
        for index in (17, 42)
    }


def test_however_large_and_many_the_ellipses_are_their_discs_are_not_too_many(workspace):
    layer = ClassEllipsesLayer()
    centres, labels = np.zeros((10_000, 2)), np.zeros(10_000, dtype=np.int64)
    dots, _ = layer._outlines(centres, np.full((10_000, 2), 500.0), labels)
    assert layer.MOST / 2 < len(dots) <= 2 * layer.MOST
    np.testing.assert_allclose(
        np.unique(np.hypot(*dots.T).round(6)), [sigmas * 500.0 for sigmas in SIGMAS]
    )
    few, _ = layer._outlines(centres[:3], np.full((3, 2), 50.0), labels[:3])
    around = 3 * sum(2 * np.pi * 50.0 * sigmas for sigmas in SIGMAS)
    assert len(few) >= around / layer.SPACING


@pytest.mark.parametrize("view", [VIEW, CLOSER])
def test_the_ellipses_of_all_are_where_their_digits_reach(workspace, view):
    workspace.appearance.hide_classes(frozenset(range(10)) - {3})
    (patch,) = patches(ClassEllipsesLayer(), view)
    rows, columns = np.nonzero(patch.picture)
    per_unit = view.per_unit
    x = patch.bounds.left + (columns + 0.5) / per_unit
    y = patch.bounds.high - (rows + 0.5) / per_unit
    digits = workspace.document.test
    offsets = np.full(len(x), np.inf)
    for index in np.flatnonzero(digits.labels == 3):
        (mx, my), (sx, sy) = digits.means[index], digits.standard_deviations[index]
        radius = np.hypot((x - mx) / sx, (y - my) / sy)
        for sigmas in (1.0, 2.0):
            offsets = np.minimum(offsets, np.abs(radius - sigmas) * max(sx, sy) * per_unit)
        # Each visible end of an axis is drawn.
        for ex, ey in ((mx + 2 * sx, my), (mx, my - sy)):
            if patch.bounds.grown(-0.02).contains(Bounds(ex, ex, ey, ey)):
                assert (np.hypot(x - ex, y - ey) * per_unit).min() < 1.5
    assert len(offsets) > 100
    assert np.quantile(offsets, 0.99) < 12.0
    assert np.median(offsets) < 1.0


def test_in_one_dimension_they_are_lines_and_nothing_breaks(make_model):
    workspace = Workspace()
    workspace.document.open(make_model(1))
    workspace.document.set_test(make_digits(1))
    (patch,) = patches(ClassEllipsesLayer(), VIEW)
    assert patch.picture.any()
    workspace.viewpoint.select(3)
    for kind in LAYERS:
        layer = kind(workspace)
        assert isinstance(layer.marks(), list)
