"""Keeping a process from reaching the real service: looking up one of its names fails, and says why.

Doubt: a library that looks names up by itself (uvloop, a resolver in C) is not met here; httpx, requests, urllib and
everything else that asks Python's own ``socket`` is, and aiohttp whatever resolver it has.
"""

from __future__ import annotations

import errno
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from fake_nexmo.inside.arrivals import when_imported
from fake_nexmo.inside.hosts import is_service

_LOOK_UPS = ("getaddrinfo", "gethostbyname", "gethostbyname_ex")

# A module is imported, and so changed, by any thread, the one that holds this among them.
_lock = threading.RLock()
_told: list[Callable[[str], object]] = []
_undo: list[tuple[Any, str, Any, Any]] = []
_waiting = ExitStack()


class RealServiceBlocked(ConnectionError):  # noqa: N818 - what was done, not what went wrong
    """Something in this process tried to reach the real service."""


@contextmanager
def blocked(tell: Callable[[str], object]) -> Iterator[None]:
    """Let every attempt to look up a service host fail; ``tell`` gets the host's name."""
    with _lock:
        _told.append(tell)
        if len(_told) == 1:
            _begin()
    try:
        yield
    finally:
        with _lock:
            _told.remove(tell)
            if not _told:
                _end()


def _begin() -> None:
    for name in _LOOK_UPS:
        _replace(socket, name, _guarded(getattr(socket, name)))
    for name in ("connect", "connect_ex"):
        _replace(socket.socket, name, _guarded_connect(getattr(socket.socket, name)))
    _waiting.enter_context(when_imported("aiohttp.connector", _guard_aiohttp))


def _guard_aiohttp(module: Any) -> None:
    """Meet aiohttp where it is about to ask whatever resolver it was given."""
    look_up = module.TCPConnector._resolve_host  # noqa: SLF001 - it has no other place for all resolvers

    async def guarded(self: Any, host: str, *args: Any, **named: Any) -> Any:
        _check(host)
        return await look_up(self, host, *args, **named)

    with _lock:
        if _told:
            _replace(module.TCPConnector, "_resolve_host", guarded)


def _replace(owner: Any, name: str, new: Any) -> None:
    _undo.append((owner, name, owner.__dict__.get(name), new))
    setattr(owner, name, new)


def _end() -> None:
    """Put back what is still ours; a function of ours that somebody else replaced lets everything pass from now on."""
    _waiting.close()
    while _undo:
        owner, name, old, new = _undo.pop()
        if owner.__dict__.get(name) is not new:
            continue
        if old is None:
            # It is inherited from the class in C, and appears again when ours is gone.
            delattr(owner, name)
        else:
            setattr(owner, name, old)


def _guarded(look_up: Any) -> Any:
    def guarded(host: Any, *args: Any, **named: Any) -> Any:
        _check(host)
        return look_up(host, *args, **named)

    return guarded


def _guarded_connect(connect: Any) -> Any:
    def guarded(self: socket.socket, address: Any) -> Any:
        if isinstance(address, tuple):
            _check(address[0])
        return connect(self, address)

    return guarded


def _check(host: Any) -> None:
    name = host.decode("ascii", "replace") if isinstance(host, bytes | bytearray) else host
    if not _told or not isinstance(name, str) or not is_service(name):
        return
    for tell in tuple(_told):
        tell(name)
    raise RealServiceBlocked(
        errno.ECONNREFUSED,
        f"a test tried to reach the real {name}; inside a process fake-nexmo answers httpx, requests and aiohttp, and "
        "other clients reach it with the fixtures nexmo_server and nexmo_env. --nexmo-block-real=never lets them pass.",
    )
