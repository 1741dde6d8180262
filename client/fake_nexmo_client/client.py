"""The two clients: they hold credentials and a connection, and carry requests and replies.

Nothing is retried, redirected or cached. Whoever wants that gives an ``httpx`` client or transport of their own.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Literal, Self, TypeAlias, TypeVar

from fake_nexmo_client.async_services import (
    AsyncApplicationService,
    AsyncCallService,
    AsyncDeveloperService,
    AsyncInsightService,
    AsyncSmsService,
    AsyncVerifyService,
)
from fake_nexmo_client.credentials import Credentials, Stamp
from fake_nexmo_client.errors import NoAnswerError
from fake_nexmo_client.exchange import Plan, Request, Response, build
from fake_nexmo_client.services import (
    ApplicationService,
    CallService,
    DeveloperService,
    InsightService,
    SmsService,
    VerifyService,
)
from fake_nexmo_client.signatures import SignatureMethod

if TYPE_CHECKING:
    import httpx

T = TypeVar("T")
ServiceName: TypeAlias = Literal["sms", "insight", "verify", "call", "developer", "application"]

TIMEOUT_S: Final = 30.0
USER_AGENT: Final = "fake-nexmo-client"
REST, API = "https://rest.nexmo.com", "https://api.nexmo.com"

# Host of the service, and the path that all operations of an API have in common.
# Source: reference sdk-surface §1 (C).
_PLACES: Final[Mapping[ServiceName, tuple[str, str]]] = {
    "sms": (REST, "/sms"),
    "insight": (API, "/ni"),
    "verify": (API, "/verify"),
    "call": (API, "/v1/calls"),
    "developer": (REST, ""),
    "application": (API, "/v1/applications"),
}


def places(base_url: str = "", base_urls: Mapping[ServiceName, str] | None = None) -> dict[ServiceName, str]:
    """The base URL of each service.

    Args:
        base_url: one host for all of them; empty: those of the real service.
        base_urls: base URLs that differ, whole, with or without a slash at their end.
    """
    found = {name: (base_url.rstrip("/") or host) + path for name, (host, path) in _PLACES.items()}
    return {**found, **(base_urls or {})}


class Client:
    """The service, for code that waits.

    Args:
        api_key: of the account, with ``api_secret``; for everything but calls.
        signature_secret: signs SMS instead; without ``api_secret`` everything else that takes a key, too.
        signature_method: the one that the account's settings name.
        application_id: of the application that makes calls, with the PEM of its ``private_key``.
        base_url: one host for all services, such as that of an emulator; empty: the real ones.
        base_urls: whole base URLs of single services, such as ``{"sms": "http://127.0.0.1:8080/sms/"}``; they may
            also be set later, by ``client.sms.base_url``.
        timeout_s: the longest wait for a connection, and for each part of a reply; only for a connection of its own.
        transport: how bytes travel: retries, proxies and certificates are its business.
        http: an httpx client to use as it is; it is not closed.

    >>> with Client(api_key="abcd1234", api_secret="s3cr3tS3cr3t", base_url="http://127.0.0.1:6396") as client:
    ...     client.call.base_url
    'http://127.0.0.1:6396/v1/calls'
    """

    def __init__(
        self,
        *,
        api_key: str = "",
        api_secret: str = "",
        signature_secret: str = "",
        signature_method: SignatureMethod = "md5hash",
        application_id: str = "",
        private_key: str = "",
        base_url: str = "",
        base_urls: Mapping[ServiceName, str] | None = None,
        timeout_s: float = TIMEOUT_S,
        transport: httpx.BaseTransport | None = None,
        http: httpx.Client | None = None,
    ) -> None:
        import httpx

        self.credentials = Credentials(
            api_key=api_key,
            api_secret=api_secret,
            signature_secret=signature_secret,
            signature_method=signature_method,
            application_id=application_id,
            private_key=private_key,
        )
        self._own = http is None
        self._http = http or httpx.Client(timeout=timeout_s, transport=transport)
        at = places(base_url, base_urls)
        self.sms = SmsService(self, at["sms"])
        self.insight = InsightService(self, at["insight"])
        self.verify = VerifyService(self, at["verify"])
        self.call = CallService(self, at["call"])
        self.developer = DeveloperService(self, at["developer"])
        self.application = ApplicationService(self, at["application"])

    def do(self, plan: Plan[T], base_url: str) -> T:
        """Carry out a plan: build its request, send it once, read the reply.

        Raises:
            NexmoError: whatever went wrong.
        """
        import httpx

        request = build(plan, base_url, self.credentials, _stamp())
        try:
            answer = self._http.request(**_sent(request))
        except httpx.HTTPError as error:
            raise NoAnswerError(_no_answer(request, error)) from error
        return plan.read(_received(answer))

    def close(self) -> None:
        """Close the connections, if they are the client's own."""
        if self._own:
            self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class AsyncClient:
    """The service, for code that awaits; the same arguments and services as `Client`.

    >>> async with AsyncClient(api_key="abcd1234", api_secret="s3cr3tS3cr3t") as client:
    ...     client.sms.base_url
    'https://rest.nexmo.com/sms'
    """

    def __init__(
        self,
        *,
        api_key: str = "",
        api_secret: str = "",
        signature_secret: str = "",
        signature_method: SignatureMethod = "md5hash",
        application_id: str = "",
        private_key: str = "",
        base_url: str = "",
        base_urls: Mapping[ServiceName, str] | None = None,
        timeout_s: float = TIMEOUT_S,
        transport: httpx.AsyncBaseTransport | None = None,
        http: httpx.AsyncClient | None = None,
    ) -> None:
        import httpx

        self.credentials = Credentials(
            api_key=api_key,
            api_secret=api_secret,
            signature_secret=signature_secret,
            signature_method=signature_method,
            application_id=application_id,
            private_key=private_key,
        )
        self._own = http is None
        self._http = http or httpx.AsyncClient(timeout=timeout_s, transport=transport)
        at = places(base_url, base_urls)
        self.sms = AsyncSmsService(self, at["sms"])
        self.insight = AsyncInsightService(self, at["insight"])
        self.verify = AsyncVerifyService(self, at["verify"])
        self.call = AsyncCallService(self, at["call"])
        self.developer = AsyncDeveloperService(self, at["developer"])
        self.application = AsyncApplicationService(self, at["application"])

    async def do(self, plan: Plan[T], base_url: str) -> T:
        """Carry out a plan: build its request, send it once, read the reply.

        Raises:
            NexmoError: whatever went wrong.
        """
        import httpx

        request = build(plan, base_url, self.credentials, _stamp())
        try:
            answer = await self._http.request(**_sent(request))
        except httpx.HTTPError as error:
            raise NoAnswerError(_no_answer(request, error)) from error
        return plan.read(_received(answer))

    async def close(self) -> None:
        """Close the connections, if they are the client's own."""
        if self._own:
            await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


def _stamp() -> Stamp:
    return Stamp(now_s=int(time.time()), unique=str(uuid.uuid4()))


def _sent(request: Request) -> dict[str, Any]:
    headers = {"User-Agent": USER_AGENT, "Accept": "application/json", **request.headers}
    said = {"method": request.method, "url": request.url, "headers": headers, "follow_redirects": False}
    return {**said, "content": request.content} if request.content else said


def _received(answer: httpx.Response) -> Response:
    return Response(answer.status_code, answer.content, {name.lower(): value for name, value in answer.headers.items()})


def _no_answer(request: Request, error: Exception) -> str:
    place = request.url.partition("?")[0]
    return f"{request.method} {place}: {type(error).__name__}: {error}"
