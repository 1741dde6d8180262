"""Rows about calls: a thousand of five minutes at once, advanced to their end."""

from __future__ import annotations

import asyncio
import json
import time
from collections import defaultdict
from typing import Final

from bench.inside import Inside, clean
from bench.table import Row, say
from fake_nexmo.apis.voice import flow_rules, ncco_wire
from fake_nexmo.apis.voice.ends_model import Callback, Endpoint, EndpointType
from fake_nexmo.apis.voice.model import Call
from fake_nexmo.core.change import Change
from fake_nexmo.core.legs import Leg
from fake_nexmo.core.moment import Moment, Use
from fake_nexmo.core.records import Account, Direction
from fake_nexmo.engine.outbound import HttpAnswer, HttpCall, Outbound

_SENDER: Final = "447700900000"
_MINUTES: Final = 5
_TOLD: Final = ["started", "ringing", "answered", "completed"]


def calls(*, quick: bool) -> list[Row]:
    """Every call has its four reports, in order, when the clock has passed its end."""
    count = 200 if quick else 1_000
    took = asyncio.run(_advance(count))
    say(f"calls: {took:.2f} s for {count}")
    return [
        Row(
            name="calls",
            what=f"{count:,} concurrent calls of {_MINUTES} minutes advanced to their end",
            figure=f"{took:.2f} s",
            goal="<= 10 s",
            met=took <= 10,
            note="each with its four reports in order, taken by an app in this process",
        )
    ]


class _Taking(Outbound):
    """An app in this process that takes every report, and remembers what was told of each call."""

    def __init__(self) -> None:
        super().__init__()
        self.told: dict[str, list[str]] = defaultdict(list)

    async def send(self, call: HttpCall) -> HttpAnswer:
        said = json.loads(call.body)
        self.told[said["uuid"]].append(said["status"])
        return HttpAnswer(200, (), b"", 0.0)


async def _advance(count: int) -> float:
    """Seconds that it takes to advance so many calls from their start to their end."""
    inside = Inside()
    inside.engine.outbound = taking = _Taking()
    account = await inside.store.get("default", Account, "main")
    assert account is not None, "the world was made with it"
    start = await inside.store.begin("default")
    moment = Moment(start.clock.at, start.ordinal, start.world.seed)
    for k in range(count):
        await inside.store.commit("default", start.epoch, _begun(account, moment, k))
    clean()
    began = time.perf_counter()
    await inside.engine.advance("default", 2 * _MINUTES * 60 * 1_000_000)
    took = time.perf_counter() - began
    await inside.engine.stop(1)
    told = list(taking.told.values())
    assert told == [_TOLD] * count, "all reports of all calls, in order"
    return took


def _begun(account: Account, moment: Moment, k: int) -> Change:
    """A call in which somebody speaks for five minutes."""
    to = f"442079460{k:03d}"
    leg = Leg(
        id=moment.uuid(Use.CALL, k),
        owner="voice",
        account=account.id,
        direction=Direction.OUTBOUND,
        sender=_SENDER,
        to=to,
        network="23410",
        rate=1_000_000,
        created_at=moment.now,
        conversation=f"CON-{moment.uuid(Use.CONVERSATION, k)}",
    )
    call = Call(
        id=leg.id,
        account=account.id,
        application="main",
        sender=Endpoint(EndpointType.PHONE, _SENDER),
        to=Endpoint(EndpointType.PHONE, to),
        event=Callback("http://shop.test/event"),
        ncco=ncco_wire.parse([{"action": "talk", "text": "x" * 15 * 60 * _MINUTES}]),
    )
    return flow_rules.begin(call, leg, account, moment)
