"""What one learner may use: questions in a minute, tokens of models and minutes of talking in a day."""

from collections.abc import Callable
from datetime import datetime
from math import ceil
from typing import Final, NamedTuple

from tutor.domain.allowance import Allowance, Usage, midnight, wait
from tutor.domain.learner import Learner
from tutor.errors import DayUsedUp, TooManyTries, VoiceUsedUp
from tutor.services.ports import UsageStore
from tutor.services.throttle import Rule, Throttle


class Most(NamedTuple):
    """The limits of a site, for each learner. 0: none."""

    turns_per_minute: int = 0
    tokens_per_day: int = 0
    voice_minutes_per_day: int = 0


FREE: Final = Most()


class Limits:
    """Admits turns. Questions are counted by the throttle, tokens and sound by the store.

    A turn is admitted while anything is left, and may use more than that: so a learner who asks in several
    windows at once can pass a limit of the day by the length of those turns, and no further.

    Args:
        usage: What was used, shared by all processes.
        throttle: Counts questions.
        most: The limits.
        now: The clock.
    """

    def __init__(
        self, usage: UsageStore, throttle: Throttle, most: Most = FREE, *, now: Callable[[], datetime]
    ) -> None:
        self._usage = usage
        self._throttle = throttle
        self._most = most
        self._now = now
        self._pace = Rule("turns", f"{most.turns_per_minute}/minute") if most.turns_per_minute else None

    async def admit(self, learner: Learner, *, by_voice: bool = False) -> None:
        """Count one question, unless it is one too many.

        Raises:
            TooManyTries: For this minute; DayUsedUp or VoiceUsedUp for today. `retry_after` tells when.
            Busy: The shared throttle does not answer.
            StoreUnavailable: What was used today cannot be read.
        """
        await self._admit_today(learner, by_voice=by_voice)
        if self._pace is None:
            return
        try:
            await self._throttle.hit(self._pace, learner.id)
        except TooManyTries as error:
            seconds = error.retry_after or 1.0
            text = f"That was many questions in one minute. You can ask again in {ceil(seconds)} seconds."
            raise TooManyTries(str(error), retry_after=seconds, text=text) from error

    async def admit_voice(self, learner: Learner) -> None:
        """Whether the learner may begin to talk. Raises VoiceUsedUp or StoreUnavailable."""
        if self._most.voice_minutes_per_day:
            self._refuse_voice(await self._today(learner))

    async def talked(self, learner: Learner, seconds: float) -> None:
        """Add sound that was heard or spoken. Raises StoreUnavailable."""
        if self._most.voice_minutes_per_day:
            await self._usage.add_voice(learner.id, seconds, day=_day(self._now()))

    async def of(self, learner: Learner) -> tuple[Allowance, ...]:
        """Where the learner stands with each limit that there is. Raises Busy or StoreUnavailable."""
        now, found = self._now(), []
        if self._pace is not None:
            left, seconds = await self._throttle.left(self._pace, learner.id)
            again, most = now.timestamp() + seconds, self._most.turns_per_minute
            again_at = datetime.fromtimestamp(again, now.tzinfo)
            found.append(Allowance(kind="turns", limit=most, used=most - left, again_at=again_at))
        if self._most.tokens_per_day or self._most.voice_minutes_per_day:
            found += self._of_day(await self._today(learner), midnight(now))
        return tuple(found)

    def _of_day(self, used: Usage, again_at: datetime) -> list[Allowance]:
        day = [
            Allowance(kind="tokens", limit=self._most.tokens_per_day, used=used.tokens, again_at=again_at),
            Allowance(
                kind="voice",
                limit=self._most.voice_minutes_per_day * 60,
                used=round(used.voice_seconds),
                again_at=again_at,
            ),
        ]
        return [allowance for allowance in day if allowance.limit]

    async def _admit_today(self, learner: Learner, *, by_voice: bool) -> None:
        by_voice = by_voice and self._most.voice_minutes_per_day > 0
        if not (self._most.tokens_per_day or by_voice):
            return
        used = await self._today(learner)
        if self._most.tokens_per_day and used.tokens >= self._most.tokens_per_day:
            seconds, when = self._again()
            text = (
                "You have asked as much as this site allows in one day. You can ask again at midnight UTC, "
                f"in {when}. The lessons, their cells and hints go on working."
            )
            raise DayUsedUp(f"{used.tokens} tokens", retry_after=seconds, text=text)
        if by_voice:
            self._refuse_voice(used)

    def _refuse_voice(self, used: Usage) -> None:
        if used.voice_seconds < self._most.voice_minutes_per_day * 60:
            return
        seconds, when = self._again()
        minutes = self._most.voice_minutes_per_day
        text = (
            f"You have used today's {minutes} minutes of talking. You can type your questions now, and talk "
            f"again at midnight UTC, in {when}."
        )
        raise VoiceUsedUp(f"{used.voice_seconds:.0f} s of sound", retry_after=seconds, text=text)

    def _again(self) -> tuple[float, str]:
        now = self._now()
        return (midnight(now) - now).total_seconds(), wait(midnight(now), now)

    async def _today(self, learner: Learner) -> Usage:
        used = await self._usage.usage(learner.id)
        return used if used.day == _day(self._now()) else Usage()


def _day(now: datetime) -> str:
    return now.date().isoformat()
