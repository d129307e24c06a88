"""The guide's help with the learner's own code: its error, its failing check, what can be seen in it."""

import re

from tutor.adapters.lesson_answers import SURE, TEXTS, says_of_another, understandable, with_step, words_of
from tutor.adapters.lesson_scene import Scene
from tutor.domain.mishap import explained
from tutor.domain.observation import Observation
from tutor.domain.passage import Kind, Passage
from tutor.domain.quoting import as_quote
from tutor.domain.reply import Reply, reply
from tutor.domain.terms import query_terms
from tutor.domain.traceback import PythonError

_OWN = re.compile(
    r"\b(?:my|mine|this|it|i|line \d+|wrong|errors?|broken|crash\w*|fail\w*|always|only|never|every|nothing|"
    r"skips?|stop(?:s|ped)|gone|missing|disappeared|instead|not|again)\b|n't\b",
    re.IGNORECASE,
)
"""Words of somebody who talks of their own code."""
_UNREADABLE = frozenset({"SyntaxError", "IndentationError", "TabError"})
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
    if _GENERAL.match(question):
        return None
    if scene.error is not None or scene.brief.work.failing_check.strip():
        return to_trouble(scene)
    asked = query_terms(question).keys()
    shared = {one: len(asked & query_terms(one.topic).keys()) for one in scene.observations}
    near = max((one for one in shared if shared[one]), key=lambda one: (one.sure, shared[one]), default=None)
    short = len(question.split()) <= 4
    # One word in common, such as "loop", is too little for what may be meant as it is.
    if near is not None and (near.sure or short or (shared[near] > 1 and _OWN.search(question))):
        return to_sight(scene, near)
    if scene.observations and scene.observations[0].sure:
        hits = scene.search(question, limit=1)
        if not hits or hits[0].score < SURE + 0.1 or hits[0].passage.kind is Kind.CODE:
            return to_sight(scene, scene.observations[0])
    return None


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
    hits = (
        hit
        for hit in understandable(scene.search(found.topic, kinds=TEXTS))
        if hit.score >= SURE and not says_of_another(scene, hit.passage)
    )
    first = next(hits, None)
    return first.passage if first else None


def _to_error(scene: Scene, error: PythonError) -> Reply:
    at_line = f" on line {error.line} of your code" if error.line else ""
    source = f": {_inline(error.source[:120])}." if error.source else "."
    head = f"Python stopped with **{error.name}**{at_line}{source}"
    said = f"It says: {_inline(error.message[:300])}" if error.message else ""
    mishap = explained(error.name, error.message)
    found = _behind(scene, error)
    means = found.says if found else mishap.says if mishap else ""
    hits = [
        hit
        for hit in understandable(scene.search("", kinds=TEXTS, with_code=True, error=error))
        if _is_about(hit.passage, error) and not scene.was_said(hit.passage)
    ]
    passage = hits[0].passage if hits else _about(scene, found) if found else None
    step = found.ask if found else _step_after(error)
    if passage is None:
        look = mishap.look if mishap and not found else ""
        missing = "" if means else "The lesson's text does not explain this error further."
        return reply(head, said, means, missing, look, step)
    where = scene.place(passage)
    return reply(
        head, said, means, words_of(scene, passage), f"In the lesson: {where.text}. {step}", at=(where,)
    )


def _behind(scene: Scene, error: PythonError) -> Observation | None:
    """What in the code the error comes from, as far as it can be seen: on its line, or of its kind."""
    if error.name in _UNREADABLE:
        return next(iter(scene.observations), None)
    sure = [one for one in scene.observations if one.sure and error.line in (None, one.line)]
    named = (one for one in sure if error.name in one.topic)
    return next(named, None) or (sure[0] if sure and error.line else None)


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
    # A name in the text alone may stand there for another reason: there are many kinds of TypeError.
    whole = f"{passage.asks} {passage.text} {' '.join(passage.signals)}"
    named = f"{passage.asks} {' '.join(passage.signals)}"
    return error.name in named or (len(error.message) > 12 and error.message[:60] in whole)


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
