"""The pipeline when something goes wrong: nothing crashes, and nothing already said is lost."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.services.classroom import (
    END,
    SECOND,
    Class,
    Ears,
    ScriptedModel,
    classroom,
    events,
    kinds,
    until,
    verdict,
)
from tutor.adapters.store.accounts import SqlAccounts
from tutor.domain.audio import Audio
from tutor.domain.chat import Restart, Token
from tutor.domain.instruction import parse
from tutor.domain.learner import Learner, Role
from tutor.domain.topic import Label
from tutor.domain.turn import Delta, Failed, Heard
from tutor.errors import ModelMissing, ProviderTimeout, ProviderUnreachable, StoreFull, StoreUnavailable


@pytest.fixture
async def lesson(tmp_path: Path) -> AsyncIterator[Class]:
    async with classroom(tmp_path) as a_class:
        yield a_class


@pytest.fixture
async def mallory(lesson: Class) -> Learner:
    accounts = SqlAccounts(lesson.store.database)
    return await accounts.add_learner(name="Mallory", password_hash=None, role=Role.LEARNER)


def failure(turn: list[Any]) -> Failed:
    assert isinstance(turn[-1], Failed), kinds(turn)
    assert [event for event in turn if isinstance(event, Failed)] == [turn[-1]]
    return turn[-1]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "message_empty"),
        (" \n\t", "message_empty"),
        ("x" * 100_000, "message_too_long"),
        ("a\x00b", "message_not_text"),
        (bytes(range(256)).decode("utf-8", "replace"), "message_not_text"),
        ("\ud800", "message_not_text"),
    ],
    ids=["empty", "blank", "100kB", "nul", "binary", "surrogate"],
)
async def test_a_bad_message_is_explained(lesson: Class, text: str, code: str) -> None:
    """A message that cannot be read would crash the turn, or cost a model."""
    failed = failure(await events(lesson.ask(text)))
    assert failed.code == code
    assert "{" not in failed.text
    assert lesson.turns() == []
    assert lesson.model.requests == []


async def test_too_long_a_recording(lesson: Class) -> None:
    """A ten-minute recording would occupy the transcriber for everybody."""
    long = Audio(pcm=bytes(2 * 100 * 601), sample_rate=100)
    failed = failure(await events(lesson.teacher.hear(lesson.learner, lesson.place, long)))
    assert failed.code == "audio_too_long"
    assert "60 seconds" in failed.text
    assert lesson.ears is not None
    assert lesson.ears.contexts == []


@pytest.mark.parametrize("text", ["", "  \n"])
async def test_silence_is_said(lesson: Class, text: str) -> None:
    """Nothing would happen when a microphone is muted."""
    lesson.ears = Ears(text)
    failed = failure(await events(lesson.teacher.hear(lesson.learner, lesson.place, SECOND)))
    assert failed.code == "nothing_heard"
    assert lesson.turns() == []


async def test_a_site_without_ears_says_so(lesson: Class) -> None:
    """A recording sent to a site that cannot hear would crash."""
    lesson.ears = None
    failed = failure(await events(lesson.teacher.hear(lesson.learner, lesson.place, SECOND)))
    assert (failed.code, "type" in failed.text) == ("nothing_heard", True)


async def test_a_transcriber_that_breaks(lesson: Class) -> None:
    """A missing model file would end the connection instead of telling the learner to type."""

    class Deaf(Ears):
        async def transcribe(self, audio: Audio, *, context: str = "") -> Any:
            raise ModelMissing("/srv/models/model.bin is gone")

    lesson.ears = Deaf()
    failed = failure(await events(lesson.teacher.hear(lesson.learner, lesson.place, SECOND)))
    assert failed.code == "model_missing"
    assert "/srv" not in failed.text


@pytest.mark.parametrize("how", ["answer", "hear", "follow"])
async def test_anothers_conversation_is_not_there(lesson: Class, mallory: Learner, how: str) -> None:
    """One learner could write into another's conversation, or read it through the teacher's memory."""
    await events(lesson.ask("My secret is 42."))
    course = lesson.courses.course("python-basics")
    third: Any = {
        "answer": "What did I say?",
        "hear": SECOND,
        "follow": parse("recap", {"chapter": "loops"}, course=course),
    }[how]
    turn = await events(getattr(lesson.teacher, how)(mallory, lesson.place, third))
    assert kinds(turn) == ["failed"]
    assert failure(turn).code == "conversation_unknown"
    assert len(lesson.model.requests) == 1, "a model saw the other's conversation"
    assert len(lesson.turns()) == 1


@pytest.mark.parametrize("place", [{"chapter": "no-such"}, {"course": "no-such"}, {"chapter": "../loops"}])
@pytest.mark.parametrize("how", ["ask", "hear"])
async def test_an_unknown_chapter(lesson: Class, place: dict[str, str], how: str) -> None:
    """A link to a chapter that was renamed would crash the turn."""
    if how == "ask":
        turn = await events(lesson.ask(**place))
    else:
        moved = lesson.place.model_copy(update=place)
        turn = await events(lesson.teacher.hear(lesson.learner, moved, SECOND))
    assert failure(turn).code == "chapter_unknown"
    assert lesson.turns() == []


@pytest.mark.parametrize("guard", [Label.ON, Label.UNSURE])
async def test_a_model_that_fails_at_once(lesson: Class, guard: Label) -> None:
    """The learner would wait for ever, and the question would be gone."""
    lesson.guard.local = verdict(guard)
    lesson.model = ScriptedModel(ProviderTimeout("7 s"))
    turn = await events(lesson.ask("Are you there?"))
    assert kinds(turn) == ["heard", "failed"]
    assert failure(turn).text == ProviderTimeout.text
    assert await lesson.messages() == [("user", "Are you there?")]
    (row,) = lesson.turns()
    assert (row["outcome"], row["error_code"]) == ("failed", "provider_timeout")


async def test_a_model_that_breaks_off(lesson: Class) -> None:
    """What the learner has read would be missing tomorrow."""
    lesson.model = ScriptedModel(Token(text="A loop is "), ProviderUnreachable("gone"))
    turn = await events(lesson.ask())
    assert kinds(turn) == ["heard", "delta", "failed"]
    assert (await lesson.messages())[-1] == ("assistant", "A loop is")
    assert lesson.turns()[0]["outcome"] == "failed"


async def test_a_process_that_dies_in_an_answer_leaves_what_was_said(lesson: Class) -> None:
    """What the learner has read would be gone with the process: nobody closes its turn."""
    lesson.model = ScriptedModel(Token(text="A loop "), 1.05, Token(text="repeats "), 3600.0)
    turn = lesson.ask()
    async for event in turn:
        if isinstance(event, Delta) and event.text == "repeats ":
            break
    await until(lambda: lesson.turns()[0]["draft"] == "A loop repeats")
    await lesson.store.recover()
    assert (await lesson.messages())[-1] == ("assistant", "A loop repeats")
    await turn.aclose()


@pytest.mark.parametrize("script", [(), (Token(text="Half"),), (Restart(rung="second"),)])
async def test_an_answer_without_an_end_is_no_answer(lesson: Class, script: tuple[Any, ...]) -> None:
    """A cut connection would pass for a whole answer."""
    lesson.model = ScriptedModel(*script)
    turn = await events(lesson.ask())
    assert failure(turn).code == "answer_unusable"
    assert lesson.turns()[0]["outcome"] == "failed"


@pytest.mark.parametrize("error", [StoreUnavailable("locked"), StoreFull("disk full")])
async def test_an_answer_that_cannot_be_stored_is_not_said(lesson: Class, error: StoreUnavailable) -> None:
    """A full disk would look like success, and tomorrow the answer would be missing."""
    lesson.store.error = error
    turn = await events(lesson.ask())
    assert kinds(turn) == ["heard", "delta", "delta", "failed"]
    assert failure(turn).code == error.code


@pytest.mark.parametrize("guard", [Label.ON, Label.UNSURE])
async def test_leaving_early_keeps_what_was_shown(lesson: Class, guard: Label) -> None:
    """A learner who closes the page, or presses stop, would lose what the teacher had said until then."""
    lesson.guard.local = verdict(guard)
    lesson.model = ScriptedModel(
        Token(text="First. "), Token(text="Second. "), 30.0, Token(text="Third."), END
    )
    turn = lesson.ask()
    async for event in turn:
        if event == Delta(text="First. "):
            break
    await turn.aclose()
    assert (await lesson.messages())[-1] == ("assistant", "First.")
    (row,) = lesson.turns()
    assert (row["outcome"], row["rung"], row["error_code"]) == ("interrupted", "", "")
    assert lesson.model.closed == 1, "the provider goes on, and is paid"


@pytest.mark.parametrize("guard", [Label.ON, Label.UNSURE])
async def test_being_cancelled_keeps_what_was_shown(lesson: Class, guard: Label) -> None:
    """A dropped connection cancels the task in the middle of waiting: the turn would stay open for ever."""
    lesson.guard.local = verdict(guard)
    lesson.model = ScriptedModel(Token(text="First. "), 30.0, END)
    shown: list[str] = []

    async def follow() -> None:
        async for event in lesson.ask():
            shown.append(event.event)  # noqa: PERF401 - what came before the end counts

    task = asyncio.create_task(follow())
    await until(lambda: "delta" in shown)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert [row["outcome"] for row in lesson.turns()] == ["interrupted"]
    assert (await lesson.messages())[-1] == ("assistant", "First.")
    assert lesson.model.closed == 1


async def test_leaving_while_the_guard_is_asked(lesson: Class) -> None:
    """The guard's request and the model's would go on for a learner who is gone."""
    lesson.guard.local, lesson.guard.until = verdict(Label.UNSURE), asyncio.Event()
    lesson.model = ScriptedModel(30.0, END)
    before = asyncio.all_tasks()
    task = asyncio.create_task(events(lesson.ask()))
    await until(lambda: lesson.model.requests)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert lesson.model.closed == 1
    assert asyncio.all_tasks() == before
    assert lesson.turns()[0]["outcome"] == "interrupted"


async def test_leaving_when_the_store_is_gone(lesson: Class) -> None:
    """Stopping a turn on a full disk would end in an error of Python's own."""
    lesson.store.error = StoreFull("disk full")
    turn = lesson.ask()
    async for event in turn:
        if isinstance(event, Delta):
            break
    await turn.aclose()


async def test_too_many_questions(lesson: Class, mallory: Learner) -> None:
    """A program could ask without end, at the owner's cost."""
    lesson.turns_per_minute = 2
    await events(lesson.ask("One?"))
    await events(lesson.greet())
    failed = failure(await events(lesson.ask("Three?")))
    assert failed.code == "too_many_tries"
    assert "many questions" in failed.text
    assert len(lesson.model.requests) == len(lesson.turns()) == 2
    talk = await lesson.store.add_conversation(mallory.id, course="python-basics", chapter="", title="T")
    theirs = lesson.place.model_copy(update={"conversation_id": talk.id})
    assert kinds(await events(lesson.teacher.answer(mallory, theirs, "Me?")))[-1] == "said"


async def test_two_turns_at_once(lesson: Class) -> None:
    """Two tabs would mix their answers."""
    first, second = await asyncio.gather(events(lesson.ask("One?")), events(lesson.ask("Two?")))
    assert isinstance(first[0], Heard)
    assert isinstance(second[0], Heard)
    assert first[0].turn_id != second[0].turn_id
    stored = await lesson.store.messages(lesson.learner.id, lesson.place.conversation_id)
    assert len(stored) == 4
    assert {m.text for m in stored if m.turn_id == first[0].turn_id} == {"One?", "Because n stays 1."}
