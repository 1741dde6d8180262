"""Making worlds: credentials drawn or replaced, keys taken from the pool, everything stored as one step."""

from __future__ import annotations

import re
import secrets
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from msgspec import UNSET, Struct
from msgspec.structs import replace

from fake_nexmo.core import clock as clocks
from fake_nexmo.core.change import Add, Change, Claim, Conflict, Set
from fake_nexmo.core.instant import parse_instant
from fake_nexmo.core.moment import draw
from fake_nexmo.core.records import Account, Application, Clock, Number, Secret, World
from fake_nexmo.core.settings import check
from fake_nexmo.keys.pool import TAKEN, key_pair
from fake_nexmo.scenario import facts as words
from fake_nexmo.scenario.errors import CredentialTaken, ScenarioError
from fake_nexmo.scenario.model import AccountFacts, ApplicationFacts, WorldFacts
from fake_nexmo.scenario.stock import default_world, stock, whole_world
from fake_nexmo.store.protocol import Store, View, Wall

if TYPE_CHECKING:
    # A server without a scenario starts without these.
    from fake_nexmo.scenario.document import Document
    from fake_nexmo.scenario.vocabulary import Vocabulary

DEFAULT = "default"
SEED_MAX = 2**63 - 1
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_LETTERS = "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_TRIES_MAX = 100


class Made(Struct, frozen=True):
    """A world that was made: its name, seed, what it holds, and the credentials that had to be replaced."""

    world: str
    seed: int
    accounts: tuple[Account, ...]
    applications: tuple[Application, ...]
    replaced: tuple[str, ...]


class Plan(Struct, frozen=True):
    """What a world is made from.

    Attributes:
        name: empty: a random one.
        seed: None: a random one.
        clock: its mode.
        start: the instant its clock starts at; None: see `core.clock.make`.
        facts: its accounts, applications and numbers; None: those of the scenario, or of the default world.
        scenario: what else it holds; None: nothing.
        vocabulary: what the scenario's phones and faults may name; goes with it.
        keep: refuse instead of replacing a spelled-out credential that another world has.
    """

    name: str = ""
    seed: int | None = None
    clock: str = "real"
    start: int | None = None
    facts: WorldFacts | None = None
    scenario: Document | None = None
    vocabulary: Vocabulary | None = None
    keep: bool = False
    drop_after_idle: int = 0


async def make_world(store: Store, wall: Wall, plan: Plan) -> Made:
    """Make a world.

    Raises:
        NameTaken: a live world has the name.
        CredentialTaken: a spelled-out credential is another world's, and ``keep`` is asked for.
        ScenarioError, ValueError: a fact that cannot be.
    """
    if plan.name and not _NAME.fullmatch(plan.name):
        raise ScenarioError(
            "name", f"{plan.name!r} cannot name a world; take up to 64 letters, digits, dots, dashes and underscores"
        )
    name = plan.name or f"world-{secrets.token_hex(4)}"
    seed = secrets.randbelow(10**9) if plan.seed is None else plan.seed
    return await _make(store, wall, plan, name, seed, store.create_world)


async def remake_world(store: Store, wall: Wall, plan: Plan) -> Made:
    """Make a world anew under its own name, as one step: what it held is gone, with its log and what was pending.

    Raises:
        NoSuchWorld: no live world has the name.
        CredentialTaken: a spelled-out credential is another world's, and ``keep`` is asked for.
        ScenarioError, ValueError: a fact that cannot be; nothing was changed.
    """
    old = (await store.peek(plan.name)).world
    seed = old.seed if plan.seed is None else plan.seed
    return await _make(store, wall, plan, plan.name, seed, store.remake_world, own=plan.name)


def plan_of(
    document: Document,
    vocabulary: Vocabulary,
    *,
    name: str = "",
    seed: int | None = None,
    clock: str | None = None,
    start: int | None = None,
    usual: str = "real",
    keep: bool = False,
    drop_after_idle: int = 0,
) -> Plan:
    """The plan of a world that a scenario spells.

    Args:
        document: the scenario.
        vocabulary: the names it may use.
        name: empty: a random one.
        seed: wins over the scenario's.
        clock: the mode of its clock, and ``start`` the instant it starts at; they win over the scenario's.
        start: see ``clock``.
        usual: the clock's mode where nobody says it.
        keep: see `Plan`.
        drop_after_idle: see `Plan`.
    """
    said = document.clock
    begins = said.start if said is not None else None
    return Plan(
        name=name,
        seed=document.seed if seed is None else seed,
        clock=clock or (said.mode if said is not None else None) or usual,
        start=parse_instant(begins) if start is None and begins is not None else start,
        scenario=document,
        vocabulary=vocabulary,
        keep=keep,
        drop_after_idle=drop_after_idle,
    )


async def fork_world(store: Store, wall: Wall, source: str, name: str, snapshot: str) -> Made:
    """Make a world from another one, or from a snapshot of it: new credentials, same key pairs, same clock.

    Raises:
        NameTaken, NoSuchWorld, NoSuchSnapshot: see the store.
    """
    if name and not _NAME.fullmatch(name):
        raise ScenarioError("name", f"{name!r} cannot name a world")
    name = name or f"world-{secrets.token_hex(4)}"
    for _ in range(_TRIES_MAX):
        view = await store.snapshot_view(source, snapshot)
        old = await view.get(World, "world")
        assert old is not None, "every world has its facts"
        maker = Maker(store, name, old.seed, keep=False)
        change = await maker.again(view)
        facts = replace(old, name=name, made_at=wall(), version=0)
        try:
            await store.fork(source, snapshot, facts, change)
        except Conflict:
            continue
        return Made(name, old.seed, tuple(maker.accounts), tuple(maker.applications), ())
    raise AssertionError("credentials were taken by others again and again while a world was forked")


_Store = Callable[[World, Clock, Change], Awaitable[None]]


async def _make(store: Store, wall: Wall, plan: Plan, name: str, seed: int, put: _Store, own: str = "") -> Made:
    """Build a world and have it stored; what the world ``own`` holds counts as free."""
    if not 0 <= seed <= SEED_MAX:
        raise ScenarioError("seed", f"{seed} is no seed; take a whole number from 0 to {SEED_MAX}")
    given = _facts(plan, name)
    for setting, value in given.settings.items():
        _settle(setting, value)
    clock = clocks.make(plan.clock, wall(), plan.start)
    now = clocks.now(clock, wall())
    usual = stock()
    facts = World(
        name=name,
        seed=seed,
        made_at=wall(),
        settings=given.settings,
        characters=usual.characters,
        magic=usual.magic,
        drop_after_idle=plan.drop_after_idle,
    )
    facts, cast = _with_cast(plan, facts, now)
    for _ in range(_TRIES_MAX):
        maker = Maker(store, name, seed, keep=plan.keep, own=own)
        change = await maker.build(given, now) + cast
        try:
            await put(facts, clock, change)
        except Conflict:
            continue
        return Made(name, seed, tuple(maker.accounts), tuple(maker.applications), tuple(maker.replaced))
    raise AssertionError("credentials were taken by others again and again while a world was made")


async def held(view: View) -> tuple[tuple[Account, ...], tuple[Application, ...], tuple[Number, ...]]:
    """What a world holds of accounts, applications and numbers, in the order of their making.

    An account without a key is none: an edit of the scenario removed it.
    """
    most = 1 << 30
    return (
        tuple(each for each in await view.find(Account, "", limit=most) if each.api_key),
        tuple(await view.find(Application, "", limit=most)),
        tuple(await view.find(Number, "", limit=most)),
    )


class Maker:
    """Collects the change that makes a world.

    What the world ``own`` holds counts as free: it is about to be given back.
    """

    def __init__(self, store: Store, name: str, seed: int, *, keep: bool, own: str = "") -> None:
        self.store = store
        self.name = name
        self.seed = seed
        self.keep = keep
        self.own = own
        self.accounts: list[Account] = []
        self.applications: list[Application] = []
        self.replaced: list[str] = []
        self._pairs = 0
        self._put: list[Any] = []
        self._steps: list[Add | Set] = []
        self._claims: list[Claim] = []

    async def build(self, facts: WorldFacts, now: int) -> Change:
        """The change that makes the whole world."""
        for name, account in facts.accounts.items():
            with _at(f"accounts.{name}"):
                await self._account(name, account, now)
        for name, application in facts.applications.items():
            words.known(application.account, facts.accounts, f"applications.{name}.account", "account")
            await self._application(name, application)
        self._steps.append(Set(TAKEN, len(self.applications)))
        for msisdn, number in facts.numbers.items():
            words.known(number.account, facts.accounts, f"numbers.{msisdn}.account", "account")
            if number.application:
                words.known(number.application, facts.applications, f"numbers.{msisdn}.application", "application")
            with _at(f"numbers.{msisdn}"):
                owned = words.to_number(msisdn, number)
            self._put.append(owned)
            self._claims.append(Claim(f"number/{owned.id}", number.account))
        return self._change()

    async def add(self, facts: WorldFacts, now: int, pairs: int) -> Change:
        """The change that gives a live world more accounts and applications; it has taken so many key pairs before."""
        self._pairs = pairs
        for name, account in facts.accounts.items():
            await self._account(name, account, now)
        for name, application in facts.applications.items():
            await self._application(name, application)
        if facts.applications:
            self._steps.append(Add(TAKEN, len(facts.applications)))
        return self._change()

    async def again(self, view: View) -> Change:
        """The change that gives a copied world credentials of its own."""
        accounts, applications, _ = await held(view)
        for account in accounts:
            key = await self._draw_key(account.id)
            values = tuple(
                replace(secret, value=self._draw_secret(f"secret/{account.id}/{k}"))
                for k, secret in enumerate(account.secrets)
            )
            self._keep_account(replace(account, api_key=key, secrets=values))
        for application in applications:
            self._keep_application(replace(application, application_id=await self._draw_application_id(application.id)))
        return self._change()

    def _change(self) -> Change:
        return Change(put=tuple(self._put), counters=tuple(self._steps), claims=tuple(self._claims))

    async def _account(self, name: str, facts: AccountFacts, now: int) -> None:
        key = "" if facts.api_key is UNSET else facts.api_key
        if key and await self._taken(f"key/{key}"):
            self._replace(key, f"accounts.{name}.api_key")
            key = ""
        key = key or await self._draw_key(name)
        values = words.secret_values(facts) or [self._draw_secret(f"secret/{name}/0")]
        kept = tuple(
            Secret(_uuid(draw(self.seed, self.name, f"secret id/{name}", k)), value, now)
            for k, value in enumerate(values)
        )
        signature = facts.signature
        signing = signature.secret if signature is not UNSET and signature.secret else ""
        signing = signing or self._draw_secret(f"signature/{name}", 40)
        account, balance = words.to_account(name, facts, key, kept, signing)
        self._keep_account(account)
        self._steps.append(Set(account.balance, balance))

    async def _application(self, name: str, facts: ApplicationFacts) -> None:
        given = "" if facts.id is UNSET else facts.id
        if given and await self._taken(f"application/{given}"):
            self._replace(given, f"applications.{name}.id")
            given = ""
        given = given or await self._draw_application_id(name)
        if facts.public_key is not UNSET:
            words.check_public(facts.public_key, f"applications.{name}.public_key")
            made = words.to_application(name, facts, given, facts.public_key, "")
        else:
            pair = key_pair(self.seed, self._pairs + len(self.applications))
            made = words.to_application(name, facts, given, pair.public, pair.private)
        self._keep_application(made)

    def _keep_account(self, account: Account) -> None:
        self.accounts.append(account)
        self._put.append(account)
        self._claims.append(Claim(f"key/{account.api_key}", account.id, server_wide=True))

    def _keep_application(self, application: Application) -> None:
        self.applications.append(application)
        self._put.append(application)
        self._claims.append(Claim(f"application/{application.application_id}", application.id, server_wide=True))

    def _replace(self, credential: str, path: str) -> None:
        if self.keep:
            raise CredentialTaken(path, f"{credential!r} belongs to another world that is live")
        self.replaced.append(credential)

    async def _taken(self, name: str) -> bool:
        return any(claim.name == name for claim in self._claims) or await self.taken_elsewhere(name)

    async def taken_elsewhere(self, name: str) -> bool:
        """Whether a credential is another world's."""
        tenant = await self.store.tenant(name)
        return tenant is not None and tenant.world != self.own

    async def _draw_key(self, account: str) -> str:
        return await self._draw_free("key", lambda k: f"{draw(self.seed, self.name, f'key/{account}', k):032x}"[:8])

    async def _draw_application_id(self, name: str) -> str:
        return await self._draw_free(
            "application", lambda k: _uuid(draw(self.seed, self.name, f"application/{name}", k))
        )

    async def _draw_free(self, kind: str, make: Callable[[int], str]) -> str:
        k = 0
        while await self._taken(f"{kind}/{make(k)}"):
            k += 1
        return make(k)

    def _draw_secret(self, purpose: str, length: int = 16) -> str:
        """Letters and digits with at least one of each sort, as the service asks of secrets.

        Source: reference auth §2: 8 to 25 characters with upper case, lower case and a digit.
        """
        number = draw(self.seed, self.name, purpose) << 128 | draw(self.seed, self.name, purpose, 1)
        letters = []
        for _ in range(length - 3):
            number, at = divmod(number, len(_LETTERS))
            letters.append(_LETTERS[at])
        return "".join(letters) + "aA7"


def _uuid(number: int) -> str:
    """A UUID of version 4 in form, made of a number's lower 122 bits."""
    digits = f"{number & ((1 << 128) - 1):032x}"
    variant = "89ab"[int(digits[16], 16) & 3]
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"


def _facts(plan: Plan, name: str) -> WorldFacts:
    """What a plan says of accounts, applications, numbers and settings."""
    if plan.scenario is not None and plan.facts is None:
        return whole_world(plan.scenario.world, spelled_out=name == DEFAULT)
    return plan.facts or default_world(spelled_out=name == DEFAULT)


def _with_cast(plan: Plan, world: World, now: int) -> tuple[World, Change]:
    """A world's facts with the crowds and faults of its scenario, and the change that puts its phones there."""
    if plan.scenario is None:
        return world, Change()
    from fake_nexmo.scenario.cast import populate

    assert plan.vocabulary is not None, "a scenario goes with the names it may use"
    return populate(plan.scenario, plan.vocabulary, world, now)


def _settle(setting: str, value: object) -> None:
    try:
        check(setting, value)
    except ValueError as error:
        raise ScenarioError(f"settings.{setting}", str(error)) from None


@contextmanager
def _at(path: str) -> Iterator[None]:
    """Says where in the facts a step went wrong."""
    try:
        yield
    except CredentialTaken:
        raise
    except ScenarioError as error:
        raise ScenarioError(f"{path}.{error.path}" if error.path else path, error.what) from None
