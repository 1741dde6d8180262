"""What people do of their own accord: they send, call, answer, press, speak, hang up, and take their phones elsewhere.

The control API has them do it when it is asked to, the timeline of a scenario at its instants. Each act is an attempt:
it loads what it rests on from a view and gives the change, so that whoever asks decides when it is committed.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, NamedTuple

from msgspec.structs import replace

from fake_nexmo.core.change import Change, Outcome
from fake_nexmo.core.legs import Leg, LegStatus
from fake_nexmo.core.moment import Moment
from fake_nexmo.core.records import Account, Direction, Handset, Message, Mischief, Number, World
from fake_nexmo.engine.carry import Registry, receive, receive_call, tell_leg, tell_press
from fake_nexmo.handsets.characters import person
from fake_nexmo.network import calls
from fake_nexmo.network.weather import Occasion
from fake_nexmo.numbering.plan import look_up
from fake_nexmo.store.protocol import View

_OUTBOUND, _INBOUND = Direction.OUTBOUND, Direction.INBOUND
_MOST = 1 << 30


class CannotAct(Exception):  # noqa: N818 - an answer
    """Nobody can do that now.

    Attributes:
        status: the HTTP status that says so, ``kind`` and ``title`` of its problem, and ``more`` of its members.
    """

    def __init__(self, status: int, kind: str, title: str, detail: str, **more: Any) -> None:
        super().__init__(detail)
        self.status = status
        self.kind = kind
        self.title = title
        self.detail = detail
        self.more = more


class _State(NamedTuple):
    direction: Direction
    status: LegStatus


# In which states of their newest call people can do what.
ALLOWED: Final = {
    "answer": {_State(_OUTBOUND, LegStatus.RINGING)},
    "reject": {_State(_OUTBOUND, LegStatus.RINGING)},
    "hangup": {
        _State(_OUTBOUND, LegStatus.ANSWERED),
        _State(_INBOUND, LegStatus.ANSWERED),
        _State(_INBOUND, LegStatus.RINGING),
    },
    "press": {_State(_OUTBOUND, LegStatus.ANSWERED), _State(_INBOUND, LegStatus.ANSWERED)},
    "say": {_State(_OUTBOUND, LegStatus.ANSWERED), _State(_INBOUND, LegStatus.ANSWERED)},
}
_WOULD_DO: Final = {
    "answer": "a call to it that rings",
    "reject": "a call to it that rings",
    "hangup": "a call that was answered, or one of its own that rings",
    "press": "a call that was answered",
    "say": "a call that was answered",
}


async def find_phone(view: View, world: World, given: str, moment: Moment) -> Handset:
    """The phone of a number, or of a name.

    Raises:
        CannotAct: it is neither, or the number is owned, so that nobody is behind it.
    """
    given = given.removeprefix("+")
    named = await view.find(Handset, f"name/{given}", limit=1)
    if named:
        return named[0]
    if not given.isdigit() or look_up(given) is None:
        known = [each.name for each in await view.find(Handset, "", limit=100) if each.name]
        raise CannotAct(
            404,
            "no-such-handset",
            "No such handset",
            f"{given!r} is neither a phone number nor the name of a phone; named are: {', '.join(known) or 'none'}.",
        )
    if await view.get(Number, given) is not None:
        raise CannotAct(
            422, "owned", "An owned number", f"{given} is owned by an account of this world, so nobody is behind it."
        )
    return person(given, await view.get(Handset, given), world, moment)


async def find_owned(view: View, to: str) -> Number:
    """A number that somebody owns.

    Raises:
        CannotAct: nobody does; it lists those that somebody does.
    """
    number = await view.get(Number, to)
    if number is None:
        owned = [each.id for each in await view.find(Number, "", limit=1000)]
        raise CannotAct(
            422,
            "nobody",
            "Nobody owns that number",
            f"Nobody in this world owns {to}; owned are: {', '.join(owned) or 'none'}.",
            owned=owned,
        )
    return number


async def text_occasion(view: View, number: Number, sender: str, text: str) -> Occasion:
    """What faults may act on when a person sends a text to an owned number."""
    account = await view.get(Account, number.account)
    key = account.api_key if account else ""
    return Occasion("webhook.inbound_sms", number.account, key, number.id, sender, text)


async def send_text(
    registry: Registry,
    view: View,
    sender: str,
    to: str,
    text: str,
    moment: Moment,
    bad: Mischief | None,
    extra: Mapping[str, Any],
) -> Outcome[Message]:
    """A person sends an SMS to an owned number.

    Raises:
        CannotAct: nobody owns it.
    """
    return await receive(registry, view, sender, await find_owned(view, to), text, moment, bad, extra)


async def make_call(registry: Registry, world: World, view: View, sender: str, to: str, moment: Moment) -> Outcome[Leg]:
    """A person calls an owned number.

    Raises:
        CannotAct: nobody owns it, or calls to it go elsewhere before its application is asked.
    """
    number = await find_owned(view, to)
    if "type" in number.voice:
        there = f"{number.voice['type']} {number.voice.get('value', '')}".strip()
        raise CannotAct(
            501,
            "not-emulated",
            "Not emulated",
            f"Calls to {to} are routed to {there}, which is not emulated; without that its application answers.",
        )
    return await receive_call(registry, world, view, sender, number, moment)


async def in_call(
    registry: Registry, view: View, phone: Handset, act: str, moment: Moment, said: str = ""
) -> Outcome[Leg]:
    """A person does something in their newest call that is not over: one of `ALLOWED`.

    ``said`` is what they press or say.

    Raises:
        CannotAct: they have no such call, or it is not so far.
    """
    found = await view.find(Leg, f"person/{phone.id}", limit=100, newest=True)
    leg = next((each for each in reversed(found) if not each.over), None)
    if leg is None:
        raise CannotAct(
            422, "no-call", "No call", f"{phone.id} has no call that goes on; {act} takes {_WOULD_DO[act]}."
        )
    if _State(leg.direction, leg.status) not in ALLOWED[act]:
        raise CannotAct(
            409,
            "wrong-state",
            "Not now",
            f"The {leg.direction.value} call {leg.id} of {phone.id} is {leg.status.value}; "
            f"{act} takes {_WOULD_DO[act]}.",
        )
    account = await view.get(Account, leg.account)
    assert account is not None, "a leg belongs to an account of its world"
    return Outcome(await _IN_CALL[act](registry, view, leg, account, moment, said), leg)


def port(phone: Handset, network: str) -> Change:
    """Take a number to another network, by its MCC and MNC."""
    return Change(put=(replace(phone, network=network, rest={**phone.rest, "ported": True}),))


def roam(phone: Handset, country: str) -> Change:
    """Take a phone to another country (ISO 3166, two letters), or home to its own."""
    home = look_up(phone.id)
    rest = {name: fact for name, fact in phone.rest.items() if name != "roaming"}
    if home is None or home.country != country:
        rest["roaming"] = {"country": country}
    return Change(put=(replace(phone, rest=rest),))


async def _answer(registry: Registry, view: View, leg: Leg, account: Account, moment: Moment, _: str) -> Change:
    world = await view.get(World, "world")
    assert world is not None, "every world has its facts"
    phone = person(leg.person, await view.get(Handset, leg.person), world, moment, leg.id)
    outcome = calls.answer(leg, phone, moment)
    return outcome.change + await tell_leg(registry, view, outcome.answer, account, moment)


async def _reject(registry: Registry, view: View, leg: Leg, account: Account, moment: Moment, _: str) -> Change:
    outcome = calls.not_connected(leg, "reject", moment)
    return outcome.change + await tell_leg(registry, view, outcome.answer, account, moment)


async def _hang_up(registry: Registry, view: View, leg: Leg, account: Account, moment: Moment, _: str) -> Change:
    live = leg.status is LegStatus.ANSWERED
    outcome = calls.hang_up(leg, account, moment, by="user") if live else calls.cancel(leg, moment)
    return outcome.change + await tell_leg(registry, view, outcome.answer, account, moment)


async def _press(registry: Registry, view: View, leg: Leg, account: Account, moment: Moment, said: str) -> Change:
    pressed = calls.press(leg, said, moment)
    return Change(put=(pressed,)) + await tell_press(registry, view, pressed, account, moment)


async def _say(registry: Registry, view: View, leg: Leg, account: Account, moment: Moment, said: str) -> Change:
    spoken = calls.say(leg, said, moment)
    return Change(put=(spoken,)) + await tell_press(registry, view, spoken, account, moment)


_InCall = Callable[[Registry, View, Leg, Account, Moment, str], Awaitable[Change]]
_IN_CALL: Final[Mapping[str, _InCall]] = {
    "answer": _answer,
    "reject": _reject,
    "hangup": _hang_up,
    "press": _press,
    "say": _say,
}
