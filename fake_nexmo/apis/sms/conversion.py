"""The endpoint of the Conversion API. Source: reference sms §14."""

from __future__ import annotations

from starlette.responses import Response

from fake_nexmo.apis.sms import conversion_rules as rules
from fake_nexmo.apis.sms import conversion_wire as wire
from fake_nexmo.apis.sms.conversion_rules import ConversionRefusal
from fake_nexmo.apis.sms.model import Conversion
from fake_nexmo.apis.sms.replies import traced
from fake_nexmo.core.change import Outcome
from fake_nexmo.core.moment import Moment
from fake_nexmo.core.refusal import Refusal
from fake_nexmo.store.protocol import View
from fake_nexmo.web.call import Call
from fake_nexmo.web.commit import commit
from fake_nexmo.web.credentials import CredentialRows, authenticate

_ANY = ConversionRefusal.BAD_CREDENTIALS
# The timestamp of a signed request is a date text here too. Source: reference sms §14.
_ROWS = CredentialRows(_ANY, _ANY, _ANY, _ANY, _ANY, _ANY, _ANY, dated=True)


async def convert(call: Call) -> Response:
    """``POST /conversions/sms`` and ``/conversions/voice``: report what a message or call led to.

    Source: reference sms §14 (B; D for the body, which is not JSON).
    """
    params = await call.read()
    caller = await authenticate(call, _ROWS)
    assert call.caller is not None, "authentication knows the caller"
    enabled = bool(call.caller.setting("conversion_api"))
    command = wire.parse(_words(call)[1], params)
    call.about = command.about

    async def attempt(_: View, moment: Moment) -> Outcome[Conversion]:
        return rules.convert(command, caller, moment, enabled=enabled)

    await commit(call, attempt)
    return traced(call, 200, "text/plain", b"OK")


def word_refusal(call: Call, refusal: Refusal) -> Response:
    """A status of its own for each; JSON, but for the page that says 402."""
    assert isinstance(refusal.row, ConversionRefusal), f"{refusal.row} is no refusal of the Conversion API"
    status, media, body = wire.refused(refusal.row, refusal.facts, "/" + "/".join(_words(call)))
    call.outcome = f"{status} {refusal.row.value}"
    return traced(call, status, media, body)


def _words(call: Call) -> list[str]:
    """The words of the path, however many slashes part them."""
    return [each for each in call.scope["path"].split("/") if each]
