"""The words of a form that a person hands in."""

from __future__ import annotations

from typing import Any

import pytest

from fake_nexmo.apis.verify import people
from fake_nexmo.apis.verify import people_wire as wire
from fake_nexmo.core.moment import Moment
from fake_nexmo.core.records import Account, Delivery
from fake_nexmo.core.wording import Worded, Wording

NOW = 1_767_225_600_000_000
URL = "http://127.0.0.1:8000/otp"
AGENT = ("User-Agent", "fake-nexmo")
FORM = ("Content-Type", "application/x-www-form-urlencoded")


def delivery(method: str = "POST", url: str = URL, form: Any = None, json: Any = None) -> Delivery:
    """A form on its way."""
    return Delivery(
        kind="submit",
        owner="verify",
        account="main",
        about="r1",
        subject="r1",
        url=url,
        method=method,
        facts={"form": form, "json": json},
        created_at=NOW,
        due_at=NOW,
    )


@pytest.mark.parametrize(
    ("one", "worded"),
    [
        (delivery(), Worded("POST", URL, (AGENT,), b"")),
        (delivery(form={}), Worded("POST", URL, (FORM, AGENT), b"")),
        (
            delivery(form={"phone": "+44", "code": "a b&ä"}),
            Worded("POST", URL, (FORM, AGENT), b"phone=%2B44&code=a+b%26%C3%A4"),
        ),
        (delivery("PUT", form={"a": "1"}), Worded("PUT", URL, (FORM, AGENT), b"a=1")),
        (
            delivery("PATCH", json={"code": ["0471"], "name": "ä"}),
            Worded(
                "PATCH", URL, (("Content-Type", "application/json"), AGENT), '{"code":["0471"],"name":"ä"}'.encode()
            ),
        ),
        (delivery(json={}), Worded("POST", URL, (("Content-Type", "application/json"), AGENT), b"{}")),
        (delivery("GET"), Worded("GET", URL, (AGENT,), b"")),
        (delivery("GET", form={}), Worded("GET", URL, (AGENT,), b"")),
        (delivery("GET", form={"a": "1"}), Worded("GET", URL + "?a=1", (AGENT,), b"")),
        (delivery("GET", URL + "?x=y", {"a": "1"}), Worded("GET", URL + "?x=y&a=1", (AGENT,), b"")),
        (delivery("GET", URL + "#top", {"a": "1"}), Worded("GET", URL + "?a=1#top", (AGENT,), b"")),
    ],
)
def test_a_form_in_its_words(one: Delivery, worded: Worded) -> None:
    """As a browser sends it, and unsigned."""
    account = Account(id="main", api_key="abcd1234", secrets=(), signature_secret="s", signed_webhooks=True)

    assert wire.submit(Wording(one, account, NOW, 0, Moment(NOW, 7, 42))) == worded


@pytest.mark.parametrize("status", [0, 100, 200, 302, 404, 422, 500, 503])
@pytest.mark.parametrize("profile", ["2020", "current"])
def test_any_answer_will_do_and_none_is_sent_again(status: int, profile: str) -> None:
    """Whatever the application makes of it."""
    webhook = people.WEBHOOKS["submit"]

    assert webhook.succeeded(status) is (status != 0)
    assert webhook.retried(status, profile) is False
    assert webhook.delay(delivery(), 1, profile) is None
