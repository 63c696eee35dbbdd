import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from model.network.initialisation import build
from model.network.vae import VAE, VAEConfig
from model.train.optimisation import build_optimizer, take_step, update_average
from model.train.train_config import TrainConfig

Array = NDArray[np.float64]

TINY = VAEConfig(2, hidden=5, blocks=1)
STEPS = 7
IMAGES = 400


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
                decay = config.second_moment_decay
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
        {"second_moment_decay": 0.9},
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
def test_the_average_moves_by_its_formula(decay: float) -> None:
    average, vae = build(TINY, 0).requires_grad_(False), build(TINY, 1)
    by_hand = {name: weight.double().numpy() for name, weight in average.named_parameters()}
    for step in range(40):
        with torch.no_grad():
            for weight in vae.parameters():
                weight.add_(0.1)
        update_average(average, vae, decay, step)
        remembered = min(decay, (1 + step) / (10 + step))
        for name, weight in vae.named_parameters():
            live = weight.detach().double().numpy()
            by_hand[name] = remembered * by_hand[name] + (1 - remembered) * live
    for name, weight in average.named_parameters():
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
