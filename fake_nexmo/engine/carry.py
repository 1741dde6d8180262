"""Carrying out a timer: the owner's rule is run and its change committed, together with the timer's end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from fake_nexmo.core.change import Change, Outcome
from fake_nexmo.core.moment import Moment
from fake_nexmo.core.records import (
    Account,
    Application,
    Delivery,
    Handset,
    Message,
    Mischief,
    Number,
    PartStatus,
    Reaction,
    Timer,
)
from fake_nexmo.handsets.characters import person
from fake_nexmo.network import carry as network
from fake_nexmo.network.carry import Passage
from fake_nexmo.network.weather import Occasion
from fake_nexmo.numbering.plan import look_up
from fake_nexmo.store.protocol import Start, Store, View
from fake_nexmo.web.api import Api
from fake_nexmo.web.commit import WorldView, decide
from fake_nexmo.web.weather import mischief, outage

Registry = Mapping[str, Api]


class Weather(Struct, frozen=True, gc=False):
    """What faults do to a timer, drawn once before its first attempt."""

    outage: Reaction | None = None
    inbound: Mischief | None = None


async def carry_out(store: Store, registry: Registry, start: Start, timer: Timer) -> None:
    """Carry out one timer; if it is gone or was moved meanwhile, nothing happens.

    Raises:
        StaleEpoch: the world was reset, restored or deleted meanwhile.
    """
    moment = Moment(timer.due_at, timer.order, start.world.seed)
    weather = await _weather(store, start, timer, moment) if start.world.faults else Weather()

    async def attempt(view: View, moment: Moment) -> Outcome[None]:
        current = await view.get(Timer, timer.id)
        if current is None or current.version != timer.version:
            return Outcome(Change(), None)
        change = await _judge(registry, start, view, timer, moment, weather)
        return Outcome(change + Change(drop=(current,)), None)

    await decide(store, start.world.name, start.epoch, moment, attempt, timer.depth + 1)


async def foresee(store: Store, registry: Registry, start: Start, timer: Timer) -> Sequence[Delivery]:
    """The webhooks that a timer would lead to if it were carried out now; nothing is changed."""
    view = WorldView(store, start.world.name)
    moment = Moment(timer.due_at, timer.order, start.world.seed)
    return (await _judge(registry, start, view, timer, moment, Weather())).deliveries


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


async def _weather(store: Store, start: Start, timer: Timer, moment: Moment) -> Weather:
    """What faults do to a timer. A webhook is matched only if there will be one: somebody owns the number."""
    if timer.owner != network.OWNER or timer.what == network.EXPIRY:
        return Weather()
    view = WorldView(store, start.world.name)
    message = await view.get(Message, timer.subject)
    if message is None:
        return Weather()
    if timer.what == network.REPLY:
        said = network.reply(message, timer, await _phone(view, start, message, moment)).answer
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


async def _phone(view: View, start: Start, message: Message, moment: Moment) -> Handset:
    stored = await view.get(Handset, message.to)
    return person(message.to, stored, start.world.crowds, moment, message.id)


async def _judge(
    registry: Registry, start: Start, view: View, timer: Timer, moment: Moment, weather: Weather
) -> Change:
    if timer.owner != network.OWNER:
        outcome: Outcome[Any] = await registry[timer.owner].timers[timer.what](view, timer, moment)
        return outcome.change
    message = await view.get(Message, timer.subject)
    assert message is not None, "a message with a timer pending is never dropped"
    phone = await _phone(view, start, message, moment)
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
