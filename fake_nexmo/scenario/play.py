"""Carrying out the steps of a timeline: each is what the control API would do, at an instant of the world.

A step that cannot be done, since nobody rings or the fault is not armed, is taken all the same: it changes nothing,
and what was wrong stands beside it in the world's verdicts.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import UNSET
from msgspec.structs import replace

from fake_nexmo.core.change import Change, Outcome, Set
from fake_nexmo.core.moment import Moment
from fake_nexmo.core.money import parse_money
from fake_nexmo.core.plot import STEP
from fake_nexmo.core.records import Account, Event, Timer, World
from fake_nexmo.engine import acts
from fake_nexmo.engine.acts import CannotAct
from fake_nexmo.engine.carry import Owner
from fake_nexmo.network import carry as network
from fake_nexmo.network.weather import Occasion
from fake_nexmo.scenario.arming import arm, disarm, names_in
from fake_nexmo.scenario.document import AccountChange, TimelineStep
from fake_nexmo.scenario.errors import ScenarioError
from fake_nexmo.scenario.facts import UNLIMITED
from fake_nexmo.scenario.faults import to_fault
from fake_nexmo.scenario.sayings import act
from fake_nexmo.scenario.script import SCRIPT, Played, Script
from fake_nexmo.scenario.timeline import following
from fake_nexmo.store.protocol import View
from fake_nexmo.web.api import Api

NOTE = "note"
"""The name of the event that a note of the timeline is. Doubt: what is made of notes is not said."""

_IN_CALL = {"answer": "answer", "reject": "reject", "hang_up": "hangup"}


class Player:
    """Takes the steps of timelines, with the APIs that are told of what people do."""

    def __init__(self, registry: Mapping[str, Api]) -> None:
        self.registry = registry

    def owner(self) -> Owner:
        """The owner of the timers of steps."""
        return Owner(timers={STEP: self.play}, occasions={STEP: self.occasion})

    async def occasion(self, view: View, timer: Timer, moment: Moment) -> Occasion | None:
        """What faults may act on when a step is taken: the webhook of an SMS that a person sends."""
        if await view.get(Timer, timer.id) != timer:
            # An edit of the scenario has moved it, or taken it away.
            return None
        each = (await _script(view)).timeline[timer.k]
        if each.send_sms is UNSET or each.handset is UNSET:
            return None
        try:
            phone = await acts.find_phone(view, await _world(view), each.handset, moment)
            number = await acts.find_owned(view, each.send_sms.to.removeprefix("+"))
        except CannotAct:
            return None
        return await acts.text_occasion(view, number, phone.id, each.send_sms.text)

    async def play(self, view: View, timer: Timer, moment: Moment) -> Outcome[None]:
        """Take a step, and set the one behind it if that counts from this one."""
        script = await _script(view)
        each = script.timeline[timer.k]
        try:
            change, problem = await self._act(view, script, each, timer, moment), ""
        except CannotAct as no:
            change, problem = Change(), no.detail
        noted = each.note is not UNSET
        played = Played(id=str(moment.ordinal), k=timer.k, at=moment.now, said=act(each), note=noted, problem=problem)
        after = Change(put=(played,), timers=following(script.timeline, timer.k, moment.now))
        return Outcome(change + after, None)

    async def _act(self, view: View, script: Script, each: TimelineStep, timer: Timer, moment: Moment) -> Change:
        if each.note is not UNSET:
            return Change(log=(Event(at=moment.now, name=NOTE, about=each.note),))
        if each.fault is not UNSET:
            return await self._weather(view, script, each.fault, moment, arming=each.do == "arm")
        if each.set is not UNSET:
            assert each.account is not UNSET, "a step that sets something says of which account"
            return await _settle(view, each.account, each.set)
        assert each.handset is not UNSET, "every other act is a person's"
        return await self._person(view, each.handset, each, timer, moment)

    async def _weather(self, view: View, script: Script, name: str, moment: Moment, *, arming: bool) -> Change:
        world = await _world(view)
        if not arming:
            return disarm(world, name)
        names = await names_in(view, self.registry)
        try:
            return arm(world, to_fault(name, script.faults[name], names, moment.now))
        except ScenarioError as error:
            raise CannotAct(422, "never", "A fault that can never act", error.what) from None

    async def _person(self, view: View, who: str, each: TimelineStep, timer: Timer, moment: Moment) -> Change:
        world = await _world(view)
        phone = await acts.find_phone(view, world, who, moment)
        if each.send_sms is not UNSET:
            to, text = each.send_sms.to.removeprefix("+"), each.send_sms.text
            sent = await acts.send_text(self.registry, view, phone.id, to, text, moment, timer.mischief, {})
            return sent.change
        if each.call is not UNSET:
            to = each.call.to.removeprefix("+")
            return (await acts.make_call(self.registry, world, view, phone.id, to, moment)).change
        if each.roam is not UNSET:
            return acts.roam(phone, each.roam)
        if each.port_to is not UNSET:
            return acts.port(phone, each.port_to)
        if each.do in {"power_on", "power_off"}:
            return network.power(phone, on=each.do == "power_on", moment=moment)
        doing, said = _in_call(each)
        return (await acts.in_call(self.registry, view, phone, doing, moment, said)).change


def _in_call(each: TimelineStep) -> tuple[str, str]:
    """What is done in a call, and what is pressed or said there."""
    if each.press is not UNSET:
        return "press", each.press
    if each.say is not UNSET:
        return "say", each.say
    return _IN_CALL[str(each.do)], ""


async def _settle(view: View, name: str, wanted: AccountChange) -> Change:
    """What is set of an account. A balance that is set is not spent."""
    account = await find_account(view, name)
    after = account
    if wanted.suspended is not UNSET:
        after = replace(after, suspended=wanted.suspended)
    if wanted.balance is UNSET:
        return Change(put=(after,))
    unlimited = wanted.balance == UNLIMITED
    after = replace(after, unlimited=unlimited)
    steps = () if unlimited else (Set(account.balance, parse_money(wanted.balance)),)
    return Change(put=(after,), counters=steps)


async def find_account(view: View, name: str) -> Account:
    """The account of a name, or of a key.

    Raises:
        CannotAct: there is none.
    """
    account = await view.get(Account, name)
    found = (account,) if account is not None else await view.find(Account, name, limit=1)
    if not found:
        raise CannotAct(404, "no-such-account", "No such account", f"No account of the world is called {name!r}.")
    return found[0]


async def _script(view: View) -> Script:
    script = await view.get(Script, SCRIPT)
    assert script is not None, "a world with steps has a script"
    return script


async def _world(view: View) -> World:
    world = await view.get(World, "world")
    assert world is not None, "every world has its facts"
    return world
