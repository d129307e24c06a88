"""What the topic model reads: sentence vectors, hashed letter groups, signals."""

import re
import zlib
from collections import OrderedDict
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tutor.domain import signals
from tutor.domain.chat import Author, ChatMessage
from tutor.services.ports import Encoder

BUCKETS = 1 << 15
"""Places that letter groups are hashed to."""
VECTOR = 512
"""Columns of a sentence vector."""
CLASSES = 7
"""Readings of a message that the models tell apart."""
WHOLE = VECTOR + len(signals.NAMES)
"""Columns of a message alone: its vector, then the signals."""
FRAME = 5 + 4 * CLASSES
"""Columns of what surrounds it: history or none, chapter or none, how short it is, whether the last one was
declined; then what the last exchange was about, as it is and the weaker the longer the message is."""
ALONE = WHOLE + FRAME
"""Columns of a message and its frame; those of both messages before it follow."""
DENSE = ALONE + 2 * VECTOR
_GRAM_WORDS = 40
_BEFORE = 64
"""Characters of the learner's and the teacher's last message that are read."""
_SCALE = 4.0
"""Brings a unit vector to the size of the other columns."""

_UNSPACED = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]")
_TOKEN = re.compile(r"\w+|[^\w\s]")
_DECLINES = re.compile(
    r"\b(?:programming (?:teacher|tutor|questions)|(?:can't|cannot|can not) (?:help|answer|say|order|play)|"
    r"outside (?:what|of|the)|only help with|keep to programming|stick to programming|off[- ]topic)\b",
    re.IGNORECASE,
)

Floats = NDArray[np.float32]


class Reading(NamedTuple):
    """A message in its conversation, as numbers."""

    grams: NDArray[np.int64]
    """Buckets of its letter groups, sorted, each once."""
    dense: Floats
    """Shape (DENSE,)."""


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
    """Turns messages into readings. Remembers the texts that it met last."""

    def __init__(self, encoder: Encoder, alone: Linear | None = None, *, remember: int = 512) -> None:
        """Take the encoder, and the model that says what a message is about that stands alone.

        Args:
            encoder: Gives vectors of VECTOR columns.
            alone: Reads the last exchange; without it nothing is known of that but its vectors.
            remember: Texts of which vector and topic are kept: a message is the next one's history.
        """
        self._encoder = encoder
        self._alone = alone
        self._remember = remember
        self._vectors: OrderedDict[str, Floats] = OrderedDict({"": np.zeros(VECTOR, dtype=np.float32)})
        self._about = lru_cache(maxsize=remember)(self._read_topic)

    def read(self, message: str, history: Sequence[ChatMessage], chapter: str) -> Reading:
        """Read a message with the last exchange before it."""
        text = signals.clean(message)
        before, teacher = _last(history, Author.LEARNER), _last(history, Author.TEACHER)
        self._learn(text, before, teacher)
        shown = min(1.0, 4 / max(1, len(_TOKEN.findall(text)), len(_UNSPACED.findall(text)) / 2))
        declined = float(bool(_DECLINES.search(teacher)))
        marks = np.array([bool(history), bool(chapter), shown, declined, declined * shown], dtype=np.float32)
        about = np.concatenate([self._about(before), self._about(teacher)])
        return Reading(
            grams=_buckets(text),
            dense=np.concatenate(
                [
                    self._whole(text),
                    marks,
                    about,
                    about * np.float32(shown),
                    self._vectors[before] * np.float32(shown),
                    self._vectors[teacher] * np.float32(shown),
                ]
            ),
        )

    def _read_topic(self, text: str) -> Floats:
        if self._alone is None or not text:
            return np.zeros(CLASSES, dtype=np.float32)
        return self._alone.chances(_buckets(text), self._whole(text))

    def _whole(self, text: str) -> Floats:
        return np.concatenate([self._vectors[text], _signals(text)])

    def _learn(self, *texts: str) -> None:
        """Vectors of those that are not known yet, in one call."""
        new = [text for text in dict.fromkeys(texts) if text not in self._vectors]
        while len(self._vectors) > self._remember:
            oldest = next(text for text in self._vectors if text and text not in texts)
            del self._vectors[oldest]
        if new:
            self._vectors.update(zip(new, self._encoder.encode(new) * np.float32(_SCALE), strict=True))


def _last(history: Sequence[ChatMessage], author: Author) -> str:
    found = next((turn.content for turn in reversed(history) if turn.author is author), "")
    return signals.clean(found[:_BEFORE])


@lru_cache(maxsize=1024)  # a message is read again as the history of the next one
def _signals(text: str) -> Floats:
    return np.array(signals.look(text), dtype=np.float32)


@lru_cache(maxsize=1024)
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
