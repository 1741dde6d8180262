"""Credentials for key and secret: where they stand, which decide, and whose world the request then belongs to."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from enum import Enum

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from starlette.responses import Response
from starlette.types import Message, Scope

from fake_nexmo.core.change import Change
from fake_nexmo.core.records import Account, Secret
from fake_nexmo.core.refusal import Refusal
from fake_nexmo.web.api import Operation
from fake_nexmo.web.call import Call, Shell
from fake_nexmo.web.credentials import CredentialRows, Presented, authenticate, present, right_secret
from tests.house import House

KEY, SECRET, SIGNING = "abcd1234", "s3cr3tS3cr3t", "fake-nexmo-signature-secret-000001"
STAMP = "1772355600"


class Row(Enum):
    """What can be wrong, in the order it is looked at."""

    MISSING_KEY = 1
    BOTH = 2
    BAD_SIGNATURE = 3
    MISSING_SECRET = 4
    BAD = 5
    SUSPENDED = 6
    NOT_ENABLED = 7


ROWS = CredentialRows(
    missing_key=Row.MISSING_KEY,
    missing_secret=Row.MISSING_SECRET,
    both=Row.BOTH,
    bad_signature=Row.BAD_SIGNATURE,
    bad=Row.BAD,
    suspended=Row.SUSPENDED,
    not_enabled=Row.NOT_ENABLED,
)


async def _endpoint(_: Call) -> Response:
    raise AssertionError("nobody calls it")


PROBE = Operation("probe.ask", ("/probe",), ("GET",), _endpoint, mark="D", source="none")


async def _nothing() -> Message:
    return {"type": "http.request", "body": b"", "more_body": False}


def ask(shell: Shell, params: Mapping[str, str], header: str = "") -> Call:
    """A request whose parameters have been read."""
    scope: Scope = {
        "type": "http",
        "method": "GET",
        "path": "/probe",
        "query_string": b"",
        "headers": [(b"authorization", header.encode("latin-1"))] if header else [],
        "server": ("127.0.0.1", 6396),
        "scheme": "http",
    }
    call = Call(scope, _nothing, shell, PROBE)
    call.params.update(params)
    return call


def basic(pair: str | bytes) -> str:
    """The value of a Basic header."""
    octets = pair.encode() if isinstance(pair, str) else pair
    return "Basic " + base64.b64encode(octets).decode()


async def row_of(call: Call) -> Row | None:
    """What was wrong; None: nothing."""
    try:
        await authenticate(call, ROWS)
    except Refusal as refusal:
        return Row(refusal.row)
    return None


async def change_account(house: House, **fields: object) -> Account:
    """Change the account behind the control API's back."""
    start = await house.store.peek("default")
    account = await house.store.get("default", Account, "main")
    assert account is not None
    changed = replace(account, **fields)
    await house.store.commit("default", start.epoch, Change(put=(changed,)))
    return changed


# Source: reference auth §3.
@pytest.mark.parametrize(
    ("header", "key", "secret"),
    [
        ("Basic YWFhMDEyOmFiYzEyMzQ1Njc4OQ==", "aaa012", "abc123456789"),
        ("Basic YTFiMmMzZDQ6MDEyMzQ1Njc4OWFiY2RlZkFCQw==", "a1b2c3d4", "0123456789abcdefABC"),
        ("Basic MTIzNDU6QUJDREU=", "12345", "ABCDE"),
        ("Basic YWJjZDEyMzQ6dG9wU2VjcmV0OTk=", "abcd1234", "topSecret99"),
        ("BASIC MTIzNDU6QUJDREU=", "12345", "ABCDE"),
        ("basic   MTIzNDU6QUJDREU= ", "12345", "ABCDE"),
        (basic("k:a:b:"), "k", "a:b:"),
        (basic("k:é"), "k", "é"),
    ],
)
async def test_what_a_basic_header_presents(house: House, header: str, key: str, secret: str) -> None:
    """Any letter case of the scheme; split at the first colon."""
    assert present(ask(house.engine.shell, {}, header)) == Presented(key, secret, "")


@pytest.mark.parametrize(
    "header",
    [
        "Basic",
        "Basic ",
        "Basic ====",
        "Basic MTIzNDU6QUJDREU",
        "Basic MTIzNDU6QUJD*EU=",
        "Basic é",
        basic("no colon"),
        basic(":secret"),
        basic("key:"),
        basic(b"\xff:\xff"),
    ],
)
async def test_a_broken_basic_header_is_a_wrong_pair(house: House, header: str) -> None:
    """Not a missing one, and nothing that any account could have; source: reference auth §3."""
    call = ask(house.engine.shell, {}, header)

    assert await row_of(call) is Row.BAD
    assert present(call).secret not in {"", SECRET}


@pytest.mark.parametrize("header", ["", "Bearer MTIzNDU6QUJDREU=", "Digest x", "MTIzNDU6QUJDREU="])
async def test_another_header_presents_nothing(house: House, header: str) -> None:
    """As if it were not there."""
    call = ask(house.engine.shell, {}, header)

    assert present(call) == Presented("", "", "")
    assert await row_of(call) is Row.MISSING_KEY


@pytest.mark.parametrize(
    ("params", "presented"),
    [
        ({"api_key": "k", "api_secret": "s"}, Presented("k", "s", "")),
        ({"api_key": "k", "sig": "x"}, Presented("k", "", "x")),
        ({"api_key": "k", "api_secret": "s", "sig": "x"}, Presented("k", "s", "x")),
        ({"username": "k", "password": "s"}, Presented("k", "s", "")),
        ({"username": "u", "password": "p", "api_key": "k", "api_secret": "s"}, Presented("k", "s", "")),
        ({"api_key": "k"}, Presented("header", "pair", "")),
        ({"api_secret": "s"}, Presented("header", "pair", "")),
        ({"sig": "x"}, Presented("header", "pair", "")),
        ({"api_key": "", "api_secret": "s"}, Presented("header", "pair", "")),
        ({"API_KEY": "k", "Api_Secret": "s"}, Presented("header", "pair", "")),
        ({}, Presented("header", "pair", "")),
    ],
)
async def test_complete_parameters_win_over_a_header(
    house: House, params: dict[str, str], presented: Presented
) -> None:
    """A stale header harms nobody; half a pair is none; source: reference auth §2, README rulings."""
    assert present(ask(house.engine.shell, params, basic("header:pair"))) == presented


@pytest.mark.parametrize(
    ("params", "row"),
    [
        ({}, Row.MISSING_KEY),
        ({"api_secret": SECRET}, Row.MISSING_KEY),
        ({"sig": "x"}, Row.MISSING_KEY),
        ({"api_secret": SECRET, "sig": "x"}, Row.MISSING_KEY),
        ({"api_key": KEY, "api_secret": SECRET, "sig": "x"}, Row.BOTH),
        ({"api_key": KEY, "api_secret": "wrong", "sig": "x"}, Row.BOTH),
        ({"api_key": "nobody", "api_secret": SECRET, "sig": "x"}, Row.BOTH),
        ({"api_key": KEY, "sig": "x"}, Row.BAD_SIGNATURE),
        ({"api_key": "nobody", "sig": "x"}, Row.BAD_SIGNATURE),
        ({"api_key": KEY}, Row.MISSING_SECRET),
        ({"api_key": "nobody"}, Row.MISSING_SECRET),
        ({"api_key": "nobody", "api_secret": SECRET}, Row.BAD),
        ({"api_key": KEY, "api_secret": "wrong"}, Row.BAD),
        ({"api_key": KEY, "api_secret": "\udc80"}, Row.BAD),
        ({"api_key": KEY, "api_secret": SECRET}, None),
    ],
)
@pytest.mark.parametrize("barred", [False, True])
async def test_the_order_of_the_checks(house: House, params: dict[str, str], row: Row | None, barred: bool) -> None:
    """An account's own state is told to nobody who has no right credentials; source: reference sms §3."""
    if barred:
        await change_account(house, suspended=True, rest_enabled=False)

    found = await row_of(ask(house.engine.shell, params))

    assert found is (Row.SUSPENDED if row is None and barred else row)


async def test_a_barred_account_is_barred_before_it_is_not_enabled(house: House) -> None:
    """Each by itself, and both; source: reference sms §3."""
    params = {"api_key": KEY, "api_secret": SECRET}
    for suspended, enabled, row in (
        (True, True, Row.SUSPENDED),
        (False, False, Row.NOT_ENABLED),
        (True, False, Row.SUSPENDED),
        (False, True, None),
    ):
        await change_account(house, suspended=suspended, rest_enabled=enabled)
        assert await row_of(ask(house.engine.shell, params)) is row


async def test_whoever_is_known_enters_a_world(house: House) -> None:
    """A refused request too: it has a caller, a moment, and a number of its own."""
    calls = [
        ask(house.engine.shell, {"api_key": KEY, "api_secret": SECRET}),
        ask(house.engine.shell, {"api_key": KEY, "api_secret": "wrong"}),
        ask(house.engine.shell, {"api_key": KEY}),
    ]
    ordinals = []
    for call in calls:
        await row_of(call)
        caller = call.caller
        assert caller is not None
        assert (caller.world, caller.account.id, caller.moment.seed) == ("default", "main", 42)
        assert call.start is caller.start
        ordinals.append(caller.moment.ordinal)
    assert ordinals == [ordinals[0], ordinals[0] + 1, ordinals[0] + 2]
    assert await house.store.lost() == []


async def test_whoever_is_not_known_is_lost_and_found(house: House) -> None:
    """With the key, cut to a length, and never the secret; a broken header has no key to write down."""
    for params, header in (
        ({"api_key": "k" * 100, "api_secret": "hidden"}, ""),
        ({}, basic("other:hidden")),
        ({}, "Basic !"),
        ({}, ""),
    ):
        call = ask(house.engine.shell, params, header)
        await row_of(call)
        assert (call.caller, call.start) == (None, None)

    lost = await house.store.lost()
    assert [(each.why, each.name, each.method, each.path) for each in lost] == [
        ("credential", "k" * 64, "GET", "/probe"),
        ("credential", "other", "GET", "/probe"),
    ]
    assert "hidden" not in repr(lost)


@pytest.mark.parametrize("method", ["md5hash", "md5", "sha1", "sha256", "sha512"])
async def test_a_signature_stands_for_a_secret(house: House, method: str) -> None:
    """By the account's method, over all parameters; source: reference auth §4.1."""
    await house.control("PATCH", f"accounts/{KEY}", {"signature": {"method": method}})
    text = f"&api_key={KEY}&text=a_b&timestamp={STAMP}"
    if method == "md5hash":
        sig = hashlib.md5((text + SIGNING).encode()).hexdigest()
    else:
        sig = hmac.digest(SIGNING.encode(), text.encode(), method).hex().upper()
    params = {"api_key": KEY, "text": "a&b", "timestamp": STAMP, "sig": sig}

    assert await row_of(ask(house.engine.shell, params)) is None
    assert await row_of(ask(house.engine.shell, params | {"text": "a_c"})) is Row.BAD_SIGNATURE
    await change_account(house, suspended=True)
    assert await row_of(ask(house.engine.shell, params)) is Row.SUSPENDED


@pytest.mark.parametrize(
    ("setting", "canonical"),
    [
        (
            "signature_python4",
            (
                "&account-ref=None&api_key=abcd1234&body=None&callback=None&client-ref=None&content-id=None"
                "&entity-id=None&message-class=None&protocol-id=None&sig=None&status-report-req=None&text=a b_c_d"
                "&timestamp=1772355600&trusted-number=None&ttl=None&type=None&udh=None"
            ),
        ),
        ("signature_node3", "api_key_abcd1234_text_a+b%26c%3Dd_timestamp_1772355600"),
    ],
)
async def test_broken_signatures_are_taken_on_request_only(house: House, setting: str, canonical: str) -> None:
    """Each by its own setting; source: reference sms §4.5, auth §4.2."""
    sig = hashlib.md5((canonical + SIGNING).encode()).hexdigest()
    call = {"api_key": KEY, "text": "a b&c=d", "timestamp": STAMP, "sig": sig}

    assert await row_of(ask(house.engine.shell, call)) is Row.BAD_SIGNATURE
    for name in ("signature_python4", "signature_node3"):
        await house.control("PATCH", "settings", {name: name != setting})
    assert await row_of(ask(house.engine.shell, call)) is Row.BAD_SIGNATURE
    await house.control("PATCH", "settings", {setting: True})
    assert await row_of(ask(house.engine.shell, call)) is None
    assert await row_of(ask(house.engine.shell, call | {"text": "x"})) is Row.BAD_SIGNATURE


def account(*secrets: str) -> Account:
    """An account with these secrets."""
    kept = tuple(Secret(str(k), value, 0) for k, value in enumerate(secrets))
    return Account(id="main", api_key="k", secrets=kept, signature_secret="")


@given(secrets=st.lists(st.text(min_size=1), min_size=1, max_size=2), given_one=st.text())
def test_any_secret_of_the_account_is_right_and_nothing_else(secrets: list[str], given_one: str) -> None:
    """To the letter, in any script; source: reference auth §2."""
    holder = account(*secrets)

    assert all(right_secret(holder, each) for each in secrets)
    assert right_secret(holder, given_one) == (given_one in secrets)


def test_half_a_character_is_a_wrong_secret() -> None:
    """What has no UTF-8 form is compared like anything else."""
    assert not right_secret(account("s3cr3t"), "\ud83d")
    assert not right_secret(account(), "")
