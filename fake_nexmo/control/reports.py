"""The part of the control API that tells what a world's records come to together."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from fake_nexmo.control import base
from fake_nexmo.control.base import Control
from fake_nexmo.web.replies import Reply, json_reply

IVR = "ivr"
"""The report on the call flows of applications."""


async def read_ivr(control: Control, request: Request) -> Response:
    """Which branches of the applications' call flows were taken; ``format`` is json, mermaid or table."""
    return await _read(control, request, IVR)


async def _read(control: Control, request: Request, name: str) -> Response:
    report = next(api.reports[name] for api in control.engine.registry.values() if name in api.reports)
    wanted = request.query_params.get("format", "json")
    if wanted != "json" and wanted not in report.formats:
        raise base.unfit("format", f"no format is called {wanted!r}; there are json, {', '.join(report.formats)}")
    page = await control.engine.store.since(base.world_of(request), report.kind, 0)
    made = report.make(page.items)
    if wanted == "json":
        return json_reply(200, report.say(made))
    media, text = report.formats[wanted]
    return Reply(200, [(b"content-type", f"{media}; charset=utf-8".encode())], text(made).encode())
