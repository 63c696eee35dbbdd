import numpy as np
import pytest
import torch
from gaussian_toy import FLOOR, Bump, toy

from model.likelihood.quadrature import expected_log_likelihood
from model.network.vae import VAE

TILTED = np.array([[60.0, 25.0], [25.0, 30.0]])


def test_the_expectation_of_a_quadratic_is_exact() -> None:
    """E_q[(z - m)' A (z - m)] = (mean - m)' A (mean - m) + trace(A cov), textbook."""
    centre, mean, spread = np.array([0.4, -1.0]), np.array([0.1, -0.5]), np.array([0.3, 0.05])
    vae, x = toy([[Bump(centre, TILTED)]], [mean], [spread])
    offset = mean - centre
    expected = FLOOR - 0.5 * (offset @ TILTED @ offset + TILTED.diagonal() @ spread**2)
    for nodes in (2, 5, 16):
        found = expected_log_likelihood(vae, x, vae.posterior(x), nodes)
        assert found.tolist() == pytest.approx([expected], rel=1e-5)


@pytest.mark.parametrize("dimensions", [1, 3])
def test_any_few_dimensions_will_do(dimensions: int) -> None:
    vae, x = toy([[Bump.round([0.5] * dimensions, 0.5)]])
    expected = FLOOR - 0.5 * dimensions * (0.25 + 1.0) / 0.25
    found = expected_log_likelihood(vae, x, vae.posterior(x), 4)
    assert found.tolist() == pytest.approx([expected], rel=1e-5)


def test_it_converges_with_real_weights(bundled: VAE, digits: torch.Tensor) -> None:
    x = digits[:20]
    posterior = bundled.posterior(x)
    by_nodes = {
        nodes: expected_log_likelihood(bundled, x, posterior, nodes) for nodes in (5, 12, 20)
    }
    assert (by_nodes[12] - by_nodes[20]).abs().max() < 0.02
    assert (by_nodes[5] - by_nodes[20]).abs().max() < 0.1
    assert (by_nodes[5] - by_nodes[20]).mean().abs() < 0.01


def test_batches_do_not_matter_and_no_image_is_allowed() -> None:
    images = [[Bump(np.array([0.1 * i, -1.0]), TILTED)] for i in range(9)]
    vae, x = toy(images)
    seen: list[float] = []
    whole = expected_log_likelihood(vae, x, vae.posterior(x), 4)
    many = x.repeat(100, 1)  # more than are done at once
    parts = expected_log_likelihood(vae, many, vae.posterior(many), 4, seen.append)
    assert torch.allclose(whole.repeat(100), parts)
    assert len(seen) > 2
    assert seen[-1] == 1.0
    assert len(expected_log_likelihood(vae, x[:0], vae.posterior(x[:0]), 4)) == 0
