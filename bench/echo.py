"""The reference: a bare Starlette route that parses the form of a send and answers with a constant.

``python bench/echo.py form|qsl PORT``: with Starlette's own ``request.form()``, or with the ``parse_qsl`` of the
standard library.
"""

from __future__ import annotations

import sys
from urllib.parse import parse_qsl

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

ANSWER = {
    "message-count": "1",
    "messages": [
        {
            "to": "447700900001",
            "message-id": "0C00000000000001",
            "status": "0",
            "remaining-balance": "99.96670000",
            "message-price": "0.03330000",
            "network": "23410",
        }
    ],
}


async def by_form(request: Request) -> JSONResponse:
    """Parse with Starlette, which hands the work to python-multipart."""
    await request.form()
    return JSONResponse(ANSWER)


async def by_qsl(request: Request) -> JSONResponse:
    """Parse with the standard library."""
    dict(parse_qsl((await request.body()).decode()))
    return JSONResponse(ANSWER)


def main() -> None:
    """Serve until terminated."""
    endpoint = {"form": by_form, "qsl": by_qsl}[sys.argv[1]]
    app = Starlette(routes=[Route("/sms/json", endpoint, methods=["POST"])])
    uvicorn.run(
        app,
        host="127.0.0.1",
        port=int(sys.argv[2]),
        log_level="error",
        access_log=False,
        loop="uvloop",
        http="httptools",
    )


if __name__ == "__main__":
    main()
