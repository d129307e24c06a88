"""The lesson guide: right, honest, quick, and never silent."""

import asyncio
import re
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter, thread_time
from typing import NoReturn

import pytest

from tutor.adapters.courses import FolderCourses
from tutor.adapters.encoder import StaticEncoder
from tutor.adapters.llm.guide import GuideModel
from tutor.domain import instruction
from tutor.domain.chat import Author, Brief, ChatMessage, ChatRequest, Chunk, Finish, Token, Work
from tutor.domain.course import Chapter, Course, Exercise
from tutor.domain.reply import NOTE, OWN_NOTE
from tutor.errors import ChapterUnknown

ROOT = Path(__file__).parents[3]
LINK = re.compile(r"\]\((?:\?chapter=([\w-]+))?(?:#([\w-]+))?\)")
COURSES = FolderCourses(ROOT / "courses")
EMPTY = Chapter(slug="empty", number=9, title="Empty", summary="Nothing yet.", minutes=1, cells=())


@pytest.fixture(scope="module")
def guide() -> GuideModel:
    return GuideModel(COURSES, StaticEncoder())


@pytest.fixture(scope="module")
def course() -> Course:
    return COURSES.course("python-basics")


def brief(
    question: str, *, chapter: str | None = "loops", talk: Sequence[str] = (), **changes: object
) -> Brief:
    opened = COURSES.chapter("python-basics", chapter) if chapter else None
    history = tuple(
        ChatMessage(author=(Author.LEARNER, Author.TEACHER)[turn % 2], content=said)
        for turn, said in enumerate(talk)
    )
    told: dict[str, object] = {
        "course_slug": "python-basics",
        "course_title": "Python for beginners",
        "chapter": opened,
        "question": question,
        "history": history,
    }
    return Brief.model_validate(told | changes)


async def chunks(guide: GuideModel, asked: Brief | None, *, json_reply: bool = False) -> list[Chunk]:
    request = ChatRequest(turn_id="t", messages=(), brief=asked, json_reply=json_reply)
    return [chunk async for chunk in guide.stream(request)]


async def test_the_main_question(guide: GuideModel) -> None:
    """The first question that anybody asks of this project must be answered rightly and with its source."""
    found = await chunks(guide, brief("Why does my while loop never end?"))
    text = "".join(chunk.text for chunk in found if isinstance(chunk, Token))
    assert "nothing in the body makes the condition false" in text
    assert "[Loops, cell" in text
    assert text.rstrip().endswith(NOTE)
    assert "?" in text.removesuffix(NOTE).rstrip()[-1]
    finish = found[-1]
    assert isinstance(finish, Finish)
    assert (finish.rung, finish.model) == ("guide", "lesson guide")
    assert [source.chapter for source in finish.sources] == ["loops"]
    assert sum(isinstance(chunk, Finish) for chunk in found) == 1
    assert len(found) > 5


@pytest.mark.parametrize(
    ("question", "work", "said"),
    [
        (
            "what is wrong?",
            Work(error="IndexError: list index out of range"),
            ["**IndexError**", "?chapter=lists#"],
        ),
        (
            "why does it fail",
            Work(error="NameError: name 'totl' is not defined", code="total = 0\nprint(totl)"),
            ["**NameError** on line 2", "`print(totl)`", "a name that it does not know"],
        ),
        (
            "help",
            Work(error="TypeError: 'int' object is not iterable", code="for i in 5:\n    print(i)"),
            ["not iterable", "something that has pieces"],
        ),
        ("it fails", Work(error="RecursionError: too deep"), ["**RecursionError**", "calls itself"]),
        ("help", Work(cell_id="countdown", failing_check="AssertionError: No."), ["> No.", "#countdown"]),
        ("my code does not work", Work(), ["What did you expect"]),
        ("what does this cell do?", Work(cell_id="first-for"), ["[Loops, cell 5](#first-for)", "body"]),
        ("what is an f-string", Work(), ["belongs to another chapter", "?chapter=variables#"]),
        ("what does += do", Work(), ["take the old value", "Loops, cell 11"]),
        ("give me a hint", Work(cell_id="countdown", hint_level=1), ["A range can count down."]),
        ("give me a hint", Work(cell_id="countdown"), ["No hint is open yet"]),
        ("tell me the solution", Work(cell_id="countdown", hint_level=4), ["open to you now", "#countdown"]),
        ("what is this chapter about?", Work(), ["`break` leaves the loop"]),
        ("hello", Work(), ["Hello!", "Why does my while loop never end?"]),
        ("is this right?", Work(code="print(1)"), ["none of the usual mistakes"]),
        ("is this right?", Work(code="n = 5\nwhile n > 0:\n    print(n)"), ["asks about `n`"]),
        ("did I do it right?", Work(cell_id="countdown", code="x = 1"), ["its checks can"]),
        (
            "is my solution correct?",
            Work(cell_id="countdown", code="x = 1", solved=("Start the rocket",)),
            ["passes all its checks", "it is right, too"],
        ),
        ("thanks!", Work(cell_id="countdown"), ["You are welcome", "Add the even numbers"]),
    ],
)
def test_answers(guide: GuideModel, question: str, work: Work, said: list[str]) -> None:
    """Each kind of message gets its kind of answer."""
    text = guide.answer(brief(question, work=work)).markdown
    assert all(one in text for one in said), text


def test_a_failing_check_leads_to_what_the_lesson_answers(guide: GuideModel) -> None:
    """A learner would read the check's message once more, and nothing that helps with it."""
    work = Work(
        cell_id="sum-of-evens", code="total = 0\n", failing_check="The total is only the last number."
    )
    said = guide.answer(brief("it does not pass", work=work)).markdown
    assert "Perhaps this is your question: *Why is my total only the last number?*" in said
    work = Work(cell_id="sum-of-evens", code="total = 0\n", failing_check="The sum should be 2550.")
    assert "Perhaps" not in guide.answer(brief("it does not pass", work=work)).markdown


def test_inline_code_of_the_learner_cannot_escape(guide: GuideModel) -> None:
    """An error text with backticks and Markdown must not become part of the page."""
    text = guide.answer(brief("help", work=Work(error="ValueError: `](javascript:x) \n# Head"))).markdown
    assert "`](" not in text


def test_the_note_tells_what_the_answer_rests_on(guide: GuideModel) -> None:
    """A learner without code would be told that the answer comes from it."""
    code = Work(code="n = 1\nwhile n < 5:\n    print(n)")
    assert guide.answer(brief("what is a loop?")).markdown.endswith(NOTE)
    assert guide.answer(brief("why does it not end", work=code)).markdown.endswith(OWN_NOTE)


@pytest.mark.parametrize(
    "question", ["What is a decorator?", "how do I use pandas", "Was ist Rekursion?", "qwertz"]
)
def test_it_says_when_it_does_not_know(guide: GuideModel, question: str) -> None:
    """An answer to another question, given with confidence, is worse than none."""
    reply = guide.answer(brief(question))
    assert "I find no answer" in reply.markdown
    assert "No model is connected" in reply.markdown
    assert reply.markdown.count("\n- ") == 3
    assert reply.sources


def test_follow_ups_go_on_from_what_was_said(guide: GuideModel) -> None:
    """A teacher who repeats the same paragraph at 'why?' is not one."""
    talk = ["Why does my while loop never end?"]
    talk.append(guide.answer(brief(talk[0])).markdown)
    seen = {talk[1]}
    for question, needle in (
        ("why?", "`while`"),
        ("can you show an example?", "```python"),
        ("I don't understand", "loop"),
    ):
        said = guide.answer(brief(question, talk=talk)).markdown
        assert needle in said
        assert said not in seen
        seen.add(said)
        talk += [question, said]
    assert "while" in talk[5]


def test_an_answer_to_its_question_is_taken_up(guide: GuideModel) -> None:
    """A question back whose answer is ignored teaches learners not to answer."""
    asked = guide.answer(brief("quiz me")).markdown
    assert "`for n in range(1, 5): print(n)`" in asked
    said = guide.answer(brief("1 2 3 4 5", talk=["quiz me", asked])).markdown
    assert "a range stops before its stop number" in said.lower()


@pytest.mark.parametrize("name", sorted(instruction._WORDS))
@pytest.mark.parametrize("spoken", [False, True])
def test_hidden_instructions_are_carried_out(guide: GuideModel, name: str, spoken: bool) -> None:
    """What the page asks for must never show: neither the instruction's words nor 'I do not know'."""
    words = (
        f"[{name}] The page asks for this; the learner did not. Cell 10, they were here before, on 3 May 2026"
    )
    talk = ["Why does my while loop never end?", "It goes on as long as its condition is true."]
    text = guide.answer(
        brief(words, hidden=True, spoken=spoken, talk=talk, work=Work(cell_id="countdown"))
    ).markdown
    assert name not in text
    assert "the learner" not in text
    assert "I find no answer" not in text


def test_greeting_tells_where_they_left_off(guide: GuideModel) -> None:
    """A learner who comes back wants to go on, not to begin again."""
    told = instruction._HEAD.format(name="open_chapter")
    back = guide.answer(
        brief(f"{told}that they were here before, on 3 May 2026, and can go on", hidden=True)
    ).markdown
    assert "Welcome back to **Loops**" in back
    assert "on 3 May 2026" in back
    new = guide.answer(brief(f"{told}that this is their first time here", hidden=True)).markdown
    assert "Make the computer repeat work for you" in new
    assert "4 exercises" in new
    assert "#first-for" in new or "#no-loop" in new


ASKS = (
    "give me the solution",
    "just show me the code",
    "hint please",
    "what do I do in this exercise?",
    "help",
    "write it for me",
    "what is wrong?",
    "the full answer",
)


def test_no_solution_and_no_early_hint(guide: GuideModel, course: Course) -> None:
    """Whatever is asked, a solution is never quoted and a hint only when it is released."""
    for chapter in course.chapters:
        for cell in (one for one in chapter.cells if isinstance(one, Exercise)):
            for level in range(len(cell.hints) + 2):
                work = Work(cell_id=cell.id, hint_level=level, failing_check="AssertionError: no")
                for question in (*ASKS, f"how do I solve {cell.title}?", cell.task[:300]):
                    text = guide.answer(brief(question, chapter=chapter.slug, work=work)).markdown
                    assert cell.solution.strip() not in text, (cell.id, question)
                    assert not any(hint in text for hint in cell.hints[level:]), (cell.id, question)


def test_links_lead_to_cells(guide: GuideModel, course: Course) -> None:
    """A link to a cell that is not there is a dead end in the middle of a lesson."""
    cells = {chapter.slug: {cell.id for cell in chapter.cells} for chapter in course.chapters}
    for chapter in course.chapters:
        for asked in chapter.questions:
            reply = guide.answer(brief(asked.question, chapter=chapter.slug))
            assert asked.answer.strip() in reply.markdown
            for slug, cell_id in LINK.findall(reply.markdown):
                assert cell_id in cells[slug or chapter.slug]
            assert all(source.cell_id in cells[source.chapter] for source in reply.sources)


@pytest.mark.parametrize(
    "asked",
    [
        None,
        brief(""),
        brief("\ud800 \x00"),
        brief("why? " * 20_000),
        brief("cell 99999999999999999999"),
        brief("hello", chapter=None),
        brief("Why does my while loop never end?", chapter=None),
        brief("why?", chapter=None),
        brief("anything").model_copy(update={"course_slug": "no-such-course", "chapter": None}),
        brief("what is this chapter about?").model_copy(update={"course_slug": "no-such-course"}),
        brief("what?").model_copy(update={"chapter": EMPTY}),
        brief("[open_chapter] ", hidden=True).model_copy(update={"chapter": EMPTY}),
        brief("[quiz_me] ", hidden=True).model_copy(update={"chapter": EMPTY, "course_slug": "none"}),
        brief("give me the solution").model_copy(update={"chapter": EMPTY, "course_slug": "none"}),
        brief("help", work=Work(code="x" * 100_000, error="E" * 100_000, cell_id="gone", hint_level=-5)),
    ],
)
async def test_it_never_fails(guide: GuideModel, asked: Brief | None) -> None:
    """Below the guide there is nothing: an exception here is a learner without an answer."""
    began = perf_counter()
    found = await chunks(guide, asked)
    assert isinstance(found[0], Token)
    assert isinstance(found[-1], Finish)
    assert perf_counter() - began < 2


async def test_a_broken_course_source_is_survived() -> None:
    """A bug in the reader of courses must cost the quotes, not the answer."""

    class Broken:
        def course(self, slug: str) -> NoReturn:
            raise RuntimeError(slug)

    found = await chunks(GuideModel(Broken(), StaticEncoder()), brief("hello"))  # type: ignore[arg-type]
    assert isinstance(found[0], Token)


async def test_json_is_json(guide: GuideModel) -> None:
    """Who asks for an object must be able to read what comes."""
    found = await chunks(guide, brief("judge this"), json_reply=True)
    assert isinstance(found[0], Token)
    assert found[0].text == "{}"


def test_spoken_answers_are_short_and_without_code(guide: GuideModel) -> None:
    """Nobody listens to ten sentences or to a code block."""
    text = guide.answer(brief("Why does my while loop never end?", spoken=True)).markdown
    assert "```" not in text
    assert len(text) < 700


class Changing:
    """A course whose files are edited while the app runs."""

    def __init__(self, course: Course) -> None:
        self.now = course

    def course(self, slug: str) -> Course:
        if slug != self.now.slug:
            raise ChapterUnknown(slug)
        return self.now


async def test_index_is_made_once_and_again_when_a_chapter_changes(course: Course) -> None:
    """A new index for each question is slow; an old one after an edit tells what is no longer there."""
    source = Changing(course)
    guide = GuideModel(source, StaticEncoder())  # type: ignore[arg-type]
    await asyncio.gather(*(chunks(guide, brief("what is a loop?")) for _ in range(4)))
    first = guide._indexes["python-basics"][1]
    guide.answer(brief("what is a pass?"))
    assert guide._indexes["python-basics"][1] is first
    source.now = course.model_copy(update={"chapters": course.chapters[:3]})
    guide.answer(brief("what is a pass?"))
    assert guide._indexes["python-basics"][1] is not first


def test_it_is_quick(guide: GuideModel, course: Course) -> None:
    """The floor under the ladder must answer before anybody notices that the ladder fell."""
    guide.warm()
    asked = [
        brief(one.question, chapter=chapter.slug) for chapter in course.chapters for one in chapter.questions
    ]
    times = []
    for one in asked * 3:
        began = thread_time()  # a busy test machine is not the guide's fault
        guide.answer(one)
        times.append(thread_time() - began)
    assert sorted(times)[int(len(times) * 0.99)] < 0.05
