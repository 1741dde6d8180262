"""What an edited scenario changes of people and weather: who is drawn, what waits, what is armed; and one law."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fake_nexmo.core.change import Change, Set
from fake_nexmo.scenario.edit import Revision
from fake_nexmo.scenario.load import load_object
from fake_nexmo.scenario.reloading import follow
from fake_nexmo.scenario.revise import lines
from fake_nexmo.scenario.script import Played
from tests.house import House, open_house
from tests.scenario.example import NAMES

CLOCK = {"start": "2026-03-01T09:00:00Z", "mode": "manual"}
ALICE, BOB = "447700900601", "447700900602"


def said(**sections: Any) -> dict[str, Any]:
    """A scenario whose clock stands still."""
    return {"seed": 7, "clock": CLOCK, **sections}


async def reload(house: House, given: dict[str, Any]) -> Revision:
    return await follow(house.store, lambda: house.wall, "default", load_object(given, NAMES), NAMES)


async def entries(house: House, path: str, *words: str) -> list[Any]:
    items = (await house.control("GET", path))["items"]
    return [tuple(each[word] for word in words) if len(words) > 1 else each[words[0]] for each in items]


# People.


async def test_what_waits_comes_when_an_edit_switches_a_character_on(house: House) -> None:
    """Nothing is said of the phone itself."""
    handsets = {"alice": {"number": ALICE, "like": "sleeper"}}
    await house.control("PUT", "scenario", said(characters={"sleeper": {"power": False}}, handsets=handsets))
    await house.send(to=ALICE)
    await house.advance("5s")
    assert await entries(house, "messages", "status") == ["buffered"]

    await reload(house, said(characters={"sleeper": {"power": True}}, handsets=handsets))

    await house.advance(0)
    assert await entries(house, "messages", "status") == ["delivered"]


@pytest.mark.parametrize("own", [False, True], ids=["of a character", "of a phone"])
async def test_a_reply_that_is_said_otherwise_is_given_once_more(house: House, own: bool) -> None:
    """What was done once and for all was another thing."""

    def scenario(text: str, name: str = "alice") -> dict[str, Any]:
        steps = {"on_sms": [{"reply": text, "once": True}]}
        phone = {"number": ALICE, **(steps if own else {"like": "terse"})}
        return said(characters={} if own else {"terse": steps}, handsets={name: phone})

    await house.control("PUT", "scenario", scenario("STOP"))
    edits = [scenario("STOP", "ann"), scenario("NO", "ann")]
    for edit in (None, *edits):
        if edit is not None:
            await reload(house, edit)
        await house.send(to=ALICE, from_="447700900000")
        await house.advance("5s")

    texts = [text for text, direction in await entries(house, "messages", "text", "direction")
             if direction == "inbound"]  # fmt: skip
    assert texts == ["STOP", "NO"]


async def test_crowds_and_mixes_in_another_order_draw_others(house: House) -> None:
    """As in a world that is made from the file: the first crowd with a number has it, and mixes are drawn in order."""
    one: dict[str, Any] = {"range": "447700900700..447700900709", "mix": {"busy": "50%", "answers": "50%"}}
    two = {"range": "447700900705..447700900714", "like": "unreachable"}
    turned = {**one, "mix": {"answers": "50%", "busy": "50%"}}
    await house.control("PUT", "scenario", said(handsets={"one": one, "two": two}))
    edits: list[dict[str, Any]] = [{"two": two, "one": one}, {"two": two, "one": turned}]
    for edit in edits:
        await reload(house, said(handsets=edit))

        exported = (await house.control("GET", "scenario"))["handsets"]

        assert list(exported) == list(edit)
        assert list(exported["one"]["mix"]) == list(edit["one"]["mix"])
        assert not (await reload(house, said(handsets=edit))).change


async def test_a_name_that_a_test_moved_stays_moved(house: House) -> None:
    """An edit of something else does not take it away."""
    handsets = {"alice": {"number": ALICE}, "bob": {"number": BOB}}
    await house.control("PUT", "scenario", said(handsets=handsets))
    await house.control("PUT", "handsets/alice", {"number": "447700900603"})

    await reload(house, said(handsets={**handsets, "bob": {"number": BOB, "like": "busy"}}))

    assert (await house.control("GET", "handsets/alice"))["number"] == "447700900603"


async def test_phones_are_written_in_their_order(house: House) -> None:
    """Whatever a set of texts is like in this process, so that the same edits make the same world."""
    names = [f"4477009006{k:02}" for k in range(40)]

    def scenario(*, power: bool) -> dict[str, Any]:
        return said(
            characters={"mine": {"power": power}}, handsets={name: {"number": name, "like": "mine"} for name in names}
        )

    await house.control("PUT", "scenario", scenario(power=True))

    revision = await reload(house, scenario(power=False))

    assert [each.id for each in revision.change.put if each.id in names] == names


# Weather.


async def test_a_fault_that_a_step_is_to_arm_now_waits_for_it(house: House) -> None:
    """It was armed from the start; as in a world that is made from the file, it is not any more."""
    faults = {"late": {"target": "sms.send", "answer": "throttled"}}
    steps = [{"at": "1h", "fault": "late", "do": "arm"}]
    await house.control("PUT", "scenario", said(faults=faults))
    assert await entries(house, "faults", "name") == ["late"]

    await reload(house, said(faults=faults, timeline=steps))
    assert await entries(house, "faults", "name") == []

    await house.advance("1h")
    assert await entries(house, "faults", "name") == ["late"]
    await reload(house, said(faults=faults, timeline=steps, ends="2h"))
    assert await entries(house, "faults", "name") == ["late"]


async def test_a_fault_that_a_step_armed_stays_armed(house: House) -> None:
    """Though the step before it, which disarmed it, is gone from the file."""
    faults = {"late": {"target": "sms.send", "answer": "throttled"}}
    steps = [{"at": "1s", "fault": "late", "do": "disarm"}, {"at": "2s", "fault": "late", "do": "arm"}]
    await house.control("PUT", "scenario", said(faults=faults, timeline=steps))
    await house.advance("5s")

    await reload(house, said(faults=faults, timeline=steps[1:]))

    assert await entries(house, "faults", "name") == ["late"]


async def test_a_fault_that_a_step_armed_and_whose_time_is_over_is_armed_no_more(house: House) -> None:
    """The rest of the edit is taken."""
    until = {"target": "sms.send", "answer": "throttled", "until": "2026-03-01T09:10:00Z"}
    steps = [{"at": "1m", "fault": "late", "do": "arm"}]
    await house.control("PUT", "scenario", said(faults={"late": until}, timeline=steps))
    await house.advance("20m")

    revision = await reload(house, said(faults={"late": {**until, "from": "Acme"}}, timeline=steps, ends="1h"))

    assert revision.news == ("faults.late changed", "ends changed")
    assert await entries(house, "faults", "name") == []


async def test_what_counts_from_a_step_that_is_too_late_counts_from_its_instant(house: House) -> None:
    """By the first edit and by the next one, which says the same and changes nothing."""
    steps = [
        {"when": "message.delivered", "note": "one"},
        {"at": "+10s", "note": "two"},
        {"at": "+1h", "note": "three"},
    ]
    await house.control("PUT", "scenario", said(handsets={"alice": {"number": ALICE}}, timeline=steps[:1]))
    await house.send(to=ALICE)
    await house.advance("1m")

    await reload(house, said(handsets={"alice": {"number": ALICE}}, timeline=steps))

    again = await reload(house, said(handsets={"alice": {"number": ALICE}}, timeline=steps))
    assert again.change == Change()
    await house.advance("1h")
    played = await house.store.find("default", Played, "")
    assert [(each.k, (each.at - 1_772_355_600_000_000) // 1_000_000, bool(each.problem)) for each in played] == [
        (0, 1, False),
        (1, 11, True),
        (2, 3611, False),
    ]


# Who.


async def test_an_account_in_debt_can_be_edited_and_exported(house: House) -> None:
    """Calls and codes that are charged later leave it there; a scenario calls that nothing."""

    def scenario(rate: str) -> dict[str, Any]:
        return said(world={"accounts": {"main": {"api_key": "abcd1234", "limits": {"sms": rate}}}})

    await house.control("PUT", "scenario", scenario("1/s"))
    start = await house.store.peek("default")
    await house.store.commit("default", start.epoch, Change(counters=(Set("balance/main", -5_000_000),)))

    await reload(house, scenario("2/s"))

    assert (await house.control("GET", "accounts/abcd1234"))["balance"] == "-0.05 EUR"
    assert (await house.control("GET", "scenario"))["world"]["accounts"]["main"]["balance"] == "0.00 EUR"


# What is told, and the law.


def test_of_an_edit_that_changes_much_the_first_few_things_are_told() -> None:
    """In one line, with how many more there are."""
    news = tuple(f"handsets.h{k} added" for k in range(1000))

    told = lines(Revision(Change(), news))

    assert told == [f"reloaded: {'; '.join(news[:10])}; and 990 more"]
    assert lines(Revision(Change(), news[:11])) == [f"reloaded: {'; '.join(news[:11])}"]


_LIKE = st.sampled_from(["answers", "busy", "ported", "mine"])
_CHARACTERS = st.sampled_from([{"mine": {"power": False}}, {"mine": {"like": "slow"}, "busy": {"like": "answers"}}])
_MIX = st.permutations(["busy", "answers", "mine"]).map(lambda each: dict.fromkeys(each, "1/3"))
_HANDSETS = st.fixed_dictionaries(
    {},
    optional={
        "alice": st.fixed_dictionaries({"number": st.just(ALICE)}, optional={"like": _LIKE, "power": st.booleans()}),
        "bob": st.fixed_dictionaries({"number": st.just(BOB)}, optional={"roaming": st.just(True)}),
        "one": st.fixed_dictionaries({"range": st.just("447700900700..447700900709"), "mix": _MIX}),
        "two": st.fixed_dictionaries({"range": st.just("447700900705..447700900714"), "like": _LIKE}),
    },
).flatmap(lambda each: st.permutations(list(each.items())).map(dict))
_FAULTS = st.sampled_from(
    [
        {
            "slow": {"target": "sms.send", "delay": "1s"},
            "late": {"target": "verify.*", "answer": "throttled", "call": 1},
        },
        {"late": {"target": "verify.*", "answer": "throttled"}, "slow": {"target": "sms.send", "delay": "2s"}},
    ]
)
_STEPS = st.lists(
    st.sampled_from(
        [
            {"at": "10s", "note": "a"},
            {"at": "+10s", "note": "b"},
            {"when": "message.delivered", "note": "c"},
            {"at": "1h", "fault": "late", "do": "arm"},
            {"at": "+5s", "fault": "slow", "do": "disarm"},
        ]
    ),
    max_size=4,
)
_SCENARIOS = st.fixed_dictionaries(
    {"characters": _CHARACTERS, "faults": _FAULTS},
    optional={
        "handsets": _HANDSETS,
        "timeline": _STEPS,
        "magic": st.sampled_from([{"digits": {"30": "mine"}}, {"digits": {"02": "answers"}}]),
        "ends": st.sampled_from(["2h", "3h"]),
    },
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(_SCENARIOS, _SCENARIOS)
async def test_an_edit_makes_the_world_that_the_file_makes(before: dict[str, Any], after: dict[str, Any]) -> None:
    """Where nothing happened in between, nobody can tell a world that followed an edit from one made from the file."""
    async with open_house() as house, open_house() as other:
        await house.control("PUT", "scenario", said(**copy.deepcopy(before)))
        await other.control("PUT", "scenario", said(**copy.deepcopy(after)))

        await reload(house, said(**after))

        exports = [await each.control("GET", "scenario") for each in (house, other)]
        worlds = [(await each.store.peek("default")).world for each in (house, other)]
        pending = [
            [(each.id, each.due_at) for each in await each_house.store.pending("default")]
            for each_house in (house, other)
        ]
    assert exports[0] == exports[1]
    assert (worlds[0].faults, worlds[0].crowds) == (worlds[1].faults, worlds[1].crowds)
    assert (worlds[0].characters, worlds[0].magic) == (worlds[1].characters, worlds[1].magic)
    assert sorted(pending[0]) == sorted(pending[1])
