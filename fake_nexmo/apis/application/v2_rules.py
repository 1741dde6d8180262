"""What a request of the second version says, judged member by member. Pure.

What it says about capabilities becomes the flat words in which they are stored; see `core.capabilities`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fake_nexmo.apis.application.model import NAME_MAX, ApplicationRefusal, Asked, Problem, Said
from fake_nexmo.core.capabilities import CAPABILITIES, Capability, HookKind, Member, fits, hook_kind, word
from fake_nexmo.core.refusal import Refusal
from fake_nexmo.core.urls import is_absolute
from fake_nexmo.keys.pair import load_public

# Doubt: apart from the sentences about methods and page sizes, the reasons are in no capture.
REQUIRED = "is required"
NO_URL = "must be a valid URL"
NO_KEY = "must be a valid public key"
NO_OBJECT = "must be an object"
NOT_ALLOWED = "is not allowed"
TOO_LONG = f"must be between 1 and {NAME_MAX} characters"
SIZE_BOUNDS = "must be between 1 and 100"
"""As documented, though more are served."""
PAGE_BOUNDS = "must be at least 1"

SIZE, SIZE_MAX = 10, 1000
_KINDS = {bool: "must be a boolean", str: "must be a string", int: "must be an integer"}
# How requests spell the two time-outs of a webhook; the first spelling that is there counts.
_TIMEOUTS = (("connect_timeout", ("connect_timeout", "connection_timeout")), ("socket_timeout", ("socket_timeout",)))


def read(body: Mapping[str, Any], *, strict: bool) -> Said:
    """What an application is to be, by the members of a request; unknown ones are ignored, null ones absent.

    Args:
        body: the JSON object.
        strict: whether a number beyond its bounds is refused instead of moved to the nearest bound, and an empty array
            of capabilities an error.

    Raises:
        Refusal: INVALID, with everything that is wrong; or SERVER_ERROR.

    Source: reference application §2, §4.1, §4.2, §4.7 (B; D where it says so).
    """
    problems: list[Problem] = []
    name = _name(body.get("name"), problems)
    public = _public_key(body.get("keys"), problems)
    said = body.get("capabilities")
    if said == [] and strict:
        raise Refusal(ApplicationRefusal.SERVER_ERROR)
    capabilities: dict[str, dict[str, Any]] = {}
    for capability, members in _object(said, "capabilities", problems).items():
        # Only an object or nothing at all is a capability; null is none.
        if capability in CAPABILITIES and members is not None:
            capabilities[capability] = dict(_words(capability, members, problems, strict=strict))
    improve = _object(body.get("privacy"), "privacy", problems).get("improve_ai")
    if improve is not None and not isinstance(improve, bool):
        problems.append(Problem("privacy.improve_ai", _KINDS[bool]))
    if problems:
        raise Refusal(ApplicationRefusal.INVALID, problems=tuple(problems))
    return Said(name, capabilities, improve is True, public)


def asked(params: Mapping[str, str]) -> Asked:
    """Which page is asked for; ``page_index``, which one library sends, says nothing.

    Raises:
        Refusal: INVALID_LIST, with everything that is wrong.

    Source: reference application §4.6 (B; D for the bounds).
    """
    size, number = _whole(params.get("page_size") or str(SIZE)), _whole(params.get("page") or "1")
    problems = []
    if not 1 <= size <= SIZE_MAX:
        problems.append(Problem("page_size", SIZE_BOUNDS))
    if number < 1:
        problems.append(Problem("page", PAGE_BOUNDS))
    if problems:
        raise Refusal(ApplicationRefusal.INVALID_LIST, problems=tuple(problems))
    return Asked(size, number)


def _name(said: Any, problems: list[Problem]) -> str:
    if said is None or said == "":
        problems.append(Problem("name", REQUIRED))
    elif not isinstance(said, str):
        problems.append(Problem("name", _KINDS[str]))
    elif len(said) > NAME_MAX:
        problems.append(Problem("name", TOO_LONG))
    else:
        return said
    return ""


def _public_key(said: Any, problems: list[Problem]) -> str:
    """The key that is brought along; empty: none is. A private key is ignored. Source: reference application §2."""
    public = _object(said, "keys", problems).get("public_key")
    if public is None or public == "":
        return ""
    if not isinstance(public, str) or load_public(public) is None:
        problems.append(Problem("keys.public_key", NO_KEY))
        return ""
    return public


def _words(capability: str, said: Any, problems: list[Problem], *, strict: bool) -> Iterator[tuple[str, Any]]:
    """The words of one capability."""
    known, path = CAPABILITIES[capability], f"capabilities.{capability}"
    members = _object(said, path, problems)
    for name, given in _object(members.get("webhooks"), f"{path}.webhooks", problems).items():
        yield from _hook(known, name, given, f"{path}.webhooks.{name}", problems, strict=strict)
    for name, member in known.members.items():
        given = members.get(name)
        if given is not None:
            yield name, _value(member, given, f"{path}.{name}", problems, strict=strict)


def _hook(
    known: Capability, name: str, said: Any, path: str, problems: list[Problem], *, strict: bool
) -> Iterator[tuple[str, Any]]:
    """The words of one webhook; one without an address is absent, one of an unknown name ignored.

    Source: reference application §4.2 (decisions 1 to 4), §5 (one library breaks at unknown names).
    """
    kind = hook_kind(known, name)
    if kind is None and name not in known.refused:
        return
    members = _object(said, path, problems)
    address = members.get("address")
    if address is None or address == "":
        return
    if kind is None:
        problems.append(Problem(path, NOT_ALLOWED))
        return
    if not isinstance(address, str) or not is_absolute(address):
        problems.append(Problem(f"{path}.address", NO_URL))
    yield name, address
    yield from _choices(kind, name, members, path, problems, strict=strict)


def _choices(
    kind: HookKind, name: str, members: Mapping[str, Any], path: str, problems: list[Problem], *, strict: bool
) -> Iterator[tuple[str, Any]]:
    """What is chosen about a webhook besides its address."""
    method = members.get("http_method")
    if method is not None and kind.methods:
        if method not in kind.methods:
            problems.append(Problem(f"{path}.http_method", f"must be one of: {', '.join(kind.methods)}"))
        yield word(name, "method"), method
    for (what, spellings), bounds in zip(_TIMEOUTS, (kind.connect, kind.response), strict=True):
        spelled = next((each for each in spellings if members.get(each) is not None), None)
        if spelled is not None and bounds is not None:
            chosen = _value(Member(int, bounds), members[spelled], f"{path}.{spelled}", problems, strict=strict)
            yield word(name, what), chosen
    active = members.get("active")
    if active is not None and not kind.methods:
        yield word(name, "active"), _value(Member(bool), active, f"{path}.active", problems, strict=strict)


def _value(member: Member, given: Any, path: str, problems: list[Problem], *, strict: bool) -> Any:
    """A value as it is stored: a number beyond its bounds is moved to the nearest one.

    Source: reference application §4.2 (decision 2).
    """
    if fits(member, given):
        return given
    low, high = member.bounds
    if member.kind is int and isinstance(given, int) and not isinstance(given, bool) and not strict:
        return min(max(given, low), high)
    reason = _KINDS[member.kind]
    if member.kind is int:
        reason = f"must be between {low} and {high}"
    elif member.words:
        reason = f"must be one of: {', '.join(member.words)}"
    problems.append(Problem(path, reason))
    return None


def _object(said: Any, path: str, problems: list[Problem]) -> Mapping[str, Any]:
    """An object; null, and the empty array that PHP makes of an empty one, are empty objects."""
    if said is None or said == []:
        return {}
    if isinstance(said, dict):
        return said
    problems.append(Problem(path, NO_OBJECT))
    return {}


def _whole(text: str) -> int:
    """A whole number of nine digits at most; 0: it is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
