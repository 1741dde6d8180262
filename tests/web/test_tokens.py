"""Credentials by token, through the whole house: a probe API whose requests need one."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from enum import Enum
from functools import cache
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key
from msgspec.structs import replace
from starlette.responses import Response

from fake_nexmo.apis import REGISTRY
from fake_nexmo.asgi import build_app
from fake_nexmo.control.base import Control
from fake_nexmo.core.change import Change, Claim
from fake_nexmo.core.records import Fault, FaultEffect
from fake_nexmo.core.refusal import Refusal
from fake_nexmo.engine.outbound import Outbound
from fake_nexmo.engine.runner import Engine
from fake_nexmo.keys.pool import key_pair
from fake_nexmo.web.api import Api, Operation
from fake_nexmo.web.call import Call
from fake_nexmo.web.replies import json_reply
from fake_nexmo.web.tokens import TokenRows, authenticate_token
from tests.house import WALL_START, House
from tests.live import ROOT

T = WALL_START // 1_000_000
# Where manual clocks stand at first: 2026-01-01T00:00:00Z.
WORLD_START = 1_767_225_600
BASIC = httpx.BasicAuth("abcd1234", "s3cr3tS3cr3t")
CALLS = "/v1/probes"


class Row(Enum):
    """What can be wrong, and the status it is told by."""

    BAD = 401
    SUSPENDED = 402
    FORBIDDEN = 403


ROWS = TokenRows(Row.BAD, Row.SUSPENDED, Row.FORBIDDEN)


async def endpoint(call: Call) -> Response:
    """Says whose token it was."""
    account, application = await authenticate_token(call, ROWS)
    call.about = application.application_id
    return json_reply(200, {"account": account.id, "application": application.application_id})


def word_refusal(call: Call, refusal: Refusal) -> Response:
    """The status alone."""
    call.outcome = str(refusal.row.value)
    return json_reply(refusal.row.value, {"row": refusal.row.name})


async def trouble(call: Call, name: str) -> Refusal:
    """What a fault asks for."""
    return Refusal(Row[name.upper()])


PROBE = Api(
    name="probe",
    title="Probe",
    operations=(
        Operation("probe.ask", (CALLS, f"{CALLS}/{{id}}"), ("GET", "POST"), endpoint, mark="D", source="none"),
    ),
    word_refusal=word_refusal,
    wrong_verb=lambda _: json_reply(405, {}),
    troubles={"forbidden": Row.FORBIDDEN},
    trouble=trouble,
)


class Probe:
    """The house with the probe in it.

    Attributes:
        application: the id of the application of the world ``default``.
    """

    def __init__(self, house: House) -> None:
        self.house = house
        self.application = house.world.applications[0].application_id
        registry = {**{api.name: api for api in REGISTRY}, "probe": PROBE}
        engine = Engine(house.engine.shell, registry, Outbound())
        app = build_app(engine, Control(engine, clock="manual"))
        self.client = httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://127.0.0.1:6396")

    async def ask(self, token: str, path: str = CALLS, method: str = "GET", scheme: str = "Bearer") -> int:
        """The status that a token gets."""
        return (await self.client.request(method, path, headers={"authorization": f"{scheme} {token}"})).status_code

    def claims(self, **more: Any) -> dict[str, Any]:
        """Claims as a library makes them; None takes one away."""
        made = {"application_id": self.application, "iat": T, "jti": "1298498081", **more}
        return {name: value for name, value in made.items() if value is not None}

    def token(self, **more: Any) -> str:
        """A token of the application of the world ``default``."""
        return sign(self.claims(**more))


@pytest.fixture
async def probe(house: House) -> AsyncIterator[Probe]:
    """The probe."""
    one = Probe(house)
    yield one
    await one.client.aclose()


def part(content: Any) -> str:
    """A part of a token: JSON, or the octets themselves."""
    octets = content if isinstance(content, bytes) else json.dumps(content, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


@cache
def private_key(k: int = 0) -> rsa.RSAPrivateKey:
    """A private key of the pool, the k-th of seed 42."""
    key = load_pem_private_key(key_pair(42, k).private.encode(), None)
    assert isinstance(key, rsa.RSAPrivateKey)
    return key


def sign(claims: Any, head: Any = None, *, k: int = 0, algorithm: hashes.HashAlgorithm | None = None) -> str:
    """A token signed with a key of the pool."""
    text = f"{part(head or {'alg': 'RS256', 'typ': 'JWT'})}.{part(claims)}"
    signature = private_key(k).sign(text.encode(), padding.PKCS1v15(), algorithm or hashes.SHA256())
    return f"{text}.{part(signature)}"


# ---------------------------------------------------------------------------------------------------- who is let in


async def test_request_belongs_to_the_world_of_the_application(probe: Probe) -> None:
    """Account, world and application are found by the token alone; it may be used again."""
    token = probe.token()

    first = await probe.client.get(CALLS, headers={"authorization": f"Bearer {token}"})
    again = [await probe.ask(token) for _ in range(3)]

    assert (first.status_code, first.json()) == (200, {"account": "main", "application": probe.application})
    assert again == [200] * 3
    [entry, *others] = (await probe.house.control("GET", "requests"))["items"]
    assert len(others) == 3
    assert (entry["operation"], entry["status"], entry["about"]) == ("probe.ask", 200, probe.application)


async def test_applications_made_at_run_time_sign_too(probe: Probe) -> None:
    """As soon as they are made, with a key pair or one of their own."""
    made = (await probe.client.post("/v2/applications", json={"name": "x"}, auth=BASIC)).json()
    own = {"name": "x", "keys": {"public_key": key_pair(42, 9).public}}
    brought = (await probe.client.post("/v2/applications", json=own, auth=BASIC)).json()

    assert await probe.ask(sign(probe.claims(application_id=made["id"]), k=1)) == 200
    assert await probe.ask(sign(probe.claims(application_id=brought["id"]), k=9)) == 200
    assert await probe.ask(sign(probe.claims(application_id=brought["id"]), k=1)) == 401


async def test_tokens_of_a_deleted_application_fail_at_once(probe: Probe) -> None:
    """They belong to nobody then."""
    token = probe.token()
    before = await probe.ask(token)

    await probe.client.delete(f"/v2/applications/{probe.application}", auth=BASIC)

    assert (before, await probe.ask(token)) == (200, 401)
    [lost] = (await probe.house.control("GET", "/lost-and-found"))["items"]
    assert (lost["why"], lost["name"], lost["path"]) == ("credential", probe.application, CALLS)


async def test_tokens_of_a_replaced_key_fail_at_once(probe: Probe) -> None:
    """And those of the new key pass."""
    old, new = probe.token(), sign(probe.claims(), k=9)
    before = [await probe.ask(old), await probe.ask(new)]

    said = {"name": "x", "keys": {"public_key": key_pair(42, 9).public}}
    await probe.client.put(f"/v2/applications/{probe.application}", json=said, auth=BASIC)

    assert (before, [await probe.ask(old), await probe.ask(new)]) == ([200, 401], [401, 200])


async def test_two_worlds_of_one_seed_are_told_apart_by_the_id(probe: Probe) -> None:
    """They share the key pairs, and nothing else."""
    other = await probe.house.control("POST", "/worlds", {"name": "other", "seed": 42}, 201)
    theirs = other["applications"][0]

    answer = await probe.ask(sign(probe.claims(application_id=theirs["id"])))

    assert theirs["public_key"] == key_pair(42, 0).public
    assert answer == 200
    assert (await probe.house.control("GET", "requests"))["items"] == []
    [entry] = (await probe.house.control("GET", "/worlds/other/requests"))["items"]
    assert entry["about"] == theirs["id"]


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"jti": 1298498081},
        {"iat": float(T)},
        {"iat": str(T)},
        {"exp": str(T + 60)},
        {"exp": T + 60, "nbf": T},
        {"iat": None, "exp": T + 60},
        {"sub": "alice", "subject": "x", "issued_at": T},
        {"acl": {"paths": {"/*/probes/**": {}}}},
    ],
)
async def test_what_libraries_say_is_taken(probe: Probe, more: dict[str, Any]) -> None:
    """Numbers as texts, a number as ``jti``, and leaked options; source: reference auth §5.2."""
    assert await probe.ask(probe.token(**more)) == 200


@pytest.mark.parametrize(
    "head",
    [
        {"typ": "JWT", "alg": "RS256"},
        {"alg": "RS256"},
        {"alg": "RS256", "typ": "JWT", "kid": "a", "jku": "https://evil.test"},
    ],
)
async def test_headers_of_libraries_are_taken(probe: Probe, head: dict[str, Any]) -> None:
    """In either order, without ``typ``, and whatever names a key: the application's own decides."""
    assert await probe.ask(sign(probe.claims(), head)) == 200


async def test_scheme_in_any_case(probe: Probe) -> None:
    """And no other scheme."""
    token = probe.token()

    assert [await probe.ask(token, scheme=each) for each in ("bearer", "BEARER", "Basic", "JWT")] == [
        200,
        200,
        401,
        401,
    ]


# ---------------------------------------------------------------------------------------------------------- attacks


def hs256(text: str, key: bytes) -> str:
    """A token under HMAC."""
    mac = hmac.HMAC(key, hashes.SHA256())
    mac.update(text.encode())
    return f"{text}.{part(mac.finalize())}"


def unsigned(probe: Probe, head: dict[str, Any], signature: str = "") -> str:
    """A token without a signature of the key."""
    return f"{part(head)}.{part(probe.claims())}.{signature}"


def by_stranger(probe: Probe, **head: Any) -> str:
    """A token that somebody else signed and that says by which key."""
    return sign(probe.claims(), {"alg": "RS256", "typ": "JWT", **head}, k=5)


def jwk(k: int) -> dict[str, str]:
    """A public key of the pool as it stands in a header."""
    numbers = private_key(k).public_key().public_numbers()
    return {"kty": "RSA", "n": part(numbers.n.to_bytes(256)), "e": part(numbers.e.to_bytes(3))}


def es256(probe: Probe) -> str:
    """A token under a curve."""
    text = f"{part({'alg': 'ES256', 'typ': 'JWT'})}.{part(probe.claims())}"
    return f"{text}.{part(ec.generate_private_key(ec.SECP256R1()).sign(text.encode(), ec.ECDSA(hashes.SHA256())))}"


def pss(probe: Probe, alg: str) -> str:
    """A token with the right key and another padding."""
    text = f"{part({'alg': alg, 'typ': 'JWT'})}.{part(probe.claims())}"
    salted = padding.PSS(padding.MGF1(hashes.SHA256()), 32)
    return f"{text}.{part(private_key().sign(text.encode(), salted, hashes.SHA256()))}"


def pieces(probe: Probe, **more: Any) -> list[str]:
    """The parts of a right token."""
    return probe.token(**more).split(".")


PUBLIC = key_pair(42, 0).public
HMAC = {"alg": "HS256", "typ": "JWT"}
ATTACKS: dict[str, Callable[[Probe], str]] = {
    "alg none": lambda p: unsigned(p, {"alg": "none"}),
    "alg none with a signature": lambda p: unsigned(p, {"alg": "none"}, pieces(p)[2]),
    "alg None": lambda p: unsigned(p, {"alg": "None"}, "AAAA"),
    "alg absent": lambda p: unsigned(p, {"typ": "JWT"}, pieces(p)[2]),
    "alg null": lambda p: sign(p.claims(), {"alg": None, "typ": "JWT"}),
    "alg in a list": lambda p: sign(p.claims(), {"alg": ["RS256"], "typ": "JWT"}),
    "alg in small letters": lambda p: sign(p.claims(), {"alg": "rs256", "typ": "JWT"}),
    "HS256 with the public key": lambda p: hs256(f"{part(HMAC)}.{part(p.claims())}", PUBLIC.encode()),
    "HS256 with the stripped public key": lambda p: hs256(f"{part(HMAC)}.{part(p.claims())}", PUBLIC.strip().encode()),
    "HS256 with nothing": lambda p: hs256(f"{part(HMAC)}.{part(p.claims())}", b""),
    "HMAC under the name RS256": lambda p: hs256(f"{part({'alg': 'RS256'})}.{part(p.claims())}", PUBLIC.encode()),
    "RS512": lambda p: sign(p.claims(), {"alg": "RS512", "typ": "JWT"}, algorithm=hashes.SHA512()),
    "SHA-512 under the name RS256": lambda p: sign(p.claims(), algorithm=hashes.SHA512()),
    "PS256": lambda p: pss(p, "PS256"),
    "PSS under the name RS256": lambda p: pss(p, "RS256"),
    "ES256": es256,
    "another key": lambda p: sign(p.claims(), k=5),
    "kid": lambda p: by_stranger(p, kid="../../test-05.pem"),
    "jku": lambda p: by_stranger(p, jku="https://evil.test/keys"),
    "jwk": lambda p: by_stranger(p, jwk=jwk(5)),
    "x5u": lambda p: by_stranger(p, x5u="https://evil.test/cert"),
    "x5c": lambda p: by_stranger(p, x5c=["MIIB"]),
    "claims of another token": lambda p: ".".join([pieces(p)[0], pieces(p, exp=T + 999)[1], pieces(p)[2]]),
    "signature of another token": lambda p: ".".join([*pieces(p)[:2], pieces(p, exp=T + 999)[2]]),
    "signature cut short": lambda p: ".".join([*pieces(p)[:2], pieces(p)[2][:-4]]),
    "signature empty": lambda p: ".".join([*pieces(p)[:2], ""]),
    "stray bits behind the signature": lambda p: (
        p.token()[:-1] + {"A": "B", "Q": "R", "g": "h", "w": "x"}[p.token()[-1]]
    ),
    "parts swapped": lambda p: ".".join([pieces(p)[1], pieces(p)[0], pieces(p)[2]]),
    "detached": lambda p: f"{pieces(p)[0]}..{pieces(p)[2]}",
    "payload not encoded": lambda p: sign(p.claims(), {"alg": "RS256", "b64": False, "crit": ["b64"]}),
    "critical extension": lambda p: sign(p.claims(), {"alg": "RS256", "crit": ["exp"], "exp": T}),
    "extra dot": lambda p: p.token() + ".",
    "dot in front": lambda p: "." + p.token(),
    "four parts": lambda p: p.token() + ".AAAA",
    "five parts": lambda p: p.token() + ".AAAA.AAAA",
    "two parts": lambda p: ".".join(pieces(p)[:2]),
    "whitespace behind": lambda p: p.token() + "\t.",
    "whitespace inside": lambda p: p.token().replace(".", ". ", 1),
    "padding": lambda p: p.token() + "==",
    "quoted": lambda p: f'"{p.token()}"',
    "member twice in the header": lambda p: sign(p.claims(), b'{"alg":"none","alg":"RS256"}'),
    "member twice in the claims": lambda p: sign(
        f'{{"application_id":"x","application_id":"{p.application}","iat":{T},"jti":"1"}}'.encode()
    ),
    "huge": lambda p: p.token(padding="x" * 20_000),
    "nested without end": lambda p: sign(b'{"application_id":' + b"[" * 9_000 + b"}"),
    "wrong typ": lambda p: sign(p.claims(), {"alg": "RS256", "typ": "JWE"}),
    "typ of an access token": lambda p: sign(p.claims(), {"alg": "RS256", "typ": "at+jwt"}),
    "typ not a text": lambda p: sign(p.claims(), {"alg": "RS256", "typ": ["JWT"]}),
    "claims no object": lambda p: sign([p.claims()]),
    "claims no JSON": lambda p: sign(b"application_id"),
    "claims no UTF-8": lambda p: sign(b'{"application_id":"\xff"}'),
    "application in a list": lambda p: p.token(application_id=[p.application]),
    "application in an object": lambda p: p.token(application_id={"$ne": ""}),
    "application a number": lambda p: p.token(application_id=5),
    "application empty": lambda p: p.token(application_id=""),
    "application absent": lambda p: p.token(application_id=None),
    "application in capitals": lambda p: p.token(application_id=p.application.upper()),
    "application is an account": lambda p: p.token(application_id="abcd1234"),
    "application is another kind of name": lambda p: p.token(application_id="../key/abcd1234"),
    "jti absent": lambda p: p.token(jti=None),
    "jti empty": lambda p: p.token(jti=""),
    "jti in a list": lambda p: p.token(jti=["x"]),
    "iat true": lambda p: p.token(iat=True),
    "iat no number": lambda p: p.token(iat="now"),
    "iat NaN": lambda p: p.token(iat=float("nan")),
    "iat from tomorrow": lambda p: p.token(iat=T + 86_400),
    "iat from yesterday": lambda p: p.token(iat=T - 86_400 - 31, exp=T + 60),
    "exp infinite": lambda p: p.token(exp=float("inf")),
    "exp huge": lambda p: p.token(exp=10**40),
    "exp over": lambda p: p.token(exp=T - 31),
    "exp false": lambda p: p.token(exp=False),
    "nbf to come": lambda p: p.token(nbf=T + 31),
    "nbf in a list": lambda p: p.token(nbf=[T]),
    "neither iat nor exp": lambda p: p.token(iat=None),
}


@pytest.mark.parametrize("attack", ATTACKS)
async def test_attacks_are_refused_alike(probe: Probe, attack: str) -> None:
    """Each is 401 without a word about why, and a right token passes before and after."""
    right = probe.token()
    before = await probe.ask(right)

    answer = await probe.client.get(CALLS, headers={"authorization": f"Bearer {ATTACKS[attack](probe)}"})

    assert (before, await probe.ask(right)) == (200, 200)
    assert (answer.status_code, answer.json()) == (401, {"row": "BAD"})


async def test_no_header_and_key_and_secret(probe: Probe) -> None:
    """Neither is a token."""
    none = await probe.client.get(CALLS)
    basic = await probe.client.get(CALLS, auth=BASIC)
    query = await probe.client.get(CALLS, params={"api_key": "abcd1234", "api_secret": "s3cr3tS3cr3t"})

    assert [each.status_code for each in (none, basic, query)] == [401] * 3
    assert (await probe.house.control("GET", "requests"))["items"] == []


async def test_an_unknown_application_is_lost_and_found(probe: Probe) -> None:
    """With its id, cut to length, and never with the token."""
    await probe.ask(probe.token(application_id="x" * 100), f"{CALLS}/1", "POST")

    [lost] = (await probe.house.control("GET", "/lost-and-found"))["items"]
    assert {name: lost[name] for name in ("why", "name", "method", "path")} == {
        "why": "credential",
        "name": "x" * 64,
        "method": "POST",
        "path": f"{CALLS}/1",
    }


async def test_an_application_that_goes_while_its_token_is_read(probe: Probe) -> None:
    """Its id was still bound when the world was looked up: refused, and the world knows."""
    start = await probe.house.store.peek("default")
    claim = Claim("application/ghost", "ghost", server_wide=True)
    await probe.house.store.commit("default", start.epoch, Change(claims=(claim,)))

    assert await probe.ask(probe.token(application_id="ghost")) == 401
    [entry] = (await probe.house.control("GET", "requests"))["items"]
    assert (entry["status"], entry["account"]) == (401, None)


async def test_a_refused_token_of_a_known_application_is_in_its_log(probe: Probe) -> None:
    """So that its owner sees what went wrong."""
    await probe.ask(sign(probe.claims(), k=5))

    [entry] = (await probe.house.control("GET", "requests"))["items"]
    assert (entry["status"], entry["outcome"], entry["account"]) == (401, "401", "main")


# ---------------------------------------------------------------------------------------------- clocks and switches


async def test_times_are_real_unless_the_world_says_otherwise(probe: Probe) -> None:
    """The setting ``jwt_time`` chooses the clock; source: design §5."""
    real, virtual = probe.token(), probe.token(iat=WORLD_START + 3_600)
    await probe.house.advance("1h")
    before = [await probe.ask(real), await probe.ask(virtual)]
    await probe.house.control("PATCH", "settings", {"jwt_time": "virtual"})
    probe.house.wall += 3_600_000_000
    after = [await probe.ask(real), await probe.ask(virtual)]

    assert (before, after) == ([200, 401], [401, 200])


@pytest.mark.parametrize(("after", "status"), [(899, 200), (930, 200), (931, 401)])
async def test_token_without_exp_lasts_fifteen_minutes(probe: Probe, after: int, status: int) -> None:
    """And half a minute of leeway."""
    probe.house.wall += after * 1_000_000

    assert await probe.ask(probe.token()) == status


async def test_switches(probe: Probe) -> None:
    """Recorded tokens, tokens without ``jti``, and the status of a refused ``acl``."""
    old, nameless, bound = probe.token(iat=T - 10**6), probe.token(jti=None), probe.token(acl={"paths": {}})
    before = [await probe.ask(each) for each in (old, nameless, bound)]

    await probe.house.control("PATCH", "settings", {"jwt_window": False, "jwt_jti": False, "acl_status": 401})

    assert before == [401, 401, 403]
    assert [await probe.ask(each) for each in (old, nameless, bound)] == [200, 200, 401]


# ------------------------------------------------------------------------------------------ what comes after the times


async def test_suspended_account(probe: Probe) -> None:
    """After everything about the token, before its ``acl``."""
    await probe.house.control("PATCH", "accounts/abcd1234", {"suspended": True})

    assert await probe.ask(probe.token(acl={"paths": {}})) == 402
    assert await probe.ask(probe.token(exp=T - 60)) == 401


@pytest.mark.parametrize(
    ("paths", "method", "path", "status"),
    [
        ({"/*/probes/**": {}}, "GET", CALLS, 200),
        ({"/*/probes/**": {}}, "POST", f"{CALLS}/1", 200),
        ({"/*/probes/**": {}}, "GET", f"{CALLS}/?to=1", 200),
        ({"/*/probes/**": {}}, "GET", "/v1//probes//", 200),
        ({"/*/probes": {}}, "GET", f"{CALLS}/1", 403),
        ({"/*/probes": {"methods": ["GET"]}}, "POST", CALLS, 403),
        ({"/*/users/**": {}}, "GET", CALLS, 403),
        ({}, "GET", CALLS, 403),
    ],
)
async def test_acl(probe: Probe, paths: dict[str, Any], method: str, path: str, status: int) -> None:
    """Path without query, and method."""
    assert await probe.ask(probe.token(acl={"paths": paths}), path, method) == status


async def test_faults_act_after_the_token(probe: Probe) -> None:
    """Who is refused meets none of them."""
    start = await probe.house.store.peek("default")
    fault = Fault(name="f", target="probe.ask", effect=FaultEffect.NONE, answer="forbidden")
    await probe.house.store.commit("default", start.epoch, Change(put=(replace(start.world, faults=(fault,)),)))

    assert await probe.ask(sign(probe.claims(), k=5)) == 401
    assert await probe.ask(probe.token()) == 403


# ------------------------------------------------------------------------------------------------------------- cost


def test_libraries_are_loaded_with_the_first_token() -> None:
    """The module itself brings none of them along."""
    code = (
        "import sys, fake_nexmo.asgi, fake_nexmo.web.tokens;print(sorted({'jwt', 'cryptography'} & set(sys.modules)))"
    )

    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60)

    assert (done.stdout, done.stderr) == ("[]\n", "")


async def test_short_keys_of_ones_own_work(probe: Probe) -> None:
    """A key of 1024 bits signs without a warning."""
    short = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    public = short.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    said = {"name": "x", "keys": {"public_key": public}}
    made = (await probe.client.post("/v2/applications", json=said, auth=BASIC)).json()
    text = f"{part({'alg': 'RS256'})}.{part(probe.claims(application_id=made['id']))}"

    token = f"{text}.{part(short.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256()))}"

    assert await probe.ask(token) == 200
