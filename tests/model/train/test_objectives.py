"""Everything in float64, on networks that are small enough to be computed once more by hand."""

import math

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.distributions import Bernoulli, Independent, Normal, kl

from model.network.blocks import PIXELS
from model.network.densities import Posterior, log_density, log_likelihood, log_prior
from model.network.initialisation import build
from model.network.vae import VAE, VAEConfig
from model.train.objectives import Objective, ObjectiveOfVAE

IMAGES, DRAWS, DIMENSIONS = 3, 5, 2
ONE = torch.ones((), dtype=torch.float64)

Array = NDArray[np.float64]


@pytest.fixture
def vae() -> VAE:
    """Not what a fresh network is: its posteriors differ from the prior and from each other."""
    vae = build(VAEConfig(DIMENSIONS, "mlp", layers="4", fourier_features=0), seed=0).double()
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for weight in vae.encoder.parameters():
            weight.mul_(2.0).add_(0.3 * torch.randn(weight.shape, generator=generator).double())
        for weight in vae.decoder.parameters():
            # Draws then have weights that are neither alike nor all on one of them.
            weight.mul_(0.3)
    return vae


@pytest.fixture
def x() -> Tensor:
    return torch.rand(IMAGES, PIXELS, generator=torch.Generator().manual_seed(2)).round().double()


@pytest.fixture
def noise() -> Tensor:
    return noise_of(DRAWS, IMAGES)


def noise_of(draws: int, images: int, seed: int = 3) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(draws, images, DIMENSIONS, generator=generator).double()


def objective(vae: VAE, name: str, x: Tensor, noise: Tensor, beta: float = 1.0) -> Objective:
    found: Objective = ObjectiveOfVAE(vae, name)(x, noise, beta * ONE)
    return found


def log_weights_in_numpy(vae: VAE, x: Tensor, noise: Tensor, beta: float = 1.0) -> Array:
    """Log p(x|z) + beta (log p(z) - log q(z|x)) of every draw, from nothing but the weights."""
    weights = {name: value.numpy() for name, value in vae.state_dict().items()}

    def linear(name: str, h: Array) -> Array:
        return h @ weights[f"{name}.weight"].T + weights[f"{name}.bias"]

    h = np.tanh(linear("encoder.body.0", x.numpy()))
    mean, log_variance = linear("encoder.mean", h), linear("encoder.log_variance", h)
    z = mean + np.exp(log_variance / 2) * noise.numpy()
    logits = linear("decoder.logits", np.tanh(linear("decoder.body.0", z)))
    p = 1.0 / (1.0 + np.exp(-logits))
    likelihood = np.log(np.where(x.numpy() > 0, p, 1.0 - p)).sum(-1)
    prior = (-0.5 * z**2 - 0.5 * np.log(2 * np.pi)).sum(-1)
    variance = np.exp(log_variance)
    density = (-0.5 * (z - mean) ** 2 / variance - 0.5 * np.log(2 * np.pi * variance)).sum(-1)
    found: Array = likelihood + beta * (prior - density)
    return found


# Values


@pytest.mark.parametrize("beta", [0.0, 0.3, 1.0, 4.0])
def test_the_elbo_is_the_mean_over_the_draws(
    vae: VAE, x: Tensor, noise: Tensor, beta: float
) -> None:
    found = objective(vae, "elbo", x, noise, beta)
    posterior = vae.posterior(x)
    q = Independent(Normal(posterior.mean, (0.5 * posterior.log_variance).exp()), 1)
    prior = Independent(Normal(torch.zeros_like(posterior.mean), ONE), 1)
    divergence = kl.kl_divergence(q, prior)
    reconstruction = torch.zeros(IMAGES, dtype=torch.float64)
    for draw in noise:
        z = posterior.mean + (0.5 * posterior.log_variance).exp() * draw
        reconstruction += Independent(Bernoulli(logits=vae.decoder(z)), 1).log_prob(x) / DRAWS
    torch.testing.assert_close(found.value, reconstruction - beta * divergence)
    torch.testing.assert_close(found.reconstruction, reconstruction.detach())
    torch.testing.assert_close(found.kl, divergence.detach())


@pytest.mark.parametrize("name", ["iwae", "dreg"])
def test_the_bound_is_that_of_numpy(vae: VAE, x: Tensor, noise: Tensor, name: str) -> None:
    found = objective(vae, name, x, noise)
    log_weights = log_weights_in_numpy(vae, x, noise)
    # Of weights that are all alike, or all on one draw, a mean would tell nothing.
    spread = np.exp(log_weights - log_weights.max(0)).sum(0)
    assert (spread > 1.2).all()
    assert (spread < DRAWS - 0.2).all()
    expected = np.log(np.mean(np.exp(log_weights), axis=0))
    np.testing.assert_allclose(found.value.detach(), expected, rtol=1e-12)


@pytest.mark.parametrize("name", ["iwae", "dreg"])
def test_the_bound_of_a_likelihood_below_all_floats_is_finite(
    vae: VAE, x: Tensor, noise: Tensor, name: str
) -> None:
    with torch.no_grad():
        vae.decoder.output_bias.fill_(20.0)
    log_weights = log_weights_in_numpy(vae, x, noise)
    assert (np.exp(log_weights) == 0.0).all()
    highest = log_weights.max(0)
    expected = highest + np.log(np.mean(np.exp(log_weights - highest), axis=0))
    found = objective(vae, name, x, noise).value.detach()
    np.testing.assert_allclose(found, expected, rtol=1e-6)


@pytest.mark.parametrize("beta", [0.0, 0.3, 1.0, 4.0])
def test_beta_scales_the_sampled_kl_of_the_bound(
    vae: VAE, x: Tensor, noise: Tensor, beta: float
) -> None:
    found = objective(vae, "iwae", x, noise, beta)
    log_weights = log_weights_in_numpy(vae, x, noise, beta)
    expected = np.log(np.mean(np.exp(log_weights), axis=0))
    np.testing.assert_allclose(found.value.detach(), expected, rtol=1e-12)
    # What is reported has no beta.
    plain = objective(vae, "elbo", x, noise)
    torch.testing.assert_close(found.reconstruction, plain.reconstruction)
    torch.testing.assert_close(found.kl, plain.kl)


@pytest.mark.parametrize("name", ["iwae", "dreg"])
def test_of_one_draw_the_bound_is_the_elbo_with_a_sampled_kl(
    vae: VAE, x: Tensor, name: str
) -> None:
    noise = noise_of(1, IMAGES)
    found = objective(vae, name, x, noise).value
    np.testing.assert_allclose(found.detach(), log_weights_in_numpy(vae, x, noise)[0], rtol=1e-12)


def test_of_one_draw_the_bound_is_the_elbo_on_average(vae: VAE, x: Tensor) -> None:
    count = 6000
    many, noise = x[:1].expand(count, PIXELS), noise_of(1, count)
    with torch.no_grad():
        difference = (
            objective(vae, "iwae", many, noise).value - objective(vae, "elbo", many, noise).value
        )
    assert difference.std() > 0.1
    assert difference.mean().abs() < 4 * difference.std() / math.sqrt(count)


def test_more_draws_make_the_bound_tighter(vae: VAE, x: Tensor) -> None:
    """Burda et al. 2016, theorem 1; the same 6,000 draws, in groups."""
    many = x[:1].expand(6000, PIXELS)
    noise = noise_of(1, 6000)
    with torch.no_grad():
        bounds = [
            objective(
                vae, "iwae", many[: 6000 // draws], noise.view(draws, -1, DIMENSIONS)
            ).value.mean()
            for draws in (1, 5, 50)
        ]
    assert bounds[0] + 0.05 < bounds[1]
    assert bounds[1] + 0.005 < bounds[2]


def test_log_densities_are_those_of_torch_distributions() -> None:
    generator = torch.Generator().manual_seed(0)
    z = torch.randn(4, 3, 2, generator=generator).double()
    mean, log_variance = torch.randn(2, 3, 2, generator=generator).double()
    prior = Independent(Normal(torch.zeros(2).double(), ONE), 1)
    torch.testing.assert_close(log_prior(z), prior.log_prob(z))
    q = Independent(Normal(mean, (0.5 * log_variance).exp()), 1)
    torch.testing.assert_close(log_density(Posterior(mean, log_variance), z), q.log_prob(z))


# Gradients


@pytest.mark.parametrize(
    ("name", "beta"), [("elbo", 1.0), ("elbo", 0.3), ("iwae", 1.0), ("iwae", 3)]
)
def test_gradients_are_those_of_finite_differences(
    vae: VAE, x: Tensor, noise: Tensor, name: str, beta: float
) -> None:
    objective(vae, name, x, noise, beta).value.sum().backward()
    generator = torch.Generator().manual_seed(4)
    for parameter, weight in vae.named_parameters():
        direction = torch.randn(weight.shape, generator=generator).double()
        values = []
        for step in (1e-5, -1e-5):
            with torch.no_grad():
                weight.add_(direction, alpha=step)
                values.append(objective(vae, name, x, noise, beta).value.sum().item())
                weight.add_(direction, alpha=-step)
        assert weight.grad is not None
        slope = (weight.grad * direction).sum().item()
        assert slope == pytest.approx((values[0] - values[1]) / 2e-5, rel=1e-5, abs=1e-6), parameter


def gradients(vae: VAE, value: Tensor) -> dict[str, Tensor]:
    parameters = dict(vae.named_parameters())
    found = torch.autograd.grad(value.sum(), list(parameters.values()))
    return dict(zip(parameters, found, strict=True))


@pytest.mark.parametrize("draws", [1, 2, DRAWS])
def test_the_doubly_reparametrised_gradient_is_its_formula(vae: VAE, x: Tensor, draws: int) -> None:
    """Tucker et al. 2019, eq. 8: sum_k w_k^2 d log weight_k / dz dz / dphi, draw by draw."""
    noise = noise_of(draws, IMAGES)
    found = gradients(vae, objective(vae, "dreg", x, noise).value)

    posterior = vae.posterior(x)
    deviation = (0.5 * posterior.log_variance).exp()
    q = Independent(Normal(posterior.mean.detach(), deviation.detach()), 1)
    prior = Independent(Normal(torch.zeros(DIMENSIONS).double(), ONE), 1)
    points = [posterior.mean + deviation * draw for draw in noise]
    leaves = [z.detach().requires_grad_() for z in points]
    log_weights = [
        Independent(Bernoulli(logits=vae.decoder(z)), 1).log_prob(x)
        + prior.log_prob(z)
        - q.log_prob(z)
        for z in leaves
    ]
    w = torch.softmax(torch.stack(log_weights).detach(), dim=0)

    encoder = dict(vae.encoder.named_parameters(prefix="encoder"))
    decoder = dict(vae.decoder.named_parameters(prefix="decoder"))
    expected = {name: torch.zeros_like(weight) for name, weight in (encoder | decoder).items()}
    for k in range(draws):
        (slope,) = torch.autograd.grad(log_weights[k].sum(), leaves[k], retain_graph=True)
        path = (points[k] * (w[k].square().unsqueeze(-1) * slope)).sum()
        for part, value in ((encoder, path), (decoder, (w[k] * log_weights[k]).sum())):
            pulled = torch.autograd.grad(value, list(part.values()), retain_graph=True)
            for name, gradient in zip(part, pulled, strict=True):
                expected[name] += gradient
    for name, gradient in found.items():
        torch.testing.assert_close(gradient, expected[name], rtol=1e-9, atol=1e-12, msg=name)


def test_the_decoder_follows_the_same_gradient_with_either_estimator(
    vae: VAE, x: Tensor, noise: Tensor
) -> None:
    plain = gradients(vae, objective(vae, "iwae", x, noise).value)
    doubly = gradients(vae, objective(vae, "dreg", x, noise).value)
    for name in plain:
        same = torch.allclose(plain[name], doubly[name], rtol=1e-9, atol=1e-12)
        assert same == name.startswith("decoder."), name


def test_on_average_the_encoder_follows_the_same_gradient_too(
    vae: VAE, x: Tensor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of one image and many draws, with respect to the posterior's two parameters."""
    count = 3000
    many, noise = x[:1].expand(count, PIXELS), noise_of(DRAWS, count)
    one = Posterior(*(part.detach() for part in vae.posterior(x[:1])))

    def per_draw(name: str) -> Tensor:
        leaves = [part.expand(count, -1).clone().requires_grad_() for part in one]
        monkeypatch.setattr(vae, "posterior", lambda _: Posterior(*leaves), raising=False)
        value = objective(vae, name, many, noise).value
        return torch.cat(torch.autograd.grad(value.sum(), leaves), dim=1)

    plain, doubly = per_draw("iwae"), per_draw("dreg")
    difference = plain - doubly
    assert (difference.std(0) > 1e-2).all()
    assert (difference.mean(0).abs() < 4 * difference.std(0) / math.sqrt(count)).all()
    # A gradient of zero would not be noticed by the above, if both had it.
    assert (plain.mean(0).abs() > 4 * plain.std(0) / math.sqrt(count)).any()


def test_where_the_posterior_is_right_the_doubly_reparametrised_gradient_has_no_noise(
    vae: VAE, x: Tensor, noise: Tensor
) -> None:
    """A decoder that ignores z leaves the prior as the true posterior: nothing is to be learnt."""
    with torch.no_grad():
        for weight in vae.encoder.parameters():
            weight.zero_()
        for weight in vae.decoder.body.parameters():
            weight.zero_()
    plain = gradients(vae, objective(vae, "iwae", x, noise).value)
    doubly = gradients(vae, objective(vae, "dreg", x, noise).value)
    assert plain["encoder.mean.bias"].abs().min() > 1e-2
    for name, gradient in doubly.items():
        if name.startswith("encoder."):
            assert gradient.abs().max() < 1e-12, name


@pytest.mark.parametrize("name", ["elbo", "iwae", "dreg"])
def test_what_is_reported_carries_no_gradient(
    vae: VAE, x: Tensor, noise: Tensor, name: str
) -> None:
    found = objective(vae, name, x, noise)
    assert found.value.requires_grad
    assert not found.reconstruction.requires_grad
    assert not found.kl.requires_grad
    assert found.value.shape == found.reconstruction.shape == found.kl.shape == (IMAGES,)


@pytest.mark.parametrize("name", ["elbo", "iwae", "dreg"])
def test_without_gradients_the_value_is_the_same(
    vae: VAE, x: Tensor, noise: Tensor, name: str
) -> None:
    with_gradients = objective(vae, name, x, noise)
    with torch.no_grad():
        without = objective(vae, name, x, noise)
    for part, other in zip(with_gradients, without, strict=True):
        torch.testing.assert_close(part.detach(), other)


@pytest.mark.parametrize("name", ["elbo", "iwae", "dreg"])
def test_every_image_has_its_own_gradient(vae: VAE, x: Tensor, noise: Tensor, name: str) -> None:
    """Images of a batch do not influence each other."""
    together = gradients(vae, objective(vae, name, x, noise).value)
    apart = [
        gradients(vae, objective(vae, name, x[i : i + 1], noise[:, i : i + 1]).value)
        for i in range(IMAGES)
    ]
    for parameter, gradient in together.items():
        torch.testing.assert_close(sum(part[parameter] for part in apart), gradient)


def test_the_gradients_of_log_p_are_those_of_finite_differences() -> None:
    """By logits of several draws, and by grey images that all draws share."""
    generator = torch.Generator().manual_seed(5)
    logits = (3.0 * torch.randn(2, 3, 4, generator=generator)).double().requires_grad_()
    x = torch.rand(3, 4, generator=generator).double().requires_grad_()
    assert torch.autograd.gradcheck(log_likelihood, (logits, x))
