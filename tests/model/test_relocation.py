"""Against the definition, image by image and draw by draw."""

import math

import pytest
import torch
from torch import Tensor

from model.data import Splits
from model.initialisation import build
from model.objectives import ObjectiveOfVAE
from model.settings import SettingError
from model.train_config import TrainConfig
from model.training import train
from model.vae import VAE, VAEConfig, log_likelihood

IMAGES = 6
ONE = torch.ones((), dtype=torch.float64)


@pytest.fixture
def vae() -> VAE:
    """A decoder whose images differ from place to place; an encoder that knows nothing of it."""
    vae = build(VAEConfig(2, "mlp", layers="16"), seed=0).double()
    with torch.no_grad():
        for weight in vae.decoder.parameters():
            weight.mul_(4.0)
        for weight in vae.encoder.parameters():
            weight.mul_(2.0)
    return vae


@pytest.fixture
def x(vae: VAE) -> Tensor:
    """Images of the decoder's own, from far apart."""
    z = torch.linspace(-2.5, 2.5, IMAGES).double()
    with torch.no_grad():
        return (vae.decoder(torch.stack([z, z.flip(0)], dim=1)) > 0).double()


@pytest.fixture
def noise() -> Tensor:
    return torch.randn(1, IMAGES, 2, generator=torch.Generator().manual_seed(3)).double()


def joints(vae: VAE, x: Tensor, z: Tensor) -> list[list[float]]:
    """Log p(x_i, z_j), one pair at a time."""
    with torch.no_grad():
        return [
            [
                log_likelihood(vae.decoder(point[None]), image[None]).item()
                - 0.5 * point.square().sum().item()
                - math.log(2.0 * math.pi)
                for point in z
            ]
            for image in x
        ]


def lost_images(table: list[list[float]], threshold: float) -> list[bool]:
    return [max(row) - row[i] > threshold for i, row in enumerate(table)]


def thresholds_that_lose_some(table: list[list[float]]) -> float:
    behind = sorted(max(row) - row[i] for i, row in enumerate(table))
    assert behind[-1] > behind[IMAGES // 2]
    return (behind[IMAGES // 2] + behind[IMAGES // 2 + 1]) / 2.0


def test_images_that_are_not_lost_have_their_elbo_and_lost_ones_are_pulled(
    vae: VAE, x: Tensor, noise: Tensor
) -> None:
    posterior = vae.posterior(x)
    z = posterior.at(noise)[0]
    table = joints(vae, x, z)
    threshold = thresholds_that_lose_some(table)
    lost = lost_images(table, threshold)
    assert 0 < sum(lost) < IMAGES
    plain = ObjectiveOfVAE(vae, "elbo")(x, noise, ONE)
    found = ObjectiveOfVAE(vae, "elbo", threshold)(x, noise, ONE)
    torch.testing.assert_close(found.reconstruction, plain.reconstruction)
    torch.testing.assert_close(found.kl, plain.kl)
    for i, is_lost in enumerate(lost):
        if not is_lost:
            expected = plain.value[i].item()
        else:
            better = z[table[i].index(max(table[i]))]
            steps = ((posterior.mean[i] - better) / 0.1).abs().tolist()
            pull = sum(0.5 * s * s if s < 1 else s - 0.5 for s in steps)
            expected = plain.reconstruction[i].item() - 2.0 * pull
        assert found.value[i].item() == pytest.approx(expected, rel=1e-9)


def gradients(vae: VAE, x: Tensor, noise: Tensor, threshold: float) -> tuple[Tensor, list[Tensor]]:
    """By the means of the posteriors (B, 2), and by the decoder's weights."""
    means: list[Tensor] = []
    handle = vae.encoder.register_forward_hook(
        lambda _, __, posterior: means.append(posterior.mean)
    )
    value = ObjectiveOfVAE(vae, "elbo", threshold)(x, noise, ONE).value.sum()
    handle.remove()
    by_mean, *by_weights = torch.autograd.grad(value, [means[0], *vae.decoder.parameters()])
    return by_mean, by_weights


def test_a_lost_image_moves_towards_its_better_place_and_is_not_held_by_the_slope(
    vae: VAE, x: Tensor, noise: Tensor
) -> None:
    posterior = vae.posterior(x)
    z = posterior.at(noise)[0]
    table = joints(vae, x, z)
    threshold = thresholds_that_lose_some(table)
    lost = lost_images(table, threshold)
    with_relocation, decoder = gradients(vae, x, noise, threshold)
    plain, decoder_plain = gradients(vae, x, noise, 0.0)
    for i, is_lost in enumerate(lost):
        if is_lost:
            way = (z[table[i].index(max(table[i]))] - posterior.mean[i]) / 0.1
            torch.testing.assert_close(with_relocation[i], 2.0 * way.clamp(-1.0, 1.0) / 0.1)
        else:
            torch.testing.assert_close(with_relocation[i], plain[i])
    # The decoder learns every image where it is.
    for found, expected in zip(decoder, decoder_plain, strict=True):
        torch.testing.assert_close(found, expected)


def test_where_nobody_is_lost_it_is_the_elbo(vae: VAE, x: Tensor, noise: Tensor) -> None:
    plain, _ = gradients(vae, x, noise, 0.0)
    found, _ = gradients(vae, x, noise, 1e6)
    torch.testing.assert_close(found, plain)


@pytest.mark.parametrize("others", [{"objective": "iwae", "samples": 5}, {"samples": 2}])
def test_it_goes_with_the_one_sample_elbo_alone(others: dict[str, object]) -> None:
    with pytest.raises(SettingError, match="relocation"):
        TrainConfig(relocation=8.0, **others)  # type: ignore[arg-type]


@pytest.mark.parametrize("threads", [1, 2])
def test_a_training_with_it_is_repeated_to_the_last_bit(small: Splits, threads: int) -> None:
    config = TrainConfig(
        epochs=1, batch_size=250, relocation=1.0, device="cpu", threads=threads, seed=4
    )
    runs = []
    for _ in range(2):
        *_, last = train(VAEConfig(hidden=16, blocks=1), config, small)
        runs.append([weight.clone() for weight in last.state.vae.parameters()])
        assert last.validation is not None
        assert math.isfinite(last.validation.elbo)
    assert all(torch.equal(a, b) for a, b in zip(*runs, strict=True))
    plain = TrainConfig(epochs=1, batch_size=250, device="cpu", threads=threads, seed=4)
    *_, without = train(VAEConfig(hidden=16, blocks=1), plain, small)
    assert not torch.equal(runs[0][0], next(without.state.vae.parameters()))
