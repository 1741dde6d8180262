"""Getting in the way of clients, and out of it again; keeping a process from reaching the real service."""

from __future__ import annotations

import asyncio
import http.client
import socket
import threading
import urllib.request
from collections.abc import Iterator

import httpx
import pytest
import requests
import responses
import respx

from fake_nexmo.inside.block import RealServiceBlocked, blocked
from fake_nexmo.inside.fake import Fake
from fake_nexmo.inside.hosts import is_service
from fake_nexmo.inside.intercept import intercepted
from tests.inside.fakes import SENT, URL, form
from tests.receiver import Receiver


@pytest.fixture
def fake() -> Iterator[Fake]:
    """A fake in the way of every client."""
    made = Fake(seed=1)
    with intercepted(made):
        yield made


@pytest.mark.parametrize(
    ("host", "ours"),
    [
        *[(each, True) for each in ("nexmo.com", "API.nexmo.com", "a.b.vonage.com", "vonage.com.", "rest.nexmo.com")],
        *[(each, False) for each in ("notnexmo.com", "nexmo.com.evil.test", "nexmo.co", "localhost", "", ".nexmo.com")],
    ],
)
def test_which_names_are_the_services(host: str, ours: bool) -> None:
    assert is_service(host) is ours


def test_httpx_reaches_the_fake(fake: Fake) -> None:
    assert httpx.post(URL, data=form()).json() == SENT


async def test_httpx_on_an_event_loop_reaches_the_fake(fake: Fake) -> None:
    async with httpx.AsyncClient() as http:
        assert (await http.post(URL, data=form())).json() == SENT


def test_requests_reaches_the_fake(fake: Fake) -> None:
    assert requests.post(URL, data=form(), timeout=5).json() == SENT


def test_a_proxy_changes_nothing(fake: Fake) -> None:
    there = "http://127.0.0.1:1"
    with httpx.Client(proxy=there) as http:
        assert http.post(URL, data=form()).json() == SENT
    assert requests.get(URL, proxies={"https": there}, timeout=5).status_code == 200


def test_a_session_that_was_opened_before_reaches_the_fake() -> None:
    with requests.Session() as session, httpx.Client() as http:
        with intercepted(Fake(seed=1)):
            assert session.post(URL, data=form()).json() == SENT
        with intercepted(Fake(seed=1)):
            assert http.post(URL, data=form()).json() == SENT


async def test_other_hosts_go_where_they_were_going(fake: Fake) -> None:
    async with Receiver() as receiver, httpx.AsyncClient() as http:
        by_httpx = await http.get(f"{receiver.url}/a")
        by_requests = await asyncio.to_thread(requests.get, f"{receiver.url}/b", timeout=5)
        in_a_thread = await asyncio.to_thread(httpx.get, f"{receiver.url}/c")

    assert [each.text for each in (by_httpx, by_requests, in_a_thread)] == ["OK"] * 3
    assert [each.path for each in receiver.requests] == ["/a", "/b", "/c"]


def test_threads_reach_the_fake_too(fake: Fake) -> None:
    statuses: list[int] = []

    def work() -> None:
        for _ in range(10):
            statuses.append(httpx.post(URL, data=form()).status_code)
            statuses.append(requests.post(URL, data=form(), timeout=5).status_code)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    assert statuses == [200] * 80
    assert len(fake.control("GET", "messages")["items"]) == 80


def test_everything_is_as_it_was_afterwards() -> None:
    def parts() -> tuple[object, ...]:
        return (
            httpx.HTTPTransport.handle_request,
            httpx.AsyncHTTPTransport.handle_async_request,
            requests.adapters.HTTPAdapter.send,
        )

    before = parts()
    with intercepted(Fake()):
        during = parts()
        with intercepted(Fake()):
            assert parts() == during
        assert parts() == during

    assert parts() == before
    assert not set(before) & set(during)


def test_the_newest_of_two_answers() -> None:
    first, second = Fake(seed=1), Fake(seed=2)
    with intercepted(first):
        with intercepted(second):
            httpx.post(URL, data=form())
        httpx.post(URL, data=form())
        httpx.post(URL, data=form())

    assert [len(each.control("GET", "messages")["items"]) for each in (first, second)] == [2, 1]


def test_respx_beside_it_answers_for_other_hosts(fake: Fake) -> None:
    with respx.mock() as router:
        router.get("https://shop.test/").mock(return_value=httpx.Response(204))

        assert httpx.get("https://shop.test/").status_code == 204
        assert httpx.post(URL, data=form()).json() == SENT


def test_what_responses_lets_pass_reaches_the_fake(fake: Fake) -> None:
    """It remembers the adapter as it was before anybody replaced anything."""
    with responses.RequestsMock() as mocked:
        mocked.add(responses.GET, "https://shop.test/", status=204)
        mocked.add_passthru("https://rest.nexmo.com")

        assert requests.get("https://shop.test/", timeout=5).status_code == 204
        assert requests.post(URL, data=form(), timeout=5).json() == SENT
        fake.control("POST", "faults", {"target": "sms.send", "delay": "10s"})
        with pytest.raises(requests.ReadTimeout):
            requests.post(URL, data=form(), timeout=5)


def test_what_responses_lets_pass_to_others_goes_there(fake: Fake) -> None:
    with responses.RequestsMock() as mocked:
        mocked.add_passthru("http://127.0.0.1:1")

        with pytest.raises(requests.ConnectionError, match="refused"):
            requests.get("http://127.0.0.1:1/", timeout=5)


async def test_a_route_of_respx_may_lead_to_a_fake() -> None:
    fake = Fake(seed=1)
    with respx.mock() as router:
        router.route(host__regex=r"(.+\.)?(nexmo|vonage)\.com").mock(side_effect=fake.respond)
        by_sync = await asyncio.to_thread(httpx.post, URL, data=form())
        async with httpx.AsyncClient() as http:
            by_async = await http.post(URL, data=form())

    assert by_sync.json() == SENT
    assert by_async.json()["messages"][0]["status"] == "0"


def test_a_replacement_that_outlives_ours_lets_everything_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody replaces ours and puts it back when we are gone."""
    real = requests.adapters.HTTPAdapter.send
    with intercepted(Fake()):
        ours = requests.adapters.HTTPAdapter.send
        monkeypatch.setattr(requests.adapters.HTTPAdapter, "send", lambda *_, **__: "theirs")
    assert requests.adapters.HTTPAdapter.send is not ours
    monkeypatch.setattr(requests.adapters.HTTPAdapter, "send", ours)

    with pytest.raises(requests.ConnectionError):
        requests.get("http://127.0.0.1:1/", timeout=5)
    monkeypatch.setattr(requests.adapters.HTTPAdapter, "send", real)


# Keeping away from the real service.


@pytest.fixture
def told() -> Iterator[list[str]]:
    """The names that were asked for while they were blocked."""
    names: list[str] = []
    with blocked(names.append):
        yield names


def test_looking_up_a_service_host_fails_by_name(told: list[str]) -> None:
    with pytest.raises(RealServiceBlocked, match=r"a test tried to reach the real api\.nexmo\.com"):
        socket.getaddrinfo("api.nexmo.com", 443)
    with pytest.raises(RealServiceBlocked):
        socket.gethostbyname("rest.nexmo.com")
    with pytest.raises(RealServiceBlocked), socket.socket() as opened:
        opened.connect(("vonage.com", 443))
    with pytest.raises(RealServiceBlocked):
        socket.create_connection(("API.vonage.com", 443))
    with pytest.raises(RealServiceBlocked):
        socket.getaddrinfo(b"nexmo.com", 443)

    assert told == ["api.nexmo.com", "rest.nexmo.com", "vonage.com", "API.vonage.com", "nexmo.com"]


def test_other_clients_fail_by_name(told: list[str]) -> None:
    with pytest.raises(RealServiceBlocked):
        http.client.HTTPSConnection("api.nexmo.com", timeout=5).request("GET", "/")
    with pytest.raises(urllib.error.URLError, match="a test tried to reach the real"):
        urllib.request.urlopen("https://api.nexmo.com/", timeout=5)
    with pytest.raises(httpx.ConnectError, match="a test tried to reach the real"):
        httpx.get("https://api.nexmo.com/")
    with pytest.raises(requests.ConnectionError, match="a test tried to reach the real"):
        requests.get("https://api.nexmo.com/", timeout=5)

    assert set(told) == {"api.nexmo.com"}


async def test_a_loop_fails_by_name(told: list[str]) -> None:
    with pytest.raises(RealServiceBlocked):
        await asyncio.open_connection("api.nexmo.com", 443)


async def test_other_names_are_looked_up_as_ever(told: list[str]) -> None:
    async with Receiver() as receiver:
        answer = await asyncio.to_thread(requests.get, f"http://localhost:{receiver.port}/", timeout=5)

    assert (answer.text, told) == ("OK", [])


def test_the_block_ends_with_the_last_one() -> None:
    before = (socket.getaddrinfo, socket.gethostbyname, socket.socket.connect, socket.socket.connect_ex)
    with blocked(print):
        with blocked(print):
            pass
        with pytest.raises(RealServiceBlocked):
            socket.getaddrinfo("api.nexmo.com", 443)

    assert (socket.getaddrinfo, socket.gethostbyname, socket.socket.connect, socket.socket.connect_ex) == before


def test_a_block_that_others_keep_lets_everything_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever replaced a function of ours and puts it back later puts back one that does nothing."""
    before = (socket.getaddrinfo, socket.socket.connect)
    with blocked(print):
        ours = socket.getaddrinfo
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [])
    assert socket.getaddrinfo is not before[0], "what is not ours stays"
    monkeypatch.undo()
    try:
        assert socket.getaddrinfo is ours
        with pytest.raises(socket.gaierror) as failed:
            socket.getaddrinfo("api.nexmo.com", "no-such-service")
        assert not isinstance(failed.value, RealServiceBlocked)
    finally:
        socket.getaddrinfo = before[0]
    assert socket.socket.connect is before[1]


def test_a_class_of_sockets_that_was_replaced_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    class Guarded(socket.socket):
        """What a library that forbids sockets puts there."""

    real = socket.socket
    with blocked(print):
        monkeypatch.setattr(socket, "socket", Guarded)

    assert socket.socket is Guarded
    assert "connect" not in vars(real)
