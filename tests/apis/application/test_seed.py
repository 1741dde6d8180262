"""Every Application request of ``nexmo-go`` v0.8.1 as it sends it, read as its structs would read it.

The library posts and lists at the collection with a final slash, sends key and secret inside the JSON body or in the
query, no ``Accept``, and unset URLs as empty texts. Source: reference application §3.1, §3.5.
"""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Struct

from tests.house import House

CREDENTIALS = {"api_key": "abcd1234", "api_secret": "s3cr3tS3cr3t"}
ALL = "/v1/applications/"


class Webhook(Struct, frozen=True):
    """One element of ``Voice.Webhooks``."""

    endpoint_type: str = ""
    endpoint: str = ""
    http_method: str = ""


class Voice(Struct, frozen=True):
    """``Voice``."""

    webhooks: list[Webhook] = []


class Keys(Struct, frozen=True):
    """``Keys``."""

    public_key: str = ""
    private_key: str = ""


class Link(Struct, frozen=True):
    """``Link``."""

    href: str = ""


class Links(Struct, frozen=True):
    """``Links``."""

    self: Link = Link()
    next: Link = Link()
    prev: Link = Link()
    first: Link = Link()
    last: Link = Link()


class Configuration(Struct, frozen=True):
    """``ApplicationConfiguration``."""

    id: str = ""
    name: str = ""
    voice: Voice = Voice()
    keys: Keys = Keys()
    links: Links = msgspec.field(default_factory=Links, name="_links")


class Embedded(Struct, frozen=True):
    """``Embedded``."""

    applications: list[Configuration] = []


class ListResponse(Struct, frozen=True):
    """``ListApplicationsResponse``."""

    count: int = 0
    page_size: int = 0
    embedded: Embedded = msgspec.field(default_factory=Embedded, name="_embedded")
    links: Links = msgspec.field(default_factory=Links, name="_links")


async def ask(house: House, method: str, path: str, **more: Any) -> bytes:
    """Send as the library does; the body of a success."""
    request = house.client.build_request(method, path, **more)
    del request.headers["accept"]
    answer = await house.client.send(request)
    assert answer.is_success, answer.text
    assert (answer.status_code == 204) == (not answer.content)
    return answer.content


def config(**more: str) -> dict[str, str]:
    """``CreateApplicationRequest`` with its credentials."""
    return {**CREDENTIALS, "name": "Shop", "type": "voice", "answer_url": "", "event_url": "https://a.test/e", **more}


async def test_all_five_calls(house: House) -> None:
    """CreateApplication, ListApplications, GetApplication, ModifyApplication, DeleteApplication."""
    said = config(answer_url="https://a.test/a", answer_method="POST", event_method="POST")
    created = msgspec.json.decode(await ask(house, "POST", ALL, json=said), type=Configuration)
    one = f"{ALL}{created.id}"
    page = {**CREDENTIALS, "page_size": "1", "page_index": "2"}
    listed = msgspec.json.decode(await ask(house, "GET", ALL, params=page), type=ListResponse)
    bare = msgspec.json.decode(await ask(house, "GET", ALL, params=CREDENTIALS), type=ListResponse)
    got = msgspec.json.decode(await ask(house, "GET", one, params=CREDENTIALS), type=Configuration)
    modified = msgspec.json.decode(await ask(house, "PUT", one, json=config(name="Store")), type=Configuration)
    await ask(house, "DELETE", one, params=CREDENTIALS)

    hooks = [Webhook("answer_url", "https://a.test/a", "POST"), Webhook("event_url", "https://a.test/e", "POST")]
    href = f"/v1/applications/{created.id}"
    public = created.keys.public_key
    assert created.keys.private_key
    assert created == Configuration(created.id, "Shop", Voice(hooks), created.keys, Links(Link(href)))
    assert got == Configuration(created.id, "Shop", Voice(hooks), Keys(public), Links(Link(href)))
    assert modified == Configuration(created.id, "Store", Voice(hooks[1:]), Keys(public), Links(Link(href)))
    item = Configuration(created.id, "Shop", Voice(hooks), Keys(public), Links(Link(f"/applications/{created.id}")))
    base = "/v1/applications?page_size=1"
    first, last = Link(f"{base}&page_index=1"), Link(f"{base}&page_index=2")
    assert listed == ListResponse(2, 1, Embedded([item]), Links(last, Link(), first, Link(base), last))
    assert (bare.count, bare.page_size, [each.name for each in bare.embedded.applications]) == (
        2,
        10,
        ["main", "Shop"],
    )


async def test_json_body_without_a_content_type(house: House) -> None:
    """A body that looks like an object is JSON."""
    request = house.client.build_request("POST", ALL, content=msgspec.json.encode(config()))
    assert "content-type" not in request.headers

    made = await house.client.send(request)

    assert msgspec.json.decode(made.content, type=Configuration).voice.webhooks == [
        Webhook("event_url", "https://a.test/e", "POST")
    ]
