"""What the operations of the Numbers API decide. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TypeVar

from msgspec.structs import replace

from fake_nexmo.apis.numbers.model import (
    OWNER,
    RENEWAL,
    Links,
    Listing,
    ListOwned,
    Match,
    Named,
    NumbersRefusal,
    Offer,
    Released,
    Search,
    Series,
    Shelf,
    Window,
)
from fake_nexmo.core.change import Add, Change, Claim, Free, Outcome
from fake_nexmo.core.instant import DAY
from fake_nexmo.core.moment import Moment
from fake_nexmo.core.records import Account, Application, Crowd, Delivery, DeliveryState, Number, Timer
from fake_nexmo.core.refusal import Refusal
from fake_nexmo.core.urls import is_web_url

MONTH = 30 * DAY
"""From one renewal to the next, on the world's clock. Source: reference numbers §4 (D)."""

_ROUTES = frozenset({"sip", "tel", "vxml"})

T = TypeVar("T")


def listed(command: ListOwned, numbers: Iterable[Number], account: Account) -> Listing[Number]:
    """The numbers that the account owns and that fit, ascending.

    Args:
        command: what is asked for.
        numbers: the account's, or those of the application that is asked for.
        account: whose they must be.

    Source: reference numbers §2 (B; D for the order).
    Doubt: ascending as texts, as msisdns are, not by their value.
    """
    found = [
        each
        for each in numbers
        if each.account == account.id
        and command.country in ("", each.country)
        and command.has_application in (None, bool(each.application))
        and _matches(command.window, each.id)
    ]
    return _page(command.window, sorted(found, key=lambda each: each.id))


def search(
    command: Search, series: Sequence[Series], taken: Collection[str], crowds: Sequence[Crowd]
) -> Listing[Offer]:
    """The numbers for sale that fit, ascending.

    Args:
        command: what is asked for.
        series: what the country has.
        taken: numbers that somebody owns, or that a declared phone has.
        crowds: ranges of phones that are declared together.

    Raises:
        Refusal: MISSING_COUNTRY.

    Source: reference numbers §3 (A, B; D for unknown words, which no number has).
    """
    if not command.country:
        raise Refusal(NumbersRefusal.MISSING_COUNTRY)
    window = command.window
    found = [
        (msisdn, each)
        for each in series
        if command.type in ("", each.type) and command.features.issubset(each.features)
        for msisdn in each.msisdns
        if msisdn not in taken and _matches(window, msisdn) and not _crowded(msisdn, crowds)
    ]
    page = _page(window, sorted(found, key=lambda pair: pair[0]))
    return Listing(page.count, tuple(Offer(*pair) for pair in page.items))


def as_series(released: Released) -> Series:
    """A number that was given back, as a series of its own."""
    return Series(released.country, released.type, released.features, released.cost, (released.id,))


def named(command: Named) -> None:
    """Whether the request names a number.

    Raises:
        Refusal: MISSING_COUNTRY, then MISSING_MSISDN; an empty one is missing too.

    Source: reference numbers §4, §5, §6 (A).
    Doubt: an empty parameter counts as missing.
    """
    if not command.country:
        raise Refusal(NumbersRefusal.MISSING_COUNTRY)
    if not command.msisdn:
        raise Refusal(NumbersRefusal.MISSING_MSISDN)


def buy(
    command: Named, account: Account, balance: int, shelf: Shelf, moment: Moment, *, renewing: bool
) -> Outcome[Number]:
    """Sell a number: the first month is charged, and nothing is linked to it yet.

    Args:
        command: which number.
        account: who buys.
        balance: what it has, in 10^-8 EUR.
        shelf: what is known of the number.
        moment: now.
        renewing: whether every further month is charged too.

    Raises:
        Refusal: METHOD_FAILED, when it is not for sale or too dear; NEEDS_ADDRESS in between; nothing changes.

    Source: reference numbers §4 (A, B).
    Doubt: whether the address or the credit is looked at first; we look at the address.
    """
    offer = _offer(command, shelf)
    if offer.needs_address:
        raise Refusal(NumbersRefusal.NEEDS_ADDRESS)
    if balance < offer.cost and not account.unlimited:
        raise Refusal(NumbersRefusal.METHOD_FAILED)
    bought = Number(
        id=command.msisdn,
        account=account.id,
        country=offer.country,
        type=offer.type,
        features=offer.features,
        cost=offer.cost,
        renews_at=moment.now + MONTH if renewing else None,
    )
    change = Change(
        put=(bought,),
        drop=() if shelf.released is None else (shelf.released,),
        check=(shelf.world,),
        counters=_charge(account, offer.cost, floor=0),
        claims=(Claim(f"number/{bought.id}", account.id),),
        timers=_next_renewal(bought),
    )
    return Outcome(change, bought)


def renew(number: Number | None, account: Account | None, timer: Timer, *, renewing: bool) -> Change:
    """Charge another month of a number that is still owned; the account that owns it now pays.

    Source: reference numbers §4 (D).
    Doubt: what happens when there is too little credit is not known; the rent is charged, below zero if need be.
    """
    if number is None or account is None or number.renews_at != timer.due_at:
        return Change()
    after = replace(number, renews_at=timer.due_at + MONTH if renewing else None)
    charges = _charge(account, number.cost, floor=None) if renewing else ()
    return Change(put=(after,), counters=charges, timers=_next_renewal(after))


def renewal_id(number: Number) -> str:
    """The id of the timer of a number's next renewal."""
    return f"{RENEWAL}/{number.id}/{number.renews_at}"


def own(command: Named, number: Number | None, account: Account) -> Number:
    """The number that the request names, if it is the caller's and in that country.

    Raises:
        Refusal: METHOD_FAILED.

    Source: reference numbers §5, §6 (A).
    """
    if number is None or number.account != account.id or number.country != command.country:
        raise Refusal(NumbersRefusal.METHOD_FAILED)
    return number


def cancel(number: Number, timer: Timer | None, owed: Iterable[Delivery], *, stocked: bool) -> Outcome[None]:
    """Give a number back: it is for sale again, its links are gone, and nothing is refunded.

    Args:
        number: the caller's own.
        timer: of its next renewal.
        owed: webhooks of messages to it that are still to be sent; they are cancelled.
        stocked: whether the stock has the number; else it is remembered by itself.

    Source: reference numbers §5 (A; D for the effects), webhooks §4 rule 4 (D).
    """
    back: tuple[Released | Delivery, ...] = ()
    if not stocked:
        back = (
            Released(
                id=number.id, country=number.country, type=number.type, features=number.features, cost=number.cost
            ),
        )
    stopped = tuple(replace(each, state=DeliveryState.CANCELLED) for each in owed)
    change = Change(
        put=back + stopped,
        drop=(number,) if timer is None else (number, timer),
        claims=(Free(f"number/{number.id}", number.account),),
    )
    return Outcome(change, None)


def applications_named(links: Links) -> tuple[str, ...]:
    """The ids of the applications that an update names; the first is the one to be linked.

    Doubt: an update that names several is not described; ``app_id`` wins over the deprecated forms, voice's first.
    """
    by_voice = links.voice_value if links.voice_type == "app" else ""
    return tuple(each for each in (links.app_id, by_voice, links.messages_value) if each)


def new_url(links: Links, number: Number) -> str:
    """The URL that inbound messages would go to from now on and did not before; empty: there is none.

    Raises:
        Refusal: METHOD_FAILED, when one of the URLs is no absolute http or https URL of 255 characters at most.

    Source: reference numbers §6 (B; D for the refusal), account §4 (D for the length).
    Doubt: what a URL that is none leads to is not documented; we answer as to one that fails its check.
    """
    for url in (links.inbound_url, links.voice_status_url):
        if url and not is_web_url(url):
            raise Refusal(NumbersRefusal.METHOD_FAILED)
    return "" if links.inbound_url == number.inbound_url else links.inbound_url


def update(links: Links, number: Number, known: Mapping[str, Application]) -> Outcome[Number]:
    """Replace a number's links by those of the request: what it leaves out is removed.

    Kept, when the request does not speak of them, are a ``sip``, ``tel`` or ``vxml`` route and its status URL.

    Args:
        links: what is asked for.
        number: the caller's own.
        known: the caller's applications by their ids on the wire, those that the request names.

    Raises:
        Refusal: METHOD_FAILED; nothing changes.

    Source: reference numbers §6 (A, B, C; D where the table says so).
    Doubt: whether an omitted ``moSmppSysType`` is removed is not known; it is, as all else.
    """
    new_url(links, number)
    _check_messages(links)
    voice = _voice(links, number.voice)
    ids = applications_named(links)
    if any(each not in known for each in ids):
        raise Refusal(NumbersRefusal.METHOD_FAILED)
    linked = known[ids[0]] if ids else None
    after = replace(
        number,
        application=linked.id if linked else "",
        inbound_url=links.inbound_url,
        smpp_system_type=links.smpp_system_type,
        voice=voice,
    )
    return Outcome(Change(put=(after,), check=(linked,) if linked else ()), after)


def _matches(window: Window, msisdn: str) -> bool:
    """Whether the pattern stands where it is looked for."""
    if window.match is Match.START:
        return msisdn.startswith(window.pattern)
    return msisdn.endswith(window.pattern) if window.match is Match.END else window.pattern in msisdn


def _page(window: Window, found: Sequence[T]) -> Listing[T]:
    begin = (window.index - 1) * window.size
    return Listing(len(found), tuple(found[begin : begin + window.size]))


def _crowded(msisdn: str, crowds: Sequence[Crowd]) -> bool:
    """Whether a declared range of phones holds the number."""
    return any(each.first <= int(msisdn) <= each.last for each in crowds)


def _offer(command: Named, shelf: Shelf) -> Series:
    """What a number is sold as in that country, if nobody owns it and no declared phone has it.

    Source: reference numbers §3, §4 (A); design §3: a declared handset is never offered for sale.
    """
    offer = shelf.stocked if shelf.released is None else as_series(shelf.released)
    if offer is None or offer.country != command.country:
        raise Refusal(NumbersRefusal.METHOD_FAILED)
    if shelf.number is not None or shelf.phone is not None or _crowded(command.msisdn, shelf.world.crowds):
        raise Refusal(NumbersRefusal.METHOD_FAILED)
    return offer


def _charge(account: Account, cost: int, floor: int | None) -> tuple[Add, ...]:
    return () if account.unlimited or not cost else (Add(account.balance, -cost, floor=floor),)


def _next_renewal(number: Number) -> tuple[Timer, ...]:
    """The timer of a number's next renewal: a deadline, one number after the other. Source: design §5."""
    if number.renews_at is None:
        return ()
    return (
        Timer(
            id=renewal_id(number),
            due_at=number.renews_at,
            owner=OWNER,
            what=RENEWAL,
            subject=number.id,
            deadline=True,
        ),
    )


def _check_messages(links: Links) -> None:
    """The deprecated link for messages: type and value together, and the type is ``app``. Source: numbers §6 (B, D)."""
    if bool(links.messages_type) != bool(links.messages_value) or links.messages_type not in ("", "app"):
        raise Refusal(NumbersRefusal.METHOD_FAILED)


def _voice(links: Links, had: Mapping[str, str]) -> Mapping[str, str]:
    """Where calls go after an update.

    Source: reference numbers §6 (A for ``app`` without a value, C for the others without, D for a value alone).
    Doubt: a type that does not exist is refused; an empty one counts as left out.
    """
    kind, target = links.voice_type, links.voice_value
    if kind not in _ROUTES | {"", "app"} or (target and not kind) or (kind == "app" and not target):
        raise Refusal(NumbersRefusal.METHOD_FAILED)
    status_url = had.get("status_url", "") if links.voice_status_url is None else links.voice_status_url
    if not kind:
        kind, target = had.get("type", ""), had.get("value", "")
    elif kind == "app" or not target:
        # The route goes, and with it the status URL that it had.
        kind, target, status_url = "", "", links.voice_status_url or ""
    said = {"type": kind, "value": target, "status_url": status_url}
    return {name: word for name, word in said.items() if word}
