"""Arming and disarming faults in a world that is there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from msgspec.structs import replace

from fake_nexmo.core.change import Change, Set
from fake_nexmo.core.records import Crowd, Fault, Handset, World
from fake_nexmo.engine.acts import CannotAct
from fake_nexmo.scenario.faults import Names
from fake_nexmo.scenario.judge import named_phones
from fake_nexmo.scenario.script import SCRIPT, Script
from fake_nexmo.store.protocol import View
from fake_nexmo.web.api import Api
from fake_nexmo.web.weather import ordinal_of

N = TypeVar("N", Crowd, Fault)


async def names_in(view: View, registry: Mapping[str, Api]) -> Names:
    """What the faults of a world may name."""
    apis = registry.values()
    return Names(
        operations={operation.name: tuple(api.troubles) for api in apis for operation in api.operations},
        webhooks=[kind for api in apis for kind in api.webhooks],
        handsets=await phones_in(view),
    )


async def phones_in(view: View) -> dict[str, str]:
    """The numbers of a world's phones by their names; a name that a phone lost is where its scenario declared it."""
    script = await view.get(Script, SCRIPT)
    declared = named_phones(script.said.handsets) if script is not None else {}
    phones = await view.find(Handset, "", limit=1 << 30)
    return declared | {each.name: each.id for each in phones if each.name}


def arm(world: World, fault: Fault) -> Change:
    """Arm a fault behind the others; one of the same name is replaced in its place. It counts from 1."""
    armed = replace(world, faults=with_one(world.faults, fault))
    return Change(put=(armed,), counters=(Set(ordinal_of(fault.name), 0),))


def disarm(world: World, name: str) -> Change:
    """Disarm a fault.

    Raises:
        CannotAct: none of that name is armed.
    """
    left = tuple(each for each in world.faults if each.name != name)
    if len(left) == len(world.faults):
        armed = ", ".join(each.name for each in world.faults) or "none"
        raise CannotAct(404, "no-such-fault", "No such fault", f"No fault {name!r} is armed; there are: {armed}.")
    return Change(put=(replace(world, faults=left),))


def with_one(known: tuple[N, ...], new: N) -> tuple[N, ...]:
    """With one more, behind the others; one of the same name is replaced in its place."""
    after: list[N] = [new if each.name == new.name else each for each in known]
    if new not in after:
        after.append(new)
    return tuple(after)
