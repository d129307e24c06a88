"""Who may talk now."""

import pytest

from tutor.errors import Busy
from tutor.services.voice_seats import VoiceSeats


def nothing() -> None: ...


def test_the_next_one_is_told_kindly() -> None:
    """A learner without a seat would wait for an answer that never comes."""
    seats = VoiceSeats(2)
    seats.take("ada", nothing)
    seats.take("bob", nothing)
    with pytest.raises(Busy) as refused:
        seats.take("eve", nothing)
    assert "All 2 places" in refused.value.text
    assert seats.taken == 2


def test_a_seat_that_is_given_back_is_free() -> None:
    """After some calls nobody could talk any more."""
    seats = VoiceSeats(1)
    for learner in ("ada", "bob", "ada"):
        seat = seats.take(learner, nothing)
        seats.free(seat)
        seats.free(seat)
    assert seats.taken == 0


def test_the_newer_window_of_a_learner_takes_over() -> None:
    """One learner could take every seat, or be locked out by a window that they closed."""
    told: list[str] = []
    seats = VoiceSeats(1)
    older = seats.take("ada", lambda: told.append("older"))
    newer = seats.take("ada", lambda: told.append("newer"))
    assert told == ["older"]
    seats.free(older)  # what the older window does when it is told
    assert seats.taken == 1
    seats.free(newer)
    assert seats.taken == 0
