"""What listeners say without wanting the turn: "mm-hm", "okay", "I see"."""

import re
from difflib import SequenceMatcher

_SOUNDS = r"m+(?: ?-? ?h+m+)*|h+m+|a+h+|o+h+|uh ?-? ?huh|aha|huh|uh|um|mhm+|mm"
_WORDS = (
    r"ok|okay|yeah|yep|yup|yes|right|sure|alright|all right|cool|great|good|nice|fine|true|exactly|indeed|wow"
    r"|interesting|thanks|thank you|you|bye|i see|got it|i know|i understand|makes sense|that makes sense"
    r"|of course"
)
"""Whisper writes "you", "bye" and "thank you" for a cough."""
_ONE = rf"(?:{_SOUNDS}|{_WORDS})"
_BACKCHANNEL = re.compile(rf"{_ONE}(?: {_ONE}){{0,3}}")
_FEWEST = 2
_ECHOED = 0.8


def backchannel(text: str) -> bool:
    """Whether these words, said while somebody else speaks, only tell that one listens. So does silence."""
    plain = " ".join(re.sub(r"[^a-z' -]", " ", text.lower()).replace("-", " ").split())
    return (
        not plain
        or bool(_BACKCHANNEL.fullmatch(plain))
        or bool(_BACKCHANNEL.fullmatch(plain.replace(" ", "")))
    )


def echo(heard: str, spoken: str) -> bool:
    """Whether a microphone heard the teacher: nearly all its words are being spoken, in this order.

    One word proves nothing, and a question is never taken for an echo.

    Args:
        heard: The transcript.
        spoken: What is being played, and what was just before.
    """
    words, said = _words(heard), _words(spoken)
    if len(words) < _FEWEST or heard.strip().endswith("?"):
        return False
    found = sum(
        block.size for block in SequenceMatcher(None, words, said, autojunk=False).get_matching_blocks()
    )
    return found >= _ECHOED * len(words)


def _words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9']+", text.lower())
