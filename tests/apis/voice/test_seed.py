"""Raw requests as nexmo-go v0.8.1 sends them, and replies checked against its types.

It cuts the body at the struct's members: what is no string there fails its decoder. Its base URL ends in a slash.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from fake_nexmo.core.legs import LegStatus
from tests.apis.voice.desk import ANSWER, CONVERSATION, EVENT, FROM, START, TO, UUID, Desk, make_call, make_leg

BASE = "/v1/calls/"
TEXT, WHOLE, ANY = str, int, object
LINK = {"href": TEXT}
#: The library's types by their JSON names; a member that is absent keeps its zero value.
CREATED = {"uuid": TEXT, "conversation_uuid": TEXT, "direction": TEXT, "status": TEXT}
INFO = {
    "uuid": TEXT,
    "conversation_uuid": TEXT,
    "to": ANY,
    "from": ANY,
    "status": TEXT,
    "direction": TEXT,
    "rate": TEXT,
    "price": TEXT,
    "duration": TEXT,
    "network": TEXT,
    "start_time": TEXT,
    "end_time": TEXT,
}
LIST = {
    "count": WHOLE,
    "page_size": WHOLE,
    "record_index": WHOLE,
    "_links": {"self": LINK, "next": LINK, "prev": LINK, "first": LINK, "last": LINK},
    "_embedded": {"calls": [INFO]},
}
MODIFIED = {"message": TEXT, "uuid": TEXT}
ERROR = {"type": TEXT, "error_title": TEXT}


def decode(kind: Any, value: Any) -> Any:
    """What Go's decoder makes of a value; null leaves the zero value.

    Raises:
        TypeError: it would refuse.
    """
    if value is None or kind is ANY:
        return value
    if isinstance(kind, Mapping):
        if not isinstance(value, dict):
            raise TypeError(f"{value!r} is no struct")
        return {name: decode(kind[name], each) for name, each in value.items() if name in kind}
    if isinstance(kind, list):
        if not isinstance(value, list):
            raise TypeError(f"{value!r} is no slice")
        return [decode(kind[0], each) for each in value]
    if type(value) is not kind:
        raise TypeError(f"{value!r} is no {kind.__name__}")
    return value


class Seed:
    """The library's call service."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    async def do(self, method: str, path: str, content: Any, kind: Any) -> Any:
        """Ask, and decode as its HTTP layer does: nothing on 204, the error's struct on anything but success."""
        # A token without exp, whose jti is a random number in decimal. Source: reference auth §5.8.
        token = self.desk.token(jti="1298498081")
        answer = await self.desk.ask(method, path, content, token=token)
        if answer.status_code == 204:
            return {}
        return decode(kind if answer.is_success else ERROR, answer.json())

    async def create(self, **said: Any) -> Any:
        """``CreateCall``: to, from and answer_url are always sent, null when they are unset."""
        content = {"to": None, "from": None, "answer_url": None, **{k.rstrip("_"): v for k, v in said.items()}}
        return await self.do("POST", BASE, content, CREATED)


@pytest.fixture
def seed(desk: Desk) -> Seed:
    return Seed(desk)


PHONE = {"type": "phone", "number": TO}
CALLER = {"type": "phone", "number": FROM}
FULL = {
    "answer_method": "POST",
    "event_url": EVENT,
    "event_method": "GET",
    "machine_detection": "hangup",
    "length_timer": 600,
    "ringing_timer": 30,
}


@pytest.mark.parametrize("more", [{}, FULL], ids=["least", "all"])
@pytest.mark.parametrize(
    "to",
    [
        PHONE,
        {**PHONE, "dtmfAnswer": "1p2"},
        {"type": "sip", "uri": "sip:bob@shop.test"},
        {"type": "websocket", "uri": "wss://shop.test/s"},
        {"type": "websocket", "uri": "wss://s", "content-type": "audio/l16;rate=8000", "headers": {"a": 1}},
    ],
)
async def test_create_call(seed: Seed, to: Any, more: Any) -> None:
    made = await seed.create(to=[to], from_=CALLER, answer_url=ANSWER, **more)

    assert set(made) == set(CREATED)
    assert (made["status"], made["direction"]) == ("started", "outbound")


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ({"to": [PHONE], "answer_url": ANSWER}, {"type": "BAD_REQUEST", "error_title": "Bad Request"}),
        ({"to": [PHONE], "from_": CALLER}, {"type": "BAD_REQUEST", "error_title": "Bad Request"}),
        ({"from_": CALLER, "answer_url": ANSWER}, {"type": "BAD_REQUEST", "error_title": "Bad Request"}),
    ],
)
async def test_what_is_missing(seed: Seed, said: Any, error: Any) -> None:
    """Null is absent; the form of the refusal is one that it can decode."""
    assert await seed.create(**said) == error


async def test_what_is_wrong_it_cannot_decode(seed: Seed) -> None:
    """As with the real service: the type is a number. Source: reference voice §2 (A)."""
    with pytest.raises(TypeError, match="400 is no str"):
        await seed.create(to=[PHONE], from_=CALLER, answer_url=ANSWER, length_timer=-1)


@pytest.mark.parametrize("status", LegStatus)
async def test_get_call_info(seed: Seed, status: LegStatus) -> None:
    """In every state."""
    await seed.desk.seat(status)

    info = await seed.do("GET", BASE + UUID, None, INFO)

    assert (info["uuid"], info["status"], info["to"], info["from"]) == (UUID, status, PHONE, CALLER)


async def test_get_call_info_of_nothing_is_the_list(seed: Seed) -> None:
    """An empty uuid leaves the base URL; the library then finds none of its members."""
    assert await seed.do("GET", BASE, None, INFO) == {}


DATES = "date_start=2016-11-14T07%3A45%3A14Z&date_end=2030-11-14T07%3A45%3A14Z"


@pytest.mark.parametrize(
    "query", ["", f"?status=started&{DATES}&page_size=1&record_index=1&order=desc&conversation_uuid={CONVERSATION}"]
)
async def test_search_calls(seed: Seed, query: str) -> None:
    """Every filter there is; whole numbers are numbers."""
    for k in range(3):
        uuid = f"00000000-0000-4000-8000-00000000000{k}"
        await seed.desk.put(make_call(id=uuid), make_leg(LegStatus.STARTED, id=uuid, created_at=START + k))

    page = await seed.do("GET", BASE + query, None, LIST)

    assert page["count"] == 3
    assert len(page["_embedded"]["calls"]) == (1 if query else 3)
    assert set(page["_links"]) == ({"self", "first", "last", "next", "prev"} if query else {"self", "first", "last"})


@pytest.mark.parametrize(
    "request_",
    [
        {"action": "hangup"},
        {"action": "mute"},
        {"action": "transfer", "destination": {"type": "ncco", "url": ["https://shop.test/ncco"]}},
    ],
)
async def test_modify_call(seed: Seed, request_: Any) -> None:
    """204: an empty struct and no error."""
    await seed.desk.seat(LegStatus.ANSWERED)

    assert await seed.do("PUT", BASE + UUID, request_, MODIFIED) == {}


@pytest.mark.parametrize(
    ("method", "sub", "content", "message"),
    [
        ("PUT", "/stream", {"stream_url": ["https://shop.test/a.mp3"]}, "Stream started"),
        ("PUT", "/stream", {"stream_url": ["https://shop.test/a.mp3"], "loop": 3}, "Stream started"),
        ("DELETE", "/stream", None, "Stream stopped"),
        ("PUT", "/talk", {"text": "Hello"}, "Talk started"),
        ("PUT", "/talk", {"text": "Hello", "voice_name": "Amy", "loop": 2}, "Talk started"),
        ("DELETE", "/talk", None, "Talk stopped"),
        ("PUT", "/dtmf", {"digits": "1713"}, "DTMF sent"),
    ],
)
async def test_what_is_done_to_a_call(seed: Seed, method: str, sub: str, content: Any, message: str) -> None:
    await seed.desk.seat(LegStatus.ANSWERED)

    assert await seed.do(method, BASE + UUID + sub, content, MODIFIED) == {"message": message, "uuid": UUID}


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (LegStatus.RINGING, {"type": "BAD_REQUEST", "error_title": "Bad Request"}),
        (LegStatus.BUSY, {"type": "NOT_FOUND", "error_title": "Not Found"}),
    ],
)
async def test_errors_have_a_type_that_is_a_text(seed: Seed, status: LegStatus, error: Any) -> None:
    """Source: reference voice §2."""
    await seed.desk.seat(status)

    assert await seed.do("PUT", f"{BASE}{UUID}/talk", {"text": "Hello"}, MODIFIED) == error


async def test_a_token_lasts_fifteen_minutes(seed: Seed) -> None:
    """And the leeway. Source: reference auth §5.8, the seed's token."""
    now = seed.desk.house.wall // 1_000_000
    good, late = (seed.desk.token(iat=now - age) for age in (899, 931))

    assert (await seed.desk.ask("GET", BASE, token=good)).status_code == 200
    answer = await seed.desk.ask("GET", BASE, token=late)
    assert decode(ERROR, answer.json()) == {"type": "UNAUTHORIZED", "error_title": "Unauthorized"}
