"""What an edited timeline changes in a live world. Pure.

Steps are the same where both timelines say the same, in the same order. One that was taken stays taken; of the others
the new timeline alone decides: their instants count from the world's start, so that one may move, and one whose instant
is over before anybody wrote it down is not taken at all, and that is said.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from difflib import SequenceMatcher

import msgspec
from msgspec import UNSET, Struct
from msgspec.structs import replace

from fake_nexmo.core.change import Change
from fake_nexmo.core.instant import parse_duration
from fake_nexmo.core.moment import Moment
from fake_nexmo.core.plot import ENDS, STEP, Cue, Plot, step
from fake_nexmo.core.records import Record, Timer
from fake_nexmo.scenario.document import Document, TimelineStep
from fake_nexmo.scenario.sayings import act
from fake_nexmo.scenario.script import Played, Script
from fake_nexmo.scenario.timeline import cues, end, instants

TOO_LATE = "its instant was over when the scenario was edited"


class Going(Struct, frozen=True):
    """How far a world is with its timeline.

    Attributes:
        timers: of its steps and of its end, by id.
        report: the verdicts that were given at its end; None: it has not ended.
    """

    script: Script
    plot: Plot
    timers: Mapping[str, Timer]
    played: Sequence[Played]
    report: Record | None = None


class Replotted(Struct, frozen=True):
    """The change, and what of the timeline is new and gone: numbers of steps."""

    change: Change
    added: int
    removed: int


def replot(going: Going, document: Document, phones: Mapping[str, str], moment: Moment) -> Replotted:
    """The change that has a world follow another timeline from now on.

    Args:
        going: how far it is.
        document: the scenario as it is now.
        phones: the numbers of phones by their names.
        moment: of the edit.
    """
    old, new = going.script.timeline, document.timeline
    same = _matched(old, new)
    work = _Replot(going, document, phones, moment, same)
    change = work.steps() + _cues(going.plot, work.waiting) + _end(going, document, moment.now)
    return Replotted(change, len(new) - len(same), len(old) - len(same))


def _matched(old: Sequence[TimelineStep], new: Sequence[TimelineStep]) -> dict[int, int]:
    """For each step of the new timeline that the old one has too, its number there."""
    words = [[msgspec.json.encode(each) for each in steps] for steps in (old, new)]
    blocks = SequenceMatcher(a=words[0], b=words[1], autojunk=False).get_matching_blocks()
    return {block.b + k: block.a + k for block in blocks for k in range(block.size)}


class _Replot:
    """Goes through the new timeline, step by step.

    Attributes:
        waiting: the cues of steps that wait for an event.
    """

    def __init__(
        self, going: Going, document: Document, phones: Mapping[str, str], moment: Moment, same: Mapping[int, int]
    ) -> None:
        self.going = going
        self.timeline = document.timeline
        self.moment = moment
        self.same = same
        self.known = instants(document.timeline, going.script.start_at)
        self.waiting: list[Cue] = []
        self._cues = {cue.k: cue for cue in cues(document, phones)}
        self._cued = {cue.k for cue in going.plot.cues}
        self._played = {each.k: each for each in going.played if each.k >= 0}
        self._kept: dict[int, int] = {}
        self._put: list[Record] = []

    def steps(self) -> Change:
        """The change that sets, moves and takes away timers, and numbers anew what was taken."""
        before: int | None = None
        for k, each in enumerate(self.timeline):
            before = self._step(k, each, before)
        kept = {self.same[k] for k in self.same}
        gone = [replace(each, k=-1) for j, each in self._played.items() if j not in kept]
        old = {timer.k: timer for timer in self.going.timers.values() if timer.what == STEP}
        stays = {
            k for k, due_at in self._kept.items() if k in old and old[k].due_at == due_at and self.same.get(k) == k
        }
        return Change(
            put=(*self._put, *gone),
            drop=tuple(timer for k, timer in old.items() if k not in stays),
            timers=tuple(step(k, due_at) for k, due_at in self._kept.items() if k not in stays),
        )

    def _step(self, k: int, each: TimelineStep, before: int | None) -> int | None:
        """Decide on one; the instant at which it was taken, or should have been, None: that is still to come.

        ``before``: that of the step before it.
        """
        j = self.same.get(k, -1)
        played, timer = self._played.get(j), self.going.timers.get(step(j, 0).id)
        if played is not None:
            if j != k:
                self._put.append(replace(played, k=k))
            return played.at
        if each.when is not UNSET:
            if j < 0 or j in self._cued:
                self.waiting.append(self._cues[k])
            elif timer is not None:
                self._kept[k] = timer.due_at
            return None
        at = self.known[k]
        if at is None and before is not None and each.at is not UNSET:
            at = before + parse_duration(each.at[1:])
        if at is None:
            return None
        if at >= self.moment.now or (timer is not None and timer.due_at == at):
            self._kept[k] = at
            return None
        # What counts from it counts from its own instant, by this edit and by the next one.
        self._put.append(Played(id=f"{self.moment.ordinal}/{k}", k=k, at=at, said=act(each), problem=TOO_LATE))
        return at


def _cues(plot: Plot, waiting: Iterable[Cue]) -> Change:
    after = tuple(waiting)
    return Change() if after == plot.cues else Change(put=(replace(plot, cues=after),))


def _end(going: Going, document: Document, now: int) -> Change:
    """The change that moves the end; a world that has ended is judged again by what is expected of it now."""
    was = going.script
    moved = document.ends != was.ends
    again = going.report is not None and (tuple(document.expect) != was.expect or document.strict != was.strict)
    if not moved and not again:
        return Change()
    gone = (going.timers.get(ENDS), going.report)
    timers: tuple[Timer, ...] = ()
    if document.ends is not None:
        timers = (end(max(was.start_at + parse_duration(document.ends), now)),)
    return Change(drop=tuple(each for each in gone if each is not None), timers=timers)
