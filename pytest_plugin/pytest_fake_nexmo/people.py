"""The people behind the numbers, as a test moves them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from pytest_fake_nexmo.entries import Entry, plain

if TYPE_CHECKING:
    from pytest_fake_nexmo.door import Door


class Handset:
    """A phone and the person behind it. Each verb comes back when the webhooks that it led to were answered."""

    def __init__(self, door: Door, name: str) -> None:
        self._door = door
        self._name = name

    def texts(self, to: str, text: str = "", **binary: str) -> Entry:
        """Send an SMS to an owned number: a text, or a ``body`` with or without a ``udh`` (hex)."""
        __tracebackhide__ = True
        content = {"to": to, **({"text": text} if text else {}), **binary}
        return self._act("POST", "sms", content, f"texts {to} {text or binary.get('body', '')!r}")

    def power(self, on: bool) -> Entry:
        """Switch the phone on or off."""
        __tracebackhide__ = True
        return self._act("POST", "power", {"on": on}, f"switches {'on' if on else 'off'}")

    def roams(self, to: str) -> Entry:
        """Take the phone to another country (ISO 3166, two letters)."""
        __tracebackhide__ = True
        return self._act("POST", "roam", {"to": to}, f"roams to {to}")

    def ports_to(self, network: str) -> Entry:
        """Take the number to another network (MCC and MNC)."""
        __tracebackhide__ = True
        return self._act("POST", "port", {"network": network}, f"ports to {network}")

    def calls(self, to: str) -> Entry:
        """Call an owned number."""
        __tracebackhide__ = True
        return self._act("POST", "call", {"to": to}, f"calls {to}")

    def answers(self) -> Entry:
        """Answer the call that rings."""
        __tracebackhide__ = True
        return self._act("POST", "answer", None, "answers")

    def rejects(self) -> Entry:
        """Decline the call that rings."""
        __tracebackhide__ = True
        return self._act("POST", "reject", None, "rejects the call")

    def hangs_up(self) -> Entry:
        """Hang up."""
        __tracebackhide__ = True
        return self._act("POST", "hangup", None, "hangs up")

    def presses(self, digits: str) -> Entry:
        """Press keys."""
        __tracebackhide__ = True
        return self._act("POST", "press", {"digits": digits}, f"presses {digits}")

    def says(self, text: str) -> Entry:
        """Say something."""
        __tracebackhide__ = True
        return self._act("POST", "say", {"text": text}, f"says {text!r}")

    def behaves(self, **facts: Any) -> Entry:
        """Declare how the phone behaves, in the words of a scenario's handset: ``like="busy"``, ``receipts={…}``."""
        __tracebackhide__ = True
        said = ", ".join(f"{name}={value!r}" for name, value in facts.items())
        return self._act("PUT", "", plain(facts), f"behaves: {said}")

    def _act(self, method: str, act: str, content: Any, said: str) -> Entry:
        __tracebackhide__ = True
        line = self._door.note("act", f"{self._name} {said}")
        where = f"handsets/{quote(self._name, safe='')}/{act}".rstrip("/")
        try:
            return Entry(self._door.control(method, where, content))
        except BaseException as error:
            line.outcome = f"failed: {error}"
            raise
