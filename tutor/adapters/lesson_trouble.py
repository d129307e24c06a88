"""The guide's help with the learner's own code: its error, its failing check, what can be seen in it."""

import re

from tutor.adapters.lesson_answers import SURE, TEXTS, understandable, with_step, words_of
from tutor.adapters.lesson_scene import Scene
from tutor.domain.mishap import explained
from tutor.domain.observation import Observation
from tutor.domain.passage import Passage
from tutor.domain.quoting import as_quote
from tutor.domain.reply import Reply, reply
from tutor.domain.terms import query_terms
from tutor.domain.traceback import PythonError

_OWN = re.compile(r"\b(?:my|mine|this|it|i|line \d+)\b", re.IGNORECASE)
_GENERAL = re.compile(
    r"^(?:what (?:is|are|does)|what's|difference|explain|how (?:do|can|does))\b", re.IGNORECASE
)


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


def seen_in_code(scene: Scene) -> Observation | None:
    """What a question about the learner's own code is about, as far as the code shows it."""
    question = scene.question
    if not scene.observations or not _OWN.search(question) or _GENERAL.match(question.strip()):
        return None
    asked = query_terms(question).keys()
    return next((one for one in scene.observations if asked & query_terms(one.topic).keys()), None)


def to_sight(scene: Scene, found: Observation) -> Reply:
    """What is true of the learner's code, what the lesson says of it, and one question."""
    passage = _about(scene, found)
    if passage is None:
        return reply("Look at your code.", found.says, found.ask)
    where = scene.place(passage)
    quote = "" if scene.was_said(passage) else words_of(scene, passage)
    return reply(
        f"Look at your code. {found.says}", quote, f"In the lesson: {where.text}. {found.ask}", at=(where,)
    )


def _about(scene: Scene, found: Observation) -> Passage | None:
    hits = understandable(scene.search(found.topic, kinds=TEXTS))
    return hits[0].passage if hits and hits[0].score >= SURE else None


def _to_error(scene: Scene, error: PythonError) -> Reply:
    at_line = f" on line {error.line} of your code" if error.line else ""
    source = f": {_inline(error.source[:120])}." if error.source else "."
    head = f"Python stopped with **{error.name}**{at_line}{source}"
    said = f"It says: {_inline(error.message[:300])}" if error.message else ""
    mishap = explained(error.name, error.message)
    found = next((one for one in scene.observations if one.sure and one.line == error.line), None)
    means = found.says if found else mishap.says if mishap else ""
    hits = [
        hit
        for hit in understandable(scene.search("", kinds=TEXTS, with_code=True, error=error))
        if _is_about(hit.passage, error) and not scene.was_said(hit.passage)
    ]
    step = found.ask if found else _step_after(error)
    if not hits:
        look = mishap.look if mishap and not found else ""
        missing = "" if means else "The lesson's text does not explain this error further."
        return reply(head, said, means, missing, look, step)
    where = scene.place(hits[0].passage)
    return reply(
        head,
        said,
        means,
        words_of(scene, hits[0].passage),
        f"In the lesson: {where.text}. {step}",
        at=(where,),
    )


def _step_after(error: PythonError) -> str:
    if error.line is None:
        return "Which line of your code could this be about?"
    if error.name in {"SyntaxError", "IndentationError", "TabError"}:
        return (
            f"Compare line {error.line}, and the line above it, with an example of the lesson. What differs?"
        )
    return f"Look at line {error.line}: what did you expect each name in it to hold?"


def _inline(code: str) -> str:
    """Foreign text as inline code that it cannot end."""
    return f"`{' '.join(code.replace('`', chr(39)).split())}`"


def _is_about(passage: Passage, error: PythonError) -> bool:
    whole = f"{passage.asks} {passage.text} {' '.join(passage.signals)}"
    return error.name in whole or (len(error.message) > 12 and error.message[:60] in whole)


def _to_check(scene: Scene) -> Reply:
    lines = scene.brief.work.failing_check.strip().splitlines()
    check = lines[-1].removeprefix("AssertionError:").strip()[:300]
    given = scene.hints[-1:]
    found = scene.observations[:1]
    where = tuple(scene.link(one) for one in (scene.exercise or scene.cell,) if one)
    step = "Which line of your code decides this? Change only that one, and run the checks again."
    return reply(
        f"One check does not pass yet{f' at {where[0].text}' if where else ''}. It says:",
        as_quote(check),
        f"In your code: {found[0].says}" if found else "",
        f"Your newest hint was:\n\n{as_quote(given[0])}" if given else "",
        found[0].ask if found else step,
        at=where,
    )
