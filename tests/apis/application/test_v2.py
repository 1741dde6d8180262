"""``/v2/applications`` through the whole house: whole replies, and both versions' views of one store."""

from __future__ import annotations

import json
import re
from typing import Any

import httpx
import pytest

from fake_nexmo.keys.pool import key_pair
from fake_nexmo.scenario.model import AccountFacts, WorldFacts
from fake_nexmo.scenario.worlds import Plan, make_world
from tests.house import House

CREDENTIALS = {"api_key": "abcd1234", "api_secret": "s3cr3tS3cr3t"}
BASIC = httpx.BasicAuth(*CREDENTIALS.values())
ALL = "/v2/applications"
V1 = "/v1/applications"
NOBODY = "00000000-0000-4000-8000-000000000000"
UUID4 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
HEX = re.compile(r"[0-9a-f]{32}")
VONAGE, NEXMO = "https://developer.vonage.com/", "https://developer.nexmo.com/"
PAIR = key_pair(42, 1)
OWN = key_pair(42, 9).public


def url(path: str, method: str = "", **more: object) -> dict[str, Any]:
    """A webhook."""
    return {"address": f"https://app.test/{path}", **({"http_method": method} if method else {}), **more}


VOICE = {"voice": {"webhooks": {"answer_url": url("answer", "GET"), "event_url": url("event", "POST")}}}


def shown(application_id: str, capabilities: Any = None, *, name: str = "Shop", **keys: str) -> dict[str, Any]:
    """An application as it is answered."""
    return {
        "id": application_id,
        "name": name,
        "keys": keys or {"public_key": PAIR.public},
        "privacy": {"improve_ai": False},
        "capabilities": capabilities or {},
        "_links": {"self": {"href": f"{ALL}/{application_id}"}},
    }


def assert_json(answer: httpx.Response, status: int, content: Any) -> None:
    """Status, whole content in its order, and the media type."""
    assert (answer.status_code, answer.text) == (status, json.dumps(content, separators=(",", ":")))
    assert answer.headers["content-type"] == "application/json"


def assert_problem(
    answer: httpx.Response, status: int, place: str, title: str, detail: str, base: str = VONAGE, **more: object
) -> None:
    """A problem document, its instance in the form of the era."""
    instance = answer.json()["instance"]
    assert (UUID4 if base == VONAGE else HEX).fullmatch(instance)
    content = {"type": f"{base}api-errors{place}", "title": title, "detail": detail, **more, "instance": instance}
    assert_json(answer, status, content)


def assert_invalid(answer: httpx.Response, *problems: tuple[str, str], place: str = "payload-validation") -> None:
    """400 with everything that is wrong."""
    assert_problem(
        answer,
        400,
        f"/application#{place}",
        "Bad Request",
        "The request failed due to validation errors",
        invalid_parameters=[{"name": name, "reason": reason} for name, reason in problems],
    )


async def make(house: House, **said: Any) -> dict[str, Any]:
    """Make an application; the answer."""
    made = await house.client.post(ALL, json={"name": "Shop", **said}, auth=BASIC)
    assert made.status_code == 201, made.text
    answer: dict[str, Any] = made.json()
    return answer


async def capabilities(house: House, said: Any) -> Any:
    """What becomes of capabilities, when it is made and read again."""
    made = await make(house, capabilities=said)
    read = (await house.client.get(f"{ALL}/{made['id']}", auth=BASIC)).json()
    assert read["capabilities"] == made["capabilities"]
    return made["capabilities"]


# ---------------------------------------------------------------------------------------------------- what it does


async def test_create_answers_with_the_private_key_once(house: House) -> None:
    """201 with both keys; get, list and update tell the public one alone."""
    said = {"name": "Shop", "capabilities": VOICE}
    made = await house.client.post(ALL, json=said, auth=BASIC)
    application_id = made.json()["id"]
    got = await house.client.get(f"{ALL}/{application_id}", auth=BASIC)
    put = await house.client.put(f"{ALL}/{application_id}", json=said, auth=BASIC)

    assert UUID4.fullmatch(application_id)
    assert_json(made, 201, shown(application_id, VOICE, private_key=PAIR.private, public_key=PAIR.public))
    assert_json(got, 200, shown(application_id, VOICE))
    assert_json(put, 200, shown(application_id, VOICE))


@pytest.mark.parametrize("keys", [{}, None, {"public_key": None}, {"public_key": ""}, [], {"private_key": "x"}])
async def test_create_without_a_key_makes_a_pair(house: House, keys: Any) -> None:
    """However a library says that it brings none."""
    assert (await make(house, keys=keys))["keys"] == {"private_key": PAIR.private, "public_key": PAIR.public}


async def test_create_takes_a_public_key_of_ones_own(house: House) -> None:
    """The answer has that alone."""
    assert (await make(house, keys={"public_key": OWN}))["keys"] == {"public_key": OWN}


async def test_name_of_the_longest(house: House) -> None:
    """Characters, not octets."""
    assert (await make(house, name="\N{SNOWMAN}" * 255))["name"] == "\N{SNOWMAN}" * 255


async def test_delete_is_204_and_for_good(house: House) -> None:
    """No body, whatever an old library sends; its credential is free again."""
    application_id = (await make(house))["id"]
    assert await house.store.tenant(f"application/{application_id}") is not None

    gone = await house.client.request("DELETE", f"{ALL}/{application_id}", auth=BASIC, json={})
    again = await house.client.delete(f"{ALL}/{application_id}", auth=BASIC)

    assert (gone.status_code, gone.content, gone.headers.get("content-length")) == (204, b"", None)
    assert again.status_code == 404
    assert await house.store.tenant(f"application/{application_id}") is None


async def test_delete_unlinks_its_numbers(house: House) -> None:
    """The others stay as they are."""
    made = await make(house)
    [main] = house.world.applications
    internal = (await house.control("GET", "/worlds/default"))["applications"][1]["name"]
    await house.control("PATCH", "numbers/12015550100", {"application": internal})

    await house.client.delete(f"{ALL}/{made['id']}", auth=BASIC)
    assert (await house.control("GET", "numbers/12015550100"))["application"] is None
    assert (await house.control("GET", "numbers/447700900000"))["application"] == "main"

    await house.client.delete(f"{ALL}/{main.application_id}", auth=BASIC)
    assert (await house.control("GET", "numbers/447700900000"))["application"] is None


async def test_update_replaces_everything_but_the_key(house: House) -> None:
    """Members that are not said are gone; null keys keep the key, a given one replaces it; unknown ones are nothing."""
    made = await make(house, capabilities=VOICE, privacy={"improve_ai": True})
    path = f"{ALL}/{made['id']}"
    assert made["privacy"] == {"improve_ai": True}

    bare = await house.client.put(path, json={"name": "Store", "id": "x", "_links": {}}, auth=BASIC)
    same = await house.client.put(path, json={"name": "Store", "keys": None}, auth=BASIC)
    leaked = await house.client.put(path, json={"name": "Store", "keys": {"private_key": "x"}}, auth=BASIC)
    fresh = await house.client.put(path, json={"name": "Store", "keys": {"public_key": OWN}}, auth=BASIC)

    for answer in (bare, same, leaked):
        assert_json(answer, 200, shown(made["id"], name="Store"))
    assert_json(fresh, 200, shown(made["id"], name="Store", public_key=OWN))


async def test_list_is_paged_with_links(house: House) -> None:
    """Twelve applications, the first page to the letter but for the items' number."""
    made = [await make(house, keys={"public_key": OWN}) for _ in range(11)]
    [main] = house.world.applications

    first = await house.client.get(f"{ALL}/", auth=BASIC)
    last = (await house.client.get(ALL, params={"page": "2"}, auth=BASIC)).json()

    items = [shown(main.application_id, name="main", public_key=main.public_key), *made]
    for item in items:
        del item["_links"]
    page = f"{ALL}?page_size=10"
    assert_json(
        first,
        200,
        {
            "page_size": 10,
            "page": 1,
            "total_items": 12,
            "total_pages": 2,
            "_embedded": {"applications": items[:10]},
            "_links": {
                "self": {"href": f"{page}&page=1"},
                "first": {"href": page},
                "last": {"href": f"{page}&page=2"},
                "next": {"href": f"{page}&page=2"},
            },
        },
    )
    assert last["_embedded"]["applications"] == items[10:]
    assert last["_links"]["prev"] == {"href": f"{page}&page=1"}
    assert "next" not in last["_links"]


async def test_list_of_none_has_one_page(house: House) -> None:
    """Or one library would ask for a second."""
    await house.client.delete(f"{ALL}/{house.world.applications[0].application_id}", auth=BASIC)

    answer = await house.client.get(ALL, params={"page_size": "1000", "page_index": "1"}, auth=BASIC)

    page = f"{ALL}?page_size=1000"
    links = {"self": {"href": f"{page}&page=1"}, "first": {"href": page}, "last": {"href": f"{page}&page=1"}}
    counts = {"page_size": 1000, "page": 1, "total_items": 0, "total_pages": 1}
    assert_json(answer, 200, {**counts, "_embedded": {"applications": []}, "_links": links})


async def test_links_on_the_callers_host(house: House) -> None:
    """With the setting ``links: absolute``."""
    await house.control("PATCH", "settings", {"links": "absolute"})

    made = await make(house)

    assert made["_links"]["self"]["href"] == f"http://127.0.0.1:6396{ALL}/{made['id']}"


# ---------------------------------------------------------------------------------------------------- capabilities


@pytest.mark.parametrize(
    ("said", "becomes"),
    [
        ({}, {}),
        ([], {}),
        (None, {}),
        ({"nonsense": {"a": 1}, "voice": None}, {}),
        ({"vbc": {}}, {"vbc": {}}),
        ({"vbc": []}, {"vbc": {}}),
        ({"voice": {}}, {"voice": {"webhooks": {}}}),
        ({"voice": {"webhooks": {"answer_url": url("a")}}}, {"voice": {"webhooks": {"answer_url": url("a", "GET")}}}),
        (
            {"voice": {"webhooks": {"answer_url": {**url("a"), "active": True}}}},
            {"voice": {"webhooks": {"answer_url": url("a", "GET")}}},
        ),
        ({"voice": {"webhooks": {"event_url": url("e")}}}, {"voice": {"webhooks": {"event_url": url("e", "POST")}}}),
        (
            {"voice": {"webhooks": {"fallback_answer_url": url("f", "POST"), "other_url": url("o")}}},
            {"voice": {"webhooks": {"fallback_answer_url": url("f", "POST")}}},
        ),
        (
            {"voice": {"webhooks": {"answer_url": {}, "event_url": {"address": "", "http_method": "GET"}}}},
            {"voice": {"webhooks": {}}},
        ),
        (
            {"rtc": {"webhooks": {"event_url": url("e", "GET"), "answer_url": {}}}},
            {"rtc": {"webhooks": {"event_url": url("e", "GET")}}},
        ),
        (
            {"messages": {"webhooks": {"inbound_url": url("i"), "status_url": url("s", "POST")}, "version": "v0.1"}},
            {
                "messages": {
                    "webhooks": {"inbound_url": url("i", "POST"), "status_url": url("s", "POST")},
                    "version": "v0.1",
                }
            },
        ),
        (
            {"verify": {"webhooks": {"status_url": url("s")}, "version": "v2"}},
            {"verify": {"webhooks": {"status_url": url("s", "POST")}}},
        ),
        (
            {"network_apis": {"network_application_id": "n", "redirect_uri": "https://r.test"}},
            {"network_apis": {"network_application_id": "n", "redirect_uri": "https://r.test"}},
        ),
        (
            {"meetings": {"webhooks": {"room_changed": url("r")}}},
            {"meetings": {"webhooks": {"room_changed": url("r", "POST")}}},
        ),
        (
            {"bulk": {"webhooks": {"list_status_url": url("l"), "run_status_url": url("r")}}},
            {"bulk": {"webhooks": {"list_status_url": url("l", "POST"), "run_status_url": url("r", "POST")}}},
        ),
        (
            {"video": {"webhooks": {"sip_call_created": {**url("s"), "active": True}}, "storage": {"cloud": [1]}}},
            {"video": {"webhooks": {"sip_call_created": {**url("s"), "active": True}}, "storage": {"cloud": [1]}}},
        ),
        # Names that would be taken for something else.
        (
            {"video": {"webhooks": {"x": url("x"), "x_active": url("a"), "x_method": url("m"), "storage": url("s")}}},
            {"video": {"webhooks": {"x": url("x")}}},
        ),
        (
            {
                "voice": {
                    "signed_callbacks": False,
                    "conversations_ttl": 9001,
                    "leg_persistence_time": 0,
                    "region": "eu-west",
                    "payment_enabled": True,
                    "payments": {"gateways": []},
                }
            },
            {
                "voice": {
                    "webhooks": {},
                    "signed_callbacks": False,
                    "conversations_ttl": 9000,
                    "leg_persistence_time": 1,
                    "region": "eu-west",
                    "payment_enabled": True,
                    "payments": {"gateways": []},
                }
            },
        ),
    ],
)
async def test_what_becomes_of_capabilities(house: House, said: Any, becomes: Any) -> None:
    """Only what was given and the methods are shown; nothing empty, unknown or null. Source: application §4.2."""
    assert await capabilities(house, said) == becomes


@pytest.mark.parametrize(
    ("hook", "given", "connect", "response"),
    [
        ("answer_url", {"connect_timeout": 500}, 500, None),
        ("answer_url", {"connection_timeout": 500}, 500, None),
        ("answer_url", {"connect_timeout": 400, "connection_timeout": 500}, 400, None),
        ("fallback_answer_url", {"connect_timeout": 1, "socket_timeout": 500}, 300, 1000),
        ("answer_url", {"connect_timeout": 5000, "socket_timeout": 9000}, 1000, 5000),
        ("event_url", {"socket_timeout": 20000}, None, 10000),
        ("event_url", {"socket_timeout": 9000, "connect_timeout": None}, None, 9000),
    ],
)
async def test_timeouts_come_in_two_spellings_and_within_bounds(
    house: House, hook: str, given: dict[str, Any], connect: int | None, response: int | None
) -> None:
    """One library's default is below the bound, and another refuses an answer beyond it."""
    found = await capabilities(house, {"voice": {"webhooks": {hook: {**url("a", "GET"), **given}}}})

    times: dict[str, int] = {}
    if connect is not None:
        times |= {"connect_timeout": connect, "connection_timeout": connect}
    if response is not None:
        times["socket_timeout"] = response
    assert found == {"voice": {"webhooks": {hook: {**url("a", "GET"), **times}}}}


async def test_defaults_of_today_on_request(house: House) -> None:
    """With the setting ``application_defaults``, in single answers and in lists; what was given stays."""
    await house.control("PATCH", "settings", {"application_defaults": True})
    said = {
        "voice": {"webhooks": {"answer_url": url("a"), "event_url": url("e", socket_timeout=2000)}},
        "messages": {"authenticate_inbound_media": True},
        "rtc": {"webhooks": {"event_url": url("r")}},
        "verify": {},
        "video": {"webhooks": {"archive_status": url("v")}},
    }

    found = await capabilities(house, said)

    times = {"connect_timeout": 1000, "connection_timeout": 1000}
    assert found == {
        "voice": {
            "webhooks": {
                "answer_url": {**url("a", "GET"), **times, "socket_timeout": 5000},
                "event_url": {**url("e", "POST"), **times, "socket_timeout": 2000},
            },
            "signed_callbacks": True,
            "conversations_ttl": 48,
            "leg_persistence_time": 7,
        },
        "messages": {"webhooks": {}, "version": "v1", "authenticate_inbound_media": True},
        "rtc": {"webhooks": {"event_url": url("r", "POST")}, "signed_callbacks": True},
        "verify": {"webhooks": {}, "version": "v2"},
        "video": {"webhooks": {"archive_status": url("v")}},
    }
    listed = (await house.client.get(ALL, auth=BASIC)).json()["_embedded"]["applications"]
    assert listed[1]["capabilities"] == found


# ------------------------------------------------------------------------------------------------- the two versions


async def test_application_of_the_first_version_in_the_second(house: House) -> None:
    """It is managed there like any other, and keeps its product in the first."""
    said = {"name": "Shop", "type": "voice", "event_url": "https://app.test/event"}
    made = (await house.client.post(V1, json={**CREDENTIALS, **said})).json()
    path = f"{ALL}/{made['id']}"

    got = await house.client.get(path, auth=BASIC)
    await house.client.put(path, json={"name": "Shop", "capabilities": VOICE}, auth=BASIC)
    seen = (await house.client.get(f"{V1}/{made['id']}", params=CREDENTIALS)).json()

    assert_json(got, 200, shown(made["id"], {"voice": {"webhooks": {"event_url": url("event", "POST")}}}))
    assert [each["endpoint_type"] for each in seen["voice"]["webhooks"]] == ["answer_url", "event_url"]


async def test_application_of_the_second_version_in_the_first(house: House) -> None:
    """Sections side by side; what has no form there is not shown."""
    said = {
        "voice": {"webhooks": {"fallback_answer_url": url("f", "POST"), "answer_url": url("a", connect_timeout=500)}},
        "messages": {"webhooks": {"inbound_url": url("i"), "status_url": url("s")}},
        "rtc": {"webhooks": {"event_url": url("e")}},
        "vbc": {},
        "verify": {"webhooks": {"status_url": url("v")}},
    }
    made = await make(house, capabilities=said)

    seen = (await house.client.get(f"{V1}/{made['id']}", params=CREDENTIALS)).json()

    def hook(kind: str, path: str, method: str) -> dict[str, str]:
        return {"endpoint_type": kind, "endpoint": f"https://app.test/{path}", "http_method": method}

    assert seen == {
        "id": made["id"],
        "name": "Shop",
        "voice": {"webhooks": [hook("answer_url", "a", "GET"), hook("fallback_answer_url", "f", "POST")]},
        "messages": {"webhooks": [hook("status_url", "s", "POST"), hook("inbound_url", "i", "POST")]},
        "rtc": {"webhooks": [hook("event_url", "e", "POST")]},
        "keys": {"public_key": PAIR.public},
        "_links": {"self": {"href": f"{V1}/{made['id']}"}},
    }


async def test_update_by_the_first_version_touches_its_section_alone(house: House) -> None:
    """Extras and other capabilities stay; the time-outs of a webhook that goes, go with it."""
    extras = {"signed_callbacks": True, "region": "eu-west"}
    hooks = {
        "answer_url": url("a", "POST", connect_timeout=500),
        "fallback_answer_url": url("f"),
        "event_url": url("e", socket_timeout=2000),
    }
    made = await make(house, capabilities={"voice": {"webhooks": hooks, **extras}, "vbc": {}})
    path = f"{V1}/{made['id']}"
    voice = {**CREDENTIALS, "name": "Store", "type": "voice", "event_url": "https://app.test/new"}
    chat = {"status_url": "https://app.test/s", "inbound_url": "https://app.test/i"}

    first = await house.client.put(path, json=voice)
    second = await house.client.put(path, json={**CREDENTIALS, "name": "Both", "type": "messages", **chat})
    seen = (await house.client.get(f"{ALL}/{made['id']}", auth=BASIC)).json()

    assert (first.status_code, second.status_code, seen["name"]) == (200, 200, "Both")
    assert seen["capabilities"] == {
        "voice": {
            "webhooks": {
                "fallback_answer_url": url("f", "GET"),
                "event_url": url("new", "POST", socket_timeout=2000),
            },
            **extras,
        },
        "messages": {"webhooks": {"inbound_url": url("i", "POST"), "status_url": url("s", "POST")}},
        "vbc": {},
    }


async def test_both_versions_and_the_control_api_see_one_store(house: House) -> None:
    """Same order and counts; a change by the control API shows at once."""
    made = await make(house, capabilities=VOICE)
    path = f"applications/{made['id']}"

    facts = await house.control("GET", path)
    changed = await house.control("PATCH", path, {"name": "Store", "voice": {"answer_method": "POST"}})
    seen = (await house.client.get(f"{ALL}/{made['id']}", auth=BASIC)).json()

    assert facts == {
        "account": "main",
        "name": "Shop",
        "id": made["id"],
        "public_key": PAIR.public,
        "voice": {
            "answer_url": "https://app.test/answer",
            "answer_method": "GET",
            "event_url": "https://app.test/event",
            "event_method": "POST",
        },
    }
    assert changed == {**facts, "name": "Store", "voice": {**facts["voice"], "answer_method": "POST"}}
    assert (seen["name"], seen["capabilities"]["voice"]["webhooks"]["answer_url"]) == ("Store", url("answer", "POST"))
    first = (await house.client.get(V1, params=CREDENTIALS)).json()["_embedded"]["applications"]
    second = (await house.client.get(ALL, auth=BASIC)).json()["_embedded"]["applications"]
    assert [each["id"] for each in first] == [each["id"] for each in second]


# -------------------------------------------------------------------------------------------------------- refusals

_PATHS = [("POST", ALL), ("GET", ALL), ("GET", f"{ALL}/x"), ("PUT", f"{ALL}/x"), ("DELETE", f"{ALL}/x")]
_BAD: list[dict[str, Any]] = [
    {},
    {"auth": ("abcd1234", "wrong")},
    {"auth": ("nobody00", "s3cr3tS3cr3t")},
    {"params": CREDENTIALS},
    {"headers": {"authorization": "Bearer abc"}},
]


@pytest.mark.parametrize("given", _BAD)
@pytest.mark.parametrize(("method", "path"), _PATHS)
async def test_only_basic_counts(house: House, method: str, path: str, given: dict[str, Any]) -> None:
    """401 for everything else, key and secret as parameters included."""
    answer = await house.client.request(method, path, **given)

    assert_problem(answer, 401, "#unauthorized", "Unauthorized", "You did not provide correct credentials.")


async def test_key_and_secret_in_the_body_do_not_count(house: House) -> None:
    """As in the query."""
    answer = await house.client.post(ALL, json={**CREDENTIALS, "name": "Shop"})

    assert_problem(answer, 401, "#unauthorized", "Unauthorized", "You did not provide correct credentials.")


async def test_words_of_2020(house: House) -> None:
    """Another base, another title, another form of the instance."""
    await house.control("PATCH", "settings", {"profile": "2020"})

    wrong = await house.client.get(ALL, auth=("abcd1234", "wrong"))
    unknown = await house.client.get(f"{ALL}/{NOBODY}", auth=BASIC)

    detail = "You did not provide correct credentials."
    assert_problem(wrong, 401, "#unauthorized", "Invalid credentials supplied", detail, base=NEXMO)
    missing = f"ID '{NOBODY}' does not exist, or you do not have access"
    assert_problem(unknown, 404, "#not-found", "Not Found", missing, base=NEXMO)


@pytest.mark.parametrize("application_id", [NOBODY, "not-a-uuid", "{id}"])
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
async def test_unknown_application(house: House, method: str, application_id: str) -> None:
    """404, whatever the id looks like."""
    body = b'{"name":"x"}' if method == "PUT" else None
    answer = await house.client.request(method, f"{ALL}/{application_id}", auth=BASIC, content=body)

    detail = f"ID '{application_id}' does not exist, or you do not have access"
    assert_problem(answer, 404, "#not-found", "Not Found", detail)


async def test_application_of_another_account_is_unknown(house: House) -> None:
    """In the same world as in another one."""
    accounts = {
        "a": AccountFacts(api_key="aaaa0001", api_secret="Secret0001"),
        "b": AccountFacts(api_key="bbbb0001", api_secret="Secret0002"),
    }
    await make_world(house.store, lambda: house.wall, Plan(name="two", seed=1, facts=WorldFacts(accounts=accounts)))
    theirs = (await house.client.post(ALL, json={"name": "x"}, auth=("aaaa0001", "Secret0001"))).json()["id"]

    for auth in (("bbbb0001", "Secret0002"), BASIC):
        for method in ("GET", "DELETE"):
            assert (await house.client.request(method, f"{ALL}/{theirs}", auth=auth)).status_code == 404
        listed = (await house.client.get(ALL, auth=auth)).json()
        assert theirs not in json.dumps(listed)


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [("PATCH", ALL, "POST, GET"), ("POST", f"{ALL}/{NOBODY}", "GET, PUT, DELETE")],
)
async def test_wrong_verb(house: House, method: str, path: str, allowed: str) -> None:
    """405 before any credential is looked at."""
    answer = await house.client.request(method, path)

    detail = f"Request method '{method}' not supported"
    assert_problem(answer, 405, "#wrong-verb", "Request method not allowed", detail)
    assert answer.headers["allow"] == allowed


@pytest.mark.parametrize(
    ("accept", "welcome"),
    [
        ("application/json", True),
        ("application/hal+json, application/json", True),
        ("*/*", True),
        ("", True),
        ("application/*;q=0.5", True),
        ("text/html", False),
        ("application/hal+json", False),
    ],
)
async def test_accept(house: House, accept: str, welcome: bool) -> None:
    """406 when JSON is excluded, on every operation."""
    made = await make(house)
    headers = {"accept": accept}
    for method, path in (("GET", ALL), ("GET", f"{ALL}/{made['id']}"), ("PUT", f"{ALL}/x"), ("DELETE", f"{ALL}/x")):
        answer = await house.client.request(method, path, auth=BASIC, headers=headers)
        if welcome:
            assert answer.status_code != 406
        else:
            detail = "Invalid Accept header provided. Must be one of the following: 'application/json'"
            assert_problem(answer, 406, "#accept-header", "Invalid Accept header", detail)


@pytest.mark.parametrize(
    ("media", "taken"),
    [
        ("application/json", True),
        ("Application/JSON; charset=utf-8", True),
        ("", True),
        ("application/x-www-form-urlencoded", False),
        ("text/plain", False),
        ("application/hal+json", False),
    ],
)
async def test_content_type(house: House, media: str, taken: bool) -> None:
    """415 for a body of another type."""
    answer = await house.client.post(ALL, content=b'{"name":"Shop"}', auth=BASIC, headers={"content-type": media})

    if taken:
        assert answer.status_code == 201
    else:
        detail = "Unsupported Content-Type header provided. Must be one of the following: 'application/json'"
        assert_problem(answer, 415, "#content-type-header", "Unsupported Content-Type header", detail)


@pytest.mark.parametrize("media", ["application/json", "application/x-www-form-urlencoded", "text/plain"])
@pytest.mark.parametrize(("method", "status"), [("GET", 200), ("DELETE", 204)])
async def test_content_type_without_a_body_says_nothing(house: House, media: str, method: str, status: int) -> None:
    """Libraries send it anyway."""
    path = f"{ALL}/{house.world.applications[0].application_id}"

    assert (await house.client.request(method, path, auth=BASIC, headers={"content-type": media})).status_code == status


@pytest.mark.parametrize("body", [b"{", b"[]", b'"name"', b"name=Shop", b"\xff{}", b"{" * 10_000, b"null"])
async def test_malformed_json(house: House, body: bytes) -> None:
    """400 in words of its own; JSON that is no object too."""
    answer = await house.client.post(ALL, content=body, auth=BASIC, headers={"content-type": "application/json"})

    detail = "The request body did not contain valid JSON"
    assert_problem(answer, 400, "#invalid-json", "Bad Request", detail)


WEBHOOKS = "capabilities.voice.webhooks"


def voice(**members: Any) -> dict[str, Any]:
    """A body about voice."""
    return {"name": "x", "capabilities": {"voice": members}}


def answer_url(**members: Any) -> dict[str, Any]:
    """A body about one webhook."""
    return voice(webhooks={"answer_url": {"address": "https://a.test", **members}})


INVALID: list[tuple[dict[str, Any], str, str]] = [
    ({}, "name", "is required"),
    ({"name": None}, "name", "is required"),
    ({"name": ""}, "name", "is required"),
    ({"name": 5}, "name", "must be a string"),
    ({"name": "x" * 256}, "name", "must be between 1 and 255 characters"),
    ({"name": "x", "keys": {"public_key": "PEM"}}, "keys.public_key", "must be a valid public key"),
    ({"name": "x", "keys": {"public_key": 5}}, "keys.public_key", "must be a valid public key"),
    ({"name": "x", "keys": "PEM"}, "keys", "must be an object"),
    ({"name": "x", "privacy": 1}, "privacy", "must be an object"),
    ({"name": "x", "privacy": {"improve_ai": "yes"}}, "privacy.improve_ai", "must be a boolean"),
    ({"name": "x", "capabilities": "voice"}, "capabilities", "must be an object"),
    ({"name": "x", "capabilities": ["voice"]}, "capabilities", "must be an object"),
    ({"name": "x", "capabilities": {"voice": True}}, "capabilities.voice", "must be an object"),
    (voice(webhooks=[1]), WEBHOOKS, "must be an object"),
    (voice(webhooks={"answer_url": "https://a.test"}), f"{WEBHOOKS}.answer_url", "must be an object"),
    (answer_url(address="ftp://a.test"), f"{WEBHOOKS}.answer_url.address", "must be a valid URL"),
    (answer_url(address="https://"), f"{WEBHOOKS}.answer_url.address", "must be a valid URL"),
    (answer_url(address="https://[x"), f"{WEBHOOKS}.answer_url.address", "must be a valid URL"),
    (answer_url(address="https://a.test:0/"), f"{WEBHOOKS}.answer_url.address", "must be a valid URL"),
    (answer_url(address="https://a.test:65536/"), f"{WEBHOOKS}.answer_url.address", "must be a valid URL"),
    (answer_url(address="https://a.test/a b"), f"{WEBHOOKS}.answer_url.address", "must be a valid URL"),
    (answer_url(address=5), f"{WEBHOOKS}.answer_url.address", "must be a valid URL"),
    (answer_url(http_method="PUT"), f"{WEBHOOKS}.answer_url.http_method", "must be one of: GET, POST"),
    (answer_url(http_method=["GET"]), f"{WEBHOOKS}.answer_url.http_method", "must be one of: GET, POST"),
    (answer_url(connect_timeout="5"), f"{WEBHOOKS}.answer_url.connect_timeout", "must be between 300 and 1000"),
    (answer_url(connection_timeout=1.5), f"{WEBHOOKS}.answer_url.connection_timeout", "must be between 300 and 1000"),
    (answer_url(socket_timeout=True), f"{WEBHOOKS}.answer_url.socket_timeout", "must be between 1000 and 5000"),
    (voice(signed_callbacks="true"), "capabilities.voice.signed_callbacks", "must be a boolean"),
    (voice(conversations_ttl="48"), "capabilities.voice.conversations_ttl", "must be between 1 and 9000"),
    (
        voice(region="moon"),
        "capabilities.voice.region",
        "must be one of: na-east, na-west, eu-east, eu-west, apac-sng, apac-australia",
    ),
    (
        {"name": "x", "capabilities": {"network_apis": {"redirect_uri": 5}}},
        "capabilities.network_apis.redirect_uri",
        "must be a string",
    ),
    (
        {"name": "x", "capabilities": {"messages": {"webhooks": {"status_url": url("s", "GET")}}}},
        "capabilities.messages.webhooks.status_url.http_method",
        "must be one of: POST",
    ),
    (
        {"name": "x", "capabilities": {"rtc": {"webhooks": {"answer_url": url("a")}}}},
        "capabilities.rtc.webhooks.answer_url",
        "is not allowed",
    ),
    (
        {"name": "x", "capabilities": {"video": {"webhooks": {"archive_status": {**url("v"), "active": 1}}}}},
        "capabilities.video.webhooks.archive_status.active",
        "must be a boolean",
    ),
]


@pytest.mark.parametrize(("body", "name", "reason"), INVALID)
async def test_members_that_are_wrong(house: House, body: dict[str, Any], name: str, reason: str) -> None:
    """400 with the path of the member, when it is made and when it is changed; nothing happens."""
    application_id = house.world.applications[0].application_id
    before = await house.client.get(ALL, auth=BASIC)

    assert_invalid(await house.client.post(ALL, json=body, auth=BASIC), (name, reason))
    assert_invalid(await house.client.put(f"{ALL}/{application_id}", json=body, auth=BASIC), (name, reason))
    assert (await house.client.get(ALL, auth=BASIC)).text == before.text


async def test_everything_that_is_wrong_is_said_at_once(house: House) -> None:
    """In the order of the checks; a request without a body says nothing at all."""
    body = {**answer_url(http_method="PUT", address="x"), "name": "", "keys": {"public_key": "PEM"}}

    assert_invalid(
        await house.client.post(ALL, json=body, auth=BASIC),
        ("name", "is required"),
        ("keys.public_key", "must be a valid public key"),
        (f"{WEBHOOKS}.answer_url.address", "must be a valid URL"),
        (f"{WEBHOOKS}.answer_url.http_method", "must be one of: GET, POST"),
    )
    assert_invalid(await house.client.post(ALL, auth=BASIC), ("name", "is required"))


@pytest.mark.parametrize(
    ("asked", "problems"),
    [
        ({"page_size": "0"}, [("page_size", "must be between 1 and 100")]),
        ({"page_size": "1001"}, [("page_size", "must be between 1 and 100")]),
        ({"page_size": "x"}, [("page_size", "must be between 1 and 100")]),
        ({"page": "0"}, [("page", "must be at least 1")]),
        ({"page": "-1"}, [("page", "must be at least 1")]),
        (
            {"page": "1" * 20, "page_size": "-5"},
            [("page_size", "must be between 1 and 100"), ("page", "must be at least 1")],
        ),
    ],
)
async def test_pages_that_cannot_be(house: House, asked: dict[str, str], problems: list[tuple[str, str]]) -> None:
    """400 of its own."""
    answer = await house.client.get(ALL, params=asked, auth=BASIC)

    assert_invalid(answer, *problems, place="list-validation")


async def test_strict_mode(house: House) -> None:
    """With the setting ``application_strict`` bounds are bounds, and an empty array breaks the service."""
    await house.control("PATCH", "settings", {"application_strict": True})

    beyond = await house.client.post(ALL, json=answer_url(socket_timeout=500), auth=BASIC)
    array = await house.client.post(ALL, json={"name": "x", "capabilities": []}, auth=BASIC)
    within = await house.client.post(ALL, json=answer_url(socket_timeout=1000), auth=BASIC)

    assert_invalid(beyond, (f"{WEBHOOKS}.answer_url.socket_timeout", "must be between 1000 and 5000"))
    instance = array.json()["instance"]
    content = {"type": f"{VONAGE}api-errors", "title": "Internal Server Error", "instance": instance}
    assert_json(array, 500, content)
    assert within.status_code == 201
