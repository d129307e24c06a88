"""The guide's help with the learner's own code: its error, its failing check, or what is common."""

from tutor.adapters.lesson_answers import SURE, TEXTS, understandable, with_step, words_of
from tutor.adapters.lesson_scene import Scene
from tutor.domain.passage import Passage
from tutor.domain.quoting import as_quote
from tutor.domain.reply import Reply, reply
from tutor.domain.traceback import PythonError


def to_trouble(scene: Scene) -> Reply:
    """Something does not work: the error first, then the failing check, then what is common."""
    work = scene.brief.work
    if scene.error is not None:
        return _to_error(scene, scene.error)
    if work.failing_check.strip():
        return _to_check(scene)
    hits = scene.search(scene.question, kinds=TEXTS, with_code=True) if work.code.strip() else ()
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


def _to_error(scene: Scene, error: PythonError) -> Reply:
    at_line = f" on line {error.line} of your code" if error.line else ""
    source = f": {_inline(error.source[:120])}." if error.source else "."
    head = f"Python stopped with **{error.name}**{at_line}{source}"
    said = f"It says: {_inline(error.message[:300])}" if error.message else ""
    hits = [
        hit
        for hit in understandable(scene.search("", kinds=TEXTS, with_code=True, error=error))
        if _is_about(hit.passage, error) and not scene.was_said(hit.passage)
    ]
    step = _step_after(error)
    if not hits:
        return reply(head, said, "The lesson's text does not explain this error further.", step)
    where = scene.place(hits[0].passage)
    return reply(
        head, said, words_of(scene, hits[0].passage), f"In the lesson: {where.text}. {step}", at=(where,)
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
    where = tuple(scene.link(one) for one in (scene.exercise or scene.cell,) if one)
    return reply(
        f"One check does not pass yet{f' at {where[0].text}' if where else ''}. It says:",
        as_quote(check),
        f"Your newest hint was:\n\n{as_quote(given[0])}" if given else "",
        "Which line of your code decides this? Change only that one, and run the checks again.",
        at=where,
    )
