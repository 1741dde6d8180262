"""How the leg of a websocket begins and ends. Pure.

It does not ring: it is answered by the handshake, a tenth of a second after it was started. When the app closes the
socket that is reported, and the reply may hold an NCCO for whoever called the websocket in; until it is there, that leg
is not hung up for being left alone.

Source: reference ncco §2.1, §4.4, §5.2, §6; voice §9.3, §9.4.
"""

from __future__ import annotations

from typing import Any, Final

from msgspec.structs import replace

from fake_nexmo.apis.voice import ask_rules, connect_rules, event_rules, flow_rules, ivr_rules, run_rules
from fake_nexmo.apis.voice.ask_rules import Heard
from fake_nexmo.apis.voice.event_rules import AFTER_HANG_UP
from fake_nexmo.apis.voice.ivr_model import Branch, Turn
from fake_nexmo.apis.voice.model import Call
from fake_nexmo.apis.voice.socket_model import Websocket
from fake_nexmo.apis.voice.socket_rules import Party, incoming, next_pump, pump
from fake_nexmo.apis.voice.socket_wire import rate_of
from fake_nexmo.core.change import Change
from fake_nexmo.core.legs import Leg
from fake_nexmo.core.moment import Moment
from fake_nexmo.core.records import Account, Delivery, Handset, Timer
from fake_nexmo.network import calls

# Doubt: which failure is which is not documented. What answers, but does not want us, and what may not be called, is a
# failed call; where nobody answers, or nobody is, it is unanswered.
_NOT_OPENED: Final = {"refused": "fail", "protocol": "fail", "timeout": "not_reached", "connection": "not_reached"}


def opened(call: Call, leg: Leg, account: Account, messages: tuple[str | bytes, ...], moment: Moment) -> Change:
    """The handshake was made: the leg is answered, and sound begins to flow.

    Args:
        call: whose leg it is.
        leg: a started one; one that is over by now only has its socket closed.
        account: who pays.
        messages: what the app has said at once.
        moment: now.
    """
    socket = Websocket(id=leg.id, rate=rate_of(call.to.shown["content-type"]), opened_at=moment.now)
    answered = calls.answer(leg, Handset(id=leg.to), moment) if not leg.over else None
    if answered is None or answered.answer is None:
        return Change(put=(socket,), timers=(pump(leg.id, moment.now),))
    heard = incoming(socket, answered.answer, messages, moment)
    told = flow_rules.on_status(call, answered.answer, account, moment)
    next_one = next_pump(heard.socket, Party(call, heard.leg, call), moment.now)
    return replace(answered.change, put=(heard.leg, heard.socket)) + told + Change(timers=(next_one,))


def not_opened(leg: Leg, failed: str, moment: Moment) -> Change:
    """There was no handshake: the call fails, or is not answered; that is known when it is for other calls."""
    if leg.over:
        return Change()
    what = _NOT_OPENED[failed]
    due_at = max(moment.now, leg.created_at + calls.NOT_CONNECTED[what].after)
    return Change(timers=(Timer(due_at=due_at, owner=calls.OWNER, what=what, subject=leg.id),))


def closed(call: Call, leg: Leg, account: Account, moment: Moment) -> Change:
    """The app has closed the socket of an answered leg, or it is gone: that is reported, and the leg is over.

    Source: reference ncco §4.4, §6 (B).
    """
    over = calls.hang_up(leg, account, moment, by="user")
    assert over.answer is not None, "an answered leg can be hung up"
    # One that was moved elsewhere is nothing to the call that it was connected to.
    host = "" if call.away else call.host
    asks: dict[str, Any] = {"left": host} if host else {}
    told = event_rules.told(call, leg, event_rules.DISCONNECTED, moment, **asks)
    after = replace(call, parting=bool(host and told), way=ivr_rules.over(call.way, ivr_rules.HUNG_UP))
    return told + over.change + Change(put=(after,)) + flow_rules.on_status(after, over.answer, account, moment)


def replied(
    host: Call, leg: Leg, second: Call, there: Leg, account: Account, delivery: Delivery, heard: Heard, moment: Moment
) -> Change:
    """What follows from the reply to the report that a websocket was closed.

    Args:
        host: the call that the websocket was connected to.
        leg: its leg, not over.
        second: the call of the websocket; nothing happens if the reply was taken in before.
        there: its leg.
        account: who pays.
        delivery: the report.
        heard: the reply; an NCCO of no actions replaces nothing.
        moment: now.

    Source: reference ncco §2.1, §2.2, §4.5 (B), §6 (B: otherwise the next action).
    """
    if not second.parting:
        return Change()
    gone = replace(second, parting=False)
    if heard.actions:
        scene = ivr_rules.scene(ivr_rules.place(delivery.method, delivery.url), heard.actions)
        way = ivr_rules.arrived(ivr_rules.settled(host.way), scene, Branch(Turn.CONNECT, event_rules.DISCONNECTED))
        alone = replace(host, legs=tuple(each for each in host.legs if each != second.id), way=way)
        if alone.partner == second.id:
            alone = replace(alone, partner="")
        return Change(put=(gone,)) + run_rules.run(alone, leg, account, moment, heard.actions)
    change = Change()
    if heard.actions is None:
        change = ask_rules.reported(host, leg, delivery, heard, moment)
        if delivery.kind != event_rules.FALLBACK and host.fallback.url:
            return change + ask_rules.fall_back(host, leg, dict(delivery.facts), delivery.url, heard, moment)
    change += Change(put=(gone,))
    assert there.ended_at is not None, "it is over"
    if host.partner != second.id and moment.now < there.ended_at + AFTER_HANG_UP:
        # What is to be done when a leg has left is done when that is known. One that was never joined has connected
        # all the same, so that the next action begins at once.
        return change
    return change + connect_rules.left(host, leg, gone, there, account, moment)
