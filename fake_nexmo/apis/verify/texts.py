"""The languages of the Verify API and what its messages say in them. Data.

Source: reference verify §10 for the languages; §7, §9.4 for the English texts (B; D for payments); README rulings:
other languages in our own wording.
Doubt: where we are not sure of a language, its messages are in English.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from msgspec import Struct


class Texts(Struct, frozen=True):
    """What messages say in one language.

    Attributes:
        sms: the text message, and ``voice`` the call; ``{brand}``, ``{pin}`` and ``{minutes}`` are filled in.
        payment: either of them for a payment; ``{pin}``, ``{amount}`` and ``{payee}`` are filled in.
    """

    sms: str
    voice: str
    payment: str


LANGUAGES: Final = frozenset(
    (
        *("ar-xa", "cs-cz", "cy-cy", "cy-gb", "da-dk", "de-de", "el-gr", "en-au"),
        *("en-gb", "en-in", "en-us", "es-es", "es-mx", "es-us", "fi-fi", "fil-ph"),
        *("fr-ca", "fr-fr", "hi-in", "hu-hu", "id-id", "is-is", "it-it", "ja-jp"),
        *("ko-kr", "nb-no", "nl-nl", "pl-pl", "pt-br", "pt-pt", "ro-ro", "ru-ru"),
        *("sv-se", "th-th", "tr-tr", "vi-vn", "yue-cn", "zh-cn", "zh-tw"),
    )
)
"""What ``lg`` may be where a verification starts. Source: reference verify §10 (B)."""

PAYMENT_LANGUAGES: Final = frozenset(
    (
        *("en-gb", "bg-bg", "cs-cz", "da-dk", "de-de", "ee-et", "el-gr", "es-es"),
        *("fi-fi", "fr-fr", "ga-ie", "hu-hu", "it-it", "lv-lv", "lt-lt", "mt-mt"),
        *("nl-nl", "pl-pl", "sk-sk", "sl-si", "sv-se"),
    )
)
"""What ``lg`` may be for a payment. Source: reference verify §10 (B)."""

SPOKEN_IN_ENGLISH: Final = frozenset(("bg-bg", "ee-et", "ga-ie", "lv-lv", "lt-lt", "mt-mt", "sk-sk", "sl-si"))
"""Languages of payments that calls are not spoken in. Source: reference verify §7 (B)."""

ENGLISH: Final = "en-gb"

# Doubt: which language a country has by default is documented as "from the country of the number" and no further; here
# it is the one that names the country. Where several do, and in Canada, it is English or Mandarin.
_FIRST: Mapping[str, str] = {"GB": "en-gb", "US": "en-us", "IN": "en-in", "CN": "zh-cn", "CA": "en-us"}
_OF_COUNTRY: Mapping[str, str] = {
    **{each.partition("-")[2].upper(): each for each in sorted(LANGUAGES - {"ar-xa", "cy-cy"})},
    **_FIRST,
}
_PAYMENT_OF_COUNTRY: Mapping[str, str] = {
    **{each.partition("-")[2].upper(): each for each in sorted(PAYMENT_LANGUAGES - {"ee-et"})},
    # The reference spells Estonian the wrong way round.
    "EE": "ee-et",
}

_EN = Texts(
    "{brand} code: {pin}. Valid for {minutes} minutes.",
    "Please enter your {brand} activation code {pin}, I repeat {pin}, valid the next {minutes} minutes.",
    "Code: {pin}. Use it to authorise the payment of {amount} EUR to {payee}.",
)
_TEXTS: Mapping[str, Texts] = {
    "en": _EN,
    "cs": Texts(
        "Kód {brand}: {pin}. Platí {minutes} minut.",
        "Zadejte prosím svůj aktivační kód {brand} {pin}, opakuji {pin}, platí {minutes} minut.",
        "Kód: {pin}. Použijte jej k potvrzení platby {amount} EUR příjemci {payee}.",
    ),
    "da": Texts(
        "{brand}-kode: {pin}. Gyldig i {minutes} minutter.",
        "Indtast venligst din {brand} aktiveringskode {pin}, jeg gentager {pin}, gyldig i {minutes} minutter.",
        "Kode: {pin}. Brug den til at godkende betalingen på {amount} EUR til {payee}.",
    ),
    "de": Texts(
        "{brand}-Code: {pin}. Gültig für {minutes} Minuten.",
        "Bitte geben Sie Ihren {brand} Aktivierungscode {pin} ein, ich wiederhole {pin}, gültig für {minutes} Minuten.",
        "Code: {pin}. Bestätigen Sie damit die Zahlung von {amount} EUR an {payee}.",
    ),
    "es": Texts(
        "Código de {brand}: {pin}. Válido durante {minutes} minutos.",
        "Introduzca su código de activación de {brand} {pin}, repito {pin}, válido durante {minutes} minutos.",
        "Código: {pin}. Úselo para autorizar el pago de {amount} EUR a {payee}.",
    ),
    "fi": Texts(
        "{brand}-koodi: {pin}. Voimassa {minutes} minuuttia.",
        "Syötä {brand}-aktivointikoodisi {pin}, toistan {pin}, voimassa {minutes} minuuttia.",
        "Koodi: {pin}. Vahvista sillä maksu {amount} EUR, saaja {payee}.",
    ),
    "fr": Texts(
        "Code {brand} : {pin}. Valable {minutes} minutes.",
        "Veuillez saisir votre code d'activation {brand} {pin}, je répète {pin}, valable {minutes} minutes.",
        "Code : {pin}. Utilisez-le pour autoriser le paiement de {amount} EUR à {payee}.",
    ),
    "hu": Texts(
        "{brand} kód: {pin}. {minutes} percig érvényes.",
        "Kérjük, adja meg {brand} aktiváló kódját: {pin}, ismétlem: {pin}, {minutes} percig érvényes.",
        "Kód: {pin}. Ezzel hagyhatja jóvá a {amount} EUR összegű fizetést. Kedvezményezett: {payee}.",
    ),
    "id": Texts(
        "Kode {brand}: {pin}. Berlaku selama {minutes} menit.",
        "Silakan masukkan kode aktivasi {brand} Anda {pin}, saya ulangi {pin}, berlaku selama {minutes} menit.",
        _EN.payment,
    ),
    "it": Texts(
        "Codice {brand}: {pin}. Valido per {minutes} minuti.",
        "Inserisca il suo codice di attivazione {brand} {pin}, ripeto {pin}, valido per {minutes} minuti.",
        "Codice: {pin}. Lo usi per autorizzare il pagamento di {amount} EUR a {payee}.",
    ),
    "ja": Texts(
        "{brand} 認証コード: {pin}。{minutes}分間有効です。",
        "{brand}の認証コード {pin} を入力してください。繰り返します。{pin}。{minutes}分間有効です。",
        _EN.payment,
    ),
    "nb": Texts(
        "{brand}-kode: {pin}. Gyldig i {minutes} minutter.",
        "Vennligst tast inn din {brand} aktiveringskode {pin}, jeg gjentar {pin}, gyldig i {minutes} minutter.",
        _EN.payment,
    ),
    "nl": Texts(
        "{brand}-code: {pin}. {minutes} minuten geldig.",
        "Voer uw {brand} activeringscode {pin} in, ik herhaal {pin}, {minutes} minuten geldig.",
        "Code: {pin}. Gebruik deze om de betaling van {amount} EUR aan {payee} goed te keuren.",
    ),
    "pl": Texts(
        "Kod {brand}: {pin}. Ważny {minutes} min.",
        "Wprowadź swój kod aktywacyjny {brand} {pin}, powtarzam {pin}, ważny {minutes} min.",
        "Kod: {pin}. Użyj go, aby autoryzować płatność {amount} EUR dla {payee}.",
    ),
    "pt": Texts(
        "Código {brand}: {pin}. Válido por {minutes} minutos.",
        "Introduza o seu código de ativação {brand} {pin}, repito {pin}, válido por {minutes} minutos.",
        _EN.payment,
    ),
    "ro": Texts(
        "Cod {brand}: {pin}. Valabil {minutes} minute.",
        "Introduceți codul de activare {brand} {pin}, repet {pin}, valabil {minutes} minute.",
        _EN.payment,
    ),
    "ru": Texts(
        "Код {brand}: {pin}. Действителен {minutes} мин.",
        "Введите ваш код активации {brand} {pin}, повторяю {pin}, действителен {minutes} минут.",
        _EN.payment,
    ),
    "sv": Texts(
        "{brand}-kod: {pin}. Giltig i {minutes} minuter.",
        "Ange din {brand} aktiveringskod {pin}, jag upprepar {pin}, giltig i {minutes} minuter.",
        "Kod: {pin}. Använd den för att godkänna betalningen på {amount} EUR till {payee}.",
    ),
    "tr": Texts(
        "{brand} kodu: {pin}. {minutes} dakika geçerlidir.",
        "Lütfen {brand} etkinleştirme kodunuzu girin: {pin}, tekrar ediyorum {pin}, {minutes} dakika geçerlidir.",
        _EN.payment,
    ),
    "zh-cn": Texts(
        "{brand} 验证码：{pin}。{minutes} 分钟内有效。",
        "请输入您的 {brand} 验证码 {pin}，重复一遍，{pin}，{minutes} 分钟内有效。",
        _EN.payment,
    ),
    "zh-tw": Texts(
        "{brand} 驗證碼：{pin}。{minutes} 分鐘內有效。",
        "請輸入您的 {brand} 驗證碼 {pin}，重複一遍，{pin}，{minutes} 分鐘內有效。",
        _EN.payment,
    ),
}


def texts(language: str) -> Texts:
    """What messages say in a language; in English where we have no words of our own."""
    return _TEXTS.get(language) or _TEXTS.get(language.partition("-")[0]) or _EN


def language_of(country: str, *, payment: bool = False) -> str:
    """The language that a number's country has by default. Source: reference verify §3, §7 (B)."""
    if payment:
        return _PAYMENT_OF_COUNTRY.get(country, ENGLISH)
    return _OF_COUNTRY.get(country, "en-us")
