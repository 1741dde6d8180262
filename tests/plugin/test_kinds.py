"""Tests of other kinds, and tests that do not come to their end."""

from __future__ import annotations

import pytest

from tests.plugin.inner import QUIET, run

pytest_plugins = ("pytester",)

UNITTEST = """
import unittest


class TestShop(unittest.TestCase):
    @pytest.fixture(autouse=True)
    def _world(self, nexmo):
        self.nexmo = nexmo
        nexmo.fault("sms.send", answer="throttled", calls=7)

    def test_passing(self):
        pass

    def test_failing(self):
        send("Hello")
        self.assertEqual(1, 2)

    def test_skipped(self):
        self.skipTest("not today")
"""


def test_tests_of_unittest(pytester: pytest.Pytester) -> None:
    """They are judged as others are, and what they say of themselves comes first."""
    result = run(pytester, UNITTEST)

    result.assert_outcomes(failed=2, skipped=1)
    result.stdout.fnmatch_lines(
        ["E       AssertionError: 1 != 2", "*fake-nexmo, world 'default', seed *", "*to 447700900001 'Hello'"]
    )
    assert str(result.stdout).count("never acted") == 1
    assert str(result.stdout).count("What happened") == 2


SUBTESTS = """
def test_skipping(nexmo, subtests):
    nexmo.fault("sms.send", answer="throttled")
    with subtests.test():
        pytest.skip("not this")


def test_failing(nexmo, subtests):
    nexmo.fault("sms.send", answer="throttled", calls=7)
    for k in range(3):
        with subtests.test(k=k):
            send(f"Hello {k}")
            assert k == 0
"""


@pytest.mark.skipif(not hasattr(pytest, "Subtests"), reason="this pytest knows none")
def test_subtests(pytester: pytest.Pytester) -> None:
    """Each that fails tells what happened; one that is left out leaves the whole to be judged."""
    result = run(pytester, SUBTESTS)

    out = str(result.stdout)
    assert (out.count("never acted"), out.count("What happened")) == (1, 3)
    result.stdout.fnmatch_lines_random(
        ["*FAILED*test_skipping - Failed: The test passed, *", "SUBFAILED(k=1)*", "SUBFAILED(k=2)*"]
    )


@pytest.mark.parametrize("how", ["raise KeyboardInterrupt", "pytest.exit('enough')"])
@pytest.mark.parametrize("where", ["test", "setup"])
def test_an_interrupted_run_ends_quietly(pytester: pytest.Pytester, how: str, where: str) -> None:
    """Nothing is judged, everything is undone."""
    pytester.makepyfile(
        f"""
import socket

import httpx
import pytest

REAL = (httpx.HTTPTransport.handle_request, socket.getaddrinfo)


@pytest.fixture
def interrupted(nexmo):
    nexmo.fault("sms.send", answer="throttled")
    if {where!r} == "setup":
        {how}


def test_one(interrupted):
    assert httpx.HTTPTransport.handle_request is not REAL[0]
    {how}
"""
    )
    pytester.makeconftest(
        """
def pytest_unconfigure():
    import httpx, socket, test_an_interrupted_run_ends_quietly as test

    print("undone", test.REAL == (httpx.HTTPTransport.handle_request, socket.getaddrinfo))
"""
    )

    result = pytester.runpytest_subprocess(*QUIET)

    assert result.ret == pytest.ExitCode.INTERRUPTED
    result.stdout.fnmatch_lines(["undone True"])
    assert "never acted" not in str(result.stdout) + str(result.stderr)
