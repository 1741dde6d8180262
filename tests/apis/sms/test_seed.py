"""The library the service is told by: nexmo-go v0.8.1, request by request, byte by byte.

It sends JSON with the credentials in the body, numbers as numbers, zero values left out, no ``Accept``, and decodes
the answer of any 2xx into structs whose fields are all text: a JSON number in any of them is an error there.

Source: reference sms §16, first row (C).
"""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.house import House

# The fields of its SendSMSRequest in the order of the struct; only the credentials are always sent.
FIELDS = (
    "api_key",
    "api_secret",
    "from",
    "to",
    "type",
    "text",
    "status-report-req",
    "client-ref",
    "vcard",
    "vcal",
    "ttl",
    "callback",
    "message-class",
    "udh",
    "protocol-id",
    "body",
    "title",
    "url",
    "validity",
)
# The fields of its structs for the answer. All of them are Go strings.
TOP = {"message-count", "messages"}
MESSAGE = {
    "status",
    "message-id",
    "to",
    "client-ref",
    "remaining-balance",
    "message-price",
    "network",
    "error-text",
}


def go_json(value: str | int) -> str:
    """A value as Go's encoder writes it: brackets and ampersands escaped, other scripts as they are."""
    if isinstance(value, int):
        return str(value)
    text = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return '"' + text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e") + '"'


async def go_send(house: House, base: str = "http://127.0.0.1:6396/sms/", /, **fields: str | int) -> httpx.Response:
    """Send what the library would; dashes are written with two underscores."""
    given: dict[str, str | int] = {"api_key": "abcd1234", "api_secret": "s3cr3tS3cr3t"}
    given |= {name.rstrip("_").replace("__", "-"): value for name, value in fields.items()}
    assert set(given) <= set(FIELDS)
    members = [f'"{name}":{go_json(given[name])}' for name in FIELDS if name in given and given[name] not in ("", 0)]
    request = house.client.build_request(
        "POST",
        base + "json",
        content=("{" + ",".join(members) + "}\n").encode(),
        headers={
            "content-type": "application/json",
            "user-agent": "nexmo-go/beta Go/go1.14",
            "accept-encoding": "gzip",
        },
    )
    del request.headers["accept"]
    del request.headers["connection"]
    return await house.client.send(request)


def decoded(answer: httpx.Response) -> dict[str, Any]:
    """The answer as its structs take it; fails where Go's decoder would, or where something would be lost."""
    assert 200 <= answer.status_code <= 299, "the library answers anything else with an empty struct"
    read: dict[str, Any] = answer.json()
    assert set(read) == TOP
    assert isinstance(read["message-count"], str)
    assert isinstance(read["messages"], list)
    assert read["messages"], "programs read the first message without looking"
    for message in read["messages"]:
        assert set(message) <= MESSAGE | {"account-ref"}
        assert all(isinstance(value, str) for value in message.values())
    return read


def success(message_id: str, balance: str = "99.96670000", **more: str) -> dict[str, str]:
    """What the library reads of an accepted part."""
    return {
        "to": "447700900001",
        "message-id": message_id,
        "status": "0",
        "remaining-balance": balance,
        "message-price": "0.03330000",
        "network": "23410",
        **{name.replace("_", "-"): value for name, value in more.items()},
    }


async def newest(house: House) -> dict[str, Any]:
    """The newest message of the world."""
    message: dict[str, Any] = (await house.control("GET", "messages"))["items"][-1]
    return message


async def test_the_readme_example(house: House) -> None:
    """From, To and Text: status ``0`` as text."""
    answer = await go_send(
        house,
        from_="447700900000",
        to="447700900001",
        text="This message comes to you from Nexmo via Golang",
    )

    message = await newest(house)
    assert decoded(answer) == {"message-count": "1", "messages": [success(message["id"])]}
    assert message["text"] == "This message comes to you from Nexmo via Golang"
    assert answer.headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    "fields",
    [
        {"type": "text"},
        {"type": "unicode"},
        {"status__report__req": 1},
        {"ttl": 900_000},
        {"callback": "http://127.0.0.1:9/dlr?a=1&b=2"},
        {"message__class": 1},
        {"message__class": 2, "type": "unicode", "ttl": 20_000, "status__report__req": 1},
        # Fields of other types beside a text: they are sent and mean nothing.
        {"udh": "050003010201", "protocol__id": 65, "body": "00"},
        {"title": "Shop", "url": "http://shop.test", "validity": 86_400_000},
        {"vcard": "BEGIN:VCARD", "vcal": "BEGIN:VCALENDAR"},
        # What Go leaves out because it is zero.
        {"status__report__req": 0, "message__class": 0, "ttl": 0, "protocol__id": 0, "client__ref": ""},
    ],
    ids="-".join,
)
async def test_every_field_of_a_text_is_taken(house: House, fields: dict[str, str | int]) -> None:
    """Numbers as JSON numbers; the answer is all text."""
    answer = await go_send(house, from_="Acme", to="447700900001", text="Hi", **fields)

    assert decoded(answer) == {"message-count": "1", "messages": [success((await newest(house))["id"])]}


async def test_a_reference_comes_back(house: House) -> None:
    """With what Go escapes in it."""
    ref = 'a&b <c> "d" \\ é'
    answer = await go_send(house, from_="Acme", to="447700900001", text="<&>\n", client__ref=ref)

    message = await newest(house)
    assert decoded(answer)["messages"] == [success(message["id"], client_ref=ref)]
    assert message["text"] == "<&>\n"


async def test_a_long_text_has_several_messages(house: House) -> None:
    """The count is text too, and the balance falls."""
    answer = await go_send(house, from_="Acme", to="447700900001", text="ż" * 71, type="unicode")

    first, second = (await newest(house))["ids"]
    assert decoded(answer) == {"message-count": "2", "messages": [success(first), success(second, "99.93340000")]}


@pytest.mark.parametrize(
    ("fields", "element"),
    [
        ({"to": ""}, {"status": "2", "error-text": "Missing to param"}),
        ({"from_": ""}, {"status": "2", "error-text": "Missing from param"}),
        ({"text": ""}, {"status": "2", "error-text": "Missing Message Text"}),
        ({"api_key": "nobody00"}, {"status": "4", "error-text": "Bad Credentials"}),
        ({"api_secret": "wrong"}, {"status": "4", "error-text": "Bad Credentials"}),
        ({"ttl": 1}, {"status": "16", "error-text": "value for ttl field out of range"}),
        ({"ttl": -5}, {"status": "16", "error-text": "value for ttl field out of range"}),
        ({"message__class": 9}, {"status": "20", "error-text": "Invalid Message class"}),
        ({"callback": "shop.test"}, {"status": "23", "error-text": "Bad callback :: Missing Protocol"}),
        ({"to": "0"}, {"to": "0", "status": "6", "error-text": "Unroutable message - rejected"}),
    ],
)
async def test_a_refusal_is_a_message_with_a_status(
    house: House, fields: dict[str, str | int], element: dict[str, str]
) -> None:
    """HTTP 200 and one element, never an empty list: programs read the first message without looking."""
    good: dict[str, str | int] = {"from_": "Acme", "to": "447700900001", "text": "Hi"}

    answer = await go_send(house, **good | fields)

    assert answer.status_code == 200
    assert decoded(answer) == {"message-count": "1", "messages": [element]}


async def test_empty_credentials_are_missing_ones(house: House) -> None:
    """The library always sends both names, empty when nobody set them."""
    body = b'{"api_key":"","api_secret":"","from":"Acme","to":"447700900001","text":"Hi"}\n'

    answer = await house.client.post("/sms/json", content=body, headers={"content-type": "application/json"})

    assert decoded(answer) == {"message-count": "1", "messages": [{"status": "2", "error-text": "Missing api_key"}]}


async def test_no_credit_is_all_text(house: House) -> None:
    """The figures of status 9 too."""
    await house.control("PATCH", "accounts/abcd1234", {"balance": "0.01 EUR"})

    answer = await go_send(house, from_="Acme", to="447700900001", text="Hi")

    assert decoded(answer)["messages"] == [
        {
            "to": "447700900001",
            "status": "9",
            "error-text": "Quota Exceeded - rejected",
            "remaining-balance": "0.01000000",
            "message-price": "0.03330000",
            "network": "23410",
        }
    ]


async def test_a_base_url_may_end_with_two_slashes(house: House) -> None:
    """Its base URL needs a slash at the end, and people write one too many."""
    answer = await go_send(house, "http://127.0.0.1:6396/sms//", from_="Acme", to="447700900001", text="Hi")

    assert decoded(answer)["messages"][0]["status"] == "0"


@pytest.mark.parametrize(
    ("fields", "extra"),
    [
        (
            {"type": "binary", "body": "0011223aff", "udh": "06050415811581", "protocol__id": 65},
            {"body": "0011223AFF", "udh": "06050415811581", "protocol_id": 65},
        ),
        # Go leaves a protocol id of zero out.
        (
            {"type": "binary", "body": "00", "protocol__id": 0},
            {"body": "00", "udh": "", "protocol_id": 0},
        ),
        (
            {"type": "wappush", "title": "Shop & more", "url": "http://shop.test/?a=1&b=2", "validity": 86_400_000},
            {"title": "Shop & more", "url": "http://shop.test/?a=1&b=2", "validity": 86_400_000},
        ),
        (
            {"type": "vcard", "vcard": "BEGIN:VCARD\nFN:Ann\nEND:VCARD"},
            {"vcard": "BEGIN:VCARD\nFN:Ann\nEND:VCARD"},
        ),
        ({"type": "vcal", "vcal": "BEGIN:VCALENDAR\nEND:VCALENDAR"}, {"vcal": "BEGIN:VCALENDAR\nEND:VCALENDAR"}),
    ],
    ids=lambda value: str(value.get("type", "")),
)
async def test_every_type_is_taken(house: House, fields: dict[str, str | int], extra: dict[str, str | int]) -> None:
    """Numbers as JSON numbers; what the type carries is kept."""
    answer = await go_send(house, from_="Acme", to="447700900001", **fields)

    message = await newest(house)
    assert decoded(answer) == {"message-count": "1", "messages": [success(message["id"])]}
    assert (message["type"], message["text"], message["extra"]) == (fields["type"], "", extra)
