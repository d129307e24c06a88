"""What a learner said, as text: transcribed with the chapter's own names at hand, and usual slips mended."""

from tutor.domain.audio import Audio, Transcript
from tutor.domain.course import Chapter
from tutor.domain.mending import mended
from tutor.domain.place import Place
from tutor.domain.vocabulary import names, prose_words, vocabulary
from tutor.errors import AudioTooLong, NothingHeard
from tutor.services.ports import CourseSource, Transcriber


class Listening:
    """The ears of the pipeline.

    Args:
        transcriber: None where the site cannot hear.
        courses: Where the chapters are.
        longest: Seconds of sound that are taken.
    """

    def __init__(self, transcriber: Transcriber | None, courses: CourseSource, *, longest: int) -> None:
        self._transcriber = transcriber
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
        heard = await self._transcriber.transcribe(audio, context=vocabulary(chapter, place.work))
        likely = {"names": names(chapter, place.work), "known": prose_words(chapter)}
        transcript = heard.model_copy(update={"text": mended(heard.text, **likely)})
        if not transcript.text.strip():
            raise NothingHeard(f"{audio.seconds:.1f} s of sound")
        return transcript

    def _chapter(self, place: Place) -> Chapter | None:
        return self._courses.chapter(place.course, place.chapter) if place.chapter else None
