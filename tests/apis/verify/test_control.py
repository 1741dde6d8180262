"""``/verify/control``: whole answers, every row of the table of conditions, and every refusal."""

from __future__ import annotations

import pytest

from tests.apis.verify.desk import ALICE, BOB, XML_PROLOG, Desk


def early(request_id: str) -> dict[str, str]:
    text = f"Verification request ['{request_id}'] can't be cancelled within the first 30 seconds."
    return {"status": "19", "error_text": text}


def late(request_id: str) -> dict[str, str]:
    text = (
        f"Verification request  ['{request_id}'] can't be cancelled now. "
        "Too many attempts to re-deliver have already been made."
    )
    return {"status": "19", "error_text": text}


def no_more(request_id: str) -> dict[str, str]:
    return {"status": "19", "error_text": f"No more events are left to execute for the request ['{request_id}']"}


def inactive(request_id: str) -> dict[str, str]:
    return {"status": "6", "error_text": f"The requestId '{request_id}' does not exist or its no longer active."}


def done(cmd: str) -> dict[str, str]:
    return {"status": "0", "command": cmd}


async def test_answers_in_xml(desk: Desk) -> None:
    """Under a root of their own."""
    request_id = await desk.start()
    assert await desk.xml("control/xml", request_id=request_id, cmd="trigger_next_event") == (
        f"{XML_PROLOG}<response>\n    <status>0</status>\n    <command>trigger_next_event</command>\n</response>\n"
    )
    assert await desk.xml("control/xml", request_id="x", cmd="cancel") == (
        f"{XML_PROLOG}<response>\n    <status>6</status>\n"
        "    <error_text>The requestId 'x' does not exist or its no longer active.</error_text>\n</response>\n"
    )


@pytest.mark.parametrize(
    ("params", "status", "text"),
    [
        ({}, "2", "Your request is incomplete and missing the mandatory parameter: request_id"),
        ({"cmd": "x"}, "2", "Your request is incomplete and missing the mandatory parameter: request_id"),
        ({"request_id": "a"}, "2", "Your request is incomplete and missing the mandatory parameter: cmd"),
        ({"request_id": "a", "cmd": "stop"}, "3", "Invalid value for param: cmd"),
        ({"request_id": "a", "cmd": "CANCEL"}, "3", "Invalid value for param: cmd"),
        ({"request_id": "a", "cmd": "cancel"}, "6", "The requestId 'a' does not exist or its no longer active."),
    ],
)
async def test_parameters(desk: Desk, params: dict[str, str], status: str, text: str) -> None:
    """Presence, then form, then the verification."""
    assert await desk.post("control/json", **params) == {"status": status, "error_text": text}


@pytest.mark.parametrize(
    ("at", "cancel", "trigger"),
    [
        ("0s", early, done),
        ("29.9s", early, done),
        ("29.999999s", early, done),
        ("30s", done, done),
        ("124s", done, done),
        ("125s", late, done),
        ("304s", late, done),
        ("305s", late, no_more),
        ("604s", late, no_more),
        ("605s", inactive, inactive),
    ],
)
@pytest.mark.parametrize("cmd", ["cancel", "trigger_next_event"])
async def test_the_default_workflow(desk: Desk, at: str, cancel: object, trigger: object, cmd: str) -> None:
    """When each command is taken, and the exact words when it is not (checklist 5, 6)."""
    request_id = await desk.start()
    await desk.house.advance(at)
    expected = cancel if cmd == "cancel" else trigger
    assert callable(expected)
    wanted = done(cmd) if expected is done else expected(request_id)

    assert await desk.post("control/json", request_id=request_id, cmd=cmd) == wanted
    if expected is done and cmd == "cancel":
        assert (await desk.stand(request_id))["phase"] == "CANCELLED"


@pytest.mark.parametrize(
    ("at", "cancel"), [("0s", early), ("29.9s", early), ("30s", done), ("299s", done), ("300s", inactive)]
)
@pytest.mark.parametrize("workflow", ["6", "7"])
async def test_workflows_of_one_event(desk: Desk, at: str, cancel: object, workflow: str) -> None:
    """Can be cancelled to the end; there is nothing to trigger (checklist 6)."""
    request_id = await desk.start(workflow_id=workflow)
    await desk.house.advance(at)
    expected = inactive(request_id) if cancel is inactive else no_more(request_id)
    assert await desk.post("control/json", request_id=request_id, cmd="trigger_next_event") == expected
    assert callable(cancel)
    wanted = done("cancel") if cancel is done else cancel(request_id)
    assert await desk.post("control/json", request_id=request_id, cmd="cancel") == wanted


async def test_after_an_early_trigger(desk: Desk) -> None:
    """The first text until half a minute has passed, then the second (D)."""
    request_id = await desk.start()
    assert await desk.control(request_id, "trigger_next_event") == "0"
    told = [await desk.post("control/json", request_id=request_id, cmd="cancel")]
    await desk.house.advance("30s")
    told.append(await desk.post("control/json", request_id=request_id, cmd="cancel"))
    assert told == [early(request_id), late(request_id)]


async def test_a_trigger_starts_the_waiting_anew(desk: Desk) -> None:
    """With the wait of the event that was triggered: 180 s after the second, then the life of the code."""
    request_id = await desk.start()
    await desk.house.advance("100s")
    assert await desk.control(request_id, "trigger_next_event") == "0"
    await desk.house.advance("179s")
    assert len((await desk.stand(request_id))["events"]) == 2
    await desk.house.advance("1s")
    assert [each["at"][14:19] for each in (await desk.stand(request_id))["events"]] == ["00:00", "01:40", "04:40"]
    await desk.house.advance("1h")
    stand = await desk.stand(request_id)
    assert (stand["phase"], stand["finalized_at"][14:19], len(stand["codes"])) == ("EXPIRED", "05:00", 1)


async def test_a_trigger_makes_a_new_code_when_the_old_one_is_too_old(desk: Desk) -> None:
    """Like a timed event."""
    request_id = await desk.start(pin_expiry="60", workflow_id="4")
    await desk.house.advance("60s")
    assert await desk.control(request_id, "trigger_next_event") == "0"
    stand = await desk.stand(request_id)
    assert (len(set(stand["codes"])), stand["code"]) == (2, stand["codes"][1])
    assert (await desk.items("messages"))[1]["text"] == f"Acme code: {stand['code']}. Valid for 1 minutes."
    await desk.house.advance("1h")
    assert (await desk.stand(request_id))["finalized_at"][14:19] == "02:00"


async def test_all_events_can_be_triggered_at_once(desk: Desk) -> None:
    """Then none is left, and the code lives on."""
    request_id = await desk.start()
    told = [await desk.post("control/json", request_id=request_id, cmd="trigger_next_event") for _ in range(3)]
    assert told == [done("trigger_next_event")] * 2 + [no_more(request_id)]
    assert [each["type"] for each in (await desk.stand(request_id))["events"]] == ["sms", "tts", "tts"]
    await desk.house.advance("299s")
    assert await desk.check(request_id, await desk.code(request_id)) == "0"


async def test_a_trigger_that_is_not_covered(desk: Desk) -> None:
    """Status 9 is one of control's; an account that is not debited is never short."""
    await desk.account(balance="0.0833 EUR")
    sms, tts = await desk.start(workflow_id="4"), None
    await desk.account(balance="0.0332 EUR")
    refused = {"status": "9", "error_text": "Partner quota exceeded"}
    assert await desk.post("control/json", request_id=sms, cmd="trigger_next_event") == refused
    await desk.account(balance="0.0333 EUR")
    assert await desk.post("control/json", request_id=sms, cmd="trigger_next_event") == done("trigger_next_event")
    assert await desk.balance() == "0.00 EUR"
    await desk.account(balance="unlimited")
    tts = await desk.start(number=BOB, workflow_id="3")
    assert await desk.control(tts, "trigger_next_event") == "0"


@pytest.mark.parametrize("end", ["SUCCESS", "FAILED", "CANCELLED", "EXPIRED"])
@pytest.mark.parametrize("cmd", ["cancel", "trigger_next_event"])
async def test_what_is_over_is_not_active(desk: Desk, end: str, cmd: str) -> None:
    """Nor does a check find it, nor do timers move it."""
    request_id = await desk.start()
    await desk.house.advance("31s")
    code = await desk.code(request_id)
    if end == "SUCCESS":
        await desk.check(request_id, code)
    elif end == "FAILED":
        for _ in range(3):
            await desk.check(request_id, await desk.wrong(request_id))
    elif end == "CANCELLED":
        await desk.control(request_id, "cancel")
    else:
        await desk.house.advance("1h")
    before = await desk.stand(request_id)

    assert await desk.post("control/json", request_id=request_id, cmd=cmd) == inactive(request_id)
    assert await desk.check(request_id, code) == "6"
    await desk.house.advance("1h")
    assert (await desk.stand(request_id))["phase"] == end
    assert {**await desk.stand(request_id), "seq": 0} == {**before, "seq": 0}


async def test_nobody_controls_what_is_another_accounts(desk: Desk) -> None:
    """It does not exist for them."""
    request_id = await desk.start(number=ALICE)
    made = await desk.house.control("POST", "/worlds", {"name": "other", "seed": 7}, 201)
    account = made["accounts"][0]
    params = {"api_key": account["api_key"], "api_secret": account["api_secret"]}
    got = await desk.client.post("/verify/control/json", data={**params, "request_id": request_id, "cmd": "cancel"})
    assert got.json() == inactive(request_id)
