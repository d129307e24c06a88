"""How likely one word is after two others, learned from phrases: what tells "on line four" from "online for".

A trigram model with absolute discounting, whose last resort is in how many places a word is met (Kneser and
Ney, 1995). Pure counting: a second of work for ten thousand phrases, and nothing to train.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence

EDGE = ""
"""Stands before the first word and after the last one."""

_WORD = re.compile(r"[a-z]+")
_DISCOUNT = 0.75
_UNMET = 1e-6
"""Probability of a word that is in no phrase. Learners have names of their own."""


def words(text: str) -> list[str]:
    """Its words in lower case; "don't" is one word without its sign."""
    return _WORD.findall(text.lower().replace("'", "").replace("\u2019", ""))


class Wording:
    """What is usually said.

    Args:
        phrases: Whole phrases, as words.
    """

    def __init__(self, phrases: Iterable[Sequence[str]]) -> None:
        self._runs: Counter[tuple[str, ...]] = Counter()
        for phrase in phrases:
            line = (EDGE, EDGE, *phrase, EDGE)
            for end in range(2, len(line)):
                self._runs[line[end - 1 : end + 1]] += 1
                self._runs[line[end - 2 : end + 1]] += 1
        self._starts: Counter[tuple[str, ...]] = Counter()
        self._ways: Counter[tuple[str, ...]] = Counter()
        self._places: Counter[str] = Counter()
        for run, count in self._runs.items():
            self._starts[run[:-1]] += count
            self._ways[run[:-1]] += 1
            self._places[run[-1]] += len(run) == 2
        self._all = self._places.total()

    def after(self, before: tuple[str, str], word: str) -> float:
        """The logarithm of a word's probability after two others."""
        probability = max(self._places[word] - _DISCOUNT, 0) / self._all if self._all else 0
        probability += _UNMET
        for start in ((before[1],), before):
            if count := self._starts[start]:
                seen = max(self._runs[(*start, word)] - _DISCOUNT, 0)
                probability = (seen + _DISCOUNT * self._ways[start] * probability) / count
        return math.log(probability)
