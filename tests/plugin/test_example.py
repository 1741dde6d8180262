"""The example of the documentation, word for word, with a small shop."""

from __future__ import annotations

import pytest

from tests.plugin.inner import QUIET

pytest_plugins = ("pytester",)

SHOP = '''
"""A shop that verifies its customers' numbers, and tells its owner of each of them."""

from urllib.parse import parse_qs

import httpx
import requests

import pytest

OWNER = "447700900100"
KEYS = {"api_key": "abcd1234", "api_secret": "s3cr3tS3cr3t"}


class Shop:
    """Whatever it is told, it tells its owner, and asks three times when the service is busy."""

    def __init__(self):
        self.request_id = ""

    def sign_up(self, number):
        form = {**KEYS, "number": number, "brand": "Shop"}
        answer = requests.post("https://api.nexmo.com/verify/json", data=form, timeout=5).json()
        assert answer["status"] == "0", answer
        self.request_id = answer["request_id"]

    def confirm(self, code):
        form = {**KEYS, "request_id": self.request_id, "code": code}
        answer = requests.post("https://api.nexmo.com/verify/check/json", data=form, timeout=5).json()
        assert answer["status"] == "0", answer
        self.tell("A customer signed up.", callback="https://shop.test/receipts")

    def tell(self, text, **more):
        form = {**KEYS, "from": "447700900000", "to": OWNER, "text": text, **more}
        for _ in range(3):
            answer = httpx.post("https://rest.nexmo.com/sms/json", data=form).json()
            if answer["messages"][0]["status"] == "0":
                return
        raise RuntimeError(answer)

    def __call__(self, environ, start_response):
        query = parse_qs(environ["QUERY_STRING"])
        if environ["PATH_INFO"] == "/receipts":
            self.tell(f"The message was {query['status'][0]}.")
        start_response("200 OK", [])
        return []


shop = Shop()


@pytest.fixture
def app():
    return shop
'''

TEST = """
from conftest import shop


def test_signup(nexmo, app):                       # app: a WSGI or ASGI app
    nexmo.mount("https://shop.test", app)          # webhooks for that host go to the app
    shop.sign_up("447700900001")                   # any httpx or requests SDK inside
    assert "code:" in nexmo.message(to="447700900001").text
    shop.confirm(nexmo.code(to="447700900001"))
    nexmo.handset("447700900001").texts("447700900000", "STOP")
    nexmo.fault("sms.send", calls=(1, 2), answer="throttled")
    nexmo.clock.advance("5m")
    nexmo.expect.message(to="447700900001").once()
"""


def test_the_example_passes(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(SHOP)
    pytester.makepyfile(TEST)

    pytester.runpytest_inprocess(*QUIET).assert_outcomes(passed=1)


def test_without_the_shops_patience_the_example_fails(pytester: pytest.Pytester) -> None:
    """The same shop, if it gives up at once: what its app raised is told."""
    pytester.makeconftest(SHOP.replace("range(3)", "range(1)"))
    pytester.makepyfile(TEST.replace("(1, 2)", "(1, 9)"))

    result = pytester.runpytest_inprocess(*QUIET)

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "The test passed, but its world 'default' (seed *) is not as it should be:",
            "The webhook receipt to https://shop.test/receipts failed * times, another try is due:",
            "  HTTP 500",
            "  the app raised:",
            "    RuntimeError: {'message-count': '1', 'messages': *",
            "  (way out: @pytest.mark.nexmo(strict={'failed_webhook': 'ignore'}))",
            "What happened:",
            "*request  verify.start  POST /verify/json  -> 200*",
            "*act      447700900001 texts 447700900000 'STOP'",
            "*act      a fault is armed: sms.send answer='throttled', calls='1..9'",
            "*clock    advances by 5m  -> * timers, 0 webhooks delivered, * failed",
            "*webhook  GET https://shop.test/receipts  -> 500",
        ]
    )
