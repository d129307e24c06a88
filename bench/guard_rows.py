"""The guard's labelled messages, as they are stored."""

import json
from pathlib import Path
from typing import NamedTuple

from tutor.adapters.topic_model import READINGS
from tutor.domain.chat import Author, ChatMessage

DATA = Path(__file__).parents[1] / "tests" / "data" / "guard"


class Row(NamedTuple):
    """One labelled message."""

    id: str
    kind: str
    label: str
    reading: int
    """Index in READINGS."""
    message: str
    history: tuple[ChatMessage, ...]
    chapter: str


def rows(folder: Path = DATA) -> list[Row]:
    """Every labelled message, in the order of files and lines."""
    texts = (file.read_text(encoding="utf-8") for file in sorted(folder.glob("*.jsonl")))
    return [row_of(json.loads(line)) for text in texts for line in text.split("\n") if line]


def row_of(stored: dict[str, object]) -> Row:
    """One line of a file."""
    history = tuple(
        ChatMessage(author=Author(turn["role"]), content=turn["content"])
        for turn in stored["history"]  # type: ignore[attr-defined] # as our own files have it
    )
    return Row(
        str(stored["id"]),
        str(stored["kind"]),
        str(stored["label"]),
        _reading(str(stored["label"]), stored.get("harm")),
        str(stored["message"]),
        history,
        str(stored["chapter"] or ""),
    )


def _reading(label: str, harm: object) -> int:
    # An owner's own file may leave the harm open; it is measured by label then.
    return READINGS.index(str(harm or ("injection" if label == "unsafe" else label)))
