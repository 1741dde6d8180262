"""Lifting the block of a network for a time, and handing in templates of messages. Pure.

Source: reference verify §8 (B), §9.4 (B).
"""

from __future__ import annotations

from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from fake_nexmo.apis.verify.model import Template, Unblocked
from fake_nexmo.apis.verify.refusal_model import ProblemRefusal
from fake_nexmo.apis.verify.texts import LANGUAGES
from fake_nexmo.core.change import Change, Outcome
from fake_nexmo.core.instant import SECOND
from fake_nexmo.core.moment import Moment
from fake_nexmo.core.records import Account
from fake_nexmo.core.refusal import Refusal

DURATION_MAX_S: Final = 86_400

ACTIONS: Final = ("sms", "voice")


class NewTemplate(Struct, frozen=True, gc=False):
    """What a template is to be, as it was given."""

    action: str
    language: str
    text: str
    type: str


def unblocked_id(account: Account, entry: str) -> str:
    """The id of what an account did about an entry of the block list."""
    return f"{account.id}/{entry}"


def well_formed(network: str, duration: str) -> int:
    """How long the block is to be lifted, in seconds.

    Raises:
        Refusal: UNPROCESSABLE.

    Source: reference verify §8 (B).
    Doubt: how long it is lifted when nobody says: a day, the longest it can be.
    """
    if not network:
        raise Refusal(ProblemRefusal.UNPROCESSABLE, name="network")
    if not duration:
        return DURATION_MAX_S
    right = duration.isascii() and duration.isdigit() and len(duration) < 19 and int(duration) <= DURATION_MAX_S
    if not right:
        raise Refusal(ProblemRefusal.UNPROCESSABLE, name="unblock_duration")
    return int(duration)


def unblock(
    network: str,
    duration_s: int,
    blocked: tuple[str, ...],
    before: Unblocked | None,
    account: Account,
    moment: Moment,
) -> Outcome[int]:
    """Lift a block of the world's list, for one account; the instant until which it is lifted.

    Args:
        network: the entry of the list: a network, or a prefix.
        duration_s: how long.
        blocked: the list.
        before: when the account lifted it last; None: never.
        account: who asks.
        moment: now.

    Raises:
        Refusal: NO_BLOCK, when it is not blocked, or lifted already; nothing changes.

    Source: reference verify §8 (B), §12 (B): blocks are per account and network.
    """
    if network not in blocked or (before is not None and moment.now < before.until_at):
        raise Refusal(ProblemRefusal.NO_BLOCK)
    until_at = moment.now + duration_s * SECOND
    lifted = replace(before or Unblocked(id=unblocked_id(account, network), until_at=0), until_at=until_at)
    return Outcome(Change(put=(lifted,)), until_at)


def permitted(*, is_enabled: bool) -> None:
    """Refuse accounts that may not lift blocks.

    Raises:
        Refusal: FORBIDDEN.

    Source: reference verify §8 (B).
    """
    if not is_enabled:
        raise Refusal(ProblemRefusal.FORBIDDEN)


def hand_in(command: NewTemplate, before: int, account: Account) -> Outcome[Template]:
    """Take a template; it is pending, and stays so.

    Args:
        command: what it is to be.
        before: how many there are of the account for that action and language.
        account: whose it is.

    Raises:
        Refusal: BAD_REQUEST.

    Source: reference verify §9.4 (B for the members).
    Doubt: which members are required, and how versions count, is not documented; here from 1.
    """
    for name, right in (
        ("action_type", command.action in ACTIONS),
        ("lg", command.language in LANGUAGES),
        ("template", bool(command.text)),
    ):
        if not right:
            raise Refusal(ProblemRefusal.BAD_REQUEST, name=name)
    number = before + 1
    made = Template(
        id=f"{account.id}/{command.action}/{command.language}/{number}",
        account=account.id,
        action=command.action,
        language=command.language,
        text=command.text,
        type=command.type,
        number=number,
    )
    return Outcome(Change(put=(made,)), made)
