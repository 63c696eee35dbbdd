"""Optimisation: schedules, the optimiser, one step, and the EMA of the weights."""

import math
from collections.abc import Iterable

import torch
from torch import nn
from torch.nn import Parameter
from torch.optim import Optimizer

from model.network.families import Network, trained_parameters
from model.train.train_config import TrainConfig


def learning_rate_at(config: TrainConfig, step: int, batches: int) -> float:
    """The learning rate of a step, counted from 0, at `batches` steps an epoch."""
    if config.schedule == "constant":
        return config.learning_rate
    if config.schedule == "staircase":
        return float(config.learning_rate * 10.0 ** (-_stair(step // batches) / 7.0))
    steps = batches * config.epochs
    warm_up = max(1, steps // 50)
    if step < warm_up:
        return config.learning_rate * (step + 1) / warm_up
    progress = (step - warm_up) / max(1, steps - warm_up)
    return config.learning_rate * 0.5 * (1.0 + math.cos(math.pi * progress))


def _stair(epoch: int) -> int:
    """The stair of an epoch, counted from 0: stair i is 3^i epochs long.

    Source: Burda et al. 2016, section 5: i = 0 .. 7, 3280 epochs; the last stair goes on for ever.
    """
    stair = 0
    while stair < 7 and epoch >= (3 ** (stair + 1) - 1) // 2:
        stair += 1
    return stair


def beta_at(config: TrainConfig, step: int, batches: int) -> float:
    """The weight of the KL in a step, counted from 0, at `batches` steps an epoch."""
    warm_up = config.kl_warm_up * batches
    return config.beta * min(1.0, step / warm_up) if warm_up else config.beta


def build_optimizer(network: Network, config: TrainConfig) -> Optimizer:
    """Adam (Kingma and Ba 2015) or Adagrad (Duchi et al. 2011), as the settings say.

    The order of its parameters is that of `trained_parameters(network)`.
    """
    parameters = [parameter for _, parameter in trained_parameters(network)]
    rate = config.learning_rate
    if config.optimizer == "adagrad":
        return torch.optim.Adagrad(parameters, lr=rate, eps=config.epsilon, fused=_fuses(network))
    decays = (0.9, config.adam_beta2)
    return torch.optim.Adam(parameters, lr=rate, betas=decays, eps=config.epsilon, fused=True)


def _fuses(network: Network) -> bool:
    """Whether torch has a fused Adagrad: on the CPU alone."""
    return next(network.parameters()).device.type == "cpu"


def take_step(
    optimizer: Optimizer, parameters: list[Parameter], config: TrainConfig, images: int
) -> None:
    """Change the parameters along their gradients.

    Args:
        optimizer: theirs, with its learning rate set.
        parameters: all of them, with gradients of the negative objective per image.
        config: weight_prior, clip_norm, weight_decay.
        images: the number of training images, over which the prior on the weights is divided.
    """
    if config.weight_prior:
        # log p(weights) = -|weights|^2 / 2, beside the sum over all images (eq. 3, appendix F).
        _add_scaled(parameters, 1.0 / images)
    if config.clip_norm:
        nn.utils.clip_grad_norm_(parameters, config.clip_norm)
    if config.weight_decay:
        _shrink(parameters, 1.0 - optimizer.param_groups[0]["lr"] * config.weight_decay)
    optimizer.step()


@torch.no_grad()
def _add_scaled(parameters: Iterable[Parameter], scale: float) -> None:
    for parameter in parameters:
        assert parameter.grad is not None
        parameter.grad.add_(parameter, alpha=scale)


@torch.no_grad()
def _shrink(parameters: Iterable[Parameter], factor: float) -> None:
    """Decay matrices and kernels, but neither biases nor gains."""
    for parameter in parameters:
        if parameter.ndim > 1:
            parameter.mul_(factor)


@torch.no_grad()
def update_ema(ema: Network, network: Network, decay: float, step: int) -> None:
    """Move the exponential moving average of the weights towards the live weights.

    Args:
        ema: the averaged network, changed in place.
        network: the live network, after this step.
        decay: the EMA decay.
        step: how many steps the run has done; the decay is smaller in the first ones, so that the
            random start is forgotten.
    """
    weight = 1.0 - min(decay, (1.0 + step) / (10.0 + step))
    torch._foreach_lerp_(list(ema.parameters()), list(network.parameters()), weight)
