"""What fails a test although it passed, and the ways out; the marker, the options, and what is undone."""

from __future__ import annotations

import httpx
import pytest
import requests

from tests.plugin.inner import run

pytest_plugins = ("pytester",)

FAILED_WEBHOOK = """
def test_one(nexmo):
    nexmo.mount("https://shop.test", App("500 Oh"))
    send(callback="https://shop.test/receipts")
    nexmo.clock.advance("1s")
"""

UNUSED_FAULT = """
def test_one(nexmo):
    nexmo.fault("sms.send", calls=(2, 3), answer="throttled")
    nexmo.fault("sms.send", chance="1%", answer="throttled")
    send()
"""

LOST_REQUEST = """
def test_one(nexmo):
    send(api_key="a1b2c3d4")
"""

UNEXPECTED = """
def test_one(nexmo):
    send("seen")
    send("expected")
    send("read", to="447700900100")
    send("code: 1234", to="447700900101")
    send("surprise", to="447700900102")
    assert nexmo.message(text="seen")
    nexmo.expect.message(text="expected").once()
    assert nexmo.messages(to="447700900100")
    nexmo.code(to="447700900101")
"""

RULES = [
    (FAILED_WEBHOOK, "failed_webhook",
     "The webhook receipt to https://shop.test/receipts failed once, another try is due:"),
    (UNUSED_FAULT, "unused_fault", "The fault 'fault-1' on sms.send never acted: it was met once."),
    (LOST_REQUEST, "lost_request", "POST /sms/json came with the credential 'a1b2c3d4', which nobody has."),
    (UNEXPECTED, "unexpected_message", "Nobody expected the message * to 447700900102: 'surprise'"),
]  # fmt: skip
NAMED = [pytest.param(*rule, id=rule[1]) for rule in RULES]


def marked(source: str, words: str) -> str:
    """The test with a marker."""
    return source.replace("def test_one", f"@pytest.mark.nexmo({words})\ndef test_one")


@pytest.mark.parametrize(("source", "name", "says"), NAMED)
def test_a_strict_test_fails_and_names_the_way_out(
    pytester: pytest.Pytester, source: str, name: str, says: str
) -> None:
    result = run(pytester, marked(source, "strict=True"))

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "The test passed, but its world 'default' (seed *) is not as it should be:",
            says,
            f"  (way out: @pytest.mark.nexmo(strict=[{{]'{name}': 'ignore'[}}]))",
            "What happened:",
            "*request  sms.send  POST /sms/json  -> 200*" if name != "lost_request" else "*lost     POST /sms/json*",
        ]
    )


@pytest.mark.parametrize(("source", "name", "says"), NAMED)
def test_what_is_strict_by_default(pytester: pytest.Pytester, source: str, name: str, says: str) -> None:
    """Everything but messages that nobody asked for."""
    result = run(pytester, source)

    result.assert_outcomes(**({"passed": 1} if name == "unexpected_message" else {"failed": 1}))


@pytest.mark.parametrize(("source", "name", "says"), NAMED)
def test_the_way_out_is_one(pytester: pytest.Pytester, source: str, name: str, says: str) -> None:
    """Each rule may be ignored by its name, all of them together, or be a warning."""
    several = marked(source, f"strict={{{name!r}: 'ignore'}}")
    several += marked(source, "strict=False").replace("test_one", "test_two")
    several += marked(source, f"strict={{{name!r}: 'warn'}}").replace("test_one", "test_three")

    result = run(pytester, several)

    result.assert_outcomes(passed=3, warnings=1)
    result.stdout.fnmatch_lines([f"*NexmoWarning: {says}"])


def test_a_webhook_that_was_received_in_the_end_is_no_failure(pytester: pytest.Pytester) -> None:
    source = """
    def test_one(nexmo):
        app = App("500 Oh")
        nexmo.mount("https://shop.test", app)
        send(callback="https://shop.test/receipts")
        nexmo.clock.advance("1s")
        app.status = "200 OK"
        nexmo.clock.advance("1h")
        assert nexmo.webhook().state == "delivered"
    """
    import textwrap

    run(pytester, textwrap.dedent(source)).assert_outcomes(passed=1)


def test_an_app_that_raised_is_told_with_its_line(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
def broken(environ, start_response):
    raise LookupError("no such customer")


def test_one(nexmo):
    nexmo.mount("https://shop.test", broken)
    send(callback="https://shop.test/receipts")
    nexmo.clock.advance("1s")
""",
    )

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ["  the app raised:", "    test_an_app_that_raised*.py:* in broken", "    LookupError: no such customer"]
    )


def test_what_a_test_made_due_is_carried_out_at_its_end(pytester: pytest.Pytester) -> None:
    """A receipt due at once, and nobody calls again."""
    result = run(
        pytester,
        """
def test_one(nexmo):
    nexmo.mount("https://shop.test", App("500 Oh"))
    nexmo.handset("447700900001").behaves(receipts={"after": "0s"})
    send(callback="https://shop.test/receipts")


@pytest.fixture
def late(nexmo):
    nexmo.mount("https://shop.test", App("500 Oh"))
    nexmo.handset("447700900001").behaves(receipts={"after": "0s"})
    yield
    send(callback="https://shop.test/receipts")


def test_two(nexmo, late):
    pass
""",
    )

    result.assert_outcomes(failed=1, passed=1, errors=1)


def test_an_expectation_is_judged_again_at_the_end(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
def test_one(nexmo):
    nexmo.expect.message(to="447700900001").never()
    send("Hello")
""",
    )

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "Expected never: message with to='447700900001'",
            "  (expected in test_an_expectation_*.py:*)",
            "There is one message that fits:",
            "  * Acme to 447700900001 at 00:00:00.000  'Hello'",
            "What happened:",
        ]
    )


def test_a_test_that_fails_by_itself_tells_what_happened_and_nothing_else(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
def test_one(nexmo):
    nexmo.fault("sms.send", answer="throttled", calls=7)
    send("Hello")
    assert 1 == 2
""",
    )

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ["E       assert 1 == 2", "*fake-nexmo, world 'default', seed *", "What happened:", "*to 447700900001 'Hello'"]
    )
    result.stdout.no_fnmatch_line("*never acted*")


def test_a_test_that_did_not_pass_is_judged_no_further(pytester: pytest.Pytester) -> None:
    """Skipped on its way, expected to fail, or not even begun."""
    result = run(
        pytester,
        """
def test_one(nexmo):
    nexmo.fault("sms.send", answer="throttled")
    pytest.skip("not today")


@pytest.mark.xfail(strict=True)
def test_two(nexmo):
    nexmo.fault("sms.send", answer="throttled")


@pytest.fixture
def broken(nexmo):
    nexmo.fault("sms.send", answer="throttled")
    raise LookupError("no shop")


def test_three(broken):
    pass
""",
    )

    result.assert_outcomes(skipped=1, xfailed=1, errors=1)
    result.stdout.fnmatch_lines(["E       LookupError: no shop", "*fake-nexmo, world 'default', seed *"])


def test_a_miss_shows_the_line_of_the_test(pytester: pytest.Pytester) -> None:
    """Frames of the plugin are hidden, and the story is told once."""
    result = run(
        pytester,
        """
def test_one(nexmo):
    send("Hello")
    nexmo.message(text="Bye")
""",
    )

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([">       nexmo.message(*)", "E       *NexmoFailure: No message fits: *"])
    result.stdout.no_fnmatch_line("*happened.py*")
    assert str(result.stdout).count("What happened") == 1


# Nothing leaks.


def test_other_clients_cannot_reach_the_real_service(pytester: pytest.Pytester) -> None:
    """It fails where it is tried, and where that is swallowed, at the end."""
    source = """
import urllib.request

def test_one(nexmo):
    with pytest.raises(OSError, match="a test tried to reach the real api.nexmo.com"):
        urllib.request.urlopen("https://api.nexmo.com/", timeout=5)


def test_two():
    try:
        urllib.request.urlopen("http://127.0.0.1:1/", timeout=5)
    except OSError as error:
        assert "refused" in str(error)
"""
    result = run(pytester, source)

    result.assert_outcomes(failed=1, passed=1)
    result.stdout.fnmatch_lines(["Something tried to reach the real api.nexmo.com with a client that *"])


ANYWHERE = """
import socket

def test_one():
    with pytest.raises(OSError) as raised:
        socket.getaddrinfo("api.nexmo.com", 443, flags=socket.AI_NUMERICHOST)
    assert ("tried to reach the real" in str(raised.value)) is BLOCKED


def test_two(nexmo):
    with pytest.raises(OSError) as raised:
        socket.getaddrinfo("api.nexmo.com", 443, flags=socket.AI_NUMERICHOST)
    assert ("tried to reach the real" in str(raised.value)) is BLOCKED
"""


@pytest.mark.parametrize("option", ["--nexmo-block-real", "--nexmo-block-real=always"])
def test_all_tests_may_be_kept_from_it(pytester: pytest.Pytester, option: str) -> None:
    result = run(pytester, ANYWHERE.replace("BLOCKED", "True"), option, "-k", "one")

    result.assert_outcomes(passed=1, deselected=1)


def test_none_may_be_kept_from_it(pytester: pytest.Pytester) -> None:
    """A numeric flag, so that this test asks nobody."""
    run(pytester, ANYWHERE.replace("BLOCKED", "False"), "--nexmo-block-real=never").assert_outcomes(passed=2)


def test_everything_is_undone_after_a_test(pytester: pytest.Pytester) -> None:
    before = (requests.adapters.HTTPAdapter.send, httpx.HTTPTransport.handle_request)

    run(pytester, "def test_one(nexmo):\n    assert 0\n\n\ndef test_two(nexmo):\n    send()\n").assert_outcomes(
        passed=1, failed=1
    )

    assert (requests.adapters.HTTPAdapter.send, httpx.HTTPTransport.handle_request) == before


# The marker.


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("'strict'", "*takes words only: scenario, clock, strict, seed, vars, expect, freeze"),
        ("sead=1", "*'sead' is not known; did you mean 'seed'?"),
        ("strict={'failed_webhok': 'fail'}", "*did you mean 'failed_webhook'?"),
        ("strict={'failed_webhook': 'no'}", "*'no' is not known; there are fail, warn, ignore"),
        ("strict='yes'", "*write True, False, or names*"),
        ("clock='slow'", "*'slow' is not a clock mode*"),
        ("clock={'start': 'now'}", "*'now' is not an instant*"),
        ("seed=-1", "*-1 is no seed*"),
        ("seed='one'", "(seed='one'): write a whole number"),
        ("expect='no'", "(expect='no'): write True or False"),
        ("scenario=5", "(scenario=5): write a name, a path, or an object"),
        ("scenario='default', vars=['x']", "(vars=*): write names and values, as a dict"),
        ("vars={'app': 'x'}", "(vars=…): variables go with a scenario"),
        ("clock=5", "(clock=5): write a mode, or {'start': …, 'mode': …}"),
        ("clock={'strat': '2026-03-01T09:00:00Z'}", "(clock=…): 'strat' is not known; did you mean 'start'?"),
    ],
)
def test_a_marker_that_cannot_be_is_refused(pytester: pytest.Pytester, words: str, says: str) -> None:
    result = run(pytester, marked("\ndef test_one(nexmo):\n    pass\n", words))

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([f"@pytest.mark.nexmo{says}"])
    result.stdout.no_fnmatch_line("*opening.py*")


def test_the_marker_is_known(pytester: pytest.Pytester) -> None:
    result = run(pytester, "def test_one(nexmo):\n    pass\n", "--strict-markers", "--markers")

    result.stdout.fnmatch_lines(["@pytest.mark.nexmo(scenario=None, *"])


# An unused plugin.


def test_an_unused_plugin_imports_nothing(pytester: pytest.Pytester) -> None:
    """Neither the house, nor a client library, nor anything else that takes time."""
    pytester.makepyfile(
        """
        import sys

        def test_one():
            heavy = {"fake_nexmo", "httpx", "requests", "msgspec", "starlette", "respx", "asyncio"}
            assert heavy & set(sys.modules) == set()
        """
    )
    alone = (
        "-p",
        "no:asyncio",
        "-p",
        "no:anyio",
        "-p",
        "no:respx",
        "-p",
        "no:hypothesispytest",
        "-p",
        "no:platformdirs",
    )

    result = pytester.runpytest_subprocess("-p", "no:cacheprovider", *alone)

    result.assert_outcomes(passed=1)


def test_a_fault_of_a_scenario_must_act_even_where_nothing_happened(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
@pytest.mark.nexmo(scenario={"faults": {"late": {"target": "sms.send", "call": 1, "answer": "throttled"}}})
def test_one(nexmo):
    pass
""",
    )

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["The fault 'late' on sms.send never acted: it was never met."])


def test_a_mistake_shows_the_line_of_the_test_and_none_of_ours(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
def test_field(nexmo):
    nexmo.message(too="447700900001")


def test_act(nexmo):
    nexmo.handset("447700900001").texts("447700900999", "x")


def test_fault(nexmo):
    nexmo.fault("sms.sent", answer="throttled")


def test_calls(nexmo):
    nexmo.fault("sms.send", answer="throttled", calls=(1,))
""",
    )

    result.assert_outcomes(failed=4)
    result.stdout.fnmatch_lines(
        [
            ">       nexmo.message(too=*",
            "E   *NexmoUsageError: too: no field of messages is called 'too'; did you mean 'to'?",
            ">       nexmo.handset(*",
            "E   *NexmoUsageError: Nobody in this world owns 447700900999; owned are: 447700900000, 12015550100.",
            ">       nexmo.fault(*",
            "E   *NexmoUsageError: target: nothing is called 'sms.sent'; did you mean 'sms.send'?",
            "E   *NexmoUsageError: fault(calls=(1,)): write the first and the last one, as in calls=(1, 2)",
        ]
    )
    for ours in ("door.py", "people.py", "happened.py", "world.py"):
        result.stdout.no_fnmatch_line(f"*{ours}*")


@pytest.mark.parametrize("kind", ["wsgi", "asgi"])
@pytest.mark.parametrize("what", ["pytest.fail('no')", "sys.exit(3)"])
def test_what_ends_a_test_or_a_process_is_a_500_in_an_app(pytester: pytest.Pytester, kind: str, what: str) -> None:
    """The world goes on afterwards: the clock moves, and other apps are called."""
    result = run(
        pytester,
        f"""
import sys


def wsgi(environ, start_response):
    {what}


async def asgi(scope, receive, send):
    {what}


def test_one(nexmo):
    nexmo.mount("https://shop.test", {kind})
    send(callback="https://shop.test/receipts")
    assert nexmo.clock.advance("1s").failed == 1
    assert nexmo.webhook().attempts[0]["status"] == 500
    nexmo.mount("https://shop.test", App())
    assert nexmo.clock.advance("1h").delivered == 1
""",
    )

    result.assert_outcomes(passed=1)


def test_a_crash_is_told_without_the_house_and_without_the_query(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
def test_one(nexmo):
    def app(environ, start_response):
        raise KeyError("first")

    nexmo.mount("https://shop.test", app)
    send(callback="https://me:pw@shop.test/receipts?token=hidden")
    nexmo.clock.advance("1s")
""",
        "--show-capture=no",
    )

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "The webhook receipt to https://shop.test/receipts failed once, another try is due:",
            "  HTTP 500",
            "  the app raised:",
            "    test_a_crash_is_told_without_the_house_and_without_the_query.py:* in app",
            "    KeyError: 'first'",
        ],
        consecutive=True,
    )
    result.stdout.no_fnmatch_line("*(?token=hidden)*")


def test_a_webhook_that_nobody_mounted_names_the_remedy(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
def test_one(nexmo):
    send(callback="https://shop.test/receipts")
    nexmo.clock.advance("1s")
""",
    )

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "The webhook receipt to https://shop.test/receipts failed once:",
            "  refused: shop.test is not a local name*",
            "  (an app in this process is called after nexmo.mount(its origin, the app))",
        ]
    )


def test_a_world_does_not_outlive_its_test(pytester: pytest.Pytester) -> None:
    """Items live until the session ends; what they keep must not."""
    result = run(
        pytester,
        """
import gc, weakref

KEPT = []


def test_one(nexmo):
    KEPT.append(weakref.ref(nexmo))


def test_two():
    gc.collect()
    assert KEPT[0]() is None
""",
    )

    result.assert_outcomes(passed=2)


def test_a_mistake_in_an_ncco_is_told(pytester: pytest.Pytester) -> None:
    """The call ends at once; why, stands in the story of the test that misses what it should have heard."""
    result = run(
        pytester,
        """
from starlette.responses import JSONResponse
from starlette.applications import Starlette
from starlette.routing import Route

def answer(request):
    return JSONResponse([{"action": "tlak", "text": "Welcome"}])

def test_one(nexmo):
    nexmo.mount("https://shop.test", Starlette(routes=[Route("/answer", answer)]))
    nexmo.application(voice={"answer_url": "https://shop.test/answer"})
    nexmo.handset("447700900101").calls("447700900000")
    nexmo.clock.advance("1m")
    assert nexmo.call(status="busy")
""",
    )

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*mistake  NCCO of GET https://shop.test/answer*: action 1: there is no action*"])
