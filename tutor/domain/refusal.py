"""What a learner reads where a message, or an answer, is not let through: kind words, and the way back."""

import tomllib
from functools import cache
from importlib.resources import files

from tutor.domain.course import Chapter
from tutor.domain.language import guess
from tutor.domain.topic import Harm, Label, Verdict


@cache
def _texts() -> dict[str, dict[str, str]]:
    return tomllib.loads(files("tutor.domain").joinpath("refusal.toml").read_text(encoding="utf-8"))


def languages() -> tuple[str, ...]:
    """The languages that a refusal can be said in, as BCP 47 tags."""
    return tuple(_texts())


def refusal(verdict: Verdict, chapter: Chapter | None, message: str, *, language: str = "") -> str:
    """The answer to a message that is off the subject or unsafe.

    Nothing of the message is repeated. A person in distress is never told about the subject.

    Args:
        verdict: Off, or unsafe with its harm.
        chapter: The open one, for the way back.
        message: Tells the learner's language.
        language: The learner's language where it is known otherwise, as a BCP 47 tag.
    """
    texts = _texts().get(language.split("-")[0] or guess(message)) or _texts()["en"]
    if verdict.label is Label.UNSAFE and verdict.harm is not None:
        said = texts[verdict.harm.value]
        if verdict.harm in (Harm.DISTRESS, Harm.MALWARE):
            return said
    else:
        said = texts["off"]
    return _and_back(said, texts, chapter)


def withheld(quoted: str, chapter: Chapter | None, message: str) -> str:
    """What stands in place of an answer that began to read out what it must not.

    Args:
        quoted: `instructions` or `solution`.
        chapter: The open one, for the way back.
        message: Tells the learner's language.
    """
    texts = _texts().get(guess(message)) or _texts()["en"]
    said = texts[quoted]
    return said if quoted == "solution" else _and_back(said, texts, chapter)


def _and_back(said: str, texts: dict[str, str], chapter: Chapter | None) -> str:
    if chapter is None:
        return f"{said} {texts['back_plain']}"
    back = texts["back"].format(chapter=chapter.title)
    if chapter.questions and "question" in texts:
        back += " " + texts["question"].format(question=chapter.questions[0].question)
    return f"{said} {back}"
