"""What the Application API decides. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from fake_nexmo.apis.application.model import ApplicationRefusal, Asked, Listed, Problem, Said
from fake_nexmo.core.capabilities import CAPABILITIES, word
from fake_nexmo.core.change import Add, Change, Claim, Free, Outcome
from fake_nexmo.core.moment import Moment, Use, draw
from fake_nexmo.core.records import Account, Application, Number
from fake_nexmo.core.refusal import Refusal
from fake_nexmo.keys.pair import KeyPair

NOT_CHANGED = "Cannot be changed."

# What a request of the first version says about its product: two webhooks and how they are sent.
V1_HOOKS: Mapping[str, tuple[str, str]] = {
    "voice": ("answer_url", "event_url"),
    "messages": ("status_url", "inbound_url"),
}


def create(
    said: Said, account: Account, world: str, pair: KeyPair, taken: int, counter: str, moment: Moment
) -> Outcome[Application]:
    """Make an application; it is found by its id on the whole server from then on.

    Args:
        said: what it is to be.
        account: whose it is.
        world: the name of the account's world, which the id is drawn from.
        pair: its keys; without a private half where it brings a public key of its own.
        taken: how many pairs the world had taken when this one was chosen; another taken meanwhile is a conflict.
        counter: the name of that count.
        moment: now, and the ids.

    Source: reference application §2 (A, B), §6; design §3 for the id and the pair.
    """
    made = Application(
        id=moment.uuid(Use.APPLICATION),
        application_id=wire_id(world, moment),
        account=account.id,
        public_key=pair.public,
        private_key=pair.private,
        name=said.name,
        capabilities=said.capabilities,
        improve_ai=said.improve_ai,
        v1_type=said.v1_type,
    )
    took = () if said.public_key else (Add(counter, 1, floor=taken + 1, ceiling=taken + 1),)
    claim = Claim(_claimed(made), made.id, server_wide=True)
    return Outcome(Change(put=(made,), counters=took, claims=(claim,)), made)


def wire_id(world: str, moment: Moment) -> str:
    """The id of an application that is made in a moment: drawn from the seed and the world's name. Source: design §3.

    Two worlds of one seed never draw the same, so that both can be on one server.
    """
    own = replace(moment, seed=draw(moment.seed, world, "application"))
    return own.uuid(Use.APPLICATION)


def find(application_id: str, found: Sequence[Application], account: Account) -> Application:
    """The account's application of an id, among those of the world that have it.

    Raises:
        Refusal: NOT_FOUND, for an id that is unknown or another account's, or none at all.

    Source: reference application §4.7 (B).
    """
    for each in found:
        if each.application_id == application_id and each.account == account.id:
            return each
    raise Refusal(ApplicationRefusal.NOT_FOUND, id=application_id)


def update(said: Said, application: Application) -> Outcome[Application]:
    """Replace what an application is; its id and its numbers stay, and its key unless another one is given.

    A request of the first version touches the name and the webhooks of its product only. An application that was made
    by the first version keeps its product.

    Raises:
        Refusal: INVALID, when a request of the first version names another product; nothing changes.

    Source: reference application §2, §4.4, §7 (B, D).
    Doubt: whether a key that is not named is kept; libraries leave it out and go on working.
    """
    if said.v1_type and application.v1_type not in ("", said.v1_type):
        raise Refusal(ApplicationRefusal.INVALID, problems=(Problem("type", NOT_CHANGED),))
    after = replace(application, name=said.name)
    if said.v1_type:
        after = replace(after, capabilities=_merged(application.capabilities, said))
    else:
        after = replace(after, capabilities=said.capabilities, improve_ai=said.improve_ai)
    if said.public_key and said.public_key != application.public_key:
        after = replace(after, public_key=said.public_key, private_key="")
    return Outcome(Change(put=(after,)), after)


def delete(application: Application, numbers: Sequence[Number]) -> Outcome[None]:
    """Remove an application: its tokens are worth nothing from now on, and its numbers are linked to nothing.

    Args:
        application: the one.
        numbers: those that are linked to it.

    Source: reference application §4.5 (D).
    """
    unlinked = tuple(replace(number, application="") for number in numbers)
    freed = Free(_claimed(application), application.id, server_wide=True)
    return Outcome(Change(put=unlinked, drop=(application,), claims=(freed,)), None)


def page(asked: Asked, found: Sequence[Application]) -> Listed:
    """One page of an account's applications, in the order of their making; beyond the last it is empty.

    Source: reference application §3.3, §4.6 (D for order and end).
    Doubt: without any application there is one page, or a library would ask for a second.
    """
    first = (asked.number - 1) * asked.size
    pages = max(1, -(-len(found) // asked.size))
    return Listed(tuple(found[first : first + asked.size]), asked, len(found), pages)


def _claimed(application: Application) -> str:
    return f"application/{application.application_id}"


def _merged(had: Mapping[str, Any], said: Said) -> Mapping[str, Any]:
    """The capabilities with the two webhooks of a product replaced; their time-outs go with a webhook that goes."""
    product = said.v1_type
    new = said.capabilities[product]
    words = dict(had.get(product, {}))
    for hook in V1_HOOKS[product]:
        words.pop(hook, None)
        words.pop(word(hook, "method"), None)
        if hook not in new and CAPABILITIES[product].hooks[hook].connect is not None:
            words.pop(word(hook, "connect_timeout"), None)
            words.pop(word(hook, "socket_timeout"), None)
    return {**had, product: {**words, **new}}
