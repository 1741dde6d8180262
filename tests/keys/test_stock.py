"""Fresh key pairs made ahead of need."""

from __future__ import annotations

import pytest

from fake_nexmo.keys.pool import POOL, key_pair
from fake_nexmo.keys.stock import AHEAD, Stock


async def test_nothing_is_made_while_the_pool_lasts() -> None:
    """Worlds with few applications never start the thread."""
    stock = Stock()

    pairs = [await stock.pair(42, k) for k in range(POOL - AHEAD)]

    stock.wait()
    assert pairs == [key_pair(42, k) for k in range(POOL - AHEAD)]
    assert len(stock) == 0


async def test_stock_is_filled_before_the_pool_is_used_up() -> None:
    """The last pairs of the pool are given out meanwhile; then the stock is drawn upon and filled again."""
    stock = Stock()

    pair = await stock.pair(42, POOL - AHEAD)
    stock.wait()
    full = len(stock)
    one = await stock.pair(42, POOL)
    two = await stock.pair(7, POOL)
    stock.wait()
    again = len(stock)

    assert pair == key_pair(42, POOL - AHEAD)
    assert full == AHEAD
    assert AHEAD - 1 <= again <= AHEAD
    assert len({one.public, two.public} | {key_pair(42, k).public for k in range(POOL)}) == POOL + 2


async def test_empty_stock_makes_one_at_once() -> None:
    """Whoever asks waits for a pair of their own."""
    stock = Stock()

    pairs = [await stock.pair(42, POOL + k) for k in range(AHEAD + 2)]

    stock.wait()
    assert len({pair.public for pair in pairs}) == AHEAD + 2


def test_without_an_event_loop_it_works_too() -> None:
    """As for a caller in the same process."""
    stock = Stock()
    asking = stock.pair(42, POOL)

    with pytest.raises(StopIteration) as done:
        asking.send(None)

    stock.wait()
    assert done.value.value.private.startswith("-----BEGIN PRIVATE KEY-----\n")
