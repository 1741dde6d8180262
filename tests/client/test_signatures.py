"""Signatures against the vectors of the reference, and against the emulator's own, which shares no line with them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fake_nexmo.core import signature as house
from fake_nexmo_client.signatures import SignatureMethod, canonical, is_signed, sign

METHODS: tuple[SignatureMethod, ...] = ("md5hash", "md5", "sha1", "sha256", "sha512")
SECRET = "s3cr3tS1gnKey"
FIRST = {
    "api_key": "abcd1234",
    "from": "AcmeShop",
    "to": "447700900123",
    "text": "Tea & cake = joy",
    "timestamp": "1600000000",
}
RECEIPT = {
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
# Source: reference sms §4.4 (computed), auth §4.3 (computed), the Ruby library's tests (C).
VECTORS: list[tuple[dict[str, str], str, dict[SignatureMethod, str]]] = [
    (
        FIRST,
        SECRET,
        {
            "md5hash": "139c259787083063cc65f1f170012975",
            "md5": "033ba12ca52f04dc86250e1ac07a54ba",
            "sha1": "d8114b7d9238462bc071af328c5d2011208465c0",
            "sha256": "8d3fa1636e65b8a1f1ee70f88a326e72dd3bee3ac7d80fd80376960ac08bace6",
            "sha512": "b7e929b6c350c478d9d0b86ec2166993f0b00193cb0399aac36d1bb05c7bdd9ef3abbed5f15993fa7f77e7e8bd65d800"
            "bd6713096cc5c136eec8220fa0dc0496",
        },
    ),
    (
        {**FIRST, "type": "unicode", "text": "Zażółć ☕"},
        SECRET,
        {
            "md5hash": "373bb3e440f34622a6fef9e9248697d4",
            "md5": "214b919df48cf59969a29e90345eee98",
            "sha1": "75f0186f05c555e1c2f2873849d71bb8090ddc68",
            "sha256": "bb244ee39685212b66fffd2a26a8f9096f53eae9cb95a075b1f56cf5ff66d753",
            "sha512": "151331a09df7f8845e846e42bcc5701901d1f52febfcd6b1e96a5452ab69562b28f4788fe7c0e19d25d8eac370d261bc"
            "4858ce11b0af47fd4999a3bbc36675db",
        },
    ),
    (
        RECEIPT,
        SECRET,
        {
            "md5hash": "77d54ee2d106e99c732b4a3ef60f0c90",
            "md5": "3D6DD2F9D9260E4FF7634CBA949FF027",
            "sha1": "247D865247DCE73242C27725574BB449BAF2CE61",
            "sha256": "E0C90339F203673E375D854D0143C19A8B198735F665675AFF305A1114CAC570",
            "sha512": "90B25288DF7AD5CC7CFEE3E5F7F76F1FC49E1CBF519F8B1CE0BF4C27A53D44E5108A964BD9348083C35C6D256D6B1E51"
            "BFCC424A358E253D6E9A0ACD5875B07C",
        },
    ),
    (
        {
            "message-timestamp": "2013-11-21 15:27:30",
            "messageId": "020000001B0FE827",
            "msisdn": "14843472194",
            "text": "Test again",
            "timestamp": "1385047698",
            "to": "13239877404",
            "type": "text",
        },
        "my_secret_key_for_testing",
        {"md5hash": "d2e7b1dc968737c5998ad624e02f90b7", "sha1": "27D0D05C2876C7CB1720DBCDBA4D492E1E55C09A"},
    ),
    (
        {
            "api_key": "a1b2c3d4",
            "from": "Acme Inc",
            "to": "447700900000",
            "text": "Hi & bye = ok",
            "timestamp": "1577880000",
        },
        "emulator-signature-secret-000001",
        {
            "md5hash": "db62195c86fa27eef6678b7650d0fb26",
            "md5": "CDA1A459D6C7F2651E036F1F994BD3B4",
            "sha1": "0C83D11BB72494196B67908396D765A45C52092E",
            "sha256": "3179D3680AFCA0756075F975BC41D0BA7029AF2CE620A9C95F7C5EC3ACCDDF9E",
            "sha512": "3CC18756EC7A57CF70A0A97BE6CB2F12A3EE5C56BFE62AEE12BC7D9A70C60266091ADF4A06C41C48F9ACBD647C1B9525"
            "2044CFADD3999AE6362B84FBE0C249C1",
        },
    ),
]


def test_canonical_texts_of_the_reference() -> None:
    assert canonical({**FIRST, "sig": "x"}) == (
        "&api_key=abcd1234&from=AcmeShop&text=Tea _ cake _ joy&timestamp=1600000000&to=447700900123"
    )
    assert canonical(RECEIPT) == (
        "&api-key=abcd1234&client-ref=order-77&err-code=0&message-timestamp=2020-09-13 12:26:41"
        "&messageId=0C00000012AB34CD&msisdn=447700900123&network-code=23410&nonce=6f1c0a52-0b5e-4a43-9d0e-3b6f6f0f9a11"
        "&price=0.03330000&scts=2009131226&status=delivered&timestamp=1600000001&to=AcmeShop"
    )


@pytest.mark.parametrize(("params", "secret", "digests"), VECTORS)
def test_vectors(params: dict[str, str], secret: str, digests: dict[SignatureMethod, str]) -> None:
    """Each digest is made and recognised, in either letter case, and by no other method."""
    for method, digest in digests.items():
        assert sign(params, secret, method) == digest.lower()
        for given_sig in (digest.lower(), digest.upper()):
            signed = {**params, "sig": given_sig}
            assert [each for each in METHODS if is_signed(signed, secret, each)] == [method]


def test_what_is_not_signed() -> None:
    """No signature, a cut one, letters from elsewhere, another secret, none at all, a parameter more."""
    signed = {**FIRST, "sig": sign(FIRST, SECRET)}
    assert is_signed(signed, SECRET)
    assert not is_signed(FIRST, SECRET)
    assert not is_signed({**signed, "sig": signed["sig"][:-1]}, SECRET)
    assert not is_signed({**signed, "sig": "é" * 32}, SECRET)
    assert not is_signed(signed, "other")
    assert not is_signed({**FIRST, "sig": sign(FIRST, "")}, "")
    assert not is_signed({**signed, "more": "1"}, SECRET)


TEXTS = st.text(max_size=8)


@given(
    params=st.dictionaries(st.text("abc-_Z9", min_size=1, max_size=4), TEXTS, max_size=5),
    secret=st.text(min_size=1, max_size=8),
    method=st.sampled_from(METHODS),
)
def test_the_emulator_agrees(params: dict[str, str], secret: str, method: SignatureMethod) -> None:
    """What one side signs the other takes, empty values kept or left out."""
    params.pop("sig", None)
    there = house.SignatureMethod(method)
    ours, theirs = sign(params, secret, method), house.sign(there, params, secret)
    assert ours == theirs.lower()
    assert house.verify(there, params, secret, ours)
    assert is_signed({**params, "sig": theirs}, secret, method)
    without = {name: value for name, value in params.items() if value.strip()}
    assert is_signed({**params, "sig": sign(without, secret, method)}, secret, method)
