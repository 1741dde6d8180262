"""Forms that codes are typed into: what they may say, how they are laid over another, and how they are filled."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fake_nexmo.core.forms import METHODS, Form, FormError, read_form

URL = "http://127.0.0.1:8000/otp"
SAID = {"number": "447700900101", "code": "0471", "wrong_code": "0472"}


@pytest.mark.parametrize(
    ("given", "form"),
    [
        ({}, Form()),
        ({"url": None, "method": None, "form": None, "json": None}, Form()),
        ({"url": URL}, Form(URL)),
        ({"url": "https://shop.test"}, Form("https://shop.test")),
        *(({"method": method}, Form(method=method)) for method in METHODS),
        ({"form": {"a": "b", "n": 1, "x": 1.5}}, Form(fields={"a": "b", "n": "1", "x": "1.5"})),
        ({"form": {}}, Form(fields={})),
        ({"json": {"a": [1, None, {"b": "{code}"}]}}, Form(json={"a": [1, None, {"b": "{code}"}]})),
        ({"url": URL + "/{number}?c={code}&{{x}"}, Form(URL + "/{number}?c={code}&{{x}")),
    ],
)
def test_a_form_is_read(given: dict[str, Any], form: Form) -> None:
    """What is not said is empty."""
    assert read_form(given) == form


@pytest.mark.parametrize(
    ("given", "path", "what"),
    [
        ({"uri": URL}, "uri", "'uri' is not known here; did you mean 'url'?"),
        ({"colour": 1}, "colour", "'colour' is not known here; there are url, method, form, json"),
        ({"form": {}, "json": {}}, "json", "a body is a form or JSON, not both"),
        ({"url": 5}, "url", "5 is no URL; write it like http://127.0.0.1:8000/login"),
        ({"url": ""}, "url", "'' is no URL; write it like http://127.0.0.1:8000/login"),
        ({"url": "127.0.0.1/x"}, "url", "'127.0.0.1/x' is no URL; write it like http://127.0.0.1:8000/login"),
        ({"url": "ftp://shop.test"}, "url", "'ftp://shop.test' is no URL; write it like http://127.0.0.1:8000/login"),
        ({"method": "post"}, "method", "no method is called 'post'; did you mean 'POST'?"),
        ({"method": "DELETE"}, "method", "no method is called 'DELETE'; there are POST, GET, PUT, PATCH"),
        ({"method": 1}, "method", "no method is called 1; there are POST, GET, PUT, PATCH"),
        ({"form": ["a"]}, "form", "['a'] is no form; write names and texts like {code: \"{code}\"}"),
        ({"form": {"a": True}}, "form.a", "True is no text; what a form holds is text"),
        ({"form": {"a": {}}}, "form.a", "{} is no text; what a form holds is text"),
        ({"json": ["a"]}, "json", "['a'] is no object; write it like {code: \"{code}\"}"),
        ({"json": {}, "method": "GET"}, "json", "GET has no body; say a form, or another method"),
        ({"url": URL + "/{numbr}"}, "url", "no placeholder is called 'numbr'; did you mean 'number'?"),
        ({"form": {"a": "{pin}"}}, "form.a", "no placeholder is called 'pin'; there are number, code, wrong_code"),
        (
            {"json": {"a": [1, {"b": "{wrongcode}"}]}},
            "json.a.1.b",
            "no placeholder is called 'wrongcode'; did you mean 'wrong_code'?",
        ),
    ],
)
def test_a_form_that_cannot_be(given: dict[str, Any], path: str, what: str) -> None:
    """What is wrong, where, and the nearest right thing."""
    with pytest.raises(FormError) as refused:
        read_form(given)

    assert (refused.value.path, refused.value.what, str(refused.value)) == (path, what, f"{path}: {what}")


def test_a_complaint_about_the_form_itself() -> None:
    """Has no path."""
    assert str(FormError("", "no")) == "no"


@pytest.mark.parametrize(
    ("own", "both"),
    [
        (Form(), Form(URL, "PUT", {"a": "b"})),
        (Form("http://127.0.0.1/x"), Form("http://127.0.0.1/x", "PUT", {"a": "b"})),
        (Form(method="POST"), Form(URL, "POST", {"a": "b"})),
        (Form(fields={}), Form(URL, "PUT", {})),
        (Form(json={"c": 1}), Form(URL, "PUT", None, {"c": 1})),
    ],
)
def test_a_form_over_another(own: Form, both: Form) -> None:
    """What it does not say is said by the other; a body is one thing."""
    assert own.over(Form(URL, "PUT", {"a": "b"})) == both
    assert own.over(Form()) == own


def test_placeholders_are_filled() -> None:
    """In texts at any depth, quoted in the URL; ``{{`` is a brace."""
    form = read_form(
        {
            "url": URL + "/{number}?c={code}",
            "json": {"to": "+{number}", "list": ["{code}{wrong_code}", 1, True, None], "{code}": "{{code}"},
        }
    )

    assert form.names() == {"number", "code", "wrong_code"}
    assert form.filled(SAID) == Form(
        URL + "/447700900101?c=0471",
        "POST",
        None,
        {"to": "+447700900101", "list": ["04710472", 1, True, None], "{code}": "{code}"},
    )
    assert form.filled(SAID | {"number": "a b/ä"}).url == URL + "/a%20b%2F%C3%A4?c=0471"


def test_fields_are_filled() -> None:
    """And the method stays the one that was said."""
    form = Form(URL, "GET", {"phone": "{number}", "code": "{wrong_code}", "x": "{Code}"})

    assert form.filled(SAID) == Form(URL, "GET", {"phone": "447700900101", "code": "0472", "x": "{Code}"})


@given(st.text())
def test_text_without_a_brace_stays(text: str) -> None:
    """Whatever it holds."""
    plain = text.replace("{", "")

    assert Form(fields={"a": plain}).filled(SAID).fields == {"a": plain}
