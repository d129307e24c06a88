"""What the topic model reads: a text as words with vectors and senses, as hashed letter groups, as signals."""

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
FRAME_WIDTH = 5
"""Columns of what surrounds it: history or none, chapter or none, how short it is, who was declined."""
_WORDS, _TAIL = 48, 16
"""Words of one text that are read: from its beginning, and from its end where it is longer."""
_GRAM_WORDS = 100
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
    before: Floats
    """The learner's message before it, of the same shape."""
    teacher: Floats
    """The teacher's message before it, of the same shape."""
    grams: NDArray[np.int64]
    """Buckets of its letter groups, sorted, each once."""
    whole: Floats
    """Shape (MESSAGE_WIDTH,)."""
    frame: Floats
    """Shape (FRAME_WIDTH,)."""
    context: Floats
    """Vectors of both messages before it, the weaker the longer the message is. Shape (512,)."""


class Reader:
    """Turns messages into readings. Remembers the words it met last."""

    def __init__(self, encoder: Encoder, *, remember: int = 20_000) -> None:
        self._encoder = encoder
        self._text = lru_cache(maxsize=256)(self._read_text)
        self._seen: dict[str, Floats] = {}
        self._remember = remember

    def read(self, message: str, history: Sequence[ChatMessage], chapter: str) -> Reading:
        """Read a message with the last exchange before it."""
        text = signals.clean(message)
        before = _last(history, Author.LEARNER)
        teacher = _last(history, Author.TEACHER)
        vectors = self._encoder.encode([text, before, teacher]) * _SCALE
        words, shown = self._text(text), min(1.0, 4 / max(1, len(_TOKEN.findall(text))))
        declined = float(bool(_DECLINES.search(teacher)))
        frame = np.array([bool(history), bool(chapter), shown, declined, declined * shown], dtype=np.float32)
        return Reading(
            words=words,
            before=self._text(before),
            teacher=self._text(teacher),
            grams=_buckets(text),
            whole=np.concatenate([vectors[0], np.array(signals.look(text), dtype=np.float32)]),
            frame=frame,
            context=(vectors[1:] * shown).reshape(-1),
        )

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


def _last(history: Sequence[ChatMessage], author: Author) -> str:
    found = next((turn.content for turn in reversed(history) if turn.author is author), "")
    return signals.clean(found[:400])


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
