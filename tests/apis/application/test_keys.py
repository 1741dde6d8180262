"""Key pairs and ids of applications that are made at run time."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from fake_nexmo.keys.pool import POOL, key_pair
from fake_nexmo.keys.stock import STOCK
from tests.house import House, open_house

BASIC = httpx.BasicAuth("abcd1234", "s3cr3tS3cr3t")


async def make(house: House, auth: httpx.BasicAuth = BASIC) -> dict[str, Any]:
    """Make an application; the answer."""
    answer = await house.client.post("/v2/applications", json={"name": "x"}, auth=auth)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def test_pool_goes_on_where_the_world_left_it(house: House) -> None:
    """Each pair once, in the order of the seed, then fresh ones; every pair fits."""
    made = [(await make(house))["keys"] for _ in range(POOL + 1)]
    STOCK.wait()

    assert house.world.applications[0].public_key == key_pair(42, 0).public
    assert [each["public_key"] for each in made[: POOL - 1]] == [key_pair(42, k).public for k in range(1, POOL)]
    assert len({each["public_key"] for each in made}) == POOL + 1
    for each in made[POOL - 1 :]:
        private = load_pem_private_key(each["private_key"].encode(), None)
        assert isinstance(private, RSAPrivateKey)
        public = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        assert (private.key_size, public.decode()) == (2048, each["public_key"])


async def test_parallel_requests_never_share_a_pair(house: House) -> None:
    """Nor an id."""
    made = await asyncio.gather(*(make(house) for _ in range(POOL - 1)))

    assert len({each["id"] for each in made}) == POOL - 1
    assert {each["keys"]["public_key"] for each in made} == {key_pair(42, k).public for k in range(1, POOL)}


async def test_same_seed_same_bytes() -> None:
    """Ids and keys of run time included."""
    runs = []
    for _ in range(2):
        async with open_house(seed=7) as house:
            runs.append([await make(house) for _ in range(3)])

    assert runs[0] == runs[1]


async def test_found_at_once_by_its_id_on_the_whole_server(house: House) -> None:
    """Until it is deleted; a reset takes it away too."""
    made = await make(house)
    name = f"application/{made['id']}"

    tenant = await house.store.tenant(name)
    assert tenant is not None
    assert (tenant.world, tenant.holder) == (
        "default",
        (await house.control("GET", "/worlds/default"))["applications"][1]["name"],
    )
    await house.control("POST", "reset")
    assert await house.store.tenant(name) is None
    again = await make(house)
    assert again["keys"] == made["keys"]


async def test_fork_has_the_keys_and_other_ids(house: House) -> None:
    """And goes on with the next pair."""
    made = await make(house)

    forked = await house.control("POST", "fork", {"name": "twin"}, 201)
    account = forked["accounts"][0]
    twin = httpx.BasicAuth(account["api_key"], account["api_secret"])
    listed = (await house.client.get("/v2/applications", auth=twin)).json()["_embedded"]["applications"]
    following = await make(house, twin)

    assert [each["keys"]["public_key"] for each in listed] == [key_pair(42, k).public for k in range(2)]
    assert made["id"] not in {each["id"] for each in listed}
    assert following["keys"]["public_key"] == key_pair(42, 2).public
    assert following["id"] != (await make(house))["id"]
