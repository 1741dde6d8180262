"""Making an outbound call: what the request says, and the leg that comes of it. Pure.

Source: reference voice §3, §4.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from fake_nexmo.apis.voice import endpoint_rules as endpoints
from fake_nexmo.apis.voice import flow_rules as flow
from fake_nexmo.apis.voice import hooks_rules as hooks
from fake_nexmo.apis.voice.actions_model import Action
from fake_nexmo.apis.voice.body_rules import Body
from fake_nexmo.apis.voice.ends_model import BEEP_S, Callback, Detection, Endpoint, EndpointType
from fake_nexmo.apis.voice.model import LENGTH_S, OWNER, Call
from fake_nexmo.apis.voice.ncco_rules import TYPE
from fake_nexmo.core.legs import Leg
from fake_nexmo.core.moment import Moment, Use
from fake_nexmo.core.records import Account, Application, Direction, Number, OwnNetworks
from fake_nexmo.numbering.plan import charged_as, look_up, price_of

LENGTH_MAX: Final = 86_400
RINGING_S: Final = 60
RINGING_MAX: Final = 120
INVALID_NUMBER: Final = "invalid_number"
"""The detail of a leg that the platform rejects for one of its numbers. Source: reference voice §9.1 (B)."""

# Per minute, in 10^-8 EUR. Source: reference voice §3 (D). A phone's rate is that of its network.
_RATES: Mapping[EndpointType, int] = {
    EndpointType.SIP: 400_000,
    EndpointType.WEBSOCKET: 400_000,
    EndpointType.VBC: 0,
    EndpointType.APP: 0,
}


class Home(Struct, frozen=True, gc=False):
    """What a world says of networks, and which one the phone that is called is on; empty: as its digits say."""

    network: str = ""
    own: OwnNetworks = {}


NOWHERE = Home()
"""A world that says nothing of networks."""


class NewCall(Struct, frozen=True, gc=False):
    """What a request to call somebody says.

    Attributes:
        sender: None: a number of the application is to be picked.
        ncco: None: it is fetched from ``answer``.
        event: None: events go where the application has them.
    """

    to: Endpoint
    sender: Endpoint | None
    ncco: tuple[Action, ...] | None
    answer: Callback
    event: Callback | None
    detection: Detection | None
    length_s: int
    ringing_s: int


def read(body: Body, application: Application, *, event_required: bool) -> NewCall:
    """What the request says, all of it checked.

    Args:
        body: of the request.
        application: in whose name the call is made.
        event_required: a call whose events nobody would get is refused.

    Raises:
        Refusal: MISSING or INVALID, naming every parameter concerned.

    Source: reference voice §4.1, §4.4 (A, B, D as marked there).
    """
    to = endpoints.destination(body)
    sender = endpoints.caller(body)
    answer_url, event_url = body.url("answer_url"), body.url("event_url")
    if event_required and body.is_absent("event_url") and not hooks.event(application).url:
        body.lacks("event_url")
    given_ncco = body.given.get("ncco")
    if given_ncco is None and body.is_absent("answer_url"):
        body.lacks("answer_url")
    answer_method, event_method = body.method("answer_method", "GET"), body.method("event_method", "POST")
    detection = _detection(body)
    length_s = body.whole("length_timer", LENGTH_S, 1, LENGTH_MAX)
    ringing_s = body.whole("ringing_timer", RINGING_S, 1, RINGING_MAX)
    # Doubt: of an NCCO and a URL the NCCO wins. Source: reference voice §4.1 (D).
    ncco = None if given_ncco is None else body.ncco(given_ncco)
    body.settle()
    assert to is not None, "a request without a destination is refused"
    return NewCall(
        to=to,
        sender=sender,
        ncco=ncco,
        answer=Callback("" if ncco else answer_url, answer_method),
        event=Callback(event_url, event_method) if event_url else None,
        detection=detection,
        length_s=length_s,
        ringing_s=ringing_s,
    )


def make(
    command: NewCall,
    account: Account,
    application: Application,
    numbers: Sequence[Number],
    moment: Moment,
    *,
    profile: str,
    owned_only: bool,
    limited: bool = False,
    runs_on: bool = False,
    origin: str = "",
    home: Home = NOWHERE,
) -> tuple[Call, Leg]:
    """The call and its leg, not yet begun.

    Args:
        command: what is asked for.
        account: who pays.
        application: in whose name the call is made.
        numbers: those to pick the caller's from; else the one that the request names, if anybody owns it.
        moment: now, and the ids.
        profile: of the account or its world.
        owned_only: a call from a number that is not the account's is rejected.
        limited: an account may not make as many calls as it likes; what it connects counts too.
        runs_on: a recording that only a limit of time ends is not waited for.
        origin: where the request came to, for the URLs of recordings.
        home: where the phone that is called is at home.

    Source: reference voice §3, §4.1, §4.2, §4.5 (D where it says so).
    Doubt: a number that nobody can have is taken as it is, and the call to it rejected.
    """
    to, sender = command.to, command.sender or pick(numbers, command.to, moment)
    network, rate, possible = route(to, home)
    foreign = owned_only and sender is not None and sender.type is EndpointType.PHONE and not numbers
    call = Call(
        id=moment.uuid(Use.CALL),
        account=account.id,
        application=application.id,
        sender=sender,
        to=to,
        event=command.event or hooks.event(application),
        answer=command.answer,
        fallback=hooks.fallback(application),
        signed=flow.signs(application, profile),
        ncco=command.ncco,
        detection=command.detection,
        length_s=command.length_s,
        limited=limited,
        owned_only=owned_only,
        runs_on=runs_on,
        origin=origin,
        barred=INVALID_NUMBER if foreign or not possible else "",
    )
    leg = Leg(
        id=call.id,
        owner=OWNER,
        account=account.id,
        direction=Direction.OUTBOUND,
        sender=sender.address if sender else "",
        to=to.address,
        network=network,
        rate=rate,
        created_at=moment.now,
        about=application.id,
        conversation=f"CON-{moment.uuid(Use.CONVERSATION)}",
        ringing_s=command.ringing_s,
    )
    return call, leg


def pick(numbers: Sequence[Number], to: Endpoint, moment: Moment) -> Endpoint | None:
    """A caller's number: one of the destination's country if there is one; None: there is none at all.

    Source: reference voice §4.1 (B).
    Doubt: an application without numbers calls as nobody, as a number that is not the account's once did.
    """
    there = look_up(to.address) if to.type is EndpointType.PHONE else None
    able = [each for each in numbers if "VOICE" in each.features]
    near = [each for each in able if there is not None and each.country == there.country]
    found = sorted(near or able, key=lambda each: each.id)
    if not found:
        return None
    return Endpoint(EndpointType.PHONE, found[int(moment.roll("caller") * len(found))].id)


def route(to: Endpoint, home: Home = NOWHERE) -> tuple[str, int, bool]:
    """Network and rate of a destination, and whether anybody can be there.

    Source: reference voice §3 (D).
    Doubt: a call tells the network of the number's digits, wherever the phone is; it costs what the world says of the
        network that the phone is on, if it says that.
    """
    if to.type is not EndpointType.PHONE:
        return "", _RATES[to.type], True
    there = look_up(to.address)
    if there is None:
        return "", 0, False
    charged = charged_as(there, home.network, home.own)
    return there.network, price_of(there.country, charged, "voice", home.own), True


def _detection(body: Body) -> Detection | None:
    """What is to be done about machines; the advanced one overrides the simple one. Source: reference voice §4.1 (B).

    Doubt: how long it waits for a beep where nobody says is not documented; see `Detection`.
    """
    simple = body.word("machine_detection", ("continue", "hangup"), "")
    given = body.given.get("advanced_machine_detection")
    if given is None:
        return Detection(hang_up=simple == "hangup") if simple else None
    if not isinstance(given, dict):
        body.is_wrong("advanced_machine_detection", TYPE)
        return None
    behavior = body.word("behavior", ("continue", "hangup"), "continue", of=given)
    mode = body.word("mode", ("default", "detect", "detect_beep"), "detect", of=given)
    known = Detection(hang_up=behavior == "hangup", mode=mode)
    return replace(known, beep_s=body.whole("beep_timeout", known.beep_s, *BEEP_S, of=given))
