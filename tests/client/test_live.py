"""The client on a real socket, by plain HTTP and by HTTPS with the emulator's own authority."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import httpx
import pytest

from fake_nexmo_client import AsyncClient, Client, Sms
from tests.live import Live, open_live, trusting

HELLO = Sms(sender="Acme", to="447700900001", text="Hello")
KEY, SECRET, SIGNATURE_SECRET = "abcd1234", "s3cr3tS3cr3t", "fake-nexmo-signature-secret-000001"


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A server with the world ``default``."""
    with open_live(tmp_path_factory.mktemp("client")) as opened:
        yield opened


def test_waiting_over_http(live: Live) -> None:
    transport = httpx.HTTPTransport()
    with Client(api_key=KEY, api_secret=SECRET, base_url=live.http, transport=transport) as client:
        reply = client.sms.send(HELLO)
        assert [(part.status, part.to) for part in reply.messages] == [("0", "447700900001")]
        assert client.developer.balance().value < Decimal(100)


async def test_awaiting_over_https(live: Live) -> None:
    """With a signature instead of the secret."""
    verified = httpx.AsyncHTTPTransport(verify=trusting(live.ca_file))
    async with AsyncClient(
        api_key=KEY, signature_secret=SIGNATURE_SECRET, base_url=live.https, transport=verified
    ) as client:
        reply = await client.sms.send(HELLO)
        assert [(part.status, part.to) for part in reply.messages] == [("0", "447700900001")]
