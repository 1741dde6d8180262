"""Replies as they go on the wire, and the words of the emulator's own about itself."""

from __future__ import annotations

from typing import Any

import msgspec
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

PROBLEM = "application/problem+json"


class Reply(Response):
    """A reply whose headers are given as they go out, in their order; the length is added where there is a body."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - as ASGI has it
        """Send it, head and body."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        await send({"type": "http.response.body", "body": self.body})

    def __init__(self, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
        self.status_code = status
        self.background = None
        self.body = body
        # 204 has no length. Source: RFC 9110 §8.6.
        self.raw_headers = headers if status == 204 else [*headers, (b"content-length", b"%d" % len(body))]


def json_reply(status: int, content: Any, media: str = "application/json") -> Reply:
    """Compact JSON."""
    return Reply(status, [(b"content-type", media.encode())], msgspec.json.encode(content))


def problem(status: int, kind: str, title: str, detail: str, **more: object) -> Reply:
    """A problem document (RFC 9457) in our own words: never the vendor's answer.

    Programs tell problems apart by ``kind``, the last part of ``type``.
    """
    content = {"type": f"urn:fake-nexmo:{kind}", "title": title, "status": status, "detail": detail, **more}
    return json_reply(status, content, PROBLEM)


def not_emulated(what: str, hint: str = "") -> Reply:
    """501: the real service would do it and the emulator cannot. A made-up success would be worse."""
    tail = hint or "GET /_fake/fidelity lists what is emulated."
    return problem(501, "not-emulated", "Not emulated", f"fake-nexmo does not emulate {what}. {tail}", gap=what)


def bug(detail: str) -> Reply:
    """500: our fault. The traceback is in the log."""
    return problem(
        500, "bug", "A bug in fake-nexmo", f"{detail} This is a bug in fake-nexmo; the log has the traceback."
    )
