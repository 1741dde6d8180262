"""What an API words one attempt of a webhook from, and the words."""

from __future__ import annotations

from msgspec import Struct

from fake_nexmo.core.moment import Moment
from fake_nexmo.core.records import Account, Application, Delivery


class Wording(Struct, frozen=True):
    """What an owner words one attempt of a webhook from.

    Attributes:
        account: whose webhook it is.
        now: the world's instant of this attempt.
        stamp_s: what goes into signatures and their time stamps: Unix seconds of wall time, or of the world's.
        moment: dice and ids for this delivery; the attempt's number is for the ``k`` of an id.
        application: that of the delivery, as it is now; None: there is none, or none any more.
    """

    delivery: Delivery
    account: Account
    now: int
    stamp_s: int
    moment: Moment
    application: Application | None = None


class Worded(Struct, frozen=True):
    """One attempt in the words of the wire.

    Attributes:
        connect_s: real seconds that a connection may take, ``response_s`` the answer after that; None: as its kind has
            it.
    """

    method: str
    url: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    connect_s: float | None = None
    response_s: float | None = None
