"""What a scenario makes of a change that is about to be committed: the steps it sets off, and what it spends."""

from __future__ import annotations

from fake_nexmo.core.change import Change
from fake_nexmo.core.legs import Leg
from fake_nexmo.core.plot import Plot, Told, awaited, spending, taken
from fake_nexmo.core.records import Event, Message
from fake_nexmo.store.protocol import View


async def staged(view: View, change: Change, plot: Plot, now: int) -> Change:
    """The change with what the world's plot adds to it."""
    told = [await _told(view, change, event) for event in awaited(plot, change)]
    return change + Change(counters=spending(change)) + taken(plot, told, now)


async def _told(view: View, change: Change, event: Event) -> Told:
    """An event with the one it went to and the one it came from: those of its message or call, else its person."""
    put = [each for each in change.put if isinstance(each, Message | Leg) and each.id == event.about]
    found: Message | Leg | None = put[-1] if put else None
    if found is None and event.name.startswith("message."):
        found = await view.get(Message, event.about)
    elif found is None and event.name.startswith("call."):
        found = await view.get(Leg, event.about)
    return Told(event, found.to, found.sender) if found is not None else Told(event, event.number, "")
