"""Cells that run: what a learner sees of output, values and errors."""

import re
import textwrap
import time

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.web.runner.hands import START, run, write

pytestmark = pytest.mark.browser


def test_a_cell_runs_as_it_stands(lesson: Page) -> None:
    """The first thing that a new learner presses would do nothing."""
    first = lesson.locator(".code-cell .runnable").first
    first.locator(".run").click()
    expect(first.locator(".output")).to_have_text(
        "Water plant 1\nWater plant 2\nWater plant 3\n", timeout=START
    )
    expect(first.locator(".doing")).to_have_text("Done")


def test_a_later_run_is_quick(cell: Locator) -> None:
    """A learner would wait after each change."""
    run(cell, "print('warm')")
    began = time.monotonic()
    assert "ready" in run(cell, "print('ready')")
    assert time.monotonic() - began < 1


def test_cells_share_variables_and_show_the_last_value(lesson: Page, cell: Locator) -> None:
    """A chapter could not build on its earlier cells."""
    run(lesson.locator(".code-cell .runnable").nth(1), "plants = ['fern']")
    assert run(cell, "plants + ['rose']").strip() == "['fern', 'rose']"
    assert cell.locator("pre.value").count() == 1


def test_kinds_of_output_stay_in_order(cell: Locator) -> None:
    """A warning would stand elsewhere than where it was given."""
    run(cell, "import sys\nprint('one')\nprint('two', file=sys.stderr)\nprint('three')")
    assert [pre.inner_text().strip() for pre in cell.locator(".output pre").all()] == ["one", "two", "three"]


def test_output_is_text_and_never_markup(lesson: Page, cell: Locator) -> None:
    """A printed tag would run as a script of the app."""
    code = """
        from js import Object, postMessage
        from pyodide.ffi import to_js
        tag = "<img src=x onerror='document.title = 1'>"
        print(tag)
        for kind in ("out", "__proto__", "traceback"):
            told = {"type": "output", "kind": kind, "text": tag}
            postMessage(to_js(told, dict_converter=Object.fromEntries))
        tag
    """
    shown = run(cell, textwrap.dedent(code))
    assert "<img src=x" in shown
    assert lesson.locator(".output img").count() == 0
    assert lesson.title() == "AI Programming Teacher"


def test_an_error_is_shown_marked_and_can_be_asked_about(lesson: Page, cell: Locator) -> None:
    """A learner would be left alone with a traceback of Pyodide."""
    lesson.evaluate(
        "() => { window.told = []; for (const name of ['tutor:ran', 'tutor:ask-error'])"
        " document.addEventListener(name, (event) => window.told.push([name, event.detail])); }"
    )
    shown = run(cell, "print('before')\nage = 3\nprint(agee)")
    assert "NameError: name 'agee' is not defined. Did you mean: 'age'?" in shown
    assert re.findall(r'File "(.*?)"', shown) == ["Cell 9"]
    expect(cell.locator(".line.wrong")).to_have_text("print(agee)")
    cell.get_by_role("button", name="Ask the teacher about this error").click()
    (ran, one), (asked, all_of_it) = lesson.evaluate("window.told")
    assert (ran, asked) == ("tutor:ran", "tutor:ask-error")
    assert (one["ok"], all_of_it["output"]) == (False, "before\n")
    assert all_of_it["code"].startswith("print('before')")
    assert all_of_it["error"].endswith("Did you mean: 'age'?")
    assert one["cell"] == all_of_it["cell"] == cell.get_attribute("data-cell")
    cell.locator("textarea").press("End")
    cell.locator("textarea").press_sequentially(" ")
    expect(cell.locator(".line.wrong")).to_have_count(0)


def test_run_the_cells_above_brings_variables_back(lesson: Page) -> None:
    """After a stop, a learner would have to press Run at every cell of the chapter."""
    cells = lesson.locator(".code-cell .runnable")
    write(cells.nth(0), "garden = 'fern'")
    write(cells.nth(1), "garden += ' and rose'")
    cells.nth(2).locator(".more summary").click()
    cells.nth(2).get_by_role("button", name="Restart Python").click()
    shown = run(cells.nth(2), "print(garden)")
    assert "A cell above uses garden" in shown
    cells.nth(2).locator(".output .run-above").click()
    expect(cells.nth(2).locator(".output")).to_have_text("fern and rose\n", timeout=START)


def test_input_waits_for_an_answer(cell: Locator) -> None:
    """A program that asks a question would be stopped, or hang."""
    write(cell, "name = input('Who? ')\nprint('Hi', name)")
    cell.locator(".run").click()
    cell.get_by_label("Who?").fill("Ada")
    cell.get_by_label("Who?").press("Enter")
    expect(cell.locator(".output")).to_contain_text("Hi Ada")
