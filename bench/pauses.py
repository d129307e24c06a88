"""False cut-offs against waiting: learners who hesitate, heard by our end of turn and by silence alone.

    python bench/pauses.py

Sentences are made by the packaged Piper voice, with pauses put between their parts. Time is told by frames;
the models run for real, and their answers count from when they would come on two free cores.
"""

import asyncio
import statistics
import sys
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tutor.adapters.courses import FolderCourses  # noqa: E402 - only now it is found
from tutor.adapters.resample import resampled, samples_of  # noqa: E402
from tutor.adapters.stt.moonshine_local import MoonshineTranscriber  # noqa: E402
from tutor.adapters.stt.whisper_local import WhisperTranscriber  # noqa: E402
from tutor.adapters.tts.piper_local import PiperSpeaker  # noqa: E402
from tutor.adapters.turn_end import SmartTurn  # noqa: E402
from tutor.adapters.vad import FRAME, RATE, Vad  # noqa: E402
from tutor.domain.audio import Audio  # noqa: E402
from tutor.domain.place import Place  # noqa: E402
from tutor.domain.utterance import FRAME_SECONDS, Change, Endpointer  # noqa: E402
from tutor.errors import NothingHeard  # noqa: E402
from tutor.services.listening import Listening  # noqa: E402

_JUDGED = 0.05
"""Seconds that Smart Turn takes, on two free cores."""
_QUICKLY, _READ = 0.09, 0.5
"""Seconds that Moonshine takes, and that Whisper takes after it where it is not certain."""
_PAUSES = (0.6, 0.9, 1.3, 1.8, 2.4)

HESITATING = (
    ("So the variable is, um,", "the number of rounds?"),
    ("I want to print the", "last item of the list."),
    ("Why does my loop", "never end?"),
    ("When I run the cell, I get", "an index error."),
    ("I do not understand how", "the range function counts."),
    ("What is the difference between", "a list and a tuple?"),
    ("My function returns, uh,", "nothing at all."),
    ("Can you explain the", "second line?"),
    ("I tried to add one to", "the counter."),
    ("How do I", "open a file?"),
    ("The program says that", "the name is not defined."),
    ("I have a dictionary and", "I want its keys."),
    ("If the number is smaller than", "ten, it should stop."),
    ("What happens when", "the list is empty?"),
    ("It works for two, but", "not for three."),
    ("I think the answer is", "forty two."),
    ("Where do I put the", "colon?"),
    ("So I have a loop, and", "inside it there is another one."),
    ("I wanted to ask about", "the while loop."),
    ("Is there a way to", "leave the loop early?"),
)
FINISHED = (
    *("What is a list?", "Why does my while loop never end?", "How do I call a function?"),
    *("I get an index error.", "It prints three.", "Show me an example.", "What does the second line do?"),
    *("How long is this string?", "My loop never ends.", "I do not know what it is.", "What is a tuple for?"),
    *("Can I change a string?", "Give me a hint.", "Is a dictionary sorted?", "Thank you, that helps me."),
    *(
        "Which error is that?",
        "I would like to try it again.",
        "The list is empty.",
        "What does range return?",
    ),
    "Explain the last line, please.",
)


@dataclass(frozen=True)
class Take:
    """One utterance as it is heard."""

    samples: NDArray[np.int16]
    spoken: float
    """Second at which the last word ends."""


async def main() -> None:
    """Measure, and print a table."""
    piper, read, smart = PiperSpeaker(), reader(), SmartTurn()
    hesitating, finished = await takes(piper)
    ours_cut = [(await ends_by_ours(take, read, smart))[0] < take.spoken for take in hesitating]
    waits = [ends[-1] - take.spoken for take in finished if (ends := await ends_by_ours(take, read, smart))]
    median = statistics.median(waits)
    print(f"ours: {sum(ours_cut)} of {len(ours_cut)} cut off")
    print(f"waits after finished sentences: median {median:.2f} s, longest {max(waits):.2f} s")
    for silence in (median, 0.7, 1.0, 1.5):
        cut = sum(next(ends_by_silence(take, silence)) < take.spoken for take in hesitating)
        print(f"silence of {silence:.2f} s alone: {cut} of {len(hesitating)} cut off")


async def takes(piper: PiperSpeaker) -> tuple[list[Take], list[Take]]:
    """Learners who hesitate, and learners who have finished."""
    hesitating = [
        await take_of(piper, parts, _PAUSES[number % len(_PAUSES)]) for number, parts in enumerate(HESITATING)
    ]
    return hesitating, [await take_of(piper, (text,), 0.0) for text in FINISHED]


async def take_of(piper: PiperSpeaker, parts: tuple[str, ...], pause: float) -> Take:
    """One learner, with pauses between the parts of what they say."""
    sounds = [_words(samples_of(resampled(await piper.speak(part), RATE))) for part in parts]
    gap, hiss = int(pause * RATE), np.random.default_rng(0)
    pieces = [np.zeros(RATE // 2, dtype=np.int16)]
    for number, sound in enumerate(sounds):
        pieces += [np.zeros(gap if number else 0, dtype=np.int16), sound]
    spoken = sum(piece.size for piece in pieces) / RATE
    whole = np.concatenate([*pieces, np.zeros(4 * RATE, dtype=np.int16)])
    return Take((whole + hiss.normal(0, 12, whole.size)).astype(np.int16), spoken)


def _words(samples: NDArray[np.int16]) -> NDArray[np.int16]:
    """Without the silence before and after."""
    loud = np.flatnonzero(np.abs(samples) > 400)
    return samples[loud[0] : loud[-1] + 1]


Read = Callable[[Audio], Awaitable[tuple[str, float]]]
"""The words of a sound, and the seconds until they are there."""


def reader() -> Read:
    """Both transcribers, as the app has them."""
    quick, careful = MoonshineTranscriber(), WhisperTranscriber()
    listening = Listening(careful, FolderCourses(ROOT / "courses"), quick=quick, longest=60)

    async def read(sound: Audio) -> tuple[str, float]:
        try:
            heard = await listening(Place(conversation_id="", course="python-basics"), sound)
        except NothingHeard:
            return "", _QUICKLY + _READ
        return heard.text, _QUICKLY + (0.0 if heard.model == quick.name else _READ)

    return read


async def ends_by_ours(take: Take, read: Read, smart: SmartTurn) -> list[float]:
    """When an utterance ended, in seconds; more than one where it was cut."""
    ears, vad, ends = Endpointer(longest=60), Vad(), list[float]()
    due: list[tuple[float, str, object]] = []
    for clock, frame in _frames(take):
        for at, kind, value in [entry for entry in due if entry[0] <= clock]:
            due.remove((at, kind, value))
            ears.sounded(float(str(value))) if kind == "sounded" else ears.reads(str(value))
        change = ears.feed(frame.tobytes(), vad(frame))
        sound = Audio(pcm=ears.sound, sample_rate=RATE)
        match change:
            case Change.PAUSED:
                text, seconds = await read(sound)
                due.append((clock + seconds, "reads", text))
            case Change.ASKED:
                due.append((clock + _JUDGED, "sounded", await smart.finished(sound)))
            case Change.RESUMED:
                due.clear()
            case Change.ENDED:
                ends.append(clock)
                ears.take()
                due.clear()
    return ends or [take.samples.size / RATE]


def ends_by_silence(take: Take, seconds: float) -> Iterator[float]:
    """When a VAD and a fixed silence take the utterance for ended."""
    vad, speaking, silent = Vad(), False, 0.0
    for clock, frame in _frames(take):
        if vad(frame) >= 0.5:
            speaking, silent = True, 0.0
        elif speaking:
            silent += FRAME_SECONDS
            if silent >= seconds:
                speaking = False
                yield clock


def _frames(take: Take) -> Iterator[tuple[float, NDArray[np.int16]]]:
    for begin in range(0, take.samples.size - FRAME + 1, FRAME):
        yield (begin + FRAME) / RATE, take.samples[begin : begin + FRAME]


if __name__ == "__main__":
    asyncio.run(main())
