"""Words as a search compares them: without endings and filler, with what learners say for the same."""

import re
import tomllib
from functools import lru_cache
from importlib.resources import files

_WORD = re.compile(r"o\([^()]{1,8}\)|[^\W\d_]\w*|\d+")
"""A cost, such as O(n log n), is one word."""
_LISTS = tomllib.loads(files("tutor.domain").joinpath("terms.toml").read_text(encoding="utf-8"))
_FILLER = frozenset(_LISTS["filler"].split())
_RELATED = 0.45
"""What a word of the same group counts, beside 1 for the word itself."""


def terms(text: str) -> list[str]:
    """The words of a text that carry meaning, stemmed, in order, with repetitions."""
    return [stem(word) for word in _words(text)]


def query_terms(text: str) -> dict[str, float]:
    """The terms of a question with their weights: its own words 1, what others say for them less."""
    own = terms(text)
    weights: dict[str, float] = dict.fromkeys(
        (other for one in own for other in _NEAR.get(one, ())), _RELATED
    )
    return weights | dict.fromkeys(own, 1.0)


def related(term: str) -> frozenset[str]:
    """The stems of the words that learners use for the same thing."""
    return _NEAR.get(term, frozenset())


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """A word without the endings of English: `stopping`, `stops` and `stop` become one."""
    word = word.lower()
    for end in ("ing", "ed"):
        base = word.removesuffix(end)
        if base != word and len(base) >= 3 and re.search("[aeiouy]", base):
            word = base[:-1] if base[-1] == base[-2] and base[-1] not in "lsz" else base
            break
    if word.endswith("ies") and len(word) > 4:
        word = word[:-3] + "y"
    elif word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 3:
        word = word[:-1]
    return word[:-1] if word.endswith("e") and len(word) > 3 else word


def _words(text: str) -> list[str]:
    found = (word for word in _WORD.findall(text.lower()) if word not in _FILLER)
    return [part for word in found for part in ((word, "bigo") if word.startswith("o(") else (word,))]


def _near() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for group in _LISTS["related"]:
        stems = {stem(word) for word in group.split()}
        for one in stems:
            found.setdefault(one, set()).update(stems - {one})
    return {one: frozenset(others) for one, others in found.items()}


_NEAR = _near()
