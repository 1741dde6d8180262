"""What is said in a call as the others in it hear it, and what comes of that. Pure.

Source: reference ncco §3.2, §3.6, §5.2, §6; voice §7, §8.3.
Doubt: that keys make no sound on the legs of others, but for websockets, which are told of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from msgspec.structs import replace

from fake_nexmo.apis.voice import run_rules
from fake_nexmo.apis.voice.company_rules import hears, reaches, said_to
from fake_nexmo.apis.voice.ends_model import EndpointType
from fake_nexmo.apis.voice.model import Call
from fake_nexmo.core.change import Change
from fake_nexmo.core.legs import Leg, Line, Sound, Speaker
from fake_nexmo.core.moment import Moment
from fake_nexmo.core.records import Account, Direction, Timer


class Party(NamedTuple):
    """Somebody in a conversation."""

    call: Call
    leg: Leg


def spread(line: Line, speaker: Party, others: Iterable[Party], account: Account, moment: Moment) -> Change:
    """The others hear a line, each who can.

    Args:
        line: what the platform says to the conversation, or what somebody says at their end.
        speaker: whose line it is.
        others: who is in the conversation too, and takes part in it.
        account: who pays for all of them.
        moment: now.
    """
    change = Change()
    for other in others:
        if line.sound is Sound.DTMF:
            change += _keyed(line, speaker, other)
        elif line.speaker is Speaker.PLATFORM:
            change += _announced(line, other)
        else:
            change += _said(line, speaker, other, account, moment)
    return change


def hushed(party: Party, at: int, moment: Moment) -> Change:
    """Somebody hears no more of what the platform has said since an instant; 0: of the music that they wait with."""
    call, leg = party
    if at:
        line = next((each for each in leg.transcript if each.at == at and each.speaker is Speaker.PLATFORM), None)
        return Change() if line is None else Change(put=(leg.broken_off(line, moment.now),))
    if call.saying is None:
        return Change()
    return Change(put=(replace(call, saying=None), leg.broken_off(call.saying, moment.now)))


def _keyed(line: Line, speaker: Party, other: Party) -> Change:
    """Source: reference voice §8.3, ncco §6 (B)."""
    if other.call.to.type is not EndpointType.WEBSOCKET:
        return Change()
    there, ears = reaches(other.call, other.leg, _from(line, speaker))
    return Change(put=(there,), timers=ears)


def _announced(line: Line, other: Party) -> Change:
    """What the platform says to all; where they wait for a conversation to start, that is the music."""
    if other.call.room and other.call.saying is not None:
        # They have come at this very instant too, and brought their own.
        return Change()
    there, ears = said_to(other.call, other.leg, line)
    if there is other.leg:
        return Change()
    if not other.call.room:
        return Change(put=(there,), timers=ears)
    return Change(put=(replace(other.call, saying=line), there), timers=ears)


def _said(line: Line, speaker: Party, other: Party, account: Account, moment: Moment) -> Change:
    """What somebody says: heard on the other leg, and taken in by what listens there to the one that it comes from.

    Source: reference ncco §3.6 (B).
    Doubt: what is said at any end keeps a recording from being over by silence.
    """
    there, ears = other.leg, tuple[Timer, ...]()
    if hears(other.call, speaker.call):
        there, ears = _heard(line, speaker, other)
    taken = Change()
    if line.text and not speaker.call.muted and run_rules.hearkens(other.call):
        taken = run_rules.take_in(other.call, there, line, account, moment, source=speaker.leg.id)
    if not taken and there is not other.leg:
        taken = Change(put=(there,))
    return Change(timers=ears) + taken


def _heard(line: Line, speaker: Party, other: Party) -> tuple[Leg, tuple[Timer, ...]]:
    """The line on the other leg; a sound that goes on is the same one, longer."""
    heard = _from(line, speaker)
    known = [each for each in other.leg.transcript if (each.at, each.by, each.sound) == (line.at, heard.by, line.sound)]
    if line.sound is not Sound.AUDIO or not known:
        return reaches(other.call, other.leg, heard)
    lines = tuple(heard if each is known[0] else each for each in other.leg.transcript)
    return replace(other.leg, transcript=lines), ()


def _from(line: Line, speaker: Party) -> Line:
    """A line as others hear it: by whom it is."""
    if line.speaker is Speaker.PLATFORM:
        return line
    inbound = speaker.leg.direction is Direction.INBOUND
    end = speaker.call.sender if inbound else speaker.call.to
    return replace(line, speaker=Speaker.OTHER, by=end.address if end else speaker.leg.person)
