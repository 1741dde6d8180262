"""Which language a text is spoken in. Pure. Source: reference ncco §3.4 (B)."""

from __future__ import annotations

from typing import Final

DEFAULT: Final = "en-us"
"""What is spoken where nobody says, and where the language is not known. Source: reference ncco §3.4 (B, D)."""

# The languages of 2021; later years add more. Source: reference ncco §3.4 (B).
_LANGUAGES: Final = """
    ar bn-in ca-es cmn-cn cmn-tw cs-cz cy-gb da-dk de-de el-gr en-au en-gb en-gb-wls en-in en-us en-za es-es
    es-mx es-us eu-es fi-fi fil-ph fr-ca fr-fr he-il hi-in hu-hu id-id is-is it-it ja-jp ko-kr ml-in nb-no
    nl-nl pl-pl pt-br pt-pt ro-ro ru-ru sk-sk sv-se ta-in te-in th-th tr-tr uk-ua vi-vn yue-cn
"""
LANGUAGES: Final = frozenset(_LANGUAGES.split())
"""What texts can be spoken in, in lower case."""

# The voices of before 2020 by their language, with the retired aliases. Source: reference ncco §3.4 (B).
_OF_LANGUAGES: Final = {
    "hi-in": "Aditi Lekha",
    "sv-se": "Alva Astrid Oskar",
    "en-gb": "Amy Brian Emma",
    "it-it": "Bianca Carla Giorgio",
    "pt-br": "Camila Felipe Luciana Ricardo Vitoria",
    "ro-ro": "Carmen Ioana",
    "he-il": "Carmit",
    "pt-pt": "Catarina Cristiano Ines Joana",
    "fr-fr": "Celine Lea Mathieu",
    "tr-tr": "Cem Filiz Yelda",
    "fr-ca": "Chantal",
    "es-es": "Conchita Empar Enrique Lucia",
    "id-id": "Damayanti",
    "is-is": "Dora Karl",
    "pl-pl": "Agnieszka Ewa Jacek Jan Maja",
    "en-gb-wls": "Geraint",
    "cy-gb": "Gwyneth",
    "de-de": "Hans Marlene Vicki",
    "nb-no": "Henrik Liv Nora",
    "cs-cz": "Iveta Zuzana",
    "en-us": "Chipmunk Eric Ivy Jennifer Joanna Joey Justin Kendra Kimberly Matthew Salli",
    "ca-es": "Jordi Montserrat",
    "th-th": "Kanya",
    "ar": "Laila Maged Tarik Zeina",
    "sk-sk": "Laura",
    "nl-nl": "Lotte Ruben",
    "es-us": "Lupe Miguel Penelope",
    "da-dk": "Mads Naja",
    "hu-hu": "Mariska",
    "ru-ru": "Maxim Tatyana",
    "cmn-tw": "Mei-Jia",
    "el-gr": "Melina Nikos",
    "es-mx": "Mia",
    "eu-es": "Miren",
    "ja-jp": "Mizuki Takumi",
    "en-au": "Nicole Russell",
    "en-in": "Raveena",
    "fi-fi": "Satu",
    "ko-kr": "Seoyeon Sora",
    "yue-cn": "Sin-Ji",
    "en-za": "Tessa",
    "cmn-cn": "Tian-Tian Zhiyu",
}
VOICES: Final = {name: language for language, names in _OF_LANGUAGES.items() for name in names.split()}
"""The language of each voice that was once chosen by its name."""


def spoken(language: str, voice_name: str = "") -> str:
    """The language that a text is spoken in, in lower case: the one named, else that of a voice, else the default.

    Source: reference ncco §3.4 (B; D that a language wins over a voice, and for those not known).
    """
    if language:
        return language.lower() if language.lower() in LANGUAGES else DEFAULT
    return VOICES.get(voice_name, DEFAULT)
