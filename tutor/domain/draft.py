"""Whether what a quick transcriber heard can be kept, or a careful one has to hear it too."""

import re
import tomllib
from collections.abc import Set as AbstractSet
from functools import cache
from importlib.resources import files

from tutor.domain.audio import Transcript
from tutor.domain.lexicon import lexicon

_SURE = 0.7
"""Measured on 161 spoken questions in two voices (bench/voice.py), with all words known: of those kept from
here on, about as many words are wrong as when the careful transcriber hears them. Where noise is as loud as
speech, one of twenty is kept."""
_FEWEST_WORDS = 3
"""Noise, coughs and backchannels are heard as one or two words."""
_WORD = re.compile(r"[a-z]+")
_SENSES = frozenset(("programming", "ambiguous", "asking_for_code", "lesson"))


def certain(draft: Transcript, known: AbstractSet[str]) -> bool:
    """Whether a draft is sure of every piece, and every word of it is one that is likely here.

    Args:
        draft: With its confidence; one without is never certain.
        known: Words in lower case. What is misheard is often no word at all.
    """
    words = _WORD.findall(draft.text.lower())
    if len(words) < _FEWEST_WORDS or (draft.confidence or 0.0) < _SURE:
        return False
    of_programming = {number for number, sense in enumerate(lexicon().senses) if sense in _SENSES}
    likely = known | said_by_learners()
    return all(
        word in likely or word.removesuffix("s") in likely or senses & of_programming
        for word, senses in zip(words, lexicon().senses_of(words), strict=True)
    )


@cache
def said_by_learners() -> frozenset[str]:
    """Words that are said in any chapter, from `learner_words.toml`."""
    text = files("tutor.domain").joinpath("learner_words.toml").read_text(encoding="utf-8")
    return frozenset(tomllib.loads(text)["words"].split())
