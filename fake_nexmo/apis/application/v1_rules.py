"""What a request of the first version says, judged parameter by parameter. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from fake_nexmo.apis.application.model import ApplicationRefusal, Asked, Problem, Said
from fake_nexmo.apis.application.rules import V1_HOOKS
from fake_nexmo.core.capabilities import CAPABILITIES, word
from fake_nexmo.core.refusal import Refusal
from fake_nexmo.core.urls import is_absolute
from fake_nexmo.keys.pair import load_public

REQUIRED = "Is required."
# Doubt: the sentence for what is there and cannot be is in no capture; this one is ours.
INVALID = "Is invalid."

SIZE, SIZE_MAX = 10, 100
_REQUIRED_HOOKS = frozenset({"event_url", "status_url", "inbound_url"})


def read(params: Mapping[str, str]) -> Said:
    """What an application is to be, by the parameters of a request; an empty one counts as missing.

    Raises:
        Refusal: INVALID, with everything that is wrong.

    Source: reference application §3.2 (A, B; D where it says so).
    Doubt: a voice application without ``answer_url`` is accepted, and has no such webhook.
    """
    problems: list[Problem] = []
    name, product = params.get("name", ""), params.get("type", "")
    if not name:
        problems.append(Problem("name", REQUIRED))
    words: dict[str, str] = {}
    if product in V1_HOOKS:
        words = _hooks(product, params, problems)
    else:
        problems.append(Problem("type", INVALID if product else REQUIRED))
    public = params.get("public_key", "")
    if public and load_public(public) is None:
        problems.append(Problem("public_key", INVALID))
    if problems:
        raise Refusal(ApplicationRefusal.INVALID, problems=tuple(problems))
    return Said(name, {product: words}, public_key=public, v1_type=product)


def asked(params: Mapping[str, str]) -> Asked:
    """Which page is asked for; 0 and 1 are both the first.

    Raises:
        Refusal: INVALID_LIST.

    Source: reference application §3.3 (A, B; D for the bounds).
    """
    size, index = _whole(params.get("page_size") or str(SIZE)), _whole(params.get("page_index") or "1")
    problems = []
    if size is None or not 1 <= size <= SIZE_MAX:
        problems.append(Problem("page_size", INVALID))
    if index is None:
        problems.append(Problem("page_index", INVALID))
    if size is None or index is None or problems:
        raise Refusal(ApplicationRefusal.INVALID_LIST, problems=tuple(problems))
    return Asked(size, max(index, 1))


def _hooks(product: str, params: Mapping[str, str], problems: list[Problem]) -> dict[str, str]:
    """The two webhooks of a product, in the words that are stored."""
    words: dict[str, str] = {}
    for hook in V1_HOOKS[product]:
        address, named = params.get(hook, ""), word(hook, "method")
        method = params.get(named, "")
        if method and method not in CAPABILITIES[product].hooks[hook].methods:
            problems.append(Problem(named, INVALID))
        if not address:
            if hook in _REQUIRED_HOOKS:
                problems.append(Problem(hook, REQUIRED))
        elif is_absolute(address):
            words[hook] = address
            if method:
                words[named] = method
        else:
            problems.append(Problem(hook, INVALID))
    return words


def _whole(text: str) -> int | None:
    """A whole number of nine digits at most; None: it is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
