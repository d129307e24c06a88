"""The teacher's mouth: at the pace of hearing, silent at once, and exact about what was heard."""

import asyncio
from collections.abc import AsyncIterator

import numpy as np
import pytest

from tests.web.voice.clock import Clock
from tutor.domain.audio import Audio
from tutor.domain.turn import Spoken
from tutor.web.voice.mouth import Frame, Mouth


def sentence(seconds: float, *, rate: int = 16_000, value: int = 1000) -> Spoken:
    pcm = np.full(round(seconds * rate), value, dtype="<i2").tobytes()
    return Spoken(text=f"{seconds} s", seconds=seconds, audio=Audio(pcm=pcm, sample_rate=rate))


class Speaking:
    """A mouth on a clock that is turned by hand."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.frames: list[Frame] = []
        self.begun: list[tuple[float, int]] = []
        self.mouth = Mouth(
            self.frames.append,
            lambda _, index: self.begun.append((round(self.clock.now(), 2), index)),
            now=self.clock.now,
            sleep=self.clock.sleep,
        )

    @property
    def seconds(self) -> float:
        return round(len(self.frames) * 0.02, 2)


@pytest.fixture
async def speaking() -> AsyncIterator[Speaking]:
    made = Speaking()
    task = asyncio.create_task(made.mouth.speak())
    yield made
    task.cancel()
    await asyncio.wait((task,))


async def test_it_never_runs_far_ahead(speaking: Speaking) -> None:
    """Sound that has left cannot be taken back: the teacher would talk on over a learner."""
    speaking.mouth.say(sentence(3.0))
    for tenth in range(1, 25):
        await speaking.clock.advance(0.1)
        assert tenth / 10 <= speaking.seconds <= tenth / 10 + 0.1


async def test_sentences_follow_each_other_and_end(speaking: Speaking) -> None:
    """Sentences would overlap, be announced at the wrong moment, or the answer would never be over."""
    speaking.mouth.say(sentence(1.0))
    speaking.mouth.say(sentence(0.5, rate=22_050))
    assert speaking.mouth.sounding
    await speaking.clock.advance(1.4)
    assert speaking.mouth.sounding
    await speaking.clock.advance(0.2)
    assert not speaking.mouth.sounding
    assert speaking.seconds == 1.5
    assert {(rate, samples.shape) for rate, samples in speaking.frames} == {
        (16_000, (1, 320)),
        (22_050, (1, 441)),
    }
    assert [index for _, index in speaking.begun] == [0, 1]
    assert speaking.begun[1][0] == pytest.approx(0.94, abs=0.04)


async def test_held_it_is_silent_and_loses_nothing(speaking: Speaking) -> None:
    """After an "mm-hm" a part of the answer would be missing."""
    speaking.mouth.say(sentence(2.0))
    await speaking.clock.advance(1.0)
    sent = speaking.seconds
    speaking.mouth.hold()
    speaking.mouth.hold()
    await speaking.clock.advance(5.0)
    assert speaking.seconds == pytest.approx(sent, abs=0.021)
    assert speaking.mouth.played == pytest.approx(1.0, abs=0.04)
    speaking.mouth.resume()
    await speaking.clock.advance(1.2)
    assert not speaking.mouth.sounding
    assert speaking.seconds == pytest.approx(2.06, abs=0.021), "what was on its way is played again"


async def test_held_at_the_very_end_it_still_says_the_end(speaking: Speaking) -> None:
    """The last syllable would be lost."""
    speaking.mouth.say(sentence(0.5))
    await speaking.clock.advance(0.46)
    speaking.mouth.hold()
    assert speaking.mouth.sounding
    speaking.mouth.resume()
    await speaking.clock.advance(0.3)
    assert speaking.seconds == pytest.approx(0.56, abs=0.021)


async def test_stopped_it_tells_what_was_heard_and_begins_anew(speaking: Speaking) -> None:
    """The stored answer would end at the wrong word, or the next answer begin with the old one."""
    speaking.mouth.say(sentence(2.0, value=1))
    await speaking.clock.advance(1.0)
    speaking.mouth.hold()
    assert speaking.mouth.fall_silent() == pytest.approx(1.0, abs=0.04)
    assert not speaking.mouth.held
    speaking.frames.clear()
    speaking.mouth.say(sentence(1.0, value=2))
    await speaking.clock.advance(2.0)
    assert {int(samples[0, 0]) for _, samples in speaking.frames} == {2}
    assert speaking.seconds == 1.0
    assert speaking.begun[-1][1] == 0


async def test_a_sentence_without_sound_is_passed_over(speaking: Speaking) -> None:
    """A voice that failed in the middle would end the conversation."""
    speaking.mouth.say(Spoken(text="silent", seconds=1.0))
    speaking.mouth.say(sentence(0.0))
    assert not speaking.mouth.sounding or speaking.mouth.played == 0
    await speaking.clock.advance(1.0)
    assert not speaking.mouth.sounding
