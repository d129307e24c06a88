"""What one learner may use: so much a minute, so much a day; and how that is told before it bites."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final, Literal

from tutor.domain.value import Value

NEARLY: Final = 0.8
"""Share of a day's allowance from which on the learner is told."""
FEW: Final = 5
"""Questions left in a minute from which on the learner is told."""

Kind = Literal["turns", "tokens", "voice"]


class Usage(Value):
    """What a learner used on one day."""

    day: str = ""
    """As 2026-11-22, in UTC."""
    tokens: int = 0
    """That models read and wrote."""
    voice_seconds: float = 0.0
    """Of sound, the learner's and the teacher's."""


class Allowance(Value):
    """One limit, and where a learner stands."""

    kind: Kind
    """`turns`: questions in a minute; `tokens`: of models, in a day; `voice`: seconds of sound, in a day."""
    limit: int
    used: int
    again_at: datetime
    """When it begins anew; for `turns`, when at least one more is free."""

    @property
    def left(self) -> int:
        """What may still be used."""
        return max(0, self.limit - self.used)

    @property
    def share(self) -> float:
        """Of the limit, that is used."""
        return self.used / self.limit if self.limit else 1.0


def midnight(now: datetime) -> datetime:
    """When the day of `now` is over."""
    return now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)


def notice(allowances: Iterable[Allowance], now: datetime) -> str:
    """A quiet line for the learner; '' while nothing is near its end."""
    lines = [line for allowance in allowances if (line := _line(allowance, now))]
    return " ".join(lines)


def wait(again_at: datetime, now: datetime) -> str:
    """How long it is until then, in words."""
    seconds = max(1, round((again_at - now).total_seconds()))
    if seconds < 90:
        return _counted(seconds, "second")
    minutes = round(seconds / 60)
    return _counted(minutes, "minute") if minutes < 90 else _counted(round(minutes / 60), "hour")


def _line(allowance: Allowance, now: datetime) -> str:
    if allowance.kind == "turns":
        if allowance.left > min(FEW, allowance.limit // 2):
            return ""
        return f"{_counted(allowance.left, 'question')} left this minute."
    if allowance.share < NEARLY:
        return ""
    what = "voice minutes" if allowance.kind == "voice" else "share of the models"
    used = min(100, int(allowance.share * 100))
    again = wait(allowance.again_at, now)
    return f"You have used {used} % of today's {what}. It starts again at midnight UTC, in {again}."


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
