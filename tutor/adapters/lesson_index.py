"""Finds the passages of a course that fit a question: exact signals, words, and meaning, in one score."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from itertools import islice
from math import sqrt
from typing import TYPE_CHECKING, NamedTuple

import structlog

from tutor.adapters.word_index import WordIndex
from tutor.domain.construct import in_markdown
from tutor.domain.course import Chapter
from tutor.domain.definition import asked_definition, defined
from tutor.domain.passage import Kind, Passage, passages
from tutor.domain.traceback import written_errors
from tutor.errors import TutorError
from tutor.services.ports import Encoder

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

log = structlog.get_logger()


class Weights(NamedTuple):
    """What each kind of evidence is worth. Tuned on tests/data/guide/questions.jsonl."""

    words: float = 0.50
    meaning: float = 0.45
    construct: float = 0.20
    signal: float = 0.24
    error: float = 0.40
    definition: float = 0.45
    open_chapter: float = 0.14
    in_view: float = 0.03
    kinds: tuple[tuple[Kind, float], ...] = (
        (Kind.QUESTION, 0.06),
        (Kind.MISCONCEPTION, -0.02),
        (Kind.CODE, -0.06),
        (Kind.TASK, -0.2),
        (Kind.RECAP, -0.04),
    )


class Query(NamedTuple):
    """What to look for."""

    text: str
    constructs: frozenset[str] = frozenset()
    errors: frozenset[str] = frozenset()
    code: str = ""
    """The learner's code and output: signals may stand there, too, for less."""
    chapter: str = ""
    """Slug of the open chapter, which is preferred."""
    cell_id: str = ""
    """The cell in view."""


class Hit(NamedTuple):
    """A passage and how well it fits: above 0.9 very well, below 0.4 by chance."""

    passage: Passage
    score: float


class LessonIndex:
    """The passages of some chapters, ready to be searched. Immutable; cheap to make again."""

    def __init__(self, chapters: Sequence[Chapter], encoder: Encoder, weights: Weights | None = None) -> None:
        import numpy as np

        self._np = np
        self._encoder = encoder
        self._weights = weights or Weights()
        self.passages = tuple(passage for chapter in chapters for passage in passages(chapter))
        self._constructs = [
            in_markdown(f"{one.text} {one.asks} {one.heading}") | written_errors(f"{one.asks} {one.text}")
            for one in self.passages
        ]
        self._defines = [
            defined(one.text)
            | (asked_definition(one.asks) if one.asks.startswith("What is a") else frozenset())
            for one in self.passages
        ]
        self._rows = {(one.chapter, one.id): row for row, one in enumerate(self.passages)}
        self._homes: dict[tuple[str, str], Passage] = {}
        self._signal_count = Counter(_flat(signal) for one in self.passages for signal in one.signals)
        self._words = WordIndex(
            [f"{one.asks} {one.heading} {one.text} {' '.join(one.signals)}" for one in self.passages],
            [one.asks or one.heading for one in self.passages],
        )
        often = Counter(construct for found in self._constructs for construct in found)
        self._construct_rarity = {
            one: float(np.log(1 + len(self.passages) / count)) for one, count in often.items()
        }
        self._index_meaning()
        self._kind = self._column(dict(self._weights.kinds).get(one.kind, 0.0) for one in self.passages)

    def search(
        self, query: Query, *, kinds: Collection[Kind] | None = None, limit: int = 8
    ) -> tuple[Hit, ...]:
        """The best passages, best first, of these kinds or of all; never raises for what is asked."""
        if not self.passages:
            return ()
        weights = self._weights
        words, meaning = self._words.scores(query.text), self._meaning(query.text)
        if meaning is None:
            score = (weights.words + weights.meaning) * words
        else:
            score = weights.words * words + weights.meaning * meaning
        score = score + self._kind + self._exact(query)
        order = self._np.argsort(-score, kind="stable").tolist()
        fitting = (row for row in order if kinds is None or self.passages[row].kind in kinds)
        return tuple(
            Hit(self.placed(self.passages[row]), float(score[row])) for row in islice(fitting, limit)
        )

    def covered(self, question: str, passage: Passage) -> float:
        """How much of a question a passage speaks of, by its words: 0 to 1."""
        return self._words.covered(question, self._rows[passage.chapter, passage.id])

    def _column(self, numbers: Iterable[float]) -> "NDArray[np.float32]":
        return self._np.fromiter(numbers, dtype=self._np.float32, count=len(self.passages))

    def _index_meaning(self) -> None:
        """Two vectors a passage: what it answers, where it answers something, and all that it says."""
        said = [f"{one.asks} {one.heading} {one.lead} {one.text}" for one in self.passages]
        asking = [row for row, one in enumerate(self.passages) if one.asks]
        try:
            self._said = self._encoder.encode(said)
            self._asked = self._said.copy()
            if asking:
                self._asked[asking] = self._encoder.encode([self.passages[row].asks for row in asking])
            self._blind = False
        except TutorError as error:
            log.warning("guide_without_encoder", code=error.code, detail=str(error))
            self._blind = True

    def _meaning(self, text: str) -> "NDArray[np.float32] | None":
        """How near in meaning each passage is: 0 for unrelated, 1 for the same; None without an encoder."""
        if self._blind:
            return None
        vector = self._encoder.encode([text])[0]
        # Not `@`: its threads wait for each other on a busy machine, which costs more than they save here.
        asked = self._np.einsum("ij,j->i", self._asked, vector)
        said = self._np.einsum("ij,j->i", self._said, vector)
        nearest = self._np.maximum(asked, 0.9 * said)
        clipped: NDArray[np.float32] = self._np.clip((nearest - 0.15) / 0.7, 0.0, 1.0)
        return clipped

    def _exact(self, query: Query) -> "NDArray[np.float32]":
        weights = self._weights
        asked = {one: self._construct_rarity.get(one, 0.0) for one in query.constructs}
        whole = sum(asked.values())
        text, code = _flat(query.text), _flat(query.code)
        defining = asked_definition(query.text)
        found = self._np.zeros(len(self.passages), dtype=self._np.float32)
        for row, passage in enumerate(self.passages):
            score = 0.0
            if whole and (shared := query.constructs & self._constructs[row]):
                score += weights.construct * sum(asked[one] for one in shared) / whole
            if passage.signals:
                score += weights.signal * self._signals(passage.signals, text, code)
            if defining & self._defines[row]:
                score += weights.definition
            if query.errors and any(name in passage.text or name in passage.asks for name in query.errors):
                score += weights.error
            elif query.errors and query.errors.intersection(passage.signals):
                score += weights.error * 0.8
            if passage.chapter == query.chapter:
                score += weights.open_chapter + weights.in_view * (passage.cell_id == query.cell_id)
            found[row] = score
        return found

    def _signals(self, signals: Sequence[str], text: str, code: str) -> float:
        """0 to 1.5: how strongly an author's signals speak; long and rare ones more than a common word."""
        found = 0.0
        for signal in map(_flat, signals):
            length = len(signal.split())
            strength = 0.8 if length > 1 else 0.6 if self._signal_count[signal] == 1 else 0.3
            if signal in text:
                # Code in a question, such as `word[0:3]`, is no chance.
                found += strength + 0.7 * (length > 3 and not signal.replace(" ", "").isalpha())
            elif length > 1 and signal in code:
                found += strength * 0.6
        return min(found, 1.5)

    def placed(self, passage: Passage) -> Passage:
        """The passage with a place: a question or misconception gets the cell that treats of the same."""
        if passage.cell_id:
            return passage
        key = passage.chapter, passage.id
        if key not in self._homes:
            row = self._rows[key]
            cells = [
                other
                for other, one in enumerate(self.passages)
                if one.chapter == passage.chapter and one.kind in (Kind.PROSE, Kind.CODE)
            ]
            home = max(cells, key=lambda other: self._alike(row, other), default=row)
            self._homes[key] = self.passages[home]
        home_cell = self._homes[key]
        return passage._replace(cell_id=home_cell.cell_id, number=home_cell.number, heading=home_cell.heading)

    def _alike(self, row: int, other: int) -> float:
        """How much two passages treat of the same: in meaning, in constructs, and in words."""
        meaning = 0.0 if self._blind else float(self._said[row] @ self._said[other])
        mine, theirs = self._constructs[row], self._constructs[other]
        constructs = _shared(mine, theirs, self._construct_rarity)
        words = _shared(self._words.terms[row], self._words.terms[other], self._words.rarity)
        return meaning + 0.6 * constructs + words + 0.05 * (self.passages[other].kind is Kind.PROSE)


def _shared(mine: Set[str], theirs: Set[str], rarity: Mapping[str, float]) -> float:
    """0 to 1: the rare ones that two sets share count more, and a large set gains nothing by its size."""
    whole = sqrt(sum(rarity[one] for one in mine) * sum(rarity[one] for one in theirs))
    return sum(rarity[one] for one in mine & theirs) / whole if whole else 0.0


def _flat(text: str) -> str:
    """Lower case, one space between words: `range( 5 )` and `Range(5)` meet the same signal."""
    return f" {' '.join(re.findall(r'[a-z_0-9]+|[^a-z_0-9 ]', text.lower()))} " if text else ""
