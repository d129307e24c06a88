"""Opening a chapter: where the learner stands, and the conversation that goes on there."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.services.classroom import COURSES
from tutor.adapters.courses import FolderCourses
from tutor.adapters.store.accounts import SqlAccounts
from tutor.adapters.store.conversations import SqlConversations
from tutor.adapters.store.engine import Database
from tutor.adapters.store.progress import SqlProgress
from tutor.domain.chat import Author
from tutor.domain.conversation import Outcome, TurnEnd, Via
from tutor.domain.course import Course
from tutor.domain.learner import Learner, Role
from tutor.errors import ChapterUnknown
from tutor.services.lessons import Lessons

COURSE = "python-basics"


class Desk:
    """Lessons on a real store, with a clock that is set by hand."""

    def __init__(self, database: Database) -> None:
        self.time = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
        self.turns = SqlConversations(database, now=self.now)
        self.progress = SqlProgress(database, now=self.now)
        self.accounts = SqlAccounts(database, now=self.now)
        self.lessons = self.of(COURSES)

    def of(self, courses: FolderCourses) -> Lessons:
        return Lessons(courses=courses, turns=self.turns, progress=self.progress, now=self.now)

    def now(self) -> datetime:
        self.time += timedelta(seconds=1)
        return self.time

    async def learner(self, name: str) -> Learner:
        return await self.accounts.add_learner(name=name, password_hash=None, role=Role.LEARNER)

    async def talk(self, learner: Learner, conversation_id: str, text: str = "Why?") -> None:
        turn = await self.turns.open_turn(learner.id, conversation_id, text=text, via=Via.TEXT)
        end = TurnEnd(outcome=Outcome.ANSWERED, text="Because.")
        await self.turns.close_turn(learner.id, turn, end)


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    database = Database(f"sqlite:///{tmp_path / 'tutor.db'}")
    database.migrate()
    yield Desk(database)
    database.close()


@pytest.fixture
async def ada(desk: Desk) -> Learner:
    return await desk.learner("Ada")


async def test_a_new_learner_begins_at_the_beginning(desk: Desk, ada: Learner) -> None:
    """Somebody who just signed up would see an empty page."""
    lesson = await desk.lessons.resume(ada)
    assert (lesson.course.slug, lesson.chapter.number) == (COURSE, 1)
    assert lesson.greet
    assert lesson.visit.before is None
    assert lesson.visit.came_from is None
    assert lesson.conversation.title == lesson.chapter.title


async def test_a_learner_comes_back_to_where_they_were(desk: Desk, ada: Learner) -> None:
    """Tomorrow the learner would be at the first chapter again, with an empty conversation."""
    opened = await desk.lessons.open(ada, COURSE, "loops")
    await desk.talk(ada, opened.conversation.id)
    resumed = await desk.lessons.resume(ada)
    assert resumed.chapter.slug == "loops"
    assert resumed.conversation.id == opened.conversation.id
    assert resumed.visit.before is not None
    assert not resumed.greet


async def test_each_chapter_has_its_own_conversation(desk: Desk, ada: Learner) -> None:
    """A question about lists would be answered from the talk about loops."""
    loops = await desk.lessons.open(ada, COURSE, "loops")
    await desk.talk(ada, loops.conversation.id)
    lists = await desk.lessons.open(ada, COURSE, "lists")
    assert lists.conversation.id != loops.conversation.id
    assert lists.greet
    assert lists.visit.came_from is not None
    assert lists.visit.came_from.slug == "loops"
    again = await desk.lessons.open(ada, COURSE, "loops")
    assert again.conversation.id == loops.conversation.id
    assert again.visited == {"loops", "lists"}


async def test_the_last_of_several_conversations_goes_on(desk: Desk, ada: Learner) -> None:
    """After `New` and a question, a reload would show the old conversation."""
    first = await desk.lessons.open(ada, COURSE, "loops")
    await desk.talk(ada, first.conversation.id)
    second = await desk.turns.add_conversation(ada.id, course=COURSE, chapter="loops", title="Loops")
    await desk.talk(ada, second.id, "And then?")
    assert (await desk.lessons.open(ada, COURSE, "loops")).conversation.id == second.id


@pytest.mark.parametrize(("hours", "greeted"), [(5, False), (7, True)])
async def test_who_comes_back_after_hours_is_greeted(
    desk: Desk, ada: Learner, hours: int, greeted: bool
) -> None:
    """The teacher would greet at every reload, or not in the morning."""
    lesson = await desk.lessons.open(ada, COURSE, "loops")
    await desk.talk(ada, lesson.conversation.id)
    desk.time += timedelta(hours=hours)
    assert (await desk.lessons.open(ada, COURSE, "loops")).greet is greeted


async def test_another_learner_sees_none_of_it(desk: Desk, ada: Learner) -> None:
    """A second learner would go on in somebody else's conversation."""
    lesson = await desk.lessons.open(ada, COURSE, "loops")
    await desk.talk(ada, lesson.conversation.id)
    bob = await desk.learner("Bob")
    his = await desk.lessons.open(bob, COURSE, "loops")
    assert his.conversation.id != lesson.conversation.id
    assert his.visit.before is None
    assert his.visited == {"loops"}
    messages = await desk.turns.messages(bob.id, his.conversation.id)
    assert not [message for message in messages if message.author is Author.LEARNER]


@pytest.mark.parametrize("where", [("python-basics", "no-such"), ("no-such", "loops"), ("..", "loops")])
async def test_an_unknown_chapter_changes_nothing(desk: Desk, ada: Learner, where: tuple[str, str]) -> None:
    """A mistyped address would be remembered as where the learner is, and shut them out."""
    with pytest.raises(ChapterUnknown):
        await desk.lessons.open(ada, *where)
    assert await desk.progress.last_visit(ada.id) is None


async def test_a_chapter_that_is_gone_does_not_shut_the_learner_out(desk: Desk, ada: Learner) -> None:
    """After an author renames a chapter its learners could not open the app any more."""
    await desk.progress.visit(ada.id, course=COURSE, chapter="renamed")
    assert (await desk.lessons.resume(ada)).chapter.number == 1


async def test_a_site_without_courses_says_so(desk: Desk, ada: Learner, tmp_path: Path) -> None:
    """An owner who set the wrong folder would get a stack trace."""
    (tmp_path / "empty").mkdir()
    with pytest.raises(ChapterUnknown) as caught:
        await desk.of(FolderCourses(tmp_path / "empty")).resume(ada)
    assert caught.value.text == "There is no course here yet."


async def test_a_lesson_is_a_value(desk: Desk, ada: Learner) -> None:
    """A front could change what another one shows."""
    lesson = await desk.lessons.resume(ada)
    assert isinstance(lesson.course, Course)
    with pytest.raises(ValueError, match="frozen"):
        lesson.greet = False
