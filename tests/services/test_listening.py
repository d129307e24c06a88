"""What a learner said: by a quick transcriber where it is certain, by a careful one else."""

from pathlib import Path

import pytest

from tutor.adapters.courses import FolderCourses
from tutor.domain.audio import Audio, Transcript
from tutor.domain.place import Place
from tutor.errors import Busy, TutorError
from tutor.services.listening import Listening

COURSES = FolderCourses(Path(__file__).parents[2] / "courses")
PLACE = Place(conversation_id="c", course="python-basics", chapter="loops")
SOUND = Audio(pcm=bytes(3200), sample_rate=16_000)


class Hears:
    """A Transcriber that hears always the same, or fails."""

    def __init__(
        self, text: str, confidence: float | None = None, *, error: TutorError | None = None
    ) -> None:
        self.name, self._text, self._confidence, self._error = "one", text, confidence, error
        self.asked = 0

    async def transcribe(self, audio: Audio, *, context: str = "") -> Transcript:
        self.asked += 1
        if self._error is not None:
            raise self._error
        return Transcript(text=self._text, model=self.name, confidence=self._confidence)


@pytest.mark.parametrize(
    ("quick", "text"),
    [
        (Hears("Why does my for loop never end?", 0.8), "Why does my for loop never end?"),
        (Hears("Why does my four loop never end?", 0.8), "Why does my for loop never end?"),
        (Hears("Why does my blorp never end?", 0.8), "What is a loop?"),
        (Hears("Why does my loop never end?", 0.6), "What is a loop?"),
        (Hears("", 0.0), "What is a loop?"),
        (Hears("", error=Busy("full")), "What is a loop?"),
    ],
)
async def test_a_careful_transcriber_is_asked_where_the_quick_one_doubts(quick: Hears, text: str) -> None:
    """A misheard question would be answered, or a clear one would wait for nothing."""
    careful = Hears("What is a loop?")
    heard = await Listening(careful, COURSES, quick=quick, longest=60)(PLACE, SOUND)
    assert heard.text == text
    assert (quick.asked, careful.asked) == (1, int(text == "What is a loop?"))


async def test_a_careful_transcriber_alone_is_enough() -> None:
    """A site without the quick model could not hear."""
    heard = await Listening(Hears("What is a loop?"), COURSES, longest=60)(PLACE, SOUND)
    assert heard.text == "What is a loop?"
