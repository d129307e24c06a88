"""Words that say what a message is about, by sense: programming, its everyday doubles, and everyday life."""

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

_WORD = re.compile(r"[^\W_]+(?:['\u2019*+#.-]*[^\W_]+)*[+#]*|__\w+__")
_UNSPACED = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]")
"""Scripts in which a word is found inside a run of letters."""
_LONGEST_STEM = 12


class Lexicon:
    """The senses of words, and how much of a message each sense covers."""

    def __init__(self, senses: Mapping[str, Mapping[str, str]]) -> None:
        """Take lists of words by sense and language, as they stand in `lexicon.toml`."""
        self.senses = tuple(senses)
        self._words: dict[str, set[int]] = {}
        self._stems: dict[str, set[int]] = {}
        self._runs: dict[str, set[int]] = {}
        for number, by_language in enumerate(senses.values()):
            for entry in " ".join(by_language.values()).split():
                self._add(entry, number)
        self._reach: dict[str, int] = {}
        for phrase in self._words:
            first = phrase.split(" ", 1)[0]
            self._reach[first] = max(self._reach.get(first, 0), phrase.count(" ") + 1)

    def _add(self, entry: str, sense: int) -> None:
        phrase = " ".join(words(entry if entry.startswith("__") else entry.replace("_", " "))) or entry
        if _UNSPACED.search(entry):
            # As it is written: Thai vowel signs are no letters, so its words would be cut at them.
            self._runs.setdefault(entry.replace("_", " "), set()).add(sense)
        elif entry.endswith("*"):
            self._stems.setdefault(entry[:-1].replace("_", " "), set()).add(sense)
        else:
            self._words.setdefault(phrase, set()).add(sense)

    def senses_of(self, spoken: list[str]) -> list[set[int]]:
        """For each word, in small letters, the numbers of the senses that it or a phrase around it has."""
        found: list[set[int]] = [set(self._stem(word)) for word in spoken]
        for start in range(len(spoken)):
            for length in range(1, self._most(spoken, start) + 1):
                for sense in self._words.get(" ".join(spoken[start : start + length]), ()):
                    for place in range(start, start + length):
                        found[place].add(sense)
        return found

    def count(self, message: str) -> list[int]:
        """How often each sense is named, in the order of `senses`; a phrase counts for its words."""
        found = [0] * len(self.senses)
        spoken = words(message)
        for start in range(len(spoken)):
            for length in range(1, self._most(spoken, start) + 1):
                phrase = " ".join(spoken[start : start + length])
                for sense in self._words.get(phrase, ()):
                    found[sense] += length
            for sense in self._stem(spoken[start]):
                found[sense] += 1
        if _UNSPACED.search(message):
            for run, senses in self._runs.items():
                if run in message:
                    for sense in senses:
                        found[sense] += 1
        return found

    def _most(self, spoken: list[str], start: int) -> int:
        """Words of the longest phrase that may begin here; 0 where none does."""
        return min(self._reach.get(spoken[start], 0), len(spoken) - start)

    def _stem(self, word: str) -> set[int]:
        for end in range(min(len(word), _LONGEST_STEM), 2, -1):
            if (senses := self._stems.get(word[:end])) is not None:
                return senses
        return set()


def words(text: str) -> list[str]:
    """The words of a text, in small letters; `c++`, `f-string` and `__init__` are words."""
    return [word.replace("\u2019", "'") for word in _WORD.findall(text.casefold())]


@cache
def lexicon() -> Lexicon:
    """The project's own, from `lexicon.toml`."""
    text = files("tutor.domain").joinpath("lexicon.toml").read_text(encoding="utf-8")
    return Lexicon(tomllib.loads(text))
