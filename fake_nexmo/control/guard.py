"""Who may speak to the control API. Pure.

The control API hands out secrets and moves clocks, and it listens on a developer's machine, where every web page the
developer opens may send requests too. So it looks at three things: the peer's address, the name it was addressed by
(a foreign name that leads to this machine is a rebinding attack), and the origin that a browser says it acts for.
"""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

from msgspec import Struct

Network = IPv4Network | IPv6Network

_OWN_NAMES = frozenset({"localhost"})


class Guard(Struct, frozen=True):
    """Who is let in.

    Attributes:
        names: names this server may be addressed by, besides localhost and literal addresses.
        networks: peers let in besides loopback.
        everybody: every peer is let in.
    """

    names: frozenset[str] = frozenset()
    networks: tuple[Network, ...] = ()
    everybody: bool = False

    def refusal(self, peer: str | None, host: str, origin: str | None) -> str | None:
        """Why a request is refused, in one sentence that names the way out; None when it is let in.

        Args:
            peer: the address of the other side; None inside one process.
            host: the ``Host`` header, empty when absent.
            origin: the ``Origin`` header; None when absent.
        """
        if peer is not None and not self._lets_in(peer):
            return f"The control API answers this machine only; {peer} may be let in with --control-from {peer}."
        if host and not self._is_own(_host_name(host)):
            return f"The control API is not addressed as {_host_name(host)!r}; --control-host adds that name."
        if origin is not None and not self._is_own_origin(origin):
            return f"The control API refuses requests that a browser sends for {origin}."
        return None

    def _lets_in(self, peer: str) -> bool:
        if self.everybody:
            return True
        try:
            address = ip_address(peer)
        except ValueError:
            return False
        mapped = getattr(address, "ipv4_mapped", None)
        address = mapped or address
        return address.is_loopback or any(
            address.version == network.version and address in network for network in self.networks
        )

    def _is_own(self, name: str) -> bool:
        if name in _OWN_NAMES or name in self.names:
            return True
        try:
            ip_address(name)
        except ValueError:
            return False
        # A literal address cannot be made to lead elsewhere.
        return True

    def _is_own_origin(self, origin: str) -> bool:
        try:
            parts = urlsplit(origin)
            name = parts.hostname or ""
        except ValueError:
            return False
        return parts.scheme in {"http", "https"} and (name in _OWN_NAMES or name in self.names or _is_loopback(name))


def make_guard(control_from: Sequence[str] = (), control_host: Sequence[str] = (), host: str = "") -> Guard:
    """The guard that the command line asks for.

    Raises:
        ValueError: a value is no network.
    """
    networks = []
    everybody = False
    for text in control_from:
        if text == "any":
            everybody = True
            continue
        try:
            networks.append(ip_network(text, strict=False))
        except ValueError:
            raise ValueError(f"{text!r} is no network; write it like 10.0.0.0/8 or 10.1.2.3, or any") from None
    names = {name.lower().rstrip(".") for name in (*control_host, host) if name}
    return Guard(frozenset(names), tuple(networks), everybody)


def _host_name(host: str) -> str:
    if host.startswith("["):
        return host[1:].partition("]")[0].lower()
    return host.rpartition(":")[0].lower() if host.count(":") == 1 else host.lower()


def _is_loopback(name: str) -> bool:
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False
