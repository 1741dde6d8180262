"""Characters and magic numbers that a scenario declares: like, mix, layers, what cannot be, and what comes of them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from fake_nexmo.core.instant import SECOND
from fake_nexmo.core.records import Character, Magic, MagicRange, PartStatus, Reaction, SmsStep, Trouble
from fake_nexmo.scenario.cast import characters_of
from fake_nexmo.scenario.characters import MagicFacts, to_magic
from fake_nexmo.scenario.dump import dump, plain
from fake_nexmo.scenario.errors import ScenarioError
from fake_nexmo.scenario.explain import explain
from fake_nexmo.scenario.flaws import BrokenScenario
from fake_nexmo.scenario.library import folder
from fake_nexmo.scenario.load import load_file, load_object, load_text
from fake_nexmo.scenario.reloading import follow
from fake_nexmo.scenario.schema import schema
from fake_nexmo.scenario.stock import stock
from tests.engine.test_carry_calls import TALK, Probe
from tests.house import House
from tests.receiver import Receiver
from tests.scenario.example import NAMES

OWNED = "447700900000"
ANNA, BERT = "447700900201", "447700900202"

SAID: dict[str, Any] = {
    "characters": {
        "tired": {"like": "slow", "on_sms": [{"reply": "zzz"}]},
        "dozing": {"like": "tired", "power": True, "receipts": {"after": "5s"}, "reachable": True},
        "busy": {"like": "busy", "submission": "no_credit"},
        "answers": {"receipts": {"after": "3s"}},
    },
    "magic": {"digits": {"30": "tired", "02": "answers"}},
}


def made(said: dict[str, Any] = SAID) -> tuple[dict[str, Character], Magic]:
    """The characters and magic numbers of a scenario."""
    characters, magic = characters_of(load_object(said, NAMES), NAMES)
    return dict(characters), magic


def test_what_a_character_does_not_say_is_as_with_the_one_it_is_like() -> None:
    """However many lie below; one that is like its own name is like the one that it takes the place of."""
    characters, _ = made()
    slow = stock().characters["slow"]
    tired = replace(slow, on_sms=(SmsStep(reply="zzz"),))

    assert characters == {
        **stock().characters,
        "tired": tired,
        "dozing": replace(
            tired,
            power=True,
            receipts=(Reaction(5 * SECOND, PartStatus.DELIVERED, "0"),),
            rest={**slow.rest, "reachable": True},
        ),
        "busy": Character(submission=Trouble("no_credit"), rest={"line": "busy"}),
        "answers": Character(receipts=(Reaction(3 * SECOND, PartStatus.DELIVERED, "0"),)),
    }


def test_each_key_of_a_character_wins_over_the_one_below() -> None:
    """And is kept where the upper one says nothing."""
    below = {
        "power": False,
        "network": "23415",
        "submission": "throttled",
        "on_sms": [],
        "receipts": {"after": "9s"},
        "line": "busy",
    }
    above = {
        "power": True,
        "network": "23420",
        "submission": "no_credit",
        "on_sms": [{"echo": True}],
        "receipts": {"after": "8s"},
        "line": "free",
    }

    characters, _ = made(
        {"characters": {"a": below, "b": {"like": "a"}, "c": {"like": "b", **above}, "d": above, "e": {"like": "c"}}}
    )

    assert characters["b"] == characters["a"]
    assert characters["c"] == characters["d"] == characters["e"] != characters["a"]


def test_magic_numbers_are_laid_over_those_of_the_package() -> None:
    """Digits besides; ranges instead."""
    digits = {**stock().magic.digits, "30": "tired", "02": "answers"}
    assert made()[1] == Magic(stock().magic.ranges, digits)

    there = {"magic": {"ranges": ["+447700900300..+447700900399", "1NPA5550101..1NPA5550110"]}}
    ranges = (MagicRange("447700900300", "447700900399"), MagicRange("1NPA5550101", "1NPA5550110"))
    assert made(there)[1] == Magic(ranges, stock().magic.digits)
    assert made({"magic": {"ranges": []}})[1] == Magic((), stock().magic.digits)


@pytest.mark.parametrize(
    ("facts", "path"),
    [
        (MagicFacts(digits={"02": "bussy"}), "digits.02"),
        (MagicFacts(ranges=["1..2"]), "ranges.0"),
        (MagicFacts(ranges=["447700900001..447700900009"] * 2), "ranges.1"),
    ],
)
def test_magic_numbers_that_no_file_said_are_looked_through_too(facts: MagicFacts, path: str) -> None:
    """As a program spells them."""
    with pytest.raises(ScenarioError) as refused:
        to_magic(facts, Magic(), stock().characters)
    assert refused.value.path == path


def test_a_scenario_without_any_shares_those_of_the_package() -> None:
    """By reference."""
    characters, magic = characters_of(load_object({}, NAMES), NAMES)

    assert characters is stock().characters
    assert magic is stock().magic


CANNOT: list[tuple[str, tuple[str, ...]]] = [
    (
        "{characters: {a: {like: bussy}}}",
        ("1:19: characters.a.like: no character is called 'bussy'; did you mean 'busy'?",),
    ),
    (
        "{characters: {neww: {}, a: {like: new}}}",
        ("1:29: characters.a.like: no character is called 'new'; did you mean 'neww'?",),
    ),
    (
        "{characters: {bussy: {like: bussy}}}",
        ("1:23: characters.bussy.like: no character is called 'bussy'; did you mean 'busy'?",),
    ),
    (
        "{characters: {a: {like: b}, b: {like: a}}}",
        (
            "1:19: characters.a.like: a character is not made from itself: a -> b -> a",
            "1:33: characters.b.like: a character is not made from itself: b -> a -> b",
        ),
    ),
    (
        "{characters: {a: {number: '447700900001'}}}",
        ("1:19: characters.a.number: a character is how phones behave, not which; 'number' is for handsets",),
    ),
    (
        "{characters: {a: {mix: {busy: 1}}}}",
        ("1:19: characters.a.mix: a character is how phones behave, not which; 'mix' is for handsets",),
    ),
    ("{characters: {a: {lin: busy}}}", ("1:19: characters.a.lin: 'lin' is not known here; did you mean 'line'?",)),
    (
        "{characters: {a: {submission: throtled}, b: {like: a}}}",
        ("1:19: characters.a.submission: no trouble is called 'throtled'; did you mean 'throttled'?",),
    ),
    (
        "{characters: {a: {look_up: silnt}}}",
        ("1:19: characters.a.look_up: one of live, silent is expected here, not 'silnt'; did you mean 'silent'?",),
    ),
    (
        "{characters: {a: {network: '99999'}}}",
        (
            (
                "1:19: characters.a.network: no network 99999 is known; none has that country code; others can be "
                "declared in world.networks"
            ),
        ),
    ),
    (
        "{characters: {a: {on_sms: [{echo: true}, {reply: x}]}, b: {like: a}}}",
        ("1:42: characters.a.on_sms.1: a step before it takes every message that it would answer",),
    ),
    (
        "{characters: {a: {on_sms: [{echo: true, reply: x}]}}}",
        ("1:28: characters.a.on_sms.0: a step is either reply: TEXT, echo: true or ignore: true",),
    ),
    (
        "{characters: {a: {on_call: [{answer: {after: last_momnt}}]}}}",
        ("1:39: characters.a.on_call.0.answer.after: 'last_momnt' is not a duration; did you mean 'last_moment'?",),
    ),
    (
        "{characters: {a: {on_call: [{reject: {after: last_moment}}]}}}",
        (
            (
                "1:39: characters.a.on_call.0.reject.after: 'last_moment' is when a call is answered; write how "
                "long it is until reject"
            ),
        ),
    ),
    (
        "{characters: {a: {on_call: [{press: '1', after: last_moment}, {answer: {}}]}}}",
        (
            (
                "1:42: characters.a.on_call.0.after: 'last_moment' is when a call is answered; write how long "
                "it is until press"
            ),
            "1:64: characters.a.on_call.1.answer: the phone is answered once: answer is the first step or none",
        ),
    ),
    (
        "{characters: {a: {on_code: [{submit: {}, wrong: maybe}]}}}",
        ("1:42: characters.a.on_code.0.wrong: true or false is expected here, not 'maybe'",),
    ),
    ("{magic: {digit: {}}}", ("1:10: magic.digit: 'digit' is not known here; did you mean 'digits'?",)),
    (
        "{magic: {digits: {'02': bussy}}}",
        ("1:19: magic.digits.02: no character is called 'bussy'; did you mean 'busy'?",),
    ),
    (
        "{magic: {digits: {'1': busy}}}",
        ("1:19: magic.digits.1: '1' are no two digits; the last two of a number choose its character",),
    ),
    (
        "{magic: {ranges: [447700900001, 447700900009..447700900001]}}",
        (
            (
                "1:19: magic.ranges.0: '447700900001' is no range; write it like 447700900001..447700900099, with "
                "NPA for any area"
            ),
            (
                "1:33: magic.ranges.1: '447700900009..447700900001' is no range; write it like "
                "447700900001..447700900099, with NPA for any area"
            ),
        ),
    ),
    (
        "{magic: {ranges: [1NPA5550101..1NPA5550199, 12015550110..12015550120, 12015550110..12015550220]}}",
        ("1:45: magic.ranges.1: a range before it has all of these numbers, so it adds none",),
    ),
    (
        "{magic: {ranges: [12015550100..12015550199, 1NPA5550110..1NPA5550120, 1NPA5550110..1NPA5550115]}}",
        ("1:71: magic.ranges.2: a range before it has all of these numbers, so it adds none",),
    ),
    (
        "{handsets: {a: {number: '447700900201', like: mine}}, characters: {mien: {}}}",
        ("1:41: handsets.a.like: no character is called 'mine'; did you mean 'mien'?",),
    ),
    (
        "{handsets: {a: {range: 447700900201..447700900209, mix: {mine: 1}}}, characters: {mien: {}}}",
        ("1:58: handsets.a.mix.mine: no character is called 'mine'; did you mean 'mien'?",),
    ),
]


@pytest.mark.parametrize(("text", "flaws"), CANNOT, ids=[text for text, _ in CANNOT])
def test_what_cannot_be_is_said_with_its_place(text: str, flaws: tuple[str, ...]) -> None:
    """All of it, in the order of the file."""
    with pytest.raises(BrokenScenario) as broken:
        load_text(text, "yaml", NAMES)

    assert tuple(str(each).removeprefix("scenario.yaml:") for each in broken.value.flaws) == flaws


@pytest.mark.parametrize("text", ["NPA555..NPA999", "1NPA5550101..12015550199", "NPA1234567..N1234567", "1..2"])
def test_ranges_that_are_none(text: str) -> None:
    """Too short, or with an area code in one of two places only."""
    with pytest.raises(BrokenScenario, match="is no range"):
        load_object({"magic": {"ranges": [text]}}, NAMES)


def test_a_step_that_is_done_once_does_not_hide_those_behind_it() -> None:
    """Which answer the second message."""
    steps = [{"reply": "STOP", "once": True}, {"echo": True}]

    characters, _ = made({"characters": {"a": {"on_sms": steps}}})

    assert characters["a"].on_sms == (SmsStep(reply="STOP", once=True), SmsStep(reply="", echo=True))


def test_they_are_laid_over_those_of_another_file(tmp_path: Path) -> None:
    """Deeply, by name; null removes. The package's own lie below all files, and what is removed shows them again."""
    (tmp_path / "below.yaml").write_text(
        "characters: {a: {line: busy, power: false}, busy: {power: false}}\nmagic: {digits: {'30': a, '31': a}}"
    )
    above = tmp_path / "above.yaml"
    above.write_text(
        "extends: below.yaml\ncharacters: {a: {power: true}, busy: null}\nmagic: {digits: {'31': busy, '32': a}}"
    )

    document = load_file(above, NAMES)
    characters, magic = characters_of(document, NAMES)

    assert list(document.characters) == ["a"]
    assert characters["a"] == Character(power=True, rest={"line": "busy"})
    assert characters["busy"] == stock().characters["busy"]
    assert {key: magic.digits[key] for key in ("30", "31", "32")} == {"30": "a", "31": "busy", "32": "a"}


def test_the_file_of_the_package_can_be_extended() -> None:
    """Which changes nothing."""
    characters, magic = made({"extends": "stock"})

    assert characters == stock().characters
    assert magic == stock().magic


@pytest.mark.parametrize("kind", ["yaml", "toml", "json"])
def test_they_are_dumped_and_loaded_again(kind: str) -> None:
    """With the braces of a form as they are."""
    said = {
        **SAID,
        "characters": {
            **SAID["characters"],
            "typist": {"on_code": [{"submit": {"form": {"a": "{code}{{x}"}}, "wrong": True, "after": "2s"}]},
            "twice": {"on_sms": [{"echo": True, "once": True}], "on_call": [{"answer": {"after": "last_moment"}}]},
        },
        "magic": {"ranges": ["1NPA5550101..1NPA5550199"], "digits": {"01": "twice"}},
    }
    document = load_object(said, NAMES)

    assert load_text(dump(document, kind), kind, NAMES) == document
    assert load_object(plain(document), NAMES) == document


def test_they_are_explained() -> None:
    """All that can be named, and which numbers have one."""
    text = explain(load_object(SAID, NAMES), NAMES)

    named = text[text.index("Characters that can be named:") : text.index("Operations that can be named:")]
    assert named == (
        "Characters that can be named:\n"
        "  answers busy no-answer rejects voicemail unreachable switched-off slow ported barred landline\n"
        "  wrong-coder late-coder opt-outer parrot flaky roaming throttled broke tired dozing\n"
        "\n"
        "Magic numbers:\n"
        "  447700900001..447700900099\n"
        "  1NPA5550101..1NPA5550199\n"
        "  01 answers, 02 answers, 03 no-answer, 04 rejects, 05 voicemail, 06 unreachable, 07 switched-off,\n"
        "  08 slow, 09 ported, 10 barred, 11 landline, 12 wrong-coder, 13 late-coder, 14 opt-outer, 15 parrot,\n"
        "  16 flaky, 17 roaming, 20 throttled, 21 broke, 30 tired\n"
        "\n"
    )


def test_the_schema_has_them() -> None:
    """A character has all keys of a handset but those that say which phone it is."""
    whole = schema()
    parts = whole["$defs"]

    assert whole["properties"]["characters"]["additionalProperties"] == {"$ref": "#/$defs/CharacterFacts"}
    assert parts["HandsetFacts"]["properties"].keys() - parts["CharacterFacts"]["properties"].keys() == {
        *("number", "range", "mix", "sticky")
    }
    assert parts["MagicFacts"]["properties"].keys() == {"ranges", "digits"}


def test_the_readme_of_the_library_shows_some() -> None:
    """What it shows can be loaded."""
    (shown,) = re.findall(r"```yaml\n(.*?)```", (folder() / "README.md").read_text(), re.DOTALL)

    assert list(load_text(shown, "yaml", NAMES).characters) == ["sleeper", "busy"]


# What comes of them in a world.


async def begin(house: House, said: dict[str, Any]) -> None:
    """Put the world back to what a scenario says."""
    await house.control("PUT", "scenario", said)


async def delivered_after(house: House, number: str) -> float:
    """Seconds until an SMS is delivered."""
    before = {each["seq"] for each in (await house.control("GET", "events?name=message.delivered"))["items"]}
    await house.send(to=number, from_=OWNED)
    for passed in range(1, 12):
        await house.advance("1s")
        found = (await house.control("GET", "events?name=message.delivered"))["items"]
        if {each["seq"] for each in found} - before:
            return passed
    raise AssertionError("it was not delivered")


async def test_phones_crowds_and_magic_numbers_are_like_them(house: House) -> None:
    """And everybody who is like nobody in particular is as the scenario's own `answers` is."""
    said = {
        "characters": {
            "five": {"receipts": {"after": "5s"}},
            "six": {"like": "five", "receipts": {"after": "6s"}},
            "answers": {"receipts": {"after": "3s"}},
        },
        "magic": {"digits": {"30": "five", "02": "six"}},
        "handsets": {"anna": {"number": ANNA, "like": "five"}, "crowd": {"range": "447700900300..447700900399",
                                                                         "mix": {"six": "100%"}}},
    }  # fmt: skip
    await begin(house, said)

    numbers = (ANNA, "447700900302", "447700900030", "447700900002", "12125550130", BERT, "447700900001")
    found = [await delivered_after(house, number) for number in numbers]

    assert found == [5, 6, 5, 6, 5, 3, 3]
    shown = await house.control("GET", "scenario")
    assert {name: shown[name] for name in said} | {"handsets": None} == {
        "characters": said["characters"],
        "magic": said["magic"],
        "handsets": None,
    }
    assert await house.control("GET", "handsets/447700900030") == {"number": "447700900030", "like": "five"}


async def test_a_number_that_is_owned_is_nobodys_even_where_everybody_else_is_strange(house: House) -> None:
    """Its submissions go as ever."""
    await begin(house, {"characters": {"answers": {"submission": "no_credit"}}})

    statuses = [(await house.send(to=to))["messages"][0]["status"] for to in (BERT, OWNED)]

    assert statuses == ["9", "0"]


async def test_a_test_can_declare_phones_like_them(house: House) -> None:
    """Over the control API; a name that nobody declared is refused with the nearest."""
    await begin(house, {"characters": {"sleeper": {"power": False}}})

    shown = await house.control("PUT", f"handsets/{ANNA}", {"like": "sleeper"})
    crowd = {"range": "447700900300..447700900399", "mix": {"sleeper": 1}}
    await house.control("PUT", "handsets/crowd", crowd)
    await house.send(to=ANNA)
    await house.send(to="447700900301")
    await house.advance("1m")

    assert shown == {"number": ANNA, "like": "sleeper"}
    assert [each["status"] for each in (await house.control("GET", "messages"))["items"]] == ["buffered", "buffered"]
    refused = await house.control("PUT", f"handsets/{ANNA}", {"like": "sleepr"}, 422)
    assert refused["detail"] == "like: no character is called 'sleepr'; did you mean 'sleeper'?"
    await house.control("POST", "/worlds", {"name": "other"}, 201)
    await house.control("PUT", "/worlds/other/handsets/" + ANNA, {"like": "sleeper"}, 422)


async def test_calls_look_ups_and_codes_see_them(house: House) -> None:
    """Every key of a handset says of a character what it says of a phone."""
    said = {
        "characters": {
            "host": {
                "on_call": [{"answer": {"after": "7s"}}, {"hang_up": {"after": "1s"}}],
                "code": "4711",
                "on_code": [{"submit": {}, "after": "3s"}],
                "network": "23415",
                "valid": "inferred",
                "caller": {"first_name": "Ada", "last_name": "Byron"},
                "ip_country": "FR",
                "ported": "assumed_ported",
                "roaming": {"country": "FR", "network": "20801"},
            }
        },
        "magic": {"digits": {"30": "host"}},
    }
    await begin(house, said)
    number, probe = "447700900030", Probe(house)
    await probe.place(number)
    await house.advance("1m")
    trace = await probe.trace()
    async with Receiver() as receiver:
        await house.control("PATCH", "settings", {"code_form": {"url": receiver.url, "form": {"code": "{code}"}}})
        asked = {"api_key": "abcd1234", "api_secret": "s3cr3tS3cr3t", "number": number}
        await house.client.post("/verify/json", data={**asked, "brand": "Acme", "workflow_id": "6"})
        await house.advance("1m")
        typed = [each.form for each in receiver.requests]
    answer = (await house.client.get("/ni/advanced/json", params={**asked, "cnam": "true"})).json()

    assert trace == [(0, "started"), (0.01, "ringing"), (7, "answered"), (8, "completed")]
    assert typed == [{"code": "4711"}]
    assert (answer["current_carrier"]["network_code"], answer["valid_number"]) == ("23415", "inferred")
    assert (answer["ported"], answer["roaming"]["roaming_country_code"]) == ("assumed_ported", "FR")


async def test_who_answers_by_hand_does_what_the_character_does_then(house: House) -> None:
    """Though nobody declared the phone."""
    await begin(
        house,
        {
            "characters": {"doer": {"answers": "by_hand", "on_call": [{"hang_up": {"after": "1s"}}]}},
            "magic": {"digits": {"30": "doer"}},
        },
    )
    probe = Probe(house)
    await probe.place("447700900030")
    await house.advance("5s")

    await house.control("POST", "handsets/447700900030/answer")
    await house.advance("1m")

    assert await probe.trace() == [(0, "started"), (0.01, "ringing"), (5, "answered"), (6, "completed")]


async def test_a_machine_of_a_character_is_the_one_of_a_phone_that_says_less(house: House) -> None:
    """Word by word."""
    await begin(house, {"characters": {"box": {"machine": {"greeting": "Hi.", "beep_after": "9s"}}}})
    await house.control("PUT", f"handsets/{ANNA}", {"like": "box", "machine": {}})
    probe = Probe(house)

    await probe.place(ANNA)
    await house.advance("1m")

    assert await probe.trace() == [(0, "started"), (0.01, "ringing"), (2, "answered"), (2.5 + TALK, "completed")]


async def test_an_edit_of_the_scenario_replaces_them(house: House) -> None:
    """At once, for phones that were declared before, too."""
    said: dict[str, Any] = {
        "characters": {"five": {"receipts": {"after": "5s"}}, "gone": {}},
        "handsets": {"anna": {"number": ANNA, "like": "five"}},
    }
    await begin(house, said)
    after = {**said, "characters": {"five": {"receipts": {"after": "2s"}}}, "magic": {"digits": {"30": "five"}}}

    told = await follow(house.store, lambda: house.wall, "default", load_object(after, NAMES), NAMES)

    assert told.news == ("characters.five changed", "characters.gone removed", "magic changed")
    assert [await delivered_after(house, number) for number in (ANNA, "447700900030", BERT)] == [2, 2, 1]
    await begin(house, {})
    assert await delivered_after(house, "447700900030") == 1


async def test_forks_and_snapshots_keep_them(house: House) -> None:
    """By reference."""
    await begin(house, SAID)
    kept = (await house.store.peek("default")).world
    snapshot = (await house.control("POST", "snapshot", status=201))["snapshot"]
    await house.control("POST", "fork", {"name": "twin"}, 201)
    await begin(house, {})
    assert (await house.store.peek("default")).world.characters is stock().characters
    await house.control("POST", "restore", {"snapshot": snapshot})

    for name in ("default", "twin"):
        world = (await house.store.peek(name)).world
        assert (world.characters is kept.characters, world.magic is kept.magic) == (True, True)
