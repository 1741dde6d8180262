"""Words of ``/verify/network-unblock`` and ``/verify/templates`` on the wire. No framework, no state."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fake_nexmo.apis.verify.model import Template
from fake_nexmo.apis.verify.refusal_model import PROBLEMS, ProblemRefusal
from fake_nexmo.apis.verify.unblock_rules import NewTemplate
from fake_nexmo.core.instant import spaced

# Doubt: the 401 of today has the old address in a capture; we take one for all. Source: reference verify §8, auth §6.5.
_BASE = "https://developer.vonage.com/api-errors"


def parse_duration(params: Mapping[str, str]) -> str:
    """How long a block is to be lifted, under either name. Source: reference verify §8 (C for ``duration``)."""
    return params.get("unblock_duration") or params.get("duration") or ""


def parse_template(params: Mapping[str, str]) -> NewTemplate:
    """What a template is to be."""
    get = params.get
    return NewTemplate(get("action_type", ""), get("lg", ""), get("template", ""), get("type", ""))


def unblocked(network: str, until_at: int) -> dict[str, Any]:
    """Source: reference verify §8 (B)."""
    return {"network": network, "unblocked_until": spaced(until_at).replace(" ", "T") + "Z"}


def template(made: Template, api_key: str) -> dict[str, Any]:
    """Source: reference verify §9.4 (B). Doubt: the version is a number."""
    return {
        "account_id": api_key,
        "action_type": made.action,
        "lg": made.language,
        "version": made.number,
        "status": "pending",
        "template": made.text,
        "type": made.type,
    }


def problem(row: ProblemRefusal, facts: Mapping[str, object], instance: str) -> dict[str, Any]:
    """The problem document of a refusal. Source: reference verify §8 (B)."""
    known = PROBLEMS[row]
    return {
        "type": f"{_BASE}#{known.kind}",
        "title": known.title,
        "detail": known.detail.format(**facts),
        "instance": instance,
    }
