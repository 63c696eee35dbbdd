"""Presets: named configurations, published ones and the project's own."""

import textwrap
from dataclasses import dataclass, field
from typing import Any

from model.flags import typed
from model.network.vae import VAEConfig
from model.train.train_config import TrainConfig


@dataclass(frozen=True)
class Preset:
    """Settings that differ from the defaults.

    Attributes:
        explanation: one paragraph for `--preset list`.
        model: fields of VAEConfig.
        training: fields of TrainConfig.
    """

    explanation: str
    model: dict[str, Any] = field(default_factory=dict)
    training: dict[str, Any] = field(default_factory=dict)

    def flags(self) -> str:
        """The flags that amount to the preset."""
        settings = {**self.model, **self.training}
        return " ".join(typed(name, value) for name, value in settings.items())

    def configs(self) -> tuple[VAEConfig, TrainConfig]:
        """The two configurations of the preset."""
        return VAEConfig(**self.model), TrainConfig(**self.training)


# The published trainings have none of what a run without flags adds to them.
_PLAIN_NETWORK: dict[str, Any] = {"hidden": 512, "blocks": 3, "fourier_features": 0}
_PLAIN_TRAINING: dict[str, Any] = {
    "schedule": "constant",
    "adam_beta2": 0.999,
    "mean_bias": False,
    "ema_decay": 0.0,
    "weight_decay": 0.0,
}

PRESETS = {
    "paper": Preset(
        "Kingma and Welling 2014, for MNIST: one layer of 500 tanh units on either side, Adagrad, "
        "batches of 100, one sample, N(0, 0.01^2) as the start, and a standard normal prior on "
        "every weight. Step size 0.02, one of the three that the paper chose from; 200 epochs are "
        "the 10^7 samples of its figure 2.",
        model={**_PLAIN_NETWORK, "architecture": "mlp", "layers": "500", "activation": "tanh"},
        training={
            **_PLAIN_TRAINING,
            "epochs": 200,
            "batch_size": 100,
            "optimizer": "adagrad",
            "learning_rate": 0.02,
            "epsilon": 1e-8,
            "weight_prior": True,
            "initialisation": "normal",
        },
    ),
    "davidson": Preset(
        "The Gaussian VAE of Davidson et al. 2018 (table 1): layers of 256 and 128 ReLU units, "
        "mirrored, Adam with step size 1e-3, batches of 64, KL warm-up over 100 epochs, stopped "
        "after 50 epochs without a better validation ELBO. They give d = 2, 5, 10, 20, 40: "
        "--latent-dim.",
        model={**_PLAIN_NETWORK, "architecture": "mlp", "layers": "256-128", "activation": "relu"},
        training={
            **_PLAIN_TRAINING,
            "epochs": 1000,
            "batch_size": 64,
            "learning_rate": 1e-3,
            "kl_warm_up": 100.0,
            "patience": 50,
        },
    ),
    "iwae": Preset(
        "The importance-weighted autoencoder of Burda et al. 2016 with one stochastic layer: two "
        "layers of 200 tanh units on either side, 50 latent dimensions, 50 samples, batches of 20, "
        "Adam with epsilon 1e-4, and their staircase of step sizes over 3,280 epochs.",
        model={
            **_PLAIN_NETWORK,
            "latent_dim": 50,
            "architecture": "mlp",
            "layers": "200-200",
            "activation": "tanh",
        },
        training={
            **_PLAIN_TRAINING,
            "epochs": 3280,
            "batch_size": 20,
            "objective": "iwae",
            "samples": 50,
            "learning_rate": 1e-3,
            "schedule": "staircase",
            "epsilon": 1e-4,
            "initialisation": "glorot",
            "mean_bias": True,
        },
    ),
    "modern-2d": Preset(
        "Our own, for the best plane on two CPU cores: a residual MLP with Fourier features "
        "of z in the decoder, one-cycle cosine schedule, an EMA of the weights, and after 40 "
        "epochs an atlas, in which the encoder looks images up.",
        model={
            "hidden": 640,
            "blocks": 4,
            "encoder_hidden": 512,
            "encoder_blocks": 3,
            "fourier_features": 4,
            "atlas": 48,
        },
        training={
            "epochs": 120,
            "batch_size": 256,
            "learning_rate": 2e-3,
            "schedule": "cosine",
            "adam_beta2": 0.95,
            "mean_bias": True,
            "ema_decay": 0.999,
            "weight_decay": 0.0,
            "atlas_after": 40,
        },
    ),
    "m1": Preset(
        "M1 of Kingma et al. 2014: a VAE of two layers of 500 ReLU units on either side and 50 "
        "latent dimensions, whose latent points --preset m1+m2 learns from. The widths are "
        "theirs; activation, schedule and beta are ours: a smaller weight of the KL term leaves "
        "more of an image, and of its class, in its latent point.",
        model={
            "latent_dim": 50,
            "architecture": "mlp",
            "layers": "500-500",
            "activation": "relu",
            "fourier_features": 0,
        },
        training={"epochs": 60, "learning_rate": 1e-3, "beta": 0.4},
    ),
    "m2": Preset(
        "M2 of Kingma et al. 2014 with 100 labels (--labels): one layer of 500 ReLU units in "
        "encoder, decoder and classifier, 50 latent dimensions. The widths are theirs; activation, "
        "schedule and thirty times their weight of the classifier's term are ours, for 40 epochs "
        "where they took 3,000. With 100 labels it then errs more often than theirs; after 160 "
        "(--epochs 160), about as often.",
        model={
            "family": "m2",
            "latent_dim": 50,
            "architecture": "mlp",
            "layers": "500",
            "activation": "relu",
            "fourier_features": 0,
        },
        training={
            "epochs": 40,
            "batch_size": 250,
            "learning_rate": 2e-3,
            "classifier_weight": 3.0,
            "label_warm_up": 2.0,
            "label_floor": 0.01,
        },
    ),
    "m1+m2": Preset(
        "M1+M2 of Kingma et al. 2014 with 100 labels (--labels), on the latent points of an M1 "
        "(--m1 RUN). Ours, to need 60 epochs where they took 3,000: 10 latent dimensions in place "
        "of 50, too few to hold the class as well, so that the model needs y for it; one layer of "
        "1,000 ReLU units in encoder, decoder and classifier in place of 300; and the schedule.",
        model={
            "family": "m1+m2",
            "latent_dim": 10,
            "architecture": "mlp",
            "layers": "1000",
            "activation": "relu",
            "fourier_features": 0,
        },
        training={
            "epochs": 60,
            "batch_size": 250,
            "learning_rate": 3e-3,
            "label_warm_up": 0.5,
            "label_floor": 0.01,
        },
    ),
    "m2-2d": Preset(
        "Our own, for ten planes of style: an M2 of two latent dimensions that begins with the "
        "classifier of an M1+M2 (--classifier RUN) and learns ten epochs with it before it changes "
        "it. In a plane, an M2 that begins alone settles on classes of its own.",
        model={
            "family": "m2",
            "hidden": 384,
            "blocks": 3,
            "encoder_hidden": 384,
            "encoder_blocks": 2,
            "fourier_features": 4,
        },
        training={
            "epochs": 40,
            "batch_size": 250,
            "label_warm_up": 10.0,
            "label_floor": 0.001,
            "weight_decay": 0.0,
        },
    ),
}


def list_of_presets() -> str:
    """All presets with their explanations and flags, to be printed."""
    return "\n\n".join(
        f"{name}\n{_paragraph(preset.explanation)}\n{_paragraph(preset.flags())}"
        for name, preset in PRESETS.items()
    )


def _paragraph(text: str) -> str:
    # A flag that is broken at its hyphens cannot be copied.
    return textwrap.indent(textwrap.fill(text, 76, break_on_hyphens=False), "    ")
