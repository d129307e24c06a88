"""What the lesson guide sees when a message comes in: chapter, cell, error, conversation."""

import re
from collections.abc import Collection
from functools import cached_property

from tutor.adapters.lesson_index import Hit, LessonIndex, Query
from tutor.domain.chat import Author, Brief
from tutor.domain.construct import in_code, in_question
from tutor.domain.course import Cell, Chapter, Code, Exercise
from tutor.domain.intent import Intent, hidden_intent, intent_of, leans_back
from tutor.domain.observation import Observation
from tutor.domain.observed import observed, pointed_at
from tutor.domain.passage import Kind, Passage
from tutor.domain.quoting import Place, cell_place, probe_question
from tutor.domain.traceback import PythonError, error_names, read_error

PROBE_HERE, PROBE_ELSEWHERE = 0.5, 0.8
"""How well a mix-up must fit for its question to be asked: at the cell that is spoken of, and elsewhere."""
_CELL_NUMBER = re.compile(r"\bcell (\d+)\b", re.IGNORECASE)
_LINKED = re.compile(r"\]\([^)#\s]*#([\w-]+)\)")
_MAX_QUESTION = 2000
"""What is searched for, in characters: the beginning of a paste says what it is."""


class Scene:
    """One turn, for the guide: the brief with everything that follows from it, worked out when asked."""

    def __init__(self, brief: Brief, index: LessonIndex) -> None:
        self.brief = brief
        self.index = index
        self.question = brief.question[:_MAX_QUESTION]
        self.slug = brief.chapter.slug if brief.chapter else ""

    @property
    def chapter(self) -> Chapter | None:
        """The open chapter."""
        return self.brief.chapter

    @cached_property
    def intent(self) -> Intent:
        """What the message wants."""
        return hidden_intent(self.question) if self.brief.hidden else intent_of(self.question)

    @cached_property
    def offered(self) -> Passage | None:
        """The question of the open chapter that the message repeats word for word, as the page offers it."""
        asked = self.question.strip().rstrip("?").lower()
        questions = (
            one for one in self.index.passages if one.kind is Kind.QUESTION and one.chapter == self.slug
        )
        return next((one for one in questions if one.asks.rstrip("?").lower() == asked), None)

    @cached_property
    def leans_back(self) -> bool:
        """Whether the message is about what was said or seen before."""
        return self.brief.hidden or leans_back(self.intent, self.question)

    @cached_property
    def cell(self) -> Cell | None:
        """The cell that the message names by its number, or the one in view."""
        if self.chapter is None:
            return None
        if named := _CELL_NUMBER.search(self.question):
            number = int(named[1][:6])
            if found := next((cell for cell in self.chapter.cells if cell.number == number), None):
                return found
        return self.chapter.cell(self.brief.work.cell_id or "")

    @cached_property
    def exercise(self) -> Exercise | None:
        """The exercise that the message is about: in view, or named by its title."""
        if isinstance(self.cell, Exercise):
            return self.cell
        exercises = [
            cell for cell in (self.chapter.cells if self.chapter else ()) if isinstance(cell, Exercise)
        ]
        asked = self.question.lower()
        return next((one for one in exercises if one.title.lower().rstrip("?!.") in asked), None)

    @property
    def hints(self) -> tuple[str, ...]:
        """The released hints of that exercise; the level is that of the exercise in view only."""
        if self.exercise is None or self.exercise.id != self.brief.work.cell_id:
            return ()
        return self.exercise.hints[: max(self.brief.work.hint_level, 0)]

    @cached_property
    def error(self) -> PythonError | None:
        """The error of the learner's code, or one that was pasted into the message."""
        work = self.brief.work
        return read_error(work.error[-8000:], work.code[:20000]) or read_error(
            self.question, work.code[:20000]
        )

    @cached_property
    def seen(self) -> tuple[Observation, ...]:
        """All that is true of the learner's code and worth a word."""
        return observed(self.brief.work.code)

    @cached_property
    def observations(self) -> tuple[Observation, ...]:
        """Those that go with the message and with what the failing check says, the most telling first."""
        return pointed_at(self.seen, f"{self.question} {self.brief.work.failing_check[-500:]}")

    @cached_property
    def spoken_of(self) -> str:
        """The last message of the learner that names its own topic, without the present one."""
        for message in reversed(self.brief.history):
            if message.author is Author.LEARNER and not leans_back(
                intent_of(message.content), message.content
            ):
                return message.content[:_MAX_QUESTION]
        return ""

    @property
    def turns(self) -> int:
        """How often the teacher has spoken in this conversation."""
        return sum(one.author is Author.TEACHER for one in self.brief.history)

    @cached_property
    def said(self) -> str:
        """All that the teacher said before, in one piece."""
        return "\n".join(one.content for one in self.brief.history if one.author is Author.TEACHER)

    @cached_property
    def last_said(self) -> str:
        """The teacher's last message."""
        return next((one.content for one in reversed(self.brief.history) if one.author is Author.TEACHER), "")

    @cached_property
    def cells_named(self) -> frozenset[str]:
        """Ids of the cells that the teacher's last message links."""
        return frozenset(_LINKED.findall(self.last_said))

    def was_said(self, passage: Passage) -> bool:
        """Whether the teacher has quoted this passage before."""
        words = passage.text.split("\n", 1)[0][:80]
        return words in self.said if passage.kind is not Kind.CODE else passage.text in self.said

    def search(
        self,
        text: str,
        *,
        kinds: Collection[Kind] | None = None,
        with_code: bool = False,
        error: PythonError | None = None,
        limit: int = 8,
    ) -> tuple[Hit, ...]:
        """The passages that fit a text, seen from the open chapter.

        Args:
            text: The question, or what to look for in its place.
            kinds: Which passages may be found; None for all.
            with_code: Whether the learner's code says what it is about, too.
            error: An error that it is about.
            limit: How many at most.
        """
        code = self.brief.work.code[:20000] if with_code else ""
        errors = error_names(text) | ({error.name} if error else frozenset())
        asked = f"{text} {error.name} {error.message[:200]} {error.source[:200]}" if error else text
        constructs = in_question(text) or (in_code(code) if with_code else frozenset())
        query = Query(asked, constructs, errors, code, self.slug, self.brief.work.cell_id or "")
        return self.index.search(query, kinds=kinds, limit=limit)

    def link(self, cell: Cell) -> Place:
        """A link to a cell of the open chapter."""
        title = self.chapter.title if self.chapter else ""
        return cell_place(self.slug, title, cell.id, cell.number, open_chapter=self.slug)

    def place(self, passage: Passage) -> Place:
        """A link to where a passage stands."""
        at = self.index.placed(passage)
        return cell_place(at.chapter, at.chapter_title, at.cell_id, at.number, open_chapter=self.slug)

    def code_after(self, passage: Passage) -> Code | None:
        """The runnable cell below a passage of the open chapter, under the same heading."""
        cells = self.chapter.cells if self.chapter and passage.chapter == self.slug else ()
        below = {
            one.cell_id
            for one in self.index.passages
            if one.kind is Kind.CODE and one.chapter == self.slug and one.heading == passage.heading
        }
        near = (cell for cell in cells if 0 <= cell.number - passage.number <= 2)
        return next((cell for cell in near if isinstance(cell, Code) and cell.id in below), None)

    def probe(self, text: str, beside: Passage) -> str:
        """A teacher's question that goes with a text and the passage that answers it; '' where none does.

        It is new, and not that of the passage itself.
        """
        at = self.index.placed(beside).cell_id
        for hit in self.search(text, kinds=(Kind.MISCONCEPTION,), with_code=True, limit=3):
            near = hit.score >= (PROBE_HERE if hit.passage.cell_id == at else PROBE_ELSEWHERE)
            if near and hit.passage.chapter == self.slug and hit.passage.id != beside.id:
                asked = probe_question(hit.passage)
                if asked and asked not in self.said:
                    return asked
        return ""
