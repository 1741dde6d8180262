"""People who type the codes that they are sent: the timers that lead to it, and the kind of webhook it goes out by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from fake_nexmo.apis.verify import people_rules as rules
from fake_nexmo.apis.verify import people_wire as wire
from fake_nexmo.apis.verify.model import Verification
from fake_nexmo.core.change import Change, Outcome
from fake_nexmo.core.forms import read_form
from fake_nexmo.core.moment import Moment
from fake_nexmo.core.records import Account, Handset, Number, Timer, World
from fake_nexmo.core.settings import value
from fake_nexmo.handsets.characters import person
from fake_nexmo.handsets.typing import CodeStep, code_steps
from fake_nexmo.network.weather import Occasion
from fake_nexmo.store.protocol import View
from fake_nexmo.web.api import OccasionRule, TimerRule, Webhook


async def seen(view: View, timer: Timer, moment: Moment) -> Outcome[None]:
    """A phone saw or heard a code: its person's first step is on its way.

    Nothing happens when the verification is gone: a message may be under way for longer than its entry is kept.
    """
    verification = await view.get(Verification, timer.subject)
    if verification is None:
        return Outcome(Change(), None)
    steps = await _steps(view, await _world(view), verification, timer.k, moment)
    name = rules.typed_once(verification, rules.sent(verification, timer.k))
    before = await view.counter(name) if steps else 0
    return Outcome(rules.see(verification, timer.k, steps, before, moment), None)


async def typed(view: View, timer: Timer, moment: Moment) -> Outcome[None]:
    """A step of the person's is due: a code is typed into the account's own application."""
    verification = await view.get(Verification, timer.subject)
    assert verification is not None, "a verification with a timer pending is never dropped"
    world = await _world(view)
    steps = await _steps(view, world, verification, timer.k, moment)
    form = read_form(value(world.settings, "code_form"))
    return Outcome(rules.type_code(verification, timer, steps, form, moment), None)


async def occasion(view: View, timer: Timer, moment: Moment) -> Occasion | None:
    """What a fault on ``webhook.submit`` is matched with when a step is due; None: it sends nothing.

    Source: design §8.
    """
    change = (await typed(view, timer, moment)).change
    if not change.deliveries:
        return None
    delivery = change.deliveries[0]
    account = await view.get(Account, delivery.account)
    assert account is not None, "a verification belongs to an account of its world"
    return Occasion(f"webhook.{rules.SUBMIT}", account.id, account.api_key, delivery.facts["number"])


TIMERS: Final[Mapping[str, TimerRule]] = {rules.SEEN: seen, rules.TYPE: typed}
"""The timers that are about people."""

OCCASIONS: Final[Mapping[str, OccasionRule]] = {rules.TYPE: occasion}
"""The timers that lead to a webhook."""

WEBHOOKS: Final[Mapping[str, Webhook]] = {
    rules.SUBMIT: Webhook(
        wire.submit,
        wire.succeeded,
        wire.retried,
        wire.delay,
        connect_s=wire.CONNECT_S,
        response_s=wire.RESPONSE_S,
        source="none: a person's own doing",
    )
}
"""The webhooks that are about people."""


async def _world(view: View) -> World:
    found = await view.get(World, "world")
    assert found is not None, "every world has its facts"
    return found


async def _steps(
    view: View, world: World, verification: Verification, event: int, moment: Moment
) -> Sequence[CodeStep]:
    """What is done with codes by the phone's person, who is the one that the event reached; none by an owned number."""
    number = verification.number
    stored = await view.get(Handset, number)
    found = code_steps(person(number, stored, world, moment, verification.sendings[event].id))
    return () if found and await view.get(Number, number) is not None else found
