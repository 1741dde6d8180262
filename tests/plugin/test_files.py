"""Scenario files as tests: what is collected, how they are played, and what is said of them."""

from __future__ import annotations

import pytest

from tests.plugin.inner import QUIET

pytest_plugins = ("pytester",)

SHOP = """
import os
from urllib.parse import parse_qs

import httpx

ASKED = []


def send(to, text):
    who = {"api_key": os.environ["NEXMO_API_KEY"], "api_secret": os.environ["NEXMO_API_SECRET"]}
    form = {**who, "from": "447700900000", "to": to, "text": text}
    httpx.post("https://rest.nexmo.com/sms/json", data=form)


def app(environ, start_response):
    asked = parse_qs(environ["QUERY_STRING"])
    ASKED.append(environ["PATH_INFO"])
    if environ["PATH_INFO"] == "/in":
        send(asked["msisdn"][0], f"Welcome, {asked['text'][0]}")
    start_response("200 OK", [])
    return []


def make_app():
    return app
"""

JOIN = """\
version: 1
scenario: join
extends: [default]
seed: 42
clock: {start: 2026-03-01T09:00:00Z}
vars: {app: "https://shop.test"}
world:
  accounts: {main: {webhooks: {inbound_sms: "{app}/in", receipts: "{app}/dlr"}}}
handsets: {alice: {number: "447700900201"}}
timeline:
  - {at: 1m, handset: alice, send_sms: {to: "447700900000", text: JOIN}}
expect:
  - {message: {to: alice, text: /Welcome/}, count: 1, as: welcome}
  - {webhook: {kind: receipt, about: welcome, answered: 2xx}}
  - {never: {message: {to: "447700900202"}}}
  - {never: {message: {to: "447700900202"}}}
strict: {unexpected_message: fail}
"""

BROKEN = """\
version: 1
scenaro: broken
handsets: {alice: {number: "44770"}}
expect:
  - {message: {too: alice}}
"""

LOAD, WELCOME = "*_ load (test_join.nexmo.yaml) _*", "*_ welcome (test_join.nexmo.yaml) _*"
JOINED = [
    "load",
    "welcome",
    "webhook kind receipt, about welcome, answered 2xx",
    "never message to 447700900202",
    "never message to 447700900202 (2)",
    "strict",
]


@pytest.fixture
def shop(pytester: pytest.Pytester) -> pytest.Pytester:
    """A folder with an app, and the setting that names it."""
    pytester.makepyfile(shop=SHOP)
    pytester.makeini("[pytest]\npythonpath = .\nnexmo_apps =\n  https://shop.test = shop:app\n")
    return pytester


def write(pytester: pytest.Pytester, text: str, name: str = "test_join.nexmo.yaml") -> None:
    (pytester.path / name).write_text(text)


def run(pytester: pytest.Pytester, *options: str) -> pytest.RunResult:
    return pytester.runpytest_inprocess(*QUIET, *options)


def listed(pytester: pytest.Pytester, *options: str) -> list[str]:
    """The tests that are collected."""
    lines: list[str] = run(pytester, "--collect-only", "-q", *options).outlines
    return [line for line in lines if "::" in line]


def test_each_expectation_is_a_test_by_its_name(shop: pytest.Pytester) -> None:
    """And one for loading, and one for strictness."""
    write(shop, JOIN)

    assert listed(shop) == [f"test_join.nexmo.yaml::{name}" for name in JOINED]
    result = run(shop, "-v")
    result.assert_outcomes(passed=6)
    result.stdout.fnmatch_lines([f"test_join.nexmo.yaml::{name} PASSED *" for name in JOINED])


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("test_one.nexmo.yml", "expect: [{never: {message: {to: '447700900201'}}, as: quiet}]"),
        ("test_one.nexmo.toml", "[[expect]]\nas = 'quiet'\nnever = {message = {to = '447700900201'}}"),
        ("test_one.nexmo.json", '{"expect": [{"as": "quiet", "never": {"message": {"to": "447700900201"}}}]}'),
    ],
)
def test_files_of_every_format(pytester: pytest.Pytester, name: str, text: str) -> None:
    write(pytester, text, name)

    assert listed(pytester) == [f"{name}::{test}" for test in ("load", "quiet", "strict")]
    run(pytester).assert_outcomes(passed=3)


def test_other_files_are_left_alone(pytester: pytest.Pytester) -> None:
    """Unless they are named themselves."""
    for name in ("join.nexmo.yaml", "test_join.yaml", "test_nexmo.yaml"):
        write(pytester, "scenario: nothing", name)

    assert listed(pytester) == []
    assert listed(pytester, "join.nexmo.yaml") == ["join.nexmo.yaml::load", "join.nexmo.yaml::strict"]


def test_a_name_is_one_line(pytester: pytest.Pytester) -> None:
    """And never empty."""
    named = '[{never: {message: {text: "one\\n two"}}}, {never: {message: {text: three}}, as: " "}]'
    write(pytester, f"expect: {named}", "test_one.nexmo.yaml")

    names = [each.partition("::")[2] for each in listed(pytester)]
    assert names[:2] == ["load", "never message text one two"]
    assert (names[2].endswith("never message text three"), names[3]) == (True, "strict")


def test_one_is_chosen_by_its_name(shop: pytest.Pytester) -> None:
    """The file is played all the same."""
    write(shop, JOIN)

    run(shop, "-k", "welcome and not webhook").assert_outcomes(passed=1, deselected=5)
    run(shop, "test_join.nexmo.yaml::never message to 447700900202 (2)").assert_outcomes(passed=1)


def test_a_file_is_played_once(shop: pytest.Pytester) -> None:
    """Not once for each of its tests."""
    write(shop, JOIN)
    shop.makeconftest("import shop\n\ndef pytest_sessionfinish():\n    print('asked', shop.ASKED)\n")

    run(shop, "-s").stdout.fnmatch_lines(["*asked ?'/in', '/dlr'?*"])


def test_an_expectation_that_is_not_met_says_what_came_nearest(shop: pytest.Pytester) -> None:
    """And what happened around it; the others are judged by themselves."""
    write(shop, JOIN.replace("/Welcome/}, count: 1, as: welcome", "/Bye/}, count: 1, as: welcome"))

    result = run(shop)

    result.assert_outcomes(passed=3, failed=3)
    result.stdout.fnmatch_lines(
        [
            WELCOME,
            "Expected once: welcome: message to alice, text /Bye/, count 1",
            "The nearest of 2 messages, * 447700900000 to 447700900201 at 09:01:00.000:",
            "    to    '447700900201'",
            "  x text  'Welcome, JOIN'",
            "          wanted /Bye/",
            "What happened:",
            "  09:01:00.000  step     alice texts 447700900000: 'JOIN'",
            "*_ strict (test_join.nexmo.yaml) _*",
            "Nobody expected the message * to 447700900201: 'Welcome, JOIN'",
            "  (way out: in the file: strict: {unexpected_message: ignore})",
        ]
    )
    result.stdout.no_fnmatch_line("*files.py*")


def test_a_broken_file_says_all_that_is_wrong_with_it(shop: pytest.Pytester) -> None:
    """With line, column and path, and without a traceback; it hides no other test."""
    write(shop, BROKEN, "test_broken.nexmo.yaml")
    write(shop, JOIN)
    shop.makepyfile(test_one="def test_one(nexmo):\n    pass\n")

    result = run(shop)

    result.assert_outcomes(passed=7, failed=1)
    file = "test_broken.nexmo.yaml"
    result.stdout.fnmatch_lines(
        [
            f"*_ load ({file}) _*",
            f"{file}:2:1: scenaro: 'scenaro' is not known here; did you mean 'scenario'?",
            "  scenaro: broken",
            "  ^",
            f"{file}:3:20: handsets.alice.number: '44770' is no phone number; *",
            f"{file}:5:16: expect.0.message.too: 'too' is not known here; did you mean 'to'?",
            f"FAILED {file}::load - {file}:2:1: scenaro: *",
        ]
    )
    for trace in ("*Traceback*", "*files.py*", "*load.py*"):
        result.stdout.no_fnmatch_line(trace)


# The apps, and who begins.


CONFTEST = """
import shop


def pytest_nexmo_apps(path, nexmo):
    assert path.name == "test_join.nexmo.yaml"
    return {"app": shop.make_app()}
"""


def test_apps_come_from_a_hook(pytester: pytest.Pytester) -> None:
    """By the name of a variable of the file too."""
    pytester.makepyfile(shop=SHOP)
    pytester.makeconftest(CONFTEST)
    write(pytester, JOIN)

    run(pytester).assert_outcomes(passed=6)


def test_the_nearest_app_wins(shop: pytest.Pytester) -> None:
    """A folder has apps of its own; those of the settings are for all others."""
    shop.makeconftest("def pytest_nexmo_apps(path):\n    return {'app': lambda environ, start_response: 1 / 0}\n")
    below = shop.mkdir("below")
    (below / "conftest.py").write_text(CONFTEST)
    (below / "test_join.nexmo.yaml").write_text(JOIN)
    write(shop, JOIN, "test_top.nexmo.yaml")

    result = run(shop)

    result.assert_outcomes(passed=9, failed=3)
    result.stdout.fnmatch_lines(["*_ strict (test_top.nexmo.yaml) _*", "  the app raised:", "    ZeroDivisionError: *"])


def test_a_hook_begins_what_nobody_in_the_file_does(shop: pytest.Pytester) -> None:
    """And other tests find the environment as it was."""
    begin = "import os\nimport shop\n\n\ndef pytest_nexmo_begin(nexmo):\n    shop.send('447700900201', 'Hello')\n"
    shop.makeconftest(begin)
    write(shop, "extends: [default]\nexpect:\n  - {message: {text: Hello}, before: 1s, count: 1}\n")
    shop.makepyfile(test_z="import os\n\n\ndef test_one():\n    assert 'NEXMO_API_KEY' not in os.environ\n")

    run(shop).assert_outcomes(passed=4)


@pytest.mark.parametrize(
    ("how", "counts"), [("skip('no')", {"skipped": 6}), ("fail('no')", {"failed": 6}), ("exit('no')", {})]
)
def test_a_hook_may_give_a_file_up(shop: pytest.Pytester, how: str, counts: dict[str, int]) -> None:
    """It is asked once for all tests of the file."""
    shop.makeconftest(
        f"""
import pytest

def pytest_nexmo_begin():
    print('as' 'ked')
    pytest.{how}
"""
    )
    write(shop, JOIN)

    result = run(shop, "-s")

    result.assert_outcomes(**counts)
    assert str(result.stdout).count("asked") == 1


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("https://shop.test", "nexmo_apps: 'https://shop.test' is no app; write URL = module:app"),
        ("https://shop.test = shop", "nexmo_apps: 'shop' names no app; write module:app, or module:make_app()"),
        ("ap = shop:app", "nexmo_apps: 'ap' is neither a URL nor a variable of the file; it has app"),
        ("app = shopp:app", "nexmo_apps: 'shopp:app': there is no module 'shopp' on the path; *pythonpath*"),
        ("app = shop:apt", "nexmo_apps: 'shop:apt': the module has no 'apt'; did you mean 'app'?"),
        ("app = shop:ASKED", "[[]] cannot be called, so it is neither a WSGI nor an ASGI app"),
    ],
)
def test_an_app_that_is_not_there_is_named(pytester: pytest.Pytester, line: str, says: str) -> None:
    """Where the file is loaded; its other tests point there."""
    pytester.makepyfile(shop=SHOP)
    pytester.makeini(f"[pytest]\npythonpath = .\nnexmo_apps =\n  {line}\n")
    write(pytester, JOIN)

    result = run(pytester)

    result.assert_outcomes(failed=6)
    told = f"The file could not be played (see test_join.nexmo.yaml::load):\n  {says}".splitlines()
    result.stdout.fnmatch_lines([LOAD, says, WELCOME, *told])
    result.stdout.no_fnmatch_line("*playing.py*")


def test_what_a_hook_raises_is_shown_where_it_was(shop: pytest.Pytester) -> None:
    shop.makeconftest("def pytest_nexmo_begin(nexmo):\n    raise KeyError('nobody')\n")
    write(shop, JOIN)

    result = run(shop)

    result.assert_outcomes(failed=6)
    result.stdout.fnmatch_lines(
        [
            "*raise KeyError('nobody')*",
            "*conftest.py:2: KeyError*",
            WELCOME,
            "  KeyError: 'nobody'",
        ]
    )


def test_a_step_that_cannot_be_done_is_a_warning(shop: pytest.Pytester) -> None:
    write(shop, "timeline:\n  - {at: 1s, handset: '447700900201', do: hang_up}\n")

    result = run(shop)

    result.assert_outcomes(passed=2, warnings=1)
    result.stdout.fnmatch_lines(["*NexmoWarning: could not be done of the scenario: timeline.0 *"])


# How long they are played.


@pytest.mark.parametrize(
    ("more", "last"),
    [
        ("ends: 90s", "1m30s"),
        ("", "1h1m"),
        ("clock: {mode: real}", "1h1m"),
        ("clock: {mode: x60}", "1h1m"),
        ("clock: {mode: auto}", "1h1m"),
    ],
)
def test_time_goes_to_the_end(shop: pytest.Pytester, more: str, last: str) -> None:
    """That the file says, else an hour beyond its last step; whatever the clock, nobody waits."""
    text = "\n".join(line for line in JOIN.splitlines() if not line.startswith("clock:"))
    write(shop, f"{text}\n{more}\n")
    wraps = """
import pytest_fake_nexmo.world as world
from fake_nexmo.core.instant import duration_words

judge = world.Nexmo.judge_all


def judge_all(self, way_out):
    since = self._door.fake.now() - BEGAN[0]
    print("played", duration_words(since))
    return judge(self, way_out)


BEGAN = []
world.Nexmo.judge_all = judge_all


def pytest_nexmo_begin(nexmo):
    BEGAN.append(nexmo._door.fake.now())


def pytest_unconfigure():
    world.Nexmo.judge_all = judge
"""
    shop.makeconftest(wraps)

    result = run(shop, "-s")

    result.assert_outcomes(passed=6)
    result.stdout.fnmatch_lines([f"*played {last}*"])


@pytest.mark.parametrize("dist", ["load", "loadfile"])
def test_files_are_shared_among_workers(shop: pytest.Pytester, dist: str) -> None:
    write(shop, JOIN)
    write(shop, BROKEN, "test_broken.nexmo.yaml")

    result = shop.runpytest_subprocess(*QUIET, "-n", "2", "--dist", dist)

    result.assert_outcomes(passed=6, failed=1)


SIGN_UP = """
import os
from urllib.parse import parse_qs

import httpx

STARTED = {}


def ask(path, **params):
    who = {"api_key": os.environ["NEXMO_API_KEY"], "api_secret": os.environ["NEXMO_API_SECRET"]}
    return httpx.post(f"https://api.nexmo.com/verify{path}", data={**who, **params}).json()


def app(environ, start_response):
    form = parse_qs(environ["wsgi.input"].read().decode())
    said = ask("/check/json", request_id=STARTED["447700900101"], code=form["code"][0])
    start_response("200 OK" if said["status"] == "0" else "422 No", [])
    return []


def pytest_nexmo_apps():
    return {"app": app}


def pytest_nexmo_begin(path):
    if "forgotten" not in path.name:
        STARTED["447700900101"] = ask("/json", number="447700900101", brand="Acme")["request_id"]
"""


def test_scenarios_of_the_library_are_tests_where_a_file_extends_them(pytester: pytest.Pytester) -> None:
    """Such as a sign-up, which a hook begins."""
    pytester.makeconftest(SIGN_UP)
    write(pytester, "extends: [sign-up]\n", "test_sign_up.nexmo.yaml")
    write(pytester, "extends: [sign-up]\n", "test_forgotten.nexmo.yaml")

    result = run(pytester, "-v")

    result.assert_outcomes(passed=6, failed=2)
    result.stdout.fnmatch_lines(
        [
            "test_forgotten.nexmo.yaml::verification number alice, phase success, checks 1, count 1 FAILED *",
            "test_sign_up.nexmo.yaml::verification number alice, phase success, checks 1, count 1 PASSED *",
            "There is no verification at all.",
        ]
    )


def test_a_module_that_cannot_be_imported_says_why(pytester: pytest.Pytester) -> None:
    """What it imports itself is not there."""
    pytester.makepyfile(shop="import nowhere\n")
    pytester.makeini("[pytest]\npythonpath = .\nnexmo_apps =\n  app = shop:app\n")
    write(pytester, JOIN)

    result = run(pytester, "--nexmo-block-real=never")

    result.assert_outcomes(failed=6)
    result.stdout.fnmatch_lines(["*No module named 'nowhere'*", "  ModuleNotFoundError: No module named 'nowhere'"])
