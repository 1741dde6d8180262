"""What can go wrong, as exceptions: one family, each with the vendor's HTTP status, code and text.

The vendor says no in three ways: by an HTTP status with one of several error documents (`HttpError`), by a status
inside a 200 (`SmsError`, `InsightError`, `VerifyError`), or not at all (`NoAnswerError`, `BadReplyError`). Nothing is
tried again: whether a request may be repeated is for the caller to know.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from fake_nexmo_client.insight import BasicInsight
    from fake_nexmo_client.sms import SmsPart, SmsReply


class NexmoError(Exception):
    """Something went wrong between this program and the service.

    Attributes:
        http_status: the HTTP status of the reply; None when there was none.
        code: the vendor's code: a status such as ``"4"``, an error type, or the HTTP status as text.
        text: the vendor's words; our own where the vendor said none.
    """

    def __init__(self, text: str, *, http_status: int | None = None, code: str = "") -> None:
        said = f"{code}: {text}" if code else text
        super().__init__(said if http_status is None else f"{said} (HTTP {http_status})")
        self.http_status = http_status
        self.code = code
        self.text = text


class MissingCredentialsError(NexmoError):
    """The client was not given the credentials that this operation needs; nothing was sent."""


class NoAnswerError(NexmoError):
    """No whole reply came: no connection, a time-out, or the connection broke; its ``__cause__`` is httpx's own error.

    Whether the service has done what it was asked is not known.
    """


class BadReplyError(NexmoError):
    """A reply that says success is not what the vendor documents.

    Attributes:
        body: the body as it came.
    """

    def __init__(self, text: str, *, http_status: int, body: bytes) -> None:
        super().__init__(text, http_status=http_status)
        self.body = body


class InvalidParameter(NamedTuple):
    """A parameter that the vendor complains of, and why."""

    name: str
    reason: str


class HttpError(NexmoError):
    """The reply's HTTP status is not a success.

    Attributes:
        title: the short name of the problem, where the document has one.
        instance: the vendor's mark of this occurrence, for support.
        invalid_parameters: the parameters that were named.
        body: the body as it came.
    """

    def __init__(
        self,
        text: str,
        *,
        http_status: int,
        code: str,
        title: str = "",
        instance: str = "",
        invalid_parameters: tuple[InvalidParameter, ...] = (),
        body: bytes = b"",
    ) -> None:
        super().__init__(text, http_status=http_status, code=code)
        if invalid_parameters:
            self.args = (f"{self.args[0]}: {', '.join(f'{each.name}: {each.reason}' for each in invalid_parameters)}",)
        self.title = title
        self.instance = instance
        self.invalid_parameters = invalid_parameters
        self.body = body


class UnauthorizedError(HttpError):
    """HTTP 401 or 403: credentials that are wrong, or that may not do this."""


class NotFoundError(HttpError):
    """HTTP 404: nothing of that name, or it belongs to somebody else."""


class ThrottledError(HttpError):
    """HTTP 429: too many requests."""


class ServerError(HttpError):
    """HTTP 5xx: the service failed, or the emulator does not have the operation (501)."""


class SmsError(NexmoError):
    """At least one part of a message was not accepted; code and text are those of the first such part.

    Attributes:
        reply: the whole reply, with the parts that were accepted and paid for.
    """

    def __init__(self, reply: SmsReply, *, http_status: int) -> None:
        self.reply = reply
        first = self.refused[0]
        super().__init__(first.error_text, http_status=http_status, code=first.status)

    @property
    def refused(self) -> tuple[SmsPart, ...]:
        """The parts that were not accepted."""
        return tuple(part for part in self.reply.messages if not part.accepted)

    @property
    def partial(self) -> bool:
        """Whether some parts were accepted all the same."""
        return len(self.refused) < len(self.reply.messages)


class InsightError(NexmoError):
    """A lookup that answered with a status other than 0 and the soft 43, 44 and 45.

    Attributes:
        reply: what was answered, mostly the status alone.
    """

    def __init__(self, reply: BasicInsight, *, http_status: int) -> None:
        text = reply.status_message or reply.error_text
        super().__init__(text, http_status=http_status, code=str(reply.status))
        self.reply = reply


class VerifyError(NexmoError):
    """A Verify operation that answered with a status other than "0".

    Attributes:
        request_id: the request it is about; with status 10 the one that is running already.
        network: the network that is blocked, with status 7.
    """

    def __init__(self, text: str, *, http_status: int, code: str, request_id: str = "", network: str = "") -> None:
        super().__init__(text, http_status=http_status, code=code)
        self.request_id = request_id
        self.network = network


class WebhookError(NexmoError):
    """A webhook is not to be trusted: a wrong signature or token, another body than was signed, or one too old."""
