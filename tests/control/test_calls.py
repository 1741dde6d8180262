"""The calls of the control API, each with its whole reply; and what is no call of it."""

from __future__ import annotations

import platform
from typing import Any

import pytest

from fake_nexmo import __version__
from fake_nexmo.asgi import build_app
from fake_nexmo.control.app import CALLS
from fake_nexmo.control.base import Control
from fake_nexmo.control.words import COLLECTIONS
from tests.house import House

T0 = "2026-01-01T00:00:00.000Z"


def unfit(detail: str, path: str | None = None) -> dict[str, Any]:
    """The problem of a fact that cannot be."""
    said = {"type": "urn:fake-nexmo:unfit", "title": "That cannot be", "status": 422, "detail": detail}
    return said if path is None else {**said, "path": path}


# The server.


async def test_health_tells_versions_store_and_worlds(house: House) -> None:
    """Answered once requests are."""
    assert await house.control("GET", "/health") == {
        "status": "ok",
        "version": __version__,
        "python": platform.python_version(),
        "store": "memory",
        "worlds": ["default"],
    }


async def test_index_lists_every_call(house: House) -> None:
    """Whoever opens the root of the interface finds the way on, with a slash at the end or without."""
    index = await house.control("GET", "/")

    assert index["fake-nexmo"] == __version__
    assert index["openapi"] == "/_fake/openapi.json"
    assert len(index["calls"]) == len(CALLS)
    assert "POST /_fake/worlds/{w}/clock/advance" in index["calls"]
    assert "GET /_fake/worlds/{w}/{collection}" in index["calls"]


async def test_fidelity_is_the_registry(house: House) -> None:
    """Every operation of every API with its evidence and its gaps, and nothing else."""
    assert await house.control("GET", "/fidelity") == {
        "operations": [
            {
                "operation": operation.name,
                "api": api.title,
                "methods": list(operation.methods),
                "paths": list(operation.paths),
                "mark": operation.mark,
                "source": operation.source,
                "gaps": list(operation.gaps),
            }
            for api in house.engine.registry.values()
            for operation in api.operations
        ]
    }
    names = {each["operation"] for each in (await house.control("GET", "/fidelity"))["operations"]}
    assert "sms.send" in names


async def test_certificate_is_served_when_there_is_one(house: House, tmp_path: Any) -> None:
    """The authority's certificate as PEM; 404 when the server does not speak https."""
    assert await house.control("GET", "/ca.pem", None, 404) == {
        "type": "urn:fake-nexmo:no-authority",
        "title": "No authority",
        "status": 404,
        "detail": "This server does not speak https, so it has no authority.",
    }
    file = tmp_path / "ca.pem"
    file.write_text("PEM")
    house.client._transport.app = build_app(house.engine, Control(house.engine, ca_file=file))  # type: ignore[attr-defined]
    answer = await house.client.get("/_fake/ca.pem")
    assert (answer.status_code, answer.headers["content-type"], answer.text) == (200, "application/x-pem-file", "PEM")


async def test_lost_and_found_holds_the_unknown_key_and_no_secret(house: House) -> None:
    """A key of no world is listed with method and path; what came with it is not."""
    await house.send(api_key="nobody01", api_secret="Sup3rSecret")
    await house.client.get("/sms/json?api_key=nobody02&api_secret=Sup3rSecret&from=a&to=447700900001&text=x")

    lost = await house.control("GET", "/lost-and-found")

    at = "2026-03-01T09:00:00.000Z"
    assert lost == {
        "items": [
            {"at": at, "why": "credential", "name": "nobody01", "method": "POST", "path": "/sms/json"},
            {"at": at, "why": "credential", "name": "nobody02", "method": "GET", "path": "/sms/json"},
        ]
    }
    assert (await house.control("GET", "requests"))["items"] == []


# Worlds.


async def test_world_takes_the_servers_clock_unless_it_says_its_own(house: House) -> None:
    """A mode as a word, or mode and start as an object."""
    clocks = []
    for clock in (None, "x2.5", {"mode": "auto", "start": "2030-01-01T00:00:00Z"}, {"start": "2031-01-01T00:00:00Z"}):
        body = {} if clock is None else {"clock": clock}
        name = (await house.control("POST", "/worlds", body, 201))["world"]
        clocks.append(await house.control("GET", f"/worlds/{name}/clock"))

    assert clocks == [
        {"mode": "manual", "now": T0, "advancing": False},
        {"mode": "x2.5", "now": "2026-03-01T09:00:00.000Z", "advancing": False},
        {"mode": "auto", "now": "2030-01-01T00:00:00.000Z", "advancing": False},
        {"mode": "manual", "now": "2031-01-01T00:00:00.000Z", "advancing": False},
    ]


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        ({"nmae": "x"}, unfit("nmae: 'nmae' is not known here; did you mean 'name'?", "nmae")),
        ({"name": 5}, unfit("Expected `str`, got `int` - at `$.name`")),
        (
            {"name": "a b"},
            unfit("name: 'a b' cannot name a world; take up to 64 letters, digits, dots, dashes and underscores"),
        ),
        ({"seed": -1}, unfit("seed: -1 is no seed; take a whole number from 0 to 9223372036854775807")),
        ({"seed": "1"}, unfit("Expected `int | null`, got `str` - at `$.seed`")),
        (
            {"clock": "fast"},
            unfit("'fast' is not a clock mode; take real, xN (such as x60, up to x1000000), manual or auto"),
        ),
        (
            {"clock": {"start": "noon"}},
            unfit("'noon' is not an instant; write it like 2026-03-01T09:00:00Z"),
        ),
        (
            {"credentials": "give"},
            unfit("credentials: 'give' is not understood; it may be 'keep', or be left out", "credentials"),
        ),
        (
            {"drop_after_idle": "soon"},
            unfit("'soon' is not a duration; write 300ms, 3s, 5m, 2h, 1d, 1h30m or a number of seconds"),
        ),
    ],
    ids=lambda each: next(iter(each)) if isinstance(each, dict) and "type" not in each else "",
)
async def test_world_that_cannot_be_is_422(house: House, body: dict[str, Any], answer: dict[str, Any]) -> None:
    """What is wrong, where, and the nearest right thing; nothing is made."""
    assert await house.control("POST", "/worlds", body, 422) == answer
    assert await house.store.worlds() == ["default"]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "", None),
        ("DELETE", "", None),
        ("POST", "/reset", None),
        ("POST", "/snapshot", None),
        ("POST", "/restore", {"snapshot": "s"}),
        ("POST", "/fork", {}),
        ("GET", "/settings", None),
        ("PATCH", "/settings", {}),
        ("GET", "/accounts/abcd1234", None),
        ("PATCH", "/accounts/abcd1234", {}),
        ("GET", "/numbers/447700900000", None),
        ("PATCH", "/numbers/447700900000", {}),
        ("GET", "/applications/x", None),
        ("PATCH", "/applications/x", {}),
        ("GET", "/clock", None),
        ("PUT", "/clock", {"mode": "real"}),
        ("POST", "/clock/advance", {"by": 1}),
        ("GET", "/routes", None),
        ("PUT", "/routes", {}),
        ("GET", "/messages", None),
        ("POST", "/webhooks/w1/resend", None),
    ],
)
async def test_world_that_is_not_there_is_404(house: House, method: str, path: str, body: Any) -> None:
    """Every call into a world says so, and which ones there are."""
    assert await house.control(method, f"/worlds/nowhere{path}", body, 404) == {
        "type": "urn:fake-nexmo:no-such-world",
        "title": "No such world",
        "status": 404,
        "detail": "No world is called nowhere; there are: default.",
    }


@pytest.mark.parametrize(
    ("path", "kind", "detail"),
    [
        ("accounts/nobody01", "no-such-account", "No account of the world has the key 'nobody01'; there are: {key}."),
        (
            "numbers/447700900999",
            "no-such-number",
            "Nobody in the world owns '447700900999'; owned are: 447700900000, 12015550100.",
        ),
        (
            "applications/none",
            "no-such-application",
            "No application of the world has the id 'none'; there are: {application}.",
        ),
    ],
)
async def test_record_that_is_not_there_is_404(house: House, path: str, kind: str, detail: str) -> None:
    """Reading and changing say the same, and what there is."""
    ids = {"key": house.world.accounts[0].api_key, "application": house.world.applications[0].application_id}
    detail = detail.format(**ids)
    for method in ("GET", "PATCH"):
        answer = await house.control(method, path, {} if method == "PATCH" else None, 404)
        assert (answer["type"], answer["detail"]) == (f"urn:fake-nexmo:{kind}", detail)


# Clock and routes.


async def test_routes_are_replaced_as_a_whole(house: House) -> None:
    """PUT answers with the table, and the next one forgets it."""
    one, two = {"https://shop.test": "http://127.0.0.1:8000"}, {"http://a.test": "http://127.0.0.1:1/app"}

    assert await house.control("GET", "routes") == {}
    assert await house.control("PUT", "routes", one) == one
    assert await house.control("PUT", "routes", two) == two
    assert await house.control("GET", "routes") == two
    for wrong in ("shop.test", 5):
        answer = await house.control("PUT", "routes", {"https://shop.test": wrong}, 422)
        assert answer == unfit(
            f"https://shop.test: {wrong!r} is no origin; write it like https://shop.test or http://127.0.0.1:8000",
            "https://shop.test",
        )
    assert await house.control("GET", "routes") == two


@pytest.mark.parametrize(
    ("call", "body", "answer"),
    [
        (
            ("PUT", "clock"),
            {"mode": "x0"},
            unfit(
                "mode: 'x0' is not a clock mode; take real, xN (such as x60, up to x1000000), manual or auto", "mode"
            ),
        ),
        (("PUT", "clock"), {}, unfit("'mode' is missing here")),
        (
            ("POST", "clock/advance"),
            {"by": "soon"},
            unfit("by: 'soon' is not a duration; write 300ms, 3s, 5m, 2h, 1d, 1h30m or a number of seconds", "by"),
        ),
        (
            ("POST", "clock/advance"),
            {"by": -1},
            unfit("by: -1.0 is not a duration; it must be between 0 and 5,000 years", "by"),
        ),
        (("POST", "clock/advance"), {}, unfit("'by' is missing here")),
        (
            ("POST", "clock/advance"),
            {"by": 1, "until": 2},
            unfit("until: 'until' is not known here; there are by.", "until"),
        ),
        (("POST", "restore"), {}, unfit("'snapshot' is missing here")),
    ],
)
async def test_body_that_cannot_be_is_422(
    house: House, call: tuple[str, str], body: dict[str, Any], answer: dict[str, Any]
) -> None:
    """A wrong mode, duration, key or type changes nothing."""
    assert await house.control(*call, body, 422) == answer
    assert await house.control("GET", "clock") == {"mode": "manual", "now": T0, "advancing": False}


# What is no call.


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("DELETE", "/_fake/worlds/default/settings", "GET, PATCH"),
        ("GET", "/_fake/worlds/default/reset", "POST"),
        ("GET", "/_fake/worlds/default/clock/advance", "POST"),
        ("POST", "/_fake/worlds/default/messages", "GET"),
        ("POST", "/_fake/worlds/default", "GET, DELETE"),
        ("GET", "/_fake/worlds", "POST"),
        ("POST", "/_fake/health/", "GET"),
        ("POST", "/_fake/openapi.json", "GET"),
        ("POST", "/_fake", "GET"),
    ],
)
async def test_wrong_verb_is_405_with_the_right_ones(house: House, method: str, path: str, allow: str) -> None:
    """In the header and in words."""
    answer = await house.client.request(method, path)

    assert answer.headers["allow"] == allow
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.status_code, answer.json()) == (
        405,
        {
            "type": "urn:fake-nexmo:wrong-verb",
            "title": "Wrong verb",
            "status": 405,
            "detail": f"{path.rstrip('/')} takes {allow}, not {method}.",
        },
    )


@pytest.mark.parametrize("path", ["/_fake/nothing", "/_fake/worlds/default/nothing", "/_fake/worlds/default/a/b/c"])
async def test_unknown_call_is_404(house: House, path: str) -> None:
    """It says where the calls are listed, since none is near."""
    answer = await house.client.get(path)

    assert (answer.status_code, answer.json()) == (
        404,
        {
            "type": "urn:fake-nexmo:no-such-call",
            "title": "No such call",
            "status": 404,
            "detail": f"The control API has no {path}; GET /_fake lists its calls.",
        },
    )


@pytest.mark.parametrize(
    ("path", "near"),
    [
        ("/_fake/world", "/_fake/worlds"),
        ("/_fake/worlds/default/mesages", "/_fake/worlds/default/messages"),
        ("/_fake/worlds/default/call", "/_fake/worlds/default/calls"),
        ("/_fake/worlds/default/handset/alice/sms", "/_fake/worlds/default/handsets/alice/sms"),
    ],
)
async def test_unknown_call_that_is_near_one(house: House, path: str, near: str) -> None:
    """One word is not quite right."""
    answer = await house.client.get(path)

    assert (answer.status_code, answer.json()["detail"]) == (
        404,
        f"The control API has no {path}; did you mean {near}?",
    )


@pytest.mark.parametrize("path", ["/_fake/health/", "/_fake/worlds/default/clock/"])
async def test_slash_at_the_end_changes_nothing(house: House, path: str) -> None:
    """No redirect, the same answer."""
    with_slash, without = await house.client.get(path), await house.client.get(path.rstrip("/"))

    assert (with_slash.status_code, with_slash.content) == (200, without.content)


@pytest.mark.parametrize(
    "body", [b"{", b"\xff", b"[1", b'{"by": 1}x', b"[" * 100_000], ids=["cut", "no utf-8", "list", "tail", "deep"]
)
async def test_body_that_is_no_json_is_400(house: House, body: bytes) -> None:
    """Never 500, however odd it is."""
    answer = await house.client.post("/_fake/worlds/default/clock/advance", content=body)

    assert (answer.status_code, answer.json()["type"]) == (400, "urn:fake-nexmo:no-json")


@pytest.mark.parametrize("body", [b"[]", b"5", b"null", b'"x"'])
async def test_body_that_is_no_object_is_400(house: House, body: bytes) -> None:
    """Every body of this interface is an object."""
    answer = await house.client.patch("/_fake/worlds/default/settings", content=body)

    assert (answer.status_code, answer.json()) == (
        400,
        {
            "type": "urn:fake-nexmo:no-object",
            "title": "No object",
            "status": 400,
            "detail": "The body must be a JSON object.",
        },
    )


async def test_body_above_one_mebibyte_is_413(house: House) -> None:
    """One octet less is read."""
    filler = b'{"by": 0}' + b" " * (2**20 - 9)

    fits = await house.client.post("/_fake/worlds/default/clock/advance", content=filler)
    above = await house.client.post("/_fake/worlds/default/clock/advance", content=filler + b" ")

    assert fits.status_code == 200
    assert (above.status_code, above.json()) == (
        413,
        {
            "type": "urn:fake-nexmo:too-large",
            "title": "Too large",
            "status": 413,
            "detail": "The body is above 1048576 octets.",
        },
    )


# The document.


def _collections(house: House) -> set[str]:
    return {*COLLECTIONS, *(name for api in house.engine.registry.values() for name in api.collections)}


async def test_openapi_describes_every_call(house: House) -> None:
    """Each path and verb of the table, each collection by its own name, with summary and parameters."""
    document = await house.control("GET", "/openapi.json")

    wanted = set()
    for entry in CALLS:
        names = sorted(_collections(house)) if ":collection" in entry.path else [""]
        for name in names:
            wanted.add((f"/_fake{entry.path.replace('{collection:collection}', name)}", entry.method.lower()))
    found = {(path, verb) for path, verbs in document["paths"].items() for verb in verbs}
    assert found == wanted
    ids = [said["operationId"] for verbs in document["paths"].values() for said in verbs.values()]
    assert len(set(ids)) == len(ids)
    for path, verbs in document["paths"].items():
        for said in verbs.values():
            assert said["summary"]
            named = {each["name"] for each in said["parameters"] if each["in"] == "path"}
            assert named == {part[1:-1] for part in path.split("/") if part.startswith("{")}
            assert "default" in said["responses"]


async def test_every_reference_of_the_document_leads_somewhere(house: House) -> None:
    """A ``$ref`` names a schema that is there, and every schema of a body is used."""
    document = await house.control("GET", "/openapi.json")
    references: set[str] = set()

    def collect(part: Any) -> None:
        if isinstance(part, dict):
            if "$ref" in part:
                references.add(part["$ref"])
            for each in part.values():
                collect(each)
        elif isinstance(part, list):
            for each in part:
                collect(each)

    collect(document)

    assert references == {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}
    assert (document["openapi"], document["info"]["version"]) == ("3.1.0", __version__)
