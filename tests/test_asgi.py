"""The app as a server sees it: from a path and a verb to an operation, and what is said when there is none."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator, Iterable
from enum import Enum
from typing import Any

import httpx
import pytest
from msgspec import Struct
from starlette.responses import Response

from fake_nexmo.asgi import Emulator, build_app
from fake_nexmo.control.base import Control
from fake_nexmo.control.guard import Guard
from fake_nexmo.core.change import Change, Outcome
from fake_nexmo.core.moment import Moment
from fake_nexmo.core.records import Event
from fake_nexmo.core.refusal import NotEmulated, Refusal
from fake_nexmo.engine.outbound import Outbound
from fake_nexmo.engine.runner import Engine
from fake_nexmo.store.protocol import View
from fake_nexmo.web.api import Api, Operation
from fake_nexmo.web.call import Call
from fake_nexmo.web.commit import commit
from fake_nexmo.web.credentials import CredentialRows, authenticate
from fake_nexmo.web.replies import json_reply
from tests.house import House

BASE = "http://127.0.0.1:6396"
GOOD = {"api_key": "abcd1234", "api_secret": "s3cr3tS3cr3t", "from": "Acme", "to": "447700900001", "text": "Hi"}
FORM = {"content-type": "application/x-www-form-urlencoded"}


class Answer(Struct):
    """What the app sent."""

    status: int = 0
    headers: list[tuple[bytes, bytes]] = []
    body: bytes = b""


async def speak(
    app: Emulator,
    method: str,
    target: str,
    messages: Iterable[dict[str, Any]] = (),
    headers: dict[str, str] | None = None,
) -> Answer:
    """Send one request straight into the app, in these ASGI messages."""
    path, _, query = target.partition("?")
    said = iter([*messages] or [{"type": "http.request", "body": b"", "more_body": False}])
    answer = Answer()
    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": [(name.lower().encode(), value.encode()) for name, value in (headers or {}).items()],
        "scheme": "http",
        "server": ("127.0.0.1", 6396),
        "client": ("127.0.0.1", 50000),
    }

    async def receive() -> Any:
        return next(said, {"type": "http.disconnect"})

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            answer.status, answer.headers = message["status"], list(message["headers"])
        else:
            answer.body += message.get("body", b"")

    await app(scope, receive, send)
    return answer


def chunks(*parts: bytes) -> list[dict[str, Any]]:
    """A body in these pieces."""
    return [{"type": "http.request", "body": part, "more_body": k < len(parts) - 1} for k, part in enumerate(parts)]


async def status_of(house: House, **params: str) -> str:
    """The SMS status of a good request."""
    status: str = (await house.send(**params))["messages"][0]["status"]
    return status


# ------------------------------------------------------------------------------------------------ paths and verbs


@pytest.mark.parametrize(
    "path", ["/", "", "/v0.1/nothing", "/sms", "/sms/jsonx", "/sms/json/x", "/SMS/JSON", "/smsjson"]
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
async def test_an_unknown_path_is_501_and_named(house: House, path: str, method: str) -> None:
    """In our own words, whatever the verb; source: reference README rulings, unknown operation."""
    answer = await house.client.request(method, BASE + path)

    shown = path or "/"
    assert answer.status_code == 501
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {
        "type": "urn:fake-nexmo:not-emulated",
        "title": "Not emulated",
        "status": 501,
        "detail": f"fake-nexmo does not emulate {method} {shown}. GET /_fake/fidelity lists what is emulated.",
        "gap": f"{method} {shown}",
    }


@pytest.mark.parametrize("host", ["rest.nexmo.com", "api.nexmo.com", "example.com", ""])
async def test_the_path_decides_never_the_host(house: House, host: str) -> None:
    """All services are one origin; source: design §6."""
    answer = await house.client.post("/sms/json", data=GOOD, headers={"host": host})

    assert answer.json()["messages"][0]["status"] == "0"


@pytest.mark.parametrize(
    "path", ["/sms/json/", "//sms/json", "/sms//json", "///sms///json///", "/sms/json?", "/sms/json/?"]
)
async def test_slashes_too_many_change_nothing(house: House, path: str) -> None:
    """The same operation, and never a redirect; source: reference README rulings."""
    answer = await house.client.post(BASE + path, data=GOOD)

    assert (answer.status_code, answer.json()["messages"][0]["status"]) == (200, "0")


@pytest.mark.parametrize("method", ["PUT", "PATCH", "OPTIONS", "DELETE", "BREW"])
@pytest.mark.parametrize("path", ["/sms/json", "/sms/xml/"])
async def test_a_wrong_verb_is_404_in_the_words_of_that_host(house: House, method: str, path: str) -> None:
    """No credential is looked at and nothing is written down; source: reference auth §6.2 (A), account §1.2 (D)."""
    answer = await house.client.request(method, path, params=GOOD)

    assert answer.status_code == 404
    assert answer.content == b'{"error-code":"404","error-code-label":"not found"}'
    closing = [(b"connection", b"close")] if method == "DELETE" else []
    assert answer.headers.raw == [(b"content-type", b"application/json"), (b"content-length", b"51"), *closing]
    assert (await house.control("GET", "requests"))["items"] == []


async def test_head_is_a_wrong_verb_too(house: House) -> None:
    """The server in front leaves the body out; the length is that of the answer to the others."""
    answer = await house.client.head("/sms/json", params=GOOD)

    assert (answer.status_code, answer.headers["content-length"]) == (404, "51")


async def test_delete_of_an_unknown_path_closes_the_connection(house: House) -> None:
    """Its body is as unframed as any; source: reference README rulings."""
    assert (await house.client.delete("/v0.1/none")).headers.get("connection") == "close"


async def test_only_delete_closes_the_connection(house: House) -> None:
    """Old Node libraries send a body with it that nothing frames; source: reference README rulings."""
    for method in ("GET", "POST", "PUT"):
        assert "connection" not in (await house.client.request(method, "/sms/json")).headers
    assert (await house.client.delete("/sms/json")).headers["connection"] == "close"


# ------------------------------------------------------------------------------------------------------- bodies


async def test_a_body_may_come_in_pieces(house: House) -> None:
    """Empty ones among them."""
    body = b"&".join(f"{name}={value}".encode() for name, value in GOOD.items())

    answer = await speak(house.app, "POST", "/sms/json", chunks(body[:7], b"", body[7:30], body[30:]), FORM)

    assert json.loads(answer.body)["messages"][0]["status"] == "0"


@pytest.mark.parametrize("pieces", [1, 5])
async def test_a_body_above_a_mebibyte_is_413(house: House, pieces: int) -> None:
    """In our own words; one octet less is read."""
    start = b"&".join(f"{name}={value}".encode() for name, value in GOOD.items()) + b"&x="
    fits = start + b"x" * ((1 << 20) - len(start))
    step = len(fits) // pieces + 1

    for body, status in ((fits, 200), (fits + b"x", 413)):
        cut = chunks(*(body[at : at + step] for at in range(0, len(body), step)))
        answer = await speak(house.app, "POST", "/sms/json", cut, FORM)
        assert answer.status == status
    assert answer.headers[0] == (b"content-type", b"application/problem+json")
    assert json.loads(answer.body) == {
        "type": "urn:fake-nexmo:too-large",
        "title": "Too large",
        "status": 413,
        "detail": "The body is above 1 MiB.",
    }
    assert len((await house.control("GET", "messages"))["items"]) == 1


async def test_a_request_that_is_cut_off_sends_nothing(house: House) -> None:
    """Half a text is not what anybody wanted to send."""
    body = b"api_key=abcd1234&api_secret=s3cr3tS3cr3t&from=Acme&to=447700900001&text=Your code is 12"
    cut: list[dict[str, Any]] = [{"type": "http.request", "body": body, "more_body": True}, {"type": "http.disconnect"}]

    await speak(house.app, "POST", "/sms/json", cut, FORM)

    assert (await house.control("GET", "messages"))["items"] == []


# ---------------------------------------------------------------------------------------------- other kinds of scope


async def test_web_sockets_are_closed(house: House) -> None:
    """Nobody speaks them here."""
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message)

    await house.app({"type": "websocket", "path": "/sms/json"}, receive, send)

    assert sent == [{"type": "websocket.close", "code": 1000}]


async def test_the_lifespan_protocol_is_refused(house: House) -> None:
    """A server that offers it goes on without."""

    async def nothing(*_: Any) -> Any:
        return None

    with pytest.raises(AssertionError, match="no lifespan"):
        await house.app({"type": "lifespan"}, nothing, nothing)


async def test_the_control_api_has_the_guard_it_was_given(house: House) -> None:
    """Without one: this machine only."""
    control = Control(house.engine, clock="manual")
    stranger: Any = ("192.0.2.1", 50000)
    for app, status in (
        (build_app(house.engine, control), 403),
        (build_app(house.engine, control, Guard(everybody=True)), 200),
    ):
        transport = httpx.ASGITransport(app=app, client=stranger)
        async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:
            assert (await client.get("/_fake/health")).status_code == status
            # The emulated APIs are open to all.
            assert (await client.post("/sms/json", data=GOOD)).json()["messages"][0]["status"] == "0"


# ----------------------------------------------------------------------------------------- an API of the tests' own


class Word(Enum):
    """The refusals of the probe."""

    NO = "no"


ROWS = CredentialRows(Word.NO, Word.NO, Word.NO, Word.NO, Word.NO, Word.NO, Word.NO)


class Probe:
    """An API whose endpoints end in every way there is."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.under_way: list[int] = []
        self.api = Api(
            name="probe",
            title="Probe",
            operations=tuple(
                Operation(f"probe.{name}", (path,), verbs, endpoint, mark="D", source="none")
                for name, path, verbs, endpoint in (
                    ("show", "/probe/{id}/of.it/{key}", ("GET", "DELETE"), self.show),
                    ("refuse", "/probe/refuse", ("GET",), self.refuse),
                    ("gap", "/probe/gap", ("GET",), self.gap),
                    ("fail", "/probe/fail", ("GET",), self.fail),
                    ("stale", "/probe/stale", ("GET",), self.stale),
                    ("gone", "/probe/gone", ("GET",), self.gone),
                )
            ),
            word_refusal=self.word_refusal,
            wrong_verb=self.wrong_verb,
        )

    async def show(self, call: Call) -> Response:
        self.under_way.append(self.house.engine.requests)
        return json_reply(200, call.path_params)

    async def refuse(self, call: Call) -> Response:
        await self._enter(call)
        raise Refusal(Word.NO, why="because")

    async def gap(self, call: Call) -> Response:
        await self._enter(call)
        raise NotEmulated("probe.gap with all its heart", "Ask again tomorrow.")

    async def fail(self, call: Call) -> Response:
        await self._enter(call)
        raise ZeroDivisionError("on purpose")

    async def stale(self, call: Call) -> Response:
        await self._enter(call)
        await call.shell.store.reset_world("default")
        return await self._write(call)

    async def gone(self, call: Call) -> Response:
        await self._enter(call)
        await call.shell.store.delete_world("default")
        return await self._write(call)

    def word_refusal(self, call: Call, refusal: Refusal) -> Response:
        call.outcome = "no"
        return json_reply(420, {"row": refusal.row.value, **refusal.facts})

    def wrong_verb(self, call: Call) -> Response:
        return json_reply(405, call.scope["method"])

    async def _enter(self, call: Call) -> None:
        await call.read()
        await authenticate(call, ROWS)

    async def _write(self, call: Call) -> Response:
        async def attempt(_: View, moment: Moment) -> Outcome[None]:
            return Outcome(Change(log=(Event(at=moment.now, name="probe", about="x"),)), None)

        await commit(call, attempt)
        return json_reply(200, "written")


@pytest.fixture
async def probe(house: House) -> AsyncIterator[tuple[Probe, httpx.AsyncClient]]:
    """An app with the probe beside the real APIs, over the store of the house."""
    one = Probe(house)
    shell = house.engine.shell
    engine = Engine(shell, {**house.engine.registry, "probe": one.api}, Outbound())
    house.engine = engine
    app = build_app(engine, Control(engine, clock="manual"))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=BASE) as client:
        yield one, client


Probed = tuple[Probe, httpx.AsyncClient]
CREDENTIALS = {"api_key": "abcd1234", "api_secret": "s3cr3tS3cr3t"}


async def requests(house: House) -> list[dict[str, Any]]:
    """What was written down."""
    items: list[dict[str, Any]] = (await house.control("GET", "requests"))["items"]
    return items


@pytest.mark.parametrize(
    ("path", "values"),
    [
        ("/probe/a/of.it/b", {"id": "a", "key": "b"}),
        ("/probe//a//of.it/b/", {"id": "a", "key": "b"}),
        ("/probe/a.b-c~%20é/of.it/44", {"id": "a.b-c~ é", "key": "44"}),
    ],
)
async def test_a_path_may_hold_values(probe: Probed, path: str, values: dict[str, str]) -> None:
    """One segment each, decoded."""
    _, client = probe

    assert (await client.get(BASE + path)).json() == values


@pytest.mark.parametrize("path", ["/probe/a/of.it", "/probe/a/of.it/b/c", "/probe/a/ofxit/b", "/x/probe/a/of.it/b"])
async def test_a_path_fits_whole_or_not_at_all(probe: Probed, path: str) -> None:
    """Letters of the pattern stand for themselves."""
    _, client = probe

    assert (await client.get(path)).json()["gap"] == f"GET {path}"


async def test_a_wrong_verb_is_answered_by_the_api_whose_path_it_is(probe: Probed) -> None:
    """Also where the path holds values."""
    _, client = probe

    answer = await client.put("/probe/a/of.it/b")
    assert (answer.status_code, answer.json()) == (405, "PUT")
    assert (await client.put("/sms/json")).status_code == 404


async def test_a_delete_that_is_carried_out_closes_the_connection_too(probe: Probed) -> None:
    """Not the refused ones only."""
    _, client = probe

    answer = await client.delete("/probe/a/of.it/b")

    assert answer.json() == {"id": "a", "key": "b"}
    assert answer.headers.raw[-1] == (b"connection", b"close")


async def test_a_refusal_is_worded_by_its_api(house: House, probe: Probed) -> None:
    """And written down in the caller's world, with what the API says of it."""
    _, client = probe

    answer = await client.get("/probe/refuse", params=CREDENTIALS)

    assert (answer.status_code, answer.json()) == (420, {"row": "no", "why": "because"})
    [entry] = await requests(house)
    assert (entry["operation"], entry["status"], entry["account"], entry["outcome"]) == (
        "probe.refuse",
        420,
        "main",
        "no",
    )


async def test_a_gap_is_501_and_written_down(house: House, probe: Probed) -> None:
    """With the endpoint's own hint."""
    _, client = probe

    answer = await client.get("/probe/gap", params=CREDENTIALS)

    assert answer.status_code == 501
    assert answer.json()["gap"] == "probe.gap with all its heart"
    assert answer.json()["detail"].endswith("its heart. Ask again tomorrow.")
    [entry] = await requests(house)
    assert (entry["status"], entry["outcome"]) == (501, "not emulated: probe.gap with all its heart")


async def test_a_bug_is_500_with_its_traceback_in_the_log(
    house: House, probe: Probed, caplog: pytest.LogCaptureFixture
) -> None:
    """The answer says no more than that."""
    _, client = probe

    with caplog.at_level(logging.ERROR, logger="fake_nexmo"):
        answer = await client.get("/probe/fail", params=CREDENTIALS)

    assert answer.status_code == 500
    assert answer.json()["type"] == "urn:fake-nexmo:bug"
    assert "on purpose" not in answer.text
    assert [record.getMessage() for record in caplog.records] == ["a bug in fake-nexmo: probe.fail"]
    assert "ZeroDivisionError: on purpose" in caplog.text
    [entry] = await requests(house)
    assert (entry["status"], entry["outcome"]) == (500, "a bug in fake-nexmo")


@pytest.mark.parametrize("how", ["stale", "gone"])
async def test_a_world_that_moves_meanwhile_is_503(house: House, probe: Probed, how: str) -> None:
    """Reset or deleted between reading and writing: nothing is written; source: design §7."""
    _, client = probe

    answer = await client.get(f"/probe/{how}", params=CREDENTIALS)

    assert answer.status_code == 503
    assert answer.json() == {
        "type": "urn:fake-nexmo:stale",
        "title": "Stale",
        "status": 503,
        "detail": "The world was reset, restored or deleted meanwhile; ask again.",
    }
    if how == "stale":
        assert await requests(house) == []
        assert (await house.control("GET", "events"))["items"] == []


async def test_what_belongs_to_no_world_is_written_down_nowhere(house: House, probe: Probed) -> None:
    """A request without a known key."""
    _, client = probe

    await client.get("/probe/refuse")
    await client.get("/probe/refuse", params=CREDENTIALS | {"api_key": "nobody00"})
    await client.get("/probe/a/of.it/b")

    assert await requests(house) == []


async def test_requests_under_way_are_counted(probe: Probed) -> None:
    """While an endpoint works, and never after, however it ends: a clock that jumps by itself waits for them."""
    one, client = probe

    for path in ("/probe/a/of.it/b", "/probe/refuse", "/probe/fail", "/probe/none", "/_fake/health"):
        await client.get(path)

    assert one.under_way == [1]
    assert one.house.engine.requests == 0


async def test_the_house_answers_as_before(house: House) -> None:
    """The order of what was written down is that of the requests."""
    assert [await status_of(house), await status_of(house, to="x"), await status_of(house, text="")] == ["0", "3", "2"]
    assert [entry["outcome"] for entry in await requests(house)] == [
        None,
        "3 to address is not numeric",
        "2 Missing Message Text",
    ]
