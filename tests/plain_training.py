"""Adam at one rate, and nothing else: what the tests of training begin with.

What a run without flags adds to it is for the tests that name it.
"""

PLAIN = {
    "learning_rate": 1e-3,
    "schedule": "constant",
    "adam_beta2": 0.999,
    "mean_bias": False,
    "ema_decay": 0.0,
    "weight_decay": 0.0,
}
