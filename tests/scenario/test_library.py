"""The scenarios of the library: each is run with an app that does well, and most with one that does not."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from fake_nexmo.asgi import ConnectionDropped
from fake_nexmo.scenario import library
from tests.house import House
from tests.receiver import Answer, Receiver

ALICE = "447700900101"
ACCOUNT = {"api_key": "abcd1234", "api_secret": "s3cr3tS3cr3t"}


class App:
    """An app that a test drives: it sends, checks codes, and is called back."""

    def __init__(self, house: House, receiver: Receiver) -> None:
        self.house = house
        self.receiver = receiver

    async def text(self, words: str = "Hello") -> str:
        """Send one to Alice; the status in the answer."""
        answer = await self.house.send(to=ALICE, text=words, from_="447700900000")
        status: str = answer["messages"][0]["status"]
        return status

    async def verify(self) -> str:
        """Begin to verify Alice's number; the request id."""
        answer = await self.house.client.post("/verify/json", data={**ACCOUNT, "number": ALICE, "brand": "Acme"})
        request_id: str = answer.json()["request_id"]
        return request_id

    async def check(self, request_id: str, k: int = -1) -> str:
        """Check the k-th code that was typed into the app; the status in the answer."""
        code = self.receiver.requests[k].form["code"]
        given = {**ACCOUNT, "request_id": request_id, "code": code}
        answer = await self.house.client.post("/verify/check/json", data=given)
        status: str = answer.json()["status"]
        return status


Course = Callable[[App], Awaitable[None]]


async def sign_up(app: App) -> None:
    """What comes in is checked."""
    request_id = await app.verify()
    await app.house.advance("1m")
    assert await app.check(request_id) == "0"


async def check_nothing(app: App) -> None:
    """The app forgets to check."""
    await app.verify()
    await app.house.advance("1m")


async def late_code(app: App) -> None:
    """The late code is refused."""
    request_id = await app.verify()
    await app.house.advance("1h")
    assert await app.check(request_id) != "0"


async def wrong_code_thrice(app: App) -> None:
    """Each one is checked when it comes."""
    request_id = await app.verify()
    statuses = []
    for k in range(3):
        await app.house.advance("11s")
        statuses.append(await app.check(request_id, k))
    assert statuses == ["16", "16", "17"]


async def throttled(app: App) -> None:
    """It is sent until it is taken, once."""
    while await app.text() != "0":
        await app.house.advance("1s")
    await app.house.advance("1m")


async def send_on(app: App) -> None:
    """It is sent four times, whatever comes of it."""
    for _ in range(4):
        await app.text()
        await app.house.advance("1s")


async def out_of_balance(app: App) -> None:
    """What could not be sent is sent when there is money."""
    assert [await app.text(), await app.text()] == ["0", "9"]
    await app.house.advance("10m")
    assert await app.text() == "0"
    await app.house.advance("1s")


async def give_up(app: App) -> None:
    """What could not be sent is forgotten."""
    await app.text()
    await app.text()
    await app.house.advance("20m")


async def outage(app: App) -> None:
    """One is sent while the network is out, and again when it is back."""
    await app.house.advance("2m")
    await app.text()
    await app.house.advance("15m")
    await app.text()
    await app.house.advance("1m")


async def send_once(app: App) -> None:
    """One message, and nothing else."""
    await app.text()
    await app.house.advance("1h")


async def send_late(app: App) -> None:
    """One message in time, and one that should not be sent."""
    await app.text()
    await app.house.advance("1m")
    await app.text()
    await app.house.advance("1m")


async def down_for_an_hour(app: App) -> None:
    """The endpoint answers with errors for an hour."""
    app.receiver.answer_by(lambda _: Answer(503))
    await app.text()
    await app.house.advance("1h")
    app.receiver.answer_by(lambda _: Answer())
    await app.house.advance("1h")


async def down_for_ever(app: App) -> None:
    """The endpoint never comes back."""
    app.receiver.answer_by(lambda _: Answer(503))
    await app.text()
    await app.house.advance("2d")


async def under_load(app: App) -> None:
    """A hundred messages: some are taken, some are not."""
    slept: list[float] = []
    statuses = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    app.house.engine.shell.sleep = sleep
    lost = 0
    for _ in range(100):
        try:
            answer = await app.house.client.post("/sms/json", data={**ACCOUNT, "from": "A", "to": ALICE, "text": "Hi"})
        except ConnectionDropped:
            lost += 1
        else:
            statuses.append(answer.status_code)
    assert (len(slept) > 0, lost > 0, set(statuses)) == (True, True, {200, 503})
    await app.house.advance("1m")


WELL: dict[str, Course] = {
    "bad-day": send_once,
    "default": send_once,
    "endpoint-down": down_for_an_hour,
    "flaky": under_load,
    "late-code": late_code,
    "opt-out": send_once,
    "out-of-balance": out_of_balance,
    "outage": outage,
    "repeated-receipts": send_once,
    "sign-up": sign_up,
    "stock": send_once,
    "throttled": throttled,
    "unreachable": send_once,
    "wrong-code-thrice": wrong_code_thrice,
}
BADLY: dict[str, Course] = {
    "endpoint-down": down_for_ever,
    "opt-out": send_late,
    "out-of-balance": give_up,
    "outage": send_once,
    "repeated-receipts": down_for_ever,
    "sign-up": check_nothing,
    "throttled": send_on,
    "unreachable": send_late,
    "wrong-code-thrice": check_nothing,
}


def test_each_scenario_of_the_library_is_run() -> None:
    """None is forgotten, and each says in a comment when to use it."""
    assert list(WELL) == library.names()
    for name in library.names():
        assert library.path_of(name).read_text().startswith("# "), name


async def run(house: House, name: str, course: Course) -> list[tuple[str, str]]:
    """Run a scenario of the library; the expectations and how they stand in the end, then breaches of strictness."""
    async with Receiver() as receiver:
        variables = {"app": receiver.url} if "{app}" in library.path_of(name).read_text() else {}
        await house.control("DELETE", "/worlds/default", status=204)
        wanted = {"name": "default", "scenario": name, "vars": variables, "clock": "manual"}
        await house.control("POST", "/worlds", wanted, 201)
        await course(App(house, receiver))
        given = await house.control("GET", "expectations?final=true")
    assert given["problems"] == []
    items = [(each["expectation"], each["state"]) for each in given["items"]]
    return items + [(each["rule"], each["weight"]) for each in given["strict"]]


@pytest.mark.parametrize("name", WELL)
async def test_an_app_that_does_well_meets_what_is_expected(house: House, name: str) -> None:
    """Everything, strictness included."""
    judged = await run(house, name, WELL[name])

    assert [each for each in judged if each[1] != "met"] == []


@pytest.mark.parametrize("name", BADLY)
async def test_an_app_that_does_not_is_told(house: House, name: str) -> None:
    """At least one expectation is unmet."""
    judged = await run(house, name, BADLY[name])

    assert [each for each in judged if each[1] in {"unmet", "fail"}] != []
