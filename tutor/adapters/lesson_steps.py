"""The guide's steps through a chapter: welcome, hints, quiz, practice, recap, and small talk."""

import re

from tutor.adapters.lesson_answers import at_cell, unknown
from tutor.adapters.lesson_scene import Scene
from tutor.adapters.lesson_trouble import to_sight, to_trouble
from tutor.domain.course import Chapter, Code, Exercise
from tutor.domain.passage import Kind
from tutor.domain.quoting import as_quote, brief_text, probe_question
from tutor.domain.reply import Reply, reply

_BEFORE = re.compile(r"they were here before(, on [\w ]{1,30})?")
_FROM = re.compile(r'they come from (chapter \d+, "[^"]{1,80}")')


def welcome(scene: Scene) -> Reply:
    """A chapter was opened: what it is about, where the learner left off, and the first step."""
    chapter = scene.chapter
    if chapter is None:
        return greeting(scene)
    exercises = sum(isinstance(cell, Exercise) for cell in chapter.cells)
    first = next((cell for cell in chapter.cells if isinstance(cell, Code)), None)
    at = tuple(scene.link(cell) for cell in (chapter.cells[0], first) if cell) if chapter.cells else ()
    tasks = f"{exercises} exercise{'s' * (exercises != 1)}" if exercises else "no exercises"
    opening = f"Welcome to **{chapter.title}**. What it is about: {chapter.summary}"
    if seen := _BEFORE.search(scene.question):
        opening = f"Welcome back to **{chapter.title}**. You were here before{seen[1] or ''}."
        step = (
            "Go on where you stopped, or tell me in one sentence what you still know. Where shall we begin?"
        )
    else:
        step = f"First step: read {at[0].text}" if at else ""
        step += f", then run {at[1].text}." if len(at) > 1 else "." * bool(step)
        step += " Ask me whenever a word or a line is not clear."
    come = f" You come from {came[1]}." if (came := _FROM.search(scene.question)) else ""
    return reply(f"{opening}{come} It has {tasks} and takes about {chapter.minutes} minutes.", step, at=at)


def greeting(scene: Scene) -> Reply:
    """Hello."""
    if scene.chapter is None:
        return reply(
            "Hello! Open a chapter, and ask me about anything in it.", "Which one shall we begin with?"
        )
    offers = "\n".join(
        f"- {one.question}" for one in scene.chapter.questions[: 1 if scene.brief.spoken else 3]
    )
    return reply(
        f"Hello! We are in **{scene.chapter.title}**. What would you like to look at?",
        f"You could ask, for example:\n\n{offers}" if offers else "",
    )


def thanks(scene: Scene) -> Reply:
    """A kind word, and on to the next thing to do."""
    following = _next_exercise(scene)
    if following is None:
        return reply("You are welcome. Ask again whenever something is not clear.")
    where = scene.link(following)
    return reply(
        f"You are welcome. Would you like to try **{following.title}** next? It is {where.text}.", at=(where,)
    )


def hint(scene: Scene) -> Reply:
    """A nudge for an exercise: the released hints, never more, and what the lesson says that helps."""
    exercise = scene.exercise or _next_exercise(scene)
    if exercise is None or scene.chapter is None:
        return unknown(scene)
    where = scene.link(exercise)
    query = f"{exercise.title} {exercise.task} {exercise.starter}"
    hits = scene.search(query, kinds=(Kind.PROSE, Kind.CODE), limit=12)
    before = [
        h.passage for h in hits if h.passage.chapter == scene.slug and h.passage.number < exercise.number
    ]
    helpful = tuple(scene.place(one) for one in before[:1])
    nearby = f"What you need for it stands at {helpful[0].text}." if helpful else ""
    seen = f"In your code: {scene.observations[0].says}" if scene.observations else ""
    if scene.hints:
        told = f"Your newest hint for **{exercise.title}** ({where.text}):"
        ask = "Try that one step, and run it. What changes?"
        return reply(
            told, as_quote(scene.hints[-1]), seen or nearby, ask, at=(where, *helpful), own=bool(seen)
        )
    return reply(
        f"Let us look at **{exercise.title}** ({where.text}). "
        "No hint is open yet; you can open the first one there.",
        seen,
        nearby,
        scene.observations[0].ask
        if seen
        else "Say in your own words: what must be different from the code that you begin with?",
        at=(where, *helpful),
        own=bool(seen),
    )


def no_solution(scene: Scene) -> Reply:
    """A wish for the solution: kindly not, but everything that is released."""
    exercise = scene.exercise
    if exercise is not None and scene.brief.work.hint_level > len(exercise.hints) and scene.cell is exercise:
        where = scene.link(exercise)
        return reply(
            f"The solution is open to you now, at {where.text}. Read it line by line.",
            "Then close it and write it once yourself. Which line did you not expect?",
            at=(where,),
        )
    given = hint(scene)
    lead = "I keep the solution to myself for now: finding it is what makes it yours. One step is enough."
    return given.model_copy(update={"blocks": (lead, *given.blocks)})


def review(scene: Scene) -> Reply:
    """A look at the learner's exercise: only what checks and errors tell."""
    work = scene.brief.work
    if scene.error is not None or work.failing_check.strip():
        return to_trouble(scene)
    if scene.observations:
        return to_sight(scene, scene.observations[0])
    if scene.exercise is None and work.code.strip():
        return reply(
            "I see none of the usual mistakes in your code. Without running it, I cannot tell more.",
            "Run it: does it show what you expected?",
            own=True,
        )
    if scene.exercise is None:
        return at_cell(scene)
    where = scene.link(scene.exercise)
    if scene.exercise.title in work.solved:
        return reply(
            f"Yes. **{scene.exercise.title}** ({where.text}) passes all its checks. "
            "If your way is another one than the lesson's, it is right, too.",
            "Which line would you explain to a friend first?",
            at=(where,),
            own=True,
        )
    return reply(
        f"Without a model I cannot read your code for **{scene.exercise.title}** ({where.text}), "
        "but its checks can. Run them.",
        "If one fails, tell me, and we look at its message together.",
        at=(where,),
    )


def celebrate(scene: Scene) -> Reply:
    """The checks passed."""
    done = scene.exercise
    following = _next_exercise(scene)
    name = f"**{done.title}**" if done else "The exercise"
    where = tuple(scene.link(one) for one in (following,) if one)
    step = (
        f"Next comes **{following.title}**: {where[0].text}."
        if following
        else "That was the last exercise here."
    )
    return reply(
        f"Well done! {name} passes all its checks. {step}", "Which line was the hardest to find?", at=where
    )


def overview(scene: Scene) -> Reply:
    """What the chapter teaches, in its own summing-up."""
    chapter = scene.chapter
    if chapter is None:
        return greeting(scene)
    recap = next(
        (one for one in scene.index.passages if one.chapter == scene.slug and one.kind is Kind.RECAP), None
    )
    text = recap.text if recap else _headings(scene, chapter)
    at = (scene.place(recap),) if recap else tuple(scene.link(cell) for cell in chapter.cells[:1])
    words = brief_text(text, 4) if scene.brief.spoken else as_quote(text)
    more = f"That is {at[0].text}. " if at else ""
    return reply(
        f"**{chapter.title}**: {chapter.summary}",
        words,
        f"{more}Which of these points shall we look at?",
        at=at,
    )


def quiz(scene: Scene) -> Reply:
    """One question that a teacher of this chapter would ask, and that was not asked before."""
    mixups = [
        one for one in scene.index.passages if one.chapter == scene.slug and one.kind is Kind.MISCONCEPTION
    ]
    asked = [(probe_question(one), one) for one in mixups]
    for question, passage in asked:
        if question and question not in scene.said:
            where = scene.place(passage)
            return reply(
                f"Here is one for you. {question}", "Write what you think, then we compare.", at=(where,)
            )
    return practise(scene)


def practise(scene: Scene) -> Reply:
    """The next exercise: the guide invents none."""
    following = _next_exercise(scene)
    if following is None:
        return unknown(scene, "This chapter has no further exercise.")
    where = scene.link(following)
    task = "" if scene.brief.spoken else as_quote(following.task)
    return reply(f"Try **{following.title}**: {where.text}.", task, "What is your first line?", at=(where,))


def next_section(scene: Scene) -> Reply:
    """Lead over to the cell that the learner came to."""
    cell = scene.cell
    here = [
        one
        for one in scene.index.passages
        if one.chapter == scene.slug and cell and one.number == cell.number
    ]
    if cell is None or not here:
        return welcome(scene)
    where = scene.link(cell)
    heading = (
        f"Next: **{here[0].heading}** ({where.text})." if here[0].heading else f"Next comes {where.text}."
    )
    told = brief_text(here[0].text, 2)
    return reply(heading, as_quote(told) if told else "", at=(where,))


def _next_exercise(scene: Scene) -> Exercise | None:
    """The first exercise after the cell in view; from the top where none is in view."""
    chapter, cell = scene.chapter, scene.cell
    after = cell.number if cell else 0
    cells = chapter.cells if chapter else ()
    return next((one for one in cells if isinstance(one, Exercise) and one.number > after), None)


def _headings(scene: Scene, chapter: Chapter) -> str:
    found = dict.fromkeys(
        one.heading
        for one in scene.index.passages
        if one.chapter == chapter.slug and one.heading and one.kind is Kind.PROSE
    )
    return "\n".join(f"- {heading}" for heading in found)
