"""Talking over the teacher: how soon it is silent, what of the answer is kept, and what does not stop it.

    python bench/barge_in.py [--only interruptions|remarks] [--quick]

Each part takes four minutes, and its figures are kept in bench/out/; with both, docs/benchmarks.md is
written.

Calls over loopback WebRTC into the running app, with the local models and the lesson guide. Time is taken at
the caller's end: which sound came in, and when. The robotic voice needs eSpeak NG
(`apt-get install espeak-ng`).
"""

import argparse
import asyncio
import statistics
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import cycle
from pathlib import Path
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.barge_report import keep, write
from bench.caller import FRAME, RATE, Caller
from bench.report import Row, table
from bench.spoken import normalised, recording
from bench.voice_calls import Site, call, site, spoken_part
from tutor.adapters.resample import resampled_array
from tutor.adapters.stt.whisper_local import WhisperTranscriber
from tutor.domain.audio import Audio
from tutor.domain.speech import speakable

QUESTIONS = ("What is a while loop?", "What is a list?", "Explain functions.", "What does range do?")
"""Their answers take 20 s and more."""
INTERRUPTIONS = (
    *("Why does my loop never end?", "How do I call a function?", "I do not understand the second line."),
    *("What is a dictionary?", "Can you show me an example?", "What is the first index of a list?"),
)
REMARKS = (
    *(
        "Mm-hm.",
        "Okay.",
        "Yeah.",
        "I see.",
        "Uh-huh.",
        "Right.",
        "Got it.",
        "Yes.",
        "Oh, okay.",
        "Makes sense.",
    ),
    *("Alright.", "Hmm."),
)
"""Said while the teacher speaks, by people who only listen."""
_LEAD = 0.05
"""Seconds in front of the first loud sample, as `spoken_part` leaves them."""
_WALL = 337
"""Samples by which an echo's first reflection is late: 7 ms."""
_PATIENCE = 20.0
_AFTER = 4.0
"""Seconds within which a teacher who was not interrupted speaks again: the pause, and the transcriber."""


@dataclass(frozen=True)
class Cut:
    """One interruption."""

    stopped: float
    """Seconds from the first sound of the learner to the last of the teacher."""
    heard: NDArray[np.int16]
    """All that came in of the answer, at 48 kHz."""
    stored: str
    """The answer as the app keeps it."""
    answered: bool
    """Whether the interruption was taken for a question."""


class Ear:
    """Keeps what a caller hears; may give it back to their microphone, as a loudspeaker in a room does.

    Args:
        caller: Whose ear it is.
        echoes: Loudness of the echo, as a share.
    """

    def __init__(self, caller: Caller, *, echoes: float = 0.0) -> None:
        self.frames: list[tuple[float, NDArray[np.int16]]] = []
        self.echoes = echoes
        self._caller = caller
        self._before = np.zeros(_WALL, dtype=np.int16)
        caller.hears = self._hears

    def _hears(self, at: float, sound: NDArray[np.int16]) -> None:
        self.frames.append((at, sound))
        if not self.echoes:
            return
        if len(self.frames) == 1:
            self._caller.microphone.say(np.zeros(4 * FRAME, dtype=np.int16))  # so that it never runs dry
        reflected = np.concatenate([self._before, sound])[: sound.size]
        self._before = sound[-_WALL:]
        self._caller.microphone.say((self.echoes * (0.7 * sound + 0.3 * reflected)).astype(np.int16))

    def before(self, moment: float) -> NDArray[np.int16]:
        """What came in until then."""
        return np.concatenate([sound for at, sound in self.frames if at <= moment])


# -- interruptions --------------------------------------------------------------------------------


async def interrupted(caller: Caller, question: Audio, words: Audio, *, after: float) -> Cut:
    """Ask, let the teacher speak for some seconds, and talk over it."""
    ear = Ear(caller)
    await speaks(caller, question)
    await asyncio.sleep(after)
    await sounding(caller)
    caller.microphone.say(spoken_part(words))
    await caller.microphone.quiet.wait()
    onset, done = caller.microphone.begun_at + _LEAD, caller.microphone.done_at
    last = max(at for at in caller.sounds if at <= done)
    answered = await until(lambda: caller.sounds[-1] > done)
    messages = (await caller.client.get(f"/api/v1/conversations/{caller.conversation}/messages")).json()
    return Cut(
        stopped=last + FRAME / RATE - onset,
        heard=ear.before(last),
        stored=messages[1]["text"],
        answered=answered and len(messages) >= 3,
    )


async def beyond(cut: Cut, hears: WhisperTranscriber) -> int:
    """Words that are stored and were not heard; below 0: that were heard and are not stored."""
    sound = Audio(pcm=resampled_array(cut.heard, RATE, 16_000).tobytes(), sample_rate=16_000)
    heard = normalised((await hears.transcribe(sound)).text)
    stored = normalised(speakable(cut.stored))
    blocks = SequenceMatcher(None, stored, heard, autojunk=False).get_matching_blocks()
    last = [block for block in blocks if block.size][-1]
    return (len(stored) - last.a) - (len(heard) - last.b)


# -- remarks --------------------------------------------------------------------------------------


async def pause_by(caller: Caller, sound: NDArray[np.int16]) -> float | None:
    """Make a sound while the teacher speaks.

    Returns:
        Seconds of its longest silence then; None where it did not speak on, or answers something else.
    """
    await sounding(caller)
    caller.microphone.say(sound)
    await caller.microphone.quiet.wait()
    begun, done = caller.microphone.begun_at, caller.microphone.done_at
    if not await until(lambda: caller.sounds[-1] > done + 0.3, seconds=_AFTER):
        return None
    await asyncio.sleep(0.5)
    heard = [at for at in caller.sounds if at >= begun]
    return float(np.diff(heard).max()) if await asked(caller) == 1 else None


def cough(number: int) -> NDArray[np.int16]:
    """Two bursts of breath, at 48 kHz: noise of the mouth's colour, with a hard beginning."""
    draw = np.random.default_rng(number)
    bursts = []
    for seconds, loudness in ((0.12 + 0.02 * number, 9000), (0.2, 5000)):
        count = int(seconds * RATE)
        breath = np.convolve(draw.normal(0, 1, count + 64), np.hanning(24 + 8 * number), mode="same")[:count]
        shape = np.minimum(1, np.arange(count) / (0.004 * RATE)) * np.exp(-np.arange(count) / (0.06 * RATE))
        bursts += [loudness * breath / np.abs(breath).max() * shape, np.zeros(RATE // 8)]
    return np.concatenate(bursts).astype(np.int16)


async def echoed(caller: Caller, question: Audio, loudness: float) -> bool:
    """Whether a teacher who is heard again by the learner's microphone speaks on for eight seconds."""
    await speaks(caller, question)
    ear = Ear(caller, echoes=loudness)
    begun = perf_counter()
    await asyncio.sleep(8.0)
    ear.echoes = 0.0
    return caller.sounds[-1] > begun + 7.0 and await asked(caller) == 1


# -- what both need -------------------------------------------------------------------------------


async def speaks(caller: Caller, question: Audio) -> None:
    """Ask, and wait for the first sound of the answer."""
    caller.microphone.say(spoken_part(question))
    await caller.microphone.quiet.wait()
    if not await until(lambda: bool(caller.sounds)):
        raise SystemExit("the teacher does not answer")


async def sounding(caller: Caller) -> None:
    """Wait until the teacher is in the middle of words."""

    def amid() -> bool:
        return len(caller.sounds) > 5 and perf_counter() - caller.sounds[-6] < 0.16

    if not await until(amid):
        raise SystemExit("the teacher has stopped speaking")


async def until(condition: Callable[[], bool], *, seconds: float = _PATIENCE) -> bool:
    """Whether it comes to this in time."""
    end = perf_counter() + seconds
    while not condition():
        if perf_counter() > end:
            return False
        await asyncio.sleep(0.01)
    return True


async def asked(caller: Caller) -> int:
    """Questions that the app has taken down."""
    messages = (await caller.client.get(f"/api/v1/conversations/{caller.conversation}/messages")).json()
    return sum(message["author"] == "user" for message in messages)


@asynccontextmanager
async def connected(running: Site) -> AsyncIterator[Caller]:
    """A call that is settled when it begins, and over when it ends."""
    async with call(running) as caller:
        await asyncio.sleep(1.5)
        yield caller
    await asyncio.sleep(1.0)


# -- the figures ----------------------------------------------------------------------------------


async def interruptions(running: Site, count: int) -> list[Row]:
    """Interruptions by two voices, at several places of an answer."""
    cuts: list[Cut] = []
    for number, words in zip(range(count), cycle(INTERRUPTIONS)):
        voice = ("robotic", "natural")[number % 2]
        question = await recording("natural", QUESTIONS[number % len(QUESTIONS)])
        async with connected(running) as caller:
            after = 0.8 + 0.7 * (number % 5)
            cuts.append(await interrupted(caller, question, await recording(voice, words), after=after))
    hears = WhisperTranscriber()
    words_off = [await beyond(cut, hears) for cut in cuts]
    stopped = sorted(cut.stopped for cut in cuts)
    taken = sum(cut.answered for cut in cuts)
    near = sum(abs(off) <= 1 for off in words_off)
    return [
        Row(
            title="a learner's first sound to the teacher's last",
            wanted="<= 250 ms",
            ours=f"median {statistics.median(stopped) * 1000:.0f} ms, at most {stopped[-1] * 1000:.0f} ms",
            passed=stopped[-1] <= 0.25,
        ),
        Row(
            title="interruptions that are answered",
            wanted="all",
            ours=f"{taken} of {count}",
            passed=taken == count,
        ),
        Row(
            title="stored answers that end where the sound was cut",
            wanted="all, within a word",
            ours=f"{near} of {count}; words beyond: {', '.join(f'{off:+d}' for off in words_off)}",
            passed=near == count,
        ),
    ]


async def remarks(running: Site, count: int) -> list[Row]:
    """Backchannels by two voices, coughs, and the teacher's own echo: as 12, 4 and 4."""
    loudness = (0.5, 0.25, 0.1, 0.05)[: max(1, count // 5)]
    spoken = [
        (text, spoken_part(await recording(("robotic", "natural")[number % 2], text)))
        for number, text in enumerate(REMARKS[: count - 2 * len(loudness)])
    ]
    sounds = [*spoken, *((f"cough {number + 1}", cough(number)) for number in range(len(loudness)))]
    pauses: dict[str, float | None] = {}
    for number in range(0, len(sounds), 3):
        question = await recording("natural", QUESTIONS[number % len(QUESTIONS)])
        async with connected(running) as caller:
            await speaks(caller, question)
            for what, sound in sounds[number : number + 3]:
                await asyncio.sleep(1.0)
                pauses[what] = await pause_by(caller, sound)
    stopped_by = [what for what, pause in pauses.items() if pause is None]
    for number, loud in enumerate(loudness):
        async with connected(running) as caller:
            question = await recording("natural", QUESTIONS[number % len(QUESTIONS)])
            if not await echoed(caller, question, loud):
                stopped_by.append(f"its echo at {loud:.0%}")
    went_on = [pause for pause in pauses.values() if pause is not None]
    row = Row(
        title="backchannels, coughs and echoes that stop it",
        wanted="0",
        ours=f"{len(stopped_by)} of {len(sounds) + len(loudness)}"
        + (f": {', '.join(stopped_by)}" if stopped_by else ""),
        passed=not stopped_by,
    )
    pause = Row(
        title="how long it holds its breath for one",
        wanted="-",
        ours=f"median {statistics.median(went_on):.2f} s, at most {max(went_on):.2f} s",
    )
    return [row, pause]


_PARTS = ("interruptions", "remarks")


async def main(only: Sequence[str], *, quick: bool) -> int:
    """Measure and print; write what is whole. Returns 0 where every promise is kept."""
    rows: list[Row] = []
    async with site() as running:
        for name in only:
            measure = interruptions if name == "interruptions" else remarks
            count = {"interruptions": (12, 4), "remarks": (20, 5)}[name][quick]
            found = await measure(running, count)
            rows += found
            if not quick:
                keep(name, found)
    print(table(rows))
    if not quick:
        write(_PARTS)
    return 1 if any(row.passed is False for row in rows) else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="few of each")
    parser.add_argument("--only", nargs="+", choices=_PARTS, default=_PARTS)
    arguments = parser.parse_args()
    sys.exit(asyncio.run(main(arguments.only, quick=arguments.quick)))
