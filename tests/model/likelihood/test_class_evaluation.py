"""Bounds and errors of models with classes, against integrals and counts of our own."""

import math

import numpy as np
import pytest
import torch
from small_m2 import COARSE, draws_of, small_m2

from model.likelihood import class_evaluation
from model.likelihood.class_evaluation import CLASS_K, evaluate_classes
from model.likelihood.class_importance import bound_above_m1, bounds_of_classes
from model.likelihood.class_likelihood import integrate_classes
from model.likelihood.evaluation import PLANE_K, Evaluation
from model.network.initialisation import build
from model.network.m1_m2 import M1M2
from model.network.m2 import M2
from model.network.vae import VAEConfig


@pytest.fixture(scope="module")
def m2() -> M2:
    return small_m2()


@pytest.fixture(scope="module")
def m1_m2() -> M1M2:
    config = VAEConfig(
        family="m1+m2",
        m1_network="1:8:tanh",
        latent_dim=1,
        architecture="mlp",
        layers="8",
        activation="tanh",
        fourier_features=0,
    )
    network = build(config, seed=1)
    assert isinstance(network, M1M2)
    with torch.no_grad():
        network.m1.encoder.log_variance.bias.sub_(1.0)
        network.above.m2.decoder.body.classes.weight.mul_(3.0)
    return network.requires_grad_(False)


def images_of_m1(network: M1M2, count: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(0)
    z1 = torch.randn(count, 1, generator=generator)
    return torch.bernoulli(torch.sigmoid(network.m1.decoder(z1)), generator=generator)


def log_p_by_sums(network: M1M2, x: torch.Tensor) -> torch.Tensor:
    """Log p(x) by sums over fine steps of z1 and z2: (N,) float64."""
    z1 = torch.arange(-8.0, 8.0, 0.02).unsqueeze(1)
    z2 = torch.arange(-6.0, 6.0, 0.05).unsqueeze(1)
    log_p_z2 = torch.distributions.Normal(0.0, 1.0).log_prob(z2).double() + math.log(0.05)
    of_classes = []
    for label in range(10):
        mean, log_variance = network.above.m2.decoder(
            z2, torch.tensor(label).expand(len(z2))
        ).chunk(2, 1)
        normal = torch.distributions.Normal(mean.double(), (0.5 * log_variance).exp().double())
        of_classes.append(torch.logsumexp(normal.log_prob(z1.double().T) + log_p_z2, dim=0))
    log_p_z1 = torch.logsumexp(torch.stack(of_classes), dim=0) - math.log(10.0)
    logits = network.m1.decoder(z1).double()
    log_p_x = torch.distributions.Bernoulli(logits=logits.unsqueeze(1)).log_prob(x.double()).sum(2)
    return torch.logsumexp(log_p_x + log_p_z1.unsqueeze(1), dim=0) + math.log(0.02)


def test_the_bound_of_m1_m2_rises_to_log_p(m1_m2: M1M2) -> None:
    x = images_of_m1(m1_m2, 8)
    truth = log_p_by_sums(m1_m2, x)
    few, many = (bound_above_m1(m1_m2, x, k, seed=1) for k in (1, 4000))
    assert (many.bound - truth).abs().max() < 0.1
    assert (many.reconstruction - many.kl < truth).all()
    assert few.bound.mean() < truth.mean()


def test_the_elbo_of_m1_m2_is_that_of_the_network(m1_m2: M1M2) -> None:
    x = images_of_m1(m1_m2, 4)
    generator = torch.Generator().manual_seed(3)
    expected = m1_m2(x.repeat(1000, 1), generator).elbo().double().view(1000, 4)
    found = bound_above_m1(m1_m2, x, 1000, seed=5)
    error = 5.0 * expected.std(0) * math.sqrt(2.0 / 1000)
    assert ((found.reconstruction - found.kl - expected.mean(0)).abs() < error).all()


def test_batches_change_nothing(m1_m2: M1M2, m2: M2) -> None:
    x = images_of_m1(m1_m2, 6)
    whole = bound_above_m1(m1_m2, x, 400)  # batches of two
    assert torch.allclose(whole.bound[:2], bound_above_m1(m1_m2, x[:2], 400).bound, atol=1e-4)
    with pytest.raises(ValueError, match="at least 1"):
        bound_above_m1(m1_m2, x, 0)
    with pytest.raises(ValueError, match="at least 1"):
        bounds_of_classes(m2, x, 0)


@pytest.mark.slow
def test_the_bound_of_m2_rises_to_log_p() -> None:
    m2 = small_m2()
    m2.encoder.log_variance.bias.add_(2.0)  # its untrained encoder must not miss the posterior
    x, _ = draws_of(m2, 6, seed=4)
    exact = integrate_classes(m2, x, COARSE)
    found = bounds_of_classes(m2, x, 1000).summed(exact.log_q)
    assert (found.bound - exact.log_likelihood).abs().max() < 0.5
    one = bounds_of_classes(m2, x, 1).summed(exact.log_q)
    assert one.bound.mean() < exact.log_likelihood.mean()
    elbo = found.reconstruction - found.kl
    generator = torch.Generator().manual_seed(3)
    drawn = m2(x.repeat(500, 1), generator).elbo().double().view(500, 6)
    error = 5.0 * drawn.std(0) * math.sqrt(1 / 500 + 1 / 1000)
    assert ((elbo - drawn.mean(0)).abs() < error).all()


@pytest.fixture(scope="module")
def in_the_plane(m2: M2) -> tuple[Evaluation, torch.Tensor, torch.Tensor]:
    x, labels = draws_of(m2, 20, seed=6)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(class_evaluation, "Grid", lambda: COARSE)
        return evaluate_classes(m2, x, labels), x, labels


def test_an_m2_in_the_plane_is_integrated(
    m2: M2, in_the_plane: tuple[Evaluation, torch.Tensor, torch.Tensor]
) -> None:
    found, x, labels = in_the_plane
    exact = integrate_classes(m2, x, COARSE)
    assert (found.n, found.k, found.grid, found.unresolved) == (20, PLANE_K, COARSE, 0)
    assert found.log_likelihood == pytest.approx(exact.log_likelihood.mean().item())
    assert found.posterior_gap == pytest.approx(found.log_likelihood - found.elbo.elbo)
    assert found.elbo.elbo < found.iw_bound < found.log_likelihood
    by_p, by_q = exact.label_posterior.argmax(1), m2.log_label_posterior(x).argmax(1)
    assert found.classes is not None
    assert found.classes.test_error == pytest.approx(100 * np.mean((by_q != labels).numpy()))
    assert found.classes.test_error_exact == pytest.approx(100 * np.mean((by_p != labels).numpy()))
    assert found.classes.disagreements == (by_p != by_q).sum()
    # Its classifier has learned nothing, and its own images are those of its classes.
    assert found.classes.test_error_exact < 50.0 < found.classes.test_error
    entropy = torch.distributions.Categorical(logits=m2.log_label_posterior(x)).entropy().mean()
    assert found.classes.label_entropy == pytest.approx(entropy.item(), abs=1e-5)


@pytest.mark.parametrize("family", ["m2", "m1+m2"])
def test_all_others_are_drawn(family: str, m1_m2: M1M2) -> None:
    network = m1_m2 if family == "m1+m2" else small_m2(latent_dim=3)
    x, labels = draws_of(small_m2(latent_dim=3), 10)
    seen: list[float] = []
    found = evaluate_classes(network, x, labels, on_progress=seen.append)
    assert found.k == CLASS_K
    assert (found.log_likelihood, found.posterior_gap, found.unresolved, found.grid) == (None,) * 4
    assert found.elbo.elbo < found.iw_bound
    assert found.classes is not None
    assert (found.classes.test_error_exact, found.classes.disagreements) == (None, None)
    assert seen == sorted(seen)
    assert seen[-1] == 1.0
    assert evaluate_classes(network, x, labels, k=2, seed=1) == evaluate_classes(
        network, x, labels, k=2, seed=1
    )
