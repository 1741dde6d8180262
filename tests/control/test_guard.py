"""Who may speak to the control API: peers, names it is addressed by, and browsers' origins."""

from __future__ import annotations

from collections.abc import Sequence

import httpx
import pytest

from fake_nexmo.asgi import build_app
from fake_nexmo.control.base import Control
from fake_nexmo.control.guard import Guard, make_guard
from tests.house import House


async def ask(
    house: House, *, peer: str = "127.0.0.1", headers: dict[str, str] | None = None, guard: Guard | None = None
) -> tuple[int, str]:
    """Ask for health as that peer; status, and the words of a refusal."""
    app = build_app(house.engine, Control(house.engine), guard)
    transport = httpx.ASGITransport(app=app, client=(peer, 4711))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:6396") as client:
        answer = await client.get("/_fake/health", headers=headers or {})
    return answer.status_code, answer.json().get("detail", "")


@pytest.mark.parametrize("peer", ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"])
async def test_loopback_peers_are_let_in(house: House, peer: str) -> None:
    """Every spelling of this machine."""
    assert await ask(house, peer=peer) == (200, "")


@pytest.mark.parametrize("peer", ["10.0.0.7", "::ffff:10.0.0.7", "2001:db8::1", "unix"])
async def test_other_peers_are_refused(house: House, peer: str) -> None:
    """The refusal names the option that would let them in."""
    assert await ask(house, peer=peer) == (
        403,
        f"The control API answers this machine only; {peer} may be let in with --control-from {peer}.",
    )


@pytest.mark.parametrize(
    ("control_from", "peer", "status"),
    [
        (["10.0.0.0/8"], "10.1.2.3", 200),
        (["10.0.0.0/8"], "::ffff:10.1.2.3", 200),
        (["10.0.0.0/8"], "11.1.2.3", 403),
        (["10.1.2.3"], "10.1.2.3", 200),
        (["10.1.2.3/8"], "10.200.0.1", 200),
        (["2001:db8::/32"], "2001:db8::1", 200),
        (["2001:db8::/32"], "10.1.2.3", 403),
        (["any"], "203.0.113.9", 200),
        (["10.0.0.0/8", "any"], "unix", 200),
    ],
)
async def test_control_from_lets_networks_in(house: House, control_from: Sequence[str], peer: str, status: int) -> None:
    """Networks, single addresses, or everybody; loopback always."""
    guard = make_guard(control_from)

    assert (await ask(house, peer=peer, guard=guard))[0] == status
    assert (await ask(house, guard=guard))[0] == 200


async def test_refusal_is_a_problem_document(house: House) -> None:
    """403 with its own kind, and nothing of the answer."""
    answer = await house.client.get("/_fake/health", headers={"host": "evil.test"})

    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.status_code, answer.json()) == (
        403,
        {
            "type": "urn:fake-nexmo:refused",
            "title": "Refused",
            "status": 403,
            "detail": "The control API is not addressed as 'evil.test'; --control-host adds that name.",
        },
    )


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "localhost:6396",
        "LOCALHOST:1",
        "127.0.0.1",
        "127.0.0.1:6396",
        "[::1]:6396",
        "[::1]",
        "192.168.1.5:80",
    ],
)
async def test_own_names_and_literal_addresses_are_taken(house: House, host: str) -> None:
    """A literal address cannot be made to lead elsewhere."""
    assert await ask(house, headers={"host": host}) == (200, "")


@pytest.mark.parametrize("host", ["evil.test", "evil.test:6396", "localhost.evil.test", "127.0.0.1.evil.test"])
async def test_foreign_host_is_refused(house: House, host: str) -> None:
    """A foreign name that leads here is a rebinding attack, unless an option adds it."""
    name = host.partition(":")[0]

    assert await ask(house, headers={"host": host}) == (
        403,
        f"The control API is not addressed as {name!r}; --control-host adds that name.",
    )
    guard = make_guard(control_host=[f"{name.upper()}."])
    assert await ask(house, headers={"host": host}, guard=guard) == (200, "")
    assert await ask(house, headers={"host": host}, guard=make_guard(host=name)) == (200, "")


@pytest.mark.parametrize(
    "origin", ["http://localhost:3000", "https://127.0.0.1", "http://[::1]:8000", "http://LOCALHOST"]
)
async def test_pages_of_this_machine_are_let_in(house: House, origin: str) -> None:
    """Whatever port they are served from."""
    assert await ask(house, headers={"origin": origin}) == (200, "")


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.test",
        "https://localhost.evil.test",
        "null",
        "",
        "file://",
        "chrome-extension://localhost",
        "http://10.0.0.7",
        "http://[::1",
        "localhost",
    ],
)
async def test_foreign_origin_is_refused(house: House, origin: str) -> None:
    """Web pages a developer opens, sandboxed frames, local files: none may move clocks or read secrets."""
    assert await ask(house, headers={"origin": origin}) == (
        403,
        f"The control API refuses requests that a browser sends for {origin}.",
    )


async def test_control_host_is_an_origin_too(house: House) -> None:
    """Pages of the emulator itself under an added name may speak to it."""
    guard = make_guard(control_host=["fake.test"])

    headers = {"host": "fake.test:6396", "origin": "https://fake.test:6396"}
    assert await ask(house, headers=headers, guard=guard) == (200, "")


async def test_guard_stands_before_every_call(house: House) -> None:
    """An unknown path or a wrong verb tells a stranger nothing either."""
    for method, path in (("GET", "/_fake/nothing"), ("PUT", "/_fake/health"), ("DELETE", "/_fake/worlds/default")):
        answer = await house.client.request(method, path, headers={"origin": "http://evil.test"})
        assert answer.status_code == 403
    assert await house.store.worlds() == ["default"]


def test_caller_inside_the_process_has_no_peer() -> None:
    """No address, no name, no origin: nothing to refuse."""
    assert Guard().refusal(None, "", None) is None


def test_network_that_is_none_is_an_error() -> None:
    """It says how to write one."""
    with pytest.raises(
        ValueError, match=r"'10\.0\.0' is no network; write it like 10\.0\.0\.0/8 or 10\.1\.2\.3, or any"
    ):
        make_guard(["10.0.0"])
