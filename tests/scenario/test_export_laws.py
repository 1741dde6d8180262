"""The law of exports: whatever became of a world, its export loads, and the world made from it exports the same."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.house import House, open_house

SAID: dict[str, Any] = {
    "scenario": "shop",
    "seed": 42,
    "clock": {"start": "2026-03-01T09:00:00Z", "mode": "manual"},
    "world": {
        "accounts": {"main": {"api_key": "abcd1234", "api_secret": "s3cr3tS3cr3t"}},
        "applications": {"ivr": {"account": "main"}, "chat": {"account": "main"}},
        "numbers": {"447700900000": {"account": "main", "country": "GB", "application": "ivr"}},
    },
    "handsets": {
        "alice": {"number": "447700900601", "submission": {"answer": "throttled", "calls": "2..3"}},
        "bob": {"number": "447700900602", "receipts": {"after": "2s"}, "on_sms": [{"reply": "{{hi}"}]},
        "crowd": {"range": "447700900700..447700900799", "mix": {"answers": "90%", "unreachable": "10%"}},
    },
    "faults": {
        "some": {"target": "sms.send", "to": "alice", "calls": "2..4", "answer": "barred"},
        "soon": {"target": "sms.send", "starts": "30s", "for": "1m", "answer": "throttled"},
        "armed": {"target": "insight.*", "chance": "5%", "answer": {"http": 503, "retry_after": "2s"}},
    },
    "timeline": [
        {"at": "20s", "handset": "bob", "send_sms": {"to": "447700900000", "text": "JOIN"}},
        {"at": "+20s", "handset": "alice", "do": "power_off"},
        {"when": "message.delivered", "to": "bob", "after": "15s", "fault": "armed", "do": "arm"},
        {"at": "+10s", "fault": "armed", "do": "disarm"},
        {"at": "1m", "account": "main", "set": {"balance": "1 EUR"}},
        {"at": "2m", "fault": "some", "do": "disarm"},
    ],
    "expect": [
        {"message": {"to": "alice"}, "as": "first"},
        {"request": {"fault": "some"}, "as": "barred"},
        {"request": {"fault": "soon"}},
        {"webhook": {"kind": "receipt", "about": "first"}},
        {"order": ["first", "barred"]},
        {"never": {"call": {"to": "bob"}}},
    ],
    "ends": "1h",
}
KEYS = {"api_key": "abcd1234", "api_secret": "s3cr3tS3cr3t"}
ACTS: dict[str, tuple[str, str, Any]] = {
    "send": ("POST", "/sms/json", {**KEYS, "from": "Shop", "to": "447700900601", "text": "Hi"}),
    "send to bob": ("POST", "/sms/json", {**KEYS, "from": "447700900000", "to": "447700900602", "text": "Hi"}),
    "buy": ("POST", "/number/buy", {**KEYS, "country": "GB", "msisdn": "447700900600"}),
    "cancel": ("POST", "/number/cancel", {**KEYS, "country": "GB", "msisdn": "447700900000"}),
    "advance": ("POST", "clock/advance", {"by": "17s"}),
    "advance far": ("POST", "clock/advance", {"by": "1h1m"}),
    "run": ("PUT", "clock", {"mode": "x60"}),
    "account": (
        "PATCH",
        "accounts/abcd1234",
        {"balance": "unlimited", "code": "1234", "profile": "2020", "limits": {"sms": "5/s"}, "auto_reload": True},
    ),
    "spent": ("PATCH", "accounts/abcd1234", {"balance": "0.01 EUR", "api_secrets": ["An0therSecret", "Y3tAnother"]}),
    "settings": ("PATCH", "settings", {"code_form": {"url": "http://127.0.0.1:9/", "form": {"code": "{code}"}}}),
    "number": ("PATCH", "numbers/447700900000", {"voice": {"type": "tel", "value": "447700900603"}, "cost": "1 EUR"}),
    "key": ("PATCH", "applications/IVR", {"keys": "generate"}),
    "voice": ("PATCH", "applications/CHAT", {"voice": {"answer_url": "http://127.0.0.1:9/{app}"}}),
    "power": ("POST", "handsets/alice/power", {"on": False}),
    "port": ("POST", "handsets/bob/port", {"network": "23499"}),
    "roam": ("POST", "handsets/alice/roam", {"to": "FR"}),
    "undeclared": ("POST", "handsets/447700900690/power", {"on": False}),
    "declare": ("PUT", "handsets/dora", {"number": "447700900691", "on_sms": [{"reply": "a"}, {"ignore": True}]}),
    "rename": ("PUT", "handsets/alice", {"number": "447700900692", "on_code": [{"submit": {"form": {"a": "{code}"}}}]}),
    "crowd": ("PUT", "handsets/more", {"range": "447700900710..447700900719", "like": "busy"}),
    "call": ("PUT", "handsets/bob", {"on_call": [{"answer": {"after": "3s"}}, {"say": "{b}"}], "machine": {}}),
    "arm": (
        "POST",
        "faults",
        {"name": "own.one", "target": "webhook.receipt", "to": "bob", "delay": "3s", "repeat": 2},
    ),
    "arm all": ("POST", "faults", {"name": "all", "target": "*", "every": 3, "answer": "server_error"}),
    "arm some": ("POST", "faults", {"name": "never", "target": "sms.send", "call": 1, "answer": "barred"}),
    "disarm": ("DELETE", "faults/some", None),
    "own bob": ("OWN", "447700900602", None),
    "delete": ("DELETE APPLICATION", "", None),
}


async def do(house: House, act: str) -> None:
    """Do one thing; what cannot be done any more is let pass."""
    method, path, content = ACTS[act]
    if method == "OWN":
        from fake_nexmo.core.change import Change, Claim
        from fake_nexmo.core.records import Number

        if await house.store.get("default", Number, path) is None:
            owned = Change(
                put=(Number(id=path, account="main", country="GB"),), claims=(Claim(f"number/{path}", "main"),)
            )
            await house.store.commit("default", (await house.store.peek("default")).epoch, owned)
        return
    ids = {each["name"]: each["id"] for each in (await house.control("GET", ""))["applications"]}
    if method == "DELETE APPLICATION":
        if "ivr" in ids:
            auth = (KEYS["api_key"], KEYS["api_secret"])
            answer = await house.client.delete(f"/v2/applications/{ids['ivr']}", auth=auth)
            assert answer.status_code in {204, 401, 500, 503}, answer.text
        return
    for name in ("ivr", "chat"):
        path = path.replace(name.upper(), ids.get(name, "gone"))
    if path.startswith("/"):
        await house.client.post(path, data=content)
    else:
        await house.client.request(method, f"/_fake/worlds/default/{path}", json=content)


async def exported(house: House) -> str:
    answer = await house.client.get("/_fake/worlds/default/scenario?format=yaml")
    assert answer.status_code == 200, answer.text
    return answer.text


async def twice(said: Mapping[str, Any], acts: list[str]) -> tuple[str, str]:
    """The export of a world after acts, and that of a fresh world that was put to it."""
    async with open_house() as house, open_house(seed=7) as other:
        await house.control("PUT", "scenario", said)
        for act in acts:
            await do(house, act)
        first = await exported(house)
        document = await house.control("GET", "scenario")
        await other.control("PUT", "scenario", document)
        other.wall = house.wall
        return first, await exported(other)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sampled_from(sorted(ACTS)), max_size=8))
@example(sorted(ACTS))
@example(["send", "send", "send", "advance", "advance", "send"])
@example(["own bob", "disarm", "advance far"])
def test_the_export_of_an_export_is_the_same(acts: list[str]) -> None:
    """Word by word, whatever was done."""
    first, second = asyncio.run(twice(SAID, acts))
    assert second == first
