"""The table of capabilities and the flat words in which a scenario spells them."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from fake_nexmo.core.capabilities import CAPABILITIES, Hook, check, hook, hooks, word


def test_no_word_means_two_things() -> None:
    """Webhooks, what is chosen about them, and members never share a name."""
    for name, capability in CAPABILITIES.items():
        words = [*capability.members]
        for each in capability.hooks:
            words += [each, *(word(each, what) for what in ("method", "connect_timeout", "socket_timeout", "active"))]
        assert [each for each, times in Counter(words).items() if times > 1] == [], name


@pytest.mark.parametrize(
    ("capability", "name", "words", "found"),
    [
        ("voice", "answer_url", {}, None),
        ("voice", "answer_url", {"answer_url": ""}, None),
        ("voice", "answer_url", {"answer_method": "POST"}, None),
        ("voice", "answer_url", {"answer_url": "u"}, Hook("u", "GET")),
        ("voice", "event_url", {"event_url": "u"}, Hook("u", "POST")),
        ("voice", "answer_url", {"answer_url": "u", "answer_method": "POST"}, Hook("u", "POST")),
        (
            "voice",
            "fallback_answer_url",
            {
                "fallback_answer_url": "u",
                "fallback_answer_connect_timeout": 300,
                "fallback_answer_socket_timeout": 1000,
            },
            Hook("u", "GET", 300, 1000),
        ),
        ("meetings", "room_changed", {"room_changed": "u"}, Hook("u", "POST")),
        (
            "video",
            "archive_status",
            {"archive_status": "u", "archive_status_active": False},
            Hook("u", "", active=False),
        ),
    ],
)
def test_webhook_of_an_application(capability: str, name: str, words: dict[str, Any], found: Hook | None) -> None:
    """Its address, and how it is sent when nobody says."""
    assert hook({capability: words}, capability, name) == found
    assert hook({}, capability, name) is None
    assert dict(hooks({capability: words}, capability)) == ({name: found} if found else {})


@pytest.mark.parametrize(
    ("capability", "words"),
    [
        ("voice", {"answer_url": "u", "answer_method": "POST", "event_socket_timeout": 10_000, "region": "eu-west"}),
        ("voice", {"signed_callbacks": True, "conversations_ttl": 1, "payments": [1]}),
        ("messages", {"inbound_url": "u", "inbound_method": "POST", "version": "v1"}),
        ("vbc", {}),
        ("video", {"stream_created": "u", "stream_created_active": True, "storage": {}}),
        ("network_apis", {"redirect_uri": "https://r.test"}),
    ],
)
def test_words_that_can_be(capability: str, words: dict[str, Any]) -> None:
    """Nothing is said about them."""
    check(capability, words)


@pytest.mark.parametrize(
    ("capability", "words", "error"),
    [
        ("voice", {"anser_url": "u"}, "'anser_url' is not known here; did you mean 'answer_url'?"),
        ("vbc", {"url": "u"}, "'url' is not known here; there are none"),
        ("rtc", {"answer_url": "u"}, "'answer_url' is not known here"),
        ("voice", {"answer_url": 5}, "'answer_url' cannot be 5"),
        ("voice", {"answer_method": "PUT"}, "'answer_method' cannot be 'PUT'"),
        ("messages", {"inbound_method": "GET"}, "'inbound_method' cannot be 'GET'"),
        ("voice", {"answer_socket_timeout": 5001}, "'answer_socket_timeout' cannot be 5001"),
        ("voice", {"leg_persistence_time": True}, "'leg_persistence_time' cannot be True"),
        ("voice", {"region": "moon"}, "'region' cannot be 'moon'"),
        ("voice", {"signed_callbacks": "yes"}, "'signed_callbacks' cannot be 'yes'"),
    ],
)
def test_words_that_cannot_be(capability: str, words: dict[str, Any], error: str) -> None:
    """With the nearest right thing."""
    with pytest.raises(ValueError, match=r"\S") as refused:
        check(capability, words)

    assert error in str(refused.value)
