"""Where an application has the webhooks of its calls go. Pure. Source: reference application §4.2, ncco §4.2."""

from __future__ import annotations

from fake_nexmo.apis.voice.model import Callback
from fake_nexmo.core.capabilities import hook
from fake_nexmo.core.records import Application


def event(application: Application) -> Callback:
    """Where events go. Source: reference ncco §4.2 (B)."""
    return _callback(application, "event_url", "POST")


def fallback(application: Application) -> Callback:
    """Where an NCCO comes from when its own place fails. Source: reference ncco §4.5 (B)."""
    return _callback(application, "fallback_answer_url", "GET")


def _callback(application: Application, name: str, default: str) -> Callback:
    known = hook(application.capabilities, "voice", name)
    return Callback(known.address, known.method) if known else Callback(method=default)
