"""Where a learner stands is remembered, for each of them apart."""

import asyncio

import pytest

from tutor.adapters.store.accounts import SqlAccounts
from tutor.adapters.store.progress import SqlProgress
from tutor.domain.learner import Learner
from tutor.errors import SessionExpired


async def test_visit_tells_of_the_one_before(progress: SqlProgress, ada: Learner) -> None:
    """The page would greet a returning learner as a new one, or the other way round."""
    assert await progress.visit(ada.id, course="python", chapter="loops") is None
    first = await progress.visit(ada.id, course="python", chapter="loops")
    second = await progress.visit(ada.id, course="python", chapter="loops")
    assert first < second
    assert first.utcoffset() is not None


async def test_last_visit_and_visited(progress: SqlProgress, ada: Learner) -> None:
    """The learner would come back to the wrong chapter, or lose the marks of those they have read."""
    assert await progress.last_visit(ada.id) is None
    assert await progress.visited(ada.id, course="python") == frozenset()
    for course, chapter in (("python", "loops"), ("python", "lists"), ("sql", "joins"), ("python", "loops")):
        await progress.visit(ada.id, course=course, chapter=chapter)
    assert await progress.last_visit(ada.id) == ("python", "loops")
    assert await progress.visited(ada.id, course="python") == {"loops", "lists"}


async def test_two_learners_stand_apart(progress: SqlProgress, ada: Learner, mallory: Learner) -> None:
    """One learner's reading would show in another's course."""
    await progress.visit(ada.id, course="python", chapter="loops")
    assert await progress.last_visit(mallory.id) is None
    assert await progress.visited(mallory.id, course="python") == frozenset()
    assert await progress.visit(mallory.id, course="python", chapter="loops") is None


async def test_two_tabs_open_a_chapter_at_once(progress: SqlProgress, ada: Learner) -> None:
    """The second tab would get an error page."""
    visits = (progress.visit(ada.id, course="python", chapter="loops") for _ in range(8))
    assert (await asyncio.gather(*visits)).count(None) == 1


async def test_visit_of_a_deleted_learner(progress: SqlProgress, accounts: SqlAccounts, ada: Learner) -> None:
    """A guest whose day is over would see a crash, not that they are signed out."""
    await accounts.delete_learner(ada.id)
    with pytest.raises(SessionExpired):
        await progress.visit(ada.id, course="python", chapter="loops")
