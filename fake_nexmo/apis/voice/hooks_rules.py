"""Where an application has the webhooks of its calls go. Pure. Source: reference application §4.2, ncco §4.1, §4.2."""

from __future__ import annotations

from fake_nexmo.apis.voice.ends_model import Callback
from fake_nexmo.core.capabilities import hook
from fake_nexmo.core.records import Application


def answer(application: Application) -> Callback:
    """Where the NCCO of a call to one of its numbers comes from. Source: reference ncco §2.1 (B)."""
    return _callback(application, "answer_url", "GET")


def event(application: Application) -> Callback:
    """Where events go. Source: reference ncco §4.2 (B)."""
    return _callback(application, "event_url", "POST")


def fallback(application: Application) -> Callback:
    """Where an NCCO comes from when its own place fails. Source: reference ncco §4.5 (B)."""
    return _callback(application, "fallback_answer_url", "GET")


def _callback(application: Application, name: str, default: str) -> Callback:
    """With the time-outs that were chosen for it, which are within their bounds. Source: reference ncco §4.1 (B)."""
    known = hook(application.capabilities, "voice", name)
    if known is None:
        return Callback(method=default)
    return Callback(known.address, known.method, known.connect_ms, known.response_ms)
