"""Accounts, numbers and applications in a scenario's words: what the control API speaks and files will hold.

Money is text (``100.00 EUR``), durations and rates are text, and every key has the name it has in a scenario file.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec
from msgspec import UNSET, Struct, UnsetType

from fake_nexmo.core.signature import SignatureMethod
from fake_nexmo.numbering.number import NumberType


class Signature(Struct, forbid_unknown_fields=True, omit_defaults=False):
    """How requests of an account are signed, and webhooks to it.

    Attributes:
        secret: at least 32 characters, or some JWT libraries refuse it.
    """

    secret: str = ""
    method: SignatureMethod = SignatureMethod.MD5HASH


class Limits(Struct, forbid_unknown_fields=True):
    """Requests per second of the world's clock, such as ``30/s``; null: no limit but the world's own."""

    sms: str | None = None
    verify: str | None = None
    insight: str | None = None


class Webhooks(Struct, forbid_unknown_fields=True):
    """Where an account's SMS webhooks go, in which form, and whether they are signed."""

    inbound_sms: str = ""
    receipts: str = ""
    method: Literal["GET", "POST", "POST-JSON"] = "GET"
    signed: bool = False


class AutoReloadFacts(Struct, forbid_unknown_fields=True):
    """The payment that an account is topped up with; ``trx`` is its reference, of a form that was seen.

    Source: reference account §3 (B for what there is).
    Doubt: amount and threshold are each customer's own choice on the service; these defaults are ours.
    """

    enabled: bool = True
    trx: str = "00X123456Y7890123Z"
    amount: str = "10.00 EUR"
    threshold: str = "5.00 EUR"


class AccountFacts(Struct, forbid_unknown_fields=True):
    """An account. What is left out is drawn (credentials) or takes the default shown.

    Attributes:
        balance: money, or ``unlimited``: then nothing is debited.
        auto_reload: true takes the defaults of its own facts.
        profile: ``current`` or ``2020`` for this account alone; null: the world's.
    """

    api_key: str | UnsetType = UNSET
    api_secrets: list[str] | UnsetType = UNSET
    api_secret: str | UnsetType = UNSET
    signature: Signature | UnsetType = UNSET
    balance: str = "100.00 EUR"
    auto_reload: bool | AutoReloadFacts = False
    limits: Limits = msgspec.field(default_factory=Limits)
    webhooks: Webhooks = msgspec.field(default_factory=Webhooks)
    sms_api: Literal["sms", "messages"] = "sms"
    suspended: bool = False
    code: str | None = None
    profile: Literal["current", "2020"] | None = None


class ApplicationFacts(Struct, forbid_unknown_fields=True):
    """An application. Without a public key of its own it gets a key pair from the pool.

    Attributes:
        name: as it is called on the wire; absent: as the scenario calls it.
        type: the product that it was made for by the first version of the API; absent: made otherwise.
    """

    account: str
    name: str | UnsetType = UNSET
    id: str | UnsetType = UNSET
    keys: Literal["generate"] | UnsetType = UNSET
    public_key: str | UnsetType = UNSET
    voice: dict[str, Any] | UnsetType = UNSET
    messages: dict[str, Any] | UnsetType = UNSET
    rtc: dict[str, Any] | UnsetType = UNSET
    vbc: dict[str, Any] | UnsetType = UNSET
    verify: dict[str, Any] | UnsetType = UNSET
    network_apis: dict[str, Any] | UnsetType = UNSET
    meetings: dict[str, Any] | UnsetType = UNSET
    bulk: dict[str, Any] | UnsetType = UNSET
    video: dict[str, Any] | UnsetType = UNSET
    improve_ai: bool | UnsetType = UNSET
    type: Literal["voice", "messages"] | UnsetType = UNSET


class VoiceRoute(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """Where calls to a number go before its application is asked, and who is told when such a call ends.

    Attributes:
        value: a SIP URI, a phone number or the URL of a VXML document, by type.
    """

    type: Literal["sip", "tel", "vxml"] | None = None
    value: str = ""
    status_url: str = ""


class NumberFacts(Struct, forbid_unknown_fields=True):
    """A number that an account owns."""

    account: str
    country: str
    type: Literal["mobile-lvn", "landline", "landline-toll-free"] = "mobile-lvn"
    features: list[Literal["SMS", "VOICE", "MMS"]] = msgspec.field(default_factory=lambda: ["SMS", "VOICE"])
    application: str | None = None
    inbound_sms: str = ""
    voice: VoiceRoute = msgspec.field(default_factory=VoiceRoute)
    cost: str = "0.00 EUR"


class NetworkFacts(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A network, added to those that are built in, or laid over one of them; prices are money."""

    name: str | UnsetType = UNSET
    country: str | UnsetType = UNSET
    type: NumberType | UnsetType = UNSET
    sms: str | UnsetType = UNSET
    voice: str | UnsetType = UNSET


class WorldFacts(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """The section ``world`` of a scenario."""

    settings: dict[str, Any] = msgspec.field(default_factory=dict)
    accounts: dict[str, AccountFacts] = msgspec.field(default_factory=dict)
    applications: dict[str, ApplicationFacts] = msgspec.field(default_factory=dict)
    networks: dict[str, NetworkFacts] = msgspec.field(default_factory=dict)
    numbers: dict[str, NumberFacts] = msgspec.field(default_factory=dict)
