"""Some of the random histories of `histories.py`: on both databases a few with whole mails, and enough to meet each kind of fault."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask

from tests.drafts.history import lived
from tests.drafts.post import inhabited
from tests.drafts.witness import Broken, Known, Notice, Row, Witness
from tests.drafts.world import BEGIN, World

SEED = "every day"


@pytest.fixture
def world(app: Flask) -> Iterator[World]:
    with inhabited(app) as world:
        yield world


@pytest.mark.parametrize("number", range(30))
def test_no_promise_is_broken(world: World, number: int) -> None:
    lived(world, f"{SEED}:{number}")


def test_no_promise_is_broken_where_many_live_side_by_side(world: World) -> None:
    assert lived(world, f"{SEED}:side by side", casts=12).expired


@pytest.mark.parametrize("number", range(3))
def test_no_promise_is_broken_with_whole_mails(app: Flask, number: int) -> None:
    with inhabited(app, whole_mails=True) as world:
        witness = lived(world, f"whole:{number}")
    assert witness.warned


def test_the_same_seed_is_the_same_history(world: World) -> None:
    first, second = (lived(world, f"{SEED}:7") for _each in range(2))
    assert (first.step, first.warned, first.expired, len(first.mails)) == (
        second.step,
        second.warned,
        second.expired,
        len(second.mails),
    )


DAY, DRAFT = timedelta(days=1), UUID(int=1)
WARNED = Notice(order=2, at=BEGIN, moment=BEGIN + DAY, length=DAY)


@pytest.mark.parametrize(
    ("known", "after", "words"),
    [
        ({}, DAY, "without a warning"),
        ({"notices": [WARNED], "touched": 3}, DAY, "without a warning since"),
        ({"notices": [replace(WARNED, length=2 * DAY)]}, DAY, "without full notice"),
        ({"notices": [WARNED], "shown": BEGIN + 2 * DAY}, DAY, "was promised"),
        ({"is_published": True}, DAY, "published"),
    ],
)
def test_the_witness_sees_a_broken_promise(known: dict[str, Any], after: timedelta, words: str) -> None:
    witness = Witness()
    witness.reachable(0, True)
    witness.drafts[DRAFT] = replace(Known(0, True, 1, BEGIN + DAY), **known)
    gone = Row(DRAFT, "draft", BEGIN + after, "expiry", BEGIN + 7 * DAY, BEGIN + DAY)
    with pytest.raises(Broken, match=words):
        witness.found({DRAFT: gone}, BEGIN + after)


def test_the_witness_accepts_a_kept_one() -> None:
    witness = Witness()
    witness.reachable(0, True)
    witness.drafts[DRAFT] = Known(0, True, 1, BEGIN + DAY, notices=[WARNED])
    witness.found({DRAFT: Row(DRAFT, "draft", BEGIN + DAY, "expiry", BEGIN + 7 * DAY, BEGIN + DAY)}, BEGIN + DAY)
    assert witness.expired == 1
