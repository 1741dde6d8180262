"""Moments: dice that a rerun cannot move, and identifiers that cannot collide."""

from __future__ import annotations

import re
from itertools import product
from uuid import RFC_4122, UUID

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fake_nexmo.core.moment import Moment, Use, draw

SEEDS = st.integers(0, 2**64 - 1)
ORDINALS = st.integers(0, 2**48 - 1)
USES = st.sampled_from(Use)
SLOTS = st.integers(0, 2**32 - 1)
PINNED = (
    "0CAC7D228FB29969",
    "226ee382-6e6a-4873-b442-4c32fb50526e",
    "023d077b975506dcb5be29644b6cddc2",
    0.3655828029329774,
)
"""Message id, call, request and roll of the moment of ordinal 42 under seed 7."""


def at(ordinal: int, seed: int = 7, now: int = 0) -> Moment:
    """A moment of which only the ordinal matters."""
    return Moment(now, ordinal, seed)


@given(SEEDS, ORDINALS, st.text(), SLOTS)
def test_a_roll_is_in_the_unit_interval_and_the_same_in_every_rerun(
    seed: int, ordinal: int, purpose: str, k: int
) -> None:
    """Zero is possible, one is not; neither the instant nor an earlier roll moves it."""
    roll = at(ordinal, seed).roll(purpose, k)

    later = at(ordinal, seed, now=99)
    later.roll("something else")
    assert later.roll(purpose, k) == roll
    assert 0 <= roll < 1


def test_rolls_differ_by_seed_ordinal_purpose_and_slot() -> None:
    """Each of the four is part of the key."""
    keys = list(product(range(3), range(3), ("receipt", "ring"), range(3)))
    rolls = {at(ordinal, seed).roll(purpose, k) for seed, ordinal, purpose, k in keys}
    assert len(rolls) == len(keys)


def test_rolls_are_spread_evenly() -> None:
    """Ten thousand of them fill ten tenths about alike; the seed is fixed, so this never wavers."""
    tenths = [0] * 10
    for ordinal in range(10_000):
        tenths[int(at(ordinal).roll("receipt") * 10)] += 1
    assert all(900 < each < 1_100 for each in tenths), tenths


@given(SEEDS, st.lists(st.tuples(ORDINALS, st.integers(0, 255)), unique=True, max_size=50))
@example(7, [(0, 0), (0, 1), (1, 0), (2**48 - 1, 255)])
def test_message_ids_of_different_parts_differ(seed: int, pairs: list[tuple[int, int]]) -> None:
    """A bijection: as many ids as pairs, whatever the pairs; all in the form of the wire."""
    made = [at(ordinal, seed).message_id(k) for ordinal, k in pairs]

    assert len(set(made)) == len(pairs)
    assert all(re.fullmatch(r"0C[0-9A-F]{14}", each) for each in made)
    assert made == [at(ordinal, seed, now=5).message_id(k) for ordinal, k in pairs]


def test_message_ids_of_a_long_run_differ() -> None:
    """Two hundred thousand in a row, as a load test makes them."""
    assert len({at(ordinal).message_id(k) for ordinal in range(50_000) for k in range(4)}) == 200_000


@given(SEEDS, st.lists(st.tuples(USES, ORDINALS, SLOTS), unique=True, max_size=50))
@example(7, [(Use.NONCE, 0, 0), (Use.TRACE, 0, 0), (Use.NONCE, 1, 0), (Use.APPLICATION, 2**48 - 1, 2**32 - 1)])
def test_uuids_differ_and_are_of_version_4(seed: int, keys: list[tuple[Use, int, int]]) -> None:
    """A bijection of use, ordinal and slot, in the form that every UUID parser takes."""
    made = [at(ordinal, seed).uuid(use, k) for use, ordinal, k in keys]

    assert len(set(made)) == len(keys)
    for each in made:
        read = UUID(each)
        assert (str(read), read.version, read.variant) == (each, 4, RFC_4122)


@given(SEEDS, st.lists(st.tuples(USES, ORDINALS, SLOTS), unique=True, max_size=50))
def test_hex_ids_differ(seed: int, keys: list[tuple[Use, int, int]]) -> None:
    """A bijection too, of 32 lower-case digits."""
    made = [at(ordinal, seed).hex_id(use, k) for use, ordinal, k in keys]

    assert len(set(made)) == len(keys)
    assert all(re.fullmatch(r"[0-9a-f]{32}", each) for each in made)


@pytest.mark.parametrize("make", [Moment.message_id, lambda moment: moment.uuid(Use.CALL)])
def test_worlds_of_different_seeds_give_different_ids(make: object) -> None:
    """The same ordinals in a hundred worlds share no id."""
    assert callable(make)
    assert len({make(at(ordinal, seed)) for seed in range(100) for ordinal in range(20)}) == 2_000


def test_ids_look_unordered() -> None:
    """Neighbours are far apart: nobody can rely on ids that rise."""
    made = [at(ordinal).message_id() for ordinal in range(100)]
    assert made != sorted(made)
    assert len({each[2:6] for each in made}) > 90


def test_ids_are_the_same_in_every_version() -> None:
    """Seeded scenarios are compared byte by byte, so these may change only with a word in the changes."""
    moment = Moment(0, 42, 7)
    assert (moment.message_id(), moment.uuid(Use.CALL), moment.hex_id(Use.REQUEST), moment.roll("receipt")) == PINNED


@given(SEEDS, st.text(), st.text(), SLOTS)
def test_a_draw_is_128_bits_and_repeats(seed: int, name: str, purpose: str, k: int) -> None:
    """Credentials of one seed and name are the same each time."""
    drawn = draw(seed, name, purpose, k)
    assert 0 <= drawn < 2**128
    assert draw(seed, name, purpose, k) == drawn


def test_draws_differ_by_seed_name_purpose_and_slot() -> None:
    """Each of the four is part of the key."""
    keys = list(product(range(3), ("default", "other"), ("api_key", "secret"), range(3)))
    assert len({draw(*key) for key in keys}) == len(keys)
