"""Asking an application what a call is to do, and making sense of the answer. Pure.

A URL is asked twice at most, then the fallback URL, twice too; what comes of it goes on from there.

Source: reference ncco §2.2, §2.6, §4.3, §4.5; webhooks §4.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from fake_nexmo.apis.voice import event_rules as events
from fake_nexmo.apis.voice import ncco_rules, ncco_wire
from fake_nexmo.apis.voice.actions_model import Action
from fake_nexmo.apis.voice.ends_model import Callback
from fake_nexmo.apis.voice.model import Call
from fake_nexmo.core.change import Change
from fake_nexmo.core.legs import Leg
from fake_nexmo.core.moment import Moment
from fake_nexmo.core.records import Delivery, Event

_INVALID: Final = "Invalid NCCO."
_CODE: Final = "Invalid response code."
_TIMEOUT: Final = "Socket timeout."
_RESET: Final = "Connection reset."
_CLOSED: Final = "Connection closed."

MISTAKE: Final = "call.mistake"
"""The event that tells a developer why an NCCO cannot run."""

_TOLD_MAX: Final = 5
"""How many mistakes of one NCCO are told."""

# What counts as an encoding error. Source: reference ncco §2.2 (B).
_NOT_READ: Final = frozenset(("text/html", "application/xml", "text/xml"))


class Heard(Struct, frozen=True, gc=False):
    """What an application answered when it was asked for an NCCO.

    Attributes:
        actions: the NCCO; None: there is none that can run.
        reason: why there is none, in the words of the fallback's request.
        status: the HTTP status where that is why; else 0.
        mistakes: what is wrong with it, for the one who wrote it.
    """

    actions: tuple[Action, ...] | None
    reason: str = ""
    status: int = 0
    mistakes: tuple[str, ...] = ()

    @property
    def failure(self) -> str:
        """Why there is none, in a word or two."""
        if self.status:
            return f"error {self.status}"
        return {_INVALID: "invalid NCCO", _TIMEOUT: "time-out"}.get(self.reason, "no answer")


def ask(call: Call, leg: Leg, where: Callback, moment: Moment, *, first: bool) -> Change:
    """Ask for an NCCO.

    Args:
        call: stored as it is, but for the asking.
        leg: what the NCCO is for.
        where: whom to ask.
        moment: now.
        first: nothing runs yet, so that the call ends if there is none to be had.
    """
    asking = replace(call, asking=True, asked=call.asked + 1)
    facts = {**events.parties(call, leg), "asked": asking.asked, "first": first}
    return Change(put=(asking,)) + events.sent(events.ANSWER, call, leg, where, facts, moment)


def read(status: int, media: str, body: bytes, error: str) -> Heard:
    """Make sense of an answer.

    Args:
        status: the HTTP status; 0: there was no answer.
        media: its content type in lower case; other ones than those known to be refused are read.
        body: its body.
        error: why there was no answer: its kind, a colon, and a sentence.

    Source: reference ncco §2.2, §2.6, §4.5 (B).
    Doubt: a body that is no JSON, and one of a wrong type, are "Invalid NCCO."; nothing says that they are not.
    """
    if not status:
        return Heard(None, _why(error), mistakes=(f"no answer: {error}",))
    if not 200 <= status <= 299:
        return Heard(None, _CODE, status, (f"it was answered with {status}",))
    if media in _NOT_READ:
        return Heard(None, _INVALID, mistakes=(f"its Content-Type is {media}; write application/json",))
    try:
        actions = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return Heard(None, _INVALID, mistakes=("its body is no JSON",))
    problems = ncco_rules.check(actions)
    if problems:
        return Heard(None, _INVALID, mistakes=tuple(ncco_rules.told(each) for each in problems[:_TOLD_MAX]))
    return Heard(ncco_wire.parse(actions))


def read_reply(status: int, media: str, body: bytes, error: str) -> Heard:
    """Make sense of the answer to a report that may replace the NCCO: none, where it says nothing that can.

    Source: reference ncco §2.2, §2.6 (B; D for a body that is no array).
    """
    if 200 <= status <= 299:
        try:
            said = msgspec.json.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return Heard(())
        if not isinstance(said, list):
            return Heard(())
    return read(status, media, body, error)


def reported(call: Call, leg: Leg, delivery: Delivery, heard: Heard, moment: Moment) -> Change:
    """Report that there is no NCCO that can run; the application's developer is told more than the service says.

    Source: reference ncco §2.6 (A for the invalid one, D for the rest).
    """
    reason = events.SYNTAX if heard.reason == _INVALID else events.DOWNLOAD
    source = f"NCCO of {delivery.method} {delivery.url}"
    mistakes = noted(leg, tuple(f"{source}: {each}" for each in heard.mistakes), moment)
    return events.told(call, leg, events.ERROR, moment, reason=reason) + mistakes


def noted(leg: Leg, mistakes: tuple[str, ...], moment: Moment) -> Change:
    """Tell the application's developer what is wrong, among the events of the world; the service tells nobody."""
    return Change(
        log=tuple(
            Event(at=moment.now, name=MISTAKE, about=leg.id, account=leg.account, number=leg.person, text=each)
            for each in mistakes
        )
    )


def fall_back(call: Call, leg: Leg, facts: dict[str, Any], url: str, heard: Heard, moment: Moment) -> Change:
    """Ask the fallback URL, with what the other one was asked and why that was of no use.

    Source: reference ncco §4.5 (B).
    """
    told = {**facts, "reason": heard.reason, "original_url": url, "original": "answer" if "asked" in facts else "event"}
    return events.sent(events.FALLBACK, call, leg, call.fallback, told, moment)


def _why(error: str) -> str:
    kind, _, said = error.partition(":")
    if kind == "timeout":
        return _TIMEOUT
    return _RESET if "broke the connection" in said else _CLOSED
