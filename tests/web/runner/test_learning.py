"""A learner's way through a chapter, on a wide page and on a phone: run, fail, stop, solve, come back."""

import re
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.web.browsing import ROOT, barriers, guest, open_chapter
from tests.web.runner.hands import START, run, shown, write
from tutor.adapters.courses import FolderCourses
from tutor.domain.quiz import Choice, Gaps, Order, Output, Quiz

pytestmark = pytest.mark.browser

COURSE = FolderCourses(ROOT / "courses").course("python-basics")
QUIZZES = {
    cell.puzzle.type: (chapter.slug, cell)
    for chapter in COURSE.chapters
    for cell in chapter.cells
    if isinstance(cell, Quiz)
}
"""One of each kind."""
COUNTDOWN = 'for number in range(5, 0, -1):\n    print(number)\nprint("Lift off!")'
WIDTHS = pytest.mark.parametrize("width", [1280, 390])


def saved(page: Page, press: Callable[[], None]) -> None:
    """Do something, and wait until the server has kept the code."""
    with page.expect_response(lambda answer: answer.url.endswith("/code") and answer.ok):
        press()


@WIDTHS
def test_a_learner_works_through_a_chapter_and_finds_all_of_it_again(
    browser: Browser, site: str, lesson: Page, width: int
) -> None:
    """The main way through a lesson would be broken, or a reload would lose the learner's work."""
    page = guest(browser, site, width=width)
    cell, exercise = page.locator(".code-cell .runnable").nth(1), page.locator("#countdown .runnable")
    assert "hello" in run(cell, "print('hello')")

    run(cell, "totl = 1\nprint(total_of_all)")
    expect(cell.locator(".explained")).to_contain_text("does not know the name total_of_all")
    expect(cell.locator(".explained")).to_contain_text("spelled")

    write(cell, "while True:\n    pass")
    cell.locator(".run").click()
    expect(cell.locator(".doing")).to_have_text("Running …")
    began = time.monotonic()
    page.locator("#lesson h1").click()
    assert page.evaluate("1 + 1") == 2
    assert time.monotonic() - began < 1
    cell.locator(".stop").click()
    assert "Stopped." in shown(cell, 2_000)
    saved(page, lambda: write(cell, "print('kept')"))

    exercise.locator(".check").click()
    expect(exercise.locator(".verdict")).to_contain_text("Not yet.", timeout=START)
    for number, name in enumerate(("A nudge", "Where to look"), 1):
        page.locator("#countdown .more-hint").click()
        expect(page.locator("#countdown .hint summary").nth(number - 1)).to_have_text(name)
    saved(page, lambda: write(exercise, COUNTDOWN))
    exercise.locator(".check").click()
    expect(exercise.locator(".verdict.passed")).to_contain_text("Next:", timeout=START)

    quiz = page.locator("#how-many-passes")
    answer(quiz, wrong=True)
    expect(quiz.locator(".verdict")).to_contain_text("Not yet.")
    answer(quiz)
    expect(quiz.locator(".verdict.passed")).to_contain_text("Right.")

    page.reload()
    expect(page.locator("#how-many-passes .verdict.passed")).to_be_visible(timeout=START)
    expect(exercise.locator("textarea")).to_have_value(COUNTDOWN)
    expect(cell.locator("textarea")).to_have_value("print('kept')")
    expect(page.locator("#countdown .hint")).to_have_count(2)
    expect(page.locator(".steps")).to_contain_text(re.compile(r"3 of \d+ steps done"))
    cell.locator(".more summary").click()
    saved(page, lambda: cell.locator(".reset").click())
    page.reload()
    expect(page.locator("#countdown .hint")).to_have_count(2)
    assert "kept" not in cell.locator("textarea").input_value()

    page.goto(f"{site}/progress")
    expect(page.get_by_text(re.compile(r"^3 of \d+ steps done"))).to_be_visible()
    expect(page.get_by_text("You practised on 1 day")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert barriers(page) == []
    page.context.close()


def answer(place: Locator, *, wrong: bool = False) -> None:
    """Answer a quiz, rightly or wrongly."""
    (quiz,) = [one for _, one in all_quizzes() if one.id == place.get_attribute("id")]
    match quiz.puzzle:
        case Choice(options=options):
            at = next(number for number, option in enumerate(options) if option.right is not wrong)
            place.locator("input").nth(at).check()
        case Output(printed=printed):
            place.locator("textarea").fill("nothing" if wrong else printed)
        case Order(lines=lines):
            order(place, lines)
        case Gaps(answer=right):
            for number, text in enumerate(right):
                place.locator(".gap").nth(number).fill("nothing" if wrong else text)
    place.locator(".answer").click()


def all_quizzes() -> list[tuple[str, Quiz]]:
    return [
        (chapter.slug, cell)
        for chapter in COURSE.chapters
        for cell in chapter.cells
        if isinstance(cell, Quiz)
    ]


def order(place: Locator, lines: tuple[str, ...]) -> None:
    """Put lines in order with the keyboard alone."""
    for target, line in enumerate(lines):
        items = place.locator(".lines li")
        told = [item.get_attribute("data-line") for item in items.all()]
        at = told.index(line, target)
        for step in range(at, target, -1):
            items.nth(step).locator(".up").press("Enter")
    for item in place.locator(".lines li").all()[len(lines) :]:
        item.locator(".leave").press("Enter")


@pytest.mark.parametrize("kind", ["choice", "output", "order", "gap"])
def test_every_kind_of_quiz_can_be_answered(browser: Browser, site: str, lesson: Page, kind: str) -> None:
    """A kind of question could not be answered, or only with a mouse."""
    chapter, quiz = QUIZZES[kind]
    page = guest(browser, site)
    open_chapter(page, site, chapter)
    place = page.locator(f"[id='{quiz.id}']")
    if kind != "order":
        answer(place, wrong=True)
        expect(place.locator(".verdict")).to_contain_text("Not yet.")
        expect(place.locator(".show")).to_be_visible()
    answer(place)
    expect(place.locator(".verdict.passed")).to_contain_text("Right.")
    expect(place.locator(".answer")).to_be_hidden()
    place.locator(".again").click()
    expect(place.locator(".answer")).to_be_visible()
    expect(place.locator(".verdict")).to_have_count(0)
    page.context.close()


def test_lines_are_dragged_too(browser: Browser, site: str, lesson: Page) -> None:
    """Who drags a line would see it spring back."""
    chapter, quiz = QUIZZES["order"]
    page = guest(browser, site)
    open_chapter(page, site, chapter)
    items = page.locator(f"[id='{quiz.id}'] .lines li")
    first, second = (items.nth(number).get_attribute("data-line") for number in (0, 1))
    items.nth(0).drag_to(items.nth(1), target_position={"x": 20, "y": 40})
    expect(items.nth(0)).to_have_attribute("data-line", str(second))
    expect(items.nth(1)).to_have_attribute("data-line", str(first))
    page.context.close()


def test_a_review_begins_from_the_start(browser: Browser, site: str, lesson: Page) -> None:
    """What comes back for review would still hold the old solution and its hints."""
    page = guest(browser, site)
    exercise = page.locator("#countdown .runnable")
    page.locator("#countdown .more-hint").click()
    saved(page, lambda: write(exercise, COUNTDOWN))
    exercise.locator(".check").click()
    expect(exercise.locator(".verdict.passed")).to_be_visible(timeout=START)
    exercise.locator(".again").click()
    expect(page.locator("#countdown .hint")).to_have_count(0)
    expect(exercise.locator("textarea")).not_to_have_value(COUNTDOWN)
    page.context.close()


def test_tables_and_pictures_are_drawn_and_harmless(lesson: Page, cell: Locator) -> None:
    """A table would show as its source, or a cell could run a script in the page."""
    bad = "<script>hit=1</script><img src=x onerror='hit=1'>"
    html = f"<table onclick='x()'><tr><td colspan=2>7{bad}</td></tr></table>"
    run(cell, f'class Table:\n    def _repr_html_(self): return """{html}"""\nTable()')
    expect(cell.locator(".rich td")).to_have_text("7")
    assert (
        cell.locator(".rich").inner_html() == '<table><tbody><tr><td colspan="2">7</td></tr></tbody></table>'
    )
    svg = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>hit=1</script></svg>'
    run(cell, f"class Dot:\n    def _repr_svg_(self): return '''{svg}'''\nDot()")
    assert cell.locator(".output img").evaluate("image => image.decode().then(() => image.naturalWidth)") == 9
    assert lesson.evaluate("window.hit") is None


@WIDTHS
def test_nothing_on_the_pages_is_a_barrier(browser: Browser, site: str, lesson: Page, width: int) -> None:
    """Who cannot see or uses no mouse would be shut out."""
    page = browser.new_context(viewport={"width": width, "height": 844}).new_page()
    page.goto(f"{site}/welcome/")
    expect(page.get_by_role("button").first).to_be_visible()
    assert barriers(page) == []
    page.context.close()
    page = guest(browser, site, width=width)
    for slug in {chapter for chapter, _ in QUIZZES.values()} | {"loops"}:
        open_chapter(page, site, slug)
        expect(page.locator(".steps progress")).to_be_visible()
        page.locator(".more-hint").first.click()
        expect(page.locator(".hint").first).to_be_visible()
        assert barriers(page) == []
    page.context.close()
