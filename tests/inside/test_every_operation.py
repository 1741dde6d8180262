"""Every operation can be stepped: none of them needs an event loop, whatever it is asked."""

from __future__ import annotations

import base64
import re

import pytest

from fake_nexmo.apis import REGISTRY
from fake_nexmo.inside.exchange import Ask
from fake_nexmo.inside.fake import Fake
from fake_nexmo.web.api import Operation

FORM = (
    b"api_key=abcd1234&api_secret=s3cr3tS3cr3t&from=Acme&to=447700900001&text=Hi&number=447700900001&brand=Shop"
    b"&country=GB&msisdn=447700900000&callback=https://shop.test/in&moCallBackUrl=http://127.0.0.1:1/in&trx=1&code=1234"
)
JSON = b'{"name": "Shop", "to": [{"type": "phone", "number": "447700900001"}], "ncco": [{"action": "record"}]}'
BASIC = b"Basic " + base64.b64encode(b"abcd1234:s3cr3tS3cr3t")
BODIES = [(b"application/x-www-form-urlencoded", FORM), (b"application/json", JSON), (b"text/plain", b"")]

CASES = [
    pytest.param(operation, method, path, id=f"{operation.name} {method} {path}")
    for api in REGISTRY
    for operation in api.operations
    for path in operation.paths
    for method in operation.methods
]


@pytest.mark.parametrize(("operation", "method", "path"), CASES)
def test_an_operation_is_stepped(
    operation: Operation, method: str, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    fake = Fake(seed=1)
    where = re.sub(r"{\w+}", "abcd1234", path)
    for media, body in BODIES:
        headers = [(b"host", b"api.nexmo.com"), (b"content-type", media), (b"authorization", BASIC)]

        answer = fake.answer(Ask(method, where, FORM, headers, body))

        assert answer.status != 500, answer.body
    fake.settle()
    fake.close()
    assert caplog.text == ""
