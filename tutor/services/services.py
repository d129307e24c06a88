"""Everything a front needs, in one record. `tutor.wiring` fills it."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from tutor.domain.audio import Audio
from tutor.services.accounts import Accounts
from tutor.services.conversation import Teacher
from tutor.services.counters import Counters
from tutor.services.course_sites import CourseSites
from tutor.services.drain import Drain
from tutor.services.journey import Journey
from tutor.services.lessons import Lessons
from tutor.services.limits import Limits
from tutor.services.mode import Mode
from tutor.services.ports import CourseSource, EndOfTurn, Guard, TurnStore, VoiceActivity
from tutor.services.privacy import Privacy
from tutor.services.voice_seats import VoiceSeats
from tutor.services.workbook import Workbook
from tutor.settings import Settings


@dataclass(frozen=True)
class Services:
    """The use cases, ready to be called after `start`."""

    settings: Settings
    accounts: Accounts
    courses: CourseSource
    lessons: Lessons
    sites: CourseSites
    guard: Guard
    workbook: Workbook
    journey: Journey
    limits: Limits
    teacher: Teacher
    turns: TurnStore
    privacy: Privacy
    mode: Mode
    drain: Drain
    counters: Counters
    read_audio: Callable[[bytes], Awaitable[Audio]]
    """Sound from the bytes of a recording. Raises AudioUnreadable or AudioTooLong."""
    write_audio: Callable[[Sequence[Audio]], bytes]
    """A WAV file of pieces of sound, one after the other."""
    relays: Callable[[], Awaitable[dict[str, Any]]]
    """An RTCConfiguration for a learner's browser, with TURN servers if there are any."""
    voices: tuple[str, ...]
    """Names of voices that a learner may choose from; empty where there is but one."""
    voice_activity: Callable[[], VoiceActivity]
    """A detector for one stream. Raises ModelMissing at its first use."""
    turn_end: EndOfTurn | None
    """Tells an end from a hesitation; None where its model is not installed, and pauses alone decide."""
    voice_seats: VoiceSeats
    ping: Callable[[], Awaitable[None]]
    """Raises StoreUnavailable where the database does not answer."""
    start: Callable[[], Awaitable[None]]
    """Brings the database up to date; to be called once, before anything else."""
    warm_search: Callable[[], Awaitable[None]]
    """Loads what the guard and the lesson guide search with."""
    prepare: Callable[[], Awaitable[None]]
    """Makes the providers' clients, without a connection. A first question would wait 0.05 s for each."""
    warm_models: Callable[[], Awaitable[None]]
    """Asks the providers which models they have; what is gone is not asked again."""
    warm_voice: Callable[[], Awaitable[None]]
    """Loads the local voice models."""
    close: Callable[[], Awaitable[None]]
