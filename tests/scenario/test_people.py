"""Handsets in a scenario's words: the records they spell, the way back, and every complaint."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fake_nexmo.core.instant import HOUR, MINUTE, SECOND
from fake_nexmo.core.records import Crowd, Handset, PartStatus, Reaction, SmsStep, Trouble
from fake_nexmo.scenario import people
from fake_nexmo.scenario.errors import ScenarioError
from fake_nexmo.scenario.people import HandsetFacts
from fake_nexmo.scenario.receipt_steps import check_receipts
from tests.people import CHARACTERS

NUMBER = "447700900101"
TROUBLES = {"throttled": 1, "number_barred": 2}


def facts(**said: Any) -> HandsetFacts:
    """Facts as the control API reads them."""
    return msgspec.convert(said, HandsetFacts)


def declared(**said: Any) -> Handset:
    """The record that facts spell."""
    return people.to_handset(NUMBER, "alice", facts(**said), TROUBLES, CHARACTERS)


def plain(handset: Handset) -> Any:
    """A record in a scenario's words, as JSON."""
    return msgspec.to_builtins(people.handset_facts(handset))


def complaint(path: str, what: str, **said: Any) -> None:
    """Facts that cannot be."""
    with pytest.raises(ScenarioError) as refused:
        people.to_crowd("crowd", facts(**said), CHARACTERS) if "range" in said else declared(**said)
    assert (refused.value.path, refused.value.what) == (path, what)


DELIVERED = Reaction(SECOND, PartStatus.DELIVERED, "0")


@pytest.mark.parametrize(
    ("said", "record"),
    [
        ({}, {}),
        ({"like": "slow"}, {"like": "slow"}),
        ({"power": True}, {"power": True}),
        ({"power": False}, {"power": False}),
        ({"network": "23420"}, {"network": "23420"}),
        ({"submission": "throttled"}, {"submission": Trouble("throttled", 1, None)}),
        ({"submission": {"answer": "throttled"}}, {"submission": Trouble("throttled", 1, None)}),
        ({"submission": {"answer": "number_barred", "calls": "2..3"}}, {"submission": Trouble("number_barred", 2, 3)}),
        ({"submission": {"answer": "throttled", "calls": 2}}, {"submission": Trouble("throttled", 2, 2)}),
        ({"receipts": {}}, {"receipts": (DELIVERED,)}),
        ({"receipts": {"after": "2s"}}, {"receipts": (Reaction(2 * SECOND, PartStatus.DELIVERED, "0"),)}),
        ({"receipts": {"after": 2.5}}, {"receipts": (Reaction(2_500_000, PartStatus.DELIVERED, "0"),)}),
        ({"receipts": {"status": "failed"}}, {"receipts": (Reaction(SECOND, PartStatus.FAILED, "1"),)}),
        ({"receipts": {"err_code": 52}}, {"receipts": (Reaction(SECOND, PartStatus.DELIVERED, "52"),)}),
        (
            {
                "receipts": {
                    "sequence": [{"status": "buffered", "after": "1m"}, {"status": "failed", "share": "5%"}, {}]
                }
            },
            {
                "receipts": (
                    Reaction(MINUTE, PartStatus.BUFFERED, "0"),
                    Reaction(SECOND, PartStatus.FAILED, "1", 0.05),
                    DELIVERED,
                )
            },
        ),
        (
            {"on_sms": [{"reply": "STOP", "if_text": "/offer/i", "after": "4s"}, {"ignore": True}]},
            {"on_sms": (SmsStep(reply="STOP", if_text="/offer/i", after=4 * SECOND), SmsStep())},
        ),
        ({"on_sms": [{"reply": "", "after": 0}]}, {"on_sms": (SmsStep(reply="", after=0),)}),
        ({"on_sms": []}, {"on_sms": ()}),
    ],
)
def test_a_handset_is_spelled_by_its_facts(said: dict[str, Any], record: dict[str, Any]) -> None:
    """What is not said is left to its character; a receipt comes after a second unless it says when."""
    assert declared(**said) == Handset(id=NUMBER, name="alice", **record)


@pytest.mark.parametrize(
    ("status", "err_code"),
    [
        ("accepted", "0"),
        ("buffered", "0"),
        ("delivered", "0"),
        ("expired", "2"),
        ("failed", "1"),
        ("rejected", "6"),
        ("unknown", "1"),
    ],
)
def test_every_status_has_its_error_code(status: str, err_code: str) -> None:
    """Unless another is said; source: reference sms §10.2 (D)."""
    assert declared(receipts={"status": status}).receipts == (Reaction(SECOND, PartStatus(status), err_code),)
    assert declared(receipts={"status": status, "err_code": "99"}).receipts[0].err_code == "99"


LATER: dict[str, Any] = {
    "line": "busy",
    "machine": {"greeting": "Hi", "beep_after": "4s"},
    "on_call": [{"answer": {"after": "3s"}}, {"hang_up": {}}],
    "on_code": [
        {"submit": {"url": "http://127.0.0.1:9/", "form": {"code": "{wrong_code}"}}},
        {"submit": {"json": {"code": ["{code}"]}, "method": "PUT"}, "after": "10s"},
        {"submit": {}, "after": "expired"},
        {"submit": {}, "after": 1.5},
    ],
    "answers": "by_hand",
    "code": "1234",
    "original_network": "23415",
    "ported": True,
    "roaming": {"country": "FR", "network": "20801"},
    "reachable": "unknown",
    "valid": False,
    "type": "mobile",
    "caller": {"type": "consumer", "first_name": "Al"},
    "ip_country": "GB",
}


@pytest.mark.parametrize(
    "facts",
    [
        {"network": None},
        {"original_network": None, "ported": None, "reachable": None, "valid": None, "type": None, "roaming": None},
        {"ported": False, "reachable": True, "valid": True, "roaming": False},
        {"roaming": True},
        {"roaming": {"country": "FR"}},
        {"roaming": {"network": "20801"}},
        {"ported": "assumed_not_ported", "reachable": "blacklisted", "valid": "inferred_not_valid", "type": "pager"},
        {"caller": {}},
        {"caller": {"type": "unknown", "name": "Acme", "last_name": "Byron"}},
    ],
    ids=str,
)
def test_facts_for_look_ups_are_kept_and_shown_as_they_were_said(facts: dict[str, Any]) -> None:
    """Null is a fact too: that nothing is known."""
    one = declared(**facts)
    assert one == Handset(id=NUMBER, name="alice", rest=facts)
    assert plain(one) == {"number": NUMBER, "like": "answers", **facts}


@pytest.mark.parametrize(
    ("facts", "path", "what"),
    [
        ({"original_network": ""}, "original_network", "a network is named by its MCC and MNC, such as 23410"),
        ({"roaming": {}}, "roaming", "a phone roams in a country, in a network, or in both"),
        ({"roaming": {"country": "fr"}}, "roaming.country", "'fr' is no country; write two letters such as FR"),
        ({"roaming": {"country": "FRA"}}, "roaming.country", "'FRA' is no country; write two letters such as FR"),
        ({"ip_country": "Spain"}, "ip_country", "'Spain' is no country; write two letters such as FR"),
    ],
)
def test_facts_for_look_ups_that_nobody_could_tell_are_refused(facts: dict[str, Any], path: str, what: str) -> None:
    """With where it is wrong."""
    complaint(path, what, **facts)


@pytest.mark.parametrize(
    "facts",
    [
        {"ported": "perhaps"},
        {"reachable": "maybe"},
        {"valid": 1},
        {"type": "fax"},
        {"type": True},
        {"roaming": "FR"},
        {"roaming": {"land": "FR"}},
        {"caller": {"type": "cat"}},
        {"caller": {"nick": "Al"}},
        {"caller": None},
        {"ip_country": None},
    ],
    ids=str,
)
def test_words_that_a_look_up_does_not_know_are_no_facts(facts: dict[str, Any]) -> None:
    """The model knows them all."""
    with pytest.raises(msgspec.ValidationError):
        declared(**facts)


def test_what_no_api_acts_upon_yet_is_kept_as_it_was_said() -> None:
    """Facts for calls, codes and Number Insight."""
    assert declared(**LATER) == Handset(id=NUMBER, name="alice", rest=LATER)


def test_a_code_may_be_late_within_what_is_submitted_too() -> None:
    """As the example of the format writes it."""
    within = {"submit": {"url": "http://127.0.0.1:9/", "after": "10s"}}

    assert declared(on_code=[within]).rest["on_code"] == [{"submit": {"url": "http://127.0.0.1:9/"}, "after": "10s"}]


EVERYTHING: dict[str, Any] = {
    **LATER,
    "look_up": "silent",
    "like": "parrot",
    "power": False,
    "network": "23420",
    "submission": {"answer": "throttled", "calls": "1..2"},
    "receipts": {
        "sequence": [
            {"status": "buffered", "err_code": "0", "after": "1m30s"},
            {"status": "failed", "err_code": "52", "after": "2s", "share": 0.25},
        ]
    },
    "on_sms": [
        {"reply": "STOP", "if_text": "/offer/i", "after": "4s"},
        {"echo": True, "after": "2s", "once": True},
        {"ignore": True, "after": "1s"},
    ],
}


def test_every_key_is_shown_as_it_was_said() -> None:
    """What is read back can be declared again, and is the same."""
    one = declared(**EVERYTHING)

    shown = plain(one)

    assert shown == {"number": NUMBER, **EVERYTHING}
    assert people.to_handset(NUMBER, "alice", facts(**shown), TROUBLES, CHARACTERS) == one
    assert set(shown) | {"range", "mix", "sticky"} == {
        field.encode_name for field in msgspec.structs.fields(HandsetFacts)
    }


def test_short_forms_are_shown_in_full() -> None:
    """And nothing that was not said."""
    assert plain(declared()) == {"number": NUMBER, "like": "answers"}
    assert plain(declared(submission="throttled"))["submission"] == {"answer": "throttled", "calls": "1.."}
    assert plain(declared(receipts={"status": "failed"}))["receipts"] == {
        "sequence": [{"status": "failed", "err_code": "1", "after": "1s"}]
    }
    assert plain(declared(on_sms=[]))["on_sms"] == []


def _can_be(steps: tuple[Reaction, ...]) -> bool:
    """Whether every one of these receipts may come."""
    try:
        check_receipts(steps, "receipts")
    except ScenarioError:
        return False
    return True


STATUS = st.sampled_from([each for each in PartStatus if each is not PartStatus.SUBMITTED])


# How long an example takes says nothing here, and a busy machine may be slow to make them.
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.builds(
        Handset,
        id=st.just(NUMBER),
        name=st.just("alice"),
        like=st.sampled_from(sorted(CHARACTERS)),
        power=st.none() | st.booleans(),
        network=st.sampled_from(["", "23410", "GB-FIXED"]),
        receipts=st.lists(
            st.builds(
                Reaction,
                after=st.integers(0, 100 * HOUR),
                status=STATUS,
                err_code=st.integers(0, 99).map(str),
                share=st.floats(0, 1),
            ),
            max_size=4,
        )
        .map(tuple)
        .filter(_can_be),
        submission=st.none()
        | st.builds(Trouble, st.sampled_from(sorted(TROUBLES)), st.integers(1, 9), st.none() | st.integers(9, 20)),
        on_sms=st.none()
        | st.lists(
            st.builds(
                SmsStep,
                reply=st.none() | st.text(),
                if_text=st.sampled_from(["", "x", "/x/i"]),
                after=st.integers(0, 10**9),
            )
        ).map(tuple),
    )
)
def test_every_handset_can_be_said_and_read_back(handset: Handset) -> None:
    """To the microsecond and the last bit of a share."""
    words = msgspec.json.decode(msgspec.json.encode(people.handset_facts(handset)))

    assert people.to_handset(NUMBER, "alice", facts(**words), TROUBLES, CHARACTERS) == handset


KNOWN = ", ".join(CHARACTERS)


@pytest.mark.parametrize(
    ("path", "what", "said"),
    [
        ("like", "no character is called 'bussy'; did you mean 'busy'?", {"like": "bussy"}),
        ("like", f"no character is called 'xxxxx'; there are: {KNOWN}", {"like": "xxxxx"}),
        ("network", "a network is named by its MCC and MNC, such as 23410", {"network": ""}),
        ("submission", "no trouble is called 'throtled'; did you mean 'throttled'?", {"submission": "throtled"}),
        (
            "submission.calls",
            "'0' is no range of calls; write 3, 1..2 or 2..",
            {"submission": {"answer": "throttled", "calls": "0"}},
        ),
        (
            "receipts",
            "say one receipt (after, status, err_code) or a sequence, not both",
            {"receipts": {"after": "1s", "sequence": [{}]}},
        ),
        (
            "receipts",
            "say one receipt (after, status, err_code) or a sequence, not both",
            {"receipts": {"status": "failed", "sequence": [{}]}},
        ),
        (
            "receipts",
            "say one receipt (after, status, err_code) or a sequence, not both",
            {"receipts": {"err_code": 1, "sequence": [{}]}},
        ),
        ("receipts.sequence", "a sequence holds at least one receipt", {"receipts": {"sequence": []}}),
        (
            "receipts.after",
            "'soon' is not a duration; write 300ms, 3s, 5m, 2h, 1d, 1h30m or a number of seconds",
            {"receipts": {"after": "soon"}},
        ),
        (
            "receipts.sequence.1.after",
            "-1.0 is not a duration; it must be between 0 and 5,000 years",
            {"receipts": {"sequence": [{}, {"after": -1.0}]}},
        ),
        (
            "receipts.err_code",
            "'x' is no error code; it is a number such as 6",
            {"receipts": {"err_code": "x"}},
        ),
        ("receipts.err_code", "'٣' is no error code; it is a number such as 6", {"receipts": {"err_code": "٣"}}),
        ("receipts.err_code", "-1 is no error code; it is a number such as 6", {"receipts": {"err_code": -1}}),
        (
            "receipts.sequence.0.share",
            "'120%' is no share; write 5% or 0.05",
            {"receipts": {"sequence": [{"share": "120%"}]}},
        ),
        ("on_sms.1", "a step is either reply: TEXT, echo: true or ignore: true", {"on_sms": [{"ignore": True}, {}]}),
        (
            "on_sms.0",
            "a step is either reply: TEXT, echo: true or ignore: true",
            {"on_sms": [{"reply": "x", "ignore": True}]},
        ),
        (
            "on_sms.0.if_text",
            "'/(/' is no regular expression: missing ), unterminated subpattern at position 0",
            {"on_sms": [{"reply": "x", "if_text": "/(/"}]},
        ),
        (
            "on_sms.0.after",
            "'x' is not a duration; write 300ms, 3s, 5m, 2h, 1d, 1h30m or a number of seconds",
            {"on_sms": [{"reply": "x", "after": "x"}]},
        ),
        (
            "on_code.0",
            "a step says what is typed and where: submit: {url, method, form or json}",
            {"on_code": [{"after": "1s"}]},
        ),
        (
            "on_code.1",
            "a step says what is typed and where: submit: {url, method, form or json}",
            {"on_code": [{"submit": {}}, {"submit": "http://127.0.0.1:9/"}]},
        ),
        ("on_code.0.sumbit", "'sumbit' is not known here; did you mean 'submit'?", {"on_code": [{"sumbit": {}}]}),
        (
            "on_code.0.colour",
            "'colour' is not known here; there are submit, after, wrong",
            {"on_code": [{"submit": {}, "colour": 1}]},
        ),
        ("on_code.0.wrong", "'yes' is neither true nor false", {"on_code": [{"submit": {}, "wrong": "yes"}]}),
        (
            "on_code.1.submit.form.code",
            "no placeholder is called 'cod'; did you mean 'code'?",
            {"on_code": [{"submit": {}}, {"submit": {"form": {"code": "{cod}"}}}]},
        ),
        (
            "on_code.0.after",
            "'expire' is not a duration; did you mean 'expired'?",
            {"on_code": [{"submit": {}, "after": "expire"}]},
        ),
        (
            "on_code.0.after",
            "'soon' is not a duration; write 300ms, 3s, 5m, 2h, 1d, 1h30m or a number of seconds",
            {"on_code": [{"submit": {}, "after": "soon"}]},
        ),
        (
            "on_code.0.after",
            "True is not a duration; write 10s, or expired",
            {"on_code": [{"submit": {}, "after": True}]},
        ),
        (
            "on_code.0.after",
            "['1s'] is not a duration; write 10s, or expired",
            {"on_code": [{"submit": {}, "after": ["1s"]}]},
        ),
        (
            "on_code.0.after",
            "-1 is not a duration; it must be between 0 and 5,000 years",
            {"on_code": [{"submit": {}, "after": -1}]},
        ),
        ("mix", "a handset is one number or a range of them, not both", {"mix": {"busy": 1.0}}),
        ("sticky", "a handset is one number or a range of them, not both", {"sticky": True}),
    ],
)
def test_every_complaint_about_a_handset(path: str, what: str, said: dict[str, Any]) -> None:
    """What is wrong, where, and the nearest right thing."""
    complaint(path, what, **said)


@pytest.mark.parametrize("number", ["", "0", "alice", "447700", "4477009001010101", "+447700900101"])
def test_a_handset_has_a_number(number: str) -> None:
    """In digits, as the plan knows them."""
    with pytest.raises(ScenarioError) as refused:
        people.to_handset(number, "alice", facts(), TROUBLES, CHARACTERS)
    assert (refused.value.path, refused.value.what) == (
        "number",
        f"{number!r} is no phone number; write E.164 digits such as 447700900001",
    )


# ---------------------------------------------------------------------------------------------------------- crowds


@pytest.mark.parametrize(
    ("said", "mix", "sticky"),
    [
        ({}, (("answers", 1.0),), True),
        ({"like": "busy"}, (("busy", 1.0),), True),
        ({"mix": {"busy": 1}}, (("busy", 1.0),), True),
        (
            {"mix": {"answers": "90%", "unreachable": "7%", "wrong-coder": 0.03}, "sticky": False},
            (("answers", 0.9), ("unreachable", 0.07), ("wrong-coder", 0.03)),
            False,
        ),
        ({"mix": {"answers": "33.3%", "busy": "33.3%", "slow": "33.4%"}, "sticky": True}, None, True),
    ],
)
def test_a_crowd_is_spelled_by_its_facts(
    said: dict[str, Any], mix: tuple[tuple[str, float], ...] | None, sticky: bool
) -> None:
    """Its bounds with or without plus; one character, or a mix of them; what is read back is the same crowd."""
    crowd = people.to_crowd("crowd", facts(range="+447700900100..447700900999", **said), CHARACTERS)

    assert (crowd.name, crowd.first, crowd.last, crowd.sticky) == ("crowd", 447700900100, 447700900999, sticky)
    if mix is not None:
        assert [like for like, _ in crowd.mix] == [like for like, _ in mix]
        assert [share for _, share in crowd.mix] == pytest.approx([share for _, share in mix])
    words = msgspec.to_builtins(people.crowd_facts(crowd))
    assert words == {"range": "447700900100..447700900999", "mix": dict(crowd.mix), "sticky": sticky}
    assert people.to_crowd("crowd", facts(**words), CHARACTERS) == crowd


def test_a_range_may_hold_one_number() -> None:
    """Both bounds belong to it."""
    one = people.to_crowd("one", facts(range=f"{NUMBER}..{NUMBER}"), CHARACTERS)
    assert one == Crowd("one", int(NUMBER), int(NUMBER), (("answers", 1.0),))


RANGE = "447700900100..447700900999"


@pytest.mark.parametrize(
    ("path", "what", "said"),
    [
        ("range", f"{given!r} is no range; write it like 447700900100..447700900999", {"range": given})
        for given in ("", "447700900100", "447700900100-447700900999", "447700900999..447700900100", "1..2", "x..y")
    ]
    + [
        ("mix", "the shares add up to 90.0%, not to 100%", {"range": RANGE, "mix": {"busy": "90%"}}),
        ("mix", "the shares add up to 110.0%, not to 100%", {"range": RANGE, "mix": {"busy": 0.9, "slow": "20%"}}),
        ("mix", "the shares add up to 0.0%, not to 100%", {"range": RANGE, "mix": {}}),
        ("mix.busy", "'-5%' is no share; write 5% or 0.05", {"range": RANGE, "mix": {"busy": "-5%"}}),
        ("mix.busy", "'lots' is no share; write 5% or 0.05", {"range": RANGE, "mix": {"busy": "lots"}}),
        ("mix.busy", "'1/' is no share; write 5% or 0.05", {"range": RANGE, "mix": {"busy": "1/"}}),
        ("mix.busy", "'1/0' is no share; write 5% or 0.05", {"range": RANGE, "mix": {"busy": "1/0"}}),
        ("mix.busy", "'3/2' is no share; write 5% or 0.05", {"range": RANGE, "mix": {"busy": "3/2"}}),
        ("mix.busy", "1.5 is no share; write 5% or 0.05", {"range": RANGE, "mix": {"busy": 1.5}}),
        ("mix.busy", "'nan' is no share; write 5% or 0.05", {"range": RANGE, "mix": {"busy": "nan"}}),
        (
            "mix.bussy",
            "no character is called 'bussy'; did you mean 'busy'?",
            {"range": RANGE, "mix": {"bussy": 1}},
        ),
        ("like", "no character is called 'bussy'; did you mean 'busy'?", {"range": RANGE, "like": "bussy"}),
        (
            "mix",
            "like and mix both say how the phones behave; keep one",
            {"range": RANGE, "like": "busy", "mix": {"busy": 1}},
        ),
        (
            "number",
            "a range of phones has range, mix, like, sticky alone, not 'number'",
            {"range": RANGE, "number": NUMBER},
        ),
        (
            "receipts",
            "a range of phones has range, mix, like, sticky alone, not 'receipts'",
            {"range": RANGE, "receipts": {"status": "failed"}},
        ),
    ],
)
def test_every_complaint_about_a_crowd(path: str, what: str, said: dict[str, Any]) -> None:
    """What is wrong, where, and the nearest right thing."""
    complaint(path, what, **said)


@pytest.mark.parametrize(
    ("given_", "calls"),
    [("3", (3, 3)), (3, (3, 3)), ("1..2", (1, 2)), ("2..", (2, None)), (" 2..2 ", (2, 2)), ("01", (1, 1))],
)
def test_a_range_of_calls(given_: str | int, calls: tuple[int, int | None]) -> None:
    """From the first to the last, or from the first on."""
    assert people.parse_calls(given_, "calls") == calls


@pytest.mark.parametrize("given_", ["", "0", "0..3", "3..2", "..2", "a", "1...2", "-1", "1..2..3", 0, -3])
def test_what_is_no_range_of_calls(given_: str | int) -> None:
    """Calls are counted from one."""
    with pytest.raises(ScenarioError) as refused:
        people.parse_calls(given_, "calls")
    assert str(refused.value) == f"calls: {given_!r} is no range of calls; write 3, 1..2 or 2.."


@pytest.mark.parametrize(
    ("given_", "share"),
    [
        ("5%", 0.05),
        ("0.05", 0.05),
        (0.05, 0.05),
        (1, 1.0),
        (0, 0.0),
        ("100%", 1.0),
        (" 5 % ", 0.05),
        ("1/3", 1 / 3),
        ("2 / 5", 0.4),
    ],
)
def test_a_share_is_a_percentage_or_a_fraction(given_: str | float, share: float) -> None:
    """Between none and all."""
    assert people.parse_share(given_, "share") == share
