"""Which language a message is written in, where its letters or its small words tell."""

import re
import tomllib
from functools import cache
from importlib.resources import files

_SCRIPTS = (
    ("ja", re.compile(r"[\u3040-\u30ff]")),
    ("ko", re.compile(r"[\uac00-\ud7af]")),
    ("zh", re.compile(r"[\u4e00-\u9fff]")),
    ("ar", re.compile(r"[\u0600-\u06ff]")),
    ("hi", re.compile(r"[\u0900-\u097f]")),
    ("uk", re.compile(r"[іїєґІЇЄҐ]")),
    ("ru", re.compile(r"[\u0400-\u04ff]")),
    ("vi", re.compile(r"[ăđơưạảấầẩẫậắằẳẵặẹẻẽếềểễệịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]", re.IGNORECASE)),
)

_WORD = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)?")


@cache
def _small_words() -> dict[str, frozenset[str]]:
    text = files("tutor.domain").joinpath("small_words.toml").read_text(encoding="utf-8")
    return {language: frozenset(words.split()) for language, words in tomllib.loads(text).items()}


@cache
def small_words() -> frozenset[str]:
    """Those of every language, together."""
    return frozenset().union(*_small_words().values())


def known() -> tuple[str, ...]:
    """Every tag that `guess` can find, each once."""
    return tuple(dict.fromkeys([*(language for language, _ in _SCRIPTS), *_small_words()]))


def guess(message: str, *, otherwise: str = "en") -> str:
    """The BCP 47 tag of the likeliest language, or `otherwise` where nothing tells.

    Args:
        message: The learner's words; quoted code does no harm.
        otherwise: The course's language.
    """
    letters = sum(character.isalpha() for character in message)
    for language, script in _SCRIPTS:
        # One such letter marks the language in a short message; in a long one it may be a quoted word.
        rare = 40 if language in ("uk", "vi") else 12
        if len(script.findall(message)) * rare > letters > 0:
            return language
    words = [word.replace("\u2019", "'") for word in _WORD.findall(message.casefold())]
    counts = {language: sum(word in small for word in words) for language, small in _small_words().items()}
    best = max(counts, key=lambda language: counts[language])
    if counts[best] == 0 or counts[best] == counts.get(otherwise, 0):
        return otherwise
    return best
