"""Being moved to another conversation: the action ``transfer``. Pure.

Source: reference ncco §3.9, §5.3.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from fake_nexmo.apis.voice import event_rules, record_rules, room_rules, run_rules
from fake_nexmo.apis.voice.actions_model import ConversationAction, TransferAction
from fake_nexmo.apis.voice.company_rules import placed
from fake_nexmo.apis.voice.hearing_rules import Party
from fake_nexmo.apis.voice.model import Call, Room
from fake_nexmo.core.change import Change
from fake_nexmo.core.moment import Moment
from fake_nexmo.core.records import Account

# Doubt: the texts of errors but for the one of the syntax are not documented.
UNKNOWN: Final = "Conversation not found."


class Target(Struct, frozen=True, gc=False):
    """A conversation that there is.

    Attributes:
        conversation: its id on the wire.
        room: what it is if it has a name.
        host: the call whose NCCO governs it, if it has none; None: nobody's does any more.
    """

    conversation: str
    room: Room | None = None
    host: Call | None = None


def move(
    action: TransferAction,
    target: Target | None,
    mover: Party,
    company: Sequence[Party],
    account: Account,
    moment: Moment,
) -> Change:
    """An NCCO moves its leg, and whoever is with it, to another conversation; without one the next action runs.

    Args:
        action: where to.
        target: that conversation; None: there is none.
        mover: whose NCCO it is; that ends, and the target's governs.
        company: who is in the same conversation.
        account: who pays for all of them.
        moment: now.

    Source: reference ncco §3.9 (B; D for what is reported).
    Doubt: who hears whom is said of the leg alone whose NCCO it is. A conversation in which nobody is on the line is
    none.
    """
    if target is None:
        error = event_rules.told(mover.call, mover.leg, event_rules.ERROR, moment, reason=UNKNOWN)
        return error + run_rules.go_on(mover.call, mover.leg, account, moment)
    change = Change()
    for party in (mover._replace(call=placed(mover.call, action)), *company):
        change += _moved(target, party, moment)
    ids = (mover.call.id, *(each.call.id for each in company))
    if target.room is not None:
        return change + Change(put=(replace(target.room, members=(*target.room.members, *ids)),))
    if target.host is not None:
        return change + Change(put=(replace(target.host, legs=(*target.host.legs, *ids)),))
    return change


def _moved(target: Target, party: Party, moment: Moment) -> Change:
    """One leg: in a named conversation it is on its own, in another one it is there as one that was called in.

    In one that has not started it waits, with the music that there is. Source: reference ncco §3.2, §3.9 (B).
    """
    room, host = target.room, target.host.id if target.host else ""
    call = replace(run_rules.idle(party.call), legs=(), host=host, joined=room is None, away=False, recorders=())
    leg = replace(party.leg, conversation=target.conversation)
    change = record_rules.all_done(party.call, party.leg, moment)
    change += event_rules.told(call, leg, event_rules.TRANSFER, moment, conversation_from=party.leg.conversation)
    if room is None:
        return change + Change(put=(call, leg))
    there = ConversationAction(name=room.id.removeprefix(f"{call.application}/"))
    inside = replace(call, room=room.id, doing=there)
    if room.started:
        return change + Change(put=(inside, leg))
    return change + room_rules.waits(inside, leg, room.music, moment, first=False)
