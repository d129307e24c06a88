"""Talking with the teacher in a terminal, without a LiveKit server: `python -m tutor worker console`."""

import structlog
from livekit import agents
from livekit.agents import AgentSession

from tutor.domain.place import Place
from tutor.errors import TutorError
from tutor.rooms.agent import RoomTeacher
from tutor.rooms.counts import Counts
from tutor.rooms.session import session
from tutor.services.services import Services

log = structlog.get_logger()


class NoSoundCard(TutorError):
    """Nothing here to hear and to speak with."""

    code = "no_sound_card"
    text = "No microphone or no loudspeaker found. With --text you can type instead."


_NO_PORTAUDIO = (
    "LiveKit's console needs PortAudio, even for typing (apt-get install libportaudio2). "
    "python -m tutor ask works without."
)


def check_console(arguments: list[str]) -> None:
    """Find out before anything is loaded whether the console can hear and speak.

    Raises:
        NoSoundCard: It cannot, and was not asked to only type.
    """
    if "--help" in arguments:
        return
    try:
        import sounddevice
    except OSError as error:
        raise NoSoundCard(str(error), text=_NO_PORTAUDIO) from None
    if "--text" in arguments:
        return
    try:
        sounddevice.query_devices(kind="input")
        sounddevice.query_devices(kind="output")
    except (sounddevice.PortAudioError, ValueError) as error:
        raise NoSoundCard(str(error)) from None


class Console:
    """Teaches whoever sits at this machine; the course goes on where it was left.

    Args:
        ctx: Of LiveKit's console, which has no room behind it.
        services: As everywhere.
        counts: Nobody reads them here.
    """

    def __init__(self, ctx: agents.JobContext, services: Services, counts: Counts) -> None:
        self._ctx, self._services, self._counts = ctx, services, counts

    async def run(self) -> AgentSession[None]:
        """Begin; LiveKit's console does the rest. Gives the session, which runs until somebody ends it."""
        learner = await self._services.accounts.local()
        lesson = await self._services.lessons.resume(learner)
        place = Place(
            conversation_id=lesson.conversation.id, course=lesson.course.slug, chapter=lesson.chapter.slug
        )
        teacher = RoomTeacher(self._services, learner, place, self._ctx.room, self._counts)
        talk = session(teacher)
        await talk.start(teacher, record=False)
        log.info("console_open", chapter=lesson.chapter.slug)
        return talk

    async def end(self, reason: str) -> None:
        """The talk is over; the session has stored all of it."""
        log.info("console_closed", reason=reason)
