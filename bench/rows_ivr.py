"""The row about a phone menu: ten steps, each spoken, answered with a key and replied to with the next one."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any, Final

from bench.inside import Inside, clean
from bench.table import Row, say
from fake_nexmo.apis.voice import flow_rules, ncco_wire
from fake_nexmo.apis.voice.ends_model import Callback, Endpoint, EndpointType
from fake_nexmo.apis.voice.model import Call
from fake_nexmo.core.change import Change
from fake_nexmo.core.legs import Leg
from fake_nexmo.core.moment import Moment, Use
from fake_nexmo.core.records import Account, Direction, Handset
from fake_nexmo.engine.outbound import HttpAnswer, HttpCall, Outbound

_SENDER: Final = "447700900000"
_CALLED: Final = "447700900101"
_STEPS: Final = 10
_MINUTES: Final = 5
_GOAL_MS: Final = 20
_REPORTS: Final = ["started", "ringing", "answered", *["1"] * _STEPS, "completed"]


def ivr(*, quick: bool) -> list[Row]:
    """One call at a time, over and over; the middle one counts."""
    took = sorted(asyncio.run(_calls(10 if quick else 100)))
    middle = took[len(took) // 2] * 1_000
    say(f"ivr: {middle:.1f} ms, at worst {took[-1] * 1_000:.1f} ms")
    return [
        Row(
            name="ivr",
            what=f"an IVR call of {_STEPS} steps and {_MINUTES} virtual minutes, inside the process",
            figure=f"{middle:.1f} ms",
            goal=f"<= {_GOAL_MS} ms",
            met=middle <= _GOAL_MS,
            note="a person who presses a key after each prompt, an app in this process that replies with the next",
        )
    ]


def _menu(k: int) -> list[dict[str, Any]]:
    """The ``k``-th prompt: half a minute, the key within it."""
    return [
        {"action": "talk", "text": f"Step {k:02}. ".ljust(15 * 27, "x")},
        {
            "action": "input",
            "type": ["dtmf"],
            "dtmf": {"maxDigits": 1, "timeOut": 10},
            "eventUrl": ["http://shop.test/input"],
        },
    ]


class _Menu(Outbound):
    """An app in this process that has a menu of ten steps."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[str] = []
        self.step = 0

    async def send(self, call: HttpCall) -> HttpAnswer:
        said = json.loads(call.body)
        self.told.append(said["status"] if "status" in said else said["dtmf"]["digits"])
        if "status" in said:
            return HttpAnswer(200, (), b"", 0.0)
        self.step += 1
        body = json.dumps(_menu(self.step) if self.step < _STEPS else []).encode()
        return HttpAnswer(200, (("content-type", "application/json"),), body, 0.0)


async def _calls(count: int) -> list[float]:
    """Seconds that each call takes."""
    inside = Inside()
    account = await inside.store.get("default", Account, "main")
    assert account is not None, "the world was made with it"
    start = await inside.store.begin("default")
    presses = [{"press": "1", "when_heard": "/^Step/", "after": "3s"}] * _STEPS
    person = Handset(id=_CALLED, rest={"on_call": [{"answer": {}}, *presses]})
    await inside.store.commit("default", start.epoch, Change(put=(person,)))
    clean()
    took = []
    for _ in range(count):
        inside.engine.outbound = menu = _Menu()
        start = await inside.store.begin("default")
        moment = Moment(start.clock.at, start.ordinal, start.world.seed)
        began = time.perf_counter()
        await inside.store.commit("default", start.epoch, _begun(account, moment))
        await inside.engine.advance("default", 2 * _MINUTES * 60 * 1_000_000)
        took.append(time.perf_counter() - began)
        assert menu.told == _REPORTS, "every step is reported, in order"
        leg = await inside.store.get("default", Leg, moment.uuid(Use.CALL))
        assert leg is not None, "it was made"
        assert leg.duration_s == _MINUTES * 60, "it lasts as long as its steps"
    await inside.engine.stop(1)
    return took


def _begun(account: Account, moment: Moment) -> Change:
    leg = Leg(
        id=moment.uuid(Use.CALL),
        owner="voice",
        account=account.id,
        direction=Direction.OUTBOUND,
        sender=_SENDER,
        to=_CALLED,
        network="23410",
        rate=1_000_000,
        created_at=moment.now,
        conversation=f"CON-{moment.uuid(Use.CONVERSATION)}",
    )
    call = Call(
        id=leg.id,
        account=account.id,
        application="main",
        sender=Endpoint(EndpointType.PHONE, _SENDER),
        to=Endpoint(EndpointType.PHONE, _CALLED),
        event=Callback("http://shop.test/event"),
        ncco=ncco_wire.parse(_menu(0)),
    )
    return flow_rules.begin(call, leg, account, moment)
