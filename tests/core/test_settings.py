"""The table of settings, and what it refuses."""

from __future__ import annotations

import pytest

from fake_nexmo.core.settings import SETTINGS, all_values, check, value


def test_a_setting_nobody_said_is_its_default() -> None:
    """For each row of the table; what a world says comes first, even when it is false."""
    defaults = {name: row.default for name, row in SETTINGS.items()}
    assert all_values({}) == defaults
    assert [defaults[name] for name in ("profile", "signature_window", "jwt_time", "base_url")] == [
        "current",
        True,
        "real",
        "",
    ]
    said = {"signature_window": False, "profile": "2020"}
    assert all_values(said) == defaults | said
    assert value({"jwt_time": "virtual"}, "jwt_time") == "virtual"
    assert value({}, "jwt_time") == "real"


@pytest.mark.parametrize("name", SETTINGS)
def test_every_row_takes_its_own_default_and_all_its_words(name: str) -> None:
    """And says what it decides and where that comes from."""
    row = SETTINGS[name]
    for each in (row.default, *row.values):
        check(name, each)
    assert row.meaning
    assert row.source


@pytest.mark.parametrize(
    ("name", "given", "text"),
    [
        ("profil", "2020", "no setting is called 'profil'; did you mean 'profile'?"),
        ("zzz", 1, f"no setting is called 'zzz'; there are {', '.join(sorted(SETTINGS))}"),
        ("profile", "2021", "setting 'profile' cannot be '2021'; it takes 'current', '2020'"),
        ("profile", 2020, "setting 'profile' cannot be 2020; it takes 'current', '2020'"),
        ("signature_window", 1, "setting 'signature_window' cannot be 1; it takes true, false"),
        ("signature_window", "true", "setting 'signature_window' cannot be 'true'; it takes true, false"),
        ("signature_window", [], "setting 'signature_window' cannot be []; it takes true, false"),
        ("base_url", 5, "setting 'base_url' takes a str, not 5"),
        ("base_url", None, "setting 'base_url' takes a str, not None"),
        ("code_form", "http://x", "setting 'code_form' takes a dict, not 'http://x'"),
        ("code_form", {"uri": "x"}, "setting 'code_form': uri: 'uri' is not known here; did you mean 'url'?"),
    ],
)
def test_what_a_setting_cannot_be_is_refused_with_what_it_can(name: str, given: object, text: str) -> None:
    """A name that does not exist gets the nearest one, a value the words that there are."""
    with pytest.raises(ValueError) as refused:  # noqa: PT011 - the whole text is compared below
        check(name, given)
    assert str(refused.value) == text


def test_a_setting_without_words_takes_anything_of_its_type() -> None:
    """Such as any origin."""
    check("base_url", "https://fake.test:6396")
    check("code_form", {"url": "http://127.0.0.1:8000/otp", "form": {"code": "{code}"}})


def test_a_value_nobody_listed_is_our_bug() -> None:
    """Whoever asks for a setting by a name that is not in the table."""
    with pytest.raises(KeyError):
        value({}, "zzz")
