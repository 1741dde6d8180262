"""Replies: headers as they go out, and the emulator's own words about itself."""

from __future__ import annotations

import json

from fake_nexmo.web.replies import Reply, bug, json_reply, not_emulated, problem


def test_headers_go_out_as_they_were_given() -> None:
    """In their order and spelling; the length comes last, in octets."""
    reply = Reply(200, [(b"x-b", b"2"), (b"x-a", b"1")], "é".encode())

    assert (reply.status_code, reply.body, reply.background) == (200, "é".encode(), None)
    assert reply.raw_headers == [(b"x-b", b"2"), (b"x-a", b"1"), (b"content-length", b"2")]


def test_an_empty_body_has_a_length_of_zero() -> None:
    """A client that keeps connections needs it."""
    assert Reply(200, [], b"").raw_headers == [(b"content-length", b"0")]


def test_no_content_has_no_length() -> None:
    """Source: RFC 9110 §8.6."""
    assert Reply(204, [(b"x-a", b"1")], b"").raw_headers == [(b"x-a", b"1")]


def test_the_headers_handed_in_are_not_changed() -> None:
    """The same list may serve for many replies."""
    headers = [(b"x-a", b"1")]
    Reply(200, headers, b"x")
    assert headers == [(b"x-a", b"1")]


def test_json_is_compact_and_has_no_charset() -> None:
    """The media type to the letter, unless another one is asked for; source: reference sms §1.1."""
    reply = json_reply(404, {"a": [1, "é"]})

    assert (reply.status_code, reply.body) == (404, '{"a":[1,"é"]}'.encode())
    assert reply.raw_headers == [(b"content-type", b"application/json"), (b"content-length", b"14")]
    assert json_reply(200, None, "text/json").raw_headers[0] == (b"content-type", b"text/json")


def test_a_problem_is_told_apart_by_its_type() -> None:
    """RFC 9457, in a name space of our own; what else is known stands beside."""
    reply = problem(422, "unfit", "Unfit", "The clock stands.", path="clock")

    assert reply.status_code == 422
    assert reply.raw_headers[0] == (b"content-type", b"application/problem+json")
    assert list(json.loads(bytes(reply.body)).items()) == [
        ("type", "urn:fake-nexmo:unfit"),
        ("title", "Unfit"),
        ("status", 422),
        ("detail", "The clock stands."),
        ("path", "clock"),
    ]


def test_what_is_not_emulated_is_named() -> None:
    """501, the gap by itself, and where to read on."""
    reply = not_emulated("POST /v0.1/nothing")

    assert reply.status_code == 501
    assert json.loads(bytes(reply.body)) == {
        "type": "urn:fake-nexmo:not-emulated",
        "title": "Not emulated",
        "status": 501,
        "detail": "fake-nexmo does not emulate POST /v0.1/nothing. GET /_fake/fidelity lists what is emulated.",
        "gap": "POST /v0.1/nothing",
    }
    hinted = json.loads(bytes(not_emulated("this", "Try that.").body))
    assert hinted["detail"] == "fake-nexmo does not emulate this. Try that."


def test_a_bug_is_ours() -> None:
    """500, and where the traceback is."""
    reply = bug("sms.send failed.")

    assert reply.status_code == 500
    assert json.loads(bytes(reply.body)) == {
        "type": "urn:fake-nexmo:bug",
        "title": "A bug in fake-nexmo",
        "status": 500,
        "detail": "sms.send failed. This is a bug in fake-nexmo; the log has the traceback.",
    }
