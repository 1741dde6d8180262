"""What cannot be in a timeline and in expectations. They are judged as parts of a scenario; `judge` is the rest."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Any

from msgspec import UNSET

from fake_nexmo.core.instant import parse_duration, parse_instant
from fake_nexmo.numbering.plan import look_up
from fake_nexmo.scenario import document as d
from fake_nexmo.scenario.flaws import Flaws, near
from fake_nexmo.scenario.model import WorldFacts
from fake_nexmo.scenario.nodes import Step
from fake_nexmo.scenario.vocabulary import Vocabulary

Path = tuple[Step, ...]


def judge_plot(document: d.Document, world: WorldFacts, vocabulary: Vocabulary, flaws: Flaws) -> None:
    """Note every step that cannot be taken, and every expectation that can be neither met nor missed."""
    _Timeline(document, world, vocabulary, flaws).judge()
    _Expectations(document, world, vocabulary, flaws).judge()


def offset(step: d.TimelineStep, before: int | None, begin: str | None) -> int | None:
    """Microseconds from the start until a step; None: nobody can say.

    Args:
        step: it, ``before`` the offset of the one before it.
        before: None: nobody can say.
        begin: the instant that the world's clock starts at; None: it is not said.
    """
    if step.at is UNSET:
        return None
    if step.at.startswith("+"):
        return None if before is None else before + parse_duration(step.at[1:])
    try:
        return parse_duration(step.at)
    except ValueError:
        return None if begin is None else parse_instant(step.at) - parse_instant(begin)


class _Plot:
    """What timeline and expectations are judged by."""

    def __init__(self, document: d.Document, world: WorldFacts, vocabulary: Vocabulary, flaws: Flaws) -> None:
        self.document = document
        self.world = world
        self.vocabulary = vocabulary
        self.flaws = flaws
        self.phones = [name for name, facts in document.handsets.items() if facts.range is UNSET]

    def known(self, said: str, names: list[str], path: Path, kind: str) -> None:
        """Note a name that nobody declared."""
        if said not in names:
            self.flaws.add(path, f"no {kind} is called {said!r}; {near(said, names)}")

    def account(self, said: Any, path: Path) -> None:
        """Note an account that is neither named nor known by its key."""
        keys = {facts.api_key for facts in self.world.accounts.values()}
        if said is not UNSET and said not in keys:
            self.known(said, list(self.world.accounts), path, "account")

    def fault(self, said: Any, path: Path) -> None:
        """Note a fault that nobody declared."""
        if said is not UNSET:
            self.known(said, list(self.document.faults), path, "fault")

    def phone(self, said: Any, path: Path, *, patterns: bool) -> None:
        """Note a word that is neither a number, nor a pattern of one, nor the name of a phone."""
        if said is UNSET or said in self.phones:
            return
        plain = said.removeprefix("+")
        if plain.isdigit() and look_up(plain) is not None:
            return
        if patterns and (said.startswith("/") or plain.rstrip("*").isdigit()):
            return
        hint = near(said, self.phones) if self.phones else "none is declared"
        more = " Or write a number" if hint.endswith("?") else ", or write a number"
        self.flaws.add(path, f"no phone is called {said!r}; {hint}{more}")


class _Timeline(_Plot):
    """Judges the steps of a timeline."""

    def judge(self) -> None:
        """Note every step that cannot be taken."""
        ends = None if self.document.ends is None else parse_duration(self.document.ends)
        begin = self.document.clock.start if self.document.clock is not None else None
        at: int | None = 0
        for k, step in enumerate(self.document.timeline):
            here: Path = ("timeline", k)
            at = offset(step, at, begin)
            if ends is not None and at is not None and at > ends:
                self.flaws.add((*here, "at"), f"the scenario ends at {self.document.ends}, so this never happens")
            self._when(step, here)
            self._act(step, here)

    def _when(self, step: d.TimelineStep, here: Path) -> None:
        if (step.at is UNSET) == (step.when is UNSET):
            self.flaws.add(here, "a step says either at which instant it is taken (at), or after which event (when)")
        if step.when is not UNSET:
            self.known(step.when, list(self.vocabulary.events), (*here, "when"), "event")
            self.phone(step.to, (*here, "to"), patterns=True)
            self.phone(step.from_, (*here, "from"), patterns=True)
            return
        for word, said in (("to", step.to), ("from", step.from_), ("about", step.about), ("after", step.after)):
            if said is not UNSET:
                self.flaws.add((*here, word), f"{word} goes with when: it says which event, or how long after it")

    def _act(self, step: d.TimelineStep, here: Path) -> None:
        acts = [each for each in (*d.HANDSET_ACTS, "do", "set", "note") if getattr(step, each) is not UNSET]
        if len(acts) != 1:
            what = f"not {' and '.join(acts)}" if acts else "such as do: power_off"
            self.flaws.add(here, f"a step is one act; {what}")
            return
        does = str(step.do) if step.do is not UNSET else acts[0]
        actor = "fault" if does in d.FAULT_DOES else "account" if does == "set" else "" if does == "note" else "handset"
        if actor and getattr(step, actor) is UNSET:
            self.flaws.add(here, f"{does} is an act of the {actor}'s; say which {actor}")
        for word in ("handset", "fault"):
            if word != actor and getattr(step, word) is not UNSET:
                self.flaws.add((*here, word), f"{does} is nothing that a {word} does")
        self.phone(step.handset, (*here, "handset"), patterns=False)
        self.fault(step.fault, (*here, "fault"))
        self.account(step.account, (*here, "account"))
        for word, said in (("send_sms", step.send_sms), ("call", step.call)):
            if said is not UNSET and said.to.removeprefix("+") not in self.world.numbers:
                owned = ", ".join(self.world.numbers) or "none"
                self.flaws.add((*here, word, "to"), f"nobody in this world owns {said.to!r}; owned are: {owned}")


class _Expectations(_Plot):
    """Judges expectations, each with the names that those before it gave."""

    def judge(self) -> None:
        """Note every expectation that can be neither met nor missed."""
        self.found: list[str] = []
        for k, each in enumerate(self.document.expect):
            here: Path = ("expect", k)
            said = [claim for claim in d.CLAIMS if getattr(each, claim) is not UNSET]
            if len(said) == 1:
                self._claim(said[0], getattr(each, said[0]), (*here, said[0]))
            else:
                what = f"not {' and '.join(said)}" if said else 'such as message: {to: "447700900001"}'
                self.flaws.add(here, f"an expectation is one of {', '.join(d.CLAIMS)}; {what}")
            self._name_and_time(each, here)

    def _name_and_time(self, each: d.Expectation, here: Path) -> None:
        if each.as_ is not UNSET:
            if each.as_ in self.found:
                self.flaws.add((*here, "as"), f"an expectation before it is called {each.as_!r} too")
            self.found.append(each.as_)
        between = each.before is not UNSET and each.after is not UNSET
        if between and parse_duration(each.before) <= parse_duration(each.after):  # type: ignore[arg-type]
            self.flaws.add((*here, "before"), "it is not later than after, so nothing lies between them")

    def _claim(self, claim: str, said: Any, here: Path) -> None:
        if claim == "order":
            for k, name in enumerate(said):
                self._named(name.partition(".")[0], (*here, k))
        elif claim == "spent":
            self.account(said.account, (*here, "account"))
            if said.at_most is UNSET and said.at_least is UNSET:
                self.flaws.add(here, "say at_most, at_least, or both")
        elif claim == "never":
            inner = [kind for kind in d.MATCHES if getattr(said, kind) is not UNSET]
            if len(inner) != 1:
                self.flaws.add(here, f"what never happens is one of {', '.join(d.MATCHES)}")
                return
            self._match(inner[0], getattr(said, inner[0]), (*here, inner[0]))
        else:
            self._match(claim, said, here)

    def _named(self, name: str, path: Path) -> None:
        """Note a name that no expectation before gave."""
        if name not in self.found:
            what = near(name, self.found) if self.found else "none has a name (as)"
            self.flaws.add(path, f"no expectation before it is called {name!r}; {what}")

    def _match(self, kind: str, match: Any, here: Path) -> None:
        """Note names in a match that nobody declared. Senders of messages may be any text."""
        self.account(getattr(match, "account", UNSET), (*here, "account"))
        if kind in {"message", "call"}:
            self.phone(match.to, (*here, "to"), patterns=True)
        if kind == "call":
            self.phone(match.from_, (*here, "from"), patterns=True)
        if kind == "verification":
            self.phone(match.number, (*here, "number"), patterns=True)
        if kind == "webhook":
            if match.kind is not UNSET:
                self.known(match.kind, list(self.vocabulary.webhooks), (*here, "kind"), "kind of webhook")
            if match.about is not UNSET:
                self._named(match.about, (*here, "about"))
        if kind == "request":
            self.fault(match.fault, (*here, "fault"))
            wanted, operations = match.operation, list(self.vocabulary.operations)
            if wanted is not UNSET and not any(fnmatchcase(each, wanted) for each in operations):
                self.known(wanted, operations, (*here, "operation"), "operation")
