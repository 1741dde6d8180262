"""The websockets of calls: what is to be done on each, and what follows from what came; rules decide."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from fake_nexmo.apis.voice import retries, signing_wire, socket_ends_rules, socket_rules, socket_wire
from fake_nexmo.apis.voice.company_rules import shared
from fake_nexmo.apis.voice.model import Call
from fake_nexmo.apis.voice.socket_model import Websocket
from fake_nexmo.core.change import Change
from fake_nexmo.core.legs import Leg, LegStatus
from fake_nexmo.core.moment import Moment, Use
from fake_nexmo.core.records import Account, Application, Timer
from fake_nexmo.store.protocol import View
from fake_nexmo.web.api import Errand, Heard, SocketTimer

_NORMAL: Final = 1000


class _Line(Struct, frozen=True, gc=False):
    """A leg with a websocket, with whom it concerns."""

    call: Call
    leg: Leg
    account: Account
    says: Call

    @property
    def party(self) -> socket_rules.Party:
        """Who is on the websocket."""
        return socket_rules.Party(self.call, self.leg, self.says)


async def _plan_open(view: View, timer: Timer, moment: Moment, stamp_s: int) -> Errand | None:
    """Open the socket and say who calls; nothing if the call was given up meanwhile."""
    line = await _load(view, timer.subject)
    if line.leg.over:
        return None
    to = line.call.to
    token = ""
    if to.authorization.get("type") == "vonage":
        application = await view.get(Application, line.call.application)
        known = application.application_id if application else ""
        secret, key = line.account.signature_secret, line.account.api_key
        jti = moment.uuid(Use.TOKEN)
        token = signing_wire.token(secret, key, known, signing_wire.payload_hash(b"", {}), jti, stamp_s)
    return Errand(
        timer.subject,
        url=to.address,
        headers=socket_wire.authorization(to.authorization, token),
        messages=(socket_wire.connected(to.shown["content-type"], to.headers),),
        wake=socket_rules.wake(timer.subject),
        # Doubt: how long the platform waits for a handshake is not documented: as for an NCCO.
        connect_s=retries.CONNECT_S,
        response_s=retries.ANSWER_S,
        patience_s=retries.EVENT_S,
    )


async def _take_open(view: View, timer: Timer, _: Errand, heard: Heard, moment: Moment) -> Change:
    line = await _load(view, timer.subject)
    if heard.failed:
        return socket_ends_rules.not_opened(line.leg, heard.failed, moment)
    # One that was closed at once is found closed by a pump of its own.
    gone = () if heard.is_open else (socket_rules.pump(timer.subject, moment.now),)
    return socket_ends_rules.opened(line.call, line.leg, line.account, heard.messages, moment) + Change(timers=gone)


async def _plan_pump(view: View, timer: Timer, moment: Moment, _: int) -> Errand | None:
    """Send what is due, and close the socket of a leg that is over."""
    socket, line = await view.get(Websocket, timer.subject), await _load(view, timer.subject)
    if socket is None:
        return None
    due = socket_rules.outgoing(socket, line.party, moment.now)
    close = _NORMAL if line.leg.over else 0
    return Errand(timer.subject, messages=due.messages, close=close, memo=due.socket)


async def _take_pump(view: View, timer: Timer, errand: Errand, heard: Heard, moment: Moment) -> Change:
    line = await _load(view, timer.subject)
    sent: Websocket = errand.memo
    pending = await view.get(Timer, socket_rules.pump_id(sent))
    dropped = Change(drop=(pending,)) if pending is not None and pending.id != timer.id else Change()
    if line.leg.status is not LegStatus.ANSWERED:
        # Who hung up while the app was talking closes the socket with a pump of its own.
        kept = Change(drop=(sent,)) if errand.close or not heard.is_open else Change(put=(sent,))
        return dropped + kept
    came = socket_rules.incoming(sent, line.leg, heard.messages, moment)
    if not heard.is_open:
        return dropped + Change(drop=(sent,)) + socket_ends_rules.closed(line.call, came.leg, line.account, moment)
    after = replace(came.socket, pumps=sent.pumps + 1)
    there = line.party._replace(leg=came.leg)
    change = Change(put=(after,), timers=(socket_rules.next_pump(after, there, moment.now),))
    if came.changed:
        heard_by = (shared(line.call, came.leg, moment, k) for k in came.changed)
        change += Change(put=(came.leg,), timers=tuple(each for timers in heard_by for each in timers))
    return dropped + change


SOCKETS: Mapping[str, SocketTimer] = {
    socket_rules.OPEN: SocketTimer(_plan_open, _take_open),
    socket_rules.PUMP: SocketTimer(_plan_pump, _take_pump),
}


async def _load(view: View, leg_id: str) -> _Line:
    """A leg of which a timer is carried out."""
    call, leg = await view.get(Call, leg_id), await view.get(Leg, leg_id)
    assert call is not None and leg is not None, "a leg with a timer pending is never dropped"  # noqa: PT018
    account = await view.get(Account, leg.account)
    assert account is not None, "a leg belongs to an account of its world"
    host = await view.get(Call, call.host) if call.host and not call.away else None
    return _Line(call, leg, account, host or call)
