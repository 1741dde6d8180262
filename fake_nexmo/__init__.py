"""A faithful, stateful emulator of the Nexmo (Vonage) HTTP APIs.

Importing this package is cheap on purpose: no HTTP client, no cryptography, no numbering plan is loaded. What a
program needs, it finds in the submodules.
"""

from __future__ import annotations

__version__ = "0.1.0.dev0"


def __getattr__(name: str) -> object:
    """``fake_nexmo.app``: a ready ASGI app with the world ``default``, made on first access."""
    if name == "app":
        from importlib import import_module

        return import_module("fake_nexmo.asgi").ready_app()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
