"""What a learner said, as text: transcribed with the chapter's own names at hand, and usual slips mended."""

from collections.abc import Awaitable, Callable
from functools import cached_property

import structlog

from tutor.domain.audio import Audio, Transcript
from tutor.domain.course import Chapter
from tutor.domain.draft import certain
from tutor.domain.mending import mended
from tutor.domain.place import Place
from tutor.domain.vocabulary import all_words, names, prose_words, vocabulary
from tutor.errors import AudioTooLong, NothingHeard, TutorError
from tutor.services.ports import CourseSource, Transcriber

log = structlog.get_logger()


class Listening:
    """The ears of the pipeline.

    Args:
        transcriber: None where the site cannot hear.
        quick: Hears it first; where it is certain of every word, nobody else is asked.
        courses: Where the chapters are.
        longest: Seconds of sound that are taken.
    """

    def __init__(
        self,
        transcriber: Transcriber | None,
        courses: CourseSource,
        *,
        quick: Transcriber | None = None,
        longest: int,
    ) -> None:
        self._transcriber = transcriber
        self._quick = quick
        self._courses = courses
        self._longest = longest

    async def __call__(self, place: Place, audio: Audio) -> Transcript:
        """The words in a recording.

        Raises:
            NothingHeard: No words, or nobody who could hear them.
            AudioTooLong: More than the settings allow.
            ProviderError: The transcriber could not do it.
        """
        if self._transcriber is None:
            raise NothingHeard("no transcriber", text="This site cannot hear yet. Please type your question.")
        if audio.seconds > self._longest:
            text = AudioTooLong.text.format(limit=self._longest)
            raise AudioTooLong(f"{audio.seconds:.0f} s", text=text)
        chapter = self._chapter(place)
        likely = {"names": names(chapter, place.work), "known": prose_words(chapter)}

        async def heard(transcriber: Transcriber) -> Transcript:
            raw = await transcriber.transcribe(audio, context=vocabulary(chapter, place.work))
            return raw.model_copy(update={"text": mended(raw.text, **likely)})

        transcript = await self._quickly(heard) or await heard(self._transcriber)
        if not transcript.text.strip():
            raise NothingHeard(f"{audio.seconds:.1f} s of sound")
        return transcript

    def warm(self) -> None:
        """Read what the first question would wait for. Takes half a second."""
        if self._quick is not None:
            certain(Transcript(text="What is a loop?", model="", confidence=1.0), self._words)

    async def _quickly(self, heard: Callable[[Transcriber], Awaitable[Transcript]]) -> Transcript | None:
        """What the quick transcriber is certain of."""
        if self._quick is None:
            return None
        try:
            draft = await heard(self._quick)
        except TutorError as error:
            log.warning("quick_ear_failed", code=error.code, detail=str(error))
            return None
        return draft if certain(draft, self._words) else None

    @cached_property
    def _words(self) -> frozenset[str]:
        """Those of all courses."""
        return frozenset().union(*(all_words(course) for course in self._courses.courses()))

    def _chapter(self, place: Place) -> Chapter | None:
        return self._courses.chapter(place.course, place.chapter) if place.chapter else None
