"""What changes during a run by plan: the learning rate, and the weight of the KL."""

import math

from model.train.train_config import TrainConfig


def learning_rate_at(config: TrainConfig, step: int, batches: int) -> float:
    """The learning rate of a step, counted from 0, with `batches` steps in an epoch."""
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
    """The stair on which an epoch, counted from 0, lies: stair i is 3^i epochs long.

    Source: Burda et al. 2016, section 5: i = 0 .. 7, 3280 epochs; the last stair is kept after.
    """
    stair = 0
    while stair < 7 and epoch >= (3 ** (stair + 1) - 1) // 2:
        stair += 1
    return stair


def beta_at(config: TrainConfig, step: int, batches: int) -> float:
    """The weight of the KL in a step, counted from 0, with `batches` steps in an epoch."""
    warm_up = config.kl_warm_up * batches
    return config.beta * min(1.0, step / warm_up) if warm_up else config.beta
