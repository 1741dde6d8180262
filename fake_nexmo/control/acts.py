"""The part of the control API about people and weather: handsets, their acts, and faults."""

from __future__ import annotations

import re
from typing import Any

from msgspec import UNSET, Struct
from msgspec.structs import replace
from starlette.requests import Request
from starlette.responses import Response

from fake_nexmo.control import base, words
from fake_nexmo.control.base import Control, Problem
from fake_nexmo.core import clock as clocks
from fake_nexmo.core.change import Change, Outcome, Set
from fake_nexmo.core.moment import Moment
from fake_nexmo.core.records import Fault, Handset, Message, Number, SeenCode
from fake_nexmo.engine import acts as people
from fake_nexmo.handsets.characters import known_as
from fake_nexmo.handsets.people import submissions_to
from fake_nexmo.network import carry as network
from fake_nexmo.network.segments import count_text, count_unicode, is_gsm
from fake_nexmo.scenario import arming
from fake_nexmo.scenario.errors import ScenarioError
from fake_nexmo.scenario.faults import FaultFacts, fault_words, to_fault
from fake_nexmo.scenario.people import HandsetFacts, crowd_facts, handset_facts, to_crowd, to_handset
from fake_nexmo.store.protocol import Start, View
from fake_nexmo.store.steady import steady_s
from fake_nexmo.web.commit import WorldView, decide
from fake_nexmo.web.replies import json_reply
from fake_nexmo.web.weather import mischief, ordinal_of

_CODE = re.compile(r"(?<!\d)\d{4,8}(?!\d)")
_HEX = re.compile(r"(?:[0-9A-Fa-f]{2})+")
PARTS_MAX = 255
"""As many as the header of a concatenated SMS can number. Source: reference sms §8.2 (B)."""


class SendSms(Struct, forbid_unknown_fields=True):
    """``POST …/handsets/{n}/sms``: a text, or a binary body with or without a header (hex)."""

    to: str
    text: str = ""
    body: str = ""
    udh: str = ""


class Power(Struct, forbid_unknown_fields=True):
    """``POST …/handsets/{n}/power``."""

    on: bool


class Port(Struct, forbid_unknown_fields=True):
    """``POST …/handsets/{n}/port``: the MCC and MNC of the new network."""

    network: str


class Roam(Struct, forbid_unknown_fields=True):
    """``POST …/handsets/{n}/roam``: the country (ISO 3166, two letters) the phone is in."""

    to: str


# Handsets.


async def read_handset(control: Control, request: Request) -> Response:
    """A phone, or a range of them, in a scenario's words."""
    start = await control.engine.store.begin(base.world_of(request))
    crowd = next((each for each in start.world.crowds if each.name == request.path_params["n"]), None)
    if crowd is not None:
        return json_reply(200, {"name": crowd.name, **base.builtins(crowd_facts(crowd))})
    return json_reply(200, {"number": (phone := await phone_of(control, start, request)).id, **_shown(phone)})


async def put_handset(control: Control, request: Request) -> Response:
    """Declare how a phone behaves, or a whole range of them; what was said of it before is replaced."""
    facts = await base.read_body(request, HandsetFacts)
    given = request.path_params["n"]
    while True:
        start = await control.engine.store.begin(base.world_of(request))
        change, shown = await _declared(control, start, given, facts)
        if await base.try_commit(control, start, change):
            break
    if change.timers:
        await control.engine.settle(start.world.name)
    return json_reply(200, shown)


async def read_code(control: Control, request: Request) -> Response:
    """The newest code that a phone saw or heard; with ``wait``, once there is one.

    That is a Verify code, or the last group of 4 to 8 digits in the newest SMS: whichever came later.
    """
    query = dict(request.query_params)
    wait = base.wait_of(query)
    store, name = control.engine.store, base.world_of(request)
    until = steady_s() + wait
    start = await store.begin(name)
    number = (await phone_of(control, start, request)).id
    while True:
        since = (await store.since(name, Message, 1 << 62)).since
        seen = await store.get(name, SeenCode, number)
        newest = await store.find(name, Message, f"to/{number}", limit=1, newest=True)
        found = _newest_code(seen, newest[0] if newest else None)
        if found is not None:
            return json_reply(200, found)
        left = until - steady_s()
        if left <= 0 or control.engine.stopping:
            break
        await store.changed(name, since, min(left, base.LOOK_AGAIN_S))
    what = f"The newest SMS to {number} holds no group of 4 to 8 digits." if newest else f"No SMS came to {number}."
    raise Problem(404, "no-code", "No code", what)


async def send_sms(control: Control, request: Request) -> Response:
    """The person sends an SMS to an owned number; answered when the webhooks it led to were sent."""
    wanted = await base.read_body(request, SendSms)
    extra = _extra(wanted)
    engine = control.engine
    start = await engine.store.begin(base.world_of(request))
    phone = await phone_of(control, start, request)
    to = wanted.to.removeprefix("+")
    view = WorldView(engine.store, start.world.name)
    moment = moment_of(control, start)
    occasion = await people.text_occasion(view, await people.find_owned(view, to), phone.id, wanted.text)
    bad = await mischief(engine.store, start, occasion, moment.now)

    async def attempt(view: View, moment: Moment) -> Outcome[Message]:
        return await people.send_text(engine.registry, view, phone.id, to, wanted.text, moment, bad, extra)

    message, _ = await decide(engine.store, start.world.name, start.epoch, moment, attempt)
    settled = await engine.settle(start.world.name)
    stored = await engine.store.get(start.world.name, Message, message.id)
    return json_reply(200, {**words.message(stored or message), "settled": settled})


async def switch(control: Control, request: Request) -> Response:
    """Switch a phone on or off; what waited for it is delivered at once."""
    wanted = await base.read_body(request, Power)
    return await _act(control, request, lambda phone, moment: network.power(phone, on=wanted.on, moment=moment))


async def port(control: Control, request: Request) -> Response:
    """Take the number to another network."""
    wanted = await base.read_body(request, Port)
    if not wanted.network:
        raise base.unfit("network", "a network is named by its MCC and MNC, such as 23410")
    return await _act(control, request, lambda phone, _: people.port(phone, wanted.network))


async def roam(control: Control, request: Request) -> Response:
    """Take the phone to another country."""
    wanted = await base.read_body(request, Roam)
    if not re.fullmatch("[A-Z]{2}", wanted.to):
        raise base.unfit("to", f"{wanted.to!r} is no country; write two letters such as FR")
    return await _act(control, request, lambda phone, _: people.roam(phone, wanted.to))


# Faults.


async def read_faults(control: Control, request: Request) -> Response:
    """The faults that are armed, in their order, each with how often it was matched."""
    store = control.engine.store
    start = await store.peek(base.world_of(request))
    items = [
        {**fault_words(each), "matches": await store.counter(start.world.name, ordinal_of(each.name))}
        for each in start.world.faults
    ]
    return json_reply(200, {"items": items})


async def arm(control: Control, request: Request) -> Response:
    """Arm a fault behind those that are armed; one of the same name is replaced in its place and counts from 1."""
    facts = await base.read_body(request, FaultFacts)
    engine = control.engine
    while True:
        start = await engine.store.peek(base.world_of(request))
        name = facts.name if facts.name is not UNSET and facts.name else _free_name(start.world.faults)
        names = await arming.names_in(WorldView(engine.store, start.world.name), engine.registry)
        now = clocks.now(start.clock, engine.shell.wall())
        try:
            fault = to_fault(name, facts, names, now)
        except ScenarioError as error:
            raise base.unfit(error.path, error.what) from None
        if await base.try_commit(control, start, arming.arm(start.world, fault)):
            return json_reply(201, fault_words(fault))


async def disarm(control: Control, request: Request) -> Response:
    """Disarm a fault."""
    name = request.path_params["name"]
    while True:
        start = await control.engine.store.peek(base.world_of(request))
        if await base.try_commit(control, start, arming.disarm(start.world, name)):
            return Response(status_code=204)


# Helpers, in order of use.


async def phone_of(control: Control, start: Start, request: Request) -> Handset:
    """The phone that a path names, by number or by name."""
    view = WorldView(control.engine.store, start.world.name)
    return await people.find_phone(view, start.world, request.path_params["n"], moment_of(control, start))


def _newest_code(seen: SeenCode | None, newest: Message | None) -> dict[str, str] | None:
    """The code that a phone was told last, and what it is about; the SMS of a Verify code is that code's."""
    groups = _CODE.findall(newest.text) if newest is not None else []
    if newest is None or not groups:
        return None if seen is None else {"code": seen.code, "about": seen.about}
    if seen is not None and (seen.about == newest.about or seen.seq > newest.made):
        return {"code": seen.code, "about": seen.about}
    return {"code": groups[-1], "about": newest.id}


def _shown(phone: Handset) -> dict[str, Any]:
    facts = base.builtins(handset_facts(phone))
    return {**({"name": phone.name} if phone.name else {}), **facts}


async def _declared(control: Control, start: Start, given: str, facts: HandsetFacts) -> tuple[Change, dict[str, Any]]:
    """The change that declares a phone or a crowd, and how it is shown."""
    troubles = {name: row for api in control.engine.registry.values() for name, row in api.troubles.items()}
    try:
        if facts.range is not UNSET:
            crowd = to_crowd(given, facts, start.world.characters)
            crowds = arming.with_one(start.world.crowds, crowd)
            return Change(put=(replace(start.world, crowds=crowds),)), {
                "name": given,
                **base.builtins(crowd_facts(crowd)),
            }
        number, name = await _who(control, start, given, facts)
        declared = to_handset(number, name, facts, troubles, start.world.characters)
    except ScenarioError as error:
        raise base.unfit(error.path, error.what) from None
    if await control.engine.store.get(start.world.name, Number, number) is not None:
        raise base.unfit("number", f"{number} is owned by an account of this world, so nobody is behind it")
    before = await control.engine.store.get(start.world.name, Handset, number)
    after = known_as(declared, start.world)
    if before is not None:
        after = replace(after, version=before.version, waiting=before.waiting)
    change = network.declare(after, moment_of(control, start))
    if after.submission is not None:
        change += Change(counters=(Set(submissions_to(number), 0),))
    for other in await control.engine.store.find(start.world.name, Handset, f"name/{name}") if name else ():
        if other.id != number:
            # The name has moved on to another number; what waited for this phone still does.
            change += Change(put=(replace(other, name=""),))
    return change, {"number": number, **_shown(after)}


async def _who(control: Control, start: Start, given: str, facts: HandsetFacts) -> tuple[str, str]:
    """Number and name of the phone that a path and its facts speak of."""
    plain = given.removeprefix("+")
    if plain.isdigit():
        if facts.number is not UNSET and facts.number.removeprefix("+") != plain:
            raise ScenarioError("number", f"the path says {plain}, the body {facts.number}")
        before = await control.engine.store.get(start.world.name, Handset, plain)
        return plain, before.name if before else ""
    if facts.number is not UNSET:
        return facts.number.removeprefix("+"), given
    named = await control.engine.store.find(start.world.name, Handset, f"name/{given}", limit=1)
    if not named:
        raise ScenarioError("number", f"no phone is called {given!r} yet, so its number must be said")
    return named[0].id, given


def _extra(wanted: SendSms) -> dict[str, str]:
    """What makes a message binary."""
    if bool(wanted.text) == bool(wanted.body):
        raise base.unfit("text", "an SMS has either a text or a body")
    count = count_text(wanted.text) if is_gsm(wanted.text) else count_unicode(wanted.text)
    if count.parts > PARTS_MAX:
        raise base.unfit("text", f"it needs {count.parts} parts; an SMS has at most {PARTS_MAX}")
    if wanted.udh and not wanted.body:
        raise base.unfit("udh", "a header goes with a body")
    for path, text in (("body", wanted.body), ("udh", wanted.udh)):
        if text and not _HEX.fullmatch(text):
            raise base.unfit(path, f"{text!r} is not in hex digits")
    if len(wanted.body + wanted.udh) > 280:
        raise base.unfit("body", "header and body together are above 140 octets")
    return {"body": wanted.body.upper(), "udh": wanted.udh.upper()} if wanted.body else {}


def moment_of(control: Control, start: Start) -> Moment:
    """The moment of an act."""
    return Moment(clocks.now(start.clock, control.engine.shell.wall()), start.ordinal, start.world.seed)


async def _act(control: Control, request: Request, rule: Any) -> Response:
    """Commit what an act makes of a phone, and carry out what it made due."""
    engine = control.engine
    while True:
        start = await engine.store.begin(base.world_of(request))
        phone = await phone_of(control, start, request)
        if await base.try_commit(control, start, rule(phone, moment_of(control, start))):
            break
    settled = await engine.settle(start.world.name)
    now = await engine.store.get(start.world.name, Handset, phone.id)
    return json_reply(200, {"number": phone.id, **_shown(now or phone), "settled": settled})


def _free_name(faults: tuple[Fault, ...]) -> str:
    taken = {each.name for each in faults}
    return next(name for k in range(1, len(taken) + 2) if (name := f"fault-{k}") not in taken)
