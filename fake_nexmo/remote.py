"""The control API of a running server, as the commands beside it use it.

They speak to one server for one world, directly: what the environment says of proxies is for the emulated API.
"""

from __future__ import annotations

import ssl
import unicodedata
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import quote, urlsplit

from fake_nexmo.authority import data_folder

if TYPE_CHECKING:
    import httpx

URL = "http://127.0.0.1:6396"
"""Where a server is that was started without options."""

WORLD = "default"

PATIENCE_S = 15.0
"""How long an answer may take, besides what was asked to be waited for."""

ACT_S = 300.0
"""How long an act may take: it is answered when the webhooks it led to were sent."""

# Joiners hold scripts and emoji together; every other character without a shape of its own could mislead.
_JOINERS = "‌‍"
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t", "\\": "\\\\"}


class NoServer(Exception):  # noqa: N818 - said to the user as it is
    """There is no emulator where one was looked for."""


class Refused(Exception):  # noqa: N818 - said to the user as it is
    """The control API said no; ``kind`` is the last part of the problem's type."""

    def __init__(self, kind: str, detail: str) -> None:
        super().__init__(detail)
        self.kind = kind


class Remote:
    """One world of a running server.

    Attributes:
        http: the server's origin for plain HTTP; ``https`` the other one.
        place: its host and port, and ``host`` and ``port`` apart.
        world: the name of the world.
    """

    def __init__(self, url: str = URL, world: str = WORLD) -> None:
        """Take an address; nothing is sent yet.

        Raises:
            ValueError: the URL is none of a server.
            AuthorityError: the URL is an https one, and the data folder cannot be used.
        """
        scheme, self.host, port = _parsed(url)
        self.port = port or (443 if scheme == "https" else 80)
        self.place = f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"
        self.http = f"http://{self.place}"
        self.https = f"https://{self.place}"
        self.url = f"{scheme}://{self.place}"
        self.world = world
        self._client = _open_client(self.url)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def read_world(self) -> dict[str, Any]:
        """What the world holds."""
        return self._members(self._ask("GET", self._path()), "world", "accounts", "applications")

    def read_page(self, collection: str, query: dict[str, str], wait_s: int = 0) -> dict[str, Any]:
        """Entries of a collection: ``items`` and ``since``; waits so long for one that matches."""
        asked = {**query, "wait": f"{wait_s}s"} if wait_s else query
        answer = self._ask("GET", self._path(collection), params=asked, patience_s=PATIENCE_S + wait_s)
        return self._members(answer, "items", "since")

    def act(self, number: str, act: str, content: dict[str, str], key: str = "id") -> dict[str, Any]:
        """Have the person behind a number do something; what came of it, an entry that is named by its ``key``."""
        answer = self._ask("POST", self._path("handsets", number, act), content=content, patience_s=ACT_S)
        return self._members(answer, key, "status")

    def read_ca(self) -> str:
        """The certificate of the server's authority, as PEM."""
        return self._ask("GET", "/_fake/ca.pem").text

    def stranger(self) -> NoServer:
        """What is said when something else answers there."""
        return NoServer(f"what answers at {self.url} is no fake-nexmo; 'fake-nexmo serve' starts one")

    def _path(self, *parts: str) -> str:
        return "/".join(["/_fake/worlds", *(quote(part, safe="") for part in (self.world, *parts))])

    def _ask(
        self,
        method: str,
        path: str,
        *,
        params: dict[str, str] | None = None,
        content: dict[str, str] | None = None,
        patience_s: float = PATIENCE_S,
    ) -> httpx.Response:
        import httpx

        try:
            answer = self._client.request(method, path, params=params, json=content, timeout=patience_s)
        except httpx.TimeoutException:
            raise NoServer(f"what listens at {self.url} does not answer") from None
        except httpx.TransportError as error:
            raise NoServer(self._why(str(error))) from None
        if not answer.is_success:
            raise self._refusal(answer)
        return answer

    def _why(self, error: str) -> str:
        if "CERTIFICATE_VERIFY_FAILED" in error:
            return (
                f"the certificate of {self.url} is not good by {data_folder() / 'ca.pem'}; "
                f"take its plain URL, {self.http}"
            )
        return f"no server answers at {self.url}; 'fake-nexmo serve' starts one"

    def _refusal(self, answer: httpx.Response) -> Exception:
        try:
            said = answer.json()
            urn, ours, kind = said["type"].split(":", 2)
        except (ValueError, TypeError, KeyError, AttributeError):
            return self.stranger()
        return Refused(kind, harmless(str(said["detail"]))) if (urn, ours) == ("urn", "fake-nexmo") else self.stranger()

    def _members(self, answer: httpx.Response, *names: str) -> dict[str, Any]:
        try:
            read = answer.json()
        except ValueError:
            raise self.stranger() from None
        if not isinstance(read, dict) or not read.keys() >= {*names}:
            raise self.stranger()
        return read


def harmless(text: str) -> str:
    """A text for one line of a terminal: what would move, colour, hide or turn around anything is written out."""
    return "".join(map(_visible, text))


def _visible(letter: str) -> str:
    if letter in _SHORT:
        return _SHORT[letter]
    if letter in _JOINERS or unicodedata.category(letter) not in {"Cc", "Cf", "Cs", "Zl", "Zp"}:
        return letter
    code = ord(letter)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _parsed(url: str) -> tuple[str, str, int | None]:
    """Scheme, host and port of an origin.

    Raises:
        ValueError: it is none.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
        encoded = (host or "").encode("idna") if host and not host.isascii() else b""
    except ValueError:
        host, port, encoded = None, None, b""
    if not host or parts.scheme not in {"http", "https"} or parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError(f"{url!r} is no address of a server; write it like {URL}")
    if parts.username is not None or harmless(host) != host or " " in host or port == 0:
        raise ValueError(f"{url!r} is no address of a server; write it like {URL}")
    return parts.scheme, encoded.decode() or host, port


def _open_client(url: str) -> httpx.Client:
    import httpx

    trusted: ssl.SSLContext | bool = False
    if url.startswith("https:"):
        ca_file = data_folder() / "ca.pem"
        trusted = ssl.create_default_context(cafile=str(ca_file) if ca_file.exists() else None)
    return httpx.Client(base_url=url, trust_env=False, verify=trusted)
