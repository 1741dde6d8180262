"""Worlds: what they hold when they are made, and that they never meet."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from fake_nexmo.core.instant import SECOND
from fake_nexmo.core.signature import SignatureMethod
from fake_nexmo.keys.pool import key_pair
from fake_nexmo.scenario.errors import CredentialTaken, ScenarioError
from fake_nexmo.scenario.model import AccountFacts, ApplicationFacts, NumberFacts, Signature, WorldFacts
from fake_nexmo.scenario.worlds import SEED_MAX, Made, Plan, fork_world, make_world
from fake_nexmo.store.protocol import NameTaken, NoSuchSnapshot, NoSuchWorld
from tests.house import House, open_house
from tests.receiver import Receiver

SIGNATURE_SECRET = "fake-nexmo-signature-secret-000001"


async def make(house: House, **plan: Any) -> Made:
    """A world on a manual clock."""
    return await make_world(house.store, lambda: house.wall, Plan(**{"clock": "manual", **plan}))


async def create(house: House, **body: Any) -> dict[str, Any]:
    """A world made by the control API."""
    made: dict[str, Any] = await house.control("POST", "/worlds", body, 201)
    return made


async def send(house: House, world: dict[str, Any], **params: str) -> dict[str, str]:
    """Send with the credentials of a world's first account; the first part's answer."""
    account = world["accounts"][0]
    answer = await house.send(api_key=account["api_key"], api_secret=account["api_secret"], **params)
    first: dict[str, str] = answer["messages"][0]
    return first


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """A webhook receiver on a free port."""
    async with Receiver() as opened:
        yield opened


# What is made.


async def test_world_default_is_made_to_the_letter(house: House) -> None:
    """Its credentials stand in everybody's documentation; seed 42 gives it one application id."""
    pair = key_pair(42, 0)
    application = house.world.applications[0].application_id

    assert await house.control("GET", "/worlds/default") == {
        "world": "default",
        "seed": 42,
        "clock": {"mode": "manual", "now": "2026-01-01T00:00:00.000Z", "advancing": False},
        "accounts": [
            {
                "name": "main",
                "api_key": "abcd1234",
                "api_secret": "s3cr3tS3cr3t",
                "signature_secret": SIGNATURE_SECRET,
                "signature_method": "md5hash",
            }
        ],
        "applications": [
            {
                "name": "main",
                "account": "main",
                "id": application,
                "private_key": pair.private,
                "public_key": pair.public,
            }
        ],
        "numbers": ["447700900000", "12015550100"],
        "routes": {},
    }
    account = await house.control("GET", "accounts/abcd1234")
    assert (account["balance"], account["limits"], account["webhooks"]["signed"]) == (
        "100.00 EUR",
        {"sms": None, "verify": None, "insight": None},
        False,
    )
    assert await house.control("GET", "numbers/447700900000") == {
        "account": "main",
        "country": "GB",
        "type": "mobile-lvn",
        "features": ["SMS", "VOICE"],
        "application": "main",
        "inbound_sms": "",
        "voice": {},
        "cost": "0.00 EUR",
    }
    assert await house.control("GET", "numbers/12015550100") == {
        "account": "main",
        "country": "US",
        "type": "mobile-lvn",
        "features": ["SMS", "VOICE"],
        "application": None,
        "inbound_sms": "",
        "voice": {},
        "cost": "0.00 EUR",
    }


async def test_world_default_is_the_same_when_made_again(house: House) -> None:
    """Deleted and made with the same seed, it has the same credentials, keys and facts."""
    before = await house.control("GET", "/worlds/default")
    await house.control("DELETE", "/worlds/default", None, 204)

    made = await create(house, name="default", seed=42, clock="manual")

    assert await house.control("GET", "/worlds/default") == before
    assert made == {
        "world": "default",
        "seed": 42,
        "accounts": before["accounts"],
        "applications": before["applications"],
        "replaced": [],
    }


async def test_any_other_world_holds_the_same_with_credentials_of_its_own(house: House) -> None:
    """Key, secret and application id are drawn; everything else is as in the world default."""
    made = await create(house, name="other", seed=42)

    account, application = made["accounts"][0], made["applications"][0]
    assert made == {
        "world": "other",
        "seed": 42,
        "accounts": [
            {
                "name": "main",
                "api_key": account["api_key"],
                "api_secret": account["api_secret"],
                "signature_secret": SIGNATURE_SECRET,
                "signature_method": "md5hash",
            }
        ],
        "applications": [
            {
                "name": "main",
                "account": "main",
                "id": application["id"],
                "private_key": key_pair(42, 0).private,
                "public_key": key_pair(42, 0).public,
            }
        ],
        "replaced": [],
    }
    assert account["api_key"] != "abcd1234"
    assert (len(account["api_key"]), len(account["api_secret"])) == (8, 16)
    assert application["id"] != house.world.applications[0].application_id
    there = await house.control("GET", f"/worlds/other/accounts/{account['api_key']}")
    here = await house.control("GET", "accounts/abcd1234")
    assert there == {**here, "api_key": account["api_key"], "api_secrets": [account["api_secret"]]}
    for number in ("447700900000", "12015550100"):
        there = await house.control("GET", f"/worlds/other/numbers/{number}")
        assert there == await house.control("GET", f"numbers/{number}")


async def test_credentials_are_drawn_from_seed_and_name() -> None:
    """The same seed and name give the same credentials, another name or another seed gives others."""
    made = []
    for seed, name in ((1, "a"), (1, "a"), (1, "b"), (2, "a")):
        async with open_house() as house:
            world = await create(house, name=name, seed=seed)
            account, application = world["accounts"][0], world["applications"][0]
            made.append((account["api_key"], account["api_secret"], application["id"]))

    assert made[0] == made[1]
    for k in range(3):
        assert len({each[k] for each in made[1:]}) == 3


async def test_drawn_secrets_are_fit_for_the_service(house: House) -> None:
    """8 to 25 characters with upper case, lower case and a digit; keys are eight hex digits."""
    for seed in range(20):
        account = (await create(house, seed=seed))["accounts"][0]
        secret = account["api_secret"]
        assert 8 <= len(secret) <= 25
        assert secret.isascii()
        assert secret.isalnum()
        assert any(each.isupper() for each in secret)
        assert any(each.islower() for each in secret)
        assert any(each.isdigit() for each in secret)
        assert int(account["api_key"], 16) >= 0


async def test_name_and_seed_are_random_and_answered_when_not_given(house: House) -> None:
    """Both are told, so that any world can be made again."""
    one, two = await create(house), await create(house)

    assert one["world"] != two["world"]
    assert one["seed"] != two["seed"]
    async with open_house() as other:
        again = await create(other, name=one["world"], seed=one["seed"])
    assert again == one


async def test_name_of_a_live_world_is_taken(house: House) -> None:
    """409 for a second one, and the first is untouched."""
    await create(house, name="twin", seed=1)

    answer = await house.control("POST", "/worlds", {"name": "twin", "seed": 2}, 409)

    assert answer == {
        "type": "urn:fake-nexmo:name-taken",
        "title": "Name taken",
        "status": 409,
        "detail": "A live world is called 'twin'; take another name, or delete that world.",
    }
    assert (await house.control("GET", "/worlds/twin"))["seed"] == 1
    with pytest.raises(NameTaken):
        await make(house, name="twin")


FACTS = WorldFacts(
    accounts={"shop": AccountFacts(api_key="shop0001", api_secret="Shop0001Shop")},
    applications={"app": ApplicationFacts(account="shop", id="00000000-0000-4000-8000-000000000001")},
)


async def test_spelled_out_credential_of_another_world_is_replaced(house: House) -> None:
    """The second world gets a key and an id of its own, and says which were not to be had."""
    first = await make(house, name="first", seed=1, facts=FACTS)
    second = await make(house, name="second", seed=1, facts=FACTS)

    assert (first.replaced, second.replaced) == ((), ("shop0001", "00000000-0000-4000-8000-000000000001"))
    assert first.accounts[0].api_key == "shop0001"
    assert second.accounts[0].api_key != "shop0001"
    assert second.accounts[0].secrets[0].value == "Shop0001Shop"
    assert await house.store.tenant(f"application/{second.applications[0].application_id}") is not None


async def test_spelled_out_credential_is_refused_when_it_is_to_be_kept(house: House) -> None:
    """With ``keep`` nothing is made, and the error says where the credential stands."""
    await make(house, name="first", facts=FACTS)

    with pytest.raises(CredentialTaken) as taken:
        await make(house, name="second", facts=FACTS, keep=True)

    assert str(taken.value) == "accounts.shop.api_key: 'shop0001' belongs to another world that is live"
    assert await house.store.worlds() == ["default", "first"]


async def test_keep_is_a_conflict_for_the_control_api(house: House) -> None:
    """The world default made again while another one has its key: replaced, or 409 with ``keep``."""
    other = await create(house, name="other", seed=1)
    await house.control("DELETE", "/worlds/default", None, 204)
    key = other["accounts"][0]["api_key"]
    await house.control("PATCH", f"/worlds/other/accounts/{key}", {"api_key": "abcd1234"})

    answer = await house.control("POST", "/worlds", {"name": "default", "credentials": "keep"}, 409)
    made = await create(house, name="default")

    assert answer == {
        "type": "urn:fake-nexmo:credential-taken",
        "title": "Credential taken",
        "status": 409,
        "detail": "accounts.main.api_key: 'abcd1234' belongs to another world that is live",
    }
    assert made["replaced"] == ["abcd1234"]
    assert made["accounts"][0]["api_secret"] == "s3cr3tS3cr3t"
    assert (await send(house, made))["status"] == "0"


@pytest.mark.parametrize(
    ("facts", "what"),
    [
        (
            WorldFacts(accounts={"main": AccountFacts(balance="much")}),
            'accounts.main.balance: "much" is not an amount of money: write it like "100.00 EUR" or "0.0412"',
        ),
        (
            WorldFacts(accounts={"main": AccountFacts(api_secret="Secret01", api_secrets=["Secret02"])}),
            "accounts.main.api_secrets: api_secret and api_secrets are two spellings of one fact; keep one",
        ),
        (
            WorldFacts(accounts={"main": AccountFacts()}, applications={"a": ApplicationFacts(account="mian")}),
            "applications.a.account: no account is called 'mian'; did you mean 'main'?",
        ),
        (
            WorldFacts(numbers={"447700900000": NumberFacts(account="main", country="GB")}),
            "numbers.447700900000.account: no account is called 'main'; there are: none",
        ),
        (
            WorldFacts(
                accounts={"main": AccountFacts()},
                numbers={"447700900000": NumberFacts(account="main", country="GB", application="ivr")},
            ),
            "numbers.447700900000.application: no application is called 'ivr'; there are: none",
        ),
        (
            WorldFacts(
                accounts={"main": AccountFacts()}, numbers={"447700900000": NumberFacts(account="main", country="US")}
            ),
            "numbers.447700900000.country: 'US' contradicts the digits, which belong to GB",
        ),
        (
            WorldFacts(accounts={"main": AccountFacts()}, numbers={"12": NumberFacts(account="main", country="US")}),
            "numbers.12: '12' is no phone number; write E.164 digits such as 447700900000",
        ),
        (
            WorldFacts(settings={"profil": "2020"}),
            "settings.profil: no setting is called 'profil'; did you mean 'profile'?",
        ),
    ],
)
async def test_facts_that_cannot_be_say_where_they_stand(house: House, facts: WorldFacts, what: str) -> None:
    """Nothing is made; the error names the place and the nearest right thing."""
    with pytest.raises(ScenarioError) as wrong:
        await make(house, name="wrong", facts=facts)

    assert str(wrong.value) == what
    assert await house.store.worlds() == ["default"]


@pytest.mark.parametrize("name", ["-a", "a b", "a/b", "x" * 65, "ä"])
async def test_name_that_no_path_could_hold_is_refused(house: House, name: str) -> None:
    """Worlds are made and forked under plain names only."""
    with pytest.raises(ScenarioError):
        await make(house, name=name)
    with pytest.raises(ScenarioError):
        await fork_world(house.store, lambda: house.wall, "default", name, "")


@pytest.mark.parametrize("seed", [-1, SEED_MAX + 1])
async def test_seed_out_of_bounds_is_refused(house: House, seed: int) -> None:
    """Seeds are whole numbers below 2^63."""
    with pytest.raises(ScenarioError) as wrong:
        await make(house, seed=seed)

    assert str(wrong.value) == f"seed: {seed} is no seed; take a whole number from 0 to {SEED_MAX}"


async def test_world_of_given_facts_holds_them(house: House) -> None:
    """Several accounts, secrets in order, a signature of its own, an application with the user's key."""
    made = await make(
        house,
        name="mine",
        seed=7,
        facts=WorldFacts(
            settings={"profile": "2020"},
            accounts={
                "a": AccountFacts(api_secrets=["SecretOne1", "SecretTwo2"], balance="unlimited"),
                "b": AccountFacts(signature=Signature("s" * 32, SignatureMethod.SHA256), balance="1.5 EUR"),
            },
            applications={
                "own": ApplicationFacts(
                    account="a", public_key=key_pair(42, 5).public, voice={"answer_url": "http://shop.test/a"}
                ),
                "drawn": ApplicationFacts(account="b"),
            },
        ),
    )

    a, b = made.accounts
    assert [each.value for each in a.secrets] == ["SecretOne1", "SecretTwo2"]
    assert len({each.id for each in a.secrets}) == 2
    assert (a.unlimited, a.signature_method) == (True, SignatureMethod.MD5HASH)
    assert len(a.signature_secret) == 40
    assert (b.signature_secret, b.signature_method) == ("s" * 32, SignatureMethod.SHA256)
    assert [await house.store.counter("mine", each.balance) for each in (a, b)] == [100 * 10**8, 150_000_000]
    own, drawn = made.applications
    assert (own.public_key, own.private_key) == (key_pair(42, 5).public, "")
    assert own.capabilities == {"voice": {"answer_url": "http://shop.test/a"}}
    assert drawn.private_key.startswith("-----BEGIN PRIVATE KEY-----")
    assert (await house.control("GET", "/worlds/mine/settings"))["profile"] == "2020"


# Reset, snapshot, restore, fork, delete.


async def test_reset_world_is_as_it_was_just_made(house: House) -> None:
    """Credentials, keys, balance, numbers, clock and settings are back; the log is empty, nothing is pending."""
    before = await house.control("GET", "/worlds/default")
    facts = await house.control("GET", "accounts/abcd1234")
    first = await house.send(callback="http://127.0.0.1:9/")
    await house.advance("1s")
    await house.control(
        "PATCH", "accounts/abcd1234", {"api_key": "other001", "api_secret": "Other0001", "balance": "1 EUR"}
    )
    await house.control("PATCH", "settings", {"profile": "2020"})
    await house.control("PUT", "clock", {"mode": "x60"})
    await house.control("PUT", "routes", {"http://shop.test": "http://127.0.0.1:9"})

    assert await house.control("POST", "reset") == {"world": "default"}

    assert await house.control("GET", "/worlds/default") == before
    assert await house.control("GET", "accounts/abcd1234") == facts
    assert (await house.control("GET", "settings"))["profile"] == "current"
    assert await house.store.pending("default") == []
    for collection in ("messages", "webhooks", "requests", "events"):
        assert (await house.control("GET", collection))["items"] == []
    assert await house.store.tenant("key/other001") is None
    assert await house.send(callback="http://127.0.0.1:9/") == first


async def test_reset_fails_when_a_credential_is_anothers_now(house: House) -> None:
    """Its key of old was given away: 409, and nothing is changed."""
    other = await create(house, name="other")
    await house.control("PATCH", "accounts/abcd1234", {"api_key": "other001"})
    key = other["accounts"][0]["api_key"]
    await house.control("PATCH", f"/worlds/other/accounts/{key}", {"api_key": "abcd1234"})

    answer = await house.control("POST", "reset", None, 409)

    assert answer["type"] == "urn:fake-nexmo:credential-taken"
    assert (await house.send(api_key="other001"))["messages"][0]["status"] == "0"


async def test_restore_puts_back_what_a_snapshot_remembers(house: House, receiver: Receiver) -> None:
    """State, clock, pending timers and deliveries are as they were, as often as one likes; seq goes on."""
    await house.send(callback=receiver.url)
    snapshot = (await house.control("POST", "snapshot", None, 201))["snapshot"]
    before = [await house.control("GET", each) for each in ("messages", "events", "requests")]
    clock = await house.control("GET", "clock")
    runs = []
    for _ in range(2):
        summary = await house.advance("1m")
        second = await house.send(text="later")
        webhooks = await house.control("GET", "webhooks")
        runs.append((summary, second, [each["attempts"] for each in webhooks["items"]]))
        highest = webhooks["since"]
        answer = await house.control("POST", "restore", {"snapshot": snapshot})
        assert answer == {"world": "default", "snapshot": snapshot}
        after = [await house.control("GET", each) for each in ("messages", "events", "requests")]
        assert [each["items"] for each in after] == [each["items"] for each in before]
        assert all(each["since"] > highest for each in after)
        assert await house.control("GET", "clock") == clock

    assert runs[0] == runs[1]
    assert runs[0][0]["delivered"] == 1


async def test_snapshot_that_is_not_there_is_404(house: House) -> None:
    """Restore and fork say the same."""
    for call in ("restore", "fork"):
        assert await house.control("POST", call, {"snapshot": "nope"}, 404) == {
            "type": "urn:fake-nexmo:no-such-snapshot",
            "title": "No such snapshot",
            "status": 404,
            "detail": "The world 'default' has no snapshot 'nope'.",
        }
    with pytest.raises(NoSuchSnapshot):
        await fork_world(house.store, lambda: house.wall, "default", "", "nope")


async def test_fork_is_the_same_world_under_credentials_of_its_own(house: House, receiver: Receiver) -> None:
    """Key pairs, clock, routes, balance, pending work and log are the source's; each goes its own way from there."""
    await house.control("PUT", "routes", {"http://shop.test": receiver.url})
    await house.send(callback="http://shop.test/dlr")
    await house.advance("500ms")

    fork = await house.control("POST", "fork", {"name": "fork"}, 201)

    source = await house.control("GET", "/worlds/default")
    account, application = fork["accounts"][0], fork["applications"][0]
    assert fork == {
        "world": "fork",
        "seed": 42,
        "accounts": [{**source["accounts"][0], "api_key": account["api_key"], "api_secret": account["api_secret"]}],
        "applications": [{**source["applications"][0], "id": application["id"]}],
        "replaced": [],
    }
    assert account["api_key"] != "abcd1234"
    assert account["api_secret"] != "s3cr3tS3cr3t"
    assert application["id"] != source["applications"][0]["id"]
    assert await house.control("GET", "/worlds/fork") == {
        **source,
        "world": "fork",
        "accounts": fork["accounts"],
        "applications": fork["applications"],
    }
    assert (await send(house, fork, text="new"))["remaining-balance"] == "99.93340000"
    done = await house.control("POST", "/worlds/fork/clock/advance", {"by": "1s"})
    assert (done["timers"], done["delivered"]) == (2, 1)
    assert [each.path for each in receiver.requests] == ["/dlr"]
    assert receiver.requests[0].params["api-key"] == account["api_key"]
    assert [each["status"] for each in (await house.control("GET", "messages"))["items"]] == ["submitted"]
    assert (await house.advance("500ms"))["delivered"] == 1


async def test_credentials_of_a_fork_work_at_once_and_its_sources_do_not_lead_there(house: House) -> None:
    """A tenant is found by its credential, the fork's as well as the source's."""
    fork = await house.control("POST", "fork", {}, 201)

    await send(house, fork, text="fork")
    await house.send(text="source")

    texts = {}
    for world in ("default", fork["world"]):
        items = (await house.control("GET", f"/worlds/{world}/messages"))["items"]
        texts[world] = [each["text"] for each in items]
    assert texts == {"default": ["source"], fork["world"]: ["fork"]}


async def test_fork_of_a_snapshot_begins_there(house: House) -> None:
    """What happened since in the source is not in it, the clock included."""
    await house.send(text="old")
    snapshot = (await house.control("POST", "snapshot", None, 201))["snapshot"]
    await house.send(text="new")
    await house.advance("1h")

    fork = await house.control("POST", "fork", {"snapshot": snapshot, "name": "then"}, 201)

    assert (await house.control("GET", "/worlds/then/clock"))["now"] == "2026-01-01T00:00:00.000Z"
    assert [each["text"] for each in (await house.control("GET", "/worlds/then/messages"))["items"]] == ["old"]
    assert fork["world"] == "then"


async def test_fork_resets_to_how_it_was_made(house: House) -> None:
    """Its own beginning, not its source's: with the clock, the log and the work that it was made with."""
    await house.send()
    await house.advance("500ms")
    await house.control("POST", "fork", {"name": "fork"}, 201)
    before = await house.control("GET", "/worlds/fork")
    await house.control("POST", "/worlds/fork/clock/advance", {"by": "1h"})

    await house.control("POST", "/worlds/fork/reset")

    assert await house.control("GET", "/worlds/fork") == before
    assert before["clock"]["now"] == "2026-01-01T00:00:00.500Z"
    done = await house.control("POST", "/worlds/fork/clock/advance", {"by": "500ms"})
    assert done["timers"] == 1


async def test_fork_under_a_taken_name_is_409(house: House) -> None:
    """Names are unique among live worlds; a name that is none is 422."""
    assert (await house.control("POST", "fork", {"name": "default"}, 409))["type"] == "urn:fake-nexmo:name-taken"
    assert (await house.control("POST", "fork", {"name": "a b"}, 422))["detail"] == "name: 'a b' cannot name a world"
    with pytest.raises(NoSuchWorld):
        await fork_world(house.store, lambda: house.wall, "nowhere", "", "")


async def test_delete_frees_the_key(house: House) -> None:
    """A key of a deleted world is unknown at once, and may be taken by the next one."""
    await house.control("DELETE", "/worlds/default", None, 204)

    refused = await house.send()
    made = await create(house, name="default", credentials="keep")

    assert refused["messages"] == [{"status": "4", "error-text": "Bad Credentials"}]
    assert made["accounts"][0]["api_key"] == "abcd1234"
    assert (await house.send())["messages"][0]["remaining-balance"] == "99.96670000"


# Apart, and again.


async def test_worlds_never_see_one_another(house: House) -> None:
    """Sends of many worlds mixed with one another: each has its own messages, balance, ids, numbers and time."""
    worlds = [await create(house, name=f"w{k}", seed=k, clock="manual") for k in range(4)]

    async def use(k: int) -> None:
        for n in range(k + 1):
            await send(house, worlds[k], to=f"44770090000{n + 1}", text=f"{k}.{n}")
            await house.control("POST", f"/worlds/w{k}/clock/advance", {"by": "1s"})

    await asyncio.gather(*(use(k) for k in range(4)))

    for k, world in enumerate(worlds):
        items = (await house.control("GET", f"/worlds/w{k}/messages"))["items"]
        assert [(each["text"], each["status"]) for each in items] == [(f"{k}.{n}", "delivered") for n in range(k + 1)]
        balance = await house.store.counter(f"w{k}", "balance/main")
        assert balance == 100 * 10**8 - 3_330_000 * (k + 1)
        clock = await house.control("GET", f"/worlds/w{k}/clock")
        assert clock["now"] == f"2026-01-01T00:00:0{k + 1}.000Z"
        mine = world["accounts"][0]["api_key"]
        await house.control("GET", f"/worlds/default/accounts/{mine}", None, 404)
    assert (await house.control("GET", "messages"))["items"] == []


async def _story(seed: int, name: str) -> tuple[list[bytes], list[Any]]:
    """Some requests to a world, as bytes; and its collections afterwards."""
    replies, collections = [], []
    async with open_house() as house, Receiver() as receiver:
        await create(house, name="decoy")
        world = await create(house, name=name, seed=seed, clock="manual")
        account = world["accounts"][0]
        await house.control("PUT", f"/worlds/{name}/routes", {"http://shop.test": receiver.url})
        await house.control("PATCH", f"/worlds/{name}/accounts/{account['api_key']}", {"api_secret": "Secret02"})
        for text, secret in (("a", "Secret02"), ("b" * 400, "Secret02"), ("c", "wrong")):
            params = {
                "api_key": account["api_key"],
                "api_secret": secret,
                "from": "Acme",
                "to": "447700900001",
                "text": text,
                "callback": "http://shop.test/dlr",
            }
            answer = await house.client.post("/sms/json", data=params)
            head = [(key, value) for key, value in answer.headers.raw]
            replies.append(repr(head).encode() + answer.content)
            summary = await house.control("POST", f"/worlds/{name}/clock/advance", {"by": "700ms"})
            replies.append(repr(summary).encode())
        for collection in ("messages", "webhooks", "requests", "events"):
            page = await house.control("GET", f"/worlds/{name}/{collection}")
            for each in page["items"]:
                for attempt in each.get("attempts", ()):
                    attempt["url"] = attempt["url"].replace(receiver.url, "")
                    del attempt["took_ms"]
            collections.append(page)
    return replies, collections


async def test_same_seed_name_and_requests_give_the_same_bytes() -> None:
    """Replies with their headers, and all collections; another seed gives others."""
    first = await _story(5, "story")

    assert await _story(5, "story") == first
    assert await _story(6, "story") != first


async def test_reading_a_world_does_not_change_what_it_does() -> None:
    """A test that looks at an account, a number or an application gets the same ids as one that does not."""
    ids = []
    for looks in (False, True):
        async with open_house() as house:
            if looks:
                application = house.world.applications[0].application_id
                await house.control("GET", "accounts/abcd1234")
                await house.control("GET", "numbers/447700900000")
                await house.control("GET", f"applications/{application}")
                await house.control("GET", "messages")
            ids.append((await house.send())["messages"][0]["message-id"])

    assert ids[0] == ids[1]


async def test_running_world_starts_where_it_is_told(house: House) -> None:
    """``start`` is the instant its clock begins at; without it a running clock begins at the wall's."""
    begin = {"mode": "real", "start": "2030-05-06T07:08:09Z"}
    await create(house, name="then", clock=begin)
    house.wall += SECOND

    assert await house.control("GET", "/worlds/then/clock") == {
        "mode": "real",
        "now": "2030-05-06T07:08:10.000Z",
        "advancing": False,
    }
