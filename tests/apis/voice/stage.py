"""A stage for calls in tests: a real receiver that is an application's server, and what it was sent, in order."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fake_nexmo.core.clock import STANDING_START
from fake_nexmo.core.instant import SECOND, parse_instant
from tests.apis.voice.desk import Desk
from tests.house import House
from tests.receiver import Answer, Received, Receiver

OWNED = "447700900000"
PERSON = "447700900101"
JSON = (("Content-Type", "application/json"),)
TALK = {"action": "talk", "text": "Hello there, you are through."}
#: How long that takes: 29 characters, fifteen of them a second.
TALK_S = 1.933


def ncco(*actions: Any) -> Answer:
    """An answer with an NCCO."""
    return Answer(200, json.dumps(actions).encode(), JSON)


class Stage:
    """A world with an application whose webhooks go to a receiver.

    Attributes:
        answer: what the answer URL answers, and ``fallback`` the fallback URL.
        replies: what other paths answer, in turn.
    """

    def __init__(self, house: House, receiver: Receiver) -> None:
        self.house = house
        self.desk = Desk(house)
        self.receiver = receiver
        self.answer = ncco(TALK)
        self.fallback = ncco()
        self.replies: dict[str, list[Answer]] = {}
        receiver.answer_by(self.replied)

    def replied(self, received: Received) -> Answer:
        """What the application answers to a request."""
        replies = self.replies.get(received.path)
        if replies:
            return replies.pop(0)
        return {"/answer": self.answer, "/fallback": self.fallback}.get(received.path, Answer())

    async def application(self, **voice: Any) -> None:
        """Set what the application says of voice; the URLs of answers and events unless they are said."""
        known = next(each for each in self.house.world.applications if each.id == "main")
        urls = {"answer_url": f"{self.receiver.url}/answer", "event_url": f"{self.receiver.url}/event"}
        await self.house.control(
            "PATCH", f"applications/{known.application_id}", {"voice": {"signed_callbacks": False, **urls, **voice}}
        )
        await self.house.control("PATCH", f"numbers/{OWNED}", {"application": "main"})

    async def phone(self, **facts: Any) -> None:
        """Declare the person."""
        await self.house.control("PUT", f"handsets/{PERSON}", facts)

    async def create(self, **said: Any) -> str:
        """Call the person by REST; the uuid of the leg."""
        wanted = {"to": [{"type": "phone", "number": PERSON}], "from": {"type": "phone", "number": OWNED}, **said}
        if "ncco" not in wanted and "answer_url" not in wanted:
            wanted["ncco"] = [TALK]
        answer = await self.desk.ask("POST", "/v1/calls", wanted)
        assert answer.status_code == 201, answer.text
        await self.house.engine.settle("default")
        return str(answer.json()["uuid"])

    async def modify(self, uuid: str, status: int = 204, **said: Any) -> None:
        """Modify a call by REST."""
        answer = await self.desk.ask("PUT", f"/v1/calls/{uuid}", said)
        assert answer.status_code == status, answer.text
        await self.house.engine.settle("default")

    async def act(self, act: str, status: int = 200, **said: Any) -> dict[str, Any]:
        """Have the person do something."""
        done: dict[str, Any] = await self.house.control("POST", f"handsets/{PERSON}/{act}", said or None, status)
        return done

    async def calls(self) -> list[dict[str, Any]]:
        """The calls of the world."""
        found: list[dict[str, Any]] = (await self.house.control("GET", "calls"))["items"]
        return found

    async def entry(self) -> dict[str, Any]:
        """The one call of the world."""
        (found,) = await self.calls()
        return found

    async def heard(self) -> list[tuple[Any, str, str]]:
        """What was heard on the one call: when, who, and the words or the keys."""
        lines = (await self.entry())["transcript"]
        return [(seconds(each["at"]), each["speaker"], each["text"] or each["digits"]) for each in lines]

    async def balance(self) -> str:
        """What the account has left."""
        return str((await self.house.control("GET", "accounts/abcd1234"))["balance"])

    def told(self) -> list[tuple[Any, str]]:
        """What the application was told: when, by its own time stamp, and what; asking for an NCCO has no stamp."""
        return [_short(each) for each in self.receiver.requests]

    def bodies(self) -> list[str]:
        """What the application was sent, to the byte: bodies, and queries of GET."""
        return [each.body.decode() or each.query for each in self.receiver.requests]

    def sent_to(self, path: str) -> list[str]:
        """What one path was sent, to the byte."""
        return [each.body.decode() or each.query for each in self.receiver.requests if each.path == path]

    def events(self) -> list[dict[str, Any]]:
        """The reports, read."""
        return [each.json() for each in self.receiver.requests if each.path == "/event"]


def seconds(at: str) -> float:
    """Seconds since the world's start."""
    return (parse_instant(at) - STANDING_START) / SECOND


def _short(received: Received) -> tuple[float, str]:
    said: dict[str, Any] = received.json() if received.body else received.params
    if "timestamp" not in said:
        return -1, received.path.removeprefix("/")
    name = said.get("status") or said.get("type") or said.get("reason") or _input(said)
    return seconds(said["timestamp"]), " ".join([name, *([said["sub_state"]] if "sub_state" in said else [])])


def _input(said: dict[str, Any]) -> str:
    """What an input came to, or a single key; else a notice."""
    if "dtmf" not in said:
        return "notify"
    keys = said["dtmf"] if isinstance(said["dtmf"], str) else said["dtmf"]["digits"]
    if "speech" not in said and "timed_out" not in said:
        return f"key {keys}"
    results = said.get("speech", {}).get("results", [])
    return f"input {results[0]['text'] if results else keys}"


@asynccontextmanager
async def open_stage(house: House, **voice: Any) -> AsyncIterator[Stage]:
    """A stage whose application is set up."""
    async with Receiver() as receiver:
        stage = Stage(house, receiver)
        await stage.application(**voice)
        yield stage
