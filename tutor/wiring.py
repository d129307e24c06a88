"""The only file that sees everything: settings in, services out."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Protocol, runtime_checkable

import structlog
from limits.errors import ConfigurationError

from tutor.adapters import llm, stt, tts, turn_end, wav
from tutor.adapters.courses import FolderCourses
from tutor.adapters.encoder import StaticEncoder
from tutor.adapters.llm.guide import GuideModel
from tutor.adapters.passwords import Argon2Passwords
from tutor.adapters.relays import relays
from tutor.adapters.sentence_encoder import SentenceEncoder
from tutor.adapters.store.accounts import SqlAccounts
from tutor.adapters.store.conversations import SqlConversations
from tutor.adapters.store.engine import Database
from tutor.adapters.store.practice import SqlPractice
from tutor.adapters.store.progress import SqlProgress
from tutor.adapters.store.records import SqlRecords
from tutor.adapters.store.spending import SqlSpending
from tutor.adapters.store.spent_tokens import SqlSpentTokens
from tutor.adapters.store.usage import SqlUsage
from tutor.adapters.topic_model import TrainedTopicModel
from tutor.adapters.vad import Vad
from tutor.domain.audio import Audio
from tutor.errors import SettingsError, TutorError
from tutor.rungs import Tier
from tutor.services.accounts import Accounts
from tutor.services.budget import Budget
from tutor.services.conversation import Teacher
from tutor.services.counted_guard import CountedGuard
from tutor.services.counters import Counters
from tutor.services.course_sites import CourseSites
from tutor.services.discretion import Discretion
from tutor.services.drain import Drain
from tutor.services.guard import TopicGuard
from tutor.services.journey import Journey
from tutor.services.ladder import Ladder
from tutor.services.lessons import Lessons
from tutor.services.limits import Limits, Most
from tutor.services.line import Line
from tutor.services.mode import Mode, Readiness
from tutor.services.narrator import Narrator
from tutor.services.ports import ChatModel
from tutor.services.privacy import Privacy
from tutor.services.services import Services
from tutor.services.speech_ladder import SpeakerLadder, TranscriberLadder, speech_rungs
from tutor.services.throttle import Throttle
from tutor.services.tokens import Tokens, load_signing_keys
from tutor.services.voice_seats import VoiceSeats
from tutor.services.workbook import Workbook
from tutor.settings import Settings

log = structlog.get_logger()


@runtime_checkable
class Closable(Protocol):
    """Something that holds connections or tasks."""

    async def aclose(self) -> None:
        """Let go of them."""


@runtime_checkable
class Preparable(Protocol):
    """Something that makes a client of a provider's SDK, which takes a moment."""

    async def prepare(self) -> None:
        """Make it now. Raises ProviderError."""


def build(settings: Settings) -> Services:
    """Put the app together. Nothing is loaded, and nothing written but the signing key, before `start`.

    Raises:
        SettingsError: The data folder, the database or the signing key cannot be used.
    """
    _make_data_dir(settings)
    database = Database(settings.database_url)
    turns, progress = SqlConversations(database), SqlProgress(database)
    practice = SqlPractice(database)
    spending = SqlSpending(database)
    passwords, throttle = Argon2Passwords(), _throttle(settings)
    accounts = Accounts(
        store=SqlAccounts(database),
        passwords=passwords,
        tokens=Tokens(load_signing_keys(settings), now=_now),
        throttle=throttle,
        settings=settings,
        now=_now,
    )
    courses = FolderCourses(settings.courses_dir, settled=1.0)
    encoder = StaticEncoder()
    guide = GuideModel(courses, encoder)
    topic = TrainedTopicModel(SentenceEncoder())
    connected = llm.connect(settings)
    counters, budget = Counters(), Budget(connected.plan.budget)
    ladder = Ladder(
        connected.rungs,
        floor=guide,
        limits=connected.plan.limits,
        budget=budget,
        catalogues=connected.providers,
        skipped=connected.skipped,
        counters=counters,
    )
    transcribers, speakers = stt.transcribers(settings), tts.speakers(settings)
    ears = TranscriberLadder(speech_rungs(transcribers), counters=counters) if transcribers else None
    mouth = SpeakerLadder(speech_rungs(speakers), counters=counters) if speakers else None
    quick_ear = stt.quick(settings)
    ends = None if turn_end.missing() else turn_end.SmartTurn()
    guard = CountedGuard(TopicGuard(topic, model=small_model(connected)), counters)
    drain = Drain()
    limits = Limits(
        SqlUsage(database),
        throttle,
        Most(settings.turns_per_minute, settings.tokens_per_day, settings.voice_minutes_per_day),
        now=_now,
    )
    teacher = Teacher(
        turns=turns,
        practice=practice,
        courses=courses,
        guard=guard,
        model=Discretion(ladder if connected.rungs else guide, courses, counters=counters, floor=guide),
        transcriber=ears,
        quick_ear=quick_ear,
        narrator=Narrator(mouth),
        limits=limits,
        line=Line(at_once=settings.turns_at_once, waiting=settings.turns_waiting),
        drain=drain,
        max_message_chars=settings.max_message_chars,
        max_audio_seconds=settings.max_audio_seconds,
        styles=settings.styles,
    )
    privacy = Privacy(
        records=SqlRecords(database), accounts=accounts, retention_days=settings.retention_days, now=_now
    )
    mode = Mode(
        models=tuple(rung.name for rung, _ in connected.rungs),
        hears=_readiness(transcribers),
        speaks=_readiness(speakers),
    )

    async def start() -> None:
        await asyncio.to_thread(database.migrate)
        await turns.recover()
        await privacy.tidy()
        today = _now().replace(hour=0, minute=0, second=0, microsecond=0)
        for learner_id, dollars in (await spending.spent_since(today)).items():
            budget.charge(learner_id, dollars)

    async def warm_search() -> None:
        await asyncio.to_thread(topic.warm)
        await asyncio.to_thread(guide.warm)

    async def prepare() -> None:
        for part in (*connected.providers.values(), *transcribers, *speakers):
            if isinstance(part, Preparable):
                try:
                    await part.prepare()
                except TutorError as error:  # whoever asks it is told so too
                    log.warning("client_not_made", code=error.code, detail=str(error))

    async def warm_models() -> None:
        for finding in await ladder.check():
            log.info("rung_checked", rung=finding.rung, ok=finding.ok, found=finding.text)

    async def warm_voice() -> None:
        mode.hears = await _warmed(transcribers)
        mode.speaks = await _warmed(speakers)
        for part in (quick_ear, ends):
            if part is not None:
                await _warmed([part])
        await asyncio.to_thread(teacher.listen.warm)

    async def close() -> None:
        for part in (ladder, ears, mouth, connected, *transcribers, *speakers):
            if isinstance(part, Closable):
                await part.aclose()
        passwords.close()
        throttle.close()
        database.close()

    async def read_audio(data: bytes) -> Audio:
        return await asyncio.to_thread(wav.decode, data, max_seconds=settings.max_audio_seconds)

    return Services(
        settings=settings,
        accounts=accounts,
        courses=courses,
        guard=guard,
        sites=CourseSites(
            {
                site: [key.get_secret_value().encode() for key in keys]
                for site, keys in settings.embed_keys.items()
            },
            spent=SqlSpentTokens(database),
            throttle=throttle,
            now=_now,
        ),
        lessons=Lessons(courses=courses, turns=turns, progress=progress, now=_now),
        journey=Journey(courses=courses, practice=practice, now=_now),
        workbook=Workbook(courses=courses, practice=practice, throttle=throttle, now=_now),
        limits=limits,
        teacher=teacher,
        turns=turns,
        privacy=privacy,
        mode=mode,
        drain=drain,
        counters=counters,
        read_audio=read_audio,
        write_audio=_joined,
        relays=relays(settings).configuration,
        voices=tts.voices(settings),
        voice_activity=Vad,
        turn_end=ends,
        voice_seats=VoiceSeats(settings.voice_sessions),
        ping=database.ping,
        start=start,
        warm_search=warm_search,
        prepare=prepare,
        warm_models=warm_models,
        warm_voice=warm_voice,
        close=close,
    )


def _throttle(settings: Settings) -> Throttle:
    if settings.redis_url is None:
        return Throttle()
    try:
        return Throttle(settings.redis_url.get_secret_value())
    except (ConfigurationError, TypeError, ValueError) as error:
        text = "TUTOR_REDIS_URL cannot be used; write it as redis://host:6379, or rediss:// with TLS."
        raise SettingsError(type(error).__name__, text=text) from None


def _now() -> datetime:
    return datetime.now(UTC)


def _joined(pieces: Sequence[Audio]) -> bytes:
    if not pieces:
        return wav.encode(Audio(pcm=b"", sample_rate=16_000))
    return wav.encode(Audio(pcm=b"".join(piece.pcm for piece in pieces), sample_rate=pieces[0].sample_rate))


def small_model(connected: llm.Connected) -> ChatModel | None:
    """The model behind the guard's AI tier: a verdict is short, and must come quickly."""
    small = [model for rung, model in connected.rungs if rung.tier is Tier.SMALL]
    return next(iter([*small, *(model for _, model in connected.rungs)]), None)


def _make_data_dir(settings: Settings) -> None:
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        text = f"TUTOR_DATA_DIR: {settings.data_dir} cannot be used: {error.strerror}."
        raise SettingsError(text, text=text) from error


def _readiness(voices: Sequence[object]) -> Readiness:
    """Of the voice that is tried first: a remote one is ready as it stands."""
    if not voices:
        return Readiness.OFF
    return Readiness.LOADING if hasattr(voices[0], "warm") else Readiness.READY


async def _warmed(voices: Sequence[object]) -> Readiness:
    state = _readiness(voices)
    if state is not Readiness.LOADING:
        return state
    try:
        await voices[0].warm()  # type: ignore[attr-defined]  # _readiness saw that it has one
    except TutorError as error:
        log.error("voice_not_loaded", code=error.code, detail=str(error))
        return Readiness.FAILED
    return Readiness.READY
