"""Cells that do not end, or want too much: each costs the learner one cell, never the page."""

import time

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.web.browsing import open_chapter
from tests.web.runner.hands import START, run, shown, write

pytestmark = pytest.mark.browser


def test_stop_ends_an_endless_loop_while_the_page_answers(lesson: Page, cell: Locator) -> None:
    """A forgotten `i += 1` would cost the learner the whole page."""
    run(cell, "kept = 1")
    write(cell, "print('before')\nwhile True:\n    pass")
    cell.locator(".run").click()
    expect(cell.locator(".output")).to_contain_text("before")
    began = time.monotonic()
    lesson.locator("#question textarea").fill("Is anybody there?")
    expect(lesson.locator("#question textarea")).to_have_value("Is anybody there?")
    assert time.monotonic() - began < 1
    lesson.locator("#question textarea").fill("")
    cell.locator(".stop").click()
    assert "Stopped." in shown(cell, 1_000)
    assert "NameError" in run(cell, "kept")


def test_an_endless_loop_is_stopped_after_ten_seconds(browser: Browser, lesson: Page, site: str) -> None:
    """A learner who looks away would come back to a hot, slow computer."""
    page = browser.new_page(storage_state=lesson.context.storage_state())
    page.clock.install()
    open_chapter(page, site)
    cell = page.locator(".code-cell .runnable").nth(1)
    page.clock.resume()
    run(cell, "print('warm')")
    write(cell, "while True:\n    pass")
    cell.locator(".run").click()
    expect(cell.locator(".doing")).to_have_text("Running …")
    page.clock.fast_forward(10_000)
    told = shown(cell, 2_000)
    assert "Stopped after 10 seconds" in told
    assert "awake" in run(cell, "print('awake')")
    page.context.close()


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("for n in range(10**6): print(n)", "There is more output than fits here"),
        ("print('x' * 10**8)", "There is more output than fits here"),
        ("def f(n): return f(n + 1)\nf(0)", "RecursionError"),
        ("x = 'x' * 2**30", "MemoryError"),
        ("x = []\nwhile True: x.append(bytes(10**7))", "MemoryError"),
        ("import js\nfor _ in range(10**5): js.postMessage('x')", "Python broke down"),
        ("import js\njs.close()\nprint('closing')", "Python broke down"),
        ("import numpy", "No module named 'numpy'"),
    ],
)
def test_too_much_is_cut_with_a_notice(lesson: Page, cell: Locator, code: str, told: str) -> None:
    """One careless line would freeze the page, or leave it without a Python."""
    write(cell, code)
    cell.locator(".run").click()
    expect(cell.locator(".output")).to_contain_text(told, timeout=START)
    assert lesson.evaluate("1 + 1") == 2
    if cell.locator(".stop").is_visible():
        cell.locator(".stop").click()
    assert "fine" in run(cell, "print('fine')")
