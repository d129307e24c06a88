"""Speaking along: the text never waits for the voice, and never depends on it."""

import asyncio
from collections.abc import AsyncGenerator, Sequence

import pytest

from tests.services.classroom import until
from tutor.domain.audio import Audio
from tutor.domain.manner import PLAIN, Manner
from tutor.domain.topic import Label
from tutor.domain.turn import Declined, Delta, Failed, Restarted, Spoken, TurnEvent
from tutor.errors import ModelMissing, ProviderTimeout, StoreFull
from tutor.services.narrator import Narrator

HALF = Audio(pcm=bytes(16_000), sample_rate=16_000)
"""Half a second."""


class Voice:
    """A Speaker that notes what it is given, takes a while, and may break at a sentence."""

    name = "voice"

    def __init__(self, *, seconds: float = 0.0, breaks: Exception | None = None, at: int = 0) -> None:
        self.said: list[str] = []
        self._seconds, self._breaks, self._at = seconds, breaks, at

    async def speak(self, text: str, manner: Manner = PLAIN) -> Audio:
        self.said.append(text)
        if self._breaks is not None and len(self.said) > self._at:
            raise self._breaks
        await asyncio.sleep(self._seconds)
        return HALF


class Turn:
    """Events of a turn, played with pauses; knows how it ended."""

    def __init__(self, *script: TurnEvent | float | Exception) -> None:
        self.script: Sequence[TurnEvent | float | Exception] = script
        self.ended = ""

    async def events(self) -> AsyncGenerator[TurnEvent]:
        try:
            for step in self.script:
                if isinstance(step, float):
                    await asyncio.sleep(step)
                elif isinstance(step, Exception):
                    raise step
                else:
                    yield step
            self.ended = "whole"
        except (GeneratorExit, asyncio.CancelledError):
            self.ended = "stopped"
            raise


async def told(voice: Voice, turn: Turn) -> list[TurnEvent]:
    return [event async for event in Narrator(voice).along(turn.events())]


def silent(events: list[TurnEvent]) -> list[TurnEvent]:
    return [event for event in events if not isinstance(event, Spoken)]


ANSWER = (
    Delta(text="A loop repeats its "),
    Delta(text="block. Does yours"),
    Delta(text=" ever change `n`? Look at"),
    Delta(text=" line two."),
)


async def test_sentences_are_spoken_in_order() -> None:
    """The voice would say sentences twice, out of order, or stop before the last one."""
    voice = Voice()
    events = await told(voice, Turn(*ANSWER))
    spoken = [event for event in events if isinstance(event, Spoken)]
    assert [event.text for event in spoken] == voice.said
    assert len(voice.said) == 3
    assert voice.said[0] == "A loop repeats its block."
    assert voice.said[-1] == "Look at line two."
    assert [event.seconds for event in spoken] == [0.5] * 3
    assert all(event.audio == HALF for event in spoken)
    assert silent(events) == list(ANSWER), "speaking changed the text"


async def test_the_voice_begins_while_the_text_still_streams() -> None:
    """A learner would wait for the whole answer before hearing the first word."""
    turn = Turn(Delta(text="First sentence here. And"), 0.1, Delta(text=" the second one."))
    events = await told(Voice(), turn)
    assert isinstance(events[1], Spoken)
    assert events[1].text == "First sentence here."


async def test_the_text_does_not_wait_for_the_voice() -> None:
    """A slow voice would slow the text down."""
    events = await told(Voice(seconds=0.05), Turn(*ANSWER))
    assert events[:4] == list(ANSWER)
    assert len(events) == 7


@pytest.mark.parametrize("at", [0, 1])
@pytest.mark.parametrize("error", [ModelMissing("no voice"), ProviderTimeout("slow"), RuntimeError("a bug")])
async def test_a_voice_that_fails_leaves_the_text(error: Exception, at: int) -> None:
    """A missing voice file, or a bug in one, would cost the answer too."""
    voice = Voice(breaks=error, at=at)
    events = await told(voice, Turn(*ANSWER[:2], 0.02, *ANSWER[2:], 0.02, Delta(text=" More. And more.")))
    assert silent(events) == [*ANSWER, Delta(text=" More. And more.")]
    spoken = [event for event in events if isinstance(event, Spoken)]
    assert [event.audio is not None for event in spoken[: at + 1]] == [True] * at + [False]
    assert all(event.seconds > 0 for event in spoken), "captions would not know how long to stay"
    assert len(voice.said) == at + 1, "a broken voice is asked again and again"


async def test_a_refusal_is_spoken() -> None:
    """Somebody who talks would get silence where somebody who types gets words."""
    voice = Voice()
    await told(voice, Turn(Declined(text="Let us go back to loops.", label=Label.OFF, tier="local")))
    assert voice.said == ["Let us go back to loops."]


async def test_a_restart_forgets_the_half_sentence() -> None:
    """The voice would join half a sentence of one model to the answer of another."""
    voice = Voice()
    await told(voice, Turn(Delta(text="The answer is nev"), Restarted(rung="b"), Delta(text="It is four.")))
    assert voice.said == ["It is four."]


async def test_code_is_not_read_as_it_stands() -> None:
    """The voice would read fences and stars aloud."""
    voice = Voice()
    await told(voice, Turn(Delta(text="Look:\n\n```python\nwhile n < 3:\n    n += 1\n```\n\nIt **ends**.\n")))
    assert not any(sign in " ".join(voice.said) for sign in ("```", "**", "n +="))
    assert voice.said[-1] == "It ends."


async def test_an_error_of_the_turn_comes_out_after_its_words() -> None:
    """A turn that fails would look as if it had ended well, or lose the sentence before the failure."""
    voice, turn = Voice(), Turn(Delta(text="One whole sentence. Half"), 0.02, StoreFull("disk"))
    events: list[TurnEvent] = []

    async def follow() -> None:
        async for event in Narrator(voice).along(turn.events()):
            events.append(event)  # noqa: PERF401 - what came before the error counts

    with pytest.raises(StoreFull):
        await follow()
    assert voice.said == ["One whole sentence."]
    assert silent(events) == [Delta(text="One whole sentence. Half")]


async def test_events_that_are_not_words_pass() -> None:
    """A failure in the middle would be read aloud, or dropped."""
    voice, failed = Voice(), Failed(code="busy", text="Try again. Later.")
    assert await told(voice, Turn(failed)) == [failed]
    assert voice.said == []


async def test_falling_silent_stops_everything() -> None:
    """A learner who interrupts would hear the teacher go on, and pay for it."""
    voice = Voice(seconds=30.0)
    turn = Turn(Delta(text="A first sentence. A second"), 30.0, Delta(text=" one."))
    before = asyncio.all_tasks()
    events = Narrator(voice).along(turn.events())
    assert isinstance(await anext(events), Delta)
    await until(lambda: voice.said)
    await events.aclose()
    assert turn.ended == "stopped"
    assert asyncio.all_tasks() == before


async def test_a_turn_that_fails_while_it_is_stopped_says_so() -> None:
    """A full disk during an interruption would leave nothing but a warning about a forgotten task."""

    async def unsaved() -> AsyncGenerator[TurnEvent]:
        try:
            yield Delta(text="A first")
            await asyncio.sleep(30)
        finally:
            raise StoreFull("disk")

    events = Narrator(Voice()).along(unsaved())
    await anext(events)
    await asyncio.sleep(0.01)
    with pytest.raises(StoreFull):
        await events.aclose()


async def test_a_slow_reader_holds_the_model_back() -> None:
    """An answer without end, for somebody who does not read it, would fill the memory."""
    turn = Turn(*(Delta(text="One more. ") for _ in range(3000)))
    came = 0

    async def counted() -> AsyncGenerator[TurnEvent]:
        nonlocal came
        async for event in turn.events():
            came += 1
            yield event

    telling = Narrator(Voice()).along(counted())
    await anext(telling)
    await asyncio.sleep(0.1)
    assert came < 400
    rest = [event async for event in telling]
    assert sum(isinstance(event, Delta) for event in rest) == 2999, "a word was lost"
    assert sum(isinstance(event, Spoken) for event in rest) == 3000, "a sentence was lost"
