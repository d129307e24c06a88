"""What the guard decides is counted by tier and label."""

from tests.services.classroom import ScriptedGuard, verdict
from tutor.domain.topic import Harm, Label
from tutor.services.counted_guard import CountedGuard
from tutor.services.counters import Counters


async def test_every_verdict_is_counted() -> None:
    """An owner could not see how many messages are declined, and whether the guard is too strict."""
    counters = Counters()
    asked = verdict(Label.UNSAFE, harm=Harm.MALWARE, tier="ai")
    guard = CountedGuard(ScriptedGuard(verdict(Label.OFF), asked), counters)
    assert guard.judge("a", (), None).label is Label.OFF
    assert guard.judge("b", (), None).label is Label.OFF
    assert await guard.ask("c", (), None) == asked
    assert counters.events == {"guard_local_off": 2, "guard_ai_unsafe_malware": 1}


async def test_no_verdict_counts_for_nothing() -> None:
    """A model that did not answer would look like one that let everything through."""
    counters = Counters()
    assert await CountedGuard(ScriptedGuard(verdict(Label.ON)), counters).ask("a", (), None) is None
    assert counters.events == {}
