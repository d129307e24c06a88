"""What can be seen in a learner's code without running it: each a true statement about that code."""

import re
import tomllib
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from tutor.domain.value import Value


class Observation(Value):
    """One thing that a teacher would point at."""

    name: str
    """Its entry in observation.toml: `endless-while`."""
    line: int
    """Counted from 1."""
    says: str
    """What is so, in Markdown; names the line. True whatever the learner wants."""
    ask: str
    """One question or step that leads on; never the mended code."""
    topic: str
    """What to look for in a lesson, in a learner's words."""
    sure: bool = True
    """False where it may be what the learner wants: then it is said only where the question points at it."""
    explains: str = ""
    """A regular expression for the errors that come from it; '' where it causes none."""

    def is_behind(self, error: str) -> bool:
        """Whether an error, as in the last line of a traceback, may come from this."""
        return bool(self.explains) and re.search(self.explains, error) is not None


class Sight(NamedTuple):
    """What a rule has found: the name of an observation, its line, and what fills its words."""

    name: str
    line: int
    values: tuple[str, ...] = ()
    sure: bool | None = None
    """None: as the words' entry has it."""


def seen(name: str, line: int, *values: object, sure: bool | None = None) -> Sight:
    """What a rule has found; `values` in the order of their places in observation.toml."""
    return Sight(name, line, tuple(map(str, values)), sure)


def told(sight: Sight) -> Observation:
    """The sight in words."""
    words = _words()[sight.name]
    filled = {key: words[key].format(*sight.values, line=sight.line) for key in ("says", "ask", "topic")}
    sure = sight.sure if sight.sure is not None else words.get("sure", True)
    return Observation(
        name=sight.name, line=sight.line, sure=sure, explains=words.get("explains", ""), **filled
    )


@cache
def topics_told() -> tuple[str, ...]:
    """What all observations are about."""
    return tuple(words["topic"] for words in _words().values())


@cache
def _words() -> dict[str, dict[str, str]]:
    return tomllib.loads(files("tutor.domain").joinpath("observation.toml").read_text(encoding="utf-8"))
