"""Commands: the few things that a learner says and that are done at once, without guard and model."""

import re
import tomllib
from enum import StrEnum
from importlib.resources import files


class Command(StrEnum):
    """What can be commanded, in every front, typed or spoken."""

    STOP = "stop"
    REPEAT = "repeat"
    SLOWER = "slower"
    FASTER = "faster"
    GO_ON = "go_on"
    NEXT_CHAPTER = "next_chapter"
    PREVIOUS_CHAPTER = "previous_chapter"


_LONGEST = 12
"""Words of a command at most, politeness included. Whatever is longer says more than a command."""
_TABLE = tomllib.loads(files("tutor.domain").joinpath("command.toml").read_text(encoding="utf-8"))
_BEFORE = rf"(?:(?:{'|'.join(_TABLE['before'])}) )*"
_AFTER = rf"(?: (?:{'|'.join(_TABLE['after'])}))*"
_PATTERNS = {
    Command(name): re.compile(rf"{_BEFORE}(?:{'|'.join(wordings)}){_AFTER}")
    for name, wordings in _TABLE["commands"].items()
}
_ASKING = re.compile(rf"(?:.* )?(?:{'|'.join(_TABLE['asking'])})\b")
_PLAIN = re.compile(r"[a-z ',.!?…-]+")


def command(text: str) -> Command | None:
    """The command that a message is, whole; None for everything that says more, or asks, or holds code.

    Args:
        text: A learner's words, typed or as a transcriber wrote them.
    """
    plain = text.strip().lower().replace("’", "'")  # noqa: RUF001 - the apostrophe of phones
    if not _PLAIN.fullmatch(plain):
        return None
    words = " ".join(re.sub(r"[,.!?…-]+", " ", plain).split())
    if len(words.split()) > _LONGEST or ("?" in plain and not _ASKING.match(words)):
        return None
    return next((found for found, pattern in _PATTERNS.items() if pattern.fullmatch(words)), None)
