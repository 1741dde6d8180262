"""What the texts of a scenario are, beyond being texts: durations, money, rates, numbers, patterns, shares, periods.

One table says which key holds what. It is read where a file is checked, and where its JSON Schema is made.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Final

from msgspec import Struct

from fake_nexmo.core.clock import parse_mode
from fake_nexmo.core.instant import parse_duration, parse_instant
from fake_nexmo.core.money import parse_money
from fake_nexmo.core.pattern import parse_pattern
from fake_nexmo.handsets.calls import LAST_MOMENT
from fake_nexmo.handsets.typing import EXPIRED
from fake_nexmo.scenario import characters as c
from fake_nexmo.scenario import document as d
from fake_nexmo.scenario import faults as f
from fake_nexmo.scenario import model as m
from fake_nexmo.scenario import people as p
from fake_nexmo.scenario.errors import ScenarioError


class Kind(Struct, frozen=True):
    """One kind of text.

    Attributes:
        read: judges a text, and raises `ValueError` with what would do.
        meaning: for the JSON Schema.
        keep: what is kept of a text that is right; None: all of it.
    """

    name: str
    read: Callable[[str], object]
    meaning: str
    keep: Callable[[str], str] | None = None


_RATE = re.compile(r"\d+\s*/\s*s")
_MSISDN = re.compile(r"\+?[1-9]\d{6,14}")
_NETWORK = re.compile(r"\d{5,6}")
_COUNT = re.compile(r"(\d+)(?:(\.\.)(\d*))?")
_ANSWERED = re.compile(r"[1-5]xx|[1-5]\d\d|none")


def _money(text: str) -> None:
    if parse_money(text) < 0:
        raise ValueError(f"{text!r} is below zero")


def _balance(text: str) -> None:
    if text != "unlimited":
        _money(text)


def _rate(text: str) -> None:
    if not _RATE.fullmatch(text.strip()):
        raise ValueError(f"{text!r} is no rate; write it like 30/s")


def _msisdn(text: str) -> None:
    if not _MSISDN.fullmatch(text):
        raise ValueError(f"{text!r} is no phone number; write E.164 digits such as 447700900001")


def _network(text: str) -> None:
    if not _NETWORK.fullmatch(text):
        raise ValueError(f"{text!r} is no network; write its MCC and MNC, such as 23410")


def _share(text: str) -> None:
    p.parse_share(text, "")


def _calls(text: str) -> None:
    p.parse_calls(text, "")


def _url(text: str) -> None:
    if text and not text.startswith(("http://", "https://")):
        raise ValueError(f"{text!r} is no URL; it must begin with http:// or https://")


def _period(text: str) -> None:
    first, _, last = text.strip().partition("..")
    try:
        begin = parse_duration(first) if first else 0
        fits = bool(first or last) and not (last and parse_duration(last) < begin)
    except ValueError:
        fits = False
    if not fits:
        raise ValueError(f"{text!r} is no period; write 8s.., ..3s or 1s..3s")


def _count(text: str) -> None:
    said = _COUNT.fullmatch(text.strip())
    if said is None or (said[3] and int(said[3]) < int(said[1])):
        raise ValueError(f"{text!r} is no count; write 2, 1..3 or 2..")


def _when(text: str) -> None:
    try:
        parse_duration(text.removeprefix("+"))
    except ValueError:
        try:
            parse_instant(text)
        except ValueError:
            raise ValueError(
                f"{text!r} is no instant; write 30s from the start, +30s from the step before, or 2026-03-01T09:00:00Z"
            ) from None


def _answered(text: str) -> None:
    if not _ANSWERED.fullmatch(text):
        raise ValueError(f"{text!r} is no answer; write 2xx, a status such as 204, or none")


def _until(text: str) -> None:
    if text not in {"spent", "disarmed"}:
        try:
            parse_instant(text)
        except ValueError:
            raise ValueError(
                f"{text!r} is not understood; take spent, disarmed or an instant like 2026-03-01T09:00:00Z"
            ) from None


def _after_code(text: str) -> None:
    _duration_or(EXPIRED, text)


def _after_call(text: str) -> None:
    _duration_or(LAST_MOMENT, text)


def _duration_or(word: str, text: str) -> None:
    if text != word:
        if get_close_matches(text, [word], 1):
            raise ValueError(f"{text!r} is not a duration; did you mean {word!r}?")
        parse_duration(text)


def _numbers(text: str) -> None:
    c.parse_magic_range(text, "")


def _digits(text: str) -> None:
    if not re.fullmatch("[0-9]{2}", text):
        raise ValueError(f"{text!r} are no two digits; the last two of a number choose its character")


def _country(text: str) -> None:
    if not re.fullmatch("[A-Z]{2}", text):
        raise ValueError(f"{text!r} is no country; write two letters such as FR")


DURATION: Final = Kind("duration", parse_duration, "a duration: 300ms, 3s, 5m, 2h, 1d; a bare number is seconds")
MONEY: Final = Kind("money", _money, "an amount of money: 0.0412 EUR")
BALANCE: Final = Kind("balance", _balance, "an amount of money, or unlimited")
RATE: Final = Kind("rate", _rate, "a rate: 30/s")
MSISDN: Final = Kind("msisdn", _msisdn, "a phone number in E.164 digits", lambda text: text.removeprefix("+"))
NETWORK: Final = Kind("network", _network, "a network by its MCC and MNC, such as 23410")
COUNTRY: Final = Kind("country", _country, "a country by its two letters, such as FR")
PATTERN: Final = Kind("pattern", parse_pattern, "a pattern: /…/ or /…/i is a regular expression, else an exact text")
SHARE: Final = Kind("share", _share, "a share: 5%, 0.05 or 1/20")
CALLS: Final = Kind("calls", _calls, "a range of calls: 3, 1..2 or 2..")
COUNT: Final = Kind("count", _count, "how many: 2, 1..3 or 2..")
PERIOD: Final = Kind("period", _period, "a span of durations: 8s.., ..3s or 1s..3s")
URL: Final = Kind("url", _url, "a URL that begins with http:// or https://")
INSTANT: Final = Kind("instant", parse_instant, "an instant such as 2026-03-01T09:00:00Z")
WHEN: Final = Kind("when", _when, "30s from the start, +30s from the step before, or an instant")
MODE: Final = Kind("mode", parse_mode, "real, xN (such as x60), manual or auto")
ANSWERED: Final = Kind("answered", _answered, "2xx, a status such as 204, or none")
UNTIL: Final = Kind("until", _until, "spent, disarmed, or an instant such as 2026-03-01T09:00:00Z")
AFTER_CALL: Final = Kind("after", _after_call, "a duration, or of answer last_moment: a second before it is too late")
NUMBERS: Final = Kind("numbers", _numbers, "a range of numbers, 447700900001..447700900099; NPA is any area code")
DIGITS: Final = Kind("digits", _digits, "two digits: the last two of a number")
AFTER_CODE: Final = Kind("after", _after_code, "a duration, or expired: one second past the code's expiry")

VALUES: Final = "*"
"""In place of a field's own name: what its table or list holds; ``KEYS`` what its table's keys are."""
KEYS: Final = "keys"

Place = tuple[type, str]

KINDS: Mapping[Place, Kind] = {
    (d.Document, "ends"): DURATION,
    (d.ClockFacts, "start"): INSTANT,
    (d.ClockFacts, "mode"): MODE,
    (m.AccountFacts, "balance"): BALANCE,
    (m.Limits, "sms"): RATE,
    (m.Limits, "verify"): RATE,
    (m.Webhooks, "inbound_sms"): URL,
    (m.Webhooks, "receipts"): URL,
    (m.AutoReloadFacts, "amount"): MONEY,
    (m.AutoReloadFacts, "threshold"): MONEY,
    (m.NumberFacts, "cost"): MONEY,
    (m.NumberFacts, "inbound_sms"): URL,
    (m.VoiceRoute, "status_url"): URL,
    (m.NetworkFacts, "sms"): MONEY,
    (m.NetworkFacts, "voice"): MONEY,
    (m.NetworkFacts, "country"): COUNTRY,
    (p.HandsetFacts, "number"): MSISDN,
    (p.HandsetFacts, "network"): NETWORK,
    (p.HandsetFacts, "original_network"): NETWORK,
    (p.HandsetFacts, "ip_country"): COUNTRY,
    (p.RoamingFacts, "country"): COUNTRY,
    (p.RoamingFacts, "network"): NETWORK,
    (p.ReactionFacts, "after"): DURATION,
    (p.ReactionFacts, "share"): SHARE,
    (p.ReceiptsFacts, "after"): DURATION,
    (p.SubmissionFacts, "calls"): CALLS,
    (p.SmsStepFacts, "after"): DURATION,
    (p.SmsStepFacts, "if_text"): PATTERN,
    (d.CallStep, "within"): DURATION,
    (d.CallStep, "wait"): DURATION,
    (d.CallStep, "after"): AFTER_CALL,
    (d.CallStep, "when_heard"): PATTERN,
    (d.Pause, "after"): AFTER_CALL,
    (d.Machine, "beep_after"): DURATION,
    (d.CodeStep, "after"): AFTER_CODE,
    (f.HttpFacts, "retry_after"): DURATION,
    (f.DelayFacts, "median"): DURATION,
    (f.DelayFacts, "p99"): DURATION,
    (f.FaultFacts, "calls"): CALLS,
    (f.FaultFacts, "chance"): SHARE,
    (f.FaultFacts, "to"): PATTERN,
    (f.FaultFacts, "from_"): PATTERN,
    (f.FaultFacts, "text"): PATTERN,
    (f.FaultFacts, "delay"): DURATION,
    (f.FaultFacts, "starts"): DURATION,
    (f.FaultFacts, "for_"): DURATION,
    (f.FaultFacts, "until"): UNTIL,
    (f.FaultFacts, "gap"): DURATION,
    (d.TimelineStep, "at"): WHEN,
    (d.TimelineStep, "after"): DURATION,
    (d.TimelineStep, "roam"): COUNTRY,
    (d.TimelineStep, "port_to"): NETWORK,
    (d.AccountChange, "balance"): BALANCE,
    (d.MessageMatch, "from_"): PATTERN,
    (d.MessageMatch, "to"): PATTERN,
    (d.MessageMatch, "text"): PATTERN,
    (d.CallMatch, "from_"): PATTERN,
    (d.CallMatch, "to"): PATTERN,
    (d.CallMatch, "lasted"): PERIOD,
    (d.VerificationMatch, "number"): PATTERN,
    (d.VerificationMatch, "brand"): PATTERN,
    (d.VerificationMatch, "checks"): COUNT,
    (d.WebhookMatch, "url"): PATTERN,
    (d.WebhookMatch, "attempts"): COUNT,
    (d.WebhookMatch, "answered"): ANSWERED,
    (d.RequestMatch, "path"): PATTERN,
    (d.Spent, "at_most"): MONEY,
    (d.Spent, "at_least"): MONEY,
    (d.Expectation, "count"): COUNT,
    (d.Expectation, "before"): DURATION,
    (d.Expectation, "after"): DURATION,
}

INSIDE: Mapping[Place, Kind] = {
    (p.HandsetFacts, "mix"): SHARE,
    (f.FaultFacts, "param"): PATTERN,
    (d.CallMatch, "heard"): PATTERN,
    (c.MagicFacts, "ranges"): NUMBERS,
}
"""What the lists and tables of a key hold."""

NAMES: Mapping[Place, Kind] = {
    (m.WorldFacts, "numbers"): MSISDN,
    (m.WorldFacts, "networks"): NETWORK,
    (c.MagicFacts, "digits"): DIGITS,
}
"""What the keys of a table are."""


def complaint(kind: Kind, text: str) -> str | None:
    """What is wrong with a text; None: nothing."""
    try:
        kind.read(text)
    except ScenarioError as error:
        return error.what
    except ValueError as error:
        return str(error)
    return None
