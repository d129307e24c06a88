"""Where in a ladder file something stands, so that a message can name the line."""

import re
from collections.abc import Sequence

_HEADER = re.compile(r"\s*(\[\[?)\s*([^\[\]#]+?)\s*\]\]?\s*(?:#.*)?$")


class Lines:
    """Line numbers, counted from 1, of the tables and keys of a TOML text.

    TOML's parser in the standard library does not keep them. This reads headers and keys at the start of
    lines, which is how people write such files; for any other way of writing it names the table's line.
    """

    def __init__(self, text: str) -> None:
        self._lines = text.splitlines()
        self._tables: dict[str, list[int]] = {}
        for number, line in enumerate(self._lines, 1):
            if header := _HEADER.match(line):
                self._tables.setdefault(_plain(header[2]), []).append(number)

    def of(self, table: str) -> int:
        """The line where a table or key is first named, or 1."""
        found = self._tables.get(table)
        return found[0] if found else self._key(table, 1) or 1

    def at(self, location: Sequence[int | str]) -> int:
        """The line of a place as pydantic names it: `("rungs", 2, "model")`."""
        table, *rest = location
        index = rest.pop(0) if rest and isinstance(rest[0], int) else 0
        headers = self._tables.get(str(table), [])
        if isinstance(index, int) and index < len(headers):
            start = headers[index]
        else:
            start = self.of(f"{table}.{rest[0]}") if rest else self.of(str(table))
        for part in rest:
            nested = [line for line in self._tables.get(f"{table}.{part}", []) if line > start]
            start = nested[0] if nested else self._key(str(part), start + 1) or start
        return start

    def _key(self, name: str, start: int) -> int | None:
        """The line of `name = ...` from `start` on, before the next header."""
        key = re.compile(rf"""\s*["']?{re.escape(name)}["']?\s*=""")
        for number in range(start, len(self._lines) + 1):
            line = self._lines[number - 1]
            if key.match(line):
                return number
            if _HEADER.match(line):
                return None
        return None


def _plain(name: str) -> str:
    return ".".join(part.strip().strip("\"'") for part in name.split("."))
