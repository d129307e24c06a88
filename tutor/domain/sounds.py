"""How a word sounds, roughly: two words that a transcriber may confuse have keys that are alike."""

import re

_RULES = (
    (r"[^a-z]", ""),
    (r"^(?:kn|gn|pn)", "n"),
    (r"^wr", "r"),
    (r"^wh", "w"),
    (r"^x", "s"),
    (r"mb$", "m"),
    (r"[td](?=ion)|s[si](?=on)|tch|cc(?=i)|ch|sh|sch", "X"),
    (r"ph|gh(?=t)|v", "f"),
    (r"gh", ""),
    (r"th|d", "t"),
    (r"dg|j|g(?=[iey])", "J"),
    (r"c(?=[iey])|z", "s"),
    (r"ck|q|c|g", "k"),
    (r"x", "ks"),
    (r"b", "p"),
    (r"(?<=.)[aeiouyhw]+", ""),
    (r"^[aeiouyh]+", "A"),
    (r"(.)\1+", r"\1"),
)
"""In order. Sounds that differ in voice alone (b and p, d and t) are one; vowels count only at the start."""


def key(word: str) -> str:
    """The consonants of a word, or of several, as they sound: `key("fibonachi")` is `key("fibonacci")`."""
    sound = word.lower()
    for pattern, becomes in _RULES:
        sound = re.sub(pattern, becomes, sound)
    return sound


def alike(heard: str, meant: str) -> bool:
    """Whether one may have been heard for the other: three or more consonants, the same, and like letters."""
    wanted = key(meant)
    return len(wanted) >= 3 and key(heard) == wanted and _changes(heard, meant) <= max(1, len(meant) // 4)


def _changes(one: str, other: str) -> int:
    """Letters to put in, leave out or change (Levenshtein's distance)."""
    row = list(range(len(other) + 1))
    for index, letter in enumerate(one, 1):
        before, row[0] = row[0], index
        for place, wanted in enumerate(other, 1):
            changed = before + (letter != wanted)
            before, row[place] = row[place], min(row[place] + 1, row[place - 1] + 1, changed)
    return row[-1]
