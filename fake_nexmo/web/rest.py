"""The manners that Account, Pricing and Numbers share on ``rest.nexmo.com``: headers, and the check of new URLs.

Source: reference account §1.1 (A).
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

from fake_nexmo.core.refusal import NotEmulated, Refusal
from fake_nexmo.core.xml import wants_xml
from fake_nexmo.web.call import Call
from fake_nexmo.web.replies import Reply
from fake_nexmo.web.traces import trace_id

# Source: reference account §1.1 (A). Doubt: the captures' "connection: close" is a proxy's habit; we keep connections.
_BEFORE_TRACE = ((b"content-disposition", b'attachment; filename="api.txt"'),)
_AFTER_TRACE = (
    (b"x-frame-options", b"deny"),
    (b"x-xss-protection", b"1; mode=block;"),
    (b"strict-transport-security", b"max-age=31536000; includeSubdomains"),
)


def asks_for_xml(call: Call) -> bool:
    """Whether a request wants its answer in XML. Source: reference account §1.3 (B)."""
    return wants_xml(call.header(b"accept"))


def rest_reply(call: Call, status: int, body: bytes) -> Reply:
    """An answer with all headers of that host; its media type is the one that the request asks for."""
    media = b"application/xml;charset=UTF-8" if asks_for_xml(call) else b"application/json;charset=UTF-8"
    named = [
        (b"server", b"nginx"),
        (b"content-type", media),
        *_BEFORE_TRACE,
        (b"x-nexmo-trace-id", trace_id(call).encode()),
    ]
    return Reply(status, [*named, *_AFTER_TRACE], body)


async def check_urls(call: Call, urls: Sequence[str], row: Enum) -> None:
    """Call new webhook URLs, if the world wants that; each must answer 200.

    Raises:
        Refusal: the row given.
        NotEmulated: on a server that calls nobody.

    Source: reference account §4, numbers §6 (B; D for the answer).
    """
    caller = call.caller
    assert caller is not None, "authentication knows the caller"
    if not urls or not caller.setting("url_check"):
        return
    check = call.shell.check_url
    if check is None:
        raise NotEmulated("the check of a new webhook URL (setting url_check) on a server that calls nobody")
    for url in urls:
        if not await check(caller.world, caller.account.id, url):
            raise Refusal(row)
