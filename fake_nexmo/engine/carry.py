"""Carrying out a timer: the owner's rule is run and its change committed, together with the timer's end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fake_nexmo.core.change import Change, Outcome
from fake_nexmo.core.moment import Moment
from fake_nexmo.core.records import Account, Delivery, Handset, Message, Timer
from fake_nexmo.network import carry as network
from fake_nexmo.store.protocol import Start, Store, View
from fake_nexmo.web.api import Api, Arrival
from fake_nexmo.web.commit import WorldView, decide

Registry = Mapping[str, Api]


async def carry_out(store: Store, registry: Registry, start: Start, timer: Timer) -> None:
    """Carry out one timer; if it is gone or was moved meanwhile, nothing happens.

    Raises:
        StaleEpoch: the world was reset, restored or deleted meanwhile.
    """
    moment = Moment(timer.due_at, timer.order, start.world.seed)

    async def attempt(view: View, moment: Moment) -> Outcome[None]:
        current = await view.get(Timer, timer.id)
        if current is None or current.version != timer.version:
            return Outcome(Change(), None)
        change = await _judge(registry, view, timer, moment)
        return Outcome(change + Change(drop=(current,)), None)

    await decide(store, start.world.name, start.epoch, moment, attempt, timer.depth + 1)


async def foresee(store: Store, registry: Registry, start: Start, timer: Timer) -> Sequence[Delivery]:
    """The webhooks that a timer would lead to if it were carried out now; nothing is changed."""
    view = WorldView(store, start.world.name)
    change = await _judge(registry, view, timer, Moment(timer.due_at, timer.order, start.world.seed))
    return change.deliveries


async def _judge(registry: Registry, view: View, timer: Timer, moment: Moment) -> Change:
    if timer.owner != "network":
        outcome: Outcome[Any] = await registry[timer.owner].timers[timer.what](view, timer, moment)
        return outcome.change
    assert timer.what == network.RECEIPT, f"the network has no timer called {timer.what!r}"
    return await _receipt(registry, view, timer, moment)


async def _receipt(registry: Registry, view: View, timer: Timer, moment: Moment) -> Change:
    """What the phone did with a part comes back: the network's rule first, then the owner's hook."""
    message = await view.get(Message, timer.subject)
    assert message is not None, "a message with a timer pending is never dropped"
    handset = await view.get(Handset, message.to)
    account = await view.get(Account, message.account)
    assert account is not None, "a message belongs to an account of its world"
    outcome = network.receipt(message, timer.k, handset, moment)
    told = registry[message.owner].on_message
    if outcome.answer is None or told is None:
        return outcome.change
    return outcome.change + told(Arrival(outcome.answer, timer.k), account, moment)
