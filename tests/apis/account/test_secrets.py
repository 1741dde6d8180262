"""``/accounts/{api_key}/secrets`` through the whole house: whole replies, in the words of both profiles."""

from __future__ import annotations

import asyncio
import base64
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

import httpx
import pytest

from fake_nexmo.apis.account.model import PROBLEMS, SecretRefusal
from fake_nexmo.apis.account.wire import problem
from tests.house import House

KEY, SECRET = "abcd1234", "s3cr3tS3cr3t"
BASIC = httpx.BasicAuth(KEY, SECRET)
ALL = f"/accounts/{KEY}/secrets"
NOBODY = "00000000-0000-4000-8000-000000000000"
FORM = "application/x-www-form-urlencoded"
UUID4 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
HEX = re.compile(r"[0-9a-f]{32}")
VONAGE, NEXMO = "https://developer.vonage.com/", "https://developer.nexmo.com/"


async def requests(house: House) -> list[tuple[str, str, int, str | None, str | None]]:
    """What the world wrote down."""
    items = (await house.control("GET", "requests"))["items"]
    return [(each["operation"], each["path"], each["status"], each["outcome"], each["about"]) for each in items]


async def use_2020(house: House) -> None:
    """Go back in time."""
    await house.control("PATCH", "settings", {"profile": "2020"})


async def first_id(house: House) -> str:
    """The id of the oldest secret."""
    found: str = (await house.client.get(ALL, auth=BASIC)).json()["_embedded"]["secrets"][0]["id"]
    return found


def assert_json(answer: httpx.Response, status: int, content: Any) -> None:
    """An answer of the newer stack: status, whole content, and a media type without a charset."""
    assert (answer.status_code, answer.json()) == (status, content)
    headers = [(name, value) for name, value in answer.headers.multi_items() if name not in {"allow", "connection"}]
    assert headers == [("content-type", "application/json"), ("content-length", str(len(answer.content)))]


def assert_problem(
    answer: httpx.Response,
    status: int,
    place: str,
    title: str,
    detail: str,
    *,
    base: str = VONAGE,
    **more: object,
) -> None:
    """A problem document, its instance in the form of the era."""
    instance = answer.json()["instance"]
    assert (UUID4 if base == VONAGE else HEX).fullmatch(instance)
    content = {"type": base + place, "title": title, "detail": detail, **more, "instance": instance}
    assert_json(answer, status, content)
    assert list(answer.json()) == list(content)


def item(secret_id: str, created_at: str) -> dict[str, Any]:
    """A secret as it is told."""
    return {"_links": {"self": {"href": f"{ALL}/{secret_id}"}}, "id": secret_id, "created_at": created_at}


# ---------------------------------------------------------------------------------------------------- what it does


async def test_a_secret_is_rotated(house: House) -> None:
    """Create, switch, revoke: the new one is valid at once everywhere, the old one until it is revoked."""
    listed = await house.client.get(ALL, auth=BASIC)
    old = listed.json()["_embedded"]["secrets"][0]
    assert_json(listed, 200, {"_links": {"self": {"href": ALL}}, "_embedded": {"secrets": [old]}})
    assert old == item(old["id"], old["created_at"])
    await house.advance("90.5s")

    created = await house.client.post(ALL, json={"secret": "An0therOne"}, auth=BASIC)
    new = created.json()
    assert_json(created, 201, item(new["id"], "2026-01-01T00:01:30Z"))
    assert UUID4.fullmatch(new["id"])
    fresh = httpx.BasicAuth(KEY, "An0therOne")

    both = await house.client.get(ALL, auth=fresh)
    assert_json(both, 200, {"_links": {"self": {"href": ALL}}, "_embedded": {"secrets": [old, new]}})
    for auth in (BASIC, fresh):
        assert (await house.client.get("/account/get-balance", auth=auth)).status_code == 200
        assert_json(await house.client.get(f"{ALL}/{new['id']}", auth=auth), 200, new)

    revoked = await house.client.delete(f"{ALL}/{old['id']}", auth=BASIC)
    assert (revoked.status_code, revoked.content) == (204, b"")
    assert revoked.headers.multi_items() == [("connection", "close")]

    assert (await house.client.get("/account/get-balance", auth=BASIC)).status_code == 401
    assert (await house.client.get(ALL, auth=BASIC)).status_code == 401
    left = await house.client.get(ALL, auth=fresh)
    assert_json(left, 200, {"_links": {"self": {"href": ALL}}, "_embedded": {"secrets": [new]}})
    assert await requests(house) == [
        ("account.list_secrets", ALL, 200, None, None),
        ("account.create_secret", ALL, 201, None, new["id"]),
        ("account.list_secrets", ALL, 200, None, None),
        ("account.balance", "/account/get-balance", 200, None, None),
        ("account.get_secret", f"{ALL}/{new['id']}", 200, None, new["id"]),
        ("account.balance", "/account/get-balance", 200, None, None),
        ("account.get_secret", f"{ALL}/{new['id']}", 200, None, new["id"]),
        ("account.revoke_secret", f"{ALL}/{old['id']}", 204, None, old["id"]),
        ("account.balance", "/account/get-balance", 401, "401 authentication failed", None),
        ("account.list_secrets", ALL, 401, "401 Unauthorized", None),
        ("account.list_secrets", ALL, 200, None, None),
    ]


async def test_the_secret_of_the_call_itself_may_be_revoked(house: House) -> None:
    """The answer is still 204, and the next call with it is refused."""
    created = await house.client.post(ALL, json={"secret": "An0therOne"}, auth=BASIC)
    fresh = httpx.BasicAuth(KEY, "An0therOne")

    revoked = await house.client.delete(f"{ALL}/{created.json()['id']}", auth=fresh)

    assert revoked.status_code == 204
    assert (await house.client.get(ALL, auth=fresh)).status_code == 401
    assert (await house.client.get(ALL, auth=BASIC)).status_code == 200


async def test_a_new_secret_sends_messages(house: House) -> None:
    """On the old stack as on the new."""
    await house.client.post(ALL, json={"secret": "An0therOne"}, auth=BASIC)
    answer = await house.client.get("/account/get-balance", params={"api_key": KEY, "api_secret": "An0therOne"})
    assert answer.text == '{"value":100.0,"autoReload":false}'


@pytest.mark.parametrize(
    ("content", "media"),
    [
        (b'{"secret":"An0therOne"}', "application/json"),
        (b'{"secret":"An0therOne","more":1}', "application/json; charset=utf-8"),
        (b"secret=An0therOne", FORM),
        (b"secret=An0therOne&", f"{FORM}; charset=UTF-8"),
        (b"secret=An0therOne", "application/json"),
    ],
    ids=["json", "json with charset", "form", "form with charset", "a form that calls itself json"],
)
@pytest.mark.parametrize("path", [ALL, f"{ALL}/", f"{ALL}/?", f"/accounts//{KEY}//secrets"])
async def test_bodies_and_paths_of_real_libraries(house: House, path: str, content: bytes, media: str) -> None:
    """One posts a form, one a slash and an empty query."""
    answer = await house.client.post(path, content=content, headers={"Content-Type": media}, auth=BASIC)

    assert answer.status_code == 201, answer.text
    facts = await house.control("GET", f"accounts/{KEY}")
    assert facts["api_secrets"] == [SECRET, "An0therOne"]


@pytest.mark.parametrize("media", ["application/json", FORM, "text/plain"])
async def test_a_request_without_a_body_may_name_any_type(house: House, media: str) -> None:
    """GET and DELETE of several libraries do; a body of theirs is ignored."""
    headers = {"Content-Type": media}
    secret_id = (await house.client.post(ALL, json={"secret": "An0therOne"}, auth=BASIC)).json()["id"]

    assert (await house.client.get(ALL, headers=headers, auth=BASIC)).status_code == 200
    assert (await house.client.request("GET", ALL, headers=headers, content=b"{", auth=BASIC)).status_code == 200
    gone = await house.client.request("DELETE", f"{ALL}/{secret_id}", headers=headers, content=b"{}", auth=BASIC)
    assert gone.status_code == 204


async def test_of_several_at_the_same_time_one_is_the_second(house: House) -> None:
    """The others decide again, and are the third; an id is never given twice."""
    asked = [house.client.post(ALL, json={"secret": f"An0therOne{k}"}, auth=BASIC) for k in range(5)]

    answers = await asyncio.gather(*asked)

    assert sorted(each.status_code for each in answers) == [201, 403, 403, 403, 403]
    assert len((await house.client.get(ALL, auth=BASIC)).json()["_embedded"]["secrets"]) == 2


# ---------------------------------------------------------------------------------------------------- credentials

UNAUTHORIZED = ("api-errors#unauthorized", "Unauthorized", "You did not provide correct credentials.")
NOT_BASIC = (
    "",
    "Unauthorized",
    'Invalid credentials format. Expected: "Authorization: (Base64(UTF-8(apiKey:secret)))"',
)


class Header(NamedTuple):
    """What a request shows of itself.

    Attributes:
        query: parameters, which never count here.
    """

    header: str
    query: Mapping[str, str] = {}
    words: tuple[str, str, str] = UNAUTHORIZED


def basic(text: str) -> str:
    return "Basic " + base64.b64encode(text.encode()).decode()


HEADERS = {
    "none": Header(""),
    "none, but parameters": Header("", {"api_key": KEY, "api_secret": SECRET}),
    "wrong secret": Header(basic(f"{KEY}:wr0ngS3cret")),
    "wrong secret beside right parameters": Header(basic(f"{KEY}:wr0ng"), {"api_key": KEY, "api_secret": SECRET}),
    "unknown key": Header(basic(f"eeee0000:{SECRET}")),
    "no colon": Header(basic(KEY)),
    "no secret": Header(basic(f"{KEY}:")),
    "no base64": Header("Basic !!!"),
    "bearer": Header("Bearer eyJ0eXAi.e30.x", words=NOT_BASIC),
    "token without a scheme": Header(base64.b64encode(f"{KEY}:{SECRET}".encode()).decode(), words=NOT_BASIC),
}


@pytest.mark.parametrize("name", HEADERS)
@pytest.mark.parametrize(
    ("verb", "path"), [("GET", ALL), ("POST", ALL), ("GET", f"{ALL}/{NOBODY}"), ("DELETE", f"{ALL}/{NOBODY}")]
)
async def test_only_a_right_basic_header_opens(house: House, verb: str, path: str, name: str) -> None:
    """Before anything else is looked at."""
    shown = HEADERS[name]
    headers = {"Authorization": shown.header} if shown.header else {}

    answer = await house.client.request(verb, path, params=dict(shown.query), headers=headers)

    assert_problem(answer, 401, *shown.words)


async def test_right_basic_beside_wrong_parameters_opens(house: House) -> None:
    """Parameters are no place for credentials here."""
    query = {"api_key": KEY, "api_secret": "wr0ngS3cret", "sig": "0"}
    assert (await house.client.get(ALL, params=query, auth=BASIC)).status_code == 200


async def test_a_secret_with_a_colon_opens(house: House) -> None:
    """The header is split at the first one, whatever the case of its scheme."""
    await house.client.post(ALL, json={"secret": "a:B:3:d:e"}, auth=BASIC)
    header = basic(f"{KEY}:a:B:3:d:e").replace("Basic", "bAsIc")
    assert (await house.client.get(ALL, headers={"Authorization": header})).status_code == 200


async def test_the_words_of_2020_for_credentials(house: House) -> None:
    """The old title for wrong ones; a header that is not Basic belongs to no world, so its words are today's."""
    await use_2020(house)

    wrong = await house.client.get(ALL, auth=httpx.BasicAuth(KEY, "wr0ngS3cret"))
    not_basic = await house.client.get(ALL, headers={"Authorization": "Bearer x"})

    place, _, detail = UNAUTHORIZED
    assert_problem(wrong, 401, place, "Invalid credentials supplied", detail, base=NEXMO)
    assert_problem(not_basic, 401, *NOT_BASIC)


# ------------------------------------------------------------------------------------------------------- refusals


@pytest.mark.parametrize("base", [VONAGE, NEXMO])
@pytest.mark.parametrize("verb", ["GET", "POST"])
async def test_another_key_is_unknown(house: House, verb: str, base: str) -> None:
    """Whether it exists or not; before the body is judged."""
    if base == NEXMO:
        await use_2020(house)
    made = await house.control("POST", "/worlds", {"seed": 1, "name": "other"}, 201)
    for key in ("eeee0000", made["accounts"][0]["api_key"]):
        answer = await house.client.request(verb, f"/accounts/{key}/secrets", auth=BASIC)
        detail = f"API key '{key}' does not exist, or you do not have access"
        assert_problem(answer, 404, "api-errors#invalid-api-key", "Invalid API Key", detail, base=base)


@pytest.mark.parametrize("base", [VONAGE, NEXMO])
@pytest.mark.parametrize("verb", ["GET", "DELETE"])
async def test_an_unknown_id_is_named(house: House, verb: str, base: str) -> None:
    """Before it is counted whether it were the last."""
    if base == NEXMO:
        await use_2020(house)
    answer = await house.client.request(verb, f"{ALL}/{NOBODY}", auth=BASIC)
    detail = f"ID '{NOBODY}' could not be found"
    assert_problem(answer, 404, "api-errors#invalid-id", "Invalid ID", detail, base=base)


@pytest.mark.parametrize("base", [VONAGE, NEXMO])
async def test_the_last_secret_stays(house: House, base: str) -> None:
    """And goes on working."""
    if base == NEXMO:
        await use_2020(house)
    answer = await house.client.delete(f"{ALL}/{await first_id(house)}", auth=BASIC)

    place = "api-errors/account/secret-management#delete-last-secret"
    detail = "Can not delete the last secret. The account must always have at least 1 secret active at any time"
    assert_problem(answer, 403, place, "Secret Deletion Forbidden", detail, base=base)
    assert (await house.client.get(ALL, auth=BASIC)).status_code == 200


async def test_the_third_secret_in_the_words_of_today(house: House) -> None:
    """403, whatever the definition's prose says."""
    await house.client.post(ALL, json={"secret": "An0therOne"}, auth=BASIC)
    answer = await house.client.post(ALL, json={"secret": "AThirdOne3"}, auth=BASIC)

    place = "api-errors/account/secret-management#add-excess-secret"
    detail = "Account reached maximum number [2] of allowed secrets"
    assert_problem(answer, 403, place, "Secret Addition Forbidden", detail)


@pytest.mark.parametrize("where", ["world", "account"])
async def test_the_third_secret_in_the_words_of_2020(house: House, where: str) -> None:
    """With the misspelling of the service; the era may be the account's alone."""
    if where == "world":
        await use_2020(house)
    else:
        await house.control("PATCH", f"accounts/{KEY}", {"profile": "2020"})
    await house.client.post(ALL, json={"secret": "An0therOne"}, auth=BASIC)
    answer = await house.client.post(ALL, json={"secret": "AThirdOne3"}, auth=BASIC)

    place = "api-errors/account/secret-management#maximum-secrets-allowed"
    detail = "This account has reached maximum number of '2' allowed secrets"
    assert_problem(answer, 403, place, "Maxmimum number of secrets already met", detail, base=NEXMO)


@pytest.mark.parametrize(
    ("content", "media"),
    [
        (b"", ""),
        (b"", "application/json"),
        (b"{", "application/json"),
        (b"[]", "application/json"),
        (b'"An0therOne"', "application/json"),
        (b"null", "application/json"),
        (b"\xff\xfe=", "application/json"),
        (b"{}", "application/json"),
        (b'{"secret":null}', "application/json"),
        (b'{"secret":["An0therOne"]}', "application/json"),
        (b'{"secret":{"An0ther":"One"}}', "application/json"),
        (b'{"Secret":"An0therOne"}', "application/json"),
        (b'{"secret":""}', "application/json"),
        (b'{"secret":"weak"}', "application/json"),
        (b"secret=weak", FORM),
        (b"secret=", FORM),
        (b"api_secret=An0therOne", FORM),
        (b"\xff", FORM),
    ],
)
@pytest.mark.parametrize("base", [VONAGE, NEXMO])
async def test_a_body_without_a_good_secret_is_refused(house: House, content: bytes, media: str, base: str) -> None:
    """Unreadable, absent, no text or weak: one and the same; also when two secrets are there already."""
    if base == NEXMO:
        await use_2020(house)
    await house.client.post(ALL, json={"secret": "An0therOne"}, auth=BASIC)
    headers = {"Content-Type": media} if media else {}

    answer = await house.client.post(f"{ALL}?secret=An0therOne", content=content, headers=headers, auth=BASIC)

    assert_problem(
        answer,
        400,
        "api-errors/account/secret-management#validation",
        "Bad Request",
        "The request failed due to validation errors",
        base=base,
        invalid_parameters=[{"name": "secret", "reason": "Does not meet complexity requirements"}],
    )


@pytest.mark.parametrize("media", ["", "text/plain", "application/xml", "multipart/form-data; boundary=x"])
@pytest.mark.parametrize("base", [VONAGE, NEXMO])
async def test_another_type_of_body_is_415(house: House, media: str, base: str) -> None:
    """Even when the secret in it would be good."""
    if base == NEXMO:
        await use_2020(house)
    headers = {"Content-Type": media} if media else {}

    answer = await house.client.post(ALL, content=b'{"secret":"An0therOne"}', headers=headers, auth=BASIC)

    detail = "Unsupported Content-Type header provided. Must be one of the following: 'application/json'"
    assert_problem(answer, 415, "api-errors#content-type-header", "Unsupported Content-Type header", detail, base=base)


@pytest.mark.parametrize(
    ("accept", "welcome"),
    [
        ("", True),
        ("*/*", True),
        ("application/json", True),
        ("Application/JSON; q=0.5", True),
        ("application/*", True),
        ("text/xml, application/json", True),
        ("text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2", True),
        ("application/xml", False),
        ("text/html", False),
        ("application/hal+json", False),
    ],
)
async def test_who_does_not_want_json_is_told_406(house: House, accept: str, welcome: bool) -> None:
    """There is nothing else."""
    answer = await house.client.get(ALL, headers={"Accept": accept}, auth=BASIC)
    if welcome:
        assert answer.status_code == 200
        return
    detail = "Invalid Accept header provided. Must be one of the following: 'application/json'"
    assert_problem(answer, 406, "api-errors#accept-header", "Invalid Accept header", detail)


@pytest.mark.parametrize("verb", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
@pytest.mark.parametrize(("path", "allowed"), [(ALL, "GET, POST"), (f"{ALL}/{NOBODY}", "GET, DELETE")])
async def test_other_verbs_are_405_before_credentials(house: House, path: str, allowed: str, verb: str) -> None:
    """With the verbs that the path takes."""
    answer = await house.client.request(verb, path)
    if verb in allowed.split(", "):
        assert answer.status_code == 401
        return
    assert answer.headers["allow"] == allowed
    detail = f"Request method '{verb}' not supported"
    assert_problem(answer, 405, "api-errors#wrong-verb", "Request method not allowed", detail)


@pytest.mark.parametrize("profile", ["current", "2020"])
@pytest.mark.parametrize("row", SecretRefusal)
def test_every_row_is_a_problem(row: SecretRefusal, profile: str) -> None:
    """Of the era's base URL, and complete; the rows for faults included."""
    known = PROBLEMS[row]
    said = problem(row, {"key": KEY, "id": NOBODY, "method": "PUT"}, profile, "trace")

    base = NEXMO if profile == "2020" and row is not SecretRefusal.THROTTLED else VONAGE
    assert said["type"].startswith(base)
    assert 400 <= known.status <= 500
    assert "{" not in said.get("detail", "")
    members = {"type", "title", "detail", "instance"}
    if row is SecretRefusal.SERVER_ERROR:
        members -= {"detail"}
    if row is SecretRefusal.INVALID_SECRET:
        members |= {"invalid_parameters"}
    assert set(said) == members
