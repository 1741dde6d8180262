"""``/v1/applications`` through the whole house: whole replies, whichever way the request arrives."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from fake_nexmo.keys.pool import key_pair
from tests.house import House

CREDENTIALS = {"api_key": "abcd1234", "api_secret": "s3cr3tS3cr3t"}
BASIC = httpx.BasicAuth(*CREDENTIALS.values())
ALL = "/v1/applications"
NOBODY = "00000000-0000-4000-8000-000000000000"
VOICE = {
    "name": "Shop",
    "type": "voice",
    "answer_url": "https://app.test/answer",
    "event_url": "https://app.test/event",
}
MESSAGES = {
    "name": "Chat",
    "type": "messages",
    "status_url": "https://app.test/status",
    "inbound_url": "https://app.test/inbound",
}
BAD_REQUEST = {"type": "BAD_REQUEST", "error_title": "Bad Request"}
UNAUTHORIZED = {"type": "UNAUTHORIZED", "error_title": "Unauthorized"}
NOT_FOUND = {"type": "NOT_FOUND", "error_title": "Not Found"}
PUBLIC, OWN = key_pair(42, 1).public, key_pair(42, 9).public


def hook(kind: str, endpoint: str, method: str) -> dict[str, str]:
    """A webhook as the first version shows it."""
    return {"endpoint_type": kind, "endpoint": f"https://app.test/{endpoint}", "http_method": method}


def shown(application_id: str, *hooks: dict[str, str], name: str = "Shop", **keys: str) -> dict[str, Any]:
    """A voice application as it is answered."""
    return {
        "id": application_id,
        "name": name,
        "voice": {"webhooks": list(hooks)},
        "keys": keys or {"public_key": PUBLIC},
        "_links": {"self": {"href": f"{ALL}/{application_id}"}},
    }


ANSWER, EVENT = hook("answer_url", "answer", "GET"), hook("event_url", "event", "POST")


async def make(house: House, **said: str) -> str:
    """Make an application; its id."""
    made = await house.client.post(ALL, json={**CREDENTIALS, **(said or VOICE)})
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


def assert_json(answer: httpx.Response, status: int, content: Any) -> None:
    """Status, whole content in its order, and the media type."""
    assert (answer.status_code, answer.text) == (status, json.dumps(content, separators=(",", ":")))
    assert answer.headers["content-type"] == "application/json"


# ---------------------------------------------------------------------------------------------------- what it does


async def test_create_answers_with_the_private_key_once(house: House) -> None:
    """201 with both keys; afterwards the public one alone."""
    made = await house.client.post(f"{ALL}/", json={**CREDENTIALS, **VOICE})
    application_id = made.json()["id"]
    got = await house.client.get(f"{ALL}/{application_id}", params=CREDENTIALS)

    pair = key_pair(42, 1)
    assert_json(made, 201, shown(application_id, ANSWER, EVENT, public_key=PUBLIC, private_key=pair.private))
    assert_json(got, 200, shown(application_id, ANSWER, EVENT))
    assert pair.private.startswith("-----BEGIN PRIVATE KEY-----\n")
    assert PUBLIC.startswith("-----BEGIN PUBLIC KEY-----\n")
    listed = (await house.control("GET", "requests"))["items"]
    assert [(each["operation"], each["about"], each["status"]) for each in listed] == [
        ("application.create", application_id, 201),
        ("application.get", application_id, 200),
    ]


async def test_create_takes_a_public_key_of_ones_own(house: House) -> None:
    """It is stored as given, and no pair is taken from the pool."""
    own = await house.client.post(ALL, data={**CREDENTIALS, **VOICE, "public_key": OWN})
    other = await house.client.post(ALL, data={**CREDENTIALS, **VOICE})

    assert own.json()["keys"] == {"public_key": OWN}
    assert other.json()["keys"]["public_key"] == PUBLIC


SENT = {**CREDENTIALS, **VOICE}
WAYS: dict[str, dict[str, Any]] = {
    "json": {"json": SENT},
    "json without a type": {"content": json.dumps(SENT), "headers": {"content-type": ""}},
    "json under another type": {"content": json.dumps(SENT), "headers": {"content-type": "text/plain"}},
    "form": {"data": SENT},
    "form labelled json": {
        "content": httpx.QueryParams(SENT).__str__(),
        "headers": {"content-type": "application/json"},
    },
    "query": {"params": SENT},
    "basic and json": {"json": VOICE, "auth": BASIC},
    "basic and form": {"data": VOICE, "auth": BASIC},
    "query and json": {"json": VOICE, "params": CREDENTIALS},
    "body over query": {"json": SENT, "params": {**CREDENTIALS, "name": "Old", "type": "messages"}},
    "parameters over a stale header": {"json": SENT, "auth": ("nobody", "nothing")},
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("slash", ["", "/"])
async def test_create_and_update_understand_every_way(house: House, way: str, slash: str) -> None:
    """JSON, form, query and Basic; source: reference application §3.1."""
    made = await house.client.post(ALL + slash, **WAYS[way])
    application_id = made.json()["id"]
    changed = await house.client.put(f"{ALL}/{application_id}{slash}", **WAYS[way])

    assert_json(changed, 200, shown(application_id, ANSWER, EVENT))


async def test_messages_application(house: House) -> None:
    """Two webhooks by POST, in an order of their own."""
    made = await house.client.post(ALL, json={**CREDENTIALS, **MESSAGES})

    assert made.json()["messages"] == {
        "webhooks": [hook("status_url", "status", "POST"), hook("inbound_url", "inbound", "POST")]
    }
    assert "voice" not in made.json()


@pytest.mark.parametrize(
    ("said", "hooks"),
    [
        ({"answer_method": "POST", "event_method": "GET"}, [("answer", "POST"), ("event", "GET")]),
        ({"answer_method": "", "event_method": ""}, [("answer", "GET"), ("event", "POST")]),
        ({"answer_url": ""}, [("event", "POST")]),
    ],
)
async def test_methods_and_an_absent_answer_url(house: House, said: dict[str, str], hooks: list[Any]) -> None:
    """Empty counts as missing; a voice application may do without ``answer_url``."""
    made = await house.client.post(ALL, json={**CREDENTIALS, **VOICE, **said})

    assert made.json()["voice"]["webhooks"] == [hook(f"{kind}_url", kind, method) for kind, method in hooks]


async def test_update_replaces_name_and_webhooks(house: House) -> None:
    """What is not said goes back to its default; id, key and place stay."""
    application_id = await make(house, **VOICE, answer_method="POST")
    after = {**CREDENTIALS, **VOICE, "name": "Store", "event_url": "https://app.test/events"}

    changed = await house.client.put(f"{ALL}/{application_id}", json=after)

    content = shown(application_id, ANSWER, hook("event_url", "events", "POST"), name="Store")
    assert_json(changed, 200, content)
    assert_json(await house.client.get(f"{ALL}/{application_id}", params=CREDENTIALS), 200, content)


async def test_update_takes_another_public_key(house: House) -> None:
    """The old pair is forgotten, by the control API too."""
    application_id = await make(house)

    changed = await house.client.put(f"{ALL}/{application_id}", json={**CREDENTIALS, **VOICE, "public_key": OWN})

    assert changed.json()["keys"] == {"public_key": OWN}
    world = await house.control("GET", "/worlds/default")
    [_, made] = world["applications"]
    assert (made["id"], made["public_key"], made["private_key"]) == (application_id, OWN, None)


async def test_delete_is_204_and_for_good(house: House) -> None:
    """No body, no length; then it is not there."""
    application_id = await make(house)

    gone = await house.client.delete(f"{ALL}/{application_id}", params=CREDENTIALS)
    again = await house.client.delete(f"{ALL}/{application_id}", params=CREDENTIALS)
    got = await house.client.get(f"{ALL}/{application_id}", params=CREDENTIALS)

    assert (gone.status_code, gone.content, gone.headers.get("content-length")) == (204, b"", None)
    assert_json(again, 404, NOT_FOUND)
    assert_json(got, 404, NOT_FOUND)


async def test_list_is_paged_with_links(house: House) -> None:
    """Seven applications by three: the reply of the middle page, to the letter."""
    main = house.world.applications[0].application_id
    ids = [main] + [await make(house, **VOICE, public_key=OWN) for _ in range(6)]

    answer = await house.client.get(f"{ALL}/", params={**CREDENTIALS, "page_size": "3", "page_index": "2"})

    items = [
        {
            **shown(each, ANSWER, EVENT, public_key=OWN),
            "_links": {"self": {"href": f"/applications/{each}"}},
        }
        for each in ids[3:6]
    ]
    page = f"{ALL}?page_size=3"
    assert_json(
        answer,
        200,
        {
            "count": 7,
            "page_size": 3,
            "page_index": 2,
            "_embedded": {"applications": items},
            "_links": {
                "self": {"href": f"{page}&page_index=2"},
                "first": {"href": page},
                "last": {"href": f"{page}&page_index=3"},
                "prev": {"href": f"{page}&page_index=1"},
                "next": {"href": f"{page}&page_index=3"},
            },
        },
    )


@pytest.mark.parametrize(
    ("asked", "size", "index", "links"),
    [
        ({}, 10, 1, {"self": 1, "first": 0, "last": 1}),
        ({"page_index": "0"}, 10, 1, {"self": 1, "first": 0, "last": 1}),
        ({"page_index": "1", "page_size": "1"}, 1, 1, {"self": 1, "first": 0, "last": 1}),
        ({"page_index": "7", "page_size": "100"}, 100, 7, {"self": 7, "first": 0, "last": 1, "prev": 1}),
        ({"page_index": "", "page_size": ""}, 10, 1, {"self": 1, "first": 0, "last": 1}),
    ],
)
async def test_pages_of_one_application(
    house: House, asked: dict[str, str], size: int, index: int, links: dict[str, int]
) -> None:
    """0, nothing and 1 are the first page; beyond the end the list is empty."""
    answer = (await house.client.get(ALL, params={**CREDENTIALS, **asked})).json()

    hrefs = {
        name: f"{ALL}?page_size={size}" + (f"&page_index={number}" if number else "") for name, number in links.items()
    }
    assert (answer["count"], answer["page_size"], answer["page_index"]) == (1, size, index)
    assert {name: each["href"] for name, each in answer["_links"].items()} == hrefs
    assert len(answer["_embedded"]["applications"]) == (1 if index == 1 else 0)


async def test_links_on_the_callers_host(house: House) -> None:
    """With the setting ``links: absolute``."""
    await house.control("PATCH", "settings", {"links": "absolute"})
    origin = "http://127.0.0.1:6396"

    listed = (await house.client.get(ALL, params=CREDENTIALS)).json()
    elsewhere = await house.client.get(ALL, params=CREDENTIALS, headers={"host": "api.nexmo.com"})
    nowhere = await house.client.get(ALL, params=CREDENTIALS, headers={"host": ""})

    [item] = listed["_embedded"]["applications"]
    assert item["_links"]["self"]["href"] == f"{origin}/applications/{item['id']}"
    assert listed["_links"]["first"]["href"] == f"{origin}{ALL}?page_size=10"
    assert elsewhere.json()["_links"]["first"]["href"] == f"http://api.nexmo.com{ALL}?page_size=10"
    assert nowhere.json()["_links"]["first"]["href"] == f"{ALL}?page_size=10"


# -------------------------------------------------------------------------------------------------------- refusals


@pytest.mark.parametrize("credentials", [{}, {"api_key": "abcd1234"}, {**CREDENTIALS, "api_secret": "wrong"}])
@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", ALL), ("GET", ALL), ("GET", f"{ALL}/x"), ("PUT", f"{ALL}/x"), ("DELETE", f"{ALL}/x")],
)
async def test_wrong_credentials(house: House, method: str, path: str, credentials: dict[str, str]) -> None:
    """401 before anything else is looked at."""
    answer = await house.client.request(method, path, params=credentials)

    assert_json(answer, 401, UNAUTHORIZED)


def without(said: dict[str, str], *names: str, **more: str) -> dict[str, str]:
    """Parameters without some, and with others."""
    return {name: value for name, value in said.items() if name not in names} | more


REQUIRED, INVALID = "Is required.", "Is invalid."


@pytest.mark.parametrize(
    ("said", "problems"),
    [
        (without(VOICE, "name"), {"name": REQUIRED}),
        (without(VOICE, name=""), {"name": REQUIRED}),
        (without(VOICE, "type"), {"type": REQUIRED}),
        (without(VOICE, type="rtc"), {"type": INVALID}),
        (without(VOICE, "event_url"), {"event_url": REQUIRED}),
        (without(VOICE, event_url=""), {"event_url": REQUIRED}),
        (without(VOICE, event_url="ftp://a.test"), {"event_url": INVALID}),
        (without(VOICE, answer_url="nothing"), {"answer_url": INVALID}),
        (without(VOICE, answer_method="PUT"), {"answer_method": INVALID}),
        (without(VOICE, event_method="post"), {"event_method": INVALID}),
        (without(MESSAGES, "status_url"), {"status_url": REQUIRED}),
        (without(MESSAGES, "inbound_url"), {"inbound_url": REQUIRED}),
        (without(MESSAGES, status_method="GET"), {"status_method": INVALID}),
        (without(MESSAGES, inbound_method="GET"), {"inbound_method": INVALID}),
        (without(VOICE, public_key="PEM"), {"public_key": INVALID}),
        ({}, {"name": REQUIRED, "type": REQUIRED}),
        ({"type": "messages"}, {"name": REQUIRED, "status_url": REQUIRED, "inbound_url": REQUIRED}),
    ],
)
async def test_parameters_that_are_missing_or_wrong(
    house: House, said: dict[str, str], problems: dict[str, str]
) -> None:
    """400 with all of them at once, when it is made and when it is changed; nothing happens."""
    application_id = house.world.applications[0].application_id
    before = await house.client.get(ALL, params=CREDENTIALS)

    for method, path in (("POST", ALL), ("PUT", f"{ALL}/{application_id}")):
        answer = await house.client.request(method, path, json={**CREDENTIALS, **said})
        assert_json(answer, 400, {**BAD_REQUEST, "invalid_parameters": problems})
    assert (await house.client.get(ALL, params=CREDENTIALS)).text == before.text


@pytest.mark.parametrize(
    ("asked", "problems"),
    [
        ({"page_size": "0"}, {"page_size": INVALID}),
        ({"page_size": "101"}, {"page_size": INVALID}),
        ({"page_size": "ten"}, {"page_size": INVALID}),
        ({"page_index": "-1"}, {"page_index": INVALID}),
        ({"page_index": "1" * 20, "page_size": "-1"}, {"page_size": INVALID, "page_index": INVALID}),
    ],
)
async def test_pages_that_cannot_be(house: House, asked: dict[str, str], problems: dict[str, str]) -> None:
    """400."""
    answer = await house.client.get(ALL, params={**CREDENTIALS, **asked})

    assert_json(answer, 400, {**BAD_REQUEST, "invalid_parameters": problems})


@pytest.mark.parametrize("body", ["{", '{"name": "x"', "[]", '"text"', "nonsense", "{" * 10_000])
async def test_malformed_json(house: House, body: str) -> None:
    """400 without parameters, once the credentials are known to be right."""
    headers = {"content-type": "application/json"}

    refused = await house.client.post(ALL, content=body, headers=headers, auth=BASIC)
    unknown = await house.client.post(ALL, content=body, headers=headers)

    assert_json(refused, 400, BAD_REQUEST)
    assert_json(unknown, 401, UNAUTHORIZED)


@pytest.mark.parametrize("application_id", [NOBODY, "not-a-uuid", "{id}"])
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
async def test_unknown_application(house: House, method: str, application_id: str) -> None:
    """404, whatever the id looks like."""
    answer = await house.client.request(method, f"{ALL}/{application_id}", params={**CREDENTIALS, **VOICE})

    assert_json(answer, 404, NOT_FOUND)


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", ALL, "POST, GET"),
        ("DELETE", f"{ALL}/", "POST, GET"),
        ("POST", f"{ALL}/{NOBODY}", "GET, PUT, DELETE"),
        ("PATCH", f"{ALL}/{NOBODY}", "GET, PUT, DELETE"),
    ],
)
async def test_wrong_verb(house: House, method: str, path: str, allowed: str) -> None:
    """405 before any credential is looked at."""
    answer = await house.client.request(method, path)

    assert_json(answer, 405, {"type": "METHOD_NOT_ALLOWED", "error_title": "Method Not Allowed"})
    assert answer.headers["allow"] == allowed


async def test_type_cannot_be_changed(house: House) -> None:
    """Of an application that was made by the first version."""
    application_id = await make(house)

    answer = await house.client.put(f"{ALL}/{application_id}", json={**CREDENTIALS, **MESSAGES})

    assert_json(answer, 400, {**BAD_REQUEST, "invalid_parameters": {"type": "Cannot be changed."}})
