"""The endpoints of the Pricing API."""

from __future__ import annotations

from starlette.responses import Response

from fake_nexmo.apis.pricing import rules, wire
from fake_nexmo.apis.pricing.model import ROWS, TROUBLES, Choice, PricingRefusal
from fake_nexmo.core.change import Outcome
from fake_nexmo.core.moment import Moment
from fake_nexmo.core.records import Account, World
from fake_nexmo.core.refusal import Refusal
from fake_nexmo.core.settings import price, value
from fake_nexmo.store.protocol import View
from fake_nexmo.web.call import Call
from fake_nexmo.web.commit import commit
from fake_nexmo.web.credentials import CredentialRows, authenticate
from fake_nexmo.web.replies import Reply
from fake_nexmo.web.rest import asks_for_xml, rest_reply

# Doubt: how a suspended account, or a secret beside a signature, is refused is not documented; as wrong credentials.
_ROWS = CredentialRows(*(PricingRefusal.BAD_CREDENTIALS,) * 7)

# What the service finds wrong only once there is something at the path. Source: reference account §1.2 (D).
_BEHIND_THE_PATH = frozenset({PricingRefusal.WRONG_METHOD, PricingRefusal.BAD_CREDENTIALS})


async def country(call: Call) -> Response:
    """``GET /account/get-pricing/outbound``, with or without a product: one country, or all of them.

    Source: reference pricing §2 rows 1 to 6 and 14.
    """
    choice = await _open(call)
    assert call.caller is not None, "authentication knows the caller"
    strict = bool(call.caller.setting("pricing_country_required"))
    return _prices(call, choice, rules.country(_said(call, "country"), choice, strict=strict))


async def full(call: Call) -> Response:
    """``GET /account/get-full-pricing/outbound``: all countries. Source: reference pricing §2 rows 11, 12 (D)."""
    choice = await _open(call)
    return _prices(call, choice, rules.full(choice))


async def prefix(call: Call) -> Response:
    """``GET /account/get-prefix-pricing/outbound``: countries by calling code. Source: pricing §2 rows 7 to 10."""
    choice = await _open(call)
    return _prices(call, choice, rules.prefix(_said(call, "prefix"), choice))


async def phone(call: Call) -> Response:
    """``GET /account/get-phone-pricing/outbound/{product}``: one number. Source: pricing §2 rows 13, 15, §5."""
    choice = await _open(call)
    world = _world(call)
    found = rules.phone(_said(call, "phone"), choice, world.networks)
    if value(world.settings, "pricing_currency") != wire.EUR:
        found = rules.phone_exchanged(found, price(value(world.settings, "pricing_usd_rate")))
    return _answer(call, 200, wire.PHONE, wire.phone(found))


def word_refusal(call: Call, refusal: Refusal) -> Response:
    """In the manner of ``/account``.

    A path that is nobody's is 404 whatever the verb and the credentials. It is found out after them all the same, so
    that the caller's world writes the request down.

    Source: reference pricing §6; account §1.2 for the order of checks (D).
    """
    row = refusal.row
    assert isinstance(row, PricingRefusal), f"{row} is no refusal of the Pricing API"
    product = call.path_params.get("product", "")
    if row in _BEHIND_THE_PATH and product and not rules.is_product(product):
        row = PricingRefusal.NOT_FOUND
    known = ROWS[row]
    call.outcome = f"{known.code} {known.label}"
    return _answer(call, known.code, wire.REFUSED, wire.refused(row))


async def trouble(call: Call, name: str) -> Refusal:  # noqa: ARG001 - every operation words them alike
    """The refusal that a fault asks for."""
    return Refusal(TROUBLES[name])


def wrong_verb(call: Call) -> Response:
    """405, before any credential is looked at, or 404. Source: reference account §1.2 (D)."""
    reply = word_refusal(call, Refusal(PricingRefusal.WRONG_METHOD))
    if reply.status_code == ROWS[PricingRefusal.WRONG_METHOD].code:
        reply.raw_headers.append((b"allow", ", ".join(call.allowed).encode()))
    return reply


async def _open(call: Call) -> Choice:
    """Whose request it is, whether there are too many of them, and which prices it asks for.

    Source: reference account §1.4 for the places of credentials; pricing §2 rows 14, 15 for those in the path.
    """
    await call.read()
    values = call.path_params
    if "key" in values:
        call.params.lay_over([("api_key", values["key"]), ("api_secret", values["secret"])])
    account = await authenticate(call, _ROWS)
    choice = rules.choose(values.get("product", ""), call.params.get("type", ""))
    await _admit(call, account)
    return choice


async def _admit(call: Call, account: Account) -> None:
    """Count the request, if the world has the limit switched on. Source: reference pricing §1 (B)."""
    assert call.caller is not None, "authentication knows the caller"
    if not call.caller.setting("pricing_limit"):
        return

    async def attempt(view: View, moment: Moment) -> Outcome[None]:
        return rules.admit(account, await view.counter(rules.rate_of(account, moment.now)), moment)

    await commit(call, attempt)


def _prices(call: Call, choice: Choice, found: rules.Countries) -> Reply:
    """Prices as this world has them: with its own networks, in its account's currency."""
    world = _world(call)
    currency = str(value(world.settings, "pricing_currency"))
    if world.networks:
        found = rules.laid_over(found, choice, world.networks)
    if currency != wire.EUR:
        found = rules.exchanged(found, price(value(world.settings, "pricing_usd_rate")))
    words = wire.prices(found, typed=choice.typed, xml=asks_for_xml(call), currency=currency)
    return _answer(call, 200, *words)


def _world(call: Call) -> World:
    assert call.caller is not None, "authentication knows the caller"
    return call.caller.start.world


def _said(call: Call, name: str) -> str:
    """What is asked about: in the path of the oldest clients, else a parameter."""
    return call.path_params.get(name) or call.params.get(name, "")


def _answer(call: Call, status: int, root: str, members: wire.Members) -> Reply:
    """An answer of the old stack, with all its headers."""
    return rest_reply(call, status, wire.xml_answer(root, members) if asks_for_xml(call) else wire.json_answer(members))
