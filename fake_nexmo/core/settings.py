"""The settings of a world: one table of the switches that the reference and the design mention.

A switch of an API that is not emulated yet enters the table with that API, so that what is listed has an effect.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Any

from msgspec import Struct

from fake_nexmo.core.forms import read_form
from fake_nexmo.core.money import parse_money


class Setting(Struct, frozen=True):
    """One row of the table.

    Attributes:
        values: the words it may take; empty: any value of the default's type.
        default: what it is when nobody says.
        meaning: what it decides, in one sentence.
        source: the place in the reference that mentions it.
        read: reads what it may take, and raises `ValueError` for anything else; None: all will do.
    """

    values: tuple[object, ...]
    default: object
    meaning: str
    source: str
    read: Callable[[Any], object] | None = None


def price(text: str) -> int:
    """A price that a setting names: an amount of money that is not below nothing.

    Raises:
        ValueError: it is none.
    """
    amount = parse_money(text)
    if amount < 0:
        raise ValueError(f"{text!r} is no price: nobody is paid for asking")
    return amount


SETTINGS: Mapping[str, Setting] = {
    "profile": Setting(
        ("current", "2020"),
        "current",
        "which era of the service is emulated: retry ladder of webhooks and what is retried; an account may differ",
        "design §7; sms §12.2, webhooks §4",
    ),
    "signature_window": Setting(
        (True, False),
        True,
        "whether a signed request is refused when its timestamp is more than 300 s off; false for recorded requests",
        "sms §4.3 (D)",
    ),
    "signature_python4": Setting(
        (True, False),
        False,
        "whether signatures in the broken form of the Python library vonage 4 are accepted besides the right one",
        "sms §4.5",
    ),
    "signature_node3": Setting(
        (True, False),
        False,
        "whether signatures in the broken form of the Node library @vonage/auth 3 are accepted besides the right one",
        "sms §4.5, auth §4.2",
    ),
    "message_ids": Setting(
        ("hex", "uuid"),
        "hex",
        "the form of message ids: 16 upper-case hex digits, or the lower-case UUIDs of the service since about 2022",
        "sms §6, §17",
    ),
    "conversion_api": Setting(
        (True, False),
        True,
        "whether the Conversion API is enabled for the accounts; false: it answers 402",
        "sms §14 (C)",
    ),
    "redact_wait": Setting(
        (True, False),
        False,
        "whether a message can only be redacted 60 minutes after it was submitted",
        "sms §15 (B for the rule, D for the default)",
    ),
    "url_check": Setting(
        (True, False),
        False,
        "whether a new webhook URL of an account or a number is called, and saved only if it answers 200",
        "account §4, numbers §6 (B, D)",
    ),
    "empty_numbers": Setting(
        ("short", "long"),
        "short",
        "how no number at all is listed: {}, or with a count of 0 and an empty list",
        "numbers §2, §7 (A)",
    ),
    "mislabelled_forms": Setting(
        ("lenient", "faithful"),
        "lenient",
        "whether a form labelled application/json is read when numbers are bought, cancelled or updated; else 420",
        "numbers §1.1 (A)",
    ),
    "number_renewals": Setting(
        (True, False),
        False,
        "whether a number that is bought is charged again every 30 days",
        "numbers §4 (D)",
    ),
    "insight_limit": Setting(
        (),
        0,
        "look-ups per second that an account may make, status 1 beyond; 0: no limit",
        "number-insight §5",
    ),
    "insight_price_standard": Setting(
        (),
        "0.005 EUR",
        "what a look-up of Number Insight costs on the level standard",
        "number-insight §9",
        price,
    ),
    "insight_price_advanced": Setting(
        (),
        "0.03 EUR",
        "what a look-up of Number Insight costs on the level advanced, asynchronous or not; later 0.04 EUR",
        "number-insight §9, §11",
        price,
    ),
    "insight_price_cnam": Setting(
        (),
        "0.01 EUR",
        "what the name of a number's owner costs besides in Number Insight; later 0.01025 EUR",
        "number-insight §9",
        price,
    ),
    "pricing_country_required": Setting(
        (True, False),
        False,
        "whether prices of a product are refused without a country; else all countries are listed",
        "pricing §7 (D)",
    ),
    "pricing_currency": Setting(
        ("EUR", "USD"),
        "EUR",
        "the currency in which prices are answered; balances and charges are in EUR all the same",
        "pricing §4 (B), §8 (D)",
    ),
    "pricing_usd_rate": Setting(
        (),
        "1.10",
        "how many US dollars a euro is, for prices answered in USD; the number is ours",
        "pricing §8 (D)",
        price,
    ),
    "pricing_limit": Setting(
        (True, False),
        False,
        "whether an account may ask for prices only once a second",
        "pricing §1 (B)",
    ),
    "verify_basic": Setting(
        (True, False),
        True,
        "whether the Verify API takes key and secret from a Basic header; false: only parameters count, as in 2020",
        "verify §2",
    ),
    "verify_brand_word": Setting(
        ("profile", "Nexmo", "Vonage"),
        "profile",
        "what the Verify API calls the platform in the texts of status 6; profile: Nexmo in 2020, Vonage today",
        "verify §4, §14",
    ),
    "verify_wrong_codes": Setting(
        (3, 4),
        3,
        "which wrong code for one generated code ends a verification with status 17",
        "verify §4, §15",
    ),
    "verify_price": Setting(
        (),
        "",
        "what a successful verification costs besides its messages; empty: 0.10 EUR in profile 2020, 0.05 EUR today",
        "verify §11, §14",
        lambda text: price(text) if text else 0,
    ),
    "verify_pin_code": Setting(
        (True, False),
        False,
        "whether accounts may choose the code of a verification themselves (pin_code); else status 20",
        "verify §3",
    ),
    "verify_limit": Setting(
        (),
        0,
        "requests per second to the Verify API that an account may make, status 1 beyond; 0: no limit; live 30",
        "verify §2; README rulings",
    ),
    "verify_blocked": Setting(
        (),
        [],
        "networks (MCC and MNC) and prefixes of numbers that verifications are refused for, status 7",
        "verify §12",
    ),
    "verify_unsupported": Setting(
        (),
        [],
        "networks (MCC and MNC) and prefixes of numbers that Verify does not serve, status 15",
        "verify §12",
    ),
    "verify_demo": Setting(
        (True, False),
        False,
        "whether the accounts are in demo mode: only numbers of verify_approved can be verified, else status 29",
        "verify §12",
    ),
    "verify_approved": Setting(
        (),
        [],
        "the numbers that accounts in demo mode can verify, in E.164 digits",
        "verify §12",
    ),
    "verify_search_lag": Setting(
        (),
        0,
        "for how many seconds a verification that has just ended is not found by search, status 101; live up to 60",
        "verify §5",
    ),
    "verify_network_unblock": Setting(
        (True, False),
        True,
        "whether the accounts may lift the block of a network by themselves; false: 403",
        "verify §8",
    ),
    "code_form": Setting(
        (),
        {},
        "the form that people type Verify codes into, {url, method, form or json}, unless a handset says its own",
        "design §7; scenario format, on_code",
        read_form,
    ),
    "links": Setting(
        ("relative", "absolute"),
        "relative",
        "whether links between applications, and pages of them, are paths as live or whole URLs on the caller's host",
        "README rulings, design §6",
    ),
    "application_strict": Setting(
        (True, False),
        False,
        "whether applications with numbers beyond their bounds are refused, and capabilities: [] is answered with 500",
        "application §4.1, §4.2, §9",
    ),
    "application_defaults": Setting(
        (True, False),
        False,
        "whether applications show the defaults of today too: time-outs, signed_callbacks, version and the like",
        "application §4.2 (decisions 1 and 5)",
    ),
    "jwt_window": Setting(
        (True, False),
        True,
        "whether a token is refused for its iat, nbf and exp; false for recorded requests",
        "auth §5.3 (D)",
    ),
    "jwt_jti": Setting(
        (True, False),
        True,
        "whether a token without jti is refused",
        "auth §5.2, §9",
    ),
    "acl_status": Setting(
        (403, 401),
        403,
        "the status of a request that the acl of its token does not allow",
        "auth §5.6 (D)",
    ),
    "voice_record_index": Setting(
        ("page", "offset"),
        "page",
        "what record_index counts in a list of calls: pages, or calls",
        "voice §5.1 (C, D)",
    ),
    "voice_order": Setting(
        ("asc", "desc"),
        "asc",
        "in which order calls are listed when nobody says: oldest first, or newest first",
        "voice §5.1 (B)",
    ),
    "voice_event_url": Setting(
        ("optional", "required"),
        "optional",
        "whether a call is refused when neither it nor its application says where events go",
        "voice §4.4 (D)",
    ),
    "voice_from": Setting(
        ("any", "owned"),
        "any",
        "whether a call from a number that is not the account's goes through, or is rejected as invalid_number; "
        "what an NCCO connects from one is not called then",
        "voice §4.2 (B, D), ncco §2.6 (D)",
    ),
    "voice_ended_calls": Setting(
        (404, 400),
        404,
        "the status of a request about a call that is over",
        "voice §7, §8.5 (A, B)",
    ),
    "voice_young_calls": Setting(
        ("allow", "refuse"),
        "allow",
        "whether a call that was made less than 2 s ago, and is not answered, can be modified",
        "voice §7 (B, D)",
    ),
    "voice_record_limit": Setting(
        ("waits", "runs_on"),
        "waits",
        "whether an NCCO waits for a recording that only timeOut ends: as today, or not, as until 2021",
        "ncco §3.1 (B, D)",
    ),
    "voice_rate_limits": Setting(
        (True, False),
        False,
        "whether an account may make only 3 calls, and 15 other requests of the Voice API, a second",
        "voice §1 (B, D)",
    ),
    "jwt_time": Setting(
        ("real", "virtual"),
        "real",
        "which clock stamps and judges signatures: the time of signed requests, of tokens and of signed webhooks",
        "design §5; README rulings",
    ),
    "base_url": Setting(
        (),
        "",
        "the origin that URLs made by the emulator start with; empty: the printed https URL",
        "design §6",
    ),
}


def value(settings: Mapping[str, Any], name: str) -> Any:
    """What a setting is in a world that says ``settings``."""
    return settings[name] if name in settings else SETTINGS[name].default


def all_values(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Every setting with its value."""
    return {name: value(settings, name) for name in SETTINGS}


def check(name: str, given: object) -> None:
    """Refuse a setting that does not exist or a value that it cannot take.

    Raises:
        ValueError: with what is wrong and the nearest right thing.
    """
    row = SETTINGS.get(name)
    if row is None:
        near = get_close_matches(name, SETTINGS, 1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(sorted(SETTINGS))}"
        raise ValueError(f"no setting is called {name!r}; {hint}")
    if row.values and not any(given is each or (given == each and type(given) is type(each)) for each in row.values):
        allowed = ", ".join(str(each).lower() if isinstance(each, bool) else repr(each) for each in row.values)
        raise ValueError(f"setting {name!r} cannot be {given!r}; it takes {allowed}")
    if not row.values and not isinstance(given, type(row.default)):
        raise ValueError(f"setting {name!r} takes a {type(row.default).__name__}, not {given!r}")
    if row.read is not None:
        try:
            row.read(given)
        except ValueError as error:
            raise ValueError(f"setting {name!r}: {error}") from None
