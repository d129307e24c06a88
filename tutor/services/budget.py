"""What answers may cost: per learner and day, and for the whole site."""

from collections.abc import Callable
from datetime import UTC, date, datetime

from tutor.rungs import Allowance, Rung, Tier

_STEPS = ((1.0, None), (0.85, Tier.SMALL), (0.6, Tier.MEDIUM))
"""From which share of a budget on which tier answers; None: only what is free."""
SMALLER = "Today's budget is nearly used up, so a smaller model answered."
USED_UP = (
    "Today's budget is used up, so this answer comes from the text of the course. It begins anew tomorrow."
)


_UNLIMITED = Allowance()


def _today() -> date:
    return datetime.now(UTC).date()


class Budget:
    """Counts US dollars by UTC day, in this process. A store feeds it at start, so that a restart forgets
    nothing.
    """

    def __init__(self, allowance: Allowance = _UNLIMITED, *, today: Callable[[], date] = _today) -> None:
        self._allowance = allowance
        self._today = today
        self._day = today()
        self._site = 0.0
        self._learners: dict[str, float] = {}

    def charge(self, learner_id: str, dollars: float) -> None:
        """Add what an answer cost. An empty id counts for the site only."""
        self._turn_page()
        self._site += dollars
        if learner_id and dollars:
            self._learners[learner_id] = self._learners.get(learner_id, 0.0) + dollars

    def spent(self, learner_id: str) -> tuple[float, float]:
        """US dollars of today: of this learner, and of all."""
        self._turn_page()
        return self._learners.get(learner_id, 0.0), self._site

    def used(self, learner_id: str) -> float:
        """The share of the tighter budget that is used; 0.0 where there is no limit."""
        mine, site = self.spent(learner_id)
        return max(
            _share(mine, self._allowance.learner_per_day) if learner_id else 0.0,
            _share(site, self._allowance.site_per_day),
        )

    def admits(self, rung: Rung, used: float) -> bool:
        """Whether a rung may still answer with this share used."""
        for share, tier in _STEPS:
            if used >= share:
                return rung.price.free or (tier is not None and rung.tier.rank >= tier.rank)
        return True

    def note(self, used: float, *, by_model: bool) -> str:
        """What the learner should know of it; '' where nothing is held back."""
        if used < _STEPS[-1][0]:
            return ""
        return SMALLER if by_model else USED_UP if used >= 1.0 else ""

    def _turn_page(self) -> None:
        if (today := self._today()) != self._day:
            self._day, self._site = today, 0.0
            self._learners.clear()


def _share(spent: float, limit: float | None) -> float:
    if limit is None:
        return 0.0
    return spent / limit if limit > 0 else 1.0
