"""The pipeline: what a turn yields, in which order, and what is stored of it."""

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest

from tests.services.classroom import (
    END,
    SECOND,
    Class,
    ScriptedModel,
    classroom,
    events,
    kinds,
    until,
    verdict,
)
from tutor.domain.chat import Finish, Restart, Token
from tutor.domain.place import Place
from tutor.domain.topic import Harm, Label
from tutor.domain.turn import Declined, Delta, Heard, Said
from tutor.errors import ProviderTimeout


@pytest.fixture
async def lesson(tmp_path: Path) -> AsyncIterator[Class]:
    async with classroom(tmp_path) as a_class:
        yield a_class


async def test_a_turn_in_order(lesson: Class) -> None:
    """The page would get the answer before the question, or never learn that it is stored."""
    turn = await events(lesson.ask("  Why does it\r\nnever end? "))
    assert kinds(turn) == ["heard", "delta", "delta", "said"]
    heard, said = turn[0], turn[-1]
    assert isinstance(heard, Heard)
    assert isinstance(said, Said)
    assert (heard.text, heard.conversation_id, heard.ms) == (
        "Why does it\nnever end?",
        lesson.place.conversation_id,
        0,
    )
    assert (said.text, said.rung, said.model, said.sources) == (
        "Because n stays 1.",
        "first",
        "m",
        END.sources,
    )
    stored = await lesson.store.messages(lesson.learner.id, lesson.place.conversation_id)
    assert [(m.author.value, m.text, m.turn_id) for m in stored] == [
        ("user", "Why does it\nnever end?", heard.turn_id),
        ("assistant", "Because n stays 1.", heard.turn_id),
    ]
    assert stored[-1].id == said.message_id


async def test_the_turn_is_accounted_for(lesson: Class) -> None:
    """Nobody could tell afterwards which model answered, how long it took, or what it cost."""
    lesson.model = ScriptedModel(0.03, Token(text="Well."), 0.02, END)
    said = (await events(lesson.ask()))[-1]
    assert isinstance(said, Said)
    (row,) = lesson.turns()
    expected = {
        "via": "text",
        "outcome": "answered",
        "rung": "first",
        "model": "m",
        "verdict": "on",
        "tier": "local",
        "prompt_tokens": 7,
        "completion_tokens": 3,
        "error_code": "",
    }
    assert {name: row[name] for name in expected} == expected
    assert 30 <= row["first_token_ms"] <= row["total_ms"]
    assert row["total_ms"] >= 45
    assert said.first_token_ms == row["first_token_ms"]


async def test_the_question_is_stored_before_anything_can_fail(lesson: Class) -> None:
    """A learner's words would be lost when the guard or a model breaks."""
    stored: list[list[tuple[str, str]]] = []
    turn = lesson.ask("Is it safe?")
    assert isinstance(await anext(turn), Heard)
    assert not lesson.guard.seen, "the guard ran before the learner's words were safe"
    assert not lesson.model.requests
    stored.append(await lesson.messages())
    await turn.aclose()
    assert stored == [[("user", "Is it safe?")]]


@pytest.mark.parametrize("label", [Label.ON, Label.SOCIAL])
async def test_what_belongs_here_is_answered(lesson: Class, label: Label) -> None:
    """A greeting, or a question on the subject, would be refused."""
    lesson.guard.local = verdict(label)
    assert kinds(await events(lesson.ask()))[-1] == "said"
    assert lesson.model.requests[0].brief is not None
    assert not lesson.model.requests[0].brief.strict


async def test_a_refusal_pays_no_model(lesson: Class) -> None:
    """Somebody could run up a bill with questions about the weather."""
    lesson.guard.local = verdict(Label.OFF)
    turn = await events(lesson.ask("Who wins the election?"))
    assert kinds(turn) == ["heard", "declined"]
    assert isinstance(turn[1], Declined)
    assert (turn[1].label, turn[1].tier) == (Label.OFF, "local")
    assert lesson.model.requests == []
    assert await lesson.messages() == [("user", "Who wins the election?"), ("assistant", turn[1].text)]
    (row,) = lesson.turns()
    assert (row["outcome"], row["verdict"], row["rung"]) == ("declined", "off", "")


async def test_unsafe_is_declined_in_its_own_words(lesson: Class) -> None:
    """Somebody in distress would be told to go back to loops."""
    lesson.guard.local = verdict(Label.UNSAFE, harm=Harm.DISTRESS)
    turn = await events(lesson.ask("I cannot go on."))
    assert isinstance(turn[-1], Declined)
    assert "Loops" not in turn[-1].text
    assert not lesson.model.requests


async def test_unsure_holds_the_answer_back(lesson: Class) -> None:
    """A learner would see the beginning of an answer that is then taken away."""
    lesson.guard.local, lesson.guard.asked = verdict(Label.UNSURE), verdict(Label.ON, tier="ai")
    lesson.guard.until = asyncio.Event()
    turn = lesson.ask()
    assert isinstance(await anext(turn), Heard)
    next_event = asyncio.ensure_future(anext(turn))
    await until(lambda: lesson.model.requests)
    await asyncio.sleep(0.02)
    assert not next_event.done(), "a delta went out before the guard had answered"
    lesson.guard.until.set()
    assert await next_event == Delta(text="Because ")
    rest = [event async for event in turn]
    assert kinds(rest) == ["delta", "said"]
    assert rest[-1].text == "Because n stays 1."
    (row,) = lesson.turns()
    assert (row["verdict"], row["tier"], row["outcome"]) == ("on", "ai", "answered")


@pytest.mark.parametrize(
    "script",
    [
        (Token(text="The weather is "), 5.0, Token(text="fine."), END),
        (5.0, Token(text="The weather"), END),
        (Finish(rung="first", model="m"),),
        (0.02, Finish(rung="first", model="m")),
        (),
        (ProviderTimeout("7 s"),),
    ],
    ids=["begun", "slow", "empty", "empty-later", "broken", "failed"],
)
async def test_unsure_then_off_shows_nothing_of_the_answer(
    lesson: Class, script: tuple[Any, ...], caplog: pytest.LogCaptureFixture
) -> None:
    """An answer that the guard refused would be shown, stored, or paid to its end."""
    caplog.clear()
    lesson.model = ScriptedModel(*script)
    lesson.guard.local, lesson.guard.asked = verdict(Label.UNSURE), verdict(Label.OFF, tier="ai")
    turn = []
    async with asyncio.timeout(3), aclosing(lesson.ask()) as asked:
        async for event in asked:
            turn.append(event)
            await asyncio.sleep(0.05)  # as a page does that is slow to draw
    assert kinds(turn) == ["heard", "declined"]
    gc.collect()
    assert not [record for record in caplog.records if record.name == "asyncio"], "a task was forgotten"
    assert lesson.model.closed == len(lesson.model.requests), "the provider is still at work"
    (row,) = lesson.turns()
    assert (row["outcome"], row["verdict"], row["tier"], row["rung"]) == ("declined", "off", "ai", "")
    assert [author for author, _ in await lesson.messages()] == ["user", "assistant"]


async def test_nobody_to_ask_is_in_the_learners_favour(lesson: Class) -> None:
    """Where no model can judge, every question that is hard to judge would be refused."""
    lesson.guard.local, lesson.guard.asked = verdict(Label.UNSURE), None
    turn = await events(lesson.ask())
    assert kinds(turn) == ["heard", "delta", "delta", "said"]
    (request,) = lesson.model.requests
    assert request.brief is not None
    assert request.brief.strict
    assert "could not be judged" in request.messages[0].content
    assert lesson.turns()[0]["verdict"] == "unsure"


async def test_a_restart_takes_back_what_was_shown(lesson: Class) -> None:
    """The half answer of a model that broke down would stay before the answer of the next one."""
    lesson.model = ScriptedModel(
        Token(text="Half an"), Restart(rung="second"), Token(text="A whole one."), END
    )
    turn = await events(lesson.ask())
    assert kinds(turn) == ["heard", "delta", "restarted", "delta", "said"]
    assert turn[-1].text == "A whole one."
    assert (await lesson.messages())[-1] == ("assistant", "A whole one.")


async def test_what_is_stored_is_what_was_shown(lesson: Class) -> None:
    """Tomorrow the conversation would hold other words than today."""
    lesson.model = ScriptedModel(
        Token(text="\n\n  ```python\n"), Token(text="x  = 1\n"), Token(text="```\n\n"), END
    )
    turn = await events(lesson.ask())
    shown = "".join(event.text for event in turn if isinstance(event, Delta)).strip()
    assert turn[-1].text == shown == (await lesson.messages())[-1][1]


async def test_the_conversation_goes_on(lesson: Class) -> None:
    """The teacher would forget what was said a minute ago, or see the question twice."""
    await events(lesson.ask("What is a loop?"))
    await events(lesson.ask("And a list?"))
    brief = lesson.model.requests[1].brief
    assert brief is not None
    assert [message.content for message in brief.history] == ["What is a loop?", "Because n stays 1."]
    sent = [message.content for message in lesson.model.requests[1].messages]
    assert sum("And a list?" in content for content in sent) == 1
    assert sent[-1].endswith("And a list?")


async def test_a_hidden_instruction_is_not_the_learners(lesson: Class) -> None:
    """The page's own instruction would stand in the chat as if the learner had written it."""
    turn = await events(lesson.greet())
    assert kinds(turn) == ["following", "delta", "delta", "said"]
    assert await lesson.messages() == [("assistant", "Because n stays 1.")]
    assert not lesson.guard.seen
    request = lesson.model.requests[0]
    assert request.brief is not None
    assert request.brief.hidden
    assert "[open_chapter]" in request.messages[-1].content
    await events(lesson.ask())
    brief = lesson.model.requests[1].brief
    assert brief is not None
    assert not brief.hidden
    assert all("open_chapter" not in message.content for message in brief.history)
    assert [row["name"] for row in lesson.rows("SELECT * FROM instructions")] == ["open_chapter"]
    assert [row["via"] for row in lesson.turns()] == ["instruction", "text"]
    everything = str(lesson.rows("SELECT * FROM messages") + lesson.rows("SELECT * FROM conversations"))
    assert "open_chapter" not in everything


async def test_speech_takes_the_same_way(lesson: Class) -> None:
    """A spoken question would be answered differently from a typed one, or not stored."""
    turn = await events(lesson.teacher.hear(lesson.learner, lesson.place, SECOND))
    assert kinds(turn) == ["heard", "delta", "delta", "said"]
    assert (await lesson.messages())[0] == ("user", "Why does it never end?")
    assert lesson.turns()[0]["via"] == "voice"
    assert lesson.ears is not None
    assert lesson.ears.contexts[0].startswith("number, print"), "no words of the lesson"


async def test_outside_a_chapter(lesson: Class) -> None:
    """A question asked before a chapter is chosen would fail."""
    nowhere = Place(conversation_id=lesson.place.conversation_id, course="python-basics")
    turn = await events(lesson.teacher.answer(lesson.learner, nowhere, "Hello?"))
    assert kinds(turn)[-1] == "said"
    brief = lesson.model.requests[0].brief
    assert brief is not None
    assert brief.chapter is None


async def test_a_model_is_told_only_what_was_heard_of_its_answer(lesson: Class) -> None:
    """The teacher would refer to words that the learner talked over."""
    heard = (await events(lesson.ask()))[0]
    assert isinstance(heard, Heard)
    await lesson.teacher.cut(lesson.learner, heard.turn_id, "Because n")
    await events(lesson.ask("And then?"))
    history = lesson.model.requests[-1].brief.history
    assert [message.content for message in history] == ["Why does it never end?", "Because n"]


async def test_a_reworded_question_is_asked_anew(lesson: Class) -> None:
    """A learner who mends what was misheard would get an answer to both wordings."""
    await events(lesson.ask("First?"))
    heard = (await events(lesson.ask("What is a four loop?")))[0]
    assert isinstance(heard, Heard)
    await events(lesson.ask("And then?"))
    turn = lesson.teacher.edit(lesson.learner, lesson.place, heard.turn_id, "What is a for loop?")
    assert kinds(await events(turn)) == ["heard", "delta", "delta", "said"]
    brief = lesson.model.requests[-1].brief
    assert brief is not None
    assert [message.content for message in brief.history] == ["First?", "Because n stays 1."]
    assert lesson.guard.seen[-1] == "What is a for loop?", "an edit passes the guard"
    asked = [text for author, text in await lesson.messages() if author == "user"]
    assert asked == ["First?", "What is a for loop?"]


async def test_anothers_question_cannot_be_reworded(lesson: Class) -> None:
    """A learner could put words into another's mouth."""
    heard = (await events(lesson.ask("Mine?")))[0]
    assert isinstance(heard, Heard)
    mallory = lesson.learner.model_copy(update={"id": "mallory"})
    turn = lesson.teacher.edit(mallory, lesson.place, heard.turn_id, "Yours")
    assert kinds(await events(turn)) == ["failed"]
    assert (await lesson.messages())[0] == ("user", "Mine?")
