"""What happens when an event of a verification runs: a code goes out as an SMS, or is spoken on the phone. Pure."""

from __future__ import annotations

from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from fake_nexmo.apis.verify import workflow_rules as workflow
from fake_nexmo.apis.verify.model import OWNER, Channel, Party, Sending, Verification
from fake_nexmo.apis.verify.texts import ENGLISH, SPOKEN_IN_ENGLISH, texts
from fake_nexmo.core.change import Add, Change, Outcome
from fake_nexmo.core.legs import Leg, Speech
from fake_nexmo.core.moment import Moment, Use
from fake_nexmo.core.records import Direction, Event, Message, OwnNetworks, Part, PartStatus, SeenCode
from fake_nexmo.network import calls, carry
from fake_nexmo.network.segments import count_text, count_unicode, is_gsm
from fake_nexmo.numbering.plan import charged_as, look_up, on_network, price_of

CALLER: Final = "442079460000"
"""Who calls. Doubt: which number live calls come from is not documented; ours is one that nobody has."""

INDEX: Final = "event"
"""Under this name a message and a leg say which event they are, counted from 0, so that the hooks know."""


class Cost(Struct, frozen=True, gc=False):
    """What an event costs, in 10^-8 EUR.

    Attributes:
        now: charged when it runs, ``needed`` what the balance must cover.
    """

    now: int
    needed: int


def cost(verification: Verification, own: OwnNetworks) -> Cost:
    """What the next event of a verification costs, in a world that says that of networks.

    Source: reference verify §11 (B, D): messages at their own price when they run.
    Doubt: what a call costs is known when it ends; the balance must cover a minute of it.
    """
    if workflow.channels(verification)[len(verification.sendings)] is Channel.TTS:
        return Cost(0, _rate(verification, own))
    price = _part_price(verification, own) * _parts(sms_text(verification))
    return Cost(price, price)


def run(
    verification: Verification, party: Party, moment: Moment, *, keep: int | None, uuids: bool
) -> Outcome[Verification]:
    """Run the next event: its code is sent, and the timer of what follows is set.

    Args:
        verification: one that is in progress and has an event left.
        party: whom it concerns.
        moment: now, the ids, and the dice of a new code.
        keep: what must be left of the balance, in 10^-8 EUR; None: it may fall below nothing.
        uuids: message ids are UUIDs.

    Source: reference verify §9 (B, D), §11 (D).
    Doubt: what becomes of a later event that the balance does not cover is not documented; it runs, and the balance
    falls below nothing, as by a call.
    """
    k = len(verification.sendings)
    current = workflow.renewed(verification, party.account, party.phone, moment)
    if workflow.channels(verification)[k] is Channel.SMS:
        sent = _text(current, party, k, moment, keep=keep, uuids=uuids)
    else:
        sent = _call(current, k, moment, party.networks)
    after = replace(current, sendings=(*current.sendings, sent.answer))
    noted = replace(
        party.seen or SeenCode(id=after.number, code="", about="", at=0), code=after.code, about=after.id, at=moment.now
    )
    change = Change(
        put=(after, noted),
        timers=(workflow.next_timer(after, moment.now),),
        log=(event("event_sent", after, moment),),
    )
    return Outcome(change + sent.change, after)


def event(name: str, verification: Verification, moment: Moment) -> Event:
    """An event of the log. Source: design §7."""
    return Event(
        at=moment.now,
        name=f"{OWNER}.{name}",
        about=verification.id,
        account=verification.account,
        number=verification.number,
    )


def sms_text(verification: Verification) -> str:
    """What the SMS says. Source: reference verify §7 (D), §9.4 (B)."""
    said = texts(verification.language)
    return _filled(said.payment if verification.amount else said.sms, verification)


def speech(verification: Verification) -> Speech:
    """What is said on the phone.

    Source: reference verify §7 (B for the languages that are spoken in English; D for the text), §9.4 (B).
    Doubt: the pause of a second before it is not heard in a transcript, so it is left out.
    """
    language = verification.language
    if verification.amount and language in SPOKEN_IN_ENGLISH:
        language = ENGLISH
    said = texts(language)
    text = _filled(said.payment if verification.amount else said.voice, verification)
    return Speech(text, language, digits=verification.code)


def _filled(template: str, verification: Verification) -> str:
    """A text with its facts filled in; minutes are whole, rounded down.

    Doubt: how the service renders a life that is no whole number of minutes.
    """
    brand = verification.brand
    return template.format(
        brand=brand,
        payee=brand,
        pin=verification.code,
        amount=verification.amount,
        minutes=verification.expiry_s // 60,
    )


def _text(
    verification: Verification, party: Party, k: int, moment: Moment, *, keep: int | None, uuids: bool
) -> Outcome[Sending]:
    text = sms_text(verification)
    price = _part_price(verification, party.networks)
    ids = [moment.uuid(Use.MESSAGE, n) if uuids else moment.message_id(n) for n in range(_parts(text))]
    message = Message(
        id=ids[0],
        owner=OWNER,
        account=verification.account,
        direction=Direction.OUTBOUND,
        sender=verification.sender,
        to=verification.number,
        type="text" if is_gsm(text) else "unicode",
        text=text,
        parts=tuple(Part(each, PartStatus.SUBMITTED, "0", moment.now) for each in ids),
        network=verification.network,
        price=price,
        submitted_at=moment.now,
        extra={INDEX: k},
        about=verification.id,
    )
    total = price * len(ids)
    charges = () if party.account.unlimited else (Add(party.account.balance, -total, floor=keep),)
    change = carry.submit(message, party.phone, moment, None, charges)
    return Outcome(change, Sending(message.id, Channel.SMS, moment.now, total))


def _call(verification: Verification, k: int, moment: Moment, own: OwnNetworks) -> Outcome[Sending]:
    """The network charges it when it ends. Doubt: a sender of digits alone is who calls."""
    sender = verification.sender
    leg = Leg(
        id=moment.uuid(Use.CALL, k),
        owner=OWNER,
        account=verification.account,
        direction=Direction.OUTBOUND,
        sender=sender if sender.isdigit() else CALLER,
        to=verification.number,
        network=verification.network,
        rate=_rate(verification, own),
        created_at=moment.now,
        about=verification.id,
        script=(speech(verification),),
        extra={INDEX: k},
    )
    return Outcome(calls.place(leg, moment), Sending(leg.id, Channel.TTS, moment.now, 0))


def _parts(text: str) -> int:
    return (count_text(text) if is_gsm(text) else count_unicode(text)).parts


def _part_price(verification: Verification, own: OwnNetworks) -> int:
    there = look_up(verification.number)
    assert there is not None, "a number that nobody can have is not verified"
    return on_network(there, verification.network, own).price


def _rate(verification: Verification, own: OwnNetworks) -> int:
    there = look_up(verification.number)
    assert there is not None, "a number that nobody can have is not verified"
    return price_of(there.country, charged_as(there, verification.network, own), "voice", own)
