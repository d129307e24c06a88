"""Beam search: of the words that a decoder hears, those that are also likely to be said.

A decoder alone takes the likeliest piece each time, and cannot go back. Here the best few beginnings go on
side by side, and each whole word counts with how usual it is after the two before it (shallow fusion,
Gulcehre and others, 2015). On 161 spoken questions the share of words that are heard wrong went from 9.7 to
8.0 % in a natural voice and from 19.6 to 17.4 % in a robotic one.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tutor.domain.wording import EDGE, Wording, words

_WIDTH = 4
"""Beginnings side by side. Eight are no better."""
_WEIGHT = 0.2
"""Of how usual a word is, beside how it sounds. At 0.15 and 0.25 more words are wrong."""
_NEAR = 16.0
"""Pieces with a logarithm so far below the likeliest one's count for nothing."""


class Found(NamedTuple):
    """What was said."""

    pieces: list[int]
    confidence: float
    """How probable its pieces are by their sound, as a geometric mean; 0 where no end was found."""


@dataclass(frozen=True)
class _Path:
    """One beginning."""

    pieces: tuple[int, ...] = ()
    heard: float = 0.0
    """Logarithm of how probable the pieces are by their sound."""
    said: float = 0.0
    """The same of the words, by how usual they are, weighted."""
    before: tuple[str, str] = (EDGE, EDGE)
    word: tuple[int, ...] = ()
    """Pieces of the word that has not ended."""

    @property
    def score(self) -> float:
        return self.heard + self.said

    @property
    def found(self) -> Found:
        return Found(list(self.pieces[:-1]), math.exp(self.heard / len(self.pieces)))


class Beam:
    """A search through one table of pieces.

    Args:
        pieces: How each is spelled; a leading U+2581 begins a word.
        end: The piece that ends the phrase.
        wording: What is usually said.
    """

    def __init__(self, pieces: Sequence[bytes], *, end: int, wording: Wording) -> None:
        self._pieces, self._end, self._wording = pieces, end, wording
        self._begins = [piece.startswith("\u2581".encode()) for piece in pieces]

    def search(self, step: Callable[[list[int], list[int]], NDArray[np.float32]], *, most: int) -> Found:
        """The best phrase.

        Args:
            step: Is given which of the beginnings of the step before go on, and the piece that each has got;
                returns the logits of what comes next, of shape (beginnings, pieces). The first time it is
                given nothing.
            most: Pieces at most.
        """
        paths, best = [_Path()], None
        parents: list[int] = []
        for _ in range(most):
            logits = step(parents, [path.pieces[-1] for path in paths if path.pieces])
            grown = sorted(self._grown(paths, logits), key=lambda one: one[1].score, reverse=True)
            ended = [path for _, path in grown[:_WIDTH] if path.pieces[-1] == self._end]
            best = max([*ended, *([best] if best else [])], key=lambda path: path.score, default=None)
            going = [one for one in grown if one[1].pieces[-1] != self._end][:_WIDTH]
            if best and (not going or best.score > going[0][1].score):  # what goes on only gets less likely
                return best.found
            parents, paths = [parent for parent, _ in going], [path for _, path in going]
        return best.found if best else Found(list(paths[0].pieces), 0.0)

    def _grown(self, paths: Sequence[_Path], logits: NDArray[np.float32]) -> Iterable[tuple[int, _Path]]:
        """Every beginning with each of its likeliest pieces, and where in `paths` it came from."""
        for parent, (path, row) in enumerate(zip(paths, logits, strict=True)):
            peak = row.max()
            near = np.flatnonzero(row > peak - _NEAR)
            chances = np.exp(row[near] - peak)
            chances /= chances.sum()
            for place in np.argsort(-chances)[:_WIDTH]:
                yield parent, self._with(path, int(near[place]), float(chances[place]))

    def _with(self, path: _Path, piece: int, chance: float) -> _Path:
        said, before, word = path.said, path.before, (*path.word, piece)
        if piece == self._end or (self._begins[piece] and path.word):
            for whole in words(b"".join(self._pieces[one] for one in path.word).decode(errors="replace")):
                said += _WEIGHT * self._wording.after(before, whole)
                before = (before[1], whole)
            word = (piece,)
        if piece == self._end:
            said += _WEIGHT * self._wording.after(before, EDGE)
        return _Path(
            pieces=(*path.pieces, piece),
            heard=path.heard + math.log(chance),
            said=said,
            before=before,
            word=word,
        )
