"""``--nexmo-ivr``: which branches of the call flows the whole run has taken."""

from __future__ import annotations

import json

import pytest

from tests.plugin.inner import QUIET, run

pytest_plugins = ("pytester",)

TESTS = """
import json

MENU = [
    {"action": "talk", "text": "Press 1 for sales, 2 for support."},
    {"action": "input", "type": ["dtmf"], "dtmf": {"maxDigits": 1}, "eventUrl": ["https://shop.test/menu"]},
]


class Hotline:
    def __call__(self, environ, start_response):
        start_response("200 OK", [("Content-Type", "application/json")])
        if environ["PATH_INFO"] == "/answer":
            return [json.dumps(MENU).encode()]
        said = json.loads(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
        if environ["PATH_INFO"] == "/menu" and said["dtmf"]["digits"] == "1":
            return [json.dumps([{"action": "talk", "text": "Sales."}]).encode()]
        return [b"[]"]


@pytest.fixture
def ring(nexmo):
    nexmo.mount("https://shop.test", Hotline())
    nexmo.application(voice={"answer_url": "https://shop.test/answer", "event_url": "https://shop.test/event"})

    def ring(*steps):
        phone = nexmo.handset("447700900101")
        phone.behaves(on_call=list(steps))
        phone.calls("447700900000")
        nexmo.clock.advance("1m")

    return ring


def test_sales(nexmo, ring):
    ring({"press": "1", "after": "5s"})
    assert [each["branch"] for each in nexmo.ivr().untaken] == ["2", "wrong key", "time-out", "hang-up"]


def test_nothing(nexmo, ring):
    ring()


def test_no_call(nexmo):
    assert nexmo.ivr().calls == 0


def test_none():
    pass
"""
SUMMARY = [
    "*fake-nexmo: call flows*",
    "2 calls, 2 NCCOs, 5 branches taken, 3 never; see flows/ivr.*",
    "never taken: GET https://shop.test/answer  Press 1 for sales, 2 for support.: 2, wrong key, hang-up",
]
TABLE = """\
2 calls, 2 NCCOs, 5 branches taken, 3 never

calls
  inbound     2x  -> GET https://shop.test/answer  Press 1 for sales, 2 for support.

GET https://shop.test/answer  Press 1 for sales, 2 for support.  (2x)
  1                 1x  -> POST https://shop.test/menu  Sales.
  2              never
  wrong key      never
  time-out          1x  goes on
  hang-up        never
  end of script     1x  over

POST https://shop.test/menu  Sales.  (1x)
  end of script     1x  over
"""
MERMAID = """\
flowchart TD
    start(["call"])
    {menu}["GET https://shop.test/answer<br>Press 1 for sales, 2 for support.<br>talk, input dtmf"]
    {sales}["POST https://shop.test/menu<br>Sales.<br>talk"]
    over(["over"])
    start -->|"inbound ×2"| {menu}
    {menu} -->|"key 1 ×1"| {sales}
    {menu} -.->|"time-out ×1"| {menu}
    {menu} -->|"end of script ×1"| over
    {sales} -->|"end of script ×1"| over
    {menu} -.->|"key 2"| never0(["never"]):::never
    {menu} -.->|"wrong key"| never1(["never"]):::never
    {menu} -.->|"hang-up"| never2(["never"]):::never
    classDef never stroke-dasharray:4 4,opacity:0.6
""".format(menu="n3d88ebbbda", sales="n2442aa05e6")


@pytest.mark.parametrize("name", ["flows/ivr.md", "flows/ivr.mmd", "flows/ivr.txt"])
def test_all_tests_together(pytester: pytest.Pytester, name: str) -> None:
    """What one test does not do, another may."""
    result = run(pytester, TESTS, f"--nexmo-ivr={name}")

    result.assert_outcomes(passed=4)
    result.stdout.fnmatch_lines(SUMMARY)
    page = f"# Call flows\n\n```mermaid\n{MERMAID}```\n\n```text\n{TABLE}```\n"
    assert (pytester.path / name).read_text() == {"md": page, "mmd": MERMAID, "txt": TABLE}[name.rpartition(".")[2]]


def test_workers_hand_over_theirs(pytester: pytest.Pytester) -> None:
    """Under pytest-xdist there is one file, and one list."""
    pytest.importorskip("xdist")
    alone = run(pytester, TESTS, "--nexmo-ivr=flows/ivr.alone.json")
    result = pytester.runpytest_subprocess(*QUIET, "--nexmo-ivr=flows/ivr.json", "-n", "2")

    for each in (alone, result):
        each.assert_outcomes(passed=4)
        each.stdout.fnmatch_lines(SUMMARY)
    told = json.loads((pytester.path / "flows/ivr.json").read_text())
    assert told == json.loads((pytester.path / "flows/ivr.alone.json").read_text())
    assert (told["calls"], [each["branch"] for each in told["untaken"]]) == (2, ["2", "wrong key", "hang-up"])


def test_a_failing_test_counts_too(pytester: pytest.Pytester) -> None:
    """Its call has been made; a world that its test removed tells nothing."""
    more = """
def test_failing(nexmo, ring):
    ring({"hang_up": {"after": "1s"}})
    assert 0
"""
    result = run(pytester, TESTS + more, "--nexmo-ivr=ivr")

    result.assert_outcomes(passed=4, failed=1)
    result.stdout.fnmatch_lines(["never taken: *support.: 2, wrong key"])


def test_worlds_on_a_server(pytester: pytest.Pytester) -> None:
    result = run(
        pytester, TESTS.replace("def ring(nexmo):", "def ring(nexmo, nexmo_server):"), "--nexmo-ivr=flows/ivr.md"
    )

    result.assert_outcomes(passed=4)
    result.stdout.fnmatch_lines(SUMMARY)


@pytest.mark.parametrize(
    ("path", "why"),
    [(".", "is a folder; name a file"), ("test_file_in_the_way.py/ivr.md", "there can be no folder *: *")],
)
def test_file_that_cannot_be(pytester: pytest.Pytester, path: str, why: str) -> None:
    """Said before any test runs."""
    pytester.makepyfile(test_file_in_the_way="def test_one():\n    pass\n")

    result = pytester.runpytest_inprocess(*QUIET, f"--nexmo-ivr={path}")

    assert result.ret is pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: --nexmo-ivr: *{why}"])


def test_nothing_is_written_where_nothing_runs(pytester: pytest.Pytester) -> None:
    result = run(pytester, TESTS, "--nexmo-ivr=ivr.md", "--collect-only")

    assert result.ret == 0
    assert not (pytester.path / "ivr.md").exists()
    result.stdout.no_fnmatch_line("*call flows*")


def test_no_calls_at_all(pytester: pytest.Pytester) -> None:
    result = run(pytester, "def test_none(nexmo):\n    pass\n", "--nexmo-ivr=ivr.md")

    result.stdout.fnmatch_lines(["no call was given an NCCO; see ivr.md"])
    assert (pytester.path / "ivr.md").read_text() == "# Call flows\n\n```text\nno call was given an NCCO\n```\n"


def test_nothing_is_said_unless_it_is_wanted(pytester: pytest.Pytester) -> None:
    result = run(pytester, TESTS)

    result.assert_outcomes(passed=4)
    result.stdout.no_fnmatch_line("*call flows*")


HOTLINE = """
import json


def app(environ, start_response):
    start_response("200 OK", [("Content-Type", "application/json")])
    text = "Hello." if environ["PATH_INFO"] == "/answer" else None
    return [json.dumps([{"action": "talk", "text": text}] if text else []).encode()]
"""
SCENARIO = """\
version: 1
extends: [default]
seed: 42
world:
  applications: {main: {voice: {answer_url: "https://shop.test/answer", event_url: "https://shop.test/event"}}}
timeline:
  - {at: 1m, handset: "447700900201", call: {to: "447700900000"}}
"""


def test_scenario_files_that_are_tests(pytester: pytest.Pytester) -> None:
    """Their worlds count as well."""
    pytester.makepyfile(hotline=HOTLINE)
    pytester.makeini("[pytest]\npythonpath = .\nnexmo_apps =\n  https://shop.test = hotline:app\n")
    (pytester.path / "test_call.nexmo.yaml").write_text(SCENARIO)

    result = pytester.runpytest_inprocess(*QUIET, "--nexmo-ivr=ivr.txt")

    result.stdout.fnmatch_lines(["1 call, 1 NCCO, 2 branches taken, 0 never; see ivr.txt"])
    assert (pytester.path / "ivr.txt").read_text().splitlines()[2:] == [
        *("calls", "  inbound     1x  -> GET https://shop.test/answer  Hello.", ""),
        *("GET https://shop.test/answer  Hello.  (1x)", "  end of script     1x  over"),
    ]
