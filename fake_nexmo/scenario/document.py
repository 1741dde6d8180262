"""A scenario as one typed model: what stands behind YAML, TOML, JSON and programs.

Accounts, applications, numbers and networks are in `model`, handsets in `people`, faults in `faults`.

Source: scenario format, "The sections".
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec
from msgspec import UNSET, Struct, UnsetType

from fake_nexmo.scenario.characters import MagicFacts
from fake_nexmo.scenario.faults import FaultFacts
from fake_nexmo.scenario.model import WorldFacts
from fake_nexmo.scenario.people import Duration, HandsetFacts

Said = str | UnsetType
Verdict = Literal["fail", "warn", "ignore"]


class ClockFacts(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """The world's clock: the instant it starts at, and how it moves."""

    start: str | None = None
    mode: str | None = None


# What people do, step by step. The steps of on_sms are in `people`.


class Pause(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """How long it takes until a step is done."""

    after: Duration | UnsetType = UNSET


class CallStep(Struct, forbid_unknown_fields=True, omit_defaults=True, rename={"else_": "else"}):
    """One thing that a person does in a call; each may wait for words, and say what is done when they do not come.

    Attributes:
        press: digits, or letters A to D, star and hash.
        within: how long ``when_heard`` is waited for, and ``else`` what is done when it is not heard.
    """

    answer: Pause | UnsetType = UNSET
    reject: Pause | UnsetType = UNSET
    press: Said = UNSET
    say: Said = UNSET
    hang_up: Pause | UnsetType = UNSET
    wait: Duration | UnsetType = UNSET
    after: Duration | UnsetType = UNSET
    when_heard: Said = UNSET
    within: Duration | UnsetType = UNSET
    else_: Literal["hang_up", "reject"] | UnsetType = UNSET


CALL_ACTS = ("answer", "reject", "press", "say", "hang_up", "wait")


class Machine(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """An answering machine."""

    greeting: Said = UNSET
    beep_after: Duration | UnsetType = UNSET


class CodeStep(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A code that a person types: the form it goes into, when, and whether a wrong one is typed in its place."""

    submit: dict[str, Any]
    after: Duration | UnsetType = UNSET
    wrong: bool | UnsetType = UNSET


# What happens by itself.


class Text(Struct, forbid_unknown_fields=True):
    """An SMS that a person sends."""

    to: str
    text: str = ""


class Dialled(Struct, forbid_unknown_fields=True):
    """A call that a person makes."""

    to: str


class AccountChange(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """What is set of an account."""

    balance: Said = UNSET
    suspended: bool | UnsetType = UNSET


class TimelineStep(Struct, forbid_unknown_fields=True, omit_defaults=True, rename={"from_": "from"}):
    """One act, at an instant or when something happens.

    Attributes:
        at: from the start; with a plus, from the step before.
        when: the name of an event; ``to``, ``from`` and ``about`` say which, ``after`` delays the act.
        handset: who acts; or ``account`` whose facts are set, or ``fault`` that is armed or disarmed.
        do: an act without arguments.
    """

    at: Said = UNSET
    when: Said = UNSET
    to: Said = UNSET
    from_: Said = UNSET
    about: Said = UNSET
    after: Duration | UnsetType = UNSET
    handset: Said = UNSET
    account: Said = UNSET
    fault: Said = UNSET
    do: Literal["answer", "reject", "hang_up", "power_off", "power_on", "arm", "disarm"] | UnsetType = UNSET
    send_sms: Text | UnsetType = UNSET
    call: Dialled | UnsetType = UNSET
    press: Said = UNSET
    say: Said = UNSET
    roam: Said = UNSET
    port_to: Said = UNSET
    set: AccountChange | UnsetType = UNSET
    note: Said = UNSET


HANDSET_ACTS = ("send_sms", "call", "press", "say", "roam", "port_to")
HANDSET_DOES = ("answer", "reject", "hang_up", "power_off", "power_on")
FAULT_DOES = ("arm", "disarm")


# What is expected of the app.


class MessageMatch(Struct, forbid_unknown_fields=True, omit_defaults=True, rename={"from_": "from"}):
    """A message, by what it shows in the world's messages."""

    direction: Literal["outbound", "inbound"] | UnsetType = UNSET
    account: Said = UNSET
    from_: Said = UNSET
    to: Said = UNSET
    type: Said = UNSET
    text: Said = UNSET
    status: Said = UNSET


class CallMatch(Struct, forbid_unknown_fields=True, omit_defaults=True, rename={"from_": "from"}):
    """A call, by what it shows in the world's calls.

    Attributes:
        ended: the status it ended with.
        heard: patterns of what was said on it, in their order.
    """

    direction: Literal["outbound", "inbound"] | UnsetType = UNSET
    from_: Said = UNSET
    to: Said = UNSET
    ended: Said = UNSET
    heard: list[str] | UnsetType = UNSET
    lasted: Said = UNSET


class VerificationMatch(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A verification, by what it shows in the world's verifications."""

    account: Said = UNSET
    number: Said = UNSET
    brand: Said = UNSET
    phase: Said = UNSET
    checks: Said = UNSET


class WebhookMatch(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A webhook; ``about`` is what an earlier expectation found, by its name."""

    kind: Said = UNSET
    about: Said = UNSET
    url: Said = UNSET
    state: Literal["pending", "delivered", "given_up", "refused"] | UnsetType = UNSET
    answered: Said = UNSET
    attempts: Said = UNSET


class RequestMatch(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A request that reached an API."""

    operation: Said = UNSET
    account: Said = UNSET
    method: Said = UNSET
    path: Said = UNSET
    status: int | UnsetType = UNSET
    fault: Said = UNSET


class Spent(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """What an account has spent since the start."""

    account: str
    at_most: Said = UNSET
    at_least: Said = UNSET


class Never(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """What must not happen."""

    message: MessageMatch | UnsetType = UNSET
    call: CallMatch | UnsetType = UNSET
    verification: VerificationMatch | UnsetType = UNSET
    webhook: WebhookMatch | UnsetType = UNSET
    request: RequestMatch | UnsetType = UNSET


class Expectation(Struct, forbid_unknown_fields=True, omit_defaults=True, rename={"as_": "as"}):
    """One thing that is expected; what it finds may be named by ``as``.

    Attributes:
        order: names of what was found, in the order in which it must have happened; ``NAME.KIND`` is the first
            webhook of that kind about it.
        before: from the start, and ``after`` too.
    """

    message: MessageMatch | UnsetType = UNSET
    call: CallMatch | UnsetType = UNSET
    verification: VerificationMatch | UnsetType = UNSET
    webhook: WebhookMatch | UnsetType = UNSET
    request: RequestMatch | UnsetType = UNSET
    spent: Spent | UnsetType = UNSET
    never: Never | UnsetType = UNSET
    order: list[str] | UnsetType = UNSET
    count: Said = UNSET
    before: Duration | UnsetType = UNSET
    after: Duration | UnsetType = UNSET
    as_: Said = UNSET


MATCHES = ("message", "call", "verification", "webhook", "request")
CLAIMS = (*MATCHES, "spent", "never", "order")


class Strict(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """What is made of things that nobody expected; what is not said is as ever."""

    unexpected_message: Verdict | UnsetType = UNSET
    unused_fault: Verdict | UnsetType = UNSET
    failed_webhook: Verdict | UnsetType = UNSET
    lost_request: Verdict | UnsetType = UNSET
    unknown_number: Verdict | UnsetType = UNSET


class Document(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A scenario: a world, its people, its weather, what happens by itself and what is expected.

    Attributes:
        scenario: its name.
        seed: ids, codes and dice all come from it.
        vars: variables with the values that their placeholders were filled with.
        characters: how kinds of people behave, in the keys of a handset; over those of the package.
        ends: from the start: when expectations are finally judged.
    """

    version: Literal[1] = 1
    scenario: str = ""
    seed: int | None = None
    clock: ClockFacts | None = None
    vars: dict[str, str] = {}
    world: WorldFacts = msgspec.field(default_factory=WorldFacts)
    characters: dict[str, HandsetFacts] = {}
    magic: MagicFacts = msgspec.field(default_factory=MagicFacts)
    handsets: dict[str, HandsetFacts] = {}
    faults: dict[str, FaultFacts] = {}
    timeline: list[TimelineStep] = []
    expect: list[Expectation] = []
    ends: Duration | None = None
    strict: Strict = msgspec.field(default_factory=Strict)
