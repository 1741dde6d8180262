"""Who is at the end of a call, and where that phone is at home: loaded before a rule decides."""

from __future__ import annotations

from fake_nexmo.apis.voice.create_rules import NOWHERE, Home
from fake_nexmo.apis.voice.ends_model import Endpoint, EndpointType
from fake_nexmo.core.moment import Moment
from fake_nexmo.core.records import Handset, World
from fake_nexmo.handsets.characters import person
from fake_nexmo.store.protocol import View


async def phone_at(view: View, number: str, moment: Moment, about: str = "") -> Handset:
    """The phone behind a number, and its person; ``about`` is the leg that leads there, if there is one yet."""
    return person(number, await view.get(Handset, number), await _world(view), moment, about)


async def home_of(view: View, to: Endpoint, moment: Moment) -> Home:
    """What the world says of networks, and which one a phone is on."""
    own = (await _world(view)).networks
    if not own or to.type is not EndpointType.PHONE:
        return NOWHERE
    return Home((await phone_at(view, to.address, moment)).network, own)


async def _world(view: View) -> World:
    world = await view.get(World, "world")
    assert world is not None, "every world has its facts"
    return world
