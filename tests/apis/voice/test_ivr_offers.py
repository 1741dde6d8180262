"""Which keys prompts offer."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fake_nexmo.apis.voice.offers_rules import LANGUAGES, find, offered, ordered

PROMPTS = {
    "en": [
        ("Press 1 for sales, 2 for support.", "12"),
        ("For sales press 1, for support 2.", "12"),
        ("For sales, press 1. For support, press 2.", "12"),
        ("Press one for sales, two for support.", "12"),
        ("Press 1, 2 or 3.", "123"),
        ("Press * to repeat or # to end.", "*#"),
        ("Press the star key to repeat, the pound key to end.", "*#"),
        ("To leave a message, press hash.", "#"),
        ("PRESS THE NUMBER ZERO NOW", "0"),
        ("1 for sales", "1"),
        ("Please enter 1 now", "1"),
        ("Press 1 for sales; for support, 2; open from 9 to 5.", "12"),
        ("Press 1 if it is due to arrive.", "1"),
        ("Press 1 again, press 1", "1"),
    ],
    "de": [
        ("Drücken Sie die 2", "2"),
        ("Für Verkauf drücken Sie die Eins, für Support die Zwei.", "12"),
        ("Für Verkauf bitte die 1 drücken.", "1"),
        ("1 für Verkauf", "1"),
        ("Drücken Sie bitte die 1 oder die 2.", "12"),
        ("Wählen Sie Raute, um zu enden.", "#"),
    ],
    "fr": [
        ("Appuyez sur le 1 pour les ventes, 2 pour le support.", "12"),
        ("Pour les ventes, tapez 1, pour le support, tapez dièse.", "1#"),
        ("Appuyez sur la touche étoile.", "*"),
    ],
    "es": [("Pulse 1 para ventas o marque el dos para soporte.", "12"), ("Para terminar, pulse almohadilla.", "#")],
    "it": [("Prema il tasto 1 per le vendite, due per l'assistenza.", "12")],
    "pt": [("Para vendas, digite 1. Para suporte, tecle dois.", "12")],
    "nl": [("Druk op 1 voor verkoop, twee voor hulp.", "12"), ("Voor verkoop toets hekje.", "#")],
}
NOTHING = [
    "",
    "Hello there.",
    "Enter your 4 digit PIN.",
    "Enter 4 digits.",
    "Geben Sie 4 Ziffern ein, wählen Sie 4 Ziffern.",
    "We are open 24/7, 9 to 5.",
    "It takes 2 to 3 minutes.",
    "Dial 0 20 7946 0123.",
    "Press 12 for nothing.",
    "Your order 7 is ready.",
    "One for all.",
    "Press the red button. Rooms are from 3 to 5.",
    "Press any key before 9:30, or 1.5 for less.",
    "Press now, we are here until 6.",
    "Press now. There are 5, friends.",
    "5, friends, press now.",
    f"Press now, {'and ' * 50}1",
]


def test_languages() -> None:
    """Each has a prompt here."""
    assert tuple(PROMPTS) == LANGUAGES


@pytest.mark.parametrize(("text", "keys"), [each for prompts in PROMPTS.values() for each in prompts])
def test_keys_that_are_offered(text: str, keys: str) -> None:
    assert find(text).keys == tuple(keys)


@pytest.mark.parametrize("text", NOTHING)
def test_numbers_that_are_no_keys(text: str) -> None:
    assert find(text) == ((), ())


def test_where_keys_stand() -> None:
    """Digits and words, each time that they are offered."""
    text = "Press 1, or one for sales."

    found = find(text)

    assert [text[begin:end] for begin, end in found.spans] == ["1", "one"]


def test_keys_of_several_texts_in_their_order() -> None:
    """Zero after nine, as on a phone."""
    assert offered(["Press # to end.", "Press 0 or 2.", "Press 2."]) == ("2", "0", "#")
    assert ordered("0#*921") == ("1", "2", "9", "0", "*", "#")


@given(st.text(st.sampled_from("press 12*#,.;for to oder drücken sie die ßİ eins\n"), max_size=60) | st.text())
def test_any_text_can_be_read(text: str) -> None:
    """Keys are keys, and stand where they are said to stand."""
    found = find(text)

    assert set(found.keys) <= set("0123456789*#")
    assert all(0 <= begin < end <= len(text) for begin, end in found.spans)
