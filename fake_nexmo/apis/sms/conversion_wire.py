"""Words of the Conversion API on the wire. No framework, no state. Source: reference sms §14."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from fake_nexmo.apis.sms.conversion_rules import ConversionRefusal, Convert

# How a field is called on the wire, and what is said of one that cannot be read.
# Doubt: no sentence of this API is known; these follow those of message search.
_FIELDS = {
    "about": ("message-id", ""),
    "delivered": ("delivered", "Must be true or false."),
    "timestamp": ("timestamp", "Must be YYYY-MM-DD HH:MM:SS."),
}
_STATUS = {
    ConversionRefusal.BAD_CREDENTIALS: 401,
    ConversionRefusal.NOT_ENABLED: 402,
    ConversionRefusal.MISSING: 420,
    ConversionRefusal.INVALID: 423,
    ConversionRefusal.THROTTLED: 429,
    ConversionRefusal.SERVER_ERROR: 500,
}
# Source: reference auth §6.10 (D), for 401. Doubt: the others follow it.
_TITLES = {
    ConversionRefusal.BAD_CREDENTIALS: ("UNAUTHORIZED", "Unauthorized"),
    ConversionRefusal.MISSING: ("BAD_REQUEST", "Bad Request"),
    ConversionRefusal.INVALID: ("BAD_REQUEST", "Bad Request"),
    ConversionRefusal.THROTTLED: ("TOO_MANY_REQUESTS", "Too Many Requests"),
    ConversionRefusal.SERVER_ERROR: ("INTERNAL_ERROR", "Internal Server Error"),
}
# Source: reference sms §14 (C): the error page of a Jetty server.
_PAGE = """<html>
<head>
<meta http-equiv="Content-Type" content="text/html;charset=ISO-8859-1"/>
<title>Error 402 </title>
</head>
<body>
<h2>HTTP ERROR: 402</h2>
<p>Problem accessing {path}. Reason:
<pre>    Bad Account Credentials</pre></p>
</body>
</html>
"""
HTML = "text/html;charset=ISO-8859-1"


def parse(product: str, params: Mapping[str, str]) -> Convert:
    """The command that a request's parameters spell."""
    get = params.get
    return Convert(product, get("message-id", ""), get("delivered", ""), get("timestamp", ""))


def refused(row: ConversionRefusal, facts: Mapping[str, Any], path: str) -> tuple[int, str, bytes]:
    """HTTP status, media type and body of a refusal."""
    status = _STATUS[row]
    if row is ConversionRefusal.NOT_ENABLED:
        return status, HTML, _PAGE.format(path=path).encode()
    kind, title = _TITLES[row]
    members: dict[str, Any] = {"type": kind, "error_title": title}
    fields = facts.get("fields", ())
    if fields:
        is_missing = row is ConversionRefusal.MISSING
        named = [_FIELDS[field] for field in fields]
        members["invalid_parameters"] = {name: "Is required." if is_missing else why for name, why in named}
    return status, "application/json", msgspec.json.encode(members)
