"""Making calls through the whole house: whole replies, every row of the table of refusals."""

from __future__ import annotations

import json
from typing import Any

import pytest
from msgspec.structs import replace

from fake_nexmo.apis.voice import create_rules
from fake_nexmo.apis.voice.actions_model import TalkAction
from fake_nexmo.apis.voice.ends_model import Callback, Detection, Endpoint, EndpointType
from fake_nexmo.core.legs import LegStatus
from fake_nexmo.core.moment import Moment
from fake_nexmo.core.records import Number
from tests.apis.voice.desk import (
    ANSWER,
    BAD_STATE,
    CALLER,
    CALLS,
    EVENT,
    FROM,
    GOOD,
    PHONE,
    START,
    TALK,
    TO,
    Desk,
    assert_answer,
    missing,
    wrong,
)

TYPE, VALUE = "Invalid type parameter provided", "Invalid parameter provided"
URI, DIGITS = "Invalid uri parameter provided", "can contain up to 15 digits prefixed with +"
AUDIO = "audio/l16;rate=16000"


def request(**changes: Any) -> dict[str, Any]:
    """The smallest request with changes; names that Python keeps for itself end in an underscore, ``...`` removes."""
    said = {**GOOD, **{name.rstrip("_"): value for name, value in changes.items()}}
    return {name: value for name, value in said.items() if value is not ...}


# ------------------------------------------------------------------------------------------------------- success


async def test_a_call_is_made(desk: Desk) -> None:
    """Four members and no others; ids are seeded; source: reference voice §4.5."""
    answer = await desk.ask("POST", CALLS, GOOD)

    made = answer.json()
    assert_answer(
        answer,
        201,
        f'{{"uuid":"{made["uuid"]}","status":"started","direction":"outbound",'
        f'"conversation_uuid":"{made["conversation_uuid"]}"}}',
    )
    assert [len(part) for part in made["uuid"].split("-")] == [8, 4, 4, 4, 12]
    assert made["conversation_uuid"].startswith("CON-")
    assert made["conversation_uuid"][4:] != made["uuid"]


async def test_it_is_there_at_once(desk: Desk) -> None:
    """Source: reference voice §4.6, §6.1, §12."""
    made = await desk.create()

    assert (await desk.ask("GET", f"{CALLS}/{made['uuid']}")).text == (
        f'{{"uuid":"{made["uuid"]}","status":"started","direction":"outbound",'
        f'"conversation_uuid":"{made["conversation_uuid"]}","start_time":"","end_time":"",'
        f'"to":{{"type":"phone","number":"{TO}"}},"from":{{"type":"phone","number":"{FROM}"}},'
        f'"_links":{{"self":{{"href":"/v1/calls/{made["uuid"]}"}}}}}}'
    )


async def test_the_leg(desk: Desk) -> None:
    """Number, network and rate by the numbering plan; the application stands in ``about``."""
    made = await desk.create(ringing_timer=45)
    leg, call = await desk.leg(made["uuid"]), await desk.call(made["uuid"])

    assert (leg.owner, leg.account, leg.about, leg.status) == ("voice", "main", "main", LegStatus.STARTED)
    assert (leg.sender, leg.to, leg.network, leg.ringing_s) == (FROM, TO, "23410", 45)
    assert leg.rate > 0
    assert (leg.created_at, leg.conversation) == (START, made["conversation_uuid"])
    assert (call.sender, call.to) == (Endpoint(EndpointType.PHONE, FROM), Endpoint(EndpointType.PHONE, TO))
    assert (call.answer, call.event, call.fallback) == (Callback(ANSWER[0], "GET"), Callback(), Callback(method="GET"))
    assert (call.ncco, call.detection, call.length_s, call.barred) == (None, None, 7200, "")


async def test_the_beta_answers_nothing(desk: Desk) -> None:
    """Source: reference voice §1 (B)."""
    assert_answer(await desk.ask("POST", "/v2/calls", GOOD), 202, "{}")

    listed = (await desk.ask("GET", CALLS)).json()
    assert [each["to"] for each in listed["_embedded"]["calls"]] == [PHONE]


@pytest.mark.parametrize("path", ["/v1/calls/", "/v1//calls", "/v1/calls?", "/v1/calls?api_key=x&sig=y"])
async def test_spellings_of_the_path(desk: Desk, path: str) -> None:
    """Source: reference voice §1."""
    assert (await desk.ask("POST", path, GOOD)).status_code == 201


async def test_the_content_type_is_not_insisted_on(desk: Desk) -> None:
    """Nor are unknown members; source: reference voice §1."""
    data = json.dumps({**GOOD, "timestamp": "1", "sig": "x"}).encode()

    assert (await desk.ask("POST", CALLS, data=data)).status_code == 201


# ------------------------------------------------------------------------------------------------------ endpoints


SHOWN = [
    ({"type": "phone", "number": TO}, {"type": "phone", "number": TO}, Endpoint(EndpointType.PHONE, TO)),
    ({"type": "phone", "number": "+" + TO}, {"type": "phone", "number": TO}, Endpoint(EndpointType.PHONE, TO)),
    ({"type": "phone", "number": int(TO)}, {"type": "phone", "number": TO}, Endpoint(EndpointType.PHONE, TO)),
    (
        {"type": "phone", "number": TO, "dtmfAnswer": "1p2#*", "shaken": "x"},
        {"type": "phone", "number": TO},
        Endpoint(EndpointType.PHONE, TO, dtmf="1p2#*"),
    ),
    (
        {"type": "sip", "uri": "sip:bob@shop.test", "headers": {"a": "b"}, "standard_headers": {"User-to-User": "x"}},
        {"type": "sip", "uri": "sip:bob@shop.test"},
        Endpoint(EndpointType.SIP, "sip:bob@shop.test", headers={"a": "b", "User-to-User": "x"}),
    ),
    (
        {"type": "sip", "uri": "sips:bob@shop.test", "standard_headers": {"User-to-User": None}, "headers": []},
        {"type": "sip", "uri": "sips:bob@shop.test"},
        Endpoint(EndpointType.SIP, "sips:bob@shop.test"),
    ),
    (
        {"type": "sip", "user": "bob", "domain": "shop.test"},
        {"type": "sip", "uri": "sip:bob@shop.test"},
        Endpoint(EndpointType.SIP, "sip:bob@shop.test"),
    ),
    (
        {"type": "websocket", "uri": "wss://shop.test/s", "headers": {"a": 1}, "authorization": {"type": "vonage"}},
        {"type": "websocket", "uri": "wss://shop.test/s", "content-type": AUDIO, "headers": {"a": 1}},
        Endpoint(
            EndpointType.WEBSOCKET,
            "wss://shop.test/s",
            shown={"content-type": AUDIO, "headers": {"a": 1}},
            headers={"a": 1},
            authorization={"type": "vonage"},
        ),
    ),
    (
        {"type": "websocket", "uri": "ws://shop.test/s", "content-type": "audio/l16;rate=8000"},
        {"type": "websocket", "uri": "ws://shop.test/s", "content-type": "audio/l16;rate=8000", "headers": {}},
        Endpoint(
            EndpointType.WEBSOCKET, "ws://shop.test/s", shown={"content-type": "audio/l16;rate=8000", "headers": {}}
        ),
    ),
    (
        {"type": "websocket", "uri": "ws://shop.test/s", "contentType": "audio/l16;rate=24000"},
        {"type": "websocket", "uri": "ws://shop.test/s", "content-type": "audio/l16;rate=24000", "headers": {}},
        Endpoint(
            EndpointType.WEBSOCKET, "ws://shop.test/s", shown={"content-type": "audio/l16;rate=24000", "headers": {}}
        ),
    ),
    ({"type": "vbc", "extension": "789"}, {"type": "vbc", "extension": "789"}, Endpoint(EndpointType.VBC, "789")),
    ({"type": "vbc", "extension": 789}, {"type": "vbc", "extension": "789"}, Endpoint(EndpointType.VBC, "789")),
    ({"type": "app", "user": "Alice"}, {"type": "app", "user": "Alice"}, Endpoint(EndpointType.APP, "Alice")),
]


@pytest.mark.parametrize(("given", "shown", "stored"), SHOWN)
async def test_every_endpoint_type(desk: Desk, given: Any, shown: Any, stored: Endpoint) -> None:
    """Source: reference voice §4.2, §4.3, §6."""
    made = await desk.create(to=[given])

    assert (await desk.read(made["uuid"]))["to"] == shown
    assert (await desk.call(made["uuid"])).to == stored
    assert (await desk.leg(made["uuid"])).to == stored.address


@pytest.mark.parametrize(
    ("endpoint", "rate"),
    [
        ({"type": "sip", "uri": "sip:bob@shop.test"}, 400_000),
        ({"type": "websocket", "uri": "ws://shop.test/s"}, 400_000),
        ({"type": "vbc", "extension": "789"}, 0),
        ({"type": "app", "user": "Alice"}, 0),
    ],
)
async def test_what_is_no_phone_has_a_rate_of_its_own(desk: Desk, endpoint: Any, rate: int) -> None:
    """And no network; source: reference voice §3."""
    leg = await desk.leg((await desk.create(to=[endpoint]))["uuid"])

    assert (leg.rate, leg.network) == (rate, "")


async def test_only_the_first_of_several_is_called(desk: Desk) -> None:
    """Source: reference voice §4.1 (D)."""
    made = await desk.create(to=[PHONE, {"type": "phone", "number": "447700900002"}, 5])

    assert (await desk.read(made["uuid"]))["to"] == PHONE


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        (CALLER, CALLER),
        ({**CALLER, "dtmfAnswer": "x"}, CALLER),
        ({"number": FROM}, CALLER),
        (FROM, CALLER),
        ("+" + FROM, CALLER),
        ({"type": "phone", "number": int(FROM)}, CALLER),
        ({"type": "phone", "number": "447700900999"}, {"type": "phone", "number": "447700900999"}),
        ({"type": "sip", "uri": "sip:shop@shop.test"}, {"type": "sip", "uri": "sip:shop@shop.test"}),
        ("sips:shop@shop.test", {"type": "sip", "uri": "sips:shop@shop.test"}),
    ],
)
async def test_who_calls(desk: Desk, given: Any, shown: Any) -> None:
    """A number that is not the account's is shown as given; source: reference voice §4.1, §4.2."""
    made = await desk.create(from_=given)

    assert (await desk.read(made["uuid"]))["from"] == shown


# ----------------------------------------------------------------------------------------------- a number is picked


def owned(msisdn: str, country: str, *features: str) -> Number:
    return Number(id=msisdn, account="main", country=country, application="main", features=features)


async def test_a_number_of_the_application_is_picked(desk: Desk) -> None:
    """Source: reference voice §4.1 (B)."""
    made = await pick(desk)

    assert (await desk.read(made["uuid"]))["from"] == CALLER


async def pick(desk: Desk, to: Any = None, flag: Any = True) -> dict[str, Any]:
    """Make a call from a number that is picked."""
    answer = await desk.ask("POST", CALLS, request(from_=..., random_from_number=flag, to=[to or PHONE]))
    assert answer.status_code == 201, answer.text
    read: dict[str, Any] = answer.json()
    return read


async def test_a_number_of_the_destinations_country_is_preferred(desk: Desk) -> None:
    """Else any; those that cannot call are left out."""
    await desk.put(
        owned("12015550101", "US", "VOICE"), owned("12015550102", "US", "SMS"), owned("442079460001", "GB", "VOICE")
    )
    numbers = {FROM, "12015550101", "442079460001"}
    found: dict[str, set[str]] = {"12015550150": set(), TO: set(), "61491570156": set()}
    for to, callers in found.items():
        for _ in range(12):
            made = await pick(desk, {"type": "phone", "number": to}, "true")
            callers.add((await desk.read(made["uuid"]))["from"]["number"])
    websocket = await pick(desk, {"type": "websocket", "uri": "ws://shop.test/s"})

    assert found == {"12015550150": {"12015550101"}, TO: {FROM, "442079460001"}, "61491570156": numbers}
    assert (await desk.read(websocket["uuid"]))["from"]["number"] in numbers


def test_the_pick_is_the_moments() -> None:
    """The same moment picks the same number, whatever order the numbers come in; others pick others."""
    numbers = [owned(f"4420794600{k:02d}", "GB", "VOICE") for k in range(20)]
    to = Endpoint(EndpointType.PHONE, TO)
    picks = [create_rules.pick(numbers, to, Moment(START, k, 42)) for k in range(50)]

    assert picks == [create_rules.pick(numbers[::-1], to, Moment(START, k, 42)) for k in range(50)]
    assert len({pick.address for pick in picks if pick}) > 10


async def test_an_application_without_numbers_calls_as_nobody(desk: Desk) -> None:
    """Doubt: see the rule."""
    number = await desk.house.store.get("default", Number, FROM)
    assert number is not None
    await desk.put(replace(number, application=""))
    made = await pick(desk)

    assert (await desk.read(made["uuid"]))["from"] == {"type": "phone", "number": "unknown"}


@pytest.mark.parametrize("number", [FROM, "12015550100"])
async def test_an_owned_caller_is_placed_in_the_strict_world(desk: Desk, number: str) -> None:
    """Whichever application it is linked to."""
    await desk.settings(voice_from="owned")

    made = await desk.create(from_={"type": "phone", "number": number})

    assert (await desk.call(made["uuid"])).barred == ""


@pytest.mark.parametrize(
    ("sender", "barred"),
    [
        ({"type": "phone", "number": "447700900999"}, "invalid_number"),
        ({"type": "sip", "uri": "sip:shop@shop.test"}, ""),
    ],
)
async def test_a_foreign_caller_is_rejected_in_the_strict_world(desk: Desk, sender: Any, barred: str) -> None:
    """Source: reference voice §4.2 (D)."""
    await desk.settings(voice_from="owned")

    made = await desk.create(from_=sender)

    assert (await desk.call(made["uuid"])).barred == barred


async def test_somebody_elses_number_is_foreign(desk: Desk) -> None:
    """Owned is owned by this account."""
    await desk.settings(voice_from="owned")
    await desk.put(Number(id="447700900555", account="other", country="GB"))

    made = await desk.create(from_={"type": "phone", "number": "447700900555"})

    assert (await desk.call(made["uuid"])).barred == "invalid_number"


async def test_a_picked_caller_is_never_foreign(desk: Desk) -> None:
    await desk.settings(voice_from="owned")

    made = await pick(desk)

    assert (await desk.call(made["uuid"])).barred == ""


async def test_a_number_that_nobody_can_have_is_rejected_later(desk: Desk) -> None:
    """Doubt: see the rule."""
    made = await desk.create(to=[{"type": "phone", "number": "0000000"}])

    assert (await desk.call(made["uuid"])).barred == "invalid_number"


# ------------------------------------------------------------------------------------------------------- the rest


@pytest.mark.parametrize(
    ("said", "detection"),
    [
        ({}, None),
        ({"machine_detection": "continue"}, Detection(hang_up=False)),
        ({"machine_detection": "hangup"}, Detection(hang_up=True)),
        ({"machine_detection": ""}, None),
        ({"machine_detection": None}, None),
        ({"advanced_machine_detection": {}}, Detection(hang_up=False, mode="detect")),
        (
            {"advanced_machine_detection": {"behavior": "hangup", "mode": "default", "beep_timeout": "30"}},
            Detection(hang_up=True, mode="default", beep_s=30),
        ),
        (
            {
                "machine_detection": "hangup",
                "advanced_machine_detection": {"mode": "detect_beep", "beep_timeout": 120},
            },
            Detection(hang_up=False, mode="detect_beep", beep_s=120),
        ),
    ],
)
async def test_machine_detection(desk: Desk, said: Any, detection: Detection | None) -> None:
    """Source: reference voice §4.1."""
    made = await desk.create(**said)

    assert (await desk.call(made["uuid"])).detection == detection


@pytest.mark.parametrize(
    ("said", "length_s", "ringing_s"),
    [
        ({}, 7200, 60),
        ({"length_timer": 1, "ringing_timer": 1}, 1, 1),
        ({"length_timer": 86400, "ringing_timer": 120}, 86400, 120),
        ({"length_timer": "7200", "ringing_timer": "60"}, 7200, 60),
        ({"length_timer": None, "ringing_timer": None}, 7200, 60),
        ({"length_timer": 600.0}, 600, 60),
    ],
)
async def test_timers(desk: Desk, said: Any, length_s: int, ringing_s: int) -> None:
    """Also as texts; source: reference voice §4.1, §4.3."""
    made = await desk.create(**said)

    assert (await desk.call(made["uuid"])).length_s == length_s
    assert (await desk.leg(made["uuid"])).ringing_s == ringing_s


async def test_an_inline_ncco(desk: Desk) -> None:
    """Then nothing is fetched; source: reference voice §4.1."""
    answer = await desk.ask("POST", CALLS, request(answer_url=..., ncco=TALK))

    call = await desk.call(answer.json()["uuid"])
    assert (call.ncco, call.answer) == ((TalkAction("Hello"),), Callback("", "GET"))


async def test_an_ncco_wins_over_a_url(desk: Desk) -> None:
    """Source: reference voice §4.1 (D)."""
    call = await desk.call((await desk.create(ncco=TALK, answer_method="POST"))["uuid"])

    assert (call.ncco, call.answer) == ((TalkAction("Hello"),), Callback("", "POST"))


APPLICATION = {
    "voice": {
        "event_url": "https://shop.test/app-event",
        "event_method": "GET",
        "answer_url": "https://shop.test/app-answer",
        "fallback_answer_url": "https://shop.test/app-fallback",
        "signed_callbacks": False,
    }
}


@pytest.mark.parametrize(
    ("said", "event"),
    [
        ({}, Callback("https://shop.test/app-event", "GET")),
        ({"event_url": []}, Callback("https://shop.test/app-event", "GET")),
        ({"event_method": "POST"}, Callback("https://shop.test/app-event", "GET")),
        ({"event_url": EVENT}, Callback(EVENT[0], "POST")),
        ({"event_url": EVENT, "event_method": "get"}, Callback(EVENT[0], "GET")),
    ],
)
async def test_where_webhooks_go(desk: Desk, said: Any, event: Callback) -> None:
    """The request's URL, else the application's; source: reference voice §4.1, ncco §4.2."""
    await desk.house.control("PATCH", f"applications/{desk.house.world.applications[0].application_id}", APPLICATION)

    call = await desk.call((await desk.create(**said))["uuid"])

    assert call.event == event
    assert call.fallback == Callback("https://shop.test/app-fallback", "GET")
    assert call.signed is False


@pytest.mark.parametrize(("profile", "signed"), [("current", True), ("2020", False)])
async def test_who_signs_webhooks_unless_the_application_says(desk: Desk, profile: str, signed: bool) -> None:
    """The profile does; source: reference auth §7.1, webhooks §9."""
    await desk.settings(profile=profile)

    assert (await desk.call((await desk.create())["uuid"])).signed is signed


# -------------------------------------------------------------------------------------------------------- refusals


# Source: reference voice §4.4, row by row.
REFUSALS: list[tuple[dict[str, Any], str]] = [
    (request(to=...), missing("to")),
    (request(to=None), missing("to")),
    (request(to=[{"number": TO}]), missing("type")),
    (request(to=[{"type": None, "number": TO}]), missing("type")),
    (request(to=[{"type": "phone"}]), missing("number")),
    (request(to=[{"type": "vbc"}]), missing("extension")),
    (request(to=[{"type": "app", "user": ""}]), missing("user")),
    (request(to=[{"type": "vbc", "extension": []}]), wrong(("extension", TYPE))),
    (request(to=PHONE), wrong(("to", TYPE))),
    (request(to=TO), wrong(("to", TYPE))),
    (request(to=[]), wrong(("to", TYPE))),
    (request(to=[TO]), wrong(("to", TYPE))),
    (request(to=[{"type": "fax", "number": TO}]), wrong(("type", TYPE))),
    (request(to=[{"type": 5}]), wrong(("type", TYPE))),
    (request(to=[{"type": "phone", "number": "123456"}]), wrong(("number", DIGITS))),
    (request(to=[{"type": "phone", "number": "1234567890123456"}]), wrong(("number", DIGITS))),
    (request(to=[{"type": "phone", "number": "call me"}]), wrong(("number", DIGITS))),
    (request(to=[{"type": "phone", "number": "\u0664\u0664" + TO[2:]}]), wrong(("number", DIGITS))),
    (request(to=[{"type": "phone", "number": []}]), wrong(("number", DIGITS))),
    (request(to=[{"type": "phone", "number": True}]), wrong(("number", DIGITS))),
    (request(to=[{**PHONE, "dtmfAnswer": "auto"}]), wrong(("dtmfAnswer", VALUE))),
    (request(to=[{**PHONE, "dtmfAnswer": 12}]), wrong(("dtmfAnswer", TYPE))),
    (request(to=[{"type": "sip"}]), wrong(("uri", URI))),
    (request(to=[{"type": "sip", "uri": "bob@shop.test"}]), wrong(("uri", URI))),
    (request(to=[{"type": "sip", "uri": "sip:"}]), wrong(("uri", URI))),
    (request(to=[{"type": "sip", "uri": 5}]), wrong(("uri", URI))),
    (request(to=[{"type": "sip", "user": "bob"}]), wrong(("uri", URI))),
    (request(to=[{"type": "sip", "uri": "sip:a@b", "headers": "x"}]), wrong(("headers", TYPE))),
    (request(to=[{"type": "sip", "uri": "sip:a@b", "standard_headers": 1}]), wrong(("standard_headers", TYPE))),
    (request(to=[{"type": "websocket"}]), wrong(("uri", URI))),
    (request(to=[{"type": "websocket", "uri": "https://shop.test"}]), wrong(("uri", URI))),
    (request(to=[{"type": "websocket", "uri": "ws://a", "content-type": "audio/mp3"}]), wrong(("content-type", VALUE))),
    (request(to=[{"type": "websocket", "uri": "ws://a", "contentType": 5}]), wrong(("contentType", TYPE))),
    (request(to=[{"type": "websocket", "uri": "ws://a", "headers": {"a": "x" * 510}}]), wrong(("headers", VALUE))),
    (request(to=[{"type": "websocket", "uri": "ws://a", "authorization": "x"}]), wrong(("authorization", TYPE))),
    (request(from_=...), missing("from")),
    (request(from_=None), missing("from")),
    (request(from_=None, random_from_number=False), missing("from")),
    (request(from_=None, random_from_number="false"), missing("from")),
    (request(from_=None, random_from_number=5), wrong(("random_from_number", TYPE))),
    (request(random_from_number=True), wrong(("from", VALUE))),
    (request(from_=[CALLER]), wrong(("from", TYPE))),
    (request(from_={"type": "websocket", "uri": "ws://a"}), wrong(("type", TYPE))),
    (request(from_={"type": "phone"}), missing("number")),
    (request(from_={"type": None}), missing("number")),
    (request(from_={"type": "phone", "number": "Acme"}), wrong(("number", DIGITS))),
    (request(from_="Acme"), wrong(("number", DIGITS))),
    (request(from_={"type": "sip", "uri": "shop"}), wrong(("uri", URI))),
    (request(answer_url=...), missing("answer_url")),
    (request(answer_url=None), missing("answer_url")),
    (request(answer_url=[]), missing("answer_url")),
    (request(answer_url=[], ncco=None), missing("answer_url")),
    (request(answer_url=ANSWER[0]), wrong(("answer_url", TYPE))),
    (request(answer_url=[5]), wrong(("answer_url", TYPE))),
    (request(answer_url=["shop.test"]), wrong(("answer_url", VALUE))),
    (request(event_url=EVENT[0]), wrong(("event_url", TYPE))),
    (request(event_url=["ftp://shop.test"]), wrong(("event_url", VALUE))),
    (request(answer_method="PUT"), wrong(("answer_method", VALUE))),
    (request(event_method="PUT"), wrong(("event_method", VALUE))),
    (request(event_method=5), wrong(("event_method", TYPE))),
    (request(machine_detection="stop"), wrong(("machine_detection", VALUE))),
    (request(machine_detection=5), wrong(("machine_detection", TYPE))),
    (request(advanced_machine_detection="hangup"), wrong(("advanced_machine_detection", TYPE))),
    (request(advanced_machine_detection={"behavior": "stop"}), wrong(("behavior", VALUE))),
    (request(advanced_machine_detection={"mode": "off"}), wrong(("mode", VALUE))),
    (request(advanced_machine_detection={"beep_timeout": 29}), wrong(("beep_timeout", VALUE))),
    (request(advanced_machine_detection={"beep_timeout": 121}), wrong(("beep_timeout", VALUE))),
    (request(length_timer=0), wrong(("length_timer", VALUE))),
    (request(length_timer=86401), wrong(("length_timer", VALUE))),
    (request(length_timer="long"), wrong(("length_timer", TYPE))),
    (request(ringing_timer=0), wrong(("ringing_timer", VALUE))),
    (request(ringing_timer="121"), wrong(("ringing_timer", VALUE))),
    (request(ringing_timer=1.5), wrong(("ringing_timer", TYPE))),
    (request(ncco={"action": "talk"}), wrong(("ncco", TYPE))),
    (request(ncco=[]), wrong(("ncco", VALUE))),
    (request(ncco=[{"action": "steam"}]), wrong(("action", VALUE))),
    # Captured in 2019. Source: reference voice §4.4 (A for the refusal).
    (request(ncco=[{"action": "record", "eventUrl": EVENT[0]}]), wrong(("eventUrl", TYPE))),
    # All that is wrong is listed.
    (
        request(to=[{"type": "fax"}], from_="x", answer_url="x", length_timer=0, ncco=[{}, {"action": "talk"}]),
        wrong(
            ("type", TYPE),
            ("number", DIGITS),
            ("answer_url", TYPE),
            ("length_timer", VALUE),
            ("action", VALUE),
            ("text", VALUE),
        ),
    ),
    # What is missing comes first, and alone.
    ({}, missing("to", "from", "answer_url")),
    ({"to": [{}], "length_timer": 0, "answer_url": "x"}, missing("type", "from")),
]


@pytest.mark.parametrize(("content", "body"), REFUSALS, ids=[str(k) for k in range(len(REFUSALS))])
async def test_what_is_refused(desk: Desk, content: Any, body: str) -> None:
    """To the byte; and no call is made."""
    assert_answer(await desk.ask("POST", CALLS, content), 400, body)

    assert (await desk.ask("GET", CALLS)).json()["count"] == 0


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b'"x"', b"null", b"\xff", b"to=x", b"[" * 100_000])
async def test_what_is_no_json_object(desk: Desk, data: bytes) -> None:
    """Source: reference voice §4.4."""
    assert_answer(await desk.ask("POST", CALLS, data=data), 400, BAD_STATE)


@pytest.mark.parametrize(
    ("said", "status"),
    [({}, 400), ({"event_url": []}, 400), ({"event_url": None}, 400), ({"event_url": EVENT}, 201)],
)
async def test_the_strict_world_wants_an_event_url(desk: Desk, said: Any, status: int) -> None:
    """Source: reference voice §4.4 (D)."""
    await desk.settings(voice_event_url="required")

    answer = await desk.ask("POST", CALLS, {**GOOD, **said})

    assert answer.status_code == status
    if status == 400:
        assert_answer(answer, 400, missing("event_url"))


async def test_the_applications_event_url_will_do(desk: Desk) -> None:
    await desk.settings(voice_event_url="required")
    await desk.house.control("PATCH", f"applications/{desk.house.world.applications[0].application_id}", APPLICATION)

    assert (await desk.ask("POST", CALLS, GOOD)).status_code == 201


async def test_a_wrong_event_url_is_wrong_and_not_missing(desk: Desk) -> None:
    await desk.settings(voice_event_url="required")

    assert_answer(await desk.ask("POST", CALLS, {**GOOD, "event_url": "x"}), 400, wrong(("event_url", TYPE)))


async def test_only_three_calls_a_second_where_the_world_limits_them(desk: Desk) -> None:
    """Source: reference voice §1 (B), §2 (D)."""
    await desk.settings(voice_rate_limits=True)

    answers = [await desk.ask("POST", CALLS, GOOD) for _ in range(4)]

    assert [answer.status_code for answer in answers] == [201, 201, 201, 429]
    assert_answer(answers[3], 429, "")
    assert answers[3].headers["retry-after"] == "1"
    reads = [(await desk.ask("GET", CALLS)).status_code for _ in range(16)]
    assert reads == [200] * 15 + [429]
    desk.house.wall += 1_000_000
    await desk.house.advance("1s")
    assert (await desk.ask("POST", CALLS, GOOD)).status_code == 201
    assert (await desk.ask("GET", CALLS)).status_code == 200
