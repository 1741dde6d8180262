"""``/verify/search``: whole answers in both shapes and both forms, every refusal."""

from __future__ import annotations

from typing import Any

import pytest

from tests.apis.verify.desk import ALICE, BOB, GOOD, KEY, XML_PROLOG, Desk

NOT_FOUND = {"status": "101", "error_text": "No response found"}


async def checked(desk: Desk) -> tuple[str, str, str]:
    """A verification with a wrong and a right check; request id, message id, right code."""
    request_id = await desk.start(code_length="6")
    await desk.house.advance("30s")
    await desk.post("check/json", request_id=request_id, code="111111", ip_address="192.0.2.1")
    await desk.house.advance("21s")
    code = await desk.code(request_id)
    assert await desk.check(request_id, code) == "0"
    return request_id, (await desk.stand(request_id))["events"][0]["id"], code


async def test_a_flat_answer(desk: Desk) -> None:
    """To the byte, in the order of the recordings; never an ``error_text`` (checklist 3)."""
    request_id, message_id, code = await checked(desk)
    answer = await desk.client.get("/verify/search/json", params={**GOOD, "request_id": request_id})

    assert answer.text == (
        f'{{"request_id":"{request_id}","account_id":"{KEY}","number":"{ALICE}","sender_id":"verify",'
        '"date_submitted":"2026-01-01 00:00:00","date_finalized":"2026-01-01 00:00:51",'
        '"checks":[{"date_received":"2026-01-01 00:00:30","code":"111111","status":"INVALID","ip_address":"192.0.2.1"},'
        f'{{"date_received":"2026-01-01 00:00:51","code":"{code}","status":"VALID","ip_address":""}}],'
        '"first_event_date":"2026-01-01 00:00:00","last_event_date":"2026-01-01 00:00:00",'
        '"price":"0.05000000","currency":"EUR","status":"SUCCESS","estimated_price_messages_sent":"0.03330",'
        f'"events":[{{"id":"{message_id}","type":"sms"}}]}}'
    )


async def test_a_flat_answer_in_xml(desk: Desk) -> None:
    """The document of the reference; an empty member closes itself."""
    request_id, message_id, code = await checked(desk)
    assert (
        await desk.xml("search/xml", request_id=request_id)
        == f"""\
<?xml version="1.0" encoding="UTF-8"?>
<verify_request>
  <request_id>{request_id}</request_id>
  <account_id>{KEY}</account_id>
  <number>{ALICE}</number>
  <sender_id>verify</sender_id>
  <date_submitted>2026-01-01 00:00:00</date_submitted>
  <date_finalized>2026-01-01 00:00:51</date_finalized>
  <checks>
    <check>
      <date_received>2026-01-01 00:00:30</date_received>
      <code>111111</code>
      <status>INVALID</status>
      <ip_address>192.0.2.1</ip_address>
    </check>
    <check>
      <date_received>2026-01-01 00:00:51</date_received>
      <code>{code}</code>
      <status>VALID</status>
      <ip_address/>
    </check>
  </checks>
  <first_event_date>2026-01-01 00:00:00</first_event_date>
  <last_event_date>2026-01-01 00:00:00</last_event_date>
  <price>0.05000000</price>
  <currency>EUR</currency>
  <status>SUCCESS</status>
  <estimated_price_messages_sent>0.03330</estimated_price_messages_sent>
  <events><event><id>{message_id}</id><type>sms</type></event></events>
</verify_request>
"""
    )


async def test_a_list_in_xml(desk: Desk) -> None:
    """A wrapper around each; without checks there is an empty element (checklist 10)."""
    one, two = await desk.start(), await desk.start(number=BOB)
    events = [(await desk.stand(each))["events"][0]["id"] for each in (one, two)]
    body = "".join(
        f"""\
  <verify_request>
    <request_id>{request_id}</request_id>
    <account_id>{KEY}</account_id>
    <number>{number}</number>
    <sender_id>verify</sender_id>
    <date_submitted>2026-01-01 00:00:00</date_submitted>
    <date_finalized/>
    <checks/>
    <first_event_date>2026-01-01 00:00:00</first_event_date>
    <last_event_date>2026-01-01 00:00:00</last_event_date>
    <price>0</price>
    <currency>EUR</currency>
    <status>IN PROGRESS</status>
    <estimated_price_messages_sent>0.03330</estimated_price_messages_sent>
    <events><event><id>{event}</id><type>sms</type></event></events>
  </verify_request>
"""
        for request_id, number, event in ((one, ALICE, events[0]), (two, BOB, events[1]))
    )
    got = await desk.client.get("/verify/search/xml", params={**GOOD, "request_ids": [one, two]})
    prolog = '<?xml version="1.0" encoding="UTF-8"?>\n'
    assert got.text == f"{prolog}<verification_requests>\n{body}</verification_requests>\n"


async def test_an_error_in_xml_has_the_root_of_errors(desk: Desk) -> None:
    """The Java library knows errors under that root alone."""
    assert await desk.xml("search/xml", request_id="nobody") == (
        f"{XML_PROLOG}<verify_response>\n    <status>101</status>\n    <error_text>No response found</error_text>\n"
        "</verify_response>\n"
    )


@pytest.mark.parametrize("method", ["GET", "POST", "JSON"])
async def test_shapes(desk: Desk, method: str) -> None:
    """One ``request_id`` is flat; ``request_ids`` are a list, be it of one (checklist 2), and no status beside it."""
    one, two = await desk.start(), await desk.start(number=BOB)
    flat = {each: await desk.search(each) for each in (one, two)}

    async def ask(**params: Any) -> Any:
        if method == "GET":
            return (await desk.client.get("/verify/search/json", params={**GOOD, **params})).json()
        if method == "POST":
            return (await desk.client.post("/verify/search/json", data={**GOOD, **params})).json()
        return (await desk.client.post("/verify/search/json", json={**GOOD, **params})).json()

    def listed(*ids: str) -> dict[str, Any]:
        return {"verification_requests": [flat[each] for each in ids]}

    assert await ask(request_id=one) == flat[one]
    assert await ask(request_ids=[one]) == listed(one)
    assert await ask(request_ids=[two, one]) == listed(two, one)
    assert await ask(request_ids=[two, "nobody", one, two]) == listed(two, one)
    assert await ask(request_id=one, request_ids=[two]) == listed(one, two)
    assert await ask(request_id=one, request_ids=[one]) == listed(one)
    assert await ask(request_ids=["nobody", "else"]) == NOT_FOUND
    assert await ask(request_id="x" * 99) == NOT_FOUND


@pytest.mark.parametrize("params", [{}, {"request_id": ""}, {"request_ids": ""}, {"request_ids": ["", ""]}])
async def test_nothing_to_look_for(desk: Desk, params: dict[str, Any]) -> None:
    """The parameter that most libraries use is said to be missing."""
    text = "Your request is incomplete and missing the mandatory parameter: request_id"
    assert await desk.post("search/json", **params) == {"status": "2", "error_text": text}


async def test_ten_ids_at_most(desk: Desk) -> None:
    """More are refused, known or not; the same one twice counts once."""
    request_id = await desk.start()
    ids = [request_id, *(f"nobody{k}" for k in range(9))]
    assert len((await desk.post("search/json", request_ids=[*ids, request_id]))["verification_requests"]) == 1
    too_many = {"status": "18", "error_text": "Too many request_ids provided"}
    assert await desk.post("search/json", request_ids=[*ids, "another"]) == too_many
    assert await desk.post("search/json", request_ids=ids, request_id="another") == too_many


async def test_nobody_finds_what_is_another_accounts(desk: Desk) -> None:
    """Not in another world, nor in this one."""
    request_id = await desk.start()
    made = await desk.house.control("POST", "/worlds", {"name": "other", "seed": 7}, 201)
    account = made["accounts"][0]
    params = {"api_key": account["api_key"], "api_secret": account["api_secret"], "request_id": request_id}
    assert (await desk.client.get("/verify/search/json", params=params)).json() == NOT_FOUND


@pytest.mark.parametrize(
    ("end", "price", "finalized"),
    [
        ("IN PROGRESS", "0", ""),
        ("SUCCESS", "0.05000000", "2026-01-01 00:00:30"),
        ("FAILED", "0", "2026-01-01 00:00:30"),
        ("CANCELLED", "0", "2026-01-01 00:00:30"),
        ("EXPIRED", "0", "2026-01-01 00:05:00"),
    ],
)
@pytest.mark.parametrize("profile", ["current", "2020"])
async def test_price_and_end_by_status(desk: Desk, end: str, price: str, finalized: str, profile: str) -> None:
    """Only success has a price; only what is over has an end."""
    await desk.settings(profile=profile, verify_price="0.05")
    request_id = await desk.start(workflow_id="6")
    await desk.house.advance("30s")
    if end == "SUCCESS":
        await desk.check(request_id, await desk.code(request_id))
    elif end == "FAILED":
        for _ in range(3):
            await desk.check(request_id, await desk.wrong(request_id))
    elif end == "CANCELLED":
        await desk.control(request_id, "cancel")
    elif end == "EXPIRED":
        await desk.house.advance("1h")

    found = await desk.search(request_id)
    assert (found["status"], found["price"], found["date_finalized"]) == (end, price, finalized)


async def test_what_has_just_ended_can_be_invisible(desk: Desk) -> None:
    """For up to a minute, if the world has it so; what is in progress is found."""
    await desk.settings(verify_search_lag=60)
    request_id = await desk.start()
    before = await desk.search(request_id)
    await desk.check(request_id, await desk.code(request_id))
    told = [await desk.search(request_id)]
    await desk.house.advance("59.999999s")
    told.append(await desk.search(request_id))
    await desk.house.advance("0.000001s")
    assert before["status"] == "IN PROGRESS"
    assert told == [NOT_FOUND] * 2
    assert (await desk.search(request_id))["status"] == "SUCCESS"
