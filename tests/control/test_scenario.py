"""Scenarios through the control API: a world is made from one, put back to one, and exported as one."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from fake_nexmo.core.change import Change
from fake_nexmo.core.records import Number
from fake_nexmo.keys.pool import key_pair
from fake_nexmo.scenario.document import Document
from fake_nexmo.scenario.load import load_object, load_text
from tests.house import House
from tests.scenario.example import EXAMPLE, NAMES

DAY: dict[str, Any] = {
    "scenario": "a day",
    "seed": 7,
    "clock": {"start": "2026-03-01T09:00:00Z", "mode": "manual"},
    "vars": {"offer": "An offer"},
    "world": {
        "settings": {"profile": "2020"},
        "accounts": {
            "shop": {"api_key": "shop0001", "api_secret": "s3cr3tS3cr3tA", "balance": "1.00 EUR"},
            "other": {},
        },
        "applications": {"ivr": {"account": "shop"}},
        "numbers": {"447700900500": {"account": "shop", "country": "GB", "application": "ivr"}},
    },
    "handsets": {
        "alice": {"number": "+447700900601", "receipts": {"after": "2s"}},
        "447700900602": {"like": "unreachable"},
        "crowd": {"range": "447700900700..447700900799", "mix": {"unreachable": "100%"}},
    },
    "faults": {
        "throttled": {"target": "sms.send", "account": "shop", "to": "alice", "call": 1, "answer": "throttled"},
        "later": {"target": "sms.send", "starts": "1h", "for": "1h", "answer": "barred"},
    },
}


async def make(house: House, scenario: Any, status: int = 201, **more: Any) -> Any:
    return await house.control("POST", "/worlds", {"name": "w", "scenario": scenario, **more}, status)


async def send(house: House, to: str) -> str:
    params = {"api_key": "shop0001", "api_secret": "s3cr3tS3cr3tA", "from": "Shop", "to": to, "text": "Hi"}
    answer = await house.client.post("/sms/json", data=params)
    status: str = answer.json()["messages"][0]["status"]
    return status


async def test_a_world_is_made_from_an_object(house: House) -> None:
    """It answers what it drew."""
    made = await make(house, DAY)

    assert (made["world"], made["seed"], made["replaced"]) == ("w", 7, [])
    assert [each["name"] for each in made["accounts"]] == ["shop", "other"]
    assert made["accounts"][0]["api_key"] == "shop0001"
    assert [each["name"] for each in made["applications"]] == ["ivr"]
    world = await house.control("GET", "/worlds/w")
    assert world["clock"] == {"mode": "manual", "now": "2026-03-01T09:00:00.000Z", "advancing": False}
    assert world["numbers"] == ["447700900500"]
    assert (await house.control("GET", "/worlds/w/settings"))["profile"] == "2020"


async def test_its_people_and_its_weather_are_there(house: House) -> None:
    """Declared phones, crowds, and faults in their order."""
    await make(house, DAY)

    assert (await house.control("GET", "/worlds/w/handsets/alice"))["number"] == "447700900601"
    assert (await house.control("GET", "/worlds/w/handsets/447700900602"))["like"] == "unreachable"
    assert (await house.control("GET", "/worlds/w/handsets/crowd"))["mix"] == {"unreachable": 1.0}
    faults = (await house.control("GET", "/worlds/w/faults"))["items"]
    assert [(each["name"], each.get("to")) for each in faults] == [("throttled", "447700900601"), ("later", None)]
    assert [await send(house, "447700900601") for _ in range(2)] == ["1", "0"]
    assert await send(house, "447700900701") == "0"
    await house.control("POST", "/worlds/w/clock/advance", {"by": "2s"})
    messages = (await house.control("GET", "/worlds/w/messages"))["items"]
    assert [each["status"] for each in messages] == ["delivered", "failed"]
    await house.control("POST", "/worlds/w/clock/advance", {"by": "1h"})
    assert await send(house, "447700900601") == "7"


async def test_what_the_request_says_wins(house: House) -> None:
    """Seed and clock; variables are filled in."""
    named = {**DAY, "scenario": "{offer}"}

    made = await make(house, named, seed=8, clock={"mode": "x60", "start": "2027-01-01T00:00:00Z"}, vars={"offer": 5})

    assert made["seed"] == 8
    clock = await house.control("GET", "/worlds/w/clock")
    assert (clock["mode"], clock["now"]) == ("x60", "2027-01-01T00:00:00.000Z")
    assert (await house.control("GET", "/worlds/w/scenario"))["scenario"] == "5"


async def test_a_world_is_made_from_the_library(house: House) -> None:
    """By name; beside the world that has its credentials, they are drawn."""
    made = await make(house, "bad-day")

    assert (made["seed"], made["replaced"]) == (42, ["abcd1234"])
    faults = (await house.control("GET", "/worlds/w/faults"))["items"]
    assert [each["name"] for each in faults] == ["throttled", "flaky", "slow", "twice", "outage"]
    account = made["accounts"][0]
    params = {"api_key": account["api_key"], "api_secret": account["api_secret"], "from": "Shop", "text": "Hi"}
    answers = [await house.client.post("/sms/json", data={**params, "to": "447700900101"}) for _ in range(3)]
    assert [each.json()["messages"][0]["status"] for each in answers] == ["1", "1", "0"]
    await house.control("POST", "/worlds/w/clock/advance", {"by": "5m"})
    late = await house.client.post("/sms/json", data={**params, "to": "447700900102"})
    await house.control("POST", "/worlds/w/clock/advance", {"by": "2s"})
    statuses = [each["status"] for each in (await house.control("GET", "/worlds/w/messages"))["items"]]
    assert (late.json()["messages"][0]["network"], statuses) == ("23410", ["delivered", "failed"])


def _example() -> Any:
    from fake_nexmo.scenario.nodes import plain_value
    from fake_nexmo.scenario.reading import read

    return plain_value(read(EXAMPLE, "example", "yaml"))


REFUSED: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "flaws": (
        {"scenario": {"seeed": 1, "world": {"accounts": {"main": {"balance": "much"}}}}},
        {
            "type": "broken-scenario",
            "detail": "seeed: 'seeed' is not known here; did you mean 'seed'?\n"
            'world.accounts.main.balance: "much" is not an amount of money: write it like "100.00 EUR" or "0.0412"',
            "flaws": [
                {"path": "seeed", "what": "'seeed' is not known here; did you mean 'seed'?"},
                {
                    "path": "world.accounts.main.balance",
                    "what": '"much" is not an amount of money: write it like "100.00 EUR" or "0.0412"',
                },
            ],
        },
    ),
    "library": (
        {"scenario": "defautl"},
        {"detail": "scenario: the library has no scenario 'defautl'; did you mean 'default'?", "path": "scenario"},
    ),
    "vars alone": ({"vars": {"a": 1}}, {"detail": "vars: variables go with a scenario", "path": "vars"}),
    "vars of a table": (
        {"scenario": {}, "vars": {"a": {}}},
        {"detail": "vars.a: {} is no value for a variable; it is a text or a number", "path": "vars.a"},
    ),
    "unused": (
        {"scenario": {}, "vars": {"a": "1"}},
        {
            "detail": "vars.a: nothing in the scenario uses 'a'; there are none",
            "flaws": [{"path": "vars.a", "what": "nothing in the scenario uses 'a'; there are none"}],
        },
    ),
    "a past fault": (
        {"scenario": {"faults": {"a": {"target": "sms.send", "until": "2020-01-01T00:00:00Z"}}}},
        {"detail": "until: it ends before it starts, so it can never act"},
    ),
}


@pytest.mark.parametrize("case", REFUSED)
async def test_what_cannot_be_makes_no_world(house: House, case: str) -> None:
    """Everything that is wrong is said."""
    body, said = REFUSED[case]

    answer = await house.control("POST", "/worlds", body, 422)

    assert {name: answer.get(name) for name in said if name != "type"} == {
        name: value for name, value in said.items() if name != "type"
    }
    assert (await house.control("GET", "/health"))["worlds"] == ["default"]


async def test_a_credential_may_be_kept(house: House) -> None:
    """Or the world is not made."""
    scenario = {"world": {"accounts": {"a": {"api_key": "abcd1234"}}}}

    answer = await make(house, scenario, 409, credentials="keep")

    assert answer["detail"] == "accounts.a.api_key: 'abcd1234' belongs to another world that is live"


# Export.


async def test_a_live_world_is_exported(house: House) -> None:
    """As it is at this moment, in a document that loads."""
    await make(house, DAY)
    assert await send(house, "447700900601") == "1"
    assert await send(house, "447700900601") == "0"
    await house.control("POST", "/worlds/w/clock/advance", {"by": "10m"})
    await house.control("POST", "/worlds/w/handsets/bob/power", {"on": False}, 404)
    await house.control("POST", "/worlds/w/handsets/447700900603/power", {"on": False})

    said = await house.control("GET", "/worlds/w/scenario")

    assert (said["scenario"], said["seed"], said["clock"]) == (
        "a day",
        7,
        {"start": "2026-03-01T09:10:00.000Z", "mode": "manual"},
    )
    assert said["world"]["accounts"]["shop"]["balance"] == "0.9667 EUR"
    assert said["world"]["applications"]["ivr"]["keys"] == "generate"
    assert list(said["handsets"]) == ["alice", "447700900602", "447700900603", "crowd"]
    assert said["handsets"]["447700900603"] == {"number": "447700900603", "like": "answers", "power": False}
    # The one call of the other fault was taken.
    assert said["faults"] == {
        "later": {
            "target": "sms.send",
            "effect": "none",
            "answer": "barred",
            "starts": "50m",
            "until": "2026-03-01T11:00:00.000Z",
        },
    }
    load_object(said, NAMES)


async def test_calls_and_submissions_that_were_taken_are_exported_no_more(house: House) -> None:
    """Only those that are left: of a fault, and of a phone that refuses some."""
    await make(
        house,
        {
            "world": DAY["world"],
            "handsets": {
                "alice": {"number": "447700900601", "submission": {"answer": "throttled", "calls": "1..1"}},
                "bob": {"number": "447700900602", "submission": {"answer": "throttled", "calls": "2..4"}},
            },
            "faults": {
                "first": {"target": "sms.send", "to": "447700900603", "calls": "2..3", "answer": "barred"},
                "all": {"target": "sms.send", "to": "447700900604", "calls": "2..", "answer": "barred"},
            },
        },
    )
    for to in ("447700900601", "447700900602", "447700900602", "447700900603", "447700900604", "447700900604"):
        await send(house, to)

    said = await house.control("GET", "/worlds/w/scenario")

    assert said["handsets"] == {
        "alice": {"number": "447700900601", "like": "answers"},
        "bob": {"number": "447700900602", "like": "answers", "submission": {"answer": "throttled", "calls": "1..2"}},
    }
    assert {name: each.get("calls") for name, each in said["faults"].items()} == {"first": "1..2", "all": None}


@pytest.mark.parametrize(("kind", "media"), [("yaml", "application/yaml"), ("toml", "application/toml")])
async def test_an_export_has_a_format(house: House, kind: str, media: str) -> None:
    """The same document in each."""
    await make(house, DAY)
    expected = load_object(await house.control("GET", "/worlds/w/scenario"), NAMES)

    answer = await house.client.get(f"/_fake/worlds/w/scenario?format={kind}")

    assert (answer.status_code, answer.headers["content-type"]) == (200, media)
    assert load_text(answer.text, kind, NAMES) == expected


async def test_no_other_format(house: House) -> None:
    """It is refused."""
    answer = await house.control("GET", "scenario?format=xml", status=422)

    assert answer["detail"] == "format: no format is called 'xml'; there are json, yaml, toml"


async def test_a_world_with_a_clock_that_runs_is_exported_without_an_instant(house: House) -> None:
    """It would only stand still in the file."""
    await make(house, {"clock": {"mode": "x60"}})

    assert (await house.control("GET", "/worlds/w/scenario"))["clock"] == {"mode": "x60"}


async def test_faults_that_are_over_and_such_that_answer_by_status_are_exported(house: House) -> None:
    """The former not at all."""
    await make(
        house,
        {
            "clock": {"mode": "manual"},
            "faults": {
                "over": {"target": "sms.send", "for": "1m"},
                "http": {"target": "insight.*", "chance": "50%", "answer": {"http": 503, "retry_after": "2s"}},
                "slow": {"target": "verify.check", "delay": {"median": "1s", "p99": "4s"}},
                "out": {"target": "network.23410", "receipts": {"status": "failed", "after": "3s"}},
                "late": {"target": "webhook.receipt", "delay": "3s", "repeat": 2, "gap": "1s"},
            },
        },
    )
    await house.control("POST", "/worlds/w/clock/advance", {"by": "1m"})

    assert (await house.control("GET", "/worlds/w/scenario"))["faults"] == {
        "http": {
            "target": "insight.*",
            "chance": "0.5",
            "effect": "none",
            "answer": {"http": 503, "retry_after": "2s"},
        },
        "slow": {"target": "verify.check", "effect": "applied", "delay": {"median": "1s", "p99": "4s"}},
        "out": {"target": "network.23410", "receipts": {"after": "3s", "status": "failed", "err_code": "1"}},
        "late": {"target": "webhook.receipt", "delay": "3s", "repeat": 2, "gap": "1s"},
    }


async def test_a_phone_whose_number_was_bought_is_exported_no_more(house: House) -> None:
    """An owned number is never a person."""
    number, country = "447700900555", "GB"
    await house.control("POST", f"handsets/{number}/power", {"on": False})
    await house.store.commit("default", (await house.store.peek("default")).epoch, _owned(number, country))

    said = await house.control("GET", "scenario")

    assert (number in said["world"]["numbers"], "handsets" in said) == (True, False)
    load_object(said, NAMES)


def _owned(number: str, country: str) -> Change:
    return Change(put=(Number(id=number, account="main", country=country),))


async def test_the_script_of_a_world_is_exported_too(house: House) -> None:
    """Networks, timeline, expectations and strictness, also of a fork."""
    await make(house, _example())
    await house.control("POST", "/worlds/w/fork", {"name": "f"}, 201)
    example = load_text(EXAMPLE, "yaml", NAMES)

    for name in ("w", "f"):
        read = load_object(await house.control("GET", f"/worlds/{name}/scenario"), NAMES)
        assert read.world.networks == example.world.networks
        assert (read.timeline, read.expect, read.strict) == (example.timeline, example.expect, example.strict)


async def test_an_application_with_a_key_of_its_own_is_exported_with_it(house: House) -> None:
    """Only one that the seed draws again says so."""
    public = key_pair(3, 5).public
    await make(house, {"world": {"applications": {"a": {"account": "main", "public_key": public}}}})

    said = (await house.control("GET", "/worlds/w/scenario"))["world"]["applications"]

    assert said["a"]["public_key"] == public
    assert said["main"]["keys"] == "generate"


# Loading into a world that is there.


async def test_a_world_is_put_back_to_a_scenario(house: House) -> None:
    """Its log is empty, its credentials are those of the scenario, and what was armed is gone."""
    await house.send()
    made = await make(house, {**DAY, "world": {**DAY["world"], "settings": {}}})

    again = await house.control("PUT", "/worlds/w/scenario", DAY)

    assert again == {**made, "replaced": []}
    assert (await house.control("GET", "/worlds/w/settings"))["profile"] == "2020"
    await send(house, "447700900701")
    assert len((await house.control("GET", "/worlds/w/messages"))["items"]) == 1
    await house.control("PUT", "/worlds/w/scenario", DAY)
    assert (await house.control("GET", "/worlds/w/messages"))["items"] == []
    assert await send(house, "447700900601") == "1"


async def test_whoever_reads_on_misses_nothing_when_a_world_is_put_back(house: House) -> None:
    """The sequence goes on: what comes after is new to whoever read before, and what is gone is not shown."""
    await make(house, DAY)
    await send(house, "447700900701")
    seen = (await house.control("GET", "/worlds/w/messages"))["since"]

    await house.control("PUT", "/worlds/w/scenario", DAY)
    await send(house, "447700900702")

    page = await house.control("GET", f"/worlds/w/messages?since={seen}")
    assert [each["to"] for each in page["items"]] == ["447700900702"]
    assert page["since"] > seen


async def test_a_long_poll_outlives_a_world_that_is_put_back(house: House) -> None:
    """It waits on, and answers with what comes then."""
    await make(house, DAY)
    seen = (await house.control("GET", "/worlds/w/messages"))["since"]
    polling = asyncio.create_task(house.control("GET", f"/worlds/w/messages?since={seen}&wait=20s"))
    for _ in range(20):
        # It comes to where it waits.
        await asyncio.sleep(0)
    assert not polling.done()

    await house.control("PUT", "/worlds/w/scenario", DAY)
    await send(house, "447700900702")

    assert [each["to"] for each in (await polling)["items"]] == ["447700900702"]


async def test_snapshots_outlive_a_world_that_is_put_back(house: House) -> None:
    """As they outlive a reset; a reset is to the scenario that was loaded last."""
    await make(house, DAY)
    snapshot = (await house.control("POST", "/worlds/w/snapshot", None, 201))["snapshot"]
    await house.control("PUT", "/worlds/w/scenario", {"scenario": "another"})

    await house.control("POST", "/worlds/w/reset")
    assert (await house.control("GET", "/worlds/w/scenario"))["scenario"] == "another"
    await house.control("POST", "/worlds/w/restore", {"snapshot": snapshot})
    assert (await house.control("GET", "/worlds/w/scenario"))["scenario"] == "a day"


async def test_what_a_scenario_leaves_open_stays(house: House) -> None:
    """Seed, clock, and the credentials that are drawn from them; the rest is as by default."""
    made = await make(house, DAY)
    await house.control("POST", "/worlds/w/clock/advance", {"by": "10m"})

    again = await house.control("PUT", "/worlds/w/scenario", {"faults": {"a": {"target": "sms.send"}}})

    assert (again["seed"], [each["name"] for each in again["accounts"]]) == (made["seed"], ["main"])
    assert (await house.control("GET", "/worlds/w/clock"))["now"] == "2026-03-01T09:00:00.000Z"
    assert [each["name"] for each in (await house.control("GET", "/worlds/w/faults"))["items"]] == ["a"]


async def test_an_export_put_back_is_the_same_world(house: House) -> None:
    """With its balance, its people, and its instant."""
    await make(house, DAY)
    await send(house, "447700900701")
    await house.control("POST", "/worlds/w/clock/advance", {"by": "10m"})
    before = await house.control("GET", "/worlds/w/scenario")

    await house.control("PUT", "/worlds/w/scenario", before)

    assert await house.control("GET", "/worlds/w/scenario") == before


async def test_the_default_world_is_what_the_library_says(house: House) -> None:
    """And made again from it, it has the same credentials."""
    before = await house.control("GET", "/worlds/default")

    made = await house.control("PUT", "scenario", {"extends": "default"})

    assert made["replaced"] == []
    assert await house.control("GET", "/worlds/default") == before


async def test_a_broken_scenario_changes_nothing(house: House) -> None:
    """Nor does one that only fails when the world is made."""
    await make(house, DAY)
    before = await house.control("GET", "/worlds/w/scenario")

    for broken in ({"seeed": 1}, {"faults": {"a": {"target": "sms.send", "until": "2020-01-01T00:00:00Z"}}}):
        await house.control("PUT", "/worlds/w/scenario", broken, 422)

    assert await house.control("GET", "/worlds/w/scenario") == before


async def test_a_credential_of_another_world_is_replaced(house: House) -> None:
    """And listed."""
    await make(house, DAY)

    again = await house.control("PUT", "/worlds/w/scenario", {"extends": "default"})

    assert again["replaced"] == ["abcd1234"]
    assert (await house.send())["messages"][0]["status"] == "0"


async def test_a_world_that_is_dropped_when_idle_stays_so(house: House) -> None:
    """Whatever it is put back to."""
    await make(house, DAY, drop_after_idle="1h")

    await house.control("PUT", "/worlds/w/scenario", {})

    assert (await house.store.peek("w")).world.drop_after_idle == 3_600_000_000


async def test_no_such_world(house: House) -> None:
    """404, as everywhere."""
    for method in ("GET", "PUT"):
        await house.control(method, "/worlds/gone/scenario", {} if method == "PUT" else None, 404)


async def test_a_request_under_way_does_not_write_into_the_new_world(house: House) -> None:
    """Its epoch is another one."""
    before = await house.store.peek("default")
    await house.control("PUT", "scenario", {})

    assert (await house.store.peek("default")).epoch > before.epoch


def test_the_library_loads() -> None:
    """Each file of it; what each comes to is run above or in the tests of the command line."""
    from fake_nexmo.scenario import library
    from fake_nexmo.scenario.load import load_named

    for name in library.names():
        assert isinstance(load_named(name, NAMES), Document)
    assert {"bad-day", "default", "sign-up"} <= {*library.names()}


async def test_what_a_code_is_typed_into_may_say_when(house: House) -> None:
    """In a handset that is declared alone, as in a file; what belongs elsewhere is refused in both."""
    submit = {"url": "http://127.0.0.1:9/", "after": "10s"}

    said = await house.control("PUT", "handsets/447700900101", {"on_code": [{"submit": submit}]})

    assert said["on_code"] == [{"submit": {"url": "http://127.0.0.1:9/"}, "after": "10s"}]
    twice = {"on_code": [{"submit": submit, "after": "1s"}]}
    answer = await house.control("PUT", "handsets/447700900101", twice, 422)
    assert answer["path"] == "on_code.0.submit.after"
