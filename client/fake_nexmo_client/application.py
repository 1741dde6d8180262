"""Applications of an account: their names, webhooks and keys, by the first version of the API.

Source: reference application §3.
"""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

import msgspec
from msgspec import Struct

from fake_nexmo_client.exchange import Manner, Plan, Response, members, segment, texts
from fake_nexmo_client.links import Links
from fake_nexmo_client.reading import embedded, fill, read_document, read_nothing

HttpMethod: TypeAlias = Literal["GET", "POST"]


class ApplicationSettings(Struct, frozen=True, kw_only=True):
    """What an application is made of, or becomes; what is None is not sent.

    Attributes:
        type: ``voice`` needs ``event_url``, ``messages`` needs ``status_url`` and ``inbound_url``.
        public_key: a PEM of one's own; absent: a pair is made, and its private half answered once.

    Source: reference application §3.2 (B).
    """

    name: str
    type: Literal["voice", "messages"] = "voice"
    answer_url: str | None = None
    answer_method: HttpMethod | None = None
    event_url: str | None = None
    event_method: HttpMethod | None = None
    status_url: str | None = None
    status_method: HttpMethod | None = None
    inbound_url: str | None = None
    inbound_method: HttpMethod | None = None
    public_key: str | None = None


class ApplicationWebhook(Struct, frozen=True, kw_only=True):
    """Where an application is told of something; ``endpoint_type`` says of what, such as ``answer_url``."""

    endpoint_type: str
    endpoint: str
    http_method: str = ""


class ApplicationProduct(Struct, frozen=True, kw_only=True):
    """The webhooks of one product."""

    webhooks: tuple[ApplicationWebhook, ...] = ()


class ApplicationKeys(Struct, frozen=True, kw_only=True):
    """Keys as PEM; the private one is there only in the reply to the request that made it."""

    public_key: str = ""
    private_key: str = ""

    def __repr__(self) -> str:
        """The public key; the private one stays private."""
        return f"ApplicationKeys(public_key={self.public_key!r})"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        """The same for programs that print by ``rich``."""
        return [("public_key", self.public_key)]


class Application(Struct, frozen=True, kw_only=True):
    """An application; a product that it has not is None. Source: reference application §3.3 (A)."""

    id: str
    name: str
    voice: ApplicationProduct | None = None
    messages: ApplicationProduct | None = None
    rtc: ApplicationProduct | None = None
    keys: ApplicationKeys = ApplicationKeys()
    links: Links = msgspec.field(default=Links(), name="_links")


class ApplicationPage(Struct, frozen=True, kw_only=True):
    """One page of applications; ``count`` is that of all pages. Source: reference application §3.3 (A)."""

    count: int = 0
    page_size: int = 0
    page_index: int = 0
    applications: tuple[Application, ...] = ()
    links: Links = Links()


def create(settings: ApplicationSettings) -> Plan[Application]:
    """Make an application."""
    return Plan("POST", "", Manner.JSON, members(settings), read_application)


def list_all(*, page_size: int | None = None, page_index: int | None = None) -> Plan[ApplicationPage]:
    """List applications, from page 1."""
    said = {"page_size": page_size, "page_index": page_index}
    return Plan("GET", "", Manner.QUERY, texts(said), read_page)


def get(application_id: str) -> Plan[Application]:
    """Look at one application."""
    return Plan("GET", segment(application_id), Manner.QUERY, {}, read_application)


def modify(application_id: str, settings: ApplicationSettings) -> Plan[Application]:
    """Give an application other settings."""
    return Plan("PUT", segment(application_id), Manner.JSON, members(settings), read_application)


def delete(application_id: str) -> Plan[None]:
    """Remove an application."""
    return Plan("DELETE", segment(application_id), Manner.QUERY, {}, read_nothing)


def read_application(response: Response) -> Application:
    """An application.

    Raises:
        HttpError: the HTTP status is no success.
        BadReplyError: something else came.
    """
    return fill(Application, read_document(response), response)


def read_page(response: Response) -> ApplicationPage:
    """A page of applications.

    Raises:
        HttpError: the HTTP status is no success.
        BadReplyError: something else came.
    """
    document = read_document(response)
    applications = embedded(document, "applications")
    links = document.get("_links", {})
    return fill(ApplicationPage, {**document, "applications": applications, "links": links}, response)
