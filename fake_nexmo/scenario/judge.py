"""What cannot be though every word of it fits: names that nobody declared, facts that contradict, rules never reached.

The converters that make records are asked for each account, phone and fault, so that a file is refused where its world
would be; what is said here besides concerns several of them at once.

Source: scenario format, "Refused at load".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from msgspec import UNSET

from fake_nexmo.core.instant import parse_duration, parse_instant
from fake_nexmo.core.records import Crowd, Fault, SmsStep
from fake_nexmo.numbering.tables import tables
from fake_nexmo.scenario import facts as words
from fake_nexmo.scenario.call_steps import call_flaws
from fake_nexmo.scenario.characters import magic_flaws, to_character
from fake_nexmo.scenario.document import Document
from fake_nexmo.scenario.errors import ScenarioError
from fake_nexmo.scenario.faults import Names, to_fault
from fake_nexmo.scenario.flaws import Flaws
from fake_nexmo.scenario.judge_plot import judge_plot
from fake_nexmo.scenario.model import WorldFacts
from fake_nexmo.scenario.nodes import find
from fake_nexmo.scenario.people import HandsetFacts, RoamingFacts, to_crowd, to_handset
from fake_nexmo.scenario.shadows import shadow
from fake_nexmo.scenario.stock import stock, whole_world
from fake_nexmo.scenario.vocabulary import Vocabulary
from fake_nexmo.scenario.worlds import SEED_MAX


def judge(document: Document, vocabulary: Vocabulary, flaws: Flaws) -> None:
    """Note everything in a document that cannot be."""
    world = whole_world(document.world, spelled_out=False)
    if document.seed is not None and not 0 <= document.seed <= SEED_MAX:
        flaws.add(("seed",), f"{document.seed} is no seed; take a whole number from 0 to {SEED_MAX}")
    _judge_accounts(world, flaws)
    _judge_applications(world, flaws)
    _judge_numbers(world, flaws)
    _judge_networks(world, flaws)
    _judge_characters(document, world, vocabulary, flaws)
    _judge_handsets(document, world, vocabulary, flaws)
    _judge_faults(document, world, vocabulary, flaws)
    judge_plot(document, world, vocabulary, flaws)


def number_of(name: str, facts: HandsetFacts) -> str:
    """The number of a declared phone: as it says, else its name, where that is one.

    Doubt: that a phone may be declared under its number alone is our addition.
    """
    return facts.number.removeprefix("+") if facts.number is not UNSET else name.removeprefix("+")


def named_phones(handsets: Mapping[str, HandsetFacts]) -> dict[str, str]:
    """The numbers of the phones that are declared one by one, by name."""
    return {name: number_of(name, facts) for name, facts in handsets.items() if facts.range is UNSET}


def names_of(handsets: Mapping[str, HandsetFacts], vocabulary: Vocabulary) -> Names:
    """What the faults of a scenario may name."""
    return Names(vocabulary.operations, vocabulary.webhooks, named_phones(handsets))


def start_of(document: Document) -> int:
    """The instant that a world of the document starts at, where it says so, else the beginning of all time."""
    start = document.clock.start if document.clock is not None else None
    return 0 if start is None else parse_instant(start)


@contextmanager
def _noted(flaws: Flaws, *path: str) -> Iterator[None]:
    """Note what a converter refuses below a way."""
    try:
        yield
    except ScenarioError as error:
        flaws.add_below(path, error)


def _judge_accounts(world: WorldFacts, flaws: Flaws) -> None:
    keys: dict[str, str] = {}
    for name, facts in world.accounts.items():
        at = ("world", "accounts", name)
        with _noted(flaws, *at):
            words.secret_values(facts)
            words.to_account(name, facts, "key", (), "")
        if facts.api_key is UNSET:
            continue
        if not facts.api_key:
            flaws.add((*at, "api_key"), "an account needs a key; leave it out, and one is drawn")
        elif facts.api_key in keys:
            flaws.add((*at, "api_key"), f"account {keys[facts.api_key]!r} has the same key")
        keys[facts.api_key] = name


def _judge_applications(world: WorldFacts, flaws: Flaws) -> None:
    ids: dict[str, str] = {}
    for name, facts in world.applications.items():
        at = ("world", "applications", name)
        with _noted(flaws, *at):
            words.known(facts.account, world.accounts, "account", "account")
        with _noted(flaws, *at):
            words.to_application(name, facts, "", "", "")
        if facts.public_key is not UNSET:
            with _noted(flaws, *at):
                words.check_public(facts.public_key, "public_key")
            if facts.keys is not UNSET:
                flaws.add((*at, "keys"), "keys and public_key both say which key it has; keep one")
        if facts.id is not UNSET:
            if facts.id in ids:
                flaws.add((*at, "id"), f"application {ids[facts.id]!r} has the same id")
            ids[facts.id] = name


def _judge_numbers(world: WorldFacts, flaws: Flaws) -> None:
    for msisdn, facts in world.numbers.items():
        at = ("world", "numbers", msisdn if _stands(flaws, "world", "numbers", msisdn) else f"+{msisdn}")
        with _noted(flaws, *at):
            words.known(facts.account, world.accounts, "account", "account")
        if facts.application:
            with _noted(flaws, *at):
                words.known(facts.application, world.applications, "application", "application")
        with _noted(flaws, *at):
            words.to_number(msisdn, facts)


def _judge_networks(world: WorldFacts, flaws: Flaws) -> None:
    """A network that is not built in must say where it is; one that is cannot move."""
    for code, facts in world.networks.items():
        built_in = tables().networks.get(code)
        at = ("world", "networks", code)
        if built_in is None and (facts.country is UNSET or facts.name is UNSET):
            flaws.add(at, f"the built-in table has no network {code}, so its name and its country must be said")
        if built_in is not None and facts.country not in (UNSET, built_in.country):
            flaws.add((*at, "country"), f"{facts.country!r} contradicts the code, which belongs to {built_in.country}")


def characters_in(document: Document) -> Mapping[str, object]:
    """The characters that a scenario may name: those of the package, and its own."""
    return {**stock().characters, **document.characters}


def _judge_characters(document: Document, world: WorldFacts, vocabulary: Vocabulary, flaws: Flaws) -> None:
    below = stock().characters
    for name, facts in document.characters.items():
        at = ("characters", name)
        with _noted(flaws, *at):
            character = to_character(name, document.characters, below, vocabulary.troubles)
            if facts.on_sms is not UNSET:
                _judge_replies(character.on_sms or (), at, flaws)
        _judge_networks_of(facts, at, world, flaws)
        _judge_call(facts, at, flaws)
    for error in magic_flaws(document.magic, characters_in(document)):
        flaws.add(("magic", *error.path.split(".")), error.what)


def _judge_handsets(document: Document, world: WorldFacts, vocabulary: Vocabulary, flaws: Flaws) -> None:
    characters = characters_in(document)
    numbers: dict[str, str] = {}
    crowds: list[Crowd] = []
    for name, facts in document.handsets.items():
        at = ("handsets", name)
        if facts.range is not UNSET:
            with _noted(flaws, *at):
                crowd = to_crowd(name, facts, characters)
                over = next((each for each in crowds if each.first <= crowd.first and crowd.last <= each.last), None)
                if over is not None:
                    flaws.add((*at, "range"), f"{over.name!r} before it has all of these numbers, so it has none")
                crowds.append(crowd)
            continue
        number = number_of(name, facts)
        if facts.number is UNSET and not number.isdigit():
            flaws.add(at, "a handset needs a number, or a range of them")
            continue
        phone = None
        with _noted(flaws, *at):
            phone = to_handset(number, name, facts, vocabulary.troubles, characters)
        if number in world.numbers:
            flaws.add((*at, "number"), f"{number} is owned by an account, so nobody is behind it")
        elif number in numbers:
            flaws.add((*at, "number"), f"{number} is the number of {numbers[number]!r} too")
        numbers[number] = name
        _judge_networks_of(facts, at, world, flaws)
        _judge_call(facts, at, flaws)
        if phone is not None:
            _judge_replies(phone.on_sms or (), at, flaws)


def _judge_networks_of(facts: HandsetFacts, at: tuple[str, str], world: WorldFacts, flaws: Flaws) -> None:
    """Every network that a phone speaks of must be in the built-in table or in the world's."""
    roaming = facts.roaming.network if isinstance(facts.roaming, RoamingFacts) else ""
    said = {"network": facts.network, "original_network": facts.original_network, "roaming.network": roaming}
    for path, code in said.items():
        if not isinstance(code, str) or not code:
            continue
        wrong = unknown_network(code, world)
        if wrong:
            flaws.add((*at, *path.split(".")), wrong)


def unknown_network(code: str, world: WorldFacts) -> str:
    """What is wrong with the code of a network; empty: nothing."""
    if code in world.networks or code in tables().networks:
        return ""
    same = sorted({each for each in (*world.networks, *tables().networks) if each[:3] == code[:3]})
    hint = f"with that country code there are {', '.join(same)}" if same else "none has that country code"
    return f"no network {code} is known; {hint}; others can be declared in world.networks"


def _judge_call(facts: HandsetFacts, at: tuple[str, str], flaws: Flaws) -> None:
    """All steps of a call that cannot be; the first of them was said with the phone."""
    for error in call_flaws(() if facts.on_call is UNSET else facts.on_call)[1:]:
        flaws.add_below(at, error)


def _judge_replies(steps: Sequence[SmsStep], at: tuple[str, str], flaws: Flaws) -> None:
    """The first step that fits answers a message: one behind a step for any text is never reached."""
    seen: set[str] = set()
    for k, step in enumerate(steps):
        if "" in seen or step.if_text in seen:
            flaws.add((*at, "on_sms", k), "a step before it takes every message that it would answer")
        if not step.once:
            seen.add(step.if_text)


def _judge_faults(document: Document, world: WorldFacts, vocabulary: Vocabulary, flaws: Flaws) -> None:
    start = start_of(document)
    names = names_of(document.handsets, vocabulary)
    earlier: list[Fault] = []
    for name, facts in document.faults.items():
        at = ("faults", name)
        try:
            fault = to_fault(name, facts, names, start)
        except ScenarioError as error:
            flaws.add_below(at, error)
            continue
        if facts.name is not UNSET and facts.name != name:
            flaws.add((*at, "name"), f"its key names it already: {name!r}")
        _judge_whom(fault, at, world, flaws)
        _judge_time(fault, at, document, start, flaws)
        over = next((each for each in earlier if shadow(each, fault)), None)
        if over is not None:
            flaws.add(at, f"{over.name!r} before it acts whenever it would, so it can never act")
        earlier.append(fault)


def _judge_whom(fault: Fault, at: tuple[str, str], world: WorldFacts, flaws: Flaws) -> None:
    """The account and the network of a fault must be known."""
    keys = {facts.api_key for facts in world.accounts.values()}
    if fault.account and fault.account not in keys:
        with _noted(flaws, *at):
            words.known(fault.account, world.accounts, "account", "account")
    if fault.target.startswith("network.") and "*" not in fault.target:
        wrong = unknown_network(fault.target.removeprefix("network."), world)
        if wrong:
            flaws.add((*at, "target"), wrong)


def _judge_time(fault: Fault, at: tuple[str, str], document: Document, start: int, flaws: Flaws) -> None:
    """A fault must have some time to act in."""
    begins = start if fault.starts_at is None else fault.starts_at
    if fault.until_at is not None and fault.until_at <= begins:
        flaws.add(at, "it ends when it starts, so it can never act")
    if document.ends is not None and begins - start >= parse_duration(document.ends):
        flaws.add((*at, "starts"), f"the scenario ends at {document.ends}, so it can never act")


def _stands(flaws: Flaws, *path: str) -> bool:
    return find(flaws.root, path) is not None
