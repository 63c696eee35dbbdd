import math

import pytest
import torch

from model.settings import SettingError
from model.train.train_config import (
    TrainConfig,
    continued,
    resolve_device,
    resolve_precision,
    resolved,
)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("epochs", 0),
        ("epochs", 1.0),
        ("batch_size", 0),
        ("objective", "vae"),
        ("samples", 0),
        ("samples", 1001),
        ("kl_warm_up", -1.0),
        ("kl_warm_up", math.nan),
        ("optimizer", "sgd"),
        ("learning_rate", 0.0),
        ("learning_rate", -1e-3),
        ("learning_rate", math.nan),
        ("learning_rate", 11.0),
        ("schedule", "linear"),
        ("adam_beta2", 1.0),
        ("adam_beta2", -0.1),
        ("threads", -1),
        ("threads", 1025),
        ("epsilon", 0.0),
        ("clip_norm", -1.0),
        ("weight_decay", -0.1),
        ("weight_decay", 1.1),
        ("weight_prior", 1),
        ("initialisation", "orthogonal"),
        ("mean_bias", "yes"),
        ("ema_decay", 1.0),
        ("ema_decay", -0.1),
        ("patience", -1),
        ("beta", -0.5),
        ("beta", math.inf),
        ("beta", 1e39),
        ("seed", -1),
        ("seed", 2**63),
        ("dataset", "cifar"),
        ("device", "tpu"),
        ("precision", "float16"),
        ("compile", 0),
    ],
)
def test_wrong_settings_name_their_field(name: str, value: object) -> None:
    with pytest.raises(SettingError) as caught:
        TrainConfig(**{name: value})
    assert caught.value.name == name


@pytest.mark.parametrize(("name", "value"), [("beta", 0.5), ("beta", 0.0), ("kl_warm_up", 3.0)])
def test_the_doubly_reparametrised_gradient_refuses_another_weight_of_the_kl(
    name: str, value: float
) -> None:
    """Its formula holds for the bound itself alone; a setting that does nothing would be a lie."""
    for objective in ("elbo", "iwae"):
        TrainConfig(objective=objective, samples=5, **{name: value})
    with pytest.raises(SettingError) as caught:
        TrainConfig(objective="dreg", samples=5, **{name: value})
    assert caught.value.name == name
    assert "dreg" in caught.value.reason


# Devices


def test_the_cpu_is_always_there() -> None:
    assert resolve_device("cpu") == torch.device("cpu")
    assert resolve_device("auto").type == ("cuda" if torch.cuda.is_available() else "cpu")


@pytest.mark.parametrize("name", ["cuda", "mps"])
def test_a_device_that_is_not_here_is_refused(name: str) -> None:
    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if there[name]:
        pytest.skip(f"this machine has {name}")
    with pytest.raises(SettingError) as caught:
        resolve_device(name)
    assert caught.value.name == "device"
    assert "available: cpu" in caught.value.reason


# Precision


@pytest.mark.parametrize(
    ("capabilities", "precision"),
    [
        ({}, "float32"),
        ({"avx512_bf16": False, "amx_bf16": False, "avx512_vnni": True}, "float32"),
        ({"avx512_bf16": True}, "bfloat16"),
        ({"amx_bf16": True, "avx512_bf16": False}, "bfloat16"),
        ({"bf16": True, "architecture": "aarch64"}, "bfloat16"),
    ],
)
def test_without_a_choice_the_precision_is_what_the_processor_computes_in(
    capabilities: dict[str, object], precision: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: capabilities, raising=False)
    assert resolve_precision("auto", torch.device("cpu")) == precision
    assert resolve_precision("float32", torch.device("cpu")) == "float32"
    assert resolve_precision("bfloat16", torch.device("cpu")) == "bfloat16"


def test_a_torch_that_cannot_tell_computes_in_float32(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(torch.cpu, "get_capabilities", raising=False)
    assert resolve_precision("auto", torch.device("cpu")) == "float32"


@pytest.mark.parametrize("computes", [True, False])
def test_a_gpu_computes_in_bfloat16_where_it_has_it(
    computes: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def is_supported(including_emulation: bool = True) -> bool:
        return computes or including_emulation

    monkeypatch.setattr(torch.cuda, "is_bf16_supported", is_supported)
    expected = "bfloat16" if computes else "float32"
    assert resolve_precision("auto", torch.device("cuda")) == expected
    assert resolve_precision("auto", torch.device("mps")) == "float32"


# Settings of a run


def test_resolved_settings_name_what_this_machine_does() -> None:
    config = resolved(TrainConfig(device="cpu", precision="float32", threads=3))
    assert config == TrainConfig(device="cpu", precision="float32", threads=3)
    chosen = resolved(TrainConfig())
    assert chosen.device in ("cpu", "cuda")
    assert chosen.precision in ("float32", "bfloat16")
    assert chosen.threads == torch.get_num_threads()


def test_a_run_continues_for_longer_but_not_for_shorter_than_it_has_begun() -> None:
    config = TrainConfig(epochs=5, schedule="constant")
    assert continued(config, 5, begun=3) == config
    assert continued(config, 9, begun=5) == TrainConfig(epochs=9, schedule="constant")
    assert continued(config, 3, begun=3) == TrainConfig(epochs=3, schedule="constant")
    with pytest.raises(SettingError, match=r"^epochs 2 is less than the 3 that the run has begun"):
        continued(config, 2, begun=3)
    with pytest.raises(SettingError, match=r"^epochs must be at least 1, not 0$"):
        continued(config, 0, begun=1)


def test_a_cosine_schedule_has_as_many_epochs_as_it_was_laid_out_for() -> None:
    config = TrainConfig(epochs=5, schedule="cosine")
    assert continued(config, 5, begun=3) == config
    with pytest.raises(SettingError, match=r"^epochs 9 contradicts the 5 epochs over which "):
        continued(config, 9, begun=3)
