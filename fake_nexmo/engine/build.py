"""Putting an engine together."""

from __future__ import annotations

from collections.abc import Sequence

from fake_nexmo.apis import REGISTRY
from fake_nexmo.engine.outbound import Outbound
from fake_nexmo.engine.runner import Engine
from fake_nexmo.store.protocol import Store, Wall
from fake_nexmo.web.call import Shell


def build_engine(store: Store, wall: Wall, allow: Sequence[str] = ()) -> Engine:
    """An engine over a store, with every API of the registry.

    ``wall`` must be the clock that the store reads too; ``allow`` are networks and names that webhooks may go to
    besides loopback and private addresses.

    Raises:
        ValueError: a value of ``allow`` is neither a network nor a name.
    """
    registry = {api.name: api for api in REGISTRY}
    return Engine(Shell(store, wall), registry, Outbound(allow=allow))
