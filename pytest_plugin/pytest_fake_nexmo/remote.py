"""The world of a test on a server."""

from __future__ import annotations

import socket
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from socketserver import ThreadingMixIn
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from pytest_fake_nexmo.errors import NexmoUsageError

if TYPE_CHECKING:
    import httpx

    from fake_nexmo.inside.chronicle import Kind, Line
    from pytest_fake_nexmo.serving import Server


_GRACE_S = 1


class RemoteDoor:
    """A fresh world on a server; apps are served on free ports of loopback, and routed to."""

    def __init__(self, server: Server, asked: Mapping[str, Any]) -> None:
        """Make the world; ``asked`` is the body of ``POST /worlds``."""
        self.server = server
        self.base_url = server.http
        self.world: Mapping[str, Any] = server.ask("POST", "/worlds", asked)
        self._path = f"/worlds/{quote(self.world['world'], safe='')}"
        self._notes: list[Line] = []
        self._routes: dict[str, str] = {}
        self._apps: list[_Served] = []

    def control(self, method: str, path: str, content: Any = None) -> Any:
        """See `Door.control`."""
        __tracebackhide__ = True
        return self.server.ask(method, path if path.startswith("/") else f"{self._path}/{path}", content)

    def transport(self) -> httpx.BaseTransport | None:
        """See `Door.transport`."""
        return None

    def async_transport(self) -> httpx.AsyncBaseTransport | None:
        """See `Door.async_transport`: no connection may outlive its request."""
        import httpx

        return httpx.AsyncHTTPTransport(limits=httpx.Limits(max_keepalive_connections=0))

    def note(self, kind: Kind, what: str) -> Line:
        """See `Door.note`."""
        from fake_nexmo.core.instant import parse_instant
        from fake_nexmo.inside.chronicle import Line

        line = Line(kind, parse_instant(self.control("GET", "clock")["now"]), what)
        self._notes.append(line)
        return line

    def lines(self) -> Sequence[Line]:
        """See `Door.lines`: what the test did, and what the server remembers; in the order of the world's time."""
        lines = [*self._notes, *map(_request, self._items("requests"))]
        lines += [line for each in self._items("webhooks") for line in _attempts(each)]
        lines += [_mistake(each) for each in self._items("events") if "text" in each]
        return sorted(lines, key=lambda line: line.at)

    def settle(self) -> None:
        """See `Door.settle`: no time passes, so that nothing but what is due now is carried out."""
        self.control("POST", "clock/advance", {"by": 0})

    def happened(self) -> int:
        """See `Door.happened`."""
        return int(self.control("GET", "events?limit=0")["since"]) + len(self._notes)

    def mount(self, url: str, app: Any) -> None:
        """See `Door.mount`."""
        __tracebackhide__ = True
        from fake_nexmo.inside.apps import Mounts

        try:
            Mounts().add(url, app)
        except (ValueError, TypeError) as error:
            raise NexmoUsageError(str(error)) from None
        served = _Served(app, urlsplit(url).path.rstrip("/"))
        self._apps.append(served)
        self._routes[url] = served.url
        self.control("PUT", "routes", self._routes)

    def restored(self) -> None:
        """See `Door.restored`."""
        if self._routes:
            self.control("PUT", "routes", self._routes)

    def crashes(self) -> Sequence[tuple[str, BaseException]]:
        """See `Door.crashes`: a server's own log tells."""
        return ()

    def troubles(self) -> Sequence[str]:
        """See `Door.troubles`."""
        return ()

    def lost(self) -> Sequence[Mapping[str, Any]]:
        """See `Door.lost`: on a shared server nobody knows whose they were."""
        return ()

    def environment(self) -> dict[str, str]:
        """See `Door.environment`."""
        from fake_nexmo.environment import environment, of_world

        account, application = of_world(self.world)
        return environment(
            http=self.server.http,
            https=self.server.https,
            world=str(self.world["world"]),
            account=account,
            application=application,
            ca_file=self.server.ca_file,
            bundle=self.server.bundle,
        )

    def close(self) -> None:
        """Remove the world, and close the apps."""
        try:
            # A test may have removed it itself.
            with suppress(LookupError):
                self.server.ask("DELETE", self._path)
        finally:
            for each in self._apps:
                each.close()

    def _items(self, collection: str) -> Sequence[Mapping[str, Any]]:
        items: Sequence[Mapping[str, Any]] = self.control("GET", collection)["items"]
        return items


def _request(entry: Mapping[str, Any]) -> Line:
    from fake_nexmo.core.instant import parse_instant
    from fake_nexmo.inside.chronicle import Line
    from fake_nexmo.scenario.telling import outcome

    said = outcome(entry["status"], entry["fault"], entry["outcome"])
    what = f"{entry['operation']}  {entry['method']} {entry['path']}"
    return Line("request", parse_instant(entry["at"]), what, said, entry["about"] or "")


def _attempts(webhook: Mapping[str, Any]) -> list[Line]:
    from fake_nexmo.core.instant import parse_instant
    from fake_nexmo.inside.chronicle import Line
    from fake_nexmo.scenario.telling import place

    return [
        Line(
            "webhook",
            parse_instant(each["at"]),
            f"{each['method']} {place(webhook['url'])}",
            str(each["status"] or each["error"]),
        )
        for each in webhook["attempts"]
    ]


def _mistake(event: Mapping[str, Any]) -> Line:
    from fake_nexmo.core.instant import parse_instant
    from fake_nexmo.inside.chronicle import Line

    return Line("mistake", parse_instant(event["at"]), event["text"], about=event["about"] or "")


class _Served:
    """An app on a free port of loopback; ``prefix`` is the path that it does not see as its own."""

    def __init__(self, app: Any, prefix: str) -> None:
        from fake_nexmo.inside.apps import is_asgi

        self._asgi: _Asgi | None = None
        self._wsgi: _Wsgi | None = None
        if is_asgi(app):
            self._asgi = _Asgi(app, prefix)
            self.url = f"http://127.0.0.1:{self._asgi.port}"
        else:
            self._wsgi = _Wsgi(("127.0.0.1", 0), _Silent)
            self._wsgi.set_app(_below(app, prefix))
            threading.Thread(target=self._wsgi.serve_forever, args=(0.05,), daemon=True).start()
            self.url = f"http://127.0.0.1:{self._wsgi.server_port}"

    def close(self) -> None:
        if self._asgi is not None:
            self._asgi.close()
        if self._wsgi is not None:
            self._wsgi.shutdown()
            self._wsgi.server_close()


def _below(app: Any, prefix: str) -> Any:
    def called(environ: dict[str, Any], start_response: Any) -> Any:
        return app({**environ, "SCRIPT_NAME": prefix}, start_response)

    return called


class _Wsgi(ThreadingMixIn, WSGIServer):
    daemon_threads = True

    def server_bind(self) -> None:
        """Not as the base class: that asks the name service for our own name, which may take seconds."""
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = self.server_address[:2]  # type: ignore[assignment]
        self.setup_environ()


class _Silent(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - as the base class has it
        """Say nothing."""


class _Asgi:
    def __init__(self, app: Any, prefix: str) -> None:
        import uvicorn

        from fake_nexmo.inside import loop

        listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = listener.getsockname()[1]
        config = uvicorn.Config(
            app,
            lifespan="off",
            root_path=prefix,
            access_log=False,
            log_config=None,
            # A handler that never answers is not to hold up the end of its test.
            timeout_graceful_shutdown=_GRACE_S,
        )
        self._server = uvicorn.Server(config)
        self._done = loop.submit(self._serve(listener))

    async def _serve(self, listener: socket.socket) -> None:
        # Signals are the tests' own affair, and may be handled in the main thread only.
        await self._server._serve([listener])  # noqa: SLF001

    def close(self) -> None:
        self._server.should_exit = True
        self._done.result()
