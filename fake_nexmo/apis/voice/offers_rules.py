"""Which keys a prompt offers: "press 1 for sales" offers the key 1. Pure.

It is a rule of thumb for people who want to know which keys nobody pressed; what a call does never rests on it. A text
is cut into words, and a language counts if one of its verbs of pressing is said. Then a single digit, star or hash, or
the word for one, is offered

- after such a verb: "press 1", "drücken Sie die 2", "appuyez sur le 3", and in a list: "press 1, 2 or 3";
- before one: "die 2 drücken";
- before a word of purpose: "1 for sales, two for support", "1 für den Verkauf";
- at the end of a phrase in a sentence with such a verb: "for sales press 1, for support 2".

A digit alone before a word of purpose counts without a verb, too: "1 for sales". What is part of a longer number is no
key, nor is a count of digits ("enter 4 digits").
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from msgspec import Struct

_DIGITS: Final = "0123456789"
_WORD: Final = re.compile(r"\d+(?:[.,:/-]\d+)*\w*|[*#]|[^\W\d_]+|[.,;:!?…]")
_KEY: Final = re.compile(r"[0-9*#]")
_NUMBER: Final = re.compile(r"\d")
_ENDS: Final = frozenset(".!?…")
_SENTENCE_MAX: Final = 40
_PAUSES: Final = _ENDS | frozenset(",;:")


class _Language(Struct, frozen=True):
    """The words of a language that tell a key.

    Attributes:
        verbs: of pressing.
        fillers: what may stand between a verb and its key.
        ors: what joins keys to a list.
        purposes: what may follow a key that is offered.
        counted: what may not: there the number is a count.
        spans: what a number that ends a phrase may not follow: there it is a time.
        keys: the words for keys.
    """

    verbs: frozenset[str]
    fillers: frozenset[str]
    ors: frozenset[str]
    purposes: frozenset[str]
    counted: frozenset[str]
    spans: frozenset[str]
    keys: Mapping[str, str]


def _language(
    verbs: str, fillers: str, ors: str, purposes: str, counted: str, spans: str, digits: str, **others: str
) -> _Language:
    keys = dict(zip(digits.split(), _DIGITS, strict=True))
    keys |= {word: key for key, words in (("*", others["star"]), ("#", others["hash_"])) for word in words.split()}
    return _Language(
        verbs=frozenset(verbs.split()),
        fillers=frozenset(fillers.split()),
        ors=frozenset(ors.split()),
        purposes=frozenset(purposes.split()),
        counted=frozenset(counted.split()),
        spans=frozenset(spans.split()),
        keys=keys,
    )


_LANGUAGES: Final[Mapping[str, _Language]] = {
    "en": _language(
        "press push dial enter hit select choose type",
        "the key number button on please option",
        "or and",
        "for to if when",
        "digit digits numbers characters",
        "to till until from at",
        "zero one two three four five six seven eight nine",
        star="star asterisk",
        hash_="hash pound",
    ),
    "de": _language(
        "drücken drücke drück wählen wähle tippen tippe betätigen",
        "sie bitte die auf taste ziffer",
        "oder und",
        "für um wenn falls zum zur",
        "ziffern stellen zeichen stellige",
        "bis von um ab",
        "null eins zwei drei vier fünf sechs sieben acht neun",
        star="stern sterntaste sternchen",
        hash_="raute rautetaste",
    ),
    "fr": _language(
        "appuyez appuyer tapez taper faites composez pressez",
        "sur le la touche",
        "ou et",
        "pour si afin",
        "chiffres caractères",
        "à de",
        "zéro un deux trois quatre cinq six sept huit neuf",
        star="étoile",
        hash_="dièse",
    ),
    "es": _language(
        "pulse pulsa pulsar presione presiona oprima marque marca digite teclee",
        "el la en tecla número opción",
        "o u y",
        "para si",
        "dígitos cifras caracteres",
        "a de hasta",
        "cero uno dos tres cuatro cinco seis siete ocho nueve",
        star="asterisco estrella",
        hash_="almohadilla numeral",
    ),
    "it": _language(
        "prema premi premere digiti digita digitare selezioni",
        "il lo tasto numero",
        "o e",
        "per se",
        "cifre caratteri",
        "alle dalle",
        "zero uno due tre quattro cinque sei sette otto nove",
        star="asterisco",
        hash_="cancelletto",
    ),
    "pt": _language(
        "pressione digite tecle marque aperte prima",
        "a o tecla número opção",
        "ou e",
        "para se",
        "dígitos caracteres",
        "às das até",
        "zero um dois três quatro cinco seis sete oito nove",
        star="asterisco estrela",
        hash_="cardinal cerquilha",
    ),
    "nl": _language(
        "druk toets kies",
        "op de het toets cijfer",
        "of en",
        "voor om als",
        "cijfers tekens",
        "tot van",
        "nul een twee drie vier vijf zes zeven acht negen",
        star="sterretje ster",
        hash_="hekje",
    ),
}
LANGUAGES: Final = tuple(_LANGUAGES)
"""The languages whose prompts are understood; digits before a word of purpose are in any of them."""


class _Word(NamedTuple):
    """A word of a text, in lower case, where it stands, and the key that it names; empty: none."""

    text: str
    span: tuple[int, int]
    key: str


class Offers(NamedTuple):
    """What a text offers.

    Attributes:
        keys: in their order, each once.
        spans: where they stand in the text.
    """

    keys: tuple[str, ...]
    spans: tuple[tuple[int, int], ...]


def offered(texts: Iterable[str]) -> tuple[str, ...]:
    """The keys that some texts offer together: digits in their order, then star and hash."""
    return ordered({key for text in texts for key in find(text).keys})


def ordered(keys: Iterable[str]) -> tuple[str, ...]:
    """Keys in the order in which they are listed: 1 to 9, 0, star, hash."""
    return tuple(sorted(set(keys), key="1234567890*#".index))


@functools.lru_cache(maxsize=256)
def find(text: str) -> Offers:
    """The keys that a text offers, and where."""
    said = [(match[0].lower(), match.span()) for match in _WORD.finditer(text)]
    spoken = [each for each in _LANGUAGES.values() if any(word in each.verbs for word, _ in said)]
    words = [_Word(word, span, _key(word, spoken)) for word, span in said]
    found = [word for k, word in enumerate(words) if word.key and _is_offered(words, k, spoken)]
    return Offers(tuple(dict.fromkeys(word.key for word in found)), tuple(word.span for word in found))


def _key(word: str, spoken: Sequence[_Language]) -> str:
    if _KEY.fullmatch(word):
        return word
    return next((each.keys[word] for each in spoken if word in each.keys), "")


def _is_offered(words: Sequence[_Word], k: int, spoken: Sequence[_Language]) -> bool:
    rest = [word.text for word in words[k + 1 : k + 4]]
    if rest and _in(spoken, "fillers", rest[0]):
        # "the pound key to end".
        del rest[0]
    after, behind = [*rest, ".", "."][:2]
    if _NUMBER.match(after) or _in(spoken, "counted", after):
        return False
    if _in(spoken, "verbs", after) or _led_to(words, k, spoken):
        return True
    languages = _LANGUAGES.values() if words[k].text == words[k].key else spoken
    if _in(languages, "purposes", after):
        # "2 to 3 minutes" is no purpose.
        return not _NUMBER.match(behind)
    return after in _PAUSES and _in_phrase(words, k, spoken)


def _led_to(words: Sequence[_Word], k: int, spoken: Sequence[_Language]) -> bool:
    """Whether a verb leads to the key, past fillers and other keys of a list."""
    for word in _before(words, k):
        if _in(spoken, "verbs", word.text):
            return True
        if not (word.key or word.text == "," or _in(spoken, "fillers", word.text) or _in(spoken, "ors", word.text)):
            return False
    return False


def _in_phrase(words: Sequence[_Word], k: int, spoken: Sequence[_Language]) -> bool:
    """Whether a verb is said before in the sentence that the key ends a phrase of."""
    if k and _in(spoken, "spans", words[k - 1].text) and not _in(spoken, "fillers", words[k - 1].text):
        return False
    for word in _before(words, k):
        if word.text in _ENDS:
            return False
        if _in(spoken, "verbs", word.text):
            return True
    return False


def _before(words: Sequence[_Word], k: int) -> Iterator[_Word]:
    """The words before one, the nearest first, as far as a sentence that is understood may go."""
    return reversed(words[max(0, k - _SENTENCE_MAX) : k])


def _in(languages: Iterable[_Language], words: str, word: str) -> bool:
    return any(word in getattr(each, words) for each in languages)
