"""What the topic model reads: words with vectors and senses, hashed letter groups, signals."""

import re
import zlib
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tutor.domain import signals
from tutor.domain.chat import Author, ChatMessage
from tutor.domain.lexicon import lexicon
from tutor.services.ports import Encoder

BUCKETS = 1 << 15
"""Places that letter groups are hashed to."""
WORD_WIDTH = 256 + len(lexicon().senses)
"""Columns of a word: its vector, then one for each sense of the lexicon."""
MESSAGE_WIDTH = 256 + len(signals.NAMES)
"""Columns of a whole message: its vector, then the signals."""
CLASSES = 7
"""Readings of a message that the models tell apart."""
FRAME_WIDTH = 5 + 4 * CLASSES
"""Columns of what surrounds it: history or none, chapter or none, how short it is, whether the last one was
declined; then what the last exchange was about, as it is and the weaker the longer the message is."""
_WORDS, _TAIL = 32, 12
"""Words of one text that are read: from its beginning, and from its end where it is longer."""
_GRAM_WORDS = 80
_SCALE = 4.0
"""Brings a unit vector of 256 columns to the size of the other columns."""

_UNSPACED = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]")
_PIECE = re.compile(
    r"[\u0e00-\u0e7f\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]|[^\W_]+(?:['\u2019][^\W_]+)*|_|[^\w\s]"
)
_TOKEN = re.compile(r"\w+|[^\w\s]")
_DECLINES = re.compile(
    r"\b(?:programming (?:teacher|tutor|questions)|(?:can't|cannot|can not) (?:help|answer|say|order|play)|"
    r"outside (?:what|of|the)|only help with|keep to programming|stick to programming|off[- ]topic)\b",
    re.IGNORECASE,
)

Floats = NDArray[np.float32]


class Reading(NamedTuple):
    """A message in its conversation, as numbers."""

    words: Floats
    """Shape (words, WORD_WIDTH)."""
    around: Floats
    """The learner's and the teacher's message before it: mean vector and senses. Shape (2 * WORD_WIDTH,)."""
    grams: NDArray[np.int64]
    """Buckets of its letter groups, sorted, each once."""
    whole: Floats
    """Shape (MESSAGE_WIDTH,)."""
    frame: Floats
    """Shape (FRAME_WIDTH,)."""
    context: Floats
    """Vectors of both messages before it, the weaker the longer the message is. Shape (512,)."""


class Linear(NamedTuple):
    """Multinomial logistic regression on letter groups and dense columns."""

    grams: Floats
    """Shape (BUCKETS, CLASSES)."""
    dense: Floats
    """Shape (columns, CLASSES)."""
    bias: Floats

    def chances(self, grams: NDArray[np.int64], dense: Floats) -> Floats:
        """Shape (CLASSES,), summing to 1."""
        found = self.grams[grams].sum(axis=0, dtype=np.float32) / np.float32(np.sqrt(max(1, len(grams))))
        return chances_of(found + dense @ self.dense + self.bias)


def chances_of(logits: Floats) -> Floats:
    """Softmax over the last axis."""
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True), dtype=np.float32)


class Reader:
    """Turns messages into readings. Remembers the words and the texts it met last."""

    def __init__(self, encoder: Encoder, alone: Linear | None = None, *, remember: int = 20_000) -> None:
        """Take the encoder, and the model that says what a message is about that stands alone.

        Args:
            encoder: Gives vectors of 256 columns.
            alone: Reads the last exchange; without it nothing is known of that but its vectors.
            remember: Words whose vectors are kept.
        """
        self._encoder = encoder
        self._alone = alone
        self._about = lru_cache(maxsize=256)(self._read_topic)
        self._text = lru_cache(maxsize=256)(self._read_text)
        self._seen: dict[str, Floats] = {}
        self._remember = remember

    def read(self, message: str, history: Sequence[ChatMessage], chapter: str) -> Reading:
        """Read a message with the last exchange before it."""
        text = signals.clean(message)
        before, teacher = _last(history, Author.LEARNER), _last(history, Author.TEACHER)
        vectors = self._encoder.encode([text, before, teacher]) * _SCALE
        shown = min(1.0, 4 / max(1, len(_TOKEN.findall(text))))
        declined = float(bool(_DECLINES.search(teacher)))
        marks = np.array([bool(history), bool(chapter), shown, declined, declined * shown], dtype=np.float32)
        about = np.concatenate([self._about(before), self._about(teacher)])
        return Reading(
            words=self._text(text),
            around=np.concatenate([_pooled(self._text(before)), _pooled(self._text(teacher))]),
            grams=_buckets(text),
            whole=_whole(vectors[0], text),
            frame=np.concatenate([marks, about, about * np.float32(shown)]),
            context=(vectors[1:] * np.float32(shown)).reshape(-1),
        )

    def _read_topic(self, text: str) -> Floats:
        if self._alone is None or not text:
            return np.zeros(CLASSES, dtype=np.float32)
        vector = self._encoder.encode([text])[0] * _SCALE
        return self._alone.chances(_buckets(text), _whole(vector, text))

    def _read_text(self, text: str) -> Floats:
        pieces = [piece.casefold() for piece in _PIECE.findall(text)]
        if len(pieces) > _WORDS + _TAIL:
            pieces = pieces[:_WORDS] + pieces[-_TAIL:]
        rows = np.zeros((max(1, len(pieces)), WORD_WIDTH), dtype=np.float32)
        if pieces:
            self._learn(pieces)
            for row, piece, senses in zip(rows, pieces, lexicon().senses_of(pieces), strict=True):
                row[:256] = self._seen[piece]
                for sense in senses:
                    row[256 + sense] = 1.0
        return rows

    def _learn(self, pieces: list[str]) -> None:
        if len(self._seen) > self._remember:
            self._seen = {}
        new = [piece for piece in dict.fromkeys(pieces) if piece not in self._seen]
        if new:
            self._seen.update(zip(new, self._encoder.encode(new) * _SCALE, strict=True))


def _whole(vector: Floats, text: str) -> Floats:
    return np.concatenate([vector, np.array(signals.look(text), dtype=np.float32)])


def _pooled(words: Floats) -> Floats:
    return np.concatenate([words[:, :256].mean(axis=0), words[:, 256:].max(axis=0)])


def _last(history: Sequence[ChatMessage], author: Author) -> str:
    found = next((turn.content for turn in reversed(history) if turn.author is author), "")
    return signals.clean(found[:240])


def _buckets(text: str) -> NDArray[np.int64]:
    found = {zlib.crc32(gram.encode("utf-8", "replace")) % BUCKETS for gram in _grams(text.casefold())}
    return np.array(sorted(found), dtype=np.int64)


def _grams(text: str) -> set[str]:
    """Words, pairs of words, and groups of 3 to 5 letters (1 to 5 where words have no spaces)."""
    tokens = _TOKEN.findall(text)[:_GRAM_WORDS]
    found: set[str] = set()
    previous = "^"
    for token in tokens:
        found.update((f"w{token}", f"b{previous} {token}"))
        previous = token
        if token[0].isalnum() or token[0] == "_":
            framed = f"<{token[:40]}>"
            shortest = 1 if _UNSPACED.search(token) else 3
            for size in range(shortest, 6):
                found.update(framed[start : start + size] for start in range(len(framed) - size + 1))
    if tokens:
        found.update((f"b{previous} $", "f" + " ".join(tokens[:2]), "f" + " ".join(tokens[:3])))
    return found
