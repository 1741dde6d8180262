"""What an edited scenario changes in a live world: every section, what is added, changed, removed and left alone."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from msgspec.structs import replace

from fake_nexmo.core.change import Add, Change, Claim, Set
from fake_nexmo.core.records import Account, Application, Handset, Number, Timer
from fake_nexmo.keys.pool import key_pair
from fake_nexmo.scenario.edit import Revision
from fake_nexmo.scenario.errors import ScenarioError
from fake_nexmo.scenario.load import load_object
from fake_nexmo.scenario.reloading import follow
from fake_nexmo.scenario.revise import lines
from fake_nexmo.scenario.script import Played
from fake_nexmo.scenario.worlds import make_world, plan_of
from fake_nexmo.store.memory import MemoryStore
from fake_nexmo.store.protocol import NoSuchWorld
from tests.house import House
from tests.scenario.example import NAMES

KEY = "12345678-1234-4123-8123-123456789abc"
START = "2026-03-01T09:00:00.000Z"
BASE: dict[str, Any] = {
    "scenario": "shop",
    "seed": 7,
    "clock": {"start": "2026-03-01T09:00:00Z", "mode": "manual"},
    "world": {
        "settings": {"profile": "2020"},
        "accounts": {
            "shop": {"api_key": "shop0001", "api_secret": "s3cr3tS3cr3tA", "balance": "1.00 EUR"},
            "other": {"api_key": "other001"},
        },
        "applications": {"ivr": {"account": "shop", "id": KEY}, "chat": {"account": "other"}},
        "numbers": {
            "447700900500": {"account": "shop", "country": "GB", "application": "ivr"},
            "447700900501": {"account": "other", "country": "GB"},
        },
    },
    "handsets": {
        "alice": {"number": "447700900601", "receipts": {"after": "2s"}},
        "bob": {"number": "447700900602", "power": False},
        "crowd": {"range": "447700900700..447700900799", "mix": {"unreachable": "100%"}},
    },
    "faults": {
        "slow": {"target": "sms.send", "calls": "2..", "delay": "1s"},
        "late": {"target": "sms.send", "to": "alice", "starts": "1h", "for": "1h", "answer": "barred"},
        "armed": {"target": "verify.*", "answer": "throttled"},
    },
    "timeline": [
        {"at": "10s", "note": "one"},
        {"at": "+10s", "note": "two"},
        {"when": "message.delivered", "to": "alice", "note": "three"},
        {"at": "+5s", "note": "four"},
        {"at": "1h", "fault": "armed", "do": "arm"},
    ],
    "expect": [{"message": {"to": "alice"}}],
    "ends": "2h",
}

Edit = Callable[[dict[str, Any]], Any]


def edited(*edits: Edit) -> dict[str, Any]:
    """The scenario after edits."""
    said = copy.deepcopy(BASE)
    for edit in edits:
        edit(said)
    return said


async def make(house: House, said: Mapping[str, Any] = BASE) -> None:
    await house.control("POST", "/worlds", {"name": "w", "scenario": said}, 201)


async def reload(house: House, said: Mapping[str, Any], world: str = "w") -> Revision:
    return await follow(house.store, lambda: house.wall, world, load_object(said, NAMES), NAMES)


async def get(house: House, path: str) -> Any:
    return await house.control("GET", f"/worlds/w/{path}")


def told(revision: Revision) -> dict[str, list[str]]:
    """A change in a few words; the script, the event and what is empty are left out."""
    change = revision.change
    said = {
        "put": [_named(each) for each in change.put if _named(each) != "Script script"],
        "drop": [_named(each) for each in change.drop],
        "set": [f"{step.counter} {'+' if isinstance(step, Add) else ''}{_amount(step)}" for step in change.counters],
        "names": [f"{'+' if isinstance(each, Claim) else '-'}{each.name} {each.holder}" for each in change.claims],
        "timers": [f"{each.id} {(each.due_at - _START) // 1_000_000}s" for each in change.timers],
    }
    return {name: each for name, each in said.items() if each}


def _named(record: Any) -> str:
    return f"{type(record).__name__} {record.id}"


def _amount(step: Add | Set) -> int:
    return step.delta if isinstance(step, Add) else step.value


_START = 1_772_355_600_000_000


def put(*path: str, to: Any) -> Edit:
    """An edit that says something at the end of a way."""

    def edit(said: dict[str, Any]) -> None:
        for name in path[:-1]:
            said = said[name]
        said[path[-1]] = to

    return edit


def cut(*path: str) -> Edit:
    """An edit that takes something away."""

    def edit(said: dict[str, Any]) -> None:
        for name in path[:-1]:
            said = said[name]
        del said[path[-1]]

    return edit


ACCOUNTS = ("world", "accounts")
APPLICATIONS = ("world", "applications")
NUMBERS = ("world", "numbers")
NEW_KEY = "other002"

TABLE: dict[str, tuple[list[Edit], list[str], dict[str, list[str]]]] = {
    "nothing": ([], [], {}),
    "the scenario's name": ([put("scenario", to="store")], ["scenario changed"], {}),
    "a setting added": (
        [put("world", "settings", "links", to="absolute")], ["world.settings.links added"], {"put": ["World world"]},
    ),
    "a setting changed": (
        [put("world", "settings", "profile", to="current")],
        ["world.settings.profile changed"],
        {"put": ["World world"]},
    ),
    "a setting removed": (
        [put("world", "settings", to={})], ["world.settings.profile removed"], {"put": ["World world"]},
    ),
    "an account added": (
        [put(*ACCOUNTS, "new", to={"api_key": "new00001", "api_secret": "S3cretS3cretA", "balance": "3.00 EUR"})],
        ["world.accounts.new added"],
        {"put": ["Account new"], "set": ["balance/new 300000000"], "names": ["+key/new00001 new"]},
    ),
    "an account changed": (
        [put(*ACCOUNTS, "shop", "limits", to={"sms": "30/s"})],
        ["world.accounts.shop changed"],
        {"put": ["Account shop"]},
    ),
    "a balance changed": (
        [put(*ACCOUNTS, "shop", "balance", to="2.00 EUR")],
        ["world.accounts.shop changed"],
        {"put": ["Account shop"], "set": ["balance/shop 200000000"]},
    ),
    "a key changed": (
        [put(*ACCOUNTS, "shop", "api_key", to="shop0002")],
        ["world.accounts.shop changed"],
        {"put": ["Account shop"], "names": ["-key/shop0001 shop", "+key/shop0002 shop"]},
    ),
    "a key not spelled any more": (
        [cut(*ACCOUNTS, "shop", "api_key")], ["world.accounts.shop changed"], {"put": ["Account shop"]},
    ),
    "an account removed": (
        [cut(*ACCOUNTS, "other"), cut(*APPLICATIONS, "chat"), cut(*NUMBERS, "447700900501")],
        ["world.accounts.other removed", "world.applications.chat removed", "world.numbers.447700900501 removed"],
        {
            "put": ["Account other"],
            "drop": ["Application chat", "Number 447700900501"],
            "names": ["-key/other001 other", "-application/CHAT chat", "-number/447700900501 other"],
        },
    ),
    "an account of another name": (
        [put(*ACCOUNTS, "new", to={"api_key": "other001"}), cut(*ACCOUNTS, "other"), cut(*APPLICATIONS, "chat"),
         cut(*NUMBERS, "447700900501")],
        ["world.accounts.new added", "world.accounts.other removed", "world.applications.chat removed",
         "world.numbers.447700900501 removed"],
        {
            "put": ["Account new", "Account other"],
            "drop": ["Application chat", "Number 447700900501"],
            "set": ["balance/new 10000000000"],
            "names": ["-key/other001 other", "-application/CHAT chat", "-number/447700900501 other",
                      "+key/other001 new"],
        },
    ),
    "an application added": (
        [put(*APPLICATIONS, "new", to={"account": "shop", "id": KEY.replace("1", "2")})],
        ["world.applications.new added"],
        {
            "put": ["Application new"],
            "set": ["keys +1"],
            "names": [f"+application/{KEY.replace('1', '2')} new"],
        },
    ),
    "an application changed": (
        [put(*APPLICATIONS, "ivr", "voice", to={"answer_url": "http://127.0.0.1:9/answer"})],
        ["world.applications.ivr changed"],
        {"put": ["Application ivr"]},
    ),
    "an application's id changed": (
        [put(*APPLICATIONS, "ivr", "id", to=KEY.replace("1", "2"))],
        ["world.applications.ivr changed"],
        {
            "put": ["Application ivr"],
            "names": [f"-application/{KEY} ivr", f"+application/{KEY.replace('1', '2')} ivr"],
        },
    ),
    "an application removed": (
        [cut(*APPLICATIONS, "ivr"), cut(*NUMBERS, "447700900500", "application")],
        ["world.applications.ivr removed", "world.numbers.447700900500 changed"],
        {
            "put": ["Number 447700900500"],
            "drop": ["Application ivr"],
            "names": [f"-application/{KEY} ivr"],
        },
    ),
    "a number added": (
        [put(*NUMBERS, "447700900502", to={"account": "shop", "country": "GB"})],
        ["world.numbers.447700900502 added"],
        {"put": ["Number 447700900502"], "names": ["+number/447700900502 shop"]},
    ),
    "a number changed": (
        [put(*NUMBERS, "447700900500", "features", to=["SMS"])],
        ["world.numbers.447700900500 changed"],
        {"put": ["Number 447700900500"]},
    ),
    "a number of another account": (
        [put(*NUMBERS, "447700900501", "account", to="shop")],
        ["world.numbers.447700900501 changed"],
        {"put": ["Number 447700900501"], "names": ["-number/447700900501 other", "+number/447700900501 shop"]},
    ),
    "a number removed": (
        [cut(*NUMBERS, "447700900500")],
        ["world.numbers.447700900500 removed"],
        {"drop": ["Number 447700900500"], "names": ["-number/447700900500 shop"]},
    ),
    "a phone added": (
        [put("handsets", "carol", to={"number": "447700900603"})],
        ["handsets.carol added"],
        {"put": ["Handset 447700900603"]},
    ),
    "a phone changed": (
        [put("handsets", "alice", "like", to="parrot")], ["handsets.alice changed"], {"put": ["Handset 447700900601"]},
    ),
    "a phone's submissions": (
        [put("handsets", "alice", "submission", to={"answer": "throttled", "calls": "1..2"})],
        ["handsets.alice changed"],
        {"put": ["Handset 447700900601"], "set": ["submissions/447700900601 0"]},
    ),
    "a phone of another name": (
        [put("handsets", "robert", to=BASE["handsets"]["bob"]), cut("handsets", "bob")],
        ["handsets.robert added", "handsets.bob removed"],
        {"put": ["Handset 447700900602"]},
    ),
    "a phone of another number": (
        [put("handsets", "bob", "number", to="447700900603")],
        ["handsets.bob changed"],
        {"put": ["Handset 447700900603"], "drop": ["Handset 447700900602"]},
    ),
    "a phone removed": ([cut("handsets", "bob")], ["handsets.bob removed"], {"drop": ["Handset 447700900602"]}),
    "a crowd added": (
        [put("handsets", "more", to={"range": "447700900800..447700900899"})],
        ["handsets.more added"],
        {"put": ["World world"]},
    ),
    "a crowd changed": (
        [put("handsets", "crowd", "mix", to={"answers": "100%"})],
        ["handsets.crowd changed"],
        {"put": ["World world"]},
    ),
    "a crowd removed": ([cut("handsets", "crowd")], ["handsets.crowd removed"], {"put": ["World world"]}),
    "a character added": (
        [put("characters", to={"grump": {"like": "rejects"}})], ["characters.grump added"], {"put": ["World world"]},
    ),
    "magic": ([put("magic", to={"digits": {"30": "busy"}})], ["magic changed"], {"put": ["World world"]}),
    "a fault added": (
        [put("faults", "new", to={"target": "insight.*", "answer": "throttled"})],
        ["faults.new added"],
        {"put": ["World world"], "set": ["fault/new 0"]},
    ),
    "a fault changed": (
        [put("faults", "slow", "delay", to="2s")],
        ["faults.slow changed"],
        {"put": ["World world"], "set": ["fault/slow 0"]},
    ),
    "a fault on a phone of another number": (
        [put("handsets", "alice", "number", to="447700900603")],
        ["handsets.alice changed", "faults.late changed"],
        {
            "put": ["Handset 447700900603", "World world", "Plot plot"],
            "drop": ["Handset 447700900601"],
            "set": ["fault/late 0"],
        },
    ),
    "a fault changed that a step will arm": (
        [put("faults", "armed", "answer", to="barred")], ["faults.armed changed"], {},
    ),
    "a fault removed": ([cut("faults", "slow")], ["faults.slow removed"], {"put": ["World world"]}),
    "faults in another order": (
        [put("faults", to={name: BASE["faults"][name] for name in ("late", "slow", "armed")})],
        ["faults in another order"],
        {"put": ["World world"]},
    ),
    "a step added": (
        [lambda said: said["timeline"].append({"at": "30s", "note": "five"})],
        ["timeline: 1 added"],
        {"timers": ["timeline/5 30s"]},
    ),
    "a step added before the others": (
        [lambda said: said["timeline"].insert(0, {"at": "5s", "note": "zero"})],
        ["timeline: 1 added"],
        {
            "put": ["Plot plot"],
            "drop": ["Timer timeline/0", "Timer timeline/1", "Timer timeline/4"],
            "timers": ["timeline/0 5s", "timeline/1 10s", "timeline/2 20s", "timeline/5 3600s"],
        },
    ),
    "a step changed that another counts from": (
        [put("timeline", to=[{"at": "15s", "note": "one"}, *BASE["timeline"][1:]])],
        ["timeline: 1 added, 1 removed"],
        {"drop": ["Timer timeline/0", "Timer timeline/1"], "timers": ["timeline/0 15s", "timeline/1 25s"]},
    ),
    "a step removed that waits": (
        [put("timeline", to=[*BASE["timeline"][:2], BASE["timeline"][4]])],
        ["timeline: 2 removed"],
        {"put": ["Plot plot"], "drop": ["Timer timeline/4"], "timers": ["timeline/2 3600s"]},
    ),
    "a step added that waits": (
        [lambda said: said["timeline"].append({"when": "message.failed", "note": "five"})],
        ["timeline: 1 added"],
        {"put": ["Plot plot"]},
    ),
    "an expectation added": (
        [lambda said: said["expect"].append({"never": {"message": {"to": "bob"}}})], ["expect changed"], {},
    ),
    "an expectation changed": ([put("expect", to=[{"message": {"to": "bob"}}])], ["expect changed"], {}),
    "expectations removed": ([cut("expect")], ["expect changed"], {}),
    "the end": (
        [put("ends", to="3h")], ["ends changed"], {"drop": ["Timer ends"], "timers": ["ends 10800s"]},
    ),
    "no end": ([cut("ends")], ["ends changed"], {"drop": ["Timer ends"]}),
    "strictness": ([put("strict", to={"unused_fault": "fail"})], ["strict changed"], {}),
}  # fmt: skip


@pytest.mark.parametrize("case", TABLE)
async def test_what_an_edit_changes_and_nothing_else(house: House, case: str) -> None:
    """The records that are written are those that it names; the world is as the scenario says then, and stays so."""
    edits, news, change = TABLE[case]
    await make(house)
    chat = (await house.store.get("w", Application, "chat") or pytest.fail("it was made")).application_id
    before = await house.store.begin("w")

    revision = await reload(house, edited(*edits))

    named = {name: [each.replace("CHAT", chat) for each in said] for name, said in change.items()}
    assert (list(revision.news), told(revision), revision.restart, revision.kept) == (news, named, (), ())
    assert [each.name for each in revision.change.log] == (["scenario.reloaded"] if news else [])
    assert (await house.store.peek("w")).epoch == before.epoch
    again = await reload(house, edited(*edits))
    assert (again.news, again.change) == ((), Change())
    back = await reload(house, BASE)
    assert bool(back.news) is bool(news)


async def test_networks_are_as_the_edit_says(house: House) -> None:
    """Added, changed and removed."""
    await make(house)
    news: list[str] = []
    for networks in ({"23410": {"name": "Cell"}}, {"23410": {"name": "Cellular"}}, {}):
        revision = await reload(house, edited(put("world", "networks", to=networks)))
        news += revision.news
        assert (await get(house, "scenario"))["world"].get("networks", {}) == networks

    assert news == [f"world.networks.23410 {verb}" for verb in ("added", "changed", "removed")]


async def test_what_an_edit_leaves_alone_stays(house: House) -> None:
    """Whatever became of it: spent, switched off, bought, disarmed, armed by hand, declared by hand."""
    await make(house)
    for path, content in (
        ("handsets/alice/power", {"on": False}),
        ("faults", {"name": "own", "target": "pricing.*", "answer": "throttled"}),
    ):
        await house.control("POST", f"/worlds/w/{path}", content, 201 if path == "faults" else 200)
    await house.control("PUT", "/worlds/w/handsets/447700900690", {"like": "busy"})
    await house.control("DELETE", "/worlds/w/faults/slow", None, 204)
    await house.control("PATCH", "/worlds/w/accounts/shop0001", {"suspended": True, "balance": "0.50 EUR"})
    await house.control("PATCH", "/worlds/w/settings", {"links": "absolute"})
    bought = Number(id="447700900555", account="shop", country="GB", cost=5)
    await _commit(house, Change(put=(bought,), claims=(Claim("number/447700900555", "shop"),)))

    await reload(house, edited(
        put(*ACCOUNTS, "shop", "limits", to={"sms": "5/s"}),
        put("handsets", "alice", "receipts", to={"after": "9s"}),
        put("world", "settings", "profile", to="current"),
        put("faults", "new", to={"target": "insight.*", "answer": "throttled"}),
    ))  # fmt: skip

    account = await get(house, "accounts/shop0001")
    assert (account["suspended"], account["balance"], account["limits"]["sms"]) == (True, "0.50 EUR", "5/s")
    alice = await get(house, "handsets/alice")
    assert (alice["power"], alice["receipts"]["sequence"][0]["after"]) == (False, "9s")
    assert (await get(house, "handsets/447700900690"))["like"] == "busy"
    assert [each["name"] for each in (await get(house, "faults"))["items"]] == ["late", "new", "own"]
    settings = await get(house, "settings")
    assert (settings["links"], settings["profile"]) == ("absolute", "current")
    assert "447700900555" in (await get(house, ""))["numbers"]


async def test_what_a_phone_waits_for_comes_when_an_edit_switches_it_on(house: House) -> None:
    """Or when nobody says of it any more that it is off."""
    for edit in (put("handsets", "bob", "power", to=True), cut("handsets", "bob")):
        await make(house)
        params = {"api_key": "shop0001", "api_secret": "s3cr3tS3cr3tA", "from": "Shop", "text": "Hi"}
        await house.client.post("/sms/json", data={**params, "to": "447700900602"})
        await house.control("POST", "/worlds/w/clock/advance", {"by": "5s"})
        assert (await get(house, "messages"))["items"][0]["status"] == "buffered"

        await reload(house, edited(edit))

        await house.control("POST", "/worlds/w/clock/advance", {"by": 0})
        assert (await get(house, "messages"))["items"][0]["status"] == "delivered"
        await house.control("DELETE", "/worlds/w", None, 204)


async def test_a_phone_that_is_off_by_its_character_stays_off(house: House) -> None:
    """What waits for it waits on, whatever else the edit says of it."""
    off = put("handsets", "bob", to={"number": "447700900602", "like": "switched-off"})
    await make(house, edited(off))
    params = {"api_key": "shop0001", "api_secret": "s3cr3tS3cr3tA", "from": "Shop", "text": "Hi"}
    await house.client.post("/sms/json", data={**params, "to": "447700900602"})
    await house.control("POST", "/worlds/w/clock/advance", {"by": "5s"})

    await reload(house, edited(off, put("handsets", "bob", "receipts", to={"after": "3s"})))

    await house.control("POST", "/worlds/w/clock/advance", {"by": "5s"})
    assert (await get(house, "messages"))["items"][0]["status"] == "buffered"
    await house.control("POST", "/worlds/w/handsets/bob/power", {"on": True})
    assert (await get(house, "messages"))["items"][0]["status"] == "delivered"


async def test_a_fault_that_no_step_arms_any_more_is_armed(house: House) -> None:
    """As it is in a world that is made from the file."""
    await make(house)

    revision = await reload(house, edited(put("timeline", to=BASE["timeline"][:4])))

    assert revision.news == ("timeline: 1 removed",)
    assert [each["name"] for each in (await get(house, "faults"))["items"]] == ["slow", "late", "armed"]


async def test_nobody_is_an_account_that_was_removed(house: House) -> None:
    """Its key is refused, what it began goes on, it is exported no more; and it may come back."""
    await make(house)
    account = await house.store.get("w", Account, "other")
    assert account is not None
    await house.client.post("/sms/json", data={
        "api_key": "other001", "api_secret": account.secrets[0].value, "from": "A", "to": "447700900601", "text": "Hi",
        "callback": "http://127.0.0.1:9/",
    })  # fmt: skip

    await reload(house, edited(cut(*ACCOUNTS, "other"), cut(*APPLICATIONS, "chat"), cut(*NUMBERS, "447700900501")))

    answer = await house.client.get(f"/account/get-balance?api_key=other001&api_secret={account.secrets[0].value}")
    assert answer.status_code == 401
    await house.control("POST", "/worlds/w/clock/advance", {"by": "2s"})
    assert [each["status"] for each in (await get(house, "messages"))["items"]] == ["delivered"]
    assert [each["name"] for each in (await get(house, ""))["accounts"]] == ["shop"]
    exported = await get(house, "scenario")
    assert list(exported["world"]["accounts"]) == ["shop"]
    load_object(exported, NAMES)

    await reload(house, BASE)

    assert [each["api_key"] for each in (await get(house, ""))["accounts"]] == ["shop0001", "other001"]


async def test_what_only_the_world_had_goes_with_its_account(house: House) -> None:
    """Numbers that it bought, applications that it made."""
    await make(house)
    bought = Number(id="447700900555", account="other", country="GB")
    made = Application(id="made", application_id="a-b-c", account="other", public_key="")
    claims = (Claim("number/447700900555", "other"), Claim("application/a-b-c", "made", server_wide=True))
    await _commit(house, Change(put=(bought, made), claims=claims))

    await reload(house, edited(cut(*ACCOUNTS, "other"), cut(*APPLICATIONS, "chat"), cut(*NUMBERS, "447700900501")))

    assert [each.id for each in await house.store.find("w", Number, "")] == ["447700900500"]
    assert [each.id for each in await house.store.find("w", Application, "")] == ["ivr"]
    assert [await house.store.tenant("application/a-b-c"), await house.store.holder("w", "number/447700900555")] == [
        None,
        None,
    ]


async def test_an_application_that_a_test_made_gives_way_to_one_of_its_name(house: House) -> None:
    """Its id is nobody's any more."""
    await make(house)
    made = Application(id="new", application_id="a-b-c", account="shop", public_key="")
    await _commit(house, Change(put=(made,), claims=(Claim("application/a-b-c", "new", server_wide=True),)))

    await reload(house, edited(put(*APPLICATIONS, "new", to={"account": "shop"})))

    new = await house.store.get("w", Application, "new")
    assert new is not None
    assert new.application_id != "a-b-c"
    assert await house.store.tenant("application/a-b-c") is None
    assert await house.store.tenant(f"application/{new.application_id}") is not None


async def test_what_was_given_up_while_it_lived_and_is_gone_from_the_file_is_just_gone(house: House) -> None:
    """A number that was cancelled, an application that was deleted; one that the edit says otherwise is made anew."""
    await make(house)
    params = {"api_key": "shop0001", "api_secret": "s3cr3tS3cr3tA", "country": "GB", "msisdn": "447700900500"}
    await house.client.post("/number/cancel", data=params)
    await house.client.delete(f"/v2/applications/{KEY}", auth=("shop0001", "s3cr3tS3cr3tA"))
    assert await house.store.get("w", Application, "ivr") is None

    again = await reload(house, edited(
        put(*APPLICATIONS, "ivr", "improve_ai", to=True), put(*NUMBERS, "447700900500", "cost", to="1.00 EUR"),
    ))  # fmt: skip
    assert told(again)["put"] == ["Application ivr", "Number 447700900500"]

    await house.client.post("/number/cancel", data=params)
    await house.client.delete(f"/v2/applications/{KEY}", auth=("shop0001", "s3cr3tS3cr3tA"))
    gone = await reload(house, edited(cut(*APPLICATIONS, "ivr"), cut(*NUMBERS, "447700900500")))
    assert told(gone) == {}
    assert gone.news == ("world.applications.ivr removed", "world.numbers.447700900500 removed")


async def test_a_number_that_was_linked_while_it_lived_is_linked_to_nothing(house: House) -> None:
    """When its application goes, and also when the edit says something else of the number."""
    await make(house)
    await house.control("PATCH", "/worlds/w/numbers/447700900501", {"application": "ivr"})

    await reload(house, edited(
        cut(*APPLICATIONS, "ivr"), cut(*NUMBERS, "447700900500", "application"),
        put(*NUMBERS, "447700900501", "cost", to="1.00 EUR"),
    ))  # fmt: skip

    number = await get(house, "numbers/447700900501")
    assert (number["application"], number["cost"]) == (None, "1.00 EUR")


async def test_secrets_and_keys_are_as_the_edit_says(house: House) -> None:
    """A secret that stays keeps its id; a key pair that is drawn again is one that was not taken before."""
    await make(house, edited(put(*APPLICATIONS, "ivr", "public_key", to=key_pair(3, 5).public)))
    old = await house.store.get("w", Account, "shop")
    assert old is not None
    secrets = cut(*ACCOUNTS, "shop", "api_secret")

    await reload(house, edited(
        secrets, put(*ACCOUNTS, "shop", "api_secrets", to=["s3cr3tS3cr3tA", "An0therSecret"]),
        put(*ACCOUNTS, "shop", "signature", to={"secret": "x" * 32, "method": "sha256"}),
    ))  # fmt: skip

    new = await house.store.get("w", Account, "shop")
    assert new is not None
    assert [each.value for each in new.secrets] == ["s3cr3tS3cr3tA", "An0therSecret"]
    assert (new.secrets[0], new.signature_secret, new.rest_enabled) == (old.secrets[0], "x" * 32, True)
    ivr = await house.store.get("w", Application, "ivr")
    assert ivr is not None
    assert (ivr.public_key, ivr.private_key) == (key_pair(7, 2).public, key_pair(7, 2).private)
    assert await house.store.counter("w", "keys") == 3

    await reload(house, edited(put(*APPLICATIONS, "ivr", "public_key", to=key_pair(3, 6).public)))

    ivr = await house.store.get("w", Application, "ivr")
    assert ivr is not None
    assert (ivr.public_key, ivr.private_key) == (key_pair(3, 6).public, "")
    kept = await house.store.get("w", Account, "shop")
    assert kept is not None
    assert [each.value for each in kept.secrets] == ["s3cr3tS3cr3tA"]
    assert kept.signature_secret == "x" * 32


async def test_a_credential_of_another_world_is_not_taken(house: House) -> None:
    """What was there stays; something new gets one that is drawn; both are listed."""
    await make(house)

    revision = await reload(house, edited(
        put(*ACCOUNTS, "shop", "api_key", to="abcd1234"),
        put(*APPLICATIONS, "new", to={"account": "shop", "id": house.world.applications[0].application_id}),
    ))  # fmt: skip

    own = house.world.applications[0].application_id
    assert revision.kept == (own, "abcd1234")
    world = await get(house, "")
    assert [each["api_key"] for each in world["accounts"]] == ["shop0001", "other001"]
    assert own not in [each["id"] for each in world["applications"]]
    assert lines(revision) == [
        "reloaded: world.accounts.shop changed; world.applications.new added",
        f"{own!r} belongs to another world, so it is not taken",
        "'abcd1234' belongs to another world, so it is not taken",
    ]


async def test_a_credential_that_something_in_the_world_was_given_is_refused(house: House) -> None:
    """Nothing is changed."""
    await make(house)
    await house.control("PATCH", "/worlds/w/accounts/other001", {"api_key": "given001"})

    with pytest.raises(ScenarioError, match=r"^'given001' belongs to 'other' already$"):
        await reload(house, edited(put(*ACCOUNTS, "shop", "api_key", to="given001")))

    assert [each["api_key"] for each in (await get(house, ""))["accounts"]] == ["shop0001", "given001"]


async def test_a_name_that_moves_to_another_number_leaves_the_phone_that_had_it(house: House) -> None:
    """One that a test had declared under the name."""
    await make(house)
    await house.control("PUT", "/worlds/w/handsets/dora", {"number": "447700900690"})

    await reload(house, edited(put("handsets", "dora", to={"number": "447700900691"})))

    assert (await get(house, "handsets/dora"))["number"] == "447700900691"
    old = await house.store.get("w", Handset, "447700900690")
    assert old is not None
    assert old.name == ""


# The timeline.


async def test_steps_that_were_taken_stay_taken_and_those_that_come_follow_the_file(house: House) -> None:
    """Wherever the edit puts them; what it has happen before now is not done, and is said."""
    await make(house)
    await house.control("POST", "/worlds/w/clock/advance", {"by": "12s"})

    await reload(house, edited(put("timeline", to=[
        {"at": "1s", "note": "too late"}, {"at": "5s", "note": "zero"}, BASE["timeline"][0], BASE["timeline"][1],
        {"at": "+1s", "note": "after two"},
    ])))  # fmt: skip

    await house.control("POST", "/worlds/w/clock/advance", {"by": "1h"})
    notes = [(each["at"][14:19], each["about"]) for each in (await get(house, "events?name=note"))["items"]]
    assert notes == [("00:10", "one"), ("00:20", "two"), ("00:21", "after two")]
    assert (await get(house, "expectations"))["problems"] == [
        "timeline.0 (note: too late): its instant was over when the scenario was edited",
        "timeline.1 (note: zero): its instant was over when the scenario was edited",
    ]
    assert "timeline" not in await get(house, "scenario")


async def test_a_step_that_was_taken_and_is_gone_is_remembered(house: House) -> None:
    """What could not be done is still said."""
    act = {"at": "1s", "handset": "alice", "say": "hello"}
    await make(house, edited(put("timeline", to=[act])))
    await house.control("POST", "/worlds/w/clock/advance", {"by": "2s"})
    before = (await get(house, "expectations"))["problems"]

    await reload(house, edited(put("timeline", to=[])))

    assert [each.replace("timeline.0", "timeline") for each in before] == (await get(house, "expectations"))["problems"]
    assert [each.k for each in await house.store.find("w", Played, "")] == [-1]


async def test_a_step_that_an_event_set_off_keeps_its_instant(house: House) -> None:
    """And the one that counts from it comes after it, also when the edit adds it later."""
    waits = {"when": "message.delivered", "to": "alice", "after": "10s", "note": "three"}
    await make(house, edited(put("timeline", to=[waits])))
    params = {"api_key": "shop0001", "api_secret": "s3cr3tS3cr3tA", "from": "Shop", "text": "Hi"}
    await house.client.post("/sms/json", data={**params, "to": "447700900601"})
    await house.control("POST", "/worlds/w/clock/advance", {"by": "3s"})

    await reload(house, edited(put("timeline", to=[{"at": "1h", "note": "x"}, waits, {"at": "+1s", "note": "four"}])))
    await house.control("POST", "/worlds/w/clock/advance", {"by": "9s500ms"})
    await reload(house, edited(put("timeline", to=[waits, {"at": "+2s", "note": "five"}])))
    await house.control("POST", "/worlds/w/clock/advance", {"by": "1h"})

    notes = [(each["at"][14:19], each["about"]) for each in (await get(house, "events?name=note"))["items"]]
    assert notes == [("00:12", "three"), ("00:14", "five")]


async def test_a_world_that_has_ended_is_judged_by_what_is_expected_of_it_now(house: House) -> None:
    """At once; and one whose end moves ahead has not ended."""
    await make(house)
    await house.control("POST", "/worlds/w/clock/advance", {"by": "2h"})
    assert (await get(house, "expectations"))["items"][0]["state"] == "unmet"

    await reload(house, edited(put("expect", to=[{"never": {"message": {"to": "bob"}}}])))
    await house.control("POST", "/worlds/w/clock/advance", {"by": 0})

    verdicts = await get(house, "expectations")
    assert (verdicts["final"], [each["state"] for each in verdicts["items"]]) == (True, ["met"])

    await reload(house, edited(put("ends", to="3h")))

    verdicts = await get(house, "expectations")
    assert (verdicts["final"], [each["state"] for each in verdicts["items"]]) == (False, ["pending"])


# Faults.


async def test_a_fault_counts_anew_when_it_is_said_otherwise(house: House) -> None:
    """What it says of time counts from the world's start, as in the file; of a fault that a step armed, from now."""
    await make(house)
    await house.control("POST", "/worlds/w/clock/advance", {"by": "1h10m"})

    await reload(house, edited(put("faults", "late", "for", to="2h"), put("faults", "armed", "for", to="5m")))

    faults = {each["name"]: each for each in (await get(house, "faults"))["items"]}
    assert (faults["late"]["starts_at"], faults["late"]["until_at"]) == (
        "2026-03-01T10:00:00.000Z",
        "2026-03-01T12:00:00.000Z",
    )
    assert faults["armed"]["until_at"] == "2026-03-01T10:15:00.000Z"


async def test_a_fault_that_cannot_be_in_this_world_changes_nothing(house: House) -> None:
    """One that would be over before it starts, by an instant."""
    await make(house, edited(cut("clock")))

    with pytest.raises(ScenarioError, match=r"^faults\.slow\.until: it ends before it starts"):
        await reload(house, edited(cut("clock"), put("faults", "slow", "until", to="2020-01-01T00:00:00Z")))


# Which world.


async def test_seed_and_clock_stay(house: House) -> None:
    """As long as the file says otherwise, each edit of it is told so."""
    await make(house)
    other = [put("seed", to=8), put("clock", to={"start": "2026-03-01T10:00:00Z", "mode": "x60"})]

    first = await reload(house, edited(*other))
    second = await reload(house, edited(*other, cut("ends")))

    assert (first.news, first.restart) == ((), ("seed", "clock.start", "clock.mode"))
    assert (second.news, second.restart) == (("ends changed",), ("seed", "clock.start", "clock.mode"))
    assert lines(first) == ["seed and clock.start and clock.mode changed, which takes a restart"]
    assert lines(first, ["seed", "clock.start", "clock.mode"]) == ["reloaded: nothing that matters changed"]
    assert (await get(house, ""))["seed"] == 7


async def test_after_a_reset_the_next_edit_starts_from_how_the_world_was_made(house: House) -> None:
    """A reset takes edits back; what the world stands on is known to it, so that the next edit brings all of it."""
    await make(house)
    await reload(house, edited(cut("faults", "slow")))
    await house.control("POST", "/worlds/w/reset")

    revision = await reload(house, edited(cut("faults", "slow"), cut("ends")))

    assert revision.news == ("faults.slow removed", "ends changed")


async def test_a_world_without_a_scenario_begins_with_it(house: House) -> None:
    """Its timeline counts from then; what it had is the default world, which the file does not speak of."""
    await house.advance("10m")

    revision = await reload(house, {"handsets": {"alice": {"number": "447700900601"}},
                                    "timeline": [{"at": "5s", "note": "one"}]}, "default")  # fmt: skip

    assert revision.news == ("handsets.alice added", "timeline: 1 added")
    timer = await house.store.get("default", Timer, "timeline/0")
    assert timer is not None
    assert (await house.send())["messages"][0]["status"] == "0"
    await house.advance("5s")
    assert [each["about"] for each in (await house.control("GET", "events?name=note"))["items"]] == ["one"]


async def test_no_such_world(house: House) -> None:
    """It is said so."""
    with pytest.raises(NoSuchWorld):
        await reload(house, BASE, "gone")


async def _commit(house: House, change: Change) -> None:
    await house.store.commit("w", (await house.store.peek("w")).epoch, change)


class _Busy(MemoryStore):
    """A store in which somebody else is always a little faster, once or twice."""

    def __init__(self, wall: Callable[[], int]) -> None:
        super().__init__(wall=wall)
        self.faster: list[Change] = []

    async def commit(self, world: str, epoch: int, change: Change) -> Mapping[str, int]:
        if self.faster:
            await super().commit(world, epoch, self.faster.pop())
        return await super().commit(world, epoch, change)


async def test_what_moves_meanwhile_is_looked_at_again() -> None:
    """The change rests on what was read: another one that came first is not undone."""
    store = _Busy(lambda: _START)
    document = load_object(BASE, NAMES)
    await make_world(store, store.wall, plan_of(document, NAMES, name="w"))
    account = await store.get("w", Account, "shop")
    assert account is not None
    store.faster = [Change(put=(replace(account, suspended=True),))]

    revision = await follow(store, store.wall, "w", load_object(edited(
        put(*ACCOUNTS, "shop", "limits", to={"sms": "30/s"})), NAMES), NAMES)  # fmt: skip

    after = await store.get("w", Account, "shop")
    assert after is not None
    assert revision.news == ("world.accounts.shop changed",)
    assert (after.suspended, after.sms_limit) == (True, 30)
