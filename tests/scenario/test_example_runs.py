"""The whole example of the scenario format, run on its manual clock with a small app at the other end."""

from __future__ import annotations

import json
import re
from typing import Any

import jwt
import pytest

from fake_nexmo.asgi import ConnectionDropped
from fake_nexmo.scenario.nodes import plain_value
from fake_nexmo.scenario.reading import read
from tests.house import House
from tests.receiver import Answer, Received, Receiver
from tests.scenario.example import EXAMPLE

ALICE, BOB, CAROL, OWNED = "447700900001", "447700900002", "447700900003", "447700900000"
ACCOUNT = {"api_key": "abcd1234", "api_secret": "s3cr3tS3cr3t"}
NCCO = [
    {"action": "talk", "text": "Welcome to Acme."},
    {"action": "talk", "text": "Press 1 for sales.", "bargeIn": True},
    {"action": "input", "type": ["dtmf", "speech"], "dtmf": {"maxDigits": 1}},
]
SALES = [{"action": "talk", "text": "You will be connected to somebody who knows everything about it. " * 4}]


class Shop:
    """The app: what it was told, and what it answers."""

    def __init__(self) -> None:
        self.told: list[tuple[str, dict[str, Any]]] = []

    def answer(self, received: Received) -> Answer:
        """One webhook, or one form that a person sent."""
        body = received.body.decode()
        said = json.loads(body) if body.startswith("{") else received.form if body else received.params
        self.told.append((received.path, said))
        if received.path in {"/answer", "/event"}:
            words = NCCO if received.path == "/answer" else SALES if "dtmf" in said else None
            return Answer(
                body=json.dumps(words).encode() if words else b"", headers=(("Content-Type", "application/json"),)
            )
        return Answer()

    def at(self, path: str) -> list[dict[str, Any]]:
        """What it was told there."""
        return [said for there, said in self.told if there == path]


async def call_alice(house: House, world: dict[str, Any], app: Receiver) -> None:
    """The app calls Alice; the reply of its first call is lost by a fault, though the call is made."""
    application = world["applications"][0]
    now = house.wall // 1_000_000
    claims = {"application_id": application["id"], "iat": now, "exp": now + 600, "jti": "one"}
    token = jwt.encode(claims, application["private_key"], "RS256")
    body = {
        "to": [{"type": "phone", "number": ALICE}],
        "from": {"type": "phone", "number": OWNED},
        "answer_url": [f"{app.url}/answer"],
    }
    with pytest.raises(ConnectionDropped):
        await house.client.post("/v1/calls", json=body, headers={"Authorization": f"Bearer {token}"})


async def test_the_example_runs(house: House) -> None:
    """Its people, faults, steps and expectations, as far as a small app goes."""
    async with Receiver() as app:
        shop = Shop()
        app.answer_by(shop.answer)
        given = plain_value(read(EXAMPLE.replace("http://127.0.0.1:8000", app.url), "example", "yaml"))
        world = await house.control("PUT", "scenario", given)
        house.engine.shell.sleep = _no_sleep

        # Alice joins; two sends are throttled, the third goes through.
        await house.advance("0s")
        assert [(each["msisdn"], each["text"]) for each in shop.at("/in")] == [(ALICE, "JOIN")]
        answers = [await house.send(text="Your code: 1234", to=ALICE) for _ in range(3)]
        assert [each["messages"][0]["status"] for each in answers] == ["1", "1", "0"]
        code = answers[2]["messages"][0]["message-id"]

        # Her receipt comes twice, two seconds later, though shuffled.
        await house.advance("4s")
        assert [each["messageId"] for each in shop.at("/dlr")] == [code, code]

        # She is called, hears what is for sale, presses 1, says yes and hangs up.
        await call_alice(house, world, app)
        await house.advance("20s")
        outbound = [each for each in (await house.control("GET", "calls"))["items"] if each["direction"] == "outbound"]
        assert [(each["to"], each["status"]) for each in outbound] == [(ALICE, "completed")]

        # Bob calls the app at 30 s; Carol's phone is off ten seconds after her verification began.
        await house.advance("10s")
        inbound = [each for each in (await house.control("GET", "calls"))["items"] if each["direction"] == "inbound"]
        assert [(each["from"], each["at"]) for each in inbound] == [(BOB, "2026-03-01T09:00:30.000Z")]
        started = await house.client.post("/verify/json", data={**ACCOUNT, "number": CAROL, "brand": "Acme"})
        assert started.json()["status"] == "0"
        await house.advance("10s")
        assert (await house.control("GET", "handsets/carol"))["power"] is False

        # Alice types her Verify code into the app, wrong first, right ten seconds after.
        started = await house.client.post("/verify/json", data={**ACCOUNT, "number": ALICE, "brand": "Acme"})
        right = (await house.control("GET", f"verifications/{started.json()['request_id']}"))["code"]
        await house.advance("20s")
        typed = [each["code"] for each in shop.at("/login/otp")]
        assert (len(typed), typed[0] == right, typed[1] == right) == (2, False, True)

        # After five minutes the account has nothing left, and what is sent then is refused.
        await house.advance("5m")
        poor = await house.send(text="More", to=ALICE)
        assert poor["messages"][0]["status"] == "9"
        verdicts = await house.control("GET", "expectations?final=true")

    assert [each["state"] for each in verdicts["items"]] == ["met"] * 6
    assert (verdicts["problems"], verdicts["final"]) == ([], True)
    # What Verify sent was expected by nobody, and no code was checked.
    said = [re.sub(" message [0-9A-F]+ ", " message ", each["what"]) for each in verdicts["strict"]]
    assert [(each["weight"], what.partition(":")[0]) for each, what in zip(verdicts["strict"], said, strict=True)] == [
        ("fail", f"Nobody expected the message to {CAROL}"),
        ("fail", f"Nobody expected the message to {ALICE}"),
        ("fail", "The fault 'slow' on verify.check never acted"),
        ("fail", "The fault 'too-early' on webhook.receipt never acted"),
    ]


async def _no_sleep(_: float) -> None:
    return None
