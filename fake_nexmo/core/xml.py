"""What the XML answers of all APIs share: characters that it can hold, and whether it is asked for. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from xml.sax.saxutils import escape

_XML = frozenset({"application/xml", "text/xml"})


def xml_text(text: str) -> str:
    """A text as it stands between two tags."""
    return escape("".join(_printable(text)))


def wants_xml(accept: str) -> bool:
    """Whether an ``Accept`` header asks for XML before anything else.

    Source: reference account §1.3 (B; D for the order).
    """
    return accept.partition(",")[0].partition(";")[0].strip().lower() in _XML


def _printable(text: str) -> Iterable[str]:
    """Characters that XML 1.0 can hold; the others, such as NUL and U+FFFE, become the replacement character."""
    for char in text:
        held = char in "\t\n\r" or (char >= " " and char not in "\ufffe\uffff")
        yield char if held else "\N{REPLACEMENT CHARACTER}"
