"""Which webhooks the SMS API sends, as pure functions: facts, targets, and what a fault makes of them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from fake_nexmo.apis.sms import webhook_rules as rules
from fake_nexmo.core.change import Change
from fake_nexmo.core.instant import SECOND
from fake_nexmo.core.moment import Moment
from fake_nexmo.core.records import (
    Account,
    Application,
    Delivery,
    Direction,
    Message,
    Mischief,
    Number,
    Part,
    PartStatus,
    Secret,
    WebhookMethod,
)

NOW = 1_767_225_600_250_000
MOMENT = Moment(NOW, 7, 42)
ACCOUNT = Account(id="main", api_key="k", secrets=(Secret("1", "s", 0),), signature_secret="x")
NUMBER = Number(id="447700900000", account="main", country="GB")
APPLICATION = Application(id="main", application_id="a", account="main", public_key="")


def sent(**facts: Any) -> Message:
    """A message of two parts, the second of them expired."""
    return Message(
        **{
            "id": "m0",
            "owner": "sms",
            "account": "main",
            "direction": Direction.OUTBOUND,
            "sender": "Acme",
            "to": "447700900001",
            "type": "text",
            "text": "A" * 161,
            "parts": (
                Part("m0", PartStatus.SUBMITTED, "0", NOW - 9),
                Part("m1", PartStatus.EXPIRED, "2", NOW - 5),
            ),
            "network": "23410",
            "price": 3_330_000,
            "submitted_at": NOW - 9,
            "receipt_url": "http://a.test/",
            "client_ref": "c",
            **facts,
        }
    )


def received(text: str, parts: int = 1, **facts: Any) -> Message:
    """A message that arrived."""
    return Message(
        **{
            "id": "i0",
            "owner": "sms",
            "account": "main",
            "direction": Direction.INBOUND,
            "sender": "447700900001",
            "to": "447700900000",
            "type": "text",
            "text": text,
            "parts": tuple(Part(f"i{k}", PartStatus.DELIVERED, "0", NOW) for k in range(parts)),
            "network": "23410",
            "price": 0,
            "submitted_at": NOW,
            **facts,
        }
    )


def delivery(kind: str, about: str, subject: str, url: str, facts: dict[str, Any], **more: Any) -> Delivery:
    """A webhook that is due at once."""
    return Delivery(
        **{
            "kind": kind,
            "owner": "sms",
            "account": "main",
            "about": about,
            "subject": subject,
            "url": url,
            "method": "GET",
            "facts": facts,
            "created_at": NOW,
            "due_at": NOW,
            **more,
        }
    )


RECEIPT = {
    "number": "447700900001",
    "sender": "Acme",
    "network": "23410",
    "part": "m1",
    "price": 3_330_000,
    "status": "expired",
    "status_at": NOW - 5,
    "err_code": "2",
    "client_ref": "c",
}


@pytest.mark.parametrize("method", WebhookMethod)
def test_a_receipt_is_a_delivery_of_facts(method: WebhookMethod) -> None:
    """Of the part that moved, to the URL of the message, in the form of the account, due at once."""
    change = rules.receipt(sent(), 1, replace(ACCOUNT, webhook_method=method, receipt_url="http://late.test/"), MOMENT)

    assert change == Change(
        deliveries=(delivery("receipt", "m1", "m0", "http://a.test/", RECEIPT, method=method.value),)
    )


def test_without_a_url_there_is_no_receipt() -> None:
    """A URL that the account got after the submission changes nothing."""
    account = replace(ACCOUNT, receipt_url="http://late.test/")

    assert rules.receipt(sent(receipt_url=""), 1, account, MOMENT) == Change()


def test_what_a_person_sent_has_no_receipt() -> None:
    """Receipts are about what the account sent."""
    assert rules.receipt(sent(direction=Direction.INBOUND), 1, ACCOUNT, MOMENT) == Change()


def inbound(**facts: Any) -> dict[str, Any]:
    """The facts of an inbound message of one part."""
    return {
        "sender": "447700900001",
        "number": "447700900000",
        "part": "i0",
        "type": "text",
        "text": "",
        "k": 1,
        "count": 1,
        "concat_ref": 0,
        "body": "",
        "udh": "",
        **facts,
    }


IN = "http://in.test/"


@pytest.mark.parametrize(
    ("message", "facts"),
    [
        (received("Hello"), [inbound(text="Hello")]),
        (
            received("A" * 153 + "B" * 8, 2, extra={"concat_ref": 77}),
            [
                inbound(text="A" * 153, count=2, concat_ref=77),
                inbound(text="B" * 8, count=2, concat_ref=77, k=2, part="i1"),
            ],
        ),
        (
            received("ż" * 67 + "😀😀", 2, type="unicode", extra={"concat_ref": 7}),
            [
                inbound(text="ż" * 67, type="unicode", count=2, concat_ref=7),
                inbound(text="😀😀", type="unicode", count=2, concat_ref=7, k=2, part="i1"),
            ],
        ),
        (
            received("", type="binary", extra={"body": "0A", "udh": "050003"}),
            [inbound(type="binary", body="0A", udh="050003")],
        ),
    ],
    ids=["text", "two parts", "unicode", "binary"],
)
def test_each_part_that_arrived_is_a_webhook(message: Message, facts: list[dict[str, Any]]) -> None:
    """In their order, each with its own text; source: reference sms §11."""
    number = replace(NUMBER, inbound_url=IN)

    assert rules.inbound(message, ACCOUNT, number, None, MOMENT) == Change(
        deliveries=tuple(delivery("inbound_sms", f"i{k}", "i0", IN, each) for k, each in enumerate(facts))
    )


MESSAGES = {"messages": {"inbound_url": "http://app.test/"}}


@pytest.mark.parametrize(
    ("number_url", "sms_api", "application", "account_url", "url"),
    [
        ("http://number.test/", "messages", MESSAGES, "http://account.test/", "http://number.test/"),
        ("http://number.test/", "sms", {}, "", "http://number.test/"),
        ("", "messages", MESSAGES, "http://account.test/", "http://app.test/"),
        ("", "sms", MESSAGES, "http://account.test/", "http://account.test/"),
        ("", "messages", {}, "http://account.test/", "http://account.test/"),
        ("", "messages", {"messages": {}}, "http://account.test/", "http://account.test/"),
        ("", "messages", {"messages": "yes"}, "http://account.test/", "http://account.test/"),
        ("", "messages", None, "http://account.test/", "http://account.test/"),
        ("", "messages", MESSAGES, "", "http://app.test/"),
        ("", "sms", MESSAGES, "", ""),
    ],
)
def test_an_inbound_message_goes_to_the_nearest_url(
    number_url: str, sms_api: str, application: dict[str, Any] | None, account_url: str, url: str
) -> None:
    """The number's, else its application's for an account on the Messages API, else the account's, else nowhere."""
    change = rules.inbound(
        received("Hello"),
        replace(ACCOUNT, sms_api=sms_api, inbound_url=account_url),
        replace(NUMBER, inbound_url=number_url),
        None if application is None else replace(APPLICATION, capabilities=application),
        MOMENT,
    )

    assert [each.url for each in change.deliveries] == ([url] if url else [])


def receipts(mischief: Mischief | None) -> tuple[Delivery, ...]:
    """The webhooks of one receipt under a fault."""
    return rules.receipt(sent(), 1, ACCOUNT, MOMENT, mischief).deliveries


@pytest.mark.parametrize(
    ("mischief", "due"),
    [
        (Mischief("f"), [0]),
        (Mischief("f", repeat=3), [0, 0, 0]),
        (Mischief("f", repeat=3, gap=300), [0, 300, 600]),
        (Mischief("f", late=9), [9]),
        (Mischief("f", repeat=2, gap=5, late=9), [9, 14]),
        (Mischief("f", before_response=True), [0]),
    ],
)
def test_a_fault_says_how_often_and_when(mischief: Mischief, due: list[int]) -> None:
    """Every copy says the same; the fault's name stands with each."""
    plain = delivery("receipt", "m1", "m0", "http://a.test/", RECEIPT, fault="f")

    assert receipts(mischief) == tuple(replace(plain, due_at=NOW + each) for each in due)


@pytest.mark.parametrize("signature", ["none", "wrong"])
def test_a_fault_says_how_a_webhook_is_signed(signature: str) -> None:
    """It is carried out when the webhook is worded."""
    (one,) = receipts(Mischief("f", signature=signature))

    assert one == delivery("receipt", "m1", "m0", "http://a.test/", RECEIPT, fault="f", signature=signature)


def test_shuffled_webhooks_keep_no_order_with_one_another() -> None:
    """Each is its own subject, and due at an instant by the dice of its part and copy."""
    mischief = Mischief("f", repeat=4, gap=100_000, shuffled=True, late=9)
    number = replace(NUMBER, inbound_url=IN)
    change = rules.inbound(received("A" * 400, 3), ACCOUNT, number, None, MOMENT, mischief)

    assert [(each.about, each.subject) for each in change.deliveries] == [
        (f"i{k}", f"i0/{k}/{n}") for k in range(3) for n in range(4)
    ]
    late = [each.due_at - NOW - 9 for each in change.deliveries]
    assert len(set(late)) == 12
    assert late != sorted(late)
    assert all(0 <= each < 400_000 for each in late)
    assert change == rules.inbound(received("A" * 400, 3), ACCOUNT, number, None, MOMENT, mischief)


@given(st.integers(0, 2**40), st.integers(1, 5))
def test_shuffled_webhooks_without_a_gap_are_spread_over_five_seconds(ordinal: int, repeat: int) -> None:
    """Never before their time."""
    mischief = Mischief("f", repeat=repeat, shuffled=True)

    change = rules.receipt(sent(), 1, ACCOUNT, Moment(NOW, ordinal, 1), mischief)

    assert len(change.deliveries) == repeat
    assert all(NOW <= each.due_at < NOW + 5 * SECOND for each in change.deliveries)
