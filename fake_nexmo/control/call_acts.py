"""The part of the control API about people on the phone: they call, answer, press, speak and hang up."""

from __future__ import annotations

import re
from typing import Final

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response

from fake_nexmo.control import acts, base, words
from fake_nexmo.control.base import Control
from fake_nexmo.core.change import Outcome
from fake_nexmo.core.legs import Leg
from fake_nexmo.core.moment import Moment
from fake_nexmo.engine import acts as people
from fake_nexmo.store.protocol import Start, View
from fake_nexmo.web.commit import decide
from fake_nexmo.web.replies import json_reply

_KEYS: Final = re.compile(r"[0-9*#p]+")


class MakeCall(Struct, forbid_unknown_fields=True):
    """``POST …/handsets/{n}/call``."""

    to: str


class Press(Struct, forbid_unknown_fields=True):
    """``POST …/handsets/{n}/press``: of ``0`` to ``9``, ``*`` and ``#``; ``p`` pauses for half a second."""

    digits: str


class Say(Struct, forbid_unknown_fields=True):
    """``POST …/handsets/{n}/say``."""

    text: str


async def call(control: Control, request: Request) -> Response:
    """The person calls an owned number; answered when the webhooks it led to were sent."""
    wanted = await base.read_body(request, MakeCall)
    engine = control.engine
    start = await engine.store.begin(base.world_of(request))
    phone = await acts.phone_of(control, start, request)
    to = wanted.to.removeprefix("+")

    async def attempt(view: View, moment: Moment) -> Outcome[Leg]:
        return await people.make_call(engine.registry, start.world, view, phone.id, to, moment)

    leg, _ = await decide(engine.store, start.world.name, start.epoch, acts.moment_of(control, start), attempt)
    return await _shown(control, start, leg)


async def answer(control: Control, request: Request) -> Response:
    """The person answers the phone that rings."""
    return await _act(control, request, "answer")


async def reject(control: Control, request: Request) -> Response:
    """The person declines the call that rings."""
    return await _act(control, request, "reject")


async def hang_up(control: Control, request: Request) -> Response:
    """The person hangs up; a call of theirs that was not answered yet is cancelled."""
    return await _act(control, request, "hangup")


async def press(control: Control, request: Request) -> Response:
    """The person presses keys."""
    wanted = await base.read_body(request, Press)
    if not _KEYS.fullmatch(wanted.digits):
        raise base.unfit("digits", f"{wanted.digits!r} are no keys; a phone has 0 to 9, * and #, and p pauses")
    return await _act(control, request, "press", wanted.digits)


async def say(control: Control, request: Request) -> Response:
    """The person says something."""
    wanted = await base.read_body(request, Say)
    if not wanted.text.strip():
        raise base.unfit("text", "nothing is said")
    return await _act(control, request, "say", wanted.text)


async def _act(control: Control, request: Request, act: str, said: str = "") -> Response:
    """Have the person do something in their newest call that is not over, and carry out what it made due."""
    engine = control.engine
    start = await engine.store.begin(base.world_of(request))
    phone = await acts.phone_of(control, start, request)

    async def attempt(view: View, moment: Moment) -> Outcome[Leg]:
        return await people.in_call(engine.registry, view, phone, act, moment, said)

    leg, _ = await decide(engine.store, start.world.name, start.epoch, acts.moment_of(control, start), attempt)
    return await _shown(control, start, leg)


async def _shown(control: Control, start: Start, leg: Leg) -> Response:
    settled = await control.engine.settle(start.world.name)
    stored = await control.engine.store.get(start.world.name, Leg, leg.id)
    return json_reply(200, {**words.call(stored or leg), "settled": settled})
