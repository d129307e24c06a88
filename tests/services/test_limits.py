"""What one learner may use: counted by the store and the throttle, told kindly, free again on time."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.services.classroom import SECOND, Class, classroom, events, kinds
from tutor.adapters.store.usage import SqlUsage
from tutor.domain.allowance import Usage
from tutor.domain.audio import Audio
from tutor.domain.conversation import Via
from tutor.domain.turn import Failed, TurnEvent
from tutor.errors import DayUsedUp, TooManyTries, TutorError, VoiceUsedUp
from tutor.services.limits import Limits, Most
from tutor.services.throttle import Throttle


@pytest.fixture
async def lesson(tmp_path: Path) -> AsyncIterator[Class]:
    async with classroom(tmp_path) as made:
        yield made


def failure(turn: list[TurnEvent]) -> Failed:
    assert isinstance(turn[-1], Failed), turn
    return turn[-1]


async def test_tokens_of_a_day(lesson: Class) -> None:
    """One learner could use up what the owner pays for all of them."""
    lesson.tokens_per_day = 15  # a turn of the script takes 10
    assert kinds(await events(lesson.ask("One?")))[-1] == "said"
    assert kinds(await events(lesson.ask("Two?")))[-1] == "said"
    failed = failure(await events(lesson.ask("Three?")))
    assert failed.code == "day_used_up"
    assert 0 < failed.retry_after <= 86_400
    assert "midnight UTC" in failed.text
    assert len(lesson.turns()) == 2, "a refused question was stored"
    (left,) = [one for one in await lesson.limits.of(lesson.learner) if one.kind == "tokens"]
    assert (left.used, left.left) == (20, 0)


async def test_minutes_of_talking(lesson: Class) -> None:
    """One learner could keep a seat and the speech models all day; and typing would end with talking."""
    lesson.voice_minutes_per_day = 1
    half = Audio(pcm=SECOND.pcm * 40, sample_rate=16_000)
    for _ in range(2):
        turn = lesson.teacher.hear(lesson.learner, lesson.place, half)
        assert kinds(await events(turn))[-1] == "said"
    failed = failure(await events(lesson.teacher.hear(lesson.learner, lesson.place, half)))
    assert failed.code == "voice_used_up"
    assert failed.retry_after > 0
    assert "type" in failed.text
    live = lesson.teacher.answer(lesson.learner, lesson.place, "Why?", via=Via.VOICE, heard_seconds=1.0)
    assert failure(await events(live)).code == "voice_used_up"
    with pytest.raises(VoiceUsedUp):
        await lesson.limits.admit_voice(lesson.learner)
    assert kinds(await events(lesson.ask("I type instead?")))[-1] == "said"


async def test_sound_of_a_live_conversation_counts(lesson: Class) -> None:
    """Only recordings would count, and talking live would be free."""
    lesson.voice_minutes_per_day = 60
    await events(
        lesson.teacher.answer(lesson.learner, lesson.place, "Why?", via=Via.VOICE, heard_seconds=3.5)
    )
    used = await SqlUsage(lesson.store.database).usage(lesson.learner.id)
    assert used.voice_seconds == 3.5


async def test_a_new_day_begins_anew(lesson: Class) -> None:
    """Who was at the limit yesterday would stay locked out."""
    now = [datetime(2026, 11, 22, 23, 59, tzinfo=UTC)]
    usage = SqlUsage(lesson.store.database)
    limits = Limits(usage, Throttle(), Most(voice_minutes_per_day=1), now=lambda: now[0])
    await limits.talked(lesson.learner, 61)
    with pytest.raises(VoiceUsedUp) as refused:
        await limits.admit_voice(lesson.learner)
    assert refused.value.retry_after == 60
    now[0] += timedelta(minutes=2)
    await limits.admit_voice(lesson.learner)
    await limits.talked(lesson.learner, 5)
    assert await usage.usage(lesson.learner.id) == Usage(day="2026-11-23", voice_seconds=5)
    now[0] -= timedelta(minutes=2)  # another process, whose clock is late
    await limits.talked(lesson.learner, 7)
    assert await usage.usage(lesson.learner.id) == Usage(day="2026-11-23", voice_seconds=12)


async def test_processes_count_together(lesson: Class) -> None:
    """Each process would grant the whole day anew, or two that add at once would lose one's count."""
    one, other = SqlUsage(lesson.store.database), SqlUsage(lesson.store.database)
    adds = [store.add_voice(lesson.learner.id, 1.0, day="2026-11-22") for store in (one, other) * 10]
    await asyncio.gather(*adds)
    assert (await one.usage(lesson.learner.id)).voice_seconds == 20


async def test_learners_are_counted_apart(lesson: Class) -> None:
    """One learner's limit would be another's."""
    lesson.tokens_per_day = 5
    await events(lesson.ask())
    with pytest.raises(DayUsedUp):
        await lesson.limits.admit(lesson.learner)
    await lesson.limits.admit(lesson.learner.model_copy(update={"id": "mallory"}))


async def test_questions_of_a_minute_are_told(lesson: Class) -> None:
    """The page could not say how many questions are left."""
    lesson.turns_per_minute = 3
    await lesson.limits.admit(lesson.learner)
    (turns,) = await lesson.limits.of(lesson.learner)
    assert (turns.kind, turns.limit, turns.left) == ("turns", 3, 2)
    for _ in range(2):
        await lesson.limits.admit(lesson.learner)
    with pytest.raises(TooManyTries) as refused:
        await lesson.limits.admit(lesson.learner)
    assert 0 < (refused.value.retry_after or 0) <= 60
    assert "seconds" in refused.value.text


async def test_no_limit_costs_nothing(lesson: Class, monkeypatch: pytest.MonkeyPatch) -> None:
    """An owner who switched the limits off would pay for reads of the database at every turn."""
    lesson.turns_per_minute = 0

    async def asked(*_: object, **__: object) -> Usage:
        raise TutorError("the store was asked")

    monkeypatch.setattr(SqlUsage, "usage", asked)
    monkeypatch.setattr(SqlUsage, "add_voice", asked)
    assert kinds(await events(lesson.teacher.hear(lesson.learner, lesson.place, SECOND)))[-1] == "said"
    assert await lesson.limits.of(lesson.learner) == ()
