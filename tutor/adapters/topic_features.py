"""What the topic model reads: sentence vectors and their parts, hashed letter groups, signals."""

import re
import zlib
from collections import OrderedDict
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from tutor.domain import signals
from tutor.domain.chat import Author, ChatMessage
from tutor.domain.echo import taken_up

BUCKETS = 1 << 15
"""Places that letter groups are hashed to."""
VECTOR = 512
"""Columns of a sentence vector."""
PARTS = 1280
"""Columns of the parts that it is made of."""
CLASSES = 7
"""Readings of a message that the models tell apart."""
WHOLE = VECTOR + len(signals.NAMES)
"""Columns of a message alone: its vector, then the signals."""
BETWEEN = 7
"""Columns of what it has in common with the last exchange: how near it is to either message of it in meaning,
and two of the words it takes up; then whether the teacher wrote code."""
FRAME = 5 + BETWEEN + 5 * CLASSES
"""Columns of what surrounds it: history or none, chapter or none, how short it is, whether the last one was
declined, what lies between; then what the last exchange was about, as it is and the weaker the longer the
message is, and what the teacher's words were about, the stronger the more of them are taken up."""
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

_CODE = re.compile(r"\w\(|\w\s*=\s*\S|[\[\]{}`]|\b(?:for|while|if|else)\b[^\n]*:|\bimport \w")

Floats = NDArray[np.float32]


class Reading(NamedTuple):
    """A message in its conversation, as numbers."""

    grams: NDArray[np.int64]
    """Buckets of its letter groups, sorted, each once."""
    dense: Floats
    """Shape (DENSE,)."""
    parts: Floats
    """Shape (PARTS,): the message before the encoder makes a vector of it, which loses some of it."""


class Sentences(Protocol):
    """Gives a vector for a text, and its parts."""

    def read(self, texts: Sequence[str]) -> Floats:
        """Of shape (len(texts), VECTOR + PARTS). Raises ModelMissing."""


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

    def __init__(self, encoder: Sentences, alone: Linear | None = None, *, remember: int = 512) -> None:
        """Take the encoder, and the model that says what a message is about that stands alone.

        Args:
            encoder: Gives vectors and their parts.
            alone: Reads the last exchange; without it nothing is known of that but its vectors.
            remember: Texts of which vector and topic are kept: a message is the next one's history.
        """
        self._encoder = encoder
        self._alone = alone
        self._remember = remember
        nothing = np.zeros(VECTOR + PARTS, dtype=np.float32)
        self._known: OrderedDict[str, Floats] = OrderedDict({"": nothing})
        self._about = lru_cache(maxsize=remember)(self._read_topic)

    def read(self, message: str, history: Sequence[ChatMessage], chapter: str) -> Reading:
        """Read a message with the last exchange before it."""
        text = signals.clean(message)
        learner, answer = _last(history, Author.LEARNER), _last(history, Author.TEACHER)
        before, teacher = signals.clean(learner[:_BEFORE]), signals.clean(answer[:_BEFORE])
        self._learn(text, before, teacher)
        shown = min(1.0, 4 / max(1, len(_TOKEN.findall(text)), len(_UNSPACED.findall(text)) / 2))
        declined = float(bool(_DECLINES.search(teacher)))
        marks = np.array([bool(history), bool(chapter), shown, declined, declined * shown], dtype=np.float32)
        between = self._between(text, (before, learner), (teacher, answer))
        about = np.concatenate([self._about(before), self._about(teacher)])
        return Reading(
            grams=_buckets(text),
            parts=self._known[text][VECTOR:],
            dense=np.concatenate(
                [
                    self._whole(text),
                    marks,
                    between,
                    about,
                    about * np.float32(shown),
                    self._about(teacher) * between[5],
                    self._vector(before) * np.float32(shown),
                    self._vector(teacher) * np.float32(shown),
                ]
            ),
        )

    def _between(self, text: str, *earlier: tuple[str, str]) -> Floats:
        """Of shape (BETWEEN,). Of each earlier message, what is encoded of it and the whole."""
        found = []
        for start, whole in earlier:
            near = float(self._vector(text) @ self._vector(start)) / _SCALE**2
            found += [near, *taken_up(text, signals.clean(whole))]
        return np.array([*found, bool(_CODE.search(earlier[-1][1][: signals.LONGEST]))], dtype=np.float32)

    def _read_topic(self, text: str) -> Floats:
        if self._alone is None or not text:
            return np.zeros(CLASSES, dtype=np.float32)
        return self._alone.chances(_buckets(text), self._whole(text))

    def _whole(self, text: str) -> Floats:
        return np.concatenate([self._vector(text), _signals(text)])

    def _vector(self, text: str) -> Floats:
        return self._known[text][:VECTOR]

    def _learn(self, *texts: str) -> None:
        """Vectors of those that are not known yet, in one call."""
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        while len(self._known) > self._remember:
            oldest = next(text for text in self._known if text and text not in texts)
            del self._known[oldest]
        if new:
            found = self._encoder.read(new)
            found[:, :VECTOR] *= np.float32(_SCALE)
            self._known.update(zip(new, found, strict=True))


def _last(history: Sequence[ChatMessage], author: Author) -> str:
    return next((turn.content for turn in reversed(history) if turn.author is author), "")


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
