"""How Account, Pricing and Numbers refuse, and the frame of their XML: one old stack behind three APIs. Pure.

Source: reference account §1.2, §1.3.
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct


class Row(Struct, frozen=True):
    """One row of an API's table of refusals: the code is the HTTP status too.

    Attributes:
        missing: the parameter that a 400 is about; then the label is the title.
        mark: the evidence for the body.
    """

    code: int
    label: str
    missing: str = ""
    mark: str = "B"


def refusal_body(row: Row) -> dict[str, Any]:
    """The members of a refusal's body; all codes are texts. Source: reference account §1.2 (A, B)."""
    if row.missing:
        title = {"type": "BAD_REQUEST", "error_title": row.label}
        return {**title, "invalid_parameters": {row.missing: "Is required."}}
    return {"error-code": str(row.code), "error-code-label": row.label}


def xml_document(root: str, content: str) -> bytes:
    """A whole document.

    Source: reference account §1.3 (B).
    Doubt: nothing stands between the elements, as in the examples.
    """
    prolog = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    return f"{prolog}<{root}>{content}</{root}>".encode("utf-8", "replace")
