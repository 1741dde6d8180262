"""Judging a live world by its scenario: what is gathered from the store, and the report that is made of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from fake_nexmo.core import clock as clocks
from fake_nexmo.core.instant import parse_instant
from fake_nexmo.core.plot import spent
from fake_nexmo.core.records import Account, Entry, Event, Handset, Number, Record, World
from fake_nexmo.handsets.characters import is_magic
from fake_nexmo.numbering.plan import look_up
from fake_nexmo.scenario.arming import names_in, phones_in
from fake_nexmo.scenario.faults import to_fault
from fake_nexmo.scenario.matching import Found
from fake_nexmo.scenario.play import NOTE
from fake_nexmo.scenario.script import SCRIPT, Played, Script
from fake_nexmo.scenario.strictness import Breach, FaultUse, Loose, breaches, nobody_has, some_of, weights_of
from fake_nexmo.scenario.telling import Happened, around, cut, outcome, place
from fake_nexmo.scenario.verdicts import Facts, Verdict, judge
from fake_nexmo.store.protocol import Store, View, Wall
from fake_nexmo.web.api import Api, Collection
from fake_nexmo.web.commit import WorldView
from fake_nexmo.web.weather import ordinal_of

_MOST = 1 << 30
_SIGNS = {"fail": "x", "warn": "!"}
_KINDS = {
    "message": "messages",
    "call": "calls",
    "verification": "verifications",
    "webhook": "webhooks",
    "request": "requests",
}


class Report(Record, frozen=True, kw_only=True, gc=False):
    """Verdicts on a world.

    Attributes:
        at: the instant they were given at, on the world's clock.
        final: nothing that comes changes them.
        problems: steps of the timeline that could not be done.
    """

    id: str = "report"
    scenario: str
    at: int
    final: bool
    verdicts: tuple[Verdict, ...]
    breaches: tuple[Breach, ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def failed(self) -> bool:
        """Whether something is not as it was expected."""
        return any(each.state == "unmet" for each in self.verdicts) or any(
            each.weight == "fail" for each in self.breaches
        )


def shown(report: Report) -> list[str]:
    """A report in lines for a terminal of 100 columns; none when nothing was expected and nothing is wrong."""
    unmet = [each for each in report.verdicts if each.state != "met"]
    lines = [f"  {cut(f'! could not be done: {each}')}" for each in report.problems]
    for broken in some_of(report.breaches):
        head = f"{_SIGNS[broken.weight]} {broken.rule}: {broken.what}"
        lines += [f"  {cut(head)}", *(f"  {line}" for line in broken.why)]
    if not report.verdicts and not lines:
        return []
    name = f"scenario {report.scenario!r}" if report.scenario else "the scenario"
    for each in unmet:
        lines += ["", *(f"  {line}" for line in (*each.why, *each.around))]
    return [cut(f"fake-nexmo: {name}: {_sum(len(report.verdicts), len(unmet))}"), *lines]


def _sum(count: int, unmet: int) -> str:
    """How many expectations are met, in words."""
    if not count:
        return "nothing was expected"
    many = "1 expectation" if count == 1 else f"{count} expectations"
    if unmet:
        return f"{unmet} of {many} unmet"
    return f"{many} met" if count == 1 else f"all {many} met"


class Judge(Struct, frozen=True):
    """Judges worlds.

    Attributes:
        collections: how entries are shown, by the names of the control API.
    """

    store: Store
    wall: Wall
    registry: Mapping[str, Api]
    collections: Mapping[str, Collection]

    async def report(self, world: str, *, final: bool = False) -> Report | None:
        """The verdicts on a world as it is; those that were given at its end stand. None: it has no scenario.

        ``final``: judge as if this were the end.

        Raises:
            NoSuchWorld: no live world has the name.
        """
        view = WorldView(self.store, world)
        given = await view.get(Report, "report")
        start = await self.store.peek(world)
        now = clocks.now(start.clock, self.wall())
        return given or await self.judge(view, start.world, now, final=final)

    async def judge(self, view: View, world: World, now: int, *, final: bool) -> Report | None:
        """The verdicts on a world at an instant of its clock; None: it has no scenario."""
        script = await view.get(Script, SCRIPT)
        if script is None:
            return None
        entries = {kind: await self._entries(world.name, kind) for kind in _KINDS}
        accounts = await view.find(Account, "", limit=_MOST)
        facts = Facts(
            start=script.start_at,
            now=now,
            entries=entries,
            spent={each.id: await view.counter(spent(each.id)) for each in accounts},
            phones=await phones_in(view),
            accounts={each.api_key: each.id for each in accounts},
        )
        played = await view.find(Played, "", limit=_MOST)
        happened = sorted(await self._happened(world.name, entries, played))
        verdicts = tuple(
            each if each.state == "met" else replace(each, around=around(happened, each.at))
            for each in judge(script.expect, facts, final=final)
        )
        loose = await self._loose(view, world, script, entries, verdicts) if final else None
        return Report(
            scenario=script.name,
            at=now,
            final=final,
            verdicts=verdicts,
            breaches=tuple(breaches(weights_of(script.strict), loose)) if loose is not None else (),
            problems=tuple(f"{each.place} ({each.said}): {each.problem}" for each in played if each.problem),
        )

    async def _entries(self, world: str, kind: str) -> list[Found]:
        collected = self.collections[_KINDS[kind]]
        page = await self.store.since(world, collected.kind, 0)
        return [_found(kind, collected.say(each), each) for each in page.items]

    async def _happened(
        self, world: str, entries: Mapping[str, Sequence[Found]], played: Sequence[Played]
    ) -> list[Happened]:
        """Everything that happened, in words."""
        told = [Happened(each.at, each.made, _request(each.words)) for each in entries["request"]]
        for each in entries["webhook"]:
            # An attempt comes after what led to it: the newest version was written when the last one was answered.
            told += [
                Happened(parse_instant(one["at"]), each.words["seq"], _attempt(each.words, one))
                for one in each.words["attempts"]
            ]
        texts = {each.id: each.words["text"] for each in entries["message"]}
        for event in (await self.store.since(world, Event, 0)).items:
            assert isinstance(event, Event), "they were asked for"
            told.append(Happened(event.at, event.seq, _event(event, texts)))
        # A note is an event of its own.
        return told + [Happened(each.at, each.made, f"step     {each.said}") for each in played if not each.note]

    async def _loose(
        self,
        view: View,
        world: World,
        script: Script,
        entries: Mapping[str, Sequence[Found]],
        verdicts: Sequence[Verdict],
    ) -> Loose:
        numbers = {str(each.words["to"]) for kind in ("message", "call") for each in entries[kind]}
        unknown = {each for each in numbers if not await _is_known(view, world, each)}
        # Nobody knows whose a lost request was, unless there is one world only.
        alone = len(await self.store.worlds()) == 1
        lost = [
            nobody_has(each.method, each.path, each.why, each.name)
            for each in (await self.store.lost() if alone else ())
        ]
        expected = {one for each in verdicts if each.kind == "message" for one in each.found}
        return Loose(entries, expected, unknown, await self._fault_uses(view, world, script), lost)

    async def _fault_uses(self, view: View, world: World, script: Script) -> list[FaultUse]:
        """Every fault of the scenario and every one that is armed."""
        names = await names_in(view, self.registry)
        faults = {name: to_fault(name, facts, names, script.start_at) for name, facts in script.faults.items()}
        faults |= {each.name: each for each in world.faults}
        return [
            FaultUse(name, each.target, await view.counter(ordinal_of(name)), each.every or each.first, each.chance)
            for name, each in faults.items()
        ]


async def _is_known(view: View, world: World, number: str) -> bool:
    """Whether a number is declared, owned, in a crowd, or magic; what is no number is not asked about."""
    if not number.isdigit() or look_up(number) is None or is_magic(number, world.magic):
        return True
    if any(crowd.first <= int(number) <= crowd.last for crowd in world.crowds):
        return True
    return await view.get(Number, number) is not None or await view.get(Handset, number) is not None


def _found(kind: str, said: dict[str, Any], entry: Record | Entry) -> Found:
    made = entry.made if isinstance(entry, Record) else entry.seq
    return Found(kind, said, parse_instant(said["at"]), made)


def _request(said: Mapping[str, Any]) -> str:
    came = outcome(said["status"], said["fault"], said["outcome"])
    return f"request  {said['operation']}  {said['method']} {said['path']}  -> {came}"


def _attempt(said: Mapping[str, Any], one: Mapping[str, Any]) -> str:
    return f"webhook  {said['kind']} to {place(said['url'])}  -> {one['status'] or one['error']}"


def _event(event: Event, texts: Mapping[str, str]) -> str:
    if event.name == NOTE:
        return f"note     {event.about}"
    if event.text:
        return f"mistake  {event.text}"
    text = f"  {texts[event.about]!r}" if event.about in texts else ""
    return f"event    {event.name}  {event.number}{text}"
