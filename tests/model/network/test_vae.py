import math

import pytest
import torch
from torch import Tensor
from torch.distributions import Bernoulli, Independent, Normal, kl

from model.data.binarise import binarise_once
from model.data.datasets import Splits
from model.network.blocks import PIXELS
from model.network.densities import ELBOTerms, Posterior, kl_divergence, log_likelihood
from model.network.initialisation import build
from model.network.vae import MAX_PARAMETERS, VAEConfig
from model.settings import SettingError

ARCHITECTURES = ("mlp", "residual", "conv")
LATENT_DIMS = (1, 2, 7)


def tiny(latent_dim: int = 2, architecture: str = "residual") -> VAEConfig:
    return VAEConfig(latent_dim, architecture, layers="8-5", hidden=8, blocks=2, channels=2)


def standard_normal(like: Tensor) -> Independent:
    return Independent(Normal(torch.zeros_like(like), torch.ones_like(like)), 1)


@pytest.mark.parametrize("latent_dim", LATENT_DIMS)
def test_kl_is_that_of_torch_distributions(latent_dim: int) -> None:
    torch.manual_seed(0)
    mean = 3 * torch.randn(50, latent_dim, dtype=torch.float64)
    log_variance = 2 * torch.randn(50, latent_dim, dtype=torch.float64)
    posterior = Independent(Normal(mean, torch.exp(log_variance / 2)), 1)
    expected = kl.kl_divergence(posterior, standard_normal(mean))
    torch.testing.assert_close(kl_divergence(mean, log_variance), expected)


def test_kl_of_the_prior_itself_is_zero_and_of_anything_else_positive() -> None:
    zero = torch.zeros(1, 3)
    assert kl_divergence(zero, zero).item() == 0.0
    assert kl_divergence(zero + 0.1, zero).item() > 0.0
    assert kl_divergence(zero, zero + 0.1).item() > 0.0
    assert kl_divergence(zero, zero - 0.1).item() > 0.0


@pytest.mark.parametrize("grey", [False, True])
def test_log_likelihood_is_that_of_independent_bernoullis(grey: bool) -> None:
    torch.manual_seed(1)
    logits = 5 * torch.randn(20, PIXELS, dtype=torch.float64)
    x = torch.rand(20, PIXELS, dtype=torch.float64)
    x = x if grey else x.round()
    expected = Independent(Bernoulli(logits=logits, validate_args=False), 1).log_prob(x)
    torch.testing.assert_close(log_likelihood(logits, x), expected)


def test_log_likelihood_stays_finite_and_right_where_a_sigmoid_saturates() -> None:
    logits = torch.full((1, PIXELS), 200.0)
    assert log_likelihood(logits, torch.ones(1, PIXELS)).item() == 0.0
    assert log_likelihood(logits, torch.zeros(1, PIXELS)).item() == -200.0 * PIXELS


@pytest.mark.parametrize("beta", [0.0, 1.0, 4.0])
def test_elbo_is_reconstruction_minus_beta_kl(beta: float) -> None:
    terms = ELBOTerms(torch.tensor([-100.0, -80.0]), torch.tensor([5.0, 7.0]))
    expected = torch.tensor([-100.0 - beta * 5.0, -80.0 - beta * 7.0])
    torch.testing.assert_close(terms.elbo(beta), expected)
    torch.testing.assert_close(terms.elbo(), torch.tensor([-105.0, -87.0]))


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("latent_dim", LATENT_DIMS)
def test_forward_gives_the_terms_at_a_draw_from_the_posterior(
    latent_dim: int, architecture: str
) -> None:
    vae = build(tiny(latent_dim, architecture), seed=0)
    x = torch.rand(5, PIXELS).round()
    terms = vae(x, torch.Generator().manual_seed(3))

    mean, log_variance = vae.posterior(x)
    assert mean.shape == log_variance.shape == (5, latent_dim)
    noise = torch.empty(5, latent_dim).normal_(generator=torch.Generator().manual_seed(3))
    logits = vae.decoder(mean + log_variance.div(2).exp() * noise)
    assert logits.shape == (5, PIXELS)
    posterior = Independent(Normal(mean, log_variance.div(2).exp()), 1)
    torch.testing.assert_close(
        terms.reconstruction, Independent(Bernoulli(logits=logits), 1).log_prob(x)
    )
    torch.testing.assert_close(terms.kl, kl.kl_divergence(posterior, standard_normal(mean)))


def test_samples_have_the_mean_and_the_spread_of_the_posterior() -> None:
    count = 200_000
    mean = torch.tensor([-2.0, 0.0, 5.0])
    log_variance = torch.tensor([-4.0, 0.0, 2.0])
    deviation = torch.exp(log_variance / 2)
    z = Posterior(mean.expand(count, 3), log_variance.expand(count, 3)).sample(
        torch.Generator().manual_seed(0)
    )
    # Five standard errors of a mean and of a standard deviation.
    assert ((z.mean(0) - mean).abs() < 5 * deviation / math.sqrt(count)).all()
    assert ((z.std(0) - deviation).abs() < 5 * deviation / math.sqrt(2 * count)).all()
    correlations = torch.corrcoef(z.T) - torch.eye(3)
    assert correlations.abs().max() < 5 / math.sqrt(count)


def test_a_sample_carries_the_reparametrised_gradients() -> None:
    mean = torch.tensor([[0.5, -1.0]], requires_grad=True)
    log_variance = torch.tensor([[0.2, -0.7]], requires_grad=True)
    z = Posterior(mean, log_variance).sample(torch.Generator().manual_seed(1))
    z.sum().backward()
    # z = mean + exp(log_variance / 2) noise, so dz/dlog_variance = (z - mean) / 2.
    torch.testing.assert_close(mean.grad, torch.ones(1, 2))
    torch.testing.assert_close(log_variance.grad, (z - mean).detach() / 2)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_every_weight_gets_a_gradient(architecture: str) -> None:
    vae = build(tiny(2, architecture), seed=0)
    vae(torch.rand(16, PIXELS).round()).elbo().mean().backward()
    for name, weight in vae.named_parameters():
        assert weight.grad is not None, name
        assert weight.grad.abs().sum() > 0, name


def weights_of(latent_dim: int, layers: list[int]) -> int:
    """Weights and biases of plain layers, counted by hand."""
    body = zip([PIXELS, *layers], [*layers, 2 * latent_dim], strict=True)
    mirrored = zip([latent_dim, *layers[::-1]], [*layers[::-1], PIXELS], strict=True)
    return sum((inputs + 1) * outputs for inputs, outputs in [*body, *mirrored])


@pytest.mark.parametrize("layers", ["500", "256-128", "3-4096-7"])
def test_plain_layers_have_as_many_weights_as_they_say(layers: str) -> None:
    vae = build(
        VAEConfig(latent_dim=3, architecture="mlp", layers=layers, fourier_features=0), seed=0
    )
    counted = weights_of(3, [int(width) for width in layers.split("-")])
    assert sum(weight.numel() for weight in vae.parameters()) == counted


def test_a_network_beyond_the_limit_is_refused_and_one_just_below_is_not() -> None:
    largest = max(
        width for width in range(4097) if weights_of(512, [width, 1000]) <= MAX_PARAMETERS
    )
    assert largest < 4096
    VAEConfig(latent_dim=512, architecture="mlp", layers=f"{largest}-1000", fourier_features=0)
    beyond = rf"^layers {largest + 1}-1000 makes a network of 12,0.* the limit is 12,000,000$"
    with pytest.raises(SettingError, match=beyond):
        VAEConfig(
            latent_dim=512, architecture="mlp", layers=f"{largest + 1}-1000", fourier_features=0
        )


@pytest.mark.parametrize(
    "settings",
    [
        {"hidden": 4096},
        {"encoder_hidden": 4096},
        {"hidden": 1024, "blocks": 16},
        {"hidden": 1024, "encoder_blocks": 16},
        {"architecture": "conv", "channels": 256},
        {"hidden": 3000, "latent_dim": 512, "fourier_features": 64},
    ],
    ids=str,
)
def test_whatever_makes_a_network_too_large_is_refused(settings: dict[str, object]) -> None:
    with pytest.raises(SettingError, match=r"^hidden \d+ makes a network of [\d,]+ weights; "):
        VAEConfig(**settings)


@pytest.mark.parametrize(
    "layers",
    [
        "",
        "-",
        "500-",
        "-500",
        "500--20",
        "0",
        "12-0",
        "4097",
        "10000",
        "5e2",
        "500,20",
        "500 20",
        " 500",
        "+500",
        "５００",
        "²",
        "-".join(["9"] * 9),
        "9" * 5000,
        "500\n",
    ],
)
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_layers_that_are_not_widths_are_refused(layers: str, architecture: str) -> None:
    with pytest.raises(SettingError) as caught:
        VAEConfig(architecture=architecture, layers=layers)
    assert caught.value.name == "layers"
    assert caught.value.reason.startswith("must be one to eight widths between 1 and 4096, ")


@pytest.mark.parametrize("layers", ["1", "9-9-9-9-9-9-9-9", "007"])
def test_layers_that_are_widths_are_taken(layers: str) -> None:
    config = VAEConfig(architecture="mlp", layers=layers)
    assert config.widths.layers == tuple(int(width) for width in layers.split("-"))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("latent_dim", 0),
        ("latent_dim", 513),
        ("latent_dim", 2.0),
        ("architecture", "convolutional"),
        ("architecture", "paper"),
        ("layers", 500),
        ("activation", "sigmoid"),
        ("hidden", 0),
        ("hidden", 4097),
        ("hidden", "512"),
        ("blocks", 0),
        ("blocks", 17),
        ("blocks", True),
        ("encoder_hidden", -1),
        ("encoder_hidden", 4097),
        ("encoder_blocks", -1),
        ("encoder_blocks", 17),
        ("channels", 0),
        ("channels", 257),
        ("fourier_features", -1),
        ("fourier_features", 65),
        ("fourier_features", 1.0),
    ],
)
def test_limits_name_their_field(name: str, value: object) -> None:
    with pytest.raises(SettingError) as caught:
        VAEConfig(**{name: value})
    assert caught.value.name == name


@pytest.mark.slow
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_it_overfits_32_images(architecture: str, mnist: Splits) -> None:
    x = binarise_once(mnist.train.images[:32]).flatten(1)
    sizes = {"layers": "128", "hidden": 128, "blocks": 2, "channels": 16, "fourier_features": 0}
    vae = build(VAEConfig(latent_dim=8, architecture=architecture, **sizes), seed=0)
    optimizer = torch.optim.Adam(vae.parameters(), lr=3e-3)
    generator = torch.Generator().manual_seed(0)

    def average_elbo() -> float:
        with torch.no_grad():
            return sum(vae(x, generator).elbo().mean().item() for _ in range(20)) / 20

    assert -650 < average_elbo() < -500  # nothing learnt: 784 coins are 543 nats
    for _ in range(300):
        optimizer.zero_grad()
        (-vae(x, generator).elbo().mean()).backward()
        optimizer.step()
    # 32 images that are only remembered cost log 32 = 3.5 nats; this one ends between -15 and -36.
    assert average_elbo() > -45
