"""What a message takes up of the words before it: "is Rome right?" after a quiz about capitals."""

import re
from functools import lru_cache

from tutor.domain.language import small_words
from tutor.domain.lexicon import words

_UNSPACED = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]")
_STEM = 5
"""Letters of a word that are compared: endings change from sentence to sentence."""
_WORD = re.compile(r"[^\W\d_]+")


def taken_up(message: str, earlier: str) -> tuple[float, float]:
    """How many words of content a message shares with an earlier one.

    Returns:
        A third of their number, 1 at most, and their share in the words of content of the message.
    """
    said, there = _stems(message), _stems(earlier)
    shared = len(said & there)
    return min(1.0, shared / 3), shared / max(1, len(said))


@lru_cache(maxsize=1024)
def _stems(text: str) -> frozenset[str]:
    small = small_words()
    found = {
        part[:_STEM]
        for word in words(text)
        for part in _WORD.findall(word)
        if word not in small and (len(part) > 2 or not part.isascii())
    }
    runs = "".join(letter if _UNSPACED.match(letter) else " " for letter in text).split()
    found.update(run[start : start + 2] for run in runs for start in range(len(run) - 1))
    return frozenset(found)
