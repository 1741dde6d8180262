"""Carrying out a timer: the owner's rule is run and its change committed, together with the timer's end."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from fake_nexmo.core.change import Change, Outcome
from fake_nexmo.core.legs import Leg, LegStatus
from fake_nexmo.core.moment import Moment
from fake_nexmo.core.records import (
    Account,
    Application,
    Delivery,
    Direction,
    Handset,
    Message,
    Mischief,
    Number,
    PartStatus,
    Reaction,
    Timer,
    World,
)
from fake_nexmo.handsets.calls import Manner
from fake_nexmo.handsets.characters import person
from fake_nexmo.network import calls
from fake_nexmo.network import carry as network
from fake_nexmo.network.carry import Passage
from fake_nexmo.network.weather import Occasion
from fake_nexmo.numbering.plan import look_up
from fake_nexmo.store.protocol import Start, Store, View
from fake_nexmo.web.api import Api, OccasionRule, TimerRule
from fake_nexmo.web.commit import WorldView, decide
from fake_nexmo.web.weather import mischief, outage

Registry = Mapping[str, Api]


class Owner(Struct, frozen=True):
    """Somebody who owns timers and is no API: how they are carried out, and what faults may act on; see `Api`."""

    timers: Mapping[str, TimerRule]
    occasions: Mapping[str, OccasionRule] = {}


Others = Callable[[str], Owner]
"""Finds those owners by their names."""


class Weather(Struct, frozen=True, gc=False):
    """What faults do to a timer, drawn once before its first attempt."""

    outage: Reaction | None = None
    inbound: Mischief | None = None
    own: Mischief | None = None


async def carry_out(store: Store, registry: Registry, start: Start, timer: Timer, others: Others | None = None) -> None:
    """Carry out one timer; if it is gone or was moved meanwhile, nothing happens.

    Its owner is the network, an API of the registry, or one of the others.

    Raises:
        StaleEpoch: the world was reset, restored or deleted meanwhile.
    """
    moment = Moment(timer.due_at, timer.order, start.world.seed)
    owner = registry.get(timer.owner) or (others(timer.owner) if others and timer.owner != network.OWNER else None)
    weather = await _weather(store, owner, start, timer, moment) if start.world.faults else Weather()

    async def attempt(view: View, moment: Moment) -> Outcome[None]:
        current = await view.get(Timer, timer.id)
        if current is None or current.version != timer.version:
            return Outcome(Change(), None)
        change = await _judge(registry, owner, start, view, timer, moment, weather)
        return Outcome(change + Change(drop=(current,)), None)

    await decide(store, start.world.name, start.epoch, moment, attempt, timer.depth + 1)


async def foresee(store: Store, registry: Registry, start: Start, timer: Timer) -> Sequence[Delivery]:
    """The webhooks that a timer would lead to if it were carried out now; nothing is changed.

    What is no API's and not the network's owes nobody anything; what a websocket leads to is not known before.
    """
    owner = registry.get(timer.owner)
    if (owner is None and timer.owner != network.OWNER) or (owner is not None and timer.what in owner.sockets):
        return ()
    view = WorldView(store, start.world.name)
    moment = Moment(timer.due_at, timer.order, start.world.seed)
    return (await _judge(registry, owner, start, view, timer, moment, Weather())).deliveries


async def receive(
    registry: Registry,
    view: View,
    sender: str,
    number: Number,
    text: str,
    moment: Moment,
    bad: Mischief | None,
    extra: Mapping[str, Any],
) -> Outcome[Message]:
    """A message from a person, or from another account, arrives at an owned number, and its owner is told."""
    api = next(each for each in registry.values() if each.on_inbound is not None)
    account = await view.get(Account, number.account)
    assert account is not None, "an owned number belongs to an account of its world"
    application = await view.get(Application, number.application) if number.application else None
    there = look_up(sender)
    arrival = network.arrive(
        sender, number, api.name, text, moment, network=there.network if there else "", extra=extra
    )
    assert api.on_inbound is not None, "it was chosen for that"
    told = api.on_inbound(arrival.answer, account, number, application, moment, bad)
    return Outcome(arrival.change + told, arrival.answer)


async def receive_call(
    registry: Registry, world: World, view: View, sender: str, number: Number, moment: Moment, other: str = ""
) -> Outcome[Leg]:
    """A call from a person, or from another leg of this world, comes to an owned number, and its owner is told."""
    api = next(each for each in registry.values() if each.on_call is not None)
    account = await view.get(Account, number.account)
    assert account is not None, "an owned number belongs to an account of its world"
    application = await view.get(Application, number.application) if number.application else None
    settings = {**world.settings, "profile": account.profile} if account.profile else world.settings
    assert api.on_call is not None, "it was chosen for that"
    return api.on_call(sender, number, account, application, settings, moment, other)


async def _weather(store: Store, owner: Api | Owner | None, start: Start, timer: Timer, moment: Moment) -> Weather:
    """What faults do to a timer. A webhook is matched only if there will be one: somebody owns the number."""
    view = WorldView(store, start.world.name)
    if timer.owner != network.OWNER:
        assert owner is not None, f"nobody owns {timer.what!r} of {timer.owner!r}"
        rule = owner.occasions.get(timer.what)
        own = await rule(view, timer, moment) if rule else None
        return Weather(own=await mischief(store, start, own, timer.due_at)) if own else Weather()
    if timer.what == network.EXPIRY:
        return Weather()
    if timer.what in calls.WHATS:
        return await _leg_weather(store, start, timer)
    message = await view.get(Message, timer.subject)
    if message is None:
        return Weather()
    if timer.what == network.REPLY:
        phone = await _phone(view, start, message.to, message.id, moment)
        said = network.reply(message, timer, phone).answer
        if said is None:
            return Weather()
        sender = message.sender.removeprefix("+")
        return Weather(inbound=await _inbound_weather(store, start, timer, sender, message.to, said))
    account = await view.get(Account, message.account)
    assert account is not None, "a message belongs to an account of its world"
    target = f"network.{message.network}"
    occasion = Occasion(target, account.id, account.api_key, message.to, message.sender, message.text)
    out = await outage(store, start, occasion, timer.due_at)
    if not network.completes(message, timer.k) or (out is not None and out.status is not PartStatus.DELIVERED):
        return Weather(outage=out)
    text = network.seen_text(message)
    return Weather(out, await _inbound_weather(store, start, timer, message.to, message.sender, text))


async def _inbound_weather(
    store: Store, start: Start, timer: Timer, to: str, sender: str, text: str
) -> Mischief | None:
    """What faults do to the webhook of a message that arrives at a number, if somebody owns it."""
    number = await store.get(start.world.name, Number, to)
    if number is None:
        return None
    account = await store.get(start.world.name, Account, number.account)
    key = account.api_key if account else ""
    occasion = Occasion("webhook.inbound_sms", number.account, key, number.id, sender, text)
    return await mischief(store, start, occasion, timer.due_at)


async def _leg_weather(store: Store, start: Start, timer: Timer) -> Weather:
    """What faults do to a call when its ringing falls due. Source: design §8."""
    leg = await store.get(start.world.name, Leg, timer.subject) if timer.what == calls.RING else None
    if leg is None:
        return Weather()
    account = await store.get(start.world.name, Account, leg.account)
    assert account is not None, "a leg belongs to an account of its world"
    occasion = Occasion(f"network.{leg.network}", account.id, account.api_key, leg.to, leg.sender, "")
    return Weather(await outage(store, start, occasion, timer.due_at))


async def _phone(view: View, start: Start, number: str, about: str, moment: Moment) -> Handset:
    return person(number, await view.get(Handset, number), start.world, moment, about)


async def _judge(
    registry: Registry,
    owner: Api | Owner | None,
    start: Start,
    view: View,
    timer: Timer,
    moment: Moment,
    weather: Weather,
) -> Change:
    if timer.owner != network.OWNER:
        if weather.own is not None:
            timer = replace(timer, mischief=weather.own)
        assert owner is not None, f"nobody owns {timer.what!r} of {timer.owner!r}"
        outcome: Outcome[Any] = await owner.timers[timer.what](view, timer, moment)
        return outcome.change
    if timer.what in calls.WHATS:
        return await _call(registry, start, view, timer, moment, weather)
    message = await view.get(Message, timer.subject)
    assert message is not None, "a message with a timer pending is never dropped"
    phone = await _phone(view, start, message.to, message.id, moment)
    if timer.what == network.RECEIPT:
        return await _receipt(registry, view, message, timer, phone, weather, moment)
    if timer.what == network.REPLY:
        return await _reply(registry, view, message, timer, phone, weather, moment)
    assert timer.what == network.EXPIRY, f"the network has no timer called {timer.what!r}"
    outcome = network.expire(message, timer, phone, moment)
    return outcome.change + await _tell(registry, view, outcome.answer, timer, moment)


async def _receipt(
    registry: Registry, view: View, message: Message, timer: Timer, phone: Handset, weather: Weather, moment: Moment
) -> Change:
    """What the phone did with a part comes back; one sent to a number that somebody owns arrives there."""
    expiry = await view.get(Timer, network.expiry_id(message, timer.k))
    if timer.mischief is None and expiry is not None:
        # What waited for its phone is under the fault that it was submitted under.
        timer = replace(timer, mischief=expiry.mischief)
    owned = await view.get(Number, message.to)
    # An owned number is never a person: it takes what it gets.
    reached = phone if owned is None else Handset(id=message.to)
    outcome = network.receipt(message, timer, reached, weather.outage, expiry, moment)
    change = outcome.change + await _tell(registry, view, outcome.answer, timer, moment)
    if owned is None or outcome.answer is None or not outcome.answer.arrived:
        return change
    text = network.seen_text(message)
    arrival = await receive(registry, view, message.sender, owned, text, moment, weather.inbound, message.extra)
    return change + arrival.change


async def _reply(
    registry: Registry, view: View, message: Message, timer: Timer, phone: Handset, weather: Weather, moment: Moment
) -> Change:
    """A person's answer goes to the number it was written from; where nobody owns that, it goes nowhere."""
    outcome = network.reply(message, timer, phone)
    number = await view.get(Number, message.sender.removeprefix("+"))
    if outcome.answer is None or number is None:
        return outcome.change
    arrival = await receive(registry, view, message.to, number, outcome.answer, moment, weather.inbound, {})
    return outcome.change + arrival.change


async def _call(registry: Registry, start: Start, view: View, timer: Timer, moment: Moment, weather: Weather) -> Change:
    """The next step of a call, and what the owner of its leg makes of it.

    Doubt: a number that somebody owns is nobody's phone. A call to one arrives at its application; it rings in vain
    where calls to the number go elsewhere, which is not emulated.
    """
    leg = await view.get(Leg, timer.subject)
    assert leg is not None, "a leg with a timer pending is never dropped"
    account = await view.get(Account, leg.account)
    assert account is not None, "a leg belongs to an account of its world"
    phone = await _phone(view, start, leg.person, leg.id, moment)
    number = await view.get(Number, leg.to) if leg.direction is Direction.OUTBOUND else None
    if number is not None:
        phone = Handset(id=leg.to, rest={"line": Manner.SILENT.value})
    if timer.what == calls.OTHER:
        there = await view.get(Leg, leg.other)
        # One that is not kept any more is over.
        followed = calls.follow(leg, there.status if there else LegStatus.COMPLETED, account, moment)
        return followed.change + await tell_leg(registry, view, followed.answer, account, moment)
    rings = timer.what == calls.RING and not _out(weather) and not leg.over
    if number is not None and "type" not in number.voice and rings:
        coming = await receive_call(registry, start.world, view, leg.sender, number, moment, leg.id)
        connected = calls.connect(leg, coming.answer, moment)
        told = await tell_leg(registry, view, connected.answer, account, moment)
        return coming.change + connected.change + told
    if timer.what == calls.PERSON:
        acted = calls.act(leg, phone, timer, account, moment)
        change = acted.change + await tell_leg(registry, view, acted.leg, account, moment)
        return change + await tell_press(registry, view, acted.told, account, moment)
    if timer.what == calls.HEARS:
        return calls.hear(leg, phone, timer.k, moment)
    outcome = _step(leg, phone, account, timer.what, moment, weather)
    return outcome.change + await tell_leg(registry, view, outcome.answer, account, moment)


def _step(
    leg: Leg, phone: Handset, account: Account, what: str, moment: Moment, weather: Weather
) -> Outcome[Leg | None]:
    """What the network does when a timer of a leg is due."""
    if what == calls.RING:
        return calls.ring(leg, phone, moment, outage=_out(weather))
    if what == calls.PICK_UP:
        return calls.pick_up(leg, phone, moment)
    if what == calls.RING_OUT:
        return calls.ring_out(leg, moment)
    if what == calls.TONE:
        return calls.tone(leg, moment)
    if what == calls.BARRED:
        return calls.bar(leg, moment)
    if what == calls.HANG_UP:
        return calls.hang_up(leg, account, moment)
    return calls.not_connected(leg, what, moment)


def _out(weather: Weather) -> bool:
    """Whether a fault has the network out."""
    return weather.outage is not None and weather.outage.status is not PartStatus.DELIVERED


async def tell_leg(registry: Registry, view: View, leg: Leg | None, account: Account, moment: Moment) -> Change:
    """What the owner of a leg makes of its new status; nothing where it has none."""
    told = registry[leg.owner].on_leg if leg is not None else None
    return Change() if leg is None or told is None else await told(view, leg, account, moment)


async def tell_press(registry: Registry, view: View, leg: Leg | None, account: Account, moment: Moment) -> Change:
    """What the owner of a leg makes of the keys that were pressed on it last, or of what was said: no keys."""
    told = registry[leg.owner].on_press if leg is not None else None
    if leg is None or told is None:
        return Change()
    return await told(view, leg, leg.transcript[-1].digits, account, moment)


async def _tell(registry: Registry, view: View, passage: Passage | None, timer: Timer, moment: Moment) -> Change:
    """What the owner of a message makes of a part's new status."""
    if passage is None:
        return Change()
    message = passage.message
    told = registry[message.owner].on_message
    if told is None:
        return Change()
    account = await view.get(Account, message.account)
    assert account is not None, "a message belongs to an account of its world"
    return told(passage, account, moment, timer.mischief)
