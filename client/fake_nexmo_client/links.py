"""Links between the pages of a list."""

from __future__ import annotations

import msgspec
from msgspec import Struct


class Link(Struct, frozen=True):
    """Where something is; relative to the service's host."""

    href: str = ""


class Links(Struct, frozen=True, kw_only=True):
    """The neighbours of a page; None where there is none. Source: reference voice §5.2 (A), application §3.3 (A)."""

    this: Link | None = msgspec.field(default=None, name="self")
    first: Link | None = None
    last: Link | None = None
    next: Link | None = None
    prev: Link | None = None
