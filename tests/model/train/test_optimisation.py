import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from model.network.initialisation import build
from model.network.vae import VAE, VAEConfig
from model.train.optimisation import (
    beta_at,
    build_optimizer,
    learning_rate_at,
    take_step,
    update_ema,
)
from model.train.train_config import TrainConfig

Array = NDArray[np.float64]

TINY = VAEConfig(2, hidden=5, blocks=1)
STEPS = 7
IMAGES = 400


# The learning rate


@given(step=st.integers(0, 10**6), batches=st.integers(1, 10**4), rate=st.floats(1e-8, 10))
def test_a_constant_rate_is_constant(step: int, batches: int, rate: float) -> None:
    config = TrainConfig(learning_rate=rate, schedule="constant")
    assert learning_rate_at(config, step, batches) == rate


@given(batches=st.integers(1, 60), epochs=st.integers(1, 50), rate=st.floats(1e-6, 10))
def test_a_cosine_rises_to_its_peak_and_falls_to_almost_nothing(
    batches: int, epochs: int, rate: float
) -> None:
    config = TrainConfig(epochs=epochs, learning_rate=rate, schedule="cosine")
    steps = batches * epochs
    rates = [learning_rate_at(config, step, batches) for step in range(steps)]
    warm_up = max(1, steps // 50)
    assert max(rates) == pytest.approx(rate)
    assert rates[warm_up - 1] == pytest.approx(rate)
    assert all(0 < value <= rate * (1 + 1e-9) for value in rates)
    assert rates[:warm_up] == sorted(rates[:warm_up])
    assert rates[warm_up:] == sorted(rates[warm_up:], reverse=True)
    if steps >= 50:
        assert rates[-1] < 0.002 * rate
        assert rates[0] <= rate / warm_up * (1 + 1e-9)
        half_way = warm_up + (steps - warm_up) // 2
        assert rates[half_way] == pytest.approx(rate / 2, rel=0.07)


@pytest.mark.parametrize("batches", [1, 7, 2500])
def test_the_stairs_are_those_of_the_paper(batches: int) -> None:
    """Burda et al. 2016, section 5: 0.001 * 10^(-i/7) for 3^i epochs, i = 0 .. 7, 3280 in all."""
    config = TrainConfig(epochs=3280, learning_rate=1e-3, schedule="staircase")
    epoch = 0
    for i in range(8):
        first, last = epoch, epoch + 3**i - 1
        assert (first, last) == {0: (0, 0), 1: (1, 3), 2: (4, 12), 7: (1093, 3279)}.get(
            i, (first, last)
        )
        for step in (first * batches, (last + 1) * batches - 1):
            assert learning_rate_at(config, step, batches) == pytest.approx(1e-3 * 10 ** (-i / 7))
        epoch += 3**i
    assert epoch == 3280
    assert learning_rate_at(config, 3279 * batches, batches) == pytest.approx(1e-4)


def test_a_longer_staircase_stays_on_its_last_stair() -> None:
    config = TrainConfig(epochs=100_000, learning_rate=0.5, schedule="staircase")
    for epoch in (3280, 10_000, 99_999):
        assert learning_rate_at(config, epoch * 3, 3) == pytest.approx(0.05)


# The weight of the KL


@given(step=st.integers(0, 10**6), batches=st.integers(1, 10**4), beta=st.floats(0, 100))
def test_without_a_warm_up_beta_is_constant(step: int, batches: int, beta: float) -> None:
    assert beta_at(TrainConfig(beta=beta), step, batches) == beta


@given(
    batches=st.integers(1, 500),
    epochs=st.floats(0.01, 100),
    beta=st.floats(0.1, 10),
    fraction=st.floats(0, 1),
)
def test_beta_rises_in_a_straight_line_from_0(
    batches: int, epochs: float, beta: float, fraction: float
) -> None:
    config = TrainConfig(beta=beta, kl_warm_up=epochs)
    steps = epochs * batches
    assert beta_at(config, 0, batches) == 0.0
    step = int(fraction * steps)
    assert beta_at(config, step, batches) == pytest.approx(beta * step / steps)
    for after in (math.ceil(steps), math.ceil(steps) + 1, 10**9):
        assert beta_at(config, after, batches) == beta


# A step


def gradients_of(vae: VAE, seed: int) -> dict[str, Array]:
    """Gradients of every size, some of them zero."""
    numbers = np.random.default_rng(seed)
    found = {}
    for name, weight in vae.named_parameters():
        gradient = numbers.normal(size=weight.shape) * 10.0 ** numbers.integers(-4, 2)
        found[name] = np.where(numbers.random(weight.shape) < 0.1, 0.0, gradient)
    return found


def trained(config: TrainConfig, rates: list[float]) -> dict[str, Array]:
    """The weights after as many steps as there are rates."""
    vae = build(TINY, 0)
    optimizer = build_optimizer(vae, config)
    for step, rate in enumerate(rates):
        gradients = gradients_of(vae, step)
        for name, weight in vae.named_parameters():
            weight.grad = torch.from_numpy(gradients[name]).float()
        optimizer.param_groups[0]["lr"] = rate
        take_step(optimizer, list(vae.parameters()), config, IMAGES)
    return {name: weight.detach().double().numpy() for name, weight in vae.named_parameters()}


def expected(config: TrainConfig, rates: list[float]) -> dict[str, Array]:
    """The same in numpy, from the papers."""
    vae = build(TINY, 0)
    weights = {name: weight.detach().double().numpy() for name, weight in vae.named_parameters()}
    first = {name: np.zeros_like(weight) for name, weight in weights.items()}
    second = {name: np.zeros_like(weight) for name, weight in weights.items()}
    for step, rate in enumerate(rates):
        gradients = gradients_of(vae, step)
        if config.weight_prior:
            gradients = {name: g + weights[name] / IMAGES for name, g in gradients.items()}
        if config.clip_norm:
            norm = np.sqrt(sum((g**2).sum() for g in gradients.values()))
            scale = min(1.0, config.clip_norm / norm)
            gradients = {name: g * scale for name, g in gradients.items()}
        for name, g in gradients.items():
            if config.weight_decay and g.ndim > 1:
                weights[name] = weights[name] * (1.0 - rate * config.weight_decay)
            if config.optimizer == "adam":
                decay = config.adam_beta2
                first[name] = 0.9 * first[name] + 0.1 * g
                second[name] = decay * second[name] + (1.0 - decay) * g**2
                mean = first[name] / (1.0 - 0.9 ** (step + 1))
                root = np.sqrt(second[name] / (1.0 - decay ** (step + 1)))
                weights[name] = weights[name] - rate * mean / (root + config.epsilon)
            else:
                second[name] = second[name] + g**2
                change = rate * g / (np.sqrt(second[name]) + config.epsilon)
                weights[name] = weights[name] - change
    return weights


RATES = [0.01, 0.02, 0.005, 0.01, 0.03, 0.01, 0.001]


@pytest.mark.parametrize("optimizer", ["adam", "adagrad"])
@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"epsilon": 0.1},
        {"adam_beta2": 0.9},
        {"weight_prior": True},
        {"clip_norm": 0.5},
        {"clip_norm": 1e6},
        {"weight_decay": 0.9},
        {"weight_prior": True, "clip_norm": 2.0, "weight_decay": 0.5, "epsilon": 1e-4},
    ],
    ids=str,
)
def test_steps_are_those_of_numpy(optimizer: str, settings: dict[str, object]) -> None:
    config = TrainConfig(optimizer=optimizer, **settings)
    found, by_hand = trained(config, RATES), expected(config, RATES)
    for name, weight in found.items():
        np.testing.assert_allclose(weight, by_hand[name], rtol=2e-4, atol=2e-6, err_msg=name)


@pytest.mark.parametrize("optimizer", ["adam", "adagrad"])
@pytest.mark.parametrize(
    "settings", [{"weight_prior": True}, {"clip_norm": 0.5}, {"weight_decay": 0.9}], ids=str
)
def test_each_setting_makes_a_difference(optimizer: str, settings: dict[str, object]) -> None:
    """Or the comparison with numpy could not tell whether it was done."""
    plain = expected(TrainConfig(optimizer=optimizer), RATES)
    other = expected(TrainConfig(optimizer=optimizer, **settings), RATES)
    assert max(abs(plain[name] - other[name]).max() for name in plain) > 1e-4


def test_decay_spares_biases_and_gains() -> None:
    vae = build(VAEConfig(2, "conv", hidden=5, blocks=1, channels=2), 0)
    before = {name: weight.detach().clone() for name, weight in vae.named_parameters()}
    for weight in vae.parameters():
        weight.grad = torch.zeros_like(weight)
    config = TrainConfig(weight_decay=0.5)
    optimizer = build_optimizer(vae, config)
    optimizer.param_groups[0]["lr"] = 0.1
    take_step(optimizer, list(vae.parameters()), config, IMAGES)
    for name, weight in vae.named_parameters():
        kept = name.endswith("bias") or ".norm." in name or weight.ndim == 1
        torch.testing.assert_close(weight.detach(), before[name] * (1.0 if kept else 0.95))
    assert {name for name, weight in vae.named_parameters() if weight.ndim == 4}


@pytest.mark.parametrize("decay", [0.5, 0.999])
def test_the_ema_moves_by_its_formula(decay: float) -> None:
    ema, vae = build(TINY, 0).requires_grad_(False), build(TINY, 1)
    by_hand = {name: weight.double().numpy() for name, weight in ema.named_parameters()}
    for step in range(40):
        with torch.no_grad():
            for weight in vae.parameters():
                weight.add_(0.1)
        update_ema(ema, vae, decay, step)
        remembered = min(decay, (1 + step) / (10 + step))
        for name, weight in vae.named_parameters():
            live = weight.detach().double().numpy()
            by_hand[name] = remembered * by_hand[name] + (1 - remembered) * live
    for name, weight in ema.named_parameters():
        np.testing.assert_allclose(weight, by_hand[name], rtol=1e-4, atol=1e-5, err_msg=name)
        assert not weight.requires_grad


def test_the_order_of_the_optimisers_parameters_is_that_of_the_network() -> None:
    vae = build(TINY, 0)
    for name in ("adam", "adagrad"):
        (group,) = build_optimizer(vae, TrainConfig(optimizer=name)).param_groups
        assert all(
            one is other for one, other in zip(group["params"], vae.parameters(), strict=True)
        )
        assert group["lr"] == TrainConfig().learning_rate
