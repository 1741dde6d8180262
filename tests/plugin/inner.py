"""Running tests inside a test, with the plugin as its users have it."""

from __future__ import annotations

import pytest
import requests  # noqa: F401 - what is imported here is not imported anew by each run
import uvicorn.protocols.http.httptools_impl  # noqa: F401 - two copies would not know each other's errors
import yaml  # noqa: F401

import fake_nexmo.control.app
import fake_nexmo.inside.intercept
import fake_nexmo.scenario.load
import fake_nexmo.server  # noqa: F401
import pytest_fake_nexmo.files
import pytest_fake_nexmo.playing  # noqa: F401

HEAD = '''
import asyncio, threading, warnings
import httpx, pytest, requests

URL = "https://rest.nexmo.com/sms/json"


def send(text="Hi", to="447700900001", **more):
    form = {"api_key": "abcd1234", "api_secret": "s3cr3tS3cr3t", "from": "Acme", "to": to, "text": text, **more}
    return requests.post(URL, data=form, timeout=5).json()["messages"][0]


class App:
    """A WSGI app that answers with one status."""

    def __init__(self, status="200 OK"):
        self.status = status

    def __call__(self, environ, start_response):
        start_response(self.status, [])
        return []

'''


QUIET = (
    *("-p", "no:cacheprovider", "-p", "no:hypothesispytest", "-W", "default"),
    *("-o", "asyncio_default_fixture_loop_scope=function", "-o", "asyncio_mode=auto"),
)
"""Options that keep other plugins from slowing a run down, and from talking in it."""


def run(pytester: pytest.Pytester, source: str, *options: str) -> pytest.RunResult:
    """Run tests that are written below the helpers of `HEAD`."""
    pytester.makepyfile(HEAD + source)
    return pytester.runpytest_inprocess(*QUIET, *options)
