"""What a message wants from the teacher, as far as its wording tells."""

import re
import tomllib
from enum import StrEnum
from importlib.resources import files

from tutor.domain.construct import in_question
from tutor.domain.terms import terms
from tutor.domain.traceback import written_errors


class Intent(StrEnum):
    """The kinds of wish that are answered differently."""

    ASK = "ask"
    """A question about the subject."""
    GREETING = "greeting"
    THANKS = "thanks"
    SOLUTION = "solution"
    HINT = "hint"
    TROUBLE = "trouble"
    """Something in the learner's work does not do what it should."""
    EXAMPLE = "example"
    SIMPLER = "simpler"
    MORE = "more"
    """Go on, or why."""
    THIS_CELL = "this_cell"
    OVERVIEW = "overview"
    QUIZ = "quiz"
    PRACTISE = "practise"
    OPEN_CHAPTER = "open_chapter"
    NEXT_SECTION = "next_section"
    CELEBRATE = "celebrate"
    REVIEW = "review"


_LISTS = tomllib.loads(files("tutor.domain").joinpath("intent.toml").read_text(encoding="utf-8"))
_PATTERNS = tuple(
    (Intent(name), re.compile("|".join(wordings), re.IGNORECASE))
    for name, wordings in _LISTS["wordings"].items()
)
_TOPICAL = frozenset({Intent.EXAMPLE, Intent.SIMPLER, Intent.MORE, Intent.TROUBLE, Intent.THIS_CELL})
_NAME = re.compile(r"^\[(\w+)\]")
_HIDDEN = {
    "open_chapter": Intent.OPEN_CHAPTER,
    "next_section": Intent.NEXT_SECTION,
    "explain_cell": Intent.THIS_CELL,
    "explain_error": Intent.TROUBLE,
    "review_exercise": Intent.REVIEW,
    "give_hint": Intent.HINT,
    "celebrate_exercise": Intent.CELEBRATE,
    "recap": Intent.OVERVIEW,
    "quiz_me": Intent.QUIZ,
    "practise": Intent.PRACTISE,
    "slower": Intent.SIMPLER,
    "simpler": Intent.SIMPLER,
    "another_example": Intent.EXAMPLE,
    "go_on": Intent.MORE,
    "site_note": Intent.GREETING,
}
"""Names of `domain/instruction.py`, which begin the text of a hidden instruction."""
_EMPTY = frozenset(_LISTS["topic"]["empty"].split())


def intent_of(question: str) -> Intent:
    """The wish behind a learner's message; ASK where no wording tells another."""
    text = question.strip()
    if len(text) > 600:  # a paste: its wording says little
        return Intent.TROUBLE
    return next((intent for intent, pattern in _PATTERNS if pattern.search(text)), Intent.ASK)


def hidden_intent(text: str) -> Intent:
    """The wish of a hidden instruction, by the name that begins its text; else a greeting to the chapter."""
    name = _NAME.match(text)
    return _HIDDEN.get(name[1], Intent.OPEN_CHAPTER) if name else Intent.OPEN_CHAPTER


def names_topic(question: str) -> bool:
    """Whether a message says what it is about, beside what it wants: "an example" does not."""
    if in_question(question) - {"help", "print"} or written_errors(question):
        return True
    return any(term not in _EMPTY and len(term) > 1 for term in terms(question))


def leans_back(intent: Intent, question: str) -> bool:
    """Whether the message can only be understood from what was said, or looked at, before."""
    return (intent in _TOPICAL or len(question.split()) <= 4) and not names_topic(question)
