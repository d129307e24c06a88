"""What Python's errors mean to a beginner: what happened, and where to look."""

import re
import tomllib
from pathlib import Path

from tutor.domain.value import Value


class Mishap(Value):
    """One kind of error."""

    error: str
    """Its name, such as `NameError`."""
    match: str
    """A regular expression, the same for Python and JavaScript, that finds it in Python's message."""
    says: str
    """What happened, in one sentence. `{1}` stands for what the first group of `match` found."""
    look: str
    """Where to look, or what to try."""


def _read() -> tuple[Mishap, ...]:
    text = Path(__file__).with_suffix(".toml").read_text(encoding="utf-8")
    return tuple(Mishap(**entry) for entry in tomllib.loads(text)["mishap"])


MISHAPS = _read()
"""All that are known; the first that fits counts, so a special one stands before a general one."""


def explained(error: str, message: str) -> Mishap | None:
    """The mishap behind an error, with its words filled in; None where it is not a usual one.

    Args:
        error: The name of the exception.
        message: What Python says behind the name and the colon.
    """
    for mishap in MISHAPS:
        found = re.search(mishap.match, message) if mishap.error == error else None
        if found:
            groups = {str(number): text or "" for number, text in enumerate(found.groups(), 1)}
            filled = {key: _filled(getattr(mishap, key), groups) for key in ("says", "look")}
            return mishap.model_copy(update=filled)
    return None


def _filled(text: str, groups: dict[str, str]) -> str:
    return re.sub(r"\{(\d)\}", lambda place: groups.get(place[1], ""), text)
