"""The guide's answers to questions: the fitting passage, where it stands, and one step or question back."""

import re
from collections.abc import Iterable

from tutor.adapters.lesson_index import Hit
from tutor.adapters.lesson_scene import Scene
from tutor.domain.course import Code, Prose
from tutor.domain.passage import Kind, Passage
from tutor.domain.quoting import as_quote, brief_text, mended, probe_question, quoted, stands_alone
from tutor.domain.reply import Reply, reply
from tutor.domain.traceback import error_names, written_errors

SURE = 0.58
"""From here on a passage is about what was looked for."""
CERTAIN, APART = 0.9, 0.08
"""From here on it is taken for the answer to a question; below, only where it leads by so much."""
FOREIGN, HARDLY = 0.3, 0.95
"""A passage with less of a question's words than this, and a lower score than that, is no answer to it."""
MAYBE = 0.44
"""From here on it is offered as the nearest place; below, the guide says that it does not know."""
_ASKING = re.compile(r"^(?:why|what|how|when|where|which|who|can|could|does|is|are|do|should|tell|explain)\b")
_REPLYING = re.compile(
    r"^(?:the|it|they|because|i (?:think|guess|would say)|maybe|line|yes|no|none|nothing|\W*\d)\b"
)
_CLOSING = (
    "Which part of it would you like to look at more closely?",
    "Is there a word in it that is new to you?",
    "Where in your own code do you meet this?",
)
TEXTS = (Kind.QUESTION, Kind.PROSE, Kind.RECAP, Kind.MISCONCEPTION)


def to_question(scene: Scene) -> Reply:
    """A question that names its topic."""
    hits = understandable(scene.search(scene.question, kinds=(*TEXTS, Kind.CODE), with_code=True))
    if not hits or hits[0].score < MAYBE:
        return unknown(scene)
    best = _best(scene, hits)
    if _is_answer(scene, best, hits):
        return with_step(scene, best.passage, scene.question)
    where = scene.place(best.passage)
    others = _offers(scene, [hit.passage for hit in hits if hit.passage is not best.passage][:4])
    return reply(
        "I am not sure that this is what you mean. The nearest place in the lesson says:",
        words_of(scene, best.passage),
        f"It is at {where.text}.",
        f"Or did you mean one of these?\n\n{others}"
        if others
        else "If you meant something else, ask with a word from your code.",
        at=(where,),
    )


def _is_answer(scene: Scene, best: Hit, hits: list[Hit]) -> bool:
    """Whether the best passage is taken for the answer, and not for a neighbour of it."""
    if best.score < SURE or best.passage.kind is Kind.CODE or says_of_another(scene, best.passage):
        return False
    if best.score < HARDLY and scene.index.covered(scene.question, best.passage) < FOREIGN:
        return False  # "What is an AVL tree?" is not answered by what a tree is
    alone = scene.search(scene.question, kinds=TEXTS, limit=12)
    if not any(hit.passage.id == best.passage.id and hit.score >= SURE for hit in alone):
        return False  # only the code, not the question, is about it
    if best.score >= CERTAIN:
        return True
    # What stands at the same cell, or gives the same answer, is no rival.
    rivals = (hit for hit in hits if hit.passage.cell_id != best.passage.cell_id)
    next_best = next(rivals, None)
    return next_best is None or best.score - next_best.score >= APART


def _offers(scene: Scene, near: Iterable[Passage]) -> str:
    """Questions with an answer, as a list; those that were answered are left out."""
    asked = [one.asks for one in near if one.kind is Kind.QUESTION and not scene.was_said(one)]
    return "\n".join(f"- {one}" for one in asked[: 1 if scene.brief.spoken else 2])


def _best(scene: Scene, hits: list[Hit]) -> Hit:
    """The hit to answer with, of those that score nearly the same: words before code, this chapter first."""
    close = [hit for hit in hits if hit.score >= hits[0].score - 0.15]
    return min(close, key=lambda hit: (hit.passage.kind is Kind.CODE, hit.passage.chapter != scene.slug))


def says_of_another(scene: Scene, passage: Passage) -> bool:
    """Whether a passage tells somebody with a certain error what they did, and this learner has none such."""
    named = written_errors(passage.asks)
    has = error_names(scene.question) | ({scene.error.name} if scene.error else set())
    return bool(named) and not named & has


def is_question(scene: Scene) -> bool:
    """Whether a message asks something, rather than answers what the teacher asked."""
    words = scene.question.lower().strip()
    if "?" in words or len(words.split()) > 30 or _ASKING.match(words):
        return True
    if _REPLYING.match(words):
        return False
    hits = scene.search(scene.question, limit=1)
    return bool(hits) and hits[0].score >= SURE + 0.2


def with_example(scene: Scene) -> Reply:
    """A wish for an example: of the topic that the message names, or of what was spoken of."""
    topic = scene.question if not scene.leans_back else scene.spoken_of
    if not topic:
        return at_cell(scene)
    examples = scene.search(topic, kinds=(Kind.CODE,), limit=6)
    fresh = [hit for hit in examples if not scene.was_said(hit.passage) and hit.score >= MAYBE - 0.1]
    if not fresh:
        return _nothing_more(scene, topic)
    best = fresh[0].passage
    where = scene.place(best)
    lead = f"Here is an example from {where.text}:" if not scene.brief.spoken else f"Look at {where.text}."
    return reply(
        lead,
        "" if scene.brief.spoken else best.text,
        "Before you run it, say to yourself what it prints. Then run it and compare. What surprised you?",
        at=(where,),
    )


def said_otherwise(scene: Scene) -> Reply:
    """A wish for plainer words, or for more: the next best passage on what was spoken of."""
    topic = scene.question if not scene.leans_back else scene.spoken_of
    if not topic:
        return at_cell(scene)
    hits = scene.search(topic, kinds=TEXTS, limit=10)
    fresh = [hit for hit in understandable(hits) if not scene.was_said(hit.passage) and hit.score >= MAYBE]
    if not fresh:
        return _nothing_more(scene, topic)
    # What stands at the cells that were just named carries on the thought; the score alone may jump.
    best = max(fresh, key=lambda hit: hit.score + 0.25 * (hit.passage.cell_id in scene.cells_named))
    return with_step(scene, best.passage, topic, lead="Let us look at it from another side.")


def to_reply(scene: Scene) -> Reply | None:
    """The learner's answer to a question that the teacher asked last, or None where none was asked."""
    for passage in scene.index.passages:
        asked = probe_question(passage) if passage.probe else ""
        if asked and asked in scene.last_said:
            where = scene.place(passage)
            return reply(
                "Thank you for trying it. Compare your answer with what the lesson says:",
                as_quote(mended(passage)),
                f"You can read about it at {where.text}. Did you say the same?",
                at=(where,),
            )
    return None


def at_cell(scene: Scene) -> Reply:
    """What stands at the cell in view and around it."""
    cell = scene.cell
    if cell is None or scene.chapter is None:
        return unknown(scene, "Tell me which cell or which word you mean.")
    here = [one for one in scene.index.passages if one.chapter == scene.slug and one.cell_id]
    around = [
        one for one in here if one.kind in (Kind.PROSE, Kind.RECAP) and abs(one.number - cell.number) <= 1
    ]
    if isinstance(cell, Prose):
        around = [one for one in around if one.number == cell.number] or around
    fresh = [one for one in around if not scene.was_said(one)] or around
    where = scene.link(cell)
    if not fresh:
        return unknown(scene, f"The lesson says nothing more about {where.text}.")
    texts = fresh[:1] if scene.brief.spoken else fresh[:2]
    step = "Run it now, and watch which line of the output comes from which line of the code."
    if not isinstance(cell, Code):
        step = "Which word in it is new to you?"
    return reply(
        f"This is what the lesson says around {where.text}:",
        *(words_of(scene, one) for one in texts),
        step,
        at=(where, *(scene.place(one) for one in texts)),
    )


def unknown(scene: Scene, lead: str = "I find no answer to that in the lesson's text.") -> Reply:
    """Nothing fits: say so, offer questions that have an answer, and the nearest place."""
    asked = f"{scene.question} {scene.spoken_of}"
    hits = scene.search(asked, kinds=(Kind.QUESTION,), limit=12)
    near = [hit.passage for hit in hits if hit.passage.chapter == scene.slug or not scene.slug]
    offers = [one for one in near if not scene.was_said(one)][: 2 if scene.brief.spoken else 3]
    nearest = offers[:1] or [hit.passage for hit in scene.search(asked, limit=1)]
    places = tuple(scene.place(one) for one in nearest)
    listed = "\n".join(f"- {one.asks}" for one in offers)
    return reply(
        f"{lead} No model is connected, so I can only tell what stands there.",
        f"I can help with questions like these:\n\n{listed}" if listed else "",
        f"The nearest place is {places[0].text}." if places else "",
        at=places,
    )


def with_step(scene: Scene, passage: Passage, topic: str, lead: str = "") -> Reply:
    """A passage, where it stands, and a question or step that goes with the topic."""
    where = scene.place(passage)
    code = scene.code_after(scene.index.placed(passage))
    on_page = passage.kind not in (Kind.QUESTION, Kind.MISCONCEPTION)
    stands = f"You find it at {where.text}." if on_page else f"In the lesson, it goes with {where.text}."
    if passage.chapter != scene.slug and scene.slug:
        stands = f"This belongs to another chapter: {where.text}."
    step = scene.probe(topic, passage) if passage.chapter == scene.slug else ""
    if not step and code is not None:
        at_code = scene.link(code).text
        step = f"Say what {at_code} prints before you run it. Were you right?"
    step = step or _CLOSING[scene.turns % len(_CLOSING)]
    return reply(lead, words_of(scene, passage), f"{stands} {_as_next(step)}", at=(where,))


def _as_next(step: str) -> str:
    return f"Now you: {step[0].lower()}{step[1:]}" if step.startswith(("Try to", "Say ")) else step


def words_of(scene: Scene, passage: Passage) -> str:
    """The passage as it is quoted: whole on the page, its first sentences where it is spoken."""
    if not scene.brief.spoken:
        return quoted(passage)
    if passage.kind is Kind.CODE:
        return ""
    return brief_text(quoted(passage).replace("> ", ""))


def _nothing_more(scene: Scene, topic: str) -> Reply:
    last = scene.search(topic, limit=1)
    where = tuple(scene.place(hit.passage) for hit in last)
    return reply(
        "The lesson's text has no more on this than I have quoted, and no model is connected to say it "
        "in other words.",
        f"Read {where[0].text} once more, slowly, and tell me the first word or line that is not clear."
        if where
        else "",
        at=where,
    )


def understandable(hits: Iterable[Hit]) -> list[Hit]:
    """The hits that make sense to a learner on their own."""
    return [hit for hit in hits if stands_alone(hit.passage)]
