"""One turn while it runs."""

import asyncio
from dataclasses import dataclass, field
from time import perf_counter

from tutor.domain.chat import Brief, Finish
from tutor.domain.conversation import Outcome, TurnEnd
from tutor.domain.topic import Verdict
from tutor.domain.turn import Declined, Delta, Restarted, Said, TurnEvent


@dataclass
class RunningTurn:
    """One turn while it runs: what `close_turn` will store."""

    learner_id: str
    brief: Brief
    began: float = field(default_factory=perf_counter)
    drafted: float = field(default_factory=perf_counter)
    """When the text so far was last stored."""
    drafting: asyncio.Task[None] | None = None
    """Stores it; a new one only when this is done."""
    id: str = ""
    message_id: str = ""
    outcome: Outcome = Outcome.INTERRUPTED
    shown: list[str] = field(default_factory=list)
    finish: Finish | None = None
    verdict: Verdict | None = None
    heard_ms: int = 0
    guard_ms: int = 0
    first_token_ms: int = 0
    error_code: str = ""
    stopped: bool = False
    """Set when the learner says stop; the turn then ends before its next event."""

    @property
    def ms(self) -> int:
        return round((perf_counter() - self.began) * 1000)

    @property
    def text(self) -> str:
        return "".join(self.shown).strip()

    def show(self, event: TurnEvent) -> None:
        """Keep in mind what the learner gets to see."""
        match event:
            case Restarted():
                self.shown.clear()
            case Delta(text=text) | Declined(text=text):
                self.first_token_ms = self.first_token_ms or self.ms
                self.shown.append(text)

    def end(self) -> TurnEnd:
        finish = self.finish or Finish(rung="", model="")
        return TurnEnd(
            outcome=self.outcome,
            text=self.text,
            rung=finish.rung,
            model=finish.model,
            sources=finish.sources,
            verdict=self.verdict.label if self.verdict else "",
            tier=self.verdict.tier if self.verdict else "",
            prompt_tokens=finish.prompt_tokens,
            completion_tokens=finish.completion_tokens,
            cost=finish.cost,
            heard_ms=self.heard_ms,
            guard_ms=self.guard_ms,
            first_token_ms=self.first_token_ms,
            total_ms=self.ms,
            error_code=self.error_code,
        )

    def said(self) -> Said:
        end = self.end()
        return Said(
            message_id=self.message_id,
            note=self.finish.note if self.finish else "",
            **end.model_dump(include={"text", "rung", "model", "sources", "first_token_ms", "total_ms"}),
        )
