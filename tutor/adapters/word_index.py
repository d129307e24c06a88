"""Texts found by their words: Okapi BM25, as a share of what a text could score at most."""

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tutor.domain.terms import query_terms, related, terms

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

K1, B = 1.2, 0.4
"""How soon a repeated word stops counting, and how much long texts are held back."""
_TITLE = 2.0
"""How many times a word in a title counts beside one in the text."""


class WordIndex:
    """Some texts with their titles; what every word weighs in each is worked out beforehand."""

    def __init__(self, texts: Sequence[str], titles: Sequence[str]) -> None:
        import numpy as np

        self._np = np
        self._size = len(texts)
        self.terms = tuple(frozenset(terms(text)) for text in texts)
        """The stemmed words of each text."""
        rows = _weighed([Counter(terms(text)) for text in texts], [set(terms(title)) for title in titles])
        self.rarity = {
            term: float(np.log(1 + (self._size - len(at) + 0.5) / (len(at) + 0.5)))
            for term, at in rows.items()
        }
        """Inverse document frequency of each stemmed word."""
        self._unknown = float(np.log(1 + (self._size + 0.5) / 0.5))
        self._postings = {
            term: (np.array([row for row, _ in at]), np.array([value for _, value in at], dtype=np.float32))
            for term, at in rows.items()
        }

    def scores(self, question: str) -> "NDArray[np.float32]":
        """For each text the share of the question's words that it has, by their rarity: 0 to 1."""
        found = self._np.zeros(self._size, dtype=self._np.float32)
        whole = 0.0
        for term, weight in query_terms(question).items():
            rarity = self.rarity.get(term, self._unknown) * weight
            if weight == 1.0:
                # A word that the texts say in another way must not make the question seem foreign.
                known = term in self.rarity or not related(term) & self.rarity.keys()
                whole += rarity if known else 0.5 * rarity
            if term in self._postings:
                rows, values = self._postings[term]
                found[rows] += values * rarity
        return self._np.minimum(found / whole, 1.0) if whole else found

    def covered(self, question: str, row: int) -> float:
        """The share of a question's words, by their rarity, that a text has or says otherwise: 0 to 1."""
        has, whole, found = self.terms[row], 0.0, 0.0
        for term in set(terms(question)):
            rarity = self.rarity.get(term, self._unknown)
            whole += rarity
            found += rarity * (term in has or bool(related(term) & has))
        return found / whole if whole else 0.0


def _weighed(
    counts: Sequence[Counter[str]], titles: Sequence[set[str]]
) -> dict[str, list[tuple[int, float]]]:
    """For each word the texts that have it, by number, with its weight there."""
    sizes = [count.total() for count in counts]
    mean = sum(sizes) / max(len(sizes), 1) or 1.0
    rows: dict[str, list[tuple[int, float]]] = {}
    for row, count in enumerate(counts):
        length = K1 * (1 - B + B * sizes[row] / mean)
        for term, often in count.items():
            times = often + _TITLE * (term in titles[row])
            rows.setdefault(term, []).append((row, times / (times + length)))
    return rows
