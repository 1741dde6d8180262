"""The words of a form that a person hands in to the account's own application. Pure.

It is no webhook of the vendor's: a browser would send it, so it is neither signed nor sent again, and any answer will
do.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode

import msgspec

from fake_nexmo.core.records import Delivery
from fake_nexmo.core.wording import Worded, Wording

# Doubt: how long a person waits for a page is not said; as long as the service waits for an SMS webhook.
CONNECT_S: Final = 3.0
RESPONSE_S: Final = 15.0

_AGENT = ("User-Agent", "fake-nexmo")


def submit(wording: Wording) -> Worded:
    """A form as a browser sends it: in the query of a GET, else in the body; or a JSON body.

    Source: scenario format, ``submit: {url, method, form or json}``.
    """
    delivery = wording.delivery
    fields, read = delivery.facts["form"], delivery.facts["json"]
    if read is not None:
        body = msgspec.json.encode(read)
        return Worded(delivery.method, delivery.url, (("Content-Type", "application/json"), _AGENT), body)
    if fields is None:
        return Worded(delivery.method, delivery.url, (_AGENT,), b"")
    text = urlencode(fields)
    if delivery.method == "GET":
        url, mark, fragment = delivery.url.partition("#")
        joint = "&" if "?" in url else "?"
        return Worded("GET", f"{url}{joint}{text}{mark}{fragment}" if text else delivery.url, (_AGENT,), b"")
    head = ("Content-Type", "application/x-www-form-urlencoded")
    return Worded(delivery.method, delivery.url, (head, _AGENT), text.encode())


def succeeded(status: int) -> bool:
    """Any answer is one: what the application makes of a wrong code is its own affair."""
    return status > 0


def retried(_: int, __: str) -> bool:
    """A person whose page does not load is not made to try again."""
    return False


def delay(_: Delivery, __: int, ___: str) -> int | None:
    """There is no other attempt."""
    return None
