"""How many extra calls hedging may make."""


class HedgeShare:
    """A bucket that every call fills a little and every extra call empties by one."""

    _DEEPEST = 3.0
    """Extra calls that may follow each other: a bad moment, not a bad hour."""

    def __init__(self, share: float) -> None:
        """`share` is extra calls over calls: 0.05 for one in twenty."""
        self._share = share
        self._left = 1.0 if share else 0.0

    def called(self) -> None:
        """An ordinary call was made."""
        self._left = min(self._left + self._share, self._DEEPEST)

    def take(self) -> bool:
        """Whether an extra call may be made now; it is counted if so."""
        if self._left < 1.0:
            return False
        self._left -= 1.0
        return True
