"""Every Insight request of nexmo-go v0.8.1 as it goes on the wire, and the answers by the types of its structs."""

from __future__ import annotations

from typing import Any

import pytest

from tests.house import House

CREDENTIALS = {"api_key": "abcd1234", "api_secret": "s3cr3tS3cr3t"}
# JSON names and types of the library's structs.
BASIC: dict[str, type] = {
    "status": int,
    "status_message": str,
    "error_text": str,
    "request_id": str,
    "international_format_number": str,
    "national_format_number": str,
    "country_code": str,
    "country_code_iso3": str,
    "country_name": str,
    "country_prefix": str,
}
STANDARD: dict[str, type] = {
    **BASIC,
    "request_price": str,
    "refund_price": str,
    "remaining_balance": str,
    "ported": str,
    "current_carrier": dict,
    "original_carrier": dict,
    "caller_name": str,
    "last_name": str,
    "first_name": str,
    "caller_type": str,
}
ADVANCED: dict[str, type] = {
    **STANDARD,
    "valid_number": str,
    "reachable": str,
    "roaming": dict,
    "lookup_outcome": int,
    "lookup_outcome_message": str,
    "ip": str,
    "ip_warnings": str,
    "ip_match_level": str,
    "ip_country": str,
}
STRUCTS = {"basic": BASIC, "standard": STANDARD, "advanced": ADVANCED}
INSIDE = {
    "current_carrier": ("network_code", "name", "country", "network_type"),
    "original_carrier": ("network_code", "name", "country", "network_type"),
    "roaming": ("status", "roaming_country_code", "roaming_network_code", "roaming_network_name"),
}
REQUESTS: list[tuple[str, dict[str, Any]]] = [
    ("basic", {"number": "447700900123"}),
    ("basic", {"number": "07700 900123", "country": "GB"}),
    ("standard", {"number": "447700900123"}),
    ("standard", {"number": "07700 900123", "country": "GB", "cnam": True}),
    ("standard", {"number": "14155550123", "cnam": True}),
    ("advanced", {"number": "447700900123"}),
    ("advanced", {"number": "4155550123", "country": "US", "cnam": True, "ip": "192.0.2.1"}),
    ("advanced", {"number": "442079460123"}),
    ("advanced", {"number": "447700900008"}),
    ("advanced", {"number": "447700900009"}),
    ("advanced", {"number": "447700900017", "ip": "192.0.2.1"}),
    ("advanced", {"number": "12015550123"}),
    ("advanced", {"number": "33639980123"}),
]
CALLER = {"type": "consumer", "first_name": "Ada", "last_name": "Byron"}


async def ask(house: House, path: str, **params: Any) -> dict[str, Any]:
    """As the library asks: POST, everything in a JSON body."""
    answer = await house.client.post(path, json={**CREDENTIALS, **params})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    read: dict[str, Any] = answer.json()
    return read


@pytest.mark.parametrize("tail", ["", "/"])
@pytest.mark.parametrize("profile", ["current", "2020"])
@pytest.mark.parametrize(("level", "params"), REQUESTS)
async def test_every_request_decodes_into_the_librarys_struct(
    house: House, level: str, params: dict[str, Any], profile: str, tail: str
) -> None:
    """No member has another type than the field of its name; what it counts as success is one."""
    await house.control("PATCH", "settings", {"profile": profile})
    await house.control("PUT", "handsets/14155550123", {"caller": CALLER})

    answer = await ask(house, f"/ni/{level}/json{tail}", **params)

    struct = STRUCTS[level]
    for name, kind in struct.items():
        if name in answer:
            assert type(answer[name]) is kind, name
    for name, members in INSIDE.items():
        assert answer.get(name, {}).keys() <= set(members)
        assert all(isinstance(each, str) for each in answer.get(name, {}).values())
    assert answer["status"] in (0, 43, 44, 45)
    beyond = {"caller_identity"} if params.get("cnam") else set()
    assert answer.keys() - struct.keys() == beyond | ({"roaming"} & answer.keys() - struct.keys())
    must = [name for name in struct if name not in OPTIONAL]
    assert [name for name in must if name not in answer] == []
    if params.get("cnam") and "55" in params["number"]:
        assert [answer[name] for name in ("caller_name", "last_name", "first_name", "caller_type")] == [
            "Ada Byron",
            "Byron",
            "Ada",
            "consumer",
        ]


OPTIONAL = {
    *("error_text", "refund_price", "caller_name", "last_name", "first_name", "caller_type"),
    *("ip", "ip_warnings", "ip_match_level", "ip_country"),
}


@pytest.mark.parametrize("level", ["basic", "standard", "advanced"])
async def test_errors_are_what_the_library_prints(house: House, level: str) -> None:
    """A status other than 0 and 43 to 45, and its text in ``status_message``; never another HTTP status."""
    wrong = await ask(house, f"/ni/{level}/json", number="447700900123", api_secret="wr0ngS3cret")
    nonsense = await ask(house, f"/ni/{level}/json", number="07700900123")
    empty = await ask(house, f"/ni/{level}/json")

    assert wrong == {"status": 4, "status_message": "Invalid credentials"}
    text = "Invalid request :: Not valid number format detected [ 07700900123 ]"
    assert nonsense == {"status": 3, "status_message": text}
    assert empty["status"] == 3
