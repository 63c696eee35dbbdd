import dataclasses
import math
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.network.vae import VAEConfig
from model.settings import SettingError, check, restore, setting, with_present_names
from model.train.train_config import TrainConfig


@dataclass(frozen=True)
class Sample:
    count: int = setting(3, "a count", minimum=1, maximum=10)
    rate: float = setting(0.5, "a rate", above=0.0, maximum=1.0)
    weight: float = setting(1.0, "a weight", minimum=0.0)
    colour: str = setting("red", "a colour", choices=("red", "green"))
    loud: bool = setting(False, "whether it is loud")

    def __post_init__(self) -> None:
        check(self)


def test_defaults_and_limits_themselves_are_allowed() -> None:
    assert Sample() == Sample(3, 0.5, 1.0, "red", False)
    Sample(count=1)
    Sample(count=10)
    Sample(rate=1.0)
    Sample(weight=0.0)
    Sample(rate=1)  # a whole number is a number
    Sample(loud=True)


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("count", 0, "count must be at least 1, not 0"),
        ("count", 11, "count must be at most 10, not 11"),
        ("count", 3.0, "count must be a whole number, not 3.0"),
        ("count", True, "count must be a whole number, not True"),
        ("count", "3", "count must be a whole number, not '3'"),
        ("count", None, "count must be a whole number, not None"),
        ("rate", 0.0, "rate must be greater than 0.0, not 0.0"),
        ("rate", -1, "rate must be greater than 0.0, not -1"),
        ("rate", 1.5, "rate must be at most 1.0, not 1.5"),
        ("rate", "fast", "rate must be a number, not 'fast'"),
        ("rate", False, "rate must be a number, not False"),
        ("rate", [0.5], "rate must be a number, not [0.5]"),
        ("weight", -0.1, "weight must be at least 0.0, not -0.1"),
        ("weight", math.nan, "weight must be a finite number, not nan"),
        ("weight", math.inf, "weight must be a finite number, not inf"),
        ("colour", "blue", "colour must be one of red, green, not 'blue'"),
        ("colour", 1, "colour must be a word, not 1"),
        ("loud", 1, "loud must be true or false, not 1"),
        ("loud", "yes", "loud must be true or false, not 'yes'"),
    ],
)
def test_a_wrong_value_is_refused_and_named(name: str, value: object, sentence: str) -> None:
    with pytest.raises(SettingError) as caught:
        Sample(**{name: value})
    assert str(caught.value) == sentence
    assert caught.value.name == name
    assert f"{name} {caught.value.reason}" == sentence


@pytest.mark.parametrize("name", ["count", "rate", "weight"])
@pytest.mark.parametrize("sign", [1, -1])
def test_a_whole_number_beyond_all_floats_is_refused(name: str, sign: int) -> None:
    with pytest.raises(SettingError) as caught:
        Sample(**{name: sign * 10**400})
    assert str(caught.value) == f"{name} has too many digits"


def test_the_first_wrong_field_is_named() -> None:
    with pytest.raises(SettingError, match=r"^count "):
        Sample(count=0, rate=7.0)


@dataclass(frozen=True)
class Renamed:
    volume: int = setting(3, "how loud", formerly="loudness")
    pitch: int = setting(1, "how high")


def test_stored_values_under_a_former_name_get_the_present_one() -> None:
    stored = {"loudness": 5, "pitch": 2}
    assert with_present_names(Renamed, stored) == {"volume": 5, "pitch": 2}
    assert stored == {"loudness": 5, "pitch": 2}
    assert with_present_names(Renamed, {"volume": 4}) == {"volume": 4}
    assert with_present_names(Renamed, {"": 1, "other": 2}) == {"": 1, "other": 2}


def test_a_value_under_both_names_is_refused() -> None:
    with pytest.raises(SettingError, match=r"^volume is there twice, once as loudness$"):
        with_present_names(Renamed, {"volume": 5, "loudness": 5})


@dataclass(frozen=True)
class Deepened:
    width: int = setting(3, "how wide")
    depth: int = setting(5, "how deep", formerly="layers", absent=0)


def test_a_file_without_a_field_means_what_was_so_before_the_field_existed() -> None:
    assert Deepened().depth == 5
    assert restore(Deepened, {}) == Deepened(depth=0)
    assert restore(Deepened, {"width": 4}) == Deepened(width=4, depth=0)
    assert restore(Deepened, {"depth": 7}) == restore(Deepened, {"layers": 7}) == Deepened(depth=7)
    with pytest.raises(SettingError, match=r"^depth is there twice"):
        restore(Deepened, {"depth": 7, "layers": 7})
    with pytest.raises(TypeError):
        restore(Deepened, {"height": 1})


@pytest.mark.parametrize("config", [VAEConfig, TrainConfig])
def test_no_former_name_is_that_of_a_field(config: type[Any]) -> None:
    fields = dataclasses.fields(config)
    former = [field.metadata["formerly"] for field in fields if field.metadata["formerly"]]
    assert len(set(former)) == len(former)
    assert not set(former) & {field.name for field in fields}


anything = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(),
    st.lists(st.integers()),
    st.dictionaries(st.text(), st.integers()),
    st.binary(),
    st.sampled_from([10**4000, -(10**400), "\ud800", "mnist", "mlp", "256-128", "cpu"]),
)
real_fields = [
    (config, field.name)
    for config in (VAEConfig, TrainConfig)
    for field in dataclasses.fields(config)
]


@given(st.sampled_from(real_fields), anything)
def test_a_configuration_is_made_or_refused_with_the_name_of_the_field(
    target: tuple[type[Any], str], value: object
) -> None:
    config, name = target
    refused = None
    try:
        made = config(**{name: value})
    except SettingError as error:
        refused = error
    if refused is not None:
        assert refused.name == name
    else:
        assert getattr(made, name) is value
        assert not isinstance(value, float) or math.isfinite(value)


@pytest.mark.parametrize("config", [VAEConfig, TrainConfig])
def test_every_field_has_a_help_text_and_a_default_that_is_allowed(config: type[Any]) -> None:
    check(config())
    for field in dataclasses.fields(config):
        assert field.metadata["help"]
        assert field.metadata["choices"] is None or field.default in field.metadata["choices"]
