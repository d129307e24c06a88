"""What learners write and where they stand is kept, for each of them apart."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from tests.adapters.store.conftest import Clock
from tutor.adapters.store.accounts import SqlAccounts
from tutor.adapters.store.engine import Database
from tutor.adapters.store.practice import SqlPractice
from tutor.domain import practice as rules
from tutor.domain.learner import Learner
from tutor.domain.place import CellPlace
from tutor.domain.practice import Deed, Practice
from tutor.errors import SessionExpired

HERE = CellPlace("python", "loops", "sum")
THERE = CellPlace("python", "lists", "sum")
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
def practice(database: Database, clock: Clock) -> SqlPractice:
    return SqlPractice(database, now=clock)


def solved(before: Practice) -> Practice:
    now = datetime(2026, 11, 2, tzinfo=UTC)
    return rules.tried(rules.hinted(before, 2), passed=True, solution=4, now=now)


async def test_code_is_kept_replaced_and_forgotten(practice: SqlPractice, ada: Learner) -> None:
    """A learner's work would be lost, or come back after it was reset."""
    await practice.keep_draft(ada.id, HERE, "a = 1")
    await practice.keep_draft(ada.id, HERE, "a = 2\n# é\U0001f600\x00")
    await practice.keep_draft(ada.id, THERE, "b")
    assert await practice.drafts(ada.id, course="python", chapter="loops") == {
        "sum": "a = 2\n# é\U0001f600\ufffd"
    }
    await practice.drop_draft(ada.id, HERE)
    await practice.drop_draft(ada.id, HERE)
    assert await practice.drafts(ada.id, course="python", chapter="loops") == {}
    assert await practice.drafts(ada.id, course="python", chapter="lists") == {"sum": "b"}


async def test_where_a_learner_stands_is_kept_whole(practice: SqlPractice, ada: Learner) -> None:
    """Hints would close again, or an exercise would never come up for review."""
    after = await practice.change(ada.id, HERE, Deed.CHECK, solved, passed=True)
    assert after.memory is not None
    await practice.change(ada.id, THERE, Deed.HINT, lambda one: rules.hinted(one, 1))
    assert await practice.practice(ada.id) == {HERE: after, THERE: Practice(hints=1)}
    assert await practice.practice(ada.id, course="python", chapter="loops") == {HERE: after}
    assert await practice.practice(ada.id, course="sql") == {}


async def test_every_deed_is_noted(practice: SqlPractice, ada: Learner) -> None:
    """The log of hints would have holes, or the plot would show nothing."""
    await practice.change(ada.id, HERE, Deed.HINT, lambda one: rules.hinted(one, 1))
    await practice.change(ada.id, HERE, Deed.CHECK, solved, passed=True)
    hint, check = await practice.events(ada.id, since=LONG_AGO)
    assert (hint.deed, hint.passed, hint.cell_id) == (Deed.HINT, False, "sum")
    assert (check.deed, check.passed, check.chapter) == (Deed.CHECK, True, "loops")
    assert hint.at < check.at
    assert await practice.events(ada.id, since=check.at) == (check,)
    assert await practice.events(ada.id, since=check.at + timedelta(seconds=1)) == ()


async def test_a_change_that_is_refused_leaves_nothing(practice: SqlPractice, ada: Learner) -> None:
    """A hint that was refused would stand in the log as opened."""

    def refuse(_: Practice) -> Practice:
        raise LookupError

    with pytest.raises(LookupError):
        await practice.change(ada.id, HERE, Deed.HINT, refuse)
    assert await practice.practice(ada.id) == {}
    assert await practice.events(ada.id, since=LONG_AGO) == ()


async def test_two_learners_stand_apart(practice: SqlPractice, ada: Learner, mallory: Learner) -> None:
    """One learner would read or overwrite another's code, or see their progress."""
    await practice.keep_draft(ada.id, HERE, "ada")
    await practice.change(ada.id, HERE, Deed.CHECK, solved, passed=True)
    await practice.drop_draft(mallory.id, HERE)
    assert await practice.drafts(mallory.id, course="python", chapter="loops") == {}
    assert await practice.practice(mallory.id) == {}
    assert await practice.events(mallory.id, since=LONG_AGO) == ()
    assert await practice.drafts(ada.id, course="python", chapter="loops") == {"sum": "ada"}


async def test_two_tabs_at_once(practice: SqlPractice, ada: Learner) -> None:
    """Of two checks at the same moment one would be lost, or fail."""

    def tried(one: Practice) -> Practice:
        return rules.tried(one, passed=False, solution=4, now=LONG_AGO)

    await asyncio.gather(*(practice.change(ada.id, HERE, Deed.CHECK, tried) for _ in range(6)))
    assert (await practice.practice(ada.id))[HERE].tries == 6


async def test_a_deleted_learner(practice: SqlPractice, accounts: SqlAccounts, ada: Learner) -> None:
    """A guest whose day is over would see a crash, or leave their work behind."""
    await practice.keep_draft(ada.id, HERE, "ada")
    await practice.change(ada.id, HERE, Deed.CHECK, solved, passed=True)
    await accounts.delete_learner(ada.id)
    assert await practice.practice(ada.id) == {}
    with pytest.raises(SessionExpired):
        await practice.keep_draft(ada.id, HERE, "ada")
    with pytest.raises(SessionExpired):
        await practice.change(ada.id, HERE, Deed.CHECK, solved)
