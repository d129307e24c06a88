"""Who is talking now: one live conversation by voice for a learner, and a stated number for the site."""

from collections.abc import Callable
from dataclasses import dataclass, field

from tutor.errors import Busy


@dataclass(eq=False)
class Seat:
    """The place of one connection."""

    learner_id: str
    taken_over: Callable[[], None] = field(repr=False)
    """Called once, where the same learner has begun to talk somewhere else."""


class VoiceSeats:
    """The seats of this process.

    Args:
        limit: How many learners may talk at once.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._seats: dict[str, Seat] = {}

    @property
    def taken(self) -> int:
        """Seats that are taken."""
        return len(self._seats)

    def free_for(self, learner_id: str) -> int:
        """Seats that this learner could take; their own counts as free, for it would be taken over."""
        return self.limit - len(self._seats.keys() - {learner_id})

    def take(self, learner_id: str, taken_over: Callable[[], None]) -> Seat:
        """A seat. The learner's own older one is taken over: the newer window is the one they look at.

        Raises:
            Busy: All seats are taken.
        """
        older = self._seats.get(learner_id)
        if older is None and self.taken >= self.limit:
            taken = (
                "The one place for talking is"
                if self.limit == 1
                else f"All {self.limit} places for talking are"
            )
            text = f"{taken} taken right now. Try again in a few minutes, or type your question."
            raise Busy(f"{self.limit} voice seats are taken", text=text)
        seat = self._seats[learner_id] = Seat(learner_id, taken_over)
        if older is not None:
            older.taken_over()
        return seat

    def free(self, seat: Seat) -> None:
        """Give a seat back. One that was taken over, or given back before, changes nothing."""
        if self._seats.get(seat.learner_id) is seat:
            del self._seats[seat.learner_id]
