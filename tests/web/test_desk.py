"""What happens on the lesson page: who asks is read from the request, and what the page says is checked."""

import asyncio
import dataclasses
import itertools
import json
from collections.abc import AsyncGenerator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import gradio as gr
import pytest
from starlette.requests import Request

from tutor.adapters.courses import FolderCourses
from tutor.domain.learner import Learner, Role
from tutor.errors import InvalidInput, SessionExpired
from tutor.services.lessons import Lessons
from tutor.services.services import Services
from tutor.settings import Settings
from tutor.web.pages.desk import Desk
from tutor.web.pages.place import carried, place_of
from tutor.wiring import build

_ADDRESSES = (f"192.0.2.{number}" for number in itertools.count(1))
BASE = {"type": "http", "method": "POST", "path": "/", "headers": []}


def asking(learner: Learner | None, query: str = "", **state: Any) -> gr.Request:
    """A request as Gradio hands it to a handler, with the learner that the gate has found."""
    scope = {**BASE, "query_string": query.encode(), "state": {"learner": learner, **state}}
    return gr.Request(Request(scope))


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """Once for all: every test has learners of its own."""
    folder = tmp_path_factory.mktemp("desk")
    found = build(Settings(_env_file=None, data_dir=folder, stt="off", tts="off"))
    asyncio.run(found.start())
    yield found
    asyncio.run(found.close())


@pytest.fixture
def desk(services: Services) -> Desk:
    return Desk(services)


@pytest.fixture
async def ada(services: Services) -> Learner:
    return (await services.accounts.guest(next(_ADDRESSES))).learner


@pytest.fixture
async def mallory(services: Services) -> Learner:
    return (await services.accounts.guest(next(_ADDRESSES))).learner


def beside(cell: str, **work: str) -> str:
    """What the page tells of a cell."""
    return json.dumps({"cell_id": cell, **work})


async def all_of(updates: AsyncGenerator[Any]) -> list[Any]:
    return [update async for update in updates]


async def opened(desk: Desk, learner: Learner, target: str = "python-basics/loops") -> tuple[Any, ...]:
    """Chapters, lesson, place, conversation and past ones, as the page gets them first."""
    first, *_ = await all_of(desk.open(target, asking(learner)))
    return tuple(first)


def words(conversation: list[dict[str, Any]]) -> list[str]:
    return [bubble["content"] for bubble in conversation]


async def test_a_new_learner_is_greeted(desk: Desk, ada: Learner) -> None:
    """The first page would be a blank box."""
    first, *_, last = await all_of(desk.load(asking(ada)))
    header, banner, chapters, lesson, place, _, past = first
    assert "Guest" in header
    assert ada.name not in header
    assert "No language model is connected" in banner
    assert 'aria-current="page"' in chapters
    assert "<h1>" in lesson
    assert place_of(place).chapter == "first-steps"
    assert past["choices"]
    greeting = last[5][-1]
    assert greeting["role"] == "assistant"
    assert len(greeting["options"]) == 3, "no question worth asking is offered"


async def test_a_link_opens_its_chapter(desk: Desk, ada: Learner) -> None:
    """A link to a chapter would open another one."""
    first, *_ = await all_of(desk.load(asking(ada, "course=python-basics&chapter=lists")))
    assert place_of(first[4]).chapter == "lists"


@pytest.mark.parametrize("target", ["python-basics/no-such", "no-such/loops", "", "/", "../../x", "x/" * 999])
async def test_an_unknown_chapter_leaves_the_learner_where_they_are(
    desk: Desk, ada: Learner, target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stale link would end in an empty page."""
    told: list[str] = []
    monkeypatch.setattr(gr, "Warning", told.append)
    await opened(desk, ada)
    shown = await opened(desk, ada, target)
    assert place_of(shown[2]).chapter == "loops"
    assert told == (["There is no such chapter. Choose one from the list."] if target.strip("/") else [])


async def test_a_question_is_answered(desk: Desk, ada: Learner) -> None:
    """The main job, as the page does it."""
    place = (await opened(desk, ada))[2]
    updates = await all_of(desk.ask("Why does my while loop never end?", place, "", asking(ada)))
    assert updates[0][1]["value"] == "", "the box keeps the question"
    conversation = updates[-2][0]
    assert "Why does my while loop never end?" in words(conversation)
    assert conversation[-1]["role"] == "assistant"
    assert updates[-1][1] == gr.update(submit_btn=True, stop_btn=False)
    again = (await opened(desk, ada))[3]
    assert words(again) == words(conversation), "after a reload the conversation is another one"


async def test_a_command_reaches_the_page(desk: Desk, ada: Learner) -> None:
    """Next chapter would be confirmed, and nothing would open."""
    place = (await opened(desk, ada))[2]
    updates = await all_of(desk.ask("Next chapter, please.", place, "", asking(ada)))
    order = json.loads(updates[-1][3])
    assert (order["command"], order["chapter"]) == ("next_chapter", "strings")
    assert words(updates[-2][0])[-1] == "Chapter 6: Strings."
    answered = await all_of(desk.ask("What is a loop?", place, "", asking(ada)))
    assert answered[-1][3] == gr.skip(), "an answer is taken for an order"


def change(index: Any, text: str) -> gr.EditData:
    """What Gradio hands on when a learner has edited a bubble."""
    return gr.EditData(None, {"index": index, "previous_value": "", "value": text})


async def test_a_question_is_edited(desk: Desk, ada: Learner) -> None:
    """What was misheard would stand in the conversation, or beside its correction."""
    shown = await opened(desk, ada)
    await all_of(desk.ask("What is a four loop?", shown[2], "", asking(ada)))
    before = (await opened(desk, ada))[3]
    index = words(before).index("What is a four loop?")
    pictures = await all_of(desk.edit(shown[2], "", change(index, "What is a for loop?"), asking(ada)))
    assert all("What is a four loop?" not in words(picture) for picture in pictures)
    assert words(pictures[-1])[index] == "What is a for loop?"
    assert len(pictures[-1]) == len(before)


@pytest.mark.parametrize("index", [99, -1, None, [0, 1]])
async def test_only_a_message_that_is_there_is_edited(desk: Desk, ada: Learner, index: Any) -> None:
    """The index is the client's to set: a wrong one would be an error without a word."""
    place = (await opened(desk, ada))[2]
    with pytest.raises(gr.Error):
        await all_of(desk.edit(place, "", change(index, "Hi"), asking(ada)))


async def test_a_cell_is_explained(desk: Desk, services: Services, ada: Learner) -> None:
    """Ask beside a cell would do nothing, or show the page's instruction as the learner's words."""
    place = (await opened(desk, ada))[2]
    cell = services.courses.chapter("python-basics", "loops").cells[2].id
    last = (await all_of(desk.explain(beside(cell), place, asking(ada))))[-1]
    assert last[-1]["role"] == "assistant"
    assert "explain_cell" not in str(last)
    assert not [bubble for bubble in last if bubble["role"] == "user"]


async def test_an_error_is_explained_as_one(desk: Desk, services: Services, ada: Learner) -> None:
    """The teacher would explain a failing cell as if it worked."""
    place = (await opened(desk, ada))[2]
    cells = services.courses.chapter("python-basics", "loops").cells
    code = next(cell.id for cell in cells if cell.kind == "code")
    shown = beside(code, code="while n < 3 print(n)", error="SyntaxError: expected ':'")
    last = (await all_of(desk.explain(shown, place, asking(ada))))[-1]
    assert last[-1]["role"] == "assistant"
    assert "explain_error" not in str(last)


async def test_a_new_conversation_is_empty(desk: Desk, ada: Learner) -> None:
    """New would go on with the old one."""
    place = (await opened(desk, ada))[2]
    await all_of(desk.ask("What is a loop?", place, "", asking(ada)))
    ((fresh, conversation, past),) = await all_of(desk.begin(place, asking(ada)))
    assert conversation == []
    assert place_of(fresh).conversation_id != place_of(place).conversation_id
    assert [title for title, _ in past["choices"]] == ["New conversation", "What is a loop?"]
    ((_, _, back, old, _),) = await all_of(desk.turn_back(place_of(place).conversation_id, asking(ada)))
    assert place_of(back).conversation_id == place_of(place).conversation_id
    assert "What is a loop?" in words(old)


@pytest.mark.parametrize("handler", ["ask", "explain", "turn_back", "reread", "read_aloud"])
async def test_anothers_conversation_is_refused(
    desk: Desk, services: Services, ada: Learner, mallory: Learner, handler: str
) -> None:
    """A learner who changes the page's hidden place could read or write somebody else's conversation."""
    place = (await opened(desk, ada))[2]
    await all_of(desk.ask("My secret is 42.", place, "", asking(ada)))
    conversation_id = place_of(place).conversation_id
    before = await services.turns.messages(ada.id, conversation_id)
    cell = services.courses.chapter("python-basics", "loops").cells[0].id
    calls = {
        "ask": lambda: desk.ask("What is my secret?", place, "", asking(mallory)),
        "explain": lambda: desk.explain(beside(cell), place, asking(mallory)),
        "turn_back": lambda: desk.turn_back(conversation_id, asking(mallory)),
        "reread": lambda: desk.reread(place, asking(mallory)),
        "read_aloud": lambda: desk.read_aloud(place, asking(mallory)),
    }
    seen: list[Any] = []
    with pytest.raises(gr.Error) as caught:
        seen += await all_of(calls[handler]())
    assert caught.value.message == "That conversation does not exist. Start a new one."
    assert "secret" not in str(seen)
    assert await services.turns.messages(ada.id, conversation_id) == before


async def test_anothers_place_begins_ones_own_conversation(
    desk: Desk, services: Services, ada: Learner, mallory: Learner
) -> None:
    """New, with somebody else's place, would begin a conversation of theirs."""
    place = (await opened(desk, ada))[2]
    ((fresh, _, _),) = await all_of(desk.begin(place, asking(mallory)))
    fresh_id = place_of(fresh).conversation_id
    assert (await services.turns.conversation(mallory.id, fresh_id)).id == fresh_id


@pytest.mark.parametrize(
    "place", ["", "{", "null", "[]", '{"course": "python-basics"}', '{"x": 1}', "x" * 100_000]
)
@pytest.mark.parametrize("handler", ["ask", "explain", "begin"])
async def test_a_place_that_is_none_is_refused(desk: Desk, ada: Learner, place: str, handler: str) -> None:
    """A changed page would be a server error without a word."""
    calls = {
        "ask": lambda: desk.ask("Hi", place, "", asking(ada)),
        "explain": lambda: desk.explain(beside("cell"), place, asking(ada)),
        "begin": lambda: desk.begin(place, asking(ada)),
    }
    with pytest.raises(gr.Error) as caught:
        await all_of(calls[handler]())
    assert caught.value.message == "The page lost its place. Please reload it."


async def test_the_page_cannot_give_itself_hints_or_a_voice(desk: Desk, ada: Learner) -> None:
    """A changed page could release an exercise's solution, or make the server speak for nothing."""
    place = place_of((await opened(desk, ada))[2])
    more = {"spoken": True, "work": place.work.model_copy(update={"hint_level": 9, "failing_check": "x"})}
    taken = place_of(place.model_copy(update=more).model_dump_json(), beside("cell-4", code="n = 1"))
    assert (taken.work.hint_level, taken.work.failing_check, taken.spoken) == (0, "", False)
    assert (taken.work.cell_id, taken.work.code) == ("cell-4", "n = 1")
    assert "hint_level" not in carried(taken)
    for shown in ('{"cell_id": "a", "hint_level": 9}', beside("a" * 81), beside("a", code="x" * 8001), "[]"):
        with pytest.raises(InvalidInput):
            place_of(carried(place), shown)


@pytest.mark.parametrize("cell", ["no-such", "", "x" * 80, "../loops"])
async def test_an_unknown_cell_is_refused(desk: Desk, ada: Learner, cell: str) -> None:
    """Free text could pass for a cell, and reach the model past the guard."""
    place = (await opened(desk, ada))[2]
    with pytest.raises(gr.Error) as caught:
        await all_of(desk.explain(beside(cell), place, asking(ada)))
    assert caught.value.message.startswith("The page asked for something that it may not.")


async def test_nobody_is_asked_to_sign_in(desk: Desk) -> None:
    """An event without a session would be an error without a word, or act for somebody."""
    for request, text in [
        (asking(None), "Please sign in to go on."),
        (asking(None, refused=SessionExpired()), SessionExpired.text),
        (gr.Request(None), "Please sign in to go on."),
    ]:
        for updates in (desk.load(request), desk.open("a/b", request), desk.ask("Hi", "{}", "", request)):
            with pytest.raises(gr.Error) as caught:
                await all_of(updates)
            assert caught.value.message == text


async def test_only_an_owner_sees_what_is_wrong_in_a_course(
    tmp_path: Path, services: Services, ada: Learner
) -> None:
    """Learners would read paths and mistakes of course files, or their author not."""
    course = tmp_path / "own"
    course.mkdir()
    (course / "course.toml").write_text('title = "T"\nsummary = "S"\nchapters = ["good", "bad"]\n')
    head = "---\ntutor:\n  summary: S.\n  minutes: 5\n---\n\n"
    (course / "good.md").write_text(f"{head}# Good\n\nText.\n")
    (course / "bad.md").write_text(f"{head}No title.\n")
    own = Desk(dataclasses.replace(services, courses=FolderCourses(tmp_path)))
    lesson = await Lessons(
        courses=FolderCourses(tmp_path),
        turns=services.turns,
        progress=services.lessons._progress,
        now=lambda: datetime.now(UTC),
    ).open(ada, "own", "good")
    for role, seen in ((Role.LEARNER, False), (Role.OWNER, True)):
        chapters, *_ = await own._shown(ada.model_copy(update={"role": role}), lesson)
        assert "Good" in chapters
        assert ("own/bad.md, line 1: the chapter has no title" in chapters) is seen


async def test_an_answer_is_read_aloud_as_it_is_spoken(desk: Desk, ada: Learner) -> None:
    """The browser's voice would read asterisks and addresses, or another learner's answer."""
    (shown,) = (await all_of(desk.load(asking(ada, "course=python-basics&chapter=loops"))))[:1]
    place = shown[4]
    await all_of(desk.ask("What is a loop?", place, "", asking(ada)))
    (words,) = await all_of(desk.read_aloud(place, asking(ada)))
    read = json.loads(words)["read"]
    assert "loop" in read
    assert not set("*`[]#") & set(read)
    (conversation, _past) = (await all_of(desk.reread(place, asking(ada))))[0]
    assert [bubble["role"] for bubble in conversation][-2:] == ["user", "assistant"]
