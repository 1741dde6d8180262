"""What the people behind the numbers do with a message."""

from __future__ import annotations

import pytest

from fake_nexmo.core.records import Handset, PartStatus
from fake_nexmo.handsets import people
from fake_nexmo.handsets.people import Reaction


@pytest.mark.parametrize("handset", [None, Handset(id="447700900001"), Handset(id="447700900001", name="ann")])
def test_everyone_receives_a_message_after_a_second(handset: Handset | None) -> None:
    """Declared or not; source: scenario format, stock character ``answers``; reference sms §10.1."""
    assert people.on_message(handset) == Reaction(1_000_000, PartStatus.DELIVERED, "0")


def test_a_character_that_is_not_made_yet_is_our_mistake() -> None:
    """Nothing is made up for it."""
    with pytest.raises(AssertionError, match="no other character"):
        people.on_message(Handset(id="447700900001", like="powered-off"))
