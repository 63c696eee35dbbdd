import argparse
import dataclasses
from dataclasses import dataclass

import pytest

from model.flags import (
    Parser,
    UsageError,
    add_settings,
    check_agreement,
    configured,
    flag,
    given,
    settings_named_as_flags,
)
from model.settings import SettingError, check, setting


@dataclass(frozen=True)
class Soup:
    plates: int = setting(2, "how many, 100 % full", minimum=1, maximum=9)
    degrees: float = setting(70.0, "how hot", above=0.0, formerly="heat")
    with_salt: bool = setting(False, "whether there is salt")
    kind: str = setting("leek", "which", choices=("leek", "bean"))
    name: str = setting("today", "what to call it")
    cook: str = setting("anyone", "who is to make it", of_machine=True)

    def __post_init__(self) -> None:
        check(self)


def parsed(*arguments: str) -> argparse.Namespace:
    parser = Parser(prog="soup")
    add_settings(parser, Soup)
    return parser.parse_args(arguments)


def test_the_flag_of_a_field() -> None:
    assert flag("with_salt") == "--with-salt"


def test_what_is_not_given_is_not_there() -> None:
    assert given(parsed(), Soup) == {}
    assert configured(Soup, {}, parsed()) == Soup()


def test_every_kind_of_setting_can_be_given() -> None:
    flags = parsed(
        "--plates", "3", "--degrees", "55", "--with-salt", "--kind", "bean", "--name", "a b"
    )
    assert given(flags, Soup) == {
        "plates": 3,
        "degrees": 55.0,
        "with_salt": True,
        "kind": "bean",
        "name": "a b",
    }
    assert configured(Soup, {}, flags) == Soup(3, 55.0, True, "bean", "a b")


def test_a_flag_wins_over_a_preset_and_a_preset_over_the_default() -> None:
    preset = {"plates": 5, "with_salt": True, "kind": "bean"}
    assert configured(Soup, preset, parsed()) == Soup(5, 70.0, True, "bean")
    # Also where it says what the default says.
    flags = parsed("--plates", "2", "--no-with-salt")
    assert configured(Soup, preset, flags) == Soup(2, 70.0, False, "bean")


def test_a_former_flag_still_works_but_is_not_shown(capsys: pytest.CaptureFixture[str]) -> None:
    flags = parsed("--heat", "55")
    assert given(flags, Soup) == {"degrees": 55.0}
    with pytest.raises(UsageError, match=r"^--degrees 55\.0 contradicts the 70\.0 "):
        check_agreement(Soup(), flags)
    with pytest.raises(UsageError, match=r"^--degrees must be greater than 0\.0, not -1\.0\.$"):
        configured(Soup, {}, parsed("--heat", "-1"))
    with pytest.raises(SystemExit):
        parsed("--help")
    assert "heat" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--plates", "10"], "--plates must be at most 9, not 10."),
        (["--plates", "two"], "--plates must be a whole number, not 'two'."),
        (["--plates", "2.5"], "--plates must be a whole number, not '2.5'."),
        (["--degrees", "nan"], "--degrees must be a finite number, not nan."),
        (["--kind", "stone"], "--kind must be one of leek, bean, not 'stone'."),
    ],
)
def test_a_wrong_value_names_its_flag(arguments: list[str], sentence: str) -> None:
    with pytest.raises(UsageError) as caught:
        configured(Soup, {}, parsed(*arguments))
    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--plates"], "--plates: expected one argument"),
        (["--plate", "3"], "Unrecognized arguments: --plate 3"),
        (["spoon"], "Unrecognized arguments: spoon"),
        (["--with-salt=yes"], "ignored explicit argument 'yes'"),
    ],
)
def test_a_wrong_line_is_one_sentence(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(UsageError) as caught:
        parsed(*arguments)
    assert words in str(caught.value)
    assert str(caught.value).endswith("; see --help.")
    assert "\n" not in str(caught.value)
    assert capsys.readouterr() == ("", "")


def test_the_help_says_defaults_and_choices(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parsed("--help")
    shown = " ".join(capsys.readouterr().out.split())
    assert "--plates PLATES how many, 100 % full (default: 2)" in shown
    assert "--with-salt, --no-with-salt whether there is salt (default: no)" in shown
    assert "--kind leek|bean which (default: leek)" in shown


def test_the_help_is_never_broken_at_a_hyphen(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    parser = Parser(prog="soup")
    parser.add_argument("--salt", help="as in --a-flag-with-many-hyphens " * 9)
    for columns in range(60, 90):
        monkeypatch.setenv("COLUMNS", str(columns))
        with pytest.raises(SystemExit):
            parser.parse_args(["--help"])
        assert capsys.readouterr().out.count("--a-flag-with-many-hyphens") == 9


# Agreement with what is stored


def test_flags_that_say_what_is_stored_agree() -> None:
    stored = Soup(3, 55.0, True, "bean")
    check_agreement(stored, parsed())
    check_agreement(stored, parsed("--plates", "3", "--with-salt", "--kind", "bean"))
    check_agreement(stored, parsed("--degrees", "5.5e1"))


def test_a_flag_that_leaves_the_choice_to_the_machine_agrees_with_what_it_chose() -> None:
    check_agreement(Soup(cook="cpu"), parsed("--cook", "anyone"))
    with pytest.raises(UsageError, match="--cook cuda contradicts the cpu"):
        check_agreement(Soup(cook="cpu"), parsed("--cook", "cuda"))
    with pytest.raises(UsageError, match="--kind leek contradicts the bean"):
        check_agreement(Soup(kind="bean"), parsed("--kind", "leek"))


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        (["--plates", "2"], "--plates 2 contradicts the 3"),
        (["--plates", "three"], "--plates three contradicts the 3"),
        (["--degrees", "55.001"], "--degrees 55.001 contradicts the 55.0"),
        (["--no-with-salt"], "with-salt"),
        (["--plates", "3", "--kind", "leek"], "--kind leek contradicts the bean"),
    ],
)
def test_flags_that_contradict_what_is_stored_are_named(arguments: list[str], name: str) -> None:
    with pytest.raises(UsageError) as caught:
        check_agreement(Soup(3, 55.0, True, "bean"), parsed(*arguments))
    sentence = str(caught.value)
    assert name in sentence
    assert sentence.endswith("; leave it out, or start a new run.")


def test_a_contradiction_is_said_in_flags_that_can_be_typed() -> None:
    with pytest.raises(UsageError) as caught:
        check_agreement(Soup(with_salt=True), parsed("--no-with-salt"))
    assert str(caught.value).startswith("--no-with-salt contradicts the --with-salt that ")
    with pytest.raises(UsageError) as caught:
        check_agreement(Soup(), parsed("--with-salt"))
    assert str(caught.value).startswith("--with-salt contradicts the --no-with-salt that ")


def test_other_errors_of_settings_name_their_flags_too() -> None:
    with (
        pytest.raises(UsageError, match=r"^--with-salt is not to be had\.$"),
        settings_named_as_flags(),
    ):
        raise SettingError("with_salt", "is not to be had")
    with settings_named_as_flags():
        assert dataclasses.replace(Soup(), plates=3).plates == 3
