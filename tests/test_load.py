"""Two worlds on one server under load at once: each is told all of its own, and nothing of the other's."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tests.live import PATIENCE_S, FarWorld, make_world, open_client, open_live
from tests.receiver import Receiver

TASKS = 4
EACH = 60
SENT = TASKS * EACH
PARTS = SENT + SENT // 3
BALANCE = f"{100 - PARTS * 0.0333:.4f}".rstrip("0") + " EUR"


async def send_many(world: FarWorld, task: int, acknowledged: list[list[str]]) -> None:
    """Send messages that say whose they are; every third has two parts."""
    for turn in range(EACH):
        text = f"{world.name} {task} {turn}"
        parts = await world.send(text=text if turn % 3 else text.ljust(161, "."), client__ref=f"{task}-{turn}")
        assert [part["status"] for part in parts] == ["0"] * (1 if turn % 3 else 2)
        acknowledged.append([part["message-id"] for part in parts])


async def test_two_worlds_under_load_never_see_each_other(tmp_path: Path) -> None:
    """Messages, balance, requests, webhooks and receipts of each are exactly its own, though ids are the same."""
    with open_live(tmp_path) as live:
        async with Receiver() as left, Receiver() as right, open_client(live.http) as client:
            receivers = {"left": left, "right": right}
            # One seed for both: their message ids are the same, so nothing but the credential tells them apart.
            worlds = {name: await make_world(client, name, clock="x10") for name in receivers}
            acknowledged: dict[str, list[list[str]]] = {name: [] for name in receivers}
            for name, world in worlds.items():
                await world.account(webhooks={"receipts": f"{receivers[name].url}/{name}"})

            async with asyncio.TaskGroup() as group:
                for task in range(TASKS):
                    for name, world in worlds.items():
                        group.create_task(send_many(world, task, acknowledged[name]))
            for receiver in receivers.values():
                await receiver.wait_for(PARTS, timeout=PATIENCE_S)
            for world in worlds.values():
                await world.advance("0s")

            for name, world in worlds.items():
                messages = await world.items("messages")
                assert sorted(each["text"] for each in messages) == sorted(
                    text if turn % 3 else text.ljust(161, ".")
                    for task in range(TASKS)
                    for turn in range(EACH)
                    for text in [f"{name} {task} {turn}"]
                )
                assert sorted(each["ids"] for each in messages) == sorted(acknowledged[name])
                assert {each["status"] for each in messages} == {"delivered"}
                assert await world.balance() == BALANCE
                requests = await world.items("requests")
                assert sorted(each["about"] for each in requests) == sorted(ids[0] for ids in acknowledged[name])
                assert {(each["operation"], each["status"], each["account"]) for each in requests} == {
                    ("sms.send", 200, "main")
                }
                ids = sorted(message_id for each in acknowledged[name] for message_id in each)
                webhooks = await world.items("webhooks")
                assert sorted(each["about"] for each in webhooks) == ids
                assert {(each["state"], each["url"], len(each["attempts"])) for each in webhooks} == {
                    ("delivered", f"{receivers[name].url}/{name}", 1)
                }
                came = receivers[name].requests
                assert sorted(each.params["messageId"] for each in came) == ids
                assert {(each.path, each.params["api-key"]) for each in came} == {(f"/{name}", world.key)}
                references = {each["id"]: each["client_ref"] for each in messages}
                firsts = [each.params for each in came if each.params["messageId"] in references]
                assert {each["messageId"]: each["client-ref"] for each in firsts} == references
            assert worlds["left"].key != worlds["right"].key
            default = await client.get("/_fake/worlds/default/requests")
            assert default.json()["items"] == []


async def test_a_credential_of_one_world_opens_no_other(tmp_path: Path) -> None:
    """The key finds the world; the other world's secret does not fit it, and both hear of it separately."""
    with open_live(tmp_path) as live:
        async with open_client(live.http) as client:
            left, right = await make_world(client, "left"), await make_world(client, "right")
            refused = await left.send(api_secret=right.secret)
            assert refused == [{"status": "4", "error-text": "Bad Credentials"}]
            assert [each["outcome"] for each in await left.items("requests")] == ["4 Bad Credentials"]
            assert await right.items("requests") == []
