"""What can be seen of a message without understanding it: code, errors, its form, the words it uses."""

import math
import re
import tomllib
import unicodedata
from collections.abc import Callable
from functools import cache
from importlib.resources import files

from tutor.domain.language import guess, known
from tutor.domain.lexicon import lexicon, words

LONGEST = 420
"""Characters that are looked at: two thirds from the beginning, the rest from the end."""


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    text = files("tutor.domain").joinpath("signals.toml").read_text(encoding="utf-8")
    return {name: re.compile(pattern) for name, pattern in tomllib.loads(text).items()}


_FORM: dict[str, Callable[[str], float]] = {
    "length": lambda text: math.log1p(len(text)) / 6,
    "lines": lambda text: math.log1p(text.count("\n")),
    "digits": lambda text: _share(text, str.isdigit),
    "capitals": lambda text: _share(text, str.isupper),
    "symbols": lambda text: _share(text, "()[]{}=<>+*/%_:;\"'#\\|&".__contains__),
    "not_latin": lambda text: _share(text, lambda letter: ord(letter) > 0x24F),
    "accents": lambda text: min(1.0, 10 * _share(text, lambda letter: 0x7F < ord(letter) <= 0x24F)),
}
_LENGTHS = {"one_word": (0, 1), "few_words": (2, 4), "some_words": (5, 8)}
"""Numbers of words, both ends included."""

NAMES: tuple[str, ...] = (
    *_patterns(),
    *_FORM,
    *_LENGTHS,
    *(f"names_{sense}" for sense in lexicon().senses),
    *(f"share_{sense}" for sense in lexicon().senses),
    "no_sense",
    *(f"in_{language}" for language in known()),
)
"""What each signal is called, in the order of `look`."""


def clean(text: str) -> str:
    """The part of a text that is looked at, in one Unicode form, without invisible characters."""
    if len(text) > LONGEST:
        text = f"{text[: LONGEST * 2 // 3]}\n{text[-LONGEST // 3 :]}"
    text = unicodedata.normalize("NFKC", text)
    return "".join(letter for letter in text if unicodedata.category(letter) != "Cf").strip()


def look(text: str) -> list[float]:
    """The signals of a cleaned text, in the order of NAMES, each about from 0 to 1."""
    spoken = len(words(text))
    spoken_in = guess(text, otherwise="")
    counts = lexicon().count(text)
    return [
        *(math.log1p(min(8, len(pattern.findall(text)))) for pattern in _patterns().values()),
        *(form(text) for form in _FORM.values()),
        *(float(low <= spoken <= high) for low, high in _LENGTHS.values()),
        *(math.log1p(count) for count in counts),
        *(min(1.0, count / max(1, spoken)) for count in counts),
        float(not any(counts)),
        *(float(spoken_in == language) for language in known()),
    ]


def _share(text: str, fits: Callable[[str], bool]) -> float:
    return sum(map(fits, text)) / max(1, len(text))
