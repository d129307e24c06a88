"""Python's own words and signs in a question or in code: exact signals for a search."""

import builtins
import keyword
import re
import tomllib
from importlib.resources import files

_LISTS = tomllib.loads(files("tutor.domain").joinpath("construct.toml").read_text(encoding="utf-8"))
_METHODS = frozenset(
    name for kind in (str, list, dict, set, tuple, int) for name in dir(kind) if not name.startswith("_")
)
_NAMES = frozenset(name for name in dir(builtins) if not name.startswith("_"))
"""Builtins and exceptions."""
_KNOWN = frozenset(keyword.kwlist) | _NAMES | _METHODS
_ENGLISH = frozenset(_LISTS["english"].split())
"""Words that a question may mean as English; they count only where they stand like code."""

_BACKTICKED = re.compile(r"`+([^`]+)`+")
_WORD = re.compile(r"[A-Za-z_]\w*")
_SIGNS = re.compile(r"(?:\*\*|//|==|!=|<=|>=|\+=|-=|\*=|/=|\+\+|:=|->|%)|(?<=\s)=(?=\s|$)")
_TEXT_OR_COMMENT = re.compile(r"#.*|\"[^\"\n]*\"|'[^'\n]*'")
_LIKE_CODE = re.compile(
    r"\.\s?(?P<method>[a-z_]+)\b|\b(?P<called>[a-z_]+)\s?\(|"
    r"\b(?P<named>[a-z]+)[ -]"
    r"(?:loops?|statements?|keyword|operator|method|function|command|clause|blocks?)\b|"
    r"\b(?:keyword|operator|method|function|command|statement|use|using|with) (?P<after>[a-z_]+)\b|"
    r"\bthe (?P<thing>[a-z_]+) (?:thing|word|part|stuff)\b|"
    r"\bwhat(?:'s|s| is| does) (?:the )?(?P<meant>[a-z_]+) (?:for|do|mean)\b|"
    r"\b(?P<against>[a-z_]+) (?:instead|or|vs\.?|versus|and) (?:of )?(?P<other>[a-z_]+)\b"
)
_SPOKEN_SIGNS = tuple(
    (sign, re.compile(rf"\b(?:{words})\b", re.IGNORECASE)) for sign, words in _LISTS["spoken"].items()
)


def in_question(text: str) -> frozenset[str]:
    """Keywords, builtins, methods and operators that a message names, by their written form."""
    found = set[str]()
    for piece in _BACKTICKED.findall(text):
        found |= in_code(piece)
    lower = _BACKTICKED.sub(" ", text).lower()
    found |= {word for word in _WORD.findall(lower) if word in _KNOWN and word not in _ENGLISH}
    found |= {word for match in _LIKE_CODE.finditer(lower) for word in match.groups() if word in _KNOWN}
    found |= set(_SIGNS.findall(lower))
    found |= {sign for sign, spoken in _SPOKEN_SIGNS if spoken.search(lower)}
    return frozenset(found)


def in_code(source: str) -> frozenset[str]:
    """The same for code, which need not be correct: comments and texts are left out."""
    bare = _TEXT_OR_COMMENT.sub(" ", source)
    found = {word for word in _WORD.findall(bare) if word in _KNOWN}
    found |= set(_SIGNS.findall(bare))
    if re.search(r"\bf[\"']", source):
        found.add("f-string")
    if re.search(r"\w\[|=\s*\[", bare):
        found.add("[]")
    if "{" in bare:
        found.add("{}")
    return frozenset(found)


def in_markdown(markdown: str) -> frozenset[str]:
    """What a passage is about, exactly: the constructs in its inline and fenced code."""
    return frozenset().union(*map(in_code, _BACKTICKED.findall(markdown)))
