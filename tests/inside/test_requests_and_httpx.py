"""Clients of three kinds at the fake: the same answers, and the same troubles in each one's own words."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
import requests
import requests.adapters
import urllib3

from fake_nexmo.inside.fake import Fake
from tests.inside.fakes import SENT, URL, async_client, client, form, items


@pytest.fixture
def fake() -> Fake:
    """A fake whose ids are known."""
    return Fake(seed=1)


def session(fake: Fake, **named: Any) -> requests.Session:
    """A session of requests that reaches the fake."""
    opened = requests.Session()
    opened.mount("https://", fake.adapter())
    return opened


@pytest.mark.parametrize("host", ["rest.nexmo.com", "api.nexmo.com", "api-eu.vonage.com", "127.0.0.1:6396", "sms.test"])
def test_the_path_decides_whatever_the_host(fake: Fake, host: str) -> None:
    with client(fake) as http:
        answer = http.post(f"https://{host}/sms/json", data=form())

    assert (answer.status_code, answer.json()) == (200, SENT)
    assert answer.headers["content-type"] == "application/json"


async def test_a_client_on_an_event_loop_gets_the_same(fake: Fake) -> None:
    async with async_client(fake) as http:
        answer = await http.post(URL, data=form())

    assert (answer.status_code, answer.json()) == (200, SENT)


def test_requests_gets_the_same(fake: Fake) -> None:
    answer = session(fake).post(URL, data=form())

    assert (answer.status_code, answer.reason, answer.json()) == (200, "OK", SENT)
    assert answer.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize("body", ["text", "octets", "file", "chunks"])
def test_requests_may_send_any_kind_of_body(fake: Fake, body: str) -> None:
    import io
    from urllib.parse import urlencode

    text = urlencode(form())
    data: Any = {"text": text, "octets": text.encode(), "file": io.BytesIO(text.encode()), "chunks": iter([b"", text])}
    media = {"Content-Type": "application/x-www-form-urlencoded"}

    answer = session(fake).post(URL, data=data[body], headers=media)

    assert answer.json() == SENT


def test_query_and_escaped_path_arrive_as_they_were_sent(fake: Fake) -> None:
    credentials = {"api_key": "abcd1234", "api_secret": "s3cr3tS3cr3t"}
    with client(fake) as http:
        by_httpx = http.get("https://rest.nexmo.com/account/get%2Dbalance", params=credentials).json()
    by_requests = session(fake).get("https://rest.nexmo.com/account/get%2Dbalance", params=credentials).json()

    assert by_httpx == by_requests == {"value": 100.0, "autoReload": False}


def test_what_is_not_emulated_says_so(fake: Fake) -> None:
    with client(fake) as http:
        answer = http.get("https://api.nexmo.com/v9/teapots")

    assert (answer.status_code, answer.json()["gap"]) == (501, "GET /v9/teapots")


# Dropped connections.


def dropped(fake: Fake, **more: Any) -> None:
    """Arm a fault that hangs up."""
    fake.control("POST", "faults", {"target": "sms.send", "then": "drop_connection", **more})


def test_a_dropped_connection_in_the_words_of_httpx(fake: Fake) -> None:
    dropped(fake, effect="none")

    with client(fake) as http, pytest.raises(httpx.RemoteProtocolError) as raised:
        http.post(URL, data=form())

    assert str(raised.value) == "Server disconnected without sending a response."
    assert str(raised.value.request.url) == URL
    assert items(fake, "messages") == []


async def test_a_dropped_connection_on_an_event_loop(fake: Fake) -> None:
    dropped(fake)

    async with async_client(fake) as http:
        with pytest.raises(httpx.RemoteProtocolError):
            await http.post(URL, data=form())

    assert len(items(fake, "messages")) == 1


def test_a_dropped_connection_in_the_words_of_requests(fake: Fake) -> None:
    dropped(fake)

    with pytest.raises(requests.ConnectionError) as raised:
        session(fake).post(URL, data=form())

    assert str(raised.value) == (
        "('Connection aborted.', RemoteDisconnected('Remote end closed connection without response'))"
    )


def truncated(fake: Fake) -> None:
    """Arm a fault that cuts replies off."""
    fake.control("POST", "faults", {"target": "sms.send", "then": "truncate"})


def test_a_truncated_reply_in_the_words_of_httpx(fake: Fake) -> None:
    truncated(fake)

    with client(fake) as http:
        with pytest.raises(httpx.RemoteProtocolError) as raised:
            http.post(URL, data=form())
        with http.stream("POST", URL, data=form()) as answer:
            head = (answer.status_code, answer.headers["content-type"])
            with pytest.raises(httpx.RemoteProtocolError):
                list(answer.iter_bytes())

    assert str(raised.value) == (
        "peer closed connection without sending complete message body (received 130 bytes, expected 260)"
    )
    assert head == (200, "application/json")


async def test_a_truncated_reply_on_an_event_loop(fake: Fake) -> None:
    truncated(fake)

    async with async_client(fake) as http:
        with pytest.raises(httpx.RemoteProtocolError):
            await http.post(URL, data=form())


def test_a_truncated_reply_in_the_words_of_requests(fake: Fake) -> None:
    truncated(fake)

    with pytest.raises(requests.exceptions.ChunkedEncodingError) as raised:
        session(fake).post(URL, data=form())

    assert "IncompleteRead(130 bytes read, 130 more expected)" in str(raised.value)


# Replies that come late.


def late(fake: Fake) -> None:
    """Arm a fault that makes replies four seconds late."""
    fake.control("POST", "faults", {"target": "sms.send", "delay": "4s"})


def test_a_reply_after_the_time_out_is_a_time_out(fake: Fake) -> None:
    late(fake)

    with client(fake, timeout=3) as http, pytest.raises(httpx.ReadTimeout, match="would take 4 s"):
        http.post(URL, data=form())
    with pytest.raises(requests.ReadTimeout):
        session(fake).post(URL, data=form(), timeout=3)
    with pytest.raises(requests.ReadTimeout):
        session(fake).post(URL, data=form(), timeout=(9, 3))
    with pytest.raises(requests.ReadTimeout):
        session(fake).post(URL, data=form(), timeout=urllib3.Timeout(read=3))  # type: ignore[arg-type]


async def test_a_reply_after_the_time_out_on_an_event_loop(fake: Fake) -> None:
    late(fake)

    async with async_client(fake, timeout=3) as http:
        with pytest.raises(httpx.ReadTimeout):
            await http.post(URL, data=form())


def test_a_reply_before_the_time_out_comes_at_once(fake: Fake) -> None:
    import time

    late(fake)
    began = time.perf_counter()

    with client(fake, timeout=5) as http, client(fake, timeout=None) as patient:
        answers = [http.post(URL, data=form()), patient.post(URL, data=form())]
    answers_too = [session(fake).post(URL, data=form(), timeout=each) for each in (None, 5, (1, 5))]

    assert [each.status_code for each in answers] + [each.status_code for each in answers_too] == [200] * 5
    assert time.perf_counter() - began < 2


# What an adapter repeats.


def repeating(fake: Fake, **named: Any) -> requests.Session:
    """A session whose adapter repeats."""
    opened = session(fake)
    adapter = opened.get_adapter("https://")
    assert isinstance(adapter, requests.adapters.HTTPAdapter)
    adapter.max_retries = urllib3.Retry(backoff_factor=60, **named)
    return opened


BALANCE = "https://rest.nexmo.com/account/get-balance?api_key=abcd1234&api_secret=s3cr3tS3cr3t"


def broken(fake: Fake, calls: str, **how: Any) -> None:
    """Arm a fault on the balance."""
    fake.control("POST", "faults", {"target": "account.balance", "calls": calls, **how})


def test_an_adapter_repeats_answers_that_it_was_told_to(fake: Fake) -> None:
    broken(fake, "1..2", answer={"http": 503})

    answer = repeating(fake, total=3, status_forcelist=[503]).get(BALANCE)

    assert answer.json() == {"value": 100.0, "autoReload": False}
    assert [each["status"] for each in items(fake, "requests")] == [503, 503, 200]


def test_an_adapter_gives_up(fake: Fake) -> None:
    broken(fake, "1..9", answer={"http": 503})

    with pytest.raises(requests.exceptions.RetryError):
        repeating(fake, total=2, status_forcelist=[503]).get(BALANCE)
    last = repeating(fake, total=1, status_forcelist=[503], raise_on_status=False).get(BALANCE)

    assert last.status_code == 503
    assert len(items(fake, "requests")) == 5


def test_an_adapter_repeats_what_was_dropped(fake: Fake) -> None:
    broken(fake, "1..1", then="drop_connection")

    assert repeating(fake, total=1).get(BALANCE).status_code == 200

    broken(fake, "1..9", then="drop_connection")
    with pytest.raises(requests.ConnectionError, match="Max retries exceeded"):
        repeating(fake, total=1).get(BALANCE)
