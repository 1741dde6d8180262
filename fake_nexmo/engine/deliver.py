"""One attempt of a webhook: worded by its owner, sent, recorded, and judged."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct
from msgspec.structs import replace

from fake_nexmo.core import clock as clocks
from fake_nexmo.core.change import Change, Outcome
from fake_nexmo.core.moment import Moment
from fake_nexmo.core.records import Account, Application, Attempt, Delivery, DeliveryState
from fake_nexmo.core.settings import value
from fake_nexmo.core.wording import Wording
from fake_nexmo.engine.outbound import HttpCall, Outbound, SendFailed, TargetRefused, route
from fake_nexmo.store.protocol import Start, Store, View, Wall
from fake_nexmo.web.api import Answered, Api, Webhook
from fake_nexmo.web.commit import decide

_SECOND = 1_000_000
# Source: reference webhooks §3, URL check (D).
_CHECK_S = 3.0
_CHECK_ANSWER_S = 5.0
_AGENT = "fake-nexmo"


class Result(Struct, frozen=True):
    """What came of one attempt.

    Attributes:
        refused: the target is one that is never called.
        answered: what came back, for an owner that reads it.
    """

    attempt: Attempt
    answered: Answered
    refused: bool = False


async def attempt_delivery(
    store: Store, registry: Mapping[str, Api], outbound: Outbound, wall: Wall, start: Start, delivery: Delivery
) -> DeliveryState:
    """Send a webhook once and commit what came of it; where it stands afterwards.

    Raises:
        StaleEpoch: the world was reset, restored or deleted meanwhile; the outcome is dropped.
    """
    account = await store.get(start.world.name, Account, delivery.account)
    assert account is not None, "a delivery belongs to an account of its world"
    webhook = registry[delivery.owner].webhooks[delivery.kind]
    application = await _application(store, start, delivery)
    result = await _send(outbound, webhook, wall, start, delivery, account, application)
    # The clock may have moved while the webhook was under way: a retry counts from when it was answered.
    after = await store.peek(start.world.name)
    now = max(clocks.now(after.clock, wall()), result.attempt.at)
    profile = account.profile or value(start.world.settings, "profile")
    settled = _judged(delivery, result, webhook, profile, now)

    async def attempt(view: View, _: Moment) -> Outcome[None]:
        current = await view.get(Delivery, delivery.id)
        if current is None:
            return Outcome(Change(), None)
        if current.version != delivery.version:
            # Somebody had it sent again while it was under way: that stands, and this attempt is written down.
            return Outcome(Change(put=(replace(current, attempts=(*current.attempts, result.attempt)),)), None)
        change = Change(put=(settled,))
        if webhook.take is not None and settled.state is not DeliveryState.PENDING:
            change += await webhook.take(view, settled, result.answered, moment)
        return Outcome(change, None)

    moment = Moment(now, delivery.order, start.world.seed)
    await decide(store, start.world.name, start.epoch, moment, attempt, delivery.depth + 1)
    return settled.state


async def probe(outbound: Outbound, wall: Wall, start: Start, url: str) -> Attempt:
    """Call a URL once with GET and no parameters. Source: reference webhooks §1 (D), §3 (D)."""
    call = HttpCall("GET", route(url, start.world.routes), (("User-Agent", _AGENT),), b"", _CHECK_S, _CHECK_ANSWER_S)
    return (await _try(outbound, wall, call, url, clocks.now(start.clock, wall()))).attempt


async def _application(store: Store, start: Start, delivery: Delivery) -> Application | None:
    """The application of a webhook, if it has one."""
    if not delivery.application:
        return None
    return await store.get(start.world.name, Application, delivery.application)


async def _send(
    outbound: Outbound,
    webhook: Webhook,
    wall: Wall,
    start: Start,
    delivery: Delivery,
    account: Account,
    application: Application | None,
) -> Result:
    now = clocks.now(start.clock, wall())
    virtual = value(start.world.settings, "jwt_time") == "virtual"
    stamp_s = (now if virtual else wall()) // _SECOND
    worded = webhook.word(Wording(delivery, account, now, stamp_s, _moment(start, delivery), application))
    url = route(worded.url, start.world.routes)
    connect_s = webhook.connect_s if worded.connect_s is None else worded.connect_s
    response_s = webhook.response_s if worded.response_s is None else worded.response_s
    call = HttpCall(worded.method, url, worded.headers, worded.body, connect_s, response_s)
    return await _try(outbound, wall, call, worded.url, now)


async def _try(outbound: Outbound, wall: Wall, call: HttpCall, wanted: str, now: int) -> Result:
    """Make one call and write down what came of it."""
    status, error, refused = 0, "", False
    media, body = "", b""
    began = wall()
    try:
        answer = await outbound.send(call)
        status, body = answer.status, answer.body
        media = dict(answer.headers).get("content-type", "").partition(";")[0].strip().lower()
    except SendFailed as failed:
        error = f"{failed.reason}: {failed.detail}"
    except TargetRefused as target:
        error, refused = f"refused: {target.detail}", True
    shown = f"{call.url} (for {wanted})" if call.url != wanted else wanted
    tried = Attempt(now, call.method, shown, status, error, wall() - began)
    return Result(tried, Answered(status, media, body, error), refused)


def _judged(delivery: Delivery, result: Result, webhook: Webhook, profile: str, now: int) -> Delivery:
    """The delivery after an attempt: received, refused, given up, or due again."""
    status = result.attempt.status
    tried = replace(delivery, attempts=(*delivery.attempts, result.attempt), depth=0)
    if result.refused:
        return replace(tried, state=DeliveryState.REFUSED)
    if webhook.succeeded(status):
        return replace(tried, state=DeliveryState.DELIVERED)
    wait = webhook.delay(delivery, len(tried.attempts), profile) if webhook.retried(status, profile) else None
    if wait is None:
        return replace(tried, state=DeliveryState.GIVEN_UP)
    # An attempt that follows at once keeps its place before what came after it.
    return replace(tried, due_at=now + wait if wait else delivery.due_at)


def _moment(start: Start, delivery: Delivery) -> Moment:
    return Moment(delivery.due_at, delivery.order, start.world.seed)
