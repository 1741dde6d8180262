"""The endpoints of the Voice API.

The order of checks is: verbs that the gateway knows, the token, verbs of the path, the body, the call, its state.

Source: reference voice §1.1 (A, D).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from starlette.responses import Response

from fake_nexmo.apis.voice import body_rules, create_rules, rules, search_rules, wire
from fake_nexmo.apis.voice import flow_rules as flow
from fake_nexmo.apis.voice.ends_model import EndpointType
from fake_nexmo.apis.voice.homes import home_of
from fake_nexmo.apis.voice.model import Call as VoiceCall
from fake_nexmo.apis.voice.model import Recording, VoiceRefusal
from fake_nexmo.apis.voice.replies import answer, file_answer, word_refusal
from fake_nexmo.core.change import Add, Change, Outcome
from fake_nexmo.core.instant import SECOND
from fake_nexmo.core.legs import Leg
from fake_nexmo.core.moment import Moment
from fake_nexmo.core.records import Account, Application, Number
from fake_nexmo.core.refusal import Refusal
from fake_nexmo.store.protocol import View
from fake_nexmo.web.call import Call
from fake_nexmo.web.commit import WorldView, commit, decide
from fake_nexmo.web.params import read_params
from fake_nexmo.web.replies import Reply
from fake_nexmo.web.tokens import TokenRows, authenticate_token

# Source: reference auth §5.4, §5.6 (D): a suspended account, and what the token's rules do not allow, are 403.
_ROWS = TokenRows(bad=VoiceRefusal.UNAUTHORIZED, suspended=VoiceRefusal.FORBIDDEN, forbidden=VoiceRefusal.FORBIDDEN)
_VERBS = frozenset({"GET", "POST", "PUT", "DELETE"})
"""Those that the gateway lets through. Source: reference voice §1.1 (A)."""
_PING = "ping"
_PAGE = 1_000
_ADDRESSES = ("number", "uri", "extension", "user")

Decide = Callable[[VoiceCall, Leg, Account, Moment, rules.Manners], Outcome[None]]


async def create_call(call: Call) -> Response:
    """``POST /v1/calls``: call somebody. Beta ``/v2/calls``: 202 and no id. Source: reference voice §1, §4 (B)."""
    caller, application, given = await _open(call)
    body = body_rules.read(given)
    command = create_rules.read(body, application, event_required=_says(call, "voice_event_url") == "required")
    owned_only = _says(call, "voice_from") == "owned"
    profile, limited = str(_says(call, "profile")), bool(_says(call, "voice_rate_limits"))

    async def attempt(view: View, moment: Moment) -> Outcome[Leg]:
        numbers = await _numbers(view, command, caller, application, owned_only=owned_only)
        made, leg = create_rules.make(
            command,
            caller,
            application,
            numbers,
            moment,
            profile=profile,
            owned_only=owned_only,
            limited=limited,
            runs_on=_says(call, "voice_record_limit") == "runs_on",
            origin=_here(call),
            home=await home_of(view, command.to, moment),
        )
        return Outcome(flow.begin(made, leg, caller, moment), leg)

    leg, _ = await commit(call, attempt)
    call.about = leg.id
    if call.scope["path"].lstrip("/").startswith("v2"):
        return answer(call, 202, b"{}")
    return answer(call, 201, wire.created(leg))


async def list_calls(call: Call) -> Response:
    """``GET /v1/calls``: the application's calls, a page of them. Source: reference voice §5 (A, B, D)."""
    _, application, _ = await _open(call)
    search = search_rules.read(call.params, order=str(_says(call, "voice_order")))
    view = _view(call)
    found: list[Leg] = []
    after = 0
    while True:
        legs = await view.find(Leg, f"about/{application.id}", after, _PAGE)
        # The store lets go of calls and of legs each by themselves: one without the other is gone.
        matching = search_rules.matching(search, legs)
        found += [leg for leg in matching if await view.get(VoiceCall, leg.id) is not None]
        if len(legs) < _PAGE:
            break
        after = legs[-1].made
    page = search_rules.page(search, found, by_offset=_says(call, "voice_record_index") == "offset")
    origin = _origin(call)
    members = [wire.call(await _known(view, leg.id), leg, origin) for leg in page.legs]
    return answer(call, 200, wire.call_list(search, page, members, origin))


async def get_call(call: Call) -> Response:
    """``GET /v1/calls/{uuid}``: one call. ``ping`` is none, but whether the service is well.

    Source: reference voice §1 (A for the ping, which needs no token), §6.
    Doubt: what a ping answers besides 200.
    """
    if call.path_params["uuid"] == _PING:
        return answer(call, 200, b"{}")
    _, application, _ = await _open(call)
    view = _view(call)
    known, leg = await _find(view, call.about, application)
    return answer(call, 200, wire.one_call(wire.call(known, leg, _origin(call))))


async def modify_call(call: Call) -> Response:
    """``PUT /v1/calls/{uuid}``: hang up, mute or transfer. Source: reference voice §7 (B)."""
    caller, application, given = await _open(call)
    command = rules.read_modify(body_rules.read(given))

    def modify(known: VoiceCall, leg: Leg, account: Account, moment: Moment, manners: rules.Manners) -> Outcome[None]:
        return rules.modify(command, known, leg, account, moment, manners)

    await _decide(call, caller, application, modify)
    return answer(call, 204)


async def start_talk(call: Call) -> Response:
    """``PUT /v1/calls/{uuid}/talk``: speak a text. Source: reference voice §8.2 (B)."""
    caller, application, given = await _open(call)
    command = rules.read_say(body_rules.read(given))

    def say(known: VoiceCall, leg: Leg, _: Account, moment: Moment, manners: rules.Manners) -> Outcome[None]:
        return rules.say(command, known, leg, moment, manners)

    return _done(call, "Talk started", await _decide(call, caller, application, say))


async def stop_talk(call: Call) -> Response:
    """``DELETE /v1/calls/{uuid}/talk``: speak no more. Source: reference voice §8.2 (B, D)."""
    return _done(call, "Talk stopped", await _stop(call, "talk"))


async def start_stream(call: Call) -> Response:
    """``PUT /v1/calls/{uuid}/stream``: play a recording. Source: reference voice §8.1 (B)."""
    caller, application, given = await _open(call)
    command = rules.read_play(body_rules.read(given))

    def play(known: VoiceCall, leg: Leg, _: Account, moment: Moment, manners: rules.Manners) -> Outcome[None]:
        return rules.play(command, known, leg, moment, manners)

    return _done(call, "Stream started", await _decide(call, caller, application, play))


async def stop_stream(call: Call) -> Response:
    """``DELETE /v1/calls/{uuid}/stream``: play no more. Source: reference voice §8.1 (B, D)."""
    return _done(call, "Stream stopped", await _stop(call, "stream"))


async def send_dtmf(call: Call) -> Response:
    """``PUT /v1/calls/{uuid}/dtmf``: press keys. Source: reference voice §8.3 (B)."""
    caller, application, given = await _open(call)
    digits = rules.read_digits(body_rules.read(given))

    def press(known: VoiceCall, leg: Leg, _: Account, moment: Moment, manners: rules.Manners) -> Outcome[None]:
        return rules.send_dtmf(digits, known, leg, moment, manners)

    return _done(call, "DTMF sent", await _decide(call, caller, application, press))


async def subscribe_dtmf(call: Call) -> Response:
    """``PUT /v1/calls/{uuid}/input/dtmf``: report each key; 200, empty. Source: reference voice §8.4 (B)."""
    caller, application, given = await _open(call)
    url = rules.read_subscription(body_rules.read(given))

    def subscribe(known: VoiceCall, leg: Leg, _: Account, __: Moment, manners: rules.Manners) -> Outcome[None]:
        return rules.subscribe(url, known, leg, manners)

    await _decide(call, caller, application, subscribe)
    return answer(call, 200)


async def unsubscribe_dtmf(call: Call) -> Response:
    """``DELETE /v1/calls/{uuid}/input/dtmf``: report keys no more; 200, empty. Source: reference voice §8.4 (B)."""
    caller, application, _ = await _open(call)

    def unsubscribe(known: VoiceCall, leg: Leg, _: Account, __: Moment, manners: rules.Manners) -> Outcome[None]:
        return rules.subscribe("", known, leg, manners)

    await _decide(call, caller, application, unsubscribe)
    return answer(call, 200)


async def get_recording(call: Call) -> Response:
    """``GET /v1/files/{id}``: the file of a recording or of its text, for the application whose call it was.

    Source: reference ncco §8 (B, D), auth §6.6 (A; D for the files of others).
    Doubt: what is there longer than thirty days is gone as if it had never been.
    """
    _, application, _ = await _open(call)
    file = call.path_params.get("id") or call.params.get("id") or ""
    if not file:
        raise Refusal(VoiceRefusal.MISSING)
    view = _view(call)
    found = await view.get(Recording, file)
    leg = await view.get(Leg, found.call) if found is not None else None
    assert call.caller is not None, "a token knows the caller"
    return file_answer(call, rules.read_file(found, leg, application, call.caller.moment.now))


async def wrong_verb(call: Call) -> Reply:
    """403 before the token is looked at, for a verb that the gateway does not know; 405 after it for the others.

    Source: reference voice §1 (A for HEAD on the ping), §1.1 (A; D for the body of 403).
    """
    if call.method == "HEAD" and call.path_params.get("uuid") == _PING:
        return answer(call, 200)
    if call.method not in _VERBS:
        return word_refusal(call, Refusal(VoiceRefusal.FORBIDDEN))

    try:
        await authenticate_token(call, _ROWS, faults=False)
    except Refusal as refusal:
        return word_refusal(call, refusal)
    reply = word_refusal(call, Refusal(VoiceRefusal.WRONG_VERB))
    reply.raw_headers.append((b"allow", ", ".join(call.allowed).encode()))
    return reply


# Small things.


async def _open(call: Call) -> tuple[Account, Application, Mapping[str, Any] | None]:
    """Whose request it is, and the JSON of its body; that is decoded first, since a fault may look for what it says."""
    call.params = read_params(call.scope["query_string"], "", b"")
    given = None
    if call.method in {"POST", "PUT"}:
        given = body_rules.decode(await call.take_body())
        _note(call, given or {})
    account, application = await authenticate_token(call, _ROWS)
    call.about = call.path_params.get("uuid", "")
    if _says(call, "voice_rate_limits"):
        await _count(call, account)
    return account, application, given


def _note(call: Call, said: Mapping[str, Any]) -> None:
    """Show a body to the faults: texts by their names, ends of a call by their addresses."""
    pairs = [(name, value) for name, value in said.items() if isinstance(value, str)]
    for name in ("to", "from"):
        end = said.get(name)
        if isinstance(end, list) and end:
            end = end[0]
        if isinstance(end, dict):
            found = next((end[key] for key in _ADDRESSES if key in end), "")
            pairs.append((name, str(found)))
    call.params.lay_over(pairs)


async def _count(call: Call, account: Account) -> None:
    """Count a request, where the world limits them.

    Raises:
        Refusal: THROTTLED.

    Source: reference voice §1 (B; D for whom the seconds are counted).
    """
    caller = call.caller
    assert caller is not None, "a token knows the caller"
    name, most = rules.rate_of(account, caller.moment.now, creating=call.operation.name == "voice.create_call")

    async def attempt(view: View, _: Moment) -> Outcome[bool]:
        if await view.counter(name) >= most:
            return Outcome(Change(), False)
        until = caller.moment.now + SECOND
        return Outcome(Change(counters=(Add(name, 1, ceiling=most, until_at=until),)), True)

    counted, _ = await decide(call.shell.store, caller.world, caller.start.epoch, caller.moment, attempt)
    if not counted:
        raise Refusal(VoiceRefusal.THROTTLED)


async def _decide(call: Call, caller: Account, application: Application, decided: Decide) -> str:
    """Decide about one call of the application; its uuid."""
    uuid = call.about
    manners = rules.Manners(int(_says(call, "voice_ended_calls")), _says(call, "voice_young_calls") == "refuse")

    async def attempt(view: View, moment: Moment) -> Outcome[None]:
        known, leg = await _find(view, uuid, application)
        return decided(known, leg, caller, moment, manners)

    await commit(call, attempt)
    return uuid


async def _stop(call: Call, kind: str) -> str:
    caller, application, _ = await _open(call)

    def stop(known: VoiceCall, leg: Leg, _: Account, moment: Moment, manners: rules.Manners) -> Outcome[None]:
        return rules.stop(kind, known, leg, moment, manners)

    return await _decide(call, caller, application, stop)


def _done(call: Call, message: str, uuid: str) -> Reply:
    return answer(call, 200, wire.done(message, uuid))


async def _find(view: View, uuid: str, application: Application) -> tuple[VoiceCall, Leg]:
    return rules.theirs(await view.get(VoiceCall, uuid), await view.get(Leg, uuid), application)


async def _known(view: View, uuid: str) -> VoiceCall:
    known = await view.get(VoiceCall, uuid)
    assert known is not None, "a leg of this API has a call beside it"
    return known


async def _numbers(
    view: View, command: create_rules.NewCall, account: Account, application: Application, *, owned_only: bool
) -> Sequence[Number]:
    """The numbers that a caller's is picked from; or the one that is named, if it is the account's and that matters."""
    if command.sender is None:
        return await view.find(Number, f"application/{application.id}", limit=_PAGE)
    if not owned_only or command.sender.type is not EndpointType.PHONE:
        return ()
    number = await view.get(Number, command.sender.address)
    return () if number is None or number.account != account.id else (number,)


def _view(call: Call) -> View:
    assert call.caller is not None, "a token knows the caller"
    return WorldView(call.shell.store, call.caller.world)


def _says(call: Call, setting: str) -> Any:
    assert call.caller is not None, "a token knows the caller"
    return call.caller.setting(setting)


def _origin(call: Call) -> str:
    """What links begin with. Source: reference voice §5.2 (A for relative ones, D for the setting)."""
    if _says(call, "links") == "relative":
        return ""
    return _here(call)


def _here(call: Call) -> str:
    """The origin that the request came to."""
    return f"{call.scope.get('scheme', 'http')}://{call.header(b'host')}"
