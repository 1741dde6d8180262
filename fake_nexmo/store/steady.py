"""Real time, also in a process whose clocks a library has stopped or moved.

Libraries that freeze time for tests replace what ``time`` and ``datetime`` say, and some of them the monotonic clock
too. None replaces what the system says when it is asked for its monotonic clock by name.
"""

from __future__ import annotations

import time
from functools import partial

from fake_nexmo.store.memory import wall_clock
from fake_nexmo.store.protocol import Wall

# A partial is not what such a library looks for, so that on Windows, which has no clocks by name, this one stays, too.
_read = (
    partial(time.clock_gettime_ns, time.CLOCK_MONOTONIC)
    if hasattr(time, "CLOCK_MONOTONIC")
    else partial(time.monotonic_ns)
)


def steady_s() -> float:
    """Seconds since an instant that means nothing."""
    return _read() / 1_000_000_000


def steady_wall() -> Wall:
    """A clock that goes on at the pace of the wall from what the wall says now, whatever it is made to say later."""
    began, from_ns = wall_clock(), _read()
    return lambda: began + (_read() - from_ns) // 1_000
