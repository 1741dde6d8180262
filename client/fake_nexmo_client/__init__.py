"""A small typed client for the Nexmo (Vonage) APIs: SMS, Insight, Verify, Call, Developer and Application.

`Client` waits, `AsyncClient` awaits; both have the services ``sms``, ``insight``, ``verify``, ``call``, ``developer``
and ``application``. They speak to the real hosts, or to an emulator by ``base_url``. `webhooks` helps programs that
the service calls back. Everything in between is plain functions: see `exchange`.

Importing this package loads no HTTP library; making a client does.
"""

from __future__ import annotations

from fake_nexmo_client.application import ApplicationSettings
from fake_nexmo_client.call import (
    AppEndpoint,
    CreateCall,
    PhoneEndpoint,
    SearchCalls,
    SipEndpoint,
    Stream,
    Talk,
    Transfer,
    VbcEndpoint,
    WebSocketEndpoint,
)
from fake_nexmo_client.client import AsyncClient, Client
from fake_nexmo_client.errors import (
    BadReplyError,
    HttpError,
    InsightError,
    InvalidParameter,
    MissingCredentialsError,
    NexmoError,
    NoAnswerError,
    NotFoundError,
    ServerError,
    SmsError,
    ThrottledError,
    UnauthorizedError,
    VerifyError,
    WebhookError,
)
from fake_nexmo_client.sms import Sms
from fake_nexmo_client.verify import StartVerification
from fake_nexmo_client.words import (
    CallAction,
    CallerType,
    CallStatus,
    LookupOutcome,
    MessageType,
    NetworkType,
    PortedStatus,
    ReachableStatus,
    ReceiptStatus,
    RoamingStatus,
    ValidNumberStatus,
    VerifyCommand,
    VerifyStatus,
)

__all__ = [
    "AppEndpoint",
    "ApplicationSettings",
    "AsyncClient",
    "BadReplyError",
    "CallAction",
    "CallStatus",
    "CallerType",
    "Client",
    "CreateCall",
    "HttpError",
    "InsightError",
    "InvalidParameter",
    "LookupOutcome",
    "MessageType",
    "MissingCredentialsError",
    "NetworkType",
    "NexmoError",
    "NoAnswerError",
    "NotFoundError",
    "PhoneEndpoint",
    "PortedStatus",
    "ReachableStatus",
    "ReceiptStatus",
    "RoamingStatus",
    "SearchCalls",
    "ServerError",
    "SipEndpoint",
    "Sms",
    "SmsError",
    "StartVerification",
    "Stream",
    "Talk",
    "ThrottledError",
    "Transfer",
    "UnauthorizedError",
    "ValidNumberStatus",
    "VbcEndpoint",
    "VerifyCommand",
    "VerifyError",
    "VerifyStatus",
    "WebSocketEndpoint",
    "WebhookError",
]
