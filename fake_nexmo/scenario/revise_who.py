"""What an edit changes of accounts, applications and numbers. Pure; see `revise`."""

from __future__ import annotations

from msgspec import UNSET
from msgspec.structs import replace

from fake_nexmo.core.change import Add, Claim, Free, Set
from fake_nexmo.core.moment import Use
from fake_nexmo.core.records import Account, Application, Number
from fake_nexmo.keys.pool import TAKEN
from fake_nexmo.scenario import facts as words
from fake_nexmo.scenario.edit import Edit, overlay
from fake_nexmo.scenario.model import AccountFacts, ApplicationFacts, NumberFacts


class Who:
    """Goes through who there is, and collects what an edit changes of them."""

    def __init__(self, edit: Edit) -> None:
        self.edit = edit
        self._secrets = 0

    def accounts(self) -> None:
        """Accounts: those that are removed lose their keys, for their messages are theirs for ever."""
        found = self.edit.told("world.accounts", self.edit.old.accounts, self.edit.new.accounts)
        for name in found.added:
            # One that an edit removed is there, without a key.
            self.edit.put(self.edit.of_made(Account, name, self.edit.live.accounts))
        for name in found.changed:
            self._account(self.edit.live.accounts[name], self.edit.old.accounts[name], self.edit.new.accounts[name])
        for name in found.removed:
            self._close(self.edit.live.accounts[name])

    def _account(self, was: Account, old: AccountFacts, new: AccountFacts) -> None:
        live = words.account_facts(was, max(self.edit.live.balances[was.id], 0))
        facts = overlay(live, _spelled(old), _spelled(new))
        key = self._credential("key", was.id, was.api_key, facts.api_key)
        signing = "" if facts.signature is UNSET else facts.signature.secret
        account, balance = words.to_account(was.id, facts, key, was.secrets, signing or was.signature_secret)
        values = words.secret_values(facts) or [each.value for each in was.secrets]
        ids = [self.edit.moment.uuid(Use.SECRET, self._secrets + k) for k in range(len(values))]
        self._secrets += len(values)
        account = replace(account, version=was.version, rest_enabled=was.rest_enabled)
        self.edit.put(words.with_secrets(account, values, ids, self.edit.moment.now))
        if old.balance != new.balance:
            self.edit.steps.append(Set(account.balance, balance))

    def _close(self, was: Account) -> None:
        """Take an account's key away, and what it has: nobody can be it any more, but what it began goes on."""
        self.edit.frees.append(Free(f"key/{was.api_key}", was.id, server_wide=True))
        self.edit.put(replace(was, api_key=""))
        for application in self.edit.live.applications.values():
            if application.account == was.id and application.id not in self.edit.new.applications:
                self._remove_application(application)
        for number in self.edit.live.numbers.values():
            if number.account == was.id and number.id not in self.edit.new.numbers:
                self._remove_number(number)

    def applications(self) -> None:
        """Applications: those that are removed are, as by the API, linked to nothing."""
        found = self.edit.told("world.applications", self.edit.old.applications, self.edit.new.applications)
        for name in (*found.added, *found.changed):
            was = self.edit.live.applications.get(name)
            if was is None or name in found.added:
                if was is not None:
                    self.edit.frees.append(_freed(was))
                self.edit.put(self.edit.of_made(Application, name, self.edit.live.applications))
            else:
                self._application(was, self.edit.old.applications[name], self.edit.new.applications[name])
        for name in found.removed:
            if name in self.edit.live.applications:
                self._remove_application(self.edit.live.applications[name])

    def _application(self, was: Application, old: ApplicationFacts, new: ApplicationFacts) -> None:
        facts = overlay(words.application_facts(was), old, new)
        public, private = was.public_key, was.private_key
        if new.public_key is not UNSET and new.public_key != old.public_key:
            public, private = new.public_key, ""
        elif new.public_key is UNSET and old.public_key is not UNSET:
            pair = self.edit.draw_pair()
            public, private = pair.public, pair.private
            self.edit.steps.append(Add(TAKEN, 1))
        its_id = self._credential("application", was.id, was.application_id, facts.id)
        self.edit.put(replace(words.to_application(was.id, facts, its_id, public, private), version=was.version))

    def _remove_application(self, was: Application) -> None:
        """As by the API: its numbers are linked to nothing."""
        if (Application, was.id) in self.edit.drop:
            return
        self.edit.drop[Application, was.id] = was
        self.edit.frees.append(_freed(was))
        for number in self.edit.live.numbers.values():
            if number.application == was.id:
                self.edit.put(replace(number, application=""))

    def _credential(self, kind: str, holder: str, was: str, said: object) -> str:
        """The key or id that something has from now on: as the edit says, unless another world has that."""
        if not isinstance(said, str) or said == was:
            return was
        if f"{kind}/{said}" in self.edit.taken:
            self.edit.kept.append(said)
            return was
        self.edit.frees.append(Free(f"{kind}/{was}", holder, server_wide=True))
        self.edit.claims.append(Claim(f"{kind}/{said}", holder, server_wide=True))
        return said

    def numbers(self) -> None:
        """Owned numbers."""
        found = self.edit.told("world.numbers", self.edit.old.numbers, self.edit.new.numbers)
        for msisdn in (*found.added, *found.changed):
            # Its application may have gone by this very edit.
            was = self.edit.records.get((Number, msisdn)) or self.edit.live.numbers.get(msisdn)
            old = self.edit.old.numbers.get(msisdn)
            if was is None:
                self.edit.put(words.to_number(msisdn, self.edit.new.numbers[msisdn]))
                self.edit.claims.append(Claim(f"number/{msisdn}", self.edit.new.numbers[msisdn].account))
            else:
                assert isinstance(was, Number), "it is one"
                self._number(was, old, self.edit.new.numbers[msisdn])
        for msisdn in found.removed:
            if msisdn in self.edit.live.numbers:
                self._remove_number(self.edit.live.numbers[msisdn])

    def _number(self, was: Number, old: NumberFacts | None, new: NumberFacts) -> None:
        facts = new if old is None else overlay(words.number_facts(was), old, new)
        made = words.to_number(was.id, facts)
        self.edit.put(
            replace(made, version=was.version, smpp_system_type=was.smpp_system_type, renews_at=was.renews_at)
        )
        if made.account != was.account:
            self.edit.frees.append(Free(f"number/{was.id}", was.account))
            self.edit.claims.append(Claim(f"number/{was.id}", made.account))

    def _remove_number(self, was: Number) -> None:
        self.edit.records.pop((Number, was.id), None)
        if (Number, was.id) not in self.edit.drop:
            self.edit.drop[Number, was.id] = was
            self.edit.frees.append(Free(f"number/{was.id}", was.account))


def _spelled(facts: AccountFacts) -> AccountFacts:
    """The same facts, with one of the two spellings of secrets."""
    return replace(facts, api_secret=UNSET, api_secrets=words.secret_values(facts) or UNSET)


def _freed(was: Application) -> Free:
    return Free(f"application/{was.application_id}", was.id, server_wide=True)
