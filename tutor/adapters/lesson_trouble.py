"""The guide's help with the learner's own code: its error, its failing check, what can be seen in it."""

import re

from tutor.adapters.lesson_answers import SURE, TEXTS, says_of_another, understandable, with_step, words_of
from tutor.adapters.lesson_scene import Scene
from tutor.domain.belonging import belongs_elsewhere
from tutor.domain.mishap import explained
from tutor.domain.observation import Observation
from tutor.domain.observed import nearness
from tutor.domain.passage import Kind, Passage
from tutor.domain.quoting import as_quote
from tutor.domain.reply import Reply, reply
from tutor.domain.traceback import PythonError, same_kind

ABOUT = 0.7
"""From here on a passage is about what was seen in the code."""
FITS_CHECK, SAYS_THE_SAME = 0.5, 0.4
"""A question is offered beside a failing check from this score on, with so much of the check's words."""
_UNREADABLE = frozenset({"SyntaxError", "IndentationError", "TabError"})
_HOW = re.compile(r"^(?:so |and |but )?how (?:do|can|could|should|to|would)\b", re.IGNORECASE)
_GENERAL = re.compile(
    r"^(?:so |and |but )?(?:what(?:'s| is| are| does)|whats|difference|explain|how (?:do|can|does|to)|"
    r"is|are|can|could|do|does|should|may)\b"
    r"(?! (?:wrong|happening|going on|my|this|the (?:problem|error|matter)))",
    re.IGNORECASE,
)
"""How a question about the subject begins."""


def to_trouble(scene: Scene) -> Reply:
    """Something does not work: the error first, then the failing check, then what the code shows."""
    if scene.error is not None:
        return _to_error(scene, scene.error)
    if scene.brief.work.failing_check.strip():
        return _to_check(scene)
    if scene.observations:
        return to_sight(scene, scene.observations[0])
    code = scene.brief.work.code.strip()
    hits = scene.search(scene.question, kinds=TEXTS, with_code=True) if code else ()
    likely = [hit for hit in understandable(hits) if hit.score >= SURE and hit.passage.chapter == scene.slug]
    if likely:
        return with_step(
            scene, likely[0].passage, scene.question, lead="I cannot judge your code alone. This may be it:"
        )
    return reply(
        "I cannot see an error message yet, so let us find out together.",
        "What did you expect your code to do, and what does it do? If there is an error message, "
        "its last line helps most.",
    )


def to_own_work(scene: Scene) -> Reply | None:
    """The answer to a question about the learner's own work; None for one about the subject.

    What is there is believed before what is searched for: the error, the failing check, the code.
    """
    question = scene.question.strip()
    troubled = scene.error is not None or bool(scene.brief.work.failing_check.strip())
    if troubled and (_HOW.match(question) or not _GENERAL.match(question)):
        return to_trouble(scene)
    if _GENERAL.match(question):
        return None
    near = [one for one in scene.observations if nearness(one, question)]
    if near:
        return to_sight(scene, near[0])
    if scene.observations and scene.observations[0].sure:
        hits = scene.search(question, limit=1)
        if not hits or hits[0].score < SURE + 0.1 or hits[0].passage.kind is Kind.CODE:
            return to_sight(scene, scene.observations[0])
    return None


def to_sight(scene: Scene, found: Observation) -> Reply:
    """What is true of the learner's code, what the lesson says of it, and one question."""
    passage = _about(scene, found)
    if passage is None:
        return reply("Look at your code.", found.says, found.ask, own=True)
    where = scene.place(passage)
    quote = "" if scene.was_said(passage) else words_of(scene, passage)
    return reply(
        f"Look at your code. {found.says}",
        quote,
        f"In the lesson: {where.text}. {found.ask}",
        at=(where,),
        own=True,
    )


def _about(scene: Scene, found: Observation) -> Passage | None:
    hits = (
        hit
        for hit in understandable(scene.search(found.topic, kinds=TEXTS))
        if hit.score >= ABOUT and not says_of_another(scene, hit.passage) and _fits(scene, hit.passage)
    )
    first = next(hits, None)
    return first.passage if first else None


def _fits(scene: Scene, passage: Passage) -> bool:
    """Whether a passage that asks about an error asks about the learner's: there are many SyntaxErrors."""
    error = scene.error
    if error is None or error.name not in _UNREADABLE or error.name not in passage.asks:
        return True
    return _is_about(passage, error)


def _to_error(scene: Scene, error: PythonError) -> Reply:
    at_line = f" on line {error.line} of your code" if error.line else ""
    source = f": {_inline(error.source[:120])}." if error.source else "."
    head = f"Python stopped with **{error.name}**{at_line}{source}"
    said = f"It says: {_inline(error.message[:300])}" if error.message else ""
    mishap = explained(error.name, error.message)
    found = _behind(scene, error)
    means = found.says if found else mishap.says if mishap else ""
    passage = _on_error(scene, error, found)
    step = found.ask if found else _step_after(error)
    if passage is None:
        look = mishap.look if mishap and not found else ""
        missing = "" if means else "The lesson's text does not explain this error further."
        return reply(head, said, means, missing, look, step, own=True)
    where = scene.place(passage)
    stands = f"In the lesson: {where.text}. {step}"
    return reply(head, said, means, words_of(scene, passage), stands, at=(where,), own=True)


def _on_error(scene: Scene, error: PythonError, found: Observation | None) -> Passage | None:
    """What the lesson says that helps: what was asked, else about what is seen, else about the error."""
    if _HOW.match(scene.question):
        asked = understandable(scene.search(scene.question, kinds=(Kind.QUESTION, Kind.PROSE), limit=3))
        if asked and asked[0].score >= SURE and not says_of_another(scene, asked[0].passage):
            return asked[0].passage
    if found is not None and (told := _about(scene, found)) is not None:
        return told
    hits = understandable(scene.search("", kinds=TEXTS, with_code=True, error=error))
    fresh = (one.passage for one in hits if _is_about(one.passage, error) and not scene.was_said(one.passage))
    return next(fresh, None)


def _behind(scene: Scene, error: PythonError) -> Observation | None:
    """What in the code the error comes from, as far as it can be seen."""
    if error.name in _UNREADABLE:
        return next(iter(scene.observations), None)
    told = f"{error.name}: {error.message}"
    behind = [one for one in scene.seen if one.is_behind(told)]
    at_line = next((one for one in behind if one.line == error.line), None)
    return at_line or next(iter(behind), None) or belongs_elsewhere(error)


def _step_after(error: PythonError) -> str:
    if error.line is None:
        return "Which line of your code could this be about?"
    if error.name in _UNREADABLE:
        return (
            f"Compare line {error.line}, and the line above it, with an example of the lesson. What differs?"
        )
    return f"Look at line {error.line}: what did you expect each name in it to hold?"


def _inline(code: str) -> str:
    """Foreign text as inline code that it cannot end."""
    return f"`{' '.join(code.replace('`', chr(39)).split())}`"


def _is_about(passage: Passage, error: PythonError) -> bool:
    if f"{error.name}: " in passage.asks:  # it is about this message; its signals may name the opposite
        return same_kind(error, passage.asks)
    if passage.asks:  # its text may name other errors, to tell them apart
        told = any(" " in one and one.lower() in error.message.lower() for one in passage.signals)
        return told or same_kind(error, f"{passage.asks} {' '.join(passage.signals)}")
    return error.name in passage.text and same_kind(error, passage.text)


def _answered_near(scene: Scene, check: str) -> Passage | None:
    """A question of this chapter that may be behind a failing check, by the check's words; often none."""
    hits = understandable(scene.search(f"{scene.question} {check}", kinds=(Kind.QUESTION,)))
    fitting = (
        hit.passage
        for hit in hits
        if hit.passage.chapter == scene.slug
        and hit.score >= FITS_CHECK
        and scene.index.covered(check, hit.passage) >= SAYS_THE_SAME
        and not says_of_another(scene, hit.passage)
    )
    return next(fitting, None)


def _to_check(scene: Scene) -> Reply:
    lines = scene.brief.work.failing_check.strip().splitlines()
    check = lines[-1].removeprefix("AssertionError:").strip()[:300]
    given = scene.hints[-1:]
    found = next(iter(scene.observations), None)
    passage = _about(scene, found) if found else None
    near = None if found else _answered_near(scene, check)
    told = words_of(scene, passage) if passage and not scene.was_said(passage) else ""
    where = tuple(scene.link(one) for one in (scene.exercise or scene.cell,) if one)
    lesson = tuple(scene.place(one) for one in (passage if told else near,) if one)
    if told and lesson:
        told = f"{told}\n\nIn the lesson: {lesson[0].text}."
    elif near is not None:
        told = f"Perhaps this is your question: *{near.asks}* The lesson answers it, at {lesson[0].text}."
    step = "Which line of your code decides this? Say aloud what it does with the values of this check."
    return reply(
        f"One check does not pass yet{f' at {where[0].text}' if where else ''}. It says:",
        as_quote(check),
        f"In your code: {found.says}" if found else "",
        told,
        f"Your newest hint was:\n\n{as_quote(given[0])}" if given else "",
        found.ask if found else step,
        at=(*where, *lesson),
        own=True,
    )
