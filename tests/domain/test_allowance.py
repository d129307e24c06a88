"""What a learner may use, and when they are told."""

from datetime import UTC, datetime, timedelta

import pytest

from tutor.domain.allowance import Allowance, Kind, midnight, notice, wait

AGAIN = "It starts again at midnight UTC, in 12 hours."
NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def at(kind: Kind, limit: int, used: int) -> Allowance:
    return Allowance(kind=kind, limit=limit, used=used, again_at=midnight(NOON))


@pytest.mark.parametrize(
    ("allowance", "words"),
    [
        (at("turns", 20, 14), ""),
        (at("turns", 20, 15), "5 questions left this minute."),
        (at("turns", 20, 19), "1 question left this minute."),
        (at("turns", 20, 22), "0 questions left this minute."),
        (at("turns", 4, 1), ""),
        (at("turns", 4, 2), "2 questions left this minute."),
        (at("voice", 3600, 2879), ""),
        (
            at("voice", 3600, 2880),
            f"You have used 80 % of today's voice minutes. {AGAIN}",
        ),
        (
            at("tokens", 1000, 4000),
            f"You have used 100 % of today's share of the models. {AGAIN}",
        ),
    ],
)
def test_the_learner_is_told_before_it_bites(allowance: Allowance, words: str) -> None:
    """A learner would learn of a limit only by running into it, or be told of one that is far away."""
    assert notice([allowance], NOON) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "1 second"), (1, "1 second"), (59, "59 seconds"), (90, "2 minutes"), (3600, "60 minutes"),
     (7200, "2 hours")],
)  # fmt: skip
def test_how_long_it_is(seconds: int, words: str) -> None:
    """The wait would be told in a way that nobody reads at a glance."""
    assert wait(NOON + timedelta(seconds=seconds), NOON) == words


def test_midnight_is_the_next_one() -> None:
    """At midnight itself, the allowance of the day that begins would be over at once."""
    assert midnight(NOON) == datetime(2026, 11, 23, tzinfo=UTC)
    assert midnight(midnight(NOON)) == datetime(2026, 11, 24, tzinfo=UTC)
