"""The names that a scenario may use of the house: operations, webhooks, troubles, events."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from msgspec import Struct

from fake_nexmo.core.legs import LegStatus
from fake_nexmo.web.api import Api

EVENTS = (
    *("message.submitted", "message.delivered", "message.failed", "message.received"),
    *("verify.started", "verify.event_sent", "verify.code_right", "verify.code_wrong"),
    *("verify.expired", "verify.cancelled", "verify.failed"),
    *(f"call.{status.value}" for status in LegStatus),
)
"""Source: design §7, "Names of operations, webhook kinds, events"."""


class Vocabulary(Struct, frozen=True):
    """What scenarios may name.

    Attributes:
        operations: each with the rows that its API can refuse with.
        webhooks: the kinds of webhooks.
        troubles: what submissions to a phone can be refused with.
        events: what a timeline can wait for.
    """

    operations: Mapping[str, Collection[str]]
    webhooks: Collection[str]
    troubles: Mapping[str, object]
    events: Collection[str] = EVENTS


def vocabulary(registry: Mapping[str, Api]) -> Vocabulary:
    """The names that a registry of APIs makes known."""
    apis = registry.values()
    return Vocabulary(
        operations={operation.name: tuple(api.troubles) for api in apis for operation in api.operations},
        webhooks=tuple(kind for api in apis for kind in api.webhooks),
        troubles={name: row for api in apis for name, row in api.troubles.items()},
    )
