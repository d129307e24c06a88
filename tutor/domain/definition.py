"""Which words a passage defines, and which a question asks the meaning of."""

import re

from tutor.domain.terms import stem

_BOLD = re.compile(r"\*\*([^*\n]{2,40})\*\*")
_ASKED = re.compile(
    r"\b(?:what(?:'s| is| are| does| do)|define|meaning of|definition of|explain)\s+"
    r"(?:(?:a|an|the|the word|the term|exactly)\s+)*(\w[\w-]*(?: \w+)?)",
    re.IGNORECASE,
)
_TAIL = re.compile(r"\b(?:mean|means|do|does|for|of|in|again|called|and|or|is)$", re.IGNORECASE)


def defined(markdown: str) -> frozenset[str]:
    """The terms, stemmed, that a passage sets in bold: that is how a lesson introduces a word."""
    return frozenset(_term(words) for words in _BOLD.findall(markdown))


def asked_definition(question: str) -> frozenset[str]:
    """The terms, stemmed, whose meaning a question asks: one or two words each."""
    found = set[str]()
    for words in _ASKED.findall(question):
        found |= {_term(_TAIL.sub("", words).strip()), _term(words.split()[0])}
    return frozenset(found) - {""}


def _term(words: str) -> str:
    return " ".join(stem(word) for word in re.findall(r"\w+", words))
