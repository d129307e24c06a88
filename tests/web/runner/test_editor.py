"""The editor: keys, colours, and the way back to the original."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.web.browsing import ROOT
from tests.web.runner.hands import START, write
from tutor.adapters.courses import FolderCourses
from tutor.domain.course import Code

pytestmark = pytest.mark.browser

COURSE = FolderCourses(ROOT / "courses").course("python-basics")


def test_keys_write_python(lesson: Page, cell: Locator) -> None:
    """A learner would count spaces by hand, or a keyboard user be caught in the editor."""
    area = cell.locator("textarea")
    area.fill("")
    area.press_sequentially("for n in range(2):")
    area.press("Enter")
    area.press_sequentially("print(n)")
    area.press("Enter")
    area.press("Backspace")
    area.press_sequentially("x = 1")
    expect(area).to_have_value("for n in range(2):\n    print(n)\nx = 1")
    area.press("ControlOrMeta+a")
    area.press("Tab")
    expect(area).to_have_value("    for n in range(2):\n        print(n)\n    x = 1")
    area.press("Shift+Tab")
    expect(area).to_have_value("for n in range(2):\n    print(n)\nx = 1")
    area.press("ControlOrMeta+z")
    expect(area).to_have_value("    for n in range(2):\n        print(n)\n    x = 1")
    area.press("ControlOrMeta+Shift+z")
    area.press("ControlOrMeta+Enter")
    expect(cell.locator(".output")).to_have_text("0\n1\n", timeout=START)
    expect(area).to_be_focused()
    area.press("Escape")
    lesson.keyboard.press("Tab")
    expect(area).not_to_be_focused()


def test_the_original_comes_back_and_changes_survive_another_chapter(lesson: Page, cell: Locator) -> None:
    """A look at the next chapter would cost the learner their code, or one bad edit the original."""
    write(cell, "# mine")
    lesson.get_by_role("link", name="7 Lists and tuples").click()
    expect(lesson.locator("article")).to_have_attribute("data-chapter", "lists")
    lesson.get_by_role("link", name="5 Loops").click()
    expect(cell.locator("textarea")).to_have_value("# mine")
    cell.locator(".more summary").click()
    cell.get_by_role("button", name="Back to the original code").click()
    expect(cell.locator("textarea")).to_have_value(re.compile("times 7 is"))


def test_colours_never_change_the_code(lesson: Page) -> None:
    """What is seen would differ from what is run."""
    cells = [cell for chapter in COURSE.chapters for cell in chapter.cells]
    sources = [cell.source for cell in cells if isinstance(cell, Code)] + [
        "", "\n", "\r\n", "'''open\nstring", "f'{x!r}' + \"\\\"\" # 'c", "x = 'no end\ny = 1",
        "été = 1_000.5e-3\n\ttab", "if x == '\\\\': pass", 'r"\\" + b\'\'', "0xff + 1.e5 + .5 + 1..real",
        "print(\"a\" 'b' f\"{1}\")\n\n\n",
    ]  # fmt: skip
    joined = lesson.evaluate(
        "async (sources) => { const { pieces } = await import('/ours/static/runner_editor.js');"
        " return sources.map((source) => pieces(source).map(([, text]) => text).join('')); }",
        sources,
    )
    assert joined == sources
