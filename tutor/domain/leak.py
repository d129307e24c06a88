"""Whether a piece of an answer reads out what it must not: instructions, or an unreleased solution."""

import re
from collections.abc import Iterable

_WORD = re.compile(r"\w+|[^\w\s]")
_RUN = 8
"""Words in a row that are no coincidence. Short stock phrases of five or six words do coincide."""


class Secret:
    """A text that answers must not quote at length; made once, asked sentence by sentence."""

    def __init__(self, text: str, *, allowed: Iterable[str] = (), run: int = _RUN) -> None:
        """Remember every run of words of `text` but those that also stand in `allowed`.

        Args:
            text: The instructions, or a solution.
            allowed: Texts that may be quoted, such as the lesson, though the secret holds parts of them.
            run: Words in a row that count as quoting.
        """
        self._run = run
        public = set[tuple[str, ...]]()
        for other in allowed:
            public |= _runs(_words(other), run)
        self._runs = _runs(_words(text), run) - public

    def leaks(self, piece: str) -> bool:
        """Whether `piece` quotes the secret: a run of its words, in the same order."""
        return not self._runs.isdisjoint(_runs(_words(piece), self._run))

    def watch(self) -> "Watch":
        """Follow one answer sentence by sentence; a quotation may go over the end of a sentence."""
        return Watch(self, self._run)


class Watch:
    """The words of one answer so far, as far back as a run can reach."""

    def __init__(self, secret: Secret, run: int) -> None:
        self._secret = secret
        self._run = run
        self._before = ""

    def leaks(self, piece: str) -> bool:
        """Whether `piece`, together with what came before it, quotes the secret."""
        text = f"{self._before} {piece}"
        self._before = " ".join(_words(text)[1 - self._run :])
        return self._secret.leaks(text)


def _words(text: str) -> list[str]:
    # Letters spaced out or set in capitals still spell the same words; punctuation is noise.
    return [word for word in _WORD.findall(text.casefold()) if word[0].isalnum() or word[0] == "_"]


def _runs(words: list[str], run: int) -> set[tuple[str, ...]]:
    return {tuple(words[i : i + run]) for i in range(len(words) - run + 1)}


def leaks(piece: str, instructions: str, *, allowed: Iterable[str] = ()) -> bool:
    """Whether `piece` of an answer reads out `instructions`; see `Secret` for repeated use."""
    return Secret(instructions, allowed=allowed).leaks(piece)
