"""A guard whose verdicts are counted, so that an owner sees how much is declined, and by which tier."""

from collections.abc import Sequence

from tutor.domain.chat import ChatMessage
from tutor.domain.course import Chapter
from tutor.domain.topic import Verdict
from tutor.services.counters import Counters
from tutor.services.ports import Guard


class CountedGuard:
    """Implements the port `Guard` around another one."""

    def __init__(self, guard: Guard, counters: Counters) -> None:
        self._guard = guard
        self._counters = counters

    def judge(self, message: str, history: Sequence[ChatMessage], chapter: Chapter | None) -> Verdict:
        """The local tier's verdict."""
        return self._counted(self._guard.judge(message, history, chapter))

    async def ask(
        self, message: str, history: Sequence[ChatMessage], chapter: Chapter | None
    ) -> Verdict | None:
        """The AI tier's; where there is none, nothing is counted."""
        verdict = await self._guard.ask(message, history, chapter)
        return self._counted(verdict) if verdict else None

    def _counted(self, verdict: Verdict) -> Verdict:
        harm = f"_{verdict.harm.value}" if verdict.harm else ""
        self._counters.event(f"guard_{verdict.tier}_{verdict.label.value}{harm}")
        return verdict
