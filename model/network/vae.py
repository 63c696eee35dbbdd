"""The variational autoencoder of Kingma and Welling (2014) for 28 x 28 images.

    prior            p(z)   = N(0, I)
    encoder          q(z|x) = N(mean(x), diag exp log_variance(x))
    decoder          p(x|z) = prod over pixels of Bernoulli(sigmoid(logits(z)))

The layers between images and latent points are built in `model.network.blocks`.

Shapes: B images in a batch, D latent dimensions, 784 pixels, row by row from the top.
Units: the terms of the ELBO are in nats per image.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor, nn

from model.network.atlas import Atlas
from model.network.blocks import PIXELS, Widths, decoder_body, encoder_body
from model.network.densities import ELBOTerms, Posterior, kl_divergence, log_likelihood
from model.settings import OnlyWith, SettingError, check, setting

# Weights and atlas: 48 MB in float32, so that a checkpoint stays below the size that its reader
# accepts.
MAX_PARAMETERS = 12_000_000
MOST_LAYERS = 8  # hidden ones, of plain networks
FAMILIES = ("vae", "m2", "m1+m2")

_MLP = OnlyWith("architecture", ("mlp",))
_RESIDUAL = OnlyWith("architecture", ("residual", "conv"))


@dataclass(frozen=True)
class VAEConfig:
    """The settings of a network: everything that is needed to build it.

    Raises:
        SettingError: naming the first field with a value that is not allowed, or `hidden` or
            `layers` if the network would have more than `MAX_PARAMETERS` weights.
    """

    latent_dim: int = setting(2, "dimensions of the latent space", minimum=1, maximum=512)
    architecture: str = setting(
        "residual",
        "mlp: plain layers (--layers); residual: a residual MLP (--hidden, --blocks); conv: a "
        "residual MLP behind two convolutions, mirrored in the decoder (--channels too)",
        choices=("mlp", "residual", "conv"),
    )
    layers: str = setting(
        "500",
        "mlp: widths of the encoder's hidden layers, such as 256-128; the decoder mirrors them",
        only_with=_MLP,
    )
    activation: str = setting(
        "tanh",
        "mlp: the function after each hidden layer",
        choices=("tanh", "relu", "silu", "softplus"),
        only_with=_MLP,
    )
    hidden: int = setting(
        640,
        "residual, conv: width of the hidden layers",
        minimum=1,
        maximum=4096,
        only_with=_RESIDUAL,
    )
    blocks: int = setting(
        2,
        "residual, conv: blocks in the encoder and in the decoder",
        minimum=1,
        maximum=16,
        only_with=_RESIDUAL,
    )
    encoder_hidden: int = setting(
        0,
        "residual, conv: another width for the encoder (0: --hidden)",
        minimum=0,
        maximum=4096,
        only_with=_RESIDUAL,
    )
    encoder_blocks: int = setting(
        0,
        "residual, conv: another depth for the encoder (0: --blocks)",
        minimum=0,
        maximum=16,
        only_with=_RESIDUAL,
    )
    channels: int = setting(
        32,
        "conv: channels at 14 x 14 pixels; twice as many at 7 x 7",
        minimum=1,
        maximum=256,
        only_with=OnlyWith("architecture", ("conv",)),
    )
    fourier_features: int = setting(
        4,
        "the decoder's inputs are z and, for k up to this number, sin(k z) and cos(k z)",
        absent=0,
        minimum=0,
        maximum=64,
        formerly="sines",
    )
    atlas: int = setting(
        0,
        "let the encoder look images up in a grid of decoded places, with this many a side of the "
        "plane, and refine the best (0: no atlas)",
        minimum=0,
        maximum=64,
        only_with=OnlyWith("family", ("vae",)),
    )
    family: str = setting(
        "vae",
        "vae: images x and latent points z; m2: a class y beside z, known of some images "
        "(Kingma et al. 2014); m1+m2: m2 on the latent points of a VAE (--m1)",
        choices=FAMILIES,
    )
    classifier_layers: str = setting(
        "",
        "m2: widths of ReLU layers of q(y|x), such as 500-500-300 (nothing: as the encoder's)",
        filled_in=True,
        only_with=OnlyWith("family", ("m2",)),
    )
    m1_network: str = setting(
        "",
        "m1+m2: latent dimensions, layers and activation of M1, such as 50:500-500:softplus",
        filled_in=True,
        only_with=OnlyWith("family", ("m1+m2",)),
    )

    def __post_init__(self) -> None:
        check(self)
        self._check_layers()
        self._check_atlas()
        self._check_family()
        parameters = count_weights(VAE, self)
        if parameters > MAX_PARAMETERS:
            name = "layers" if self.architecture == "mlp" else "hidden"
            raise SettingError(
                name,
                f"{getattr(self, name)} makes a network of {parameters:,} weights; "
                f"the limit is {MAX_PARAMETERS:,}",
            )

    def _check_layers(self) -> None:
        for name in ("layers", "classifier_layers"):
            layers = getattr(self, name)
            if name == "classifier_layers" and not layers:
                continue
            widths = layers.split("-")
            sound = len(widths) <= MOST_LAYERS and all(
                width.isascii() and width.isdigit() and len(width) <= 4 and 1 <= int(width) <= 4096
                for width in widths
            )
            if not sound:
                raise SettingError(
                    name,
                    "must be one to eight widths between 1 and 4096, such as 256-128, "
                    f"not {layers!r}",
                )

    def _check_atlas(self) -> None:
        if self.atlas == 1:
            raise SettingError("atlas", "must be 0, or at least 2 places a side")
        if self.atlas and self.latent_dim != 2:
            raise SettingError(
                "atlas", f"is of a plane; with {self.latent_dim} latent dimensions it must be 0"
            )
        if self.atlas and self.architecture == "conv":
            raise SettingError("atlas", "goes with the architectures mlp and residual, not conv")

    def _check_family(self) -> None:
        if self.family != "vae" and self.atlas:
            raise SettingError("atlas", f"must be 0 with the family {self.family}")
        if self.family == "m1+m2" and self.architecture == "conv":
            raise SettingError("architecture", "must be mlp or residual with the family m1+m2")
        if self.family != "m2" and self.classifier_layers:
            raise SettingError("classifier_layers", f"must be empty with the family {self.family}")
        if self.family != "m1+m2" and self.m1_network:
            raise SettingError("m1_network", f"must be empty with the family {self.family}")
        _ = self.m1  # or an error

    @property
    def m1(self) -> "VAEConfig | None":
        """The VAE below an M1+M2, whose latent points it describes.

        None in other families, and in an M1+M2 whose M1 is not named yet: a preset is one.

        Raises:
            SettingError: `m1_network` is not written as it must be.
        """
        if not self.m1_network:
            return None
        found = re.fullmatch(r"([0-9]{1,3}):([0-9-]{1,40}):([a-z]{1,10})", self.m1_network)
        if found is None:
            raise SettingError(
                "m1_network", f"must look like 50:500-500:softplus, not {self.m1_network!r}"
            )
        latent_dim, layers, activation = found.groups()
        try:
            return VAEConfig(
                latent_dim=int(latent_dim),
                architecture="mlp",
                layers=layers,
                activation=activation,
                fourier_features=0,
            )
        except SettingError as error:
            raise SettingError("m1_network", f"{self.m1_network!r}: {error}") from error

    @property
    def noise_dim(self) -> int:
        """The standard normal numbers of one draw of an image's latent points."""
        return self.latent_dim + (0 if self.m1 is None else self.m1.latent_dim)

    @property
    def summary(self) -> str:
        """The network in a few words, such as "residual, 3 × 512"."""
        if self.architecture == "mlp":
            words = f"{self.activation} {self.layers}"
        else:
            channels = f" {self.channels}" if self.architecture == "conv" else ""
            words = f"{self.architecture}{channels}, {self.blocks} × {self.hidden}"
        if self.fourier_features:
            words += f", Fourier features {self.fourier_features}"
        if self.family != "vae":
            words = f"{self.family.upper()}, {words}"
        return f"{words}, atlas {self.atlas}²" if self.atlas else words

    @property
    def widths(self) -> Widths:
        """The widths and depths for `model.network.blocks`."""
        return Widths(
            layers=tuple(int(width) for width in self.layers.split("-")),
            hidden=self.hidden,
            blocks=self.blocks,
            encoder_hidden=self.encoder_hidden or self.hidden,
            encoder_blocks=self.encoder_blocks or self.blocks,
            channels=self.channels,
        )


class Encoder(nn.Module):
    """Images (B, 784) in [0, 1] -> Posterior.

    With an atlas, the network gives the mean as an offset from the place where the image was found,
    and the standard deviation, both in units of the spacing there.
    """

    def __init__(self, config: VAEConfig) -> None:
        super().__init__()
        self.atlas = Atlas(config.atlas) if config.atlas else None
        self.body, hidden = encoder_body(
            config.architecture,
            config.activation,
            config.widths,
            PIXELS + (Atlas.FEATURES if config.atlas else 0),
        )
        self.mean = nn.Linear(hidden, config.latent_dim)
        self.log_variance = nn.Linear(hidden, config.latent_dim)

    def forward(self, x: Tensor) -> Posterior:
        """(B, 784) -> two tensors (B, D), in the precision of x even if the layers have another."""
        if self.atlas is None:
            return self._posterior(x, x.dtype)
        found = self.atlas(x)
        near = self._posterior(torch.cat([x, found.features], dim=1), x.dtype)
        return Posterior(
            found.place + found.spacing * near.mean,
            near.log_variance + 2.0 * found.spacing.log(),
        )

    @torch.no_grad()
    def begin_where_found(self) -> None:
        """Reset the outputs to the place where an image was found and the spacing there.

        For the moment when an empty atlas is filled: it changes what the outputs mean.
        """
        for layer in (self.mean, self.log_variance):
            for weight in layer.parameters():
                weight.zero_()

    def _posterior(self, inputs: Tensor, dtype: torch.dtype) -> Posterior:
        h = self.body(inputs)
        return Posterior(self.mean(h).to(dtype), self.log_variance(h).to(dtype))


class Decoder(nn.Module):
    """Latent points (B, D) -> logits of the pixels' Bernoulli distributions (B, 784)."""

    def __init__(self, config: VAEConfig) -> None:
        super().__init__()
        self.body, self.logits = decoder_body(
            config.architecture,
            config.activation,
            config.widths,
            config.latent_dim,
            config.fourier_features,
        )

    def forward(self, z: Tensor) -> Tensor:
        """(B, D) -> (B, 784)."""
        logits: Tensor = self.logits(self.body(z))
        return logits

    @property
    def output_bias(self) -> nn.Parameter:
        """The bias of the logits, (784,)."""
        *_, last = self.logits.modules()
        bias = last.bias
        assert isinstance(bias, nn.Parameter)
        return bias


class VAE(nn.Module):
    """A variational autoencoder: an encoder and its decoder."""

    def __init__(self, config: VAEConfig) -> None:
        super().__init__()
        self.config = config
        self.encoder = Encoder(config)
        self.decoder = Decoder(config)

    def fill_atlas(self, shift: tuple[float, float] = (0.5, 0.5)) -> None:
        """Decode the encoder's atlas again, if it has one, with the `shift` of `Atlas.fill`."""
        if self.encoder.atlas is not None:
            self.encoder.atlas.fill(self.decoder, shift)

    def posterior(self, x: Tensor) -> Posterior:
        """q(z|x) of images (B, 784) in [0, 1]."""
        posterior: Posterior = self.encoder(x)
        return posterior

    def forward(self, x: Tensor, generator: torch.Generator | None = None) -> ELBOTerms:
        """One-sample estimate of the ELBO's terms of images x (B, 784), each (B,) (eq. 10)."""
        posterior = self.posterior(x)
        logits = self.decoder(posterior.sample(generator))
        return ELBOTerms(log_likelihood(logits, x), kl_divergence(*posterior))


@lru_cache(maxsize=64)  # to make a network takes milliseconds; snapshots of a run are all alike
def count_weights(kind: Callable[[VAEConfig], nn.Module], config: VAEConfig) -> int:
    """How many weights and fixed numbers a network of some kind has, made from a configuration."""
    with torch.device("meta"):
        return sum(weight.numel() for weight in kind(config).state_dict().values())
