"""The atlas against a search place by place, and training with one."""

import dataclasses
import math
from pathlib import Path
from statistics import NormalDist

import pytest
import torch
from plain_training import PLAIN
from torch import Tensor
from torch.distributions import Bernoulli, Independent, Normal

from model.data.binarise import binarise_once
from model.data.datasets import Splits
from model.files.checkpoint import Checkpoint, read_checkpoint, write_checkpoint
from model.likelihood.elbo import estimate_elbo
from model.network.atlas import Atlas
from model.network.blocks import PIXELS
from model.network.initialisation import build
from model.network.vae import VAE, VAEConfig
from model.settings import SettingError
from model.train import training
from model.train.train_config import TrainConfig
from model.train.training import SavedState, TrainingReport, train

SIDE = 7
TINY = VAEConfig(hidden=16, blocks=1, fourier_features=2, atlas=SIDE)


@pytest.fixture
def vae() -> VAE:
    """A decoder whose images differ from place to place, in double precision."""
    vae = build(TINY, seed=0).double()
    with torch.no_grad():
        for weight in vae.decoder.parameters():
            weight.mul_(3.0)
    return vae


@pytest.fixture
def x(vae: VAE) -> Tensor:
    """Images of the decoder's own, from all over the plane."""
    generator = torch.Generator().manual_seed(0)
    z = 1.5 * torch.randn(20, 2, generator=generator).double()
    with torch.no_grad():
        probabilities = torch.sigmoid(vae.decoder(z))
    return torch.bernoulli(probabilities, generator=generator)


def atlas_of(vae: VAE) -> Atlas:
    assert vae.encoder.atlas is not None
    return vae.encoder.atlas


def grid(shift: tuple[float, float] = (0.5, 0.5)) -> list[list[float]]:
    """The places along both axes, from the definition."""
    wide = NormalDist(0.0, 2.0)
    low, high = wide.cdf(-3.3), wide.cdf(3.3)
    return [
        [wide.inv_cdf(low + (high - low) * (index + part) / SIDE) for index in range(SIDE)]
        for part in shift
    ]


@torch.no_grad()
def joint_at(vae: VAE, image: Tensor, z1: float, z2: float) -> float:
    """Log p(x, z) of an image at one point."""
    z = torch.tensor([[z1, z2]], dtype=torch.float64)
    likelihood = Independent(Bernoulli(logits=vae.decoder(z)), 1).log_prob(image)
    prior = Independent(Normal(torch.zeros_like(z), torch.ones_like(z)), 1).log_prob(z)
    return (likelihood + prior).item()


@pytest.mark.slow
@pytest.mark.parametrize("shift", [(0.5, 0.5), (0.1, 0.8)])
def test_an_image_is_found_where_a_search_of_all_places_finds_it(
    vae: VAE, x: Tensor, shift: tuple[float, float]
) -> None:
    vae.fill_atlas(shift)
    found = atlas_of(vae)(x)
    first, second = grid(shift)
    rows = set()
    for image, place, spacing, features in zip(x, *found, strict=True):
        table = {
            (row, column): joint_at(vae, image, z1, z2)
            for row, z1 in enumerate(first)
            for column, z2 in enumerate(second)
        }
        row, column = max(table, key=table.__getitem__)
        rows.add(row)
        assert place.tolist() == pytest.approx([first[row], second[column]], abs=1e-6)
        for places, index, distance in zip(
            (first, second), (row, column), spacing.tolist(), strict=True
        ):
            low, high = max(index - 1, 0), min(index + 1, SIDE - 1)
            assert distance == pytest.approx((places[high] - places[low]) / (high - low), abs=1e-6)
        around = [
            table.get((row + i, column + j), -math.inf) - table[row, column]
            for i in (-1, 0, 1)
            for j in (-1, 0, 1)
        ]
        assert features[:9].tolist() == pytest.approx(
            [max(nats, -40.0) / 10.0 for nats in around], abs=1e-4
        )
        assert features[9:18].tolist() == pytest.approx(
            [math.exp(nats / 4.0) for nats in around], abs=1e-4
        )
        assert features[18:20].tolist() == place.tolist()
        assert features[20] == pytest.approx(math.sin(place[0].item()))
    assert {0, SIDE - 1} < rows  # at the edges and between them


def test_places_change_with_the_shift_and_stay_in_their_cells() -> None:
    vae = build(TINY, 0)
    seen = []
    for shift in (0.1, 0.5, 0.9):
        vae.fill_atlas((shift, 0.5))
        seen.append(atlas_of(vae).places[0].clone())
    low, middle, high = seen
    assert (low < middle).all()
    assert (middle < high).all()
    assert (high[:-1] < low[1:]).all()
    torch.testing.assert_close(middle, -middle.flip(0), atol=1e-6, rtol=0)


def test_an_empty_atlas_says_the_same_of_every_image(x: Tensor) -> None:
    found = Atlas(SIDE).double()(x)
    assert (found.place == 0).all()
    assert (found.spacing == 1).all()
    assert found.features.shape == (len(x), Atlas.FEATURES)
    assert (found.features == found.features[0]).all()
    assert found.features.isfinite().all()


def test_the_network_answers_in_units_of_the_spacing_from_the_place(vae: VAE, x: Tensor) -> None:
    vae.fill_atlas()
    found = atlas_of(vae)(x)
    encoder = vae.encoder
    h = encoder.body(torch.cat([x, found.features], dim=1))
    posterior = vae.posterior(x)
    torch.testing.assert_close(posterior.mean, found.place + found.spacing * encoder.mean(h))
    torch.testing.assert_close(
        posterior.log_variance.div(2).exp(),
        found.spacing * encoder.log_variance(h).div(2).exp(),
    )
    encoder.begin_where_found()
    posterior = vae.posterior(x)
    assert torch.equal(posterior.mean, found.place)
    torch.testing.assert_close(posterior.log_variance.div(2).exp(), found.spacing)


@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("architecture", ["mlp", "residual"])
def test_every_weight_gets_a_gradient(architecture: str, full: bool) -> None:
    config = VAEConfig(2, architecture, layers="8-5", hidden=8, blocks=2, atlas=SIDE)
    vae = build(config, 0)
    if full:
        vae.fill_atlas()
    vae(torch.rand(16, PIXELS).round()).elbo().mean().backward()
    for name, weight in vae.named_parameters():
        assert weight.grad is not None, name
        assert weight.grad.abs().sum() > 0, name


def test_an_image_is_looked_up_in_full_precision_under_autocast(vae: VAE, x: Tensor) -> None:
    vae = vae.float()
    vae.fill_atlas()
    usual = atlas_of(vae)(x.float())
    with torch.autocast("cpu", torch.bfloat16):
        under = atlas_of(vae)(x.float())
        posterior = vae.posterior(x.float())
    assert all(torch.equal(one, other) for one, other in zip(usual, under, strict=True))
    assert posterior.mean.dtype == torch.float32


# Files


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16])
def test_a_checkpoint_keeps_its_atlas(
    dtype: torch.dtype, vae: VAE, x: Tensor, tmp_path: Path
) -> None:
    vae, x = vae.float(), x.float()
    vae.fill_atlas((0.2, 0.7))
    path = tmp_path / "model.safetensors"
    write_checkpoint(path, Checkpoint(vae, TrainConfig(), 1, {}, {}), dtype)
    read = read_checkpoint(path).vae
    if dtype == torch.float32:
        expected = vae
    else:  # all that the reader computes, it computes from the rounded numbers
        rounded = {name: value.half().float() for name, value in vae.state_dict().items()}
        expected = build(TINY, 1)
        expected.load_state_dict(rounded)
    for one, other in zip(read.posterior(x), expected.posterior(x), strict=True):
        assert torch.equal(one, other)
    atlas = atlas_of(read)
    z1, z2 = atlas.places[0, 2].item(), atlas.places[1, 5].item()
    empty = torch.zeros(PIXELS, dtype=torch.float64)
    assert atlas.log_joint_of_blank[2 * SIDE + 5].item() == pytest.approx(
        joint_at(read.double(), empty, z1, z2), abs=0.5 if dtype == torch.float16 else 1e-3
    )


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"atlas": 1}, "atlas must be 0, or at least 2 places a side"),
        ({"atlas": 65}, "atlas must be at most 64, not 65"),
        (
            {"atlas": 8, "latent_dim": 3},
            "atlas is of a plane; with 3 latent dimensions it must be 0",
        ),
        (
            {"atlas": 8, "architecture": "conv"},
            "atlas goes with the architectures mlp and residual, not conv",
        ),
        (
            {"atlas": 64, "hidden": 1200, "blocks": 3},  # without an atlas it would do
            "hidden 1200 makes a network of 13,",
        ),
    ],
)
def test_an_atlas_that_cannot_be_is_refused(settings: dict[str, object], sentence: str) -> None:
    with pytest.raises(SettingError) as caught:
        VAEConfig(**settings)
    assert str(caught.value).startswith(sentence)


# Training


def config_for(**values: object) -> TrainConfig:
    usual = {
        "epochs": 4,
        "batch_size": 300,
        "device": "cpu",
        "precision": "float32",
        "threads": 1,
        "atlas_after": 2,
    }
    return TrainConfig(**PLAIN | usual | values)  # 7 batches an epoch


@pytest.fixture
def interval(monkeypatch: pytest.MonkeyPatch) -> int:
    """An atlas that is filled again every few steps, not at the ends of epochs."""
    monkeypatch.setattr(training, "ATLAS_INTERVAL", 3)
    return 3


def test_the_atlas_is_filled_when_it_is_time(small: Splits, interval: int) -> None:
    """Empty for two epochs, then filled by the decoder before the step."""
    seen = []
    before: dict[str, Tensor] = {}
    for report in train(TINY, config_for(), small):
        atlas = atlas_of(report.state.network)
        seen.append(atlas.logits.clone())
        since = report.place.step - 1 - 14
        if since < 0:
            assert (atlas.logits == 0).all()
        elif report.validation is not None:  # for the epoch's weights, in the middle of cells
            assert atlas.places[0].tolist() == pytest.approx(grid()[0], abs=1e-6)
        elif since % interval == 0:
            decoder = build(TINY, 0)
            decoder.load_state_dict(before)
            first, second = atlas.places
            z = torch.stack([first[2], second[3]]).unsqueeze(0)
            expected = decoder.decoder(z)[0]
            torch.testing.assert_close(atlas.logits[2 * SIDE + 3], expected)
            assert not torch.equal(seen[-1], seen[-2])
        else:
            assert torch.equal(seen[-1], seen[-2])
        before = {name: value.clone() for name, value in report.state.network.state_dict().items()}


def test_the_ema_is_validated_with_an_atlas_of_its_own(small: Splits) -> None:
    *_, last = train(TINY, config_for(ema_decay=0.9), small)
    ema = last.state.ema
    assert ema is not None
    by_hand = build(TINY, 0)
    by_hand.load_state_dict(ema.state_dict())
    by_hand.fill_atlas()
    assert torch.equal(atlas_of(by_hand).logits, atlas_of(ema).logits)
    x = binarise_once(small.validation.images).flatten(1)
    assert last.validation == estimate_elbo(by_hand, x)


def test_the_ema_forgets_what_was_before_the_atlas(small: Splits) -> None:
    """Its heads would say where in the plane an image lies, not how far from where it was found."""
    config = config_for(ema_decay=0.9999, learning_rate=1e-2)
    before: dict[str, Tensor] = {}
    for report in train(TINY, config, small):
        ema = report.state.ema
        assert ema is not None
        if report.place.step == 15:  # the first with an atlas
            break
        before = {name: value.clone() for name, value in ema.named_parameters()}
    live = dict(report.state.network.named_parameters())
    for name, value in ema.named_parameters():
        torch.testing.assert_close(value, 0.1 * before[name] + 0.9 * live[name])


def test_a_run_goes_on_to_the_bit_from_steps_around_the_atlas(small: Splits, interval: int) -> None:
    config = config_for(ema_decay=0.9, epochs=3)

    def state_of(report: TrainingReport) -> SavedState:
        tensors = {name: value.clone() for name, value in report.state.tensors().items()}
        return SavedState(tensors, dataclasses.replace(report.place))

    whole = [state_of(report) for report in train(TINY, config, small)]
    # Before the atlas, when it is filled, between two fillings, and just before the end.
    for start in (whole[step - 1] for step in (13, 14, 15, 20)):
        *_, last = train(TINY, config, small, saved=start)
        for name, value in state_of(last).tensors.items():
            assert torch.equal(value, whole[-1].tensors[name]), (start.place.step, name)


def test_threads_share_the_atlas(small: Splits, interval: int) -> None:
    """Every thread finds its images in the newest one."""
    config = config_for(threads=3)
    seen = []
    real = Atlas.forward

    def noted(self: Atlas, x: Tensor) -> object:
        seen.append(self.logits.data_ptr())
        return real(self, x)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Atlas, "forward", noted)
        for _ in train(TINY, config, small):
            pass
    assert len(set(seen)) == 1
    assert len(seen) > 3 * 4 * 7


@pytest.mark.slow
def test_the_atlas_finds_better_places_than_learning_alone(small: Splits) -> None:
    """Of the same decoder, at once, without a step."""
    vae_config = VAEConfig(hidden=64, blocks=1, fourier_features=2, atlas=24)
    config = config_for(
        epochs=5, batch_size=50, learning_rate=3e-3, device="cpu", threads=1, atlas_after=5
    )
    *_, last = train(vae_config, config, small)
    vae = last.state.network
    x = binarise_once(small.validation.images).flatten(1)
    learned = vae.posterior(x).mean
    vae.encoder.begin_where_found()
    vae.fill_atlas()
    found = vae.posterior(x).mean

    def joint(z: Tensor) -> Tensor:
        prior = -0.5 * z.square().sum(1)
        return Independent(Bernoulli(logits=vae.decoder(z)), 1).log_prob(x) + prior

    with torch.no_grad():
        assert joint(found).mean() > joint(learned).mean() + 1.0
