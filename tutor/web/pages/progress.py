"""The progress page: what to review, the map of each course, and practice over time. Plain HTML."""

from collections.abc import Sequence
from datetime import datetime, tzinfo
from html import escape
from urllib.parse import urlencode

from tutor.domain.journey import ChapterMap, Day, Due, State, Step
from tutor.services.journey import CourseMap, Overview

_HEAD = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Your progress · AI Programming Teacher</title>
<link rel="icon" href="/ours/static/mark.svg" type="image/svg+xml">
<link rel="stylesheet" href="/ours/static/page.css">
<link rel="stylesheet" href="/ours/static/progress.css">
<script type="module" src="/ours/static/progress.js"></script>
</head>
<body>
<main id="progress">
<p class="brand"><img src="/ours/static/mark.svg" alt="" width="24" height="24"> AI Programming Teacher</p>
<p><a href="/">Back to the lesson</a></p>
<h1>Your progress</h1>
"""
_STATES = {State.OPEN: "to do", State.DONE: "done", State.DUE: "to review"}
_KINDS = {"code": "code", "exercise": "exercise", "quiz": "question"}
_HEIGHT, _WIDTH, _BAR = 80, 672, 8


def progress_html(overview: Overview, zone: tzinfo) -> str:
    """The whole page."""
    courses = "".join(map(_course, overview.courses)) or "<p>There is no course here yet.</p>"
    return f"{_HEAD}{_review(overview, zone)}{courses}{_time(overview)}</main>\n</body>\n</html>\n"


def cell_link(course: str, chapter: str, cell_id: str = "") -> str:
    """The address of a cell."""
    anchor = f"#{cell_id}" if cell_id else ""
    return f"/?{urlencode({'course': course, 'chapter': chapter})}{anchor}"


def _review(overview: Overview, zone: tzinfo) -> str:
    if overview.due:
        body = f"<ul>{''.join(map(_due, overview.due))}</ul>"
    elif overview.next_due is not None:
        body = f"<p>Nothing today. {_next(overview.next_due, zone)}</p>"
    else:
        body = "<p>Nothing yet. What you solve comes back here after some days, so that you keep it.</p>"
    title = f"Review today ({len(overview.due)})" if overview.due else "Review today"
    return f'<section class="review" aria-labelledby="due"><h2 id="due">{title}</h2>{body}</section>'


def _due(one: Due) -> str:
    link = escape(cell_link(*one.place))
    return f'<li><a href="{link}">{escape(one.title)}</a> <span>{escape(one.chapter_title)}</span></li>'


def _next(moment: datetime, zone: tzinfo) -> str:
    day = moment.astimezone(zone)
    return f"The next exercise comes back on {day:%A}, {day.day} {day:%B}."


def _course(course: CourseMap) -> str:
    done = sum(chapter.done for chapter in course.chapters)
    steps = sum(len(chapter.steps) for chapter in course.chapters)
    chapters = "".join(_chapter(course.slug, chapter) for chapter in course.chapters)
    return (
        f'<section aria-labelledby="course-{course.slug}">'
        f'<h2 id="course-{course.slug}">{escape(course.title)}</h2>'
        f"<p>{done} of {steps} steps done. Circles are code, squares exercises, diamonds questions.</p>"
        f'<ol class="map">{chapters}</ol></section>'
    )


def _chapter(course: str, chapter: ChapterMap) -> str:
    dots = "".join(_dot(cell_link(course, chapter.slug, step.cell_id), step) for step in chapter.steps)
    link = escape(cell_link(course, chapter.slug))
    label = f"{chapter.done} of {len(chapter.steps)} steps of {escape(chapter.title)} done"
    return (
        f'<li><h3><span class="number">{chapter.number}</span> '
        f'<a href="{link}">{escape(chapter.title)}</a></h3>'
        f'<div class="far"><progress max="{max(len(chapter.steps), 1)}" value="{chapter.done}"'
        f' aria-label="{label}"></progress><span>{chapter.done} of {len(chapter.steps)}</span></div>'
        f'<ul class="dots">{dots}</ul></li>'
    )


def _dot(link: str, step: Step) -> str:
    title, state = escape(step.title), _STATES[step.state]
    return (
        f'<li><a class="{step.kind} {step.state}" href="{escape(link)}" title="{title}: {state}">'
        f'<span class="unseen">{title}, {_KINDS[step.kind]}, {state}</span></a></li>'
    )


def _time(overview: Overview) -> str:
    active = sum(day.active for day in overview.days)
    if not active:
        told = "Here you will see on which days you practised."
    else:
        told = f"You practised on {active} {'day' if active == 1 else 'days'} of the last twelve weeks."
    if overview.streak > 1:
        told += f" {overview.streak} days in a row up to now."
    plot = _plot(overview.days) if active else ""
    return f'<section aria-labelledby="time"><h2 id="time">Over time</h2><p>{told}</p>{plot}</section>'


def _plot(shown: Sequence[Day]) -> str:
    """Bars for the steps that were done each day."""
    most = max(max(day.solved for day in shown), 1)
    bars = []
    for place, day in enumerate(shown):
        # A day of work that solved nothing is a day of work: it has a small bar.
        height = round(_HEIGHT * day.solved / most) if day.solved else 3 if day.active else 0
        if height:
            bars.append(
                f'<rect x="{place * _BAR + 1}" y="{_HEIGHT - height}" width="{_BAR - 2}" height="{height}"'
                f' rx="2"><title>{day.day:%d %b}: {day.solved}</title></rect>'
            )
    weeks = "".join(
        f'<text x="{place * _BAR}" y="{_HEIGHT + 18}">{shown[place].day.day} {shown[place].day:%b}</text>'
        for place in range(0, len(shown) - 7, 14)
    )
    total = sum(day.solved for day in shown)
    label = f"Steps done each day in the last twelve weeks: {total} in all, {most} on the best day"
    return (
        '<div class="plot" tabindex="0" role="group" aria-label="Plot">'
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT + 26}" role="img" aria-label="{label}">'
        f'<line x1="0" y1="{_HEIGHT}" x2="{_WIDTH}" y2="{_HEIGHT}"/>{"".join(bars)}{weeks}</svg></div>'
    )
