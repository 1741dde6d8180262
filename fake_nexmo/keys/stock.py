"""Fresh key pairs made ahead of need, for worlds that have nearly used up the pool.

Making a pair takes tens of milliseconds of a processor, so a thread of its own does it while requests go on; the
interpreter's lock is free meanwhile. The thread starts when a world comes close to the end of the pool, fills the
stock and ends. Which world gets which fresh pair depends on chance alone: such pairs are not reproducible.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque

from fake_nexmo.keys.pair import KeyPair
from fake_nexmo.keys.pool import POOL, fresh_pair, key_pair

AHEAD = 4
"""How many fresh pairs are kept ready, and how many pairs before the end of the pool they are begun."""


class Stock:
    """Pairs that are ready, and the thread that makes more of them when there is need."""

    def __init__(self) -> None:
        self._ready: deque[KeyPair] = deque()
        self._lock = threading.Lock()
        self._maker: threading.Thread | None = None

    def __len__(self) -> int:
        """How many pairs are ready."""
        return len(self._ready)

    async def pair(self, seed: int, k: int) -> KeyPair:
        """The k-th key pair of a world: from the pool, else the oldest of the stock.

        With an empty stock it waits for one of its own, beside the event loop where there is one.
        """
        if k >= POOL - AHEAD:
            self._fill()
        if k < POOL:
            return key_pair(seed, k)
        try:
            return self._ready.popleft()
        except IndexError:
            return await asyncio.to_thread(fresh_pair) if _in_loop() else fresh_pair()

    def wait(self) -> None:
        """Wait until nothing is being made."""
        maker = self._maker
        if maker is not None:
            maker.join()

    def _fill(self) -> None:
        """Have the stock filled, unless that is under way or needless."""
        with self._lock:
            if self._maker is None and len(self._ready) < AHEAD:
                self._maker = threading.Thread(target=self._make, name="fresh keys", daemon=True)
                self._maker.start()

    def _make(self) -> None:
        while True:
            pair = fresh_pair()
            with self._lock:
                self._ready.append(pair)
                if len(self._ready) >= AHEAD:
                    self._maker = None
                    return


def _in_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


STOCK = Stock()
"""The one stock of this process: fresh pairs belong to no world before they are taken."""
