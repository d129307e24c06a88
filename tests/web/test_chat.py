"""The conversation as the chat shows it."""

from collections.abc import AsyncGenerator
from datetime import UTC, datetime

import pytest

from tutor.domain.chat import Author
from tutor.domain.command import Command
from tutor.domain.conversation import Message
from tutor.domain.topic import Label
from tutor.domain.turn import (
    Commanded,
    Declined,
    Delta,
    Failed,
    Heard,
    Restarted,
    Said,
    Spoken,
    TurnEvent,
    Waiting,
)
from tutor.errors import StoreUnavailable
from tutor.web.pages import chat
from tutor.web.pages.chat import Bubble, bubbles, growing, note, with_options

NOW = datetime(2026, 11, 2, tzinfo=UTC)
HEARD = Heard(text="Why?", conversation_id="c", turn_id="t")


def message(author: Author, text: str, rung: str = "") -> Message:
    return Message(id="m", turn_id="t", author=author, text=text, rung=rung, created_at=NOW)


def said(text: str, **more: str) -> Said:
    about = {"rung": "guide", "model": "m", "message_id": "m", **more}
    return Said(text=text, first_token_ms=1, total_ms=2, **about)


OLD = message(Author.TEACHER, "Welcome.")


async def pictures(
    monkeypatch: pytest.MonkeyPatch, *events: TurnEvent, stored: tuple[Message, ...] = (), pause: float = 0.0
) -> list[list[tuple[str, str]]]:
    """What the chat shows, one picture after the other, without the old message."""
    monkeypatch.setattr(chat, "_PAUSE", pause)
    reads = iter([(OLD,), (OLD, *stored)])

    async def read() -> tuple[Message, ...]:
        return next(reads)

    async def turn() -> AsyncGenerator[TurnEvent]:
        for event in events:
            yield event

    shown: list[list[Bubble]] = [picture async for picture in growing(read, turn())]
    assert all(picture[0]["content"] == "Welcome." for picture in shown)
    return [[(one["role"], one["content"]) for one in picture[1:]] for picture in shown]


QUESTION = ("user", "Why?")


async def test_an_answer_grows(monkeypatch: pytest.MonkeyPatch) -> None:
    """A learner would stare at nothing until the whole answer is there."""
    stored = (message(Author.LEARNER, "Why?"), message(Author.TEACHER, "So it is.", "guide"))
    events = (HEARD, Delta(text="So "), Delta(text="it is."), said("So it is."))
    shown = await pictures(monkeypatch, *events, stored=stored)
    assert shown == [
        [QUESTION],
        [QUESTION, ("assistant", "So ")],
        [QUESTION, ("assistant", "So it is.")],
        [QUESTION, ("assistant", "So it is.")],
    ]


async def test_not_every_piece_is_a_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fast model would make the page redraw hundreds of times a second."""
    stored = (message(Author.LEARNER, "Why?"), message(Author.TEACHER, "x" * 500))
    shown = await pictures(monkeypatch, HEARD, *[Delta(text="x")] * 500, stored=stored, pause=60)
    assert len(shown) == 2
    assert shown[-1][-1] == ("assistant", "x" * 500)


async def test_a_restart_takes_the_half_answer_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two answers would run into each other."""
    shown = await pictures(
        monkeypatch, HEARD, Delta(text="Half"), Restarted(rung="b"), Delta(text="Whole"), stored=()
    )
    assert shown[1:4] == [[QUESTION, ("assistant", "Half")], [QUESTION], [QUESTION, ("assistant", "Whole")]]


async def test_a_refusal_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """A message that is off the subject would get no answer at all."""
    declined = Declined(text="Back to loops.", label=Label.OFF, tier="local")
    shown = await pictures(monkeypatch, HEARD, declined)
    assert shown[1] == [QUESTION, ("assistant", "Back to loops.")]


@pytest.mark.parametrize("before", [(), (HEARD,), (HEARD, Delta(text="Half of "))])
async def test_a_failure_is_told_after_what_is_stored(
    monkeypatch: pytest.MonkeyPatch, before: tuple[TurnEvent, ...]
) -> None:
    """A turn that failed would look as if the teacher had nothing to say."""
    stored = (message(Author.LEARNER, "Why?"), message(Author.TEACHER, "Half of"))
    shown = await pictures(monkeypatch, *before, Failed(code="x", text="Try again."), stored=stored)
    assert shown[-1] == [QUESTION, ("assistant", "Half of"), ("assistant", "Try again.")]


async def test_a_note_is_told_with_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody would learn why today's answers are shorter."""
    stored = (message(Author.LEARNER, "Why?"), message(Author.TEACHER, "So."))
    shown = await pictures(
        monkeypatch, HEARD, Delta(text="So."), said("So.", note="A <limit>."), stored=stored
    )
    assert shown[-1][-1][1] == "So.\n\n<small>A &lt;limit&gt;.</small>"


async def test_sound_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every sentence would stand in the chat twice."""
    spoken = Spoken(text="So.", seconds=1)
    assert len(await pictures(monkeypatch, HEARD, Delta(text="So."), spoken)) == 3


async def test_closing_stops_the_turn() -> None:
    """A learner who presses stop would still pay for the rest of the answer."""
    closed = []

    async def read() -> tuple[Message, ...]:
        return ()

    async def turn() -> AsyncGenerator[TurnEvent]:
        try:
            yield HEARD
            yield Delta(text="x")
        finally:
            closed.append(True)

    shown = growing(read, turn())
    await anext(shown)
    await shown.aclose()
    assert closed


async def test_a_store_that_is_gone_is_not_hidden() -> None:
    """The page would show an empty conversation instead of saying what is wrong."""

    async def read() -> tuple[Message, ...]:
        raise StoreUnavailable("locked")

    async def turn() -> AsyncGenerator[TurnEvent]:
        yield HEARD

    with pytest.raises(StoreUnavailable):
        await anext(growing(read, turn()))


def test_who_answered_is_said() -> None:
    """Nobody could tell a model's answer from another's; a quote from the course would get a badge too."""
    shown = bubbles(
        [
            message(Author.LEARNER, "Why?"),
            message(Author.TEACHER, "So.", "groq-large"),
            message(Author.TEACHER, "So.", "guide"),
        ]
    )
    assert [one["content"] for one in shown] == [
        "Why?",
        "So.\n\n<small>answered by groq-large</small>",
        "So.",
    ]
    assert [one["role"] for one in shown] == ["user", "assistant", "assistant"]


def test_questions_to_choose_from_hang_on_the_last_message() -> None:
    """A new learner would see an empty box and no idea what to ask; an old message would change."""
    conversation = bubbles([message(Author.LEARNER, "Why?"), OLD])
    shown = with_options(conversation, ["What is +?", "And -?"])
    assert shown[-1]["options"] == [{"value": "What is +?"}, {"value": "And -?"}]
    assert "options" not in shown[0]
    assert "options" not in conversation[-1]
    assert with_options([], ["x"]) == []
    assert with_options(conversation, []) == conversation


def test_a_note_is_heard_and_escaped() -> None:
    """A screen reader would not tell that the microphone is open."""
    assert note("a < b", "hearing") == '<p role="status" data-state="hearing">a &lt; b</p>'


async def test_what_is_said_again_stays_in_sight(monkeypatch: pytest.MonkeyPatch) -> None:
    """A learner who asks to hear it again would see it flash up and vanish, for it is stored only once."""
    events = (Commanded(command=Command.REPEAT), Delta(text="Wel"), Delta(text="come."))
    shown = await pictures(monkeypatch, *events)
    assert shown[-1] == [("assistant", "Welcome.")]


async def test_a_command_is_confirmed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A learner who says slower would not know whether it was understood."""
    shown = await pictures(monkeypatch, Commanded(command=Command.SLOWER, text="Slower."))
    assert shown[-1] == [("assistant", "Slower.")]


async def test_what_goes_on_is_shown_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """After go on, the answer would stand there twice: as it came, and as it is stored."""
    stored = (message(Author.TEACHER, "And so on.", "guide"),)
    events = (Commanded(command=Command.GO_ON), Delta(text="And so on."), said("And so on."))
    shown = await pictures(monkeypatch, *events, stored=stored)
    assert shown[-1] == [("assistant", "And so on.")]


async def test_a_number_in_the_line_falls_in_sight(monkeypatch: pytest.MonkeyPatch) -> None:
    """A learner at a busy moment would stare at a page that says nothing."""
    stored = (message(Author.LEARNER, "Why?"), message(Author.TEACHER, "So.", "guide"))
    line = (Waiting(number=2, text="Number 2."), Waiting(number=1, text="Number 1."))
    shown = await pictures(monkeypatch, HEARD, *line, Delta(text="So."), said("So."), stored=stored)
    assert shown == [
        [QUESTION],
        *([QUESTION, ("assistant", text)] for text in ("Number 2.", "Number 1.", "So.", "So.")),
    ]
