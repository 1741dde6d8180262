"""Number Insight: what is known of a number, at three levels.

Statuses 43, 44 and 45 are soft: the live lookup failed, the rest is there and is returned; look at ``partial``.

Source: reference number-insight §3 to §6.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final, TypeVar

from msgspec import Struct

from fake_nexmo_client.errors import InsightError
from fake_nexmo_client.exchange import Manner, Plan, Response, texts
from fake_nexmo_client.reading import fill, read_document

SOFT_STATUSES: Final = frozenset({43, 44, 45})
"""The live lookup was not returned; the answer is full otherwise. Source: reference number-insight §5 (B/C)."""


class Carrier(Struct, frozen=True, kw_only=True):
    """A network that a number belongs to; empty texts where nothing is known."""

    network_code: str = ""
    name: str = ""
    country: str = ""
    network_type: str = ""


class Roaming(Struct, frozen=True, kw_only=True):
    """Where a phone is; the network is named only when it is abroad."""

    status: str = "unknown"
    roaming_country_code: str = ""
    roaming_network_code: str = ""
    roaming_network_name: str = ""


class CallerIdentity(Struct, frozen=True, kw_only=True):
    """The name that belongs to a number."""

    caller_type: str = ""
    caller_name: str = ""
    first_name: str = ""
    last_name: str = ""
    subscription_type: str = ""


class RealTimeData(Struct, frozen=True, kw_only=True):
    """Whether a phone is on just now. Source: reference number-insight §6.7 (B)."""

    active_status: str = ""
    handset_status: str = ""


class BasicInsight(Struct, frozen=True, kw_only=True):
    """Form and country of a number. Source: reference number-insight §6.2 (B)."""

    status: int
    status_message: str = ""
    error_text: str = ""
    request_id: str = ""
    international_format_number: str = ""
    national_format_number: str = ""
    country_code: str = ""
    country_code_iso3: str = ""
    country_name: str = ""
    country_prefix: str = ""

    @property
    def partial(self) -> bool:
        """Whether the live lookup failed and its fields say nothing."""
        return self.status in SOFT_STATUSES


class StandardInsight(BasicInsight, frozen=True, kw_only=True):
    """Its networks too, and on request the caller's name; prices are EUR.

    Source: reference number-insight §6.3, §6.5 (B).
    """

    request_price: Decimal | None = None
    refund_price: Decimal | None = None
    remaining_balance: Decimal | None = None
    current_carrier: Carrier | None = None
    original_carrier: Carrier | None = None
    ported: str = ""
    roaming: Roaming | None = None
    caller_identity: CallerIdentity | None = None
    caller_name: str = ""
    last_name: str = ""
    first_name: str = ""
    caller_type: str = ""


class AdvancedInsight(StandardInsight, frozen=True, kw_only=True):
    """Whether it is in use and can be reached, too. Source: reference number-insight §6.4, §6.6 (B)."""

    lookup_outcome: int | None = None
    lookup_outcome_message: str = ""
    valid_number: str = ""
    reachable: str = ""
    ip: str = ""
    ip_warnings: str = ""
    ip_match_level: str = ""
    ip_country: str = ""
    real_time_data: RealTimeData | None = None


Insight = TypeVar("Insight", bound=BasicInsight)


def basic(number: str, *, country: str | None = None) -> Plan[BasicInsight]:
    """Look at form and country of a number.

    Args:
        number: in international form, or national with ``country``.
        country: two letters.
    """
    return _plan("basic", BasicInsight, number=number, country=country)


def standard(number: str, *, country: str | None = None, cnam: bool = False) -> Plan[StandardInsight]:
    """Look up the networks of a number; with ``cnam`` the caller's name too."""
    return _plan("standard", StandardInsight, number=number, country=country, cnam=cnam or None)


def advanced(
    number: str, *, country: str | None = None, cnam: bool = False, ip: str | None = None
) -> Plan[AdvancedInsight]:
    """Look up whether a number is in use; ``ip`` is compared with its country where the service still does so."""
    return _plan("advanced", AdvancedInsight, number=number, country=country, cnam=cnam or None, ip=ip)


def read_insight(kind: type[Insight], response: Response) -> Insight:
    """The answer of a lookup.

    Raises:
        InsightError: the status is neither 0 nor soft.
        HttpError: the HTTP status is no success.
        BadReplyError: something else came.
    """
    reply = fill(kind, with_roaming(read_document(response)), response)
    if reply.status and not reply.partial:
        raise InsightError(reply, http_status=response.status)
    return reply


def with_roaming(document: Mapping[str, Any]) -> dict[str, Any]:
    """A document whose roaming is an object: newer answers say the bare word ``unknown``.

    Source: reference number-insight §4 (A/B).
    """
    said = document.get("roaming")
    return {**document, "roaming": {"status": said}} if isinstance(said, str) else dict(document)


def _plan(level: str, kind: type[Insight], **said: str | bool | None) -> Plan[Insight]:
    return Plan("POST", f"{level}/json", Manner.FORM, texts(said), lambda response: read_insight(kind, response))
