"""What an edit changes of people and weather, and of the settings and networks between them. Pure; see `revise`."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import UNSET
from msgspec.structs import replace

from fake_nexmo.core.change import Change, Set
from fake_nexmo.core.records import Crowd, Fault, Handset
from fake_nexmo.handsets.characters import known_as
from fake_nexmo.handsets.people import sms_steps, submissions_to
from fake_nexmo.network import carry as network
from fake_nexmo.scenario.document import Document
from fake_nexmo.scenario.edit import Edit, diff, overlay
from fake_nexmo.scenario.errors import ScenarioError
from fake_nexmo.scenario.facts import to_networks
from fake_nexmo.scenario.faults import Names, to_fault
from fake_nexmo.scenario.judge import names_of, number_of
from fake_nexmo.scenario.people import HandsetFacts, handset_facts, to_crowd, to_handset
from fake_nexmo.scenario.sayings import act
from fake_nexmo.scenario.timeline import unarmed
from fake_nexmo.web.weather import ordinal_of


class Around:
    """Goes through everybody and everything around the accounts, and collects what an edit changes of them."""

    def __init__(self, edit: Edit) -> None:
        self.edit = edit

    def people(self) -> None:
        """Phones are the same by their numbers, ranges of them by their names."""
        self._kinds_of_people()
        old, new = self.edit.said.handsets, self.edit.document.handsets
        self.edit.told("handsets", old, new)
        self._crowds({name: each for name, each in old.items() if each.range is not UNSET})
        before, after = _phones(old), _phones(new)
        found = diff(before, after)
        for number in found.removed:
            was = self.edit.live.phones.get(number)
            if was is not None:
                self.edit.drop[Handset, number] = was
                # What waits for it is on its way, to whoever the number is now.
                self.edit.rest += Change(timers=network.declare(replace(was, power=True), self.edit.moment).timers)
        for number in (*found.added, *found.changed):
            self._phone(number, before.get(number), *after[number])
        touched = {*found.added, *found.changed, *found.removed}
        named = {after[number][0] for number in (*found.added, *found.changed)}
        for number, phone in self.edit.live.phones.items():
            if number not in touched:
                # Its name may have moved on to another number.
                self._put_phone(phone, replace(phone, name="") if phone.name in named else phone)

    def _kinds_of_people(self) -> None:
        """Characters and magic numbers: a phone finds its own by name, so that these are all there is to change."""
        found = self.edit.told("characters", self.edit.said.characters, self.edit.document.characters)
        if self.edit.said.magic != self.edit.document.magic:
            self.edit.news.append("magic changed")
        elif not any(found):
            return
        self.edit.world = replace(self.edit.world, characters=self.edit.characters, magic=self.edit.magic)

    def _phone(self, number: str, before: tuple[str, HandsetFacts] | None, name: str, facts: HandsetFacts) -> None:
        was = self.edit.live.phones.get(number)
        said = facts if was is None or before is None else overlay(handset_facts(was), before[1], facts)
        phone = to_handset(
            number,
            "" if name.removeprefix("+") == number else name,
            said,
            self.edit.vocabulary.troubles,
            self.edit.characters,
        )
        if was is None:
            self.edit.put(known_as(phone, self.edit.world))
        else:
            self._put_phone(was, replace(phone, version=was.version, waiting=was.waiting, replied=was.replied))
        if was is not None and phone.submission is not None and phone.submission != was.submission:
            self.edit.steps.append(Set(submissions_to(number), 0))

    def _put_phone(self, was: Handset, phone: Handset) -> None:
        """Put a phone that is otherwise now by its own facts or by its character's; else it stays as it is."""
        before, after = known_as(was, self.edit.live.world), known_as(phone, self.edit.world)
        if sms_steps(before) != sms_steps(after):
            after = replace(after, replied=())
        if phone != was or before.character != after.character:
            told = network.declare(after, self.edit.moment)
            self.edit.put(told.put[0])
            self.edit.rest += Change(timers=told.timers)

    def _crowds(self, old: Mapping[str, HandsetFacts]) -> None:
        new = {name: each for name, each in self.edit.document.handsets.items() if each.range is not UNSET}
        if _drawn_alike(old, new):
            return
        there = {crowd.name: crowd for crowd in self.edit.world.crowds}
        crowds: list[Crowd] = []
        for name, facts in new.items():
            same = name in there and name in old and _drawn_alike({name: old[name]}, {name: facts})
            crowds.append(there[name] if same else to_crowd(name, facts, self.edit.characters))
        own = [crowd for crowd in self.edit.world.crowds if crowd.name not in old and crowd.name not in new]
        self.edit.world = replace(self.edit.world, crowds=(*crowds, *own))

    def weather(self) -> None:
        """Faults that were said otherwise are armed anew; those that a step is to arm are not, unless one did."""
        self._settings()
        self._networks()
        old = self._faults(self.edit.said, names_of(self.edit.said.handsets, self.edit.vocabulary))
        new = self._faults(self.edit.document, self.edit.names)
        found = self.edit.told("faults", old, new)
        before, later = unarmed(self.edit.said.timeline), unarmed(self.edit.document.timeline)
        armed = {fault.name: fault for fault in self.edit.world.faults}
        # What no step arms any more is armed from the start, and what one is to arm is not.
        freed = [name for name in new if name in before and name not in {*later, *armed}]
        held = [name for name in new if name in later and name in {*old, *armed} - before and not self._did_arm(name)]
        for name in (*found.removed, *held):
            armed.pop(name, None)
        for name in dict.fromkeys((*found.added, *found.changed, *freed)):
            if name in later and name not in armed:
                continue
            fault = self._armed(name) if name in later else new[name]
            armed.pop(name, None) if fault is None else armed.update({name: fault})
            self.edit.steps.append(Set(ordinal_of(name), 0))
        ordered = [armed[name] for name in new if name in armed]
        self.edit.world = replace(
            self.edit.world, faults=(*ordered, *(armed[name] for name in armed if name not in new))
        )

    def _did_arm(self, name: str) -> bool:
        """Whether a step of the timeline has armed a fault."""
        done = {each.said for each in self.edit.live.going.played if not each.problem}
        steps = self.edit.document.timeline
        return any(each.fault == name and each.do == "arm" and act(each) in done for each in steps)

    def _armed(self, name: str) -> Fault | None:
        """A fault that a step has armed: what it says of time counts from now; None: its time is over."""
        try:
            return to_fault(name, self.edit.document.faults[name], self.edit.names, self.edit.moment.now)
        except ScenarioError:
            return None

    def _faults(self, document: Document, names: Names) -> dict[str, Fault]:
        """Every fault of a scenario, as it is when it is armed at the world's start."""
        found = {}
        for name, facts in document.faults.items():
            try:
                found[name] = to_fault(name, facts, names, self.edit.live.going.script.start_at)
            except ScenarioError as error:
                raise ScenarioError(f"faults.{name}.{error.path}", error.what) from None
        return found

    def _networks(self) -> None:
        """What the world says of networks."""
        if any(self.edit.told("world.networks", self.edit.old.networks, self.edit.new.networks)):
            self.edit.world = replace(self.edit.world, networks=to_networks(self.edit.new.networks))

    def _settings(self) -> None:
        found = self.edit.told("world.settings", self.edit.old.settings, self.edit.new.settings)
        merged = {name: value for name, value in self.edit.world.settings.items() if name not in found.removed}
        merged |= {name: self.edit.new.settings[name] for name in (*found.added, *found.changed)}
        if merged != self.edit.world.settings:
            self.edit.world = replace(self.edit.world, settings=merged)


def _drawn_alike(old: Mapping[str, HandsetFacts], new: Mapping[str, HandsetFacts]) -> bool:
    """Whether crowds are the same, in the same order, and so are their mixes: both say who is drawn."""
    return old == new and [(name, list(each.mix or ())) for name, each in old.items()] == [
        (name, list(each.mix or ())) for name, each in new.items()
    ]


def _phones(handsets: Mapping[str, HandsetFacts]) -> dict[str, tuple[str, HandsetFacts]]:
    """Names and facts of the phones that are declared one by one, by their numbers."""
    return {number_of(name, facts): (name, facts) for name, facts in handsets.items() if facts.range is UNSET}
