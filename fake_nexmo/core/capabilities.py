"""What an application can do: the table of capabilities, and how a scenario spells them.

The words of a capability are flat: ``answer_url: "https://…"``, ``answer_method: GET``, ``answer_connect_timeout: 500``
and members such as ``region: eu-east``. They are stored so; on the wire each version of the API has another form.

Source: reference application §3.2, §4.2, §7.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from msgspec import Struct


class HookKind(Struct, frozen=True):
    """One webhook that a capability may have.

    Attributes:
        default: how it is sent when nobody says, and ``methods`` how it may be sent; none: that is not for choosing.
        connect: lowest and highest time for connecting that may be chosen, in milliseconds; None: none may.
        response: the same for the answer after that; the highest is the default of either.
    """

    default: str
    methods: tuple[str, ...]
    connect: tuple[int, int] | None = None
    response: tuple[int, int] | None = None


class Member(Struct, frozen=True):
    """One thing that can be set about a capability.

    Attributes:
        kind: the type of its value; `object` is any JSON.
        bounds: lowest and highest value of a number.
        words: the texts that it may be; none: any text will do.
        today: what new applications show of themselves today; None: nothing.
    """

    kind: type
    bounds: tuple[int, int] = (0, 0)
    words: tuple[str, ...] = ()
    today: object = None


class Capability(Struct, frozen=True):
    """One product that an application can use.

    Attributes:
        hooks: its webhooks by name.
        members: what else can be set.
        refused: names of webhooks that it cannot have, though others can.
        any_hook: what every other webhook is like; None: there is no other.
        fixed: what it shows today and nobody can set.
    """

    hooks: Mapping[str, HookKind] = {}
    members: Mapping[str, Member] = {}
    refused: tuple[str, ...] = ()
    any_hook: HookKind | None = None
    fixed: Mapping[str, object] = {}


class Hook(Struct, frozen=True, gc=False):
    """A webhook that an application has.

    Attributes:
        method: empty: there is no choice of it.
        connect_ms, response_ms: the time-outs that were chosen; None: the defaults.
        active: whether it is on; None: nobody said.
    """

    address: str
    method: str
    connect_ms: int | None = None
    response_ms: int | None = None
    active: bool | None = None


_ABOUT_HOOKS = ("_method", "_connect_timeout", "_socket_timeout", "_active")
"""How words about a webhook end; see `word`."""

_BOTH, _POST = ("GET", "POST"), ("POST",)
_CONNECT, _ANSWER, _EVENT = (300, 1000), (1000, 5000), (1000, 10000)
_POSTED = HookKind("POST", _POST)
_REGIONS = ("na-east", "na-west", "eu-east", "eu-west", "apac-sng", "apac-australia")
_SIGNED = Member(bool, today=True)
# Doubt: the range of conversations_ttl: to 9000 hours in one library, to 744 in two; we take the wider.
_TTL = Member(int, (1, 9000), today=48)
_LEGS = (1, 31)

CAPABILITIES: Mapping[str, Capability] = {
    "voice": Capability(
        hooks={
            "answer_url": HookKind("GET", _BOTH, _CONNECT, _ANSWER),
            "fallback_answer_url": HookKind("GET", _BOTH, _CONNECT, _ANSWER),
            "event_url": HookKind("POST", _BOTH, _CONNECT, _EVENT),
        },
        members={
            "signed_callbacks": _SIGNED,
            "conversations_ttl": _TTL,
            "leg_persistence_time": Member(int, _LEGS, today=7),
            "region": Member(str, words=_REGIONS),
            "payment_enabled": Member(bool),
            "payments": Member(object),
        },
    ),
    "messages": Capability(
        hooks={"inbound_url": _POSTED, "status_url": _POSTED},
        members={
            "version": Member(str, words=("v1", "v0.1"), today="v1"),
            "authenticate_inbound_media": Member(bool, today=False),
        },
    ),
    "rtc": Capability(
        hooks={"event_url": HookKind("POST", _BOTH)},
        members={"signed_callbacks": _SIGNED, "leg_persistence_time": Member(int, _LEGS)},
        refused=("answer_url",),
    ),
    "vbc": Capability(),
    "verify": Capability(hooks={"status_url": _POSTED}, fixed={"version": "v2"}),
    "network_apis": Capability(members={"network_application_id": Member(str), "redirect_uri": Member(str)}),
    "meetings": Capability(
        hooks={"room_changed": _POSTED, "session_changed": _POSTED, "recording_changed": _POSTED},
    ),
    "bulk": Capability(hooks={"list_status_url": _POSTED, "run_status_url": _POSTED}),
    "video": Capability(members={"storage": Member(object)}, any_hook=HookKind("", ())),
}


def word(hook: str, what: str) -> str:
    """The word for something about a webhook, such as ``answer_method``."""
    return f"{hook.removesuffix('_url')}_{what}"


def hook_kind(capability: Capability, name: str) -> HookKind | None:
    """What a webhook of that name is like; None: the capability has none.

    Where any name will do, it is no member's, and no word for something about another webhook.
    """
    kind = capability.hooks.get(name)
    if kind is not None or name in capability.members or name.endswith(_ABOUT_HOOKS):
        return kind
    return capability.any_hook


def hook(capabilities: Mapping[str, Any], capability: str, name: str) -> Hook | None:
    """One webhook of an application; None: it has none of that name.

    A webhook of a capability that names no method is sent as the table says.
    """
    words = capabilities.get(capability, {})
    address = words.get(name)
    if not isinstance(address, str) or not address:
        return None
    kind = hook_kind(CAPABILITIES[capability], name)
    assert kind is not None, f"{capability} has no webhook {name}"
    return Hook(
        address,
        words.get(word(name, "method")) or kind.default,
        words.get(word(name, "connect_timeout")),
        words.get(word(name, "socket_timeout")),
        words.get(word(name, "active")),
    )


def hooks(capabilities: Mapping[str, Any], capability: str) -> Iterator[tuple[str, Hook]]:
    """All webhooks that an application has for a capability, in the order of the table."""
    known = CAPABILITIES[capability]
    words = capabilities.get(capability, {})
    others = (name for name in words if name not in known.hooks and hook_kind(known, name) is not None)
    for name in (*known.hooks, *others):
        found = hook(capabilities, capability, name)
        if found is not None:
            yield name, found


def check(capability: str, words: Mapping[str, Any]) -> None:
    """Refuse words that a capability does not have, or that cannot be.

    Raises:
        ValueError: with what is wrong and the nearest right thing.
    """
    known = CAPABILITIES[capability]
    allowed = _allowed(known)
    for name, value in words.items():
        if name not in allowed and known.any_hook is None:
            near = get_close_matches(name, allowed, 1)
            hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(sorted(allowed)) or 'none'}"
            raise ValueError(f"{name!r} is not known here; {hint}")
        judge = allowed.get(name)
        if judge is not None and not fits(judge, value):
            raise ValueError(f"{name!r} cannot be {value!r}")


def fits(member: Member, value: object) -> bool:
    """Whether a value can be that of a member; a truth value is no number."""
    if member.kind is object:
        return True
    if not isinstance(value, member.kind) or (member.kind is int and isinstance(value, bool)):
        return False
    if isinstance(value, int) and member.kind is int:
        return member.bounds[0] <= value <= member.bounds[1]
    return not member.words or value in member.words


def _allowed(known: Capability) -> dict[str, Member]:
    """Every word that a capability has, as what its value is judged by."""
    allowed = dict(known.members)
    for name, kind in known.hooks.items():
        allowed[name] = Member(str)
        allowed[word(name, "method")] = Member(str, words=kind.methods)
        for what, bounds in (("connect_timeout", kind.connect), ("socket_timeout", kind.response)):
            if bounds is not None:
                allowed[word(name, what)] = Member(int, bounds)
    return allowed
