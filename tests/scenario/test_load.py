"""Loading: three formats with their places, what is extended, variables, and keys in files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fake_nexmo.keys.pool import key_pair
from fake_nexmo.scenario.document import Document
from fake_nexmo.scenario.errors import ScenarioError
from fake_nexmo.scenario.flaws import BrokenScenario
from fake_nexmo.scenario.load import load_file, load_named, load_object, load_text
from fake_nexmo.scenario.stock import default_world
from tests.scenario.broken import BROKEN
from tests.scenario.example import EXAMPLE, NAMES

NO_MONEY = 'is not an amount of money: write it like "100.00 EUR" or "0.0412"'
NO_INSTANT = "is no instant; write 30s from the start, +30s from the step before, or 2026-03-01T09:00:00Z"
NO_MODE = "is not a clock mode; take real, xN (such as x60, up to x1000000), manual or auto"


def flaws_of(text: str, kind: str = "yaml") -> list[str]:
    """What is said of a text that cannot be."""
    with pytest.raises(BrokenScenario) as refused:
        load_text(text, kind, NAMES, file="f")
    return [str(each) for each in refused.value.flaws]


def written(folder: Path, **files: str) -> Path:
    """Files beside each other; the first one's path. An underscore stands for the dot."""
    paths = []
    for name, text in files.items():
        path = folder / name.replace("_", ".")
        path.write_text(text)
        paths.append(path)
    return paths[0]


@pytest.mark.parametrize("text", BROKEN)
def test_everything_that_is_wrong_is_said(text: str, tmp_path: Path) -> None:
    """With file, line, column, path and the nearest right thing."""
    file = written(tmp_path, f_yaml=text)

    with pytest.raises(BrokenScenario) as refused:
        load_file(file, NAMES)

    assert tuple(str(each).removeprefix(f"{file}:") for each in refused.value.flaws) == BROKEN[text]


def test_flaws_of_all_sections_are_said_at_once() -> None:
    """In the order of the file; what may only follow from another flaw is not said."""
    assert flaws_of("""
seeed: 4
world:
  accounts:
    main: {balance: a lot, limits: {sms: fast}, auto_reload: {amount: x}}
  numbers:
    "447700900000": {account: mian, country: US}
handsets:
  alice: {number: "447700900001", like: bussy, network: "23499x"}
faults:
  a: {target: sms.sned}
expect: [{spent: {account: mian, at_most: 1 EUR}}]
""") == [
        "f:2:1: seeed: 'seeed' is not known here; did you mean 'seed'?",
        f'f:5:12: world.accounts.main.balance: "a lot" {NO_MONEY}',
        "f:5:37: world.accounts.main.limits.sms: 'fast' is no rate; write it like 30/s",
        f'f:5:63: world.accounts.main.auto_reload.amount: "x" {NO_MONEY}',
        "f:7:22: world.numbers.447700900000.account: no account is called 'mian'; did you mean 'main'?",
        "f:7:37: world.numbers.447700900000.country: 'US' contradicts the digits, which belong to GB",
        "f:9:48: handsets.alice.network: '23499x' is no network; write its MCC and MNC, such as 23410",
        "f:11:7: faults.a.target: nothing is called 'sms.sned'; did you mean 'sms.send'?",
        "f:12:19: expect.0.spent.account: no account is called 'mian'; did you mean 'main'?",
    ]


def test_a_flaw_is_shown_with_its_line() -> None:
    """And a mark under the column; tabs stay tabs."""
    with pytest.raises(BrokenScenario) as refused:
        load_text('{\t"seeed": 1}', "json", NAMES, file="f.json")

    assert refused.value.flaws[0].shown() == (
        "f.json:1:3: seeed: 'seeed' is not known here; did you mean 'seed'?\n  {\t\"seeed\": 1}\n   \t^"
    )


# Formats.


def test_json_is_read_as_yaml_is() -> None:
    """With tabs, escapes of every sort, and characters that YAML takes for something else."""
    text = 'a\u2028b\x7f"\\/\t\U0001f600é{{'
    given = {"scenario": text, "seed": 7, "handsets": {"a": {"number": "447700900001", "power": False}}}
    expected = load_object(given, NAMES)
    assert expected.scenario == text.replace("{{", "{")

    for said in (json.dumps(given, indent="\t"), json.dumps(given, ensure_ascii=False)):
        assert load_text(said.replace("/", "\\/"), "json", NAMES) == expected


def test_toml_is_read_as_yaml_is() -> None:
    """Numbers, truth values and instants too; a table of ``x-null`` is nothing."""
    read = load_text(
        """
scenario = "toml"
seed = 7
ends = 5
clock.start = 2026-03-01T09:00:00Z
[handsets.a]
number = 447700900001
power = false
network = {x-null = true}
on_sms = [{reply = "hi", after = 0.5}]
[[timeline]]
at = "1s"
note = "one"
[[timeline]]
at = "2s"
note = "two"
""",
        "toml",
        NAMES,
    )

    assert read == load_text(
        """
{scenario: toml, seed: 7, ends: 5, clock: {start: "2026-03-01T09:00:00Z"},
 handsets: {a: {number: 447700900001, power: false, network: null, on_sms: [{reply: hi, after: 0.5}]}},
 timeline: [{at: 1s, note: one}, {at: 2s, note: two}]}
""",
        "yaml",
        NAMES,
    )


def test_toml_has_places_too() -> None:
    """Of keys, and of the keys around what stands within a line."""
    assert flaws_of(
        """seeed = 1
[world.accounts."main"]
balance = "a lot"
limits = {sms = "fast"}
[[timeline]]
at = "1s"
note = "one"
[[timeline]]
at = "soon"
note = "two"
[faults]
a.target = "sms.sned"
""",
        "toml",
    ) == [
        "f:1:1: seeed: 'seeed' is not known here; did you mean 'seed'?",
        f'f:3:1: world.accounts.main.balance: "a lot" {NO_MONEY}',
        "f:4:1: world.accounts.main.limits.sms: 'fast' is no rate; write it like 30/s",
        f"f:9:1: timeline.1.at: 'soon' {NO_INSTANT}",
        "f:12:1: faults.a.target: nothing is called 'sms.sned'; did you mean 'sms.send'?",
    ]


UNREADABLE = {
    ("toml", "a = \nb = 1"): "f:1:5: this is no TOML: Invalid value",
    ("toml", "a = ["): "f:1:1: this is no TOML: ",
    ("toml", "a = nan"): "f:1:1: a: 'a' is not known here; there are ",
    ("json", '{"a": }'): "f:1:2: a: 'a' is not known here; there are ",
    ("json", '{"a" "b"}'): "f:1:6: this is no JSON: ",
    ("yaml", "a: [1"): "f:2:1: this is no YAML: ",
    ("yaml", "a: &a [*a]"): "f:1:4: this goes too deep, or an alias leads back to itself",
    ("yaml", "a: *b"): "f:1:4: this is no YAML: ",
    ("yaml", "--- {}\n--- {}"): "f:2:1: this is no YAML: ",
    ("yaml", "a: \x00"): "f: this is no YAML: ",
}


@pytest.mark.parametrize(("kind", "text"), UNREADABLE)
def test_what_cannot_be_read(kind: str, text: str) -> None:
    """Says where reading ended. The parsers' own words differ between their builds."""
    (said,) = flaws_of(text, kind)

    assert said.startswith(UNREADABLE[kind, text])


def test_an_empty_file_is_the_default_world() -> None:
    """Nothing is said, so everything is as ever."""
    for kind, text in (("yaml", ""), ("yaml", "# nothing\n"), ("toml", ""), ("json", "{}")):
        assert load_text(text, kind, NAMES) == Document()


def test_a_file_must_be_there_and_have_a_format(tmp_path: Path) -> None:
    """And be text."""
    (tmp_path / "f.yaml").write_bytes(b"\xff\xfe\x00")

    for name, said in {
        "f.ini": "no format goes with that name; take .yaml, .yml, .toml, .json",
        "g.yaml": "this cannot be read: No such file or directory",
        "f.yaml": "this is no text in UTF-8",
    }.items():
        with pytest.raises(BrokenScenario) as refused:
            load_file(tmp_path / name, NAMES)
        assert [str(each) for each in refused.value.flaws] == [f"{tmp_path}/{name}: {said}"]


def test_the_example_is_the_same_in_a_file(tmp_path: Path) -> None:
    """With a byte order mark, too."""
    file = tmp_path / "f.yml"
    file.write_text(EXAMPLE, encoding="utf-8-sig")

    assert load_file(file, NAMES) == load_text(EXAMPLE, "yaml", NAMES)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ([1], "a scenario is a table, such as {world: {…}}"),
        ({"seed": {1}}, "{1} cannot stand in a scenario; it holds texts, numbers, lists and tables"),
        ({"seed": 1.5}, "seed: a whole number is expected here, not '1.5'"),
        ({"extends": "../etc/passwd"}, "extends.0: the library has no scenario '../etc/passwd'; there are "),
        (
            {"world": {"applications": {"a": {"account": "main", "public_key_file": "k.pem"}}}},
            "world.applications.a.public_key_file: only a scenario in a file can name a file; say public_key",
        ),
    ],
)
def test_an_object_that_cannot_be(given: object, said: str) -> None:
    """It has no places, and reads no file."""
    with pytest.raises(BrokenScenario) as refused:
        load_object(given, NAMES)

    assert str(refused.value).startswith(said)


# What is extended.


def test_later_wins_by_name_and_null_removes(tmp_path: Path) -> None:
    """Tables are merged deeply, lists and texts replaced; notes and variables of all files count."""
    file = written(
        tmp_path,
        top_yaml="""
extends: [one.toml, two.json]
seed: 3
vars: {text: top}
handsets: {a: {like: null, power: true, on_sms: [{reply: "{text}"}]}, b: null}
""",
        one_toml="""
seed = 1
scenario = "one"
vars.text = "one"
vars.other = "one"
[handsets.a]
number = "447700900001"
like = "busy"
on_sms = [{reply = "x"}, {ignore = true}]
[handsets.b]
number = "447700900002"
""",
        two_json='{"scenario": "two-{other}", "handsets": {"c": {"number": "447700900003"}}}',
    )

    assert load_file(file, NAMES) == load_text(
        """
seed: 3
scenario: two-one
vars: {text: top, other: one}
handsets:
  a: {number: "447700900001", power: true, on_sms: [{reply: top}]}
  c: {number: "447700900003"}
""",
        "yaml",
        NAMES,
    )


def test_flaws_name_the_file_they_stand_in(tmp_path: Path) -> None:
    """Of every file that there is, at once."""
    file = written(tmp_path, top_yaml="extends: base.yaml\nseed: x", base_yaml="\nscenarioo: 1\nclock: {mode: noon}")

    with pytest.raises(BrokenScenario) as refused:
        load_file(file, NAMES)

    assert [str(each) for each in refused.value.flaws] == [
        f"{tmp_path}/base.yaml:2:1: scenarioo: 'scenarioo' is not known here; did you mean 'scenario'?",
        f"{tmp_path}/base.yaml:3:9: clock.mode: 'noon' {NO_MODE}",
        f"{tmp_path}/top.yaml:2:1: seed: a whole number is expected here, not 'x'",
    ]


def test_a_file_cannot_extend_itself(tmp_path: Path) -> None:
    """Nor by a detour; but two may extend the same one."""
    file = written(tmp_path, a_yaml="extends: [b.yaml]", b_yaml="extends: a.yaml")
    with pytest.raises(BrokenScenario) as refused:
        load_file(file, NAMES)
    assert str(refused.value) == f"{tmp_path}/b.yaml:1:10: extends: the file extends itself: a.yaml -> b.yaml -> a.yaml"

    file = written(tmp_path, c_yaml="extends: [d.yaml, e.yaml]", d_yaml="extends: e.yaml", e_yaml="seed: 5")
    assert load_file(file, NAMES).seed == 5


def test_a_missing_file_is_named_where_it_is_extended(tmp_path: Path) -> None:
    """With the scenarios of the library, which need no file."""
    file = written(tmp_path, f_yaml="seed: 1\nextends: [missing.yaml, default]")

    with pytest.raises(BrokenScenario) as refused:
        load_file(file, NAMES)

    assert str(refused.value).startswith(
        f"{file}:2:11: extends.0: there is no file 'missing.yaml'; the library has no scenario 'missing.yaml'; "
    )


def test_the_library_can_be_extended_by_name() -> None:
    """From anywhere."""
    read = load_object({"extends": "default", "seed": 9}, NAMES)

    assert (read.scenario, read.seed) == ("default", 9)


def test_the_library_has_names() -> None:
    """Others are refused with the nearest one."""
    assert load_named("default", NAMES).scenario == "default"
    with pytest.raises(ScenarioError, match="no scenario 'defautl'; did you mean 'default'"):
        load_named("defautl", NAMES)


def test_the_default_world_is_in_the_library() -> None:
    """The same as the one that is made without a scenario."""
    assert load_named("default", NAMES).world == default_world(spelled_out=True)


# Variables.

SHOP = "vars: {app: 'http://127.0.0.1', n: 1}\nscenario: '{app}/{n}'"


def test_variables_come_from_the_nearest(tmp_path: Path) -> None:
    """Given ones win over the environment, and that over the file."""
    file = written(tmp_path, f_yaml=SHOP)
    environment = {"FAKE_NEXMO_VAR_APP": "env", "FAKE_NEXMO_VAR_N": "2", "FAKE_NEXMO_VAR_OTHER": "x"}

    assert load_file(file, NAMES).scenario == "http://127.0.0.1/1"
    assert load_file(file, NAMES, {}, environment).scenario == "env/2"
    read = load_file(file, NAMES, {"n": "3"}, environment)
    assert (read.scenario, read.vars) == ("env/3", {"app": "env", "n": "3"})


def test_a_variable_may_be_given_without_being_declared(tmp_path: Path) -> None:
    """By the caller or the environment; one that nothing uses is a mistake."""
    file = written(tmp_path, f_yaml="scenario: '{host}'")

    assert load_file(file, NAMES, {"host": "a"}).scenario == "a"
    assert load_file(file, NAMES, {}, {"FAKE_NEXMO_VAR_HOST": "b"}).scenario == "b"
    with pytest.raises(BrokenScenario) as refused:
        load_file(file, NAMES, {"hots": "a", "host": "a"})
    assert str(refused.value).endswith("vars.hots: nothing in the scenario uses 'hots'; did you mean 'host'?")


def test_braces() -> None:
    """Two are one; what is no name in braces is just a brace; variables may hold others."""
    read = load_text(
        r"""
vars: {a: "x{b}", b: "{{y}"}
scenario: '{a} {{a} {4} {A} {} { {{{{'
handsets:
  m: {number: "447700900001", on_sms: [{reply: x, if_text: '/\d{4,6}/'}],
      on_code: [{submit: {url: "http://127.0.0.1/{{", json: {t: "{b}{code}{{"}}}]}
""",
        "yaml",
        NAMES,
    )

    assert read.vars == {"a": "x{y}", "b": "{y}"}
    assert read.scenario == "x{y} {a} {4} {A} {} { {{"
    handset = read.handsets["m"]
    assert handset.on_sms[0].if_text == r"/\d{4,6}/"  # type: ignore[index]
    assert handset.on_code == [{"submit": {"url": "http://127.0.0.1/{{", "json": {"t": "{{y}{code}{{"}}}]


def test_settings_are_read_as_their_rows_have_them() -> None:
    """Lists of texts stay texts, and a form keeps what is filled in when a person acts."""
    read = load_text(
        """
vars: {app: http://127.0.0.1:1}
world:
  settings:
    verify_blocked: [23410, "4477"]
    verify_limit: 30
    verify_price: 1
    code_form: {url: "{app}/otp", json: {n: "{number}", c: "{code}", tries: 3, more: [true, null]}}
""",
        "yaml",
        NAMES,
    )

    assert read.world.settings == {
        "verify_blocked": ["23410", "4477"],
        "verify_limit": 30,
        "verify_price": "1",
        "code_form": {
            "url": "http://127.0.0.1:1/otp",
            "json": {"n": "{number}", "c": "{code}", "tries": 3, "more": [True, None]},
        },
    }


def test_variables_may_hold_notes() -> None:
    """They are no variables."""
    assert load_text("vars: {x-why: [1], a: b}", "yaml", NAMES).vars == {"a": "b"}


def test_a_fault_that_is_spent_and_an_instant_that_is_none() -> None:
    """Words and instants stand where either may; without a start nobody knows when an instant of the timeline is."""
    read = load_text(
        """
faults: {a: {target: sms.send, call: 1, until: spent}}
timeline: [{at: 2026-03-01T09:00:00Z, note: a}, {at: +1s, note: b}, {when: call.busy, from: 4477*, note: c}]
ends: 1s
""",
        "yaml",
        NAMES,
    )

    assert read.faults["a"].until == "spent"
    assert [step.at for step in read.timeline][:2] == ["2026-03-01T09:00:00Z", "+1s"]


# Keys.


def test_a_public_key_may_stand_in_a_file_beside(tmp_path: Path) -> None:
    """Beside the file that names it, whichever extends it."""
    public = key_pair(1, 0).public
    below = tmp_path / "below"
    below.mkdir()
    written(
        below,
        base_yaml="world: {applications: {a: {account: main, public_key_file: k.pem}}}",
        k_pem=public,
    )
    file = written(tmp_path, f_yaml="extends: below/base.yaml")

    assert load_file(file, NAMES).world.applications["a"].public_key == public


def test_a_key_is_said_once(tmp_path: Path) -> None:
    """In the file, or in one beside it; and the name of a file is a text."""
    for facts, said in {
        "public_key: x, public_key_file: k.pem": "public_key and public_key_file are two spellings of one fact; "
        "keep one",
        "public_key_file: [k.pem]": "the name of a file is expected here",
    }.items():
        file = written(tmp_path, f_yaml=f"world: {{applications: {{a: {{account: main, {facts}}}}}}}")
        with pytest.raises(BrokenScenario) as refused:
            load_file(file, NAMES)
        assert str(refused.value).endswith(f"world.applications.a.public_key_file: {said}")


def test_a_key_is_drawn_or_brought() -> None:
    """Not both."""
    given = {"account": "main", "keys": "generate", "public_key": key_pair(1, 0).public}

    with pytest.raises(BrokenScenario, match="keys and public_key both say which key it has"):
        load_object({"world": {"applications": {"a": given}}}, NAMES)


def test_aliases_that_multiply_are_refused_at_once() -> None:
    """Nine levels of nine would be 387 million things."""
    levels = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    levels += [f"a{k}: &a{k} [{', '.join([f'*a{k - 1}'] * 9)}]" for k in range(1, 9)]
    with pytest.raises(BrokenScenario) as broken:
        load_text("version: 1\nx-all:\n" + "\n".join(f"  {level}" for level in levels), "yaml", NAMES)
    assert "this holds more than 100,000 things; aliases of aliases multiply" in str(broken.value)
