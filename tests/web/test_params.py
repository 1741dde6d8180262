"""Reading parameters: query, form and JSON become one mapping, and nothing a client sends is an error."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fake_nexmo.web.params import BODY_MAX, Params, read_params

FORM = "application/x-www-form-urlencoded"
JSON_TYPES = (
    "application/json",
    "application/jsonrequest",
    "application/x-javascript",
    "text/json",
    "text/javascript",
    "text/x-javascript",
    "text/x-json",
)
TEXTS = st.text(st.characters(codec="utf-8") | st.sampled_from("&=+%;\x00é😀"), max_size=12)
PARAMS = st.dictionaries(TEXTS, TEXTS, max_size=6)


def read_json(value: Any) -> Params:
    """The parameters of a JSON body."""
    return read_params(b"", "application/json", json.dumps(value).encode())


@given(params=PARAMS)
def test_every_place_gives_the_same(params: dict[str, str]) -> None:
    """Query, form and JSON, whatever is in names and values, in the order they came."""
    form = urlencode(params).encode()
    places = [
        read_params(form, "", b""),
        read_params(b"", FORM, form),
        read_params(b"", "application/json", json.dumps(params).encode()),
        read_params(b"", "application/json", json.dumps(params, ensure_ascii=False).encode()),
    ]

    for read in places:
        assert list(read.items()) == list(params.items())
        assert read.repeated == {}


@given(query=PARAMS, body=PARAMS, as_json=st.booleans())
def test_the_body_lies_over_the_query(query: dict[str, str], body: dict[str, str], as_json: bool) -> None:
    """Both count; where both say something, the body does; source: reference sms §2 rule 1."""
    media, octets = ("application/json", json.dumps(body).encode()) if as_json else (FORM, urlencode(body).encode())

    assert read_params(urlencode(query).encode(), media, octets) == {**query, **body}


@pytest.mark.parametrize("media", JSON_TYPES)
@pytest.mark.parametrize("spelling", ["{}", "{}; charset=utf-8", "  {} ;x", "upper"])
def test_every_media_type_of_json(media: str, spelling: str) -> None:
    """Parameters, blanks and letter case do not matter; source: reference sms §2 (B)."""
    content_type = media.upper() if spelling == "upper" else spelling.format(media)

    assert read_params(b"", content_type, b'{"a":"b"}') == {"a": "b"}


@pytest.mark.parametrize("content_type", [FORM, FORM + "; charset=UTF-8", FORM.upper(), "", ";"])
def test_a_form_needs_no_media_type(content_type: str) -> None:
    """A body without one is a form."""
    assert read_params(b"", content_type, b"a=b+c%20d&e=") == {"a": "b c d", "e": ""}


@pytest.mark.parametrize("content_type", ["text/plain", "multipart/form-data; boundary=x", "application/xml", "x"])
def test_other_bodies_are_not_read(content_type: str) -> None:
    """The query still is."""
    assert read_params(b"q=1", content_type, b"a=b") == {"q": "1"}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("text", "text"),
        ("", ""),
        (900000, "900000"),
        (-5, "-5"),
        (0, "0"),
        (447700900001, "447700900001"),
        (10**30, "1" + "0" * 30),
        (True, "true"),
        (False, "false"),
        (1.5, "1.5"),
        (90000.0, "90000"),
        (1e5, "100000"),
        (-0.0, "0"),
        (0.1, "0.1"),
        (1e15, "1" + "0" * 15),
        (1e300, "1e300"),  # Doubt: three hundred digits would be no shorter.
        ({"a": [1, None]}, '{"a":[1,null]}'),
    ],
)
def test_json_values_are_text(value: Any, text: str) -> None:
    """Numbers in their shortest decimal form, booleans as JSON spells them; source: reference sms §2 rule 2."""
    assert read_json({"a": value}) == {"a": text}


def test_null_is_absent() -> None:
    """In a list too; and it does not take away what the query says."""
    assert read_json({"a": None, "b": "1"}) == {"b": "1"}
    assert read_json({"a": [None], "b": []}) == {}
    assert read_params(b"a=1", "application/json", b'{"a":null}') == {"a": "1"}


def test_a_repeated_parameter_counts_with_its_first_value() -> None:
    """All of them can be asked for, in order."""
    for read in (
        read_params(b"id=1&x=y&id=2&id=1", "", b""),
        read_params(b"", FORM, b"id=1&x=y&id=2&id=1"),
        read_json({"id": [1, "2", None, 1], "x": "y"}),
    ):
        assert read == {"id": "1", "x": "y"}
        assert read.all("id") == ("1", "2", "1")
        assert read.all("x") == ("y",)
        assert read.all("z") == ()


def test_a_list_of_one_is_that_one() -> None:
    """Nothing is repeated."""
    read = read_json({"id": ["1"]})
    assert (read, read.all("id"), read.repeated) == ({"id": "1"}, ("1",), {})


@pytest.mark.parametrize(
    ("body", "values"),
    [(b"id=3", ("3",)), (b"id=3&id=4", ("3", "4")), (b"x=1", ("1", "2")), (b"x=1&x=2", ("1", "2"))],
)
def test_the_body_replaces_all_values_of_the_query(body: bytes, values: tuple[str, ...]) -> None:
    """Repeated or not: what an earlier place said is gone."""
    read = read_params(b"id=1&id=2", FORM, body)

    assert read.all("id") == values
    assert read["id"] == values[0]


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b"[1]",
        b'"a=b"',
        b"null",
        b"1",
        b"   ",
        b'{"a":"b"',
        b'{"a":NaN}',
        b'{"a":1e999}',
        b'{"a":"\xff"}',
        b'{"a":"\\ud83d"}',
        b'\xef\xbb\xbf{"a":"b"}',
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b'{"a=b',
        b'["a=b',
        b'"a=b',
    ],
    ids=lambda body: repr(body[:12]),
)
def test_json_that_cannot_be_read_says_nothing(body: bytes) -> None:
    """No parameters, no error; source: reference sms §2 rule 6."""
    assert read_params(b"", "application/json", body) == {}
    assert read_params(b"q=1", "application/json", body) == {"q": "1"}


def test_a_form_under_the_label_of_json_is_read() -> None:
    """One library keeps the label of an earlier call; source: reference sdk-surface (C)."""
    assert read_params(b"", "application/json", b"a=b&c=d+e") == {"a": "b", "c": "d e"}


@pytest.mark.parametrize(
    ("data", "params"),
    [
        (b"a=%ff%fe", {"a": "\ufffd\ufffd"}),
        (b"a=\xff", {"a": "\ufffd"}),
        ("a=é+😀".encode(), {"a": "é 😀"}),
        (b"a=%", {"a": "%"}),
        (b"a=%zz%4", {"a": "%zz%4"}),
        (b"a", {"a": ""}),
        (b"=b", {"": "b"}),
        (b"a==b=", {"a": "=b="}),
        (b"&&a=b&&", {"a": "b"}),
        (b"a=1;b=2", {"a": "1;b=2"}),
        (b"a=%00\x01", {"a": "\x00\x01"}),
        (b"a%3Db=c", {"a=b": "c"}),
        (b"\r\n", {"\r\n": ""}),
    ],
)
def test_odd_forms(data: bytes, params: dict[str, str]) -> None:
    """Read as far as they go, in the query and in the body."""
    assert read_params(data, "", b"") == params
    assert read_params(b"", FORM, data) == params


@given(
    query=st.binary(max_size=60), media=st.sampled_from([FORM, "application/json", "x"]), body=st.binary(max_size=99)
)
def test_nothing_that_is_sent_is_an_error(query: bytes, media: str, body: bytes) -> None:
    """Whatever the bytes, what comes out is text that has a UTF-8 form."""
    read = read_params(query, media, body)

    for name, value in read.items():
        assert (name + value).encode().decode() == name + value
        assert read.all(name)[0] == value


def test_the_largest_body_is_a_mebibyte() -> None:
    """In octets."""
    assert BODY_MAX == 1024 * 1024
