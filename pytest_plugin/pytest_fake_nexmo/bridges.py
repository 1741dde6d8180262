"""Bridges from the clock of a world to the clocks of the process, by time-machine or freezegun."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from typing import Any, Protocol

from pytest_fake_nexmo.errors import NexmoUsageError

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND_US = 1_000_000


class Bridge(Protocol):
    """Stops the clocks of the process when it is first told an instant, and moves them on when it is told another."""

    def show(self, at: int) -> None:
        """Let the clocks show an instant, in microseconds."""
        ...

    def end(self) -> None:
        """Let them run as they did before; nothing when they were never stopped."""
        ...


def bridge(wanted: Any) -> Bridge:
    """The bridge that a marker asks for: True, or the name of a library.

    Raises:
        NexmoUsageError: there is no such library, or none is installed.
    """
    if wanted is not True and wanted not in tuple(_BRIDGES):
        raise NexmoUsageError(f"@pytest.mark.nexmo(freeze={wanted!r}): write True, {' or '.join(map(repr, _BRIDGES))}")
    names = tuple(_BRIDGES) if wanted is True else (wanted,)
    for name in names:
        if find_spec(name.replace("-", "_")) is not None:
            return _BRIDGES[name]()
    said = "either of them: pip install time-machine, or pip install freezegun" if wanted is True else "it"
    missing = " and ".join(names) + (" are" if wanted is True else " is")
    raise NexmoUsageError(f"@pytest.mark.nexmo(freeze={wanted!r}): {missing} not installed; install {said}")


class _TimeMachine:
    """By time-machine, which leaves the time zone and the monotonic clocks as they are."""

    def __init__(self) -> None:
        self._at = 0
        self._travel: Any = None
        self._traveller: Any = None

    def show(self, at: int) -> None:
        """See `Bridge.show`."""
        if self._travel is None:
            import time_machine

            self._at = at // _SECOND_US * _SECOND_US
            travel = time_machine.travel(at // _SECOND_US, tick=False)
            try:
                self._traveller = travel.start()
            except RuntimeError as error:
                raise NexmoUsageError(f"@pytest.mark.nexmo(freeze=…): {error}") from None
            self._travel = travel
        self._traveller.shift(timedelta(microseconds=at - self._at))
        self._at = at

    def end(self) -> None:
        """See `Bridge.end`."""
        if self._travel is not None:
            self._travel.stop()


class _Freezegun:
    """By freezegun, which also stops the monotonic clocks, but for event loops, and makes the time zone UTC."""

    def __init__(self) -> None:
        self._freezer: Any = None
        self._frozen: Any = None

    def show(self, at: int) -> None:
        """See `Bridge.show`."""
        instant = _EPOCH + timedelta(microseconds=at)
        if self._freezer is None:
            import freezegun

            self._freezer = freezegun.freeze_time(instant, real_asyncio=True)
            self._frozen = self._freezer.start()
            return
        self._frozen.move_to(instant)

    def end(self) -> None:
        """See `Bridge.end`."""
        if self._freezer is not None:
            self._freezer.stop()


# The first one that is installed is taken.
_BRIDGES: dict[str, type[_TimeMachine | _Freezegun]] = {"time-machine": _TimeMachine, "freezegun": _Freezegun}
