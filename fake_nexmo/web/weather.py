"""Asking for the weather: which fault acts on an occasion, with the match ordinals drawn from the store.

Source: design §8.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from fake_nexmo.core.change import Change, Conflict
from fake_nexmo.core.moment import Moment
from fake_nexmo.core.records import Account, Delivery, Fault, FaultEffect, Mischief, Reaction
from fake_nexmo.network.weather import Occasion, acts, matching, mischief_of, misled
from fake_nexmo.store.protocol import Start, Store
from fake_nexmo.web.call import Call, Faulted


class Acting(Struct, frozen=True, gc=False):
    """A fault that acts, and the ordinal of the match it acts on."""

    fault: Fault
    ordinal: int


def ordinal_of(fault: str) -> str:
    """The name of the counter of a fault's matches."""
    return f"fault/{fault}"


async def weather(store: Store, start: Start, occasion: Occasion, now: int) -> Acting | None:
    """The first fault that acts; every one that matches takes a match ordinal, whether or not it acts."""
    faults = start.world.faults
    if not faults:
        return None
    acting, spent = None, []
    for fault in matching(faults, occasion, now):
        ordinal = await store.draw(start.world.name, ordinal_of(fault.name))
        if acting is None and acts(fault, ordinal, start.world.seed):
            acting = Acting(fault, ordinal)
        if fault.spent and fault.last is not None and ordinal >= fault.last:
            spent.append(fault)
    if spent:
        await _disarm(store, start, spent)
    return acting


async def _disarm(store: Store, start: Start, spent: Sequence[Fault]) -> None:
    """Disarm faults whose calls are spent; one that was armed anew meanwhile stays.

    Raises:
        StaleEpoch: the world was reset, restored or deleted meanwhile.
    """
    while True:
        world = (await store.peek(start.world.name)).world
        left = tuple(each for each in world.faults if each not in spent)
        if left == world.faults:
            return
        try:
            await store.commit(world.name, start.epoch, Change(put=(replace(world, faults=left),)))
        except Conflict:
            continue
        return


async def mischief(store: Store, start: Start, occasion: Occasion, now: int) -> Mischief | None:
    """What a fault does to a webhook that is set now; None: nothing."""
    acting = await weather(store, start, occasion, now)
    return None if acting is None else mischief_of(acting.fault, acting.ordinal, start.world.seed)


async def meet(
    store: Store, world: str, change: Change, moment: Moment, drawn: dict[tuple[str, int], Mischief | None]
) -> Change:
    """A change whose webhooks have met the faults that were to be asked about them.

    Args:
        store: where the faults are armed.
        world: whose faults they are.
        change: what is about to be committed.
        moment: of the decision.
        drawn: what was found for the webhooks of each kind, in their order, by earlier runs of the same decision.
    """
    start = await store.peek(world)
    told: list[Delivery] = []
    counts: dict[str, int] = {}
    for delivery in change.deliveries:
        if not delivery.exposed:
            told.append(delivery)
            continue
        plain = replace(delivery, exposed=False)
        nth = counts[delivery.kind] = counts.get(delivery.kind, 0) + 1
        if start.world.faults and (delivery.kind, nth) not in drawn:
            drawn[delivery.kind, nth] = await _of_webhook(store, start, delivery, moment.now)
        found = drawn.get((delivery.kind, nth))
        told += misled(plain, found, moment)
    return replace(change, deliveries=tuple(told))


async def _of_webhook(store: Store, start: Start, delivery: Delivery, now: int) -> Mischief | None:
    account = await store.get(start.world.name, Account, delivery.account)
    assert account is not None, "a delivery belongs to an account of its world"
    to, sender = (str(delivery.facts.get(name) or "") for name in ("to", "from"))
    occasion = Occasion(f"webhook.{delivery.kind}", account.id, account.api_key, to, sender)
    return await mischief(store, start, occasion, now)


async def outage(store: Store, start: Start, occasion: Occasion, now: int) -> Reaction | None:
    """What a network that a fault has out says of a part; None: it is not out."""
    acting = await weather(store, start, occasion, now)
    return None if acting is None else acting.fault.receipt


async def face(call: Call) -> None:
    """Let the faults on an operation act, after its credentials and before its rule.

    Raises:
        Faulted: a fault acts instead of the operation.
    """
    caller = call.caller
    assert caller is not None, "faults act after credentials"
    params = call.params
    occasion = Occasion(
        call.operation.name,
        caller.account.id,
        caller.account.api_key,
        params.get("to") or params.get("number") or "",
        params.get("from", ""),
        params.get("text", ""),
        params,
    )
    call.weather = await weather(call.shell.store, caller.start, occasion, caller.moment.now)
    if call.weather is not None and call.weather.fault.effect is FaultEffect.NONE:
        raise Faulted
