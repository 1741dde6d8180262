"""What a person's phone says when a network looks it up: where it is, whose it is, whether it can be reached. Pure.

Four things are asked in this order, and the first that knows decides: what a scenario declares of the phone, what its
character says, what its number says by its country's plan, and chance by seed where there is a choice to make (the
country of one that roams). A fact that is declared as null is known to be nothing, and stays null.

Only mobile phones answer a live look-up. What kind of line a number is, its digits say; where they don't, as in North
America, a phone that does something only mobiles do is one.

Source: reference number-insight §6.3, §6.4 (B for the words); scenario format, "facts for Number Insight".
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from fake_nexmo.core.moment import draw
from fake_nexmo.core.records import Handset, OwnNetworks
from fake_nexmo.handsets.characters import other_network
from fake_nexmo.handsets.people import is_on
from fake_nexmo.numbering.number import Carrier, NumberType, PhoneNumber, as_said, carrier
from fake_nexmo.numbering.plan import NO_NETWORKS
from fake_nexmo.numbering.tables import tables


class Validity(StrEnum):
    """Whether the number can be somebody's. Source: reference number-insight §6.4 (B)."""

    VALID = "valid"
    NOT_VALID = "not_valid"
    UNKNOWN = "unknown"
    INFERRED = "inferred"
    INFERRED_NOT_VALID = "inferred_not_valid"


class Reach(StrEnum):
    """Whether the phone can be reached now. Source: reference number-insight §6.4 (B)."""

    REACHABLE = "reachable"
    UNKNOWN = "unknown"
    UNDELIVERABLE = "undeliverable"
    ABSENT = "absent"
    BAD_NUMBER = "bad_number"
    BLACKLISTED = "blacklisted"


class Ported(StrEnum):
    """Whether the number was taken to another network. Source: reference number-insight §6.3 (B)."""

    PORTED = "ported"
    NOT_PORTED = "not_ported"
    ASSUMED_PORTED = "assumed_ported"
    ASSUMED_NOT_PORTED = "assumed_not_ported"
    UNKNOWN = "unknown"


class CallerType(StrEnum):
    """Who a number belongs to. Source: reference number-insight §6.5 (B)."""

    CONSUMER = "consumer"
    BUSINESS = "business"
    UNKNOWN = "unknown"


class Silence(StrEnum):
    """Why nothing live is known of a phone."""

    NONE = "none"
    SLOW = "slow"
    LANDLINE = "landline"
    UNSERVED = "unserved"
    UNPLACED = "unplaced"


class Roaming(Struct, frozen=True, gc=False):
    """Where the phone is.

    Attributes:
        status: ``roaming``, ``not_roaming`` or ``unknown``.
        country: the country it roams in, alpha-2; the others are empty unless it roams.
        network: MCC and MNC of the network there, and its ``name``; empty: nobody knows it.
    """

    status: str
    country: str = ""
    network: str = ""
    name: str = ""


class Owner(Struct, frozen=True, gc=False):
    """Who the number belongs to; an empty name is not known."""

    type: str
    name: str
    first_name: str = ""
    last_name: str = ""


class Found(Struct, frozen=True, gc=False):
    """What a look-up finds.

    Attributes:
        current: the network that the number is on now, and ``original`` the one that gave it out; None: null.
        ported: what is known of it; None: null.
        said: ``ported`` was declared, so no level says it in another way.
        reach: whether the phone can be reached; None: null.
        roaming: None: null.
        silence: why nothing live is known.
        on: whether it is switched on.
        ip_country: where the person's computer is, alpha-2.
    """

    current: Carrier | None
    original: Carrier | None
    ported: str | None
    said: bool
    valid: str | None
    reach: str | None
    roaming: Roaming | None
    silence: Silence
    on: bool
    owner: Owner
    ip_country: str


UNKNOWN_OWNER = Owner(CallerType.UNKNOWN, "")
NOTHING = Carrier("", "", "", NumberType.UNKNOWN)
"""A network of which nothing is known: its members are null."""

_LANDLINES = frozenset({NumberType.LANDLINE, NumberType.PREMIUM, NumberType.TOLL_FREE})
# Doubt: that no handler serves virtual numbers and pagers, is our reading of the third of the service's texts.
_UNSERVED = frozenset({NumberType.VIRTUAL, NumberType.PAGER})
# What a character says of these is used otherwise than what a phone says: see `_filled`.
_OF_CHARACTERS = ("ported", "reachable")
# Whoever says these of a phone, speaks of a mobile one.
_MOBILE_FACTS = ("roaming", "reachable", "look_up")
LIVE, SILENT = "live", "silent"
"""Whether a phone answers a live look-up in time."""


def look(
    phone: Handset, known: PhoneNumber, seed: int, *, owned: bool = False, own: OwnNetworks = NO_NETWORKS
) -> Found:
    """What a look-up finds out about a phone.

    Args:
        phone: the phone and the person behind it; see `characters.person`.
        known: what its number is by its digits.
        seed: the world's.
        owned: an account of the world owns the number, so nobody is behind it: it is always on and at home, or, where
            its digits name no line, a virtual number.
        own: what the world says of networks.

    Doubt: how the service describes its own numbers is not documented.
    """
    phone = _filled(phone)
    if own:
        known = replace(known, carrier=as_said(known.carrier, own))
    kind = _kind(phone, known, own, owned=owned)
    current = _current(phone, known, kind, seed, own)
    original = _original(phone, known, kind, current, own)
    silence = _silence(phone, kind)
    ported = _ported(phone, current, original, silence)
    return Found(
        current=current,
        original=original,
        ported=ported,
        said="ported" in phone.rest and not isinstance(phone.rest["ported"], bool),
        valid=_valid(phone, known),
        reach=_reach(phone, silence),
        roaming=_named(_roaming(phone, known, silence, seed), own),
        silence=silence,
        on=is_on(phone),
        owner=_owner(phone.rest.get("caller")),
        ip_country=phone.rest.get("ip_country") or known.country,
    )


def _filled(phone: Handset) -> Handset:
    """The phone with what its character says, where it says nothing itself.

    Two facts of a character are no facts of the phone: that it was ported has taken it to another network already, and
    whether it is reachable shows only in a live look-up.
    """
    said = phone.character.rest
    filling = {fact: said[fact] for fact in said if fact not in _OF_CHARACTERS}
    if said.get("ported", True) is not True:
        filling["ported"] = said["ported"]
    return replace(phone, rest={**filling, **phone.rest}) if filling else phone


def _kind(phone: Handset, known: PhoneNumber, own: OwnNetworks, *, owned: bool) -> NumberType | None:
    """What kind of line it is; None: declared as null, and nothing is known of its networks then."""
    if "type" in phone.rest:
        said = phone.rest["type"]
        return None if said is None else NumberType(said)
    kind = (carrier(phone.network, known.country, own=own) if phone.network else known.carrier).type
    if kind is not NumberType.UNKNOWN:
        return kind
    if owned:
        return NumberType.VIRTUAL
    return NumberType.MOBILE if _is_mobile(phone) else kind


def _is_mobile(phone: Handset) -> bool:
    """Whether what is said of a phone can be said of a mobile one only."""
    mine = phone.character
    if phone.power is not None or mine.power is not None or mine.rest.get("ported"):
        return True
    return any(said.get(fact) is not None for said in (phone.rest, mine.rest) for fact in _MOBILE_FACTS)


def _current(
    phone: Handset, known: PhoneNumber, kind: NumberType | None, seed: int, own: OwnNetworks
) -> Carrier | None:
    if phone.network:
        return _of_kind(carrier(phone.network, known.country, own=own), known.country, kind, keep=True)
    if "network" in phone.rest:
        return None
    if phone.rest.get("ported") in (True, Ported.PORTED):
        other = other_network(seed, phone.id)
        if other:
            return carrier(other, known.country, own=own)
    return _of_kind(known.carrier, known.country, kind)


def _original(
    phone: Handset, known: PhoneNumber, kind: NumberType | None, current: Carrier | None, own: OwnNetworks
) -> Carrier | None:
    """The network that gave the number out: declared, else that of its digits; one never ported is where it was."""
    if "original_network" in phone.rest:
        code = phone.rest["original_network"]
        if code is None:
            return None
        return _of_kind(carrier(code, known.country, own=own), known.country, kind, keep=True)
    if phone.rest.get("ported") in (False, Ported.NOT_PORTED, Ported.ASSUMED_NOT_PORTED):
        return current
    return _of_kind(known.carrier, known.country, kind)


def _of_kind(named: Carrier, country: str, kind: NumberType | None, *, keep: bool = False) -> Carrier:
    """The network for a line of that kind: another one where a network of its kind has no such lines.

    Args:
        named: the network.
        country: that of the number.
        kind: None: nothing is known of the network.
        keep: the network was declared, so only its type changes.
    """
    if kind is None:
        return NOTHING
    if named.type is kind:
        return named
    if keep or kind in {NumberType.MOBILE, NumberType.UNKNOWN}:
        return replace(named, type=kind)
    if kind is NumberType.VIRTUAL:
        return _virtual(country) or replace(carrier("", country), type=kind)
    return carrier("", country, kind)


def _virtual(country: str) -> Carrier | None:
    """The virtual provider that a country's table has; None: it has none."""
    listed = tables().countries.get(country)
    found = (each.code for each in (listed.networks if listed else ()) if each.type == NumberType.VIRTUAL)
    code = next(found, None)
    return carrier(code, country) if code else None


def _silence(phone: Handset, kind: NumberType | None) -> Silence:
    if kind in _LANDLINES:
        return Silence.LANDLINE
    if kind in _UNSERVED:
        return Silence.UNSERVED
    if kind is not NumberType.MOBILE:
        return Silence.UNPLACED
    return Silence.SLOW if phone.rest.get("look_up") == SILENT else Silence.NONE


def _ported(phone: Handset, current: Carrier | None, original: Carrier | None, silence: Silence) -> str | None:
    """Declared, else whether the networks differ. Source: reference number-insight §6.3, "Rule for the emulator"."""
    if "ported" in phone.rest:
        said = phone.rest["ported"]
        if not isinstance(said, bool):
            return None if said is None else str(said)
        return Ported.PORTED if said else Ported.NOT_PORTED
    if current is None or original is None:
        return Ported.UNKNOWN
    if current.code != original.code:
        return Ported.PORTED
    return Ported.NOT_PORTED if silence is Silence.NONE else Ported.UNKNOWN


def _valid(phone: Handset, known: PhoneNumber) -> str | None:
    """Declared, else by the country's plan. Source: reference README rulings, "which numbers are accepted"."""
    said = phone.rest.get("valid", known.valid)
    if isinstance(said, bool):
        return Validity.VALID if said else Validity.NOT_VALID
    return None if said is None else str(said)


def _reach(phone: Handset, silence: Silence) -> str | None:
    if "reachable" in phone.rest:
        return _reach_said(phone.rest["reachable"])
    if silence is not Silence.NONE:
        return Reach.UNKNOWN
    if not is_on(phone):
        return Reach.ABSENT
    if phone.rest.get("line") == "unreachable":
        return Reach.UNDELIVERABLE
    return _reach_said(phone.character.rest.get("reachable", True))


def _reach_said(said: bool | str | None) -> str | None:
    if isinstance(said, bool):
        return Reach.REACHABLE if said else Reach.UNDELIVERABLE
    return None if said is None else str(said)


def _roaming(phone: Handset, known: PhoneNumber, silence: Silence, seed: int) -> Roaming | None:
    """Declared, else by its character, by seed.

    Doubt: what the network knows of a phone that is switched off is not documented; here, that it is at home.
    """
    said = phone.rest.get("roaming", False)
    if said is None:
        return None
    if said is True:
        return _abroad(seed, phone.id, known.country)
    if isinstance(said, Mapping):
        return _visiting(said, seed, phone.id)
    live = silence is Silence.NONE or "roaming" in phone.rest
    return Roaming("not_roaming" if live else "unknown")


def _named(known: Roaming | None, own: OwnNetworks) -> Roaming | None:
    """Where a phone roams, by the name that the world has for that network."""
    said = own.get(known.network) if known is not None else None
    return known if known is None or said is None or not said.name else replace(known, name=said.name)


def _visiting(said: Mapping[str, Any], seed: int, number: str) -> Roaming:
    """Where a phone is declared to be; without a network, one of that country by seed."""
    country = str(said.get("country") or "")
    network = str(said.get("network") or "")
    if not network:
        here = _mobile_networks().get(country, ())
        network = here[draw(seed, number, "roaming network") % len(here)] if here else ""
    if not network:
        return Roaming("roaming", country)
    named = carrier(network, country)
    return Roaming("roaming", country or named.country, network, named.name)


@lru_cache(maxsize=1024)
def _abroad(seed: int, number: str, home: str) -> Roaming:
    """Another country of the plan and a network there, by seed. Source: scenario format, "roaming … characters"."""
    countries = [each for each in _mobile_networks() if each != home]
    return _visiting({"country": countries[draw(seed, number, "roaming") % len(countries)]}, seed, number)


@lru_cache(maxsize=1)
def _mobile_networks() -> Mapping[str, tuple[str, ...]]:
    """The mobile networks of each country that has any."""
    listed = {each.code: tuple(one.code for one in each.networks if one.mcc) for each in tables().countries.values()}
    return {country: networks for country, networks in listed.items() if networks}


def _owner(said: Mapping[str, Any] | None) -> Owner:
    """Who a scenario says that the number belongs to; what kind they are, their names tell where nothing else does."""
    if not said:
        return UNKNOWN_OWNER
    first, last = said.get("first_name") or "", said.get("last_name") or ""
    name = said.get("name") or " ".join(part for part in (first, last) if part)
    kind = said.get("type") or (CallerType.CONSUMER if first or last else CallerType.UNKNOWN)
    return Owner(str(kind), name, first, last)
