"""TrainConfig: the settings of a training."""

from dataclasses import dataclass, replace

import torch

from model.data.catalogue import DATASETS
from model.network.class_conditional import CLASSES
from model.network.families import check_m1
from model.network.vae import VAEConfig
from model.settings import OnlyWith, SettingError, check, setting
from model.train.objectives import OBJECTIVES
from model.train.snapshot_schedule import KINDS

_WITH_CLASSES = OnlyWith("family", ("m2", "m1+m2"))


@dataclass(frozen=True)
class TrainConfig:
    """The settings of a training. Raises SettingError, naming the first value not allowed."""

    epochs: int = setting(52, "visits of every training image", minimum=1, maximum=100_000)
    batch_size: int = setting(256, "images in a step", minimum=1, maximum=50_000)
    objective: str = setting(
        "elbo",
        "; ".join(f"{name}: {kind.help}" for name, kind in OBJECTIVES.items()),
        choices=tuple(OBJECTIVES),
    )
    samples: int = setting(1, "draws of z for each image in a step", minimum=1, maximum=1000)
    beta: float = setting(
        1.0, "weight of the KL term; reported ELBOs always have 1", minimum=0.0, maximum=1e6
    )
    kl_warm_up: float = setting(
        0.0, "epochs over which beta rises from 0", minimum=0.0, maximum=100_000.0
    )
    optimizer: str = setting("adam", "adam or adagrad", choices=("adam", "adagrad"))
    learning_rate: float = setting(2e-3, "step size of the optimiser", above=0.0, maximum=10.0)
    schedule: str = setting(
        "cosine",
        "constant: one learning rate throughout; cosine: rises over the first fiftieth of the "
        "steps, then falls to zero; staircase: falls by 10^(1/7) after 1, 1 + 3, 1 + 3 + 9 ... "
        "epochs (Burda et al. 2016)",
        choices=("constant", "cosine", "staircase"),
    )
    adam_beta2: float = setting(
        0.95,
        "adam: beta2, the decay of its second-moment estimate",
        absent=0.999,
        minimum=0.0,
        maximum=0.999999,
        formerly="second_moment_decay",
        only_with=OnlyWith("optimizer", ("adam",)),
    )
    epsilon: float = setting(
        1e-8, "added to the denominators of the optimiser", above=0.0, maximum=1.0
    )
    clip_norm: float = setting(
        0.0,
        "shorten gradients that are longer than this (0: none)",
        minimum=0.0,
        maximum=1e9,
    )
    weight_decay: float = setting(
        0.1,
        "decoupled decay of weight matrices, in units of the learning rate",
        absent=0.0,
        minimum=0.0,
        maximum=1.0,
    )
    weight_prior: bool = setting(
        False, "a standard normal prior on every weight, as in Kingma and Welling 2014"
    )
    initialisation: str = setting(
        "torch",
        "torch: its default; normal: N(0, 0.01^2) for every weight (Kingma and Welling 2014); "
        "glorot: Glorot and Bengio 2010, biases zero",
        choices=("torch", "normal", "glorot"),
    )
    mean_bias: bool = setting(
        True, "start the decoder's bias at the logits of the mean training image", absent=False
    )
    ema_decay: float = setting(
        0.999,
        "decay of an exponential moving average (EMA) of the weights, which is then validated and "
        "saved (0: no average)",
        absent=0.0,
        minimum=0.0,
        maximum=0.999999,
        formerly="averaging",
    )
    atlas_after: int = setting(
        0,
        "epochs without the --atlas first, in which the plane takes shape",
        minimum=0,
        maximum=100_000,
        only_with=OnlyWith("atlas"),
    )
    patience: int = setting(
        0,
        "stop after this many epochs without a better validation ELBO, which uses no labels "
        "(0: never)",
        minimum=0,
        maximum=100_000,
    )
    snapshots: str = setting(
        "dense",
        "when to keep the weights, to be looked at. "
        + "; ".join(f"{kind}: {words}" for kind, words in KINDS.items()),
        absent="epochs",
        choices=tuple(KINDS),
    )
    snapshot_megabytes: int = setting(
        100,
        "disk space in MB for the snapshots of each hundred epochs; where it is little, later "
        "epochs have fewer of them",
        minimum=1,
        maximum=1_000_000,
        only_with=OnlyWith("snapshots", ("dense", "epochs")),
    )
    seed: int = setting(0, "seed of every random number", minimum=0, maximum=2**63 - 1)
    dataset: str = setting("mnist", "what to train on", choices=tuple(DATASETS))
    device: str = setting(
        "auto",
        "auto: cuda where there is one, else cpu",
        choices=("auto", "cpu", "cuda", "mps"),
        of_machine=True,
    )
    precision: str = setting(
        "auto",
        "of the matrix products; weights stay float32. auto: bfloat16 where the hardware computes "
        "in it, else float32",
        choices=("auto", "float32", "bfloat16"),
        of_machine=True,
    )
    threads: int = setting(
        0,
        "threads that share each batch on a CPU; another number draws other noise (0: one a core)",
        minimum=0,
        maximum=1024,
        of_machine=True,
    )
    compile: bool = setting(
        False, "compile the step first, which takes minutes; worthwhile for long runs on a GPU"
    )
    labels: int = setting(
        100,
        "training images whose class is known, as many of each class; 50000: all",
        minimum=10,
        maximum=50_000,
        only_with=_WITH_CLASSES,
    )
    label_seed: int = setting(
        0,
        "draws the images whose class is known",
        minimum=0,
        maximum=2**32 - 1,
        only_with=_WITH_CLASSES,
    )
    labelled_batch: int = setting(
        100,
        "images with a known class in each step, beside --batch-size others",
        minimum=1,
        maximum=50_000,
        only_with=_WITH_CLASSES,
    )
    classifier_weight: float = setting(
        0.1,
        "alpha / N: weight of the classifier's own term, the mean of log q(y|x) over the images "
        "with a known class (Kingma et al. 2014, eq. 9; 0: none, an ablation)",
        minimum=0.0,
        maximum=1e6,
        only_with=_WITH_CLASSES,
    )
    label_warm_up: float = setting(
        0.0,
        "epochs in which q(y|x) learns from the known classes alone, while the rest of the model "
        "learns to use it",
        minimum=0.0,
        maximum=100_000.0,
        only_with=_WITH_CLASSES,
    )
    label_floor: float = setting(
        0.0,
        "leave classes with a smaller q(y|x) out of an image's sum over classes, which is quicker "
        "and still a bound (0: sum over all)",
        minimum=0.0,
        maximum=0.05,
        only_with=_WITH_CLASSES,
    )
    classifier_alone: bool = setting(
        False,
        "train q(y|x) on the images with a known class and nothing else, and keep the last epoch "
        "(an ablation)",
        only_with=_WITH_CLASSES,
    )

    def __post_init__(self) -> None:
        check(self)
        if self.labels % CLASSES:
            raise SettingError(
                "labels",
                f"must be a multiple of {CLASSES}, as many of each class, not {self.labels}",
            )
        if self.objective == "dreg" and self.beta != 1.0:
            raise SettingError("beta", f"must be 1 with the objective dreg, not {self.beta}")
        if self.objective == "dreg" and self.kl_warm_up:
            raise SettingError(
                "kl_warm_up", f"must be 0 with the objective dreg, not {self.kl_warm_up}"
            )


def check_family(vae_config: VAEConfig, config: TrainConfig) -> None:
    """Check that a training suits its family of models.

    Raises:
        SettingError: naming the setting that it cannot have.
    """
    if vae_config.family == "vae":
        return
    check_m1(vae_config)
    asked = {"objective": "elbo", "beta": 1.0, "kl_warm_up": 0.0}
    for name, only in asked.items():
        if getattr(config, name) != only:
            raise SettingError(
                name,
                f"must be {only} with the family {vae_config.family}, not {getattr(config, name)}",
            )
    if config.compile:  # each batch has another number of classes to sum over: another program
        raise SettingError(
            "compile", f"must be off with the family {vae_config.family}; leave it out"
        )
    if config.classifier_alone and not config.classifier_weight:
        raise SettingError("classifier_weight", "must not be 0 where the classifier learns alone")
    if config.classifier_alone and config.patience:  # its bound is that of a network that rests
        raise SettingError(
            "patience", "must be 0 where the classifier learns alone: its last epoch is kept"
        )


def resolved(config: TrainConfig) -> TrainConfig:
    """The settings with the device, the precision and the threads that they mean on this machine.

    Raises:
        SettingError: the device is not here.
    """
    device = resolve_device(config.device)
    return replace(
        config,
        device=device.type,
        precision=resolve_precision(config.precision, device),
        threads=resolve_threads(config.threads),
    )


def continued(config: TrainConfig, epochs: int, begun: int) -> TrainConfig:
    """The settings of a run that continues for another number of epochs.

    Args:
        config: the settings so far.
        epochs: of the whole run.
        begun: how many of them have begun.

    Raises:
        SettingError: the run cannot have so many epochs.
    """
    if epochs != config.epochs and config.schedule == "cosine":
        raise SettingError(
            "epochs",
            f"{epochs} contradicts the {config.epochs} epochs over which the learning rate of this "
            "run falls to zero (--schedule cosine); leave it out, or train anew with "
            f"--epochs {epochs}",
        )
    config = replace(config, epochs=epochs)
    if epochs < begun:
        raise SettingError("epochs", f"{epochs} is less than the {begun} that the run has begun")
    return config


def resolve_device(name: str) -> torch.device:
    """The device of a setting on this machine.

    Raises:
        SettingError: it names a device that is not here.
    """
    available = {
        "cpu": True,
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
    }
    if name == "auto":
        return torch.device("cuda" if available["cuda"] else "cpu")
    if not available[name]:
        here = ", ".join(device for device, there in available.items() if there)
        raise SettingError("device", f"{name} is not available on this machine; available: {here}")
    return torch.device(name)


def resolve_precision(name: str, device: torch.device) -> str:
    """The precision of a setting on a device: `float32` or `bfloat16`."""
    if name != "auto":
        return name
    return "bfloat16" if _computes_in_bfloat16(device) else "float32"


def resolve_threads(threads: int) -> int:
    """The number of threads of a setting on this machine."""
    return threads or torch.get_num_threads()


def _computes_in_bfloat16(device: torch.device) -> bool:
    """Whether the hardware has instructions for bfloat16; emulated, it is slower than float32."""
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    if device.type != "cpu":
        return False
    # torch 2.6 does not have this function; float32 is always right.
    capabilities: dict[str, object] = getattr(torch.cpu, "get_capabilities", dict)()
    return any(bool(capabilities.get(name)) for name in ("avx512_bf16", "amx_bf16", "bf16"))
