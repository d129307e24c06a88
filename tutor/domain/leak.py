"""Whether an answer reads out what it must not: instructions, or an unreleased solution."""

import base64
import codecs
import unicodedata
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

_RUN = 40
"""Letters in a row, about eight words, that are no coincidence in prose."""
_CODE_RUN = 24
"""The same for code: about a line and a half."""
_SHORTEST = 10
"""A part of a solution with fewer letters than this, such as `else:`, stands in every other program too."""
_DOUBT = 16
"""From so many letters on, what may become a quotation is held back."""


@dataclass(frozen=True)
class Secret:
    """A text that answers must not quote, as letters: spacing, case, Markdown, punctuation do not count."""

    name: str
    """For the log: `instructions`, or `solution`."""
    texts: tuple[str, ...]
    run: int
    """Letters in a row that count as a quotation."""
    code: bool = False
    """True: digits count, comments do not."""

    @cached_property
    def whole(self) -> str:
        """All of it, for a search; no quotation goes from one text into the next."""
        return "\n".join(self.texts)

    @property
    def doubt(self) -> int:
        """Letters in a row that may become a quotation."""
        return min(_DOUBT, self.run // 2)

    @cached_property
    def openings(self) -> frozenset[str]:
        """Every run of `doubt` letters."""
        size = self.doubt
        return frozenset(text[i : i + size] for text in self.texts for i in range(len(text) - size + 1))


def instructions(texts: Iterable[str]) -> Secret:
    """The secret that our own instructions are, also backwards, in rot13 and in base64.

    Args:
        texts: Without what a learner may read: titles, lesson.
    """
    told: list[str] = []
    for text in texts:
        plain = letters(text)
        told += [plain, plain[::-1], codecs.encode(plain, "rot13")]
        for line in text.splitlines():
            # Base64 takes three bytes at a time: a line looks different at each offset.
            told += [letters(base64.b64encode(line[skip:].encode()).decode()) for skip in range(3)]
    return Secret("instructions", tuple(filter(None, told)), _RUN)


@lru_cache(maxsize=512)
def solution(source: str, starter: str) -> tuple[Secret, ...]:
    """The secrets of an exercise: each part of its solution that the code to begin from does not have."""
    known = {letters(line, code=True) for line in starter.splitlines()}
    parts = [""]
    for line in source.splitlines():
        told = letters(line, code=True)
        if told in known and told:
            parts.append("")
        else:
            parts[-1] += told
    return tuple(
        Secret("solution", (part,), min(len(part), _CODE_RUN), code=True)
        for part in parts
        if len(part) >= _SHORTEST
    )


def letters(text: str, *, code: bool = False) -> str:
    """What counts of a text."""
    return "".join(letter for _, letter in _Reader(code=code).read(text))


class _Reader:
    """Finds what counts in a text that comes in pieces."""

    def __init__(self, *, code: bool) -> None:
        self._code = code
        self._comment = False
        self._before = "\n"

    def read(self, piece: str) -> Iterator[tuple[int, str]]:
        """Each letter with its place in the piece."""
        for place, character in enumerate(piece):
            before, self._before = self._before, character
            if self._comment:
                self._comment = character != "\n"
            elif character == "#" and self._code and before.isspace():
                self._comment = True
            elif character.isascii():
                if character.isalpha() or (self._code and character.isdigit()):
                    yield place, character.lower()
            else:
                # Wide, circled and accented letters as plain ones; casefold may give two.
                for part in unicodedata.normalize("NFKD", character).casefold():
                    if part.isalpha() or (self._code and part.isdigit()):
                        yield place, part


class _Tracker:
    """How far the end of an answer agrees with one secret."""

    def __init__(self, secret: Secret) -> None:
        self.secret = secret
        self._doubt = secret.doubt
        self.agrees = 0
        """Letters at the end of the answer that stand in the secret; 0 where too few to doubt."""

    def take(self, tail: str) -> str:
        """The end of the answer, with one letter more. Returns the quotation that is complete, or ''."""
        secret = self.secret
        if not self.agrees:
            self.agrees = self._doubt if tail[-self._doubt :] in secret.openings else 0
            return ""
        self.agrees = min(self.agrees + 1, len(tail), secret.run)
        while tail[-self.agrees :] not in secret.whole:
            self.agrees -= 1
            if self.agrees < self._doubt:
                self.agrees = 0
                return ""
        return tail[-secret.run :] if self.agrees == secret.run else ""


class _Trackers:
    """How far the end of an answer agrees with each of some secrets, whose letters are read alike."""

    def __init__(self, secrets: tuple[Secret, ...]) -> None:
        self.reader = _Reader(code=secrets[0].code)
        self._trackers = [_Tracker(secret) for secret in secrets]
        self._openings = _openings(secrets)
        self._longest = max(secret.run for secret in secrets)
        self._places: deque[int] = deque(maxlen=self._longest)
        self._tail = ""
        self._doubts = False

    def take(self, place: int, letter: str) -> Sequence[tuple[Secret, str]]:
        """The next letter. Returns the quotations that are complete with it."""
        self._tail = tail = (self._tail + letter)[-self._longest :]
        self._places.append(place)
        # Nearly every letter ends here: one look for all secrets, and not one for each.
        if not self._doubts:
            for size, opened in self._openings:
                if tail[-size:] in opened:
                    break
            else:
                return ()
        taken = [(tracker.secret, tracker.take(tail)) for tracker in self._trackers]
        self._doubts = any(tracker.agrees for tracker in self._trackers)
        return [(secret, quoted) for secret, quoted in taken if quoted]

    @property
    def since(self) -> int | None:
        """Where the longest agreement begins, in characters of the answer; None where there is none."""
        agrees = max(tracker.agrees for tracker in self._trackers) if self._doubts else 0
        return self._places[-agrees] if agrees else None


@lru_cache(maxsize=256)
def _openings(secrets: tuple[Secret, ...]) -> tuple[tuple[int, frozenset[str]], ...]:
    """By size, the runs of letters with which a quotation of any of them may begin."""
    sizes = sorted({secret.doubt for secret in secrets})
    return tuple(
        (size, frozenset().union(*(secret.openings for secret in secrets if secret.doubt == size)))
        for size in sizes
    )


class Watch:
    """Follows one answer, wherever its pieces are cut, and holds back only what may become a quotation."""

    def __init__(self, secrets: Iterable[Secret], *, public: Callable[[], str] = str) -> None:
        """Begin with nothing said.

        Args:
            secrets: What must not be quoted.
            public: All that may be quoted though a secret holds it too, such as the lesson and the learner's
                own words. Called only where something agrees with a secret.
        """
        told = tuple(secrets)
        kinds = (tuple(one for one in told if one.code is code) for code in (False, True))
        self._kinds = [_Trackers(kind) for kind in kinds if kind]
        self._public = public
        self._known: dict[bool, str] = {}
        self._held = ""
        self._said = 0
        self.leaked = ""
        """Name of the secret that was quoted; nothing more is let out then."""

    def feed(self, piece: str) -> str:
        """The next piece of the answer; returns what may go out now."""
        for kind in self._kinds:
            begins = self._said + len(self._held)
            for place, letter in kind.reader.read(piece):
                for secret, quoted in kind.take(begins + place, letter):
                    if not self._may(quoted, code=secret.code):
                        self.leaked, self._held = secret.name, ""
                        return ""
        self._held += piece
        ends = self._said + len(self._held)
        since = min((ends if one.since is None else one.since for one in self._kinds), default=ends)
        return self._let_out(since - self._said)

    def flush(self) -> str:
        """What was held back, when no more will come."""
        return self._let_out(len(self._held))

    def _let_out(self, count: int) -> str:
        # What went out already cannot be held back any more.
        count = max(count, 0)
        out, self._held = self._held[:count], self._held[count:]
        self._said += count
        return out

    def _may(self, quoted: str, *, code: bool) -> bool:
        if code not in self._known:
            self._known[code] = letters(self._public(), code=code)
        return quoted in self._known[code]
