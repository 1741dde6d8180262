"""Segmentation: the table of capacities, the alphabet, and laws for any text at all."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fake_nexmo.network import segments
from fake_nexmo.network.segments import Segments

# Lone surrogates, escapes, pairs and extended characters at every position.
ANY_TEXT = st.text(
    alphabet=st.one_of(
        st.sampled_from("aé€[~\f\x1b`ç\n😀漢\ud83d\ude00"),
        st.characters(exclude_categories=()),
    ),
    max_size=700,
) | st.builds(
    lambda piece, times, tail: piece * times + tail,
    st.text(alphabet="aZ€|😀é\ud83d\ude00", min_size=1, max_size=5),
    st.integers(0, 200),
    st.text(alphabet="a€😀", max_size=5),
)


def weigh_text(part: str) -> int:
    """Septets of a part, one character at a time."""
    return sum(2 if char in segments.GSM_EXTENSION else 1 for char in part)


def weigh_unicode(part: str) -> int:
    """16-bit units of a part, one character at a time."""
    return sum(2 if ord(char) > 0xFFFF else 1 for char in part)


@pytest.mark.parametrize(
    ("text", "units", "parts"),
    [
        ("", 0, 1),
        ("A" * 160, 160, 1),
        ("A" * 161, 161, 2),
        ("A" * 306, 306, 2),
        ("A" * 307, 307, 3),
        ("€" * 80, 160, 1),
        ("€" * 81, 162, 2),
        ("€" * 153, 306, 3),
        ("A" * 159 + "€", 161, 2),
        ("A" * 459, 459, 3),
        ("A" * 460, 460, 4),
        ("A" * 612, 612, 4),
        ("A" * 613, 613, 5),
        # The pair would lie across the first cut, or just does not.
        ("A" * 152 + "€" + "A" * 7, 161, 2),
        ("A" * 152 + "€" + "A" * 152, 306, 3),
        ("A" * 151 + "€" + "A" * 153, 306, 2),
        # What is outside the tables counts as the one septet it becomes.
        ("ç" * 160, 160, 1),
        ("😀" * 161, 161, 2),
        ("\x1b" * 160, 160, 1),
        ("\x1b" * 152 + "€" + "A" * 152, 306, 3),
    ],
)
def test_text_is_cut_as_the_table_says(text: str, units: int, parts: int) -> None:
    """160 septets in one part, 153 in each of several; source: reference sms §8.2 (B)."""
    assert segments.text_units(text) == units
    assert segments.count_text(text) == Segments(parts, units, "gsm")
    assert len(segments.split_text(text)) == parts


@pytest.mark.parametrize(
    ("text", "units", "parts"),
    [
        ("", 0, 1),
        ("A" * 70, 70, 1),
        ("A" * 71, 71, 2),
        ("ż" * 70, 70, 1),
        ("ż" * 71, 71, 2),
        ("ż" * 134, 134, 2),
        ("ż" * 135, 135, 3),
        ("😀" * 35, 70, 1),
        ("😀" * 36, 72, 2),
        ("ż" * 201, 201, 3),
        ("ż" * 202, 202, 4),
        # 33 emoji fit where 67 units are: the last unit of each part stays empty.
        ("😀" * 67, 134, 3),
        ("ż" * 66 + "😀" + "ż" * 66, 134, 3),
        ("ż" * 65 + "😀" + "ż" * 67, 134, 2),
        # Lone surrogates are one unit each, two that make a pair stay together.
        ("\ud83d" * 71, 71, 2),
        ("\ude00" * 134, 134, 2),
        ("ż" * 66 + "\ud83d\ude00" + "ż" * 66, 134, 3),
    ],
)
def test_unicode_is_cut_as_the_table_says(text: str, units: int, parts: int) -> None:
    """70 units in one part, 67 in each of several; source: reference sms §8.2 (B)."""
    assert segments.unicode_units(text) == units
    assert segments.count_unicode(text) == Segments(parts, units, "ucs2")
    assert len(segments.split_unicode(text)) == parts


def test_parts_are_the_text_in_order() -> None:
    """The pair that would be parted opens the next part."""
    assert segments.split_text("A" * 152 + "€" + "B" * 10) == ["A" * 152, "€" + "B" * 10]
    assert segments.split_unicode("ż" * 66 + "😀" + "ź" * 10) == ["ż" * 66, "😀" + "ź" * 10]
    assert segments.split_text("short [€]") == ["short [€]"]
    assert segments.split_unicode("short 😀") == ["short 😀"]


@pytest.mark.parametrize(("octets", "parts"), [(0, 1), (133, 1), (134, 2), (256, 2), (257, 3), (384, 3), (385, 4)])
def test_port_messages_count_octets(octets: int, parts: int) -> None:
    """133 octets in one part, 128 in each of several; source: reference sms §8.2 (D)."""
    assert segments.count_port("x" * octets) == Segments(parts, octets, "octets")


def test_port_messages_are_counted_in_utf8_and_together() -> None:
    """A push weighs its title and its address."""
    assert segments.count_port("Tytuł", "http://a.test/") == Segments(1, 20, "octets")
    assert segments.count_port("\ud83d").units == 3


def test_binary_is_one_part_with_its_header() -> None:
    """Never cut: 141 octets are one part too many octets long, and the caller refuses it."""
    assert segments.count_binary(bytes(134), bytes(6)) == Segments(1, segments.BINARY_MAX, "octets")
    assert segments.count_binary(bytes(141)) == Segments(1, 141, "octets")


def test_headers_by_port() -> None:
    """Ports 2948, 9204 and 9205, whose header is as long as it says."""
    ports = {kind: int.from_bytes(udh[3:5]) for kind, udh in segments.PORT_UDH.items()}
    assert ports == {"wappush": 2948, "vcard": 9204, "vcal": 9205}
    assert all(udh[0] == len(udh) - 1 == 6 for udh in segments.PORT_UDH.values())
    assert segments.PORT_ONE == 140 - 7
    assert segments.PORT_EACH == 140 - 12


def test_the_alphabet_has_137_characters() -> None:
    """128 positions without the escape, and ten behind it; source: reference sms §8.1 (B)."""
    assert len(segments.GSM_BASIC) == len(set(segments.GSM_BASIC)) == 127
    assert len(segments.GSM_EXTENSION) == 10
    assert not set(segments.GSM_BASIC) & set(segments.GSM_EXTENSION)
    assert "\x1b" not in segments.GSM_BASIC


@pytest.mark.parametrize(("char", "position"), [("@", 0), ("\n", 10), ("\r", 13), ("Δ", 16), ("Ξ", 26), ("Æ", 27)])
def test_the_alphabet_is_in_order(char: str, position: int) -> None:
    """Up to the escape at 27 a character's index is its position; after it, one less."""
    assert segments.GSM_BASIC[position] == char


def test_ascii_stands_at_its_own_position() -> None:
    """Digits and letters of both cases are where ASCII has them."""
    for char in "0123456789ABCXYZabcxyz ?":
        assert segments.GSM_BASIC.index(char) + 1 == ord(char)


@pytest.mark.parametrize("text", ["", segments.GSM_BASIC, segments.GSM_EXTENSION, "ÄÖÑÜÅÆØÉÇ", "a\r\nb\fc"])
def test_what_is_in_the_tables_arrives_unchanged(text: str) -> None:
    """Basic and extended characters alike."""
    assert segments.is_gsm(text)
    assert segments.delivered_text(text) == text


@pytest.mark.parametrize("char", [*"ç`\t“”–ŻÁΑ漢😀ÈŒ\u2126\u212b\x1b\x00\x7f\ud83d\ude00"])
def test_what_is_not_in_the_tables_arrives_as_a_question_mark(char: str) -> None:
    """One for each; source: reference sms §8.1 (B/D)."""
    assert not segments.is_gsm(f"a{char}")
    assert segments.delivered_text(f"a{char}€{char}") == "a?€?"


def test_broken_surrogates_arrive_as_something_that_can_be_sent() -> None:
    """A pair is the character it spells, a lone one is U+FFFD."""
    assert segments.delivered_unicode("ż😀") == "ż😀"
    assert segments.delivered_unicode("\ud83d\ude00") == "😀"
    assert segments.delivered_unicode("a\ude00b\ud83dc\ud83d") == "a\ufffdb\ufffdc\ufffd"


@given(ANY_TEXT)
@example("A" * 152 + "€" * 200)
def test_text_parts_join_and_fit(text: str) -> None:
    """Joined, the parts are what arrives; each fits; none could take the next part's first character."""
    parts = segments.split_text(text)

    assert "".join(parts) == segments.delivered_text(text)
    assert segments.is_gsm("".join(parts))
    assert segments.count_text(text) == Segments(len(parts), weigh_text("".join(parts)), "gsm")
    if len(parts) == 1:
        assert weigh_text(parts[0]) <= 160
    else:
        assert sum(map(weigh_text, parts)) > 160
        assert all(0 < weigh_text(part) <= 153 for part in parts)
        for one, following in pairwise(parts):
            assert weigh_text(one) + weigh_text(following[0]) > 153


@given(ANY_TEXT)
@example("\ud83d\ude00" * 100)
def test_unicode_parts_join_and_fit(text: str) -> None:
    """As for text, and every part can be encoded."""
    parts = segments.split_unicode(text)

    assert "".join(parts) == segments.delivered_unicode(text)
    assert segments.count_unicode(text) == Segments(len(parts), weigh_unicode("".join(parts)), "ucs2")
    assert all(part.encode() is not None for part in parts)
    if len(parts) == 1:
        assert weigh_unicode(parts[0]) <= 70
    else:
        assert sum(map(weigh_unicode, parts)) > 70
        assert all(0 < weigh_unicode(part) <= 67 for part in parts)
        for one, following in pairwise(parts):
            assert weigh_unicode(one) + weigh_unicode(following[0]) > 67


@given(ANY_TEXT)
def test_what_arrived_arrives_again_unchanged(text: str) -> None:
    """Delivery does nothing to what has been delivered."""
    for deliver in (segments.delivered_text, segments.delivered_unicode):
        assert deliver(deliver(text)) == deliver(text)
    assert segments.is_gsm(text) == (segments.delivered_text(text) == text)
