"""Which fault acts on what happens. Pure: the match ordinals are drawn elsewhere and handed in.

Source: design §8.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from functools import lru_cache
from math import exp, log

from msgspec import Struct
from msgspec.structs import replace

from fake_nexmo.core.instant import MINUTE, SECOND
from fake_nexmo.core.moment import Moment, draw
from fake_nexmo.core.pattern import Pattern
from fake_nexmo.core.records import Delay, Delivery, Fault, Mischief

# Doubt: how late "late" is, is not said; a delay says it, else it is a minute.
_LATE = MINUTE
# How far shuffled webhooks are spread when their fault names no gap.
_SPREAD = 5 * SECOND


class Occasion(Struct, frozen=True, gc=False):
    """Something that a fault may act on.

    Attributes:
        target: the operation, ``webhook.KIND`` or ``network.CODE``.
        account: internal id of the account, and ``api_key`` its key.
        params: the request's parameters by their names on the wire.
    """

    target: str
    account: str = ""
    api_key: str = ""
    to: str = ""
    sender: str = ""
    text: str = ""
    params: Mapping[str, str] = {}


def matching(faults: Sequence[Fault], occasion: Occasion, now: int) -> list[Fault]:
    """The faults whose target, predicates and time fit, in their order: each of them takes a match ordinal."""
    return [fault for fault in faults if _in_time(fault, now) and _fits(fault, occasion)]


def acts(fault: Fault, ordinal: int, seed: int) -> bool:
    """Whether a fault acts on its ``ordinal``-th match, counted from 1."""
    if fault.every:
        if ordinal % fault.every:
            return False
    elif ordinal < fault.first or (fault.last is not None and ordinal > fault.last):
        return False
    return fault.chance >= 1 or draw(seed, fault.name, "fault", ordinal) / (1 << 128) < fault.chance


def delay_of(delay: Delay, fault: str, ordinal: int, seed: int) -> int:
    """How long a delay is on this match, in microseconds; log-normal where it has a 99th percentile."""
    if delay.p99 is None:
        return delay.median
    # Only here, and it takes a while to load.
    from statistics import NormalDist

    # How many standard deviations the 99th percentile of a normal distribution lies above its median.
    above = NormalDist().inv_cdf(0.99)
    die = (draw(seed, fault, "delay", ordinal) + 1) / ((1 << 128) + 2)
    spread = log(delay.p99 / delay.median) / above
    return round(delay.median * exp(spread * NormalDist().inv_cdf(min(max(die, 1e-12), 1 - 1e-12))))


def mischief_of(fault: Fault, ordinal: int, seed: int) -> Mischief:
    """What a fault does to the webhook it matched."""
    late = delay_of(fault.delay, fault.name, ordinal, seed) if fault.delay is not None else 0
    if fault.deliver == "late" and not late:
        late = _LATE
    return Mischief(
        fault=fault.name,
        repeat=fault.repeat,
        gap=fault.gap,
        shuffled=fault.shuffled,
        late=late,
        before_response=fault.deliver == "before_response",
        signature=fault.signature,
    )


def misled(delivery: Delivery, mischief: Mischief | None, moment: Moment) -> tuple[Delivery, ...]:
    """A webhook as a fault has it: as often as it is repeated, when, in which order, and how it is signed."""
    if mischief is None:
        return (delivery,)
    told = []
    for n in range(mischief.repeat):
        due_at = delivery.due_at + mischief.late + n * mischief.gap
        if mischief.shuffled:
            spread = mischief.gap * mischief.repeat or _SPREAD
            purpose = f"shuffled/{delivery.kind}/{delivery.facts.get('name') or delivery.about}"
            due_at = delivery.due_at + mischief.late + int(moment.roll(purpose, n) * spread)
        told.append(
            replace(
                delivery,
                # What is shuffled keeps no order with anything else.
                subject=f"{delivery.subject}/{n}" if mischief.shuffled else delivery.subject,
                signature=mischief.signature,
                fault=mischief.fault,
                due_at=due_at,
            )
        )
    return tuple(told)


def _in_time(fault: Fault, now: int) -> bool:
    return (fault.starts_at is None or now >= fault.starts_at) and (fault.until_at is None or now < fault.until_at)


@lru_cache(maxsize=4096)
def _covers(wild: str, target: str) -> bool:
    """Whether a target with ``*`` stands for another of its own kind: ``*`` is every operation, and no webhook."""
    return _kind(wild) == _kind(target) and fnmatchcase(target, wild)


def _kind(target: str) -> str:
    head = target.partition(".")[0]
    return head if head in {"webhook", "network"} else ""


def _fits(fault: Fault, occasion: Occasion) -> bool:
    if fault.target != occasion.target and not _covers(fault.target, occasion.target):
        return False
    if fault.account and fault.account not in {occasion.account, occasion.api_key}:
        return False
    if fault.to and not Pattern(fault.to).matches(occasion.to, number=True):
        return False
    if fault.sender and not Pattern(fault.sender).matches(occasion.sender, number=True):
        return False
    if fault.text and not Pattern(fault.text).matches(occasion.text):
        return False
    return all(Pattern(wanted).matches(occasion.params.get(name, "")) for name, wanted in fault.params.items())
