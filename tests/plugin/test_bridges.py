"""The marker's ``freeze``: the clocks of the process show what the world's clock does."""

from __future__ import annotations

import time
from datetime import datetime

import freezegun  # noqa: F401 - what is imported here is not imported anew by each run
import jwt.algorithms  # noqa: F401
import pytest
import time_machine  # noqa: F401

from pytest_fake_nexmo import bridges
from tests.plugin.inner import run

pytest_plugins = ("pytester",)

LIBRARIES = ("time-machine", "freezegun")
_HEAD = """
import time
from datetime import date, datetime, timedelta, timezone

START = datetime(2026, 1, 1, tzinfo=timezone.utc)
CHRISTMAS = {"start": "2027-12-24T18:00:00.250Z", "mode": "manual"}


def utc():
    return datetime.now(timezone.utc)

"""


def tried(pytester: pytest.Pytester, source: str, library: str, *options: str) -> pytest.RunResult:
    """Run tests, all of them with a library."""
    return run(pytester, f"{_HEAD}pytestmark = pytest.mark.nexmo(freeze={library!r})\n\n{source}", *options)


@pytest.mark.parametrize("library", [*LIBRARIES, True])
def test_the_clocks_show_what_the_worlds_clock_does(pytester: pytest.Pytester, library: str | bool) -> None:
    source = """
    def test_start(nexmo):
        assert (time.time(), time.time_ns()) == (START.timestamp(), int(START.timestamp()) * 10**9)
        assert utc() == START == nexmo.clock.now()
        assert (date.today(), time.gmtime()[:6], time.strftime("%Y")) == (START.date(), (2026, 1, 1, 0, 0, 0), "2026")

    def test_it_stands_and_advances(nexmo):
        time.sleep(0.01)
        assert utc() == START
        nexmo.clock.advance("5m")
        assert utc() == START + timedelta(minutes=5)
        nexmo.clock.advance(0.25)
        assert utc() == START + timedelta(minutes=5, milliseconds=250) == nexmo.clock.now()
        nexmo.clock.advance("400d")
        assert date.today() == date(2027, 2, 5)

    @pytest.mark.nexmo(clock=CHRISTMAS)
    def test_it_starts_where_the_world_does(nexmo):
        assert utc() == datetime(2027, 12, 24, 18, 0, 0, 250_000, timezone.utc)

    @pytest.mark.nexmo(clock="auto")
    def test_it_jumps_with_the_worlds(nexmo):
        assert send()["status"] == "0"
        assert nexmo.message().status == "delivered"
        assert utc() == nexmo.clock.now() > START

    @pytest.mark.nexmo(freeze=False)
    def test_nothing_is_frozen_that_is_not_to_be(nexmo):
        assert utc().year != 2027 and abs(time.time() - REAL) < 600
    """
    lines = "\n".join(line.removeprefix("    ") for line in source.splitlines())

    tried(pytester, f"REAL = {time.time()}\n{lines}", library).assert_outcomes(passed=5)  # type: ignore[arg-type]

    assert datetime.__name__ == "datetime"
    assert abs(time.time() - time.clock_gettime(time.CLOCK_REALTIME)) < 60


@pytest.mark.parametrize("library", LIBRARIES)
def test_an_app_sees_the_instant_of_its_webhook(pytester: pytest.Pytester, library: str) -> None:
    """In its own thread, on the private loop, and on the loop of the test."""
    source = """
class Wsgi(App):
    def __init__(self):
        super().__init__()
        self.seen = []

    def __call__(self, environ, start_response):
        self.seen.append(time.time() - START.timestamp())
        if len(self.seen) < 3:
            start_response("503 Down", [])
            return []
        return super().__call__(environ, start_response)

class Asgi:
    def __init__(self):
        self.seen = []

    async def __call__(self, scope, receive, send):
        await asyncio.sleep(0.001)
        self.seen.append((utc() - START).total_seconds())
        await send({"type": "http.response.start", "status": 503 if len(self.seen) < 3 else 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

@pytest.mark.parametrize("kind", [Wsgi, Asgi])
@pytest.mark.nexmo(strict=False)
def test_receipt(nexmo, kind):
    app = kind()
    nexmo.mount("https://shop.test", app)
    send(callback="https://shop.test/receipt")
    nexmo.clock.advance("1h")
    assert app.seen == [1, 6, 16]
    assert (utc() - START).total_seconds() == 3600

@pytest.mark.parametrize("kind", [Wsgi, Asgi])
@pytest.mark.nexmo(strict=False)
async def test_on_a_loop(nexmo, nexmo_async_client, kind):
    from fake_nexmo_client import Sms

    app = kind()
    nexmo.mount("https://shop.test", app)
    await nexmo_async_client.sms.send(Sms(sender="Acme", to="447700900001", text="Hi", callback="https://shop.test/receipt"))
    await asyncio.to_thread(nexmo.clock.advance, "1h")
    assert app.seen == [1, 6, 16]
    assert asyncio.get_running_loop().time() > 0

def test_an_inbound_message(nexmo):
    app = Wsgi()
    app.seen = [None, None]
    nexmo.mount("https://shop.test", app)
    nexmo.number("447700900000", inbound_sms="https://shop.test/in")
    nexmo.clock.advance("1d")
    nexmo.handset("447700900201").texts("447700900000", "Hi")
    assert app.seen[2:] == [86_400]
"""

    tried(pytester, source, library).assert_outcomes(passed=5)


@pytest.mark.parametrize("library", LIBRARIES)
def test_tokens_and_signatures_are_of_the_worlds_time(pytester: pytest.Pytester, library: str) -> None:
    """Both ways: what the app makes is accepted, what it gets is in its present."""
    source = """
import jwt
from fake_nexmo_client import Client, Sms

CALLS = "https://api.nexmo.com/v1/calls"

def token(nexmo, **more):
    now = int(time.time())
    claims = {"application_id": nexmo.application_id, "iat": now, "exp": now + 900, "jti": str(now), **more}
    return {"Authorization": "Bearer " + jwt.encode(claims, nexmo.private_key, "RS256")}

def test_setting(nexmo):
    assert nexmo.settings()["jwt_time"] == "virtual"

@pytest.mark.nexmo(clock=CHRISTMAS)
def test_a_token_that_the_app_made(nexmo):
    fresh = token(nexmo)
    assert httpx.get(CALLS, headers=fresh).status_code == 200
    nexmo.clock.advance("16m")
    assert httpx.get(CALLS, headers=fresh).status_code == 401
    assert httpx.get(CALLS, headers=token(nexmo)).status_code == 200

class Shop:
    def __init__(self):
        self.got = []

    def __call__(self, environ, start_response):
        self.got.append((environ["QUERY_STRING"], environ.get("HTTP_AUTHORIZATION", ""), time.time()))
        start_response("200 OK", [])
        return []

def test_a_token_that_the_app_gets(nexmo):
    shop = Shop()
    nexmo.mount("https://shop.test", shop)
    url = "https://shop.test/event"
    nexmo.application(voice={"event_url": url, "event_method": "GET", "signed_callbacks": True})
    nexmo.clock.advance("30d")
    asked = {"to": [{"type": "phone", "number": "447700900001"}], "from": {"type": "phone", "number": "447700900000"},
             "ncco": [{"action": "talk", "text": "Hello"}]}
    assert httpx.post(CALLS, json=asked, headers=token(nexmo)).status_code == 201
    nexmo.clock.advance("1m")
    assert len(shop.got) > 2
    for _, bearer, now in shop.got:
        claims = jwt.decode(bearer.removeprefix("Bearer "), options={"verify_signature": False})
        assert abs(claims["iat"] - now) <= 1 and now >= START.timestamp() + 30 * 86_400

def test_signed_messages(nexmo, nexmo_client):
    nexmo.clock.advance("30d")
    signed = Client(api_key=nexmo.api_key, signature_secret=nexmo.signature_secret, signature_method="md5hash")
    assert signed.sms.send(Sms(sender="Acme", to="447700900001", text="Hi")).messages[0].status == "0"
"""

    tried(pytester, source, library).assert_outcomes(passed=4)


@pytest.mark.parametrize("library", LIBRARIES)
def test_real_time_goes_on_where_it_must(pytester: pytest.Pytester, library: str) -> None:
    source = '''
async def test_sleep(nexmo):
    await asyncio.sleep(0.001)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.001):
            await asyncio.Event().wait()

def test_waiting_for_what_never_comes(nexmo):
    with pytest.raises(AssertionError, match="after 0.05 s"):
        nexmo.wait_for("message", timeout=0.05)

async def test_a_long_poll_comes_back(nexmo):
    async with httpx.AsyncClient(headers={"Host": "localhost"}) as http:
        answer = await http.get("https://api.nexmo.com/_fake/worlds/default/messages?wait=20ms")
        code = await http.get("https://api.nexmo.com/_fake/worlds/default/handsets/447700900201/code?wait=20ms")
    assert (answer.json()["items"], code.status_code) == ([], 404)

def test_an_advance_that_another_thread_is_at(nexmo):
    """Whoever holds the world's lease holds it in real time, though a day passes meanwhile."""
    inside, go_on = threading.Event(), threading.Event()

    class Slow(App):
        def __call__(self, environ, start_response):
            inside.set()
            assert go_on.wait(5)
            return super().__call__(environ, start_response)

    nexmo.mount("https://shop.test", Slow())
    nexmo.handset("447700900001").behaves(receipts={"after": "20h"})
    send(callback="https://shop.test/receipt")
    thread = threading.Thread(target=nexmo.clock.advance, args=("1d",))
    thread.start()
    assert inside.wait(5)
    seen = utc()
    threading.Timer(0.05, go_on.set).start()
    nexmo.clock.advance("1h")
    thread.join()
    assert (seen - START, utc() - START) == (timedelta(hours=20), timedelta(hours=25))
'''

    tried(pytester, source, library).assert_outcomes(passed=4)


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_running_clock_cannot_be_followed(pytester: pytest.Pytester, library: str) -> None:
    source = """
@pytest.mark.nexmo(clock="x60")
def test_a(nexmo):
    pass

@pytest.mark.nexmo(clock="real")
def test_b(nexmo):
    pass

def test_c():
    assert utc().year > 2026 or utc().month > 1 or abs(time.time() - REAL) < 600
"""
    result = tried(pytester, f"REAL = {time.time()}\n{source}", library)

    result.assert_outcomes(errors=2, passed=1)
    result.stdout.fnmatch_lines(
        [
            "@pytest.mark.nexmo(freeze=…): the clock is 'x60'; manual or auto goes with it",
            "@pytest.mark.nexmo(freeze=…): the clock is 'real'; manual or auto goes with it",
        ]
    )


def test_a_server_has_clocks_of_its_own(pytester: pytest.Pytester) -> None:
    source = """
@pytest.mark.nexmo(freeze=True)
def test_a(nexmo, nexmo_server):
    pass
"""
    result = run(pytester, source)

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*(freeze=…): the world is on a server, which has clocks of its own"])


def test_freezegun_is_at_work_already(pytester: pytest.Pytester) -> None:
    source = """
import freezegun

@pytest.fixture(autouse=True)
def _frozen():
    with freezegun.freeze_time("2030-01-01"):
        yield

@pytest.mark.nexmo(freeze="time-machine")
def test_a(nexmo):
    pass

@pytest.mark.nexmo(freeze="freezegun")
def test_b(nexmo):
    assert time.time() == 1767225600
    nexmo.clock.advance("1s")
    assert time.time() == 1767225601
"""
    result = run(pytester, "import time\n" + source)

    result.assert_outcomes(errors=1, passed=1)
    result.stdout.fnmatch_lines(["@pytest.mark.nexmo(freeze=…): time-machine cannot start when freezegun is active."])


@pytest.mark.parametrize("wanted", ["timemachine", 1.5, {"at": "now"}])
def test_no_such_library(pytester: pytest.Pytester, wanted: object) -> None:
    result = run(pytester, f"@pytest.mark.nexmo(freeze={wanted!r})\ndef test_a(nexmo): pass\n")

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(
        [f"*(freeze={wanted!r}): write True, 'time-machine' or 'freezegun'".replace("[", "[[]")]
    )


def test_nothing_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both are named where either would do."""
    installed: set[str] = set()
    monkeypatch.setattr(bridges, "find_spec", lambda name: name if name in installed else None)

    with pytest.raises(ValueError, match="time-machine and freezegun are not installed") as both:
        bridges.bridge(True)
    with pytest.raises(ValueError, match=r"freeze='freezegun'\): freezegun is not installed; install it"):
        bridges.bridge("freezegun")
    installed.add("freezegun")
    assert type(bridges.bridge(True)).__name__ == "_Freezegun"
    installed.add("time_machine")
    assert type(bridges.bridge(True)).__name__ == "_TimeMachine"

    assert str(both.value).endswith("install either of them: pip install time-machine, or pip install freezegun")
