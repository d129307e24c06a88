"""The progress page, of one learner and nobody else."""

from datetime import UTC, date, datetime, timedelta

import httpx

from tests.web.conftest import Site
from tutor.domain.journey import SPAN, ChapterMap, Day, Due, State, Step
from tutor.domain.place import CellPlace
from tutor.services.journey import CourseMap, Overview
from tutor.web.pages.progress import progress_html

CELLS = "/api/v1/courses/python-basics/chapters/loops/cells"
EVIL = '<img src=x onerror="alert(1)">'
TODAY = date(2026, 11, 2)


def done(client: httpx.Client) -> int:
    courses = client.get("/api/v1/progress").json()["courses"]
    chapters = [chapter for course in courses for chapter in course["chapters"]]
    return sum(step["state"] == "done" for chapter in chapters for step in chapter["steps"])


def test_progress_is_shown_to_its_learner_alone(site: Site) -> None:
    """A learner would see nothing of their work, or another's."""
    client = site.learner()
    assert client.post(f"{CELLS}/countdown/checks", json={"passed": True}).status_code == 200
    assert done(client) == 1
    assert done(site.learner()) == 0
    page = client.get("/progress?zone=Europe/Berlin")
    assert page.headers["cache-control"] == "no-store"
    assert "You practised on 1 day " in page.text
    assert "The next exercise comes back on" in page.text
    answer = site.visitor().get("/progress", headers={"accept": "text/html"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/welcome/?next=/progress")


def test_a_zone_that_does_not_exist_is_no_trouble(site: Site) -> None:
    """A made-up time zone would break the page, or read a file of the server."""
    client = site.learner()
    for zone in ("Nowhere/Here", "../../etc/passwd", "/etc/passwd", "\x00", "x" * 60):
        assert client.get("/progress", params={"zone": zone}).status_code == 200
    assert client.get("/progress", params={"zone": "x" * 61}).status_code == 422


def overview(*, due: bool = False) -> Overview:
    steps = (
        Step(cell_id="a", number=1, title=EVIL, kind="exercise", state=State.DONE),
        Step(cell_id="b", number=2, title="B", kind="quiz", state=State.DUE),
        Step(cell_id="c", number=3, title="C", kind="code", state=State.OPEN),
    )
    days = tuple(Day(day=TODAY - timedelta(days=back), solved=back % 3, active=True) for back in range(SPAN))
    waiting = Due(
        place=CellPlace("py", "one", "b"),
        title=EVIL,
        chapter_title=EVIL,
        since=datetime(2026, 1, 1, tzinfo=UTC),
    )
    chapters = (ChapterMap(slug="one", number=1, title=EVIL, steps=steps),)
    return Overview(
        courses=(CourseMap(slug="py", title=EVIL, chapters=chapters),),
        due=(waiting,) if due else (),
        next_due=None,
        days=days,
        streak=12,
    )


def test_the_page_holds_map_review_and_plot() -> None:
    """The page would lack what it is for, or obey HTML in a course's titles."""
    page = progress_html(overview(due=True), UTC)
    assert "<img src=x" not in page
    assert "2 of 3 steps done." in page
    assert "Review today (1)" in page
    assert "/?course=py&amp;chapter=one#b" in page
    assert "12 days in a row" in page
    assert page.count("<rect") == SPAN
    assert 'aria-label="Steps done each day' in page


def test_a_new_learner_is_told_what_will_be_here() -> None:
    """The first look would be at empty boxes."""
    page = progress_html(overview().model_copy(update={"days": (), "streak": 0}), UTC)
    assert "What you solve comes back here" in page
    assert "you will see on which days" in page
    assert "<svg" not in page
