"""The plugin where it is switched off, where libraries that it knows are missing, and where names clash."""

from __future__ import annotations

import pytest

from tests.plugin.inner import HEAD, QUIET, run

pytest_plugins = ("pytester",)


def test_a_plugin_that_is_switched_off_is_not_there(pytester: pytest.Pytester) -> None:
    """No fixture, no option, no test in a file; other tests run."""
    pytester.makepyfile("def test_one(nexmo):\n    pass\n\n\ndef test_two():\n    pass\n")
    (pytester.path / "test_file.nexmo.yaml").write_text("scenario: nothing\n")
    off = (*QUIET, "-p", "no:pytest_fake_nexmo")

    result = pytester.runpytest_subprocess(*off)
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*fixture 'nexmo' not found*"])
    refused = pytester.runpytest_subprocess(*off, "--nexmo-url=http://127.0.0.1:1")
    refused.stderr.fnmatch_lines(["*unrecognized arguments: --nexmo-url=http://127.0.0.1:1"])


LIBRARIES = ("requests", "aiohttp", "respx", "responses", "freezegun", "time_machine", "xdist", "flask", "django")

WITHOUT = """
def post():
    form = {"api_key": "abcd1234", "api_secret": "s3cr3tS3cr3t", "from": "Acme", "to": "447700900001", "text": "Hi"}
    return httpx.post("https://rest.nexmo.com/sms/json", data=form).json()["messages"][0]["status"]


def test_inside(nexmo, nexmo_env, nexmo_client):
    with pytest.raises(ImportError):
        import requests
    assert post() == "0"
    nexmo.clock.advance("1s")
    nexmo.expect.message(status="delivered").once()


def test_on_a_server(nexmo, nexmo_server):
    nexmo.handset("447700900001").texts("447700900000", "STOP")
    assert nexmo.message().text == "STOP"
"""


def test_libraries_that_are_missing_are_not_missed(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a suite does not use, it does not have to install."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    pytester.makepyfile(missing=f"import sys\nsys.modules.update(dict.fromkeys({LIBRARIES!r}))\n")
    pytester.makepyfile(test_one=HEAD.replace(", requests", "") + WITHOUT)
    (pytester.path / "test_file.nexmo.yaml").write_text("expect: [{never: {message: {}}}]\n")
    command = ("-p", "missing", "-p", "pytest_fake_nexmo", "-p", "no:cacheprovider", "-W", "error")

    result = pytester.runpytest_subprocess(*command)

    result.assert_outcomes(passed=5)


# Names.


OTHERS = """
@pytest.fixture
def nexmo():
    return "mine"


def test_mine(nexmo):
    assert nexmo == "mine"


@pytest.mark.parametrize("name", ["nexmo_client", "nexmo_async_client", "nexmo_env"])
def test_theirs(request, name):
    request.getfixturevalue(name)
"""


def test_a_fixture_of_the_same_name_wins(pytester: pytest.Pytester) -> None:
    """Fixtures that belong to ours say so, and how both may be had."""
    result = run(pytester, OTHERS)

    result.assert_outcomes(passed=1, failed=3)
    told = "belongs to the fixture 'nexmo' of fake-nexmo, but here another one of that name stands before it, which"
    result.stdout.fnmatch_lines(
        [
            f"nexmo_client {told} gave 'mine'. Rename that one, or *def nexmo(nexmo): …",
            f"nexmo_async_client {told} *",
            f"nexmo_env {told} *",
        ]
    )


def test_a_fixture_may_be_based_on_ours(pytester: pytest.Pytester) -> None:
    """It is judged as ever."""
    result = run(
        pytester,
        """
@pytest.fixture
def nexmo(nexmo):
    nexmo.account(balance="0 EUR")
    return nexmo


def test_one(nexmo, nexmo_client):
    assert nexmo_client.developer.balance().value == 0


def test_two(nexmo):
    nexmo.fault("sms.send", answer="throttled")
""",
    )

    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["The fault 'fault-1' on sms.send never acted: it was never met."])
