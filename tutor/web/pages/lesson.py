"""The chapter, notebook-style, and the list of chapters."""

from collections.abc import Callable, Sequence
from html import escape
from urllib.parse import urlencode

from tutor.domain.course import Cell, Chapter, Code, Course, Exercise, Prose, Question
from tutor.domain.hints import steps
from tutor.domain.problem import Problem
from tutor.domain.quiz import Quiz
from tutor.services.lessons import Lesson
from tutor.web.pages.markup import code_html, course_markdown
from tutor.web.pages.quiz import quiz_html

_Markdown = Callable[[str], str]


def chapter_link(course: str, chapter: str) -> str:
    """The address of a chapter."""
    return "?" + urlencode({"course": course, "chapter": chapter})


def chapters_html(courses: Sequence[Course], lesson: Lesson, problems: Sequence[Problem] = ()) -> str:
    """The list of chapters of every course, the open one marked; below it `problems`, for the author."""
    chapters = "".join(_course(course, lesson) for course in courses)
    return f'<nav aria-label="Chapters">{chapters}{_problems(problems)}</nav>'


def lesson_html(lesson: Lesson) -> str:
    """The open chapter."""
    course, chapter = lesson.course, lesson.chapter
    markdown = course_markdown(course.slug)
    cells = "".join(_cell(cell, markdown) for cell in chapter.cells)
    questions = _questions(chapter.questions, markdown) if chapter.questions else ""
    return (
        f'<article lang="{escape(course.language)}" data-course="{course.slug}"'
        f' data-chapter="{chapter.slug}" data-packages="{escape(" ".join(chapter.packages))}">'
        f"<header><p>{escape(course.title)} · Chapter {chapter.number} of {course.size} · "
        f"about {chapter.minutes} minutes</p><h1>{escape(chapter.title)}</h1>"
        f'<p class="summary">{escape(chapter.summary)}</p><p class="steps" role="status"></p></header>'
        f"{cells}{questions}{_next(course, chapter)}{_download(course, chapter)}</article>"
    )


def _problems(problems: Sequence[Problem]) -> str:
    if not problems:
        return ""
    entries = "".join(f"<li>{escape(problem.short)}</li>" for problem in problems)
    return (
        '<section class="problems" aria-label="Mistakes in course files"><h2>Mistakes in course files</h2>'
        f"<p>Learners do not see these chapters, nor this list.</p><ul>{entries}</ul></section>"
    )


def _course(course: Course, lesson: Lesson) -> str:
    entries = []
    for chapter in course.chapters:
        here = course.slug == lesson.course.slug and chapter.slug == lesson.chapter.slug
        seen = course.slug == lesson.course.slug and chapter.slug in lesson.visited
        state = ' aria-current="page"' if here else ' class="seen"' if seen else ""
        mark = '<span class="unseen"> (opened before)</span>' if seen and not here else ""
        entries.append(
            f'<li><a href="{escape(chapter_link(course.slug, chapter.slug))}"{state}>'
            f'<span class="number">{chapter.number}</span><span>{escape(chapter.title)}{mark}</span></a></li>'
        )
    return f"<h2>{escape(course.title)}</h2><ol>{''.join(entries)}</ol>"


def _cell(cell: Cell, markdown: _Markdown) -> str:
    match cell:
        case Prose():
            kind, label, body = "prose", f"Cell {cell.number}", markdown(cell.markdown)
        case Code():
            kind, label, body = "code-cell", f"Cell {cell.number}, code", _runnable(cell, cell.source)
        case Exercise():
            kind, label, body = "exercise", f"Cell {cell.number}, exercise", _exercise(cell, markdown)
        case Quiz():
            kind, label, body = "quiz-cell", f"Cell {cell.number}, quiz", quiz_html(cell, markdown)
    return (
        f'<section id="{escape(cell.id)}" class="cell {kind}" data-number="{cell.number}"'
        f' aria-label="{label}">'
        f'<div class="gutter"><a href="#{escape(cell.id)}" aria-label="Link to cell {cell.number}">'
        f'{cell.number}</a><button type="button" class="ask" data-ask="{escape(cell.id)}" '
        f'aria-label="Ask the teacher about cell {cell.number}">Ask</button></div>'
        f'<div class="body">{body}</div></section>'
    )


def _runnable(cell: Code | Exercise, source: str) -> str:
    """Code that runner.js makes editable and runs; without it, code to read."""
    number, kind = cell.number, ""
    check = again = ""
    if isinstance(cell, Exercise):
        kind = " data-exercise"
        check = _button("check", "Check", f"Check the exercise in cell {number}")
        again = '<button type="button" class="again" hidden>Start afresh</button>'
    elif cell.raises:
        kind = " data-raises"
    more = "".join(
        (
            _button("above", "Run the cells above", ""),
            _button("restart", "Restart Python", ""),
            _button("reset", "Back to the original code", ""),
        )
    )
    return (
        f'<div class="framed runnable" data-cell="{escape(cell.id)}" data-number="{number}"{kind}>'
        f'<div class="editor">{code_html(source)}</div><div class="tools">{check}'
        f"{_button('run', 'Run', f'Run cell {number}')}"
        f'<button type="button" class="stop" aria-label="Stop cell {number}" hidden>Stop</button>{again}'
        f'<span class="doing" role="status"></span>{_button("copy", "Copy", f"Copy cell {number}")}'
        f'<details class="more"><summary aria-label="More for cell {number}">'
        f'<span aria-hidden="true">⋯</span></summary><div>{more}</div></details></div>'
        f'<div class="output" aria-live="polite" aria-label="Output of cell {number}" hidden></div></div>'
    )


def _button(name: str, text: str, label: str) -> str:
    told = f' aria-label="{label}"' if label else ""
    return f'<button type="button" class="{name}"{told}>{text}</button>'


def _exercise(exercise: Exercise, markdown: _Markdown) -> str:
    # The hints themselves come from the server one by one, when the learner asks for them.
    hints = f'<div class="hints" data-of="{steps(exercise)}"></div>'
    checks = "\n\n".join(check.source for check in exercise.checks if not check.hidden)
    shown = f"<details><summary>How it is checked</summary>{code_html(checks)}</details>" if checks else ""
    return (
        f'<p class="badge">Exercise</p><h2>{escape(exercise.title)}</h2>{markdown(exercise.task)}'
        f"{_runnable(exercise, exercise.starter)}{hints}{shown}"
    )


def _questions(questions: Sequence[Question], markdown: _Markdown) -> str:
    entries = "".join(
        f'<details id="{escape(question.id)}"><summary>{escape(question.question)}</summary>'
        f"{markdown(question.answer)}</details>"
        for question in questions
    )
    title = "<h2>Questions learners ask</h2>"
    return f'<section class="questions" aria-label="Questions">{title}{entries}</section>'


def _download(course: Course, chapter: Chapter) -> str:
    address = f"/api/v1/courses/{course.slug}/chapters/{chapter.slug}/notebook"
    return (
        f'<p class="download"><a href="{address}" download="{chapter.slug}.ipynb">Download this chapter with '
        "your code</a> as a Jupyter notebook.</p>"
    )


def _next(course: Course, chapter: Chapter) -> str:
    following = [other for other in course.chapters if other.number > chapter.number]
    if not following:
        return '<p class="next">That was the last chapter of this course. Well done.</p>'
    link = escape(chapter_link(course.slug, following[0].slug))
    return (
        f'<p class="next"><a href="{link}">Next: {escape(following[0].title)} '
        '<span aria-hidden="true">→</span></a></p>'
    )
