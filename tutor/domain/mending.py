"""Usual slips of transcribers, mended: "four loop" becomes "for loop". What is put in sounds alike."""

import re
import tomllib
from collections.abc import Iterable
from functools import lru_cache
from importlib.resources import files

from tutor.domain.sounds import alike

_TABLE = tomllib.loads(files("tutor.domain").joinpath("mending.toml").read_text(encoding="utf-8"))
_NUMBER = r"\d+|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
_WORD = re.compile(r"[A-Za-z]+(?:'[a-z]+)?")
_RUDE = tuple(
    (re.compile(rf"\b{word.rstrip('*')}{r'[a-z]*' if word.endswith('*') else ''}\b", re.IGNORECASE), becomes)
    for word, becomes in _TABLE["rude"].items()
)
NEVER_HEARD = tuple(word.rstrip("*") for word in _TABLE["rude"] if word.endswith("*"))
"""Rude words, whatever follows them: a transcriber that can should not even think of them."""
_TERMS = ("fibonacci", "enumerate", "docstring", "traceback", "recursion", "comprehension", "concatenate")
"""Long words of programming that sound like no other word."""


def mended(text: str, *, names: Iterable[str] = (), known: Iterable[str] = ()) -> str:
    """A transcript as it was most likely said.

    Args:
        text: What a transcriber wrote.
        names: Names in the learner's and the chapter's code.
        known: Words that are likely here, such as the chapter's own: never taken for others.
    """
    names = tuple(dict.fromkeys(name.lower() for name in names))
    mended_text = text
    for pattern, becomes in _slips(names):
        mended_text = pattern.sub(becomes, mended_text)
    mended_text = _names_heard(mended_text, (*names, *_TERMS), {word.lower() for word in known})
    mended_text = " ".join(_polite(mended_text).split())
    return mended_text[:1].upper() + mended_text[1:] if text[:1].isupper() else mended_text


@lru_cache(maxsize=64)
def _slips(names: tuple[str, ...]) -> tuple[tuple[re.Pattern[str], str], ...]:
    said = "|".join(re.escape(name).replace("_", "[ _]") for name in names) or r"(?!)"
    return tuple(
        (
            re.compile(
                rf"\b(?:{pattern.replace('{name}', f'(?:{said})').replace('{number}', _NUMBER)})\b",
                re.IGNORECASE,
            ),
            becomes,
        )
        for pattern, becomes in _TABLE["slips"]
    )


def _names_heard(text: str, names: tuple[str, ...], known: set[str]) -> str:
    """Words that nothing here knows, replaced by a name that sounds like them."""
    sure = known.union(*(name.split("_") for name in names)).union(names)

    def meant(found: re.Match[str]) -> str:
        heard = found[0]
        if len(heard) < 5 or heard.lower() in sure or heard.lower().removesuffix("s") in sure:
            return heard
        return next((name.replace("_", " ") for name in names if alike(heard, name)), heard)

    return _WORD.sub(meant, text)


def _polite(text: str) -> str:
    """Without the words of the table's `rude` part, which transcribers write for others that sound alike."""
    for pattern, becomes in _RUDE:
        text = pattern.sub(becomes, text)
    return text
