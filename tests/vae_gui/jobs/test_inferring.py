"""The posterior of the canvas, against sums made afresh by the model's own decoder."""

import numpy as np
import pytest
import torch
from drawn_evidence import posterior_at
from gui_helpers import make_digits, settle, settle_layers

from model.data.masks import mask_named
from model.latent.decode_table import tabulation
from model.latent.label_regions import label_shares
from model.likelihood.completion import completions
from vae_gui.jobs.inferring import Inferring
from vae_gui.state.observation import BLANK, INK, UNKNOWN, WholeImage

SIDE = 40


@pytest.fixture(autouse=True)
def small_table(monkeypatch):
    monkeypatch.setattr("vae_gui.jobs.inferring.SIDE", SIDE)
    monkeypatch.setattr("vae_gui.jobs.inference_steps.COARSE", 10)


@pytest.fixture
def inferring(qapp, workspace):
    made = Inferring(workspace, workspace.viewpoint)
    failures = []
    made.failed.connect(lambda sentence, _: failures.append(sentence))
    workspace.viewpoint.inference.want(True)
    settle_layers(workspace)
    yield made
    made.close()
    for worker in made.children():
        if hasattr(worker, "join"):
            worker.close()
            worker.join()
    assert failures == []


@pytest.fixture
def inference(inferring, workspace):
    return workspace.viewpoint.inference


@pytest.fixture
def digit():
    pixels = np.random.default_rng(5).integers(0, 2, 784).astype(np.float32)
    return WholeImage(pixels, "test digit 1", 1, 1)


def stroke(workspace, pixels, value=INK):
    workspace.observation.draw(np.asarray(pixels), value)


def assert_heat_is_right(workspace, side=SIDE):
    heat = workspace.viewpoint.inference.heat
    expected = posterior_at(workspace, workspace.observation.evidence, side)
    np.testing.assert_allclose(heat.relative, expected, atol=2e-3)


def test_no_table_is_made_before_somebody_looks(qapp, workspace):
    made = Inferring(workspace, workspace.viewpoint)
    stroke(workspace, [1, 2])
    settle_layers(workspace)
    assert workspace.viewpoint.inference.table is None
    assert workspace.viewpoint.inference.heat is None
    made.close()


def test_with_nothing_observed_it_is_the_prior(workspace, inference):
    assert inference.heat.is_prior
    axis = inference.table.axis
    prior = np.exp(-0.5 * (axis[:, None] ** 2 + axis**2))
    np.testing.assert_allclose(inference.heat.relative, prior / prior.max(), rtol=1e-4)
    numbers = inference.numbers
    assert numbers.log_p_observed == pytest.approx(0.0, abs=1e-3)
    assert numbers.entropy == pytest.approx(np.log(2.0 * np.pi * np.e), abs=1e-2)
    assert inference.table.side == SIDE
    assert f"Table of {SIDE} × {SIDE}" in inference.status
    assert "MB" in inference.status


def test_the_posterior_follows_each_stroke_at_once(workspace, inference):
    for pixels, value in (
        (range(300, 309), INK),
        (range(305, 320), BLANK),
        (range(300, 303), UNKNOWN),
    ):
        stroke(workspace, pixels, value)
        assert not inference.heat.is_prior  # before any worker has had a chance
        assert inference.numbers is None  # rough numbers are not shown
        assert_heat_is_right(workspace)


def test_the_order_of_strokes_does_not_matter(workspace, inference):
    strokes = [([p, p + 1, p + 28], INK if p % 2 else BLANK) for p in range(0, 700, 31)]
    found = []
    for order in (strokes, strokes[::-1]):
        workspace.observation.clear()
        for pixels, value in order:
            stroke(workspace, pixels, value)
        found.append(inference.heat.relative)
        settle_layers(workspace)
    np.testing.assert_allclose(*found, atol=1e-5)


def test_a_whole_digit_and_noise_are_summed_too(workspace, inference, digit):
    workspace.observation.load(digit)
    settle_layers(workspace)
    assert_heat_is_right(workspace)
    workspace.observation.set_flip(0.25)
    settle_layers(workspace)
    assert_heat_is_right(workspace)
    stroke(workspace, range(10), UNKNOWN)
    assert_heat_is_right(workspace)


def test_strokes_during_a_long_sum_are_not_lost(workspace, inference, digit):
    workspace.observation.load(digit)
    stroke(workspace, range(40), UNKNOWN)
    stroke(workspace, range(40, 50), INK)
    settle_layers(workspace)
    assert_heat_is_right(workspace)
    assert inference.numbers.evidence is workspace.observation.evidence


def test_pixels_that_are_wrong_half_of_the_time_say_nothing(workspace, inference, digit):
    prior = inference.heat.relative
    workspace.observation.load(digit)
    workspace.observation.set_flip(0.5)
    settle_layers(workspace)
    np.testing.assert_allclose(inference.heat.relative, prior, atol=1e-4)
    assert inference.numbers.entropy == pytest.approx(np.log(2.0 * np.pi * np.e), abs=1e-2)
    assert inference.numbers.log_p_observed == pytest.approx(784 * np.log(0.5), abs=1e-2)
    assert inference.numbers.nats_missing is None


@pytest.mark.parametrize("mask", ["left-half", "random-0.8"])
def test_the_numbers_are_those_of_the_command(workspace, inference, digit, mask):
    seen = mask_named(mask).seen(1, 0)
    workspace.observation.load(digit)
    workspace.observation.hide_all_but(seen[0], mask)
    settle_layers(workspace)
    model, table = workspace.document.model, None
    steps = tabulation(model.decode_logits, SIDE)
    while table is None:
        try:
            next(steps)
        except StopIteration as end:
            table = end.value
    shares = label_shares(workspace.document.test.aggregate, SIDE)
    (expected,) = completions(
        model.decode_logits, table, digit.pixels[None], seen, shares=shares, seed=0
    )
    numbers, pictures = inference.numbers, inference.pictures
    assert numbers.log_p_observed == pytest.approx(expected.log_p_observed, abs=1e-4)
    assert numbers.nats_missing == pytest.approx(expected.nats_missing, abs=1e-4)
    np.testing.assert_allclose(pictures.mean, expected.mean, atol=1e-4)
    np.testing.assert_allclose(pictures.labels, expected.labels, atol=1e-6)
    assert pictures.labels_by == workspace.document.test.source
    np.testing.assert_array_equal(
        pictures.draws[:, seen[0]], digit.pixels[seen[0]][None].repeat(3, 0)
    )


def test_the_hidden_part_costs_nothing_where_nothing_is_hidden(workspace, inference, digit):
    workspace.observation.load(digit)
    settle_layers(workspace)
    assert inference.numbers.nats_missing == pytest.approx(0.0, abs=1e-9)


def test_to_draw_again_gives_other_draws_of_the_same_posterior(workspace, inferring, inference):
    stroke(workspace, range(200, 220))
    settle_layers(workspace)
    before, numbers = inference.pictures, inference.numbers
    inferring.draw_again()
    settle_layers(workspace)
    assert not np.array_equal(inference.pictures.draws, before.draws)
    np.testing.assert_allclose(inference.pictures.mean, before.mean, atol=1e-6)
    assert inference.numbers.log_p_observed == numbers.log_p_observed


def test_other_weights_let_the_table_go_and_make_another(workspace, inference, make_model):
    stroke(workspace, range(200, 230))
    other = make_model(seed=3, name="other.safetensors")
    workspace.document.replace_weights(other, workspace.document.test)
    assert inference.table is None
    assert inference.heat is None
    assert inference.numbers is None
    stroke(workspace, range(300, 310))  # while there is no table
    settle_layers(workspace)
    assert workspace.observation.sketch.count == 40
    assert_heat_is_right(workspace)


def test_another_model_while_the_numbers_are_computed(workspace, inference, make_model, digit):
    workspace.observation.load(digit)
    settle()
    workspace.document.open(make_model(seed=4, name="another.safetensors"))
    workspace.document.set_test(make_digits())
    settle_layers(workspace)
    assert_heat_is_right(workspace)
    assert inference.numbers.evidence is workspace.observation.evidence


def test_no_model_no_posterior(workspace, inference):
    stroke(workspace, range(20))
    workspace.document.close()
    settle_layers(workspace)
    assert inference.table is None
    assert inference.status == "Open a model to infer with it."


def test_the_window_may_go_while_all_is_computed(qapp, workspace, digit):
    made = Inferring(workspace, workspace.viewpoint)
    workspace.viewpoint.inference.want(True)
    workspace.observation.load(digit)
    made.close()
    for worker in made.children():
        if hasattr(worker, "join"):
            worker.close()
            worker.join()
    workspace.observation.clear()
    settle()
    assert workspace.pending.is_settled


@pytest.mark.slow
@pytest.mark.parametrize("dimensions", [1, 3])
def test_without_a_plane_it_is_estimated_and_says_so(workspace, inference, make_model, dimensions):
    model = make_model(dimensions, name="others.safetensors")
    workspace.document.open(model)
    workspace.document.set_test(make_digits(dimensions))
    settle_layers(workspace)
    assert f"This model has {dimensions} latent dimension" in inference.status
    likely = (model.decode(np.full((1, dimensions), 0.3))[0] > 0.5).reshape(-1)
    digit = WholeImage(likely.astype(np.float32), "a likely image")
    workspace.observation.load(digit)
    seen = np.arange(784) % 28 == 14  # few: an untrained encoder proposes badly
    workspace.observation.hide_all_but(seen, "a column")
    settle_layers(workspace)
    numbers = inference.numbers
    z = torch.randn(20_000, dimensions, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        logits = model.checkpoint.vae.decoder(z)[:, seen].double()
    ink = torch.from_numpy(digit.pixels[seen]).double()
    log_p = (logits * ink - torch.nn.functional.softplus(logits)).sum(1)
    exact = float(torch.logsumexp(log_p, 0)) - np.log(20_000)
    assert numbers.log_p_observed == pytest.approx(exact, abs=0.5)
    assert "effective sample size" in numbers.method
    assert numbers.entropy is None
    assert numbers.nats_missing > 0.0
    assert inference.heat is None
    assert inference.pictures.drawn_z.shape == (3, dimensions)
    assert inference.pictures.labels.sum() == pytest.approx(1.0, abs=1e-4)
    assert (inference.pictures.draws[:, seen] == digit.pixels[seen]).all()
