"""Exercises, and every chapter as a learner meets it: on a wide page and on a phone."""

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.web.browsing import ROOT, guest, open_chapter
from tests.web.runner.hands import START, shown, write
from tutor.adapters.courses import FolderCourses
from tutor.domain.course import Chapter, Code, Exercise

pytestmark = pytest.mark.browser

SOLVED = 'for number in range(5, 0, -1):\n    print(number)\nprint("Lift off!")'
COURSE = FolderCourses(ROOT / "courses").course("python-basics")


def test_a_check_tells_what_is_missing_and_then_praises(exercise: Locator) -> None:
    """A learner would not know whether an exercise is done."""
    exercise.locator(".check").click()
    expect(exercise.locator(".verdict")).to_contain_text("Not yet. After the countdown, print", timeout=START)
    write(exercise, 'for number in range(5, -1, -1):\n    print(number)\nprint("Lift off!")')
    exercise.locator(".check").click()
    expect(exercise.locator(".verdict")).to_contain_text("one number too far")
    write(exercise, SOLVED)
    exercise.locator(".check").click()
    expect(exercise.locator(".verdict.passed")).to_contain_text("Your code passes every check.")


def test_code_that_fails_is_told_before_its_checks(exercise: Locator) -> None:
    """The check's words would hide the learner's own mistake."""
    write(exercise, "print(1 / 0)")
    exercise.locator(".check").click()
    expect(exercise.locator(".traceback strong")).to_have_text(
        "ZeroDivisionError: division by zero", timeout=START
    )
    expect(exercise.locator(".verdict")).to_have_count(0)


@pytest.mark.parametrize("chapter", COURSE.chapters, ids=lambda chapter: chapter.slug)
def test_every_cell_and_solution_works_in_the_browser(page: Page, site: str, chapter: Chapter) -> None:
    """A chapter that is right in CPython could fail in the learner's browser."""
    open_chapter(page, site, chapter.slug)
    for cell in chapter.cells:
        here = page.locator(f"[id='{cell.id}'] .runnable")
        if isinstance(cell, Code):
            write(here, cell.source)  # another test may have left code of its own
            here.locator(".run").click()
            answer(here, cell.input)
            shown(here)
            assert (here.locator(".traceback").count() > 0) == cell.raises, cell.id
        if isinstance(cell, Exercise):
            write(here, cell.solution)
            here.locator(".check").click()
            answer(here, cell.input)
            expect(here.locator(".verdict.passed")).to_be_visible(timeout=START)


def answer(cell: Locator, lines: tuple[str, ...]) -> None:
    """Type what the program asks for, as a learner does, where the page does not type it itself."""
    field = cell.locator(".output input:enabled")
    for line in lines:
        expect(field.or_(cell.locator(".verdict.passed")).first).to_be_visible(timeout=START)
        if field.count():
            field.fill(line)
            field.press("Enter")


def test_a_phone_shows_cells_without_sideways_scrolling(browser: Browser, lesson: Page, site: str) -> None:
    """On a phone the Run button would stand outside of the screen."""
    page = guest(browser, site, width=390)
    cell = page.locator("#countdown .runnable")
    write(cell, SOLVED + "\n# " + "a long comment " * 10)
    cell.locator(".check").click()
    expect(cell.locator(".verdict.passed")).to_be_visible(timeout=START)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.evaluate("document.querySelector('#lesson').scrollWidth") <= 390
    for name in ("check", "run", "copy"):
        box = cell.locator(f".{name}").bounding_box()
        assert box is not None
        assert box["x"] + box["width"] <= 390
        assert box["height"] >= 32
    page.context.close()
