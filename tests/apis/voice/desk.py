"""A caller of the Voice API in tests: tokens, requests, and calls put into the store in any state."""

from __future__ import annotations

import json
from typing import Any

import httpx
import jwt
from msgspec.structs import replace

from fake_nexmo.apis.voice.ends_model import Callback, Endpoint, EndpointType
from fake_nexmo.apis.voice.model import OWNER, Call
from fake_nexmo.core.change import Change
from fake_nexmo.core.legs import Leg, LegStatus
from fake_nexmo.core.records import Direction, Record
from tests.house import House

CALLS = "/v1/calls"
#: Where the clock of the world stands: 2026-01-01T00:00:00Z.
START = 1_767_225_600_000_000
TO, FROM = "447700900001", "447700900000"
UUID = "63f61863-4a51-4f6b-86e1-46edebcf9356"
CONVERSATION = "CON-f972836a-550f-45fa-956c-12a2ab5b7d22"
PHONE = {"type": "phone", "number": TO}
CALLER = {"type": "phone", "number": FROM}
ANSWER = ["https://shop.test/answer"]
EVENT = ["https://shop.test/event"]
TALK = [{"action": "talk", "text": "Hello"}]
#: The smallest request that makes a call.
GOOD: dict[str, Any] = {"to": [PHONE], "from": CALLER, "answer_url": ANSWER}
#: The same for each operation on a call.
BODIES: dict[tuple[str, str], dict[str, Any]] = {
    ("PUT", ""): {"action": "hangup"},
    ("PUT", "/talk"): {"text": "Hello"},
    ("PUT", "/stream"): {"stream_url": ["https://shop.test/a.mp3"]},
    ("PUT", "/dtmf"): {"digits": "1713"},
    ("PUT", "/input/dtmf"): {"event_url": EVENT},
}

UNAUTHORIZED = '{"type":"UNAUTHORIZED","error_title":"Unauthorized"}'
FORBIDDEN = '{"type":"FORBIDDEN","error_title":"Forbidden"}'
WRONG_VERB = '{"type":"METHOD_NOT_ALLOWED","error_title":"Method Not Allowed"}'
BAD_STATE = '{"type":"BAD_REQUEST","error_title":"Bad Request"}'
NOT_FOUND = '{"type":"NOT_FOUND","error_title":"Not Found"}'

OVER = tuple(each for each in LegStatus if each not in (LegStatus.STARTED, LegStatus.RINGING, LegStatus.ANSWERED))
NEVER_ANSWERED = tuple(each for each in OVER if each is not LegStatus.COMPLETED)


def wrong(*pairs: tuple[str, str]) -> str:
    """The body of a refusal that names wrong parameters. Source: reference voice §2 (A)."""
    items = ",".join(f'{{"reason":{json.dumps(reason)},"name":"{name}"}}' for name, reason in pairs)
    return f'{{"type":400,"title":"Bad Request","invalid_parameters":[{items}]}}'


def missing(*names: str) -> str:
    """The body of a refusal that names missing parameters. Source: reference voice §2 (B)."""
    items = ",".join(f'"{name}":"Is required."' for name in names)
    return f'{{"type":"BAD_REQUEST","error_title":"Bad Request","invalid_parameters":{{{items}}}}}'


def make_leg(status: LegStatus, **said: Any) -> Leg:
    """A leg as it stands in a state: made when the house opens, answered after 2.4 s, over after 63 s."""
    answered = START + 2_400_000 if status in (LegStatus.ANSWERED, LegStatus.COMPLETED) else None
    leg = Leg(
        id=UUID,
        owner=OWNER,
        account="main",
        direction=Direction.OUTBOUND,
        sender=FROM,
        to=TO,
        network="23410",
        rate=1_000_000,
        created_at=START,
        about="main",
        conversation=CONVERSATION,
        status=status,
        answered_at=answered,
        ended_at=START + 63_000_000 if status in OVER else None,
    )
    return replace(leg, **said)


def make_call(**said: Any) -> Call:
    """What the API knows of that leg."""
    call = Call(
        id=UUID,
        account="main",
        application="main",
        sender=Endpoint(EndpointType.PHONE, FROM),
        to=Endpoint(EndpointType.PHONE, TO),
        answer=Callback(ANSWER[0], "GET"),
    )
    return replace(call, **said)


class Desk:
    """Somebody who calls with the key of an application."""

    def __init__(self, house: House) -> None:
        self.house = house

    def token(self, application: str = "main", **claims: Any) -> str:
        """A token of an application; a claim of None is left out."""
        known = next(each for each in self.house.world.applications if each.id == application)
        said = {"application_id": known.application_id, "iat": self.house.wall // 1_000_000, "jti": "1298498081"}
        kept = {name: value for name, value in {**said, **claims}.items() if value is not None}
        return jwt.encode(kept, known.private_key, "RS256")

    async def ask(
        self, method: str, path: str, content: Any = None, *, token: str | None = None, data: bytes | None = None
    ) -> httpx.Response:
        """One request with a token; an empty one is not sent."""
        bearer = self.token() if token is None else token
        headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
        if content is not None:
            return await self.house.client.request(method, path, json=content, headers=headers)
        return await self.house.client.request(method, path, content=data, headers=headers)

    async def create(self, **said: Any) -> dict[str, Any]:
        """Make a call; the answer."""
        answer = await self.ask("POST", CALLS, {**GOOD, **{name.rstrip("_"): value for name, value in said.items()}})
        assert answer.status_code == 201, answer.text
        read: dict[str, Any] = answer.json()
        return read

    async def put(self, *records: Record) -> None:
        """Put records into the world as they are."""
        epoch = (await self.house.store.peek("default")).epoch
        await self.house.store.commit("default", epoch, Change(put=records))

    async def seat(self, status: LegStatus, **said: Any) -> None:
        """Put a call in a state into the world."""
        await self.put(make_call(), make_leg(status, **said))

    async def read(self, uuid: str = UUID) -> dict[str, Any]:
        """A call as it is read."""
        answer = await self.ask("GET", f"{CALLS}/{uuid}")
        assert answer.status_code == 200, answer.text
        known: dict[str, Any] = answer.json()
        return known

    async def call(self, uuid: str = UUID) -> Call:
        """What the API knows of a call."""
        known = await self.house.store.get("default", Call, uuid)
        assert known is not None
        return known

    async def leg(self, uuid: str = UUID) -> Leg:
        """The leg of a call."""
        known = await self.house.store.get("default", Leg, uuid)
        assert known is not None
        return known

    async def settings(self, **said: Any) -> None:
        """Change settings of the world."""
        await self.house.control("PATCH", "settings", said)


def assert_answer(answer: httpx.Response, status: int, body: str) -> None:
    """An answer: status, body to the byte, and every header of reference voice §1."""
    trace = answer.headers["x-nexmo-trace-id"]
    assert len(trace) == 32
    assert set(trace) <= set("0123456789abcdef")
    assert (answer.status_code, answer.text) == (status, body)
    ours = {"allow", "retry-after", "connection"}
    assert [(name, value) for name, value in answer.headers.multi_items() if name not in ours] == [
        ("server", "nginx"),
        *((("content-type", "application/json"),) if body else ()),
        ("x-nexmo-trace-id", trace),
        ("strict-transport-security", "max-age=31536000; includeSubdomains"),
        ("x-content-type-options", "nosniff"),
        ("x-xss-protection", "1; mode=block"),
        ("x-frame-options", "deny"),
        ("content-disposition", 'attachment; filename="api.txt"'),
        *((("content-length", str(len(answer.content))),) if status != 204 else ()),
    ]
