"""The Conversion API: what is taken, what is refused and how, and what is remembered."""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from fake_nexmo.apis.sms import conversion_rules as rules
from fake_nexmo.apis.sms import conversion_wire as wire
from fake_nexmo.apis.sms.conversion_rules import ConversionRefusal, Convert
from fake_nexmo.apis.sms.model import Conversion
from fake_nexmo.core.change import Change
from fake_nexmo.core.instant import SECOND
from fake_nexmo.core.moment import Moment, Use
from fake_nexmo.core.records import Account, Secret
from fake_nexmo.core.refusal import Refusal
from tests.house import House

KEY, SECRET, SIGNING = "abcd1234", "s3cr3tS3cr3t", "fake-nexmo-signature-secret-000001"
WHO = {"api_key": KEY, "api_secret": SECRET}
# The world's clock stands at 2026-01-01T00:00:00Z.
NOW = 1_767_225_600 * SECOND
MOMENT = Moment(NOW, 7, 42)
ACCOUNT = Account(id="main", api_key=KEY, secrets=(Secret("1", SECRET, 0),), signature_secret="x")
GOOD = {"message-id": "0C0000005A17E3B2", "delivered": "true", "timestamp": "2025-12-31 23:59:58"}
TIME, FLAG, REQUIRED = "Must be YYYY-MM-DD HH:MM:SS.", "Must be true or false.", "Is required."


async def post(house: House, params: dict[str, str], path: str = "sms", **headers: str) -> httpx.Response:
    """Report by a form, with the default credentials."""
    return await house.client.post(f"/conversions/{path}", data=WHO | params, headers=headers)


async def reports(house: House, message_id: str = "0C0000005A17E3B2") -> list[Conversion]:
    """What the world remembers about a message."""
    return list(await house.store.find("default", Conversion, f"main/{message_id}"))


# ----------------------------------------------------------------------------------------------------- the rules


@pytest.mark.parametrize(
    ("delivered", "yes"),
    [(text, True) for text in ("true", "True", "TRUE", "1", " true ")]
    + [(text, False) for text in ("false", "False", "0")],
)
def test_a_report_is_remembered(delivered: str, yes: bool) -> None:
    """Whatever the case of the flag; source: reference sms §14."""
    outcome = rules.convert(Convert("voice", "call-1", delivered, "2025-12-31 23:59:58"), ACCOUNT, MOMENT, enabled=True)

    made = Conversion(
        id=MOMENT.hex_id(Use.REQUEST),
        account="main",
        product="voice",
        about="call-1",
        delivered=yes,
        converted_at=NOW - 2 * SECOND,
        reported_at=NOW,
    )
    assert (outcome.change, outcome.answer) == (Change(put=(made,)), made)
    assert made.keys() == ("main/call-1",)


def test_without_a_time_it_is_now() -> None:
    """Source: reference sms §14."""
    outcome = rules.convert(Convert("sms", "M1", "1", ""), ACCOUNT, MOMENT, enabled=True)

    assert outcome.answer.converted_at == NOW


@pytest.mark.parametrize(
    ("command", "row", "fields"),
    [
        (Convert("sms", "", "", "x"), ConversionRefusal.MISSING, ("about", "delivered")),
        (Convert("sms", "", "true", ""), ConversionRefusal.MISSING, ("about",)),
        (Convert("sms", "M1", "", ""), ConversionRefusal.MISSING, ("delivered",)),
        (Convert("sms", "M1", "yes", ""), ConversionRefusal.INVALID, ("delivered",)),
        (Convert("sms", "M1", "true", "1767225600"), ConversionRefusal.INVALID, ("timestamp",)),
        (Convert("sms", "M1", "true", "2026-02-30 00:00:00"), ConversionRefusal.INVALID, ("timestamp",)),
        (Convert("sms", "M1", "true", "2026-01-01T00:00:00"), ConversionRefusal.INVALID, ("timestamp",)),
        (Convert("sms", "M1", "2", "now"), ConversionRefusal.INVALID, ("delivered", "timestamp")),
    ],
)
def test_what_is_missing_or_wrong(command: Convert, row: ConversionRefusal, fields: tuple[str, ...]) -> None:
    """All of it is named; what is missing comes first."""
    with pytest.raises(Refusal) as refused:
        rules.convert(command, ACCOUNT, MOMENT, enabled=True)
    assert (refused.value.row, refused.value.facts) == (row, {"fields": fields})


def test_without_the_feature_nothing_is_looked_at() -> None:
    """Source: reference sms §14 (C)."""
    with pytest.raises(Refusal) as refused:
        rules.convert(Convert("sms", "", "", ""), ACCOUNT, MOMENT, enabled=False)
    assert refused.value.row is ConversionRefusal.NOT_ENABLED


def test_every_refusal_has_its_words() -> None:
    """A status of its own, and a body with a type, so that no library fails on it."""
    worded = {row: wire.refused(row, {}, "/conversions/sms") for row in ConversionRefusal}

    assert [status for status, _, _ in worded.values()] == [401, 402, 420, 423, 429, 500]
    assert all(body for _, _, body in worded.values())
    assert worded[ConversionRefusal.THROTTLED][2] == b'{"type":"TOO_MANY_REQUESTS","error_title":"Too Many Requests"}'


# ------------------------------------------------------------------------------------------- through the house


@pytest.mark.parametrize("product", ["sms", "voice"])
async def test_a_report_by_form_query_json_or_header(house: House, product: str) -> None:
    """``OK`` as plain text, whichever way it came; source: reference sms §14."""
    client, path = house.client, f"/conversions/{product}"
    token = base64.b64encode(f"{KEY}:{SECRET}".encode()).decode()
    form = {"content-type": "application/x-www-form-urlencoded"}

    answers = [
        await client.post(path, data=WHO | GOOD),
        await client.post(f"{path}?{urlencode(WHO | GOOD)}"),
        await client.post(f"{path}?{urlencode(WHO | GOOD)}", content=b"", headers=form),
        await client.post(path, json=WHO | GOOD | {"delivered": True}),
        await client.post(path, data=GOOD, headers={"authorization": f"Basic {token}"}),
        await client.post(f"{path}/", data=WHO | GOOD | {"delivered": "True"}),
    ]

    said = {(answer.status_code, answer.text, answer.headers["content-type"]) for answer in answers}
    assert said == {(200, "OK", "text/plain")}
    kept = await reports(house)
    assert [(each.product, each.delivered, each.converted_at, each.reported_at) for each in kept] == [
        (product, True, NOW - 2 * SECOND, NOW)
    ] * 6
    logged = (await house.control("GET", "requests?operation=sms.convert"))["items"]
    assert [(each["status"], each["about"]) for each in logged] == [(200, GOOD["message-id"])] * 6


async def test_a_signed_report_signs_a_date(house: House) -> None:
    """However old it is, and without one too; a wrong signature is refused; source: reference sms §14."""
    for timestamp in (GOOD["timestamp"], "2020-01-01 00:00:00", None):
        params = {"api_key": KEY, "delivered": "0", "message-id": "M1"}
        if timestamp:
            params["timestamp"] = timestamp
        text = "".join(f"&{name}={params[name]}" for name in sorted(params))
        good = params | {"sig": hashlib.md5((text + SIGNING).encode()).hexdigest()}
        assert (await house.client.post("/conversions/sms", data=good)).text == "OK"
        bad = params | {"sig": hmac.digest(b"other", text.encode(), "md5").hex()}
        assert (await house.client.post("/conversions/sms", data=bad)).status_code == 401
    assert [each.delivered for each in await reports(house, "M1")] == [False] * 3


async def test_the_window_of_signatures_holds_for_sms_all_the_same(house: House) -> None:
    """A date is no time stamp there."""
    params = {"api_key": KEY, "from": "A", "text": "Hi", "timestamp": "2026-03-01 09:00:00", "to": "447700900001"}
    text = "".join(f"&{name}={params[name]}" for name in sorted(params))
    sig = hashlib.md5((text + SIGNING).encode()).hexdigest()

    answer = await house.client.post("/sms/json", data=params | {"sig": sig})

    assert answer.json()["messages"][0]["status"] == "14"


@pytest.mark.parametrize(
    ("changes", "status", "said"),
    [
        ({"message-id": ""}, 420, {"message-id": REQUIRED}),
        ({"delivered": ""}, 420, {"delivered": REQUIRED}),
        ({"message-id": "", "delivered": ""}, 420, {"message-id": REQUIRED, "delivered": REQUIRED}),
        ({"delivered": "maybe"}, 423, {"delivered": FLAG}),
        ({"timestamp": "yesterday"}, 423, {"timestamp": TIME}),
        ({"delivered": "maybe", "timestamp": "yesterday"}, 423, {"delivered": FLAG, "timestamp": TIME}),
    ],
)
async def test_wrong_parameters_are_420_or_423(
    house: House, changes: dict[str, str], status: int, said: dict[str, str]
) -> None:
    """Nothing is remembered; source: reference sms §14 for the two statuses."""
    answer = await post(house, GOOD | changes)

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == {"type": "BAD_REQUEST", "error_title": "Bad Request", "invalid_parameters": said}
    assert await reports(house) == []


@pytest.mark.parametrize(
    "who",
    [
        {},
        {"api_key": KEY},
        {"api_key": KEY, "api_secret": ""},
        {"api_key": KEY, "api_secret": "wrong"},
        {"api_key": "nobody00", "api_secret": SECRET},
        {"api_key": KEY, "sig": "0" * 32},
    ],
)
async def test_wrong_credentials_are_401_before_anything_else(house: House, who: dict[str, str]) -> None:
    """Also where the feature is off; source: reference auth §6.10 (D for the body)."""
    await house.control("PATCH", "settings", {"conversion_api": False})

    answer = await house.client.post("/conversions/sms", data=who)

    assert answer.status_code == 401
    assert answer.json() == {"type": "UNAUTHORIZED", "error_title": "Unauthorized"}


@pytest.mark.parametrize("path", ["/conversions/sms", "/conversions/voice", "//conversions/voice/"])
async def test_without_the_feature_a_page_says_402(house: House, path: str) -> None:
    """The error page of the server in front; source: reference sms §14 (C)."""
    await house.control("PATCH", "settings", {"conversion_api": False})

    answer = await house.client.post(f"http://127.0.0.1:6396{path}", data=WHO | GOOD)

    plain = path.replace("//", "/").rstrip("/")
    assert answer.status_code == 402
    assert answer.headers["content-type"] == "text/html;charset=ISO-8859-1"
    assert answer.text == (
        '<html>\n<head>\n<meta http-equiv="Content-Type" content="text/html;charset=ISO-8859-1"/>\n'
        "<title>Error 402 </title>\n</head>\n<body>\n<h2>HTTP ERROR: 402</h2>\n"
        f"<p>Problem accessing {plain}. Reason:\n<pre>    Bad Account Credentials</pre></p>\n</body>\n</html>\n"
    )
    assert await reports(house) == []


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
async def test_other_verbs_are_the_gateways_to_refuse(house: House, method: str) -> None:
    """Before any credential is looked at; source: reference auth §6.11."""
    answer = await house.client.request(method, "/conversions/sms")

    assert (answer.status_code, answer.headers["allow"]) == (403, "POST")
    assert answer.json() == {"type": "FORBIDDEN", "error_title": "Forbidden"}


@pytest.mark.parametrize(
    ("trouble", "status"),
    [
        ("bad_credentials", 401),
        ("no_credit", 402),
        ("barred", 402),
        ("throttled", 429),
        ("server_error", 500),
        ("not_found", 500),
    ],
)
async def test_a_fault_is_worded_as_this_api_words_it(house: House, trouble: str, status: int) -> None:
    """Never as a refused SMS."""
    fault: dict[str, Any] = {"name": "f", "target": "sms.convert", "answer": trouble}
    await house.control("POST", "faults", fault, status=201)

    assert (await post(house, GOOD)).status_code == status
