"""The manners of the Numbers API: credentials, verbs, content types, XML, and the log. Source: numbers §1."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import NamedTuple

import httpx
import pytest

from tests.apis.numbers.desk import (
    AUTH,
    BUY,
    CANCEL,
    DONE,
    FREE,
    KEY,
    LIST,
    MINE,
    NO,
    NO_COUNTRY,
    NO_MSISDN,
    PROLOG,
    SEARCH,
    SECRET,
    THEIRS,
    UNAUTHORIZED,
    UPDATE,
    WRITES,
    XML,
    assert_answer,
    msisdns,
    number,
    open_desk,
    owned,
    post,
    requests,
)
from tests.house import House

GOOD = {"api_key": KEY, "api_secret": SECRET}
JSON = {"Content-Type": "application/json"}


@pytest.fixture
async def desk() -> AsyncIterator[House]:
    async with open_desk() as house:
        yield house


class Place(NamedTuple):
    """Where credentials stand in a request."""

    name: str
    query: Mapping[str, str] = {}
    form: Mapping[str, str] = {}
    basic: tuple[str, str] | None = None
    bearer: str = ""


def place_id(place: Place) -> str:
    return place.name


RIGHT = [
    Place("query", query=GOOD),
    Place("form", form=GOOD),
    Place("basic", basic=(KEY, SECRET)),
    Place("form over query", query={**GOOD, "api_secret": "wr0ngS3cret"}, form=GOOD),
    Place("parameters over a stale bearer", query=GOOD, bearer="eyJ0eXAi.e30.x"),
]
WRONG = [
    Place("nothing"),
    Place("no secret", query={"api_key": KEY}),
    Place("no key", query={"api_secret": SECRET}),
    Place("wrong secret", query={**GOOD, "api_secret": "wr0ngS3cret"}),
    Place("unknown key", query={**GOOD, "api_key": "eeee0000"}),
    Place("wrong basic", basic=(KEY, "wr0ngS3cret")),
    Place("bearer alone", bearer="eyJ0eXAi.e30.x"),
    Place("a wrong signature", query={"api_key": KEY, "sig": "0" * 32, "timestamp": "1772355600"}),
]


async def ask(house: House, path: str, place: Place, **more: str) -> httpx.Response:
    """A request with credentials in a place, that names a number to be bought."""
    auth = httpx.BasicAuth(*place.basic) if place.basic else None
    headers = {"Authorization": f"Bearer {place.bearer}"} if place.bearer else {}
    if path in WRITES:
        return await house.client.request(
            "POST", path, params=dict(place.query), data={**place.form, **more}, headers=headers, auth=auth
        )
    return await house.client.request("GET", path, params={**place.query, **more}, headers=headers, auth=auth)


@pytest.mark.parametrize("place", RIGHT, ids=place_id)
async def test_credentials_are_right_wherever_they_stand(desk: House, place: Place) -> None:
    """Of a place that a GET can have none of, the purchase speaks."""
    assert_answer(await ask(desk, BUY, place, country="GB", msisdn=FREE), 200, DONE)
    if not place.form:
        assert (await ask(desk, LIST, place)).status_code == 200


@pytest.mark.parametrize("path", [LIST, SEARCH, *WRITES])
@pytest.mark.parametrize("place", WRONG, ids=place_id)
async def test_wrong_credentials_are_one_refusal(desk: House, place: Place, path: str) -> None:
    """On every path, and before a parameter is missed: none is given here."""
    assert_answer(await ask(desk, path, place), 401, UNAUTHORIZED)


@pytest.mark.parametrize(
    ("path", "root"),
    [
        (LIST, "inbound-numbers"),
        (SEARCH, "inbound-numbers"),
        (BUY, "response"),
        (CANCEL, "response"),
        (UPDATE, "response"),
    ],
)
async def test_refusals_in_xml_keep_the_root(desk: House, path: str, root: str) -> None:
    """Of the lists the one, of the writes the other; source: numbers §2, account §1.3."""
    verb = "POST" if path in WRITES else "GET"

    answer = await desk.client.request(verb, path, headers=XML)

    inside = "<error-code>401</error-code><error-code-label>authentication failed</error-code-label>"
    assert_answer(answer, 401, f"{PROLOG}<{root}>{inside}</{root}>", "application/xml")


async def test_a_missing_parameter_in_xml(desk: House) -> None:
    """The names of that body keep their underscores."""
    answer = await desk.client.post(BUY, data={"msisdn": FREE}, auth=AUTH, headers=XML)

    inside = (
        "<type>BAD_REQUEST</type><error_title>Bad Request</error_title>"
        "<invalid_parameters><country>Is required.</country></invalid_parameters>"
    )
    assert_answer(answer, 400, f"{PROLOG}<response>{inside}</response>", "application/xml")


async def test_a_write_in_xml(desk: House) -> None:
    answer = await desk.client.post(BUY, data={"country": "GB", "msisdn": FREE}, auth=AUTH, headers=XML)

    inside = "<error-code>200</error-code><error-code-label>success</error-code-label>"
    assert_answer(answer, 200, f"{PROLOG}<response>{inside}</response>", "application/xml")


@pytest.mark.parametrize(
    ("accept", "is_xml"),
    [
        ("text/xml", True),
        ("Application/XML; q=0.9", True),
        ("application/json, application/xml", False),
        ("*/*", False),
        ("", False),
    ],
)
async def test_xml_is_for_those_who_want_it_first(desk: House, accept: str, is_xml: bool) -> None:
    """Everybody else gets JSON."""
    answer = await desk.client.post(CANCEL, auth=AUTH, headers={"Accept": accept})
    assert answer.headers["content-type"] == f"application/{'xml' if is_xml else 'json'};charset=UTF-8"


VERBS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


@pytest.mark.parametrize(
    ("path", "verb"),
    [
        (path, verb)
        for path in (LIST, SEARCH, *WRITES)
        for verb in VERBS
        if (verb == "POST") != (path in WRITES) or verb not in ("GET", "POST")
    ],
)
async def test_other_verbs_are_405_before_credentials(desk: House, path: str, verb: str) -> None:
    """With the verbs that the path takes; nothing is written down, and nothing bought by a GET."""
    answer = await desk.client.request(verb, path, params={**GOOD, "country": "GB", "msisdn": FREE})

    close = answer.headers.pop("connection", None)
    assert close == ("close" if verb == "DELETE" else None)
    assert answer.headers["allow"] == ("POST" if path in WRITES else "GET")
    assert_answer(answer, 405, '{"error-code":"405","error-code-label":"method not allowed"}')
    assert await requests(desk) == []
    assert msisdns(await owned(desk)) == [MINE]


@pytest.mark.parametrize("path", [f"{LIST}/", f"//{LIST}", f"{LIST}?"])
async def test_slashes_change_nothing(desk: House, path: str) -> None:
    """And never redirect."""
    assert msisdns((await desk.client.get(path, auth=AUTH)).json()) == [MINE]
    assert_answer(await post(desk, f"{BUY}/", msisdn=FREE), 200, DONE)


# ---------------------------------------------------------------------------------------------------- content types


async def test_everything_in_the_query_and_no_body(desk: House) -> None:
    """As the old Node library writes: POST, an empty body of length 0, all else in the query."""
    query = {**GOOD, "country": "GB", "msisdn": FREE}

    bought = await desk.client.post(BUY, params=query, content=b"")
    linked = await desk.client.post(UPDATE, params={**query, "moHttpUrl": "http://shop.test/in?a=b"}, headers=JSON)
    url = (await number(desk, FREE)).inbound_url
    cancelled = await desk.client.post(CANCEL, params=query)

    for answer in (bought, linked, cancelled):
        assert_answer(answer, 200, DONE)
    assert url == "http://shop.test/in?a=b"


JSON_LABELS = [
    "application/json",
    "application/json; charset=utf-8",
    "Application/JSON",
    "text/json",
    "text/javascript",
]


@pytest.mark.parametrize("label", JSON_LABELS)
@pytest.mark.parametrize("path", WRITES)
async def test_a_json_body_is_as_good_as_none(desk: House, path: str, label: str) -> None:
    """400 for the country, whatever stands in it or in the query; source: numbers §1.1 (A)."""
    body = f' {{"country":"GB","msisdn":"{MINE}"}}'

    answer = await desk.client.post(
        path, content=body, auth=AUTH, headers={"Content-Type": label}, params={"country": "GB", "msisdn": MINE}
    )

    assert_answer(answer, 400, NO_COUNTRY)
    assert (await requests(desk))[-1]["outcome"] == "400 Bad Request"
    assert msisdns(await owned(desk)) == [MINE]


async def test_json_with_wrong_credentials_is_401(desk: House) -> None:
    """Credentials come before parameters."""
    answer = await desk.client.post(BUY, json={"country": "GB", "msisdn": FREE}, auth=httpx.BasicAuth(KEY, "no"))
    assert_answer(answer, 401, UNAUTHORIZED)


@pytest.mark.parametrize("label", ["text/plain", "multipart/form-data; boundary=x"])
async def test_another_body_is_not_read(desk: House, label: str) -> None:
    """So nothing is there."""
    content = f"country=GB&msisdn={FREE}"
    answer = await desk.client.post(BUY, content=content, auth=AUTH, headers={"Content-Type": label})
    assert_answer(answer, 400, NO_COUNTRY)


@pytest.mark.parametrize("path", WRITES)
async def test_a_form_labelled_as_json_is_read_by_default(desk: House, path: str) -> None:
    """As the Python library 4 sends it after a JSON call; the log says what the service would do; source: §1.1 (A)."""
    msisdn = FREE if path == BUY else MINE
    content = f"country=GB&msisdn={msisdn}"

    answer = await desk.client.post(path, content=content, auth=AUTH, headers=JSON)

    assert_answer(answer, 200, DONE)
    [entry] = await requests(desk)
    assert (entry["about"], entry["outcome"]) == (
        msisdn,
        "a form labelled application/json was read; the service answers 420 method failed",
    )


@pytest.mark.parametrize("path", WRITES)
async def test_a_form_labelled_as_json_is_refused_where_that_is_wanted(path: str) -> None:
    """By a setting, as the service does; a right label is read."""
    async with open_desk(mislabelled_forms="faithful") as desk:
        msisdn = FREE if path == BUY else MINE
        content = f"country=GB&msisdn={msisdn}"

        wrong = await desk.client.post(path, content=content, auth=AUTH, headers=JSON)
        right = await post(desk, path, msisdn=msisdn)

        assert_answer(wrong, 420, NO)
        assert_answer(right, 200, DONE)
        assert [each["outcome"] for each in await requests(desk)] == ["420 method failed", None]


# ------------------------------------------------------------------------------------------------------- parameters


@pytest.mark.parametrize("path", WRITES)
@pytest.mark.parametrize(
    ("said", "body"),
    [
        ({"msisdn": FREE}, NO_COUNTRY),
        ({"country": "", "msisdn": FREE}, NO_COUNTRY),
        ({"country": "GB"}, NO_MSISDN),
        ({"country": "GB", "msisdn": ""}, NO_MSISDN),
        ({"country": "GB", "msisdn": "+"}, NO_MSISDN),
        ({}, NO_COUNTRY),
    ],
)
async def test_a_missing_parameter_is_named(desk: House, path: str, said: dict[str, str], body: str) -> None:
    """The country first; an empty one is missing; source: numbers §4 (A)."""
    assert_answer(await desk.client.post(path, data=said, auth=AUTH), 400, body)


@pytest.mark.parametrize("path", WRITES)
@pytest.mark.parametrize("spelling", ["+{}", " {}", "{}"])
async def test_number_and_country_are_read_leniently(desk: House, path: str, spelling: str) -> None:
    """A plus, escaped or not, and a country in small letters; source: numbers §2, §4 (D)."""
    msisdn = FREE if path == BUY else MINE
    said = {"country": "gb", "msisdn": spelling.format(msisdn)}

    assert_answer(await desk.client.post(path, data=said, auth=AUTH), 200, DONE)
    assert (await requests(desk))[-1]["about"] == msisdn


@pytest.mark.parametrize("path", WRITES)
async def test_a_sub_account_is_a_gap(desk: House, path: str) -> None:
    """The account's own key changes nothing; any other is 501, and nothing happens."""
    msisdn = FREE if path == BUY else MINE

    other = await post(desk, path, msisdn=msisdn, target_api_key="beef5678")
    before = await owned(desk)
    own = await post(desk, path, msisdn=msisdn, target_api_key=KEY)

    assert (other.status_code, other.json()["gap"]) == (501, "numbers of a sub-account (target_api_key)")
    assert msisdns(before) == [MINE]
    assert_answer(own, 200, DONE)


async def test_a_transfer_of_a_number_is_not_emulated(desk: House) -> None:
    """It belongs to the sub-accounts; source: numbers §1."""
    said = {"from": KEY, "to": "beef5678", "number": MINE, "country": "GB"}
    answer = await desk.client.post(f"/accounts/{KEY}/transfer-number", json=said, auth=AUTH)
    assert answer.status_code == 501
    assert (await number(desk)).account == "main"


async def test_requests_are_written_down_with_their_number(desk: House) -> None:
    """Refused ones too; lists are about none."""
    await post(desk, BUY, msisdn=FREE)
    await post(desk, CANCEL, msisdn=THEIRS)
    await owned(desk)

    assert [(each["operation"], each["status"], each["about"], each["outcome"]) for each in await requests(desk)] == [
        ("numbers.buy", 200, FREE, None),
        ("numbers.cancel", 420, THEIRS, "420 method failed"),
        ("numbers.list", 200, None, None),
    ]
