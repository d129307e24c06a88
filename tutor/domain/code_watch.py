"""Holds back the code blocks of an answer that streams in, until each is whole and was looked at."""

import re
from collections.abc import Callable

_OPENS = re.compile(r"(?m)^[ \t>]*(`{3,}|~{3,})[^\n]*\n")
_MAY_OPEN = re.compile(r"(?m)^[ \t>]*(?:`{1,}[^\n]*|~{1,}[^\n]*)?\Z")
"""A last line that is, or may become, the beginning of a block."""


class CodeWatch:
    """Follows one answer, wherever its pieces are cut."""

    def __init__(self, held: Callable[[str], bool]) -> None:
        """Begin with nothing said.

        Args:
            held: Whether code must not be shown. Asked for each block, and for all blocks so far in a row.
        """
        self._must_hold = held
        self._rest = ""
        self._code: list[str] = []
        self.leaked = ""
        """`solution` where a block must not be shown; nothing more is let out then."""

    def feed(self, piece: str) -> str:
        """The next piece of the answer; returns what may go out now."""
        self._rest += piece
        return self._let_out(last=False)

    def flush(self) -> str:
        """What was held back, when no more will come."""
        return self._let_out(last=True)

    def _let_out(self, *, last: bool) -> str:
        out = ""
        while not self.leaked:
            opens = _OPENS.search(self._rest)
            if opens is None:
                waits = None if last else _MAY_OPEN.search(self._rest)
                cut = waits.start() if waits and waits[0].strip() else len(self._rest)
                out, self._rest = out + self._rest[:cut], self._rest[cut:]
                return out
            closes = re.compile(rf"(?m)^[ \t>]*{re.escape(opens[1])}[ \t]*$").search(self._rest, opens.end())
            if closes is None and not last:
                out, self._rest = out + self._rest[: opens.start()], self._rest[opens.start() :]
                return out
            ends = closes.end() if closes else len(self._rest)
            self._look(self._rest[opens.end() : closes.start() if closes else ends])
            if not self.leaked:
                out, self._rest = out + self._rest[:ends], self._rest[ends:]
        self._rest = ""
        return out

    def _look(self, code: str) -> None:
        self._code.append(code)
        if self._must_hold(code) or (len(self._code) > 1 and self._must_hold("\n".join(self._code))):
            self.leaked = "solution"
