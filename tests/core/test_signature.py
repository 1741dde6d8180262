"""Signatures: the vectors of the reference, the laws, and the official libraries as judges."""

from __future__ import annotations

import hmac
import json
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fake_nexmo.core.signature import SignatureMethod, canonical, sign, timestamp_within, verify

MD5HASH, MD5, SHA1, SHA256, SHA512 = SignatureMethod

EXAMPLE_1 = {
    "api_key": "abcd1234",
    "from": "AcmeShop",
    "to": "447700900123",
    "text": "Tea & cake = joy",
    "timestamp": "1600000000",
}
EXAMPLE_2 = EXAMPLE_1 | {"type": "unicode", "text": "Zażółć ☕"}
EXAMPLE_3 = {
    "msisdn": "447700900123",
    "to": "AcmeShop",
    "network-code": "23410",
    "messageId": "0C00000012AB34CD",
    "price": "0.03330000",
    "status": "delivered",
    "scts": "2009131226",
    "err-code": "0",
    "api-key": "abcd1234",
    "client-ref": "order-77",
    "message-timestamp": "2020-09-13 12:26:41",
    "timestamp": "1600000001",
    "nonce": "6f1c0a52-0b5e-4a43-9d0e-3b6f6f0f9a11",
}
RUBY = {
    "message-timestamp": "2013-11-21 15:27:30",
    "messageId": "020000001B0FE827",
    "msisdn": "14843472194",
    "text": "Test again",
    "timestamp": "1385047698",
    "to": "13239877404",
    "type": "text",
}
AUTH_EXAMPLE = {
    "api_key": "a1b2c3d4",
    "from": "Acme Inc",
    "to": "447700900000",
    "text": "Hi & bye = ok",
    "timestamp": "1577880000",
}
PYTHON_TEST = {"param1": "value1", "param2": "value2", "timestamp": "1234567890"}
NODE_TEST = {"api_key": "12345", "timestamp": "10907902800"}

SECRET = "s3cr3tS1gnKey"
AUTH_SECRET = "emulator-signature-secret-000001"

# Example, secret, method, sig. Source: reference sms §4.4, auth §4.3.
VECTORS = [
    (EXAMPLE_1, SECRET, MD5HASH, "139c259787083063cc65f1f170012975"),
    (EXAMPLE_1, SECRET, MD5, "033ba12ca52f04dc86250e1ac07a54ba"),
    (EXAMPLE_1, SECRET, SHA1, "d8114b7d9238462bc071af328c5d2011208465c0"),
    (EXAMPLE_1, SECRET, SHA256, "8d3fa1636e65b8a1f1ee70f88a326e72dd3bee3ac7d80fd80376960ac08bace6"),
    (
        EXAMPLE_1,
        SECRET,
        SHA512,
        (
            "b7e929b6c350c478d9d0b86ec2166993f0b00193cb0399aac36d1bb05c7bdd9e"
            "f3abbed5f15993fa7f77e7e8bd65d800bd6713096cc5c136eec8220fa0dc0496"
        ),
    ),
    (EXAMPLE_2, SECRET, MD5HASH, "373bb3e440f34622a6fef9e9248697d4"),
    (EXAMPLE_2, SECRET, MD5, "214b919df48cf59969a29e90345eee98"),
    (EXAMPLE_2, SECRET, SHA1, "75f0186f05c555e1c2f2873849d71bb8090ddc68"),
    (EXAMPLE_2, SECRET, SHA256, "bb244ee39685212b66fffd2a26a8f9096f53eae9cb95a075b1f56cf5ff66d753"),
    (
        EXAMPLE_2,
        SECRET,
        SHA512,
        (
            "151331a09df7f8845e846e42bcc5701901d1f52febfcd6b1e96a5452ab69562b"
            "28f4788fe7c0e19d25d8eac370d261bc4858ce11b0af47fd4999a3bbc36675db"
        ),
    ),
    (EXAMPLE_3, SECRET, MD5HASH, "77d54ee2d106e99c732b4a3ef60f0c90"),
    (EXAMPLE_3, SECRET, MD5, "3D6DD2F9D9260E4FF7634CBA949FF027"),
    (EXAMPLE_3, SECRET, SHA1, "247D865247DCE73242C27725574BB449BAF2CE61"),
    (EXAMPLE_3, SECRET, SHA256, "E0C90339F203673E375D854D0143C19A8B198735F665675AFF305A1114CAC570"),
    (
        EXAMPLE_3,
        SECRET,
        SHA512,
        (
            "90B25288DF7AD5CC7CFEE3E5F7F76F1FC49E1CBF519F8B1CE0BF4C27A53D44E5"
            "108A964BD9348083C35C6D256D6B1E51BFCC424A358E253D6E9A0ACD5875B07C"
        ),
    ),
    (RUBY, "my_secret_key_for_testing", MD5HASH, "d2e7b1dc968737c5998ad624e02f90b7"),
    (RUBY, "my_secret_key_for_testing", SHA1, "27D0D05C2876C7CB1720DBCDBA4D492E1E55C09A"),
    (AUTH_EXAMPLE, AUTH_SECRET, MD5HASH, "db62195c86fa27eef6678b7650d0fb26"),
    (AUTH_EXAMPLE, AUTH_SECRET, MD5, "CDA1A459D6C7F2651E036F1F994BD3B4"),
    (AUTH_EXAMPLE, AUTH_SECRET, SHA1, "0C83D11BB72494196B67908396D765A45C52092E"),
    (AUTH_EXAMPLE, AUTH_SECRET, SHA256, "3179D3680AFCA0756075F975BC41D0BA7029AF2CE620A9C95F7C5EC3ACCDDF9E"),
    (
        AUTH_EXAMPLE,
        AUTH_SECRET,
        SHA512,
        (
            "3CC18756EC7A57CF70A0A97BE6CB2F12A3EE5C56BFE62AEE12BC7D9A70C60266"
            "091ADF4A06C41C48F9ACBD647C1B95252044CFADD3999AE6362B84FBE0C249C1"
        ),
    ),
    (
        PYTHON_TEST,
        "signature_secret",
        SHA256,
        "280c4320703dbc98bfa22db676655ed2acfbfe8792b062ff7622e67f1183c287",
    ),
    (PYTHON_TEST, "signature_secret", MD5, "724c2bf6ca423c36e20631b11d1c5753"),
    (NODE_TEST, "ABCDE", MD5HASH, "cef8064b08b4d1e571219bde9aa85421"),
    (NODE_TEST, "ABCDE", MD5, "1913296511a36926815c7e752a4c20fc"),
]

TEXTS = st.text(st.characters(exclude_categories=()) | st.sampled_from("&=_ \ud83d"), max_size=8)
PARAMS = st.dictionaries(TEXTS, TEXTS, max_size=6)
METHODS = st.sampled_from(SignatureMethod)


@pytest.mark.parametrize(
    ("params", "text"),
    [
        (
            EXAMPLE_1,
            "&api_key=abcd1234&from=AcmeShop&text=Tea _ cake _ joy&timestamp=1600000000&to=447700900123",
        ),
        (
            EXAMPLE_2,
            "&api_key=abcd1234&from=AcmeShop&text=Zażółć ☕&timestamp=1600000000&to=447700900123&type=unicode",
        ),
        (
            EXAMPLE_3,
            (
                "&api-key=abcd1234&client-ref=order-77&err-code=0&message-timestamp=2020-09-13 12:26:41"
                "&messageId=0C00000012AB34CD&msisdn=447700900123&network-code=23410"
                "&nonce=6f1c0a52-0b5e-4a43-9d0e-3b6f6f0f9a11&price=0.03330000&scts=2009131226&status=delivered"
                "&timestamp=1600000001&to=AcmeShop"
            ),
        ),
        (
            AUTH_EXAMPLE,
            "&api_key=a1b2c3d4&from=Acme Inc&text=Hi _ bye _ ok&timestamp=1577880000&to=447700900000",
        ),
        ({}, ""),
        ({"sig": "x"}, ""),
        # Byte order: hyphen, digits, upper case, underscore, lower case, then what needs more octets.
        (
            dict.fromkeys(["é", "aa", "a_", "aA", "a1", "a-", "\U0001f600", "\uffff"], "v"),
            "&a-=v&a1=v&aA=v&a_=v&aa=v&é=v&\uffff=v&\U0001f600=v",
        ),
    ],
)
def test_the_text_that_is_signed(params: dict[str, str], text: str) -> None:
    """Sorted, cleaned, with a leading ``&``; ``sig`` never counts."""
    assert canonical(params) == text
    assert canonical({**params, "sig": "whatever"}) == text


def test_blank_values_can_be_left_out() -> None:
    """Empty or white space only, as Java sees it; a no-break space is not white space there."""
    params = {"a": "", "b": " \t\n", "c": "\u00a0", "d": " x "}
    assert canonical(params) == "&a=&b= \t\n&c=\u00a0&d= x "
    assert canonical(params, blanks=False) == "&c=\u00a0&d= x "


@pytest.mark.parametrize(("params", "secret", "method", "sig"), VECTORS)
def test_the_vectors(params: dict[str, str], secret: str, method: SignatureMethod, sig: str) -> None:
    """What the service would send, to the letter; either case is right when received."""
    in_our_case = sig.lower() if method is MD5HASH else sig.upper()
    assert sign(method, params, secret) == in_our_case
    assert verify(method, params, secret, sig)
    assert verify(method, {**params, "sig": sig}, secret, sig.swapcase())


@pytest.mark.parametrize(("params", "secret", "method", "sig"), VECTORS)
def test_a_right_digest_by_another_method_is_wrong(
    params: dict[str, str], secret: str, method: SignatureMethod, sig: str
) -> None:
    """The method is the account's; source: reference sms §4.2 (A)."""
    for other in set(SignatureMethod) - {method}:
        assert not verify(other, params, secret, sig)


@pytest.mark.parametrize(
    ("method", "sig"),
    [
        (MD5HASH, "5ac972a72984afc20ab57c267869bfc9"),
        (SHA256, "527c98f1d12be3bb7e0c41441b09d71b29c3b00d7c1ede323dfa21f426e51664"),
    ],
)
def test_the_broken_form_of_node_3_is_refused_unless_asked_for(method: SignatureMethod, sig: str) -> None:
    """It signs an encoded query without ``&`` and ``=``; source: reference auth §4.3, sms §4.5 (C)."""
    assert not verify(method, AUTH_EXAMPLE, AUTH_SECRET, sig, python4=True)
    assert verify(method, AUTH_EXAMPLE, AUTH_SECRET, sig, node3=True)


@pytest.mark.parametrize(
    ("method", "sig"),
    [(MD5HASH, "d7f81394898d98c876e782b3c98391b8"), (MD5, "c3216bfa0866f77ff0b8cb2db6024a6e")],
)
def test_the_broken_form_of_node_3_in_its_own_tests(method: SignatureMethod, sig: str) -> None:
    """The values that its tests expect are not those of the service."""
    assert not verify(method, NODE_TEST, "ABCDE", sig)
    assert verify(method, NODE_TEST, "ABCDE", sig, node3=True)


@pytest.mark.parametrize("method", SignatureMethod)
def test_blanks_kept_or_left_out_both_verify(method: SignatureMethod) -> None:
    """Java leaves blank values out of the text and sends them all the same."""
    params = EXAMPLE_1 | {"client-ref": "", "text": " "}
    without = {name: value for name, value in params.items() if value.strip()}

    assert verify(method, params, SECRET, sign(method, params, SECRET))
    assert verify(method, params, SECRET, sign(method, without, SECRET))
    del without["from"]
    assert not verify(method, params, SECRET, sign(method, without, SECRET))


@pytest.mark.parametrize("method", SignatureMethod)
def test_a_wrong_signature_is_false_whatever_it_looks_like(method: SignatureMethod) -> None:
    """Cut, prolonged, empty, not ASCII, not hexadecimal, huge: false, never an error."""
    right = sign(method, EXAMPLE_1, SECRET)
    flipped = ("0" if right[0] != "0" else "1") + right[1:]
    odd = [
        "",
        right[:-1],
        right + "0",
        " " + right,
        flipped,
        right[:-1] + "\ud83d",
        "ł" * len(right),
        "İ" * len(right),
        "g" * len(right),
        "0" * 1_000_000,
    ]
    assert [verify(method, EXAMPLE_1, SECRET, sig, python4=True) for sig in odd] == [False] * len(odd)
    assert not verify(method, EXAMPLE_1, SECRET + "x", right)
    assert not verify(method, EXAMPLE_1 | {"extra": ""}, SECRET + "x", right)


@pytest.mark.parametrize("method", SignatureMethod)
def test_an_account_without_a_secret_has_no_right_signature(method: SignatureMethod) -> None:
    """Not even the one that the empty secret gives."""
    assert not verify(method, EXAMPLE_1, "", sign(method, EXAMPLE_1, ""))


@given(METHODS, PARAMS, TEXTS.filter(bool))
def test_what_is_signed_verifies(method: SignatureMethod, params: dict[str, str], secret: str) -> None:
    """For any names, values and secret, lone surrogates too."""
    sig = sign(method, params, secret)
    assert sig == (sig.lower() if method is MD5HASH else sig.upper())
    assert verify(method, params, secret, sig)
    assert verify(method, params | {"sig": "old"}, secret, sig.swapcase(), python4=True)


@given(METHODS, PARAMS, TEXTS, TEXTS)
def test_any_signature_is_judged_without_an_error(
    method: SignatureMethod, params: dict[str, str], secret: str, sig: str
) -> None:
    """A text of a few characters is never right."""
    assert not verify(method, params, secret, sig, python4=True)


@pytest.mark.parametrize(
    ("value", "now_s", "within"),
    [
        ("1600000000", 1600000000.0, True),
        ("1600000000", 1600000300.0, True),
        ("1600000000", 1600000300.5, False),
        ("1600000300", 1600000000.0, True),
        ("1600000301", 1600000000.0, False),
        ("0", 0.0, True),
        ("", 0.0, False),
        ("-1", 0.0, False),
        ("+1", 0.0, False),
        (" 1", 0.0, False),
        ("1.0", 0.0, False),
        ("1e0", 0.0, False),
        ("1_0", 0.0, False),
        ("٣", 0.0, False),
        ("²", 0.0, False),
        ("None", 0.0, False),
        ("\ud83d", 0.0, False),
        ("2020-09-13 12:26:40", 1600000000.0, False),
        ("1600000000000", 1600000000.0, False),
        ("9" * 10_000, 1600000000.0, False),
    ],
)
def test_the_window_of_timestamps(value: str, now_s: float, within: bool) -> None:
    """Five minutes either way, plain seconds only."""
    assert timestamp_within(value, now_s) is within


def test_the_window_can_be_another() -> None:
    """For those who want it narrower or wider."""
    assert not timestamp_within("100", 111.0, 10)
    assert timestamp_within("100", 110.0, 10)


def test_python_4_signs_what_it_does_not_send() -> None:
    """Fields that are not set are hashed as ``None``, ``sig`` too; only the opt-in takes that."""
    sent = {"to": "447700900123", "from": "A", "text": "a&b", "api_key": "k", "timestamp": "1600000000"}
    text = (
        "&account-ref=None&api_key=k&body=None&callback=None&client-ref=None&content-id=None&entity-id=None"
        "&from=A&message-class=None&protocol-id=None&sig=None&status-report-req=None&text=a_b"
        "&timestamp=1600000000&to=447700900123{trusted}&ttl=None&type=None&udh=None"
    )
    for trusted in ("&trusted-number=None", ""):
        sig = hmac.digest(SECRET.encode(), text.format(trusted=trusted).encode(), "sha256").hex()

        assert not verify(SHA256, {**sent, "sig": sig}, SECRET, sig)
        assert verify(SHA256, {**sent, "sig": sig}, SECRET, sig, python4=True)
        assert not verify(SHA256, {**sent, "to": "447700900124"}, SECRET, sig, python4=True)


# The official libraries, in environments of their own.

_SDK = Path(__file__).parents[2] / ".sdk"

_VONAGE_SEND = """
import json, sys, requests
from vonage_http_client import Auth, HttpClient
from vonage_sms import Sms, SmsMessage
from vonage_sms.errors import SmsError

sent = []

def send(self, request, **kwargs):
    sent.append(request.body)
    reply = requests.Response()
    reply.status_code = 200
    reply.headers["Content-Type"] = "application/json"
    reply._content = b'{"message-count": "1", "messages": [{"status": "0"}]}'
    reply.request = request
    return reply

requests.adapters.HTTPAdapter.send = send
for method, fields in json.load(sys.stdin):
    client = HttpClient(Auth(api_key="abcd1234", signature_secret="s3cr3tS1gnKey", signature_method=method))
    Sms(client).send(SmsMessage(**fields))
print(json.dumps([body if isinstance(body, str) else body.decode() for body in sent]))
"""

_VONAGE_SIGN = """
import json, sys
from vonage_http_client import Auth

answers = []
for method, secret, params, sig in json.load(sys.stdin):
    auth = Auth(api_key="abcd1234", signature_secret=secret, signature_method=method)
    answers.append([auth.sign_params(dict(params)), auth.check_signature({**params, "sig": sig})])
print(json.dumps(answers))
"""

_NEXMO_SIGN = """
import json, sys, nexmo

answers = []
for method, secret, params, sig in json.load(sys.stdin):
    name = None if method == "md5hash" else method
    client = nexmo.Client(key="k", secret="s", signature_secret=secret, signature_method=name)
    answers.append([client.signature(dict(params)), client.check_signature({**params, "sig": sig})])
print(json.dumps(answers))
"""


def run_with_sdk(sdk: str, program: str, given: object) -> list[list[object]]:
    """What the program answers when it runs with the library's own Python."""
    python = _SDK / sdk / "bin" / "python"
    if not python.exists():
        pytest.skip(f"the environment of the library {sdk} is not installed")
    done = subprocess.run(
        [python, "-W", "ignore", "-c", program], input=json.dumps(given), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    answer: list[list[object]] = json.loads(done.stdout)
    return answer


@pytest.mark.sdk
@pytest.mark.parametrize(
    ("sdk", "program", "methods"),
    [("vonage", _VONAGE_SIGN, [MD5, SHA1, SHA256, SHA512]), ("nexmo", _NEXMO_SIGN, list(SignatureMethod))],
)
def test_the_libraries_agree(sdk: str, program: str, methods: list[SignatureMethod]) -> None:
    """They take our signatures, and we take theirs."""
    cases = [
        (method, SECRET, params, sign(method, params, SECRET))
        for method in methods
        for params in (EXAMPLE_1, EXAMPLE_2, EXAMPLE_3, RUBY, EXAMPLE_1 | {"client-ref": ""})
    ]

    answers = run_with_sdk(sdk, program, cases)

    assert answers == [[sig.lower(), True] for _, _, _, sig in cases]
    for (method, secret, params, _), (theirs, _) in zip(cases, answers, strict=True):
        assert verify(method, params, secret, str(theirs))


@pytest.mark.sdk
@pytest.mark.parametrize("method", [MD5, SHA1, SHA256])
def test_what_vonage_4_really_sends(method: SignatureMethod) -> None:
    """Refused as it stands, taken by the opt-in, whatever fields are set."""
    from urllib.parse import parse_qsl

    always = {"to": "447700900123", "from_": "AcmeShop"}
    messages: list[dict[str, object]] = [
        {**always, "text": "Tea & cake = joy"},
        {**always, "text": "Zażółć ☕", "type": "unicode", "client_ref": "a=b&c", "ttl": 20000},
        {**always, "text": "", "status_report_req": True, "message_class": 0, "trusted_number": False},
        {**always, "text": "x", "type": "binary", "body": "00", "udh": "00", "protocol_id": 1},
    ]

    bodies = run_with_sdk("vonage", _VONAGE_SEND, [(method, message) for message in messages])

    assert len(bodies) == len(messages)
    for body in bodies:
        params = dict(parse_qsl(str(body), keep_blank_values=True))
        assert not verify(method, params, SECRET, params["sig"])
        assert verify(method, params, SECRET, params["sig"], python4=True)
