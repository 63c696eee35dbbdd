"""Exact p(x) and p(y|x) of models with classes: against sums, draws and closed forms of our own."""

import numpy as np
import pytest
import torch
from gaussian_toy import Bump, toy
from small_m2 import COARSE, draws_of, small_m2
from torch.nn.functional import logsigmoid

from model.likelihood.class_likelihood import ClassLikelihood, class_integration, integrate_classes
from model.likelihood.class_screening import look_at_classes
from model.likelihood.grid import Grid, NotAPlaneError
from model.network.m2 import M2
from model.network.vae import VAE
from model.progress import finish


@pytest.fixture(scope="module")
def m2() -> M2:
    return small_m2()


@pytest.fixture(scope="module")
def x(m2: M2) -> torch.Tensor:
    return draws_of(m2, 12)[0]


@pytest.fixture(scope="module")
def found(m2: M2, x: torch.Tensor) -> ClassLikelihood:
    return integrate_classes(m2, x, COARSE)


def log_likelihoods(m2: M2, x: torch.Tensor, z: torch.Tensor) -> torch.Tensor:
    """Log p(x|y,z) of images (N, 784) at points (G, 2) under each class: (10, G, N) float64."""
    of_classes = []
    for label in range(10):
        logits = m2.decoder(z, torch.tensor(label).expand(len(z))).double()
        off = logsigmoid(-logits)
        of_classes.append((off + logits) @ x.double().T + off @ (1.0 - x.double()).T)
    return torch.stack(of_classes)


@pytest.mark.slow
def test_every_class_is_the_sum_of_its_plane(
    m2: M2, x: torch.Tensor, found: ClassLikelihood
) -> None:
    step = 0.25
    axis = torch.arange(-5.0, 5.05, step)
    z = torch.cartesian_prod(axis, axis)
    few = x[:4]
    joint = log_likelihoods(m2, few, z) + torch.distributions.Normal(0, 1).log_prob(z).sum(
        1
    ).double().view(1, -1, 1)
    log_p = (joint.logsumexp(1) + 2 * np.log(step)).T
    assert found.resolved.all()
    integrated = found.log_p_x_given_y[:4].isfinite()
    assert torch.allclose(found.log_p_x_given_y[:4][integrated], log_p[integrated], atol=1e-3)
    total = log_p.logsumexp(1) - np.log(10)
    assert torch.allclose(found.log_likelihood[:4], total, atol=1e-3)
    assert torch.allclose(found.label_posterior[:4], log_p.softmax(1), atol=1e-4)


def test_classes_have_probabilities(found: ClassLikelihood) -> None:
    p = found.label_posterior
    assert p.shape == found.q.shape == (12, 10)
    assert torch.allclose(p.sum(1), torch.ones(12).double(), atol=1e-12)
    assert torch.allclose(found.q.sum(1), torch.ones(12).double(), atol=1e-6)
    assert (p >= 0).all()
    assert p.amax(1).min() < 0.9 < p.amax(1).max()  # neither all certain nor all open


def test_draws_from_the_prior_agree(m2: M2, x: torch.Tensor, found: ClassLikelihood) -> None:
    """The average of p(x|y,z) over z ~ p(z); its own error is told by its variance."""
    generator = torch.Generator().manual_seed(7)
    few, draws = x[:4], 5000
    z = torch.randn(draws, 2, generator=generator)
    log_p = log_likelihoods(m2, few, z)
    weights = (log_p - log_p.amax((0, 1))).exp()
    of_classes = weights.mean(1).T
    p = of_classes / of_classes.sum(1, keepdim=True)
    errors = weights.std(1).T / np.sqrt(draws) / of_classes.sum(1, keepdim=True)
    assert ((p - found.label_posterior[:4]).abs() < 5 * errors + 1e-4).all()
    assert errors.max() < 0.15


def test_the_elbo_of_every_image_lies_below(m2: M2, x: torch.Tensor) -> None:
    exact = integrate_classes(m2, x, COARSE, screen=False)
    means, log_variances = m2.posterior(x, torch.arange(10).unsqueeze(1))
    kl = torch.distributions.kl_divergence(
        torch.distributions.Normal(means.double(), (0.5 * log_variances).exp().double()),
        torch.distributions.Normal(0.0, 1.0),
    ).sum(2)
    bound = (exact.q * (exact.reconstruction - kl.T - exact.log_q - np.log(10))).sum(1)
    assert (bound < exact.log_likelihood).all()
    assert (exact.log_likelihood - bound).min() < 20.0


@pytest.mark.slow
def test_images_of_the_model_are_of_every_class_as_often_as_its_posterior_says(m2: M2) -> None:
    """E[p(y|x)] = 1/10, and E[1{y is the true class} - p(y|x)] = 0, over the model's own images."""
    x, labels = draws_of(m2, 160, seed=1)
    p = integrate_classes(m2, x, COARSE).label_posterior
    for values in (p - 0.1, torch.nn.functional.one_hot(labels, 10) - p):
        z_scores = values.mean(0) / values.std(0) * np.sqrt(len(values))
        assert z_scores.abs().max() < 4.0
    certain = p.amax(1)
    right = (p.argmax(1) == labels).double()
    assert (right - certain).mean().abs() < 4.0 * (right - certain).std() / np.sqrt(len(x))


@pytest.mark.slow
def test_leaving_out_what_cannot_count_changes_nothing() -> None:
    m2 = small_m2(contrast=12.0)
    x, _ = draws_of(m2, 60, seed=2)
    all_, some = (integrate_classes(m2, x, COARSE, screen=screen) for screen in (False, True))
    left_out = some.log_p_x_given_y.isneginf()
    assert left_out.double().mean() > 0.3
    assert not all_.log_p_x_given_y.isneginf().any()
    for numbers in zip(some.log_p_x_given_y, all_.log_p_x_given_y, strict=True):
        kept = numbers[0].isfinite()
        assert torch.allclose(*(of[kept] for of in numbers), atol=1e-4)
    both = all_.resolved
    assert some.resolved[both].all()
    assert both.double().mean() > 0.9
    assert (some.log_likelihood - all_.log_likelihood)[both].abs().max() < 1e-3
    assert (some.label_posterior - all_.label_posterior)[both].abs().max() < 1e-6
    assert some.reconstruction[left_out].isnan().all()


class Toys:
    """A model with classes, each of which is a toy whose integrals are known."""

    def __init__(self, classes: list[VAE]) -> None:
        self.config = classes[0].config
        self.classes = classes

    def given(self, label: int) -> VAE:
        return self.classes[label]

    def log_label_posterior(self, x: torch.Tensor) -> torch.Tensor:
        return torch.full((len(x), 10), -np.log(10.0))


def toys(bumps: list[list[Bump]]) -> tuple[Toys, torch.Tensor]:
    """A model with these bumps under its classes, and its one image."""
    made = [toy([mine], spread=[(0.3, 0.3)]) for mine in bumps]
    return Toys([vae for vae, _ in made]), made[0][1]


def test_closed_forms_come_out() -> None:
    bumps = [Bump.round((0.3 * i - 1.0, 0.2), 0.2 + 0.03 * i, -1.5 * i) for i in range(9)]
    model, x = toys([*([bump] for bump in bumps), [Bump.round((0, 0), 0.3, -200.0)]])
    found = integrate_classes(model, x, COARSE)
    expected = [bump.log_likelihood() for bump in bumps]
    assert found.log_p_x_given_y[0, :9].tolist() == pytest.approx(expected, abs=1e-4)
    assert found.log_p_x_given_y[0, 9] == -np.inf
    assert found.label_posterior[0, 9] == 0.0
    total = np.logaddexp.reduce(expected) - np.log(10)
    assert found.log_likelihood.item() == pytest.approx(total, abs=1e-4)
    assert found.label_posterior[0, 0].item() == pytest.approx(
        np.exp(expected[0] - np.logaddexp.reduce(expected)), abs=1e-5
    )


@pytest.mark.parametrize("centre", [(5.2, 0.0), (0.4, -5.6), (-3.7, 4.2)])
def test_a_class_whose_mass_lies_beyond_the_edge_is_not_left_out(
    centre: tuple[float, float],
) -> None:
    """The encoder knows nothing of it: it is seen from the lattice."""
    beyond, inside = Bump.round(centre, 0.25, 17.0), Bump.round((0.0, 0.0), 0.3)
    nowhere = Bump.round((0.0, 0.0), 0.3, -60.0)
    model, x = toys([[inside]] * 6 + [[beyond]] + [[nowhere]] * 3)
    masses = finish(look_at_classes(model, x, Grid()))
    assert masses.may_count.tolist() == [[True] * 7 + [False] * 3]
    truth = [bumps[0].log_likelihood() for bumps in ([beyond], [inside])]
    for label, log_p in ((6, truth[0]), (0, truth[1])):
        assert masses.below[0, label] < log_p < masses.above[0, label]


@pytest.mark.parametrize(
    ("centre", "width"),
    [
        ((0.0, 0.0), 0.005),  # where four blocks meet, farthest from their middles
        ((0.02, -0.02), 0.005),  # a corner point of a block
        ((0.025, -0.025), 0.005),  # the middle of a block
        ((5.25, 0.15), 0.03),  # where four cells of the lattice beyond the edge meet
        ((4.65, 0.025), 0.03),  # between the edge and the lattice
        ((0.4, -0.7), 0.5),
    ],
)
def test_the_coarse_look_bounds_the_narrowest_modes_wherever_they_are(
    centre: tuple[float, float], width: float
) -> None:
    """The encoder is elsewhere, so nothing but blocks and lattice can tell."""
    mode = Bump.round(centre, width)
    vae, x = toy([[mode]], mean=[(3.0, 3.0)], spread=[(0.3, 0.3)])
    masses = finish(look_at_classes(Toys([vae] * 10), x, Grid()))
    assert (masses.below < mode.log_likelihood() + 1e-3).all()
    assert (mode.log_likelihood() < masses.above).all()


IMPOSSIBLE = Bump.round((3.0, 3.0), 1e-7)  # no float32 can carry its width


def with_impossible(height: float) -> ClassLikelihood:
    """The integrals of an image under nine plain classes, and one that cannot be resolved."""
    plain = [toy([[Bump.round((0.0, 0.0), 0.3, height)]], spread=[(0.3, 0.3)]) for _ in range(9)]
    hidden, x = toy([[IMPOSSIBLE]], [(3.0, 3.0)], [(1e-7, 1e-7)])
    return integrate_classes(Toys([*(vae for vae, _ in plain), hidden]), x, COARSE)


def test_a_class_that_is_not_resolved_leaves_no_number_of_its_image() -> None:
    found = with_impossible(0.0)
    assert found.log_p_x_given_y[0, 9].isnan()
    assert found.log_p_x_given_y[0, :9].isfinite().all()
    assert not found.resolved.any()
    assert found.log_likelihood.isnan().all()
    assert found.label_posterior.isnan().all()
    assert not found.disagree.any()


def test_a_class_that_is_not_resolved_does_no_harm_where_it_cannot_count() -> None:
    found = with_impossible(25.0)
    assert found.log_p_x_given_y[0, 9].isneginf()
    assert found.resolved.all()
    assert found.label_posterior[0].tolist() == pytest.approx([1 / 9] * 9 + [0.0])


def test_steps_tell_how_far_they_are(m2: M2, x: torch.Tensor) -> None:
    seen = list(class_integration(m2, x[:2], COARSE))
    assert seen == sorted(seen)
    assert 0.0 <= seen[0] < 0.1
    assert seen[-1] == 1.0


def test_other_dimensions_have_no_plane() -> None:
    with pytest.raises(NotAPlaneError):
        integrate_classes(small_m2(latent_dim=3), torch.zeros(1, 784), COARSE)


def test_one_image_alone_has_the_same_numbers(
    m2: M2, x: torch.Tensor, found: ClassLikelihood
) -> None:
    alone = integrate_classes(m2, x[5:6], COARSE)
    assert torch.allclose(alone.log_p_x_given_y[0], found.log_p_x_given_y[5], atol=1e-3)
