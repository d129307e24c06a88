"""What a quick transcriber heard, and when it is kept."""

import pytest

from tutor.domain.audio import Transcript
from tutor.domain.draft import certain

KNOWN = frozenset("why does my loop never end greet".split())  # noqa: SIM905 - as it is said


def draft(text: str, confidence: float | None = 0.9) -> Transcript:
    return Transcript(text=text, model="quick", confidence=confidence)


@pytest.mark.parametrize(
    "text",
    [
        "Why does my loop never end?",
        "Why does my while loop never end?",
        "Why does greet never end?",
        "My loops end.",
        "Why does my loop never end,",
    ],
)
def test_a_sure_draft_of_likely_words_is_kept(text: str) -> None:
    """Every question would wait for the careful transcriber."""
    assert certain(draft(text), KNOWN)


@pytest.mark.parametrize(
    ("text", "confidence"),
    [
        ("Why does my Walloop never end?", 0.9),
        ("Why does my loop never end?", 0.6),
        ("Why does my loop never end?", None),
        ("Why does", 0.99),
        ("", 0.99),
    ],
)
def test_a_doubtful_draft_is_heard_again(text: str, confidence: float | None) -> None:
    """A misheard word, a transcriber that does not tell, or a cough would be answered as a question."""
    assert not certain(draft(text, confidence), KNOWN)
