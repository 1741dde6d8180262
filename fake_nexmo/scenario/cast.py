"""A scenario's people and weather as records, and back: the cast of a world."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import msgspec
from msgspec import UNSET
from msgspec.structs import replace

from fake_nexmo.core import clock as clocks
from fake_nexmo.core.change import Change
from fake_nexmo.core.instant import SECOND, duration_words, rfc3339
from fake_nexmo.core.plot import ENDS, OWNER, PLOT, Plot
from fake_nexmo.core.records import Account, Application, Character, Clock, Fault, Handset, Magic, Number, Timer, World
from fake_nexmo.handsets.characters import known_as
from fake_nexmo.handsets.people import submissions_to
from fake_nexmo.keys.pool import POOL, key_pair
from fake_nexmo.scenario import facts as words
from fake_nexmo.scenario.characters import to_characters, to_magic
from fake_nexmo.scenario.document import ClockFacts, Document, TimelineStep
from fake_nexmo.scenario.errors import ScenarioError
from fake_nexmo.scenario.faults import DelayFacts, FaultFacts, HttpFacts, Names, fault_words, to_fault
from fake_nexmo.scenario.judge import names_of, number_of
from fake_nexmo.scenario.model import WorldFacts
from fake_nexmo.scenario.people import HandsetFacts, crowd_facts, handset_facts, to_crowd, to_handset
from fake_nexmo.scenario.script import SCRIPT, Played, Script
from fake_nexmo.scenario.stock import stock
from fake_nexmo.scenario.timeline import cues, timers, unarmed
from fake_nexmo.scenario.vocabulary import Vocabulary
from fake_nexmo.store.protocol import View
from fake_nexmo.web.weather import ordinal_of

_MOST = 1 << 30


def populate(document: Document, vocabulary: Vocabulary, world: World, now: int) -> tuple[World, Change]:
    """A world's facts with its crowds and faults, and the change that puts its phones and its plot there.

    Raises:
        ScenarioError: a fact that cannot be.
    """
    names = names_of(document.handsets, vocabulary)
    characters, magic = characters_of(document, vocabulary)
    world = replace(world, characters=characters, magic=magic, networks=words.to_networks(document.world.networks))
    troubles = vocabulary.troubles
    phones = [
        known_as(
            to_handset(number, "" if name.removeprefix("+") == number else name, facts, troubles, characters), world
        )
        for name, facts in document.handsets.items()
        if facts.range is UNSET
        for number in (number_of(name, facts),)
    ]
    crowds = tuple(
        to_crowd(name, facts, characters) for name, facts in document.handsets.items() if facts.range is not UNSET
    )
    faults = {name: to_fault(name, facts, names, now) for name, facts in document.faults.items()}
    later = unarmed(document.timeline)
    script = Script(said=document, start_at=now)
    armed = tuple(fault for name, fault in faults.items() if name not in later)
    plot = Plot(cues=cues(document, names.handsets))
    change = Change(put=(*phones, script, plot), timers=timers(document, now))
    return replace(world, crowds=crowds, faults=armed), change


def characters_of(document: Document, vocabulary: Vocabulary) -> tuple[Mapping[str, Character], Magic]:
    """The characters of a world that a scenario spells, with those of the package, and its magic numbers.

    Raises:
        ScenarioError: a fact that cannot be.
    """
    below = stock()
    characters = to_characters(document.characters, below.characters, vocabulary.troubles)
    return characters, to_magic(document.magic, below.magic, characters)


async def begun_anew(view: View, world: World, names: Names, now: int) -> Change:
    """The change that has a world, which was just put back to how it was made, begin at another instant than then.

    What its scenario says of time counts from the new start. A clock that stands still begins where it did, so that
    nothing changes.
    """
    script = await view.get(Script, SCRIPT)
    if script is None or script.start_at == now:
        return Change()
    later = now - script.start_at
    timers = [each for each in await view.find(Timer, "", limit=_MOST) if each.owner == OWNER]
    moved = tuple(replace(each, due_at=each.due_at + later) for each in timers)
    faults = tuple(_armed_at(each, script, names, now) for each in world.faults)
    return Change(put=(replace(script, start_at=now), replace(world, faults=faults), *moved))


def _armed_at(fault: Fault, script: Script, names: Names, now: int) -> Fault:
    """A fault of the scenario as it is when it is armed at another instant; one that would be over stays as it was."""
    try:
        return to_fault(fault.name, script.faults[fault.name], names, now)
    except ScenarioError:
        return fault


async def document_of(view: View, world: World, clock: Clock, wall: int) -> Document:
    """A live world as a document that loads: what its accounts, phones and faults are at this moment.

    Doubt: what an export says of time is not said. A clock that stands still is exported with the instant it shows, so
    that the new world goes on from there; of one that runs only the mode is. Faults that are over are left out; of
    calls and submissions that are counted, those that are left are said, but of every n-th call the count begins anew.
    A balance below zero, as calls and codes leave it that are charged later, is said as zero.
    What has no word in a scenario is not exported: renewals of numbers, private keys of pairs that no seed draws again,
    and what waits for a phone.
    """
    now = clocks.now(clock, wall)
    standing = not clocks.runs(clock)
    script = await view.get(Script, SCRIPT) or Script()
    timeline, ends = await _plot_left(view, script, now)
    # One that an edit of the scenario removed is there without a key.
    accounts = [each for each in await view.find(Account, "", limit=_MOST) if each.api_key]
    numbers = {each.id: words.number_facts(each) for each in await view.find(Number, "", limit=_MOST)}
    return Document(
        scenario=script.name,
        seed=world.seed,
        clock=ClockFacts(start=_exactly(now) if standing else None, mode=clocks.mode_words(clock)),
        world=WorldFacts(
            settings=dict(world.settings),
            accounts={
                each.id: words.account_facts(each, max(await view.counter(each.balance), 0)) for each in accounts
            },
            applications=await _applications(view, world.seed),
            networks=dict(script.networks),
            numbers=numbers,
        ),
        characters=script.said.characters,
        magic=script.said.magic,
        handsets=await _handsets(view, world, numbers),
        faults={name: script.faults[name] for name in unarmed(timeline)} | await _faults(view, world, now),
        timeline=timeline,
        expect=list(script.expect),
        ends=ends,
        strict=script.strict,
    )


async def _plot_left(view: View, script: Script, now: int) -> tuple[list[TimelineStep], str | float | None]:
    """The steps that are still to come, and the end, both counted from now.

    Doubt: what expectations say of time counts from the new start then, since they are exported as they were written.
    """
    played = {each.k for each in await view.find(Played, "", limit=_MOST)}
    plot = await view.get(Plot, PLOT) or Plot()
    waiting = len(plot.cues) == sum(each.when is not UNSET for each in script.timeline)
    if now == script.start_at and not played and waiting:
        return list(script.timeline), script.ends
    left = []
    for k, each in enumerate(script.timeline):
        timer = await view.get(Timer, f"timeline/{k}")
        if timer is not None:
            at = duration_words(max(timer.due_at - now, 0))
            left.append(replace(each, at=at, when=UNSET, to=UNSET, from_=UNSET, about=UNSET, after=UNSET))
        elif k not in played:
            left.append(each)
    end = await view.get(Timer, ENDS)
    return left, None if end is None else duration_words(max(end.due_at - now, 0))


async def _faults(view: View, world: World, now: int) -> dict[str, FaultFacts]:
    """The faults that are armed and not over, with the calls that are left to them."""
    said = {}
    for each in world.faults:
        first, last = _left(each.first, each.last, await view.counter(ordinal_of(each.name)))
        over = each.until_at is not None and each.until_at <= max(now, each.starts_at or now)
        if not over and (last is None or last >= 1):
            said[each.name] = fault_facts(replace(each, first=first, last=last), now)
    return said


def _left(first: int, last: int | None, count: int) -> tuple[int, int | None]:
    """A range of calls after so many of them; nothing of it is left where the last one is before the first."""
    return max(first - count, 1), None if last is None else last - count


def fault_facts(fault: Fault, now: int) -> FaultFacts:
    """A fault in a scenario's words, as it is armed at an instant."""
    said = fault_words(fault)
    for word in ("name", "starts_at", "until_at"):
        said.pop(word, None)
    if "chance" in said:
        said["chance"] = str(said["chance"])
    if fault.target.startswith(("webhook.", "network.")):
        said.pop("effect")
    if fault.starts_at is not None and fault.starts_at > now:
        said["starts"] = duration_words(fault.starts_at - now)
    if fault.until_at is not None:
        said["until"] = _exactly(fault.until_at)
    if fault.receipt is not None:
        said["receipts"]["after"] = duration_words(fault.receipt.after)
    answer, delay = said.pop("answer", UNSET), said.pop("delay", UNSET)
    facts = msgspec.convert(said, FaultFacts)
    facts.answer = _http(answer) if isinstance(answer, dict) else answer
    facts.delay = DelayFacts(**delay) if isinstance(delay, dict) else delay
    return facts


def _http(answer: dict[str, Any]) -> HttpFacts:
    wait = answer.get("retry_after")
    return HttpFacts(answer["http"], None if wait is None else duration_words(wait * SECOND))


async def _applications(view: View, seed: int) -> dict[str, Any]:
    """Every application; one whose key pair is drawn again by the seed says only that."""
    said = {}
    for k, each in enumerate(await view.find(Application, "", limit=_MOST)):
        facts = words.application_facts(each)
        if k < POOL and each.private_key and key_pair(seed, k).public == each.public_key:
            facts.public_key, facts.keys = UNSET, "generate"
        said[each.id] = facts
    return said


async def _handsets(view: View, world: World, owned: Collection[str]) -> dict[str, HandsetFacts]:
    """Every phone and crowd; one whose number was bought since is nobody's any more."""
    phones = [each for each in await view.find(Handset, "", limit=_MOST) if each.id not in owned]
    crowds = {each.name: crowd_facts(each) for each in world.crowds}
    for crowd in world.crowds:
        crowds[crowd.name].mix = {like: str(share) for like, share in crowd.mix}
    return {each.name or each.id: handset_facts(await _with_submissions_left(view, each)) for each in phones} | crowds


async def _with_submissions_left(view: View, phone: Handset) -> Handset:
    """A phone that refuses the submissions that are left of those it refuses."""
    if phone.submission is None:
        return phone
    first, last = _left(phone.submission.first, phone.submission.last, await view.counter(submissions_to(phone.id)))
    if last is not None and last < 1:
        return replace(phone, submission=None)
    return replace(phone, submission=replace(phone.submission, first=first, last=last))


def _exactly(at: int) -> str:
    """An instant with all its microseconds, if it has any below the millisecond."""
    return rfc3339(at) if at % 1000 == 0 else f"{rfc3339(at)[:-1]}{at % 1000:03d}Z"
