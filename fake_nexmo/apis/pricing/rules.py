"""What each operation of the Pricing API decides. Pure; see `numbering.plan` for what a number costs."""

from __future__ import annotations

from functools import lru_cache

from msgspec.structs import replace

from fake_nexmo.apis.pricing.model import Choice, CountryPrices, NetworkPrice, PhonePrice, PricingRefusal
from fake_nexmo.core.change import Add, Change, Outcome
from fake_nexmo.core.moment import Moment
from fake_nexmo.core.records import Account, OwnNetwork, OwnNetworks
from fake_nexmo.core.refusal import Refusal
from fake_nexmo.numbering import plan
from fake_nexmo.numbering.names import country_name
from fake_nexmo.numbering.tables import PricedCountry, tables

RATE = 1
"""Requests per second of an account, where the limit is switched on. Source: reference pricing §1 (B)."""

SECOND = 1_000_000
_SMS = "sms"
_EUR = 10**8

Countries = CountryPrices | tuple[CountryPrices, ...]
"""An answer about one country or several."""


def rate_of(account: Account, now: int) -> str:
    """The counter of an account's requests in the second of an instant."""
    return f"pricing/{account.id}/{now // SECOND}"


def admit(account: Account, asked: int, moment: Moment) -> Outcome[None]:
    """Count a request within its second.

    Args:
        account: who asks.
        asked: how often it did in this second already.
        moment: now.

    Raises:
        Refusal: THROTTLED; nothing changes.

    Source: reference pricing §1 (B).
    Doubt: whether all methods share one limit is not documented; ours do.
    """
    if asked >= RATE:
        raise Refusal(PricingRefusal.THROTTLED)
    until_at = (moment.now // SECOND + 1) * SECOND
    return Outcome(Change(counters=(Add(rate_of(account, moment.now), 1, ceiling=RATE, until_at=until_at),)), None)


def is_product(word: str) -> bool:
    """Whether there are prices for it."""
    return word in tables().products


def choose(in_path: str, in_query: str) -> Choice:
    """Which prices are asked for, by the product in the path, else by ``type`` in the query.

    Args:
        in_path: empty: the path ends before a product.
        in_query: empty: there is no ``type``.

    Raises:
        Refusal: NOT_FOUND for another word in the path, METHOD_FAILED for another one in the query.

    Source: reference pricing §1, §2 (A for the path, C for the query).
    Doubt: how another ``type`` is refused is not documented. A product in the path wins over a ``type`` beside it.
    """
    if in_path:
        if not is_product(in_path):
            raise Refusal(PricingRefusal.NOT_FOUND)
        return Choice(in_path, typed=True, in_path=True)
    if not in_query:
        return Choice(_SMS, typed=False, in_path=False)
    if not is_product(in_query):
        raise Refusal(PricingRefusal.METHOD_FAILED)
    return Choice(in_query, typed=True, in_path=False)


def country(code: str, choice: Choice, *, strict: bool = False) -> CountryPrices | tuple[CountryPrices, ...]:
    """The prices of one country, or of all where a path with a product is asked without a country.

    Args:
        code: ISO 3166-1 alpha-2 in any case; empty: none is named.
        choice: which prices.
        strict: a missing country is refused on every path.

    Raises:
        Refusal: MISSING_COUNTRY, METHOD_FAILED for one that does not exist.

    Source: reference pricing §2 (D for the case), §6 (D), §7 on .NET (D).
    Doubt: the body for an unknown country; and an empty ``country`` counts as missing.
    """
    if not code:
        if choice.in_path and not strict:
            return full(choice)
        raise Refusal(PricingRefusal.MISSING_COUNTRY)
    # Some letters outside ASCII have capitals inside.
    found = _all(choice.product).get(code.upper() if code.isascii() else code)
    if found is None:
        raise Refusal(PricingRefusal.METHOD_FAILED)
    return found


def full(choice: Choice) -> tuple[CountryPrices, ...]:
    """The prices of all countries.

    Source: reference pricing §2 row 11.
    Doubt: which countries the service lists, and in which order, is not known. Ours are those of the price list as it
        has them, then all others that have numbers, by their letters.
    """
    return tuple(_all(choice.product).values())


def prefix(text: str, choice: Choice) -> tuple[CountryPrices, ...]:
    """The prices of the countries that have this calling code; none is no error.

    Args:
        text: the whole calling code; a leading plus or ``00`` is dropped.
        choice: which prices.

    Raises:
        Refusal: MISSING_PREFIX.

    Source: reference pricing §2 (D for what is dropped), §4 (A for shared codes, D for the exact match), §6 (C).
    """
    if not text:
        raise Refusal(PricingRefusal.MISSING_PREFIX)
    wanted = _digits(text)
    return tuple(each for each in full(choice) if each.prefix == wanted)


def phone(text: str, choice: Choice, own: OwnNetworks = plan.NO_NETWORKS) -> PhonePrice:
    """What a number costs: its network's price, else its country's.

    Args:
        text: the number; a leading plus or ``00`` is dropped.
        choice: which price.
        own: what the world says of networks.

    Raises:
        Refusal: MISSING_PHONE, METHOD_FAILED for what nobody can have.

    Source: reference pricing §5 (D), §6 (A).
    """
    if not text:
        raise Refusal(PricingRefusal.MISSING_PHONE)
    there = plan.look_up(_digits(text))
    if there is None:
        raise Refusal(PricingRefusal.METHOD_FAILED)
    network = there.network if _has_ranges(there.network) else ""
    return PhonePrice(text, there.country, network, plan.price_of(there.country, network, choice.product, own))


def laid_over(found: Countries, choice: Choice, own: OwnNetworks) -> Countries:
    """The same countries with what the world says of their networks; those it adds stand behind the others."""
    if isinstance(found, CountryPrices):
        return _laid_over(found, choice.product, own)
    return tuple(_laid_over(each, choice.product, own) for each in found)


def exchanged(found: Countries, rate: int) -> Countries:
    """The same in another currency.

    Args:
        found: prices in EUR.
        rate: what one EUR is in it, in 10^-8.

    Source: reference pricing §4 (B), §8 (D).
    """
    if isinstance(found, CountryPrices):
        return _exchanged(found, rate)
    return tuple(_exchanged(each, rate) for each in found)


def phone_exchanged(found: PhonePrice, rate: int) -> PhonePrice:
    """The price of a number in another currency; see `exchanged`."""
    return replace(found, price=_converted(found.price, rate))


def _laid_over(found: CountryPrices, product: str, own: OwnNetworks) -> CountryPrices:
    here = {code: said for code, said in own.items() if _country_of(code, said) == found.code}
    if not here:
        return found
    known = tuple(_as_said(each, found.code, product, here) for each in found.networks)
    listed = {each.code for each in known}
    added = tuple(
        NetworkPrice(
            type=said.type or "mobile",
            code=code,
            name=said.name,
            mcc=code[:3],
            mnc=code[3:],
            ranges=(),
            aliases=(),
            price=plan.price_of(found.code, code, product, own),
        )
        for code, said in here.items()
        if code not in listed
    )
    return replace(found, networks=known + added)


def _as_said(known: NetworkPrice, country_code: str, product: str, here: OwnNetworks) -> NetworkPrice:
    said = here.get(known.code)
    if said is None:
        return known
    price = plan.price_of(country_code, known.code, product, here)
    return replace(known, name=said.name or known.name, type=said.type or known.type, price=price)


def _country_of(code: str, said: OwnNetwork) -> str:
    built_in = tables().networks.get(code)
    return said.country or (built_in.country if built_in is not None else "")


def _exchanged(found: CountryPrices, rate: int) -> CountryPrices:
    networks = tuple(replace(each, price=_converted(each.price, rate)) for each in found.networks)
    price = None if found.price is None else _converted(found.price, rate)
    return replace(found, price=price, networks=networks)


def _converted(amount: int, rate: int) -> int:
    """Rounded half up to 10^-8 of the other currency."""
    return (amount * rate + _EUR // 2) // _EUR


def _digits(text: str) -> str:
    # A plus that nobody escaped in a query is a blank.
    return text.strip(" ").removeprefix("+").removeprefix("00")


def _has_ranges(code: str) -> bool:
    """Whether a network can be told by a number's digits; ``US-UNKNOWN`` cannot."""
    network = tables().networks.get(code)
    return network is not None and bool(network.ranges)


@lru_cache(maxsize=4)
def _all(product: str) -> dict[str, CountryPrices]:
    """All countries by their letters, in the order of lists: one entry for each product."""
    listed = tables().countries
    found = {code: _listed(each, product) for code, each in listed.items()}
    return found | {code: _unlisted(code, product) for code in plan.world() if code not in listed}


def _listed(known: PricedCountry, product: str) -> CountryPrices:
    networks = tuple(
        NetworkPrice(
            type=each.type,
            code=each.code,
            name=each.name,
            mcc=each.mcc,
            mnc=each.mnc,
            ranges=each.ranges,
            aliases=each.aliases,
            price=plan.price_of(known.code, each.code, product),
        )
        for each in known.networks
    )
    price = plan.price_of(known.code, "", product) if known.prices else None
    return CountryPrices(known.code, known.name, known.display_name, known.prefix, price, networks)


def _unlisted(code: str, product: str) -> CountryPrices:
    """A country that has no table of its own: what numbers there cost, and no networks."""
    named, prefix = country_name(code), plan.calling_code(code)
    assert named is not None, f"the number plan has a country {code!r} that has no name"
    assert prefix is not None, f"the number plan has a country {code!r} without a calling code"
    return CountryPrices(code, named.name, named.name, prefix, plan.price_of(code, "", product), ())
