"""A spoken conversation, frame by frame, with recorded speech: who speaks when, and what is kept of it.

Time is told by the sound that goes in, so that nothing here depends on how quick the machine is.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from fastrtc import AdditionalOutputs
from numpy.typing import NDArray

from tests.services.classroom import END, Class, ScriptedModel, classroom, until
from tests.web.voice.clock import Clock
from tutor.adapters import wav
from tutor.adapters.resample import resampled_array
from tutor.adapters.vad import Vad
from tutor.domain.audio import Audio, Transcript
from tutor.domain.chat import Token
from tutor.domain.manner import BROWSER, PLAIN, Manner
from tutor.domain.utterance import FRAME_SECONDS
from tutor.errors import ProviderTimeout
from tutor.services.narrator import Narrator
from tutor.services.services import Services
from tutor.settings import Settings
from tutor.web.voice.ears import Utterance
from tutor.web.voice.mouth import AHEAD_SECONDS, Frame, Mouth
from tutor.web.voice.screen import Screen
from tutor.web.voice.talk import Talk

SPEECH = Path(__file__).parents[2] / "data" / "speech"
WINDOW = 512
ANSWER = (
    "A loop repeats its block. It ends when the condition is false. Look at line two. "
    "Change the number there."
)


def recorded(name: str) -> NDArray[np.int16]:
    audio = wav.decode((SPEECH / f"{name}.wav").read_bytes(), max_seconds=60)
    return resampled_array(np.frombuffer(audio.pcm, dtype="<i2"), audio.sample_rate, 16_000)


def silence(seconds: float) -> NDArray[np.int16]:
    return np.zeros(round(seconds * 16_000), dtype=np.int16)


class Hears:
    """A Transcriber that hears what the test says next; the sound decides only when it is asked."""

    name = "hears"

    def __init__(self) -> None:
        self.words = "What is a list?"
        self.asked: list[float] = []
        self.breaks = False

    async def transcribe(self, audio: Audio, *, context: str = "") -> Transcript:
        self.asked.append(round(audio.seconds, 1))
        if self.breaks:
            raise ProviderTimeout("test")
        return Transcript(text=self.words, model=self.name)


class Hums:
    """A Speaker with a tenth of a second for every letter."""

    name = "hums"

    async def speak(self, text: str, manner: Manner = PLAIN) -> Audio:
        count = len(text) * 1600
        tone = (3000 * np.sin(2 * np.pi * 330 * np.arange(count) / 16_000)).astype("<i2")
        return Audio(pcm=tone.tobytes(), sample_rate=16_000)


class Sure:
    """An EndOfTurn that always says the same."""

    def __init__(self) -> None:
        self.says = 0.95

    async def finished(self, audio: Audio) -> float:
        return self.says


class Call:
    """A learner on the line."""

    def __init__(self, lesson: Class) -> None:
        self.lesson, self.clock = lesson, Clock()
        self.hears, self.sure, self.manner = Hears(), Sure(), PLAIN
        lesson.model = ScriptedModel(*(Token(text=f"{word} ") for word in ANSWER.split()), END)
        lesson.ears, lesson.narrator, lesson.turns_per_minute = self.hears, Narrator(Hums()), 100
        self.services = SimpleNamespace(
            settings=Settings(),
            voice_activity=Vad,
            turn_end=self.sure,
            teacher=lesson.teacher,
            turns=lesson.store,
            mode=SimpleNamespace(has_voice=True),
        )
        self.played: list[tuple[float, Frame]] = []
        self.dropped: list[float] = []
        self.shown: list[AdditionalOutputs] = []
        self.talk = Talk(
            cast("Services", self.services),
            lesson.learner,
            place=self.place,
            screen=Screen(self.shown.append),
            play=lambda frame: self.played.append((self.clock.now(), frame)),
            drop=lambda: self.dropped.append(self.clock.now()),
            mouth=partial(Mouth, now=self.clock.now, sleep=self.clock.sleep),
        )
        self.running = asyncio.create_task(self.talk.run())

    async def place(self) -> Any:
        return self.lesson.place.model_copy(update={"spoken": True, "manner": self.manner})

    async def say(self, sound: NDArray[np.int16]) -> None:
        """Speak into the microphone, and let the time pass that it takes."""
        for begin in range(0, sound.size - WINDOW + 1, WINDOW):
            self.talk.listen(sound[begin : begin + WINDOW])
            await self.clock.advance(FRAME_SECONDS)
            await asyncio.sleep(0.001)  # the database works in threads

    async def ask(self, words: str = "What is a list?", sound: str = "list") -> None:
        """Ask, and wait until the teacher speaks."""
        self.hears.words = words
        asked = len(self.lesson.model.requests)
        await self.say(recorded(sound))
        await self.hear_until(
            lambda: len(self.lesson.model.requests) > asked and self.states[-1] == "speaking"
        )

    async def hear_until(self, condition: Any) -> None:
        for _ in range(1500):
            if condition():
                return
            await self.say(silence(FRAME_SECONDS))
        raise AssertionError(f"it did not come to this; last seen: {self.states[-3:]}")

    @property
    def states(self) -> list[str]:
        notes = [str(output.args[1]) for output in self.shown if output.args[1]]
        return [note.partition('data-state="')[2].partition('"')[0] for note in notes]

    @property
    def told(self) -> list[dict[str, Any]]:
        return [json.loads(str(output.args[2])) for output in self.shown if output.args[2]]

    @property
    def picture(self) -> list[tuple[str, str]]:
        pictures = [output.args[0] for output in self.shown if output.args[0] is not None]
        return [(bubble["role"], bubble["content"]) for bubble in pictures[-1]]

    async def hang_up(self) -> None:
        self.running.cancel()
        await asyncio.wait((self.running,))


@pytest.fixture
async def call(tmp_path: Path) -> AsyncIterator[Call]:
    async with classroom(tmp_path) as lesson:
        made = Call(lesson)
        yield made
        await made.hang_up()


async def test_a_question_is_answered_aloud_and_in_step(call: Call) -> None:
    """The whole conversation by voice would be broken: no answer, no states, or captions out of step."""
    await call.ask()
    await call.hear_until(lambda: call.states[-1] == "listening")
    assert call.states == ["hearing", "thinking", "speaking", "listening"]
    assert await call.lesson.messages() == [("user", "What is a list?"), ("assistant", ANSWER)]
    assert [words["sentence"] for words in call.told] == [
        f"{part}." for part in ANSWER.rstrip(".").split(". ")
    ]
    assert [words["index"] for words in call.told] == [0, 1, 2, 3]
    assert all(not words["speak"] and words["starts_in"] == AHEAD_SECONDS for words in call.told)
    assert len(call.played) * 0.02 == pytest.approx(sum(words["seconds"] for words in call.told), abs=0.1)


async def test_the_words_are_prepared_in_the_pause(call: Call) -> None:
    """The learner would wait for the end of the pause and then for the transcriber."""
    call.sure.says = 0.1
    call.hears.words = "I have a list of numbers."
    await call.say(np.concatenate([recorded("list"), silence(0.3)]))
    assert len(call.hears.asked) == 1
    assert await call.lesson.messages() == [], "nothing is stored before the turn has ended"


async def test_a_hesitation_is_one_question_and_costs_one_answer(call: Call) -> None:
    """The first half of a question would be answered, stored or paid."""
    call.hears.words = "So what is"
    await call.say(np.concatenate([recorded("list")[:-6400], silence(1.5)]))
    call.hears.words = "So what is a function?"
    await call.say(recorded("function"))
    await call.hear_until(lambda: call.played)
    assert [text for author, text in await call.lesson.messages() if author == "user"] == [
        "So what is a function?"
    ]
    assert len(call.lesson.model.requests) == 1
    assert call.hears.asked[-1] > 4, "both halves are transcribed together"


async def test_talking_over_the_teacher_silences_it_within_a_quarter_second(call: Call) -> None:
    """The teacher would talk on over the learner."""
    await call.ask()
    await call.say(silence(1.0))
    question = recorded("while_loop")
    onset = call.clock.now() + np.flatnonzero(np.abs(question) > 500)[0] / 16_000
    call.hears.words = "Why does my while loop never end?"
    await call.say(question[:16_000])
    last = max(at for at, _ in call.played)
    assert last + 0.02 - onset < 0.25
    assert call.dropped[-1] - onset < 0.25, "what had left for the learner is taken back as well"
    assert call.states[-1] == "hearing"


async def test_the_stored_answer_ends_at_the_word_where_it_was_cut(call: Call) -> None:
    """The teacher would believe to have said what nobody heard."""
    await call.ask()
    await call.say(silence(3.0))
    first = len(call.played)
    await call.ask("Why does my while loop never end?", "while_loop")
    heard = round((first * 0.02 + 0.5) / 0.1)  # letters, and about half a second until it fell silent
    messages = await call.lesson.messages()
    kept = messages[1][1]
    assert ANSWER.startswith(kept)
    assert kept != ANSWER
    assert abs(len(kept) - heard) <= 8
    assert ANSWER[len(kept) : len(kept) + 1] in (" ", ""), "no word is cut in two"
    assert call.lesson.turns()[0]["outcome"] == "interrupted"
    history = [message.content for message in call.lesson.model.requests[-1].brief.history]
    assert history == ["What is a list?", kept]


async def test_a_click_costs_no_more_than_a_breath(call: Call) -> None:
    """Each key that is pressed beside the microphone would silence the teacher, or repeat its words."""
    await call.ask()
    await call.say(silence(1.0))
    heard, shown = len(call.played), len(call.states)
    voice = call.talk._ears._voice
    click = iter([0.9, 0.9])
    call.talk._ears._voice = lambda window: next(click, None) or voice(window)
    await call.say(silence(2.0))
    assert 1.75 < (len(call.played) - heard) * 0.02 < 2.05, "it paused for longer than the click"
    assert len(call.dropped) >= 1, "it did not hold its breath"
    assert call.states[shown:] in ([], ["speaking"]), "the panel showed a learner who speaks"
    await call.hear_until(lambda: call.states[-1] == "listening")
    assert (await call.lesson.messages())[1] == ("assistant", ANSWER)


BACKCHANNELS = (
    *("Mm-hm.", "Mhm.", "Hmm.", "Uh-huh.", "Okay.", "OK.", "Yeah.", "Yes.", "Yep.", "Right."),
    *(
        "Sure.",
        "I see.",
        "Got it.",
        "Alright.",
        "Oh.",
        "Ah, okay.",
        "Makes sense.",
        "",
        "Thank you.",
        "Cool.",
    ),
)


@pytest.mark.parametrize("words", BACKCHANNELS)
async def test_a_backchannel_does_not_stop_the_teacher(call: Call, words: str) -> None:
    """An "mm-hm", an "ok" or a cough would end the answer."""
    await call.ask()
    await call.say(silence(1.0))
    call.hears.words = words
    await call.say(recorded("thank_you"))
    await call.hear_until(lambda: call.states[-1] == "listening")
    assert await call.lesson.messages() == [("user", "What is a list?"), ("assistant", ANSWER)]
    said = len(call.played) * 0.02
    assert said >= len(ANSWER.replace(" ", "")) * 0.1, "nothing of it was lost"


async def test_the_teachers_own_voice_does_not_stop_it(call: Call) -> None:
    """Without headphones the teacher would interrupt itself at every sentence."""
    await call.ask()
    await call.say(silence(1.0))
    call.hears.words = "A loop repeats its."
    await call.say(recorded("function"))
    await call.hear_until(lambda: call.states[-1] == "listening")
    assert (await call.lesson.messages())[1] == ("assistant", ANSWER)


async def test_stop_stops_without_an_answer(call: Call) -> None:
    """A learner who says stop would get an answer to it."""
    await call.ask()
    await call.say(silence(1.0))
    call.hears.words = "Stop."
    await call.say(recorded("thank_you"))
    await call.hear_until(lambda: call.states[-1] == "listening")
    before = len(call.played)
    await call.say(silence(2.0))
    assert len(call.played) == before
    assert len(await call.lesson.messages()) == 2
    assert any(words.get("command") == "stop" for words in call.told)


async def test_hanging_up_keeps_what_was_heard(call: Call) -> None:
    """A learner who leaves in the middle would find words that were never said to them."""
    await call.ask()
    await call.say(silence(1.0))
    await call.hang_up()
    kept = (await call.lesson.messages())[1][1]
    assert ANSWER.startswith(kept)
    assert 5 < len(kept) < 40


@pytest.mark.parametrize(
    ("sound", "state"),
    [
        (silence(9.0), "error"),
        (np.random.default_rng(1).normal(0, 4000, 16_000 * 13).astype(np.int16), "error"),
    ],
)
async def test_a_microphone_in_trouble_is_told_of(call: Call, sound: NDArray[np.int16], state: str) -> None:
    """A learner with a muted microphone would wait for ever."""
    await call.say(sound)
    assert call.states[-1:] == [state]
    assert await call.lesson.messages() == []


async def test_speech_without_words_is_told_kindly(call: Call) -> None:
    """Humming would leave the panel thinking for ever, or be stored as an empty question."""
    call.hears.words = ""
    await call.say(recorded("list"))
    await call.hear_until(lambda: call.states[-1] == "listening")
    assert await call.lesson.messages() == []
    await call.ask()


async def test_a_transcriber_that_fails_does_not_end_the_conversation(call: Call) -> None:
    """One error of a provider would leave the learner with a dead connection."""
    call.hears.breaks = True
    await call.say(np.concatenate([recorded("list"), silence(3.5)]))
    await call.hear_until(lambda: call.states[-1] == "error")
    call.hears.breaks = False
    await call.ask()
    assert (await call.lesson.messages())[0] == ("user", "What is a list?")


async def test_a_learner_who_wants_the_device_to_speak_gets_its_words(call: Call) -> None:
    """The learner would hear nothing, or both voices at once."""
    call.manner = Manner(voice=BROWSER)
    await call.say(recorded("list"))
    await until(lambda: any(words["speak"] for words in call.told))
    assert [words["index"] for words in call.told] == list(range(len(call.told)))
    assert all(words["speak"] for words in call.told)
    assert not call.played


async def test_clipped_speech_is_heard(call: Call) -> None:
    """A microphone that is too loud would be no microphone."""
    loud = np.clip(recorded("list").astype(np.int32) * 40, -32768, 32767).astype(np.int16)
    await call.say(np.concatenate([loud, silence(0.5)]))
    await call.hear_until(lambda: call.played)


async def test_who_speaks_faster_than_is_heard_is_told(call: Call) -> None:
    """Utterances would wait in a line without end while the transcriber is stuck, and nobody would know."""
    await call.hang_up()  # nothing is taken out of the line
    for _ in range(6):
        words = asyncio.ensure_future(asyncio.sleep(9, "late"))
        call.talk._stand_in_line(Utterance(audio=Audio(pcm=b"", sample_rate=16_000), words=words, ended=0.0))
    await asyncio.sleep(0)
    waiting = [call.talk._utterances.get_nowait() for _ in range(call.talk._utterances.qsize())]
    assert len(waiting) == 4
    assert not any(one.words.cancelled() for one in waiting)
    assert words.cancelled()
    assert call.states[-1] == "error"
    for one in waiting:
        one.words.cancel()
