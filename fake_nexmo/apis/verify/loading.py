"""What attempts and timers of the Verify API load before a rule decides."""

from __future__ import annotations

from fake_nexmo.apis.verify.model import Party
from fake_nexmo.core.moment import Moment
from fake_nexmo.core.records import Account, Handset, Number, SeenCode, World
from fake_nexmo.handsets import people
from fake_nexmo.handsets.characters import person
from fake_nexmo.store.protocol import View


async def load_account(view: View, account_id: str) -> Account:
    """The account of that id."""
    account = await view.get(Account, account_id)
    assert account is not None, "accounts are never dropped while their world lives"
    return account


async def load_party(view: View, world: World, account: Account, number: str, moment: Moment) -> Party:
    """Whom an event concerns: the phone behind the number, the balance, and what the phone saw last."""
    phone = person(number, await view.get(Handset, number), world, moment)
    if not people.is_ordinary(phone) and await view.get(Number, number) is not None:
        # An owned number is never a person. An ordinary one takes a code as an owned number does.
        phone = Handset(id=number)
    balance = await view.counter(account.balance)
    return Party(account, phone, balance, await view.get(SeenCode, number), world.networks)
