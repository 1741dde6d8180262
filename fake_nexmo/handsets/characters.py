"""Who is behind a number: the phone that is declared, or one drawn from a crowd, or one by the number's magic digits.

A character fills what a handset does not say of itself. Characters are facts of a world: those of the package and its
scenario's own; here is how a phone finds its character, in `people`, `calls`, `typing` and `lookup` what comes of it.

Source: scenario format, "Stock characters and magic numbers".
"""

from __future__ import annotations

from functools import lru_cache

from msgspec.structs import replace

from fake_nexmo.core.moment import Moment, draw
from fake_nexmo.core.records import ANYBODY, ORDINARY, Crowd, Handset, Magic, World
from fake_nexmo.numbering.plan import look_up
from fake_nexmo.numbering.tables import tables


def person(number: str, stored: Handset | None, world: World, moment: Moment, about: str = "") -> Handset:
    """The phone behind a number, with its character: as it is stored, else drawn from a crowd, else by magic.

    A drawn one keeps its character when its crowd is sticky; it depends on seed and number then, not on the moment.
    Else it is drawn for each message: ``about`` is its id, or empty while the message is being made in this moment.
    Doubt: with ids in the form of UUIDs the draw at the submission and the one for the receipts are two.
    """
    if stored is None:
        like = (world.crowds and _drawn_from(number, world, moment, about)) or _magic(number, world.magic) or ORDINARY
        phone = Handset(id=number, like=like, character=world.characters.get(like, ANYBODY))
    else:
        phone = known_as(stored, world)
    network = phone.network or phone.character.network
    if not network and phone.character.rest.get("ported") is True:
        network = other_network(moment.seed, number)
    return phone if network == phone.network else replace(phone, network=network)


def known_as(phone: Handset, world: World) -> Handset:
    """A phone with the character that the world has under the name that it goes by."""
    character = world.characters.get(phone.like, ANYBODY)
    return phone if phone.character is character else replace(phone, character=character)


def is_magic(number: str, magic: Magic) -> bool:
    """Whether a number's last two digits choose a character."""
    return bool(_magic(number, magic))


def _magic(number: str, magic: Magic) -> str:
    """The character that a number's last two digits choose; empty: none."""
    like = magic.digits.get(number[-2:], "")
    if like:
        for each in magic.ranges:
            if each.holds(number):
                return like
    return ""


def _drawn_from(number: str, world: World, moment: Moment, about: str) -> str:
    """The character that the first crowd with this number gives it; empty: no crowd has it."""
    if not number.isdigit():
        return ""
    value = int(number)
    crowd = next((each for each in world.crowds if each.first <= value <= each.last), None)
    return "" if crowd is None else _drawn(crowd, number, moment.seed, about or moment.message_id())


def _drawn(crowd: Crowd, number: str, seed: int, about: str) -> str:
    purpose = f"crowd/{number}" if crowd.sticky else f"crowd/{number}/{about}"
    die = draw(seed, crowd.name, purpose) / (1 << 128)
    for like, share in crowd.mix:
        die -= share
        if die < 0:
            return like
    return crowd.mix[-1][0]


@lru_cache(maxsize=1024)
def other_network(seed: int, number: str) -> str:
    """A mobile network of the number's country that is not its own, by seed; empty where none is known."""
    here = look_up(number)
    listed = tables().countries.get(here.country) if here else None
    if here is None or listed is None:
        return ""
    others = [each.code for each in listed.networks if each.mcc and here.network not in (each.code, *each.aliases)]
    return others[draw(seed, number, "ported") % len(others)] if others else ""
